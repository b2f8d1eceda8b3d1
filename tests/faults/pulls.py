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
from harness import BUILD, files_below, long, quoted

DISK = "/var/tmp"  # memory is no disk: nothing can be read back from it
RECORDS = ("ascmhl/", "_cards/")
PICTURES = (".jpg", ".heic", ".hif", ".nef", ".cr3", ".arw", ".raf", ".rw2", ".dng", ".gpr")  # handed over
FILM = 3_000_000
MOST = 12  # pulls of one card
WAYS = ("pulled", "unmounted", "killed", "stopped")


def contents(directory):
    """Content -> the names that it has there."""
    found = {}
    for name in files_below(directory) if directory.is_dir() else []:
        if not name.startswith(RECORDS):
            found.setdefault(sha256(directory / name), []).append(name)
    return found


class Bench:
    """A card, two destinations of which each is enough, and a hot folder that gets each shot."""

    def __init__(self, house, name, maker):
        self.top = house.top / name
        self.medium, self.card, self.away = self.top / "medium", self.top / "card", self.top / "away"
        self.to = [self.top / "one", self.top / "two"]
        self.inbox, self.config = self.top / "inbox", self.top / "hotfolder.conf"
        for directory in (self.medium, self.card, self.inbox):
            directory.mkdir(parents=True)
        self.mounts = not os.geteuid() and subprocess.run(["mount", "-t", "tmpfs", "card", self.medium],
                                                          check=False, capture_output=True).returncode == 0
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

    def put_back(self):
        """The card is at its place, whatever was done to it."""
        if self.mounts:
            if not os.path.ismount(self.card):
                self.mount("mount", "--bind", self.medium / "card", self.card)
        elif not any(self.card.iterdir() if self.card.is_dir() else ()):
            shutil.rmtree(self.card, ignore_errors=True)
            (self.medium / "card").rename(self.card)

    def take_away(self, way):
        if self.mounts and way == "unmounted":
            self.mount("umount", "--lazy", self.card)
        elif self.mounts:  # what is open can be read on, but no name leads there
            self.mount("mount", "-t", "tmpfs", "none", self.card)
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
            if way in ("killed", "stopped"):
                process.send_signal(signal.SIGKILL if way == "killed" else signal.SIGTERM)
            else:
                self.take_away(way)
            said = process.communicate(timeout=60)[0]
            if way == "pulled" and self.mounts:
                self.mount("umount", self.card)
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
        if self.mounts:
            for place in (self.card, self.medium):
                subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
        shutil.rmtree(self.top)


def play(house, tally, number, pulls, takes):
    """One card, until it is imported: pulled at most so often, while an import takes so many seconds."""
    draw, began = chance(f"pulls {number}"), time.monotonic()
    bench = Bench(house, f"card{number}", draw.choice(list(cardtrees.MAKERS.values())))
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
