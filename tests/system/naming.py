"""naming - originals get other names in done/."""
import shots
from harness import files_below, main, wait_until


def drop(house, name, seed=1):
    target = house.inbox / name
    target.parent.mkdir(parents=True, exist_ok=True)
    house.photo(f"next-{seed}.jpg", seed=seed).rename(target)
    house.await_log(f"{name}: done in")
    wait_until(house.idle, f"{name} is done")


def an_original_gets_its_new_name_in_done_and_its_own_one_back(house):
    house.configure('originals = "done"', steps='rename { name = "{seq:3}-{stem}" }')
    house.start()
    drop(house, "trip/IMG_1.JPG")
    drop(house, "other.jpg", seed=2)
    assert files_below(house.inbox) == ["done/002-other.jpg", "done/trip/001-IMG_1.JPG"], files_below(house.inbox)
    assert files_below(house.output) == ["other.jpg", "trip/IMG_1.jpg"], files_below(house.output)
    assert "original renamed: 001-IMG_1.JPG" in house.logged(), house.logged()
    original = (house.inbox / "done/trip/001-IMG_1.JPG").read_bytes()
    shown = house.command("why", house.inbox / "done/trip/001-IMG_1.JPG")
    assert "trip/IMG_1.JPG" in shown.stdout, shown.stdout
    undone = house.command("undo", house.output / "trip/IMG_1.jpg")
    assert undone.returncode == 0, undone.stderr
    assert files_below(house.inbox) == ["done/002-other.jpg", "trip/IMG_1.JPG"], files_below(house.inbox)
    assert (house.inbox / "trip/IMG_1.JPG").read_bytes() == original


def a_new_name_that_is_taken_gets_a_number(house):
    house.configure('originals = "done"', steps='rename { name = "same" }')
    house.start()
    for seed, name in enumerate(("a.jpg", "b.jpg", "c.JPG"), 1):
        drop(house, name, seed)
    assert files_below(house.inbox) == ["done/same-1.jpg", "done/same.JPG", "done/same.jpg"], files_below(house.inbox)


def all_of_a_shot_gets_the_new_stem_and_its_own_one_back(house):
    names = ("img_1.nef", "IMG_1.NEF.xmp", "IMG_1.WAV", "IMG_1.JPG")
    house.configure('originals = "done"', steps='rename { name = "{seq:2}-{rating|0}" }')
    house.start()
    (house.inbox / "done").mkdir()
    (house.inbox / "done/01-4.NEF.xmp").write_text("of another one")
    for name in names[:3]:
        shots.put(house, name)
    wait_until(lambda: "companion" in house.command("why", house.inbox / "img_1.nef").stdout, "it is known")
    shots.put(house, names[3])
    wanted = ["01-4-1.JPG", "01-4-1.NEF.xmp", "01-4-1.WAV", "01-4-1.nef", "01-4.NEF.xmp"]
    wait_until(lambda: house.done() == wanted, f"{wanted} are in done/")
    wait_until(house.idle, "it is done")
    undone = house.command("undo", house.inbox / "done/01-4-1.JPG")
    assert undone.returncode == 0, undone.stderr
    assert files_below(house.inbox) == sorted((*names, "done/01-4.NEF.xmp")), files_below(house.inbox)


def what_stays_in_its_place_keeps_its_name(house):
    house.configure('originals = "keep"', steps='rename { name = "x" }')
    shown = house.command("check", "--config", house.config)
    assert shown.returncode == 1, shown
    assert 'folder "inbox" keeps its originals in their place' in shown.stderr + shown.stdout, shown
    photo = house.photo()
    shown = house.command("run", "--config", house.config, "small", "--output", house.output, photo)
    assert shown.returncode == 2 and "renames originals, which `run` never touches" in shown.stderr, shown
    assert files_below(house.output) == []


if __name__ == "__main__":
    raise SystemExit(main(globals()))
