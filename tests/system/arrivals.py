"""arrivals - every way in which a picture comes into a folder ends in its finished picture."""
import ctypes
import os
import shutil
import time

from harness import files_below, jpg, main, run, sizes_of, wait_until


def a_copied_photo_comes_out_finished(house):
    house.start()
    shutil.copy(house.photo(), house.inbox / "beach.jpg")
    assert house.await_output("beach.jpg") == ["160x120"]


def a_photo_that_was_there_before_the_start_comes_out_finished(house):
    house.photo().rename(house.inbox / "early.jpg")
    house.start()
    assert house.await_output("early.jpg") == ["160x120"]


def a_moved_photo_comes_out_finished(house):
    house.start()
    house.photo().rename(house.inbox / "moved.jpg")
    assert house.await_output("moved.jpg") == ["160x120"]


def a_photo_turned_by_its_exif_comes_out_upright(house):
    house.start()
    house.photo(orientation=6).rename(house.inbox / "tall.jpg")
    assert house.await_output("tall.jpg") == ["120x160"]


def rsync_brings_each_photo_once(house):
    house.start()
    source = house.work / "card"
    for seed in range(4):
        house.photo(f"card/day {seed % 2}/p{seed}.jpg", seed=seed)
    run("rsync", "-a", f"{source}/", f"{house.inbox}/")
    inputs = files_below(source)
    house.configure()
    house.await_output(*inputs)
    assert files_below(house.output) == inputs


def rsync_in_place_brings_the_whole_photo(house):
    house.start()
    run("rsync", "--inplace", house.photo(), house.inbox / "inplace.jpg")
    assert house.await_output("inplace.jpg") == ["160x120"]


def a_tree_of_two_hundred_photos_comes_out_as_the_same_tree(house):
    house.configure('originals = "done"')
    house.start()
    masters = [house.photo(f"m{seed}.jpg", size="320x240", seed=seed) for seed in range(8)]
    inputs = []
    for number in range(200):
        name = f"trip/day {number % 7}/part {number % 3}/p{number:03}.jpg"
        (house.work / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(masters[number % 8], house.work / name)
        inputs.append(name)
    run("cp", "-r", house.work / "trip", house.inbox)
    house.await_quiet(inputs)
    house.account(inputs, jpg)
    assert sorted(house.done()) == sorted(inputs)


def a_tree_moved_in_whole_is_found(house):
    house.start()
    house.photo("album/deep/er/p.jpg")
    (house.work / "album").rename(house.inbox / "album")
    assert house.await_output("album/deep/er/p.jpg") == ["160x120"]


def a_slow_writer_is_waited_for(house):
    house.start()
    content = house.photo().read_bytes()
    with open(house.inbox / "slow.jpg", "wb") as file:
        for begin in range(0, len(content), len(content) // 6 + 1):
            file.write(content[begin:begin + len(content) // 6 + 1])
            file.flush()
            time.sleep(0.4)
            assert not files_below(house.output)
    assert house.await_output("slow.jpg") == ["160x120"]


def a_photo_renamed_while_it_is_written_is_waited_for(house):
    house.start()
    content = house.photo().read_bytes()
    with open(house.work / "part", "wb") as file:
        file.write(content[:1000])
        file.flush()
        os.rename(house.work / "part", house.inbox / "open.jpg")
        time.sleep(1.5)
        assert not files_below(house.output)
        file.write(content[1000:])
    assert house.await_output("open.jpg") == ["160x120"]


def a_whole_photo_that_is_still_open_for_writing_is_waited_for(house):
    house.start()
    with open(house.inbox / "held.jpg", "wb") as file:
        file.write(house.photo().read_bytes())
        file.flush()
        time.sleep(1.5)
        assert not files_below(house.output)
    house.await_output("held.jpg")


def a_preallocated_photo_is_waited_for(house):
    house.configure(incomplete="60s")
    house.start()
    content = house.photo().read_bytes()
    with open(house.inbox / "sized.jpg", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, len(content))
        time.sleep(1)
        file.write(content[:500])
        file.flush()
        time.sleep(0.5)
        assert not files_below(house.output)
        file.write(content[500:])
    assert house.await_output("sized.jpg") == ["160x120"]


def a_file_managers_empty_file_is_not_yet_a_photo(house):
    house.start()
    path = house.inbox / "finder.jpg"
    path.touch()
    time.sleep(1.5)
    assert path.exists() and not files_below(house.output) and not house.failed()
    path.write_bytes(house.photo().read_bytes())
    assert house.await_output("finder.jpg") == ["160x120"]


def a_hard_link_is_a_photo_that_arrived(house):
    house.start()
    os.link(house.photo(), house.inbox / "linked.jpg")
    assert house.await_output("linked.jpg") == ["160x120"]


def a_file_without_a_name_is_seen_when_it_gets_one(house):
    house.start()
    handle = os.open(house.inbox, os.O_TMPFILE | os.O_WRONLY, 0o644)
    os.write(handle, house.photo().read_bytes())
    # os.link() can't follow the link.
    here, follow = -100, 0x400
    ctypes.CDLL(None).linkat(here, f"/proc/self/fd/{handle}".encode(), here,
                             os.fsencode(house.inbox / "named.jpg"), follow)
    os.close(handle)
    assert house.await_output("named.jpg") == ["160x120"]


def a_photo_written_in_pieces_with_pauses_comes_out_whole(house):
    house.configure(incomplete="60s")
    house.start()
    content = house.photo().read_bytes()
    third = len(content) // 3
    for piece in (content[:third], content[third:2 * third], content[2 * third:]):
        with open(house.inbox / "pages.jpg", "ab") as file:
            file.write(piece)
        time.sleep(0.8)
    assert house.await_output("pages.jpg") == ["160x120"]
    assert not house.failed()


def a_truncated_copy_that_is_completed_later_is_a_new_job(house):
    house.start()
    content = house.photo().read_bytes()
    (house.inbox / "cut.jpg").write_bytes(content[:len(content) // 2])
    wait_until(lambda: house.failed() == ["cut.jpg"], "the truncated photo has failed")
    (house.inbox / "cut.jpg").write_bytes(content)
    assert house.await_output("cut.jpg") == ["160x120"]


def cp_over_a_broken_photo_that_is_waited_for_brings_the_whole_one(house):
    house.configure(incomplete="60s")
    house.start()
    photo = house.photo()
    (house.inbox / "over.jpg").write_bytes(photo.read_bytes()[:2000])
    time.sleep(1)
    assert not files_below(house.output)
    run("cp", photo, house.inbox / "over.jpg")  # no event says that it was made
    assert house.await_output("over.jpg") == ["160x120"]
    assert not house.failed()


def a_photo_is_waited_for_until_the_last_of_two_writers_has_closed_it(house):
    house.start()
    content = house.photo().read_bytes()
    other = house.photo("tall.jpg", size="480x640").read_bytes()
    with open(house.inbox / "two.jpg", "wb") as first:
        second = open(house.inbox / "two.jpg", "r+b")
        first.write(content)
    with second:
        time.sleep(1.5)  # whole, and closed by who made it
        assert not files_below(house.output)
        second.truncate(0)
        second.write(other)
    assert house.await_output("two.jpg") == ["120x160"]
    wait_until(house.idle, "there is nothing left to do")
    house.await_logged("two.jpg: done in", 1)
    assert not house.failed()


def an_editor_that_keeps_a_backup_makes_no_second_picture_of_it(house):
    house.configure('originals = "keep"', save='exists = "replace"')
    house.start()
    shutil.copy(house.photo(), house.inbox / "edit.jpg")
    house.await_output("edit.jpg")
    # vim's way: a probe, the old one aside, the new one under the old name, the old one away.
    (house.inbox / "4913").touch()
    (house.inbox / "4913").unlink()
    (house.inbox / "edit.jpg").rename(house.inbox / "edit.jpg~")
    shutil.copy(house.photo("tall.jpg", size="480x640"), house.inbox / "edit.jpg")
    wait_until(lambda: sizes_of(house.output / "edit.jpg") == ["120x160"], "it is done again")
    (house.inbox / "edit.jpg~").unlink()
    wait_until(house.idle, "there is nothing left to do")
    assert files_below(house.output) == ["edit.jpg"] and not house.failed()


def an_upload_with_a_temporary_name_is_taken_under_its_last_name(house):
    house.start()
    part = house.inbox / "web.jpg.part"
    part.write_bytes(house.photo().read_bytes())
    time.sleep(1.5)
    assert not files_below(house.output)
    part.rename(house.inbox / "web.jpg")
    house.await_output("web.jpg")
    assert files_below(house.output) == ["web.jpg"]


def a_touch_makes_no_second_picture(house):
    house.configure('originals = "keep"')
    house.start()
    shutil.copy(house.photo(), house.inbox / "once.jpg")
    house.await_output("once.jpg")
    os.utime(house.inbox / "once.jpg")
    (house.inbox / "once.jpg").chmod(0o600)
    shutil.copy(house.photo("next.jpg", seed=2), house.inbox / "next.jpg")
    house.await_output("next.jpg")
    time.sleep(2)
    assert files_below(house.output) == ["next.jpg", "once.jpg"]


def a_photo_edited_in_place_is_done_again(house):
    house.configure('originals = "keep"', save='exists = "replace"')
    house.start()
    shutil.copy(house.photo(), house.inbox / "edit.jpg")
    assert house.await_output("edit.jpg") == ["160x120"]
    shutil.copy(house.photo("tall.jpg", size="480x640"), house.inbox / "edit.jpg")
    wait_until(lambda: sizes_of(house.output / "edit.jpg") == ["120x160"], "it is done again")
    assert files_below(house.output) == ["edit.jpg"]


def odd_names_come_out_under_the_same_name(house):
    house.start()
    names = ["two words.jpg", "line\nbreak.jpg", "größe ☀ 写真.jpg", "quote'\"$x.jpg", "{stem}.jpg",
             os.fsdecode(b"latin-\xe9\xff.jpg"), "-n.jpg", "%s%n.jpg", "no_extension"]
    for number, name in enumerate(names):
        shutil.copy(house.photo(f"p{number}.jpg", seed=number), house.inbox / name)
    house.await_output(*[jpg(name) for name in names])
    assert files_below(house.output) == sorted(jpg(name) for name in names)


def unusual_names_are_names_of_pictures(house):
    house.configure(steps='save { name = "{dir}/{stem}-thumbnail.jpg" }')
    house.start()
    long = ["x" * 251 + ".jpg", "\u00fc" * 125 + "a.jpg", "n" * 255]
    names = ["#1 wedding.jpg", "#2024.jpg", "wedding/done/a.jpg", "wedding/failed/b.jpg",
             "wedding/trash/c.jpg", *long]
    for seed, name in enumerate(names):
        place = house.inbox / name
        place.parent.mkdir(parents=True, exist_ok=True)
        house.photo(seed=seed).rename(place)
    house.await_quiet(names)
    assert sorted(house.done()) == sorted(names), house.done()
    assert not house.failed()
    made = files_below(house.output)
    assert len(made) == 2 * len(names), made
    assert "#1 wedding-thumbnail.jpg" in made
    assert sum("~" in name for name in made) == 2 + 1 + 1, made  # thumbnails; "n" has no room for .jpg
    sizes_of(*[house.output / name for name in made])
    broken = house.photo()
    os.truncate(broken, 2000)
    broken.rename(house.inbox / ("z" * 251 + ".jpg"))
    house.await_log("failed after")
    assert house.failed() == ["z" * 251 + ".jpg"]
    assert "z" * 251 + ".txt" in files_below(house.inbox / "failed")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
