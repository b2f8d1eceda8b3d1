#!/usr/bin/env python3
"""adding - `hotfolder add`, killed at any call by which it changes a file, is finished by the same command.

What it leaves in between is not judged: only that nothing is missing and nothing is too much in the end.
"""
import errno
import os
import re
import shutil
import signal
import sys

from faults import Tally, main, shim
from harness import STATUS_FILES, files_below, make_picture, wait_until

INCLUDE = 'include("conf.d/*.conf")\n'


def begin(house):
    house.config.write_text(INCLUDE)
    house.inbox.rmdir()
    house.output.rmdir()
    house.start()


def add(house, **plan):
    environment = house.environment()
    if plan:
        environment |= shim(house, PROGRAM="hotfolder", **plan)
        environment["FAULTS_BELOW"] += f":{house.top}/conf.d"
    return house.command("add", "--config", house.config, house.inbox, "--output", house.output,
                         env=environment)


def undo(house):
    """As it was before the first add."""
    assert house.command("remove", "--config", house.config, "inbox").returncode == 0
    for directory in (house.inbox, house.output, house.top / "conf.d"):
        shutil.rmtree(directory, ignore_errors=True)


def whole(house, *hidden):
    """What is wrong with a folder that was added; None: nothing. `hidden` may be there."""
    hidden = {*hidden, *STATUS_FILES}
    found = set(files_below(house.inbox) + files_below(house.output)) - hidden
    if found:
        return f"these stay: {found}"
    # The first picture of a folder makes done/: an empty one is a folder's as any other.
    if set(os.listdir(house.inbox) + os.listdir(house.output)) - {"done"} - hidden:
        return f"directories stay: {os.listdir(house.inbox)}, {os.listdir(house.output)}"
    if files_below(house.top / "conf.d") != ["inbox.conf"]:
        return f"the configuration is {files_below(house.top / 'conf.d')}"
    [folder] = house.get()[1]["folders"]
    return None if (folder["name"], folder["state"]) == ("inbox", "available") else str(folder)


def an_add_that_is_killed_at_any_point_is_finished_by_the_same_command(house):
    begin(house)
    tally, number = Tally(), 1
    while True:
        first = add(house, KILL=f"{number} after")
        if first.returncode == 0:
            break
        assert first.returncode == -signal.SIGKILL, first.stdout + first.stderr
        again = add(house)
        wrong = again.stderr if again.returncode else whole(house)
        if wrong:
            tally.wrong(f"after point {number}: {wrong}")
        tally.add(kills=1)
        undo(house)
        number += 1
    assert number > 8, "it has hardly any points"
    assert not whole(house), whole(house)
    photo = make_picture(house.work / "photo.jpg", size="96x64")
    photo.rename(house.inbox / "photo.jpg")
    wait_until((house.output / "photo.jpg").exists, "a photo is finished")
    house.await_quiet(["photo.jpg"])
    tally.add(pictures=1)
    tally.tell()


def an_add_whose_disk_fails_leaves_nothing_or_says_so(house):
    begin(house)
    tally, points = Tally(), house.top / "points"
    assert add(house, TRACE=points).returncode == 0
    undo(house)
    for number, point in enumerate(points.read_text().splitlines(), 1):
        answer = add(house, ERROR=f"{errno.EIO} {number} 1")
        left = [name for name in ("inbox", "output", "conf.d") if (house.top / name).exists()]
        if answer.returncode and not re.search("Input/output error|' stays; remove it", answer.stderr):
            tally.wrong(f"{point}: it does not say why: {answer.stderr}")
        if "is taken back" in answer.stderr and left:
            tally.wrong(f"{point}: {left} stay after: {answer.stderr}")
        # What a check leaves, the next one removes.
        if answer.returncode == 0 and whole(house, ".hotfolder-tryxx"):
            tally.wrong(f"{point}: {whole(house)}")
        again = add(house)
        wrong = again.stderr if again.returncode else whole(house)
        if wrong:
            tally.wrong(f"after {point}: {wrong}")
        tally.add(faults=1)
        undo(house)
    tally.tell()


if __name__ == "__main__":
    sys.exit(main(globals()))
