"""delivering - hotfolder-notice as the daemon asks it: programs, mails and posts, and each way in which they
can hang, fail or be hostile. Python's own parser of mails and server of HTTP judge."""
import contextlib
import email
import email.policy
import email.utils
import http.server
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

from harness import BUILD, main, wait_until

LONG = 60_000  # milliseconds: what is right ends long before
SHORT = 300


def script(house, name, text):
    """A program of that name, as a script of Debian's Python."""
    path = house.top / name
    path.write_text(f"#!/usr/bin/python3\nimport json, os, signal, subprocess, sys, time\n{text}\n")
    path.chmod(0o755)
    return path


def begin(house, way, to, document="{}", limit=LONG, **environment):
    """Asks for a notice; closing the standard input of what it returns ends that, as a stop does."""
    return subprocess.Popen([BUILD / "bin/send_notice", way, str(limit), document, *map(os.fspath, to)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env={**house.environment(), **environment})


def send(house, way, *to, **how):
    """What it says then."""
    asked = begin(house, way, to, **how)
    # Not communicate(): its standard input stays open until the answer is there.
    said = asked.stdout.read()
    asked.stdin.close()
    assert asked.wait() == (said != "sent\n"), said
    return said.strip()


def processes_with(word):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fsencode(word) in (entry / "cmdline").read_bytes():
                found.append(entry.name)
    return found


# A program

SHOW = ("found = {'argv': sys.argv[1:], 'stdin': sys.stdin.read(), 'environ': dict(os.environ), 'cwd': os.getcwd(),\n"
        "         'status': open('/proc/self/status').read(), 'fds': sorted(os.listdir('/proc/self/fd'))}\n"
        "open(os.path.dirname(sys.argv[0]) + '/shown', 'w').write(json.dumps(found))")


def a_program_gets_the_facts_and_no_rights(house):
    program = script(house, "show", SHOW)
    document = json.dumps({"failed": 12, "text": "Größe\n"})
    assert send(house, "run", program, "a b", "$(touch x)", "é", document=document,
                NOTICE_FAILED="12", NOTICE_EMPTY="", LD_PRELOAD="", SECRET="x") == "sent"
    shown = json.loads((house.top / "shown").read_text())
    assert shown["argv"] == ["a b", "$(touch x)", "é"], shown
    assert shown["stdin"] == document and shown["cwd"] == "/", shown
    assert shown["environ"]["NOTICE_FAILED"] == "12" and shown["environ"]["NOTICE_EMPTY"] == "", shown
    assert not {"SECRET", "NOTIFY_SOCKET", "HOTFOLDER_PARENT", "LD_PRELOAD"} & set(shown["environ"]), shown
    status = dict(line.split(":\t", 1) for line in shown["status"].splitlines())
    assert status["NoNewPrivs"] == "1", status
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, (kind, status)
    assert shown["fds"] == ["0", "1", "2", "3"], shown  # 3 lists the directory


def a_program_that_fails_says_why(house):
    program = script(house, "fail", "print('one', flush=True)\nprint('no \\x1b[31mpaper', file=sys.stderr)\nsys.exit(3)")
    assert send(house, "run", program) == (
        f"transient: '{program}' exited with status 3: no \\x1b[31mpaper; run it by hand with the notice on its "
        "standard input")
    program = script(house, "die", "os.kill(os.getpid(), signal.SIGTERM)")
    assert "was killed by signal 15 (Terminated)" in send(house, "run", program)


def a_program_that_is_not_there_waits_for_a_person(house):
    missing = house.top / "none"
    assert send(house, "run", missing) == (
        f"environment: '{missing}' cannot be run: No such file or directory; correct `run`, or install the program")
    text = house.top / "text"
    text.write_text("")
    assert "cannot be run: Permission denied" in send(house, "run", text)


LEAVES = ("subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)', 'left-' + sys.argv[1]],\n"
          "                 start_new_session=True)\n")


def a_program_that_hangs_ends_with_all_that_it_has_started(house):
    program = script(house, "hang", LEAVES + "print('waiting', flush=True)\ntime.sleep(1000)")
    word = f"left-{house.top.name}"
    # However slow the machine is: at the time limit nothing of it is left, or it was not begun.
    assert "was killed at its time limit" in send(house, "run", program, word, limit=SHORT)
    assert not processes_with(word), processes_with(word)
    program = script(house, "leave", LEAVES)
    assert send(house, "run", program, word) == "sent"
    assert not processes_with(word), processes_with(word)


def a_stop_ends_what_is_under_way(house):
    word = f"left-{house.top.name}"
    program = script(house, "hang", LEAVES + "time.sleep(1000)")
    asked = begin(house, "run", [program, word])
    wait_until(lambda: len(processes_with(word)) >= 2, "it has begun")
    asked.stdin.close()
    assert "hotfolder stops" in asked.stdout.read() and asked.wait() == 1
    assert not processes_with(word)
    with listening(None) as url:
        asked = begin(house, "post", [url])
        wait_until(lambda: Server.connections, "it has connected")
        asked.stdin.close()
        assert "hotfolder stops" in asked.stdout.read()


# A mail

SENDMAIL = ("here = os.path.dirname(sys.argv[0])\n"
            "open(here + '/mail', 'wb').write(sys.stdin.buffer.read())\n"
            "open(here + '/how', 'w').write(json.dumps([sys.argv[1:], open('/proc/self/status').read()]))")
TEXT = "12 pictures failed since 14:00.\n.\nFrom here on: Größe\n" + "ö" * 2000


def a_mail_is_what_another_program_reads_it_to_be(house):
    sendmail = script(house, "sendmail", SENDMAIL)
    subject = "hotfolder on studio: 12 failed in Büro — since 14:00, and this is a long subject that has to be folded"
    assert send(house, "mail", "desk@example.org, b@example.org", HOTFOLDER_SENDMAIL=os.fspath(sendmail),
                SUBJECT=subject, TEXT=TEXT) == "sent"
    raw = (house.top / "mail").read_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert not mail.defects and not mail["Subject"].defects, mail.defects
    assert str(mail["Subject"]) == subject
    assert [a.addr_spec for a in mail["To"].addresses] == ["desk@example.org", "b@example.org"]
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Bcc"] is None
    assert mail.get_content_type() == "text/plain" and mail["Content-Transfer-Encoding"] == "8bit"
    assert mail.get_content().replace("\n", "") == TEXT.replace("\n", "")
    assert abs(email.utils.parsedate_to_datetime(mail["Date"]).timestamp()
               - (house.top / "mail").stat().st_mtime) < 3600
    assert max(map(len, raw.split(b"\n"))) <= 998 and b"\r" not in raw
    arguments, status = json.loads((house.top / "how").read_text())
    assert arguments == ["-t", "-oi"], arguments
    assert "NoNewPrivs:\t0" in status  # a setgid postdrop needs it


def a_subject_never_becomes_a_line_of_the_head(house):
    sendmail = script(house, "sendmail", SENDMAIL)
    assert send(house, "mail", "desk@example.org", HOTFOLDER_SENDMAIL=os.fspath(sendmail),
                SUBJECT="a\nBcc: evil@example.org\r\n\r\nbody", TEXT="x") == "sent"
    mail = email.message_from_bytes((house.top / "mail").read_bytes(), policy=email.policy.default)
    assert mail["Bcc"] is None and "Bcc: evil@example.org" in str(mail["Subject"])
    assert mail.get_content() == "x\n"


def a_mail_that_is_not_taken_says_why(house):
    sendmail = script(house, "sendmail", "print('postdrop: warning: no space', file=sys.stderr)\nsys.exit(75)")
    assert send(house, "mail", "a@b.c", HOTFOLDER_SENDMAIL=os.fspath(sendmail)) == (
        f"transient: '{sendmail}' exited with status 75: postdrop: warning: no space; read the log of the mail "
        "server, or run `mailq`")
    sendmail = script(house, "sendmail", "time.sleep(1000)")
    assert "was killed at its time limit" in send(house, "mail", "a@b.c", limit=SHORT,
                                                  HOTFOLDER_SENDMAIL=os.fspath(sendmail))
    assert "msmtp-mta" in send(house, "mail", "a@b.c", HOTFOLDER_SENDMAIL=os.fspath(house.top / "none"))


BACKGROUND = ("here = os.path.dirname(sys.argv[0])\n"
              "if os.fork():\n    sys.exit(0)\n"
              "while not os.path.exists(here + '/go'):\n    time.sleep(0.02)\n"
              "open(here + '/delivered', 'w')")


def what_a_sendmail_leaves_goes_on(house):
    """Exim's delivers in the background: the notice is sent, and its delivery is not killed."""
    sendmail = script(house, "sendmail", BACKGROUND)
    assert send(house, "mail", "a@b.c", HOTFOLDER_SENDMAIL=os.fspath(sendmail)) == "sent"
    (house.top / "go").touch()
    wait_until((house.top / "delivered").exists, "it is delivered")


def begin_by_systemd(house, way, *to, **environment):
    """The asking one, and hotfolder-notice as systemd starts it, which lets services ignore SIGPIPE."""
    path = house.top / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(os.fspath(path))
        server.listen()
        asked = begin(house, way, to, HOTFOLDER_NOTICE_SOCKET=os.fspath(path))
        connection, _ = server.accept()
    helper = subprocess.Popen([BUILD / "bin/hotfolder-notice", "--serve"], pass_fds=[3], restore_signals=False,
                              preexec_fn=lambda: os.dup2(connection.fileno(), 3),
                              env={**house.environment(), **environment})
    connection.close()
    return asked, helper


def systemd_does_not_end_what_a_sendmail_leaves(house):
    """It kills what is in the group of hotfolder-notice when that ends, which therefore waits."""
    sendmail = script(house, "sendmail", BACKGROUND)
    asked, helper = begin_by_systemd(house, "mail", "a@b.c", HOTFOLDER_SENDMAIL=os.fspath(sendmail))
    assert asked.stdout.read() == "sent\n"
    assert helper.poll() is None
    (house.top / "go").touch()
    assert helper.wait() == 0 and (house.top / "delivered").exists()


def a_program_ignores_no_signal_that_systemd_lets_services_ignore(house):
    program = house.top / "pipe"
    program.write_text("#!/bin/sh\ngrep Sig[BI] /proc/self/status >$0.signals\n")
    program.chmod(0o755)
    asked, helper = begin_by_systemd(house, "run", program)
    assert asked.stdout.read() == "sent\n" and helper.wait() == 0
    _, blocked, _, ignored = (house.top / "pipe.signals").read_text().split()
    pipe = 1 << signal.SIGPIPE - 1
    assert int(blocked, 16) == 0 and not int(ignored, 16) & pipe, (blocked, ignored)


# A post

class Server(http.server.BaseHTTPRequestHandler):
    """Answers with `status`; None: never."""
    status, headers_more, body = 200, {}, b""
    requests, connections = [], []

    def setup(self):
        super().setup()
        self.connections.append(self.client_address)

    def handle_method(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.requests.append((self.command, self.path, dict(self.headers), body))
        if self.status is None:
            self.rfile.read(1)  # until the other side closes
            return
        self.send_response(self.status)
        for name, value in self.headers_more.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(self.body)

    do_POST = do_GET = handle_method

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(status, body=b"", **headers):
    """A server of HTTP that answers so."""
    Server.status, Server.body, Server.headers_more = status, body, headers
    Server.requests, Server.connections = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/secret?a=b"
    finally:
        server.shutdown()
        server.server_close()


def server_of(url):
    return url.partition("/hook")[0]


def a_post_brings_the_document(house):
    document = json.dumps({"failed": 12, "name": "Größe"}, ensure_ascii=False)
    for status in (200, 204, 299):
        with listening(status) as url:
            assert send(house, "post", url, document=document) == "sent"
            (method, path, headers, body), = Server.requests
    assert (method, path) == ("POST", "/hook/secret?a=b") and body == document.encode()
    assert headers["Content-Type"] == "application/json" and headers["User-Agent"].startswith("hotfolder/"), headers


def an_answer_that_is_no_success_says_what_to_do(house):
    with listening(500, body=b"out of order\nmore\n") as url:
        assert send(house, "post", url) == (f"transient: {server_of(url)} answered with status 500: out of order; "
                                            "see whether the server is up")
    with listening(429) as url:
        assert send(house, "post", url).startswith("transient:")
    with listening(404, body=b"\x1b]no such hook") as url:
        assert send(house, "post", url) == (
            f"environment: {server_of(url)} answered with status 404: \\x1b]no such hook; correct `post`, or the server")


def a_redirection_is_not_followed(house):
    with listening(302, Location="file:///etc/passwd") as url:
        assert send(house, "post", url).startswith(
            f"environment: {server_of(url)} answered with status 302, and names another place: a URL of file; ")
        assert len(Server.requests) == 1


def a_redirection_shows_no_secret_of_its_url(house):
    with listening(302, Location="/hook/secret/") as url:
        said = send(house, "post", url.replace("//", "//user:password@"))
        assert said == (f"environment: {server_of(url)} answered with status 302, and names another path; "
                        "correct `post`, or the server"), said
    with listening(302, Location="https://user:password@example.org/secret") as url:
        said = send(house, "post", url)
        assert "names another place: https://example.org; " in said and "secret" not in said, said


def an_answer_without_an_end_counts_by_its_status(house):
    with listening(200, body=b"x" * 10_000_000) as url:
        assert send(house, "post", url) == "sent"


def a_server_that_hangs_is_given_up(house):
    with listening(None) as url:
        said = send(house, "post", url, limit=SHORT)
    assert said.startswith(f"transient: cannot post to {server_of(url)}: ") and "timed out" in said.lower(), said


def a_server_that_is_not_there_or_not_trusted_is_named(house):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = send(house, "post", f"http://127.0.0.1:{port}/secret")
    assert said.startswith(f"transient: cannot post to http://127.0.0.1:{port}: ") and "secret" not in said, said
    with listening(200) as url:
        said = send(house, "post", url.replace("http:", "https:"))
        assert said.startswith("transient: cannot post to https:") and not Server.requests, said
    for url in ("file:///etc/passwd", "gopher://127.0.0.1/x"):
        assert send(house, "post", url).startswith("environment: cannot post to "), url


# Who is asked

def a_notice_that_no_one_delivers_says_what_to_do(house):
    nowhere = os.fspath(house.top / "none")
    assert send(house, "run", "/bin/true", HOTFOLDER_NOTICE_SOCKET=nowhere) == (
        f"environment: cannot ask for a notice to be delivered at '{nowhere}': No such file or directory; "
        "systemctl enable --now hotfolder-notice.socket")
    assert "install hotfolder-notice" in send(house, "run", "/bin/true", HOTFOLDER_NOTICE_PROGRAM=nowhere)


def a_helper_that_never_answers_is_given_up(house):
    """It lets its socket be, as one that is stopped does."""
    path = house.top / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(os.fspath(path))
        server.listen()
        said = send(house, "run", "/bin/true", limit=SHORT, HOTFOLDER_NOTICE_SOCKET=os.fspath(path))
    assert said.startswith("transient: hotfolder-notice has not answered in time"), said


if __name__ == "__main__":
    raise SystemExit(main(globals()))
