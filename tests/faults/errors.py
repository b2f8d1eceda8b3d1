"""errors - a disk that refuses is no fault of a picture: the folder is held, which is logged once, and
all is finished without help when the disk works again.

Two pictures are dropped, one of which is damaged. From the N-th point on every call that changes a
file fails, the ledger's own too, until the cure; or just the one call fails. No restart is needed, no
attempt is spent, and nothing is in failed/ but what belongs there.
"""
import errno
import os
import sqlite3
import time
from contextlib import closing
from functools import partial

from check import Expected, check
from faults import ALL, FAST, Tally, chance, damaged, drop, main, shim, side_by_side
from harness import BUILD, House, files_below, long, make_picture, wait_until

CODES = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
SAVES = ("{dir}/{stem}.jpg", "small/{stem}.png")
SAMPLE = 36
# Rounds wait most of their time, for a look at what is held.
MANY_ROUNDS = 12
FOREVER = 10**9


class Stage:
    """What the rounds share."""

    def __init__(self, house):
        self.tally = Tally()
        self.whole = set()
        self.good = make_picture(house.work / "good.jpg", size="96x64").read_bytes()

    def start(self, house, **plan):
        """A daemon that is ready, with its plan; how many points that took."""
        house.configure('originals = "done"\n retry { attempts = 2  first = 1s  max = 1s }',
                        top="workers = 1", steps='save { name = "small/{stem}.png" }')
        trace = house.top / "trace"
        house.start(**shim(house, TRACE=trace, CURE=house.top / "cure", **plan))
        return len(trace.read_text().splitlines())

    def drop(self, house):
        return [drop(house, "photo.jpg", self.good), drop(house, "bad.jpg", damaged(self.good))]

    def judge(self, house, inputs, what):
        expected = Expected(house.inbox, house.output, inputs, "done", SAVES)
        verdict = check(expected, BUILD / "bin/picture", self.whole)
        self.tally.judged(verdict, what, expected)
        if verdict.failed != 1 or house.failed() != ["bad.jpg"]:
            self.tally.wrong(f"{what}: failed: {house.failed()}")


def finished(house, inputs):
    return not any((house.inbox / name).exists() for name, _ in inputs) and house.idle()


def attempts(house):
    """How many were begun, of each picture; the daemon has ended."""
    with closing(sqlite3.connect(house.state / "ledger.db")) as ledger:
        return dict(ledger.execute("SELECT CAST(source AS TEXT), attempt FROM job"))


def reports(house):
    """How often the log says that the folder or the ledger is held, and that it is available again."""
    log = house.logged()
    return [(log.count(" is held: "), log.count(" is available again")),
            (log.count("no picture is begun: "), log.count("the ledger is written again"))]


def troubled(house):
    """The part of the daemon that met the fault first has logged it."""
    return any(held for held, _ in reports(house)) or "the ledger '" in house.logged()


def in_pairs(house):
    """One message when it starts, and one when it ends."""
    assert all(held <= 1 for held, _ in reports(house)), "it is logged more than once"
    return all(held == available for held, available in reports(house))


def points_of_work(house, stage):
    """Numbers and names of the points between being ready and having finished."""
    with House(FAST) as plain:
        first = stage.start(plain) + 1
        inputs = stage.drop(plain)
        wait_until(lambda: finished(plain, inputs), "everything is done")
        points = (plain.top / "trace").read_text().splitlines()
        assert plain.stop() == 0
        stage.judge(plain, inputs, "without faults")
        assert attempts(plain) == {"photo.jpg": 1, "bad.jpg": 1}
    return [(number, points[number - 1].split(" ", 1)[1].replace(os.fspath(plain.top), ""))
            for number in range(first, len(points) + 1)]


def refused_at(stage, number, code, count, point):
    """One round."""
    what = f"{errno.errorcode[code]} at point {number}{'' if count == 1 else ' and on'} ({point})"
    with House(FAST) as house:
        stage.start(house, ERROR=f"{code} {number} {count}")
        inputs = stage.drop(house)
        try:
            if count == FOREVER:
                # How often the ledger is written varies a little: the last points may not come.
                wait_until(lambda: troubled(house) or finished(house, inputs),
                           "the trouble is logged, or there was none")
                time.sleep(0.5)
                assert house.failed() in ([], ["bad.jpg"]), house.failed()
                (house.top / "cure").touch()
            wait_until(lambda: finished(house, inputs), "everything is done")
            wait_until(lambda: in_pairs(house), "what was held is available again")
            assert house.stop() == 0
            assert attempts(house) == {"photo.jpg": 1, "bad.jpg": 1}, attempts(house)
        except AssertionError as reason:
            stage.tally.wrong(f"{what}: {reason}\n{house.logged()}{files_below(house.top)}")
        stage.tally.add(faults=len((house.top / "trace").read_text().splitlines()) >= number)
        if house.daemon is None:
            stage.judge(house, inputs, what)


def refuse(house, count):
    stage = Stage(house)
    points = points_of_work(house, stage)
    dice = chance(f"errors {count}")
    chosen = points if ALL else sorted(dice.sample(points, min(SAMPLE, len(points))))
    side_by_side([partial(refused_at, stage, number, dice.choice(CODES), count, point)
                  for number, point in chosen], stage.tally, MANY_ROUNDS)
    reached = stage.tally.counts["faults"]
    if reached < 0.9 * len(chosen):
        stage.tally.wrong(f"only {reached} of {len(chosen)} points were reached")
    stage.tally.tell(f" ({len(points)} points)")


@long
def a_disk_that_refuses_everything_for_a_while_holds_the_folder_and_costs_nothing(house):
    refuse(house, FOREVER)


def a_disk_that_refuses_a_single_call_costs_nothing(house):
    refuse(house, 1)


def a_name_that_the_file_system_does_not_take_fails_the_picture_and_leaves_no_other_output(house):
    """As a share or a card does that knows fewer characters."""
    stage = Stage(house)
    for name in ("photo.jpg", "small/photo.png"):
        with House(FAST) as there:
            stage.start(there, NAME=there.output / name)
            inputs = stage.drop(there)
            wait_until(lambda: finished(there, inputs), "everything is done")
            assert sorted(there.failed()) == ["bad.jpg", "photo.jpg"], there.logged()
            assert "cannot have a file named" in there.reason("photo.jpg")
            assert not files_below(there.output), (name, files_below(there.output))
            assert there.stop() == 0


if __name__ == "__main__":
    raise SystemExit(main(globals()))
