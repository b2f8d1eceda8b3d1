#!/usr/bin/env python3
"""adding - `hotfolder add` and `hotfolder remove`, with a daemon that a person has started."""
import json
import os
import pathlib
import shlex
import stat
import subprocess
import sys

from harness import NOBODY, STATUS_FILES, Skip, files_below, jpg, main, run, sizes_of, wait_until

INCLUDE = 'include("conf.d/*.conf")\n'
SMALL = 'profile "small" { scale { width = 160  height = 160 } save { name = "{dir}/small/{stem}.jpg" } }\n'


def begin(house, text=INCLUDE, start=True):
    """A daemon whose configuration has no folder yet; the house's inbox and output are not there."""
    house.config.write_text(text)
    house.inbox.rmdir()
    house.output.rmdir()
    if start:
        house.start()


def add(house, *arguments, path=None, **options):
    return house.command("add", "--config", house.config, path or house.inbox, "--output", house.output,
                         *arguments, **options)


def remove(house, *arguments, **options):
    return house.command("remove", "--config", house.config, *arguments, **options)


def tree(house):
    """Each file and directory that a person sees, with its rights and its content."""
    found = {}
    for where, directories, names in os.walk(house.top):
        directories[:] = [name for name in directories if name not in ("state", "run", "work")]
        for name in directories + [name for name in names if name not in STATUS_FILES]:
            path = os.path.join(where, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                content = open(path, "rb").read() if stat.S_ISREG(mode) and name != "log" else None
                found[os.path.relpath(path, house.top)] = (stat.filemode(mode), content)
    return found


def lies_in(directory):
    """What is there beside the status file."""
    return [name for name in os.listdir(directory) if name not in STATUS_FILES]


def refused(house, *arguments, words, status=1, **options):
    """It is refused in these words, and nothing has changed."""
    before = tree(house)
    answer = add(house, *arguments, **options)
    assert answer.returncode == status, (answer.returncode, answer.stdout, answer.stderr)
    for text in (words,) if isinstance(words, str) else words:
        assert text in answer.stderr, f"{text!r} is not in {answer.stderr!r}"
    assert "Traceback" not in answer.stderr and answer.stdout == "", answer.stdout
    assert tree(house) == before, "it has changed something"


def finishes(house, name="photo.jpg", output=None):
    photo = house.photo(name)
    photo.rename(house.inbox / name)
    house.await_output(output or jpg(name))
    house.await_quiet([name])
    return photo


def one_command_makes_a_folder_that_works_and_leaves_no_trace_of_its_probe(house):
    begin(house)
    answer = add(house)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    lines = dict(line.split(None, 1) for line in answer.stdout.split("\n\n")[0].splitlines())
    assert "hotfolder-probe-" in lines["probe"] and str(house.output) in lines["probe"], lines
    assert lines["watched"] == "by events" or "polling" in lines["watched"], lines
    assert lies_in(house.inbox) == [] and os.listdir(house.output) == []
    _, status = house.get()
    shown = [(folder["name"], folder["state"], folder["done"]) for folder in status["folders"]]
    assert shown == [("inbox", "available", 0)], shown
    finishes(house)
    assert house.done() == ["photo.jpg"]


def the_probe_leaves_nothing_wherever_originals_and_outputs_go(house):
    begin(house, INCLUDE + SMALL + 'defaults { originals = "keep" }\n')
    for originals in ("keep", "trash", "done"):
        house.config.write_text(INCLUDE + SMALL + f'defaults {{ originals = "{originals}" }}\n')
        answer = add(house, "--profile", "small")
        assert answer.returncode == 0, answer.stdout + answer.stderr
        [out] = [word for word in answer.stdout.split() if word.startswith(f"{house.output}/small/")]
        assert out.endswith(".jpg"), answer.stdout
        assert lies_in(house.inbox) == [] and os.listdir(house.output) == [], originals
        top = house.inbox
        while not os.path.ismount(top):
            top = top.parent
        trash = top / f".Trash-{os.geteuid()}"
        assert not [name for name in files_below(trash) if "hotfolder-probe-" in name]
        assert remove(house, "inbox").returncode == 0
    # What was there before stays.
    (house.inbox / "done").mkdir(exist_ok=True)
    (house.output / "small").mkdir()
    assert add(house, "--profile", "small").returncode == 0
    assert lies_in(house.inbox) == ["done"] and os.listdir(house.output) == ["small"]


def a_probe_that_fails_says_why(house):
    begin(house, INCLUDE + 'profile "cut" { crop { left = 5000px } save {} }\n')
    answer = add(house, "--profile", "cut")
    assert answer.returncode == 1, answer.stdout
    assert "the probe picture failed: nothing of 240 x 160 pixels remains" in answer.stderr, answer.stderr
    assert lies_in(house.inbox) == [] and files_below(house.output) == []


def pictures_that_lie_there_are_taken_in_place_of_a_probe(house):
    begin(house)
    house.inbox.mkdir()
    house.photo("old.jpg").rename(house.inbox / "old.jpg")
    answer = add(house)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "probe      no test picture was sent: 1 file lies in the folder already" in answer.stdout, answer.stdout
    house.await_output("old.jpg")


def a_folder_with_numbers_keeps_its_first_one_for_a_picture(house):
    begin(house, INCLUDE + 'profile "count" { save { name = "{seq:3}.jpg" } }\n')
    answer = add(house, "--profile", "count")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "numbers the pictures" in answer.stdout, answer.stdout
    finishes(house, output="001.jpg")


def the_commands_of_a_dry_run_do_the_same(house):
    begin(house)
    before = tree(house)
    dry = add(house, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert tree(house) == before, "it has changed something"
    path = f"{house.bin}:{os.environ['PATH']}"
    typed = run("sh", "-e", "-c", dry.stdout, env={**house.environment(), "PATH": path})
    wait_until(lambda: [folder["state"] for folder in house.get()[1]["folders"]] == ["available"],
               "the folder is watched")
    by_hand = tree(house)
    finishes(house, "by-hand.jpg")
    assert remove(house, "inbox").returncode == 0, typed.stderr
    for made in (house.inbox, house.output, house.top / "conf.d"):
        run("rm", "-rf", made)
    answer = add(house)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert tree(house) == by_hand


def the_same_command_again_only_proves_it_once_more(house):
    begin(house)
    assert add(house).returncode == 0
    wait_until((house.inbox / "HOTFOLDER.txt").exists, "the folder answers by itself")  # which is no file to wait for
    before = tree(house)
    again = add(house)
    assert again.returncode == 0, again.stdout + again.stderr
    assert tree(house) == before and "a picture came out" in again.stdout, again.stdout
    assert not [line for line in again.stdout.splitlines() if line.startswith(("directory", "folder"))]
    dry = add(house, "--dry-run")
    assert "mkdir" not in dry.stdout and "cat" not in dry.stdout, dry.stdout


def what_was_begun_without_a_daemon_is_finished_with_one(house):
    begin(house, start=False)
    answer = add(house)
    assert answer.returncode == 1 and "no daemon runs" in answer.stderr, answer.stderr
    [start] = [line for line in answer.stderr.splitlines() if "hotfolderd --config" in line]
    assert str(house.config) in shlex.split(start.replace("(", " ").replace(")", " ")), start
    house.start()
    again = add(house)
    assert again.returncode == 0 and "probe " in again.stdout, again.stdout + again.stderr


def a_folder_that_is_paused_is_not_waited_for(house):
    begin(house)
    assert add(house).returncode == 0
    assert house.command("pause", "inbox").returncode == 0
    answer = add(house)
    assert answer.returncode == 1, answer.stdout
    assert "the folder is paused: " in answer.stderr, answer.stderr
    resume = shlex.split(answer.stderr.split("continue with: hotfolder ")[1])
    assert resume[0] == "--runtime-dir" and resume[-2:] == ["resume", "inbox"], answer.stderr
    assert house.command(*resume).returncode == 0
    assert add(house).returncode == 0


def what_cannot_be_added_is_refused_in_words(house):
    begin(house)
    assert add(house).returncode == 0
    top, other, another = house.top, house.top / "other", ("--output", house.top / "elsewhere")
    place = f"{top}/conf.d/inbox.conf:2"
    refused(house, "--profile", "wbe", path=other,
            words="profile = wbe: no such profile; did you mean web?")
    refused(house, path=house.output / "new", words=[
        f"'{house.output}/new' lies in '{house.output}', where the folder \"inbox\" puts finished"])
    refused(house, path=house.output, words="where the folder \"inbox\" puts finished pictures")
    refused(house, path=house.inbox / "sub",
            words=[f"inside {house.inbox}, which folder \"inbox\" ({top}/conf.d/inbox.conf:3) watches",
                   "recursive = no"])
    refused(house, "--output", house.inbox / "out", path=other, words="a loop, because folder \"inbox\"")
    refused(house, "--output", other, path=other, words="output = ")
    refused(house, "--name", "inbox", *another, path=other, words=[
        f"a folder \"inbox\" is there already ({place}): {house.inbox}; give the new one another name"])
    refused(house, "--name", "second", words=f"({place}) is there already, with another name")
    refused(house, "--profile", "print", words=f"({place}) is there already, with another profile")
    refused(house, *another, words=f"({place}) is there already, with another output")
    refused(house, "--name", "a/b", path=other, words="give another one with --name")
    refused(house, "--name", ".hidden", path=other, words="give another one with --name")
    refused(house, path=f"{top}/a\nb", words="without control characters")
    refused(house, "--name", "file", path=house.config, words="is not a directory")
    (top / "conf.d/taken.conf").write_text("# nothing\n")
    refused(house, "--name", "taken", path=other, words=["taken.conf' exists", "--name"])
    for command in ("add", "remove"):
        wrong = house.command(command, "a", "b")
        assert wrong.returncode == 2 and "'b'" in wrong.stderr, wrong.stderr
        assert house.command(command).returncode == 2


def what_the_configuration_says_already_is_not_written_beside_it(house):
    begin(house, f"""folder "first" {{ path = "{house.top}/first" output = "{house.top}/out" profile = web }}
""")
    refused(house, path=house.top / "first", words="first' is a folder already: \"first\" (")
    refused(house, words=["hotfolder.conf includes no file that could be inbox.conf",
                          'add this line to it: include("conf.d/*.conf")'])
    house.config.write_text(INCLUDE + "workers = many\n")
    refused(house, words=["the configuration has errors already", ":2: workers = many: not a number"])


def a_folder_that_cannot_be_used_is_taken_back(house):
    begin(house, INCLUDE + "defaults { min_free = 1000TB }\n")
    before = tree(house)
    answer = add(house)
    assert answer.returncode == 1, answer.stdout
    assert "min_free" in answer.stderr and "everything that was made is taken back" in answer.stderr
    assert tree(house) == before
    house.config.write_text(INCLUDE)
    assert add(house).returncode == 0


def any_name_that_a_configuration_can_hold_will_do(house):
    begin(house)
    refused(house, path=house.top / "a\\b", words="'a\\b' cannot be the name of a folder")
    for number, name in enumerate(('a "b" \\c', "${HOME}", "ü' x", "[x]*?", "#1 {}", "100%")):
        path = house.top / f"{number}" / name
        named = ("--name", f"n{number}") if number < 2 else ()
        answer = house.command("add", "--config", house.config, path, *named)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert lies_in(path) == [] and os.listdir(path.parent / "finished") == []
    _, status = house.get()
    assert {folder["state"] for folder in status["folders"]} == {"available"}
    assert len(status["folders"]) == number + 1
    removed = remove(house, path)
    assert removed.returncode == 0, removed.stderr


def the_result_as_json_is_the_same(house):
    begin(house)
    planned = json.loads(add(house, "--json", "--dry-run").stdout)
    assert planned["ok"] and planned["dry_run"]
    assert all("command" in step and "done" not in step for step in planned["steps"])
    plain = add(house, "--dry-run").stdout
    assert plain == "".join(step["command"] + "\n" for step in planned["steps"])
    done = json.loads(add(house, "--json").stdout)
    assert done["ok"] and not done["errors"] and not done["dry_run"], done
    assert (done["folder"], done["path"], done["output"], done["profile"]) == \
        ("inbox", str(house.inbox), str(house.output), "web")
    [out] = done["probe"]["outputs"]
    assert out.startswith(str(house.output)) and not os.path.exists(out)
    assert [step["command"] for step in done["steps"]] == [step["command"] for step in planned["steps"]]
    wrong = add(house, "--json", "--profile", "print")
    assert wrong.returncode == 1 and wrong.stderr == "", wrong.stderr
    [error] = json.loads(wrong.stdout)["errors"]
    assert "another profile" in error["what"] and "reload" in error["fix"]
    gone = json.loads(remove(house, "inbox", "--json").stdout)
    assert gone["ok"] and gone["folder"] == "inbox" and gone["queued"] == 0
    lost = json.loads(remove(house, "inbox", "--json").stdout)
    assert not lost["ok"] and "there is no folder 'inbox'" in lost["errors"][0]["what"]


def remove_takes_a_folder_out_and_leaves_its_pictures(house):
    begin(house)
    assert add(house).returncode == 0
    finishes(house)
    before = tree(house)
    dry = remove(house, house.inbox, "--dry-run")
    assert dry.returncode == 0 and tree(house) == before
    assert dry.stdout.splitlines()[0] == f"rm {house.top}/conf.d/inbox.conf", dry.stdout
    typo = remove(house, "inbix")
    assert typo.returncode == 1 and "there is no folder 'inbix'; did you mean inbox?" in typo.stderr
    answer = remove(house, "inbox")
    assert answer.returncode == 0, answer.stderr
    assert house.get()[1]["folders"] == []
    after = tree(house)
    assert set(before) - set(after) == {"conf.d/inbox.conf"}
    assert all(after[name] == before[name] for name in after if name != "log")
    # A picture that is dropped now waits for the folder to come back.
    house.photo("late.jpg").rename(house.inbox / "late.jpg")
    assert add(house).returncode == 0
    house.await_output("late.jpg")


def remove_keeps_a_file_that_was_changed_by_hand(house):
    begin(house)
    assert add(house).returncode == 0
    file = house.top / "conf.d/inbox.conf"
    changed = file.read_text().replace("status_file = yes", "status_file = no # mine")
    file.write_text(changed)
    kept = f"{file}.removed"
    assert remove(house, "inbox", "--dry-run").stdout.splitlines()[0] == f"mv {file} {kept}"
    answer = remove(house, "inbox")
    assert answer.returncode == 0 and f"it is kept as {kept}, which is not read" in answer.stdout, answer
    assert not file.exists() and pathlib.Path(kept).read_text() == changed
    assert house.get()[1]["folders"] == []


def remove_says_what_was_not_finished(house):
    begin(house, "workers = 1\n" + INCLUDE)
    assert add(house).returncode == 0
    wait_until(lambda: house.children(), "there is a worker")
    for child in house.children():
        os.kill(child, 19)
    for number in range(3):
        house.photo(f"{number}.jpg", seed=number).rename(house.inbox / f"{number}.jpg")
    wait_until(lambda: sum(house.get()[1]["folders"][0][state] for state in ("queued", "in_progress")) == 3,
               "they are queued")
    answer = remove(house, "inbox")
    for child in house.children():
        os.kill(child, 18)
    assert answer.returncode == 0 and "3 pictures were not finished" in answer.stdout, answer.stdout
    again = add(house)
    assert again.returncode == 0, again.stderr
    house.await_output("0.jpg", "1.jpg", "2.jpg")


def remove_names_the_lines_of_a_folder_beside_other_settings(house):
    begin(house)
    assert add(house).returncode == 0
    file = house.top / "conf.d/inbox.conf"
    file.write_text(file.read_text() + 'profile "mine" {\n    save {}\n}\n')
    answer = remove(house, "inbox")
    lines = file.read_text().splitlines()
    first, last = lines.index('folder "inbox" {') + 1, lines.index("}") + 1
    assert answer.returncode == 1, answer.stdout
    assert f"remove lines {first} to {last} of {file}, and run: hotfolder reload" in answer.stderr
    assert file.read_text().splitlines() == lines
    assert [folder["name"] for folder in house.get()[1]["folders"]] == ["inbox"]


def a_user_who_may_not_change_the_service_reads_what_to_do(house):
    if os.geteuid():
        raise Skip("only root can be another user")
    house.install()
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    env = {**house.environment(), "HOME": "/nonexistent"}
    for arguments in (("add", house.inbox), ("remove", "inbox")):
        answer = run(*drop, house.bin / "hotfolder", *arguments, env=env, check=False)
        assert answer.returncode == 1, answer.stdout
        assert "only root may change the configuration of this machine's service; use sudo, or give " \
            "--user" in answer.stderr, answer.stderr
        answer = run(*drop, house.bin / "hotfolder", "--instance", "x", *arguments, env=env, check=False)
        assert "hotfolder@x; use sudo" in answer.stderr, answer.stderr
    answer = house.command("add", "--user", house.inbox)
    assert answer.returncode == 1 and "of another user than root" in answer.stderr, answer.stderr


def a_user_gets_a_daemon_of_their_own(house):
    """Without systemd, which tests/e2e has: the command says what to start, and then finishes."""
    if os.geteuid():
        raise Skip("only root can be another user")
    house.install()
    home, path = house.top / "home", house.top / "home/Pictures/inbox"
    home.mkdir()
    run("chown", f"{NOBODY}:{NOBODY}", home)
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    env = {**house.environment(), "HOME": os.fspath(home)}
    command = (*drop, house.bin / "hotfolder", "add", "--user", path)
    first = run(*command, env=env, check=False)
    assert first.returncode == 1 and "no daemon runs" in first.stderr, first.stderr
    config = home / ".config/hotfolder/hotfolder.conf"
    assert 'include("conf.d/*.conf")' in config.read_text()
    with open(house.log, "wb") as log:
        daemon = subprocess.Popen([*drop, house.bin / "hotfolderd", "--config", config], env=env,
                                  stdout=log, stderr=log)
    try:
        wait_until(lambda: "is ready" in house.logged(), "it is ready")
        # The configuration is there now: --user goes without saying.
        again = run(*[word for word in command if word != "--user"], env=env, check=False)
        assert again.returncode == 0, again.stdout + again.stderr
        assert "you may drop pictures there" in again.stdout
        assert lies_in(path) == [] and os.listdir(path.parent / "finished") == []
        house.photo().rename(path / "photo.jpg")
        wait_until((path.parent / "finished/photo.jpg").exists, "it is finished")
        sizes_of(path.parent / "finished/photo.jpg")
    finally:
        daemon.terminate()
        daemon.wait()


if __name__ == "__main__":
    sys.exit(main(globals()))
