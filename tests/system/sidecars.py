"""sidecars - XMP files and camera RAW that lie beside pictures, as a whole tree is processed."""
import json
import os

from harness import exif_tags, files_below, main, run

XMP = """<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Adobe XMP Core 5.6'>
 <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
  <rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/'
    xmlns:tiff='http://ns.adobe.com/tiff/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'
    xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/'
    xmp:Rating='%d' tiff:Orientation='8' crs:HasCrop='True' crs:CropTop='0.2' crs:Exposure2012='+0.50'>
   <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>%s</rdf:li></rdf:Alt></dc:title>
   <dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>Müller &amp; Söhne</rdf:li></rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>"""
PROFILE = """profile "rated" { upright {} save { name = "{dir}/{rating|0}-{stem}.jpg" } }
profile "copied" { save { format = original name = "{dir}/{stem}" } }
%s"""


def sidecar(path, title="Beach", rating=5):
    path.write_text(XMP % (rating, title), encoding="utf-8")
    return path


def process(house, profile, *paths, defaults="", status=0):
    config = house.top / "run.conf"
    config.write_text(PROFILE % defaults)
    done = house.command("run", profile, "--config", config, "--json", "--output", house.output, *paths)
    assert done.returncode == status, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def notes(result):
    return {os.path.basename(one["source"]): one.get("note", "") for one in result["pictures"]}


def described(path, title="Embedded"):
    """A JPEG with metadata of its own in EXIF, IPTC and XMP, which ExifTool has written."""
    run("exiftool", "-q", "-overwrite_original", f"-XMP-dc:Title={title}", f"-IPTC:ObjectName={title}",
        "-XMP-xmp:Rating=1", "-EXIF:Rating=1", "-XMP-dc:Creator=Jo Doe", "-EXIF:Artist=Jo Doe",
        "-IPTC:Keywords=old", "-XMP-dc:Subject=old", "-XMP-xmp:Label=Red", "-IPTC:City=Brighton", path)
    return path


def what_a_sidecar_says_is_in_names_and_in_all_three_places_of_a_file(house):
    photo = described(house.photo("card/IMG_1.JPG"))
    sidecar(photo.with_suffix(".xmp"))
    result = process(house, "rated", house.work / "card")
    assert files_below(house.output) == ["5-IMG_1.jpg"], files_below(house.output)
    assert "the crop in IMG_1.xmp was not applied" in notes(result)["IMG_1.JPG"], result
    for profile, name in (("rated", "5-IMG_1.jpg"), ("copied", "IMG_1.JPG")):
        process(house, profile, house.work / "card")
        tags = exif_tags(house.output / name)[name]
        assert tags["XMP-dc:Title"] == tags["IPTC:ObjectName"] == "Beach", tags
        assert tags["XMP-xmp:Rating"] == tags["IFD0:Rating"] == 5, tags
        assert tags["XMP-dc:Subject"] == tags["IPTC:Keywords"] == ["sea", "Müller & Söhne"], tags
        assert tags["XMP-dc:Creator"] == tags["IFD0:Artist"] == "Jo Doe" and tags["XMP-xmp:Label"] == "Red", tags
        assert tags["IPTC:City"] == "Brighton", tags
        assert not any(tag.startswith("XMP-crs") for tag in tags), tags
        assert tags.get("XMP-tiff:Orientation", "Horizontal (normal)") == "Horizontal (normal)", tags
    before, after = (run("exiftool", "-b", "-all=", "-o", "-", one, text=False).stdout
                     for one in (photo, house.output / "IMG_1.JPG"))
    assert before == after, "the coded data of a copy has changed"


def the_sidecar_that_is_nearest_to_the_name_is_read(house):
    card = house.work / "card"
    for number, beside in enumerate((("IMG_1.NEF.xmp", "img_1.XMP", "IMG_1.JPG.xmp"), ("IMG_1.NEF.xmp", "img_1.XMP"),
                                     ("IMG_1.NEF.xmp",), ("IMG_12.xmp", "IMG_1 (2).xmp", "IMG_1.png"))):
        here = card / str(number)
        house.photo(f"card/{number}/IMG_1.JPG")
        for rating, name in enumerate(beside, 1):
            sidecar(here / name, rating=rating)
        (here / "IMG_1.png").unlink(missing_ok=True)
    process(house, "rated", card)
    assert files_below(house.output) == ["0/3-IMG_1.jpg", "1/2-IMG_1.jpg", "2/1-IMG_1.jpg", "3/0-IMG_1.jpg"], \
        files_below(house.output)


def a_sidecar_that_is_no_xmp_costs_no_picture(house):
    photo = house.photo("IMG_1.JPG")
    photo.with_suffix(".xmp").write_text("<html>")
    os.mkfifo(house.work / "IMG_2.xmp")
    house.photo("IMG_2.JPG", seed=2)
    said = notes(process(house, "rated", photo, house.work / "IMG_2.JPG"))
    assert "IMG_1.xmp is no XMP: it was not read" in said["IMG_1.JPG"], said
    assert files_below(house.output) == ["0-IMG_1.jpg", "0-IMG_2.jpg"], files_below(house.output)


def a_raw_beside_its_picture_is_ignored_and_one_alone_is_not_forgotten(house):
    card = house.work / "card"
    house.photo("card/IMG_1.JPG")
    for name in ("img_1.nef", "IMG_12.NEF"):
        (card / name).write_bytes(b"IIRO" + bytes(100))
    sidecar(card / "IMG_1.NEF.xmp")
    shown = house.command("run", "web", "--output", house.output, card)
    assert "img_1.nef: ignored: camera RAW beside its picture" in shown.stderr, shown.stderr
    assert "1 camera RAW beside its picture" in shown.stdout and "1 sidecar" in shown.stdout, shown.stdout
    assert "1 done" in shown.stdout, shown.stdout
    assert "IMG_12.NEF: ignored: camera RAW beside" not in shown.stderr, shown.stderr
    result = process(house, "rated", card, defaults="defaults { shots = apart }")
    assert "camera RAW beside its picture" not in result["ignored"], result
    assert "0-IMG_1.jpg" in files_below(house.output), "with shots = apart no sidecar is read"


def of_the_files_of_a_shot_that_are_named_its_picture_is_made(house):
    card = house.work / "card"
    house.photo("card/IMG_1.JPG")
    (card / "IMG_1.NEF").write_bytes(b"IIRO" + bytes(100))
    (card / "IMG_1.WAV").write_bytes(b"RIFF" + bytes(100))
    sidecar(card / "IMG_1.xmp")
    shown = house.command("run", "web", "--output", house.output, *sorted(card.iterdir()))
    assert "1 done" in shown.stdout and "failed" not in shown.stdout + shown.stderr, shown
    assert "IMG_1.NEF: ignored: camera RAW beside its picture" in shown.stderr, shown.stderr
    for name in ("IMG_1.xmp", "IMG_1.WAV"):
        assert f"{name}: ignored: companion of a picture" in shown.stderr, shown.stderr
    alone = house.command("run", "web", "--output", house.output, card / "IMG_1.xmp", check=False)
    assert alone.returncode == 1 and "is not a picture" in alone.stderr, alone


if __name__ == "__main__":
    raise SystemExit(main(globals()))
