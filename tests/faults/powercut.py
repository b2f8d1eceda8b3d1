#!/usr/bin/env python3
"""powercut - the power goes while hotfolder works, and the disk fails under it: nothing is lost.

    powercut.py --list               the scenarios
    powercut.py NAME                 runs one; HOTFOLDER_BUILD names the build directory
    powercut.py --cuts N [OPTION]... cuts N times on each file system, and tells what it found

    --seed S        where to cut, and what the disk's cache loses (default: another each time)
    --system NAME   only on this file system: ext4, xfs or btrfs
    --no-syncs      a daemon whose syncs do nothing: this must find losses
    --keep DIR      keeps the images of bad cuts there

The disk is powerdisk's file under a loop device: it remembers every write, flush and promise in one
order. The daemon works once, with its folders and its ledger on that disk; then images show what a
cut at some moment of that work would have left: all that was flushed and a random part of the rest.
On each the daemon is started again, and when it is idle the folders are judged (check.py) by
what had been promised before the cut.

All of it happens in mount and process namespaces of its own: whatever ends the test ends with it
every program, mount and loop device.
"""
import argparse
import collections
import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[1] / "system"))

from check import Expected, check, regular_files, sha256
from harness import BUILD, SKIPPED, House, Missing, Skip, long, main, run, sizes_of, wait_until

# Megabytes, and the program that makes it: the smallest disks that these file systems take.
SYSTEMS = {
    "ext4": (64, ["mkfs.ext4", "-q", "-F", "-b", "4096"]),
    "xfs": (300, ["mkfs.xfs", "-q", "-f"]),
    "btrfs": (112, ["mkfs.btrfs", "-q", "-f"]),
}
OF_EACH_KIND = 10
SHOWN = 12  # errors of one cut
PRIVATE = "HOTFOLDER_PRIVATE_WORLD"
NO_SYNCS = {"LD_PRELOAD": os.fspath(BUILD / "bin/nosync.so")}


# What is dropped

@dataclass(frozen=True)
class Kind:
    """A folder, and how pictures come into it."""
    name: str
    originals: str = "done"
    saves: tuple = ("{dir}/{stem}.jpg",)
    exists: str = "number"
    twice: bool = False  # each name comes again with another picture, once the first has gone
    synced: bool = True  # by somebody who makes sure of it, and so is promised something


KINDS = (
    Kind("one"),
    Kind("three", saves=("{dir}/{stem}.jpg", "web/{dir}/{stem}.webp", "thumbs/{dir}/a/{stem}.jpg")),
    Kind("trash", originals="trash"),
    Kind("replace", exists="replace", twice=True),
    Kind("copied", synced=False),
)


@dataclass(frozen=True)
class Drop:
    number: int
    kind: Kind
    name: str
    content: bytes
    size: str  # of its outputs
    hash: str


def make_drops(house, kinds, count, size=(640, 480)):
    """`count` pictures for each kind, in turn. Each has a comment of its own in its JPEG."""
    wide, high = size
    masters = [house.photo("wide.jpg", size=f"{wide}x{high}").read_bytes(),
               house.photo("high.jpg", size=f"{high}x{wide}", seed=2).read_bytes()]
    drops = []
    for n in range(count):
        for kind in kinds:
            again = kind.twice and n >= count // 2
            comment = f"{kind.name} {n}".encode()
            content = masters[again]
            content = (content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
                       + content[2:])
            which = n - count // 2 if again else n
            drops.append(Drop(len(drops), kind, f"d{which % 3}/p{which:02}.jpg", content,
                              ("160x120", "120x160")[again], hashlib.sha256(content).hexdigest()))
    return drops


def sync_directory(path):
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


# The disk

class Disk:
    """A file system on powerdisk's disk, or on an image of it, mounted at `place`."""

    def __init__(self, house, system):
        self.house = house
        self.system = system
        self.place = house.top / "disk"
        self.files = house.top / "power"
        self.mounted = False
        house.mounts += [self.place, self.files]
        for directory in (self.place, self.files):
            directory.mkdir()
        size, make = SYSTEMS[system]
        if not shutil.which(make[0]):
            raise Missing(f"there is no {make[0]}")
        self.server = subprocess.Popen([BUILD / "bin/powerdisk", self.files, str(size)],
                                       stdin=subprocess.DEVNULL)
        wait_until((self.files / "control").exists, "the disk is served")
        run(*make, self.files / "disk")

    def tell(self, command):
        """Gives powerdisk a command; its answer."""
        control = os.open(self.files / "control", os.O_RDWR)
        try:
            os.pwrite(control, command.encode(), 0)
            return os.pread(control, 1 << 20, 0).decode()
        finally:
            os.close(control)

    def mount(self, image=None):
        # A loop device that mount(8) makes goes away with its mount, however that ends.
        done = run("mount", "-t", self.system, "-o", "loop", image or self.files / "disk",
                   self.place, check=False)
        if done.returncode and not image:
            raise Skip(f"cannot mount {self.system}: {done.stderr.strip()}")
        assert not done.returncode, f"the file system does not outlive the cut: {done.stderr}"
        self.mounted = True

    def unmount(self):
        if self.mounted:
            wait_until(lambda: run("umount", self.place, check=False).returncode == 0,
                       "no process uses the disk", 30)
        self.mounted = False

    def close(self):
        self.server.kill()
        self.server.wait()


# A run

class Run:
    """A daemon whose folders lie on a disk, and the pictures that are dropped there."""

    def __init__(self, house, system, kinds=KINDS, ledger_there=True):
        self.house = house
        self.kinds = kinds
        self.whole = set()
        self.disk = Disk(house, system)
        self.disk.mount()
        self.top = self.disk.place
        if ledger_there:
            house.state = self.top / "state"
            house.state.mkdir()
        (self.top / "work").mkdir()
        for kind in kinds:
            for path in (self.inbox(kind), self.output(kind)):
                path.mkdir(parents=True)
        house.config.write_text("workers = 2\n" + "".join(map(self.settings, kinds)))
        os.sync()

    def inbox(self, kind):
        return self.top / kind.name / "inbox"

    def output(self, kind):
        return self.top / kind.name / "output"

    def settings(self, kind):
        saves = "\n".join(f'save {{ name = "{name}"  exists = "{kind.exists}" }}'
                          for name in kind.saves)
        return f"""
folder "{kind.name}" {{
    path = "{self.inbox(kind)}"
    output = "{self.output(kind)}"
    profile = "{kind.name}"
    originals = "{kind.originals}"
    quiet = 500ms
    min_free = 0
    incomplete = 1s
    retry {{ attempts = 5  first = 100ms  max = 1s }}
}}
profile "{kind.name}" {{
    scale {{ width = 160  height = 160 }}
    {saves}
}}
"""

    def drop(self, drop):
        """As its kind says: somebody who syncs has a promise when all of it is on the disk."""
        target = self.inbox(drop.kind) / drop.name
        if drop.kind.twice:
            wait_until(lambda: not target.exists(), f"the first {drop.name} has gone")
        if not target.parent.exists():
            target.parent.mkdir()
            sync_directory(target.parent.parent)
        temporary = self.top / "work" / str(drop.number)
        with open(temporary, "wb") as file:
            file.write(drop.content)
            file.flush()
            if drop.kind.synced:
                os.fsync(file.fileno())
        temporary.rename(target)
        if drop.kind.synced:
            sync_directory(target.parent)
            self.disk.tell(f"ack {drop.number}")

    def idle(self):
        """Whether there is nothing left to do. A file that lost its content waits for good."""
        return self.house.idle() and not [
            name for kind in self.kinds for name in regular_files(self.inbox(kind))
            if not name.startswith(("done/", "failed/")) and (self.inbox(kind) / name).stat().st_size]

    def run_until_idle(self, **variables):
        """Starts the daemon, waits until it has nothing left to do, and stops it. What it leaves
        undone is found by who judges."""
        self.house.start(**variables)
        try:
            wait_until(self.idle, "all is done")
        except AssertionError as late:
            print(late, self.house.logged()[-1000:], sep="\n")
        status = self.house.stop()
        assert status == 0, f"the daemon ended with {status}"

    # Judging

    def clear_torn(self, kind, known):
        """Who copies without a sync may lose the copy. But what is done, or has outputs, must
        be whole: only what waits or has failed is put aside here."""
        inbox = self.inbox(kind)
        for name in regular_files(inbox):
            place = name.split("/")[0]
            path = inbox / name
            if place != "done" and path.exists() and sha256(path) not in known:
                path.unlink()

    def errors(self, drops, promised):
        """What is wrong, when the pictures whose numbers are in promised may not be lost."""
        known = {drop.hash for drop in drops}
        there = collections.Counter(
            sha256(self.top / name) for name in regular_files(self.top)
            if not name.startswith(("state/", "work/")))
        found = [f"a stray file: {name}" for name in regular_files(self.top) if ".hotfolder-" in name]
        for kind in self.kinds:
            if not kind.synced:
                self.clear_torn(kind, known)
            mine = [drop for drop in drops if drop.kind == kind
                    and (drop.number in promised or there[drop.hash])]
            found += [f"{kind.name}: {what}" for what in self.errors_of(kind, mine)]
        return found

    def errors_of(self, kind, drops):
        verdict = check(
            Expected(self.inbox(kind), self.output(kind), [(drop.name, drop.hash) for drop in drops],
                     originals=kind.originals, saves=kind.saves,
                     trash=self.top / f".Trash-{os.getuid()}" if kind.originals == "trash" else None),
            BUILD / "bin/picture", self.whole)
        found = verdict.errors()
        if verdict.failed:
            found.append(f"{verdict.failed} pictures failed that are good")
        if kind.twice and not found:
            newest = {drop.name: drop.size for drop in drops}
            made = sizes_of(*[self.output(kind) / name for name in newest]) if newest else []
            found += [f"{name} is not the newest" for name, size in zip(newest, made)
                      if size != newest[name]]
        return found


def record(house, system, **variables):
    """A whole run on a disk that remembers it; what was dropped, and how many entries there are."""
    work = Run(house, system)
    drops = make_drops(house, work.kinds, OF_EACH_KIND)
    work.disk.tell("record")
    house.start(**variables)
    for drop in drops:
        work.drop(drop)
    wait_until(work.idle, "all is done")
    entries = int(work.disk.tell("stop").split()[1])
    assert house.stop() == 0, "the daemon did not stop cleanly"
    wrong = work.errors(drops, {drop.number for drop in drops})
    assert not wrong, "without any cut: " + "; ".join(wrong)
    work.disk.unmount()
    return work, drops, entries


@dataclass
class Found:
    cuts: int = 0
    bad: int = 0  # cuts after which something was wrong
    promised: int = 0
    blocks_lost: int = 0
    errors: int = 0

    def __str__(self):
        return (f"{self.cuts} cuts, {self.promised} promises, {self.blocks_lost} unflushed blocks "
                f"lost: {self.bad} bad cuts, {self.errors} errors")


def power_cuts(house, system, cuts, seed, keep=None, **variables):
    """Works once, then cuts that work at random moments; what was found."""
    work, drops, entries = record(house, system, **variables)
    chance = random.Random(seed)
    found = Found()
    image = house.top / "image"
    for cut in range(cuts):
        position, luck = chance.randrange(entries), chance.getrandbits(32)
        answer = work.disk.tell(f"image {position} {luck} {image}").split()
        promised = {int(number) for number in answer[5:]}
        if keep:
            run("cp", "--sparse=always", image, keep / f"{system}-{cut}")
        work.disk.mount(image)
        work.run_until_idle()
        wrong = work.errors(drops, promised)
        work.disk.unmount()
        image.unlink()
        if wrong:
            print(f"{system}: seed {seed}, cut {cut} at {position} of {entries}:", *wrong[:SHOWN],
                  *["..."] * (len(wrong) > SHOWN), sep="\n    ")
        elif keep:
            (keep / f"{system}-{cut}").unlink()
        found.cuts += 1
        found.bad += bool(wrong)
        found.errors += len(wrong)
        found.promised += len(promised)
        found.blocks_lost += int(answer[3])
    work.disk.close()
    return found


# The scenarios

def expect_none(found):
    print(found)
    print(f"tally: cuts {found.cuts}, pictures {found.promised}")  # for a soak
    assert not found.bad, found


def a_power_cut_on_ext4_loses_nothing_and_does_nothing_twice(house):
    expect_none(power_cuts(house, "ext4", 8, time.time_ns()))


@long
def a_power_cut_on_xfs_loses_nothing_and_does_nothing_twice(house):
    expect_none(power_cuts(house, "xfs", 4, time.time_ns()))


@long
def a_power_cut_on_btrfs_loses_nothing_and_does_nothing_twice(house):
    expect_none(power_cuts(house, "btrfs", 4, time.time_ns()))


def a_power_cut_shows_that_syncs_are_missing(house):
    found = power_cuts(house, "ext4", 4, 3, **NO_SYNCS)
    print(found)
    assert found.bad, found


def the_disk_fails(house, system, ledger_there):
    """All writes fail while the daemon works; later the disk works again and is mounted again."""
    work = Run(house, system, KINDS[:3], ledger_there)
    drops = make_drops(house, work.kinds, 8, size=(1600, 1200))
    for drop in drops:
        work.drop(drop)
    house.start()
    wait_until(lambda: len(regular_files(work.output(KINDS[0]))) >= 2, "work has begun")
    work.disk.tell("fail")
    return work, drops


def finish_after_failure(house, work, drops):
    wait_until(work.idle, "all is done")
    assert house.stop() == 0, "the daemon did not stop cleanly"
    wrong = work.errors(drops, {drop.number for drop in drops})
    work.disk.unmount()
    work.disk.close()
    assert not wrong, wrong


def a_disk_that_fails_holds_its_folders_until_it_is_well(house):
    work, drops = the_disk_fails(house, "ext4", ledger_there=False)

    def folders():
        return house.get()[1]["folders"]

    wait_until(lambda: all(folder["state"] == "held" for folder in folders()), "they are held")
    assert not any(folder["failed"] for folder in folders()), folders()
    work.disk.unmount()
    work.disk.tell("heal")
    work.disk.mount()
    finish_after_failure(house, work, drops)


def a_ledger_whose_disk_fails_goes_on_after_the_next_start(house):
    work, drops = the_disk_fails(house, "ext4", ledger_there=True)
    house.await_log("is held")
    house.stop()
    work.disk.unmount()
    work.disk.tell("heal")
    work.disk.mount()
    house.start()
    finish_after_failure(house, work, drops)


# The command

def into_a_world_of_its_own():
    """Goes on in namespaces that end with this process, and take all in them along."""
    if os.environ.get(PRIVATE):
        return
    apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--mount-proc",
             "--kill-child"]
    for what, there in (("root", os.geteuid() == 0),
                        ("/dev/fuse", os.path.exists("/dev/fuse")),
                        ("loop devices", os.path.exists("/dev/loop-control")),
                        ("powerdisk, which needs libfuse3", (BUILD / "bin/powerdisk").exists())):
        if not there:
            raise Skip(f"there is no {what}")
    if run(*apart, "true", check=False).returncode:
        raise Skip("no namespaces can be made")
    os.execvpe(apart[0], [*apart, sys.executable, "-B", *sys.argv], {**os.environ, PRIVATE: "1"})


def by_hand(options):
    """Cuts on each file system; 0 if that found what it should."""
    seed = options.seed if options.seed is not None else time.time_ns()
    variables = NO_SYNCS if options.no_syncs else {}
    good = True
    for system in [options.system] if options.system else SYSTEMS:
        house = House()
        try:
            began = time.monotonic()
            found = power_cuts(house, system, options.cuts, seed, options.keep, **variables)
            print(f"{system}: seed {seed}: {found} ({time.monotonic() - began:.0f} s)", flush=True)
            good &= bool(found.bad) == options.no_syncs
        finally:
            house.close()
    return 0 if good else 1


def command_line():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--cuts", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--system", choices=SYSTEMS)
    parser.add_argument("--no-syncs", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if not options.list:
        try:
            into_a_world_of_its_own()
        except Skip as reason:
            print(f"skipped: {reason}")
            return SKIPPED
    return by_hand(options) if options.cuts else main(globals())


if __name__ == "__main__":
    raise SystemExit(command_line())
