"""shares - file systems that do not report changes made elsewhere, in a folder and all of it."""
import contextlib
import os
import random
import signal
import time

from harness import files_below, jpg, local, long, main, quoted, run, share, wait_until

POLLED = "events; polling below 'nas' every 10 s"
ANSWERS = 30  # seconds: the watchdog comes after them; nothing that is waited for meanwhile needs a tenth


def overlay(house, place):
    """Mounts an overlay at `place`; its lower directory, behind it."""
    local(house)
    layers = house.top / "layers"
    layers.mkdir()
    house.mount(layers, "64m")  # an overlay can have no other as its upper layer
    for name in ("lower", "upper", "work"):
        (layers / name).mkdir()
    run("mount", "-t", "overlay", "overlay", "-o",
        f"lowerdir={layers}/lower,upperdir={layers}/upper,workdir={layers}/work", place)
    house.mounts.insert(0, place)
    return layers / "lower"


@contextlib.contextmanager
def silence(server):
    """The server of the share does not respond meanwhile."""
    server.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.send_signal(signal.SIGCONT)


def way(house):
    return house.get()[1]["folders"][0].get("watch")


def left(house):
    return house.get()[1]["folders"][0]["ignored"].get("text")


def times_logged(house, words):
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
    wait_until(house.idle, "all is done")
    house.await_logged(": done in ", 3)
    assert times_logged(house, POLLED) == 1


def a_share_that_comes_and_goes_in_a_folder_is_logged_once_each_time(house):
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
    assert house.done() == ["nas/beach.jpg"], house.done()
    assert files_below(house.output) == ["nas/beach.jpg"]
    for number in range(1, 4):  # each is noticed by one more scan of all
        (behind / f"{number}.txt").write_text("not a picture\n", encoding="ascii")
        wait_until(lambda wanted=number: left(house) == wanted, "the text is seen")
    assert way(house) == POLLED, way(house)
    wait_until(lambda: run("umount", place, check=False).returncode == 0, "it is unmounted")
    wait_until(lambda: times_logged(house, "events") == 2, "it is logged")
    assert way(house) == "events", way(house)
    assert times_logged(house, POLLED) == 1
    house.photo("local.jpg").rename(place / "local.jpg")
    house.await_output("nas/local.jpg")


def folder_of(house, name):
    return next(folder for folder in house.get()[1]["folders"] if folder["name"] == name)


def configure_more(house, name, path, output, more=""):
    """One more folder."""
    with house.config.open("a") as config:
        config.write(f'''
folder "{name}" {{
    path = {quoted(path)}
    output = {quoted(output)}
    profile = "small"
    {more}
}}
''')


def a_folder_on_a_share_that_does_not_respond_is_unavailable_and_blocks_no_other(house):
    behind, place = house.work / "behind", house.top / "share"
    for directory in (behind / "in", place, house.work / "local", house.top / "second"):
        directory.mkdir(parents=True)
    server = share(house, behind, place)
    house.configure()
    configure_more(house, "nas", place / "in", house.top / "second")
    configure_more(house, "far", house.work / "local", place / "out")
    house.start()
    wait_until(lambda: folder_of(house, "far")["state"] == "held", "its output is missing")
    wait_until(lambda: folder_of(house, "nas").get("watch"), "it is polled")
    with silence(server):
        wait_until(lambda: folder_of(house, "nas")["state"] == "unavailable", "the silence is noticed")
        for _ in range(5):  # the main loop tries the folder that is held
            house.command("status", check=True, timeout=ANSWERS)
            time.sleep(0.5)
        assert "does not respond; check the share" in folder_of(house, "nas")["reason"]
        house.photo("meanwhile.jpg").rename(house.inbox / "meanwhile.jpg")
        house.await_output("meanwhile.jpg")
        house.photo("late.jpg", seed=2).rename(behind / "in/late.jpg")
    wait_until(lambda: folder_of(house, "nas")["state"] == "available", "it continues")
    wait_until((house.top / "second/late.jpg").exists, "what came meanwhile is done")
    assert house.logged().count("'nas' is unavailable") == 1, house.logged()


def workers_that_hang_in_a_share_get_others_in_their_place(house):
    behind, place, local = house.work / "behind", house.top / "share", house.work / "local"
    for directory in (behind / "out", place, local):
        directory.mkdir(parents=True)
    server = share(house, behind, place)
    house.configure(top="workers = 2")
    configure_more(house, "far", local, place / "out")
    house.start()
    names = [f"{number}.jpg" for number in range(6)]
    for number, name in enumerate(names):
        house.photo(name, seed=number + 10)
    with silence(server):
        for name in names:
            (house.work / name).rename(local / name)
        house.await_log("folder 'far' is held")
        house.photo("meanwhile.jpg").rename(house.inbox / "meanwhile.jpg")
        house.await_output("meanwhile.jpg")
        said = folder_of(house, "far")["reason"]
        assert f"'{local}' or '{place}/out' does not respond" in said, said
    for name in names:
        wait_until((behind / "out" / name).exists, "the others are finished, too")
        wait_until((local / "done" / name).exists, "their originals have moved")
    wait_until(house.idle, "all is done")
    assert files_below(behind / "out") == names
    house.await_logged(": done in ", len(names) + 1)


def a_folder_that_is_pointed_away_from_a_dead_share_works_at_once(house):
    behind, place, local = house.work / "behind", house.top / "share", house.work / "local"
    for directory in (behind / "out", place, local):
        directory.mkdir(parents=True)
    server = share(house, behind, place)
    house.configure()
    configure_more(house, "far", local, place / "out")
    house.start()
    with silence(server):
        house.photo("first.jpg").rename(local / "first.jpg")
        house.await_log("folder 'far' is held")
        house.config.write_text(house.config.read_text().replace(
            os.fspath(place / "out"), os.fspath(house.top / "second")))
        (house.top / "second").mkdir()
        house.command("reload", check=True)
        house.photo("late.jpg", seed=2).rename(local / "late.jpg")
        wait_until((house.top / "second/late.jpg").exists, "it is done while the share is dead")
    wait_until(house.idle, "all is done")


def a_share_that_never_responded_is_unavailable_and_another_one_takes_its_place(house):
    behind, place = house.work / "behind", house.top / "share"
    for directory in (behind / "in", place, house.top / "second"):
        directory.mkdir(parents=True)
    server = share(house, behind, place, "dead")
    house.configure()
    configure_more(house, "nas", place, house.top / "second")
    with silence(server):
        house.start()
        wait_until(lambda: folder_of(house, "nas")["state"] == "unavailable", "that it is unavailable is seen")
        house.photo("meanwhile.jpg").rename(house.inbox / "meanwhile.jpg")
        house.await_output("meanwhile.jpg")
        # LeakSanitizer would wait for the thread that hangs.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        checked = house.command("check", "--config", house.config,
                                env={**house.environment(), "ASAN_OPTIONS": options})
        assert checked.returncode == 1, checked
        assert "second' does not respond; check the share" in checked.stderr, checked
        # The call to the dead share hangs as long as the share exists; the new share is asked all the same.
        run("umount", "--lazy", place)
        house.mounts.remove(place)
        share(house, behind / "in", place)
        wait_until(lambda: folder_of(house, "nas")["state"] == "available", "the new one is asked")
        house.photo("late.jpg", seed=2).rename(behind / "in/late.jpg")
        wait_until((house.top / "second/late.jpg").exists, "its pictures are done")


def a_reload_does_not_wait_for_each_folder_on_a_dead_share(house):
    behind, place, second = house.work / "behind", house.top / "share", house.top / "second"
    for directory in (behind, place, second):
        directory.mkdir()
    house.configure()
    house.start()
    server = share(house, behind, place, "dead")
    for number in range(25):
        configure_more(house, f"nas{number}", place / str(number), second)
    try:
        # The daemon would wait two seconds for each.
        house.command("reload", check=True, timeout=ANSWERS)
        house.command("status", check=True, timeout=ANSWERS)
        assert folder_of(house, "nas24")["state"] != "available"
        house.photo("meanwhile.jpg").rename(house.inbox / "meanwhile.jpg")
        house.await_output("meanwhile.jpg")
    finally:
        server.send_signal(signal.SIGCONT)


def await_silent(house, name="inbox"):
    """The folder is unavailable, as its share does not respond."""
    wait_until(lambda: folder_of(house, name)["state"] == "unavailable", "the silence is noticed")
    assert "does not respond; check the share" in folder_of(house, name)["reason"]


def a_dead_share_in_a_folder_makes_it_unavailable_and_the_service_answers(house):
    behind, place = house.work / "behind", house.inbox / "nas"
    for directory in (behind, place, house.work / "other", house.top / "second"):
        directory.mkdir()
    house.configure()
    configure_more(house, "other", house.work / "other", house.top / "second")
    house.start()
    server = share(house, behind, place, "dead")  # that it came is noticed, and it is looked into
    try:
        await_silent(house)
        assert "does not respond" in house.command("status", check=True).stdout
        house.send(signal.SIGHUP)
        house.await_log("the new configuration is in use")
        house.photo("meanwhile.jpg").rename(house.work / "other/meanwhile.jpg")
        wait_until((house.top / "second/meanwhile.jpg").exists, "the other folder goes on")
    finally:
        server.send_signal(signal.SIGCONT)
    wait_until(lambda: folder_of(house, "inbox")["state"] == "available", "it continues")
    house.photo("late.jpg").rename(house.inbox / "late.jpg")
    house.await_output("late.jpg")


def answers_about_a_share_that_is_dead_come_and_name_it(house):
    """None waits for it, and what is asked of all folders is done in the others."""
    behind, place = house.work / "behind", house.top / "share"
    for directory in (behind / "in", place, house.top / "second"):
        directory.mkdir(parents=True)
    server = share(house, behind, place)
    house.configure()
    configure_more(house, "nas", place / "in", house.top / "second")
    house.start()
    cut = house.photo("cut.jpg").read_bytes()[:4000]
    for directory in (behind / "in", house.inbox):
        (directory / "broken.jpg").write_bytes(cut)
    house.photo("a.jpg").rename(behind / "in/a.jpg")
    wait_until(lambda: [folder_of(house, name)["failed"] for name in ("inbox", "nas")] == [1, 1], "two have failed")
    wait_until(lambda: folder_of(house, "nas")["done"] == 1, "one is done")
    inbox, named = place / "in", "does not respond; check the share"
    with silence(server):
        await_silent(house, "nas")
        for path, state in ((inbox / "a.jpg", "done"), (inbox / "broken.jpg", "failed"), (inbox / "new.jpg", "never seen"),
                            (inbox / "failed/broken.jpg", "failed"), (inbox, "unavailable"),
                            (inbox / "trip/a.jpg", "never seen")):
            _, answer = house.get(f"/v1/why?path={path}")
            assert answer["state"] == state, answer
            assert named in "\n".join([answer["sentence"], *answer["notes"]]), answer
        assert {row["state"] for row in house.get("/v1/list")[1]["pictures"]} == {"done", "failed"}
        for request, parameters in (("retry", {"path": f"{inbox}/broken.jpg"}), ("undo", {"path": f"{inbox}/a.jpg"}),
                                    ("undo", {"path": f"{inbox}/done/a.jpg"}), ("scan", {"folder": "nas"}),
                                    ("cancel", {"path": f"{inbox}/failed/broken.jpg"}),
                                    ("reprocess", {"folder": "nas", "all": True})):
            code, answer = house.post(f"/v1/{request}", **parameters)
            assert code == 409 and named in answer["error"] and answer["fix"], (request, parameters, answer)
        _, answer = house.post("/v1/undo", since=0, folder="nas")
        assert (answer["undone"], answer["refused"]) == (0, 1) and named in answer["refusals"][0]["error"], answer
        _, answer = house.post("/v1/retry", all=True)
        assert (answer["retried"], answer["refused"]) == (1, 1) and named in answer["refusals"][0]["error"], answer
        assert answer["refusals"][0]["path"] == f"{inbox}/broken.jpg", answer
        for request in ("pause", "resume"):
            assert house.post(f"/v1/{request}", folder="nas")[0] == 200
    wait_until(lambda: folder_of(house, "nas")["state"] == "available", "it continues")
    assert house.post("/v1/undo", path=f"{inbox}/a.jpg")[1]["undone"] == 1


def a_share_that_falls_silent_while_pictures_arrive_holds_up_no_other_folder(house):
    """It is silent in the middle of a scan, of a look at a file, or of a picture."""
    behind, place = house.work / "behind", house.top / "share"
    for directory in (behind / "in", place, house.top / "second"):
        directory.mkdir(parents=True)
    server = share(house, behind, place)
    house.configure()
    configure_more(house, "nas", place / "in", house.top / "second")
    house.start()
    names = [f"{number}.jpg" for number in range(12)]
    for number, name in enumerate(names):
        house.photo(name, seed=number)
    for name in names:
        (house.work / name).rename(behind / "in" / name)
    wait_until(lambda: (house.top / "second" / names[0]).exists(), "they are being taken")
    with silence(server):
        house.photo("first.jpg", seed=20).rename(house.inbox / "first.jpg")
        house.await_output("first.jpg")
        await_silent(house, "nas")
        house.photo("second.jpg", seed=21).rename(house.inbox / "second.jpg")
        house.await_output("second.jpg")
        assert folder_of(house, "inbox")["state"] == "available"
    for name in names:
        wait_until((house.top / "second" / name).exists, "the others are finished, too")
    wait_until(house.idle, "all is done")
    assert folder_of(house, "nas")["state"] == "available"
    house.await_logged(": done in ", len(names) + 2)


@long
def silences_at_any_moment_hold_up_no_other_folder(house):
    """By turns of the share of a whole folder, and of one that is mounted in a folder."""
    places = {"nas": house.top / "share", "around": house.top / "around/card"}
    for name, place in places.items():
        for directory in (house.work / name / "in", place, house.top / f"{name}-out"):
            directory.mkdir(parents=True)
    servers = {name: share(house, house.work / name, place) for name, place in places.items()}
    house.configure()
    configure_more(house, "nas", places["nas"] / "in", house.top / "nas-out")
    configure_more(house, "around", house.top / "around", house.top / "around-out")
    house.start()
    seed = time.time_ns()
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(5):
        name = ("nas", "around")[number % 2]
        for one in range(5):
            house.photo(f"{number}-{one}.jpg", seed=10 * number + one).rename(
                house.work / name / f"in/{number}-{one}.jpg")
        time.sleep(chance.uniform(0, 11))  # the next poll is in it
        with silence(servers[name]):
            for one in range(5):
                house.photo("local.jpg", seed=100 + 10 * number + one).rename(
                    house.inbox / f"{number}-{one}.jpg")
                house.await_output(f"{number}-{one}.jpg")
            await_silent(house, name)
            assert folder_of(house, "inbox")["state"] == "available"
        wait_until(lambda there=name: folder_of(house, there)["state"] == "available", "it continues")
    wait_until(lambda: len(files_below(house.top / "nas-out")) == 15, "the share's are done")
    wait_until(lambda: len(files_below(house.top / "around-out")) == 10, "the mounted share's are done")
    wait_until(house.idle, "all is done")
    house.await_logged(": done in ", 50)


def has_open(house, name):
    """Whether the daemon has a file of that name open; the share is not asked."""
    for number in os.listdir(f"/proc/{house.daemon.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(f"/proc/{house.daemon.pid}/fd/{number}").endswith(f"/{name}"):
                return True
    return False


def a_share_that_falls_silent_with_a_file_open_holds_up_no_worker_of_another_folder(house):
    """Where a new process closes its copy of such a file, it waits for the share."""
    behind, place = house.work / "behind", house.top / "share"
    for directory in (behind, place, house.top / "second"):
        directory.mkdir()
    house.photo("behind/first.jpg", size="2000x1500")
    server = share(house, behind, place, "slow")
    house.configure("isolate = yes")  # each picture needs a new worker
    configure_more(house, "nas", place, house.top / "second")
    house.start()

    def stops_with_the_file_open():
        if has_open(house, "first.jpg"):
            server.send_signal(signal.SIGSTOP)
            if has_open(house, "first.jpg"):
                return True
            server.send_signal(signal.SIGCONT)
        return False

    try:
        wait_until(stops_with_the_file_open, "the share is silent and its file open", every=0.001)
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            house.photo("local.jpg").rename(house.inbox / name)
            house.await_output(name)
        assert has_open(house, "first.jpg")
        await_silent(house, "nas")
        _, answer = house.get(f"/v1/why?path={place}/first.jpg")
        assert answer["state"] in ("never seen", "pending", "in progress"), answer  # as far as it has come
        assert "does not respond; check the share" in "\n".join([answer["sentence"], *answer["notes"]]), answer
    finally:
        server.send_signal(signal.SIGCONT)
    wait_until((house.top / "second/first.jpg").exists, "the share's picture is done")


def a_stop_does_not_wait_for_a_share_that_is_dead(house):
    behind, place = house.work / "behind", house.inbox / "nas"
    behind.mkdir()
    place.mkdir()
    house.configure()
    house.start()
    server = share(house, behind, place, "dead")
    try:
        await_silent(house)
        assert house.stop() == 0
        assert "a file system does not respond; hotfolder exits" in house.logged()
    finally:
        server.send_signal(signal.SIGCONT)
    house.start()
    house.photo("late.jpg").rename(house.inbox / "late.jpg")
    house.await_output("late.jpg")


def an_overlay_is_polled_for_what_comes_behind_it_and_has_events_and_leases(house):
    place = house.inbox / "nas"
    place.mkdir()
    behind = overlay(house, place)
    (behind / "trip").mkdir()
    house.configure('originals = "keep"')
    house.start()
    house.await_log(f"folder 'inbox' is watched by {POLLED}")
    house.photo("first.jpg").rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")  # its worker is there
    (behind / "trip/polled.jpg").write_bytes(house.photo(seed=5).read_bytes())
    house.await_output("nas/trip/polled.jpg")  # the next poll is ten seconds away
    # A program that still writes is known, though the picture looks complete for long.
    with open(place / "open.jpg", "wb") as file:
        file.write(house.photo(seed=2).read_bytes())
        file.flush()
        (place / "trip/through.jpg").write_bytes(house.photo(seed=1).read_bytes())
        (behind / "trip/behind.jpg").write_bytes(house.photo(seed=3).read_bytes())
        (behind / "new").mkdir()
        (behind / "new/other.jpg").write_bytes(house.photo(seed=4).read_bytes())
        house.await_output("nas/trip/through.jpg", "nas/trip/behind.jpg", "nas/new/other.jpg")
        house.await_log("behind.jpg: done in")
        reported_first = house.logged().partition("behind.jpg: done in")[0]
        assert "through.jpg: done in" in reported_first, "no event has reported it"
        time.sleep(2)
        assert not (house.output / "nas/open.jpg").exists(), "it did not wait for its end"
    house.await_output("nas/open.jpg")
    time.sleep(3)
    # ThreadSanitizer has its own thread, which wakes up.
    assert os.environ.get("HOTFOLDER_SANITIZE") == "thread" or house.sleeps(20 + 10), \
        "it wakes up more than a poll needs"
    assert len(files_below(house.output)) == 6


def a_name_that_the_disk_refuses_fails_at_once_and_names_the_sign(house):
    (house.top / "disk").mkdir()
    share(house, house.top / "disk", house.output, "exfat")
    house.start()
    for name in ("what?.jpg", "odd:dir/a.jpg", "plain.jpg"):
        (house.inbox / name).parent.mkdir(exist_ok=True)
        house.photo().rename(house.inbox / name)
    house.await_output("plain.jpg")
    for name, sign in (("what?.jpg", "?"), ("odd:dir/a.jpg", ":")):
        reason = house.reason(name)
        assert f"it takes no name with the sign '{sign}'" in reason and "attempts: 1\n" in reason, reason
    assert files_below(house.top / "disk") == ["plain.jpg"]


def portable_names_are_taken_by_a_disk_that_refuses_signs(house):
    (house.top / "disk").mkdir()
    share(house, house.top / "disk", house.output, "exfat")
    house.configure("names = portable")
    checked = house.command("check", "--config", house.config)
    assert checked.returncode == 0, checked
    house.start()
    for name in ("what?.jpg", "odd:dir/a.jpg"):
        (house.inbox / name).parent.mkdir(exist_ok=True)
        house.photo().rename(house.inbox / name)
    house.await_output("what_.jpg", "odd_dir/a.jpg")
    house.await_quiet(("what?.jpg", "odd:dir/a.jpg"))
    house.account(("what?.jpg", "odd:dir/a.jpg"), lambda name: name.replace("?", "_").replace(":", "_"))


def check_names_the_sign_of_a_profile_that_the_disk_refuses(house):
    (house.top / "disk").mkdir()
    share(house, house.top / "disk", house.output, "exfat")
    house.config.write_text(house.config.read_text().replace("{stem}.jpg", "{stem} {taken:%H:%M}.jpg"))
    checked = house.command("check", "--config", house.config)
    assert checked.returncode == 1, checked
    assert f"folder \"inbox\": the file system of '{house.output}' takes no name " \
        "with the sign ':'; " in checked.stderr, checked


if __name__ == "__main__":
    raise SystemExit(main(globals()))
