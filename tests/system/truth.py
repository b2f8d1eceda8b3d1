"""truth - what a picture says of itself after its pixels changed, and how much of it a save keeps."""
import json
import struct
import sys
import zlib
from pathlib import Path

import tiffs
from harness import exif_tags, files_below, helper, main, run

EXTENSIONS = ("jpg", "png", "webp", "tif", "avif")
KEPT = {"XMP-dc:Title": "A title", "XMP-dc:Rights": "All rights", "XMP-dc:Subject": ["sea", "sky"]}
PROMISES = """xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"
 xmlns:cam="http://ns.google.com/photos/1.0/camera/" cam:MotionPhoto="1" cam:MicroVideoOffset="4120"
 xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" GDepth:Format="RangeInverse"
 xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="https://x.example/m" """
DIRECTORY = """<Container:Directory xmlns:Container="http://ns.google.com/photos/1.0/container/"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><rdf:Seq>
 <rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary"/></rdf:li>
 <rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" Item:Semantic="GainMap" Item:Length="7"/>
 </rdf:li></rdf:Seq></Container:Directory>"""


def packet(attributes="", elements=""):
    return ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="uuid:1234" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
            f'xmlns:exif="http://ns.adobe.com/exif/1.0/" {attributes}>{elements}</rdf:Description></rdf:RDF>'
            '</x:xmpmeta><?xpacket end="w"?>')


def photo(house, name="p.jpg", tags=(), xmp=None, size="96x64"):
    """A photo with this XMP, and then what ExifTool writes into it."""
    made = house.photo(name, size=size)
    options = list(tags)
    if xmp:
        (house.top / "x.xmp").write_text(xmp)
        run("exiftool", "-q", "-overwrite_original", f"-XMP<={house.top / 'x.xmp'}", made)
    if options:
        run("exiftool", "-q", "-m", "-n", "-overwrite_original", *options, made)
    return Path(made)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def wrote(tags):
    return [f"-{name}={one}" for name, value in tags.items() for one in (value if isinstance(value, list) else [value])]


def saved(house, source, steps, save="", extensions=EXTENSIONS):
    """The outputs' tags by extension, and what the run says."""
    output = house.top / f"saved{len(list(house.top.glob('saved*')))}"
    saves = "\n".join(f'save {{ name = "{{stem}}.{extension}" {save} }}' for extension in extensions)
    (house.top / "t.conf").write_text(f'profile "t" {{ {steps}\n{saves}\n}}\n')
    done = house.command("run", "t", "--config", house.top / "t.conf", "--output", output, source)
    assert done.returncode == 0, done.stderr
    files = [output / name for name in files_below(output)]
    read = exif_tags(*files, options=("-n", "-struct"))
    return {Path(name).suffix[1:]: tags for name, tags in read.items()}, done.stdout + done.stderr


def orientation_and_sizes_are_right_in_exif_and_xmp_wherever_they_stand(house):
    inside = "<tiff:Orientation>6</tiff:Orientation><tiff:ImageWidth>96</tiff:ImageWidth>"
    shapes = {"attribute": packet('tiff:Orientation="6" tiff:ImageWidth="96" exif:PixelYDimension="64"'),
              "element": packet(elements=inside)}
    for shape, xmp in shapes.items():
        source = photo(house, f"{shape}.jpg", ["-IFD0:Orientation=6", "-ExifImageWidth=96", "-ExifImageHeight=64",
                                               *wrote(KEPT)], xmp)
        found, _ = saved(house, source, "upright {} scale { width = 32 }")
        for extension, tags in found.items():
            right = {"IFD0:Orientation": 1, "ExifIFD:ExifImageWidth": 32, "ExifIFD:ExifImageHeight": 48,
                     "XMP-tiff:Orientation": 1, "XMP-tiff:ImageWidth": 32, **KEPT}
            if shape == "attribute":
                right["XMP-exif:ExifImageHeight"] = 48
            if extension == "tif":  # which says its own size only
                right = {name: value for name, value in right.items() if not name.startswith("ExifIFD")}
                assert "ExifIFD:ExifImageWidth" not in tags, tags
            assert {name: tags.get(name) for name in right} == right, (shape, extension, tags)


def what_lay_behind_the_pixels_goes_and_the_result_says_so(house):
    source = photo(house, tags=wrote(KEPT), xmp=packet(PROMISES, DIRECTORY))
    found, said = saved(house, source, "scale { width = 48 }", extensions=("jpg", "png", "webp", "tif"))
    for extension, tags in found.items():
        assert {name: tags.get(name) for name in KEPT} == KEPT, (extension, tags)
        groups = {name.split(":")[0] for name in tags if name.startswith("XMP-")}
        assert groups == {"XMP-x", "XMP-rdf", "XMP-dc"}, (extension, tags)
    for what in ("motion photo", "gain map", "depth map", "content credentials"):
        assert said.count(f"dropped: {what}") == 1, said
    _, said = saved(house, source, "scale { width = 48 }", "metadata = none", ("png",))
    assert "dropped" not in said, "who wants nothing of it misses nothing"


def what_only_the_file_has_beside_its_pixels_is_named_too(house):
    source = photo(house)
    jumbf = struct.pack(">2sHI", b"JP", 1, 1) + struct.pack(">I4sI4s", 16, b"jumb", 8, b"jumd")
    index = struct.pack(">2sHIHHHIII", b"MM", 42, 8, 1, 0xb002, 7, 32, 26, 0) + struct.pack(">IIIHH", 0x30000, 99, 0, 0, 0)
    pictures = {"content credentials": (0xeb, jumbf),
                "further pictures": (0xe2, b"MPF\0" + index + struct.pack(">IIIHH", 0, 99, 999, 0, 0)),
                "nothing": (0xe2, b"MPF\0" + index + struct.pack(">IIIHH", 0x10002, 99, 999, 0, 0))}
    plain, made = source.read_bytes(), house.top / "beside"
    made.mkdir()
    for name, (marker, segment) in pictures.items():
        (made / f"{name}.jpg").write_bytes(plain[:2] + struct.pack(">BBH", 0xff, marker, len(segment) + 2) + segment +
                                           plain[2:])
    film = struct.pack(">I4s4sI", 16, b"ftyp", b"mp42", 0) + bytes(99)
    for name, behind in {"motion photo": film, "a nothing": b"ftyp of no film", "another nothing": bytes(5000) + film,
                         "motion photo of Samsung": b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + film + b"SEFT",
                         "motion photo behind a picture": bytes(64) + plain + film}.items():
        (made / f"{name}.jpg").write_bytes(plain + behind)
    thumbnail = tiffs.page(tiffs.grey(), tiffs.GREY, more=[(254, tiffs.LONG, [1])])
    (made / "second page.tif").write_bytes(tiffs.file([
        thumbnail, tiffs.page(tiffs.rgb(), tiffs.RGB, more=[(0xcd41, 7, b"manifest")])]))
    (house.top / "t.conf").write_text('profile "t" { scale { width = 9 } save { name = "{stem}.jpg" } }\n')
    done = house.command("run", "t", "--config", house.top / "t.conf", "--output", house.top / "made", made)
    said = [line.split("/")[-1] for line in done.stderr.splitlines() if "dropped" in line]
    assert sorted(said) == [*(f"{what}.jpg: dropped: {what}" for what in ("content credentials", "further pictures")),
                            *(f"motion photo{more}.jpg: dropped: motion photo"
                              for more in (" behind a picture", " of Samsung", "")),
                            "second page.tif: dropped: content credentials"], said


def what_is_too_large_for_a_jpeg_is_named(house):
    made = house.top / "large"
    made.mkdir()
    plain, size, usual = house.photo("p.png", size="32x32").read_bytes(), 70000, packet(elements="<dc:source>%s</dc:source>")
    notes = struct.pack("<HHHIIIHHHIII", 1, 34665, 4, 1, 26, 0, 1, 37500, 7, size, 44, 0)
    artist = struct.pack("<HHHIII", 1, 315, 2, size, 26, 0)
    xmp, comment = (keyword + b"\0\0\0\0\0" for keyword in (b"XML:com.adobe.xmp", b"Comment"))
    chunks = {"maker notes, which are": chunk(b"eXIf", b"II*\0\x08\0\0\0" + notes + b"M" * size),
              "EXIF that is": chunk(b"eXIf", b"II*\0\x08\0\0\0" + artist + b"J" * size),
              "XMP that is": chunk(b"iTXt", xmp + (usual % ("s" * size)).replace("rdf:", "r:").encode()),
              "comment that is": chunk(b"iTXt", comment + b"c" * size),
              "nothing": chunk(b"iTXt", xmp + (usual % ("s" * size)).encode())}
    for name, added in chunks.items():
        (made / f"{name}.png").write_bytes(plain[:33] + added + plain[33:])
    (house.top / "t.conf").write_text('profile "t" { save { name = "{stem}.jpg" } save { name = "{stem}.png" larger = accept } }\n')
    done = house.command("run", "t", "--config", house.top / "t.conf", "--output", house.top / "made", made)
    said = [line.split("/")[-1] for line in done.stderr.splitlines() if "dropped" in line]
    assert sorted(said) == sorted(f"{what}.png: dropped: {what} too large for a JPEG" for what in chunks
                                  if what != "nothing"), said


def where_no_pixel_changed_blocks_stay_byte_for_byte(house):
    source = photo(house, "same.jpg", [*wrote(KEPT), "-IFD0:Orientation=6", "-ExifIFD:ExifImageWidth=5000"])
    saved(house, source, "", extensions=("jpg",))
    made = next(house.top.glob("saved*")) / "same.jpg"
    for block in ("-EXIF", "-XMP"):
        both = [run("exiftool", "-b", block, file, text=False).stdout for file in (source, made)]
        assert both[0] and both[0] == both[1], block


def faces_are_turned_and_cropped_along(house):
    area = {"X": 0.25, "Y": 0.5, "W": 0.2, "H": 0.4, "Unit": "normalized"}
    gone = {"X": 0.9, "Y": 0.5, "W": 0.1, "H": 0.1, "Unit": "normalized"}
    faces = {"AppliedToDimensions": {"W": 96, "H": 64, "Unit": "pixel"},
             "RegionList": [{"Area": area, "Name": "Jane", "Type": "Face"}, {"Area": gone, "Name": "Out", "Type": "Face"}]}
    (house.top / "f.json").write_text(json.dumps([{"SourceFile": "*", "XMP-mwg-rs:RegionInfo": faces,
        "XMP-MP:RegionInfoMP": {"Regions": [{"PersonDisplayName": "Jane", "Rectangle": "0.15, 0.3, 0.2, 0.4"}]}}]))
    source = photo(house, "face.jpg", [f"-json={house.top / 'f.json'}", "-IFD0:Orientation=6"])
    found, _ = saved(house, source, "crop { top = 0 bottom = 48px }", extensions=("jpg",))
    info = found["jpg"]["XMP-mwg-rs:RegionInfo"]
    # upright it is 64 x 96; (0.25, 0.5) of the stored picture lies at (0.5, 0.25); the upper half stays
    assert info["AppliedToDimensions"] == {"W": 64, "H": 48, "Unit": "pixel"}, info
    assert len(info["RegionList"]) == 1 and info["RegionList"][0]["Name"] == "Jane", info
    right = {"X": 0.5, "Y": 0.5, "W": 0.4, "H": 0.4}
    found_area = info["RegionList"][0]["Area"]
    assert all(abs(found_area[side] - value) < 1e-4 for side, value in right.items()), found_area
    rectangle = found["jpg"]["XMP-MP:RegionInfoMP"]["Regions"][0]["Rectangle"]
    assert [round(float(part), 3) for part in rectangle.split(",")] == [0.3, 0.3, 0.4, 0.4], rectangle


# What the sharing of a photo keeps, and what it never gives away.
SHARED = {"IFD0:Artist": "Jane", "IFD0:Copyright": "(c) Jane", "IFD0:ImageDescription": "At sea",
          "ExifIFD:DateTimeOriginal": "2024:05:01 12:30:00", "XMP-dc:Creator": ["Jane"], "XMP-dc:Rights": "(c) Jane",
          "XMP-dc:Title": "Sea", "XMP-dc:Description": "At sea", "XMP-dc:Subject": ["sea", "sky"],
          "XMP-dc:Source": "Archive", "XMP-photoshop:Credit": "Agency", "XMP-photoshop:Headline": "Sea!",
          "XMP-photoshop:DateCreated": "2024:05:01 12:30:00", "XMP-xmpRights:UsageTerms": "ask",
          "XMP-iptcCore:CreatorContactInfo": {"CiEmailWork": "j@x.example"}, "IPTC:By-line": "Jane",
          "IPTC:Credit": "Agency", "IPTC:Source": "Archive", "IPTC:CopyrightNotice": "(c) Jane",
          "IPTC:Contact": "j@x.example", "IPTC:ObjectName": "Sea", "IPTC:Headline": "Sea!",
          "IPTC:Caption-Abstract": "At sea", "IPTC:Keywords": ["sea", "sky"], "IPTC:DateCreated": "2024:05:01"}
RIGHTS = {"Artist", "Copyright", "Creator", "Rights", "Source", "Credit", "UsageTerms", "CreatorContactInfo", "By-line",
          "CopyrightNotice", "Contact"}
PRIVATE = {"GPS:GPSLatitude": 48.5, "GPS:GPSLatitudeRef": "N", "ExifIFD:SerialNumber": "secret", "ExifIFD:OwnerName": "secret",
           "ExifIFD:LensSerialNumber": "secret", "ExifIFD:ImageUniqueID": "secret", "ExifIFD:UserComment": "secret",
           "IFD0:CameraSerialNumber": "secret", "IFD0:HostComputer": "secret", "IPTC:City": "secret",
           "IPTC:Sub-location": "secret", "IPTC:Province-State": "secret",
           "IPTC:Country-PrimaryLocationName": "secret", "IPTC:Country-PrimaryLocationCode": "SEC",
           "IPTC:ContentLocationName": "secret", "XMP-photoshop:City": "secret", "XMP-photoshop:State": "secret",
           "XMP-photoshop:Country": "secret", "XMP-iptcCore:Location": "secret", "XMP-iptcCore:CountryCode": "SEC",
           "XMP-iptcExt:LocationShownCity": "secret", "XMP-iptcExt:LocationCreatedCity": "secret",
           "XMP-iptcExt:PersonInImage": "secret", "XMP-exif:GPSLongitude": 11.5, "XMP-aux:SerialNumber": "secret",
           "XMP-aux:LensSerialNumber": "secret", "XMP-aux:OwnerName": "secret", "XMP-exifEX:SerialNumber": "secret",
           "XMP-xmpMM:DocumentID": "secret", "XMP-xmpMM:InstanceID": "secret", "XMP-xmpMM:OriginalDocumentID": "secret",
           "XMP-xmpMM:HistoryAction": "secret", "XMP-photoshop:History": "secret", "XMP-lr:HierarchicalSubject": "secret",
           "XMP-mwg-rs:RegionName": "secret", "XMP-xmp:CreatorTool": "secret", "XMP-crs:RawFileName": "secret",
           "Comment": "secret"}


def full(house):
    """A photo that says everything, with a maker note; its tags as written."""
    contact = SHARED["XMP-iptcCore:CreatorContactInfo"]["CiEmailWork"]
    plain = {name: value for name, value in SHARED.items() if "ContactInfo" not in name}
    note = house.top / "note.bin"
    note.write_bytes(b"secret " * 40)
    return photo(house, "full.jpg", [*wrote(plain), f"-XMP-iptcCore:CreatorWorkEmail={contact}", *wrote(PRIVATE),
                                     f"-MakerNoteUnknown<={note}"], packet())


def sharing_keeps_who_made_it_and_what_it_shows_and_no_place_person_or_device(house):
    source = full(house)
    assert source.read_bytes().count(b"secret") > 30
    found, _ = saved(house, source, "", "metadata = sharing", ("jpg", "png", "webp", "tif"))
    for extension, tags in found.items():
        lost = {name for name, value in SHARED.items() if tags.get(name) != value and
                (extension in ("jpg", "tif") or not name.startswith("IPTC"))}
        assert not lost, (extension, lost, tags)
        kept = {name for name in PRIVATE if name in tags} | {name for name, value in tags.items() if "secret" in str(value)}
        assert not kept, (extension, kept)
    for made in next(house.top.glob("saved*")).iterdir():
        assert b"secret" not in made.read_bytes() and b"uuid:1234" not in made.read_bytes(), made


def copyright_keeps_author_and_rights_and_nothing_of_the_photo(house):
    found, _ = saved(house, full(house), "", "metadata = copyright", ("jpg", "png", "webp", "tif"))
    for extension, tags in found.items():
        for name, value in SHARED.items():
            if name.startswith("IPTC") and extension not in ("jpg", "tif"):
                continue
            expected = value if name.split(":")[1] in RIGHTS else None
            assert tags.get(name) == expected, (extension, name, tags.get(name))
        assert not [name for name, value in tags.items() if "secret" in str(value)], (extension, tags)


def none_leaves_nothing(house):
    found, _ = saved(house, full(house), "", "metadata = none", EXTENSIONS)
    for extension, tags in found.items():
        groups = {name.split(":")[0] for name in tags} - {"SourceFile", "ExifTool", "System", "File", "Composite", "JFIF",
                                                          "PNG", "PNG-pHYs", "RIFF", "QuickTime", "Meta", "Track1"}
        if extension == "tif":  # tags of the pixels
            assert not {"IFD0:Artist", "IFD0:Copyright", "IFD0:ImageDescription"} & tags.keys(), tags
            groups -= {"IFD0"}
        assert not groups, (extension, groups)
    for made in next(house.top.glob("saved*")).iterdir():
        assert b"secret" not in made.read_bytes() and b"Jane" not in made.read_bytes(), made


def with_texts(png):
    """The PNG with texts in each form, and XMP with a comment."""
    hidden = packet(elements="<dc:rights>Jane</dc:rights>").replace("<rdf:RDF", "<!-- secret --><rdf:RDF", 1)
    texts = [chunk(b"tEXt", keyword + b"\0" + value) for keyword, value in (
        (b"Author", b"Jane"), (b"Location", b"secret home"), (b"parameters", b"secret prompt"), (b"Source", b"secret"),
        (b"Software", b"secret"), (b"Comment", b"secret"))]
    texts += [chunk(b"zTXt", b"Disclaimer\0\0" + zlib.compress(b"secret")),
              chunk(b"iTXt", b"Warning\0\1\0\0\0" + zlib.compress(b"secret")),
              chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + hidden.encode())]
    return png[:33] + b"".join(texts) + png[33:]


def no_format_gives_a_secret_away_to_another(house):
    """PNG, TIFF, WebP and HEIC that say what full() says, and a PNG with texts."""
    made = house.top / "private"
    made.mkdir()
    helper("captions", made)
    for name in ("plain.jpg", "plain.avif"):
        (made / name).unlink()
    (made / "texts.png").write_bytes(with_texts((made / "plain.png").read_bytes()))
    sources = [made / f"plain.{extension}" for extension in ("png", "webp", "tif", "heic")]
    for source in sources:
        source.rename(made / f"{source.suffix[1:]}{source.suffix}")
    sources = sorted(made.iterdir())
    run("exiftool", "-q", "-m", "-overwrite_original", "-tagsFromFile", full(house), "-all:all",
        *(source for source in sources if source.stem != "texts"))
    assert all(source.read_bytes().count(b"secret") > 5 for source in sources), sources
    saves = "\n".join(f'save {{ name = "{{stem}}-{level}.{extension}" metadata = {level} }}'
                      for level in ("sharing", "copyright", "none") for extension in ("jpg", "png", "webp", "tif"))
    (house.top / "t.conf").write_text(f'profile "t" {{ {saves} }}\n')
    output = house.top / "kept"
    done = house.command("run", "t", "--config", house.top / "t.conf", "--output", output, made)
    assert done.returncode == 0, done.stderr
    files = sorted(output.iterdir())
    assert len(files) == 12 * len(sources), files
    leaks = [file.name for file in files if b"secret" in file.read_bytes() or b"uuid:1234" in file.read_bytes()]
    read = exif_tags(*files)
    leaks += [name for name, tags in read.items() if "secret" in str(tags)]
    assert not leaks, leaks
    names = {name for name, tags in read.items() if "Jane" in tags.values()}
    assert names == {file.name for file in files if "-none." not in file.name}, names


def a_date_stands_in_the_name_in_each_form_and_a_picture_without_one_is_named(house):
    made = house.top / "dates"
    made.mkdir()
    forms = {"original": {"ExifIFD:DateTimeOriginal": "2015:06:07 08:09:10"},
             "digitized": {"ExifIFD:CreateDate": "2015:06:07 08:09:10"},
             "created": {"XMP-photoshop:DateCreated": "2015:06:07 08:09:10"},
             "xmp": {"XMP-xmp:CreateDate": "2015:06:07 08:09:10+09:00"},
             "iptc": {"IPTC:DateCreated": "2015:06:07", "IPTC:TimeCreated": "08:09:10+00:00"},
             "changed": {"IFD0:ModifyDate": "2015:06:07 08:09:10"},
             "zeros": {"ExifIFD:DateTimeOriginal": "0000:00:00 00:00:00", "XMP-xmp:CreateDate": "2015:06:07 08:09:10"}}
    plain = photo(house, tags=["-all="]).read_bytes()
    for name in [*forms, "none"]:
        (made / f"{name}.jpg").write_bytes(plain)
    tags = [{"SourceFile": str(made / f"{name}.jpg"), **said} for name, said in forms.items()]
    (house.top / "dates.json").write_text(json.dumps(tags))
    run("exiftool", "-q", "-overwrite_original", f"-json={house.top / 'dates.json'}", *(one["SourceFile"] for one in tags))
    (house.top / "t.conf").write_text('profile "t" { save { name = "{taken:%Y%m%d-%H%M%S|undated}-{stem}.jpg" } }\n'
                                      'profile "u" { save { name = "{taken:%Y%m%d}-{stem}.jpg" } }\n')
    done = house.command("run", "t", "--config", house.top / "t.conf", "--output", house.top / "named", made)
    assert done.returncode == 0 and "no date" not in done.stderr, done.stderr
    assert files_below(house.top / "named") == sorted([*(f"20150607-080910-{name}.jpg" for name in forms),
                                                       "undated-none.jpg"])
    warned = house.command("run", "u", "--config", house.top / "t.conf", "--output", house.top / "warned", made)
    assert warned.returncode == 0 and [line for line in warned.stderr.splitlines() if "no date" in line and
                                     "none.jpg" in line], warned.stderr
    checked = house.command("check", "--config", house.top / "t.conf")
    lines = [line for line in checked.stderr.splitlines() if "{taken}" in line]
    assert len(lines) == 1 and ":2: warning: " in lines[0], checked.stderr


def hotfolder_values_shows_what_names_get(house):
    source = photo(house, "beach day.JPG", ["-IPTC:By-line=J\u00fcrgen", "-XMP-dc:Title=Sea / \u00c4rmel", "-IPTC:Keywords=sea",
                                           "-IPTC:Keywords=sky", "-ExifIFD:DateTimeOriginal=2015:06:07 08:09:10"])
    assert b"J\xfcrgen" in source.read_bytes(), "Latin-1, which a confined worker has to read without help"
    done = house.command("values", "--json", source)
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)["values"]
    assert values.pop("date")
    expected = {"stem": "beach day", "ext": "JPG", "name": "beach day.JPG", "width": "96", "height": "64",
                "taken": "2015-06-07 08:09:10", "title": "Sea / \u00c4rmel", "caption": None, "author": "J\u00fcrgen",
                "copyright": None, "keywords": "sea, sky"}
    assert {name: values[name] for name in expected} == expected, values
    shown = house.command("values", source).stdout
    assert "  {author}         J\u00fcrgen\n" in shown and "  {caption}        (the picture has none)\n" in shown, shown
    refused = house.command("values", house.top / "t.conf", check=False)
    assert refused.returncode == 1 and "t.conf" in refused.stderr, refused.stderr


if __name__ == "__main__":
    sys.exit(main(globals()))
