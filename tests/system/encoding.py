"""encoding - how outputs are encoded, which no other program shows."""
import itertools
import json
import struct
import sys
import zlib
from pathlib import Path

from harness import helper, main, make_picture, run

STANDARD = 416  # bytes of the four tables of codes that the JPEG standard suggests, without their lengths


def codes(jpeg):
    """How many bytes the tables of codes have."""
    found, at = 0, 2
    while jpeg[at + 1] != 0xda:
        length = struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        found += length - 2 if jpeg[at + 1] == 0xc4 else 0
        at += 2 + length
    return found


def only_a_small_copy_of_a_large_photo_gets_codes_of_its_own(house):
    source, output, config = house.top / "photo.jpg", house.top / "made", house.top / "sizes.conf"
    make_picture(source, size="800x600")
    config.write_text("""profile "sizes" {
    scale { width = 700 height = 700 } save { name = "large.jpg" }
    scale { width = 200 height = 200 } save { name = "small.jpg" }
}""")
    done = house.command("run", "sizes", "--config", config, "--output", output, source)
    assert done.returncode == 0, done.stderr
    assert codes((output / "large.jpg").read_bytes()) == STANDARD
    assert codes((output / "small.jpg").read_bytes()) < STANDARD // 2


def photo(**how):
    return helper("noise", "make", json.dumps(how), text=False)


def pixels(jpeg):
    return helper("noise", "pixels", text=False, input=jpeg)


def segments(jpeg):
    """Those before the first scan, each with its marker, and the rest."""
    found, at = [], 2
    while jpeg[at + 1] != 0xda:
        length = 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        found.append(jpeg[at:at + length])
        at += length
    return found, jpeg[at:]


def segment(marker, content):
    return bytes([0xff, marker]) + struct.pack(">H", 2 + len(content)) + content


def coded(jpeg):
    """What is neither metadata nor behind the picture."""
    tables, scans = segments(jpeg)
    end = scans.rindex(b"\xff\xd9") + 2
    assert end == len(scans), "something is behind the picture"
    return b"".join(one for one in tables if one[1] != 0xfe and not 0xe0 <= one[1] <= 0xef) + scans


def extension_of(picture):
    return {b"\xff\xd8\xff": ".jpg", b"\x89PN": ".png", b"RIF": ".webp", b"GIF": ".gif", b"II*": ".tif"}[picture[:3]]


def outputs(house, pictures, profile):
    """The outputs' bytes by name, and the names of the pictures of which the original's was kept."""
    number = len(list(house.top.glob("*.conf")))
    config, output = house.top / f"{number}.conf", house.top / f"out{number}"
    config.write_text(f'profile "t" {{ {profile} }}')
    sources = [house.top / f"{name}{extension_of(picture)}" for name, picture in pictures.items()]
    for source, picture in zip(sources, pictures.values()):
        source.write_bytes(picture)
    done = house.command("run", "t", "--config", config, "--output", output, *sources)
    assert done.returncode == 0, done.stderr
    kept = {Path(line.split(": ")[1]).stem for line in done.stderr.splitlines()
            if line.endswith(": kept: re-encoding was larger")}
    return {made.stem: made.read_bytes() for made in output.iterdir()}, kept


def a_jpeg_that_no_step_changes_never_becomes_larger(house):
    sources = {"plain": photo(), "progressive": photo(progressive=True), "small": photo(subsampling=2),
               "grey": photo(mode="L")}
    idle = "upright {} scale { width = 2048 height = 2048 } crop { mode = trim tolerance = 0 }"
    for steps in ("", idle):
        made, kept = outputs(house, sources, steps + " save { quality = 95 }")
        assert kept == set(sources), steps
        for name, source in sources.items():
            assert coded(made[name]) == coded(source) and len(made[name]) <= len(source), (name, steps)
        assert pixels(made["plain"]) == pixels(sources["plain"])


def of_the_original_only_its_picture_comes_along(house):
    tables, scans = segments(photo())
    hidden = segment(0xfe, b"a secret") + segment(0xe5, b"a secret too") + segment(0xfe, b"more of it")
    source = house.top / "source.jpg"
    source.write_bytes(b"\xff\xd8" + tables[0] + tables[1] + hidden + b"".join(tables[2:]) + scans)
    run("exiftool", "-q", "-overwrite_original", "-Artist=Ann", "-GPSLatitude=48", "-GPSLatitudeRef=N", source)
    jpeg = source.read_bytes()
    levels = {"all": {"Artist", "GPSLatitude", "Comment"}, "copyright": {"Artist"}, "none": set()}
    saves = " ".join(f'save {{ name = "{level}" quality = 95 metadata = {level} }}' for level in levels)
    made, kept = outputs(house, {"twice": jpeg + jpeg}, saves)
    assert kept == {"twice"}
    for level, wanted in levels.items():
        assert coded(made[level]) == coded(jpeg)
        source.write_bytes(made[level])
        tags = json.loads(run("exiftool", "-j", "-IFD0:Artist", "-GPS:GPSLatitude", "-File:Comment", source).stdout)[0]
        assert set(tags) - {"SourceFile"} == wanted, tags
        assert b"secret too" not in made[level] and (level == "all" or b"secret" not in made[level])


def the_colours_of_a_kept_picture_are_the_same_however_it_names_them(house):
    tables, scans = segments(photo())
    plain = [one for one in tables if one[1] != 0xe0]
    rgb = [one if one[1] != 0xc0 else one[:10] + b"R" + one[11:13] + b"G" + one[14:16] + b"B" + one[17:]
           for one in plain]
    rgb_scan = scans[:5] + b"R" + scans[6:7] + b"G" + scans[8:9] + b"B" + scans[10:]
    adobe = [segment(0xee, b"Adobe\0\x64\0\0\0\0" + bytes([kind])) for kind in (0, 1)]
    sources = {f"{number}{name}": b"\xff\xd8" + b"".join(head + body) + scan
               for number, head in enumerate((tables[:1], adobe[:1], adobe[1:], [], tables[:1] + adobe[:1]))
               for name, body, scan in (("numbers", plain, scans), ("letters", rgb, rgb_scan))}
    made, kept = outputs(house, sources, "save { quality = 95 }")
    assert kept == set(sources)
    seen = {name: pixels(source) for name, source in sources.items()}
    assert len(set(seen.values())) == 2, "all of them are of one kind"
    for name, right in seen.items():
        assert pixels(made[name]) == right, name


def where_a_step_or_the_profile_says_otherwise_the_jpeg_is_encoded(house):
    source = photo()
    for profile in ('save { name = "a" quality = 95 larger = accept } save { name = "b" quality = 95 progressive = yes } '
                    'crop { left = 8px } save { name = "c" quality = 95 }', "sharpen {} save { quality = 95 }",
                    "scale { width = 330 enlarge = yes } save { quality = 95 }", "save { quality = 30 }"):
        made, kept = outputs(house, {"plain": source}, profile)
        assert not kept and coded(source) not in map(coded, made.values()), profile


def a_jpeg_that_is_turned_is_encoded_and_one_that_keeps_its_orientation_is_not(house):
    source = house.top / "source.jpg"
    source.write_bytes(photo())
    run("exiftool", "-q", "-n", "-overwrite_original", "-Orientation=6", source)
    turned = source.read_bytes()
    made, _ = outputs(house, {"turned": turned}, """save { name = "none" quality = 95 metadata = none }
        save { name = "as-it-is" quality = 95 } upright {} save { name = "upright" quality = 95 }""")
    assert [name for name, jpeg in sorted(made.items()) if coded(jpeg) == coded(turned)] == ["as-it-is"]
    source.write_bytes(made["as-it-is"])
    assert run("exiftool", "-n", "-s3", "-Orientation", source).stdout.strip() == "6"


# ---- PNG and WebP ----

def chunks(png, begin=8, end=4, order=">"):
    """The chunks of a PNG; of a WebP with 12, 0, "<"."""
    found, at = [], begin
    while at < len(png):
        size = struct.unpack(order + "I", png[at + 4 * (order == "<"):][:4])[0]
        whole = 8 + size + (size % 2 if order == "<" else end)
        found.append(png[at:at + whole])
        at += whole
    assert at == len(png), "something is behind the picture"
    return found


def data_of(picture):
    """The coded pixels: chunks, in order."""
    if picture[:4] == b"RIFF":
        assert len(picture) == 8 + struct.unpack("<I", picture[4:8])[0]
        return [one for one in chunks(picture, 12, 0, "<") if one[:4] in (b"VP8 ", b"VP8L", b"ALPH")]
    return [one for one in chunks(picture) if one[4:8] in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")]


def packed(**how):
    """A PNG as small as Pillow can make it."""
    return photo(format="PNG", optimize=True, **how)


def own_formats():
    """Pictures that our encoders would make larger."""
    return {"rgb": packed(), "grey": packed(mode="L"), "alpha": packed(mode="RGBA"), "palette": packed(mode="P"),
            "bits": packed(mode="1"), "deep": packed(mode="I;16"), "key": packed(mode="L", transparency=90),
            "key-of-palette": packed(mode="P", transparency=3), "grey-alpha": packed(mode="LA"),
            "lossy": photo(format="WEBP", quality=40), "lossy-alpha": photo(mode="RGBA", format="WEBP", quality=40),
            "exact": photo(format="WEBP", lossless=True), "exact-alpha": photo(mode="RGBA", format="WEBP", lossless=True)}


def a_png_or_webp_that_no_step_changes_never_becomes_larger(house):
    sources = own_formats()
    made, kept = outputs(house, sources, "save { quality = 100 }")
    for name, source in sources.items():
        assert len(made[name]) <= len(source), name
        assert (data_of(made[name]) == data_of(source)) == (name in kept), name
        assert not source.startswith(b"\x89PNG") or pixels(made[name]) == pixels(source), name
    few = {name: sources[name] for name in ("rgb", "grey", "alpha", "lossy", "lossy-alpha")}
    assert kept >= set(few), kept
    idle = "upright {} scale { width = 2048 height = 2048 } crop { mode = trim tolerance = 0 }"
    made, kept = outputs(house, few, idle + " save { quality = 100 }")
    assert kept == set(few), kept


def with_chunks(png, *added, end=b""):
    """Added behind IHDR."""
    first, *rest = chunks(png)
    return png[:8] + first + b"".join(added) + b"".join(rest) + end


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def riff(*parts):
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
                              for kind, data in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tagged(house, picture, *tags):
    source = house.top / f"tagged{extension_of(picture)}"
    source.write_bytes(picture)
    run("exiftool", "-q", "-n", "-overwrite_original", *tags, source)
    return source.read_bytes()


def of_a_png_or_webp_only_its_picture_comes_along(house):
    hidden = png_chunk(b"tEXt", b"Note\0a secret"), png_chunk(b"prIv", b"a secret too")
    tags = "-EXIF:Artist=Ann", "-GPSLatitude=48", "-GPSLatitudeRef=N"
    plain = {"png": tagged(house, with_chunks(packed(), *hidden, end=b"a secret too"), *tags),
             "webp": tagged(house, photo(format="WEBP", quality=40, icc_profile=None), *tags)}
    plain["webp"] = plain["webp"] + b"a secret too"
    levels = {"all": {"Artist", "GPSLatitude"}, "copyright": {"Artist"}, "none": set()}
    saves = " ".join(f'save {{ name = "{level}-{{stem}}" metadata = {level} }}' for level in levels)
    made, kept = outputs(house, plain, saves)
    assert kept == set(plain)
    sources = {"png": packed(), "webp": photo(format="WEBP", quality=40)}
    for level, wanted in levels.items():
        for name, source in sources.items():
            output = made[f"{level}-{name}"]
            assert data_of(output) == data_of(source), (level, name)
            path = house.top / f"seen{extension_of(output)}"
            path.write_bytes(output)
            tags = json.loads(run("exiftool", "-j", "-IFD0:Artist", "-GPS:GPSLatitude", path).stdout)[0]
            assert set(tags) - {"SourceFile"} == wanted, tags
            assert "Warning" not in run("exiftool", "-validate", "-warning", "-a", path, check=False).stdout, name
            assert b"secret too" not in output and (level == "all" or b"secret" not in output)


def a_png_or_webp_that_is_turned_has_more_than_its_picture_or_a_setting_is_encoded(house):
    png, webp = packed(), photo(format="WEBP", quality=40)
    first, *rest = chunks(png)
    last = rest[-2][8:-4]
    noisy = {"turned": tagged(house, png, "-EXIF:Orientation=6"), "turned-webp": tagged(house, webp, "-EXIF:Orientation=6"),
             "moving": with_chunks(png, png_chunk(b"acTL", struct.pack(">II", 1, 0))),
             "behind": png[:8] + first + b"".join(rest[:-2]) + png_chunk(b"IDAT", last + b"a secret") + rest[-1]}
    made, kept = outputs(house, noisy, "save { metadata = none }")
    assert not kept and not any(b"secret" in one for one in made.values())
    sources = {"png": png, "webp": webp}
    for profile in ('save { name = "a-{stem}" larger = accept } save { name = "b-{stem}" effort = 9 } '
                    'crop { left = 8px } save { name = "c-{stem}" }', "sharpen {} save {}",
                    "scale { width = 330 enlarge = yes } save {}", 'save { progressive = yes }'):
        made, kept = outputs(house, sources, profile)
        assert not kept, profile
        for name, output in made.items():
            assert data_of(output) != data_of(sources[name.rpartition("-")[2]]), (profile, name)


# ---- few colours ----

def kind_of(png):
    """(bits, PNG's number of its colours)"""
    return tuple(png[24:26])


def grey_of(bits, **more):
    """Of all greys of so many bits."""
    values = bytes(range(256)) * 4
    rows = b"".join(b"\0" + values[128 * y % 512:][:64 * bits // 8] for y in range(16))
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 16, bits, 0, 0, 0, 0))
            + b"".join(png_chunk(name.encode(), data) for name, data in more.items())
            + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b""))


def same_pixels(house, one, two):
    """As ImageMagick sees them, which knows transparent greys of few bits."""
    seen = []
    for number, picture in enumerate((one, two)):
        path = house.top / f"seen{number}"
        path.write_bytes(picture)
        seen.append(run("convert", path, "-depth", "8", "rgba:-", text=False).stdout)
    return seen[0] == seen[1]


def few_colours_stay_few_in_a_png_and_exactly_these(house):
    colours = {"grey1": (1, 0), "grey2": (2, 0), "grey4": (4, 0), "palette": (8, 3), "few": (2, 3), "clear": (8, 3),
               "moving": (8, 3), "bilevel": (1, 0)}
    sources = {"palette": photo(mode="P", format="PNG"), "few": photo(mode="P", colors=3, format="PNG", bits=8),
               "clear": photo(mode="P", format="PNG", transparency=7), "moving": photo(mode="P", format="GIF"),
               "bilevel": photo(mode="1", format="TIFF"), **{f"grey{bits}": grey_of(bits) for bits in (1, 2, 4)}}
    for steps in ("", "crop { left = 0px top = 0px right = 0px bottom = 1px }"):
        for more in ("larger = accept", "progressive = yes"):
            made, _ = outputs(house, sources, f"{steps} save {{ format = png {more} }}")
            for name, output in made.items():
                assert kind_of(output) == colours[name], (steps, more, name, kind_of(output))
                if not steps:
                    assert same_pixels(house, sources[name], output), (more, name)


def greys_of_few_bits_of_which_one_is_transparent_get_a_palette(house):
    sources = {f"{bits}": grey_of(bits, tRNS=b"\0\1") for bits in (1, 2, 4)}
    made, _ = outputs(house, sources, "save { larger = accept }")
    for name, output in made.items():
        assert kind_of(output) == (int(name), 3) and same_pixels(house, sources[name], output), name


def what_adds_colours_ends_a_palette_and_what_had_none_gets_none(house):
    sources = {"palette": photo(mode="P", format="PNG"), "grey": grey_of(1)}
    made, _ = outputs(house, sources, "scale { width = 51 } save {}")
    assert kind_of(made["palette"]) == (8, 2) and kind_of(made["grey"]) == (8, 0)
    plain = {"flat": photo(format="PNG", flat=True)}
    made, _ = outputs(house, plain, "save { larger = accept }")
    assert kind_of(made["flat"]) == (8, 2)


def a_palette_keeps_its_profile_and_its_metadata(house):
    profile = bytes.fromhex(run("/usr/bin/python3", Path(__file__).with_name("pillow"), "--profile").stdout)
    source = tagged(house, photo(mode="P", format="PNG"), "-EXIF:Artist=Ann")
    first, *rest = chunks(source)
    source = source[:8] + first + png_chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)) + b"".join(rest)
    made, _ = outputs(house, {"a": source}, "save { larger = accept }")
    path = house.top / "seen.png"
    path.write_bytes(made["a"])
    assert kind_of(made["a"]) == (8, 3) and same_pixels(house, source, made["a"])
    assert run("exiftool", "-s3", "-EXIF:Artist", path).stdout.strip() == "Ann"
    assert run("exiftool", "-b", "-icc_profile", path, text=False).stdout == profile
    assert "Warning" not in run("exiftool", "-validate", "-warning", "-a", path, check=False).stdout


# ---- made smaller with alpha ----

def alpha_is_scaled_with_its_colours_as_pillow_does_it_in_floats(house):
    reach = 3  # of the filter: at the edges, Pillow leaves out what is outside
    for mode in ("RGBA", "LA"):
        source = photo(mode=mode, format="PNG", spots=True)
        for width, height in ((150, 90), (31, 240)):
            made, _ = outputs(house, {"a": source}, f"scale {{ width = {width} height = {height} keep = no }} save {{}}")
            ours = list(struct.iter_unpack("4B", pixels(made["a"])))
            theirs = list(struct.iter_unpack("4f", helper("noise", "scaled", str(width), str(height), input=source, text=False)))
            for x, y in itertools.product(range(reach, width - reach), range(reach, height - reach)):
                (*colours, alpha), (*weighted, right) = ours[y * width + x], theirs[y * width + x]
                assert abs(alpha - min(max(right, 0), 255)) < 0.6, (mode, x, y, alpha, right)
                for one, other in zip(colours, weighted) if alpha > 8 else ():
                    assert abs(one - min(max(other / right * 255, 0), 255)) < 0.6, (mode, x, y, one, other, right)


if __name__ == "__main__":
    sys.exit(main(globals()))
