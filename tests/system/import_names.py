"""import_names - what imported files are called, compared with what ExifTool says of them."""
import json
import os
import shutil
import struct
from pathlib import Path

import cardtrees
from cardtrees import box
from harness import exif_tags, main, make_picture, run
from importing import configure, copies_in, digest, import_card

MAKERS = ("canon", "nikon", "sony", "fujifilm", "panasonic", "gopro", "dji", "phone")
TAGS = ("DateTimeOriginal", "SubSecTimeOriginal", "Make", "Model", "SerialNumber", "Rating")
NAME = ("{day:%Y-%m-%d|undated}/{taken:%Y:%m:%d %H:%M:%S|none} {subsec|none} {make|none} {exif.Model|none} "
        "{serial|none} {rating|none} {shot}.{ext}")


def said_by_exiftool(root):
    """Name below root -> the tags that ExifTool finds in the file itself."""
    done = run("exiftool", "-json", "-n", "-r", "-q", *(f"-{tag}" for tag in TAGS), root, check=False)
    return {os.path.relpath(said["SourceFile"], root): said for said in json.loads(done.stdout)}


def expected_name(said, stem):
    """As the template has it, without the extension."""
    taken = said.get("DateTimeOriginal", "none")
    day = taken[:10].replace(":", "-") if taken != "none" else "undated"
    values = [taken, *(said.get(tag, "none") for tag in TAGS[1:])]
    digits = stem[len(stem.rstrip("0123456789")):]
    return f"{day}/{' '.join(map(str, values))} {digits or stem}"


def pictures_alone(tree):
    """The pictures that name their shots, and have no XMP file beside them. A .nomedia counts in the DCIM of
    a card alone."""
    return [shot[0] for shot in tree.shots if not any(name.lower().endswith(".xmp") for name in shot)
            and not (tree.root / shot[0]).with_name(".nomedia").exists()]


def shots_of_eight_makers_are_called_as_exiftool_reads_them(house):
    to, = configure(house, count=1, name=f'"{NAME}"')
    card = house.work / "card"
    trees = {maker: cardtrees.MAKERS[maker](card / maker) for maker in MAKERS}
    import_card(house, card)
    found, said, compared = copies_in(to), said_by_exiftool(card), set()
    for maker, tree in trees.items():
        for name in pictures_alone(tree):
            tags = said.get(f"{maker}/{name}", {})
            if "Model" in tags:
                stem, extension = os.path.splitext(Path(name).name)
                copies = found[digest(tree.root / name)]
                assert copies == [expected_name(tags, stem) + extension], (name, copies, tags)
                compared.add(maker)
    assert compared == set(MAKERS), compared
    film = trees["gopro"].root / "DCIM/100GOPRO/GX010001.MP4"
    thumbnail = said["gopro/DCIM/100GOPRO/GX010001.THM"]
    assert found[digest(film)] == [f"{expected_name(thumbnail, film.stem)}.MP4"], found[digest(film)]


def mp4(path, version=0):
    """A film without pictures: its dates are written by ExifTool."""
    header = (bytes(19) if version else bytes(11)) + b"\x01" + bytes(8 if version else 4)  # a time scale, no length
    header = struct.pack(">I", version << 24) + header + b"\0\1\0\0\1\0" + bytes(10) + bytes(60) + b"\0\0\0\2"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(box(b"ftyp", b"mp42", bytes(4), b"isommp42") + box(b"moov", box(b"mvhd", header))
                     + box(b"mdat", os.urandom(3000)))


def film_says(path, zone):
    """What ExifTool reads: the time of the place, else that of this machine's zone."""
    done = run("exiftool", "-json", "-api", "QuickTimeUTC", "-d", "%Y-%m-%d %H.%M.%S", "-Keys:CreationDate",
               "-QuickTime:CreateDate", path, env={**os.environ, "TZ": zone})
    said, = json.loads(done.stdout)
    return said.get("CreationDate") or said.get("CreateDate")


def films_are_dated_as_exiftool_reads_their_container(house):
    to, = configure(house, count=1, name='"{taken:%Y-%m-%d %H.%M.%S|undated} {shot}.{ext}"')
    card, zone = house.work / "card/DCIM/100X", "America/New_York"
    dates = {"MVI_0001.MP4": ["-QuickTime:CreateDate=2024:01:31 23:30:00"],
             "MVI_0002.MOV": ["-QuickTime:CreateDate=2024:05:01 10:00:00",
                              "-Keys:CreationDate=2024:05:01 12:00:00+02:00"],
             "MVI_0003.MP4": [], "MVI_0004.MP4": ["-QuickTime:CreateDate=2024:07:01 12:00:00"]}
    for number, (name, tags) in enumerate(dates.items()):
        mp4(card / name, version=number == 3)
        if tags:
            run("exiftool", "-q", "-overwrite_original", *tags, card / name, env={**os.environ, "TZ": "UTC"})
    for number in (5, 6, 7):  # of which other files say more, or nothing
        copy = shutil.copy(card / "MVI_0001.MP4", card / f"MVI_000{number}.MP4")
        copy.write_bytes(copy.read_bytes() + box(b"free", bytes(number)))
    run("exiftool", "-q", "-all=", "-o", card / "MVI_0005.THM", make_picture(house.work / "made.jpg"))
    run("exiftool", "-q", "-o", card / "MVI_0006.xmp", "-XMP:CreateDate=2020:02:02 02:02:02")
    shutil.copy(house.work / "made.jpg", card / "MVI_0007.THM")
    done = house.command("import", house.work / "card", "--config", house.config, "--state-dir", house.state,
                         env={**house.environment(), "TZ": zone})
    assert done.returncode == 0, done
    found = copies_in(to)
    for name in (*dates, "MVI_0005.MP4"):
        said = film_says(card / name, zone) if dates.get(name, True) else "undated"
        assert found[digest(card / name)] == [f"{said} {name[4:]}"], (name, said, found[digest(card / name)])
    assert film_says(card / "MVI_0001.MP4", zone).startswith("2024-01-31 18.30"), "exiftool knows the zone"
    assert found[digest(card / "MVI_0006.MP4")] == ["2020-02-02 02.02.02 0006.MP4"]
    taken = exif_tags(house.work / "made.jpg")["made.jpg"]["ExifIFD:DateTimeOriginal"]
    assert found[digest(card / "MVI_0007.MP4")] == [f"{taken.replace(':', '-', 2).replace(':', '.')} 0007.MP4"]


if __name__ == "__main__":
    raise SystemExit(main(globals()))
