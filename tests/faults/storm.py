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
from faults import Tally, chance, copying_program, drop, main
from harness import BUILD, make_picture, wait_until

PICTURES = 500
KILLS = 300
MASTERS = 10
FEW = 50  # of them are left: then more come
MOST = 20 * PICTURES


PROGRAM_PICTURES = 100
PROGRAM_KILLS = 60


class Storm:
    def __init__(self, house, dice, size="1600x1200"):
        self.house = house
        self.dice = dice
        self.masters = [make_picture(house.work / f"m{seed}.jpg", size=size, seed=seed).read_bytes()
                        for seed in range(MASTERS)]
        self.inputs = []  # what was dropped
        self.struck = set()  # pictures over which a worker was killed
        self.daemons = self.workers = self.programs = 0

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

    def kill_program(self):
        """Kills what runs a program, and with it the program. Whether there was one."""
        for child in self.house.children():
            try:
                with open(f"/proc/{child}/comm", encoding="utf-8") as name:
                    if not name.read().startswith("hotfolder-prog"):
                        continue
                os.kill(child, signal.SIGKILL)
            except OSError:
                continue
            self.programs += 1
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


def rage(house, storm, kills=KILLS, strike=Storm.kill_worker):
    """All the kills. How many pictures are done between two of them depends on the machine."""
    while storm.daemons + storm.workers + storm.programs < kills:
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
            wait_until(lambda: strike(storm) or storm.finished() > before + 2,
                       "one is struck, or there was none to strike", every=0.002)


def a_storm_of_kills_over_500_pictures_loses_none_and_makes_none_twice(house):
    house.configure('originals = "done"\n retry { attempts = 100  first = 100ms  max = 200ms }',
                    top="workers = 2")
    tally, storm = Tally(), Storm(house, chance("storm"))
    storm.drop(PICTURES)
    house.start()
    rage(house, storm)
    judge(house, storm, tally)


def a_storm_of_kills_over_pictures_that_a_program_changes_loses_none(house):
    house.configure('originals = "done"\n retry { attempts = 100  first = 100ms  max = 200ms }',
                    top=f"workers = 2\n{copying_program(house)}",
                    steps='program { use = copy } save { name = "program/{dir}/{stem}.png" }')
    tally, storm = Tally(), Storm(house, chance("programs"), "320x240")
    storm.drop(PROGRAM_PICTURES)
    house.start()
    rage(house, storm, PROGRAM_KILLS, Storm.kill_program)
    assert storm.programs, "no program was struck"
    judge(house, storm, tally, saves=("{dir}/{stem}.jpg", "program/{dir}/{stem}.png"))


def judge(house, storm, tally, **more):
    """When all is quiet: nothing is lost, made twice, or failed."""
    house.await_quiet([name for name, _ in storm.inputs])
    wait_until(house.idle, "everything is done")
    assert house.stop() == 0
    expected = Expected(house.inbox, house.output, storm.inputs, **more)
    verdict = check(expected, BUILD / "bin/picture")
    tally.add(kills=storm.daemons + storm.workers + storm.programs)
    tally.judged(verdict, "the storm", expected)
    if verdict.failed:
        tally.wrong(f"innocent pictures were failed: {house.failed()}\n{house.logged()}")
    tally.tell(f" (daemons {storm.daemons}, workers {storm.workers}, programs {storm.programs}, innocents failed "
               f"{verdict.failed})")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
