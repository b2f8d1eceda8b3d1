"""worlds - real file systems that are full, read-only, gone or forbidden.

What lies around the pictures is broken and mended while the daemon runs: the folder is held with one
message, no picture is failed for it, and all are finished by themselves afterwards.
"""
import os
import signal
import time

from check import Expected, check
from faults import Tally, drop, main, shim
from harness import BUILD, NOBODY, Skip, files_below, make_picture, run, wait_until

MANY = 12
RETRY = "retry { attempts = 2  first = 1s  max = 1s }"


def drop_photos(house, numbers, size="96x64"):
    """Photos that differ, of these numbers; what was dropped."""
    return [drop(house, f"p{number:02}.jpg",
                 make_picture(house.work / f"m{number}.jpg", size=size, seed=number).read_bytes())
            for number in numbers]


def judge(house, inputs, originals="done", failed=0, **tallied):
    """Ends the daemon and judges; everything must be settled. Prints the tally."""
    tally = Tally()
    assert house.stop() == 0, "the daemon did not stop cleanly"
    expected = Expected(house.inbox, house.output, inputs, originals)
    verdict = check(expected, BUILD / "bin/picture")
    tally.add(**tallied)
    tally.judged(verdict, "in the end", expected)
    if verdict.failed != failed:
        tally.wrong(f"failed: {house.failed()}")
    tally.tell()


def await_all(house, inputs):
    house.await_quiet([name for name, _ in inputs])
    wait_until(house.settled, "everything is settled")


def told_once(house):
    """One message when it was held, one when it went on."""
    wait_until(lambda: house.logged().count(" is alive again"), "it is told that work goes on")
    assert house.logged().count(" is held: ") == 1, house.logged()
    assert house.logged().count(" is alive again") == 1, house.logged()


def disk(house, size="8M"):
    """An ext4 file system in a file, mounted on DIR/disk; folders are to lie in it."""
    image, where = house.top / "image", house.top / "disk"
    where.mkdir()
    run("truncate", "-s", size, image)
    made = run("mkfs.ext4", "-q", "-m", "0", image, check=False)
    if made.returncode:
        raise Skip(f"cannot make a file system: {made.stderr.strip()}")
    mount_disk(house)
    house.mounts.append(where)
    return where


def mount_disk(house):
    mounted = run("mount", "-o", "loop", house.top / "image", house.top / "disk", check=False)
    if mounted.returncode:
        raise Skip(f"cannot mount: {mounted.stderr.strip()}")


def move_to(where, directory):
    """The folder's directory, anew below `where`."""
    directory.rmdir()
    moved = where / directory.name
    moved.mkdir()
    return moved


def a_full_ext4_disk_holds_the_folder_until_there_is_room(house):
    house.output = move_to(disk(house, "4M"), house.output)
    ballast = house.top / "disk/ballast"
    run("dd", "if=/dev/zero", f"of={ballast}", "bs=4k", check=False)
    house.configure(f'originals = "done"\n {RETRY}')
    house.start()
    inputs = drop_photos(house, range(4))
    house.await_log(" is held: ")
    time.sleep(3)
    assert not house.retired() and not house.failed()
    ballast.unlink()
    await_all(house, inputs)
    told_once(house)
    judge(house, inputs, faults=1)


def a_disk_that_turns_read_only_holds_the_folder_until_it_turns_back(house):
    house.output = move_to(disk(house), house.output)
    house.configure(f'originals = "done"\n {RETRY}')
    house.start()
    inputs = drop_photos(house, range(MANY), "800x600")
    wait_until(house.retired, "work goes on")
    # An output that is being written keeps it from being turned.
    wait_until(lambda: not run("mount", "-o", "remount,ro", house.top / "disk",
                               check=False).returncode, "it is read-only", every=0.001)
    inputs += drop_photos(house, range(MANY, MANY + 2))
    house.await_log(" is held: ")
    time.sleep(1)
    assert not house.failed()
    run("mount", "-o", "remount,rw", house.top / "disk")
    await_all(house, inputs)
    told_once(house)
    judge(house, inputs, faults=1)


def an_output_directory_that_may_not_be_written_holds_the_folder_until_it_may(house):
    house.configure(f'originals = "done"\n {RETRY}')
    house.start_as_nobody()
    inputs = drop_photos(house, range(2))
    for name, _ in inputs:
        wait_until((house.output / name).exists, "work goes on")
    house.output.chmod(0o555)
    if not os.geteuid():
        os.chown(house.output, 0, 0)
    inputs += drop_photos(house, range(2, 4))
    house.await_log(" is held: ")
    assert not house.failed()
    if not os.geteuid():
        os.chown(house.output, NOBODY, NOBODY)
    house.output.chmod(0o755)
    await_all(house, inputs)
    told_once(house)
    judge(house, inputs, faults=1)


def an_output_disk_that_is_taken_away_during_work_holds_the_folder_until_it_is_back(house):
    house.output = move_to(disk(house), house.output)
    house.configure(f'originals = "done"\n {RETRY}')
    house.start()
    inputs = drop_photos(house, range(MANY), "800x600")
    wait_until(house.retired, "work goes on")
    run("umount", "--lazy", house.top / "disk")
    inputs += drop_photos(house, range(MANY, MANY + 2))
    house.await_log(" is held: ")
    assert not house.failed() and not files_below(house.top / "disk")
    mount_disk(house)
    await_all(house, inputs)
    told_once(house)
    judge(house, inputs, faults=1)


def a_watched_disk_that_is_taken_away_during_work_is_gone_on_with_when_it_is_back(house):
    house.inbox = move_to(disk(house, "32M"), house.inbox)
    house.configure(f'originals = "done"\n {RETRY}', top="reconcile = 2s")
    house.start()
    inputs = drop_photos(house, range(MANY), "800x600")
    wait_until(house.retired, "work goes on")
    run("umount", "--lazy", house.top / "disk")
    house.await_log(" is away: ")
    mount_disk(house)
    inputs += drop_photos(house, range(MANY, MANY + 2))
    await_all(house, inputs)
    assert house.logged().count(" is away: ") == 1, house.logged()
    judge(house, inputs, faults=1)


def a_picture_that_takes_the_daemon_down_is_failed_and_costs_no_other_anything(house):
    house.configure('originals = "done"', top="workers = 1")
    inputs = drop_photos(house, range(3))
    inputs.append(drop(house, "killer.jpg", make_picture(house.work / "k.jpg", seed=9).read_bytes()))
    inputs += drop_photos(house, range(10, 13))
    deaths = 0

    def finished():
        nonlocal deaths
        if house.daemon.poll() is not None:
            assert house.daemon.returncode == -signal.SIGSEGV, house.logged()
            deaths += 1
            house.daemon = None
            house.start(wait=False, **shim(house, CRASH="killer"))
        return not any((house.inbox / name).exists() for name, _ in inputs) and house.settled()

    house.start(wait=False, **shim(house, CRASH="killer"))
    wait_until(finished, "everything is settled")
    assert house.failed() == ["killer.jpg"], house.failed()
    assert 2 <= deaths <= 5, deaths
    judge(house, inputs, failed=1, kills=deaths)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
