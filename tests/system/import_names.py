"""import_names - what imported files are called, compared with what ExifTool says of them."""
import json
import os
from pathlib import Path

import cardtrees
from harness import main, run
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


if __name__ == "__main__":
    raise SystemExit(main(globals()))
