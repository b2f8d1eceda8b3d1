"""page - hotfolder-page as browsers, programs and attackers find it."""
import contextlib
import http.client
import json
import os
import signal
import socket
import socketserver
import subprocess
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

from harness import main, wait_until

TOKEN = "0123456789abcdef0123"
MARK = {"X-Hotfolder": "1"}
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")


class Page:
    """hotfolder-page, with a socket that it gets as from systemd: no other program can have its port."""

    def __init__(self, house, settings="steer = yes", token=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.log = house.top / "page.log"
        if token:
            file = house.top / "token"
            file.write_text(token + "\n")
            file.chmod(0o600)
            settings += f'\ntoken_file = "{file}"'
        self.begin(house, f'http {{ listen = "127.0.0.1:{self.port}"\n{settings} }}')

    def begin(self, house, text=None):
        """Starts it, as systemd does at each connection while it does not run."""
        config = house.top / "page.conf"
        if text:
            config.write_text(text)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", 'exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh",
                 house.bin / "hotfolder-page", "--config", config, "--runtime-dir", house.runtime],
                stdin=self.listener, stdout=log, stderr=log, env=house.environment())

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        said = self.log.read_text()
        self.listener.close()
        if failure:
            print("--- what the page said:", said, sep="\n")
        else:
            assert status == 0 and "Sanitizer" not in said, (status, said)

    def connection(self):
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))

    def ask(self, method, target, body=None, **headers):
        """The status, the headers and the body; header names are written with _ for -."""
        with self.connection() as connection:
            connection.request(method, target, body,
                               {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def status(self, *how, **headers):
        return self.ask(*how, **headers)[0]

    def post(self, path, parameters=None, **headers):
        return self.ask("POST", path, json.dumps(parameters or {}), X_Hotfolder="1", **headers)

    def raw(self, data):
        """What is answered first to these bytes; nothing where the connection ends."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(data)
                return connection.recv(65536)
        return b""

    def all(self, data):
        """All that is answered to these bytes, until the connection ends."""
        said = b""
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(data)
                while part := connection.recv(65536):
                    said += part
        return said


class Events:
    """A stream of events, which a thread reads."""

    def __init__(self, page, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=60)
        self.connection.request("GET", "/events", headers=headers)
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        self.got = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        name = None
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            for line in self.answer:
                word, _, text = line.decode().rstrip("\n").partition(": ")
                if word == "event":
                    name = text
                elif word == "data":
                    self.got.append((name, json.loads(text)))

    def of(self, name):
        return [data for event, data in list(self.got) if event == name]

    def expect(self, condition, what):
        wait_until(lambda: condition(self), what)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # which ends what reads it


def a_browser_gets_the_page_and_what_happens_to_folders(house):
    house.start()
    with Page(house) as page:
        status, headers, body = page.ask("GET", "/")
        assert status == 200 and b"<html" in body
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        for path in ("/app.js", "/app.css", "/icon.svg"):
            status, headers, body = page.ask("GET", path)
            assert status == 200 and body, path
            assert page.ask("GET", path, If_None_Match=headers["ETag"])[::2] == (304, b"")
            assert page.ask("HEAD", path)[::2] == (200, b"")
        assert json.loads(page.ask("GET", "/v1/status")[2])["folders"] == house.get()[1]["folders"]
        assert page.ask("GET", "/v1/list?limit=0")[0] == 422, "the daemon's status is passed on"

        events = Events(page)
        events.expect(lambda seen: seen.of("status"), "the state comes")
        assert events.of("daemon") == [{"alive": True}]
        house.photo().rename(house.inbox / "photo.jpg")
        events.expect(lambda seen: seen.of("status")[-1]["folders"][0]["done"] == 1, "a picture is done")
        events.expect(lambda seen: seen.of("changed"), "the list of pictures has changed")
        house.kill()
        events.expect(lambda seen: seen.of("daemon")[-1] == {"alive": False}, "the daemon is gone")
        status, _, body = page.ask("GET", "/v1/status")
        assert status == 502 and "systemctl start hotfolder" in json.loads(body)["fix"]
        house.start()
        events.expect(lambda seen: seen.of("daemon")[-1] == {"alive": True}, "it is back")
        assert len(events.of("daemon")) == 3
        events.close()


def what_pages_of_other_sites_ask_for_is_refused(house):
    house.start()
    with Page(house, 'steer = yes  hosts = { "photos.example.org" }') as page:
        def paused():
            return house.get()[1].get("paused_by") or house.get()[1]["folders"][0].get("paused_by")

        own = f"http://127.0.0.1:{page.port}"
        status, _, body = page.ask("GET", "/v1/status", Host="evil.example")
        assert status == 421 and "evil.example" in json.loads(body)["error"]
        assert b"hosts" in page.ask("GET", "/", Host="evil.example")[2]
        assert page.status("GET", "/v1/status", Host="photos.example.org") == 200
        for headers in ({}, {"Origin": "http://evil.example"} | MARK, {"Origin": "null"} | MARK,
                        {"Sec_Fetch_Site": "cross-site"} | MARK, {"Sec_Fetch_Site": "same-site"} | MARK,
                        {"Host": "evil.example"} | MARK, {"Content_Type": "text/plain"}):
            assert page.status("POST", "/v1/pause", "{}", **headers) in (403, 421), headers
        assert page.status("OPTIONS", "/v1/pause", Origin="http://evil.example",
                           Access_Control_Request_Headers="x-hotfolder") == 405
        assert page.status("GET", "/events", Sec_Fetch_Site="cross-site") == 403
        assert not paused()
        assert page.post("/v1/pause", Origin=own, Sec_Fetch_Site="same-origin")[0] == 200
        assert paused()
        assert page.post("/v1/resume")[0] == 200 and not paused()
    with Page(house, "steer = no") as page:
        status, _, body = page.post("/v1/pause")
        assert status == 403 and "steer = yes" in json.loads(body)["fix"]
        assert not paused() and page.status("GET", "/v1/status") == 200


def the_token_opens_the_page_by_a_login_and_by_a_bearer(house):
    house.start()
    with Page(house, token=TOKEN) as page:
        status, headers, body = page.ask("GET", "/")
        assert status == 401 and b'name="token"' in body and "Bearer" in headers["WWW-Authenticate"]
        for path in ("/v1/status", "/events", "/metrics"):
            assert page.status("GET", path) == 401, path
        assert page.status("POST", "/v1/pause", "{}", X_Hotfolder="1") == 401
        for path in ("/login", "/app.css", "/icon.svg"):
            assert page.status("GET", path) == 200, path
        assert page.status("GET", "/v1/status", Authorization=f"Bearer {TOKEN}") == 200
        assert page.status("GET", "/v1/status", Authorization=f"Bearer {TOKEN}0") == 401
        assert TOKEN not in page.log.read_text()

        form = urllib.parse.urlencode({"token": "wrong"})
        status, headers, body = page.ask("POST", "/login", form)
        assert status == 401 and b"hidden" not in body and not headers["Set-Cookie"]
        status, headers, _ = page.ask("POST", "/login", urllib.parse.urlencode({"token": TOKEN}))
        assert status == 303 and headers["Location"] == "/"
        cookie, *flags = headers["Set-Cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(flags) and TOKEN not in cookie
        assert page.status("GET", "/", Cookie=cookie) == 200
        assert page.status("GET", "/v1/status", Cookie=cookie) == 200
        assert page.status("GET", "/v1/status", Cookie=cookie + "0") == 401
        status, headers, _ = page.ask("POST", "/logout", "", Cookie=cookie, X_Hotfolder="1")
        assert status == 204 and headers["Set-Cookie"].startswith("hotfolder=; ")

        # Some wrong tokens wait for their answers: no other is looked at, and others are served.
        tries = [socket.create_connection(("127.0.0.1", page.port), 60) for _ in range(20)]
        for attempt in tries:
            attempt.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer guess\r\n"
                            b"Connection: close\r\n\r\n")
        assert page.status("GET", "/v1/status", Cookie=cookie) == 200
        said = [attempt.makefile("rb").readline().split()[1] for attempt in tries]
        assert said.count(b"401") >= 4 and said.count(b"429") > 0 and set(said) == {b"401", b"429"}, said
        for attempt in tries:
            attempt.close()

        # Nor is one looked at while others are wrong, and their bodies are late.
        tries = [socket.create_connection(("127.0.0.1", page.port), 60) for _ in range(20)]
        for attempt in tries:
            attempt.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer guess\r\n"
                            b"Content-Length: 1\r\nConnection: close\r\n\r\n")
        wait_until(lambda: page.status("GET", "/v1/status", Authorization=f"Bearer {TOKEN}") == 429,
                   "wrong ones count before their bodies are there")
        for attempt in tries:
            attempt.sendall(b"x")
        said = [attempt.makefile("rb").readline().split()[1] for attempt in tries]
        assert said.count(b"401") == 4 and said.count(b"429") == 16, said
        for attempt in tries:
            attempt.close()


def a_page_answers_no_request_after_its_configuration_has_changed(house):
    config, token = house.top / "page.conf", house.top / "token"
    with Daemon(house.runtime / "control.sock") as daemon, Page(house) as page, page.connection() as kept:
        text = config.read_text()
        token.write_text(TOKEN)
        for change, status in ((lambda: config.write_text(text + " # the same"), 200),
                               (lambda: config.write_text(text.replace("}", f'token_file = "{token}" }}')), 401),
                               (lambda: token.write_text("f" + TOKEN), 401)):
            daemon.may_end.clear()
            daemon.asked.clear()
            kept.close()
            opens = {"Authorization": f"Bearer {TOKEN}"}
            kept.request("GET", "/", headers=opens)
            assert b"<html" in kept.getresponse().read()
            with page.connection() as running, page.connection() as late:
                running.request("GET", "/v1/why?path=/a", headers=opens)
                wait_until(lambda: "/v1/why?path=/a" in daemon.asked, "a request waits for the daemon")
                change()
                with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                    kept.request("GET", "/")
                    raise AssertionError(kept.getresponse().read())
                late.request("GET", "/")
                daemon.may_end.set()
                assert running.getresponse().read() == b"/v1/why?path=/a", "what was asked before is answered"
                assert page.process.wait(60) == 0
                page.begin(house)
                assert late.getresponse().status == status, "the next one answers as the configuration says"
        assert page.status("GET", "/", Authorization=f"Bearer {TOKEN}") == 401
        assert page.status("GET", "/", Authorization=f"Bearer f{TOKEN}") == 200
        daemon.shutdown()


def a_page_that_listens_itself_says_that_it_has_to_be_started_again(house):
    config = house.top / "page.conf"
    address = f"127.1.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"  # which no other program has
    config.write_text(f'http {{ listen = "{address}:8480" }}')
    with subprocess.Popen([house.bin / "hotfolder-page", "--config", config], text=True, stderr=subprocess.PIPE,
                          env=house.environment()) as page:
        wait_until(lambda: "READY=1" in house.notices(), "it listens")
        config.unlink()
        assert page.wait(60) == 75
        assert "start hotfolder-page again" in page.stderr.read()


def requests_that_are_no_http_harm_no_other_client(house):
    house.start()
    with Page(house) as page:
        events = Events(page)
        assert page.post("/v1/pause", {"folder": "x" * 65500})[0] == 404, "the daemon read it all"
        assert page.ask("POST", "/v1/pause", b"{}" + b" " * 65535, X_Hotfolder="1")[0] == 413
        assert b" 413 " in page.raw(b"POST /v1/pause HTTP/1.1\r\nHost: localhost\r\nX-Hotfolder: 1\r\n"
                                    b"Content-Length: 99999999999\r\n\r\n")
        host = b"Host: localhost\r\n"
        for request in (
                b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n" + host + b"\r\n", b"GET / HTTP/1.1\r\n\r\n",
                b"GET / HTTP/1.1\r\n" + host + b"Host: evil.example\r\n\r\n",
                b"GET http://evil.example/ HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /v1/../v1/status HTTP/1.1 \r\n" + host + b"\r\n",
                b"GET /v1/status#x HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /v1/status\x80 HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n" + host + b"\r\n",
                b"GET / HTTP/1.1\r\n" + host + b"A: " + b"b" * 100000 + b"\r\n\r\n",
                b"GET / HTTP/1.1\r\n" + host + b"A: b\r\n" * 5000 + b"\r\n",
                b"POST /v1/pause HTTP/1.1\r\n" + host + b"X-Hotfolder: 1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"POST /v1/pause HTTP/1.1\r\n" + host + b"X-Hotfolder: 1\r\nContent-Length: -1\r\n\r\n"):
            answer = page.raw(request)
            assert b" 200 OK" not in answer, (request[:80], answer[:200])
            assert page.status("GET", "/v1/status") == 200, request[:80]
        for part in (b"\0" * 1000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"POST /v1/pause HTTP/1.1\r\n" + host +
                     b"X-Hotfolder: 1\r\nContent-Length: 9\r\n\r\n{}"):
            with socket.create_connection(("127.0.0.1", page.port), 60) as connection:
                connection.sendall(part)  # and leaves
            assert page.status("GET", "/v1/status") == 200, part[:80]
        assert not house.get()[1]["folders"][0].get("paused_by")
        assert events.of("daemon") == [{"alive": True}]
        events.close()


def a_request_hides_no_other_one_in_its_body(house):
    house.start()
    with Page(house) as page:
        hidden = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for headers, body in (
                (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
                (b"Content-Length: 2\r\nContent-Length: 60\r\n", b"{}"), (b"Content-Length : 2\r\n", b"{}"),
                (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
                (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n")):
            said = page.all(b"POST /v1/pause HTTP/1.1\r\nHost: localhost\r\nX-Hotfolder: 1\r\n" + headers + b"\r\n"
                            + body + hidden)
            assert said.count(b"HTTP/1.1 ") <= 1 and b" 200 " not in said, (headers, said)
        assert not house.get()[1].get("paused_by")


def clients_that_send_nothing_keep_no_other_one_out(house):
    house.start()
    with Page(house) as page:
        def silent(data):
            connection = socket.create_connection(("127.0.0.1", page.port), 60)
            connection.sendall(data)
            return connection

        # More than there may be, in each state that waits for more of a request.
        begun = (b"", b"GET", b"GET / HTTP/1.1\r\nHost:", b"POST /v1/pause HTTP/1.1\r\nHost: localhost\r\n"
                 b"X-Hotfolder: 1\r\nContent-Length: 100\r\n\r\n{")
        slow = [silent(begun[i % len(begun)]) for i in range(400)]
        for _ in range(5):
            assert page.status("GET", "/v1/status") == 200
        events = Events(page)
        events.expect(lambda seen: seen.of("status"), "events come")

        # A stream that is not read, and as many as there may be.
        streams = [silent(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(63)]
        for stream in streams:
            assert b"200 OK" in stream.recv(100)
        assert page.status("GET", "/events") == 503
        for connection in slow + streams:
            connection.close()
        wait_until(lambda: page.status("GET", "/v1/status") == 200, "it answers")
        wait_until(lambda: stream_opens(page), "streams that have ended make room")
        events.close()


def stream_opens(page):
    with page.connection() as connection:
        connection.request("GET", "/events")
        return connection.getresponse().status == 200


class Daemon(socketserver.ThreadingUnixStreamServer):
    """Stands in for hotfolderd: `why` waits until it may end, and it says what was asked."""
    daemon_threads = True

    def __init__(self, path):
        self.may_end = threading.Event()
        self.asked, self.left = [], []
        super().__init__(os.fspath(path), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        (self.server.left if "left" in self.path else self.server.asked).append(self.path)
        if self.path.startswith("/v1/why") or "slow" in self.path:
            self.server.may_end.wait(60)
        with contextlib.suppress(BrokenPipeError):  # the page has left, or reads no more
            self.send_response(200)
            self.send_header("Content-Type", "image/x-any" if "preview" in self.path else "application/json")
            self.end_headers()
            self.wfile.write(self.path.encode() if "huge" not in self.path else b"x" * (17 << 20))


def requests_that_wait_for_a_disk_hold_up_no_other_one(house):
    with Daemon(house.runtime / "control.sock") as daemon, Page(house) as page:
        # Those whose clients have left make room.
        for number in range(5):
            with socket.create_connection(("127.0.0.1", page.port), 60) as connection:
                connection.sendall(f"GET /v1/why?path=/left{number} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                if number < 3:
                    wait_until(lambda: f"/v1/why?path=/left{number}" in daemon.left, "it is asked")

        def why(number):
            answers.append(page.status("GET", f"/v1/why?path=/a{number}"))

        answers, threads = [], [threading.Thread(target=why, args=(i,)) for i in range(20)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(daemon.asked) >= 3, "as many are asked as the lane has room for")
        for target in ("/v1/status", "/v1/list?limit=3&folder=a%20b", "/v1/cards", "/v1/preview?job=1"):
            assert page.ask("GET", target)[2] == target.encode(), "as it was sent"
        assert len(daemon.asked) == 7 and not answers
        daemon.may_end.set()
        for thread in threads:
            thread.join()
        assert answers == [200] * 20

        headers = page.ask("GET", "/v1/preview?job=1")[1]
        assert headers["Content-Type"] == "image/x-any" and "private" in headers["Cache-Control"]
        assert page.ask("GET", "/v1/status")[1]["Cache-Control"] == "no-store"
        status, _, body = page.ask("GET", "/v1/list?huge")
        assert status == 502 and b"16 MiB" in body
        assert page.ask("GET", "/metrics")[2] == b"/v1/metrics?format=text"
        assert page.ask("GET", "/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")[2] \
            == b"/v1/metrics?format=openmetrics"
        daemon.shutdown()


def what_many_clients_want_at_a_time_is_asked_once_and_never_answered_from_before(house):
    request = b"GET /v1/status?slow HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Daemon(house.runtime / "control.sock") as daemon, Page(house) as page, contextlib.ExitStack() as stack:
        def client():
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", page.port), 60))
            connection.sendall(request)
            return connection

        first = client()
        wait_until(lambda: daemon.asked, "the first one is asked")
        others = [client() for _ in range(20)]
        for _ in range(2):  # the page has read what came before
            assert page.status("GET", "/app.css") == 200
        assert page.ask("GET", "/v1/list?limit=3")[2] == b"/v1/list?limit=3", "another question does not wait"
        others.pop().close()
        daemon.may_end.set()
        for connection in (first, *others):
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert daemon.asked.count("/v1/status?slow") == 2, "the answer to the first was begun before the others came"
        daemon.shutdown()


def what_the_page_needs_is_said_where_it_is_missing(house):
    def said(text, *options):
        config = house.top / "page.conf"
        config.write_text(text)
        done = subprocess.run([house.bin / "hotfolder-page", "--config", config, *options], text=True,
                              capture_output=True, timeout=60, env=house.environment(), check=False)
        assert done.returncode == 2, done
        return done.stderr

    assert "there is no http { }" in said("")
    assert "page.conf:1" in said("http { listen = 8480 }")
    assert "token_file" in said('http { token_file = "/nonexistent/token" }')
    assert "token" in said('http { listen = "0.0.0.0:8480" }')
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert "ss -ltnp" in said(f'http {{ listen = "127.0.0.1:{port}" }}')


if __name__ == "__main__":
    raise SystemExit(main(globals()))
