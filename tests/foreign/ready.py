"""ready - each profile of profiles/ on a landscape, a portrait, a grey, a CMYK, a transparent and a 16-bit
picture, judged by Pillow and ExifTool."""
import json
import os
import re
from pathlib import Path

import numpy
from PIL import Image

from foreign import apart, as_image, as_pixels, flat, main, mean_apart, photo, run, write

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
SOURCES = {"landscape": (1300, 860), "portrait": (500, 750), "grey": (480, 320), "cmyk": (360, 240),
           "alpha": (480, 360), "deep": (320, 480)}
# What people do not want the world to know of a photo.
PRIVATE = re.compile(r"GPS|Serial|Owner|Lens|Model|MakerNote|PersonInImage|City|Rating")
TAGS = ["-Artist=Jo Doe", "-Copyright=2026 Jo Doe", "-ImageDescription=A cup", "-Model=Secret 5",
        "-ExifIFD:SerialNumber=4711", "-OwnerName=Jo Home", "-LensModel=50mm", "-GPSLatitude=50.8",
        "-GPSLatitudeRef=N", "-GPSLongitude=4.3", "-GPSLongitudeRef=E", "-XMP:PersonInImage=Jane",
        "-XMP:Rating=4", "-DateTimeOriginal=2026:05:04 03:02:01"]


# ---- sizes, of a picture that is w x h ----

def boxed(width, height, enlarge=False):
    """As large as the box lets it be."""
    def sizes(w, h):
        factor = min(width / w, height / h)
        return [(w, h)] if factor > 1 and not enlarge else [(round(w * factor), round(h * factor))]
    return sizes


def exact(width, height):
    return lambda w, h: [(width, height)]


def paper(longer, shorter):
    return lambda w, h: [(shorter, longer) if h > w else (longer, shorter)]


def around(size, most=1.6):
    """A little larger than that: something lies around it."""
    def sizes(w, h):
        ((width, height),) = size(w, h)
        return [(width, height), (width * most, height * most)]
    return sizes


def as_it_was(w, h):
    return [(w, h)]


def of_pixels(most):
    return lambda w, h: [(round(w * min(1, (most / w / h) ** .5)), round(h * min(1, (most / w / h) ** .5)))]


def is_size(size, wanted):
    """One of them is the size, give or take a pixel; of two, it is between them."""
    low, high = wanted[0], wanted[-1]
    return all(least - 1 <= side <= most + 1 for side, least, most in zip(size, low, high))


# ---- what each makes: {end of the name: (format, sizes)} ----

PNG, JPEG = "PNG", "JPEG"
TRANSPARENT = {
    "badge": {".png": (PNG, around(exact(400, 400)))},
    "button": {".png": (PNG, around(boxed(128, 128)))},
    "globe": {".png": (PNG, around(exact(400, 400)))},
    "perspective-reflection": {".png": (PNG, lambda w, h: [(150, 240), (900, 1200)])},
    "polaroid": {".png": (PNG, around(exact(600, 600)))},
    "round-corners": {".png": (PNG, boxed(1600, 1600))},
    "round-corners-shadow": {".png": (PNG, around(boxed(800, 800)))},
    "screen-mock-up": {".png": (PNG, lambda w, h: [(600, 600), (1200, 1100)])},
    "screenshot": {".png": (PNG, around(as_it_was))},
    "shaped-button": {".png": (PNG, exact(128, 128))},
}
PUBLISHED = TRANSPARENT | {
    "email": {".jpg": (JPEG, boxed(1920, 1920))},
    "newspaper": {".jpg": (JPEG, boxed(2000, 2000))},
    "print-10x15": {".jpg": (JPEG, paper(1772, 1181))},
    "print-10x15-border": {".jpg": (JPEG, paper(1772, 1181))},
    "product": {".jpg": (JPEG, exact(1600, 1600))},
    "proof": {".jpg": (JPEG, boxed(1200, 1200))},
    "scaled-icons": {f"{n}x{n}/.png": (PNG, exact(n, n)) for n in (512, 256, 128, 96, 72, 64, 48, 32, 24, 16)},
    "social": {f"-{name}.jpg": (JPEG, exact(1080, height)) for name, height in
               {"square": 1080, "post": 1350, "story": 1920}.items()} | {"-link.jpg": (JPEG, exact(1200, 630))},
    "srcset": {f"-{n}.{end}": (kind, boxed(n, 9999)) for n in (1920, 960, 480)
               for end, kind in {"avif": "AVIF", "webp": "WEBP", "jpg": JPEG}.items()},
    "thumbnail": {".jpg": (JPEG, exact(400, 400))},
    "web": {".jpg": (JPEG, boxed(2048, 2048))},
}
KEPT = {
    "archive": {".tif": ("TIFF", as_it_was)},
    "phone-shrink": {".jpg": (JPEG, of_pixels(6e6))},
    "print": {".jpg": (JPEG, boxed(3600, 3600))},
    "resize": {"": (None, boxed(800, 800))},
}


# ---- pictures ----

def end_of(name):
    return ".png" if name in ("grey", "alpha", "deep") else ".jpg"


def make_sources(directory):
    """The six pictures, with all that TAGS say; the portrait is stored on its side."""
    directory.mkdir()
    for name, (width, height) in SOURCES.items():
        path = directory / (name + end_of(name))
        if name == "portrait":
            as_image(photo(height, width)).transpose(Image.Transpose.ROTATE_180).save(path, quality=92)
        elif name == "cmyk":
            as_image(photo(width, height)).convert("CMYK").save(path, quality=92)
        elif name == "landscape":
            as_image(photo(width, height, seed=2)).save(path, quality=95)
        else:
            write(path, photo(width, height, {"grey": 1, "alpha": 4, "deep": 3}[name], 16 if name == "deep" else 8))
    run("exiftool", "-q", "-overwrite_original", *TAGS, directory)
    run("exiftool", "-q", "-overwrite_original", "-n", "-Orientation=8", directory / "portrait.jpg")
    return directory


def ready(house, profile, *sources):
    """What the profile makes of them: {path below the output: what ExifTool says}."""
    output = house.top / f"out-{profile}"
    done = house.command("run", profile, "--output", output, *sources)
    assert done.returncode == 0, done.stderr
    tags = json.loads(run("exiftool", "-j", "-a", "-G1", "-n", "-r", output).stdout)
    return {os.path.relpath(one["SourceFile"], output): {"path": Path(one["SourceFile"]), **one} for one in tags}


def value(tags, name):
    """Of a tag, in whatever group it is."""
    return next((tags[key] for key in tags if key.split(":")[-1] == name), None)


def where(name, end):
    """beach and -1.jpg: beach-1.jpg; beach and 16x16/.png: 16x16/beach.png."""
    directory, _, rest = end.rpartition("/")
    return os.path.join(directory, name + (rest or end_of(name)))


def judged(house, profiles):
    """Each output of each profile has the format and the size that its row says, and there is no other."""
    sources = make_sources(house.top / "sources")
    for profile, outputs in profiles.items():
        made = ready(house, profile, sources)
        wanted = {where(name, end): (name, *row) for end, row in outputs.items() for name in SOURCES}
        assert sorted(made) == sorted(wanted), (profile, sorted(made))
        for path, (name, kind, sizes) in wanted.items():
            tags = made[path]
            assert (kind or {".png": PNG, ".jpg": JPEG}[end_of(name)]) in value(tags, "FileType"), (profile, path)
            size = (value(tags, "ImageWidth"), value(tags, "ImageHeight"))
            assert is_size(size, sizes(*SOURCES[name])), (profile, path, size)
            assert value(tags, "Orientation") in (None, 1), (profile, path)
            yield profile, name, tags


def is_public(tags):
    """It says who made it and what it shows, no more, and is sRGB."""
    named = [key for key in tags if PRIVATE.search(key.split(":")[-1]) and not key.startswith("ICC")]
    icc = value(tags, "ProfileDescription")
    author = value(tags, "Artist") or value(tags, "Creator")
    return not named and author == "Jo Doe" and (icc is None or "sRGB" in icc)


def channels(tags):
    with Image.open(tags["path"]) as image:
        return image.convert("RGBA") if "transparency" in image.info else image.copy()


# ---- scenarios ----

def profiles_with_transparency_are_clear_at_the_corners_and_say_nothing_private(house):
    for profile, name, tags in judged(house, TRANSPARENT):
        assert is_public(tags), (profile, name, tags)
        image = channels(tags)
        assert image.mode in ("RGBA", "LA") or "A" in image.mode, (profile, name, image.mode)
        alpha = numpy.asarray(image.getchannel("A"))
        assert min(alpha[0, 0], alpha[-1, 0]) < 4, (profile, name)
        through = name == "alpha" and profile != "screen-mock-up"
        assert through or alpha[alpha.shape[0] // 3, alpha.shape[1] // 2] == 255, (profile, name)
        if profile != "round-corners":
            assert value(tags, "BitDepth") == 8, (profile, name)


def published_profiles_have_the_sizes_that_they_promise_and_say_nothing_private(house):
    others = {name: outputs for name, outputs in PUBLISHED.items() if name not in TRANSPARENT}
    for profile, name, tags in judged(house, others):
        assert is_public(tags), (profile, name, tags)
        if value(tags, "FileType") == JPEG:
            colours = "L" if profile == "newspaper" or name == "grey" else "RGB"
            assert channels(tags).mode == colours, (profile, name)
        if profile == "email":
            assert tags["path"].stat().st_size < 1_000_000, name
        if profile.startswith("print"):
            assert value(tags, "XResolution") == 300, (profile, name)
        if profile == "newspaper":
            assert value(tags, "XResolution") == 200, name


def profiles_for_oneself_keep_what_a_picture_says(house):
    for profile, name, tags in judged(house, KEPT):
        assert value(tags, "Model") == "Secret 5" and value(tags, "GPSLatitude") is not None, (profile, name)
        if profile == "archive":
            bits = str(value(tags, "BitsPerSample")).split()
            assert set(bits) == {"16"}, (name, bits)
        if profile in ("archive", "phone-shrink"):
            assert "2026:05:04 03:02:01" in run("exiftool", "-s3", "-FileModifyDate", tags["path"]).stdout, name


def a_product_is_cut_out_and_lies_in_the_middle_of_white(house):
    pixels = flat(900, 600, 250, 250, 250)
    pixels[100:300, 50:350] = photo(300, 200)
    (tags,) = ready(house, "product", write(house.top / "cup.png", pixels)).values()
    made = as_pixels(channels(tags)).astype(int)
    assert made[:300].min() >= 250 and made[-300:].min() >= 250, "there is no white above and below"
    across = (made[700:900] < 245).any((0, 2))
    first, last = across.argmax(), 1600 - across[::-1].argmax()
    assert abs(first - 80) < 4 and abs(last - 1520) < 4, (first, last)


def a_large_photo_becomes_as_small_as_the_web_and_mail_take_it(house):
    source = house.top / "large.jpg"
    noise = numpy.random.default_rng(3).normal(0, 30, (1700, 2550, 3))
    as_image(numpy.clip(photo(2550, 1700) + noise, 0, 255).astype(numpy.uint8)).save(source, quality=95)
    for profile, size in {"web": (2048, 1365), "email": (1920, 1280), "newspaper": (2000, 1333)}.items():
        (tags,) = ready(house, profile, source).values()
        assert channels(tags).size == size, (profile, channels(tags).size)
        if profile == "email":
            assert 700_000 < tags["path"].stat().st_size < 1_000_000


def a_proof_has_words_across_it_that_the_web_picture_lacks(house):
    source = house.top / "beach.jpg"
    as_image(photo(1200, 800)).save(source, quality=95)
    (plain,), (marked,) = (ready(house, profile, source).values() for profile in ("web", "proof"))
    difference = abs(as_pixels(channels(plain)).astype(int) - as_pixels(channels(marked)).astype(int)).max(2)
    assert (difference[200:600, 300:900] > 40).mean() > 0.02, "there is nothing in the middle"
    assert (difference[700:, 900:] > 30).mean() > 0.004, "there is no name in the corner"


def a_jpeg_that_is_small_already_keeps_its_coded_picture_on_the_web(house):
    source = house.top / "small.jpg"
    as_image(photo(400, 300)).save(source, quality=30)
    (tags,) = ready(house, "web", source).values()
    assert apart(as_pixels(channels(tags)), as_pixels(Image.open(source))) == 0
    assert tags["path"].stat().st_size <= source.stat().st_size + 1000


def what_is_published_is_brought_into_srgb(house):
    """The same colours, stated in two spaces, become the same numbers."""
    config, plain = house.top / "wide.conf", write(house.top / "plain.png", photo(400, 300))
    config.write_text('profile "wide" { save { name = "wide.png" space = adobe-rgb } }')
    house.command("run", "wide", "--config", config, "--output", house.top, plain, check=True)
    wide = house.top / "wide.png"
    assert mean_apart(as_pixels(Image.open(wide)), as_pixels(Image.open(plain))) > 4, "the numbers differ before"
    for profile in ("web", "thumbnail", "email"):
        made = ready(house, profile, plain, wide)
        for path, tags in made.items():
            if path.startswith("wide"):
                twin = made[path.replace("wide", "plain")]
                assert mean_apart(as_pixels(channels(tags)), as_pixels(channels(twin))) < 2, (profile, path)


def every_ready_profile_is_listed_with_its_purpose_and_passes_check_without_advice(house):
    names = {path.stem for path in PROFILES.glob("*.conf")}
    assert names == set(PUBLISHED) | set(KEPT), "each profile has its row here"
    listed = {line.split()[0]: line for line in house.command("profiles", check=True).stdout.splitlines()}
    folders = []
    for name in sorted(names):
        text = (PROFILES / f"{name}.conf").read_text()
        purpose = re.match(rf"# {name} - (.*)\.\n", text)
        assert purpose and purpose[1] in listed[name], (name, listed.get(name))
        (house.top / f"in-{name}").mkdir()
        folders.append(f'folder "{name}" {{ path = "{house.top}/in-{name}" output = "{house.top}/of-{name}" '
                       f'profile = "{name}" }}\n')
        (house.top / f"of-{name}").mkdir()
    house.config.write_text("".join(folders))
    answer = json.loads(house.command("check", "--json", "--config", house.config, check=True).stdout)
    assert answer["ok"] and not answer["warnings"], answer["warnings"]
    advice = [note for note in answer["notes"] if "is lost" not in str(note)]
    assert not advice, advice


if __name__ == "__main__":
    raise SystemExit(main(globals()))
