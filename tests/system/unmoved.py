"""unmoved - directories that another user drops and that the service may not take originals out of:
README's set-up, `cp -r wedding/` by a member of the group with umask 022."""
import os
import pwd

from harness import NOBODY, Skip, files_below, main, run, wait_until

SERVICE = 33  # neither root nor the user who drops: Debian's www-data
GROUP = 60  # of both: Debian's games
NAME = pwd.getpwuid(SERVICE).pw_name
DROPPER = ("setpriv", f"--reuid={NOBODY}", f"--regid={GROUP}", "--clear-groups", "sh", "-c")
DAEMON = ("setpriv", f"--reuid={SERVICE}", f"--regid={GROUP}", "--clear-groups")


def start(house, **how):
    """The service as a user of its own, in directories that it shares with a group."""
    if os.geteuid():
        raise Skip("only root can be several users")
    if house.bin != house.top / "copy/bin":
        house.install()
        for directory in (house.inbox, house.output, house.state, house.runtime, house.work):
            os.chown(directory, SERVICE, GROUP)
            directory.chmod(0o2770)
    house.start(prefix=DAEMON, **how)


def drop(house, *names, broken=()):
    """`cp -r wedding/` of these pictures by a member of the group, with umask 022."""
    source = house.work / "wedding"
    for name in names:
        house.photo(f"wedding/{name}")
    for name in broken:
        house.photo(f"wedding/{name}")
        os.truncate(source / name, 2000)
    run("chown", "-R", f"{NOBODY}:{GROUP}", source)
    run("chmod", "-R", "u=rwX,go=rX", source)
    run(*DROPPER, f"umask 022; cp -r '{source}' '{house.inbox}'")


def folder(house):
    return house.get()[1]["folders"][0]


def unmoved(house):
    return folder(house).get("unmoved")


def the_pictures_of_a_directory_that_may_not_change_are_done(house):
    start(house)
    names = [f"{number}.jpg" for number in range(5)]
    drop(house, *names)
    for name in names:
        house.await_log(f"inbox: wedding/{name}: done in ")
    wait_until(lambda: unmoved(house) == 5, "the status counts them")
    known = folder(house)
    place = os.path.realpath(house.inbox / "wedding")
    assert (known["done"], known["in_progress"], known["queued"]) == (5, 0, 0), known
    assert known["unmoved_directories"] == [
        {"directory": "wedding", "originals": 5, "fix": f"chmod g+w '{place}'"}], known
    shown = house.command("status", check=True).stdout
    assert f"5 originals in wedding/ can't be moved: chmod g+w '{place}'\n" in shown, shown
    assert "5 done" in shown and "0 in progress" in shown, shown
    said = house.logged()
    assert "wedding/0.jpg: its original could not be moved, next attempt in 60.00 s: " in said, said
    assert f"give the user '{NAME}' the right to do this: chmod g+w" in said


def originals_move_as_soon_as_their_directory_may_change(house):
    start(house)
    drop(house, "a.jpg", "b.jpg", "sub/c.jpg")
    wait_until(lambda: unmoved(house) == 3, "the originals stay")
    (house.inbox / "wedding/sub").chmod(0o2775)
    wait_until(lambda: "wedding/sub/c.jpg" in house.done(), "the directory's own rights count")
    wait_until(lambda: unmoved(house) == 2, "the ledger knows it, a moment later")
    assert house.done() == ["wedding/sub/c.jpg"], "the others stay"
    (house.inbox / "wedding").chmod(0o2775)
    wait_until(lambda: len(house.done()) == 3, "the rest moves")
    wait_until(lambda: unmoved(house) == 0, "none is left")
    house.await_log("inbox: wedding/a.jpg: its original is moved now")
    house.await_logged(": done in ", 3)


def originals_that_could_not_move_do_at_the_next_start(house):
    start(house)
    drop(house, "a.jpg")
    wait_until(lambda: unmoved(house) == 1, "the original stays")
    house.await_logged(": done in ", 1)  # a kill between the ledger and the message loses the latter
    house.kill()
    (house.inbox / "wedding").chmod(0o2775)
    start(house)
    wait_until(lambda: house.done() == ["wedding/a.jpg"], "it has moved")
    wait_until(house.idle, "nothing is left to do")
    house.await_logged(": done in ", 1)


def a_picture_that_fails_has_its_report_although_it_cannot_move(house):
    start(house)
    drop(house, broken=("bad.jpg",))
    house.await_log("inbox: wedding/bad.jpg: failed after ")
    text = house.reason("wedding/bad.jpg")
    assert "the JPEG is incomplete" in text, text
    assert "The picture is still in its place: cannot move 'wedding/bad.jpg'" in text, text
    assert house.failed() == [] and (house.inbox / "wedding/bad.jpg").exists()
    assert unmoved(house) == 1 and folder(house)["failed"] == 1
    (house.inbox / "wedding").chmod(0o2775)
    wait_until(lambda: house.failed() == ["wedding/bad.jpg"], "it has moved")
    wait_until(lambda: "still in its place" not in house.reason("wedding/bad.jpg"),
               "the report says the truth")
    wait_until(lambda: unmoved(house) == 0, "nothing is left")
    house.await_logged(": failed after ", 1)


def the_report_of_an_original_that_stays_follows_its_name(house):
    start(house)
    drop(house, broken=("bad.jpg",))
    house.await_log("inbox: wedding/bad.jpg: failed after ")
    directory = house.inbox / "wedding"
    run(*DROPPER, f"mv '{directory}/bad.jpg' '{directory}/worse.jpg'")
    reports = house.inbox / "failed/wedding"
    wait_until(lambda: [path.name for path in reports.iterdir()] == ["worse.jpg.txt"],
               "only the new name has a report")
    assert "still in its place" in house.reason("wedding/worse.jpg")
    assert house.logged().count(": failed after ") == 1, "it has failed once"


def a_directory_of_originals_that_refuses_them_is_named(house):
    start(house)
    done = house.inbox.resolve() / "done"
    for mode, what in ((0o755, "cannot move 'a.jpg' into"), (0o700, "cannot open the directory")):
        done.mkdir()
        os.chown(done, 0, 0)
        done.chmod(mode)
        house.photo("a.jpg").rename(house.inbox / "a.jpg")
        remedy = f"give the user '{NAME}' the right to do this: setfacl -m u:{NAME}:rwx '{done}'"
        house.await_log(f"{what} '{done}': Permission denied; {remedy}")
        wait_until(lambda: unmoved(house) == 1, "the original stays")
        shown = house.command("status", check=True).stdout
        assert f"1 original in ./ can't be moved: {remedy}\n" in shown, shown
        run("sh", "-c", remedy.split(": ")[1])
        wait_until(lambda: files_below(done) == ["a.jpg"], "the remedy helps")
        wait_until(lambda: unmoved(house) == 0, "none is left")
        (done / "a.jpg").unlink()
        done.rmdir()


def a_file_in_the_place_of_done_is_named_in_the_status(house):
    start(house)
    done = house.inbox.resolve() / "done"
    done.write_bytes(b"")
    house.photo("a.jpg").rename(house.inbox / "a.jpg")
    remedy = f"remove or rename '{done}'; hotfolder follows no links here"
    house.await_log(f"'{done}' is not a directory; {remedy}")
    wait_until(lambda: unmoved(house) == 1, "the original stays")
    shown = house.command("status", check=True).stdout
    assert f"1 original in ./ can't be moved: {remedy}\n" in shown, shown


def a_new_file_of_the_name_is_another_picture(house):
    start(house)
    drop(house, "a.jpg")
    wait_until(lambda: unmoved(house) == 1, "the original stays")
    other = house.photo("other.jpg", seed=7)
    os.chown(other, NOBODY, GROUP)
    other.rename(house.inbox / "wedding/a.jpg")
    wait_until(lambda: house.logged().count("wedding/a.jpg: done in ") == 2, "both are done")
    (house.inbox / "wedding").chmod(0o2775)
    wait_until(lambda: house.done() == ["wedding/a.jpg"], "the later one has moved")
    wait_until(lambda: unmoved(house) == 0, "the earlier one is gone")


def check_warns_where_new_directories_are_not_the_groups(house):
    house.inbox.chmod(0o2770)
    advice = f"setfacl -d -m g::rwx '{house.inbox}'"
    checked = house.command("check", "--config", house.config, check=True)
    assert advice in checked.stderr, checked
    run("sh", "-c", advice)
    checked = house.command("check", "--config", house.config, check=True)
    assert "setfacl" not in checked.stderr, checked
    run("sh", "-c", f"umask 022; mkdir '{house.inbox}/trip'")
    assert (house.inbox / "trip").stat().st_mode & 0o070 == 0o070, "what the advice promises"


if __name__ == "__main__":
    raise SystemExit(main(globals()))
