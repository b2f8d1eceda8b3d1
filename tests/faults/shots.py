"""shots - a daemon that is killed over and over again while shots arrive in any order makes one picture of
each, and keeps its files together.

A shot is a RAW, a JPEG and a sidecar; one in ten has a sound, too, and one in ten lacks its RAW. All files
are shuffled and come a few at a time, with kills between them, of the daemon or of a worker. In the end
each shot has one job, one number, one stem, and all of its files in one place; the judge looks only at the
folders.
"""
import os
import signal
import time

from check import Expected, check
from faults import Tally, chance, companion, drop, main
from harness import BUILD, files_below, long, make_picture, wait_until

MASTERS = 10
AT_ONCE = 40  # files
TIMEOUT = 3600.0


class Shots:
    def __init__(self, house, dice, count):
        self.house = house
        self.dice = dice
        masters = [make_picture(house.work / f"m{seed}.jpg", size="64x48", seed=seed).read_bytes()
                   for seed in range(MASTERS)]
        self.left = []  # (name, content) to come
        self.inputs, self.parts = [], []
        self.struck = set()
        self.kills = 0
        for number in range(count):
            stem = f"d{number % 5}/IMG_{number}"  # IMG_1 begins IMG_12
            self.left.append((f"{stem}.JPG", masters[number % MASTERS] + stem.encode()))
            tails = [".CR2.xmp" if number % 2 else ".xmp"] + [".wav"] * (number % 10 == 3)
            tails += [".CR2"] * (number % 10 != 7)
            self.left += [(stem + tail, companion(stem + tail)) for tail in tails]
        dice.shuffle(self.left)

    def drop(self):
        """A few of the files."""
        for name, content in self.left[:AT_ONCE]:
            dropped = drop(self.house, name, content)
            (self.inputs if name.endswith(".JPG") else self.parts).append(dropped)
        del self.left[:AT_ONCE]

    def kill_daemon(self):
        self.house.daemon.kill()
        self.house.daemon.wait()
        self.house.daemon = None
        self.kills += 1
        self.house.start()

    def kill_worker(self):
        """Over a picture that no worker was killed over before: two such kills would fail it."""
        for worker in self.house.children():
            try:
                os.kill(worker, signal.SIGSTOP)
                picture = self.house.picture_of(worker)
                fresh = picture and picture.endswith(".JPG") and picture not in self.struck
                os.kill(worker, signal.SIGKILL if fresh else signal.SIGCONT)
            except ProcessLookupError:
                continue
            if fresh:
                self.struck.add(picture)
                self.kills += 1
                return

    def waiting(self):
        return [name for name, _ in [*self.inputs, *self.parts] if (self.house.inbox / name).exists()]


def judge(house, shots, count):
    tally = Tally()
    numbers = {f"seq/{number}.jpg" for number in range(1, count + 1)}
    expected = Expected(house.inbox, house.output, shots.inputs, others=tuple(numbers), parts=tuple(shots.parts))
    verdict = check(expected, BUILD / "bin/picture")
    tally.add(kills=shots.kills)
    tally.judged(verdict, f"{count} shots", expected)
    made = {f"seq/{name}" for name in files_below(house.output / "seq")}
    if made != numbers:
        tally.wrong(f"numbers: {sorted(made ^ numbers)[:20]} are missing or too many")
    moved = [name for name in house.done() if "-" in name]
    if moved or verdict.failed:
        tally.wrong(f"not one stem: {moved[:20]}; failed: {house.failed()[:20]}")
    tally.tell(f" ({count} shots of {len(shots.inputs) + len(shots.parts)} files)")


def storm(house, name, count, kills):
    house.configure('originals = "done"\n gather = 2s\n retry { attempts = 100  first = 100ms  max = 200ms }',
                    top="workers = 2", steps='save { name = "seq/{seq}.jpg" }')
    shots = Shots(house, chance(name), count)
    rounds = len(shots.left) // AT_ONCE + 1
    house.start()
    while shots.left:
        shots.drop()
        if shots.dice.random() < kills / rounds:
            before = len(house.done())
            wait_until(lambda: len(house.done()) > before or not shots.waiting() or house.idle(),
                       "work goes on", every=0.01)
            time.sleep(shots.dice.uniform(0, 0.01))
            if shots.dice.random() < 0.5:
                shots.kill_daemon()
            else:
                shots.kill_worker()
    wait_until(lambda: not shots.waiting(), "every file has left the inbox", TIMEOUT)
    wait_until(house.idle, "everything is done")
    assert house.stop() == 0
    judge(house, shots, count)


def shots_that_come_in_any_order_with_kills_are_one_picture_each(house):
    storm(house, "few shots", 60, 3)


@long
def hundreds_of_shots_that_come_in_any_order_with_kills_are_one_picture_each(house):
    storm(house, "shots", 500, 40)


@long
def ten_thousand_shots_that_come_in_any_order_with_kills_are_one_picture_each(house):
    storm(house, "many shots", 10000, 100)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
