"""What is said of imports and cameras in a configuration, and to whom their files are handed over."""
import json
import os

from harness import NOBODY, Skip, main, make_picture, quoted, run


def configured(house, settings="", more=""):
    """An import to two directories, which are made."""
    for name in ("a", "b"):
        (house.top / name).mkdir(exist_ok=True)
    copies = f"copy_to = {{ {quoted(house.top / 'a')}, {quoted(house.top / 'b')} }}"
    house.configure(top=f'import "cards" {{ {copies} {settings} }}\n{more}')


def check(house, *arguments, user=()):
    done = run(*user, house.bin / "hotfolder", "check", "--config", house.config, *arguments, check=False,
               env=house.environment())
    return done.returncode, done.stdout, done.stderr


def an_import_is_checked_and_shown_and_the_daemon_leaves_it_alone(house):
    house.start()
    configured(house, 'then = "inbox" day_starts = 04:00 order = { newest }',
               'camera "Z9-A" { serial = "6001234"  clock = "+1min 12s"  owner = "Ann" }')
    status, out, errors = check(house)
    assert status == 0 and " is correct: 1 folder, 1 import, " in out, (out, errors)
    found = json.loads(check(house, "--json")[1])
    assert found["ok"] and found["imports"] == 1, found
    assert house.command("reload").returncode == 0
    house.photo("photo.jpg").rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    assert not os.listdir(house.top / "a") and not os.listdir(house.top / "b")


def what_is_wrong_in_an_import_is_named_with_its_line(house):
    a = house.top / "a"
    for settings, said in (
            ("then = inbos", "then = inbos: no such folder; did you mean inbox?"),
            ("then = studio", 'then = studio: no such folder; write folder "studio" { ... }'),
            ("safe_copie = 1", "safe_copie: no such setting in import; did you mean safe_copies?"),
            ("from = card", "from = card: not an absolute path (did you mean cards?)"),
            ("order = { newest, newest }", "order = newest: it is there already"),
            ("day_starts = 4", "day_starts = 4: no time of a day; give 00:00 to 23:59"),
            ('name = "{stem}.jpg"', 'name = "{stem}.jpg", it does not end in .{ext}'),
            ('name = "ascmhl/{stem}.{ext}"', 'name = "ascmhl/{stem}.{ext}", an import writes its own lists'),
            ('name = "_Cards/{stem}.{ext}"', 'name = "_Cards/{stem}.{ext}", an import writes its own lists'),
            ('when = "{labl == 3}"', "when = \"{labl == 3}\", column 2: unknown value 'labl'; did you mean label?"),
            ("min_free = 5", "min_free = 5: needs a unit"),
            (f"from = {quoted(a)}", f"copy_to = {a}: a card is not copied to itself")):
        configured(house, settings)
        status, _, errors = check(house)
        assert status == 1 and f"{house.config}:1: {said}" in errors, (settings, errors)
    configured(house, more='camera "x" { serial = 1 }\ncamera "y" { serial = 1  clock = "1m" }')
    status, _, errors = check(house)
    assert status == 1 and f':3: serial = 1: camera "x" ({house.config}:2) has it, too' in errors, errors
    assert ":3: clock = 1m: m may be minutes or months" in errors, errors


def check_warns_of_an_import_with_which_no_card_is_ever_safe(house):
    configured(house, "safe_copies = 3")
    assert "warning: safe_copies = 3: copy_to has 2 directories, so that no card" in check(house)[2]
    configured(house)  # both on the disk of this test
    errors = check(house)[2]
    assert "warning: safe_copies = 2, but copies can be proved on " in errors, errors
    assert f" only, so that no card will ever be safe to format: {house.top}/a on " in errors, errors
    (house.top / "a").rmdir()
    status, _, errors = check(house)
    would = f"warning: copy_to: '{house.top}/a' does not exist: an import would create it, on the disk of '{house.top}'"
    assert status == 0 and would in errors, errors
    deeper = house.config.read_text().replace(quoted(house.top / "a"), quoted(house.top / "a/b"))
    house.config.write_text(deeper)
    errors = check(house)[2]
    assert f"/a/b' does not exist, and above it there is only '{house.top}': each card waits" in errors, errors


def check_names_an_import_that_reads_nothing(house):
    configured(house, f"safe_copies = 1 from = {quoted(house.top / 'card')}")
    status, _, errors = check(house)
    said = f"{house.config}:1: warning: from = {house.top}/card: there is no such directory; correct it"
    assert status == 0 and said in errors, errors
    (house.top / "card").write_bytes(b"")
    status, _, errors = check(house)
    assert status == 1 and f"from = {house.top}/card: it is not a directory" in errors, errors
    never = f'warning: import "two" never gets a card by itself: import "cards" ({house.config}:1) takes every one'
    for first, second, is_said in (("", "", True), ("", "when = \"{label == 'X'}\"", False),
                                   ("when = \"{label == 'X'}\"", "", False), ("ignore = X", "ignore = { Y, X }", True),
                                   ("ignore = X", "ignore = Y", False), ("from = ptp", "", False)):
        configured(house, f"safe_copies = 1 {first}",
                   f"import two {{ copy_to = {quoted(house.top / 'a')} safe_copies = 1 {second} }}")
        status, _, errors = check(house)
        assert status == 0 and (never in errors) == is_said, (first, second, errors)
    configured(house, "safe_copies = 1 from = ptp",
               f"import two {{ copy_to = {quoted(house.top / 'a')} safe_copies = 1 from = ptp }}")
    assert 'import "two" never gets a camera by itself' in check(house)[2]


def an_inbox_on_another_file_system_and_a_directory_that_is_closed_are_refused(house):
    if os.geteuid():
        raise Skip("only root may mount")
    configured(house, 'then = "inbox"')
    run("mount", "-t", "tmpfs", "tmpfs", house.top / "a")
    house.mounts.append(house.top / "a")
    status, _, errors = check(house)
    assert status == 1 and f"then = inbox: its path '{house.inbox}' is on another file system than" in errors, errors
    assert f"copies in '{house.top}/a' cannot be proved here, and do not count: it lies in memory" in errors, errors
    assert "the configuration is correct, but not every import can be used" in errors, errors
    house.install()
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    (house.top / "b").chmod(0o755)
    status, _, errors = check(house, user=drop)
    assert status == 1 and f"copy_to: '{house.top}/b' cannot be written; give this user the right" in errors, errors


def what_root_imports_is_taken_by_the_service_of_a_folder(house):
    if os.geteuid():
        raise Skip("only root may act as another user")
    card = house.top / "card"
    make_picture(card / "DCIM/100CANON/IMG_0001.JPG")
    configured(house, 'then = "inbox" safe_copies = 1 name = "{day|x}/{stem}.{ext}"')
    house.start_as_nobody()
    done = run(house.bin / "hotfolder", "import", card, "--config", house.config, "--state-dir", house.top,
               check=False, env=house.environment())
    assert done.returncode == 0, done.stderr
    house.await_output("2024-06-15/IMG_0001.jpg")
    house.await_quiet(["2024-06-15/IMG_0001.JPG"])
    assert house.done() == ["2024-06-15/IMG_0001.JPG"], house.logged()


if __name__ == "__main__":
    raise SystemExit(main(globals()))
