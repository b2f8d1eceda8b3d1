"""weather - what the machine around the daemon does: floods of files and events, limits, mounts
that come and go, clocks that jump. Nothing is lost, and nothing is done twice."""
import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from harness import BUILD, House, Skip, files_below, jpg, main, run, wait_until

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
SCANS_APART = 5  # seconds, for events that were lost: OVERFLOW_MS in daemon/watch/engine.c


def fill(house, count, size="64x48"):
    """A backlog of `count` files; a hard link of a photo is a file like any other."""
    photos = [house.photo(f"seed{seed}.jpg", size=size, seed=seed) for seed in range(4)]
    for number in range(count):
        where = house.inbox / f"d{number % 20}"
        if number < 20:
            where.mkdir()
        os.link(photos[number % 4], where / f"p{number}.jpg")


def memory(house):
    """The daemon's own, resident, in MB."""
    status = Path(f"/proc/{house.daemon.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def finished_once(house, inputs):
    house.await_quiet(inputs)
    house.account(inputs, jpg)
    assert house.done() == sorted(inputs), house.done()


def begins_and_leaves(house, count):
    """Whether it makes a picture, reports its scan and stops before it has seen so many files."""
    reports = []

    def scanned_or_over():
        reports.extend(line for line in house.notices() if "scanning 'inbox': " in line)
        return reports or house.get()[1]["initial_scan_done"]

    fill(house, count)
    house.configure('originals = "keep"')
    house.start()
    wait_until(lambda: files_below(house.output), "the first picture is made")
    wait_until(scanned_or_over, "the status reports the scan, or that is over")
    if not os.environ.get("HOTFOLDER_SANITIZE"):
        assert memory(house) < 50, f"{memory(house):.0f} MB"
    assert house.stop() == 0
    waiting = int(re.search(r"stopped; unfinished pictures: (\d+)", house.logged())[1])
    return reports and waiting + len(files_below(house.output)) < count


def a_large_backlog_is_started_and_stopped_during_its_scan(house):
    """What is large depends on the machine: the status is sent once a second."""
    if not begins_and_leaves(house, 30000):
        with House() as more:
            assert begins_and_leaves(more, 240000), f"it goes on to the end first: {more.logged()}"


def too_few_watches_are_logged_and_polled_around_until_there_are_enough(house):
    limit = "/proc/sys/user/max_inotify_watches"
    if run("unshare", "-Ur", "sh", "-c", f"echo 9 >{limit}", check=False).returncode:
        raise Skip("no user namespaces")
    for number in range(20):
        (house.inbox / f"d{number}").mkdir()
    house.configure('originals = "done"', top="reconcile = 3s")
    house.start(prefix=("unshare", "-Ur", "sh", "-c", f'echo 9 >{limit}; exec "$0" "$@"'))
    house.await_log("12 of 21 directories cannot be watched: this user may have 9 watches in all "
                    "programs; they are scanned every few seconds instead; raise the limit: "
                    "sysctl user.max_inotify_watches=8192")
    inputs = [f"d{number}/p.jpg" for number in range(20)]
    for number, name in enumerate(inputs):
        house.photo(seed=number).rename(house.inbox / name)
    finished_once(house, inputs)
    run("nsenter", "-U", "-t", str(house.daemon.pid), "sh", "-c", f"echo 99 >{limit}")
    house.await_log("all 21 directories are watched")
    assert house.logged().count("cannot be watched") == 1


def short_queue(length):
    """Limits every new queue of events on this machine. What is returned ends it when its input is
    closed: by us, or by our death."""
    if not os.access(QUEUE, os.W_OK):
        raise Skip("the length of the queue is the machine's")
    before = QUEUE.read_text(encoding="ascii").strip()
    guard = subprocess.Popen(("sh", "-c", f"cat; echo {before} >{QUEUE}"), stdin=subprocess.PIPE,
                             start_new_session=True)
    QUEUE.write_text(str(length), encoding="ascii")
    return guard


def five_thousand_files_through_a_queue_of_sixteen_events_are_all_found(house):
    text = house.work / "text"
    text.write_text("not a picture\n", encoding="ascii")
    (house.inbox / "in").mkdir()
    guard = short_queue(16)
    began = time.monotonic()
    try:
        house.start()
        house.send(signal.SIGSTOP)  # for the first hundred it can't keep up, however fast it is
        for number in range(5000):
            if number == 100:
                house.send(signal.SIGCONT)
            os.link(text, house.inbox / f"in/t{number}.txt")
            if number % 100 == 0:
                house.photo(f"p{number}.jpg", size="64x48", seed=number).rename(
                    house.inbox / f"in/p{number}.jpg")
        inputs = [f"in/p{number}.jpg" for number in range(0, 5000, 100)]
        finished_once(house, inputs)
        wait_until(lambda: house.get()[1]["folders"][0]["ignored"].get("text") == 5000,
                   "every text is known")
    finally:
        guard.communicate()
    reports = house.logged().count("the kernel dropped file events")
    assert 1 <= reports <= 2 + (time.monotonic() - began) / SCANS_APART, reports


def photos_on_a_mount_that_is_removed_wait_until_it_is_there_again(house):
    disk = house.work / "disk"
    run("truncate", "-s", "32M", disk)
    run("mkfs.ext4", "-q", disk)
    if run("mount", "-o", "loop", disk, house.inbox, check=False).returncode:
        raise Skip("cannot mount a file")
    house.mounts.append(house.inbox)
    house.output.rmdir()  # so that they wait
    house.configure('originals = "done"')
    inputs = [f"trip/p{number}.jpg" for number in range(8)]
    house.start()
    for number, name in enumerate(inputs):
        (house.inbox / name).parent.mkdir(exist_ok=True)
        shutil.copy(house.photo(seed=number), house.inbox / name)
    wait_until(lambda: house.get()[1]["folders"][0]["queued"] == 8, "all are queued in the ledger")
    wait_until(lambda: run("umount", house.inbox, check=False).returncode == 0, "it is unmounted")
    house.await_log("folder 'inbox' is unavailable: nothing is mounted at")
    house.output.mkdir()
    (house.inbox / "bare.txt").write_text("onto the bare directory", encoding="ascii")
    time.sleep(3)  # longer than everything that looks for it again
    status = house.get()[1]["folders"][0]
    assert (status["state"], status["queued"]) == ("unavailable", 8), status
    assert not files_below(house.output)
    run("mount", "-o", "loop", disk, house.inbox)
    finished_once(house, inputs)
    assert (house.inbox / "lost+found").exists()


def jumps_of_the_clock_change_nothing(house):
    """The wall clock's only: the boot clock can't be set."""
    if os.environ.get("HOTFOLDER_SANITIZE"):
        raise Skip("a sanitizer wants to be the first library")
    if os.geteuid():
        raise Skip("only root sees what a worker has open")
    clock = house.work / "clock"
    house.photo("large.png", size="4000x3000")  # decoded for long enough to be met
    jumps = {"-1 day": -86400, "+10 years": 315576000, "-1 day again": -86400, "back": 0}
    clock.write_text("0", encoding="ascii")
    house.configure('originals = "done"\n retry { attempts = 9  first = 1s  max = 1s }',
                    top="reconcile = 2s")
    house.start(prefix=("env", f"LD_PRELOAD={BUILD}/bin/wallclock.so", f"WALLCLOCK={clock}"))
    inputs = ["first.jpg"]

    def killed(worker):
        found = house.picture_of(worker) == "large.png"
        if found:
            os.kill(worker, signal.SIGKILL)
        return found

    house.photo("first.jpg").rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")  # from now on the workers are there
    for turn, jump in enumerate(jumps.values()):
        names = [f"{what}{turn}.jpg" for what in ("early", "late", "old", "cut")]
        early, late, old, cut = [house.photo(name, seed=4 * turn + number)
                                 for number, name in enumerate(names)]
        (house.inbox / cut.name).write_bytes(cut.read_bytes()[:1000])  # incomplete, for a second
        early.rename(house.inbox / early.name)
        if turn == 0:
            (house.work / "large.png").rename(house.inbox / "large.png")
            inputs.append("large.png")
            wait_until(lambda: any(map(killed, house.children())), "it is worked on")
            house.await_log("its worker died: ")  # and is tried again after the jump
            house.await_log("large.png: attempt 1 failed, next attempt in ")
            assert house.logged().count("(after ") == 1, "its death is reported once, and whole"
        clock.write_text(str(jump), encoding="ascii")
        late.rename(house.inbox / late.name)
        when = turn if turn % 2 else 2**32 + turn  # 1970, and 2106
        os.utime(old, (when, when))
        old.rename(house.inbox / old.name)
        cut.rename(house.inbox / cut.name)
        house.await_output(late.name)  # the daemon meets each of these times
        inputs += names
    finished_once(house, inputs)
    assert not house.failed()
    assert house.stop() == 0
    with contextlib.closing(sqlite3.connect(house.state / "ledger.db")) as ledger:
        moved, = ledger.execute("SELECT max(changed_wall) - min(changed_wall) FROM job").fetchone()
    assert moved > 9 * 365 * 86400 * 1000, "the daemon's clock did not jump"


if __name__ == "__main__":
    raise SystemExit(main(globals()))
