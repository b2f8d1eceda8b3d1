"""why - "nothing happens, and no message says why": each cause is made, and `hotfolder why` names it."""
import fcntl
import json
import os
import pwd
import re
import shutil
import subprocess

from harness import NOBODY, Skip, main, quoted, run, share, wait_until


def ask(house, path, *options):
    """The answer, as the daemon gave it and the command completed it."""
    asked = house.command("why", "--json", *options, os.path.normpath(house.inbox / path))
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def is_said(answer, state, words):
    said = "\n".join([answer["sentence"], *answer["notes"]])
    return answer["state"] == state and all(word in said for word in words)


def await_why(house, path, state, *words):
    """Waits until the path is in this state, and the answer has all of these words."""
    last = {}

    def said():
        last.update(answer=ask(house, path))
        return is_said(last["answer"], state, words)

    try:
        wait_until(said, f"{path} is {state}")
    except AssertionError:
        raise AssertionError(f"{path}: not {state} with {words}: {last['answer']}") from None
    return last["answer"]


def drop(house, name, seed=1, **how):
    path = house.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    house.photo(f"drop{seed}.jpg", seed=seed, **how).rename(path)
    return path


def start_fake(house):
    """Starts the daemon with a worker whose work follows from a picture's name (tests/tools/fake_worker.c)."""
    house.start(HOTFOLDER_WORKER=os.fspath(house.bin / "fake_worker"))


# Row 1: consumed before it is whole.

def a_file_that_a_program_still_writes_is_open_and_root_sees_by_whom(house):
    house.start()
    content = house.photo().read_bytes()
    with open(house.inbox / "scan.jpg", "wb") as file:
        file.write(content[:5000])
        file.flush()
        answer = await_why(house, "scan.jpg", "pending", "still open for writing",
                           f"(process {os.getpid()}, user {pwd.getpwuid(os.geteuid()).pw_name}) has it open for writing")
        assert [row["pid"] for row in answer["processes"]] == [os.getpid()], answer
        assert answer["reason"] == "still being written"
        file.write(content[5000:])
    house.await_output("scan.jpg")
    await_why(house, "scan.jpg", "done", "1 output", os.fspath(house.output / "scan.jpg"))


def a_copy_that_broke_off_is_incomplete_until_it_fails(house):
    house.configure(incomplete="10min")
    house.start()
    (house.inbox / "cut.jpg").write_bytes(house.photo().read_bytes()[:5000])
    await_why(house, "cut.jpg", "pending", "incomplete", "its end is missing", "incomplete = 10min")


# Row 2: the first try was too early.

def a_picture_that_is_tried_again_says_when_and_what_went_wrong(house):
    house.configure("retry { first = 10min }")
    start_fake(house)
    drop(house, "later.jpg")
    answer = await_why(house, "later.jpg", "queued", "next attempt at", " after: ", "1 of 5 attempts",
                       f"hotfolder retry {house.inbox / 'later.jpg'}")
    assert answer["error"]["what"] in answer["sentence"] and answer["next_attempt"], answer


# Row 3: made empty, and written later.

def an_empty_file_has_no_content_yet(house):
    house.start()
    (house.inbox / "empty.jpg").touch()
    answer = await_why(house, "empty.jpg", "pending", "empty", "it has no content yet")
    assert answer["since"] and answer["next_check"], answer


# Rows 4 to 6: no event comes.

def a_share_is_polled_as_it_reports_nothing(house):
    behind, place = house.work / "behind", house.inbox / "nas"
    behind.mkdir()
    place.mkdir()
    share(house, behind, place)
    house.start()
    house.await_log("polling below 'nas'")
    shutil.copy(house.photo(), behind / "late.jpg")
    await_why(house, "nas/late.jpg", "never seen", "its directory is polled every 10 s",
              "does not report what other machines change", "the next poll is in")


def a_folder_that_is_polled_by_its_setting_says_so(house):
    house.configure("watch = poll")
    house.start()
    wait_until(house.idle, "the first scan is over")
    (house.inbox / "late.jpg").write_bytes(house.photo().read_bytes())
    await_why(house, "late.jpg", "never seen", "this folder is polled every 10 s", "watch = poll")


def the_first_scan_is_not_over(house):
    for name in range(3000):
        (house.inbox / f"{name}.txt").write_text("words\n")
    house.start(wait=False)
    wait_until((house.runtime / "control.sock").exists, "it can be asked")
    asked = []
    wait_until(lambda: asked.append(ask(house, "2999.txt")) or asked[-1]["state"] == "ignored", "it is found")
    before = [answer for answer in asked[:-1] if answer["state"] == "never seen"]
    assert not before or "the first scan of the folder is not over; it has found" in before[0]["sentence"], before


# Row 7: the limit of watches.

def beyond_the_limit_of_watches_a_directory_is_polled(house):
    limited = ("unshare", "-Ur", "sh", "-c", 'echo 3 >/proc/sys/user/max_inotify_watches && exec "$@"', "sh")
    if run(*limited, "true", check=False).returncode:
        raise Skip("no user namespaces")
    for name in "abcdef":
        (house.inbox / name).mkdir()
    house.start(prefix=limited)
    wait_until(lambda: house.get()[1]["initial_scan_done"], "the first scan is over")
    for name in "abcdef":
        (house.inbox / name / "late.txt").write_text("words\n")
    late = [answer for answer in (ask(house, f"{name}/late.txt") for name in "abcdef")
            if answer["state"] == "never seen"]
    assert late and is_said(late[0], "never seen", ["polled every 10 s", "the limit of watches is reached"]), late


# Row 11: our own outputs.

def an_output_that_was_put_into_a_folder_is_ours(house):
    house.start()
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    (house.output / "a.jpg").rename(house.inbox / "b.jpg")
    await_why(house, "b.jpg", "ignored", "made by hotfolder; chain = yes accepts it")


def an_output_says_what_it_was_made_from(house):
    house.start()
    drop(house, "trip/a.jpg")
    house.await_output("trip/a.jpg")
    wait_until(house.idle, "it is done")
    answer = await_why(house, house.output / "trip/a.jpg", "done",
                       f"made from {house.inbox / 'trip/a.jpg'} by profile small, ")
    assert answer["kind"] == "output" and answer["source"] == os.fspath(house.inbox / "trip/a.jpg"), answer
    assert re.search(r", \d\d:\d\d$", answer["sentence"]), answer
    (house.output / "trip/a.jpg").write_bytes(b"changed")
    await_why(house, house.output / "trip/a.jpg", "done", "another program has changed or replaced it")
    (house.output / "trip/a.jpg").unlink()
    await_why(house, house.output / "trip/a.jpg", "done", "it is not there any more")


# Row 13: the disk is full.

def where_the_disk_is_full_a_picture_is_held(house):
    house.configure(min_free="900TB")
    house.start()
    drop(house, "a.jpg")
    await_why(house, "a.jpg", "held", "held: ", "900TB", ", since ", "no attempt is spent")


def in_a_paused_folder_a_picture_is_queued(house):
    house.start()
    assert house.command("pause", "inbox").returncode == 0
    drop(house, "a.jpg")
    await_why(house, "a.jpg", "queued", "its folder is paused by ", " since ", "hotfolder resume inbox")
    await_why(house, ".", "paused", "folder 'inbox' is paused: 1 queued", "it is paused by ", "hotfolder resume inbox")
    assert house.command("resume", "inbox").returncode == 0
    await_why(house, "a.jpg", "done", "1 output")


def a_cancelled_picture_is_ignored_until_it_is_tried_again(house):
    house.start()
    assert house.command("pause").returncode == 0
    drop(house, "a.jpg")
    shown = await_why(house, "a.jpg", "queued", "its folder is paused")
    assert "to go on: hotfolder resume" in shown["notes"], shown
    code, answer = house.post("/v1/cancel", path=os.fspath(house.inbox / "a.jpg"))
    assert code == 200, answer
    who = pwd.getpwuid(os.geteuid()).pw_name
    await_why(house, "a.jpg", "ignored", f"ignored: cancelled by {who} at ",
              f"hotfolder retry {house.inbox / 'a.jpg'} takes it")


def a_folder_that_is_gone_is_unavailable(house):
    house.start()
    house.inbox.rename(house.top / "elsewhere")
    answer = await_why(house, "a.jpg", "never seen", "its folder is unavailable", os.fspath(house.inbox))
    assert answer["folder"] == "inbox"
    answer = await_why(house, ".", "unavailable", "folder 'inbox' is unavailable")
    assert answer["kind"] == "folder", answer


# Rows 14 and 15: it failed.

def a_failed_picture_says_why_and_how_to_try_again(house):
    house.start()
    content = house.photo().read_bytes()
    (house.inbox / "it's cut.jpg").write_bytes(content[:len(content) // 2])
    answer = await_why(house, "it's cut.jpg", "failed", "failed after 1 attempt: ", "the JPEG is incomplete",
                       "try again with: hotfolder retry '" + os.fspath(house.inbox / "it") + "'\\''s cut.jpg'")
    for moved, kind in (("failed/it's cut.jpg", "original"), ("failed/it's cut.jpg.txt", "report")):
        there = ask(house, moved)
        assert (there["kind"], there["sentence"]) == (kind, answer["sentence"]), there


def a_picture_above_a_limit_fails_by_name_of_the_limit(house):
    house.configure("max_pixels = 0.1")
    house.start()
    drop(house, "large.jpg", size="1000x1000")
    await_why(house, "large.jpg", "failed", "max_pixels")


# Row 17: files that systems leave.

def what_systems_leave_is_named(house):
    house.start()
    for name, words in (("._beach.jpg", "AppleDouble"), ("Thumbs.db", "the settings of a file manager"),
                        (".hidden.jpg", "a name that begins with a dot is not taken"), ("beach.pp3", "sidecar")):
        (house.inbox / name).write_bytes(b"x")
        await_why(house, name, "ignored", words, "names like '")


def a_directory_of_a_system_is_not_entered(house):
    house.start()
    drop(house, "trip/@eaDir/beach.jpg")
    await_why(house, "trip/@eaDir/beach.jpg", "ignored", "it lies in 'trip/@eaDir', which is not entered",
              "system folder")
    answer = await_why(house, "trip/@eaDir", "ignored", "system folder")
    assert answer["kind"] == "directory", answer


# Row 18: names of uploads.

def the_temporary_name_of_an_upload_is_no_final_name(house):
    house.start()
    drop(house, "beach.jpg.part")
    await_why(house, "beach.jpg.part", "ignored", "unfinished transfer", "its final name", "'*.part'")
    (house.inbox / "beach.jpg.part").rename(house.inbox / "beach.jpg")
    house.await_output("beach.jpg")
    await_why(house, "beach.jpg.part", "ignored", "unfinished transfer")


# Row 19: links.

def a_symbolic_link_is_not_followed(house):
    house.start()
    (house.inbox / "link.jpg").symlink_to(house.photo())
    await_why(house, "link.jpg", "ignored", "symbolic link", "put the file itself here")


def what_lies_behind_a_symbolic_link_is_shown_to_no_user(house):
    private = house.top / "private"
    private.mkdir()
    (private / "secret.jpg").write_text("x")
    (private / "directory").mkdir()
    house.start()
    (house.inbox / "link").symlink_to(private)
    (house.output / "link").symlink_to(private)
    await_why(house, "link", "ignored", "symbolic link")
    for directory, state in ((house.inbox, "ignored"), (house.output, "never seen")):
        shown = []
        for name in ("secret.jpg", "nothing.jpg", "directory"):
            code, answer = house.get(f"/v1/why?path={directory}/link/{name}")
            assert code == 200, answer
            shown.append({key: value for key, value in answer.items() if key != "path"})
        assert shown[0] == shown[1] == shown[2], shown
        assert shown[0]["state"] == state, shown


def a_hard_link_to_a_file_of_another_user_is_not_taken(house):
    if os.geteuid():
        raise Skip("only root can make files of other users")
    photo = house.photo()
    os.chown(photo, NOBODY, NOBODY)
    house.start()
    os.link(photo, house.inbox / "linked.jpg")
    await_why(house, "linked.jpg", "ignored", "hard link to another user's file", "put a copy of the file here")


# Rows 20 and 27: upper-case extensions are no cause, as the content decides; a name has two spellings.

def an_extension_in_capitals_is_accepted(house):
    house.start()
    drop(house, "DSC_1.JPG")
    house.await_output("DSC_1.jpg")
    await_why(house, "DSC_1.JPG", "done", "1 output")


def a_name_that_is_spelled_another_way_is_named(house):
    house.start()
    for there, typed in (("caf\u0065\u0301.jpg", "caf\u00e9.jpg"), ("IMG_1.JPG", "img_1.jpg")):
        (house.inbox / there).touch()
        said = await_why(house, typed, "never seen", "there is no such file", "differs in capitals")["notes"][-1]
        assert run("bash", "-c", f"printf %s {said.split('why ')[1]}").stdout == os.fspath(house.inbox / there), said


def a_format_that_is_not_accepted_is_named_with_its_setting(house):
    house.configure('accept = { jpeg }')
    house.start()
    photo = house.photo("photo.png")
    photo.rename(house.inbox / "photo.png")
    await_why(house, "photo.png", "ignored", "PNG, which this folder does not accept", "accept += { png }")


def a_text_is_no_picture(house):
    house.start()
    (house.inbox / "notes").write_text("words\n")
    await_why(house, "notes", "ignored", "text", "that is its content")


# Row 22: permissions.

def a_file_that_the_service_may_not_read_says_how_to_permit_it(house):
    if os.geteuid():
        raise Skip("only root can make files that the service may not read")
    house.start_as_nobody()
    path = house.work / "secret.jpg"
    shutil.copy(house.photo(), path)
    path.chmod(0)
    path.rename(house.inbox / "secret.jpg")
    await_why(house, "secret.jpg", "pending", "not readable", "chmod g+r",
              "checked again when its permissions change")


def a_directory_that_the_service_may_not_list_says_how_to_permit_it(house):
    if os.geteuid():
        raise Skip("only root can make directories that the service may not list")
    house.start_as_nobody()
    drop(house, ".new/a.jpg")
    (house.inbox / ".new").chmod(0o700)
    (house.inbox / ".new").rename(house.inbox / "shut")
    await_why(house, "shut", "ignored", "directory not readable", "chmod g+rx")
    await_why(house, "shut/a.jpg", "ignored", "it lies in 'shut', which is not entered", "chmod g+rx")


# More causes.

def a_picture_that_a_program_has_locked_waits_and_its_holder_is_named(house):
    house.start()
    photo = house.photo()
    with open(photo, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        photo.rename(house.inbox / "locked.jpg")
        await_why(house, "locked.jpg", "pending", "locked by another program", f"(process {os.getpid()}, user ",
                  "has locked it")
    house.await_output("locked.jpg")


def an_original_that_cannot_be_moved_says_what_helps(house):
    if os.geteuid():
        raise Skip("only root can make directories of other users")
    house.start_as_nobody()
    (house.inbox / ".fixed").mkdir()
    shutil.copy(house.photo(), house.inbox / ".fixed/a.jpg")
    (house.inbox / ".fixed").rename(house.inbox / "fixed")
    house.await_output("fixed/a.jpg")
    await_why(house, "fixed/a.jpg", "done", "its original could not be moved yet", "what helps: ")


def a_directory_is_not_entered_where_the_folder_is_not_recursive(house):
    house.configure("recursive = no")
    house.start()
    drop(house, "trip/a.jpg")
    await_why(house, "trip/a.jpg", "ignored", "it lies in 'trip', which is not entered",
              "the folder has recursive = no", "recursive = yes")


def a_pattern_of_the_configuration_is_named_with_its_line(house):
    house.configure('ignore = { "*-draft.*" }')
    house.start()
    drop(house, "a-draft.jpg")
    await_why(house, "a-draft.jpg", "ignored", "'*-draft.*'", f"{house.config}:")


def a_duplicate_says_that_nothing_was_made(house):
    house.configure("originals = done\n duplicates = skip")
    house.start()
    photo = house.photo()
    shutil.copy(photo, house.work / "again.jpg")
    photo.rename(house.inbox / "one.jpg")
    house.await_output("one.jpg")
    wait_until(house.idle, "the first is done")
    (house.work / "again.jpg").rename(house.inbox / "two.jpg")
    await_why(house, "two.jpg", "done", "nothing was made", "duplicates = skip",
              f"the picture of the same content: {house.inbox / 'one.jpg'}")


def a_touched_original_was_done_before(house):
    house.configure("originals = keep")
    house.start()
    path = drop(house, "a.jpg")
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    path.touch()
    await_why(house, "a.jpg", "done", "1 output", "its original stays where it is")


def a_new_file_of_an_old_name_is_not_taken_for_the_old_one(house):
    house.start()
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    await_why(house, "a.jpg", "done", "its original was moved to done/")
    answer = ask(house, "done/a.jpg")
    assert answer["kind"] == "original" and answer["state"] == "done", answer
    (house.inbox / "done/a.jpg").rename(house.inbox / "done/renamed.jpg")
    assert ask(house, "done/renamed.jpg")["source"] == os.fspath(house.inbox / "a.jpg")
    (house.inbox / "a.jpg").touch()
    await_why(house, "a.jpg", "pending", "empty", "an earlier file of this name: done ")


def a_picture_of_which_no_output_is_made_says_so(house):
    house.configure(save="enabled = '{width > 5000}'")
    house.start()
    drop(house, "small.jpg")
    await_why(house, "small.jpg", "done", "no output", "no save of profile small is enabled")


def a_picture_whose_outputs_were_there_already_says_so(house):
    house.configure(save="exists = skip")
    house.start()
    (house.output / "a.jpg").write_bytes(b"mine")
    drop(house, "a.jpg")
    await_why(house, "a.jpg", "done", "no new output", "profile small", "there already (exists = skip)")


def a_picture_behind_others_has_a_place(house):
    house.configure(top="workers = 1 stop_timeout = 1s")
    start_fake(house)
    drop(house, "spin.jpg")
    await_why(house, "spin.jpg", "in progress", "in progress since", "attempt 1 of 5")
    names = [f"other{number}.jpg" for number in range(5)]
    for number, name in enumerate(names):
        drop(house, name, seed=number)
        wait_until(lambda name=name: ask(house, name)["state"] == "queued", f"{name} is queued")
    places = [ask(house, name).get("before", 0) for name in names]
    assert places[-1] >= 2 and places == sorted(places), places
    await_why(house, names[-1], "queued", f"queued: {places[-1]} pictures are before it", "it is queued since")
    house.configure(top="workers = 1 stop_timeout = 1s", folder="order = newest")
    assert house.command("reload").returncode == 0
    await_why(house, names[-1], "queued", "it is the next one")
    await_why(house, names[1], "queued", "pictures are before it", "order = newest")


def a_folder_of_a_higher_priority_comes_first(house):
    urgent = house.top / "urgent"
    urgent.mkdir()
    house.configure(top="workers = 1 stop_timeout = 1s", min_free="0")
    with house.config.open("a") as config:
        config.write(f'folder "urgent" {{ path = {quoted(urgent)} output = {quoted(house.top / "out2")}'
                     ' profile = small priority = 9 min_free = 0 }\n')
    (house.top / "out2").mkdir()
    start_fake(house)
    drop(house, "spin.jpg")
    await_why(house, "spin.jpg", "in progress")
    for number in range(3):
        drop(house, f"usual{number}.jpg", seed=number)
        house.photo(seed=number).rename(urgent / f"{number}.jpg")
    await_why(house, "usual2.jpg", "queued", "folder 'urgent' has ", "a higher priority (9)")


# Paths of every kind.

def a_path_in_no_folder_names_the_folders_and_the_closest(house):
    with house.config.open("a") as config:
        config.write(f'folder "far" {{ path = {quoted(house.work)} output = {quoted(house.top / "out2")}'
                     ' profile = small }\n')
    (house.top / "out2").mkdir()
    house.start()
    answer = await_why(house, house.top / "inbocks/a.jpg", "never seen", "it lies in no folder",
                       f"the closest folder is 'inbox': {house.inbox}", f"folder 'far': {house.work}")
    assert {row["name"] for row in answer["folders"]} == {"inbox", "far"}, answer
    answer = await_why(house, house.output / "strange.jpg", "never seen",
                       "where outputs of the folder 'inbox' appear", os.fspath(house.inbox))
    assert answer["kind"] == "output", answer


def a_folder_that_the_daemon_has_not_read_is_named(house):
    house.start()
    late = house.top / "late"
    late.mkdir()
    with house.config.open("a") as config:
        config.write(f'folder "late" {{ path = {quoted(late)} output = {quoted(house.output)} profile = small }}\n')
    await_why(house, late / "a.jpg", "never seen", "it lies in no folder",
              "the configuration has the folder 'late' for it", "hotfolder reload")
    assert house.command("reload").returncode == 0
    await_why(house, late / "a.jpg", "never seen", "there is no such file")


def a_directory_has_a_summary(house):
    house.start()
    drop(house, "trip/a.jpg")
    (house.inbox / "trip/cut.jpg").write_bytes(house.photo().read_bytes()[:5000])
    (house.inbox / "trip/empty.jpg").touch()
    answer = await_why(house, "trip", "available", "directory: 1 pending, 1 done, 1 failed")
    assert answer["pictures"]["done"] == 1 and answer["kind"] == "directory", answer
    await_why(house, ".", "available", "folder 'inbox' is available: 1 pending, 1 done, 1 failed")
    await_why(house, "done", "ignored", "originals of finished pictures")


def a_name_that_is_gone_is_remembered(house):
    house.configure("originals = keep")
    house.start()
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    (house.inbox / "a.jpg").unlink()
    await_why(house, "a.jpg", "done", "there is no file of this name now")
    (house.output / "a.jpg").unlink()
    await_why(house, "a.jpg", "done", f"{house.output / 'a.jpg'} (it is not there any more)")
    await_why(house, "never.jpg", "never seen", "there is no such file")


def a_path_may_be_typed_in_any_way(house):
    house.start()
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    link = house.top / "link"
    link.symlink_to(house.inbox)
    for typed, where in ((link / "a.jpg", "/"), ("a.jpg", house.inbox), ("./inbox/../inbox//a.jpg", house.top),
                         ("a.jpg", link)):
        asked = house.command("why", typed, cwd=where)
        assert asked.stdout.startswith("done "), (typed, where, asked.stdout)


def a_folder_behind_a_symbolic_link_is_found_by_its_real_path(house):
    real = house.top / "real"
    house.inbox.rename(real)
    house.inbox.symlink_to(real)
    house.start()
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    await_why(house, real / "a.jpg", "done", "1 output")


def a_name_of_any_bytes_is_answered_with_words_for_a_shell(house):
    house.start()
    name = os.fsencode(house.inbox) + b"/cut \xe9\n.jpg"
    with open(name, "wb") as file:
        file.write(house.photo().read_bytes()[:5000])
    answer = wait_until(lambda: (lambda said: said["state"] == "failed" and said)(ask(house, os.fsdecode(name))),
                        "it has failed")
    word = answer["sentence"].split("hotfolder retry ")[1]
    said = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout
    assert said == name, (word, said)


# Without a daemon.

def without_a_daemon_the_configuration_tells_what_it_can(house):
    drop(house, "a.jpg")
    drop(house, "._a.jpg", seed=2)
    (house.top / "link").symlink_to(house.inbox)
    for path, words in (("a.jpg", "hotfolder does not run"), ("._a.jpg", "ignored: AppleDouble"),
                        (house.output / "a.jpg", "outputs of the folder 'inbox' appear here"),
                        (house.top / "link/._a.jpg", "ignored: AppleDouble"),
                        ("/nowhere/a.jpg", "it lies in no folder of the configuration")):
        asked = house.command("why", "--config", house.config, os.path.join(house.inbox, path))
        assert asked.returncode == 1 and words in asked.stdout, (path, asked.stdout, asked.stderr)
        assert "no daemon answers" in asked.stderr, asked.stderr


def a_user_who_is_not_root_learns_that_root_sees_more(house):
    if os.geteuid():
        raise Skip("only root can ask as another user")
    house.install()
    house.start()
    (house.inbox / "scan.jpg").touch()
    for path in (house.top, house.runtime):
        path.chmod(0o755)
    (house.runtime / "control.sock").chmod(0o666)
    await_why(house, "scan.jpg", "pending", "empty")
    asked = run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", house.bin / "hotfolder",
                "--runtime-dir", house.runtime, "why", house.inbox / "scan.jpg", env=house.environment())
    assert "root sees which program has it open: use sudo" in asked.stdout, asked.stdout


if __name__ == "__main__":
    raise SystemExit(main(globals()))
