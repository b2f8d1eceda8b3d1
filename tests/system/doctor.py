"""doctor - each kind of trouble is made, and `hotfolder doctor` finds it, and names what helps."""
import json
import os
import re
import sys

from harness import BUILD, NOBODY, Skip, files_below, main, run, wait_until


def examine(house, *options):
    """Its exit status, and what it found, with the level, the words and what helps."""
    done = house.command("doctor", "--json", "--config", house.config, *options)
    answer = json.loads(done.stdout)
    found = answer["findings"]
    assert answer["ok"] == (done.returncode == 0), answer
    assert answer["ok"] == all(finding["level"] != "problem" for finding in found), found
    return done.returncode, found


def problems(house, *options):
    return [finding for finding in examine(house, *options)[1] if finding["level"] == "problem"]


def is_found(house, level, *words, fix):
    """Exactly one finding of this level has these words, and says what helps."""
    status, found = examine(house)
    fitting = [finding for finding in found if finding["level"] == level
               and all(word in finding["what"] for word in words)]
    assert len(fitting) == 1 and fix in fitting[0]["fix"], found
    assert status == (level == "problem") or level == "note", found
    return fitting[0]


def watched(house):
    wait_until(lambda: house.get()[1]["initial_scan_done"], "it is scanned")


def a_healthy_set_up_has_no_problem_and_leaves_no_file(house):
    house.configure("recursive = no", min_free="1MB")
    house.start()
    status, found = examine(house)
    said = [finding["what"] for finding in found]
    assert status == 0 and found[0]["what"].startswith("the daemon runs with"), found
    for words in ("reports what changes in it", "can be used", "are free in", "watched directories: 1",
                  "no folder takes what another one makes", "may drop pictures there"):
        assert any(words in what for what in said), (words, found)
    assert not files_below(house.inbox) and not files_below(house.output)
    assert house.get()[1]["folders"][0]["ignored"] in ({}, {"temporary file of hotfolder": 1})
    shown = house.command("doctor", "--config", house.config, check=True).stdout
    assert re.match(r"ok       the daemon runs with ", shown) and shown.endswith("no problem was found\n"), shown


def without_a_daemon_that_is_said_first_and_the_folders_are_examined(house):
    house.output.rmdir()
    status, found = examine(house)
    assert status == 1 and found[0]["level"] == "problem", found
    assert "no daemon answers in" in found[0]["what"] and "hotfolderd --config" in found[0]["fix"], found
    assert any("reports what changes in it" in finding["what"] for finding in found), found
    assert any(str(house.output) in finding["what"] and finding["level"] == "problem" for finding in found[1:]), found


def a_missing_directory_is_found(house):
    house.start()
    house.inbox.rmdir()
    finding = is_found(house, "problem", "does not exist", str(house.inbox), fix="create it, or mount it")
    assert finding["folder"] == "inbox" and finding["where"].startswith(str(house.config)), finding


def an_output_that_is_full_is_found(house):
    house.mount(house.output, "1m")
    house.configure(min_free="512KB")
    house.start()
    (house.output / "fill").write_bytes(b"x" * 700_000)
    is_found(house, "problem", "less than min_free = 512KB", fix="free some space")


def a_hot_folder_that_is_full_is_found(house):
    house.mount(house.inbox, "64k")
    house.start()
    (house.inbox / "fill.tmp").write_bytes(b"x" * 61_440)
    while True:
        try:
            with (house.inbox / "more.tmp").open("ab", buffering=0) as file:
                file.write(b"x" * 4096)
        except OSError:
            break
    is_found(house, "problem", f"cannot make a file in '{house.inbox}'", fix="free some space")


def a_right_that_the_daemon_misses_is_found_and_the_command_that_gives_it(house):
    house.start_as_nobody()
    house.output.chmod(0o555)
    finding = is_found(house, "problem", f"cannot write into '{house.output}'", fix="chmod")
    assert f"'{house.output}'" in finding["fix"], finding
    house.output.chmod(0o755)
    (house.inbox / "failed").mkdir(mode=0o555)
    if os.geteuid() == 0:
        is_found(house, "problem", "originals cannot move into", "failed", fix="may write to")


def directories_beyond_the_limit_of_watches_are_found(house):
    limited = ("unshare", "-Ur", "sh", "-c", 'echo 4 >/proc/sys/user/max_inotify_watches && exec "$@"', "sh")
    if run(*limited, "true", check=False).returncode:
        raise Skip("no user namespaces")
    for name in "abcdef":
        (house.inbox / name).mkdir()
    house.start(prefix=limited)
    watched(house)
    is_found(house, "problem", "of 7 directories cannot be watched", fix="sysctl user.max_inotify_watches=8192")
    finding = is_found(house, "problem", f"'{house.inbox}' cannot be watched", "may have 4 watches",
                       fix="sysctl user.max_inotify_watches=8192")
    assert finding["folder"] == "inbox", finding


def used_up_inotify_instances_are_found(house):
    limited = ("unshare", "-Ur", "sh", "-c", 'echo 1 >/proc/sys/user/max_inotify_instances && exec "$@"', "sh")
    if run(*limited, "true", check=False).returncode:
        raise Skip("no user namespaces")
    house.start(prefix=limited)
    is_found(house, "problem", "used up its inotify instances", fix="sysctl")


def a_folder_that_feeds_itself_since_it_was_loaded_is_found(house):
    house.start()
    house.output.rmdir()
    (house.inbox / "web").mkdir()
    house.output.symlink_to(house.inbox / "web")
    found = problems(house)
    assert any("inbox" in finding["what"] and finding["fix"] for finding in found), found


def a_clock_that_differs_from_the_file_servers_is_found(house):
    clock = house.work / "clock"
    clock.write_text("0")
    house.start(prefix=("env", f"LD_PRELOAD={BUILD}/bin/wallclock.so", f"WALLCLOCK={clock}"))
    assert not any("clock" in finding["what"] for finding in examine(house)[1])
    clock.write_text("180")
    is_found(house, "note", "is 3min behind the one of this computer", fix="timedatectl set-ntp true")
    clock.write_text("-7200")
    is_found(house, "note", "is 2h ahead of the one of this computer", fix="timedatectl set-ntp true")


def an_error_in_the_configuration_is_found_while_the_daemon_runs_with_the_old_one(house):
    house.start()
    house.config.write_text(house.config.read_text() + "\nworkers = many\n")
    is_found(house, "problem", "workers = many", fix="256")


def a_pause_is_a_note(house):
    house.start()
    house.command("pause", "inbox", check=True)
    is_found(house, "note", "has paused it since ", fix="`hotfolder resume inbox`")
    house.command("resume", "inbox", check=True)
    house.command("pause", check=True)
    is_found(house, "note", "has paused it", fix="`hotfolder resume`")


def a_person_who_may_not_ask_the_daemon_gets_what_they_can_see(house):
    if os.geteuid():
        raise Skip("only root can ask as another user")
    house.install()
    house.start()
    house.runtime.chmod(0o755)
    (house.runtime / "control.sock").chmod(0o666)
    done = run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", house.bin / "hotfolder",
               "--runtime-dir", house.runtime, "doctor", "--config", house.config, check=False)
    assert "may not" in done.stderr or "permission" in done.stderr or "operators" in done.stderr, done
    assert done.returncode == 1 and "cannot" in done.stdout, done


def a_probe_is_sent_only_when_it_is_asked_for_and_leaves_no_trace(house):
    house.start()
    watched(house)
    examine(house)
    status, found = examine(house, "--probe")
    assert status == 0 and any("a picture went through" in finding["what"] for finding in found), found
    assert house.get()[1]["folders"][0]["done"] == 0
    assert not files_below(house.inbox) and not files_below(house.output)
    assert house.get("/v1/list")[1]["pictures"] == []
    assert house.post("/v1/undo", last=True)[0] == 404
    assert house.post("/v1/reprocess", folder="inbox", all=True)[1]["refused"] == 0


def a_probe_that_would_wait_is_not_sent_and_what_helps_is_said(house):
    status, found = examine(house, "--probe")
    said = [finding for finding in found if "no probe picture is sent" in finding["what"]]
    assert status == 1 and len(said) == 1 and "hotfolderd --config" in said[0]["fix"], found
    house.start()
    watched(house)
    house.command("pause", "inbox", check=True)
    status, found = examine(house, "--probe")
    said = [finding for finding in found if "no probe picture is sent: the folder is paused" in finding["what"]]
    assert status == 0 and len(said) == 1 and "hotfolder resume" in said[0]["fix"], found
    assert not files_below(house.inbox)


def formats_and_fonts_are_named_and_a_format_that_cannot_be_read_is_a_problem(house):
    house.configure('accept = { jpeg, jxl }')
    house.start()
    status, found = examine(house)
    said = [finding["what"] for finding in found if finding["level"] == "ok"]
    assert status == 0 and "there are fonts for texts" in said, found
    assert any(re.match("pictures can be read as JPEG, PNG, .*, and written as JPEG", what) for what in said), said
    worker = house.work / "worker"
    able = json.dumps({"reads": ["jpeg"], "writes": ["jpeg"], "fonts": False})
    worker.write_text(f"""#!/bin/sh
if [ "$1" = --able ]; then echo '{able}'; else exec {house.bin}/hotfolder-worker "$@"; fi
""")
    worker.chmod(0o755)
    asked = house.command("doctor", "--json", "--config", house.config,
                          env={**house.environment(), "HOTFOLDER_WORKER": os.fspath(worker)})
    found = {finding["what"]: finding for finding in json.loads(asked.stdout)["findings"]}
    lack = found["the folder accepts JPEG XL, which the worker cannot read here"]
    assert lack["level"] == "problem" and "libjxl" in lack["fix"] and lack["folder"] == "inbox", lack
    assert "apt install" in found["there is no font: texts become boxes"]["fix"], found


def a_probe_that_fails_is_a_problem_and_leaves_no_trace(house):
    house.configure('max_pixels = "0.01MP"')
    house.start()
    watched(house)
    assert examine(house)[0] == 0
    found = problems(house, "--probe")
    assert len(found) == 1 and "the probe picture failed" in found[0]["what"] and found[0]["fix"], found
    assert not files_below(house.inbox) and not files_below(house.output)


SERVICE = """
set -e
cp -a /etc "$TOP/etc"
mkdir -p "$TOP/etc/hotfolder"
cp "$CONFIG" "$TOP/etc/hotfolder/hotfolder.conf"
mount --bind "$TOP/etc" /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/hotfolder
doctor() { "$BIN/hotfolder" --runtime-dir /run/hotfolder doctor --json || true; }
doctor
"$BIN/hotfolder" systemd-dropin --install >/dev/null 2>&1 || true
doctor
"""


def a_drop_in_that_is_missing_or_old_is_found_with_the_command_that_writes_it(house):
    unshare = ("unshare", "--mount", "--propagation", "private")
    if os.geteuid() or run(*unshare, "true", check=False).returncode:
        raise Skip("needs root and a mount namespace")
    said = run(*unshare, "sh", "-c", SERVICE, env={**house.environment(), "TOP": os.fspath(house.top),
                                                   "CONFIG": os.fspath(house.config), "BIN": os.fspath(house.bin)})
    decoder, text, answers = json.JSONDecoder(), said.stdout.strip(), []
    while text:
        answer, end = decoder.raw_decode(text)
        answers.append(answer["findings"])
        text = text[end:].strip()
    old, new = answers
    found = [finding for finding in old if "sandbox is not open" in finding["what"]]
    assert found and found[0]["level"] == "problem" and "systemd-dropin --install" in found[0]["fix"], old
    assert any("opens the service's sandbox" in finding["what"] for finding in new), new
    assert any("systemctl enable hotfolder.service" in finding.get("fix", "") for finding in old), old


if __name__ == "__main__":
    sys.exit(main(globals()))
