"""tagmatrix - tags of every type, into and out of every format, as ExifTool reads them."""
import json
import shutil
from pathlib import Path

from harness import BUILD, Missing, exif_tags, helper, long, main, run
from metadata import warnings

KINDS = "jpg", "png", "webp", "tif", "avif", "jxl"
DATE, EXIF_DATE = "2021-02-03 04:05:06", "2021:02:03 04:05:06"

# What `tag` is given, and what ExifTool says then.
EXIF = [
    ("exif.DocumentName", "a", {"IFD0:DocumentName": "a"}),
    ("exif.ImageDescription", "Düne, 東京 😀", {"IFD0:ImageDescription": "Düne, 東京 😀"}),
    ("exif.Make", "Acme & <Co>", {"IFD0:Make": "Acme & <Co>"}),
    ("exif.Model", "abc", {"IFD0:Model": "abc"}),
    ("exif.HostComputer", "abcd", {"IFD0:HostComputer": "abcd"}),
    ("exif.ModifyDate", DATE, {"IFD0:ModifyDate": EXIF_DATE}),
    ("exif.TargetPrinter", "Press", {"IFD0:TargetPrinter": "Press"}),
    ("exif.WhitePoint", "0.3127 0.329", {"IFD0:WhitePoint": "0.3127 0.329"}),
    ("exif.PageNumber", "1 2", {"IFD0:PageNumber": "1 2"}),
    ("exif.SpectralSensitivity", "plain", {"ExifIFD:SpectralSensitivity": "plain"}),
    ("exif.XPTitle", "Тест", {"IFD0:XPTitle": "Тест"}),
    ("exif.XPKeywords", "sea;Ähre", {"IFD0:XPKeywords": "sea;Ähre"}),
    ("exif.ExposureTime", "1/250", {"ExifIFD:ExposureTime": 0.004}),
    ("exif.FNumber", "2.8", {"ExifIFD:FNumber": 2.8}),
    ("exif.ExposureProgram", "2", {"ExifIFD:ExposureProgram": 2}),
    ("exif.ISO", "65535", {"ExifIFD:ISO": 65535}),
    ("exif.ISOSpeed", "4294967295", {"ExifIFD:ISOSpeed": 4294967295}),
    ("exif.ExifVersion", "0231", {"ExifIFD:ExifVersion": "0231"}),
    ("exif.DateTimeOriginal", DATE, {"ExifIFD:DateTimeOriginal": EXIF_DATE}),
    ("exif.CreateDate", "2021-02-03T04:05:06", {"ExifIFD:CreateDate": EXIF_DATE}),
    ("exif.OffsetTimeOriginal", "+02:00", {"ExifIFD:OffsetTimeOriginal": "+02:00"}),
    ("exif.SubSecTimeOriginal", "012", {"ExifIFD:SubSecTimeOriginal": "012"}),
    ("exif.BrightnessValue", "-1.5", {"ExifIFD:BrightnessValue": -1.5}),
    ("exif.ExposureCompensation", "-2/3", {"ExifIFD:ExposureCompensation": -0.6666666667}),
    ("exif.MeteringMode", "5", {"ExifIFD:MeteringMode": 5}),
    ("exif.Flash", "25", {"ExifIFD:Flash": 25}),
    ("exif.SubjectArea", "10 20 30 40", {"ExifIFD:SubjectArea": "10 20 30 40"}),
    ("exif.UserComment", "Grüße 😀", {"ExifIFD:UserComment": "Grüße 😀"}),
    ("exif.AmbientTemperature", "-12.5", {"ExifIFD:AmbientTemperature": -12.5}),
    ("exif.FileSource", "3", {"ExifIFD:FileSource": 3}),
    ("exif.LensInfo", "24 70 2.8 4", {"ExifIFD:LensInfo": "24 70 2.8 4"}),
    ("exif.Gamma", "2.2", {"ExifIFD:Gamma": 2.2}),
    ("exif.GPSVersionID", "2 2 0 0", {"GPS:GPSVersionID": "2 2 0 0"}),
    ("exif.GPSLatitudeRef", "S", {"GPS:GPSLatitudeRef": "S"}),
    ("exif.GPSLatitude", "50 30 15.3", {"GPS:GPSLatitude": 50.5042500}),
    ("exif.GPSLongitudeRef", "W", {"GPS:GPSLongitudeRef": "W"}),
    ("exif.GPSLongitude", "11 15 0", {"GPS:GPSLongitude": 11.25}),
    ("exif.GPSAltitudeRef", "1", {"GPS:GPSAltitudeRef": 1}),
    ("exif.GPSAltitude", "123.4", {"GPS:GPSAltitude": 123.4}),
    ("exif.GPSTimeStamp", "12 30 15", {"GPS:GPSTimeStamp": "12:30:15"}),
    ("exif.GPSProcessingMethod", "GPS", {"GPS:GPSProcessingMethod": "GPS"}),
    ("exif.GPSAreaInformation", "Höhle", {"GPS:GPSAreaInformation": "Höhle"}),
    ("exif.GPSDateStamp", "2021:02:03", {"GPS:GPSDateStamp": "2021:02:03"}),
]
IPTC = [
    ("iptc.Keywords", ["sea", "Österreich"], {"IPTC:Keywords": ["sea", "Österreich"]}),
    ("iptc.SupplementalCategories", ["one", "two"], {"IPTC:SupplementalCategories": ["one", "two"]}),
    ("iptc.By-line", ["Bob", "Ann"], {"IPTC:By-line": ["Bob", "Ann"]}),
    ("iptc.Caption-Abstract", "Ähren 東京", {"IPTC:Caption-Abstract": "Ähren 東京"}),
    ("iptc.DateCreated", "2021-02-03", {"IPTC:DateCreated": "2021:02:03"}),
    ("iptc.TimeCreated", "04:05:06+02:00", {"IPTC:TimeCreated": "04:05:06+02:00"}),
    ("iptc.Urgency", "5", {"IPTC:Urgency": 5}),
]
XMP = [
    ("xmp.xmp.Label", "rot & <grün> \"x\"", {"XMP-xmp:Label": "rot & <grün> \"x\""}),
    ("xmp.xmpRights.Marked", "True", {"XMP-xmpRights:Marked": True}),
    ("xmp.xmpRights.UsageTerms-fr-CA", "Fées", {"XMP-xmpRights:UsageTerms-fr-CA": "Fées"}),
    ("xmp.dc.title", "Düne", {"XMP-dc:Title": "Düne"}),
    ("xmp.dc.title-de", "Wasser 😀", {"XMP-dc:Title-de": "Wasser 😀"}),
    ("xmp.dc.subject", ["sea", "sky, blue"], {"XMP-dc:Subject": ["sea", "sky, blue"]}),
    ("xmp.dc.creator", ["Bob", "Ann"], {"XMP-dc:Creator": ["Bob", "Ann"]}),
    ("xmp.iptc.CreatorWorkEmail", "jo@example.com",
     {"XMP-iptcCore:CreatorContactInfo": {"CiEmailWork": "jo@example.com"}}),
    ("xmp.exif.FlashMode", "2", {"XMP-exif:Flash": {"Mode": 2}}),
    ("xmp.lr.hierarchicalSubject", ["a|b", "c|d"], {"XMP-lr:HierarchicalSubject": ["a|b", "c|d"]}),
    ("xmp.photoshop.DateCreated", "2021-02-03T04:05:06+02:00",
     {"XMP-photoshop:DateCreated": "2021:02:03 04:05:06+02:00"}),
    ("rating", "-1", {"XMP-xmp:Rating": -1}),
    ("xmp.photoshop.Instructions", "long " * 13000 + "end",
     {"XMP-photoshop:Instructions": "long " * 13000 + "end"}),
]
# A friendly name stands in XMP always, and in IPTC, which the tags before it have made.
FRIENDLY = [
    ("credit", "Anna Ähre", {"XMP-photoshop:Credit": "Anna Ähre"}, {"IPTC:Credit": "Anna Ähre"}, {}),
    ("city", "Łódź", {"XMP-photoshop:City": "Łódź"}, {"IPTC:City": "Łódź"}, {}),
    ("copyright", "© Bob", {"XMP-dc:Rights": "© Bob"}, {"IPTC:CopyrightNotice": "© Bob"}, {"IFD0:Copyright": "© Bob"}),
    ("lens", "50 mm, f/1.8", {"XMP-exifEX:LensModel": "50 mm, f/1.8"}, {}, {"ExifIFD:LensModel": "50 mm, f/1.8"}),
]
# What has no place: TIFF states these of its own pixels and pages; other formats say IPTC in XMP, where it
# says nothing of the same yet.
NOT_IN_TIFF = "exif.WhitePoint", "exif.PageNumber"
HOLD_IPTC = ".jpg", ".png", ".tif"
IN_XMP = {"XMP-dc:Description": "Ähren 東京", "XMP-photoshop:Urgency": 5}
# Files that no program changes get a sidecar, which says of EXIF and IPTC what XMP can say.
BESIDE_THESE = ".avif", ".jxl"
BESIDE = {
    **IN_XMP, "XMP-tiff:Make": "Acme & <Co>", "XMP-tiff:Model": "abc", "XMP-xmp:ModifyDate": EXIF_DATE,
    "XMP-exif:ExposureTime": 0.004, "XMP-exif:FNumber": 2.8, "XMP-exif:ExposureProgram": 2, "XMP-exif:ISO": [65535],
    "XMP-exifEX:ISOSpeed": 4294967295, "XMP-exif:DateTimeOriginal": EXIF_DATE + "+02:00",
    "XMP-xmp:CreateDate": EXIF_DATE, "XMP-exif:BrightnessValue": -1.5, "XMP-exif:ExposureCompensation": -0.6666666667,
    "XMP-exif:MeteringMode": 5, "XMP-exif:SubjectArea": [10, 20, 30, 40], "XMP-exif:FileSource": 3,
    "XMP-exifEX:Gamma": 2.2, "XMP-exif:GPSLatitude": -50.504250, "XMP-exif:GPSLongitude": -11.25,
    "XMP-exif:GPSAltitude": 123.4, "XMP-exif:GPSAltitudeRef": 1, "XMP-exif:GPSProcessingMethod": "GPS",
    "XMP-exif:UserComment": "Grüße 😀", "XMP-exif:GPSDateTime": "2021:02:03 12:30:15Z",
    "XMP-exif:ExifVersion": "0231",
}
# What no step names stays.
NOTE = b"a maker's own words, to the byte \0\1\2"
# EXIF demands them.
DEMANDED = {"ExifIFD:ExifVersion", "GPS:GPSVersionID"}
OTHERS = {"XMP-dc:Title-it": "Duna", "XMP-dc:Source": "Quelle"}


def quoted(value):
    texts = ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
             for text in (value if isinstance(value, list) else [value])]
    return texts[0] if isinstance(value, str) else "{ " + ", ".join(texts) + " }"


def sources(house):
    """A picture of each format that says nothing, and one that says something else in each way it can."""
    if not shutil.which("cjxl"):
        raise Missing("no cjxl")
    source = house.top / "source"
    source.mkdir()
    helper("captions", source)
    (source / "plain.heic").unlink()
    run("cjxl", "-e", "3", source / "plain.png", source / "plain.jxl")
    for kind in KINDS:
        shutil.copy(source / f"plain.{kind}", source / f"full.{kind}")
    note = house.top / "note"
    note.write_bytes(NOTE)
    run("exiftool", "-q", "-m", "-overwrite_original", "-codedcharacterset=utf8", "-charset", "iptc=UTF8",
        f"-MakerNoteUnknown<={note}", "-IFD0:Artist=Jo", "-IFD0:Make=Old", "-ExifIFD:LensMake=Lens", "-GPS:GPSStatus#=A", "-GPS:GPSLatitude=1",
        "-XMP-dc:Source=Quelle", "-XMP-dc:Title-it=Duna", "-XMP-dc:Subject=old", "-XMP-xmp:Label=old",
        *(source / f"full.{kind}" for kind in KINDS))
    run("exiftool", "-q", "-m", "-overwrite_original", "-codedcharacterset=utf8", "-charset", "iptc=UTF8",
        "-IPTC:Writer-Editor=Wörter", "-IPTC:Keywords=old",
        *(source / f"full.{kind}" for kind in ("jpg", "png", "tif")))
    return source


def process(house, steps, *files):
    """What is made of the files: each in all formats, and with the original's pixels."""
    saves = "\n".join(f'save {{ name = "{{stem}}-{{ext}}.{kind}"{" effort = 1" if kind == "avif" else ""} }}' for kind in KINDS)
    config = house.top / "matrix.conf"
    config.write_text('defaults { accept += { jxl } }\nprofile "p" {\n' + steps + "\n" + saves +
                      '\nsave { name = "{stem}-{ext}-kept" format = original }\n}\n')
    made = house.top / "made"
    done = run(BUILD / "bin/hotfolder", "run", "-c", config, "-o", made, "--json", "p", *files, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    notes = {Path(one["source"]).name: one.get("note", "") for one in json.loads(done.stdout)["pictures"]}
    for name, note in notes.items():
        assert ("lies beside the" in note) == name.endswith(BESIDE_THESE), (name, note)
    return sorted(made.iterdir())


def step(name, value):
    return f"tag {{ name = {quoted(name)} value = {quoted(value)} }}"


STEPS = "\n".join(step(row[0], row[1]) for row in EXIF + IPTC + XMP + FRIENDLY)


def said_by(path):
    """What ExifTool should say of an output."""
    wanted = {}
    for _, _, *rows in XMP + FRIENDLY:
        wanted.update(rows[0])
    if path.suffix == ".xmp":
        return {**wanted, **BESIDE}
    for name, _, tags in EXIF:
        if path.suffix != ".tif" or name not in NOT_IN_TIFF:
            wanted.update(tags)
    for _, _, _, iptc, exif in FRIENDLY:
        wanted.update(exif)
        wanted.update(iptc if path.suffix in HOLD_IPTC else {})
    for _, _, tags in IPTC:
        wanted.update(tags if path.suffix in HOLD_IPTC else {})
    return {**wanted, **({} if path.suffix in HOLD_IPTC else IN_XMP)}


def has(found, wanted):
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(has(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, float):
        return isinstance(found, (int, float)) and abs(found - wanted) < 1e-6
    return found == wanted


def is_copy(path):
    return path.stem.endswith("-kept") and path.name.endswith(BESIDE_THESE)


def moves_notes(path):
    """Whether a maker's notes would lie at another place, and are left out: from and to a TIFF."""
    return path.suffix in (".tif", ".xmp") or path.stem.split("-")[1] == "tif"


def judge(source, made):
    files = [path for path in made if not is_copy(path)]
    tags = exif_tags(*files, options=("-struct", "-n", "-charset", "iptc=UTF8"))
    for path in files:
        wrong = {name: tags[path.name].get(name) for name, value in said_by(path).items()
                 if not has(tags[path.name].get(name), value)}
        assert not wrong, (path, wrong)
        if path.stem.startswith("full"):
            assert has(tags[path.name], OTHERS), (path, tags[path.name])
            assert moves_notes(path) or NOTE in path.read_bytes(), path
    for path in made:
        stem, kind = path.stem.split("-")[:2]
        if is_copy(path):
            assert path.read_bytes() == (source / f"{stem}.{kind}").read_bytes(), path
    return files


def what_tag_writes_is_read_by_exiftool_in_every_format(house):
    source = sources(house)
    files = sorted(source.glob("full.*"))
    made = judge(source, process(house, STEPS, *files))
    assert len(made) == len(KINDS) * (len(KINDS) + 1)
    said = warnings(*files, *made)
    for path in made:
        before = said[f"full.{path.stem.split('-')[1]}"]
        assert said[path.name] <= before, (path, said[path.name] - before)


def names_of(rows):
    return [row[0] for row in rows]


def changed(house):
    """Sources of those formats in which something can be removed with the original's pixels."""
    return sorted(path for path in sources(house).glob("full.*") if path.suffix not in BESIDE_THESE)


def without_its_language(name):
    return name.split("-")[0] if name.startswith("xmp.") else name


def untag_leaves_none_of_them_and_all_else(house):
    names = sorted({without_its_language(name) for name in names_of(EXIF + IPTC + XMP + FRIENDLY)})
    made = process(house, STEPS + f"\nuntag {{ what = {quoted(names)} }}", *changed(house))
    files = [path for path in made if not is_copy(path)]
    gone = {tag for rows in EXIF + IPTC + XMP + FRIENDLY for tags in rows[2:] for tag in tags} - DEMANDED
    for name, tags in exif_tags(*files, options=("-struct", "-n", "-charset", "iptc=UTF8")).items():
        assert not gone & set(tags), (name, gone & set(tags))
        assert tags["XMP-dc:Source"] == "Quelle", name
        if not name.endswith(".xmp"):
            assert moves_notes(house.top / "made" / name) or NOTE in (house.top / "made" / name).read_bytes(), name
            assert has(tags, {"IFD0:Artist": "Jo", "ExifIFD:LensMake": "Lens", "GPS:GPSStatus": "A"}), (name, tags)


@long
def rename_tag_moves_each_of_them_there_and_back(house):
    moves = [(name, f"xmp.digiKam.T{number}") for number, (name, value, _) in enumerate(EXIF + XMP)
             if isinstance(value, str) and name != "xmp.dc.title"]  # whose other languages would go with it
    there = "\n".join(f"rename_tag {{ from = {quoted(name)} to = {away} }}" for name, away in moves)
    back = "\n".join(f"rename_tag {{ from = {away} to = {quoted(name)} }}" for name, away in moves)
    files = changed(house)
    made = judge(house.top / "source", process(house, "\n".join((STEPS, there, back)), *files))
    assert len(made) == len(files) * (len(KINDS) + 1)


@long
def what_tag_writes_into_pictures_that_say_nothing_is_read_in_every_format(house):
    source = sources(house)
    made = judge(source, process(house, STEPS, *sorted(source.glob("plain.*"))))
    assert len(made) == len(KINDS) * (len(KINDS) + 1)
    assert not any(warnings(*made).values())


if __name__ == "__main__":
    main(globals())
