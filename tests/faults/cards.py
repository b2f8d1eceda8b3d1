"""cards - whatever fails while a card is imported: never SAFE TO FORMAT what is not safe, and every NOT
SAFE names its cause.

A shim (carddisks.c) lets one thing fail at one call of `hotfolder import`: a bit flips on a disk after a
copy was synced, a page of the cache hides that, a reading ends early or fails, a disk is full, the card is
pulled. The judge compares the bytes that lie in the destinations with those of the card; it knows nothing
of the command but its last line and its exit status.
"""
import os
import re
import shutil
from functools import partial

from check import sha256
from faults import Tally, chance, harness, side_by_side
from harness import BUILD, files_below, long, make_picture, run

DISK = "/var/tmp"  # memory is no disk: nothing can be read back from it
DCIM = "DCIM/100TEST"
BIG = 3 << 20  # bytes of a film: several readings

# What may happen, and what the lines say then: the cause, and PATH for the file that it happened to.
# None: it may be corrected without a word, or be named.
KINDS = {
    "card-eio": r"PATH.*(Input/output error|cannot be read)",
    "card-once": None,
    "card-short": r"PATH.*(shorter|changed|ends|cannot be read)",
    "pull": r"(interrupted|pulled|gone|is not there)",
    "flip": r"(differs|wrong|another content|not what|not on the disk as)",
    "stale": r"(differs|wrong|another content|not what|not on the disk as)",
    "sticky": r"(differs|wrong|another content|not what|not on the disk as|cannot be proved|not provable|cache)",
    "syncs-fail": None,
    "lost": r"(missing|no such|not there)",
    "full": r"(space|full|needs)",
    "write-eio": None,
    "copy-eio": r"(Input/output error|cannot be read)",
    "copy-short": r"(shorter|differs|wrong|another content|ends|not what)",
}
MOST = {"card-eio": 10, "card-once": 10, "card-short": 10, "pull": 14, "flip": 16, "stale": 16, "sticky": 16,
        "syncs-fail": 30, "lost": 16, "full": 14, "write-eio": 14, "copy-eio": 14, "copy-short": 14}


def make_card(card):
    """Two shots, a film, a file of no known kind, an empty one."""
    for number in (1, 2):
        picture = make_picture(card / DCIM / f"IMG_000{number}.JPG", seed=number)
        picture.with_suffix(".CR2").write_bytes(b"II*\0\x10\0\0\0CR\2\0" + os.urandom(200_000))
    (card / DCIM / "IMG_0002.CR2").chmod(0o444)
    (card / DCIM / "MVI_0003.MP4").write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(BIG))
    (card / "MISC").mkdir()
    (card / "MISC/notes.bin").write_bytes(os.urandom(70_000))
    (card / DCIM / "empty.dat").touch()


def sums(directory):
    """How often each content lies there under its name, without what the import writes of itself."""
    found = {}
    for name in files_below(directory):
        if not re.match(rb"(_cards|ascmhl)/", os.fsencode(name)):
            content = sha256(directory / os.fsdecode(name))
            found.setdefault(content, []).append(os.fsdecode(name))
    return found


class Bench:
    """A card, two destinations of which each is enough, and the command."""

    def __init__(self, house, name):
        self.top = house.top / name
        self.card, self.state = self.top / "card", self.top / "state"
        self.copies = [self.top / "one", self.top / "two"]
        self.log = self.top / "happened"
        for directory in (self.card, self.state, *self.copies):
            directory.mkdir(parents=True)
        self.config = self.top / "hotfolder.conf"
        make_card(self.card)

    def configure(self, verify, manifest):
        first, second = map(os.fspath, self.copies)
        self.config.write_text(f"""import "cards" {{
    from = "{self.card}"
    copy_to = {{ "{first}", "{second}" }}
    name = "{{stem}}.{{ext}}"
    safe_copies = 1
    verify = {verify}
    manifest = {manifest}
    min_free = 0
    eject = no
}}
""")

    def import_card(self, fault=""):
        """Its exit status, and all that it said."""
        shim = {"LD_PRELOAD": os.fspath(BUILD / "bin/carddisks.so"), "CARDDISKS_CARD": os.fspath(self.card),
                "CARDDISKS_COPIES": ":".join(map(os.fspath, self.copies)), "CARDDISKS_FAULT": fault,
                "CARDDISKS_LOG": os.fspath(self.log)} if fault else {}
        done = run(BUILD / "bin/hotfolder", "import", self.card, "--config", self.config, "--state-dir",
                   self.state, check=False, env={**os.environ, **shim}, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def judge(self, said, status):
        """What is wrong with the verdict, by the bytes that are there."""
        safe = re.search(r"^SAFE TO FORMAT", said, re.MULTILINE) is not None
        assert safe == (status == 0), f"status {status} and: {said}"
        lying = [sums(copy) for copy in self.copies]
        missing = [name for content, name in sums(self.card).items() if not any(content in one for one in lying)]
        assert not (safe and missing), f"FALSE SAFE: {missing} have no copy; {said}"
        for one in lying:
            assert all(len(names) == 1 for names in one.values()), f"copied twice: {one}"
        return safe

    def close(self):
        shutil.rmtree(self.top)


def play(house, tally, number, kind, at):
    """One round: a fault, its verdict, and a second import without it."""
    draw = chance(f"{kind} {at} {number}")
    bench = Bench(house, f"{kind}-{at}-{number}")
    bench.configure("all" if kind == "card-flip" else "copies", draw.choice(("none", "ascmhl", "sha256")))
    status, said = bench.import_card(f"{kind} {at} {draw.randrange(1 << 30)}")
    safe = bench.judge(said, status)
    happened = bench.log.exists()
    tally.add(faults=happened, pictures=1)
    cause = KINDS[kind]
    if happened and cause and not safe:
        path = bench.log.read_text().split(" ", 1)[1].strip()
        wanted = cause.replace("PATH", re.escape(os.path.basename(path)))
        assert re.search(wanted, said), f"no cause ({wanted}) in: {said}"
    if not happened:
        assert safe, said
    if not safe and kind in ("pull", "card-eio", "card-once", "card-short", "full", "write-eio", "syncs-fail"):
        status, said = bench.import_card()
        assert bench.judge(said, status), f"the second import, without a fault: {said}"
    bench.close()


def rounds(house, count):
    tally = Tally()
    draw = chance("cards")
    kinds = sorted(KINDS)
    plans = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        plans.append(partial(play, house, tally, number, kind, draw.randint(1, MOST[kind])))
    side_by_side(plans, tally)
    tally.tell()
    assert tally.counts["faults"] > count // 2, "most faults never happened"


def faults_of_disks_and_cards_never_make_a_card_safe_that_is_not(house):
    rounds(house, 26)


@long
def a_thousand_faults_never_make_a_card_safe_that_is_not(house):
    rounds(house, 1000)


if __name__ == "__main__":
    raise SystemExit(harness.main(globals(), DISK))
