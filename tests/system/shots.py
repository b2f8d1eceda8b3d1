"""shots - what a camera makes at one press is one picture: its RAW, sidecar and sound go where it goes."""
import itertools
import json
import struct
import sys
from pathlib import Path

from harness import exif_tags, files_below, main, run, sizes_of, wait_until

sys.path.append(str(Path(__file__).resolve().parents[1] / "foreign"))
from dng import dng, preview_of, scene  # noqa: E402

XMP = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
       '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>\n')
WAV = b"RIFF" + struct.pack("<I", 12) + b"WAVEfmt \0\0\0\0"
# A TIFF with no more than the tag that makes it a DNG.
DNG = struct.pack("<2sHIHHHI4BI", b"II", 42, 8, 1, 50706, 1, 4, 1, 4, 0, 0, 0)


def put(house, name):
    """A file of a shot, in the inbox at once."""
    tail, path = name.rsplit(".", 1)[-1].lower(), house.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = house.top / "beside"
    if tail in ("jpg", "jpeg", "png"):
        house.photo(f"beside.{tail}", size="64x48").rename(beside)
    else:
        beside.write_bytes({"xmp": XMP.encode(), "aae": XMP.encode(), "wav": WAV, "mov": WAV}.get(tail, DNG))
    beside.rename(path)


def await_done(house, *names):
    """All of these are in done/, and nothing else; nothing is left in the inbox."""
    wait_until(lambda: house.done() == sorted(names), f"{names} are in done/")
    assert files_below(house.inbox) == sorted(f"done/{name}" for name in names), files_below(house.inbox)


def why(house, name):
    asked = house.command("why", "--json", house.inbox / name)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def counted(house, what):
    return house.get()[1]["folders"][0].get(what, {})


def start(house, settings=""):
    house.configure(f'originals = "done" {settings}')
    house.start()


# ---- one job, one place ----

def a_shot_is_one_job_in_every_order_of_arrival(house):
    start(house)
    names = []
    for number, order in enumerate(itertools.permutations((".JPG", ".NEF", ".xmp"))):
        for tail in order:
            put(house, f"IMG_{number}{tail}")
            names.append(f"IMG_{number}{tail}")
    await_done(house, *names)
    assert files_below(house.output) == [f"IMG_{number}.jpg" for number in range(6)], files_below(house.output)
    wait_until(house.idle, "all are finished")
    assert house.get()[1]["folders"][0]["done"] == 6
    pictures = {picture["source"]: picture.get("companions") for picture in house.get("/v1/list")[1]["pictures"]}
    expected = {f"IMG_{number}.JPG": [f"IMG_{number}.NEF", f"IMG_{number}.xmp"] for number in range(6)}
    assert pictures == expected, pictures
    assert "its companions go with it: IMG_3.NEF, IMG_3.xmp" in why(house, "done/IMG_3.JPG")["notes"]


def names_that_differ_in_case_are_one_shot_and_other_stems_are_not(house):
    start(house)
    for name in ("img_1.nef", "IMG_1.NEF.xmp", "IMG_12.NEF", "IMG_1 (2).NEF", "other/IMG_1.NEF"):
        put(house, name)
    put(house, "IMG_1.JPG")
    put(house, "IMG_1 (2).JPG")
    wait_until(lambda: len(house.done()) == 5, "two shots are in done/")
    assert house.done() == ["IMG_1 (2).JPG", "IMG_1 (2).NEF", "IMG_1.JPG", "IMG_1.NEF.xmp", "img_1.nef"], house.done()
    assert files_below(house.output) == ["IMG_1 (2).jpg", "IMG_1.jpg"], files_below(house.output)
    answer = why(house, "IMG_12.NEF")
    assert answer["state"] == "pending" and answer["reason"] == "waits for its picture", answer


def copies_of_two_slots_are_two_shots(house):
    start(house)
    for slot in ("A", "B"):
        for tail in (".xmp", ".NEF", ".JPG"):
            put(house, f"{slot}/IMG_1{tail}")
    await_done(house, *(f"{slot}/IMG_1{tail}" for slot in "AB" for tail in (".JPG", ".NEF", ".xmp")))
    assert files_below(house.output) == ["A/IMG_1.jpg", "B/IMG_1.jpg"], files_below(house.output)


def two_pictures_of_one_stem_stay_two(house):
    start(house)
    put(house, "logo.png")
    put(house, "logo.jpg")
    await_done(house, "logo.jpg", "logo.png")
    wait_until(house.idle, "both are finished")
    assert house.get()[1]["folders"][0]["done"] == 2


def put_stamped(house, name, taken):
    """A picture of a camera at a time, in the format of its name."""
    picture = house.photo(f"stamped.{name.rsplit('.', 1)[1].lower()}", size="64x48")
    run("exiftool", "-q", "-overwrite_original", "-Make=Apple", "-Model=iPhone 12", f"-DateTimeOriginal={taken}",
        picture)
    picture.rename(house.inbox / name)


def a_jpeg_and_a_heif_of_one_camera_and_time_are_one_and_others_are_two(house):
    start(house)
    for first, second in (("HEIC", "JPG"), ("JPG", "HEIC")):
        put_stamped(house, f"{first}_1.{first}", "2024:05:01 12:00:00")
        put_stamped(house, f"{first}_1.{second}", "2024:05:01 12:00:00")
        put_stamped(house, f"{first}_2.{first}", "2024:05:01 12:00:00")
        put_stamped(house, f"{first}_2.{second}", "2024:05:01 12:00:01")
    await_done(house, *(f"{first}_{number}.{tail}" for first in ("HEIC", "JPG") for number in (1, 2)
                        for tail in ("HEIC", "JPG")))
    wait_until(house.idle, "all are finished")
    assert house.get()[1]["folders"][0]["done"] == 6, house.get()[1]
    assert len(files_below(house.output)) == 6, files_below(house.output)


def a_name_that_is_taken_gives_all_of_a_shot_one_number(house):
    start(house)
    (house.inbox / "done").mkdir(exist_ok=True)
    (house.inbox / "done" / "IMG_1.NEF").write_bytes(b"of an earlier card")
    for tail in (".NEF", ".xmp", ".JPG"):
        put(house, f"IMG_1{tail}")
    await_done(house, "IMG_1.NEF", "IMG_1-1.JPG", "IMG_1-1.NEF", "IMG_1-1.xmp")
    for name in ("IMG_1.NEF", "done/IMG_1-1.NEF"):
        wait_until(lambda: why(house, name)["kind"] == "companion", f"{name} is known")
        answer = why(house, name)
        assert answer["state"] == "done" and answer["source"].endswith("/IMG_1.JPG"), answer
        assert f"this is the RAW of {house.inbox / 'IMG_1.JPG'}" in answer["notes"][0], answer
    assert (house.inbox / "done" / "IMG_1.NEF").read_bytes() == b"of an earlier card"


# ---- halves ----

def a_companion_without_a_picture_stays_is_counted_and_goes_with_it_when_it_comes(house):
    start(house, "gather = 1s")
    for tail in (".xmp", ".AAE", ".WAV", ".NEF"):
        put(house, f"IMG_1{tail}")
    assert why(house, "IMG_1.xmp")["reason"] in ("waits for its picture", "new")
    wait_until(lambda: counted(house, "ignored").get("companion without a picture") == 2, "two are counted")
    wait_until(lambda: len(files_below(house.inbox)) == sum(counted(house, "ignored").values()), "all four are")
    house.await_log("IMG_1.xmp: ignored: companion without a picture")
    answer = why(house, "IMG_1.xmp")
    assert answer["state"] == "ignored" and "when that comes" in " ".join(answer["notes"]), answer
    put(house, "IMG_1.JPG")
    await_done(house, "IMG_1.AAE", "IMG_1.JPG", "IMG_1.NEF", "IMG_1.WAV", "IMG_1.xmp")
    assert not counted(house, "ignored"), counted(house, "ignored")


def a_picture_waits_for_its_sidecar_where_gather_is_written(house):
    start(house, "gather = 10min")
    put(house, "IMG_1.JPG")
    wait_until(lambda: counted(house, "pending") == {"waits for its sidecar": 1}, "the picture waits")
    answer = why(house, "IMG_1.JPG")
    assert answer["state"] == "pending" and "gather = 10min" in " ".join(answer["notes"]), answer
    put(house, "IMG_1.xmp")
    await_done(house, "IMG_1.JPG", "IMG_1.xmp")


def a_part_that_comes_after_its_shot_is_done_goes_to_it(house):
    start(house)
    put(house, "IMG_1.JPG")
    await_done(house, "IMG_1.JPG")
    put(house, "IMG_1.NEF")
    await_done(house, "IMG_1.JPG", "IMG_1.NEF")


# ---- RAW as pictures ----

def put_raw(house, name):
    """A RAW that is read: what it shows is not what a JPEG beside it does."""
    beside = house.top / "beside"
    beside.write_bytes(dng(scene(96, 64), [preview_of(scene(96, 64), 96)]))
    beside.rename(house.inbox / name)


def a_raw_is_a_picture_where_it_comes_alone_and_else_goes_with_its_jpeg(house):
    start(house, "accept += { raw } gather = 1s")
    put_raw(house, "IMG_1.DNG")
    put_raw(house, "IMG_2.DNG")
    put(house, "IMG_2.xmp")
    put(house, "IMG_2.JPG")
    await_done(house, "IMG_1.DNG", "IMG_2.DNG", "IMG_2.JPG", "IMG_2.xmp")
    wait_until(house.idle, "both are finished")
    assert house.get()[1]["folders"][0]["done"] == 2
    assert sizes_of(house.output / "IMG_1.jpg", house.output / "IMG_2.jpg") == ["96x64", "64x48"]


def a_jpeg_goes_with_the_raw_that_is_preferred(house):
    start(house, "accept += { raw } prefer = raw")
    put(house, "IMG_1.JPG")
    wait_until(lambda: counted(house, "pending") == {"waits for its RAW": 1}, "the JPEG waits")
    put_raw(house, "IMG_1.DNG")
    put_raw(house, "IMG_2.DNG")
    put(house, "IMG_2.JPG")
    await_done(house, "IMG_1.DNG", "IMG_1.JPG", "IMG_2.DNG", "IMG_2.JPG")
    wait_until(house.idle, "both are finished")
    assert house.get()[1]["folders"][0]["done"] == 2
    assert sizes_of(house.output / "IMG_1.jpg", house.output / "IMG_2.jpg") == ["96x64", "96x64"]


def both_are_pictures_of_one_shot_where_both_are_preferred(house):
    start(house, "accept += { raw } prefer = both")
    put_raw(house, "IMG_1.DNG")
    put(house, "IMG_1.xmp")
    put(house, "IMG_1.JPG")
    await_done(house, "IMG_1.DNG", "IMG_1.JPG", "IMG_1.xmp")
    wait_until(house.idle, "both are finished")
    assert house.get()[1]["folders"][0]["done"] == 2
    names = files_below(house.output)
    assert sorted(sizes_of(*[house.output / name for name in names])) == ["64x48", "96x64"], names


def both_have_one_name_in_a_done_on_another_disk(house):
    start(house, "accept += { raw } prefer = both")
    (house.inbox / "done").mkdir(exist_ok=True)
    house.mount(house.inbox / "done", "10M")
    names = []
    for number in range(4):
        put_raw(house, f"IMG_{number}.DNG")
        put(house, f"IMG_{number}.xmp")
        put(house, f"IMG_{number}.JPG")
        names += [f"IMG_{number}{tail}" for tail in (".DNG", ".JPG", ".xmp")]
    wait_until(lambda: files_below(house.inbox) == sorted(f"done/{name}" for name in names), "each has one name")


# ---- the sidecars of two pictures ----

def rated(house, name, stars):
    (house.top / "beside").write_text(XMP.replace("4", str(stars)))
    (house.top / "beside").rename(house.inbox / name)


def each_of_two_pictures_of_one_shot_says_what_its_sidecar_says(house):
    house.configure('originals = "done" gather = 1s accept += { raw } prefer = both',
                    steps='save { name = "{stem}.{ext}.jpg" }')
    house.start()
    for name, stars in (("logo.png.xmp", 3), ("logo.jpg.xmp", 5), ("both.xmp", 2)):
        rated(house, name, stars)
    for name in ("logo.jpg", "logo.png", "both.JPG"):
        put(house, name)
    put_raw(house, "both.DNG")
    await_done(house, "both.DNG", "both.JPG", "both.xmp", "logo.jpg", "logo.jpg.xmp", "logo.png", "logo.png.xmp")
    wait_until(house.idle, "all are finished")
    names = {"logo.jpg.jpg": 5, "logo.png.jpg": 3, "both.JPG.jpg": 2, "both.DNG.jpg": 2}
    tags = exif_tags(*(house.output / name for name in names))
    assert {name: tags[name].get("XMP-xmp:Rating") for name in names} == names, tags


# ---- apart ----

def with_files_apart_only_the_picture_leaves(house):
    start(house, "shots = apart")
    for tail in (".NEF", ".xmp", ".JPG"):
        put(house, f"IMG_1{tail}")
    wait_until(lambda: house.done() == ["IMG_1.JPG"], "the picture is in done/")
    wait_until(lambda: sum(counted(house, "ignored").values()) == 2, "the others are counted")
    assert counted(house, "ignored").get("sidecar") == 1, counted(house, "ignored")
    assert files_below(house.inbox) == ["IMG_1.NEF", "IMG_1.xmp", "done/IMG_1.JPG"], files_below(house.inbox)


def a_failed_shot_that_is_moved_back_by_hand_is_one_again(house):
    """Its RAW comes back first, and its picture is another file now, of another time."""
    start(house)
    put(house, "IMG_1.JPG")
    await_done(house, "IMG_1.JPG")
    for name in ("IMG_3.NEF", "IMG_3.xmp"):
        put(house, name)
    (house.inbox / "IMG_3.JPG").write_bytes((house.inbox / "done/IMG_1.JPG").read_bytes()[:400])
    failed = house.inbox / "failed"
    wait_until(lambda: (failed / "IMG_3.JPG.txt").exists() and (failed / "IMG_3.NEF").exists()
               and (failed / "IMG_3.xmp").exists(), "the shot has failed")
    wait_until(lambda: house.get()[1]["folders"][0]["failed"] == 1, "the ledger has it so")
    (failed / "IMG_3.JPG.txt").unlink()
    (failed / "IMG_3.JPG").unlink()
    for name in ("IMG_3.NEF", "IMG_3.xmp"):
        (failed / name).rename(house.inbox / name)
    wait_until(lambda: counted(house, "pending") == {"waits for its picture": 2}, "both wait for their picture")
    put(house, "IMG_3.JPG")
    await_done(house, "IMG_1.JPG", "IMG_3.JPG", "IMG_3.NEF", "IMG_3.xmp")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
