"""storm - a daemon and workers that are killed over and over again lose nothing and make nothing twice.

500 pictures are there from the start, and more come while there are kills to come. Those come at seeded
random moments, half of them to the daemon and half to a worker. By the rules in retry.h a picture is
given up when it killed its worker twice, or was in progress at too many crashes of the daemon.
So that no picture that is innocent may be failed, a worker is only killed while it holds a picture that
no worker was killed over before, and a daemon only when pictures were finished since its last start;
that not one is failed is judged too.
"""
import os
import signal
import time

from check import Expected, check
from faults import Tally, chance, drop, main
from harness import BUILD, make_picture, wait_until

PICTURES = 500
KILLS = 300
MASTERS = 10
FEW = 50  # of them are left: then more come
MOST = 20 * PICTURES


class Storm:
    def __init__(self, house, dice):
        self.house = house
        self.dice = dice
        self.masters = [make_picture(house.work / f"m{seed}.jpg", size="1600x1200", seed=seed).read_bytes()
                        for seed in range(MASTERS)]
        self.inputs = []  # what was dropped
        self.struck = set()  # pictures over which a worker was killed
        self.daemons = self.workers = 0

    def drop(self, count):
        """More pictures, a tenth of them each the same."""
        for number in range(len(self.inputs), len(self.inputs) + count):
            content = self.masters[number % MASTERS]
            self.inputs.append(drop(self.house, f"d{number % 7}/p{number:04}.jpg", content))

    def kill_worker(self):
        """Kills a worker over a picture that is new to that; a stopped one takes no other. Whether
        there was one."""
        for worker in self.house.children():
            try:
                os.kill(worker, signal.SIGSTOP)
                picture = self.house.picture_of(worker)
                fresh = picture is not None and picture not in self.struck
                os.kill(worker, signal.SIGKILL if fresh else signal.SIGCONT)
            except ProcessLookupError:
                continue
            if fresh:
                self.struck.add(picture)
                self.workers += 1
                return True
        return False

    def kill_daemon(self):
        """The daemon alone, as a fault of its own would; its workers end by themselves."""
        self.house.daemon.kill()
        self.house.daemon.wait()
        self.house.daemon = None
        self.daemons += 1

    def finished(self):
        return len(self.house.done())


def rage(house, storm):
    """All the kills. How many pictures are done between two of them depends on the machine."""
    while storm.daemons + storm.workers < KILLS:
        before = storm.finished()
        if len(storm.inputs) - before < FEW:
            assert len(storm.inputs) < MOST, "hardly a kill meets a picture"
            storm.drop(FEW)
        if storm.dice.random() < 0.5:
            wait_until(lambda: storm.finished() > before, "work goes on", every=0.002)
            time.sleep(storm.dice.uniform(0, 0.01))
            storm.kill_daemon()
            house.start()
        else:
            wait_until(lambda: storm.kill_worker() or storm.finished() > before + 2,
                       "a worker is struck, or there was none to strike", every=0.002)


def a_storm_of_kills_over_500_pictures_loses_none_and_makes_none_twice(house):
    house.configure('originals = "done"\n retry { attempts = 100  first = 100ms  max = 200ms }',
                    top="workers = 2")
    tally, storm = Tally(), Storm(house, chance("storm"))
    storm.drop(PICTURES)
    house.start()
    rage(house, storm)
    house.await_quiet([name for name, _ in storm.inputs])
    wait_until(house.idle, "everything is done")
    assert house.stop() == 0
    expected = Expected(house.inbox, house.output, storm.inputs)
    verdict = check(expected, BUILD / "bin/picture")
    tally.add(kills=storm.daemons + storm.workers)
    tally.judged(verdict, "the storm", expected)
    if verdict.failed:
        tally.wrong(f"innocent pictures were failed: {house.failed()}\n{house.logged()}")
    tally.tell(f" (daemons {storm.daemons}, workers {storm.workers}, innocents failed "
               f"{verdict.failed})")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
