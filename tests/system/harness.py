"""harness - a hot folder with the real daemon on it, driven from outside.

A scenario is a function whose name is a sentence that is true; it gets a House: a directory of its
own with an inbox, an output directory and a daemon that it starts, stops and kills. Nothing waits
for a fixed time: everything is waited for until it is so, and the wait is bounded.

    arrivals.py --list          the scenarios of a file, a line each: NAME or NAME long
    arrivals.py NAME            runs one; HOTFOLDER_BUILD names the build directory
"""
import contextlib
import http.client
import inspect
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import openapi

BUILD = Path(os.environ.get("HOTFOLDER_BUILD", Path(__file__).resolve().parents[2] / "build/dev"))
MADE = BUILD / "made"
TOOLS = Path(__file__).resolve().parents[1] / "tools"
# Sanitized programs on a busy machine are slow; a test that fails may take its time.
TIMEOUT = 90.0
SKIPPED = 77
NOBODY = 65534
# What the daemon writes when it likes where a folder has `status_file = yes`.
STATUS_FILES = ("HOTFOLDER.txt", ".hotfolder-status-file")


class Skip(Exception):
    """The machine can't do what the scenario needs; says what."""


class Missing(Skip):
    """A program is not installed. Where packaging/setup has been run (HOTFOLDER_SET_UP), it should
    be: then this is no reason to skip anything."""


def wait_until(condition, what, seconds=TIMEOUT, every=0.02):
    """Polls, every so many seconds, until condition() is true and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(every)


def run(*command, **options):
    """Runs a program to its end; it must succeed unless check=False."""
    options = {"check": True, "text": True, "capture_output": True, "timeout": 1500, **options}
    return subprocess.run([os.fspath(part) for part in command], **options)


def helper(name, *arguments, **options):
    """What a program beside this file prints. It makes or judges pictures with Debian's Pillow, for which it needs
    Debian's interpreter, and other programs that it names."""
    if not os.access("/usr/bin/python3", os.X_OK):
        raise Missing("no interpreter of Debian's")
    done = run("/usr/bin/python3", Path(__file__).with_name(name), *arguments, check=False, **options)
    if done.returncode == SKIPPED:
        raise Missing(f"Pillow, or another program that tests/system/{name} names, is not installed")
    assert done.returncode == 0, done.stderr
    return done.stdout


def pillow(*paths):
    """Of each picture what Pillow reads: mode, size, pixels, profile."""
    return json.loads(helper("pillow", *paths))


def frames_of(*paths):
    """Of each file a list: what Pillow reads of every frame or page."""
    return json.loads(helper("pillow", "--frames", *paths))


def exif_tags(*files, options=()):
    """Of each file, by its name, all tags that ExifTool reads, by group and name."""
    done = run("exiftool", "-j", "-a", "-G1", *options, *files)
    return {Path(tags["SourceFile"]).name: tags for tags in json.loads(done.stdout)}


def make_picture(path, size="640x480", seed=1, orientation=1, how=""):
    """A photo-like picture of that size at path; its format follows from its extension. `how` is what
    libvips takes in brackets. A picture that a test has made is copied for the next one, as that is
    quicker than to make it."""
    maker = BUILD / "bin/picture"
    kept = MADE / f"{os.stat(maker).st_mtime_ns}-{size}-{seed}-{orientation}{how}{path.suffix}"
    if not kept.exists():
        MADE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=MADE) as where:
            new = Path(where, f"new{path.suffix}")
            run(maker, "make", f"{new}{how}", size, str(seed), str(orientation))
            new.replace(kept)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, path)
    return path


def sizes_of(*paths):
    """Decodes each picture to its last pixel: ["640x480", ...]. Fails if one is not whole."""
    checked = run(BUILD / "bin/picture", "check", *paths, check=False, text=False)
    assert checked.returncode == 0, checked.stderr.decode(errors="replace")
    return [line.split(b" ")[0].decode() for line in checked.stdout.splitlines() if b" " in line]


def files_below(directory):
    """Names of all regular files below directory, relative to it; bytes that are no UTF-8 too."""
    return sorted(
        os.path.relpath(os.path.join(where, name), directory)
        for where, _, names in os.walk(directory)
        for name in names
    )


def quoted(path):
    """path as a string of the configuration."""
    text = os.fspath(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self.path))


class House:
    """One daemon, its folder and everything it keeps, in a directory that is removed afterwards."""

    def __init__(self, root=None):
        self.top = Path(tempfile.mkdtemp(prefix="hotfolder-test.", dir=root))
        self.top.chmod(0o755)
        self.inbox = self.top / "inbox"
        self.output = self.top / "output"
        self.state = self.top / "state"
        self.runtime = self.top / "run"
        self.work = self.top / "work"  # same file system as the inbox, not watched
        self.config = self.top / "hotfolder.conf"
        self.log = self.top / "log"
        self.bin, self.tools = BUILD / "bin", TOOLS
        self.daemon = None
        self.mounts = []
        for directory in (self.inbox, self.output, self.state, self.runtime, self.work):
            directory.mkdir()
        self.sent = queue.SimpleQueue()
        self.ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ready.bind(os.fspath(self.top / "notify"))
        os.chmod(self.top / "notify", 0o666)
        threading.Thread(target=self.listen, daemon=True).start()
        self.configure()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Settings

    def configure(self, folder="", top="", profile="small", name="inbox", save="",
                  incomplete="1s", steps="", min_free="0"):
        """Writes the configuration; lines of the folder, of the top, of `save` and after it are
        added."""
        self.config.write_text(
            f"""{top}
folder "{name}" {{
    path = {quoted(self.inbox)}
    output = {quoted(self.output)}
    profile = "{profile}"
    incomplete = {incomplete}
    quiet = 500ms
    min_free = {min_free}
    {folder}
}}
profile "small" {{
    upright {{}}
    scale {{ width = 160  height = 160 }}
    save {{ name = "{{dir}}/{{stem}}.jpg"  quality = 80  {save} }}
    {steps}
}}
"""
        )

    # The daemon

    def environment(self):
        kept = {k: v.replace(os.fspath(TOOLS), os.fspath(self.tools)) for k, v in os.environ.items()
                if not k.startswith(("XDG_", "NOTIFY", "JOURNAL"))}
        return {
            **kept,
            "HOME": os.fspath(self.work),
            "XDG_DATA_HOME": os.fspath(self.work / "data"),
            "NOTIFY_SOCKET": os.fspath(self.top / "notify"),
        }

    def start(self, wait=True, prefix=(), stderr=None, **variables):
        """Starts the daemon, with these environment variables too; returns when it is ready."""
        assert self.daemon is None
        self.notices()
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen(
                [*prefix, self.bin / "hotfolderd", "--config", self.config]
                + ["--state-dir", self.state, "--runtime-dir", self.runtime],
                stdin=subprocess.DEVNULL, stdout=log, stderr=stderr or log,
                env={**self.environment(), **variables},
            )
        if wait:
            self.await_notice("READY=1")
        return self.daemon

    def install(self):
        """Copies the programs, and what a sanitizer reads: the source and the build tree may lie where
        only their owner may look."""
        self.bin, self.tools = self.top / "copy/bin", self.top / "copy/tools"
        shutil.copytree(TOOLS, self.tools, ignore=shutil.ignore_patterns("*.c", "*.txt"))
        shutil.copytree(BUILD / "profiles", self.top / "copy/profiles")
        self.bin.mkdir()
        for program in ("hotfolderd", "hotfolder", "hotfolder-worker", "hotfolder-program",
                        "hotfolder-notice"):
            shutil.copy(BUILD / "bin" / program, self.bin)

    def start_as_nobody(self):
        """Starts it without root's powers; as the caller where that is not root."""
        if os.geteuid():
            return self.start()
        self.install()
        for directory in (self.inbox, self.output, self.state, self.runtime, self.work):
            run("chown", "-R", f"{NOBODY}:{NOBODY}", directory)
        drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        return self.start(prefix=drop)

    def listen(self):
        """Reads its messages at once, as a service manager does: a full socket would block it."""
        while message := self.ready.recv(8192):
            for line in message.decode().splitlines():
                self.sent.put(line)

    def notices(self):
        """What the daemon sent to its service manager since the last call."""
        return [self.sent.get() for _ in range(self.sent.qsize())]

    def await_notice(self, wanted):
        def sent():
            assert self.daemon.poll() is None, f"it ended ({self.daemon.returncode}): {self.logged()}"
            return any(line.startswith(wanted) for line in self.notices())

        wait_until(sent, f"the daemon sends {wanted}")

    def logged(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def await_log(self, text):
        wait_until(lambda: text in self.logged(), f"the daemon logs '{text}'")

    def send(self, number):
        self.daemon.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Asks it to stop; returns its exit status."""
        if self.daemon is None:
            return None
        if self.daemon.poll() is None:
            self.send(number)
        try:
            status = self.daemon.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            raise
        self.daemon = None
        return status

    def kill(self):
        """As a power cut does it: nothing is finished, nothing is reported."""
        if self.daemon.poll() is None:
            for child in self.children():
                os.kill(child, signal.SIGKILL)
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def children(self):
        """Process ids of the daemon's workers."""
        found = []
        for task in Path(f"/proc/{self.daemon.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                found += (task / "children").read_text().split()
        return [int(pid) for pid in found]

    def picture_of(self, worker):
        """The original that a worker has open, or None; only root may look."""
        inbox = os.fspath(self.inbox) + "/"
        try:
            for number in os.listdir(f"/proc/{worker}/fd"):
                path = os.readlink(f"/proc/{worker}/fd/{number}")
                if path.startswith(inbox):
                    return path.removeprefix(inbox)
        except OSError:
            pass
        return None

    def await_logged(self, text, count):
        """Waits until the log, which is written a moment later than the event, says it that often."""
        wait_until(lambda: self.logged().count(text) >= count, f"'{text}' is logged {count} times")
        assert self.logged().count(text) == count, f"'{text}' is logged more often than {count} times"

    def context_switches(self, since=None):
        """Of each thread of the daemon and its workers, those that it asked for, as a thread that wakes up
        does to sleep again; with `since`, how many more there are now."""
        now = {}
        for pid in (self.daemon.pid, *self.children()):
            for task in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                        open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
                    now[task] = sum(int(line.split()[1]) for line in status
                                    if line.startswith("voluntary_ctxt"))
        return now if since is None else sum(now[task] - since.get(task, 0) for task in now)

    def sleeps(self, most):
        """Whether the daemon and its workers wake up less than so often in ten seconds. Where a machine has
        much else to do, they may still be busy in the first of them."""
        def switches():
            before = self.context_switches()
            time.sleep(10)
            return self.context_switches(before)

        return any(switches() < most for _ in range(4))

    def ask(self, method, target, body=None):
        """Asks the control socket; the status code and the answer, which is as openapi.json describes it:
        JSON, or the bytes of another type."""
        with contextlib.closing(UnixConnection(self.runtime / "control.sock")) as connection:
            connection.request(method, target, body if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = response.read()
            if response.headers.get_content_type() == "application/json":
                answer = json.loads(answer or "null")
        openapi.check_answer(method, target, response.status, answer)
        return response.status, answer

    def get(self, target="/v1/status"):
        return self.ask("GET", target)

    def post(self, path, /, **parameters):
        return self.ask("POST", path, parameters)

    def command(self, *arguments, check=False, **options):
        """Runs `hotfolder --runtime-dir ... ARGUMENTS`."""
        options.setdefault("env", self.environment())
        return run(self.bin / "hotfolder", "--runtime-dir", self.runtime, *arguments,
                   check=check, **options)

    # Pictures

    def photo(self, name="photo.jpg", **how):
        """A picture beside the inbox, ready to be dropped."""
        return make_picture(self.work / name, **how)

    def await_output(self, *names):
        """Waits for these outputs, which must be whole."""
        paths = [self.output / name for name in names]
        for path in paths:
            wait_until(path.exists, f"output {path.name!r} is there")
        return sizes_of(*paths)

    def await_quiet(self, inputs):
        """Waits until every input is done or failed."""
        wait_until(lambda: not any((self.inbox / name).exists() for name in inputs),
                   "every input has left the inbox")

    def idle(self):
        """Whether it has checked every file and has nothing left to do, as far as it knows."""
        try:
            _, status = self.get()
        except (OSError, http.client.HTTPException):
            return False
        open_rows = sum(folder.get(state, 0) for folder in status["folders"]
                        for state in ("queued", "in_progress"))
        return status["initial_scan_done"] and not status["in_progress"] and not open_rows

    def done(self):
        return files_below(self.inbox / "done")

    def failed(self):
        """Originals in failed/, without what is about to become the text beside one."""
        return [name for name in files_below(self.inbox / "failed")
                if not name.endswith(".txt") and not os.path.basename(name).startswith(".hotfolder-")]

    def reason(self, name):
        """The text beside a failed original; it is written after the original has moved."""
        report = self.inbox / "failed" / f"{name}.txt"
        wait_until(report.exists, f"{name!r} has failed with a reason")
        return report.read_text()

    def account(self, inputs, outputs):
        """Nothing is lost, nothing is there twice: each input, given by name, is still there, or
        done with its output whole, or failed with its reason. `outputs` names an input's output."""
        there, done, failed = files_below(self.inbox), self.done(), self.failed()
        made = files_below(self.output)
        assert not [name for name in made if os.path.basename(name).startswith(".")], made
        for name in inputs:
            places = [name in there, name in done, name in failed]
            assert sum(places) == 1, f"{name!r}: there, done, failed = {places}"
            if name in done:
                assert outputs(name) in made, f"{name!r} is in done/ without its output"
            if name in failed:
                assert self.reason(name).strip(), f"{name!r} failed without a reason"
        wanted = [outputs(name) for name in inputs]
        strange = [name for name in made if name not in wanted]
        assert not strange, f"outputs of nothing: {strange}"
        if made:
            sizes_of(*[self.output / name for name in made])

    def mount(self, directory, size):
        """A small file system at directory; skips where that can't be."""
        mounted = run("mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", directory,
                      check=False)
        if mounted.returncode:
            raise Skip(f"cannot mount: {mounted.stderr.strip()}")
        self.mounts.append(directory)

    def close(self):
        if self.daemon is not None:
            self.kill()
        self.ready.shutdown(socket.SHUT_RD)
        for directory in self.mounts:
            run("umount", "-l", directory, check=False)
        shutil.rmtree(self.top, ignore_errors=True)


def exact(house):
    """Starts the daemon to save each picture as it is, as a PNG."""
    house.configure(profile="exact")
    with house.config.open("a") as config:
        config.write('profile "exact" { save { name = "{stem}.png" } }\n')
    house.start()


def local(house):
    """Skips where the house lies on an overlay: all of an overlay is polled."""
    if run("stat", "-f", "-c", "%T", house.inbox).stdout.strip() == "overlayfs":
        raise Skip("this is an overlay")


def share(house, behind, place, *how):
    """Mounts the directory `behind` at `place` as a share; what changes behind it makes no event.
    It may be "dead", "slow" or "exfat"."""
    local(house)
    if not (BUILD / "bin/share").exists() or not os.access("/dev/fuse", os.W_OK):
        raise Skip("no FUSE")
    server = subprocess.Popen([BUILD / "bin/share", behind, place, *how], stderr=subprocess.PIPE)
    # A system call on the mount point itself would wait for an answer.
    mounted = f" {place} "
    wait_until(lambda: mounted in Path("/proc/self/mountinfo").read_text(encoding="utf-8")
               or server.poll() is not None, "it is mounted")
    if server.poll() is not None:
        raise Skip(f"cannot mount: {server.stderr.read().decode().strip()}")
    house.mounts.append(place)
    if "dead" in how:
        wait_until(lambda: Path(f"/proc/{server.pid}/stat").read_text().split()[2] == "T",
                   "it has stopped")
    return server


def long(scenario):
    """Marks a scenario that only `tests/run --long` runs: it is slow, and other tests check the same."""
    scenario.long = True
    return scenario


def jpg(name):
    """The output's name that profile `small` gives to an input."""
    return os.path.splitext(name)[0] + ".jpg"


def main(scenarios, root=None):
    """Runs the scenario that the command line names, in a house below `root`. `scenarios` is the
    caller's globals()."""
    mine = {
        name: thing for name, thing in scenarios.items()
        if inspect.isfunction(thing) and thing.__module__ == "__main__" and name.count("_") > 1
        and list(inspect.signature(thing).parameters) == ["house"]
    }
    if sys.argv[1:] == ["--list"]:
        for name, scenario in mine.items():
            print(f"{name} long" if hasattr(scenario, "long") else name)
        return 0
    house = House(root)
    try:
        mine[sys.argv[1]](house)
        if house.daemon is not None:
            assert house.stop() == 0, "the daemon did not stop cleanly"
        # What a sanitizer found in a worker stands only here: the daemon survives it.
        assert "Sanitizer" not in house.logged(), "a sanitizer has found something"
    except Skip as reason:
        if isinstance(reason, Missing) and os.environ.get("HOTFOLDER_SET_UP"):
            raise
        print(f"skipped: {reason}")
        return SKIPPED
    except BaseException:
        print("--- what the daemon said:", house.logged(), sep="\n")
        for directory in (house.inbox, house.output):
            print(f"--- files of {directory}:", *map(ascii, files_below(directory)), sep="\n")
        raise
    finally:
        house.close()
    return 0
