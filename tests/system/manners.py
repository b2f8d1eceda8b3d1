"""manners - settings, reload, status, originals and names: what the daemon promises to people."""
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

from harness import Skip, files_below, main, quoted, run, wait_until


def originals_are_kept(house):
    house.configure('originals = "keep"')
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    content = (house.inbox / "photo.jpg").read_bytes()
    house.await_output("photo.jpg")
    time.sleep(1)
    assert files_below(house.inbox) == ["photo.jpg"]
    assert (house.inbox / "photo.jpg").read_bytes() == content


def originals_move_to_done_with_their_folders(house):
    house.configure('originals = "done"')
    house.start()
    photo = house.photo("trip/day 1/p.jpg")
    content = photo.read_bytes()
    (house.work / "trip").rename(house.inbox / "trip")
    wait_until(lambda: house.done() == ["trip/day 1/p.jpg"], "the original is in done/")
    assert (house.inbox / "done/trip/day 1/p.jpg").read_bytes() == content


def originals_of_one_name_are_both_kept_in_done(house):
    house.configure('originals = "done"')
    house.start()
    for seed in (1, 2):
        house.photo(seed=seed).rename(house.inbox / "same.jpg")
        wait_until(lambda: not (house.inbox / "same.jpg").exists(), "it is in done/")
    assert house.done() == ["same-1.jpg", "same.jpg"]
    assert files_below(house.output) == ["same-1.jpg", "same.jpg"]


def originals_go_to_the_trash(house):
    house.configure('originals = "trash"')
    house.start()
    photo = house.photo()
    content = photo.read_bytes()
    photo.rename(house.inbox / "gone.jpg")
    house.await_output("gone.jpg")
    wait_until(lambda: not (house.inbox / "gone.jpg").exists(), "the original is in the trash")
    places = [house.top, *house.top.parents]
    trashes = [path for place in places for path in (*place.glob(".Trash*"), *place.glob("trash"))]
    trashes += [house.inbox / "trash", house.work / "data/Trash"]
    found = [os.path.join(trash, name) for trash in trashes for name in files_below(trash)
             if os.path.basename(name).startswith("gone")]
    kept = [path for path in found if open(path, "rb").read() == content]
    assert len(kept) == 1, found
    # A trash outside of the house belongs to other users: leave it as it was.
    for path in found:
        if not path.startswith(os.fspath(house.top)):
            os.unlink(path)


def an_output_name_that_is_taken_gets_a_number(house):
    (house.output / "photo.jpg").write_text("another's")
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    assert house.await_output("photo-1.jpg") == ["160x120"]
    assert (house.output / "photo.jpg").read_text() == "another's"


def replace_never_replaces_a_strangers_file(house):
    (house.output / "photo.jpg").write_text("another's")
    house.configure(save='exists = "replace"')
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo-1.jpg")
    assert (house.output / "photo.jpg").read_text() == "another's"


def skip_leaves_what_is_there(house):
    (house.output / "photo.jpg").write_text("another's")
    house.configure('originals = "done"', save='exists = "skip"')
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    wait_until(lambda: house.done() == ["photo.jpg"], "the original is in done/")
    assert files_below(house.output) == ["photo.jpg"]
    assert (house.output / "photo.jpg").read_text() == "another's"


def a_reload_brings_the_new_settings(house):
    house.start()
    house.config.write_text(house.config.read_text().replace("width = 160  height = 160",
                                                             "width = 80  height = 80"))
    house.notices()
    house.send(signal.SIGHUP)
    house.await_notice("READY=1")
    house.photo().rename(house.inbox / "small.jpg")
    assert house.await_output("small.jpg") == ["80x60"]


def a_reload_replaces_workers_only_where_it_changes_what_they_do(house):
    def workers_after(picture, reloads):
        house.send(signal.SIGHUP)
        house.await_logged("the new configuration is in use", reloads)
        house.photo().rename(house.inbox / picture)
        house.await_output(picture)
        return house.children()

    house.configure(top="workers = 1")
    house.start()
    house.photo().rename(house.inbox / "a.jpg")
    house.await_output("a.jpg")
    before = house.children()
    assert len(before) == 1 and workers_after("b.jpg", 1) == before
    house.configure(top="workers = 1", folder="deadline = 60s")
    assert workers_after("c.jpg", 2) == before
    house.configure(top="workers = 1", save="effort = 5")
    assert workers_after("d.jpg", 3) != before


def many_signals_to_reload_are_few_reloads(house):
    house.start()
    began = time.monotonic()
    for _ in range(30):
        house.send(signal.SIGHUP)
        time.sleep(0.05)
    house.photo().rename(house.inbox / "a.jpg")
    house.await_output("a.jpg")
    took = time.monotonic() - began
    reloads = house.logged().count("the new configuration is in use")
    assert 1 <= reloads <= took + 2, (reloads, took)


def a_reload_with_an_error_keeps_the_old_settings(house):
    house.start()
    house.config.write_text(house.config.read_text().replace("scale {", "scael {")
                            .replace("quiet = 500ms", "quiet = 5 elephants"))
    house.send(signal.SIGHUP)
    house.await_log("hotfolder.conf:")
    wait_until(lambda: "scael" in house.logged() and "elephants" in house.logged(),
               "every error is logged")
    house.photo().rename(house.inbox / "photo.jpg")
    assert house.await_output("photo.jpg") == ["160x120"]


def a_reload_that_is_asked_for_says_how_it_went(house):
    assert "no daemon answers" in house.command("reload").stderr
    house.start()
    right = house.config.read_text()
    house.config.write_text(right.replace("scale {", "scael {").replace("500ms", "5 elephants"))
    wrong = house.command("reload")
    assert wrong.returncode == 1 and not wrong.stdout
    errors = wrong.stderr.splitlines()
    assert len(errors) == 3 and "elephants" in errors[0] and "scael" in errors[1], errors
    assert all(line.startswith(f"hotfolder: {house.config}:") for line in errors[:2]), errors
    house.config.write_text(right.replace("width = 160  height = 160", "width = 80  height = 80"))
    reloaded = house.command("reload", check=True)
    assert reloaded.stdout == "reloaded: 1 folder\n"
    house.photo().rename(house.inbox / "small.jpg")
    assert house.await_output("small.jpg") == ["80x60"]


def a_reload_names_the_folders_that_cannot_be_used_and_what_to_do(house):
    """Also by SIGHUP, and at a second reload; a folder whose directory was made meanwhile is none."""
    far = house.top / "far"
    problem = f"folder 'far' is unavailable: the directory '{far}' is missing; make it, or mount its"
    house.start()
    house.config.write_text(f"""{house.config.read_text()}
folder "far" {{
    path = {quoted(far)}
    output = {quoted(house.work)}
    profile = "small"
}}
""")
    house.send(signal.SIGHUP)
    house.await_log(f"the new configuration is in use, but {problem}")
    reloaded = house.command("reload", check=True)
    assert reloaded.stdout == "reloaded: 2 folders\n", reloaded
    assert reloaded.stderr.startswith(f"hotfolder: {problem}"), reloaded.stderr
    assert len(reloaded.stderr.splitlines()) == 1, reloaded.stderr
    far.mkdir()
    assert not house.command("reload", check=True).stderr


def pictures_of_a_folder_that_the_configuration_lost_are_reported_at_the_start(house):
    house.configure(min_free="900TB")  # the folder is held: its pictures are queued
    for i in range(3):
        house.photo(f"{i}.jpg").rename(house.inbox / f"{i}.jpg")
    house.start()
    wait_until(lambda: house.get()[1]["folders"][0]["queued"] == 3, "they are queued")
    assert house.stop() == 0
    house.configure(name="renamed", min_free="900TB")
    house.start()
    house.await_logged("folder 'inbox' is not in the configuration; its unfinished pictures wait: 3", 1)
    assert "folder 'renamed' is not in the configuration" not in house.logged()


def a_folder_that_was_unavailable_is_available_where_a_reload_points_it(house):
    local = house.top / "local"
    local.mkdir()
    house.start()
    house.inbox.rmdir()
    house.await_log("folder 'inbox' is unavailable")
    house.config.write_text(house.config.read_text().replace(os.fspath(house.inbox), os.fspath(local)))
    house.command("reload", check=True)
    house.photo().rename(local / "photo.jpg")
    house.await_output("photo.jpg")
    assert house.get()[1]["folders"][0]["state"] == "available"
    house.inbox.mkdir()


def a_folder_that_is_no_more_ails_no_more(house):
    other = house.top / "other"
    other.mkdir()
    kept = house.config.read_text()
    house.config.write_text(f'''{kept}
folder "other" {{
    path = {quoted(other)}
    output = {quoted(house.work)}
    profile = "small"
}}
''')
    house.start()
    other.rmdir()
    house.await_log("folder 'other' is unavailable")
    house.await_notice("STATUS=2 folders (1 unavailable), 0 queued")
    house.config.write_text(kept)
    house.command("reload", check=True)
    house.await_notice("STATUS=1 folder, 0 queued, 0 in progress")


def a_reload_drops_a_folder_and_takes_another(house):
    house.start()
    other = house.top / "other"
    other.mkdir()
    house.config.write_text(house.config.read_text().replace(os.fspath(house.inbox), os.fspath(other)))
    house.notices()
    house.send(signal.SIGHUP)
    house.await_notice("READY=1")
    house.photo().rename(house.inbox / "old.jpg")
    house.photo("new.jpg").rename(other / "new.jpg")
    house.await_output("new.jpg")
    time.sleep(1)
    assert files_below(house.output) == ["new.jpg"]


def a_folder_that_a_reload_removes_is_logged_once_and_one_that_stays_is_not(house):
    dropped = "is no longer watched"
    house.start()
    house.notices()
    house.send(signal.SIGHUP)
    house.await_notice("READY=1")
    assert dropped not in house.logged()
    house.configure(name="weddings")
    house.command("reload", check=True)
    house.await_log("folder 'inbox' " + dropped)
    house.command("reload", check=True)
    time.sleep(0.5)
    assert house.logged().count(dropped) == 1, house.logged()


def a_daemon_with_a_bad_configuration_logs_each_error_and_ends(house):
    house.configure("nonsense = 3", top="workers = many")
    daemon = house.start(wait=False)
    assert daemon.wait(60) != 0
    house.daemon = None
    log = house.logged()
    assert "nonsense" in log and "many" in log and "hotfolder.conf:" in log, log


def check_reports_each_error_with_its_line(house):
    house.configure("outptu = 'x'\n    quiet = 5 elephants")
    checked = house.command("check", "--config", house.config)
    output = checked.stdout + checked.stderr
    assert checked.returncode == 1, output
    for wanted in ("hotfolder.conf:", "outptu", "did you mean", "output", "elephants"):
        assert wanted in output, f"{wanted!r} is not in: {output}"
    house.configure()
    assert house.command("check", "--config", house.config).returncode == 0


def the_configuration_in_the_readme_works_as_written(house):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    written = readme.split("```")[1].strip("\n")
    assert written.startswith("# hotfolder.conf")
    house.config.write_text(written.replace("/srv/photos/inbox", os.fspath(house.inbox))
                            .replace("/srv/photos/finished", os.fspath(house.output)))
    assert house.command("check", "--config", house.config).returncode == 0
    house.start()
    house.photo(size="3000x1500").rename(house.inbox / "beach.jpg")
    sizes = house.await_output("beach.jpg", "thumbs/beach.jpg")
    assert sizes == ["2048x1024", "400x400"], sizes
    wait_until(lambda: house.done() == ["beach.jpg"], "the original is in done/")


def check_finds_a_loop(house):
    house.output = house.inbox / "finished"
    house.output.mkdir()
    house.configure()
    checked = house.command("check", "--config", house.config)
    assert checked.returncode == 1 and "inbox" in checked.stdout + checked.stderr
    house.output = house.top / "link"
    house.output.symlink_to(house.inbox)
    house.configure()
    assert house.command("check", "--config", house.config).returncode == 1
    house.output = house.top / "output"


def check_reports_a_directory_that_is_missing(house):
    shutil.rmtree(house.inbox)
    checked = house.command("check", "--config", house.config)
    assert checked.returncode == 1 and "inbox" in checked.stdout + checked.stderr
    house.inbox.mkdir()


def an_inherited_ignore_list_is_extended(house):
    house.configure('ignore += { "*.skip.jpg" }')
    house.start()
    for name in ("a.skip.jpg", "a.jpg", ".a.jpg"):
        shutil.copy(house.photo(), house.inbox / name)
    house.await_output("a.jpg")
    time.sleep(1.5)
    assert files_below(house.output) == ["a.jpg"]


def included_files_are_read(house):
    (house.top / "conf.d").mkdir()
    text = house.config.read_text()
    begin = text.index("profile \"small\"")
    (house.top / "conf.d/10-small.conf").write_text(text[begin:])
    house.config.write_text(text[:begin] + 'include("conf.d/*.conf")\ninclude("none/*.conf")\n')
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    assert house.await_output("photo.jpg") == ["160x120"]


def a_shipped_profile_is_found_by_its_name(house):
    house.configure(profile="web")
    house.start()
    house.photo(size="3000x2000").rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")


def a_request_has_five_seconds_however_lively_it_is(house):
    house.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(os.fspath(house.runtime / "control.sock"))
        began = time.monotonic()
        client.send(b"GET /v1/status HTTP/1.1\r\n")

        def ended():
            try:
                client.send(b"X: y\r\n")
            except OSError:
                return True
            return False

        wait_until(ended, "it is hung up on", every=0.2)
        assert time.monotonic() - began > 4, "it had no five seconds"
    answer = house.get()
    assert answer[0] == 200


def a_connection_gets_one_answer(house):
    house.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(os.fspath(house.runtime / "control.sock"))
        client.send(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while part := client.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 404") and b"Connection: close" in answer, answer


def a_socket_of_another_that_is_too_busy_to_answer_is_left_to_him(house):
    path = house.runtime / "control.sock"
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as first, \
            socket.socket(socket.AF_UNIX) as second:
        busy.bind(os.fspath(path))
        busy.listen(0)
        before = path.stat().st_ino
        first.connect(os.fspath(path))
        second.setblocking(False)
        try:
            second.connect(os.fspath(path))
        except BlockingIOError:
            pass
        house.start(wait=False)
        assert house.daemon.wait(20) != 0
        house.daemon = None
        assert path.stat().st_ino == before
        assert "another hotfolderd listens on" in house.logged(), house.logged()


def a_question_waits_where_many_ask_at_once(house):
    path = house.runtime / "control.sock"
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as first:
        busy.bind(os.fspath(path))
        busy.listen(0)
        first.connect(os.fspath(path))
        asked = subprocess.Popen([house.bin / "hotfolder", "--runtime-dir", house.runtime, "status",
                                  "--json"], stdout=subprocess.PIPE, env=house.environment())
        with asked:
            time.sleep(0.5)
            assert asked.poll() is None, "it does not wait"
            busy.accept()[0].close()
            busy.settimeout(30)
            served = busy.accept()[0]
            while not served.recv(4096):  # it has only looked whether the socket answers
                served = busy.accept()[0]
            served.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n")
            assert b"{}" in asked.stdout.read()


def a_daemon_that_finds_its_socket_taken_has_looked_at_no_folder(house):
    for i in range(20):
        shutil.copy(house.photo(), house.inbox / f"{i}.jpg")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(os.fspath(house.runtime / "control.sock"))
        other.listen()
        house.start(wait=False)
        assert house.daemon.wait(timeout=60) == 1
    house.daemon = None
    assert "another hotfolderd listens on" in house.logged(), house.logged()
    with contextlib.closing(sqlite3.connect(house.state / "ledger.db")) as ledger:
        assert ledger.execute("SELECT count(*) FROM job").fetchone() == (0,)
    assert not list(house.output.iterdir()) and not house.done()


def status_is_json_over_the_control_socket(house):
    house.start()
    code, status = house.get()
    assert code == 200 and isinstance(status, dict) and "inbox" in repr(status), status
    assert house.get("/v1/nothing")[0] == 404
    assert house.get("/v1/reload")[0] == 405
    asked = run("curl", "-sS", "--fail", "--unix-socket", house.runtime / "control.sock",
                "http://localhost/v1/status")
    assert "inbox" in asked.stdout


def status_counts_what_was_done_and_what_failed(house):
    house.start()
    photo = house.photo()
    content = photo.read_bytes()
    photo.rename(house.inbox / "good.jpg")
    (house.inbox / "bad.jpg").write_bytes(content[:3000])
    house.await_output("good.jpg")
    wait_until(lambda: house.failed() == ["bad.jpg"], "the bad one has failed")
    shown = house.command("status")
    assert shown.returncode == 0 and "inbox" in shown.stdout, shown.stdout + shown.stderr


def status_without_a_folder_says_what_to_do_next(house):
    house.config.write_text("workers = 1\n")
    house.start()
    shown = house.command("status", check=True).stdout
    assert "\nno folder is configured: nothing is watched\n" in shown, shown
    # The step that it names is one that works.
    step = re.search(r"set one up: hotfolder add PATH --config (\S+)", shown)
    assert step and step[1] == os.fspath(house.config), shown
    house.config.write_text('include("conf.d/*.conf")\n')
    made = house.command("add", house.top / "new/inbox", "--config", step[1])
    assert made.returncode == 0, made.stderr


def status_says_what_to_do_about_what_does_not_work(house):
    """A folder that is held, and a file that the service may not read."""
    house.start_as_nobody()
    photo = house.photo()
    photo.chmod(0)
    if os.geteuid() == 0:
        os.chown(photo, 0, 0)
    photo.rename(house.inbox / "closed.jpg")
    house.output.rename(house.top / "elsewhere")
    house.photo("other.jpg", seed=2).rename(house.inbox / "other.jpg")
    wait_until(lambda: house.get()[1]["folders"][0]["state"] == "held"
               and house.get()[1]["folders"][0]["pending"], "one is held, one is pending")
    shown = house.command("status", check=True).stdout
    assert "1 not readable; give the service the right to read it, as with `chmod g+r`\n" in shown, shown
    assert "`journalctl HOTFOLDER_EVENT=pending` names those that wait for long\n" in shown, shown
    step = re.search(r"next step +correct that, and hotfolder continues; `hotfolder (.*)` tests", shown)
    checked = house.command(*shlex.split(step[1]))
    assert checked.returncode == 1 and f"'{house.output}'" in checked.stderr, checked


def status_shows_the_whole_path_of_a_configuration_that_was_named_by_a_relative_one(house):
    whole = house.config.resolve()
    house.config = Path(os.path.relpath(whole))
    house.start()
    shown = house.command("status", check=True).stdout
    assert f"configuration: {whole}\n" in shown, shown


def status_without_a_daemon_says_so(house):
    shown = house.command("status")
    assert shown.returncode != 0 and shown.stderr.strip()


def actions_are_listed_and_explained(house):
    listed = house.command("actions", check=True).stdout
    for action in ("crop", "fit", "round", "save", "scale", "sharpen", "upright", "watermark"):
        assert action in listed
        explained = house.command("actions", action, check=True).stdout
        assert action in explained
    assert "width" in house.command("actions", "scale").stdout
    unknown = house.command("actions", "scael")
    assert unknown.returncode != 0 and "scale" in unknown.stderr


def every_program_tells_its_version_and_its_help(house):
    for program in ("hotfolderd", "hotfolder", "hotfolder-worker"):
        assert "0." in run(house.bin / program, "--version").stdout
        assert "--" in run(house.bin / program, "--help").stdout
        assert run(house.bin / program, "--nonsense", check=False).returncode == 2


def the_daemon_tells_its_service_manager_what_it_does(house):
    house.start(wait=False)
    seen = []

    def notified():
        seen.extend(house.notices())
        return any(line == "READY=1" for line in seen) and any(
            line.startswith("STATUS=") for line in seen)

    wait_until(notified, "readiness and a status line")
    house.send(signal.SIGTERM)
    wait_until(lambda: seen.extend(house.notices()) or "STOPPING=1" in seen, "it says STOPPING")
    house.daemon.wait(60)


def an_idle_daemon_sleeps(house):
    if os.environ.get("HOTFOLDER_SANITIZE") == "thread":
        raise Skip("ThreadSanitizer has a thread of its own that wakes up")
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    time.sleep(3)
    assert house.sleeps(20 + 10), "it wakes up though there is nothing to do"


if __name__ == "__main__":
    raise SystemExit(main(globals()))
