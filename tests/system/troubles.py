"""troubles - what cannot become a finished picture is reported, and never blocks the others."""
import json
import os
import shutil
import subprocess
import time

from harness import NOBODY, files_below, jpg, main, run, wait_until


def status_text(house):
    """The whole status, as text."""
    return repr(house.get()[1])


def a_text_file_is_ignored_and_stays_where_it_is(house):
    house.start()
    (house.inbox / "notes.txt").write_text("not a picture\n" * 50)
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    wait_until(lambda: "text" in status_text(house), "the status counts the text")
    assert (house.inbox / "notes.txt").exists()
    assert files_below(house.output) == ["photo.jpg"] and not house.failed()


def what_is_a_picture_by_its_name_alone_fails_with_the_words_of_run(house):
    """Also one with a damaged head. Its user expects a picture of it, and hears why there is none."""
    contents = {"page.png": b"<html>not found</html>\n", "noise.JPG": bytes(range(256)) * 9,
                "pack.heic": b"PK\3\4" + bytes(99)}
    house.start()
    for name, content in contents.items():
        (house.inbox / name).write_bytes(content)
        (house.work / name).write_bytes(content)
    reports = {name: house.reason(name) for name in contents}
    assert house.failed() == sorted(contents), house.failed()
    once = house.command("run", "small", "--config", house.config, "--json", "--output", house.output,
                         *(house.work / name for name in contents))
    for picture in json.loads(once.stdout)["pictures"]:
        name, error = os.path.basename(picture["source"]), picture["error"]
        assert error["what"] in reports[name] and error["fix"] in reports[name], (error, reports[name])


def an_empty_file_is_pending_and_stays_where_it_is(house):
    house.start()
    (house.inbox / "empty.jpg").touch()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    time.sleep(2)
    assert (house.inbox / "empty.jpg").exists() and not house.failed()


def a_truncated_photo_fails_with_its_reason_beside_it(house):
    house.start()
    content = house.photo().read_bytes()
    (house.inbox / "cut.jpg").write_bytes(content[:len(content) // 2])
    reason = house.reason("cut.jpg")
    assert "cut.jpg" in reason and len(reason.splitlines()) >= 2, reason
    assert (house.inbox / "failed/cut.jpg").read_bytes() == content[:len(content) // 2]
    assert not files_below(house.output)


def a_damaged_photo_fails_with_its_reason_beside_it(house):
    house.start()
    content = bytearray(house.photo().read_bytes())
    # Whole by its marks, broken inside: the header promises a picture of another size.
    frame = content.find(b"\xff\xc0")
    content[frame + 5:frame + 9] = b"\xff\xff\xff\xff"
    (house.inbox / "bad.jpg").write_bytes(content)
    house.reason("bad.jpg")
    assert house.failed() == ["bad.jpg"] and not files_below(house.output)


def two_failures_of_one_name_are_both_kept(house):
    house.start()
    content = house.photo().read_bytes()
    for length in (4000, 5000):
        (house.inbox / "same.jpg").write_bytes(content[:length])
        wait_until(lambda: not (house.inbox / "same.jpg").exists(), "it has failed")
    assert sorted((house.inbox / "failed" / name).stat().st_size for name in house.failed()) == [4000, 5000]


def a_jpeg_called_png_is_a_jpeg(house):
    house.start()
    house.photo().rename(house.inbox / "really.png")
    assert house.await_output("really.jpg") == ["160x120"]


def every_kind_of_picture_comes_out(house):
    house.start()
    for kind in ("png", "webp", "tif", "gif", "JPG"):
        source = house.photo(f"from_{kind}.{kind.lower()}")
        source.rename(house.inbox / f"from_{kind}.{kind}")
    house.await_output(*[f"from_{kind}.jpg" for kind in ("png", "webp", "tif", "gif", "JPG")])


def litter_is_ignored(house):
    house.start()
    photo = house.photo()
    stray = ["._photo.jpg", ".hidden.jpg", "Thumbs.db", ".DS_Store", "photo.jpg.part", "photo.tmp",
              "photo.crdownload", "photo.jpg~", "@eaDir/photo.jpg", "#recycle/photo.jpg"]
    for name in stray:
        (house.inbox / name).parent.mkdir(exist_ok=True)
        shutil.copy(photo, house.inbox / name)
    photo.rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    time.sleep(2)
    assert files_below(house.output) == ["photo.jpg"]
    assert all((house.inbox / name).exists() for name in stray)


def a_photo_that_may_not_be_read_waits_until_it_may(house):
    shutil.copy(house.photo(), house.inbox / "locked.jpg")
    shutil.copy(house.photo("free.jpg", seed=2), house.inbox / "free.jpg")
    house.configure('originals = "keep"', top="reconcile = 2s")
    house.start_as_nobody()
    house.await_output("free.jpg", "locked.jpg")
    shutil.copy(house.photo("late.jpg", seed=3), house.work / "late")
    (house.work / "late").chmod(0)
    if not os.geteuid():
        os.chown(house.work / "late", 0, 0)
    (house.work / "late").rename(house.inbox / "late.jpg")
    time.sleep(2)
    assert (house.inbox / "late.jpg").exists() and not (house.output / "late.jpg").exists()
    if not os.geteuid():
        os.chown(house.inbox / "late.jpg", NOBODY, NOBODY)
    (house.inbox / "late.jpg").chmod(0o644)
    house.await_output("late.jpg")


def a_full_output_disk_holds_the_folder_until_there_is_room(house):
    house.mount(house.output, "400k")
    (house.output / "ballast").write_bytes(bytes(396 * 1024))
    house.configure('originals = "done"\n retry { attempts = 2  first = 1s  max = 1s }')
    house.start()
    inputs = [f"p{seed}.jpg" for seed in range(4)]
    for seed, name in enumerate(inputs):
        house.photo(name, seed=seed).rename(house.inbox / name)
    wait_until(lambda: "is held" in house.logged(), "the full disk is logged")
    held = next(line for line in house.logged().splitlines() if "is held" in line)
    assert f"'{house.output}'" in held and "free some space on that" in held, held
    assert "step " not in held, held
    time.sleep(4)
    assert sorted(name for name in files_below(house.inbox) if "/" not in name) == inputs
    assert not house.failed()
    (house.output / "ballast").unlink()
    house.await_quiet(inputs)
    house.account(inputs, jpg)
    assert house.done() == inputs


def an_output_directory_that_goes_away_holds_the_folder(house):
    house.configure('originals = "done"')
    house.start()
    house.photo().rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")
    house.output.rename(house.top / "elsewhere")
    house.photo("second.jpg", seed=2).rename(house.inbox / "second.jpg")
    wait_until(lambda: "held" in status_text(house), "status says that the folder is held")
    assert (house.inbox / "second.jpg").exists() and not house.failed()
    (house.top / "elsewhere").rename(house.output)
    house.await_output("first.jpg", "second.jpg")
    wait_until(lambda: "second.jpg" in house.done(), "the original is in done/")


def an_inbox_that_comes_later_is_watched_then(house):
    shutil.rmtree(house.inbox)
    house.start()
    wait_until(lambda: "unavailable" in status_text(house), "status says that the folder is unavailable")
    house.inbox.mkdir()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")


def an_inbox_that_is_exchanged_is_watched_again(house):
    house.start()
    house.photo().rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")
    house.inbox.rename(house.top / "old")
    time.sleep(0.5)
    house.inbox.mkdir()
    house.photo("second.jpg", seed=2).rename(house.inbox / "second.jpg")
    house.await_output("second.jpg")


def a_raw_file_is_ignored_with_its_reason(house):
    house.start()
    tiff = house.photo("raw.tif").read_bytes()
    # CR2: a TIFF whose bytes 8 to 11 say so, and whose first directory follows at 16.
    (house.inbox / "IMG_1.CR2").write_bytes(tiff[:4] + b"\x10\0\0\0CR\x02\0" + tiff[12:])
    wait_until(lambda: "camera RAW, which this folder does not accept" in status_text(house), "the status counts the RAW")
    assert (house.inbox / "IMG_1.CR2").exists() and not files_below(house.output)


def a_link_out_of_the_folder_is_not_followed_to_a_directory(house):
    outside = house.top / "outside"
    make = house.photo("outside.jpg")
    outside.mkdir()
    make.rename(outside / "secret.jpg")
    (house.inbox / "link").symlink_to(outside)
    house.start()
    house.photo("own.jpg", seed=2).rename(house.inbox / "own.jpg")
    house.await_output("own.jpg")
    time.sleep(1.5)
    assert files_below(house.output) == ["own.jpg"] and (outside / "secret.jpg").exists()


def a_pipe_in_the_folder_blocks_nothing(house):
    os.mkfifo(house.inbox / "pipe.jpg")
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")


def the_program_that_knows_pictures_is_the_only_one_that_links_libvips(house):
    for program, expected in (("hotfolderd", False), ("hotfolder", False), ("hotfolder-worker", True)):
        linked = run("ldd", house.bin / program).stdout
        # Needed by the program itself, not by a library of it.
        needed = run("readelf", "-d", house.bin / program).stdout
        assert ("libvips" in needed) == expected, program
        assert ("libvips" in linked) == expected, program


def two_services_on_one_inbox_make_each_picture_once(house):
    names = [f"{i:02}.jpg" for i in range(24)]
    house.start()
    for directory in ("state2", "run2"):
        (house.top / directory).mkdir()
    with subprocess.Popen([house.bin / "hotfolderd", "--config", house.config,
                           "--state-dir", house.top / "state2", "--runtime-dir", house.top / "run2"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={**house.environment(), "NOTIFY_SOCKET": ""}) as second:
        wait_until((house.top / "run2/control.sock").exists, "the second one runs")
        photo = house.photo()
        for name in names:
            shutil.copy(photo, house.work / name)
            (house.work / name).rename(house.inbox / name)
        wait_until(lambda: house.done() == names, "every original is in done/")
        second.terminate()
    assert sorted(files_below(house.output)) == names, files_below(house.output)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
