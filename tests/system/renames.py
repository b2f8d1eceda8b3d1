"""renames - users and programs rename, link and overwrite pictures while hotfolder processes them."""
import contextlib
import os
import random
import shutil
import time

from harness import files_below, jpg, long, main, sizes_of, wait_until

LATEST = 0.05  # seconds between the arrival of a picture and what is done to it


def masters(house):
    return [house.photo(f"m{seed}.jpg", seed=seed) for seed in range(4)]


def rename_at_any_moment(house, count):
    """Renames each picture once; all of them must be made once and be in done/ once."""
    house.configure('originals = "done"')
    house.start()
    pictures, chance, renamed = masters(house), random.Random(1), 0
    for number in range(count):
        before, after = f"{number:04}.part1.jpg", f"{number:04}.whole.jpg"
        shutil.copy(pictures[number % len(pictures)], house.inbox / before)
        time.sleep(chance.uniform(0, LATEST))
        with contextlib.suppress(FileNotFoundError):  # it is in done/ already
            os.rename(house.inbox / before, house.inbox / after)
            renamed += 1
    names = lambda: files_below(house.inbox)
    wait_until(lambda: all(name.startswith("done/") for name in names()) and house.idle(),
               "every original is in done/")
    numbers = [f"{number:04}" for number in range(count)]
    assert [name[:4] for name in house.done()] == numbers, house.done()
    assert [name[:4] for name in files_below(house.output)] == numbers, files_below(house.output)
    assert not house.failed()
    print(f"{renamed} of {count} were renamed before they had moved")


def overwrite_at_any_moment(house, count):
    """Overwrites each picture in place; what was written last must have an output."""
    house.configure('originals = "done"')
    house.start()
    first = masters(house)
    last, chance = house.photo("tall.jpg", size="480x640").read_bytes(), random.Random(2)
    overwritten = []
    for number in range(count):
        name = f"{number:04}.jpg"
        shutil.copy(first[number % len(first)], house.inbox / name)
        time.sleep(chance.uniform(0, LATEST))
        with contextlib.suppress(FileNotFoundError), open(house.inbox / name, "r+b") as file:
            overwritten.append(f"{number:04}")
            time.sleep(chance.uniform(0, 0.003))
            file.write(last)
            file.truncate()
    wait_until(lambda: all(name.startswith("done/") for name in files_below(house.inbox))
               and house.idle(), "every original is in done/")
    made = files_below(house.output)
    sizes = dict(zip(made, sizes_of(*[house.output / name for name in made])))
    tall = {name[:4] for name in made if sizes[name] == "120x160"}
    assert tall == set(overwritten), tall ^ set(overwritten)
    assert not house.failed()
    print(f"{len(overwritten)} of {count} were overwritten before they had moved")


def a_picture_that_is_renamed_at_any_moment_is_made_once(house):
    rename_at_any_moment(house, 20)


@long
def a_thousand_renames_make_no_picture_twice_and_leave_none(house):
    rename_at_any_moment(house, 1000)


def a_picture_that_is_overwritten_at_any_moment_is_made_again(house):
    overwrite_at_any_moment(house, 10)


@long
def five_hundred_pictures_that_are_overwritten_are_made_again(house):
    overwrite_at_any_moment(house, 500)


def a_kept_picture_that_is_renamed_is_not_made_again(house):
    house.configure('originals = "keep"')
    house.start()
    shutil.copy(house.photo(), house.inbox / "old.jpg")
    house.await_output("old.jpg")
    wait_until(house.idle, "it is finished")
    (house.inbox / "sub").mkdir()
    (house.inbox / "old.jpg").rename(house.inbox / "sub/new.jpg")
    shutil.copy(house.photo("next.jpg", seed=2), house.inbox / "next.jpg")
    house.await_output("next.jpg")
    assert house.stop() == 0
    house.start()  # a scan finds it too
    shutil.copy(house.photo("last.jpg", seed=3), house.inbox / "last.jpg")
    house.await_output("last.jpg")
    assert files_below(house.output) == ["last.jpg", "next.jpg", "old.jpg"]


def a_hard_link_and_a_copy_are_pictures_of_their_own(house):
    house.configure('originals = "done"')
    house.start()
    original = house.photo()
    names = ["first.jpg", "linked.jpg", "linked after.jpg", "copied.jpg"]
    os.link(original, house.inbox / "first.jpg")
    os.link(original, house.inbox / "linked.jpg")
    house.await_output("first.jpg", "linked.jpg")
    house.await_quiet(["first.jpg", "linked.jpg"])
    os.link(original, house.inbox / "linked after.jpg")
    shutil.copy2(original, house.inbox / "copied.jpg")
    house.await_output(*map(jpg, names))
    house.await_quiet(names)
    assert house.done() == sorted(names)
    assert files_below(house.output) == sorted(names)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
