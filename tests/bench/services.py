"""services - what waits for pictures: the hot folder, and what a user would build of shell tools.

Each has start(), stop(), cpu_seconds() since its start, and settled(), which waits until all its work has an
end. Files are moved or written into job.inbox.
"""
import os
import shlex
import shutil
import signal
import subprocess
import time

import harness
from meter import cpu_seconds
from programs import Unmeasured, vips_arguments


class HotFolder:
    """The daemon, with a ledger and outputs that are durable."""
    name = "hot folder"

    def __init__(self, job, folder=""):
        self.job, self.house, self.folder = job, job.house, folder
        self.inbox = self.house.inbox

    def configure(self):
        self.house.configure(f'originals = "keep"\n{self.folder}', profile=self.job.work.profile,
                             top=f"workers = {self.job.workers}\n{self.job.work.settings()}")

    def start(self, **how):
        self.configure()
        for directory in (self.house.inbox, self.house.state):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        self.house.start(**how)

    @property
    def pid(self):
        return self.house.daemon.pid

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def settled(self):
        harness.wait_until(self.house.idle, "the daemon is idle", 900)

    def stop(self):
        if self.house.daemon:
            assert self.house.stop() == 0, self.house.logged()[-2000:]


class Watcher:
    """A pipe: inotifywait names each file, xargs starts vipsthumbnail for it."""
    name = "inotifywait"

    def __init__(self, job, _=""):
        for need in ("inotifywait", "xargs", "vipsthumbnail"):
            if not shutil.which(need):
                raise Unmeasured(f"{need} is not installed: see packaging/setup --bench")
        if len(job.work.outputs) > 1 or job.work.rounded:
            raise Unmeasured("the pipe makes one size")
        self.job, self.inbox, self.shell = job, job.house.top / "watched", None

    def start(self):
        shutil.rmtree(self.inbox, ignore_errors=True)
        self.inbox.mkdir()
        make = shlex.join(["env", "VIPS_CONCURRENCY=1", *vips_arguments(self.job, self.job.work.outputs[0])])
        pipe = (f"inotifywait -m -e close_write -e moved_to --format %w%f {shlex.quote(str(self.inbox))} | "
                f"xargs -d '\\n' -P {self.job.workers} -n 1 {make}")
        said = self.job.house.top / "said"
        with said.open("wb") as stderr:
            # stop() ends all of the pipe's processes: it has a session of its own.
            self.shell = subprocess.Popen(["sh", "-c", pipe], start_new_session=True, stdin=subprocess.DEVNULL,
                                          stderr=stderr)
        harness.wait_until(lambda: "Watches established" in said.read_text(), "inotifywait watches")

    @property
    def pid(self):
        return self.shell.pid

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def settled(self):
        def is_idle():
            # xargs waits for those that have ended when it has read its next line.
            listed = harness.run("ps", "-o", "stat=,comm=", "-s", str(self.shell.pid), check=False).stdout
            return not any("vipsthumbnail" in line and not line.startswith("Z") for line in listed.splitlines())

        harness.wait_until(is_idle, "no picture is in progress", 300)

    def stop(self):
        if self.shell:
            os.killpg(self.shell.pid, signal.SIGTERM)
            self.shell.wait()


class PathUnit:
    """A .path unit of systemd that starts a service for all files that are there."""
    name = "systemd.path"
    UNIT = f"hotfolder-bench-{os.getpid()}"  # another run may be in progress

    def __init__(self, job, _=""):
        self.job, self.inbox = job, job.house.top / "watched"
        self.cost = job.house.top / "cost"
        if not shutil.which("systemctl"):
            raise Unmeasured("no systemd")
        self.user = [] if os.geteuid() == 0 else ["--user"]
        state = subprocess.run(["systemctl", *self.user, "is-system-running"], check=False, text=True,
                               capture_output=True).stdout.strip()
        if state not in ("running", "degraded", "starting"):
            raise Unmeasured("no systemd")
        if len(job.work.outputs) > 1 or job.work.rounded:
            raise Unmeasured("the unit makes one size")

    def script(self):
        """Does what is there, puts it away, and notes what all of it cost."""
        make = shlex.join(["env", "VIPS_CONCURRENCY=1", *vips_arguments(self.job, self.job.work.outputs[0])])
        done = shlex.quote(f"{self.inbox}.done")
        return (f"cd {shlex.quote(str(self.inbox))} || exit 1\n"
                f"while set -- * && [ -e \"$1\" ]; do\n"
                f"    printf '%s\\0' \"$@\" | xargs -0 -P {self.job.workers} -n 4 {make}\n"
                f"    printf '%s\\0' \"$@\" | xargs -0 mv -t {done}\n"
                f"done\ntimes >>{shlex.quote(str(self.cost))}\n")

    def start(self):
        for directory in (self.inbox, self.inbox.with_suffix(".done")):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        self.cost.write_text("")
        script = self.job.house.top / "unit.sh"
        script.write_text(self.script())
        path = self.job.environment.get("PATH", os.environ["PATH"])
        harness.run("systemd-run", *self.user, f"--unit={self.UNIT}", f"--setenv=PATH={path}",
                    f"--path-property=DirectoryNotEmpty={self.inbox}", "sh", script)

    def cpu_seconds(self):
        """The shell writes minutes and seconds, user and system, its own and its children's."""
        words = self.cost.read_text().split()
        return sum(60 * int(word.split("m")[0]) + float(word.split("m")[1].rstrip("s")) for word in words)

    def settled(self):
        harness.wait_until(lambda: not any(self.inbox.iterdir()), "every picture is put away", 900)
        time.sleep(0.2)  # what it has cost is written last

    def stop(self):
        harness.run("systemctl", *self.user, "stop", f"{self.UNIT}.path", f"{self.UNIT}.service", check=False)


SERVICES = {service.name: service for service in (HotFolder, Watcher, PathUnit)}


def is_whole(path):
    """Whether the output is there to its end: some programs give a file its name before it is written."""
    try:
        with open(path, "rb") as file:
            if path.suffix != ".jpg":
                return True
            file.seek(-2, os.SEEK_END)
            return file.read() == b"\xff\xd9"
    except OSError:
        return False


def await_all(targets, seconds=1800):
    """Until each of them is there; looks at one file at a time, since looking costs CPU time."""
    deadline = time.monotonic() + seconds
    for target in targets:
        while not is_whole(target):
            assert time.monotonic() < deadline, f"{target.name} was not made within {seconds} s"
            time.sleep(0.002)


def serve(service, job):
    """From the first picture's arrival to the last output: seconds of wall and CPU."""
    staged = job.house.work / "staged"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    for file in job.files:
        os.link(file, staged / file.name)
    os.sync()
    try:
        service.start()
        cpu, began = service.cpu_seconds(), time.monotonic()
        for file in job.files:
            os.rename(staged / file.name, service.inbox / file.name)
        await_all(job.targets())
        wall = time.monotonic() - began
        service.settled()
        return {"wall": wall, "cpu": service.cpu_seconds() - cpu}
    finally:
        service.stop()
