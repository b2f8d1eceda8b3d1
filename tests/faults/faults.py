"""faults - what the fault tests have in common: the shim, the judge, rounds side by side, the tally.

A scenario of these tests is a sentence that is true, as in tests/system, and prints one line of what
it did: `tally: kills 12, faults 0, pictures 12, lost 0, twice 0`. FAULTS_SEED is the seed of all
chance (default 1), FAULTS_ALL=1 leaves nothing to a sample.
"""
import os
import random
import shutil
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[1] / "system"))
# pylint: disable=wrong-import-position
import harness
from check import sha256
from harness import BUILD

SEED = int(os.environ.get("FAULTS_SEED", "1"))
ALL = os.environ.get("FAULTS_ALL") == "1"
# Rounds are made of short waits; a few more than there are cores keep them busy.
SIDE_BY_SIDE = (os.cpu_count() or 1) + 1
MOST_SHOWN = 10  # of the rounds that went wrong
# Syncing to memory costs nothing, and what a kill leaves does not depend on the disk.
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Tally:
    """What was done, and what the judge found."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = dict.fromkeys(("kills", "faults", "pictures", "lost", "twice"), 0)
        self.errors = []

    def add(self, **counts):
        with self.lock:
            for name, count in counts.items():
                self.counts[name] += count

    def wrong(self, text):
        with self.lock:
            self.errors.append(text)

    def judged(self, verdict, what, expected):
        self.add(pictures=len(expected.inputs), lost=len(verdict.lost), twice=len(verdict.twice))
        for error in verdict.errors():
            self.wrong(f"{what}: {error}")

    def tell(self, more=""):
        """Prints the line, and fails where something went wrong."""
        print("tally:", ", ".join(f"{name} {count}" for name, count in self.counts.items()) + more)
        for text in self.errors[:MOST_SHOWN]:
            print(text)
        assert not self.errors, f"{len(self.errors)} rounds went wrong"


def chance(name):
    """Random numbers that depend on the seed and on whose they are."""
    return random.Random(f"{SEED} {name}")


def shim(house, **plan):
    """Environment that puts the shim with this plan into a daemon: shim(house, KILL="3 after")."""
    roots = (house.inbox, house.output, house.state, house.top / "second", house.top.parent / f".Trash-{os.getuid()}")
    return {
        "LD_PRELOAD": os.fspath(BUILD / "bin/shim.so"),
        "FAULTS_BELOW": ":".join(map(os.fspath, roots)),
        **{f"FAULTS_{name}": str(value) for name, value in plan.items()},
    }


def side_by_side(rounds, tally, many=SIDE_BY_SIDE):
    """Calls each of the partial functions, several at a time; what one raises goes into the tally."""

    def play(call):
        try:
            call()
        except BaseException as reason:  # pylint: disable=broad-except
            where = traceback.extract_tb(reason.__traceback__)[-1]
            which = [one for one in call.args if isinstance(one, (int, str))]
            tally.wrong(f"round {which}: {type(reason).__name__} in {where.name}: {reason}")

    with ThreadPoolExecutor(many) as pool:
        list(pool.map(play, rounds))


def copying_program(house):
    """Writes a program that gives back what it gets; its section of the configuration."""
    path = house.top / "programs/copy"
    path.parent.mkdir(exist_ok=True)
    path.write_text('#!/bin/sh\nexec cp "$1" "$2"\n')
    path.chmod(0o755)
    return f'program "copy" {{ run = {{ "{path}", "{{in}}", "{{out}}" }} }}'


def damaged(content):
    """A JPEG that is whole by its marks and broken inside."""
    frame = content.find(b"\xff\xc0")
    return content[:frame + 5] + b"\xff\xff\xff\xff" + content[frame + 9:]


SIDECAR = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4" xmp:Label="{name}"/>
</rdf:RDF></x:xmpmeta>"""


def companion(name):
    """The bytes of a file that passes for what its name says, and that no other name has."""
    tail = os.path.splitext(name)[1].lower()
    if tail == ".xmp":
        return SIDECAR.format(name=name).encode()
    if tail == ".wav":
        sound = b"WAVEdata" + len(name.encode()).to_bytes(4, "little") + name.encode() + b"\0" * (len(name) % 2)
        return b"RIFF" + len(sound).to_bytes(4, "little") + sound
    assert tail == ".cr2", name
    return b"II*\0\x10\0\0\0CR\2\0" + bytes(10) + name.encode()


def drop(house, name, content):
    """Lets a whole file appear in the inbox; its (name, sha256)."""
    target = house.inbox / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")  # a name that is never a picture
    part.write_bytes(content)
    dropped = (name, sha256(part))
    if target.parent.stat().st_uid != part.stat().st_uid:
        shutil.chown(part, target.parent.stat().st_uid)
    part.rename(target)
    return dropped


def main(scenarios, root=FAST):
    """As harness.main(), in a mount name space of its own: whatever happens, no mount is left."""
    inside = os.environ.get("FAULTS_INSIDE") == "1"
    if "--list" not in sys.argv and not os.geteuid() and not inside and shutil.which("unshare"):
        os.execvpe("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv],
                   {**os.environ, "FAULTS_INSIDE": "1"})
    return harness.main(scenarios, root)
