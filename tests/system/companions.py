"""companions - what lies beside a picture moves with it, comes late, and comes back with it."""
import os
import time

from harness import files_below, main, wait_until
from shots import XMP, put, start

ALL = ("IMG_1.JPG", "IMG_1.NEF", "IMG_1.xmp")
RATED = 'gather = 1s\n retry { attempts = 1 }'


def done(house, *names):
    wait_until(lambda: house.done() == sorted(names) and house.idle(), f"{names} are in done/")


def is_back(house, *names):
    wait_until(lambda: [name for name in files_below(house.inbox) if "/" not in name] == sorted(names),
               f"{names} are in their places")


def the_journal_names_what_went_with_a_picture_and_what_came_after_it(house):
    start(house, "gather = 1s")
    put(house, "IMG_1.xmp")
    put(house, "IMG_1.NEF")
    put(house, "IMG_1.JPG")
    done(house, *ALL)
    house.await_log("IMG_1.JPG: done in ")
    line = next(line for line in house.logged().splitlines() if "IMG_1.JPG: done in" in line)
    late = house.logged().count("moved after it")
    assert "IMG_1.xmp" in line or late, house.logged()
    put(house, "IMG_1.WAV")
    house.await_log("IMG_1.JPG: moved after it: IMG_1.WAV")
    done(house, *ALL, "IMG_1.WAV")


def a_sidecar_that_comes_after_its_picture_makes_it_again_when_a_user_asks(house):
    house.configure(f'originals = "done"\n {RATED}', steps='save { name = "{rating|0}/{stem}.png" }')
    house.start()
    put(house, "IMG_1.JPG")
    put(house, "IMG_1.NEF")
    done(house, "IMG_1.JPG", "IMG_1.NEF")
    put(house, "IMG_1.xmp")
    tomorrow = time.time() + 86400
    os.utime(house.inbox / "IMG_1.xmp", (tomorrow, tomorrow))
    done(house, *ALL)
    house.command("reprocess", "inbox", check=True)
    wait_until(lambda: (house.output / "4/IMG_1.png").exists(), "its rating is in the name of its output")
    done(house, *ALL)


def an_undo_and_a_retry_take_a_whole_shot(house):
    start(house, "gather = 1s")
    for name in ALL:
        put(house, name)
    done(house, *ALL)
    house.command("undo", house.output / "IMG_1.jpg", check=True)
    is_back(house, *ALL)
    assert not (house.output / "IMG_1.jpg").exists()
    house.command("retry", house.inbox / "IMG_1.JPG", check=True)
    done(house, *ALL)


def a_failed_shot_is_tried_again_as_a_whole(house):
    start(house, RATED)
    for name in ("IMG_1.NEF", "IMG_1.xmp"):
        put(house, name)
    photo = house.photo("photo.jpg", size="64x48").read_bytes()
    frame = photo.find(b"\xff\xc0")
    broken = house.top / "broken"
    broken.write_bytes(photo[:frame + 5] + b"\xff\xff\xff\xff" + photo[frame + 9:])
    broken.rename(house.inbox / "IMG_1.JPG")
    wait_until(lambda: house.failed() == sorted(ALL), "all of it is in failed/")
    house.command("retry", house.inbox / "IMG_1.JPG", check=True)
    house.await_logged("IMG_1.JPG: failed after", 2)
    wait_until(lambda: house.failed() == sorted(ALL) and house.idle(), "all of it is in failed/ again")
    assert (house.inbox / "failed/IMG_1.xmp").read_text() == XMP


def companions_are_copied_beside_the_output_where_a_folder_says_so(house):
    start(house, "gather = 1s\n companions = copy")
    for name in ("IMG_1.NEF", "IMG_1.xmp", "IMG_1.JPG"):
        put(house, name)
    done(house, *ALL)
    assert (house.output / "IMG_1.xmp").read_text() == XMP, files_below(house.output)
    assert (house.output / "IMG_1.NEF").read_bytes() == (house.inbox / "done/IMG_1.NEF").read_bytes()


if __name__ == "__main__":
    raise SystemExit(main(globals()))
