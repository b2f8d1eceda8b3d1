"""table - each kind of picture in each format, saved in each format, as programs that are not ours read it."""
import collections
import concurrent.futures
import itertools
import json
import re
import struct
import sys
from pathlib import Path

import metadata
from harness import Missing, SKIPPED, long, main, run

# ---- the table ----

# What a format holds: bits of a number (the last is the most that an output has), colours, alpha and IPTC. Whether an
# output may keep its orientation, which only some viewers respect, and stays grey.
Format = collections.namedtuple("Format", "bits colours alpha iptc keeps_turn keeps_grey")
FORMATS = {"jpg": Format((8,), ("grey", "rgb", "cmyk"), False, True, True, True),
           "png": Format((8, 16), ("grey", "rgb"), True, True, False, True),
           "webp": Format((8,), ("rgb",), True, False, False, False),
           "tif": Format((8, 16), ("grey", "rgb", "cmyk"), True, True, True, True),
           "heic": Format((8, 10), ("grey", "rgb"), True, False, False, False),
           "avif": Format((8, 12), ("grey", "rgb"), True, False, False, False)}
OUTPUTS = ("jpg", "png", "webp", "tif", "avif")
PROFILES = {"grey": ("none", "grey"), "rgb": ("none", "srgb", "p3", "adobe", "prophoto"), "cmyk": ("cmyk", "press")}
SAID = ("none", "exif", "xmp", "iptc", "all")
Cell = collections.namedtuple("Cell", "format orientation bits colours alpha profile said")

PATCHES = {"rgb": ((200, 60, 40), (90, 160, 80), (80, 90, 200), (128, 128, 128), (220, 210, 90), (24, 24, 24)),
           "grey": ((30,), (80,), (120,), (160,), (200,), (240,)),
           "cmyk": ((0, 200, 180, 10), (200, 20, 220, 0), (220, 160, 0, 30), (0, 0, 0, 128), (20, 20, 150, 0),
                    (160, 120, 110, 200))}
ALPHAS = (255, 200, 128, 90, 230, 160)
MORE = 100  # what is added to 16 bits: 8 do not hold it
BACKGROUND = (90, 160, 80)

# What a photo says: in EXIF, in XMP, in IPTC.
TAGS = [
    ("IFD0:ImageDescription", "XMP-dc:Description", "IPTC:Caption-Abstract", "Überschrift mit Ähren"),
    ("IFD0:Artist", "XMP-dc:Creator", "IPTC:By-line", "Bob Beispiel"),
    ("IFD0:Copyright", "XMP-dc:Rights", "IPTC:CopyrightNotice", "© Bob"),
    ("", "XMP-dc:Subject", "IPTC:Keywords", ["field", "Österreich"]),
    ("", "XMP-photoshop:DateCreated", "IPTC:DateCreated", "2020:01:02"),
    ("", "XMP-dc:Title", "IPTC:ObjectName", "A field"),
    ("", "XMP-photoshop:Headline", "IPTC:Headline", "Field!"),
    ("", "XMP-photoshop:Credit", "IPTC:Credit", "Agency"),
    ("", "XMP-photoshop:Source", "IPTC:Source", "Archive"),
    ("", "XMP-photoshop:City", "IPTC:City", "Graz"),
    ("", "XMP-photoshop:State", "IPTC:Province-State", "Steiermark"),
    ("", "XMP-photoshop:Country", "IPTC:Country-PrimaryLocationName", "Österreich"),
    ("", "XMP-iptcCore:CountryCode", "IPTC:Country-PrimaryLocationCode", "AUT"),
    ("", "XMP-iptcCore:Location", "IPTC:Sub-location", "Schloßberg"),
    ("", "XMP-photoshop:Instructions", "IPTC:SpecialInstructions", "Ask first"),
    ("IFD0:Rating", "XMP-xmp:Rating", "", 4),
    ("IFD0:Make", "XMP-tiff:Make", "", "Maker"),
    ("IFD0:Model", "XMP-tiff:Model", "", "Model 1"),
    ("IFD0:Software", "XMP-xmp:CreatorTool", "", "Program 2"),
    ("IFD0:ModifyDate", "XMP-xmp:ModifyDate", "", "2021:01:02 03:04:05"),
    ("ExifIFD:DateTimeOriginal", "XMP-exif:DateTimeOriginal", "", "2020:01:02 03:04:05"),
    ("ExifIFD:OffsetTimeOriginal", "", "", "+01:00"),
    ("ExifIFD:ExposureTime", "XMP-exif:ExposureTime", "", 0.004),
    ("ExifIFD:FNumber", "XMP-exif:FNumber", "", 5.6),
    ("ExifIFD:ISO", "XMP-exif:ISO", "", 200),
    ("ExifIFD:FocalLength", "XMP-exif:FocalLength", "", 50),
    ("ExifIFD:LensModel", "XMP-aux:Lens", "", "Lens 50 mm"),
    ("ExifIFD:SerialNumber", "XMP-aux:SerialNumber", "", "SN 3"),
    ("ExifIFD:UserComment", "", "", "A comment"),
    ("GPS:GPSLatitude", "XMP-exif:GPSLatitude", "", 48.5),
    ("GPS:GPSLatitudeRef", "", "", "N"),
    ("GPS:GPSLongitude", "XMP-exif:GPSLongitude", "", 11.25),
    ("GPS:GPSLongitudeRef", "", "", "E"),
]
IN_EXIF, IN_XMP, IN_IPTC, VALUE = range(4)


def cells(said=SAID):
    return [Cell(format, orientation, bits, colours, alpha, profile, what)
            for format, holds in FORMATS.items()
            for orientation, bits, colours, alpha, what in itertools.product(
                range(1, 9), holds.bits, holds.colours, (False, True)[:1 + holds.alpha], said)
            for profile in PROFILES[colours] if what != "iptc" or holds.iptc]


def of_each_pair(all_cells):
    """A few cells, among them each pair of values that occurs in all."""
    pairs = {cell: set(itertools.combinations(enumerate(cell), 2)) for cell in all_cells}
    left, chosen = set().union(*pairs.values()), []
    while left:
        chosen.append(max(pairs, key=lambda cell: len(pairs[cell] & left)))
        left -= pairs[chosen[-1]]
    return chosen


# Cells that came out wrong once.
AGAIN = [Cell("avif", 7, 12, "rgb", False, "srgb", "none"), Cell("avif", 6, 8, "rgb", True, "p3", "all"),
         Cell("avif", 3, 12, "grey", True, "grey", "none"), Cell("heic", 1, 8, "grey", False, "grey", "exif"),
         Cell("tif", 1, 8, "cmyk", True, "press", "none"), Cell("webp", 1, 8, "rgb", True, "none", "all"),
         *(Cell("png", 1, 8, "rgb", alpha, profile, "none") for alpha, profile in itertools.product(
             (False, True), ("tables", "scanner")))]


def stem(cell):
    return "-".join(map(str, cell._replace(alpha="alpha" if cell.alpha else "solid")))


# ---- making ----

def helper(*arguments, given):
    done = run("/usr/bin/python3", "-B", Path(__file__).with_name("cells"), *arguments, input=json.dumps(given),
               check=False)
    if done.returncode == SKIPPED:
        raise Missing("no Pillow, heif-enc or avifenc")
    assert done.returncode == 0, done.stderr
    return done.stdout


def deep(cell, values):
    """The values of 0 to 255 as the cell has them, of 0 to 65535."""
    return [min(value * 257 + MORE * (cell.bits > 8), 65535) for value in values]


def numbers_of(cell):
    """What is stored of each patch."""
    rows = [(*colours, *[alpha] * cell.alpha) for colours, alpha in zip(PATCHES[cell.colours], ALPHAS)]
    return rows if cell.bits == 8 else [deep(cell, row) for row in rows]


def tags_of(cell):
    kinds = {"none": [], "exif": [IN_EXIF], "xmp": [IN_XMP], "iptc": [IN_IPTC], "all": [IN_EXIF, IN_XMP, IN_IPTC]}
    return {row[kind]: row[VALUE] for kind in kinds[cell.said] for row in TAGS
            if row[kind] and (kind != IN_IPTC or FORMATS[cell.format].iptc)}


def make(source, chosen):
    source.mkdir()
    names = {cell: f"{stem(cell)}.{cell.format}" for cell in chosen}
    helper("make", source, given=[[names[cell], *cell[1:6], numbers_of(cell)] for cell in chosen])
    tags = []
    for cell in chosen:
        tags.append({"SourceFile": str(source / names[cell]), "IFD0:Orientation#": cell.orientation, **tags_of(cell)})
        if "IPTC:City" in tags[-1]:
            tags[-1]["IPTC:CodedCharacterSet"] = "UTF8"
    (source.parent / "tags.json").write_text(json.dumps(tags))
    run("exiftool", "-q", "-m", "-overwrite_original", "-charset", "iptc=UTF8", f"-json={source.parent / 'tags.json'}",
        *(source / name for name in names.values()))
    return names


def save(house, source, settings):
    """Each in every format; says what fails."""
    under = "#{:02x}{:02x}{:02x}".format(*BACKGROUND)
    saves = "\n".join(f'save {{ name = "{{stem}}.{kind}" background = "{under}" {settings.get(kind, "")} }}'
                      for kind in OUTPUTS)
    config, output = house.top / "table.conf", house.top / "made"
    config.write_text(f'profile "table" {{\n{saves}\n}}\n')
    print(house.command("run", "table", "--config", config, "--output", output, source).stderr)
    return output


# ---- what is right ----

def is_deep(cell, kind):
    return cell.bits > 8 and FORMATS[kind].bits[-1] > 8


def loses_its_profile(cell, kind):
    """CMYK, grey where the format has none, and what the background has no numbers in, become sRGB."""
    flat = cell.alpha and not FORMATS[kind].alpha
    return (cell.colours == "cmyk" or (cell.colours == "grey" and not FORMATS[kind].keeps_grey)
            or (flat and (cell.colours == "grey" or cell.profile == "scanner")))


def asked_of_lcms(chosen):
    """The colours that are converted, by the profiles: the patches, and the background."""
    asked = dict.fromkeys((cell.profile, "srgb", PATCHES[cell.colours]) for cell in chosen if cell.profile != "none")
    asked |= dict.fromkeys(("srgb", cell.profile, (BACKGROUND,)) for cell in chosen
                           if cell.alpha and not loses_its_profile(cell, "jpg"))
    asked = [*asked, ("srgb", "none", (BACKGROUND,))]
    found = json.loads(helper("convert", given=asked))
    return {one[:2]: [[value * 257 for value in colour] for colour in answer] for one, answer in zip(asked, found)}


def pixels_right(cell, kind, converted):
    """Of each patch red, green, blue and alpha, of 0 to 65535."""
    flat, srgb = cell.alpha and not FORMATS[kind].alpha, loses_its_profile(cell, kind)
    patches = [deep(cell, patch) for patch in PATCHES[cell.colours]]
    if srgb and cell.profile != "none":
        patches = converted[cell.profile, "srgb"]
    patches = [patch * 3 if len(patch) == 1 else patch for patch in patches]
    alphas = deep(cell, ALPHAS) if cell.alpha else [65535] * len(ALPHAS)
    if flat:
        under, = converted["srgb", "none" if srgb else cell.profile]
        patches = [[below + (value - below) * alpha / 65535 for value, below in zip(patch, under)]
                   for patch, alpha in zip(patches, alphas)]
    return [(*patch, 65535 if flat else alpha) for patch, alpha in zip(patches, alphas)]


def tolerance(cell, kind, exact):
    """Of 65535: what a lossy source loses, what rounding and a conversion of colours may, and what the format does."""
    one = 257  # of 255
    source = {("jpg", 8): one, ("heic", 8): one, ("avif", 8): one, ("heic", 10): one / 2, ("avif", 12): one / 8}
    rounded = one / 2 + 1 if cell.bits > 8 and not is_deep(cell, kind) else 0
    converted = 2 * one if loses_its_profile(cell, kind) or (cell.alpha and not FORMATS[kind].alpha) else 0
    saved = {"jpg": 2 * one, "avif": one / 5 if is_deep(cell, kind) else one} if exact else {
        "jpg": 6 * one, "webp": 6 * one, "avif": 6 * one}
    return source.get((cell.format, cell.bits), 0) + rounded + converted + saved.get(kind, 0)


def tags_right(cell, kind):
    """What an output says, and where it says so."""
    tags = tags_of(cell)
    for row in TAGS:
        if row[IN_IPTC] in tags and not FORMATS[kind].iptc:
            tags[row[IN_XMP]] = tags.pop(row[IN_IPTC])
    return tags


# ---- judging ----

def with_pngs(files, directory):
    """The files, with a PNG for each AVIF, which ImageMagick may not read."""
    directory.mkdir()
    pngs = [directory / f"{file.stem}.png" if file.suffix == ".avif" else file for file in files]
    both_cores(lambda pair: pair[0] == pair[1] or run("avifdec", *pair), list(zip(files, pngs)))
    return pngs


def both_cores(work, parts):
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        return list(threads.map(work, parts))


def in_parts(work, files, size=100):
    """What `work` finds of so many files at once, which spares many starts of a program."""
    parts = both_cores(work, [files[at:at + size] for at in range(0, len(files), size)])
    return list(itertools.chain.from_iterable(parts))


WIDTH, HEIGHT, SIDE = 48, 32, 16
PROFILE = "ICC_Profile:ICC_Profile"
PIXELS = struct.Struct(f"<{WIDTH * HEIGHT * 4}H")


def pixels_of(files):
    """Of each: its bits, its channels, and all values, as it is seen upright."""
    said = run("identify", "-format", "%z %[channels]\n", *files).stdout.splitlines()
    values = run("convert", *files, "-auto-orient", "-endian", "LSB", "-depth", "16", "RGBA:-", text=False).stdout
    return [(*line.split(), one) for line, one in zip(said, PIXELS.iter_unpack(values), strict=True)]


def furthest(values, right, exact):
    """How far a pixel is from its patch, or where the saves are not `exact`, the mean of a patch."""
    most = 0
    for number, patch in enumerate(right):
        start = 4 * SIDE * (number % 3) + 4 * WIDTH * SIDE * (number // 3)
        rows = [values[start + 4 * WIDTH * y:start + 4 * WIDTH * y + 4 * SIDE] for y in range(SIDE)]
        for band, wanted in enumerate(patch):
            found = list(itertools.chain.from_iterable(row[band::4] for row in rows))
            ends = (max(found), min(found)) if exact else (sum(found) / len(found),)
            most = max(most, *(abs(end - wanted) for end in ends))
    return most


def said_by(files):
    """Of each: its tags by group and name, and its warnings."""
    done = run("exiftool", "-j", "-a", "-n", "-b", "-G1:4", "-validate", "-warning", "-all", "-ICC_Profile", "-charset",
               "iptc=UTF8", *files)
    found = []
    for one in json.loads(done.stdout):
        tags, warnings = {}, set()
        for name, value in one.items():
            plain = re.sub(r":Copy\d+", "", name)
            if plain in ("ExifTool:Warning", "ExifTool:Error"):
                warnings.add(value)
            else:
                tags.setdefault(plain, value)
        found.append((tags, {one for one in warnings if not metadata.DEMANDS.search(one)}))
    return found


def wrong_pixels(cell, kind, pixels, right, most, exact):
    bits, channels, values = pixels
    if bits != ("16" if is_deep(cell, kind) else "8"):
        yield f"{bits} bits"
    grey = cell.colours == "grey" and FORMATS[kind].keeps_grey and not loses_its_profile(cell, kind)
    if (grey and "gray" not in channels) or channels.endswith("a") != (cell.alpha and FORMATS[kind].alpha):
        yield f"channels {channels}"
    apart = furthest(values, right, exact)
    if apart > most:
        yield f"{apart / 257:.2f} of 255 apart, where {most / 257:.2f} are right"


def is_about_storing(name):
    return metadata.STRUCTURE.match(name) and (not name.startswith("IFD0") or metadata.PIXELS.match(name) or
                                               name == "IFD0:ExtraSamples")


def wrong_words(cell, kind, tags, source):
    if kind == "avif" and str(tags["QuickTime:ImagePixelDepth"]).split()[0] != ("12" if is_deep(cell, kind) else "8"):
        yield f"{tags['QuickTime:ImagePixelDepth']} bits"
    if tags.get(PROFILE) != (None if loses_its_profile(cell, kind) else source.get(PROFILE)):
        yield "another profile"
    turned = cell.orientation if cell.format == kind and FORMATS[kind].keeps_turn else 1
    if tags.get("IFD0:Orientation", 1) != turned:
        yield f"orientation {tags['IFD0:Orientation']}"
    yield from (f"{name} is {tags.get(name)!r}" for name, value in tags_right(cell, kind).items()
                if str(tags.get(name)) != str(value))
    if cell.said == "none":
        yield from (f"says {name}" for name in tags if name not in source and not is_about_storing(name))


def judged(house, chosen, settings):
    """What is wrong with the outputs, in words."""
    names = make(house.top / "source", chosen)
    output = save(house, house.top / "source", settings)
    made = {(cell, kind): output / f"{stem(cell)}.{kind}" for cell in chosen for kind in OUTPUTS}
    there = [file for file in made.values() if file.exists()]
    sources = {cell: house.top / "source" / name for cell, name in names.items()}
    files = [*sources.values(), *there]
    pixels = dict(zip(there, in_parts(pixels_of, with_pngs(there, house.top / "pngs")), strict=True))
    said = dict(zip(files, in_parts(said_by, files), strict=True))
    converted, found, exact = asked_of_lcms(chosen), [], bool(settings)
    for (cell, kind), file in made.items():
        source, warned = said[sources[cell]]
        assert (PROFILE in source) == (cell.profile != "none"), cell
        if file not in said:
            found.append(f"{file.name}: not there")
            continue
        right, (tags, warnings) = pixels_right(cell, kind, converted), said[file]
        problems = [*wrong_pixels(cell, kind, pixels[file], right, tolerance(cell, kind, exact), exact),
                    *wrong_words(cell, kind, tags, source), *sorted(warnings - warned)]
        found += [f"{file.name}: {one}" for one in problems]
    return found


EXACT = {"jpg": "quality = 95", "webp": "lossless = yes", "avif": "lossless = yes"}


def fails_nowhere(house, chosen, settings):
    found = judged(house, chosen, settings)
    assert not found, "\n".join(["", *found])


@long
def each_pair_of_properties_arrives_in_every_format(house):
    fails_nowhere(house, list(dict.fromkeys([*of_each_pair(cells()), *AGAIN])), EXACT)


@long
def what_usual_settings_lose_is_too_little_to_be_seen(house):
    fails_nowhere(house, of_each_pair(cells()), {})


@long
def each_kind_of_picture_arrives_in_every_format(house):
    fails_nowhere(house, cells(("all",)), EXACT)


if __name__ == "__main__":
    sys.exit(main(globals()))
