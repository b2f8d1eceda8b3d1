#!/usr/bin/env python3
"""status_file - HOTFOLDER.txt, which says in a hot folder what becomes of its pictures."""
import os
import re
import stat
import sys

from harness import long, main, run, wait_until

HEAD = "hotfolder writes this file: it says what becomes of the pictures in this folder.\n\n"


def file_of(house):
    return house.inbox / "HOTFOLDER.txt"


def await_text(house, *patterns):
    """Waits until the file says all of it, in whatever lines; returns its text on one line."""
    def says():
        text = file_of(house).read_text() if file_of(house).exists() else ""
        flat = " ".join(text.split())
        return flat if all(re.search(pattern, flat) for pattern in patterns) else None
    return wait_until(says, f"HOTFOLDER.txt says {patterns}")


def await_none(house):
    wait_until(lambda: not file_of(house).exists(), "there is no HOTFOLDER.txt")


def logged(house):
    return [line for line in house.logged().splitlines() if "status file" in line]


def drop(house, name, **how):
    house.photo(name, **how).rename(house.inbox / name)


def a_person_who_only_sees_the_share_reads_what_becomes_of_each_picture(house):
    house.inbox.chmod(0o2775)
    house.configure("status_file = yes")
    house.start()
    text = await_text(house, "nothing waits, and nothing was finished yet")
    assert file_of(house).read_text().startswith(HEAD), text
    house.command("pause", "inbox", check=True)
    drop(house, "a.jpg")
    drop(house, "b.jpg")
    (house.inbox / "letter.txt").write_text("words, and no picture " * 9)
    (house.inbox / "._a.jpg").write_text("what no person wants to know of")
    who = run("id", "-un").stdout.strip()
    text = await_text(house, r"\b2 queued\b", r"1 ignored: text", rf"paused by {who} since \d\d:\d\d")
    assert "AppleDouble" not in text and "temporary file" not in text, text
    house.command("resume", "inbox", check=True)
    text = await_text(house, r"last finished \d\d:\d\d")
    assert "paused" not in text and "queued" not in text, text
    house.stop()
    await_text(house, "hotfolder is stopped. Pictures that you put here wait")


@long
def those_that_failed_are_named_with_what_to_do_until_they_are_sent_again(house):
    house.configure("status_file = yes")
    house.start()
    whole = house.photo("bad.jpg")
    whole.write_bytes(whole.read_bytes()[:2000])
    whole.rename(house.inbox / "bad.jpg")
    text = await_text(house, r"1 failed \(see failed/\)", r"Failed last: bad\.jpg, \d\d:\d\d ",
                      "move it from failed/ back into this folder")
    reported = re.search(r"^error: +(.*)$", house.reason("bad.jpg"), re.M)[1]
    assert " ".join(reported.split()) in text, (reported, text)
    drop(house, "bad.jpg")
    text = await_text(house, r"last finished \d\d:\d\d")
    assert "bad.jpg" not in await_text(house, r"^hotfolder writes this file: \D*last finished"), text


def the_file_is_never_taken_and_users_of_the_share_may_read_it(house):
    house.inbox.chmod(0o2770)
    os.chown(house.inbox, -1, os.getgroups()[0] if os.getgroups() else os.getgid())
    house.configure("status_file = yes\n ignore = { }")
    house.start()
    await_text(house, "nothing waits")
    state, folder = os.stat(file_of(house)), os.stat(house.inbox)
    assert stat.S_IMODE(state.st_mode) == 0o640 and state.st_gid == folder.st_gid, oct(state.st_mode)
    house.command("scan", "inbox", check=True)
    drop(house, "a.jpg")
    await_text(house, "last finished")
    shown = house.get()[1]["folders"][0]
    # A scan may have met the file while it was written: that is a file of hotfolder's, too.
    shown["ignored"].pop("temporary file of hotfolder", None)
    assert shown["ignored"] == {} and shown["pending"] == {} and shown["done"] == 1, shown
    assert os.listdir(house.inbox / "done") == ["a.jpg"]
    said = house.command("why", file_of(house), check=True).stdout
    assert "ignored: hotfolder writes it: it says what becomes of the pictures in this folder" in said, said
    assert "`status_file = no`" in said, said


def a_file_of_that_name_that_hotfolder_did_not_write_stays(house):
    file_of(house).write_text("our own notes\n")
    house.configure("status_file = yes")
    house.start()
    wait_until(lambda: logged(house), "it is logged")
    [line] = logged(house)
    assert "'HOTFOLDER.txt' is there, and hotfolder did not write it; rename that file, or write" in line, line
    house.configure("status_file = no")
    house.command("reload", check=True)
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    house.stop()
    assert file_of(house).read_text() == "our own notes\n" and len(logged(house)) == 1
    assert sorted(os.listdir(house.inbox)) == ["HOTFOLDER.txt", "done"]


@long
def it_goes_when_the_setting_is_turned_off_and_when_the_folder_is_removed(house):
    house.configure("status_file = yes")
    house.start()
    await_text(house, "nothing waits")
    house.configure()
    house.command("reload", check=True)
    await_none(house)
    house.configure("status_file = yes")
    house.command("reload", check=True)
    await_text(house, "nothing waits")
    written = house.config.read_text()
    house.config.write_text("")
    house.command("reload", check=True)
    await_none(house)
    house.config.write_text(written)
    house.command("reload", check=True)
    await_text(house, "nothing waits")
    house.stop()
    house.configure() # while no daemon runs
    assert file_of(house).exists()
    house.start()
    await_none(house)
    assert not logged(house), logged(house)


@long
def remove_leaves_none_behind_whether_a_daemon_runs_or_not(house):
    house.config.write_text('include("conf.d/*.conf")\n')
    house.start()
    for runs in (True, False):
        house.command("add", "--config", house.config, house.inbox, "--output", house.output, check=True)
        await_text(house, "nothing waits")
        if not runs:
            house.stop()
            dry = house.command("remove", "--config", house.config, "inbox", "--dry-run", check=True).stdout
            assert f"rm -f {file_of(house)}\n" in dry, dry
        house.command("remove", "--config", house.config, "inbox", check=True)
        if not runs:
            assert not file_of(house).exists()
        await_none(house)


@long
def a_folder_that_was_unavailable_gets_its_file_again(house):
    house.configure("status_file = yes")
    other = house.top / "other"
    other.mkdir()
    (house.top / "made").mkdir()
    house.config.write_text(house.config.read_text() + f"""folder "other" {{
        path = "{other}" output = "{house.top}/made" profile = "small" quiet = 500ms status_file = yes }}""")
    house.start()
    await_text(house, "nothing waits")
    away = house.top / "away"
    house.inbox.rename(away)
    wait_until(lambda: house.get()[1]["folders"][0]["state"] == "unavailable", "it is unavailable")
    house.photo("a.jpg").rename(other / "a.jpg")
    wait_until(lambda: "last finished" in (other / "HOTFOLDER.txt").read_text(), "files were written meanwhile")
    assert not house.inbox.exists()
    (away / "HOTFOLDER.txt").unlink()
    away.rename(house.inbox)
    await_text(house, "nothing waits")
    assert not logged(house), logged(house)


def a_full_disk_is_logged_once_and_harms_nothing(house):
    house.mount(house.inbox, "400k")
    (house.work / "small.jpg").write_bytes(house.photo("a.jpg", size="64x48").read_bytes())
    picture = (house.work / "small.jpg").read_bytes()
    (house.inbox / "b.jpg").write_bytes(picture)
    with open(house.inbox / "ballast.txt", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    house.configure("status_file = yes\n originals = keep")
    house.start()
    house.await_output("b.jpg")
    wait_until(lambda: logged(house), "it is logged")
    [line] = logged(house)
    assert "No space left on device" in line, line
    assert sorted(os.listdir(house.inbox)) == ["b.jpg", "ballast.txt"], os.listdir(house.inbox)


if __name__ == "__main__":
    sys.exit(main(globals()))
