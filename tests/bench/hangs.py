"""hangs - what a share that falls silent under load costs the other folders.

A FUSE share is silenced at random moments while pictures arrive: the share of a whole folder, or one
that is mounted in a folder, by turns. Meanwhile pictures are dropped into a local folder ten times a
second, whatever became of those before them.
"""
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

import harness

RATE_S = 0.1
SILENT_S = 12  # within which the folder must be unavailable

# Drops pictures through the mount, and hangs with it.
SENDER = """
import os, sys, time
place, picture = sys.argv[1:]
content = open(picture, "rb").read()
for number in range(1000000):
    with open(f"{place}/part.tmp", "wb") as file:
        file.write(content)
    os.rename(f"{place}/part.tmp", f"{place}/{number}.jpg")
    time.sleep(0.1)
"""


class Drops:
    """Drops a picture into a folder every RATE_S, and measures how long each takes to its output."""

    def __init__(self, inbox, output, content):
        self.inbox, self.output, self.content = inbox, output, content
        self.waiting, self.times, self.ends = {}, [], False
        self.threads = [threading.Thread(target=part) for part in (self.drop, self.look)]
        for thread in self.threads:
            thread.start()

    def drop(self):
        number, due = 0, time.monotonic()
        while not self.ends:
            name = f"o{number}.jpg"
            with open(self.inbox / name, "wb") as file:
                file.write(self.content)
            self.waiting[name] = time.monotonic()
            number, due = number + 1, due + RATE_S
            time.sleep(max(due - time.monotonic(), 0))

    def look(self):
        while not self.ends or self.waiting:
            for name, began in list(self.waiting.items()):
                if (self.output / name).exists():
                    self.times.append(1000 * (time.monotonic() - began))
                    del self.waiting[name]
            time.sleep(0.001)

    def end(self):
        self.ends = True
        for thread in self.threads:
            thread.join()
        return self.times


def folder(house, name):
    return next(one for one in house.get()[1]["folders"] if one["name"] == name)


def configure(house):
    house.configure('originals = "keep"', top="workers = 2\nstop_timeout = 1s")
    for name, path in (("nas", house.top / "share/in"), ("around", house.top / "around")):
        (house.top / f"{name}-out").mkdir()
        with house.config.open("a") as config:
            config.write(f'folder "{name}" {{\n path = "{path}"\n output = "{house.top / name}-out"\n'
                         ' profile = "small"\n originals = "done"\n}\n')


def wait_for(house, name, state):
    began = time.monotonic()
    harness.wait_until(lambda: folder(house, name)["state"] == state, f"{name} is {state}", 60)
    return time.monotonic() - began


def has_exited(pid):
    """A thread in a request that the server has taken keeps the process until the server goes on."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def stop_of(house):
    began = time.monotonic()
    house.send(signal.SIGTERM)
    harness.wait_until(lambda: has_exited(house.daemon.pid), "it has exited", 60)
    return time.monotonic() - began


def measure(house, table, options):
    rounds = 3 if options.quick else 50
    places = {"nas": house.top / "share", "around": house.top / "around/card"}
    for name, place in places.items():
        (house.work / name / "in").mkdir(parents=True)
        place.mkdir(parents=True)
    servers = {name: harness.share(house, house.work / name, place) for name, place in places.items()}
    configure(house)
    house.start()
    photo = house.photo()
    senders = [subprocess.Popen([sys.executable, "-c", SENDER, place / "in", photo])
               for place in places.values()]
    drops = Drops(house.inbox, house.output, photo.read_bytes())
    chance, silent, back = random.Random(options.seed), [], []
    print(f"hangs: seed {options.seed}")
    try:
        time.sleep(10)
        calm = sorted(drops.times)
        for number in range(rounds):
            name = ("nas", "around")[number % 2]
            wait_for(house, name, "available")
            time.sleep(chance.uniform(0.5, 4))
            servers[name].send_signal(signal.SIGSTOP)
            silent.append(wait_for(house, name, "unavailable"))
            assert "does not respond" in folder(house, name)["reason"], folder(house, name)
            assert folder(house, "inbox")["state"] == "available"
            servers[name].send_signal(signal.SIGCONT)
            back.append(wait_for(house, name, "available"))
            print(f"{name}: {silent[-1]:.1f} s, {back[-1]:.1f} s; {len(drops.times)} done, "
                  f"{len(drops.waiting)} wait", flush=True)
        times = sorted(drops.end())
        servers["nas"].send_signal(signal.SIGSTOP)
        time.sleep(1)
        stop = stop_of(house)
    finally:
        drops.ends = True
        drops.waiting.clear()
        for server in servers.values():
            server.send_signal(signal.SIGCONT)
        for sender in senders:
            sender.kill()
            sender.wait()
    what = f"{rounds} hangs of a share"
    table.row("before that: the same, 99 %", calm[len(calm) * 99 // 100], "ms")
    table.row(f"{what}: other folder, close(2) to output: median", statistics.median(times), "ms")
    table.row(f"{what}: other folder, 99 % of {len(times)}", times[len(times) * 99 // 100], "ms", 100)
    table.row(f"{what}: other folder, slowest", times[-1], "ms")
    table.row(f"{what}: called unavailable after, at most", max(silent), "s", SILENT_S)
    table.row(f"{what}: available again after, at most", max(back), "s", SILENT_S)
    table.row(f"{what}: a stop while a share is silent", stop, "s", SILENT_S)
