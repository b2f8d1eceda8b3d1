"""tones - curves, beside numpy's arithmetic, Pillow and ImageMagick."""
import sys

import numpy
from PIL import ImageEnhance, ImageOps

from foreign import apart, as_image, as_pixels, main, made, magick, photo, white_of
import icc  # foreign knows where it is

KINDS = ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16), (1, 16))


def ramp(bands=3, depth=8):
    """Every value of 8 bits, or every one of 16, in each colour."""
    values = numpy.arange(2 ** depth).reshape(-1, 256)
    pixels = numpy.stack([numpy.roll(values, 17 * band, 1) for band in range(bands)], 2)
    return pixels.astype(numpy.uint8 if depth == 8 else numpy.uint16)


def expected(pixels, curve):
    """A curve from 0..1 to 0..1 of every colour; alpha stays."""
    white, colours = white_of(pixels), pixels.shape[2] // 3 * 2 + 1
    out = pixels.copy()
    values = curve(pixels[:, :, :colours] / white)
    out[:, :, :colours] = numpy.rint(numpy.clip(values, 0, 1) * white)
    return out


def compare(house, steps, curves):
    """Steps by name on pictures of every kind, beside curves of the same names."""
    for bands, depth in KINDS:
        pixels = photo(bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            assert apart(out, expected(pixels, curves[name])) <= 1, (name, bands, depth)


def brightness_fades_to_black_and_to_white(house):
    strengths = (-100, -60, -1, 0, 7, 50, 100)
    steps = {str(strength): f"brightness {{ strength = {strength}% }}" for strength in strengths}
    compare(house, steps | {"none": "brightness {}", "level": "brightness { level = 7% }"}, {
        str(strength): lambda v, part=strength / 100: v * (1 + part) if part < 0 else v + (1 - v) * part
        for strength in strengths} | {"none": lambda v: v, "level": lambda v: v + (1 - v) * 0.07})


def brightness_below_0_is_that_of_pillow(house):
    pixels = photo()
    for name, out in made(house, pixels, {str(s): f"brightness {{ strength = {s} }}" for s in (-80, -25)}).items():
        assert apart(out, as_pixels(ImageEnhance.Brightness(as_image(pixels)).enhance(1 + int(name) / 100))) <= 1


def invert_makes_a_negative_and_undoes_itself(house):
    compare(house, {"once": "invert {}", "twice": "invert {} invert {}", "half": "invert { amount = 25% }"},
            {"once": lambda v: 1 - v, "twice": lambda v: v, "half": lambda v: v + 0.25 * (1 - 2 * v)})
    for pixels in (ramp(), ramp(1)):
        assert apart(made(house, pixels, {"x": "invert {}"})["x"], as_pixels(ImageOps.invert(as_image(pixels)))) == 0


def solarize_inverts_from_its_threshold_on(house):
    steps = {str(n): f"solarize {{ threshold = {n} }}" for n in (0, 1, 60, 128, 200, 255)} | {"128 ": "solarize {}"}
    for pixels in (ramp(), ramp(1)):
        for name, out in made(house, pixels, steps).items():
            assert apart(out, as_pixels(ImageOps.solarize(as_image(pixels), int(name)))) == 0, name
    compare(house, {"x": "solarize { threshold = 77 }"}, {"x": lambda v: numpy.where(v < 77 / 255, v, 1 - v)})


def posterize_keeps_bits_as_pillow_does(house):
    steps = {str(bits): f"posterize {{ bits = {bits} }}" for bits in range(9)}
    for pixels in (ramp(), ramp(1)):
        for name, out in made(house, pixels, steps).items():
            assert apart(out, as_pixels(ImageOps.posterize(as_image(pixels), int(name)))) == 0, name
    deep = ramp(depth=16)
    out = made(house, deep, {"x": "posterize { bits = 3 }"})["x"]
    assert apart(out, (deep // 257 & 0xe0).astype(numpy.uint16) * 257) == 0


def posterize_leaves_the_nearest_of_so_many_levels(house):
    steps = {str(levels): f"posterize {{ levels = {levels} }}" for levels in (2, 3, 4, 17, 255, 256)}
    pixels = ramp()
    for name, out in made(house, pixels, steps).items():
        assert apart(out, magick(pixels, "+dither", "-posterize", name)) <= 1, name
    compare(house, {"2": "posterize {}", "5": "posterize { levels = 5 }"},
            {name: lambda v, n=int(name) - 1: numpy.floor(v * n + 0.5) / n for name in "25"})


def contrast_is_a_line_around_the_middle(house):
    strengths = (-100, -40, 0, 25, 100)
    steps = {str(n): f"contrast {{ strength = {n} }}" for n in strengths} | {"none": "contrast {}"}
    curves = {str(n): lambda v, slope=1 + n / 100: 0.5 + (v - 0.5) * slope for n in strengths}
    compare(house, steps, curves | {"none": lambda v: v})


def contrast_as_an_s_is_imagemagicks_sigmoid(house):
    asked = [(60, 50), (100, 30), (100, 0), (-60, 50), (-100, 80), (3, 100), (0, 20)]
    steps = {f"{n} {where}": f"contrast {{ strength = {n} curve = s threshold = {where} }}" for n, where in asked}
    for pixels in (ramp(), ramp(1)):
        for name, out in made(house, pixels, steps).items():
            strength, threshold = map(int, name.split())
            option = "-sigmoidal-contrast" if strength >= 0 else "+sigmoidal-contrast"
            want = magick(pixels, option, f"{abs(strength) / 10},{threshold}%")
            assert apart(out, want) <= 1, (name, apart(out, want))
    low, high = numpy.tanh(5 * -0.3), numpy.tanh(5 * 0.7)
    compare(house, {"x": "contrast { strength = 100 curve = s threshold = 30 }"},
            {"x": lambda v: (numpy.tanh(5 * (v - 0.3)) - low) / (high - low)})


def exposure_doubles_light_with_each_stop(house):
    stops = (-5, -0.3, 0.7, 5)

    def light(v):
        return numpy.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)

    def stored(v):
        return numpy.where(v <= 0.0031308, v * 12.92, 1.055 * numpy.clip(v, 0, 1) ** (1 / 2.4) - 0.055)

    compare(house, {str(n): f"exposure {{ stops = {n} }}" for n in stops} | {"none": "exposure {}"},
            {str(n): lambda v, more=2 ** n: stored(more * light(v)) for n in stops} | {"none": lambda v: v})


def exposure_uses_the_curve_of_the_pictures_profile(house):
    for depth in (8, 16):
        pixels = photo(depth=depth)
        out = made(house, pixels, {"x": "exposure { stops = 0.5 }"}, icc.rgb(icc.SRGB, 2.2))["x"]
        want = expected(pixels, lambda v: (v ** 2.2 * 2 ** 0.5) ** (1 / 2.2))
        assert apart(out, want) <= (1 if depth == 8 else 20), (depth, apart(out, want))


def levels_are_those_of_imagemagick(house):
    asked = ((0, 100, 1), (10, 90, 1), (20, 100, 1), (0, 60, 2.2), (30, 55, 0.4), (0, 100, 10), (0, 100, 0.1))
    steps = {f"{b}%,{w}%,{g}": f"levels {{ black = {b} white = {w} gamma = {g} }}" for b, w, g in asked}
    for pixels in (ramp(), ramp(1)):
        for name, out in made(house, pixels, steps).items():
            assert apart(out, magick(pixels, "-level", name)) <= 1, name
    compare(house, {"x": "levels { black = 10% white = 80% gamma = 1.5 }", "none": "levels {}"},
            {"x": lambda v: numpy.clip((v - 0.1) / 0.7, 0, 1) ** (1 / 1.5), "none": lambda v: v})


def levels_change_only_the_channels_that_are_named(house):
    for pixels in (photo(), photo(bands=1)):
        for channels, bands in (("red", [0]), ("{ green, blue }", [1, 2]), ("{ red, all }", [0, 1, 2])):
            out = made(house, pixels, {"x": f"levels {{ white = 50 channels = {channels} }}"})["x"]
            want = numpy.repeat(pixels, 3 if out.shape[2] > pixels.shape[2] else 1, 2)
            change = [0] if want.shape[2] == 1 else bands
            want[:, :, change] = numpy.rint(numpy.clip(want[:, :, change] / 127.5, 0, 1) * 255)
            assert apart(out, want) <= 1, channels
            assert out.shape[2] == (1 if pixels.shape[2] == 1 and len(bands) == 3 else 3), channels


if __name__ == "__main__":
    sys.exit(main(globals()))
