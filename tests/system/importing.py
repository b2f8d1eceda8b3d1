"""importing - a card goes into two directories: every file once, byte for byte, under one name a shot."""
import hashlib
import os
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import cardtrees
from harness import exif_tags, files_below, long, main, quoted

# What an import writes beside pictures.
RECORDS = ("ascmhl/", "_cards/")


# ---- what there is ----

def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copies_in(directory):
    """Content -> the names of the files that have it."""
    found = {}
    for name in files_below(directory):
        if not name.startswith(RECORDS):
            found.setdefault(digest(Path(directory, name)), []).append(name)
    return found


def snapshot(*directories):
    """Of each file where it is, its content, its time, and its inode, which a new file does not have."""
    paths = [directory / name for directory in directories for name in files_below(directory)]
    return {(path, digest(path), os.stat(path).st_mtime_ns, os.stat(path).st_ino) for path in paths}


def pictures(*directories):
    """The same but for lists and reports."""
    return {one for one in snapshot(*directories) if not {"ascmhl", "_cards"} & set(one[0].parts)}


def configure(house, count=2, **settings):
    """One import to `count` directories, which here are on one disk. Returns them."""
    to = [house.top / f"archive{number}" for number in range(count)]
    settings = {"copy_to": "{ " + ", ".join(map(quoted, to)) + " }", "safe_copies": 1, "eject": "no", "min_free": 0,
                **settings}
    lines = "\n".join(f"    {name} = {value}" for name, value in settings.items())
    house.config.write_text(f'import "cards" {{\n{lines}\n}}\n')
    return to


def import_card(house, card, state="state", status=0, to=()):
    """Imports by hand; returns the last line, which is the verdict."""
    chosen = [word for directory in to for word in ("--to", directory)] or ["--config", house.config]
    done = house.command("import", card, *chosen, "--state-dir", house.top / state)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout.splitlines()[-1]


# ---- what has to be ----

def tail_of(name, stem):
    return name.removeprefix(stem) if name.startswith(stem) else os.path.splitext(name)[1]


def assert_whole(tree, *directories):
    """Each of them has each file of the card once, and no other one; files of a shot have one stem, and
    what followed it on the card."""
    wanted = {name: digest(os.fsencode(tree.root) + b"/" + os.fsencode(name)) for name in tree.files}
    for directory in directories:
        found = copies_in(directory)
        assert sorted(found) == sorted(set(wanted.values())), (directory, found, wanted)
        assert all(len(names) == 1 for names in found.values()), found
        for shot in tree.shots:
            stem, stems = os.path.splitext(shot[0])[0], set()
            for name in shot:
                copy, tail = found[wanted[name]][0], tail_of(name, stem)
                assert copy.lower().endswith(tail.lower()), (name, copy)
                stems.add(copy[:len(copy) - len(tail)])
            assert len(stems) == 1, (shot, stems)


def assert_times(tree, directory):
    """Copies have the times and the protection of their files."""
    found = copies_in(directory)
    for name in tree.files:
        old, new = os.stat(tree.root / name), os.stat(directory / found[digest(tree.root / name)][0])
        assert old.st_mtime_ns == new.st_mtime_ns, name
        assert (old.st_mode & 0o200) == (new.st_mode & 0o200), name


def assert_safe(verdict, count):
    assert verdict.startswith("SAFE TO FORMAT") and f"{count} of {count}" in verdict, verdict


# ---- eight makers ----

def arrives_whole(house, *makers):
    to = configure(house)
    for maker in makers:
        tree = cardtrees.MAKERS[maker](house.work / maker)
        before = snapshot(tree.root)
        assert_safe(import_card(house, tree.root), len(tree.files))
        assert snapshot(tree.root) == before, "the card was written to"
        assert_whole(tree, *to)
        assert_times(tree, to[0])
        for directory in to:
            shutil.rmtree(directory)


def cards_of_canon_nikon_sony_and_fujifilm_arrive_whole(house):
    arrives_whole(house, "canon", "nikon", "sony", "fujifilm")


def cards_of_panasonic_gopro_dji_and_a_phone_arrive_whole(house):
    arrives_whole(house, "panasonic", "gopro", "dji", "phone")


def names_say_when_and_by_what_a_shot_was_taken(house):
    to, = configure(house, count=1)
    tree = cardtrees.nikon(house.work / "card")
    import_card(house, tree.root)
    tags = exif_tags(to / "2024/2024-05-01/NIKON Z 9-9999.NEF")["NIKON Z 9-9999.NEF"]
    assert tags["IFD0:Model"] == "NIKON Z 9" and tags["ExifIFD:DateTimeOriginal"].startswith("2024:05:01")
    names = files_below(to / "2024/2024-05-01")
    assert names == [f"NIKON Z 9-{name}" for name in (
        "0001.JPG", "0001.NEF", "0002.JPG", "0002.NEF", "9998.JPG", "9998.NEF", "9998.NEF.xmp", "9999.JPG",
        "9999.NEF", "9999.xmp")], names


def what_is_left_out_is_named_in_the_verdict(house):
    configure(house, count=1)
    tree = cardtrees.phone(house.work / "card")
    verdict = import_card(house, tree.root)
    for what in ("1 deleted on the phone", "1 in the thumbnail folder 'DCIM/.thumbnails'",
                 "2 in 'Android/media/com.chat/.Statuses', which has .nomedia", "1 .nomedia"):
        assert what in verdict, verdict


def both_times_of_a_camera_whose_clock_was_wrong_are_in_manifest_and_report(house):
    to, = configure(house, count=1)
    with house.config.open("a") as config:
        config.write('camera "Z9-A" { serial = "6001234"  clock = "+1h" }\n')
    import_card(house, cardtrees.nikon(house.work / "card").root)
    hashes = ElementTree.parse(next((to / "ascmhl").glob("0001_*.mhl"))).iterfind(".//{*}hash")
    times = {one.find("{*}path").text: [time.text for time in one.iterfind("{*}metadata/*")] for one in hashes}
    shown, right = "2024-05-01 12:00:03.27+01:00", "2024-05-01 13:00:03.27+01:00"
    assert times["2024/2024-05-01/Z9-A-9998.JPG"] == [shown, right], times
    assert times["undated/unknown-NCFLLIST.DAT"] == [], times
    report = next((to / "_cards").glob("*/report.txt")).read_text()
    assert f"    taken {shown} by the camera's clock, corrected {right}\n" in report, report


# ---- again ----

def a_second_import_finds_nothing_new_and_changes_nothing(house):
    to = configure(house)
    tree = cardtrees.canon(house.work / "card")
    assert_safe(import_card(house, tree.root), len(tree.files))
    before = snapshot(*to)
    verdict = import_card(house, tree.root)
    assert "nothing new" in verdict and "SAFE" in verdict, verdict
    assert snapshot(*to) == before


def without_its_memory_it_gives_the_same_names_and_copies_nothing(house):
    to = configure(house, count=1)
    trees = [cardtrees.nikon(house.work / "nikon"), cardtrees.gopro(house.work / "gopro"),
             cardtrees.rollover(house.work / "busy", extra=3)]
    for tree in trees:
        import_card(house, tree.root)
    before = pictures(*to)
    for tree in reversed(trees):
        assert_safe(import_card(house, tree.root, state="another"), len(tree.files))
    assert pictures(*to) == before


def pictures_that_are_added_later_are_the_only_ones_that_are_copied(house):
    to = configure(house)
    tree = cardtrees.canon(house.work / "card")
    import_card(house, tree.root)
    before = pictures(*to)
    tree.shot("DCIM/100CANON/IMG_0008", ".JPG", ".CR3")
    assert_safe(import_card(house, tree.root), len(tree.files))
    assert before < pictures(*to) and len(pictures(*to)) == len(before) + 4
    assert_whole(tree, *to)


# ---- two cards ----

def the_card_of_the_other_slot_is_safe_and_nothing_is_copied_twice(house):
    to = configure(house)
    tree = cardtrees.fujifilm(house.work / "one", second=house.work / "two")
    import_card(house, tree.root)
    before = pictures(*to)
    verdict = import_card(house, house.work / "two")
    assert_safe(verdict, len(tree.files))
    assert "mirrors" in verdict, verdict
    assert pictures(*to) == before


def other_content_under_the_same_name_keeps_both_and_its_shot_together(house):
    to = configure(house, count=1)
    first, second = (cardtrees.canon(house.work / str(seed), seed=seed) for seed in (1, 2))
    import_card(house, first.root)
    assert_safe(import_card(house, second.root), len(second.files))
    names = [name for name in files_below(to[0]) if "R5-0005" in name]
    assert len(names) == 6, names
    tails = {name.split("R5-0005")[1] for name in names}
    suffixes = {tail.rsplit(".", 1)[0] for tail in tails}
    assert len(suffixes) == 2 and "" in suffixes, suffixes
    suffix = max(suffixes)
    assert len(suffix) == 9 and suffix[0] == "-" and int(suffix[1:], 16) >= 0, suffix
    assert tails == {end + tail for end in suffixes for tail in (".JPG", ".CR3", ".WAV")}, tails
    before = pictures(*to)
    for tree in (second, first):
        assert_safe(import_card(house, tree.root, state="another"), len(tree.files))
    assert pictures(*to) == before


def numbers_that_began_again_keep_both_pictures(house):
    to = configure(house, count=1)
    tree = cardtrees.rollover(house.work / "card", extra=5)
    assert_safe(import_card(house, tree.root), len(tree.files))
    assert_whole(tree, *to)


def odd_names_and_empty_files_arrive_as_they_are(house):
    to = configure(house, count=1)
    tree = cardtrees.odd(house.work / "card")
    assert_safe(import_card(house, tree.root), len(tree.files))
    assert_whole(tree, *to)


# ---- many ----

def assert_numbered(house, shots):
    """The shots of such a card have the numbers of their turns, all files of each the same."""
    to, = configure(house, count=1, name="'{seq.card:5}_{shot}.{ext}'")
    tree = cardtrees.shuffled(house.work / "card", shots)
    assert_safe(import_card(house, tree.root), 3 * shots)
    assert_whole(tree, to)
    found = copies_in(to)
    for turn, shot in enumerate(tree.shots, 1):
        names = [found[digest(tree.root / name)][0] for name in shot]
        assert all(name.startswith(f"{turn:05d}_") for name in names), (turn, names)


def shots_are_numbered_in_the_order_in_which_they_were_taken(house):
    assert_numbered(house, 24)


@long
def each_of_ten_thousand_shots_gets_one_number_and_one_stem(house):
    assert_numbered(house, 10000)


@long
def twenty_thousand_files_of_one_directory_arrive(house):
    to = configure(house, count=1)
    tree = cardtrees.crowd(house.work / "card")
    assert_safe(import_card(house, tree.root), len(tree.files))
    assert_whole(tree, *to)


if __name__ == "__main__":
    sys.exit(main(globals()))
