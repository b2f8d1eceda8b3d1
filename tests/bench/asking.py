"""asking - what the answers of the control socket cost: how long each takes with very many pictures in the
ledger, and what clients that poll take from the pictures.
"""
import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.append(os.fspath(Path(__file__).resolve().parents[1] / "system"))

import harness
import openapi
from services import HotFolder, serve

POLLER = Path(__file__).with_name("poller")
TIMES = 300  # that each question is asked
STATES = ("done",) * 7 + ("failed", "queued", "cancelled")  # of the pictures in the ledger, by turns


def ask(path, target):
    """The whole answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(os.fspath(path))
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while part := client.recv(1 << 16):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    return answer


def remember(house, count):
    """So many pictures that the ledger knows, whose files are gone."""
    with contextlib.closing(sqlite3.connect(house.state / "ledger.db")) as ledger, ledger:
        ledger.executemany(
            "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, state, seen_wall, changed_wall, error)"
            " VALUES ('inbox', ?, 1, ?, 1000, 1, ?, ?, ?, 'it is broken')",
            ((f"d{number % 200}/p{number}.jpg".encode(), number + 100, STATES[number % len(STATES)],
              1700000000000 + number, 1700000000000 + number) for number in range(count)))


def questions(house):
    """Each GET of the interface, {name: targets}; those about a path for pictures in each state, directories
    and names that are not known."""
    paths = [house.inbox / f"d{number}/p{number}.jpg" for number in range(100)]
    paths += [house.inbox, house.inbox / "d7", house.output / "d7/p7.jpg", house.inbox / "unknown.jpg"]
    found = {}
    for method, route, operation in openapi.operations():
        if method != "GET":
            continue
        by_path = any(parameter["name"] == "path" and parameter.get("required")
                      for parameter in operation.get("parameters", ()))
        found[route.removeprefix("/v1/")] = [f"{route}?path={urllib.parse.quote(os.fspath(path))}"
                                             for path in paths] if by_path else [route]
    return found


def answers(_, job, options):
    """How long each kind of question takes, with 100,000 pictures in the ledger."""
    house, figures = job.house, {}
    house.configure()
    house.start()
    house.command("pause", check=True)  # what is queued stays so
    assert house.stop() == 0
    remember(house, 1000 if options.quick else 100000)
    house.start()
    harness.wait_until(lambda: house.get()[1]["initial_scan_done"], "all is known", 600)
    for name, targets in questions(house).items():
        times = []
        for number in range(20 if options.quick else TIMES):
            began = time.perf_counter()
            ask(house.runtime / "control.sock", targets[number % len(targets)])
            times.append(1000 * (time.perf_counter() - began))
        times.sort()
        figures |= {f"{name} p50 ms": times[len(times) // 2], f"{name} p99 ms": times[int(len(times) * 0.99)]}
    assert house.stop() == 0
    return figures


class Asked(HotFolder):
    """A hot folder whose status so many clients want, once a second each."""

    def __init__(self, job, clients):
        super().__init__(job)
        self.clients, self.poller = clients, None

    def start(self, **how):
        super().start(**how)
        if self.clients:
            self.poller = subprocess.Popen([sys.executable, "-B", POLLER, self.house.runtime / "control.sock",
                                            str(self.clients)])

    def stop(self):
        if self.poller:
            assert self.poller.poll() is None, "the clients have ended"
            self.poller.kill()
            self.poller.wait()
            self.poller = None
        super().stop()


def asked(entry, job, _):
    job.house.configure()
    cost = serve(Asked(job, entry.number), job)
    return {"wall ms": 1000 * cost["wall"] / len(job.files), "CPU ms": 1000 * cost["cpu"] / len(job.files)}
