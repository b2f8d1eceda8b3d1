"""metadata - what pictures say of themselves, from each format to each other, as other programs read it."""
import hashlib
import json
import re
import shutil
import struct
import sys
import zlib
from pathlib import Path

import tiffs
from harness import Missing, exif_tags, files_below, helper, long, main, pillow, run

SOURCES = ("jpg", "png", "webp", "tif", "heic", "avif")
EXTENSIONS = ("jpg", "png", "webp", "tif", "avif")
CAPTION, AUTHOR, RIGHTS = "Überschrift mit Ähren", "Bob Beispiel", "© Bob"
DATE, WORDS = "2020:01:02 03:04:05", ["field", "Österreich"]
EXIF = {"IFD0:ImageDescription": CAPTION, "IFD0:Artist": AUTHOR, "IFD0:Copyright": RIGHTS,
        "ExifIFD:DateTimeOriginal": DATE, "GPS:GPSLatitude": 48.5, "GPS:GPSLatitudeRef": "N",
        "GPS:GPSLongitude": 11.25, "GPS:GPSLongitudeRef": "E"}
XMP = {"XMP-dc:Description": CAPTION, "XMP-dc:Creator": AUTHOR, "XMP-dc:Rights": RIGHTS,
       "XMP-dc:Subject": WORDS, "XMP-photoshop:DateCreated": DATE}
IPTC = {"IPTC:Caption-Abstract": CAPTION, "IPTC:By-line": AUTHOR, "IPTC:CopyrightNotice": RIGHTS,
        "IPTC:Keywords": WORDS, "IPTC:DateCreated": "2020:01:02"}
HOLDS_IPTC = {"jpg", "png", "tif"}
# Said of a source too, once it stands in another format: what that one demands, the picture never had.
DEMANDS = re.compile(r"Missing required|is not allowed in")


def plain(house):
    """The pictures to write into."""
    source = house.top / "source"
    source.mkdir()
    helper("captions", source)
    return source


def write(tags, *files, options=()):
    arguments = []
    for name, value in tags.items():
        for one in value if isinstance(value, list) else [value]:
            arguments.append(f"-{name}={one}")
    run("exiftool", "-q", "-m", "-overwrite_original", "-codedcharacterset=utf8", "-charset", "iptc=UTF8", *options,
        *arguments, *files)


def read(*files):
    """Of each file all tags by group and name, and warnings as a list."""
    return exif_tags(*files, options=("-n", "-validate", "-warning", "-all", "-charset", "iptc=UTF8"))


def warnings(*files):
    """Of each file what ExifTool has to say against it."""
    done = run("exiftool", "-validate", "-warning", "-a", "-s3", *files)
    found, name = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("======== "):
            name = Path(line[9:]).name
            found[name] = set()
        elif not re.match(r"OK$|\d+ (Warning|Error)s?\b| +\d+ image files read", line) and not DEMANDS.search(line):
            found[name].add(line)
    return found


def save(house, source, steps="", save="", extensions=EXTENSIONS):
    """Saves all of `source` with all extensions, as STEM-SOURCE.EXTENSION."""
    saves = "\n".join(f'save {{ name = "{{stem}}-{{ext}}.{extension}" {save} }}' for extension in extensions)
    config, output = house.top / "keep.conf", house.top / "saved"
    config.write_text(f'profile "keep" {{ {steps}\n{saves}\n}}\n')
    done = house.command("run", "keep", "--config", config, "--output", output, source)
    assert done.returncode == 0, done.stderr
    return output


def values(tags, wanted):
    return {name: tags.get(name) for name in wanted}


def same(found, wanted):
    """ExifTool gives one of several values as a text."""
    return {name: found[name] for name in wanted if str(found[name]) != str(wanted[name])}


def what_a_photo_says_arrives_in_every_format(house):
    source = plain(house)
    write({**EXIF, **XMP}, *(source / f"plain.{kind}" for kind in SOURCES))
    write(IPTC, *(source / f"plain.{kind}" for kind in HOLDS_IPTC))
    output = save(house, source)
    found = read(*(output / name for name in files_below(output)))
    assert len(found) == len(SOURCES) * len(EXTENSIONS), sorted(found)
    said = warnings(*(source / f"plain.{kind}" for kind in SOURCES), *(output / name for name in found))
    for kind in SOURCES:
        for extension in EXTENSIONS:
            name = f"plain-{kind}.{extension}"
            wanted = {**EXIF, **XMP, **(IPTC if kind in HOLDS_IPTC and extension in HOLDS_IPTC else {})}
            lost = same(values(found[name], wanted), wanted)
            assert not lost, (name, lost)
            assert said[name] <= said[f"plain.{kind}"], (name, said[name])


def what_a_jpeg_xl_says_arrives_packed_or_not(house):
    """cjxl packs EXIF and XMP of a JPEG, ExifTool writes them as they are."""
    if not shutil.which("cjxl"):
        raise Missing("no cjxl")
    photos, source = plain(house), house.top / "jxl"
    source.mkdir()
    run("cjxl", "-e", "3", photos / "plain.png", source / "loose.jxl")
    write({**EXIF, **XMP}, photos / "plain.jpg")
    run("cjxl", "-e", "3", photos / "plain.jpg", source / "packed.jxl")
    write({**EXIF, **XMP}, source / "loose.jxl")
    assert b"brobExif" in (source / "packed.jxl").read_bytes()
    config = house.top / "jxl.conf"
    config.write_text('defaults { accept += { jxl } }\nprofile "p" { save { name = "{stem}.jpg" } save { name = "{stem}.jxl" } }\n')
    run(house.bin / "hotfolder", "run", "p", "--config", config, "--output", house.output, source)
    found = read(*(house.output / name for name in files_below(house.output)))
    assert len(found) == 4, sorted(found)
    for name, tags in found.items():
        lost = same(values(tags, {**EXIF, **XMP}), {**EXIF, **XMP})
        assert not lost, (name, lost)


@long
def programs_that_are_not_ours_open_every_output(house):
    source = plain(house)
    write({**EXIF, **XMP}, *(source / f"plain.{kind}" for kind in SOURCES))
    output = save(house, source)
    files = sorted(output / name for name in files_below(output))
    readable = [file for file in files if file.suffix != ".avif"]
    for file, found in zip(readable, pillow(*readable)):
        assert found and found["size"] == [96, 64], (file, found)
    for file in files:
        if file.suffix == ".avif":
            run("avifdec", "--info", file)
            run("heif-info", file)


@long
def xmp_of_180_kilobytes_arrives_in_every_format(house):
    source = plain(house)
    text, large = "a b c " * 30000 + "d", house.top / "large.txt"
    large.write_text(text)
    write(XMP, *(source / f"plain.{kind}" for kind in SOURCES), options=(f"-XMP-photoshop:Instructions<={large}",))
    output = save(house, source)
    for name, tags in read(*(output / name for name in files_below(output))).items():
        assert tags.get("XMP-photoshop:Instructions") == text, name
        assert not same(values(tags, XMP), XMP), name
    assert not any(warnings(*(output / name for name in files_below(output))).values())
    first = (output / "plain-png.jpg").read_bytes()
    assert first.count(b"http://ns.adobe.com/xmp/extension/\0") == 3
    guid = re.search(rb'HasExtendedXMP="([0-9A-F]{32})"', first)[1]
    assert guid == hashlib.md5(joined(first)).hexdigest().upper().encode()


def joined(jpeg):
    """The extended XMP of a JPEG."""
    mark, found, at = b"http://ns.adobe.com/xmp/extension/\0", b"", 2
    while jpeg[at + 1] != 0xda:
        length = struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        segment = jpeg[at + 4:at + 2 + length]
        if segment.startswith(mark):
            assert struct.unpack(">I", segment[len(mark) + 36:len(mark) + 40])[0] == len(found)
            found += segment[len(mark) + 40:]
        at += 2 + length
    return found


STRUCTURE = re.compile(r"SourceFile|ExifTool|System|File|JFIF|PNG|RIFF|Track|Meta|Composite|IFD0|ICC|Quick")
PIXELS = re.compile(r"IFD0:(ImageWidth|ImageHeight|BitsPerSample|Compression|PhotometricInterpretation|StripOffsets|"
                    r"SamplesPerPixel|RowsPerStrip|StripByteCounts|PlanarConfiguration|Predictor|SampleFormat|"
                    r"Orientation|XResolution|YResolution|ResolutionUnit)$")


def nothing_is_said_that_the_source_does_not_say(house):
    source = plain(house)
    for kind in ("heic", "avif"):
        (source / f"plain.{kind}").unlink()
    output = save(house, source)
    for name, tags in read(*(output / name for name in files_below(output))).items():
        for tag in tags:
            assert STRUCTURE.match(tag), (name, tag)
            assert not tag.startswith("IFD0") or PIXELS.match(tag), (name, tag)
        assert tags.get("IFD0:Orientation", 1) == 1, name
        assert tags.get("IFD0:ResolutionUnit", 1) == 1, name
        assert "PNG-pHYs:PixelUnits" not in tags, name


def without_metadata_nothing_but_colour_and_density_is_left(house):
    source = plain(house)
    write({**EXIF, **XMP, "Comment": "no"}, *(source / f"plain.{kind}" for kind in ("jpg", "tif", "webp")))
    write(IPTC, *(source / f"plain.{kind}" for kind in ("jpg", "tif")))
    output = save(house, source, save="metadata = no")
    for name, tags in read(*(output / name for name in files_below(output))).items():
        for tag in tags:
            assert STRUCTURE.match(tag), (name, tag)
            assert not tag.startswith("IFD0") or PIXELS.match(tag), (name, tag)
        assert "File:Comment" not in tags, name
        assert b"Exif" not in (output / name).read_bytes(), name
        assert b"EXIF" not in (output / name).read_bytes(), name


def chunks(png):
    found, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        found.append((kind.decode(), png[at + 8:at + 8 + length]))
        at += 12 + length
    assert at == len(png)
    return found


def riff_chunks(webp):
    assert struct.unpack("<I", webp[4:8])[0] == len(webp) - 8
    found, at = [], 12
    while at < len(webp):
        kind, length = struct.unpack("<4sI", webp[at:at + 8])
        found.append((kind.decode(), webp[at + 8:at + 8 + length]))
        at += 8 + length + length % 2
    assert at == len(webp)
    return found


def each_block_stands_once_where_its_format_wants_it(house):
    source = plain(house)
    write({**EXIF, **XMP, **IPTC}, source / "plain.jpg")
    for kind in SOURCES[1:]:
        (source / f"plain.{kind}").unlink()
    output = save(house, source)
    kinds = [kind for kind, _ in chunks((output / "plain-jpg.png").read_bytes())]
    assert kinds.count("eXIf") == kinds.count("iTXt") == kinds.count("zTXt") == 1, kinds
    assert kinds.index("eXIf") < kinds.index("IDAT") and kinds[-1] == "IEND", kinds
    found = riff_chunks((output / "plain-jpg.webp").read_bytes())
    assert [kind for kind, _ in found] == ["VP8X", "VP8 ", "EXIF", "XMP "], found
    assert found[0][1][0] == 0x0c and found[2][1][:2] in (b"II", b"MM"), found
    jpeg = (output / "plain-jpg.jpg").read_bytes()
    assert jpeg.count(b"Exif\0\0") == jpeg.count(b"http://ns.adobe.com/xap/1.0/\0") == 1
    assert jpeg.count(b"Photoshop 3.0\0") == 1 and jpeg.endswith(b"\xff\xd9")
    assert jpeg.index(b"Exif\0\0") < jpeg.index(b"http://ns.adobe.com/xap/") < jpeg.index(b"Photoshop 3.0\0")


def dots_an_inch_and_a_centimetre_stay(house):
    source = plain(house)
    for kind in ("heic", "avif", "webp"):
        (source / f"plain.{kind}").unlink()
    write({"JFIF:XResolution": 300, "JFIF:YResolution": 150, "JFIF:ResolutionUnit": "inches"}, source / "plain.jpg")
    write({"PNG-pHYs:PixelsPerUnitX": 11811, "PNG-pHYs:PixelsPerUnitY": 11811, "PNG-pHYs:PixelUnits": "meters"},
          source / "plain.png")
    write({"IFD0:XResolution": 118.11, "IFD0:YResolution": 118.11, "IFD0:ResolutionUnit": "cm"}, source / "plain.tif")
    output = save(house, source)
    found = read(*(output / name for name in files_below(output)))
    jfif = ("JFIF:XResolution", "JFIF:YResolution", "JFIF:ResolutionUnit")
    ifd0 = ("IFD0:XResolution", "IFD0:YResolution", "IFD0:ResolutionUnit")
    phys = ("PNG-pHYs:PixelsPerUnitX", "PNG-pHYs:PixelsPerUnitY", "PNG-pHYs:PixelUnits")
    wanted = {"plain-jpg.jpg": (jfif, (300, 150, 1)), "plain-jpg.tif": (ifd0, (300, 150, 2)),
              "plain-jpg.png": (phys, (11811, 5906, 1)), "plain-png.jpg": (jfif, (300, 300, 1)),
              "plain-png.png": (phys, (11811, 11811, 1)), "plain-png.tif": (ifd0, (118.11, 118.11, 3)),
              "plain-tif.jpg": (jfif, (300, 300, 1)), "plain-tif.png": (phys, (11811, 11811, 1)),
              "plain-tif.tif": (ifd0, (118.11, 118.11, 3))}
    for name, (tags, right) in wanted.items():
        assert tuple(found[name].get(tag) for tag in tags) == right, (name, found[name])


def no_thumbnail_of_the_uncropped_photo_is_left(house):
    source = plain(house)
    for kind in SOURCES[1:]:
        (source / f"plain.{kind}").unlink()
    photo = source / "plain.jpg"
    small = (source / "plain.jpg").read_bytes()
    (house.top / "small.jpg").write_bytes(small)
    write({"IFD0:Artist": AUTHOR, "IPTC:Caption-Abstract": CAPTION}, photo,
          options=(f"-ThumbnailImage<={house.top / 'small.jpg'}", f"-PhotoshopThumbnail<={house.top / 'small.jpg'}"))
    assert photo.read_bytes().count(b"\xff\xd8\xff") >= 2
    output = save(house, source, steps="crop { left = 50% }")
    for name, tags in read(*(output / name for name in files_below(output))).items():
        assert not [tag for tag in tags if "humbnail" in tag], (name, tags)
        assert (output / name).read_bytes().count(b"\xff\xd8\xff") == name.endswith(".jpg"), name
        assert tags["IFD0:Artist"] == AUTHOR, name


def a_caption_that_only_iptc_has_arrives_where_iptc_has_no_place(house):
    source = plain(house)
    write({**IPTC, "IPTC:City": "Graz"}, source / "plain.jpg", source / "plain.tif")
    for kind in ("png", "webp", "heic", "avif"):
        (source / f"plain.{kind}").unlink()
    output = save(house, source, extensions=("webp", "avif"))
    wanted = {**XMP, "XMP-photoshop:DateCreated": "2020:01:02", "XMP-photoshop:City": "Graz"}
    for name, tags in read(*(output / name for name in files_below(output))).items():
        assert not same(values(tags, wanted), wanted), (name, tags)
    assert not any(warnings(*(output / name for name in files_below(output))).values())


def iptc_that_a_program_without_xmp_changed_speaks_before_xmp(house):
    """As the Metadata Working Group has it: ExifTool tells the same of each output as of its source."""
    source = plain(house)
    for kind in ("png", "webp", "heic", "avif"):
        (source / f"plain.{kind}").unlink()
    files = source / "plain.jpg", source / "plain.tif"
    long_name = "A name that is cut off behind 32 bytes"
    both = {"XMP-dc:Description": "old", "XMP-dc:Subject": ["old", "words"], "XMP-dc:Creator": long_name,
            "XMP-photoshop:DateCreated": "2020:01:02", "IPTC:Caption-Abstract": "new", "IPTC:Keywords": WORDS,
            "IPTC:By-line": long_name[:32], "IPTC:DateCreated": "2020:01:02"}
    write(both, *files)
    states = {"changed": "00112233445566778899aabbccddeeff", "in step": "new", "unknown": ""}
    tags = [f"-MWG:{name}" for name in ("Description", "Keywords", "Creator", "DateTimeOriginal")]
    for state, digest in states.items():
        write({"Photoshop:IPTCDigest": digest}, *files)
        said = house.command("values", "--json", files[0])
        caption, author = ("new" if state == "changed" else "old"), long_name
        found = json.loads(said.stdout)["values"]
        assert (found["caption"], found["author"]) == (caption, author), (state, found)
        # of a PNG, whose IPTC stands in no place of a standard, ExifTool does not read it by these rules
        output = save(house, source, extensions=("jpg", "tif", "webp") if state == "changed" else ("tif",))
        made = [output / name for name in files_below(output)]
        done = run("exiftool", "-use", "MWG", "-j", *tags, "-charset", "iptc=UTF8", files[0], *made)
        into, *all_out = json.loads(done.stdout)
        for out in all_out:
            assert {**out, "SourceFile": 0} == {**into, "SourceFile": 0} and into["Description"] == caption, (state, into, out)
        for path in made:
            path.unlink()


def texts_of_a_png_stay_and_arrive_in_other_formats_as_xmp(house):
    source = plain(house)
    for kind in ("jpg", *SOURCES[2:]):
        (source / f"plain.{kind}").unlink()
    texts = {"PNG:Description": CAPTION, "PNG:Author": AUTHOR, "PNG:Copyright": RIGHTS, "PNG:Software": "draw"}
    write(texts, source / "plain.png")
    output = save(house, source)
    wanted = {name: XMP[name] for name in ("XMP-dc:Description", "XMP-dc:Creator", "XMP-dc:Rights")}
    for name, tags in read(*(output / name for name in files_below(output))).items():
        right = texts if name.endswith(".png") else wanted
        assert not same(values(tags, right), right), (name, tags)


def a_gif_says_in_other_formats_what_it_says_itself(house):
    source = plain(house)
    picture = source / "plain.gif"
    run("/usr/bin/python3", "-c", f"from PIL import Image; Image.open('{source}/plain.png').save('{picture}')")
    for kind in SOURCES:
        (source / f"plain.{kind}").unlink()
    write({"XMP-dc:Title": CAPTION, "Comment": "roll 12"}, picture)
    output = save(house, source)
    for name, tags in read(*(output / name for name in files_below(output))).items():
        assert tags["XMP-dc:Title"] == CAPTION, name
        assert tags.get("File:Comment", tags.get("PNG:Comment")) == {"jpg": "roll 12", "png": "roll 12"}.get(
            name.rsplit(".", 1)[1]), (name, tags)


def a_tiff_says_what_the_page_of_its_picture_says(house):
    def said(word):
        caption = f"{word}\0".encode()
        return [(270, tiffs.ASCII, caption), (33432, tiffs.ASCII, caption), (700, 7, (
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
            "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title><rdf:Alt>"
            f"<rdf:li xml:lang='x-default'>{word}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF>"
            "</x:xmpmeta>").encode())]

    source = house.top / "source"
    source.mkdir()
    thumbnail = tiffs.picture(lambda field, x, y: [1, 2, 3], 8, 8)
    wide = tiffs.picture(lambda field, x, y: tiffs.FIELDS[field], 48, 32)
    for name, kind in {"new": (254, tiffs.LONG, [1]), "old": (255, tiffs.SHORT, [2])}.items():
        (source / f"{name}.tif").write_bytes(tiffs.file([
            tiffs.page(thumbnail, tiffs.RGB, more=[kind, *said("small")]),
            tiffs.page(wide, tiffs.RGB, more=[(274, tiffs.SHORT, [6]), *said("large")])]))
    output = save(house, source)
    found = read(*(output / name for name in files_below(output)))
    assert len(found) == 2 * len(EXTENSIONS), sorted(found)
    for name, tags in found.items():
        assert tags["IFD0:ImageDescription"] == tags["IFD0:Copyright"] == tags["XMP-dc:Title"] == "large", (name, tags)
        assert (tags.get("IFD0:Orientation") == 6) is name.endswith("tif"), (name, tags)


def big_tiff(side=16):
    """A grey BigTIFF with EXIF, XMP and IPTC, which ExifTool reads and does not write."""
    data = bytearray()

    def put(part):
        data.extend(bytes(-len(data) % 8) + part)
        return 16 + len(data) - len(part)

    def directory(*entries):
        rows = b""
        for tag, kind, count, value in entries:
            field = (struct.pack("<Q", value) if isinstance(value, int) else value if len(value) <= 8
                     else struct.pack("<Q", put(value)))
            rows += struct.pack("<HHQ", tag, kind, count) + field.ljust(8, b"\0")
        return put(struct.pack("<Q", len(entries)) + rows + bytes(8))

    xmp = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
           b'<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
           b'photoshop:Headline="Field"/></rdf:RDF></x:xmpmeta>')
    iptc = b"\x1c\x02\x5a\x00\x04Graz" + bytes(3)
    pixels = put(bytes(side * side))
    exif = directory((0x8827, 3, 1, 200), (0x9003, 2, 20, b"2020:01:02 03:04:05\0"))
    main = directory((256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
                     (273, 16, 1, pixels), (277, 3, 1, 1), (278, 4, 1, side), (279, 16, 1, side * side),
                     (315, 2, 12, b"Ann Example\0"), (700, 1, len(xmp), xmp), (33723, 7, len(iptc), iptc),
                     (34665, 18, 1, exif))
    return b"II+\0\x08\0\0\0" + struct.pack("<Q", main) + data


def what_a_bigtiff_says_arrives(house):
    source = house.top / "big.tif"
    source.write_bytes(big_tiff())
    tags = exif_tags(source, *save(house, source, extensions=("jpg", "png", "tif")).iterdir())
    assert len(tags) == 4, tags
    for name, said in tags.items():
        found = [said.get(tag) for tag in ("IFD0:Artist", "IPTC:City", "XMP-photoshop:Headline")]
        iso = said.get("ExifIFD:ISO", said.get("ExifOffset:ISO"))  # the directory of a BigTIFF has another name
        assert found == ["Ann Example", "Graz", "Field"] and iso == 200, (name, said)


def max_metadata_counts_the_comment_of_a_gif_and_the_exif_of_a_tiff(house):
    run("/usr/bin/python3", "-c", "from PIL import Image\n"
        f"Image.new('P', (8, 8)).save('{house.work}/small.gif')")
    small = (house.work / "small.gif").read_bytes()
    comment = b"\x21\xfe" + (b"\xff" + b"x" * 255) * 80 + b"\0"
    made = {"small.gif": small, "comment.gif": small[:-1] + comment + b";"}
    for name, tag in {"photo": 34665, "position": 34853}.items():
        for size in 20, 20000:
            data = bytearray(tiffs.file([tiffs.page(tiffs.grey(), tiffs.GREY, more=[(tag, tiffs.LONG, [0])])]))
            entry = data.index(struct.pack("<HHI", tag, tiffs.LONG, 1))
            data[entry + 8:entry + 12] = struct.pack("<I", len(data))
            data += struct.pack("<HHHIII", 1, 37500, 7, size, len(data) + 18, 0) + b"x" * size
            made[f"{'small' if size == 20 else 'large'}-{name}.tif"] = data
    house.configure(folder="max_metadata = 10KB")
    house.start()
    for name, data in made.items():
        (house.inbox / name).write_bytes(data)
    for name in "comment.gif", "large-photo.tif", "large-position.tif":
        assert "max_metadata = 10KB" in house.reason(name), name
    house.await_quiet(made)
    assert len(files_below(house.output)) == 3, files_below(house.output)


def exif_too_large_for_a_jpeg_loses_its_maker_notes_only(house):
    source = plain(house)
    for kind in SOURCES[1:]:
        (source / f"plain.{kind}").unlink()
    main = struct.pack("<HHHI4sHHIII", 2, 315, 2, 4, b"Bob", 34665, 4, 1, 38, 0)
    photo = struct.pack("<HHHIII", 1, 37500, 7, 100000, 56, 0)
    (house.top / "exif").write_bytes(b"II*\0\x08\0\0\0" + main + photo + b"Apple iOS" + b"M" * 99991)
    (source / "plain.jpg").unlink()
    run("/usr/bin/python3", "-c", "from PIL import Image\n"
        f"Image.new('RGB', (96, 64)).save('{source}/plain.png', exif=open('{house.top}/exif', 'rb').read())")
    assert (source / "plain.png").stat().st_size > 100000
    output = save(house, source)
    for name, tags in read(*(output / name for name in files_below(output))).items():
        assert tags["IFD0:Artist"] == "Bob", (name, tags)
        assert ((output / name).stat().st_size > 100000) is (not name.endswith("jpg")), name


def a_comment_goes_from_jpeg_to_jpeg_and_png(house):
    source = plain(house)
    for kind in SOURCES[1:]:
        (source / f"plain.{kind}").unlink()
    write({"Comment": "roll 12"}, source / "plain.jpg")
    output = save(house, source, extensions=("jpg", "png"))
    found = read(output / "plain-jpg.jpg", output / "plain-jpg.png")
    assert found["plain-jpg.jpg"]["File:Comment"] == found["plain-jpg.png"]["PNG:Comment"] == "roll 12"


def comments_in_latin_1_and_more_than_one_stay(house):
    source = plain(house)
    for kind in SOURCES[2:]:
        (source / f"plain.{kind}").unlink()
    png, jpg = (source / "plain.png").read_bytes(), (source / "plain.jpg").read_bytes()
    comment = "Grüße".encode("latin-1")
    chunks = b""
    for text in (comment, b"roll 12"):
        data = b"tEXtComment\0" + text
        chunks += struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    (source / "plain.png").write_bytes(png[:33] + chunks + png[33:])
    (source / "plain.jpg").write_bytes(jpg[:2] + struct.pack(">BBH", 0xff, 0xfe, len(comment) + 2) + comment + jpg[2:])
    output = save(house, source, extensions=("jpg", "png"))
    found = read(output / "plain-jpg.png", output / "plain-png.png", output / "plain-png.jpg")
    comments = [found["plain-jpg.png"]["PNG:Comment"], found["plain-png.png"]["PNG:Comment"],
                found["plain-png.jpg"]["File:Comment"]]
    assert comments == ["Grüße", "Grüße\nroll 12", "Grüße\nroll 12"], comments
    assert comment in (output / "plain-jpg.jpg").read_bytes(), "a JPEG's stays as it was"


if __name__ == "__main__":
    sys.exit(main(globals()))
