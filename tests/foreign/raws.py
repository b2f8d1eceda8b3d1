"""raws - camera RAW, beside what dcraw_emu of LibRaw makes of it, and what ExifTool finds in it.

The DNGs are made by dng.py. Their previews are negatives: a picture shows what it was made of."""
import io
import json
import subprocess

import numpy
from PIL import Image

from dng import ASCII, SHORT, UNDEFINED, dng, preview_of, scene
from foreign import as_pixels, main, run
from harness import wait_until

WIDTH, HEIGHT = 360, 240
SPACES = {"srgb": "1", "adobe-rgb": "2", "prophoto": "4"}
HIGHLIGHTS = {"clip": "0", "blend": "2", "rebuild": "5"}
# Each value of each setting once.
DEVELOPED = [("full", "camera", "clip", 1, "srgb", 8), ("full", "auto", "blend", 1.5, "adobe-rgb", 16),
             ("half", "daylight", "rebuild", 0.7, "prophoto", 16), ("half", "camera", "blend", 1, "srgb", 8)]


def numbers(path):
    """The values of a TIFF or PNG, as ImageMagick reads them, with 16 bits."""
    raw = subprocess.run(["convert", str(path), "-depth", "16", "-endian", "MSB", "rgb:-"], stdout=subprocess.PIPE,
                         check=True, timeout=60).stdout
    width, height = Image.open(path).size
    return numpy.frombuffer(raw, ">u2").reshape(height, width, 3).astype(int)


def exiftool(path, *options):
    return subprocess.run(["exiftool", *options, str(path)], stdout=subprocess.PIPE, check=True, timeout=60).stdout


def develop(house, files, profiles, check=True):
    """What profiles (name -> content) make of files (name -> bytes). Where they lie: STEM-PROFILE.png."""
    config = house.top / "raws.conf"
    config.write_text("defaults { accept += { raw } }\n" + "\n".join(
        f'profile "{name}" {{ {content} save {{ name = "{{stem}}-{name}.png" format = png }} }}'
        for name, content in profiles.items()))
    sources = house.top / "raws"
    sources.mkdir(exist_ok=True)
    for name, data in files.items():
        (sources / name).write_bytes(data)
    done = {}
    for name in profiles:
        done[name] = house.command("run", name, "--config", config, "--output", house.output,
                                   *[sources / file for file in files])
        assert not check or done[name].returncode == 0, done[name].stderr
    return done


def is_of_preview(path):
    """The scene becomes redder to the right, and its preview to the left."""
    red = as_pixels(Image.open(path))[:, :, 0].astype(float)
    quarter = red.shape[1] // 4
    return red[:, :quarter].mean() > red[:, -quarter:].mean()


def a_raw_becomes_what_dcraw_makes_of_it_with_the_same_settings(house):
    colours = scene(WIDTH, HEIGHT)
    files = {f"turned{orientation}.dng": dng(colours, orientation=orientation) for orientation in (1, 3, 6, 8)}
    files["odd.dng"] = dng(scene(123, 91))
    profiles = {f"p{number}": f"raw {{ use = {use} white = {white} highlight = {highlight} bright = {bright} "
                              f"space = {space} depth = {depth} }}"
                for number, (use, white, highlight, bright, space, depth) in enumerate(DEVELOPED)}
    develop(house, files, profiles)
    for number, (use, white, highlight, bright, space, depth) in enumerate(DEVELOPED):
        flags = {"camera": ["-w"], "auto": ["-a"], "daylight": []}[white] + ["-h"] * (use == "half")
        flags += ["-H", HIGHLIGHTS[highlight], "-b", str(bright), "-o", SPACES[space]] + ["-6"] * (depth == 16)
        for name in files:
            theirs = house.top / "theirs.tif"
            run("dcraw_emu", "-T", *flags, "-Z", theirs, house.top / "raws" / name)
            ours = house.output / f"{name[:-4]}-p{number}.png"
            assert numpy.array_equal(numbers(ours), numbers(theirs)), (name, flags)
            said = json.loads(exiftool(ours, "-j", "-BitDepth", "-ProfileDescription"))[0]
            assert said["BitDepth"] == depth, said
            assert ("ProPhoto" in said.get("ProfileDescription", "")) == (space == "prophoto"), said


def light_of(values):
    """What dcraw has made numbers of, 0 to 1."""
    return numpy.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))


def display_p3_has_the_same_colours_with_other_numbers(house):
    # Of few colours: none is out of either space.
    colours = (scene(WIDTH, HEIGHT).mean(2, keepdims=True) * 0.8 + scene(WIDTH, HEIGHT) * 0.1).astype(numpy.uint16)
    develop(house, {"a.dng": dng(colours)}, {space: f"raw {{ use = full depth = 16 bright = 0.7 space = {space} }}"
                                             for space in ("srgb", "p3")})
    srgb, p3 = (light_of(numbers(house.output / f"a-{space}.png") / 65535).reshape(-1, 3)
                for space in ("srgb", "p3"))
    inside = ((srgb > 0.01) & (srgb < 0.65)).all(1) & (p3 < 0.65).all(1)  # what is white ends at 0.68
    found = numpy.linalg.lstsq(srgb[inside], p3[inside], rcond=None)[0].T
    found /= found[1].sum()  # dcraw makes each so bright that one in a hundred pixels is white
    wanted = [[0.82246, 0.17754, 0], [0.03319, 0.96681, 0], [0.01708, 0.0724, 0.91052]]
    assert inside.mean() > 0.3 and abs(found - wanted).max() < 0.001, found
    assert b"Display P3" in exiftool(house.output / "a-p3.png", "-ProfileDescription")


def a_preview_is_the_largest_jpeg_in_the_file_and_upright_as_the_raw_is(house):
    colours = scene(WIDTH, HEIGHT)
    small, large = preview_of(colours, 120), preview_of(colours, 240, progressive=True)
    turns = {1: [], 3: [Image.Transpose.ROTATE_180], 6: [Image.Transpose.ROTATE_270],
             8: [Image.Transpose.ROTATE_90]}
    files = {f"t{turn}.dng": dng(colours, [small, large], orientation=turn) for turn in turns}
    files["unknown.nef"] = dng(colours, [small, large], known=False)
    develop(house, files, {"p": "raw { use = preview }"})
    for name in files:
        found = exiftool(house.top / "raws" / name, "-b", "-PreviewImage", "-ee", "-a")
        assert name == "unknown.nef" or large in found, name
        wanted = Image.open(io.BytesIO(large))
        for turn in turns.get(int(name[1]) if name[1].isdigit() else 1):
            wanted = wanted.transpose(turn)
        ours = as_pixels(Image.open(house.output / f"{name[:-4]}-p.png"))
        assert (ours == numpy.asarray(wanted)).all(), name


def auto_takes_the_cheapest_that_is_large_enough(house):
    colours = scene(WIDTH, HEIGHT)
    files = {"a.dng": dng(colours, [preview_of(colours, 120), preview_of(colours, 240)])}
    develop(house, files, {
        "small": "scale { width = 100 height = 100 }", "large": "scale { width = 50% height = 50% }",
        "half": "raw { bright = 1.01 } scale { width = 50% height = 50% }",
        "much": "scale { width = 300 height = 300 }", "all": "",
        "deep": "raw { depth = 16 } scale { width = 100 height = 100 }",
        "both": 'branch { scale { width = 50 height = 50 } save { name = "small-{stem}.png" } }'})
    made = {name: house.output / f"a-{name}.png" for name in ("small", "large", "half", "much", "all", "deep", "both")}
    assert is_of_preview(made["small"]) and is_of_preview(made["large"])
    assert not any(is_of_preview(made[name]) for name in ("half", "much", "all", "both"))
    assert not is_of_preview(house.output / "small-a.png"), "both branches show one picture"
    assert [Image.open(made[name]).size for name in made] == [
        (100, 67), (180, 120), (180, 120), (300, 200), (360, 240), (100, 67), (360, 240)]
    assert b"16" in exiftool(made["deep"], "-BitDepth")
    # half of it is what LibRaw makes at half size, not twice the work
    run("dcraw_emu", "-T", "-w", "-h", "-b", "1.01", "-Z", house.top / "half.tif", house.top / "raws" / "a.dng")
    assert numpy.array_equal(numbers(made["half"]), numbers(house.top / "half.tif"))


def a_preview_that_is_too_small_gives_way_to_what_the_sensor_saw(house):
    colours = scene(WIDTH, HEIGHT)
    files = {"a.dng": dng(colours, [preview_of(colours, 162)])}
    profiles = {"fits": "fit { width = 150 height = 100 }", "wide": "fit { width = 204 height = 136 }",
                "cut": "crop { width = 50% height = 100% } fit { width = 80 height = 120 }",
                "scale": "scale { width = 50% height = 50% }", "plain": ""}
    develop(house, files, {name: "raw { use = preview }" + steps for name, steps in profiles.items()})
    shown = {name: is_of_preview(house.output / f"a-{name}.png") for name in profiles}
    assert shown == {"fits": True, "wide": False, "cut": False, "scale": True, "plain": True}, shown
    assert Image.open(house.output / "a-scale.png").size == (81, 54), "a half of the preview"


def a_camera_that_nothing_knows_is_named(house):
    colours = scene(WIDTH, HEIGHT)
    files = {"a.nef": dng(colours, [preview_of(colours, 162)], known=False)}
    done = develop(house, files, {"wide": "raw { use = preview } fit { width = 204 height = 136 }",
                                  "auto": "fit { width = 204 height = 136 }", "full": "raw { use = full }",
                                  "small": "fit { width = 150 height = 100 }"}, check=False)
    for name in ("wide", "auto"):
        assert "preview is 162 wide, the profile wants 204" in done[name].stderr, done[name].stderr
        assert "does not know the camera, Acme X1" in done[name].stderr, done[name].stderr
    assert "does not know the camera, Acme X1" in done["full"].stderr and "use = preview" in done["full"].stderr
    assert done["small"].returncode == 0 and is_of_preview(house.output / "a-small.png")
    alone = develop(house, {"b.nef": dng(colours, known=False)}, {"auto": ""}, check=False)["auto"]
    assert "Acme X1" in alone.stderr and "no preview" in alone.stderr, alone.stderr


def what_is_no_raw_or_only_a_part_of_one_is_refused_in_words(house):
    colours = scene(WIDTH, HEIGHT)
    whole = dng(colours, [preview_of(colours, 120)])
    files = {"text.nef": b"no picture at all\n" * 9, "noise.cr2": bytes(range(256)) * 40, "empty.arw": b"",
             "cut.dng": whole[:len(whole) // 2], "head.dng": whole[:100]}
    done = develop(house, files, {"p": ""}, check=False)["p"]
    lines = {name: next(line for line in done.stderr.splitlines() if name in line) for name in files}
    assert "its name ends in .nef, and its content is text" in lines["text.nef"]
    assert "its name ends in .cr2" in lines["noise.cr2"] and "empty" in lines["empty.arw"]
    assert not any("cannot" in line for line in (lines["cut.dng"], lines["head.dng"])), lines
    assert "damaged" in lines["cut.dng"] or "incomplete" in lines["cut.dng"], lines["cut.dng"]
    assert not list(house.output.glob("*")), "nothing is made of them"


def facts_and_outputs_have_what_the_raw_says(house):
    colours = scene(WIDTH, HEIGHT)
    data = dng(colours, [preview_of(colours, 120)], orientation=6, main={315: (ASCII, "Jo Doe")},
               photo={37500: (UNDEFINED, b"Acme notes"), 41985: (SHORT, [0])})
    develop(house, {"a.dng": data}, {
        "full": 'raw { use = full } save { name = "{taken:%Y}-{camera}-{iso}-{width}x{height}.jpg" }',
        "preview": 'raw { use = preview } save { name = "p-{camera}-{width}x{height}.jpg" }'})
    for name in ("2026-Acme X1-400-240x360.jpg", "p-Acme X1-80x120.jpg"):
        said = json.loads(exiftool(house.output / name, "-j", "-n"))[0]
        wanted = {"Make": "Acme", "Model": "Acme X1", "ISO": 400, "FNumber": 5.6, "Artist": "Jo Doe",
                  "LensModel": "RF 50mm F1.8", "DateTimeOriginal": "2026:05:04 03:02:01"}
        assert {tag: said.get(tag) for tag in wanted} == wanted, said
        assert said.get("Orientation", 1) == 1 and said["ImageHeight"] > said["ImageWidth"], said
        assert not {"DNGVersion", "ColorMatrix1", "UniqueCameraModel", "CFAPattern2"} & set(said), said


def a_preview_in_adobe_rgb_is_one(house):
    colours = scene(WIDTH, HEIGHT)
    data = dng(colours, [preview_of(colours, 240)], photo={40961: (SHORT, [2])})
    develop(house, {"a.dng": data}, {"preview": "raw { use = preview }", "full": "raw { use = full }"})
    assert b"Adobe RGB" in exiftool(house.output / "a-preview.png", "-ProfileDescription")
    assert b"Adobe RGB" not in exiftool(house.output / "a-full.png", "-ProfileDescription")


def a_folder_takes_raw_where_it_accepts_it(house):
    house.configure("accept += { raw }")
    colours = scene(WIDTH, HEIGHT)
    house.start()
    (house.inbox / "IMG_1.DNG").write_bytes(dng(colours, [preview_of(colours, 240)], orientation=6))
    house.await_output("IMG_1.jpg")
    assert Image.open(house.output / "IMG_1.jpg").size == (107, 160)
    wait_until(lambda: house.done() == ["IMG_1.DNG"], "the RAW is done")


if __name__ == "__main__":
    import sys
    sys.exit(main(globals()))
