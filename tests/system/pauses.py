"""pauses - what people ask of whole folders: pause, resume and scan."""
import json
import os
import re
import signal
import sys

from harness import main, run, wait_until


def folder_of(house):
    return house.get()[1]["folders"][0]


def queued(house, *names):
    """Drops these pictures, and waits until they are queued."""
    before = folder_of(house)["queued"]
    for name in names:
        house.photo(name).rename(house.inbox / name)
    wait_until(lambda: folder_of(house)["queued"] == before + len(names), "they are queued")


def a_paused_folder_queues_what_arrives_until_it_is_resumed(house):
    house.start()
    shown = house.command("pause", "inbox", check=True).stdout
    assert "paused: folder 'inbox'" in shown and "`hotfolder resume inbox`" in shown, shown
    queued(house, "a.jpg", "b.jpg")
    status = folder_of(house)
    who = run("id", "-un").stdout.strip()
    assert status["state"] == "paused" and status["paused_by"] == who, status
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", status["paused_since"]), status
    assert re.search(rf"\ninbox: paused by {who} since [-\d]*\s?\d\d:\d\d\n", house.command("status").stdout)
    assert not list(house.output.iterdir()) and status["queued"] == 2
    shown = house.command("status", check=True).stdout
    assert "`hotfolder resume inbox` ends the pause" in shown and "left" not in shown, shown
    shown = house.command("list", check=True).stdout
    assert f"a.jpg: paused by {who} since " in shown, shown
    assert "resumed: folder 'inbox'" in house.command("resume", "inbox", check=True).stdout
    house.await_output("a.jpg", "b.jpg")
    wait_until(lambda: folder_of(house)["state"] == "available", "it is available")
    logged = house.logged()
    assert f"paused by {who}: folder 'inbox'" in logged and f"resumed by {who}: folder 'inbox'" in logged, logged


def a_pause_survives_a_crash_and_keeps_who_and_when(house):
    house.start()
    house.command("pause", "inbox", check=True)
    queued(house, "a.jpg")
    before = folder_of(house)
    house.daemon.kill()
    house.daemon.wait()
    house.daemon = None
    house.start()
    after = folder_of(house)
    assert {name: after[name] for name in ("state", "paused_by", "paused_since", "queued")} == \
        {name: before[name] for name in ("state", "paused_by", "paused_since", "queued")}
    assert "paused already by" in house.command("pause", f"{house.inbox}/", check=True).stdout
    assert folder_of(house)["paused_since"] == before["paused_since"]
    house.command("resume", ".", check=True, cwd=house.inbox)
    house.await_output("a.jpg")


def all_folders_are_paused_beside_those_that_are_by_name(house):
    house.start()
    assert "`hotfolder resume`" in house.command("pause", check=True).stdout
    queued(house, "a.jpg")
    assert "`hotfolder resume` ends the pause" in house.command("status", check=True).stdout
    refused = house.command("resume", "inbox")
    assert refused.returncode == 1 and "all folders are paused by" in refused.stderr, refused
    house.command("pause", "inbox", check=True)
    shown = house.command("resume", check=True).stdout
    assert "resumed: all folders\nstill paused by" in shown and "`hotfolder resume inbox` ends that" in shown, shown
    assert folder_of(house)["state"] == "paused"
    shown = json.loads(house.command("resume", "inbox", "--json", check=True).stdout)
    assert shown == {"folder": "inbox", "already": False, "still_paused": []}, shown
    house.await_output("a.jpg")
    assert "not paused: all folders" in house.command("resume", check=True).stdout


def a_folder_is_named_by_its_directory_through_any_link(house):
    house.config.write_text(house.config.read_text().replace(str(house.inbox), str(house.top / "as-written")))
    (house.top / "as-written").symlink_to(house.inbox)
    (house.top / "elsewhere").symlink_to(house.top)
    house.start()
    for path in ("as-written", "inbox", "inbox/", "elsewhere/inbox", "elsewhere/as-written/."):
        assert "resume inbox`" in house.command("pause", house.top / path, check=True).stdout, path
        house.command("resume", ".", check=True, cwd=house.top / path)
    refused = house.command("pause", house.inbox / "below")
    assert "there is no folder" in refused.stderr, refused


def a_folder_that_does_not_exist_is_named_and_one_like_it(house):
    house.start()
    for command in ("pause", "resume", "scan"):
        refused = house.command(command, "inbx")
        assert (refused.returncode, refused.stderr) == \
            (1, "hotfolder: there is no folder 'inbx'; did you mean 'inbox'?\n"), refused
        refused = house.command(command, "/nowhere")
        assert refused.stderr == "hotfolder: there is no folder '/nowhere'; `hotfolder status` shows all\n", refused
    assert house.command("scan").returncode == 2
    assert house.command("pause", "a", "b").returncode == 2


def a_folder_that_is_unavailable_is_paused_too(house):
    house.start()
    house.inbox.rename(house.top / "elsewhere")
    wait_until(lambda: folder_of(house)["state"] == "unavailable", "it is unavailable")
    house.command("pause", "inbox", check=True)
    assert folder_of(house)["state"] == "unavailable" and folder_of(house)["paused_by"]
    assert re.search(r"\ninbox: unavailable: .*\n.*\n  paused       by \S+ since ", house.command("status").stdout)
    refused = house.command("scan", "inbox")
    assert refused.returncode == 1 and "folder 'inbox' is unavailable" in refused.stderr, refused
    (house.top / "elsewhere").rename(house.inbox)
    wait_until(lambda: folder_of(house)["state"] == "paused", "it is paused")


def a_scan_finds_what_a_poll_would_find_later(house):
    house.configure("watch = poll", top="reconcile = 24h")
    house.start()
    wait_until(lambda: house.get()[1]["initial_scan_done"], "it is scanned")
    for number in range(5): # each would wait for 10 s and more
        name = f"{number}.jpg"
        house.photo(name).rename(house.inbox / name)
        shown = house.command("scan", os.fspath(house.inbox), check=True).stdout
        assert "folder 'inbox': a scan begins" in shown, shown
        house.await_output(name)
    assert f"folder 'inbox': {run('id', '-un').stdout.strip()} has asked for a scan" in house.logged()


def a_pause_is_in_the_line_that_the_service_manager_shows(house):
    house.start()
    house.notices()
    house.command("pause", check=True)
    house.await_notice("STATUS=1 folder (1 paused), 0 queued")
    house.send(signal.SIGHUP)
    wait_until(lambda: "the new configuration is in use" in house.logged(), "it is reloaded")
    assert folder_of(house)["state"] == "paused"


if __name__ == "__main__":
    sys.exit(main(globals()))
