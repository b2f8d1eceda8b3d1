"""levels - what the values of the whole picture decide, beside Pillow and numpy."""
import sys

import numpy
from PIL import ImageEnhance, ImageOps

from foreign import apart, as_image, as_pixels, main, made, photo, white_of

DEEP = ((1, 16), (2, 16), (3, 16), (4, 16))


def colours_of(pixels):
    return pixels.shape[2] // 3 * 2 + 1


def dull(bands=3, depth=8, seed=1):
    """A photo without black and white, with a tint, and with alpha where nothing shows, too."""
    pixels = photo(bands=bands, depth=depth, seed=seed)
    white, colours = white_of(pixels), colours_of(pixels)
    for band in range(colours):
        pixels[:, :, band] = numpy.rint(white * (0.2 + 0.05 * band) + pixels[:, :, band] * (0.5 - 0.1 * band))
    if bands > colours:
        pixels[:20, :30, :colours] = [0] * colours  # hidden: it counts nowhere
        pixels[:20, :30, colours] = 0
        pixels[-20:, -30:, :colours] = white
        pixels[-20:, -30:, colours] = 0
    return pixels


def by_pillow(pixels, function, **options):
    """What Pillow makes of each colour, where hidden pixels do not count; alpha stays."""
    colours = colours_of(pixels)
    mask = as_image(numpy.ascontiguousarray(pixels[:, :, colours:])) if pixels.shape[2] > colours else None
    out = pixels.copy()
    out[:, :, :colours] = as_pixels(
        function(as_image(numpy.ascontiguousarray(pixels[:, :, :colours])), mask=mask, **options))
    return out


def seen(pixels):
    """The colours of pixels that are not hidden: pixels x colours."""
    colours = colours_of(pixels)
    flat = pixels.reshape(-1, pixels.shape[2]).astype(float)
    return flat[flat[:, colours] > 0][:, :colours] if pixels.shape[2] > colours else flat


def stretched(pixels, cutoff, each):
    """By numpy: the bounds are the values after so many % of all are taken away at either end."""
    out, white, colours = pixels.copy(), white_of(pixels), colours_of(pixels)
    for band in range(colours):
        values = numpy.sort(seen(pixels)[:, band] if each else seen(pixels).ravel())
        cut = int(len(values) * cutoff / 100)
        low, high = values[cut], values[len(values) - 1 - cut]
        if high > low:
            line = (pixels[:, :, band].astype(float) - low) / (high - low)
            out[:, :, band] = numpy.rint(numpy.clip(line, 0, 1) * white)
    return out


def autolevels_of_each_channel_is_pillows_autocontrast(house):
    steps = {str(cutoff): f"autolevels {{ channels = each cutoff = {cutoff} }}" for cutoff in (0, 1, 2.5, 20, 49, 50)}
    for bands in (1, 2, 3, 4):
        pixels = dull(bands)
        for name, out in made(house, pixels, steps).items():
            want = by_pillow(pixels, ImageOps.autocontrast, cutoff=float(name))
            assert apart(out, want) <= 1, (name, bands)


def autolevels_together_keep_greys_grey(house):
    steps = {str(cutoff): f"autolevels {{ cutoff = {cutoff} }}" for cutoff in (0, 1, 10)} | {
        "each": "autolevels { channels = each cutoff = 3 }"}
    for bands, depth in ((1, 8), (3, 8), (4, 8), *DEEP):
        pixels = dull(bands, depth)
        for name, out in made(house, pixels, steps).items():
            want = stretched(pixels, 3 if name == "each" else float(name), name == "each")
            assert apart(out, want) <= 1, (name, bands, depth)


def autolevels_leave_a_picture_of_one_colour_as_it_is(house):
    steps = {way: f"autolevels {{ channels = {way} }}" for way in ("each", "lightness")}
    pixels = numpy.full((20, 30, 3), (90, 120, 30), numpy.uint8)
    for name, out in made(house, pixels, steps).items():
        assert apart(out, pixels) <= (1 if name == "lightness" else 0), name
    assert apart(made(house, pixels, {"x": "autolevels { amount = 50% }"})["x"],
                 numpy.rint(pixels / 2 + stretched(pixels, 0, False) / 2).astype(numpy.uint8)) <= 1


def lab(pixels):
    """CIE L*a*b* of sRGB, under D65."""
    value = pixels[:, :, :3] / white_of(pixels)
    light = numpy.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = numpy.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                          [0.0193339, 0.1191920, 0.9503041]])
    part = light @ to_xyz.T / (to_xyz @ [1, 1, 1])
    root = numpy.where(part > 216 / 24389, numpy.cbrt(part), (24389 / 27 * part + 16) / 116)
    x, y, z = root[:, :, 0], root[:, :, 1], root[:, :, 2]
    return numpy.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 2)


def autolevels_of_lightness_keep_hue_and_chroma(house):
    for bands, depth in ((3, 8), (4, 8), (3, 16)):
        pixels = dull(bands, depth)
        pixels[:, :, :3] = numpy.rint(0.6 * pixels[:, :, :3] + 0.4 * pixels[:, :, :3].mean(2, keepdims=True))
        out = made(house, pixels, {"x": "autolevels { channels = lightness cutoff = 2 }"})["x"]
        before, after = lab(pixels), lab(out)
        shown = pixels[:, :, 3] > 0 if bands == 4 else numpy.ones(pixels.shape[:2], bool)
        values = numpy.sort(before[:, :, 0][shown])
        cut = int(len(values) * 0.02)
        low, high = values[cut], values[len(values) - 1 - cut]
        want = numpy.clip((before[:, :, 0] - low) / (high - low), 0, 1) * 100
        inside = shown & (out[:, :, :3] > 0).all(2) & (out[:, :, :3] < white_of(out)).all(2)
        assert inside.mean() > 0.5 and high - low < 80
        assert abs(after - before)[:, :, 1:][inside].max() < (1.5 if depth == 8 else 0.5), depth
        assert abs(after[:, :, 0] - want)[inside].max() < (0.7 if depth == 8 else 0.2), depth


def contrast_around_the_mean_is_that_of_pillow(house):
    steps = {str(n): f"contrast {{ strength = {n} pivot = mean }}" for n in (-100, -30, 0, 20, 100)}
    for pixels in (dull(), dull(1), photo(), photo(seed=3)):
        for name, out in made(house, pixels, steps).items():
            want = as_pixels(ImageEnhance.Contrast(as_image(pixels)).enhance(1 + int(name) / 100))
            assert apart(out, want) <= 1, name
    for bands, depth in ((4, 8), (2, 16), (3, 16)):
        pixels = dull(bands, depth)
        colours, white = colours_of(pixels), white_of(pixels)
        mean = (seen(pixels).mean(0) * ([1] if colours == 1 else [0.299, 0.587, 0.114])).sum()
        out = made(house, pixels, {"x": "contrast { strength = 60 pivot = mean }"})["x"]
        want = numpy.rint(numpy.clip(mean + (pixels[:, :, :colours] - mean) * 1.6, 0, white))
        assert abs(out[:, :, :colours] - want).max() <= 1, (bands, depth)
        assert (out[:, :, colours:] == pixels[:, :, colours:]).all(), (bands, depth)


if __name__ == "__main__":
    sys.exit(main(globals()))
