"""shares - file systems that do not tell of changes made elsewhere, in a folder and all of it."""
import os
import signal
import subprocess
import time

from harness import BUILD, Skip, files_below, jpg, main, quoted, run, wait_until

POLLED = "events; polling below 'nas' every 10 s"


def share(house, behind, place):
    """Mounts the directory `behind` at `place` as a share; what changes behind it makes no event."""
    if not (BUILD / "bin/share").exists() or not os.access("/dev/fuse", os.W_OK):
        raise Skip("no FUSE")
    server = subprocess.Popen([BUILD / "bin/share", behind, place], stderr=subprocess.PIPE)
    wait_until(lambda: os.path.ismount(place) or server.poll() is not None, "it is mounted")
    if server.poll() is not None:
        raise Skip(f"cannot mount: {server.stderr.read().decode().strip()}")
    house.mounts.append(place)
    return server


def way(house):
    return house.get()[1]["folders"][0].get("watch")


def left(house):
    return house.get()[1]["folders"][0]["left"].get("text")


def told(house, words):
    return house.logged().count(f"folder 'inbox' is watched by {words}\n")


def files_written_behind_a_share_are_found_and_finished_once(house):
    behind, place = house.work / "behind", house.inbox / "nas"
    behind.mkdir()
    place.mkdir()
    share(house, behind, place)
    house.configure('originals = "keep"', incomplete="60s")
    house.start()
    house.await_log(f"folder 'inbox' is watched by {POLLED}")
    assert way(house) == POLLED, way(house)
    assert POLLED in house.command("status").stdout
    house.photo("local.jpg").rename(house.inbox / "local.jpg")
    house.await_output("local.jpg")
    # On another machine: one whole, one in two parts.
    whole = house.photo("whole.jpg", seed=2)
    slow = house.photo("slow.jpg", seed=3).read_bytes()
    (behind / "trip").mkdir()
    whole.rename(behind / "trip/whole.jpg")
    with open(behind / "slow.jpg", "wb") as file:
        file.write(slow[:5000])
        file.flush()
        house.await_output("nas/trip/whole.jpg")
        wait_until(lambda: house.get()[1]["folders"][0]["pending"], "the other one is noticed")
        assert not (house.output / "nas/slow.jpg").exists(), "a part was taken for the whole"
        file.write(slow[5000:])
    house.await_output("nas/slow.jpg")
    house.account(["local.jpg", "nas/trip/whole.jpg", "nas/slow.jpg"], jpg)
    wait_until(house.settled, "all is done")
    assert house.logged().count(": done in ") == 3, "one was finished twice"
    assert told(house, POLLED) == 1


def a_share_that_comes_and_goes_in_a_folder_is_told_once_each_time(house):
    behind, place = house.work / "behind", house.inbox / "nas"
    behind.mkdir()
    place.mkdir()
    house.configure('originals = "done"', top="reconcile = 1s")
    house.start()
    house.await_log("folder 'inbox' is watched by events")
    house.photo().rename(behind / "beach.jpg")
    share(house, behind, place)
    house.await_log(f"folder 'inbox' is watched by {POLLED}")
    house.await_quiet(["nas/beach.jpg"])
    assert house.retired() == ["nas/beach.jpg"], house.retired()
    assert files_below(house.output) == ["nas/beach.jpg"]
    for number in range(1, 4):  # each is noticed by one more scan of all
        (behind / f"{number}.txt").write_text("not a picture\n", encoding="ascii")
        wait_until(lambda wanted=number: left(house) == wanted, "the text is seen")
    assert way(house) == POLLED, way(house)
    wait_until(lambda: run("umount", place, check=False).returncode == 0, "it is unmounted")
    wait_until(lambda: told(house, "events") == 2, "it is told")
    assert way(house) == "events", way(house)
    assert told(house, POLLED) == 1
    house.photo("local.jpg").rename(place / "local.jpg")
    house.await_output("nas/local.jpg")


def a_share_that_does_not_answer_is_told_and_holds_no_more_up_than_it_must(house):
    behind, place, second = house.work / "behind", house.top / "share", house.top / "second"
    for directory in (behind, behind / "in", place, second):
        directory.mkdir()
    server = share(house, behind, place)
    house.configure(top="reconcile = 1s")  # a poll may be long in coming on a busy machine
    with house.config.open("a") as config:
        config.write(f'''
folder "nas" {{
    path = {quoted(place / "in")}
    output = {quoted(second)}
    profile = "small"
    watch = poll
}}
folder "away" {{
    path = {quoted(house.work / "local")}
    output = {quoted(place / "out")}
    profile = "small"
    min_free = 0
}}
''')
    (house.work / "local").mkdir()
    house.start()
    wait_until(lambda: house.get()[1]["folders"][2]["state"] == "held", "its output is missing")
    server.send_signal(signal.SIGSTOP)
    try:
        house.await_log("folder 'nas' does not answer")
        for _ in range(5):  # the main loop tries the folder that is held, too
            began = time.monotonic()
            assert "folder 'nas' does not answer" in house.command("status", check=True).stdout
            assert time.monotonic() - began < 8, "the service does not answer either"
            time.sleep(0.5)
    finally:
        server.send_signal(signal.SIGCONT)
    house.await_log("every folder is looked at again")
    (behind / "out").mkdir()
    wait_until(lambda: house.get()[1]["folders"][2]["state"] == "alive", "it goes on by itself")
    house.photo("late.jpg").rename(house.inbox / "late.jpg")
    house.await_output("late.jpg")
    assert "stuck" not in house.get()[1]


if __name__ == "__main__":
    raise SystemExit(main(globals()))
