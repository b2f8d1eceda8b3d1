"""colours - what changes colours, beside numpy's arithmetic and Pillow."""
import sys

import numpy
from PIL import Image, ImageEnhance, ImageOps

from foreign import apart, as_image, as_pixels, files_made, main, made, photo, read, white_of, write

KINDS = [(bands, depth) for bands in (1, 2, 3, 4) for depth in (8, 16)]


def split(pixels):
    """Colours from 0 to 1, of grey three that are the same, and alpha, if there is one."""
    colours = pixels.shape[2] // 3 * 2 + 1
    values = pixels[:, :, :colours] / white_of(pixels)
    return numpy.repeat(values, 3, 2) if colours == 1 else values, pixels[:, :, colours:]


def joined(values, alpha, like):
    """The array of such colours, 1 or 3, and alpha as it was."""
    return numpy.concatenate([numpy.rint(numpy.clip(values, 0, 1) * white_of(like)).astype(like.dtype), alpha], 2)


def weighted(values, *weights):
    return (values * weights).sum(2, keepdims=True)


def luma(values):
    """Of Rec. 601, in the 16 binary digits of Pillow's convert("L")."""
    return weighted(values, 19595 / 65536, 38470 / 65536, 7471 / 65536)


def grey_of(values, like):
    """The same in the depth of the picture."""
    return numpy.floor(luma(values) * white_of(like) + 0.5) / white_of(like)


def grey_is_the_sum_of_the_weighted_colours(house):
    settings = {"luma": (21.26, 71.52, 7.22), "red": (100, 0, 0), "mixed": (60, 30, 10), "more": (200, -50, -20),
                "none": (0, 0, 0), "ends": (-200, 200, 200)}
    steps = {name: f"grey {{ red = {r}% green = {g}% blue = {b}% }}" for name, (r, g, b) in settings.items()}
    steps["default"], settings["default"] = "grey {}", settings["luma"]
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        values, alpha = split(pixels)
        for name, out in made(house, pixels, steps).items():
            grey = weighted(values, *(weight / 100 for weight in settings[name]))
            want = pixels if bands < 3 else joined(grey, alpha, pixels)
            assert apart(out, want) <= (1 if bands > 2 else 0), (name, bands, depth)


def saturation_moves_colours_away_from_grey_as_pillow_does(house):
    steps = {str(strength): f"saturation {{ strength = {strength} }}" for strength in (-100, -55, 0, 30, 100)}
    pixels = photo()
    for name, out in made(house, pixels, steps).items():
        want = ImageEnhance.Color(as_image(pixels)).enhance(1 + float(name) / 100)
        assert apart(out, as_pixels(want)) <= 1, name


def saturation_and_vibrance_are_what_the_manual_says(house):
    settings = [(0, 100), (0, -100), (40, 60), (-30, 80), (100, 100), (0, 0)]
    steps = {f"{s} {v}".replace(" ", "_"): f"saturation {{ strength = {s}% vibrance = {v}% }}" for s, v in settings}
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        values, alpha = split(pixels)
        for name, out in made(house, pixels, steps).items():
            strength, vibrance = (float(number) / 100 for number in name.split("_"))
            weak = 1 - (values.max(2, keepdims=True) - values.min(2, keepdims=True))
            changed = luma(values) + (1 + strength) * (1 + vibrance * weak) * (values - luma(values))
            want = pixels if bands < 3 else joined(changed, alpha, pixels)
            assert apart(out, want) <= 1 if depth == 8 else 2, (name, bands, depth)


def duotone_is_the_colorize_of_pillow(house):
    settings = {"default": ("#735710", "#ffffff", None), "two": ("#102080", "#ffe0a0", None),
                "back": ("#ffffff", "#000000", None), "three": ("#1d2a5c", "#fff3d6", "#a0587a"),
                "steep": ("#000000", "#ffff00", "#ff00ff")}
    steps = {name: f'duotone {{ black = "{black}" white = "{white}" middle = {middle and repr(middle) or "none"} }}'
             .replace("'", '"') for name, (black, white, middle) in settings.items()}
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        values, alpha = split(pixels)
        for name, out in made(house, pixels, steps | {"default": "duotone {}"}).items():
            grey = as_image(numpy.rint(grey_of(values, pixels) * 255).astype(numpy.uint8))
            black, white, middle = settings[name]
            want = as_pixels(ImageOps.colorize(grey, black, white, middle))
            eight = numpy.rint(out[:, :, :3] / (white_of(out) / 255)).astype(numpy.uint8)
            assert apart(eight, want) <= (1 if depth == 8 else 2), (name, bands, depth)
            assert apart(out[:, :, 3:], alpha) == 0 if bands % 2 == 0 else out.shape[2] == 3, (name, bands, depth)


def warm_is_half_a_parabola_through_the_midtone(house):
    """By default half of it shows, and half of the light that the midtone takes is given back."""
    settings = {"default": ((128, 93, 64), 0.5, 0.5), "whole": ((128, 93, 64), 0.5, 1), "dark": ((0, 40, 90), 1, 1),
                "light": ((255, 220, 130), 1, 1), "plain": ((128, 93, 64), 0, 0.3)}
    steps = {name: f'warm {{ midtone = "#{r:02x}{g:02x}{b:02x}" brighten = {brighten:.0%} amount = {amount:.0%} }}'
             for name, ((r, g, b), brighten, amount) in settings.items()}
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        values, alpha = split(pixels)
        for name, out in made(house, pixels, steps | {"default": "warm {}"}).items():
            midtone, brighten, amount = settings[name]
            middle = numpy.array(midtone) / 255
            middle = middle + max(0.5 - luma(middle[None, None])[0, 0, 0], 0) * brighten
            grey = grey_of(values, pixels)
            warm = numpy.clip(grey + 4 * grey * (1 - grey) * (middle - 0.5), 0, 1)
            want = joined(values + amount * (warm - values), alpha, pixels)
            assert apart(out, want) <= (1 if depth == 8 else 2), (name, bands, depth)


def balanced(values, warmth, tint, auto, counted):
    """By the formulas of the manual; `counted` are the pixels that are not fully transparent."""
    gains = numpy.array([2 ** (warmth / 200), 2 ** (-tint / 200), 2 ** (-warmth / 200)])
    gains /= gains @ (0.2126, 0.7152, 0.0722)
    if auto == "grey-world":
        gains *= counted.mean() / counted.mean(0)
    if auto == "white-patch":
        gains *= 1 / counted.max(0)
    return values * gains


def white_balance_multiplies_each_colour_as_the_manual_says(house):
    settings = [(0, 0, "no"), (100, 0, "no"), (-100, 0, "no"), (0, 100, "no"), (30, -100, "no"), (0, 0, "grey-world"),
                (0, 0, "white-patch"), (-20, 10, "grey-world"), (50, 0, "white-patch")]
    steps = {f"{number}": f"white_balance {{ warmth = {warmth} tint = {tint} auto = {auto} }}"
             for number, (warmth, tint, auto) in enumerate(settings)}
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        pixels[:, :, 0] = pixels[:, :, 0] * 0.7
        values, alpha = split(pixels)
        counted = values[alpha[:, :, 0] > 0] if bands == 4 else values.reshape(-1, 3)
        for name, out in made(house, pixels, steps).items():
            want = joined(balanced(values, *settings[int(name)], counted), alpha, pixels)
            assert apart(out, pixels if bands < 3 else want) <= (1 if bands > 2 else 0), (name, bands, depth)


def a_grey_world_has_one_mean_and_a_white_patch_becomes_white(house):
    pixels = photo()
    pixels = (pixels * (0.4, 0.55, 0.5)).astype(numpy.uint8)
    made_of = made(house, pixels, {auto: f"white_balance {{ auto = {auto} }}" for auto in ("grey-world", "white-patch")})
    means = made_of["grey-world"].mean((0, 1))
    assert means.max() - means.min() < 0.5 < pixels.mean((0, 1)).max() - pixels.mean((0, 1)).min(), means
    assert (made_of["white-patch"].max((0, 1)) == 255).all() and pixels.max() < 255


# ---- transparency ----

def over(values, alpha, colour):
    return values * alpha + numpy.array(colour) * (1 - alpha)


def removed(values, own, colour, tolerance):
    """The alpha and the colours of what is left where `colour` becomes transparent, by the way of GIMP."""
    colour = numpy.array(colour, float)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        far = numpy.where(values > colour, (values - colour) / (1 - colour), (colour - values) / colour)
        alpha = numpy.where(values == colour, 0, far).max(2, keepdims=True)
        left = numpy.where(alpha > 0, colour + (values - colour) / alpha, values)
    return left, own * numpy.clip((alpha - tolerance) / max(1 - tolerance, 1e-9), 0, 1)


def colour_to_alpha_takes_a_colour_out_as_gimp_does(house):
    colours = {"white": (1, 1, 1), "black": (0, 0, 0), "olive": (128 / 255, 128 / 255, 0), "grey": (0.2, 0.2, 0.2)}
    settings = {f"{name}-{tolerance}": (colour, tolerance / 100)
                for name, colour in colours.items() for tolerance in (0, 20)}
    settings["default"] = (colours["white"], 0)
    steps = {name: 'colour_to_alpha {{ colour = "#{:02x}{:02x}{:02x}" tolerance = {:.0%} }}'.format(
        *(round(255 * value) for value in colour), tolerance) for name, (colour, tolerance) in settings.items()}
    steps |= {"all": "colour_to_alpha { tolerance = 100% }", "default": "colour_to_alpha {}"}
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        values, alpha = split(pixels)
        own = alpha / white_of(pixels) if bands % 2 == 0 else 1
        outputs = made(house, pixels, steps)
        assert outputs.pop("all")[:, :, -1].max() == 0
        for name, out in outputs.items():
            colour, tolerance = settings[name]
            left, shown = removed(values, own, colour, tolerance)
            grey = bands < 3 and len(set(colour)) == 1
            assert out.shape[2] == (2 if grey else 4), name
            want = joined(left[:, :, :1] if grey else left, numpy.rint(shown * white_of(pixels)).astype(out.dtype),
                          pixels)
            assert apart(out, want) <= (1 if depth == 8 else 2), (name, bands, depth)


def over_the_colour_that_was_taken_out_the_picture_looks_as_before(house):
    pixels = photo()
    pixels[:2, :2], pixels[:2, -2:], pixels[-2:, :2], pixels[-2:, -2:] = (9, 200, 60), 255, (250, 0, 0), (90, 80, 200)
    corners = {"top-left": (0, 0), "top-right": (0, -1), "bottom-left": (-1, 0), "bottom-right": (-1, -1)}
    steps = {name: f"colour_to_alpha {{ colour = {name} }}" for name in corners}
    for name, out in made(house, pixels, steps).items():
        colour = pixels[corners[name]]
        seen = over(out[:, :, :3].astype(float), out[:, :, 3:] / 255, colour)
        assert apart(numpy.rint(seen), pixels.astype(float)) <= 1, name
        assert out[corners[name]][3] == 0 and out[:, :, 3].max() == 255, name


# ---- convert ----

def convert_makes_grey_and_black_and_white_as_pillow_does(house):
    steps = {"L": "convert { to = grey }", "1": "convert { depth = 1 }", "no": "convert { depth = 1 dither = no }",
             "both": "convert { to = grey depth = 1 }"}
    for bands in (1, 3):
        pixels = photo(bands=bands)
        image = as_image(pixels)
        wants = {"L": image.convert("L"), "1": image.convert("1"), "no": image.convert("1", dither=Image.Dither.NONE),
                 "both": image.convert("1")}
        for name, out in made(house, pixels, steps).items():
            assert apart(out, as_pixels(wants[name].convert("L"))) == 0, (name, bands)


def black_and_white_is_one_bit_of_a_png_and_of_a_tiff(house):
    pixels = photo()
    (path,) = files_made(house, write(house.top / "source.png", pixels), {"bits": "convert { depth = 1 }"}).values()
    assert path.read_bytes()[24:26] == b"\1\0", path.read_bytes()[16:26]
    source, config = house.top / "source.png", house.top / "tiff.conf"
    config.write_text('profile "t" { convert { depth = 1 } save { name = "a.tif" compression = ccitt } }')
    house.command("run", "t", "--config", config, "--output", house.output, source)
    with Image.open(house.output / "a.tif") as tiff:
        assert tiff.mode == "1" and apart(as_pixels(tiff.convert("L")), read(path)) == 0


def convert_changes_depth_and_transparency_and_nothing_else(house):
    steps = {"8": "convert { depth = 8 }", "16": "convert { depth = 16 }", "rgb": "convert { to = rgb }",
             "add": "convert { alpha = add }", "drop": "convert { alpha = drop }", "same": "convert {}",
             "all": "convert { to = rgb depth = 16 alpha = add }"}
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        made_of = made(house, pixels, steps)
        white = white_of(pixels)
        alpha = pixels[:, :, -1:] if bands % 2 == 0 else numpy.full_like(pixels[:, :, :1], white)
        own = pixels[:, :, :(bands - 1) // 2 * 2 + 1]
        three = numpy.repeat(own, 3, 2) if bands < 3 else own
        whole = numpy.concatenate([own, alpha], 2)
        flat = numpy.rint(over(own.astype(float), alpha / white, white)).astype(pixels.dtype)
        assert apart(made_of["same"], pixels) == apart(made_of["add"], whole) == 0, (bands, depth)
        assert apart(made_of["drop"], flat) <= (1 if bands % 2 == 0 else 0), (bands, depth)
        assert apart(made_of["rgb"], numpy.concatenate([three, pixels[:, :, own.shape[2]:]], 2)) == 0, (bands, depth)
        deep = (pixels.astype(int) * (257 if depth == 8 else 1)).astype(numpy.uint16)
        less = numpy.rint(pixels / (white / 255)).astype(numpy.uint8)
        assert apart(made_of["16"], deep) == apart(made_of["8"], less) == 0, (bands, depth)
        assert made_of["all"].shape[2] == 4 and made_of["all"].dtype == numpy.uint16, (bands, depth)


if __name__ == "__main__":
    sys.exit(main(globals()))
