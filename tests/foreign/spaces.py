"""spaces - conversions between colour spaces, beside those of lcms through Pillow, with our profiles and
others."""
import io
import itertools
import sys

import numpy
from PIL import Image, ImageCms

from foreign import apart, as_image, as_pixels, files_made, main, photo, read, white_of, write

WORDS = {"srgb": "sRGB", "p3": "Display P3", "adobe-rgb": "compatible with Adobe RGB (1998)",
         "prophoto": "compatible with ProPhoto RGB", "grey": "grey with the curve of sRGB"}
INTENTS = {"perceptual": ImageCms.Intent.PERCEPTUAL, "relative": ImageCms.Intent.RELATIVE_COLORIMETRIC,
           "saturation": ImageCms.Intent.SATURATION, "absolute": ImageCms.Intent.ABSOLUTE_COLORIMETRIC}
BLACK_POINT, EXACT = 0x2000, 0x100  # lcms' flags: black point compensation, and no table that is faster
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def profile_of(path):
    with Image.open(path) as image:
        return image.info.get("icc_profile")


def opened(profile):
    return ImageCms.ImageCmsProfile(io.BytesIO(profile))


def by_lcms(pixels, source, target, intent="relative", black_point=True, exact=False):
    """An array of 8 bits, converted; its alpha stays."""
    colours = pixels[:, :, :(pixels.shape[2] - 1) // 2 * 2 + 1]
    image = as_image(colours)
    mode = "L" if opened(target).profile.xcolor_space.strip() == "GRAY" else "RGB"
    if opened(source).profile.xcolor_space.strip() == "RGB":
        image = image.convert("RGB")
    change = ImageCms.buildTransform(opened(source), opened(target), image.mode, mode, INTENTS[intent],
                                     (BLACK_POINT if black_point else 0) | (EXACT if exact else 0))
    return numpy.concatenate([as_pixels(ImageCms.applyTransform(image, change)), pixels[:, :, colours.shape[2]:]], 2)


def our_profiles(house):
    """Of each word the profile that an output carries, by a picture of one pixel."""
    one = write(house.top / "source.png", photo(1, 1))
    made = files_made(house, one, {word: f"icc {{ to = {word} }}" for word in WORDS})
    return {word: profile_of(path) for word, path in made.items()}


def eight(pixels):
    return pixels if pixels.dtype == numpy.uint8 else numpy.rint(pixels / 257).astype(numpy.uint8)


def the_words_of_spaces_name_profiles_that_lcms_reads_as_such(house):
    white = {"srgb": (0.64, 0.33), "p3": (0.68, 0.32), "adobe-rgb": (0.64, 0.33), "prophoto": (0.7347, 0.2653)}
    for word, profile in our_profiles(house).items():
        assert ImageCms.getProfileDescription(opened(profile)).strip() == WORDS[word], word
        if word != "grey":  # red, at the white of profiles; as it is seen where the white is that of D65
            red = opened(profile).profile.chromaticity[0]
            assert abs(red[0] - white[word][0]) < 0.02 and abs(red[1] - white[word][1]) < 0.02, (word, red)


def pictures_are_converted_as_lcms_does_it(house):
    """From each space to each, of 8 and 16 bits, grey and with alpha."""
    profiles = our_profiles(house)
    steps = {word: f"icc {{ to = {word} }}" for word in WORDS}
    for word, (bands, depth) in itertools.product(WORDS, ((3, 8), (4, 8), (3, 16), (1, 8), (2, 16))):
        if (bands < 3) != (word == "grey"):
            continue
        pixels = photo(80, 60, bands=bands)
        pixels = pixels if depth == 8 else pixels.astype(numpy.uint16) * 257
        source = write(house.top / "source.png", pixels, profiles[word])
        for to, path in files_made(house, source, steps).items():
            want = by_lcms(eight(pixels), profiles[word], profiles[to], exact=depth == 16)
            assert apart(eight(read(path)), want) <= (0 if depth == 8 else 1), (word, to, bands, depth)
            assert profile_of(path) == profiles[to], (word, to)


def each_intent_and_black_point_is_that_of_lcms(house):
    profiles = our_profiles(house)
    pixels = photo(80, 60)
    for name, step in {"p3": "icc {{ to = p3 intent = {} black_point = {} }}",
                       "file": 'icc {{ to = "' + str(house.top / "file.icc") + '" intent = {} black_point = {} }}'}.items():
        target = profiles["prophoto"] if name == "file" else profiles["p3"]
        (house.top / "file.icc").write_bytes(target)
        cases = list(itertools.product(INTENTS, ("yes", "no")))
        source = write(house.top / "source.png", pixels, profiles["adobe-rgb"])
        made = files_made(house, source, {f"{i}-{b}": step.format(i, b) for i, b in cases})
        for intent, black in cases:
            want = by_lcms(pixels, profiles["adobe-rgb"], target, intent, black == "yes")
            assert apart(read(made[f"{intent}-{black}"]), want) <= 1, (name, intent, black)


def a_picture_without_a_profile_is_what_assume_says(house):
    profiles = our_profiles(house)
    cases = {3: ("srgb", "adobe-rgb", "prophoto"), 1: ("srgb", "adobe-rgb", "grey"), 4: ("srgb", "p3")}
    (house.top / "own.icc").write_bytes(profiles["prophoto"])
    for bands, words in cases.items():
        pixels = photo(80, 60, bands=bands)
        source = write(house.top / "source.png", pixels)
        steps = {word: f"icc {{ to = p3 assume = {word} }}" for word in words}
        steps |= {"none": "icc { to = p3 }", "file": f'icc {{ to = p3 assume = "{house.top / "own.icc"}" }}'}
        made = files_made(house, source, steps)
        for name, path in made.items():
            profile = SRGB if name in ("none", "srgb") else profiles["prophoto" if name == "file" else name]
            assert apart(read(path), by_lcms(pixels, profile, profiles["p3"])) <= 1, (bands, name)
    with_one = write(house.top / "source.png", photo(80, 60), profiles["adobe-rgb"])
    (path,) = files_made(house, with_one, {"its-own": "icc { to = srgb assume = prophoto }"}).values()
    assert apart(read(path), by_lcms(photo(80, 60), profiles["adobe-rgb"], profiles["srgb"])) <= 1
    coloured = write(house.top / "source.png", photo(80, 60))
    (path,) = files_made(house, coloured, {"grey": "icc { to = p3 assume = grey }"}).values()
    assert apart(read(path), by_lcms(photo(80, 60), SRGB, profiles["p3"])) <= 1


def a_save_in_a_space_makes_what_icc_makes_before_it(house):
    profiles = our_profiles(house)
    config, source = house.top / "save.conf", house.top / "source.png"
    words = [word for word in WORDS if word != "srgb"]
    saves = [f'save {{ name = "save-{word}.{end}" exists = replace space = {word} }}'
             for word in words for end in ("png", "tif")]
    config.write_text('profile "s" { save { name = "save-grey.gif" space = grey exists = replace }\n'
                      + "\n".join(saves) + " }")
    for bands in (1, 3, 4):
        pixels = photo(80, 60, bands=bands)
        write(source, pixels, profiles["adobe-rgb"] if bands > 2 else None)
        done = house.command("run", "s", "--config", config, "--output", house.output, source)
        assert done.returncode == 0, done.stderr
        for word in words:
            own = profiles["adobe-rgb"] if bands > 2 else SRGB
            want = by_lcms(pixels, own, profiles[word])
            for end in ("png", "tif"):
                path = house.output / f"save-{word}.{end}"
                assert profile_of(path) == profiles[word], (word, end)
                with Image.open(path) as image:
                    assert apart(as_pixels(image), want) <= 1, (bands, word, end)
        with Image.open(house.output / "save-grey.gif") as image:
            grey = by_lcms(pixels, own, profiles["grey"])
            assert apart(as_pixels(image.convert("L")), grey[:, :, :1]) <= 1 or bands == 4
    config.write_text('profile "s" { save { name = "a.gif" space = p3 } }')
    refused = house.command("check", "--config", config)
    assert "a gif has no place for a colour profile" in refused.stderr + refused.stdout, refused


if __name__ == "__main__":
    sys.exit(main(globals()))
