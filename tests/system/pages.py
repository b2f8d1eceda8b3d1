"""pages - files of several pictures: frames of animations, pages of scans."""
import json
import shutil
import struct
import sys
import zlib
from pathlib import Path

import tiffs
from harness import Missing, files_below, frames_of, helper, main, run

PROFILE = 'profile "pages" {{ {pages} {saves} }}\n'
SAVE = 'save { name = "{stem}.{ext}-made.png" larger = accept }'


def results(house, pages, saves=SAVE):
    """{name of the source: its result}"""
    config, source = house.top / "pages.conf", house.top / "frames"
    config.write_text(PROFILE.format(pages=pages, saves=saves))
    source.mkdir(exist_ok=True)
    helper("frames", source)
    done = house.command("run", "pages", "--config", config, "--output", house.output, "--json", source)
    found = {Path(one["source"]).name: one for one in json.loads(done.stdout)["pictures"]}
    assert len(found) == 9, done.stdout + done.stderr
    return found


def the_first_of_several_pictures_is_taken_and_the_result_says_so(house):
    for name, picture in results(house, "").items():
        several, number, words = (*name.split(".")[0].split("-"), "", "")[:3]
        expected = f"1 of {number} {words}" if several == "several" else None
        assert picture["state"] == "done" and picture.get("note") == expected, (name, picture)


def a_file_that_is_only_copied_has_all_its_pictures_and_no_note(house):
    copied = 'save { name = "{stem}.{ext}" format = original }'
    both = copied + " " + SAVE
    for number, (saves, noted) in enumerate(((copied, False), (both, True))):
        house.output = house.top / f"copies-{number}"
        notes = [picture.get("note") for picture in results(house, "", saves).values()]
        assert any(notes) == noted, (saves, notes)


def pages_in_a_circle_are_counted_once(house):
    grey = tiffs.page(tiffs.grey(), tiffs.GREY)
    for pages in 1, 2:
        data = bytearray(tiffs.file([grey] * pages))
        data[-4:] = data[4:8]  # behind the last page comes the first
        (house.work / f"{pages}.tif").write_bytes(data)
    config = house.top / "pages.conf"
    config.write_text(PROFILE.format(pages="", saves=SAVE))
    done = house.command("run", "pages", "--config", config, "--output", house.output, "--json",
                         *(house.work / f"{pages}.tif" for pages in (1, 2)))
    notes = {Path(one["source"]).stem: one.get("note") for one in json.loads(done.stdout)["pictures"]}
    assert notes == {"1": None, "2": "1 of 2 pages"}, done.stdout


def a_profile_may_reject_files_of_several_pictures(house):
    for name, picture in results(house, "pages = reject").items():
        if name.startswith("several"):
            number, words = name.split(".")[0].split("-")[1:]
            assert picture["error"]["what"].startswith(f"it has {number} {words}, "), (name, picture)
            assert "pages = first" in picture["error"]["fix"], (name, picture)
        else:
            assert picture["state"] == "done" and "note" not in picture, (name, picture)
    assert len(files_below(house.output)) == 5


# ---- all of them ----

def run_all(house, steps, *files):
    """{name of the source: its result}, of a profile that takes all pictures of a file."""
    config = house.top / "all.conf"
    config.write_text(f'profile "all" {{ pages = all {steps} }}\n')
    done = house.command("run", "all", "--config", config, "--output", house.output, "--json", *files)
    return {Path(one["source"]).name: one for one in json.loads(done.stdout)["pictures"]}


def moving(house):
    directory = house.work / "moving"
    directory.mkdir()
    helper("frames", "--moving", directory)
    return sorted(directory.iterdir())


def shown(frame):
    """Colours count where something is seen."""
    return [tuple(pixel) if pixel[3] else None for pixel in frame["pixels"]]


def rounds(name, frames):
    """How often an animation is shown, 0: for ever. A GIF says how often it is repeated, or nothing."""
    loop = frames[0]["loop"]
    return loop if name.endswith(".webp") else 1 if loop is None else loop and loop + 1


def an_animation_keeps_its_frames_its_delays_and_how_often_it_is_shown(house):
    sources = moving(house)
    saves = " ".join(f'save {{ name = "{{stem}}-of-{{ext}}.{ext}" larger = accept {more} }}'
                     for ext, more in (("gif", ""), ("webp", "lossless = yes")))
    for name, picture in run_all(house, saves, *sources).items():
        assert picture["state"] == "done" and "note" not in picture, (name, picture)
    before = frames_of(*sources)
    for ext in "gif", "webp":
        made = [f"{path.stem}-of-{path.suffix[1:]}.{ext}" for path in sources]
        after = frames_of(*(house.output / name for name in made))
        for source, name, old, new in zip(sources, made, before, after, strict=True):
            assert len(new) == len(old), (name, len(new))
            assert [one["duration"] for one in new] == [one["duration"] for one in old], (name, new)
            assert rounds(name, new) == rounds(source.name, old), (name, new[0]["loop"], old[0]["loop"])
            for number, (a, b) in enumerate(zip(new, old, strict=True)):
                assert shown(a) == shown(b), (name, number)


def delays_that_browsers_change_stay_as_near_as_the_format_can_say_them(house):
    """libvips writes 100 ms in a WebP for 10 and less; frames that look alike may be one. No delay in a GIF means 100."""
    delays = [0, 10, 20, 0, 4, 30, 10, 10, 1, 5, 9]
    sources = house.work / "fast"
    sources.mkdir()
    for ext in "gif", "webp":
        run("/usr/bin/python3", "-c", "import sys; from PIL import Image\n"
            f"delays = {delays}\n"
            "frames = [Image.new('RGB', (16, 16), (30 * (n // 2 if n > 5 else n), 90, 200 - 20 * n)) for n in range(11)]\n"
            "frames[0].save(sys.argv[1], save_all=True, append_images=frames[1:], duration=delays, loop=0)",
            sources / f"a.{ext}")
    saves = 'save { name = "{ext}.webp" lossless = yes larger = accept } save { name = "{ext}.gif" larger = accept }'
    run_all(house, saves, sources)
    for ext in "gif", "webp":
        before, webp, gif = ([one["duration"] or 0 for one in frames] for frames in frames_of(
            sources / f"a.{ext}", house.output / f"{ext}.webp", house.output / f"{ext}.gif"))
        before = [delay or 100 * (ext == "gif") for delay in before]
        assert webp == before, (ext, webp, before)
        assert gif == [max(delay, 10) if delay else 0 for delay in before], (ext, gif, before)


def an_animation_becomes_one_of_another_size_or_pages_and_a_poster_is_its_first_frame(house):
    sources = moving(house)
    found = run_all(house, """scale { width = 30 height = 30 }
                              save { name = "{name}.out" } save { name = "{name}.tif" }
                              save { name = "{name}.poster.png" }""", *sources)
    for path in sources:
        assert found[path.name]["note"] == "1 of 5 frames as PNG", found[path.name]
        again, pages, poster = frames_of(*(house.output / f"{path.name}{end}" for end in
                                           (f".out{path.suffix}", ".tif", ".poster.png")))
        assert [one["size"] for one in again] == [one["size"] for one in pages] == [[30, 20]] * 5
        assert len(poster) == 1 and shown(poster[0]) == shown(pages[0]), path
        assert [one["tags"]["297"] for one in pages] == [f"({number}, 5)" for number in range(5)]


INCH = [(296, tiffs.SHORT, [2])]


def density(value):
    return [(282, 5, [value, 1]), (283, 5, [value, 1]), *INCH]


def scan(profile):
    """Pages of different sizes and kinds; a small copy and a mask of them are none."""
    black = tiffs.page(tiffs.picture(lambda f, x, y: [f % 2], 40, 50), tiffs.GREY, bits=1,
                       more=density(200))
    copy = tiffs.page(tiffs.picture(lambda f, x, y: [1, 2, 3], 8, 8), tiffs.RGB, more=[(254, tiffs.LONG, [1])])
    sideways = tiffs.page(tiffs.picture(lambda f, x, y: tiffs.FIELDS[f], 32, 20), tiffs.RGB, more=[
        *density(300), (274, tiffs.SHORT, [6]), (34675, 7, list(profile)),
        (270, tiffs.ASCII, [*b"the second one\0"])])
    mask = tiffs.page(tiffs.picture(lambda f, x, y: [1], 32, 20), tiffs.MASK, bits=1,
                      more=[(254, tiffs.LONG, [4])])
    deep = tiffs.page(tiffs.picture(lambda f, x, y: [tiffs.GREYS[f] * 257], 24, 24), tiffs.GREY, bits=16,
                      more=density(600))
    return [copy, black, sideways, mask, deep]


def each_page_of_a_tiff_keeps_its_size_depth_orientation_density_and_profile(house):
    profile = bytes.fromhex(helper("pillow", "--profile").strip())
    source = house.work / "scan.tif"
    pages = scan(profile)
    source.write_bytes(tiffs.file(pages))
    alone = [house.work / f"{number}.tif" for number in (1, 2, 4)]
    for number, path in zip((1, 2, 4), alone, strict=True):
        path.write_bytes(tiffs.file([pages[number]]))
    found = run_all(house, 'save { name = "same" } scale { width = 10 height = 10 } save { name = "small" }',
                    source)["scan.tif"]
    assert found["state"] == "done" and "note" not in found, found
    *before, same, small = frames_of(*alone, house.output / "same.tif", house.output / "small.tif")
    before = [old for old, in before]
    for old, new in zip(before, same, strict=True):
        assert new["size"] == old["size"] and new["pixels"] == old["pixels"], (new["size"], old["size"])
        assert new["profile"] == old["profile"]
        assert new["tags"].get("270") == old["tags"].get("270")
        for tag in "282", "283", "296":
            assert new["tags"][tag] == old["tags"][tag], (tag, new["tags"])
    assert [one["mode"] for one in same] == ["1", "RGB", "I;16"], [one["mode"] for one in same]
    assert [one["tags"].get("274", "1") for one in same] == ["1", "6", "1"]
    assert [one["size"] for one in small] == [[8, 10], [6, 10], [10, 10]]
    assert all(one["tags"].get("274", "1") == "1" for one in small)
    assert [bool(one["profile"]) for one in small] == [False, True, False]


def an_output_that_holds_one_picture_gets_the_first_page_and_the_result_says_so(house):
    source = house.work / "scan.tif"
    source.write_bytes(tiffs.file([tiffs.page(tiffs.grey(), tiffs.GREY)] * 3))
    found = run_all(house, 'save { name = "a.jpg" } save { name = "a.webp" } save { name = "a.tif" }', source)
    assert found["scan.tif"]["note"] == "1 of 3 pages as JPEG; 1 of 3 pages as WebP", found
    assert [len(file) for file in frames_of(*(house.output / f"a.{ext}" for ext in ("jpg", "webp", "tif")))] \
        == [1, 1, 3]


def forms(*formats):
    """Grey pages: L is landscape, P portrait."""
    sizes = {"L": (300, 20), "P": (20, 40)}
    return tiffs.file([tiffs.page(tiffs.picture(lambda f, x, y: [tiffs.GREYS[f]], *sizes[one]), tiffs.GREY)
                       for one in formats])


def a_file_of_which_no_page_is_saved_says_so_and_one_of_which_some_are_does_not(house):
    kinds = {"some": "LPL", "first": "PLLL", "one": "PL", "all": "LL", "none": "PP"}
    for name, formats in kinds.items():
        (house.work / f"{name}.tif").write_bytes(forms(*formats))
    found = run_all(house, 'save { name = "{stem}.tif" enabled = "{landscape}" }',
                    *(house.work / f"{name}.tif" for name in kinds))
    for name, formats in kinds.items():
        picture = found[f"{name}.tif"]
        none = "L" not in formats
        assert picture["state"] == "done" and picture.get("note") == (
            "no output: no save is enabled for this picture" if none else None), (name, picture)
        assert bool(picture.get("outputs")) != none, picture


def pages_that_a_formula_leaves_out_are_not_counted(house):
    kinds = {"some": "LPL", "first": "PLLL", "one": "PL", "all": "LL"}
    for name, formats in kinds.items():
        (house.work / f"{name}.tif").write_bytes(forms(*formats))
    run_all(house, """save { name = "{stem}.tif" enabled = "{landscape}" }
                      save { name = "{stem}-p.tif" enabled = "{landscape}" pyramid = yes tiles = yes }""",
            *(house.work / f"{name}.tif" for name in kinds))
    for name, formats in kinds.items():
        count = formats.count("L")
        plain, pyramid = frames_of(house.output / f"{name}.tif", house.output / f"{name}-p.tif")
        assert len(plain) == count and len(pyramid) > count, name
        for output in plain, pyramid:
            numbers = [one["tags"]["297"] for one in output if one["tags"].get("254") == "2"]
            assert numbers == [f"({number}, {count})" for number in range(count)], (name, numbers)


def each_page_may_be_a_pyramid_the_original_has_all_pages_and_a_limit_of_bytes_holds(house):
    source = house.work / "scan.tif"
    source.write_bytes(tiffs.file([tiffs.page(tiffs.picture(lambda f, x, y: [tiffs.GREYS[f]], 600, 300),
                                              tiffs.GREY, rows_per_strip=300)] * 2))
    found = run_all(house, 'save { name = "p.tif" tiles = yes pyramid = yes } save { name = "o" format = original }',
                    source)
    assert found["scan.tif"]["state"] == "done" and "note" not in found["scan.tif"], found
    pages, = frames_of(house.output / "p.tif")
    assert [one["tags"].get("254") for one in pages if one["size"] == [600, 300]] == ["2", "2"]
    assert len([one for one in pages if one["tags"].get("254") == "1"]) == len(pages) - 2 >= 2
    assert (house.output / "o.tif").read_bytes() == source.read_bytes()
    found = run_all(house, 'save { name = "q.tif" compression = jpeg at_most = 1KB }', source)
    assert "as TIFF of 2 pictures" in found["scan.tif"]["error"]["what"], found


def each_page_of_a_document_becomes_a_page_of_a_tiff(house):
    house.configure(folder="accept += { pdf }", profile="all")
    with house.config.open("a") as config:
        config.write('profile "all" { pages = all save { name = "{stem}" } }\n')
    house.start()
    helper("frames", "--pdf", house.work / "document.pdf")
    (house.work / "document.pdf").rename(house.inbox / "document.pdf")
    house.await_output("document.tif")
    pages, = frames_of(house.output / "document.tif")
    assert [one["size"] for one in pages] == [[80, 60], [40, 100]], [one["size"] for one in pages]
    colours = [one["pixels"][30 * one["size"][0] + 20][:3] for one in pages]
    assert [[round(part / 255) for part in colour] for colour in colours] == [[1, 0, 0], [0, 0, 1]], colours


def packed(rows):
    """A grey page of one strip, packed with deflate."""
    strip = zlib.compress(bytes(range(200)) * rows)
    return tiffs.page([[[0]] * 200] * rows, tiffs.GREY, parts=[strip], rows_per_strip=rows,
                      more=[(259, tiffs.SHORT, [8])])


def with_a_byte_changed(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


def damaged(house):
    """{name: (bytes, what the message says)}"""
    made = {path.name: path.read_bytes() for path in moving(house)}
    gif, webp = made["moving-floor-1.gif"], made["moving-floor.webp"]
    scan_of_two = tiffs.file([packed(50), packed(60)])
    directory, = struct.unpack_from("<I", scan_of_two, 4)
    entries, = struct.unpack_from("<H", scan_of_two, directory)
    link = directory + 2 + 12 * entries
    second = scan_of_two.rindex(zlib.compress(bytes(range(200)) * 60))
    lost = bytearray(scan_of_two)
    struct.pack_into("<I", lost, link, len(lost) + 100)
    third = [at for at in range(len(webp)) if webp[at:at + 4] == b"ANMF"][2]
    return {
        "lost.tif": (bytes(lost), "the TIFF is incomplete"),
        "packed.tif": (with_a_byte_changed(scan_of_two, second + 40), "page 2 of 2: "),
        "cut.gif": (gif[:-40], "frame 5 of 5: "),
        "open.gif": (gif[:-1], "it ends after 5 frames, without an end mark"),
        "changed.webp": (webp[:third + 40] + bytes(40) + webp[third + 80:], "cannot read the picture"),
    }


def a_file_whose_later_picture_is_damaged_fails_in_words_and_nothing_is_written(house):
    files = damaged(house)
    for name, (data, _) in files.items():
        (house.work / name).write_bytes(data)
    found = run_all(house, "save {}", *(house.work / name for name in files))
    for name, (_, words) in files.items():
        assert found[name]["state"] == "failed" and words in found[name]["error"]["what"], (name, found[name])
    assert files_below(house.output) == []


JXL = """
import sys
from PIL import Image
kind, width, height = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
frames = [Image.new("RGB", (width, height), colour) for colour in ("red", "green", "blue")]
if kind == "still":
    exif = Image.Exif()
    exif[0x112] = 6
    frames[0].save(sys.argv[1], exif=exif)
else:
    frames[0].save(sys.argv[1], save_all=True, append_images=frames[1:], duration=100, lossless=True)
"""
# Squares, those in eighths, those whose width follows from the height, large ones
JXL_SIZES = (64, 64), (60, 40), (61, 40), (96, 64), (256, 8), (300, 700), (9000, 3)


def an_animated_jpeg_xl_is_refused_in_words_and_a_still_one_is_one_picture(house):
    if not shutil.which("cjxl"):
        raise Missing("no cjxl")
    source = house.top / "jxl"
    source.mkdir()
    for width, height in JXL_SIZES:
        for name, kind in (("still.jpg", "still"), ("still.png", "still"), ("moving.gif", "moving"), ("moving.png", "moving")):
            picture = house.work / name
            run("/usr/bin/python3", "-c", JXL, picture, kind, str(width), str(height))
            for boxes in 0, 1:
                run("cjxl", "-e", "3", f"--container={boxes}", picture, source / f"{name}-{width}x{height}-{boxes}.jxl")
    config = house.top / "jxl.conf"
    config.write_text('defaults { accept += { jxl } }\nprofile "p" { pages = all save { name = "{stem}.tif" } }\n')
    done = house.command("run", "p", "--config", config, "--output", house.output, "--json", source)
    found = {Path(one["source"]).name: one for one in json.loads(done.stdout)["pictures"]}
    assert len(found) == 8 * len(JXL_SIZES), found
    for name, one in found.items():
        if name.startswith("still"):
            assert one["state"] == "done" and "note" not in one, one
        else:
            assert "it is an animated JPEG XL" in one["error"]["what"] and "export it as" in one["error"]["fix"], one


if __name__ == "__main__":
    sys.exit(main(globals()))
