"""tags - what steps write into pictures and remove from them, as ExifTool reads it, and what stays."""
import json
import struct
import subprocess
import sys
from pathlib import Path

from harness import BUILD, exif_tags, helper, main, run

sys.path.append(str(Path(__file__).resolve().parents[1] / "foreign"))
from dng import dng, preview_of, scene  # noqa: E402

STEPS = """
defaults { accept += { raw } }
profile write {
    tag { name = title value = "Düne {stem}" }
    tag { name = keywords value += { "sea", "sky" } }
    tag { name = exif.LensModel value = "50 mm, f/1.8" }
    tag { name = exif.DateTimeOriginal value = "2021-02-03 04:05:06" }
    tag { name = exif.UserComment value = "Grüße" }
    tag { name = "xmp.dc.description-de" value = "Wasser" }
    tag { name = "xmp.iptc.CreatorWorkEmail" value = "jo@example.com" }
    tag { name = rating value = 4 }
    rename_tag { from = rating to = xmp.xmp.Label }
    save { name = "{stem}-{ext}" format = original }
}
profile move { rename_tag { from = keywords to = headline } save { name = "{stem}" format = original } }
profile behind { save { name = "behind-{stem}" format = tiff compression = none } }
profile bare { untag { what = { gps, device, "xmp.xmp.*" } } save { name = "{stem}" format = original } }
"""
WRITTEN = {"XMP-dc:Title": "Düne {stem}", "XMP-dc:Subject": ["sea", "sky"], "XMP-dc:Description-de": "Wasser",
           "XMP-iptcCore:CreatorWorkEmail": "jo@example.com", "XMP-xmp:Label": 4}
IN_EXIF = {"ExifIFD:LensModel": "50 mm, f/1.8", "ExifIFD:DateTimeOriginal": "2021:02:03 04:05:06",
           "ExifIFD:UserComment": "Grüße"}
IN_XMP = {"XMP-exifEX:LensModel": "50 mm, f/1.8", "XMP-exif:DateTimeOriginal": "2021:02:03 04:05:06",
          "XMP-exif:UserComment": "Grüße"}


def process(house, profile, *files):
    config = house.top / "steps.conf"
    config.write_text(STEPS)
    run(BUILD / "bin/hotfolder", "run", "-c", config, "-o", house.top / profile, profile, *files)
    return house.top / profile


def sources(house):
    source = house.top / "source"
    source.mkdir()
    helper("captions", source)
    return sorted(path for path in source.iterdir() if path.suffix in (".jpg", ".png", ".webp", ".tif", ".heic", ".avif"))


def same_pixels(before, after):
    code = "import sys; from PIL import Image; a, b = map(Image.open, sys.argv[1:]); sys.exit(a.tobytes() != b.tobytes())"
    return subprocess.run(("/usr/bin/python3", "-c", code, before, after), check=False).returncode == 0


def what_steps_write_is_read_by_exiftool_in_every_format_or_beside_it(house):
    files = sources(house)
    made = process(house, "write", *files)
    kept = {path: made / f"{path.stem}-{path.suffix[1:]}{path.suffix}" for path in files}
    for path in files:
        beside = path.suffix in (".heic", ".avif")
        name = kept[path].with_suffix(".xmp") if beside else kept[path]
        said = exif_tags(name, options=("-n",))[name.name]
        for tag, value in {**WRITTEN, **(IN_XMP if beside else IN_EXIF)}.items():
            wanted = value.replace("{stem}", path.stem) if isinstance(value, str) else value
            assert said.get(tag) == wanted, (name, tag, said.get(tag))
        if beside:
            assert kept[path].read_bytes() == path.read_bytes(), path
        else:
            assert same_pixels(path, kept[path]), path


def what_steps_write_of_a_raw_lies_beside_its_copy(house):
    raw, colours = house.top / "IMG_1.DNG", scene(96, 64)
    raw.write_bytes(dng(colours, [preview_of(colours, 48)]))
    made = process(house, "write", raw)
    assert (made / "IMG_1-DNG.DNG").read_bytes() == raw.read_bytes()
    said = exif_tags(made / "IMG_1-DNG.xmp", options=("-n",))["IMG_1-DNG.xmp"]
    for tag, value in {**WRITTEN, **IN_XMP, "XMP-dc:Title": "Düne IMG_1"}.items():
        assert said.get(tag) == value, f"{tag}: {said.get(tag)}"


def untag_removes_the_place_and_the_device_and_leaves_the_rest(house):
    files = [path for path in sources(house) if path.suffix in (".jpg", ".png", ".webp", ".tif")]
    run("exiftool", "-q", "-overwrite_original", "-GPSLatitude=50.5", "-GPSLatitudeRef=N", "-XMP-exif:GPSLatitude=50.5",
        "-Make=Maker", "-LensModel=Lens", "-XMP-xmp:Label=red", "-Artist=Jo", *files)
    made = process(house, "bare", *files)
    for path in files:
        said = exif_tags(made / path.name)[path.name]
        left = [tag for tag in said if "GPS" in tag or tag.endswith((":Make", ":LensModel", ":Label"))]
        assert not left, (path, left)
        assert said.get("IFD0:Artist") == "Jo", (path, json.dumps(said))
        assert b"Maker\0" not in (made / path.name).read_bytes(), path


def a_list_moves_whole_to_a_tag_that_is_none(house):
    source = house.top / "list.png"
    run("convert", "-size", "8x8", "xc:red", source)
    run("exiftool", "-q", "-overwrite_original", "-XMP-dc:Subject=sea", "-XMP-dc:Subject=sky", source)
    said = exif_tags(process(house, "move", source) / source.name)[source.name]
    assert said.get("XMP-photoshop:Headline") == "sea; sky" and "XMP-dc:Subject" not in said, said


def a_tiff_is_changed_wherever_its_directory_lies(house):
    source = house.top / "source"
    source.mkdir()
    for side in (60, 300):
        path = source / f"first{side}.tif"
        run("/usr/bin/python3", "-c", f"from PIL import Image; Image.effect_noise(({side}, {side}), 50).save('{path}')")
        run("exiftool", "-q", "-overwrite_original", "-GPSLatitude=50.5", "-GPSLatitudeRef=N", "-XMP-exif:GPSLatitude=50.5", path)
    behind = process(house, "behind", *sorted(source.iterdir()))  # as libtiff writes it
    files = sorted([*source.iterdir(), *behind.iterdir()])
    for profile in ("write", "bare"):
        made = process(house, profile, *files)
        for path in files:
            out = made / (f"{path.stem}-tif.tif" if profile == "write" else path.name)
            said = exif_tags(out)[out.name]
            gps = [tag for tag in said if tag.startswith(("GPS:", "XMP-exif:GPS"))]
            assert bool(gps) == (profile == "write"), (out, said)
            assert profile == "bare" or said.get("XMP-dc:Title") == f"Düne {path.stem}", (out, said)
            assert same_pixels(path, out), out


def a_damaged_entry_of_a_tiff_costs_no_pixel(house):
    """Its EXIF says that a maker's notes, and a text, lie where the pixels are."""
    side, start, behind = 64, 8, 8 + 64 * 64
    main_tags = ((256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (270, 2, 400, start + 99),
                 (273, 4, 1, start), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, side * side))
    exif_tags_at = behind + 2 + 12 * (len(main_tags) + 1) + 4
    tiff = struct.pack("<2sHI", b"II", 42, behind) + bytes(range(1, 255)) * 16 + bytes([9]) * (side * side - 254 * 16)
    for tags in ((*main_tags, (34665, 4, 1, exif_tags_at)), ((0x927c, 7, 1000, start + 1000),)):
        tiff += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    source = house.top / "damaged.tif"
    source.write_bytes(tiff)
    made = process(house, "write", source) / "damaged-tif.tif"
    assert exif_tags(made)[made.name].get("XMP-dc:Title") == "Düne damaged"
    assert same_pixels(source, made)


def only_lists_grow(house):
    config = house.top / "grow.conf"
    config.write_text('profile t { tag { name = title value += "x" } save { name = "{stem}" } }\n')
    refused = house.command("check", "--config", config)
    assert refused.returncode and f"{config}:1: `title` is no list; write one text, with =" in " ".join(
        refused.stderr.split()), refused.stderr


if __name__ == "__main__":
    main(globals())
