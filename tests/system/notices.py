#!/usr/bin/env python3
"""notices - what happened is said to a program, once, also after what went wrong in between."""
import json
import os
import subprocess
import sys

from pathlib import Path

from harness import main, make_picture, quoted, wait_until

MANUAL = Path(__file__).resolve().parents[2] / "packaging/manual/hotfolder-notices.7.scd.in"

# Keeps what it is given, whole or not at all; fails while there is a file "away".
TELL = """#!/bin/sh
new=$(mktemp "$1/XXXXXX") && env > "$new.env" && cat > "$new" || exit 1
if [ -e "$1/away" ]; then echo "the printer is away" >&2; rm -f "$new" "$new.env"; exit 3; fi
mv "$new" "$new.json"
"""
HANG = """#!/bin/sh
touch "$1/hangs"
sleep 1000
"""


def kept(house):
    return house.work / "kept"


def configure(house, program=TELL, notice="on = { failed }  every = 0s"):
    kept(house).mkdir()
    tell = house.work / "tell"
    tell.write_text(program)
    tell.chmod(0o755)
    house.configure(top=f'notify "desk" {{ {notice}  run = {{ {quoted(tell)}, {quoted(kept(house))} }} }}')


def drop_broken(house, name):
    """A JPEG that is cut off in the middle, and looks whole."""
    whole = make_picture(house.work / name).read_bytes()
    (house.work / name).write_bytes(whole[:len(whole) // 2] + b"\xff\xd9")
    (house.work / name).rename(house.inbox / name)


def taken(house):
    """Each notice that the program has taken, in the order in which it did."""
    files = sorted(kept(house).glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    return [json.loads(file.read_text()) for file in files]


def await_failed(house, count):
    """Until the notices say so many failures; never more."""
    def said():
        sums = sum(notice["failed"] for notice in taken(house))
        assert sums <= count, taken(house)
        return sums == count
    wait_until(said, f"the notices say {count} failures")


def names_in(value):
    """Of every object in it, the names of its fields."""
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set()


def notice_of(house):
    return house.get()[1]["notices"][0]


def a_picture_that_fails_is_one_notice_with_its_facts_for_a_program(house):
    configure(house)
    house.start()
    drop_broken(house, "broken one.jpg")
    house.photo("fine.jpg").rename(house.inbox / "fine.jpg")
    await_failed(house, 1)
    house.await_output("fine.jpg")
    [notice] = taken(house)
    [environment] = [dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
                     for file in kept(house).glob("*.env")]
    [picture] = notice["pictures"]
    assert notice["notice"] == "desk" and notice["events"] == ["failed"], notice
    assert notice["folders"] == [{"name": "inbox", "failed": 1, "done": 0}], notice
    assert picture["folder"] == "inbox" and picture["picture"] == "broken one.jpg", picture
    assert picture["reason"] in house.reason("broken one.jpg"), picture
    assert notice["more"] == 0 and "1 failed in inbox since" in notice["subject"], notice
    assert environment["HOTFOLDER_NOTICE"] == "desk", environment
    assert environment["HOTFOLDER_EVENTS"] == "failed", environment
    assert environment["HOTFOLDER_FOLDERS"] == "inbox", environment
    assert environment["HOTFOLDER_FAILED"] == "1" and environment["HOTFOLDER_DONE"] == "0", environment
    assert environment["HOTFOLDER_SUBJECT"] == notice["subject"], environment
    assert environment["HOTFOLDER_SINCE"] == notice["since"], environment
    manual = MANUAL.read_text(encoding="utf-8").replace("\\", "")
    names = names_in(notice) | {name for name in environment if name.startswith("HOTFOLDER_")}
    unsaid = [name for name in names if f"*{name}*" not in manual]
    assert not unsaid, f"hotfolder-notices(7) does not say {unsaid}"
    assert notice_of(house)["sent"], notice_of(house)
    house.stop()
    house.start()
    drop_broken(house, "b.jpg")
    await_failed(house, 2)


def what_cannot_be_delivered_is_shown_and_comes_after_a_kill(house):
    configure(house)
    (kept(house) / "away").touch()
    house.start()
    drop_broken(house, "a.jpg")
    wait_until(lambda: "reason" in notice_of(house), "the status says that it is not delivered")
    assert "the printer is away" in json.dumps(notice_of(house)), notice_of(house)
    assert "notice: desk is not delivered by run since" in house.command("status").stdout
    house.await_log("notice 'desk' is not delivered by run")
    drop_broken(house, "b.jpg")
    wait_until(lambda: len(house.failed()) == 2, "both have failed")
    house.kill()
    (kept(house) / "away").unlink()
    house.start()
    await_failed(house, 2)
    drop_broken(house, "c.jpg")
    await_failed(house, 3)


def a_test_says_whether_a_notice_arrives_before_anything_happens(house):
    configure(house)
    house.start()
    done = house.command("notify", "desk")
    assert done.returncode == 0 and "desk: a test was delivered by run" in done.stdout, done
    [notice] = taken(house)
    assert notice["events"] == ["test"] and "this is a test" in notice["subject"], notice
    (kept(house) / "away").touch()
    done = house.command("notify", "desk")
    assert done.returncode == 1 and "not delivered by run: " in done.stderr, done
    assert "the printer is away" in done.stderr, done
    done = house.command("notify", "nowhere")
    assert done.returncode == 1 and "there is no notice 'nowhere'" in done.stderr, done


def a_program_that_hangs_delays_no_picture_and_no_stop(house):
    configure(house, HANG)
    house.start()
    drop_broken(house, "a.jpg")
    wait_until((kept(house) / "hangs").exists, "the program hangs")
    house.photo("fine.jpg").rename(house.inbox / "fine.jpg")
    house.await_output("fine.jpg")
    assert house.stop() == 0, house.logged()
    assert "does not respond" not in house.logged(), house.logged()
    left = subprocess.run(["pgrep", "-f", os.fspath(house.work / "tell")], capture_output=True, text=True,
                          check=False).stdout
    assert not left, left


if __name__ == "__main__":
    sys.exit(main(globals()))
