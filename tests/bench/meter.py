"""meter - what a program costs: wall time, CPU time of all its processes, memory.

A program that ends is measured by wait4(2): its own CPU time and that of all children it has waited for.
One that stays is measured by /proc: those processes that are there, and what they have waited for.
"""
import contextlib
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program did not do it; says why."""


def processes(pid):
    """It and all that it has started, by their ids."""
    found = [pid]
    with contextlib.suppress(OSError):  # it has just ended
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                for child in Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii").split():
                    found += processes(int(child))
    return found


def cpu_seconds(pid):
    """Until now, of a program that stays."""
    ticks = 0
    for one in processes(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def memory_mb(pid):
    """Of all its processes, each shared page counted once."""
    kilobytes = 0
    for one in processes(pid):
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines()
            kilobytes += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return kilobytes / 1024


def resident_mb(pid, field="VmRSS"):
    """Of this process alone."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


class Peak:
    """The most memory that a program has while this context lasts; looking costs CPU time."""

    def __init__(self, pid, every=0.01):
        self.pid, self.every, self.mb, self.ends = pid, every, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.ends.is_set():
            self.mb = max(self.mb, memory_mb(self.pid))
            self.ends.wait(self.every)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()


def run(commands, directory, environment, memory=False):
    """Runs (arguments, standard input) one after another: seconds of wall and CPU, and MB if asked for."""
    wall = cpu = peak = 0.0
    for arguments, given in commands:
        arguments = [os.fspath(part) for part in arguments]
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as said:
            stdin.write(given.encode())
            stdin.seek(0)
            began = time.monotonic()
            # wait4() waits for it, and not subprocess: that would not say what it cost.
            program = subprocess.Popen(  # pylint: disable=consider-using-with
                arguments, stdin=stdin, stdout=said, stderr=said, cwd=directory, env=environment)
            with Peak(program.pid) if memory else contextlib.nullcontext() as looking:
                _, status, usage = os.wait4(program.pid, 0)
                wall += time.monotonic() - began
            program.returncode = os.waitstatus_to_exitcode(status)
            cpu += usage.ru_utime + usage.ru_stime
            peak = max(peak, looking.mb) if memory else 0.0
            if program.returncode:
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines()
                raise Failed(f"{Path(arguments[0]).name} fails: {lines[-1] if lines else program.returncode}")
    return {"wall": wall, "cpu": cpu, **({"memory": peak} if memory else {})}
