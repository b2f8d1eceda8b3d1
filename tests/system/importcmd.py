#!/usr/bin/env python3
"""importcmd - hotfolder import: what a person types and reads. Copies are compared by cmp, and found by
their content; of the command's own words only those are taken that a script would rely on."""
import contextlib
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys

from harness import NOBODY, Skip, files_below, long, main, run, share, wait_until

SIZE = "160x120"


def fill(house, count=3, where="card/DCIM/100EOS"):
    """A card of so many photos, a film and a file of no known kind; the directory."""
    for number in range(1, count + 1):
        house.photo(f"{where}/IMG_{number:04}.JPG", size=SIZE, seed=number)
    (house.work / where / "MVI_0009.MOV").write_bytes(os.urandom(50000))
    (house.work / where / "EOS.DAT").write_bytes(b"what is this?")
    return house.work / where.split("/", maxsplit=1)[0]


def imported(house, *arguments, **options):
    return house.command("import", *arguments, "--state-dir", house.state, **options)


def last_line(done):
    return done.stdout.splitlines()[-1]


def digests(directory):
    return {hashlib.sha256((directory / name).read_bytes()).hexdigest(): name
            for name in files_below(directory) if not name.startswith(("_cards/", "ascmhl/"))}


def cards_of(house):
    done = imported(house, "status", "--json", check=True)
    return json.loads(done.stdout)["cards"]


def a_card_is_copied_proved_and_judged_without_a_configuration(house):
    card, target = fill(house), house.top / "to"
    before = digests(card)
    done = imported(house, card, "--to", target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert last_line(done).startswith("SAFE TO FORMAT: 5 of 5 "), done.stdout
    assert digests(target).keys() == before.keys() and digests(card) == before
    reports = [name for name in files_below(target) if name.endswith("/report.txt")]
    assert len(reports) == 1 and "SAFE TO FORMAT" in (target / reports[0]).read_text(), reports

    made = files_below(target)
    again = imported(house, card, "--to", target)
    assert again.returncode == 0, again.stdout + again.stderr
    assert re.fullmatch(r"imported today \d\d:\d\d: 5 of 5, SAFE; nothing new", last_line(again)), again.stdout
    assert digests(target).keys() == before.keys() and set(made) <= set(files_below(target))

    (shown,) = cards_of(house)
    assert shown["state"] == "safe" and shown["safe"] and shown["may_be_pulled"], shown
    assert (shown["files"], shown["done"]) == (5, 5) and shown["destinations"] == [str(target)], shown
    text = imported(house, "status").stdout
    assert "SAFE TO FORMAT: 5 of 5 " in text and "may be pulled" in text, text


def two_directories_on_one_disk_are_not_safe_and_the_reason_says_so(house):
    card, one, two = fill(house, 1), house.top / "one", house.top / "two"
    done = imported(house, card, "--to", one, "--to", two)
    assert done.returncode == 1, done.stdout + done.stderr
    verdict = last_line(done)
    assert verdict.startswith("NOT SAFE: ") and "disk" in verdict, done.stdout
    again = imported(house, card, "--to", one, "--to", two)
    assert again.returncode == 1 and last_line(again) == f"{verdict}; nothing new", again.stdout
    assert digests(one).keys() == digests(two).keys() == digests(card).keys()

    answer = json.loads(imported(house, "--json", card, "--to", one, "--to", two).stdout)
    assert not answer["safe"] and answer["reasons"] and answer["verdict"].startswith("NOT SAFE"), answer


def a_file_that_was_replaced_with_its_time_kept_is_read_again(house):
    card, target = fill(house, 1), house.top / "to"
    film = card / "DCIM/100EOS/MVI_0009.MOV"
    assert imported(house, card, "--to", target).returncode == 0
    before = film.stat()
    film.write_bytes(os.urandom(before.st_size))
    os.utime(film, ns=(before.st_atime_ns, before.st_mtime_ns))
    again = imported(house, card, "--to", target)
    assert again.returncode == 0, again.stdout + again.stderr
    assert digests(card).keys() < digests(target).keys(), again.stdout


def a_shells_limit_of_open_files_is_no_limit_of_destinations(house):
    card, places = house.work / "card", [house.top / f"to-{number}" for number in range(4)]
    (card / "DCIM").mkdir(parents=True)
    for number in range(100):
        (card / "DCIM" / f"{number}.DAT").write_bytes(os.urandom(5000))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
    done = imported(house, card, *(word for place in places for word in ("--to", place)))
    assert "open files" not in done.stdout + done.stderr, done
    assert [digests(place).keys() for place in places] == [digests(card).keys()] * 4, done


def what_is_typed_wrong_is_status_2_and_copies_nothing(house):
    card, target = fill(house, 1), house.top / "to"
    for arguments, words in (
            ([], "give the directory"),
            ([card / "none", "--to", target], "is not a directory"),
            (["--json", "status"], "right behind 'import'"),
            ([card, target], "give each destination as --to"),
            ([card, "--config", house.top / "none.conf"], "none.conf"),
            ([card, "--config", house.config], "has no import"),
            ([card, "--to", target, "--import", "none", "--config", house.config], "no such import"),
            ([card, "--to", card / "copies"], "card"),
            ([card, "--to", ""], "--to is empty"),
            (["verify"], "give a directory"),
            (["forget"], "name a card"),
            (["assignment", "--end", "Smith"], "--end")):
        done = imported(house, *arguments)
        assert done.returncode == 2 and words in done.stderr, (arguments, done)
    assert not target.exists() and not (card / "copies").exists()
    assert house.command("import", "status", "--help").returncode == 0


def a_directory_may_be_called_as_a_command(house):
    fill(house, 1, "status/DCIM")
    done = imported(house, "./status", "--to", house.top / "to", cwd=house.work)
    assert done.returncode == 0 and last_line(done).startswith("SAFE TO FORMAT"), done


def a_dry_run_shows_names_and_room_and_writes_nothing(house):
    card, target = fill(house), house.top / "to"
    done = imported(house, card, "--to", target, "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    names = dict(line.split(" -> ") for line in done.stdout.splitlines() if " -> " in line)
    assert set(names) == set(files_below(card)), done.stdout
    assert f"{target}: needs " in done.stdout and not target.exists(), done.stdout
    assert not cards_of(house)
    assert imported(house, card, "--to", target).returncode == 0
    assert set(names.values()) == set(digests(target).values())


def a_directory_is_imported_by_the_first_import_that_may_take_it(house):
    def section(name, more=""):
        return f'import "{name}" {{ copy_to = {{ "{house.top}/{name}" }} safe_copies = 1 {more} }}'

    never = """when = "{matches(label, 'NONE')}" """
    house.configure(top="\n".join((section("away", f'from = "{house.top}/card"'), section("other", never),
                                   section("third"), section("fourth"))))
    card = fill(house, 1)
    done = imported(house, card, "--config", house.config)
    assert done.returncode == 0 and digests(house.top / "third").keys() == digests(card).keys(), done
    assert imported(house, card, "--config", house.config, "--import", "other").returncode == 0
    assert digests(house.top / "other").keys() == digests(card).keys()
    assert not (house.top / "away").exists() and not (house.top / "fourth").exists()
    done = imported(house, "--config", house.config, "--import", "third")
    assert done.returncode == 2 and "not of a directory" in done.stderr, done
    shutil.copytree(card, house.top / "card")
    assert imported(house, "--config", house.config, "--import", "away").returncode == 0
    assert digests(house.top / "away").keys() == digests(card).keys()
    house.configure(top=section("other", never))
    done = imported(house, card, "--config", house.config)
    assert done.returncode == 2 and "`when` does not fit" in done.stderr and "--import" in done.stderr, done


def an_assignment_is_a_part_of_names_until_it_ends(house):
    house.configure(top=f'import "cards" {{ copy_to = {{ "{house.top}/to" }} safe_copies = 1 '
                        'name = "{assignment|none}/{stem}.{ext}" }')
    assert imported(house, "assignment").stdout == "there is no assignment\n"
    assert imported(house, "assignment", "Smith wedding").returncode == 0
    assert imported(house, "assignment").stdout == "Smith wedding\n"
    done = imported(house, fill(house, 1), "--config", house.config)
    assert done.returncode == 0, done.stdout + done.stderr
    assert imported(house, "assignment", "--end").returncode == 0
    done = imported(house, fill(house, 2, "other/DCIM"), "--config", house.config, "--import", "cards")
    assert done.returncode == 0, done.stdout + done.stderr
    names = digests(house.top / "to").values()
    assert {name.split("/")[0] for name in names} == {"Smith wedding", "none"}, names


def a_card_that_is_forgotten_is_read_again_and_nothing_is_copied_twice(house):
    card, target = fill(house, 1), house.top / "to"
    assert imported(house, card, "--to", target).returncode == 0
    copies = {name: (target / name).stat().st_ino for name in digests(target).values()}
    assert imported(house, "forget", "none").returncode == 1
    done = imported(house, "forget", "card/", cwd=house.work)
    assert done.returncode == 0 and not cards_of(house), done
    done = imported(house, card, "--to", target)
    assert done.returncode == 0 and last_line(done).startswith("SAFE TO FORMAT"), done
    assert copies == {name: (target / name).stat().st_ino for name in digests(target).values()}


def damage(house, how):
    """Breaks what is remembered of cards; returns where it lies."""
    catalog, = (path for path in house.top.rglob("import.db"))
    if how == "table":
        with contextlib.closing(sqlite3.connect(catalog)) as database:
            database.execute("DROP TABLE copy")
    else:
        catalog.write_bytes(b"this is no database" * 100)
    return catalog


def a_damaged_memory_of_cards_is_kept_under_another_name_that_is_said(house):
    card, target = fill(house, 1), house.top / "to"
    assert imported(house, card, "--to", target).returncode == 0
    copies = digests(target)
    for how, command in ("table", [card, "--to", target]), ("file", ["assignment", "wedding"]), (
            "table", [card, "--to", target, "--json"]), ("file", ["forget", "none"]):
        catalog = damage(house, how)
        looked = imported(house, "status", "--json")
        assert looked.returncode == 1 and "the next import keeps it" in looked.stdout + looked.stderr, looked
        done = imported(house, *command)
        kept = re.search(r"was damaged, and is kept as '(.+?)'", done.stderr)
        assert kept and os.path.getsize(kept[1]) and catalog.exists(), done
        os.unlink(kept[1])
        assert "damaged" not in imported(house, *command).stderr
    assert digests(target) == copies


def a_card_is_known_by_its_label_and_uuid_without_udev(house):
    if os.geteuid() or not os.path.exists("/dev/loop-control"):
        raise Skip("only root may mount an image")
    image, place, uuid = house.work / "card.img", house.work / "mounted", "0f4c2a6e-1111-4222-8333-123456789abc"
    place.mkdir()
    card = fill(house, 1)
    run("truncate", "-s", "16M", image)
    run("mkfs.ext4", "-q", "-F", "-L", "EOS_DIGITAL", "-U", uuid, "-d", card, image)
    if run("mount", "-o", "ro,loop", image, place, check=False).returncode:
        raise Skip("no loop devices here")
    house.mounts.append(place)
    done = imported(house, place, "--to", house.top / "to", "--json")
    said = json.loads(done.stdout)
    if "uuid" not in said:
        raise Skip("this kernel does not say the UUID of a file system")
    assert (said["name"], said["label"], said["uuid"]) == ("EOS_DIGITAL", "EOS_DIGITAL", uuid), said


def an_import_that_is_stopped_goes_on_where_it_was(house):
    card, target = house.work / "card", house.top / "to"
    (card / "DCIM").mkdir(parents=True)
    for number in range(150):
        (card / f"DCIM/{number:04}.BIN").write_bytes(os.urandom(20000))
    command = [house.bin / "hotfolder", "import", card, "--to", target, "--state-dir", house.state]
    with subprocess.Popen(command, env=house.environment(), stdout=subprocess.PIPE, text=True) as running:
        wait_until(lambda: target.exists() and digests(target), "a file stands under its name")
        running.send_signal(signal.SIGTERM)
        said = running.communicate()[0]
    assert running.returncode == 1, said
    some = {name: (target / name).stat().st_ino for name in digests(target).values()}
    assert 0 < len(some) < 150 and digests(target).keys() <= digests(card).keys()
    (shown,) = cards_of(house)
    assert shown["state"] == "interrupted" and 0 < shown["done"] < 150, shown

    done = imported(house, card, "--to", target)
    assert done.returncode == 0 and last_line(done).startswith("SAFE TO FORMAT: 150 of 150 "), done
    assert digests(target).keys() == digests(card).keys() and len(digests(target)) == 150
    assert some.items() <= {name: (target / name).stat().st_ino for name in digests(target).values()}.items()


@contextlib.contextmanager
def import_into_a_share_that_falls_silent(house):
    """An import that hangs in its destination, as a dead sshfs is one; and that destination."""
    card, behind, place = house.work / "card", house.work / "behind", house.top / "nas"
    for directory in (card / "DCIM", behind, place):
        directory.mkdir(parents=True)
    for number in range(200):
        (card / f"DCIM/{number:04}.BIN").write_bytes(os.urandom(50000))
    server = share(house, behind, place)
    process = subprocess.Popen(
        [house.bin / "hotfolder", "--runtime-dir", house.runtime, "import", card, "--to", place, "--to",
         house.top / "disk", "--state-dir", house.state], env=house.environment(), stdout=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: len(digests(behind)) > 3, "files are copied")
        server.send_signal(signal.SIGSTOP)
        yield process, place
    finally:
        server.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def an_import_whose_destination_hangs_ends_with_the_stop(house):
    with import_into_a_share_that_falls_silent(house) as (process, place):
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 1 and said.splitlines()[-1].startswith("NOT SAFE: interrupted at "), said
        assert f"of 200: '{place}' does not respond; check its disk or its server" in said, said
        shown, = cards_of(house)
        assert shown["state"] == "interrupted" and shown["verdict"] == said.splitlines()[-1], shown
    done = imported(house, house.work / "card", "--to", place, "--to", house.top / "disk")
    assert digests(place).keys() == digests(house.top / "disk").keys() == digests(house.work / "card").keys(), done


@long
def an_import_whose_destination_hangs_is_held_after_a_minute(house):
    with import_into_a_share_that_falls_silent(house) as (process, place):
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 1 and said.startswith(f"NOT SAFE: held: '{place}' does not respond"), said
        shown, = cards_of(house)
        assert shown["state"] == "held", shown


def years_later_a_flipped_byte_is_named_with_the_copy_that_is_right(house):
    card, one, two = fill(house, 2), house.top / "one", house.top / "two"
    imported(house, card, "--to", one, "--to", two)
    for where in (one, two, card):
        done = imported(house, "verify", where)
        assert done.returncode == 0, (where, done)
    wrong = sorted(digests(one).values())[0]
    with open(one / wrong, "r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    done = imported(house, "verify", "/", timeout=30)  # not the whole computer
    assert done.returncode == 2 and "'/' has no manifest, and no import of it is known here" in done.stderr, done
    done = imported(house, "verify", one)
    assert done.returncode == 1 and str(one / wrong) in done.stdout, done
    assert str(two / wrong) in done.stdout, done
    (entry,) = json.loads(imported(house, "verify", one, "--json").stdout)["wrong"]
    assert (entry["file"], entry["right"]) == (wrong, str(two / wrong)), entry
    assert imported(house, "verify", two).returncode == 0
    (two / wrong).unlink()
    assert imported(house, "verify", two).returncode == 1
    one.rename(house.top / "away")  # its disk is not there: the other one is read
    done = imported(house, "verify", "1")
    assert done.returncode == 1 and str(one) in done.stderr and str(two / wrong) in done.stdout, done


def a_manifest_without_files_proves_nothing(house):
    sums = house.top / "to/_cards/2024-05-01_EOS_1/SHA256SUMS"
    sums.parent.mkdir(parents=True)
    sums.touch()
    done = imported(house, "verify", house.top / "to")
    assert done.returncode == 1 and "are right" not in done.stdout and "name no file" in done.stderr, done


def the_status_of_the_daemon_has_the_cards(house):
    imported(house, fill(house, 1), "--to", house.top / "to")
    house.start()
    environment = {**house.environment(), "STATE_DIRECTORY": os.fspath(house.state)}
    answer = json.loads(house.command("status", "--json", env=environment, check=True).stdout)
    assert [card["state"] for card in answer["cards"]] == ["safe"] and answer["folders"], answer
    shown = house.command("status", env=environment, check=True).stdout
    assert re.search(r"^card .*: SAFE TO FORMAT: .*; may be pulled$", shown, re.M), shown
    assert "cards" not in json.loads(house.command("status", "--json", check=True).stdout)
    assert (house.state / "import.db").stat().st_mode & 0o777 == 0o640  # members of the group ask, too


def the_pictures_of_a_camera_are_copied_and_never_called_safe(house):
    # libgphoto2's own driver for a directory stands for the camera; it shows no file of unknown kinds
    card, target = fill(house), house.top / "to"
    (card / "DCIM/100EOS/EOS.DAT").unlink()
    before = digests(card)
    arguments = ("--ptp", f"disk:{card}", "--to", target)
    done = imported(house, *arguments)
    assert done.returncode == 3, done.stdout + done.stderr
    assert last_line(done).startswith("COPIED, not proved"), done.stdout
    assert digests(target).keys() == before.keys(), done.stdout
    assert digests(card) == before, (digests(card), before)
    again = imported(house, *arguments)
    assert again.returncode == 3 and "nothing new" in last_line(again), again.stdout + again.stderr
    missing = imported(house, "--ptp", "usb:250,250", "--to", target)
    assert missing.returncode == 2 and "no camera is at usb:250,250" in missing.stderr, missing.stderr


def a_unit_asks_the_configuration_that_no_argument_names_whether_it_has_cameras(house):
    if os.geteuid():
        raise Skip("only root can be another user")
    house.install()
    config = house.top / "config"
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    for text, status in (('import "a" { from = ptp  copy_to = { "/srv/a" } }', 0),
                         ('import "a" { copy_to = { "/srv/a" } }', 1)):
        (config / "hotfolder").mkdir(parents=True, exist_ok=True)
        (config / "hotfolder/hotfolder.conf").write_text(text, encoding="utf-8")
        done = run(*drop, "env", f"XDG_CONFIG_HOME={config}", house.bin / "hotfolder", "import", "--ptp", "001-004",
                   "--look", check=False)
        assert done.returncode == status and not done.stderr, (text, done)


if __name__ == "__main__":
    sys.exit(main(globals()))
