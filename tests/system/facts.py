"""facts - what a profile may ask of a picture by name, as ExifTool says it of the same file."""
import hashlib
import json
import math
import re
import struct
import sys

from harness import exif_tags, files_below, main, run

# Of each value: what each block says, and what is read of it.
TEXTS = {"title": (None, "XMP-dc:Title", "IPTC:ObjectName"),
         "caption": ("IFD0:ImageDescription", "XMP-dc:Description", "IPTC:Caption-Abstract"),
         "author": ("IFD0:Artist", "XMP-dc:Creator", "IPTC:By-line"),
         "copyright": ("IFD0:Copyright", "XMP-dc:Rights", "IPTC:CopyrightNotice"),
         "keywords": (None, "XMP-dc:Subject", "IPTC:Keywords"),
         "headline": (None, "XMP-photoshop:Headline", "IPTC:Headline"),
         "credit": (None, "XMP-photoshop:Credit", "IPTC:Credit"),
         "instructions": (None, "XMP-photoshop:Instructions", "IPTC:SpecialInstructions"),
         "location": (None, "XMP-iptcCore:Location", "IPTC:Sub-location"),
         "city": (None, "XMP-photoshop:City", "IPTC:City"),
         "state": (None, "XMP-photoshop:State", "IPTC:Province-State"),
         "country": (None, "XMP-photoshop:Country", "IPTC:Country-PrimaryLocationName"),
         "make": ("IFD0:Make", "XMP-tiff:Make", None),
         "serial": ("ExifIFD:SerialNumber", "XMP-aux:SerialNumber", None),
         "lens": ("ExifIFD:LensModel", "XMP-aux:Lens", None),
         "owner": ("ExifIFD:OwnerName", "XMP-aux:OwnerName", None),
         "subsec": ("ExifIFD:SubSecTimeOriginal", None, None)}
NUMBERS = {"rating": ("IFD0:Rating", "XMP-xmp:Rating", 4, 2),
           "iso": ("ExifIFD:ISO", "XMP-exif:ISO", 400, 200),
           "fnumber": ("ExifIFD:FNumber", "XMP-exif:FNumber", 2.8, 11),
           "focal": ("ExifIFD:FocalLength", "XMP-exif:FocalLength", 50, 23.5),
           "latitude": ("GPS:GPSLatitude", "XMP-exif:GPSLatitude", 50.5, -12.25),
           "longitude": ("GPS:GPSLongitude", "XMP-exif:GPSLongitude", -0.125, 170.5),
           "altitude": ("GPS:GPSAltitude", "XMP-exif:GPSAltitude", -12.5, 800)}
REFERENCES = ["-GPS:GPSLatitudeRef=N", "-GPS:GPSLongitudeRef=W", "-GPS:GPSAltitudeRef=1"]
# Tags as ExifTool calls them, and what is written into each.
RAW = {"EXIF": {"Make": "NIKON CORPORATION", "Model": "NIKON D850", "Software": "Ver.1.10", "ProcessingSoftware": "x",
                "DocumentName": "doc", "HostComputer": "host", "ModifyDate": "2020:01:02 03:04:05",
                "CreateDate": "2020:01:02 03:04:05", "DateTimeOriginal": "2020:01:02 03:04:05",
                "OffsetTimeOriginal": "+01:00", "SubSecTimeDigitized": "07", "ISO": 800, "FNumber": 2.8,
                "ExposureCompensation": -0.5, "ExposureProgram": 3, "MeteringMode": 5, "FocalLength": 85,
                "FocalLengthIn35mmFormat": 127, "Flash": 16, "WhiteBalance": 1, "LensModel": "85mm f/1.8",
                "LensMake": "Nikon", "LensSerialNumber": "0042", "SerialNumber": "3002217", "OwnerName": "Jo",
                "UserComment": "\u00c4rmel", "XPTitle": "\u65e5\u672c", "ExifVersion": "0231", "Rating": 5,
                "GPSDateStamp": "2020:01:02", "GPSImgDirection": 12.5, "RecommendedExposureIndex": 800,
                "ImageUniqueID": "00112233445566778899aabbccddeeff", "BrightnessValue": -1.5},
       "IPTC": {"By-line": "Jo Doe", "By-lineTitle": "Staff", "Sub-location": "Pier", "Writer-Editor": "Al",
                "OriginalTransmissionReference": "job 7", "Country-PrimaryLocationCode": "GBR", "Urgency": 5,
                "Category": "SPO", "Source": "Agency", "ReleaseDate": "2020:01:02"},
       "XMP-dc": {"Publisher": "House", "Source": "film", "Identifier": "id-1"},
       "XMP-photoshop": {"AuthorsPosition": "Staff", "TransmissionReference": "job 7", "CaptionWriter": "Al"},
       "XMP-xmp": {"CreatorTool": "tool", "Label": "Red", "Rating": 3},
       "XMP-exif": {"FNumber": 5.6, "ExposureCompensation": 0.5},
       "XMP-iptcCore": {"CountryCode": "GB", "CreatorWorkEmail": "a@b.example"},
       "XMP-xmpRights": {"UsageTerms": "ask"}}
# How ExifTool writes what a dataset holds otherwise.
STORED = {"IPTC:ReleaseDate": "20200102"}


def photo(house, name, *tags):
    """A photo that says nothing of itself but this."""
    made = house.photo(name, size="96x64")
    run("exiftool", "-q", "-m", "-n", "-overwrite_original", "-exif:all=", "-charset", "iptc=UTF8", *tags, made)
    return made


def values(house, source, *asked):
    done = house.command("values", "--json", source, *asked)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["values"]


def named(house, template, source):
    """The names that a profile gives, each a whole one."""
    output = house.top / f"named{len(list(house.top.glob('named*')))}"
    (house.top / "n.conf").write_text(f'profile "n" {{ save {{ name = "{template}" }} }}\n')
    done = house.command("run", "n", "--config", house.top / "n.conf", "--output", output, source)
    assert done.returncode == 0, done.stderr
    return files_below(output)


def each_value_is_read_of_xmp_then_iptc_then_exif(house):
    """Each block alone, each two, and all of them, with texts of their own."""
    order = (1, 2, 0)
    said = [[f"-{tags[block]}={name} of {block}" for name, tags in TEXTS.items() if tags[block] and name != "subsec"]
            for block in range(3)]
    said[0] += [f"-{row[0]}={row[2]}" for row in NUMBERS.values()] + ["-ExifIFD:SubSecTimeOriginal=05", *REFERENCES]
    said[1] += [f"-{row[1]}={row[3]}" for row in NUMBERS.values()] + ["-XMP-exif:DateTimeOriginal=2020:01:02 03:04:05.25"]
    for blocks in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        name = "".join(map(str, blocks)) + ".jpg"
        found = values(house, photo(house, name, *(tag for block in blocks for tag in said[block])))
        first = {value: next((block for block in order if block in blocks and tags[block]), None)
                 for value, tags in TEXTS.items()}
        expected = {value: None if block is None else f"{value} of {block}" for value, block in first.items()}
        expected["subsec"] = "05" if 0 in blocks else "25" if 1 in blocks else None  # with the date, EXIF's first
        assert {value: found[value] for value in TEXTS} == expected, (blocks, found)
        for value, row in NUMBERS.items():
            wanted = row[3] if 1 in blocks else row[2] if 0 in blocks else None
            assert (found[value] is None) == (wanted is None), (blocks, value, found[value])
            assert wanted is None or math.isclose(float(found[value]), wanted, abs_tol=1e-6), (blocks, value, found[value])


def a_caption_of_a_person_goes_before_that_of_the_camera(house):
    junk = ["-IFD0:ImageDescription=OLYMPUS DIGITAL CAMERA", "-IFD0:Artist=Picasa", "-IFD0:Copyright=(C) Camera"]
    xmp = values(house, photo(house, "xmp.jpg", *junk, "-XMP-dc:Description=The first boats", "-XMP-dc:Creator=Jo", "-XMP-dc:Creator=Al"))
    iptc = values(house, photo(house, "iptc.jpg", *junk, "-IPTC:Caption-Abstract=The first boats", "-IPTC:By-line=Jo Doe"))
    bare = values(house, photo(house, "bare.jpg", *junk), "caption", "exif.ImageDescription")
    assert (xmp["caption"], xmp["author"], xmp["copyright"]) == ("The first boats", "Jo, Al", "(C) Camera"), xmp
    assert (iptc["caption"], iptc["author"], iptc["copyright"]) == ("The first boats", "Jo Doe", "(C) Camera"), iptc
    assert set(bare.values()) == {"OLYMPUS DIGITAL CAMERA"}, bare


def a_place_that_xmp_damaged_is_read_of_exif(house):
    source = photo(house, "place.jpg", "-GPS:GPSLatitude=50.5", "-GPS:GPSLongitude=-0.125", *REFERENCES,
                   "-XMP-exif:GPSLatitude=-12.25", "-XMP-exif:GPSLongitude=170.5")
    content, damaged = re.subn(rb"(12,15[.0]*)S", rb"\1 ", source.read_bytes())
    assert damaged == 1
    source.write_bytes(content)
    found = values(house, source)
    assert math.isclose(float(found["latitude"]), 50.5) and math.isclose(float(found["longitude"]), 170.5), found


def texts_come_in_the_character_set_of_their_block(house):
    """Those of Windows' Latin-1, and of UTF-8; ExifTool judges with the set that each has."""
    said = "\u00dcbergr\u00f6\u00dfe \u2013 \u201cCaf\u00e9\u201d 5 \u20ac \u00c3\u00a4"
    sets = {"latin": ("iptc=Latin", "exif=Latin", "-CodedCharacterSet="), "utf8": ("iptc=UTF8", "exif=UTF8", "-CodedCharacterSet=UTF8"),
            "silent": ("iptc=UTF8", "exif=UTF8", "-CodedCharacterSet=")}
    for name, (iptc, exif, mark) in sets.items():
        charsets = ("-charset", iptc, "-charset", exif)
        blocks = {"iptc": {"title": "IPTC:ObjectName", "caption": "IPTC:Caption-Abstract", "keywords": "IPTC:Keywords", "city": "IPTC:City"},
                  "exif": {"caption": "IFD0:ImageDescription", "author": "IFD0:Artist",
                           "lens": "ExifIFD:LensModel"}}
        for block, tags in blocks.items():
            source = photo(house, f"{name}-{block}.jpg", *charsets, *([mark] if block == "iptc" else []),
                           *(f"-{tag}={said}" for tag in tags.values()))
            judged = exif_tags(source, options=charsets)[source.name]
            found = values(house, source, *tags, *(tag.replace(":", ".").replace("IFD0", "exif").replace("ExifIFD", "exif")
                                                   for tag in tags.values()))
            assert [judged[tag] for tag in tags.values()] == [said] * len(tags), judged
            assert list(found.values()) == [said] * 2 * len(tags), found


def single_tags_are_what_exiftool_reads(house):
    """More than forty, in ExifTool's spelling, and none is taken from another block."""
    source = photo(house, "raw.jpg", "-codedcharacterset=utf8", *(f"-{group}:{name}={value}" for group, tags in RAW.items()
                                      for name, value in tags.items()))
    read = exif_tags(source, options=("-n", "-G0:1", "-charset", "iptc=UTF8"))[source.name]
    judged = {key.split(":")[-2] + ":" + key.split(":")[-1]: value for key, value in read.items() if ":" in key}
    judged.update({f"EXIF:{key.split(':')[-1]}": value for key, value in read.items() if key.startswith("EXIF:")})
    asked = {(f"xmp.{group[4:]}" if group.startswith("XMP-") else group.lower()) + f".{name}": f"{group}:{name}"
             for group, tags in RAW.items() for name in tags}
    found = values(house, source, *asked)
    for name, tag in asked.items():
        wanted = STORED.get(tag, judged[tag])
        same = found[name] == str(wanted) or (isinstance(wanted, (int, float)) and float(found[name]) == wanted)
        assert same, (name, found[name], wanted)
    bare = photo(house, "bare.jpg", "-XMP-aux:Lens=x", "-XMP-dc:Creator=Jo", "-IPTC:ObjectName=title")
    none = values(house, bare, "exif.LensModel|none", "{exif.LensModel|none}", "{iptc.By-line|none}", "{xmp.dc.title|none}")
    assert set(none.values()) == {"none"}, none


def commented(plain, comment):
    """The JPEG with an EXIF that has these bytes as its UserComment, and nothing else."""
    tiff = (b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0)
            + struct.pack("<HHHIII", 1, 0x9286, 7, len(comment), 44, 0) + comment)
    behind = 4 + struct.unpack(">H", plain[4:6])[0]  # the first segment, JFIF's
    return plain[:behind] + b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff + plain[behind:]


def a_comment_that_says_only_its_character_set_is_missing(house):
    said = {b"ASCII\0\0\0Hello you": "Hello you", b"ASCII\0\0\0charset": "charset",
            b"UNICODE\0" + "\u00c4rmel".encode("utf-16-le"): "\u00c4rmel"}
    empty = [b"ASCII\0\0\0", b"ASCII\0\0\0" + b" " * 20, b"ASCII\0\0\0" + bytes(20), b"UNICODE\0", b"UNICODE\0" + bytes(20),
             b"UNICODE\0" + b" \0" * 10, b"JIS\0\0\0\0\0", bytes(8), bytes(20)]
    source = house.top / "comments"
    source.mkdir()
    plain = photo(house, "plain.jpg").read_bytes()
    expected = [*said.items(), *((comment, "") for comment in empty)]
    for number, (comment, _) in enumerate(expected):
        (source / f"{number}.jpg").write_bytes(commented(plain, comment))
    written = exif_tags(*source.iterdir())
    for number, (comment, text) in enumerate(expected):
        assert written[f"{number}.jpg"].get("ExifIFD:UserComment", "").strip() == text, comment
    assert named(house, "{stem}={exif.UserComment|none}.jpg", source) == sorted(
        f"{number}={text or 'none'}.jpg" for number, (_, text) in enumerate(expected))


def exposure_times_are_written_as_exiftool_writes_them(house):
    times = ("1/8000", "1/250", "1/60", "1/30", "1/15", "1/4", "0.3", "0.5", "0.8", "1", "1.3", "2.5", "30")
    source = house.top / "times"
    source.mkdir()
    plain = photo(house, "plain.jpg").read_bytes()
    for number, _ in enumerate(times):
        (source / f"{number}.jpg").write_bytes(plain)
    arguments = house.top / "times.args"
    arguments.write_text("".join(f"-q\n-overwrite_original\n-ExposureTime={time}\n{source / f'{number}.jpg'}\n-execute\n"
                                 for number, time in enumerate(times)))
    run("exiftool", "-@", arguments)
    written = exif_tags(*source.iterdir())
    assert named(house, "{stem}={shutter}.jpg", source) == sorted(
        f"{number}={str(written[f'{number}.jpg']['ExifIFD:ExposureTime']).replace('/', '_')}.jpg"
        for number, _ in enumerate(times))


def a_camera_is_named_as_people_write_it(house):
    cameras = {("Canon", "Canon EOS R5"): "Canon EOS R5", ("NIKON CORPORATION", "NIKON D850"): "NIKON D850",
               ("NIKON CORPORATION", "D850"): "NIKON D850", ("SONY", "ILCE-7M3"): "SONY ILCE-7M3",
               ("OLYMPUS IMAGING CORP.", "E-M1"): "OLYMPUS E-M1", ("LEICA CAMERA AG", "LEICA Q2"): "LEICA Q2",
               ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-3"): "RICOH PENTAX K-3", ("LG Electronics", "LG-H870"): "LG-H870",
               ("EASTMAN KODAK COMPANY", "KODAK Z740"): "KODAK Z740", ("Apple", "iPhone 13"): "Apple iPhone 13",
               ("", "Pixel 6"): "Pixel 6", ("Canon", ""): "none"}
    source = house.top / "cameras"
    source.mkdir()
    plain = photo(house, "plain.jpg").read_bytes()
    tags = []
    for number, (make, model) in enumerate(cameras):
        (source / f"{number}.jpg").write_bytes(plain)
        said = {"IFD0:Make": make, "IFD0:Model": model}
        tags.append({"SourceFile": str(source / f"{number}.jpg"), **{tag: text for tag, text in said.items() if text}})
    (house.top / "cameras.json").write_text(json.dumps(tags))
    run("exiftool", "-q", "-overwrite_original", f"-json={house.top / 'cameras.json'}", source)
    assert named(house, "{stem}={camera|none}.jpg", source) == sorted(
        f"{number}={name}.jpg" for number, name in enumerate(cameras.values()))


def what_cameras_leave_at_zero_is_missing(house):
    zero = photo(house, "zero.jpg", "-FNumber=0", "-FocalLength=0", "-ISO=0", "-ExposureTime=0", "-GPSLatitude=50.5", "-Flash=0")
    found = values(house, zero)
    assert [found[name] for name in ("fnumber", "focal", "iso", "shutter")] == [None] * 4, found
    assert found["latitude"] is None, "north or south is not said"
    assert found["flash"] == "no" and found["camera"] is None, found
    large = values(house, photo(house, "large.jpg", "-ISO=65535", "-RecommendedExposureIndex=102400", "-Flash=25"))
    assert (large["iso"], large["flash"]) == ("102400", "yes"), large


def the_file_is_described_as_other_programs_do(house):
    source = photo(house, "DSC_0042.jpg", "-JFIF:ResolutionUnit=2", "-JFIF:XResolution=118", "-JFIF:YResolution=118")
    found = values(house, source)
    assert found["size"] == str(source.stat().st_size) and found["shot"] == "0042", found
    assert found["hash"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert (found["format"], found["pages"], found["depth"], found["space"]) == ("jpeg", "1", "8", "sRGB"), found
    assert math.isclose(float(found["dpi"]), 118 * 2.54), found["dpi"]


def all_values_are_listed_without_a_photo(house):
    shown = house.command("values")
    listed = json.loads(house.command("values", "--json").stdout)["list"]
    assert shown.returncode == 0 and len(listed) > 50
    for row in listed:
        assert f"  {{{row['name']}}} " in shown.stdout and row["help"] and row["example"], row
    assert max(map(len, shown.stdout.splitlines())) <= 80


def values_try_what_a_name_would_be(house):
    source = photo(house, "beach.jpg", "-XMP-dc:Title=Beach at Dawn", "-ExifIFD:DateTimeOriginal=2015:06:07 08:09:10")
    tried = house.command("values", source, "{taken:%Y}/{title:slug|{stem}}", "width / 4", "no{{body}}")
    assert tried.stdout.splitlines() == ["2015/beach-at-dawn", "24", "no{body}"], tried
    wrong = house.command("values", source, "{widht}", check=False)
    assert wrong.returncode == 1 and "did you mean width?" in wrong.stderr and not wrong.stdout, wrong
    decided = house.command("values", source, "{stem}-{SEQ:4}", check=False)
    assert decided.returncode == 1 and "its folder decides" in decided.stderr and "|" not in decided.stderr, decided
    missing = house.command("values", source, "{city}", check=False)
    assert missing.returncode == 1 and "no city" in missing.stderr, missing
    asked = {"city": None, "title": "Beach at Dawn", "{city}/{stem}": None, "{city|none}": "none", "width / 4": "24"}
    shown = house.command("values", "--json", source, *asked)
    assert json.loads(shown.stdout)["values"] == asked, shown
    assert house.command("values", "--json", source, "width", "width", "width", "height").stdout.count("width") == 1
    for value in ("widht", "width / (height - height)"):
        wrong = house.command("values", "--json", source, "title", value, check=False)
        assert wrong.returncode == 1 and not wrong.stdout and wrong.stderr, wrong


if __name__ == "__main__":
    sys.exit(main(globals()))
