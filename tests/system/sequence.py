"""sequence - {seq} in names: one number a picture, in the order in which pictures arrive."""
import json
import os
import shutil

from harness import Skip, files_below, main, wait_until

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


# hotfolder run


def attributes(house):
    """Skips where files have no attributes: then nothing is known of what made them."""
    try:
        os.setxattr(house.output, "user.test", b"")
    except OSError as error:
        raise Skip(f"no attributes: {error}") from error


def run_numbered(house, *arguments, exists="number", seq="seq"):
    """A run over work/card, in which each picture is done; what it made, and what was there already."""
    config = house.work / "numbered.conf"
    config.write_text(f"""profile "numbered" {{
    scale {{ width = 160  height = 160 }}
    save {{ name = "{{{seq}:3}}.jpg"  exists = {exists} }}
    save {{ name = "all/{{{seq}.run:3}} {{{seq}.day:2}} {{stem}}.jpg"  exists = {exists} }}
}}""")
    done = house.command("run", "numbered", "--config", config, "--output", house.output, "--json",
                         *(arguments or [house.work / "card"]))
    result = json.loads(done.stdout)
    assert done.returncode == 0 and not result["failed"], done
    return {os.path.basename(picture["source"]): picture["outputs"] for picture in result["pictures"]
            if picture["outputs"]}


def card(house, *names):
    for name in names:
        shutil.copy(house.photo(), house.work / "next")
        (house.work / "card" / name).parent.mkdir(parents=True, exist_ok=True)
        (house.work / "next").rename(house.work / "card" / name)


def a_second_run_makes_nothing_and_a_new_picture_gets_the_next_number(house):
    attributes(house)
    names = [*(f"{i:02}.jpg" for i in range(20)), "a/0.jpg"]
    card(house, *names)
    made = run_numbered(house)
    assert [made[os.path.basename(name)] for name in names] == [
        [f"{i:03}.jpg", f"all/{i:03} {i:02} {stem}.jpg"]
        for i, stem in enumerate([*(f"{i:02}" for i in range(20)), "0"], 1)], made
    files = files_below(house.output)
    assert len(files) == 42 and not run_numbered(house)
    card(house, "07b.jpg")
    assert run_numbered(house) == {"07b.jpg": ["022.jpg", "all/022 22 07b.jpg"]}
    assert not run_numbered(house) and len(files_below(house.output)) == 44


def a_second_run_makes_nothing_where_names_are_written_in_capitals(house):
    attributes(house)
    card(house, "a.jpg", "b.jpg")
    assert len(run_numbered(house, seq="SEQ")) == 2 and not run_numbered(house, seq="SEQ")


def a_run_again_makes_what_is_missing_under_its_number(house):
    attributes(house)
    card(house, *(f"{i}.jpg" for i in range(9)))
    run_numbered(house)
    for name in ("003.jpg", "005.jpg", "all/005 05 4.jpg", "006.jpg", "all/006 06 5.jpg"):
        (house.output / name).unlink()  # half of the picture 3; all of the pictures 5 and 6
    assert run_numbered(house) == {"2.jpg": ["003.jpg"], "4.jpg": ["005.jpg", "all/005 05 4.jpg"],
                                   "5.jpg": ["006.jpg", "all/006 06 5.jpg"]}


def a_picture_that_was_changed_is_made_again_as_exists_says(house):
    attributes(house)
    card(house, *(f"{i}.jpg" for i in range(4)))
    run_numbered(house)
    house.photo("other.jpg", seed=5).rename(house.work / "card/2.jpg")
    assert run_numbered(house) == {"2.jpg": ["003-1.jpg", "all/003 03 2-1.jpg"]}
    assert not run_numbered(house)
    house.photo("other.jpg", seed=6).rename(house.work / "card/2.jpg")
    run_numbered(house, exists="replace")  # another profile: all are made again
    assert not run_numbered(house, exists="replace")
    assert len(files_below(house.output)) == 10


def a_picture_without_a_date_keeps_its_name_where_only_its_time_is_changed(house):
    attributes(house)
    (house.work / "card").mkdir()
    config = house.top / "dated.conf"
    config.write_text('profile "dated" { save { name = "{taken:%Y}/{stem}.jpg" } save { name = "{MTIME:%Y}-{name}" } }')

    def shoot(name, seconds, seed=1):
        house.photo("next.png", seed=seed).rename(house.work / "card" / name)  # it says no date
        os.utime(house.work / "card" / name, (0, seconds))

    def made(*options):
        done = house.command("run", "dated", "--config", config, "--output", house.output, "--json", *options,
                             house.work / "card")
        return {os.path.basename(picture["source"]): picture["outputs"]
                for picture in json.loads(done.stdout)["pictures"] if picture["outputs"]}

    shoot("a.png", 1_000_000_000)
    shoot("b.png", 1_030_000_000)
    first = made()
    assert first == {"a.png": ["2001/a.jpg", "2001-a.png"], "b.png": ["2002/b.jpg", "2002-b.png"]}, first
    os.utime(house.work / "card/a.png", (0, 1_500_000_000))
    (house.output / "2001-a.png").unlink()
    for options in ("--dry-run",), ():
        again = made(*options)
        assert again == {"a.png": ["2001-a.png"]}, again  # what is missing, under its name
    assert not made()
    shoot("a.png", 1_500_000_000, seed=5)  # another picture
    other = made()
    assert other == {"a.png": ["2017/a.jpg", "2017-a.png"]}, other


def an_output_that_is_made_again_has_the_name_of_before_and_the_time_of_its_file(house):
    attributes(house)
    config, source = house.top / "times.conf", house.photo("undated.png")
    config.write_text("""profile "times" {
        save { name = "{mtime:%Y}.png" mtime = source }
        save { name = "{taken:%Y}-taken.png" mtime = taken }
        save { name = "kept.png" mtime = source }\n}\n""")
    made = {}
    for seconds in 1_500_000_000, 1_430_000_000:
        os.utime(source, (seconds, seconds))
        done = house.command("run", "times", "--config", config, "--output", house.output, source)
        assert done.returncode == 0, done
        made = {path.name: path.stat().st_mtime for path in house.output.iterdir()}
        for name in "2017.png", "2017-taken.png":
            assert made[name] == seconds, made
            (house.output / name).unlink()
    assert made["kept.png"] == 1_500_000_000 and len(made) == 3, made


def each_folder_of_a_run_counts_and_the_run_counts_all(house):
    attributes(house)
    card(house, "one/a.jpg", "one/b.jpg", "two/c.jpg")
    made = run_numbered(house, house.work / "card/one", house.work / "card/two")
    assert made["c.jpg"] == ["001-1.jpg", "all/003 01 c.jpg"] or made["a.jpg"][0] == "001-1.jpg", made
    assert not run_numbered(house, house.work / "card/one", house.work / "card/two")
    assert not run_numbered(house, house.work / "card")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
