"""pulls - a card that is pulled at any moment, and an import that is killed or stopped then, lose nothing.

The card goes back in each time, until an import of it comes to its end. The judge reads only files: after
each pull whatever has a name in a destination is a whole file of the card, and is there once; at the end
each file of the card is there, in the inbox too, and nothing hidden is left.
"""
import os
import re
import shutil
import signal
import subprocess
import time
from functools import partial

from check import sha256
from faults import Tally, chance, main, side_by_side
import cardtrees
from harness import BUILD, files_below, long, quoted, wait_until

DISK = "/var/tmp"  # memory is no disk: nothing can be read back from it
RECORDS = ("ascmhl/", "_cards/")
PICTURES = (".jpg", ".heic", ".hif", ".nef", ".cr3", ".arw", ".raf", ".rw2", ".dng", ".gpr")  # handed over
FILM = 3_000_000
MOST = 12  # pulls of one card
WAYS = ("pulled", "pulled", "killed", "stopped")
KINDS = ["directory"]  # what the card is
if not os.geteuid():
    KINDS += ["mounted"] + ["served"] * ((BUILD / "bin/share").exists() and os.access("/dev/fuse", os.W_OK))


def contents(directory):
    """Content -> the names that it has there."""
    found = {}
    for name in files_below(directory) if directory.is_dir() else []:
        if not name.startswith(RECORDS):
            found.setdefault(sha256(directory / name), []).append(name)
    return found


class Bench:
    """A card, two destinations of which each is enough, and a hot folder that gets each shot."""

    def __init__(self, house, name, kind, maker):
        self.top = house.top / name
        self.medium, self.card = self.top / "medium", self.top / "card"
        self.to = [self.top / "one", self.top / "two"]
        self.inbox, self.config = self.top / "inbox", self.top / "hotfolder.conf"
        for directory in (self.medium, self.card, self.inbox):
            directory.mkdir(parents=True)
        self.kind, self.server = kind, None
        if kind == "mounted":
            self.mount("mount", "-t", "tmpfs", "card", self.medium)
        self.tree = maker(self.medium / "card")
        self.tree.other("DCIM/MVI_0001.MOV", self.tree.chance.randbytes(FILM))
        self.wanted = {sha256(self.tree.root / name): name for name in self.tree.files}
        self.put_back()
        first, second = map(quoted, self.to)
        self.config.write_text(f"""import "cards" {{
    from = {quoted(self.card)}
    copy_to = {{ {first}, {second} }}
    then = "inbox"
    safe_copies = 1
    min_free = 0
    eject = no
}}
folder "inbox" {{
    path = {quoted(self.inbox)}
    output = {quoted(self.top / "output")}
    profile = "copy"
}}
profile "copy" {{ save {{ name = "{{stem}}.jpg" }} }}
""")

    def mount(self, *arguments):
        subprocess.run(arguments, check=True)

    def serve(self):
        """The card is a file system whose program may die: then all that is open fails, too."""
        self.server = subprocess.Popen([BUILD / "bin/share", self.medium / "card", self.card],
                                       stderr=subprocess.DEVNULL)
        wait_until(lambda: os.path.ismount(self.card) or self.server.poll() is not None, "the card is mounted")
        assert self.server.poll() is None, "the card cannot be served"

    def put_back(self):
        """The card is at its place, whatever was done to it."""
        if self.kind == "served" and not self.server:
            self.serve()
        elif self.kind == "mounted" and not os.path.ismount(self.card):
            self.mount("mount", "--bind", self.medium / "card", self.card)
        elif self.kind == "directory" and (self.medium / "card").exists():
            shutil.rmtree(self.card, ignore_errors=True)
            (self.medium / "card").rename(self.card)

    def take_away(self):
        if self.kind == "served":
            self.server.kill()
            self.server.wait()
            self.server = None
        elif self.kind == "mounted":  # what is open can be read on, but no name leads there
            self.mount("umount", "--lazy", self.card)
        else:
            self.card.rename(self.medium / "card")

    def begin(self):
        return subprocess.Popen([BUILD / "bin/hotfolder", "import", self.card, "--config", self.config,
                                 "--state-dir", self.top / "state", "--runtime-dir", self.top / "run"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def strike(self, way, after):
        """One import that something happens to after so many seconds. What it said, and whether it came to
        its end before."""
        with self.begin() as process:
            try:
                said = process.communicate(timeout=after)[0]
                return said, process.returncode == 0
            except subprocess.TimeoutExpired:
                pass
            if way == "pulled":
                self.take_away()
            else:
                process.send_signal(signal.SIGKILL if way == "killed" else signal.SIGTERM)
            said = process.communicate(timeout=60)[0]
            if way == "pulled" and self.kind == "served":
                self.mount("umount", "--lazy", self.card)
            self.put_back()
            return said, process.returncode == 0

    def judge(self, ended):
        """What lies in the destinations, and in the inbox."""
        for to in self.to:
            found, hidden = {}, []
            for content, names in contents(to).items():
                shown = [name for name in names if not os.path.basename(name).startswith(".hotfolder-")]
                hidden += set(names) - set(shown)
                assert len(shown) < 2, f"copied twice: {shown}"
                assert not shown or content in self.wanted, f"half, or not of the card: {shown}"
                if shown:
                    found[content] = shown
            lost = [name for content, name in self.wanted.items() if content not in found]
            assert not (ended and lost), f"lost in {to.name}: {lost}"
            assert not (ended and hidden), f"left behind: {hidden}"
        given = contents(self.inbox)
        assert all(len(names) == 1 for names in given.values()), f"handed over twice: {given}"
        lost = [name for shot in self.tree.shots if any(name.lower().endswith(PICTURES) for name in shot)
                for name in shot if sha256(self.card / name) not in given]
        assert not (ended and lost), f"not handed over: {lost}"

    def close(self):
        if self.server:
            self.server.kill()
            self.server.wait()
        for place in (self.card, self.medium) if self.kind != "directory" else ():
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
        shutil.rmtree(self.top)


def play(house, tally, number, pulls, takes):
    """One card, until it is imported: pulled at most so often, while an import takes so many seconds."""
    draw, began = chance(f"pulls {number}"), time.monotonic()
    bench = Bench(house, f"card{number}", KINDS[number % len(KINDS)], draw.choice(list(cardtrees.MAKERS.values())))
    struck, ended, said = 0, False, ""
    try:
        while not ended:
            way = draw.choice(WAYS)
            said, ended = bench.strike(way, draw.uniform(0, takes) if struck < pulls else 60)
            struck += not ended
            assert struck <= pulls, said
            bench.judge(ended)
        assert re.search(r"^SAFE TO FORMAT|SAFE; nothing new$", said.splitlines()[-1]), said
    finally:
        bench.close()
    tally.add(kills=struck, pictures=len(bench.wanted))
    return time.monotonic() - began


def rounds(house, pulls, cards):
    """So many cards at a time, until there were so many pulls in all."""
    tally, number = Tally(), 0
    takes = play(house, tally, number, 0, 0)
    while tally.counts["kills"] < pulls and not tally.errors:
        most = -(-(pulls - tally.counts["kills"]) // cards)
        side_by_side([partial(play, house, tally, number + one, min(most, MOST), takes)
                      for one in range(1, cards + 1)], tally, 2)
        number += cards
    tally.tell()


def a_card_that_is_pulled_twenty_times_loses_nothing_and_is_not_copied_twice(house):
    rounds(house, 20, 2)


@long
def a_card_that_is_pulled_two_hundred_times_loses_nothing_and_is_not_copied_twice(house):
    rounds(house, 200, 16)


if __name__ == "__main__":
    raise SystemExit(main(globals(), DISK))
