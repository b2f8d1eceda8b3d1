"""copy_to of a folder: copies of originals as they arrived; and names that a camera uses again."""
import os
import shutil
from pathlib import Path

from harness import files_below, main, quoted, run, sizes_of, wait_until

RECIPE = Path(__file__).resolve().parents[2] / "packaging/recipes/ftp-camera/hotfolder.conf"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


def configure(house, settings=""):
    """A folder with a second copy, which is returned."""
    second = house.top / "second"
    house.configure(f"copy_to = {quoted(second)}\n{settings}")
    return second


def same(one, other):
    return run("cmp", one, other, check=False).returncode == 0


def an_arrival_is_copied_with_its_shot_before_it_moves(house):
    second = configure(house, "gather = 1s")
    second.mkdir()
    house.start()
    body = house.inbox / "Z9-A"
    body.mkdir()
    photo = house.photo("DSC_0001.JPG")
    os.utime(photo, (1_600_000_000, 1_600_000_000))
    (body / "DSC_0001.WAV").write_bytes(b"RIFF note")
    (body / "DSC_0001.xmp").write_bytes(XMP)
    shutil.copy2(photo, body)
    (body / "broken.jpg").write_bytes(photo.read_bytes()[:5000])
    house.await_output("Z9-A/DSC_0001.jpg")
    wait_until(lambda: "Z9-A/broken.jpg" in house.failed() and house.idle(), "the other one has failed")
    names = [f"Z9-A/DSC_0001{tail}" for tail in (".JPG", ".WAV", ".xmp")]
    wait_until(lambda: house.done() == names, "the shot has moved")
    assert files_below(second) == [*names, "Z9-A/broken.jpg"], files_below(second)
    assert same(second / names[0], photo) and (second / names[0]).stat().st_mtime == 1_600_000_000
    assert all(same(second / name, house.inbox / "done" / name) for name in names)
    assert same(second / "Z9-A/broken.jpg", house.inbox / "failed/Z9-A/broken.jpg")


def a_name_that_a_camera_uses_again_is_a_new_version(house):
    second = configure(house)
    second.mkdir()
    house.start()
    for seed in (1, 2, 3):
        shutil.copy(house.photo("IMG.JPG", seed=seed, size=f"{seed}00x100"), house.inbox / "IMG.JPG")
        wait_until(lambda: len(house.done()) == seed and house.idle(), f"version {seed} is done")
    versions = ["IMG-1.JPG", "IMG-2.JPG", "IMG.JPG"]
    assert house.done() == versions and files_below(second) == versions, files_below(second)
    assert sorted(sizes_of(*[second / name for name in versions])) == ["100x100", "200x100", "300x100"]
    outputs = files_below(house.output)
    assert outputs == ["IMG-1.jpg", "IMG-2.jpg", "IMG.jpg"], outputs
    shutil.copy(house.work / "IMG.JPG", house.inbox / "IMG.JPG")  # the third one, once more
    wait_until(lambda: len(house.done()) == 4 and house.idle(), "it is done again")
    assert files_below(second) == versions, files_below(second)


def the_recipe_for_cameras_keeps_each_photo_of_a_name(house):
    recipe = RECIPE.read_text()
    for said, here in (("/srv/photos/inbox", house.inbox), ("/srv/photos/finished", house.output)):
        assert said in recipe
        recipe = recipe.replace(said, str(here))
    house.config.write_text(recipe)
    (house.inbox / "Z9-A").mkdir()
    house.start()
    for seed in (1, 2):
        shutil.copy(house.photo("DSC_0001.JPG", seed=seed, size=f"{seed}00x100"), house.inbox / "Z9-A/DSC_0001.JPG")
        wait_until(lambda: len(house.done()) == seed and house.idle(), f"version {seed} is done")
    outputs = files_below(house.output)
    assert outputs == ["Z9-A/DSC_0001-1.jpg", "Z9-A/DSC_0001.jpg"], outputs
    assert sizes_of(*[house.output / name for name in outputs]) == ["200x100", "100x100"]


def a_folder_waits_until_its_second_copy_can_be_made(house):
    second = configure(house, "originals = keep")
    house.start()
    sidecar = house.inbox / "photo.xmp"
    sidecar.write_bytes(XMP)
    shutil.copy(house.photo(), house.inbox / "photo.jpg")
    wait_until(lambda: house.get()[1]["folders"][0]["state"] == "held", "the folder is held")
    assert f"'{second}' is missing" in house.logged(), house.logged()
    assert not files_below(house.output)
    second.mkdir()
    house.await_output("photo.jpg")
    assert files_below(second) == ["photo.jpg", "photo.xmp"], files_below(second)
    assert same(second / "photo.jpg", house.inbox / "photo.jpg") and same(second / "photo.xmp", sidecar)


def a_second_copy_inside_a_watched_folder_is_refused(house):
    house.configure(f"copy_to = {quoted(house.inbox / 'copies')}")
    checked = house.command("check", "--config", house.config)
    assert checked.returncode == 1 and f'folder "inbox" ({house.config}:' in checked.stderr, checked.stderr
    assert f"watches {house.inbox}, and would take the copies" in checked.stderr, checked.stderr


if __name__ == "__main__":
    raise SystemExit(main(globals()))
