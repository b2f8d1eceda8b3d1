"""worlds - real file systems that are full, read-only, gone or forbidden; a ledger that is damaged.

What lies around the pictures is broken and repaired while the daemon runs: the folder is held with one
message, no picture is failed for it, and all are finished afterwards.
"""
import os
import random
import signal
import time
from functools import partial

from check import Expected, check
from faults import FAST, Tally, chance, damaged, drop, main, shim, side_by_side
from harness import BUILD, NOBODY, House, Skip, files_below, make_picture, run, wait_until

MANY = 12
RETRY = "retry { attempts = 2  first = 1s  max = 1s }"


def drop_photos(house, numbers, size="96x64"):
    """Photos that differ, of these numbers; what was dropped."""
    return [drop(house, f"p{number:02}.jpg",
                 make_picture(house.work / f"m{number}.jpg", size=size, seed=number).read_bytes())
            for number in numbers]


def judge(house, inputs, originals="done", failed=0, **tallied):
    """Ends the daemon and judges; everything must be done. Prints the tally."""
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
    wait_until(house.idle, "everything is done")


def reported_once(house):
    """One message when it was held, one when it went on."""
    wait_until(lambda: house.logged().count(" is available again"), "it is logged that work goes on")
    assert house.logged().count(" is held: ") == 1, house.logged()
    assert house.logged().count(" is available again") == 1, house.logged()


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
    """The folder's directory, moved below `where`."""
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
    assert not house.done() and not house.failed()
    ballast.unlink()
    await_all(house, inputs)
    reported_once(house)
    judge(house, inputs, faults=1)


def a_nearly_full_disk_holds_the_folder_before_it_is_full(house):
    house.output = move_to(disk(house), house.output)
    ballast = house.top / "disk/ballast"
    ballast.write_bytes(bytes(5_000_000))
    house.configure(f'originals = "done"\n {RETRY}', min_free="3MB")
    house.start()
    inputs = drop_photos(house, range(4))
    house.await_log(" is held: ")
    assert "min_free" in house.logged() and not files_below(house.output), house.logged()
    ballast.unlink()
    await_all(house, inputs)
    reported_once(house)
    judge(house, inputs, faults=1)


def a_disk_that_turns_read_only_holds_the_folder_until_it_turns_back(house):
    house.output = move_to(disk(house), house.output)
    house.configure(f'originals = "done"\n {RETRY}')
    house.start()
    inputs = drop_photos(house, range(MANY), "800x600")
    wait_until(house.done, "work goes on")
    # An output that is being written keeps it from being turned.
    wait_until(lambda: not run("mount", "-o", "remount,ro", house.top / "disk",
                               check=False).returncode, "it is read-only", every=0.001)
    inputs += drop_photos(house, range(MANY, MANY + 2))
    house.await_log(" is held: ")
    time.sleep(1)
    assert not house.failed()
    run("mount", "-o", "remount,rw", house.top / "disk")
    await_all(house, inputs)
    reported_once(house)
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
    reported_once(house)
    judge(house, inputs, faults=1)


def an_output_disk_that_is_taken_away_during_work_holds_the_folder_until_it_is_back(house):
    house.output = move_to(disk(house), house.output)
    house.configure(f'originals = "done"\n {RETRY}')
    house.start()
    inputs = drop_photos(house, range(MANY), "800x600")
    wait_until(house.done, "work goes on")
    run("umount", "--lazy", house.top / "disk")
    inputs += drop_photos(house, range(MANY, MANY + 2))
    house.await_log(" is held: ")
    assert not house.failed() and not files_below(house.top / "disk")
    mount_disk(house)
    await_all(house, inputs)
    reported_once(house)
    judge(house, inputs, faults=1)


def a_watched_disk_that_is_taken_away_during_work_is_gone_on_with_when_it_is_back(house):
    house.inbox = move_to(disk(house, "32M"), house.inbox)
    house.configure(f'originals = "done"\n {RETRY}', top="reconcile = 2s")
    house.start()
    inputs = drop_photos(house, range(MANY), "800x600")
    wait_until(house.done, "work goes on")
    run("umount", "--lazy", house.top / "disk")
    house.await_log(" is unavailable: ")
    mount_disk(house)
    inputs += drop_photos(house, range(MANY, MANY + 2))
    await_all(house, inputs)
    assert house.logged().count(" is unavailable: ") == 1, house.logged()
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
        return not any((house.inbox / name).exists() for name, _ in inputs) and house.idle()

    house.start(wait=False, **shim(house, CRASH="killer"))
    wait_until(finished, "everything is done")
    assert house.failed() == ["killer.jpg"], house.failed()
    assert deaths == 2, deaths
    judge(house, inputs, failed=1, kills=deaths)


# The ledger

def deleted(ledger, _dice):
    ledger.unlink()


def truncated(ledger, dice):
    os.truncate(ledger, dice.randrange(ledger.stat().st_size))


def overwritten(ledger, dice):
    with open(ledger, "r+b") as file:
        file.seek(dice.randrange(ledger.stat().st_size))
        file.write(dice.randbytes(dice.choice((1, 16, 512, 4096, 20000))))


def emptied(ledger, _dice):
    os.truncate(ledger, 0)


DAMAGES = (truncated, overwritten, truncated, overwritten, emptied, deleted)


def runs(house):
    """Starts a daemon again that has ended, as systemd does: damage may show only in use."""
    if house.daemon.poll() is not None:
        house.daemon = None
        house.start(wait=False)
    return True


def damage_ledger(tally, photos, number, originals):
    """One round: work, an end, damage, and what becomes of it at the next start."""
    dice = random.Random(f"{chance('ledger').random()} {number} {originals}")
    damage = DAMAGES[number % len(DAMAGES)]
    what = f"round {number}, originals = {originals}: a ledger that was {damage.__name__}"
    with House(FAST) as house:
        house.configure(f'originals = "{originals}"')
        house.start()
        inputs = [drop(house, f"p{n}.jpg", photos[n]) for n in range(3)]
        inputs.append(drop(house, "bad.jpg", damaged(photos[0])))
        wait_until(lambda: len(files_below(house.output)) == 3 and house.failed()
                   and house.idle(), "work is done")
        # After a stop everything is in one file; after a kill the last of it is in another.
        if dice.random() < 0.5:
            assert house.stop() == 0
        else:
            house.kill()
        damage(dice.choice([file for file in house.state.iterdir() if file.stat().st_size]), dice)
        before = {name: (house.output / name).stat() for name in files_below(house.output)}
        inputs += [drop(house, f"p{n}.jpg", photos[n]) for n in range(3, 5)]
        try:
            house.start(wait=False)
            wait_until(lambda: runs(house) and {"p3.jpg", "p4.jpg"} <= set(files_below(house.output))
                       and house.idle(), "everything is done")
            assert house.stop() == 0
        except AssertionError as reason:
            tally.wrong(f"{what}: {reason}\n{house.logged()}")
            return
        tally.add(faults=1)
        expected = Expected(house.inbox, house.output, inputs, originals)
        tally.judged(check(expected, BUILD / "bin/picture"), what, expected)
        for name, stat in before.items():
            now = (house.output / name).stat()
            if (now.st_ino, now.st_mtime_ns) != (stat.st_ino, stat.st_mtime_ns):
                tally.wrong(f"{what}: {name} was made again\n{house.logged()}")


def damage_ledgers(house, originals, rounds=12):
    tally = Tally()
    photos = [make_picture(house.work / f"m{n}.jpg", size="96x64", seed=n).read_bytes()
              for n in range(5)]
    side_by_side([partial(damage_ledger, tally, photos, number, originals)
                  for number in range(rounds)], tally)
    tally.tell()


def a_damaged_ledger_loses_no_picture_that_waits_or_is_retired(house):
    damage_ledgers(house, "done")


def a_damaged_ledger_makes_no_output_of_a_kept_original_again(house):
    damage_ledgers(house, "keep")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
