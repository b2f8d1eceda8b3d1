"""times - dates that were wrong, and places by the track of a GPS, as ExifTool reads and computes them."""
import json
import math
import os
import sys

from harness import files_below, main, quoted, run, wait_until

# Two hours of a walk, a point each half minute but for a gap; its noon is 12:00 UTC.
STEP_S, POINTS, GAP = 30, 240, range(100, 140)
DATES = ("ExifIFD:DateTimeOriginal", "ExifIFD:CreateDate", "IFD0:ModifyDate", "XMP-photoshop:DateCreated",
         "XMP-xmp:CreateDate", "XMP-xmp:ModifyDate", "IPTC:DateCreated", "IPTC:TimeCreated")


def clock(seconds):
    return "%02d:%02d:%02d" % (12 + seconds // 3600, seconds // 60 % 60, seconds % 60)


def place(number):
    """Degrees and metres, where every step is another one."""
    return 47 + number * 1e-4 + math.sin(number) * 2e-5, -8.5 + number * 2e-4, 400 + number / 4


def gpx(points=POINTS, first=0, version="1/1"):
    rows = "".join('<trkpt lat="%.7f" lon="%.7f"><ele>%.2f</ele><time>2024-05-01T%sZ</time></trkpt>\n'
                   % (*place(i), clock(i * STEP_S)) for i in range(first, points) if i not in GAP)
    return (f'<?xml version="1.0"?>\n<gpx version="{version.replace("/", ".")}" creator="t" '
            f'xmlns="http://www.topografix.com/GPX/{version}"><trk><trkseg>\n{rows}</trkseg></trk></gpx>\n')


def photo(house, name, *tags):
    made = house.photo(name, size="64x48")
    run("exiftool", "-q", "-m", "-overwrite_original", "-exif:all=", *tags, made)
    return made


def taken(house, name, time, *tags):
    return photo(house, name, f"-ExifIFD:DateTimeOriginal=2024:05:01 {time}", *tags)


def applied(house, steps, *sources, good=True, save='save { name = "{stem}.{ext}" }'):
    """Where the outputs are, and what the command says."""
    config, output = house.top / "times.conf", house.top / f"out{len(list(house.top.glob('out*')))}"
    config.write_text(f'profile "t" {{\n{steps}\n{save}\n}}\n')
    done = house.command("run", "t", "--config", config, "--output", output, *sources)
    assert (done.returncode == 0) == good, done.stderr
    return output, " ".join((done.stdout + done.stderr).split())


def said(path, *tags):
    """ExifTool's words by group and name."""
    found = json.loads(run("exiftool", "-j", "-G1", *tags, path).stdout)[0]
    return {name: value for name, value in found.items() if name != "SourceFile"}


# ---- shift_time ----

def dated(house, name, when="2024:01:31 23:30:00", changed="2024:02:05 10:00:00"):
    return photo(house, name, f"-DateTimeOriginal={when}", f"-CreateDate={when}", f"-ModifyDate={changed}",
                 "-SubSecTimeOriginal=25", "-OffsetTimeOriginal=+01:00", f"-XMP-xmp:CreateDate={when}.25+01:00",
                 f"-XMP-photoshop:DateCreated={when}", f"-XMP-xmp:ModifyDate={changed}",
                 f"-IPTC:DateCreated={when[:10]}", f"-IPTC:TimeCreated={when[11:]}+01:00",
                 "-GPS:GPSDateStamp=2024:01:31", "-GPS:GPSTimeStamp=22:30:00", "-Artist=Ann")


def every_block_moves_alike_and_the_rest_stays(house):
    sources = [dated(house, f"a.{kind}") for kind in ("jpg", "png", "webp", "tif")]
    output, _ = applied(house, 'shift_time { by = "+1 month 45min" }', *sources)
    for source in sources:
        was, now = (said(path, *(f"-{tag}" for tag in DATES), "-SubSecTimeOriginal", "-OffsetTimeOriginal", "-Artist",
                         "-GPS:GPSDateStamp", "-GPS:GPSTimeStamp") for path in (source, output / source.name))
        moved = {"ExifIFD:DateTimeOriginal": "2024:03:01 00:15:00", "ExifIFD:CreateDate": "2024:03:01 00:15:00",
                 "XMP-photoshop:DateCreated": "2024:03:01 00:15:00",
                 "XMP-xmp:CreateDate": "2024:03:01 00:15:00.25+01:00",
                 "IPTC:DateCreated": "2024:03:01", "IPTC:TimeCreated": "00:15:00+01:00"}
        assert now == {tag: moved.get(tag, value) for tag, value in was.items()}, (source, now)
        assert len(now) >= len(DATES) + 2 - 2 * (source.suffix in (".png", ".webp")), (source, now)


def all_of_it_moves_where_that_is_asked_for_and_a_zone_is_said_everywhere(house):
    source = dated(house, "a.jpg")
    output, _ = applied(house, 'shift_time { by = "-1y -2h"  what = all  zone = "+09:00" }', source)
    now = said(output / "a.jpg", *(f"-{tag}" for tag in DATES), "-OffsetTime*")
    assert now == {"ExifIFD:DateTimeOriginal": "2023:01:31 21:30:00", "ExifIFD:CreateDate": "2023:01:31 21:30:00",
                   "IFD0:ModifyDate": "2023:02:05 08:00:00", "ExifIFD:OffsetTime": "+09:00",
                   "ExifIFD:OffsetTimeOriginal": "+09:00", "ExifIFD:OffsetTimeDigitized": "+09:00",
                   "XMP-photoshop:DateCreated": "2023:01:31 21:30:00+09:00",
                   "XMP-xmp:CreateDate": "2023:01:31 21:30:00.25+09:00",
                   "XMP-xmp:ModifyDate": "2023:02:05 08:00:00+09:00",
                   "IPTC:DateCreated": "2023:01:31", "IPTC:TimeCreated": "21:30:00+09:00"}, now


def a_scan_moves_when_it_was_taken_and_not_when_it_was_digitized(house):
    source = photo(house, "a.jpg", "-DateTimeOriginal=1974:08:01 12:00:00", "-CreateDate=2024:01:31 23:30:00")
    lone = photo(house, "b.jpg", "-ModifyDate=2024:01:31 23:30:00")
    none = photo(house, "c.jpg", "-DateTimeOriginal=0000:00:00 00:00:00")
    steps = 'shift_time { by = "+1 day" }'
    output, words = applied(house, steps, source, lone, none,
                            save='save { name = "{stem} {taken:%Y-%m-%d|unknown}.jpg" }')
    assert files_below(output) == ["a 1974-08-02.jpg", "b 2024-02-01.jpg", "c unknown.jpg"]
    assert said(output / "a 1974-08-02.jpg", "-CreateDate") == {"ExifIFD:CreateDate": "2024:01:31 23:30:00"}
    assert "c.jpg" in words and "no time to shift: the picture says none" in words, words


def a_branch_leaves_the_time_as_it_was_for_those_behind_it(house):
    steps = ('branch { shift_time { by = "+1h" } save { name = "one.jpg" } }\n'
             'branch { shift_time { by = "-1h" } shift_time { by = "-1h" } save { name = "two.jpg" } }')
    output, _ = applied(house, steps, taken(house, "a.jpg", "12:00:00"))
    for name, time in (("one", "13:00:00"), ("two", "10:00:00"), ("a", "12:00:00")):
        assert said(output / f"{name}.jpg", "-DateTimeOriginal")["ExifIFD:DateTimeOriginal"].endswith(time), name


def a_wrong_shift_is_refused_with_what_to_write(house):
    for steps, words in (("shift_time {}", "neither by nor zone is given; give by = \"+1h\""),
                         ('shift_time { by = "5m" }', "by = 5m: m may be minutes or months; give a sign and numbers"),
                         ('shift_time { zone = "CET" }', 'zone = CET: no offset from UTC; give hours and minutes'),
                         ("geotag {}", "track"),
                         ('geotag { track = "/nowhere" }', "track = /nowhere: no such file; give the whole path of a "
                                                           "GPX file, or of a directory of them"),
                         (f'geotag {{ track = {quoted(house.top)} offset = "1 month" }}',
                          "offset = 1 month: no clock is wrong by months")):
        _, said_then = applied(house, steps, house.top, good=False)
        assert words in said_then, (words, said_then)


# ---- geotag ----

def positions(path):
    return json.loads(run("exiftool", "-j", "-n", "-GPS:all", "-XMP-exif:GPSLatitude", "-XMP-exif:GPSLongitude",
                          "-XMP-exif:GPSAltitude", "-G1", path).stdout)[0]


def a_place_is_where_exiftool_finds_it_on_the_same_track(house):
    track = house.top / "walk.gpx"
    track.write_text(gpx())
    times = [0, 7, 15, 29, 30, 1234, 2971, 4199, (POINTS - 1) * STEP_S, (POINTS - 1) * STEP_S + 59]
    sources = [taken(house, f"{seconds}.jpg", clock(seconds), "-OffsetTimeOriginal=+00:00") for seconds in times]
    judged = house.top / "judged"
    judged.mkdir()
    run("exiftool", "-q", "-geotag", track, "-geotime<${DateTimeOriginal}+00:00", "-o", judged, *sources)
    output, _ = applied(house, f"geotag {{ track = {quoted(track)} }}", *sources)
    for source in sources:
        ours, right = positions(output / source.name), positions(judged / source.name)
        for tag, most in (("GPSLatitude", 1e-7), ("GPSLongitude", 1e-7), ("GPSAltitude", 0.006)):
            signed = -1 if tag == "GPSLongitude" else 1
            assert abs(ours[f"GPS:{tag}"] - right[f"GPS:{tag}"]) < most, (source, tag, ours, right)
            assert abs(ours[f"XMP-exif:{tag}"] - signed * ours[f"GPS:{tag}"]) < most, (source, tag, ours)
        for tag in ("GPSLatitudeRef", "GPSLongitudeRef", "GPSAltitudeRef", "GPSDateStamp", "GPSTimeStamp"):
            assert str(ours[f"GPS:{tag}"]) == str(right[f"GPS:{tag}"]), (source, tag, ours, right)


def every_format_says_the_place(house):
    track = house.top / "walk.gpx"
    track.write_text(gpx(version="1/0"))
    source = taken(house, "a.jpg", "14:00:45", "-OffsetTimeOriginal=+02:00", "-GPSSpeed=4", "-GPSSpeedRef=K",
                   "-GPSImgDirection=90", "-GPSImgDirectionRef=T")
    kinds = ("jpg", "png", "webp", "tif", "avif", "gif")
    output, _ = applied(house, f"geotag {{ track = {quoted(track)} interpolate = no altitude = no }}", source,
                        save="\n".join(f'save {{ name = "{{stem}}.{kind}" }}' for kind in kinds))
    latitude, longitude, _ = place(2)
    for kind in kinds:
        found = json.loads(run("exiftool", "-j", "-n", "-a", "-GPSLatitude", "-GPSLongitude", "-GPSAltitude",
                               "-GPSSpeed", "-GPSImgDirection", output / f"a.{kind}").stdout)[0]
        assert abs(found["GPSLatitude"] - latitude) < 1e-7 and abs(found["GPSLongitude"] - longitude) < 1e-7, found
        assert "GPSAltitude" not in found and "GPSSpeed" not in found, found
        assert kind == "gif" or found["GPSImgDirection"] == 90, found
    warned = run("exiftool", "-validate", "-warning", "-a", "-s3", output / "a.jpg", source).stdout
    assert "GPS" not in warned, warned


def a_picture_that_no_point_is_near_stays_without_a_place_and_says_so(house):
    track = house.top / "walk.gpx"
    track.write_text(gpx())
    gap = clock(120 * STEP_S)
    far = taken(house, "far.jpg", gap, "-OffsetTimeOriginal=+00:00")
    tagged = taken(house, "tagged.jpg", gap, "-OffsetTimeOriginal=+00:00", "-GPSLatitude=1", "-GPSLatitudeRef=N")
    near = taken(house, "near.jpg", gap, "-OffsetTimeOriginal=+00:00")
    undated = photo(house, "undated.jpg")
    geotag = f"geotag {{ track = {quoted(track)}"
    output, words = applied(house, f"{geotag} }}", far, tagged, undated)
    assert not said(output / "far.jpg", "-GPS:all", "-XMP-exif:all")
    assert said(output / "tagged.jpg", "-n", "-GPS:all") == said(tagged, "-n", "-GPS:all")
    assert f"no place: the track has no point within 1min of 2024-05-01 {gap} UTC" in words, words
    assert "no place: the picture does not say when it was taken" in words, words
    for settings in ("max_gap = 20min", 'offset = "-20min"', "offset = 0.5h"):
        output, _ = applied(house, f"{geotag} {settings} }}", near)
        assert said(output / "near.jpg", "-GPSLatitude"), settings


def what_is_no_track_is_refused_and_one_of_a_directory_is_left_out(house):
    tracks = house.top / "tracks"
    tracks.mkdir()
    source = taken(house, "a.jpg", "12:00:00", "-OffsetTimeOriginal=+00:00")
    bomb = ('<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9))
            + "]><gpx>&j;</gpx>")
    for text, words in ((bomb, "it has a document type, which GPX has not"), ("<kml/>", "it is no GPX (line 1)"),
                        (gpx(0), "it has no track"), ("\0", "it cannot be read")):
        (tracks / "b.gpx").write_text(text)
        _, warned = applied(house, f"geotag {{ track = {quoted(tracks / 'b.gpx')} }}", source, good=False)
        assert words in warned, warned
    _, warned = applied(house, f"geotag {{ track = {quoted(tracks)} }}", source)
    assert "no place" in warned and "('b.gpx' is left out: it cannot be read" in warned, warned
    (tracks / "a.gpx").write_text(gpx()[:5000])
    output, _ = applied(house, f"geotag {{ track = {quoted(tracks)} }}", source)
    assert said(output / "a.jpg", "-GPSLatitude")
    checked = house.command("check", "--config", house.top / "times.conf")
    advice = " ".join((checked.stdout + checked.stderr).split())
    assert "'a.gpx' is damaged: line " in advice and "'b.gpx' is left out" in advice, advice


# ---- the daemon ----

def a_track_that_grows_or_comes_later_counts_without_a_reload(house):
    tracks = house.top / "tracks"
    tracks.mkdir()
    house.configure(save=f'}} geotag {{ track = {quoted(tracks)} }} save {{ name = "placed/{{stem}}.jpg"')
    house.start()
    placed = lambda name: bool(said(house.output / "placed" / name, "-GPSLatitude"))

    def drop(name, time):
        os.rename(taken(house, name, time, "-OffsetTimeOriginal=+00:00"), house.inbox / name)
        house.await_output(f"placed/{name}")
        return placed(name)

    assert not drop("1.jpg", clock(0))
    house.await_log("no place: the track has no point within 1min of 2024-05-01 12:00:00 UTC "
                    "(the directory has no file that ends in .gpx)")
    (tracks / "one.gpx").write_text(gpx(points=10))
    assert drop("2.jpg", clock(0))
    assert not drop("3.jpg", clock(600))
    (tracks / "one.gpx").write_text(gpx(points=30))  # the directory's own times stay
    assert drop("4.jpg", clock(600))
    assert drop("5.jpg", clock(615))
    wait_until(house.idle, "the ledger has it all")


if __name__ == "__main__":
    sys.exit(main(globals()))
