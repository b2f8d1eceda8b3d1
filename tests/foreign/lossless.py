"""lossless - a JPEG that is turned, cut and recompressed as it is coded, beside jpegtran's and djxl's."""
import io
import json
import subprocess
import sys

import numpy
from PIL import Image, ImageOps

from foreign import as_image, as_pixels, main, mean_apart, photo, run

# As jpegtran calls what makes upright what has this orientation of EXIF.
TRANSFORMS = {1: (), 2: ("-flip", "horizontal"), 3: ("-rotate", "180"), 4: ("-flip", "vertical"), 5: ("-transpose",),
              6: ("-rotate", "90"), 7: ("-transverse",), 8: ("-rotate", "270")}
KINDS = {"444": {"subsampling": 0}, "422": {"subsampling": 1}, "420": {"subsampling": 2}, "grey": {},
         "progressive": {"progressive": True}}
SIZES = ((96, 64), (75, 64), (96, 53), (75, 53))  # whole blocks; and odd edges on the right, below, and both


def jpeg(path, kind, size, orientation=1, **more):
    exif = Image.Exif()
    exif[0x10F] = "Camera"
    exif[0x112] = orientation
    as_image(photo(*size, 1 if kind == "grey" else 3)).save(path, "JPEG", quality=90, exif=exif, **KINDS[kind], **more)
    return path


def jpegtran(kind, *arguments):
    """What it makes of the last argument, a file; None where it refuses."""
    progressive = ("-progressive",) if kind == "progressive" else ()
    done = subprocess.run(["jpegtran", "-copy", "none", *progressive, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=60)
    return None if done.returncode else done.stdout


def coded(file):
    """From the frame on: all that says what the pixels are, but the tables of quantizers."""
    return file[min(file.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in file):]


def done(house, steps, source, good=True):
    """Runs the steps and what saves; of a directory or a file."""
    config = house.top / "lossless.conf"
    config.write_text(f'profile "p" {{\n{steps}\n}}\n')
    result = house.command("run", "p", "--config", config, "--output", house.output, source)
    assert (result.returncode == 0) == good, result.stdout + result.stderr
    return " ".join((result.stdout + result.stderr).split())


def sources(house, sizes=SIZES, orientations=range(1, 9), kinds=KINDS):
    directory = house.top / "sources"
    directory.mkdir()
    for kind in kinds:
        for size in sizes:
            for orientation in orientations:
                yield kind, size, orientation, jpeg(directory / f"{kind}-{size[0]}x{size[1]}-{orientation}.jpg", kind, size,
                                                    orientation)


def each_orientation_is_turned_as_jpegtran_does(house):
    made = list(sources(house))
    done(house, 'lossless { edges = trim } save { name = "{stem}" }', house.top / "sources")
    for kind, _, orientation, source in made:
        output = house.output / source.name
        want = jpegtran(kind, *TRANSFORMS[orientation], "-trim", source)
        assert coded(output.read_bytes()) == coded(want), source.name
        with Image.open(output) as out:
            assert out.getexif().get(0x112, 1) == 1 and out.getexif()[0x10F] == "Camera", source.name
    assert len(made) == 160


def what_jpegtran_cannot_turn_perfectly_is_refused(house):
    made = list(sources(house))
    said = done(house, 'lossless {} save { name = "{stem}" }', house.top / "sources", good=False)
    for kind, _, orientation, source in made:
        want = jpegtran(kind, *TRANSFORMS[orientation], "-perfect", source)
        output = house.output / source.name
        assert output.exists() == (want is not None), source.name
        if want:
            assert coded(output.read_bytes()) == coded(want), source.name
    assert "set edges = trim, which cuts off 11 columns, or edges = reencode" in said, said


def what_would_lose_its_edges_is_encoded_whole_where_that_is_asked_for(house):
    source = jpeg(house.top / "a.jpg", "420", (75, 53), 3)
    said = done(house, 'lossless { edges = reencode } save { name = "a" quality = 95 }', source)
    assert "re-encoded: its edges lie inside of blocks" in said, said
    with Image.open(house.output / "a.jpg") as out, Image.open(source) as before:
        want = ImageOps.exif_transpose(before)
        assert mean_apart(as_pixels(out), as_pixels(want)) < 3


def each_turn_is_of_the_picture_as_it_is_seen(house):
    words = {"90": Image.Transpose.ROTATE_270, "180": Image.Transpose.ROTATE_180, "270": Image.Transpose.ROTATE_90,
             "mirror": Image.Transpose.FLIP_LEFT_RIGHT}
    made = list(sources(house, [(96, 64)], kinds=["422", "420"]))
    done(house, "\n".join(f'branch {{ lossless {{ turn = {word} }} save {{ name = "{{stem}}-{word}" }} }}' for word in words),
         house.top / "sources")
    for _, _, _, source in made:
        for word, method in words.items():
            with Image.open(house.output / f"{source.stem}-{word}.jpg") as out, Image.open(source) as before:
                want = ImageOps.exif_transpose(before).transpose(method)
                assert out.size == want.size and mean_apart(as_pixels(out), as_pixels(want)) < 1, (source.name, word)


def what_is_cut_and_made_grey_is_what_jpegtran_makes(house):
    for kind in KINDS:
        source = jpeg(house.top / f"{kind}.jpg", kind, (203, 150))
        steps = ('branch { lossless { crop = "32px 48px 77px 61px" } save { name = "{stem}-crop" } }'
                 'branch { lossless { crop = 16px } save { name = "{stem}-margin" } }'
                 'branch { lossless { grey = yes } save { name = "{stem}-grey" } }'
                 'branch { lossless { grey = yes crop = 8px } save { name = "{stem}-both" } }'
                 'branch { lossless { turn = 180 crop = "0px 0px 192px 144px" edges = trim }'
                 ' save { name = "{stem}-turned" } }')
        done(house, steps, source)
        lightness = house.top / "lightness.jpg"
        lightness.write_bytes(jpegtran(kind, "-grayscale", source))
        wanted = {"crop": ("-crop", "77x61+32+48", source), "margin": ("-crop", "171x118+16+16", source),
                  "grey": ("-grayscale", source), "both": ("-crop", "187x134+8+8", lightness)}
        for name, arguments in wanted.items():
            assert coded((house.output / f"{kind}-{name}.jpg").read_bytes()) == coded(jpegtran(kind, *arguments)), (kind, name)
        block = 8 if kind in ("444", "grey") else 16
        with Image.open(house.output / f"{kind}-turned.jpg") as out, Image.open(source) as before:
            seen = before.transpose(Image.Transpose.ROTATE_180)
            left, top = 203 % (8 if block == 8 else 16), 150 % (16 if kind in ("420", "progressive") else 8)
            assert out.size == (192 - left, 144 - top), (kind, out.size)
            want = as_pixels(seen)[top:top + out.size[1], left:left + out.size[0]]
            assert mean_apart(as_pixels(out), want) < 1, kind


def a_picture_that_is_cut_begins_between_two_blocks(house):
    """More is cut off with edges = trim; nothing that was to go remains."""
    source = jpeg(house.top / "a.jpg", "420", (203, 150), 6)
    with Image.open(source) as before:
        seen = as_pixels(ImageOps.exif_transpose(before))
    done(house, 'lossless { crop = "13px 9px 100px 40%" edges = trim } save { name = "a" }', source)
    with Image.open(house.output / "a.jpg") as out:
        right, below = 113, 9 + round(0.4 * 203)
        # stored upside down to the left: rows of what is stored, from its lower edge, become columns
        left = 150 - (150 - 13) // 16 * 16
        top = 16
        assert out.size == (right - left, below - top), out.size
        assert mean_apart(as_pixels(out), seen[top:below, left:right]) < 1


def save_encodes_again_only_where_it_or_a_step_asks_for_it(house):
    source = jpeg(house.top / "a.jpg", "420", (96, 64), 6)
    want = coded(jpegtran("420", "-rotate", "90", source))
    saves = {"same": "", "density": "dpi = 300", "bare": "metadata = none", "two": "", "fits": "at_most = 100KB",
             "quality": "quality = 60", "progressive": "progressive = yes", "space": "space = adobe-rgb"}
    steps = "\n".join(f'save {{ name = "{name}" {settings} }}' for name, settings in saves.items())
    done(house, f'lossless {{}} {steps} branch {{ brightness {{ strength = 10% }} save {{ name = "bright" }} }}'
                f' save {{ name = "picture.png" }}', source)
    for name in (*saves, "bright"):
        kept = coded((house.output / f"{name}.jpg").read_bytes()) == want
        assert kept == (name not in ("quality", "progressive", "space", "bright")), name
    with Image.open(house.output / "picture.png") as out, Image.open(house.output / "same.jpg") as same:
        assert mean_apart(as_pixels(out), as_pixels(same)) < 1


def the_picture_says_what_is_true_after_it(house):
    small = house.top / "small.jpg"
    as_image(photo(32, 24)).save(small, quality=50)
    source = jpeg(house.top / "a.jpg", "420", (96, 64), 6)
    run("exiftool", "-q", "-overwrite_original", f"-ThumbnailImage<={small}", "-ExifImageWidth=96", "-ExifImageHeight=64",
        "-XMP-tiff:Orientation#=6", "-XMP-dc:Title=A field", "-IPTC:City=Graz", source)
    done(house, 'lossless { crop = 16px } save { name = "a" }', source)
    found = json.loads(run("exiftool", "-j", "-G1", "-n", house.output / "a.jpg").stdout)[0]
    assert "IFD1:ThumbnailImage" not in found and found.get("IFD0:Orientation", 1) == 1, found
    assert found.get("XMP-tiff:Orientation", 1) == 1, found
    assert (found["ExifIFD:ExifImageWidth"], found["ExifIFD:ExifImageHeight"]) == (32, 64), found
    assert (found["File:ImageWidth"], found["File:ImageHeight"]) == (32, 64), found
    assert (found["XMP-dc:Title"], found["IPTC:City"], found["IFD0:Make"]) == ("A field", "Graz", "Camera"), found
    before, after = (set(run("exiftool", "-validate", "-warning", "-a", path).stdout.splitlines()[1:])
                     for path in (source, house.output / "a.jpg"))
    assert after <= before, after - before


def a_picture_that_lies_as_it_is_seen_stays_as_it_is_coded(house):
    """Codes made for it, too, which jpegtran would make larger."""
    source, small = jpeg(house.top / "a.jpg", "420", (75, 53), optimize=True), house.top / "small.jpg"
    as_image(photo(32, 24)).save(small)
    run("exiftool", "-q", "-overwrite_original", f"-ThumbnailImage<={small}", source)
    done(house, 'lossless {} save { name = "a" }', source)
    assert coded((house.output / "a.jpg").read_bytes()) == coded(source.read_bytes())
    kept = run("exiftool", "-s3", "-ThumbnailLength", house.output / "a.jpg").stdout.strip()
    assert kept == str(small.stat().st_size), kept


def what_is_not_changed_without_loss_says_what_to_do(house):
    pixels = photo(96, 64)
    as_image(pixels).save(house.top / "a.png")
    said = done(house, "lossless {} save {}", house.top / "a.png", good=False)
    assert "this picture is a PNG; use turn, crop and grey instead of lossless" in said, said
    as_image(pixels).convert("CMYK").save(house.top / "a.jpg")
    said = done(house, "lossless {} save {}", house.top / "a.jpg", good=False)
    assert "CMYK" in said and "set edges = reencode, or use turn, crop and grey" in said, said
    source = jpeg(house.top / "b.jpg", "420", (96, 64))
    said = done(house, "blur {} lossless {} save {}", source, good=False)
    assert "put lossless before the steps that change pixels" in said, said


def a_damaged_jpeg_is_refused_as_a_decoder_does(house):
    source = jpeg(house.top / "a.jpg", "420", (203, 150))
    whole = source.read_bytes()
    scan = whole.index(b"\xff\xda") + 400
    source.write_bytes(whole[:scan] + bytes(numpy.random.default_rng(1).integers(0, 255, 300, numpy.uint8))
                       + whole[scan + 300:])
    decoded = done(house, 'save { name = "x.png" }', source, good=False)
    said = done(house, 'lossless { turn = 180 edges = trim } save { name = "a" }', source, good=False)
    assert "damaged" in said and "damaged" in decoded, (said, decoded)
    source.write_bytes(whole[:-2])  # all but its end mark: every viewer shows it
    done(house, 'lossless { turn = 180 edges = trim } save { name = "b" }', source)
    with Image.open(io.BytesIO((house.output / "b.jpg").read_bytes())) as out:
        out.load()


def unpacked(path):
    """The JPEG that djxl makes of a JPEG XL."""
    back = path.with_suffix(".back.jpg")
    run("djxl", path, back)
    return back.read_bytes()


def a_jpeg_is_the_same_file_again_after_jpeg_xl(house):
    directory = house.top / "sources"
    made = list(sources(house, [(75, 53)], [6]))
    run("exiftool", "-q", "-overwrite_original", "-XMP-dc:Title=A field", "-IPTC:City=Graz", directory)
    behind = directory / "behind.jpg"
    behind.write_bytes(jpeg(behind, "420", (203, 150)).read_bytes() + b"a film of three seconds" * 100)
    done(house, 'save { name = "{stem}" format = jxl lossless = yes }', directory)
    for source in (*(one[3] for one in made), behind):
        output = house.output / f"{source.stem}.jxl"
        assert unpacked(output) == source.read_bytes(), source.name
        shown = house.top / "shown.png"
        run("djxl", output, shown)
        with Image.open(shown) as out, Image.open(source) as before:
            want = ImageOps.exif_transpose(before)
            assert mean_apart(as_pixels(out.convert(want.mode)), as_pixels(want)) < 1, source.name
    found = json.loads(run("exiftool", "-j", "-G1", "-n", house.output / "420-75x53-6.jxl").stdout)[0]
    assert (found["XMP-dc:Title"], found["IFD0:Make"]) == ("A field", "Camera"), found


def a_large_jpeg_takes_a_fifth_less_as_jpeg_xl(house):
    source = jpeg(house.top / "a.jpg", "420", (1200, 900))
    done(house, 'save { name = "a" format = jxl lossless = yes }', source)
    assert (house.output / "a.jxl").stat().st_size < 0.85 * source.stat().st_size


def jpeg_xl_holds_what_lossless_made_and_what_metadata_leaves(house):
    source = jpeg(house.top / "a.jpg", "420", (96, 64), 6)
    run("exiftool", "-q", "-overwrite_original", "-XMP-dc:Title=A field", "-XMP-dc:Rights=Ann", source)
    done(house, 'save { name = "bare" format = jxl lossless = yes metadata = none }'
                'save { name = "rights" format = jxl lossless = yes metadata = copyright }'
                'branch { lossless {} save { name = "turned" format = jxl lossless = yes } }'
                'branch { blur {} save { name = "changed" format = jxl lossless = yes } }', source)
    before, turned = coded(source.read_bytes()), coded(jpegtran("420", "-rotate", "90", source))
    for name, want in (("bare", before), ("rights", before), ("turned", turned)):
        assert coded(unpacked(house.output / f"{name}.jxl")) == want, name
    assert b"jbrd" not in (house.output / "changed.jxl").read_bytes()
    found = json.loads(run("exiftool", "-j", "-G1", "-n", house.output / "rights.jxl").stdout)[0]
    assert found["XMP-dc:Rights"] == "Ann" and "XMP-dc:Title" not in found and "IFD0:Make" not in found, found
    run("djxl", house.output / "bare.jxl", house.top / "bare.png")
    with Image.open(house.top / "bare.png") as out:
        assert out.size == (64, 96)


def what_jpeg_xl_cannot_hold_is_written_by_its_pixels(house):
    as_image(photo(96, 64)).convert("CMYK").save(house.top / "a.jpg")
    said = done(house, 'save { name = "a" format = jxl lossless = yes }', house.top / "a.jpg")
    assert "JPEG XL does not hold this JPEG as it is, but its pixels" in said, said
    assert (house.output / "a.jxl").exists()


if __name__ == "__main__":
    sys.exit(main(globals()))
