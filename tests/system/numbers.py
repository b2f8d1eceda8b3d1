"""numbers - {seq} in names: one number a picture, in the order in which pictures arrive."""
import shutil

from harness import files_below, main, wait_until

NAMED = 'save { name = "numbered/{seq:4} {seq.day:4} {seq.run:4} {stem}.jpg" }'


def numbered(house):
    """The numbers of each picture: of the folder, of the day, of the run."""
    found = {}
    for name in files_below(house.output / "numbered"):
        if name.startswith("."):  # it is being published, or was when the daemon was killed
            continue
        *numbers, stem = name.removesuffix(".jpg").split(" ")
        assert stem not in found, (stem, name)
        found[stem] = tuple(map(int, numbers))
    return found


def drop(house, master, *names):
    for name in names:
        shutil.copy(master, house.work / "next")
        (house.inbox / name).parent.mkdir(exist_ok=True)
        (house.work / "next").rename(house.inbox / name)


def each_picture_of_a_storm_has_one_number_in_the_order_of_arrival(house):
    house.configure('originals = "done"', top="workers = 4", steps=NAMED)
    master = house.photo()
    house.start()
    apart = ["m", "z", "a", "k"]
    for name in apart:
        drop(house, master, f"{name}.jpg")
        house.await_quiet([f"{name}.jpg"])
    of_apart = numbered(house)
    assert [of_apart[name][0] for name in apart] == [1, 2, 3, 4], of_apart
    assert all(folder == run for folder, _, run in of_apart.values()), of_apart
    storm = [f"s{i * 7 % 40:02}.jpg" for i in range(40)]
    drop(house, master, *storm)
    wait_until(lambda: len(numbered(house)) > 8, "some of them are done")
    before = numbered(house)
    house.kill()
    drop(house, master, "tree/2.jpg", "tree/10.jpg", "tree/1.jpg", "y.jpg", "x.jpg")
    house.start()
    late = ["tree/2.jpg", "tree/10.jpg", "tree/1.jpg", "y.jpg", "x.jpg"]
    house.await_quiet([*storm, *late])
    after = numbered(house)
    assert all(after[name] == numbers for name, numbers in before.items()), (before, after)
    assert len(after) == 49, after
    assert sorted(folder for folder, _, _ in after.values()) == list(range(1, 50)), after
    found = [after[stem][0] for stem in ("x", "y", "1", "10", "2")]
    assert found == sorted(found), after


def a_picture_that_fails_leaves_a_gap(house):
    house.configure('originals = "done"', steps=NAMED)
    master = house.photo()
    house.start()
    (house.work / "bad").write_bytes(master.read_bytes()[:3000])
    (house.work / "bad").rename(house.inbox / "bad.jpg")
    house.await_quiet(["bad.jpg"])
    drop(house, master, "good.jpg")
    house.await_quiet(["good.jpg"])
    assert numbered(house)["good"][0] == 2, numbered(house)


def a_scan_numbers_in_the_order_of_the_tree(house):
    house.configure('originals = "done"', top="workers = 4", steps=NAMED)
    master = house.photo()
    names = [*(f"{i * 37 % 90:02}.jpg" for i in range(90)), "b/bb.jpg", "a/ab.jpg", "a/aa.jpg"]
    drop(house, master, *names)
    house.start()
    house.await_quiet(names)
    order = [*(f"{i:02}" for i in range(90)), "aa", "ab", "bb"]
    of = numbered(house)
    assert [of[stem] for stem in order] == [(i, i, i) for i in range(1, 94)], of


if __name__ == "__main__":
    raise SystemExit(main(globals()))
