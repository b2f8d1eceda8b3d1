"""hangs - what a share that falls silent under load costs the other folders.

A share is silenced at random moments while pictures arrive: the share of a whole folder, or one that is
mounted in a folder, by turns. Meanwhile pictures are dropped into a local folder ten times a second,
whatever became of those before them. Then the service is stopped while a share is silent, a few times.
In the end each picture must be done, once: those that were sent are numbered without a gap.
"""
import collections
import contextlib
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

import harness
import servers

RATE_S = 0.1
SILENT_S = 12  # within which the folder must be unavailable
LATE_S = 60  # a picture that takes longer is not waited for
DONE = re.compile(r"(\w+: \S+): done in ")
NUMBERED = re.compile(r"(\d+)\.jpg")
NAMES = ["nas", "around"] * 3  # of the folders, by turns

# Drops pictures through the mount, and hangs with it.
SENDER = """
import os, sys, time
place, picture, rate_s = sys.argv[1:]
content = open(picture, "rb").read()
for number in range(1000000):
    with open(f"{place}/part.tmp", "wb") as file:
        file.write(content)
    os.rename(f"{place}/part.tmp", f"{place}/{number}.jpg")
    time.sleep(float(rate_s))
"""


class Drops:
    """Drops a picture into a folder every RATE_S, and measures how long each takes to its output."""

    def __init__(self, inbox, output, content):
        self.inbox, self.output, self.content = inbox, output, content
        self.waiting, self.ends = {}, False
        self.silence = False  # whether a share is silent
        self.times = {False: [], True: []}
        self.threads = [threading.Thread(target=part) for part in (self.drop, self.look)]
        for thread in self.threads:
            thread.start()

    def drop(self):
        number, due = 0, time.monotonic()
        while not self.ends:
            name = f"{number}.jpg"
            with open(self.inbox / name, "wb") as file:
                file.write(self.content)
            self.waiting[name] = time.monotonic(), self.silence
            number, due = number + 1, due + RATE_S
            time.sleep(max(due - time.monotonic(), 0))

    def look(self):
        end = float("inf")
        while self.waiting and time.monotonic() < end or not self.ends:
            end = min(end, time.monotonic() + LATE_S) if self.ends else end
            for name, (began, silence) in list(self.waiting.items()):
                if (self.output / name).exists():
                    self.times[silence].append(1000 * (time.monotonic() - began))
                    self.waiting.pop(name, None)
            time.sleep(0.001)

    def end(self):
        self.ends = True
        for thread in self.threads:
            thread.join()


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
    harness.wait_until(lambda: folder(house, name)["state"] == state, f"{name} is {state}", 60, 0.1)
    return time.monotonic() - began


def has_exited(pid):
    """A thread in a request that the server has taken keeps the process until the server goes on."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


class Shares:
    """The folders on shares, and what drops pictures into them."""

    def __init__(self, house, seed):
        self.house, self.chance = house, random.Random(seed)
        self.names = dict(zip(NAMES, (house.top / "share", house.top / "around/card")))
        self.servers, self.senders, self.drops = {}, [], None

    def mount(self, kind):
        for name, place in self.names.items():
            (self.house.work / name / "in").mkdir(parents=True)
            place.mkdir(parents=True)
            self.servers[name] = servers.KINDS[kind](self.house, self.house.work / name, place)
        configure(self.house)

    def send(self):
        """From now on pictures arrive, in the other folder too."""
        photo = self.house.photo()
        self.drops = Drops(self.house.inbox, self.house.output, photo.read_bytes())
        for place in self.names.values():
            command = [sys.executable, "-c", SENDER, place / "in", photo, str(RATE_S)]
            self.senders.append(subprocess.Popen(command))

    def silence(self, name):
        """Waits for a random moment first."""
        wait_for(self.house, name, "available")
        time.sleep(self.chance.uniform(0.5, 4))
        if self.drops:
            self.drops.silence = True
        self.servers[name].silence(self.chance)

    def respond(self, name):
        self.servers[name].respond()
        if self.drops:
            self.drops.silence = False

    def hang(self, name):
        """How long it takes until the folder is unavailable, and then until it is available."""
        self.silence(name)
        try:
            silent = wait_for(self.house, name, "unavailable")
            assert "does not respond" in folder(self.house, name)["reason"], folder(self.house, name)
            others = [other for other in self.house.get()[1]["folders"] if other["name"] != name]
            assert {other["state"] for other in others} == {"available"}, others
        finally:
            self.respond(name)
        return silent, wait_for(self.house, name, "available")

    def stop(self, name):
        """How long a stop takes while the share is silent."""
        self.silence(name)
        time.sleep(self.chance.uniform(0, SILENT_S))
        began = time.monotonic()
        self.house.send(signal.SIGTERM)
        try:
            harness.wait_until(lambda: has_exited(self.house.daemon.pid), "it has exited", 60)
            took = time.monotonic() - began
        finally:
            self.respond(name)
        self.house.stop()
        self.house.start()
        return took

    def end(self):
        """No more pictures; every share responds."""
        for server in self.servers.values():
            server.respond()
        if self.drops:
            self.drops.end()
        for sender in self.senders:
            sender.kill()
            sender.wait(LATE_S)

    def close(self):
        if self.drops:
            self.drops.waiting.clear()
        self.end()
        for server in self.servers.values():
            server.end()


def lost_and_twice(inputs, outputs):
    """Of the pictures in these two directories, their names; each original is kept."""
    originals, made = (collections.Counter(file.name for file in place.rglob("*.jpg"))
                       for place in (inputs, outputs))
    last = max((int(file[1]) for file in map(NUMBERED.fullmatch, originals | made) if file), default=-1)
    sent = collections.Counter(f"{number}.jpg" for number in range(last + 1))
    return (sent - originals) | (sent - made), (originals - sent) | (made - sent)


def account(house):
    """How many pictures were done, which were lost, and which were made twice."""
    places = {"nas": (house.work / "nas", house.top / "nas-out"),
              "around": (house.top / "around", house.top / "around-out"),
              "inbox": (house.inbox, house.output)}

    def differences():
        found = {name: lost_and_twice(*pair) for name, pair in places.items()}
        return [[f"{name}: {file}" for name, both in found.items() for file in both[kind]]
                for kind in (0, 1)]

    with contextlib.suppress(AssertionError):
        harness.wait_until(lambda: not differences()[0] and house.idle(), "all are done", 300, 1)
    done = collections.Counter(DONE.findall(house.logged()))
    lost, twice = differences()
    return len(done), lost, twice + [f"done twice: {name}" for name, times in done.items() if times > 1]


def measure(house, table, options):
    rounds = 3 if options.quick else options.hangs
    shares = Shares(house, options.seed)
    silent, back, load = [], [], []
    print(f"silence: {rounds} times, {options.share}, seed {options.seed}", flush=True)
    try:
        shares.mount(options.share)
        house.start()
        idle = [shares.hang(name)[0] for name in NAMES[:4]]
        shares.send()
        drops = shares.drops
        time.sleep(10)
        for number in range(rounds):
            name = NAMES[number % 2]
            for times, took in zip((silent, back), shares.hang(name)):
                times.append(took)
            load.append(os.getloadavg()[0])
            print(f"{name}: {silent[-1]:.1f} s, {back[-1]:.1f} s; {len(drops.waiting)} pictures wait; "
                  f"slowest until now {max(sum(drops.times.values(), [])):.0f} ms; load {load[-1]:.1f}",
                  flush=True)
        drops.end()
        stops = [shares.stop(name) for name in NAMES[:5]]
        shares.end()
        done, lost, twice = account(house)
        for name in lost + twice:
            print(name, *[line for line in house.logged().splitlines()
                          if name.rpartition(" ")[2] + ": " in line], sep="\n    ")
    finally:
        shares.close()
    for silence, when in ((False, "no share is silent"), (True, "a share is silent")):
        times = sorted(drops.times[silence])
        table.row(f"{when}: close(2) to output elsewhere, median", statistics.median(times), "ms")
        table.row(f"{when}: the same, 99 % of {len(times)}", times[len(times) * 99 // 100], "ms", 100)
        table.row(f"{when}: the same, slowest", times[-1], "ms")
    table.row("a share is silent: unavailable after, median", statistics.median(silent), "s")
    table.row("a share is silent: unavailable after, at most", max(silent), "s", SILENT_S)
    table.row("a share is silent: the same without pictures, at most", max(idle), "s", SILENT_S)
    table.row("a share responds again: available after, at most", max(back), "s", SILENT_S)
    table.row(f"a share is silent: each of {len(stops)} stops takes at most", max(stops), "s", SILENT_S)
    table.row(f"pictures lost, of {done}", len(lost), "", 0)
    table.row(f"pictures made twice, of {done}", len(twice), "", 0)
    table.row("load average of the machine, median", statistics.median(load))
    table.row("load average of the machine, highest", max(load))
