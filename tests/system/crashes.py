"""crashes - the daemon or a worker dies at any time: nothing is lost, nothing is made twice."""
import contextlib
import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

from harness import files_below, jpg, long, main, sizes_of, wait_until

PHOTOS = 24


def drop_many(house, size="1600x1200"):
    """Many photos that take a while; their names."""
    masters = [house.photo(f"m{seed}.jpg", size=size, seed=seed) for seed in range(4)]
    inputs = [f"d{number % 3}/p{number:02}.jpg" for number in range(PHOTOS)]
    for number, name in enumerate(inputs):
        (house.inbox / name).parent.mkdir(exist_ok=True)
        shutil.copy(masters[number % 4], house.work / "next")
        (house.work / "next").rename(house.inbox / name)
    return inputs


def finish(house, inputs):
    house.await_quiet(inputs)
    house.account(inputs, jpg)
    assert sorted(house.done()) == sorted(inputs)
    assert house.stop() == 0
    assert not [name for name in files_below(house.top) if ".hotfolder" in name], "temporary files remain"


def a_daemon_killed_at_any_moment_finishes_after_its_next_start(house):
    house.configure('originals = "done"')
    house.start()
    inputs = drop_many(house)
    chance = random.Random(7)
    # A photo that was in progress at five deaths fails; so each daemon has to finish some photos.
    for done in range(3, PHOTOS, 4):
        wait_until(lambda: len(files_below(house.output)) >= done, "a few more are done")
        time.sleep(chance.uniform(0, 0.2))
        house.kill()
        house.start()
    finish(house, inputs)


def a_daemon_that_dies_alone_takes_its_workers_along(house):
    house.configure('originals = "done"')
    house.start()
    inputs = drop_many(house)
    wait_until(house.children, "workers run")
    workers = house.children()
    house.daemon.kill()
    house.daemon.wait()
    house.daemon = None
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), "workers end")
    house.start()
    finish(house, inputs)


def killed_workers_are_replaced(house):
    house.configure('originals = "done"\n retry { attempts = 20  first = 1s  max = 1s }')
    house.start()
    inputs = drop_many(house)
    chance = random.Random(11)
    for _ in range(3):
        time.sleep(chance.uniform(0.2, 0.8))
        for child in house.children()[:1]:
            os.kill(child, signal.SIGKILL)
    house.await_quiet(inputs)
    house.account(inputs, jpg)
    # A picture whose worker died twice may fail; none is lost.
    assert len(house.done()) >= PHOTOS - 1


# libvips' threads end after 15 s without work, and one that gets work at that moment may crash.
@long
def a_worker_keeps_its_threads_while_it_waits(house):
    house.configure()
    house.start()
    house.photo("a.png", size="640x480").rename(house.inbox / "a.png")
    wait_until(lambda: files_below(house.output), "the first is done")
    worker, = house.children()
    threads = os.listdir(f"/proc/{worker}/task")
    assert len(threads) > 1, threads
    time.sleep(16)
    assert os.listdir(f"/proc/{worker}/task") == threads
    house.photo("b.png", size="640x480").rename(house.inbox / "b.png")
    wait_until(lambda: len(files_below(house.output)) == 2, "the second is done")
    assert house.children() == [worker]


def a_photo_whose_workers_die_twice_is_failed_with_its_reason(house):
    house.configure('originals = "done"\n retry { attempts = 50  first = 1s  max = 1s }',
                    top="workers = 1")
    house.start()
    # a PNG is decoded for long enough to be met
    house.photo("deadly.png", size="4000x3000").rename(house.inbox / "deadly.png")

    def has_it(child):
        if os.geteuid():
            return house.get()[1]["in_progress"] > 0
        return house.picture_of(child) == "deadly.png"

    def kill_and_look():
        for child in filter(has_it, house.children()):
            os.kill(child, signal.SIGKILL)
        return house.failed() == ["deadly.png"]

    wait_until(kill_and_look, "it is failed")
    assert "worker" in house.reason("deadly.png")
    house.photo("next.jpg", seed=2).rename(house.inbox / "next.jpg")
    house.await_output("next.jpg")
    assert files_below(house.output) == ["next.jpg"]


def a_worker_that_hangs_is_ended_by_the_deadline(house):
    house.configure('originals = "done"\n deadline = 15s\n retry { attempts = 5 first = 1s max = 1s }',
                    top="workers = 1")
    house.start()
    house.photo("first.jpg").rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")
    hung = house.children()
    for child in hung:
        os.kill(child, signal.SIGSTOP)
    house.photo("second.jpg", seed=2).rename(house.inbox / "second.jpg")
    house.await_output("second.jpg")
    # a machine under load may have had a spare one, which had no picture
    assert set(hung) - set(house.children()), "the worker that hung was not ended"


def a_stop_finishes_what_is_in_hand_and_the_next_start_does_the_rest(house):
    house.configure('originals = "done"')
    house.start()
    inputs = drop_many(house)
    wait_until(lambda: files_below(house.output), "work has begun")
    assert house.stop(signal.SIGTERM) == 0
    house.account(inputs, jpg)
    assert len(house.done()) < PHOTOS, "the stop waited for everything"
    assert len(house.done()) == len(files_below(house.output)), "a picture is half done"
    house.start()
    finish(house, inputs)


def ctrl_c_stops_as_sigterm_does(house):
    house.configure('originals = "done"')
    house.start()
    inputs = drop_many(house)
    wait_until(lambda: files_below(house.output), "work has begun")
    assert house.stop(signal.SIGINT) == 0
    house.account(inputs, jpg)


def a_second_daemon_on_the_same_state_is_refused(house):
    first = house.start()
    house.daemon = None
    second = house.start(wait=False)
    status = second.wait(60)
    house.daemon = first
    assert status not in (0, None) and status > 0, house.logged()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")


def work_that_was_done_is_not_done_again_after_a_restart(house):
    house.configure('originals = "keep"')
    house.start()
    house.photo().rename(house.inbox / "kept.jpg")
    house.await_output("kept.jpg")
    before = (house.output / "kept.jpg").stat()
    assert house.stop() == 0
    house.start()
    house.photo("new.jpg", seed=2).rename(house.inbox / "new.jpg")
    house.await_output("new.jpg")
    after = (house.output / "kept.jpg").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert files_below(house.output) == ["kept.jpg", "new.jpg"]


def is_running(process):
    """Whether a thread of it has not ended yet: its parent may not have seen its end."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return any(task.read_text().rpartition(")")[2].split()[0] not in "ZX"
                   for task in Path(f"/proc/{process}/task").glob("*/stat"))
    return False


def kill_replaced(house, program):
    """Kill the workers of a program that was renamed over; whether there were any, or may soon be."""
    found = False
    for worker in house.children():
        try:
            runs = os.readlink(f"/proc/{worker}/exe")
        except (FileNotFoundError, ProcessLookupError):  # it ends, and may still have its socket
            runs = None
        if runs == f"{program} (deleted)":
            os.kill(worker, signal.SIGKILL)
        found |= runs != os.fspath(program) and is_running(worker)
    return found


def a_worker_of_another_version_is_given_no_picture(house):
    """As in an upgrade: the programs are replaced, and the service continues until its restart."""
    program = house.top / "worker"
    right = (house.bin / "hotfolder-worker").read_bytes()
    other = re.sub(rb"\d+\.\d+\.\d+ %08x", b"7.7.7 %08x", right)
    assert other != right

    def install(content):
        (house.top / "next").write_bytes(content)
        (house.top / "next").chmod(0o755)
        (house.top / "next").rename(program)

    install(right)
    house.configure('originals = "done"\n retry { attempts = 1 }')
    house.start(HOTFOLDER_WORKER=os.fspath(program))
    house.photo("first.jpg").rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")
    install(other)
    wait_until(lambda: not kill_replaced(house, program), "the workers of the right version are dead")
    house.photo("second.jpg", seed=2).rename(house.inbox / "second.jpg")
    house.await_log("hotfolder was replaced while it was running: the worker has version 7.7.7")
    wait_until(lambda: house.get()[1]["folders"][0]["state"] == "held", "the folder is held")
    assert not house.failed()
    install(right)
    house.await_output("second.jpg")
    house.await_quiet(["second.jpg"])
    assert not house.failed() and "second.jpg: failed" not in house.logged()


def a_worker_that_hangs_at_its_start_keeps_no_picture_waiting(house):
    program, first = house.top / "worker", house.top / "first"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--check*) ;; *) mkdir {first} 2>/dev/null && exec sleep 1000 ;; esac\n'
                       f'exec {house.bin / "hotfolder-worker"} "$@"\n')
    program.chmod(0o755)
    house.start(HOTFOLDER_WORKER=os.fspath(program))
    wait_until(first.exists, "the first worker is started")
    hung = house.children()
    house.photo("photo.jpg").rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    assert set(hung) <= set(house.children()), "it was the first worker's end that let the picture go on"
    house.await_quiet(["photo.jpg"])


def a_lost_ledger_loses_no_original(house):
    house.configure('originals = "done"')
    house.start()
    inputs = drop_many(house)
    time.sleep(0.5)
    house.kill()
    shutil.rmtree(house.state)
    house.state.mkdir()
    house.start()
    house.await_quiet(inputs)
    assert sorted(house.done()) == sorted(inputs)
    sizes_of(*[house.output / name for name in files_below(house.output)])


if __name__ == "__main__":
    raise SystemExit(main(globals()))
