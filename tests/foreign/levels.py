"""levels - what the values of the whole picture decide, beside Pillow and numpy."""
import ctypes
import sys

import numpy
from PIL import ImageEnhance, ImageOps

from foreign import apart, as_image, as_pixels, main, made, mean_apart, photo, white_of
import icc  # foreign knows where it is

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
    steps = {str(cutoff): f"autolevels {{ cutoff = {cutoff}% }}" for cutoff in (0, 0.37, 10)} | {
        "each": "autolevels { channels = each cutoff = 3.21% }"}
    for bands, depth in ((1, 8), (3, 8), (4, 8), *DEEP):
        pixels = dull(bands, depth)
        for name, out in made(house, pixels, steps).items():
            want = stretched(pixels, 3.21 if name == "each" else float(name), name == "each")
            assert apart(out, want) <= 1, (name, bands, depth)


def autolevels_leave_a_picture_of_one_colour_as_it_is(house):
    steps = {way: f"autolevels {{ channels = {way} }}" for way in ("each", "lightness")} | {"equal": "equalize {}"}
    pixels = numpy.full((20, 30, 3), (90, 120, 30), numpy.uint8)
    for name, out in made(house, pixels, steps).items():
        assert apart(out, pixels) <= (1 if name == "lightness" else 0), name
    assert apart(made(house, pixels, {"x": "autolevels { amount = 50% }"})["x"],
                 numpy.rint(pixels / 2 + stretched(pixels, 0, False) / 2).astype(numpy.uint8)) <= 1


# lcms' numbers of formats, as doubles, and its relative intent
RGB, LAB, RELATIVE = 1 << 22 | 4 << 16 | 3 << 3, 1 << 22 | 10 << 16 | 3 << 3, 1


class Lcms:
    """The library itself: Pillow has L*a*b* of 8 bits alone."""

    def __init__(self, profile):
        self.library = ctypes.CDLL("liblcms2.so.2")
        for name in ("cmsOpenProfileFromMem", "cmsCreateLab4Profile", "cmsCreate_sRGBProfile", "cmsCreateTransform"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.lab = ctypes.c_void_p(self.library.cmsCreateLab4Profile(None))
        self.rgb = ctypes.c_void_p(self.library.cmsOpenProfileFromMem(profile, len(profile)) if profile
                                   else self.library.cmsCreate_sRGBProfile())

    def convert(self, values, to_lab):
        ends = (self.rgb, RGB, self.lab, LAB) if to_lab else (self.lab, LAB, self.rgb, RGB)
        transform = ctypes.c_void_p(self.library.cmsCreateTransform(*ends, RELATIVE, 0))
        values, out = numpy.ascontiguousarray(values, float), numpy.zeros(values.shape)
        self.library.cmsDoTransform(transform, values.ctypes.data_as(ctypes.c_void_p),
                                    out.ctypes.data_as(ctypes.c_void_p), values.shape[0] * values.shape[1])
        return out


def autolevels_of_lightness_keep_hue_and_chroma(house):
    for bands, depth in ((3, 8), (4, 8), (3, 16)):
        pixels = dull(bands, depth)
        pixels[:, :, :3] = numpy.rint(0.6 * pixels[:, :, :3] + 0.4 * pixels[:, :, :3].mean(2, keepdims=True))
        out = made(house, pixels, {"x": "autolevels { channels = lightness cutoff = 2 }"})["x"]
        before, after = (Lcms(None).convert(p[:, :, :3] / white_of(p), True) for p in (pixels, out))
        shown = pixels[:, :, 3] > 0 if bands == 4 else numpy.ones(pixels.shape[:2], bool)
        values = numpy.sort(before[:, :, 0][shown])
        cut = int(len(values) * 0.02)
        low, high = values[cut], values[len(values) - 1 - cut]
        want = numpy.clip((before[:, :, 0] - low) / (high - low), 0, 1) * 100
        inside = shown & (out[:, :, :3] > 0).all(2) & (out[:, :, :3] < white_of(out)).all(2)
        assert inside.mean() > 0.5 and high - low < 80
        assert abs(after - before)[:, :, 1:][inside].max() < (1.5 if depth == 8 else 0.5), depth
        assert abs(after[:, :, 0] - want)[inside].max() < (0.7 if depth == 8 else 0.2), depth


def autolevels_of_lightness_are_right_for_strong_colours_too(house):
    for profile in (None, icc.rgb(icc.SRGB, 2.2), icc.rgb(icc.PROPHOTO, 1.8)):
        lcms = Lcms(profile)
        for depth, most in ((8, 1), (16, 128)):
            pixels = dull(depth=depth)
            pixels[:40] = photo(depth=depth)[:40] // 2  # colours at the edge of the space
            lab_now = lcms.convert(pixels / white_of(pixels), True)
            lab_now[:, :, 0] = numpy.maximum(lab_now[:, :, 0], 0)  # ProPhoto has colours that there are not
            values = numpy.sort(lab_now[:, :, 0].ravel())
            cut = int(len(values) * 0.02)
            low, high = values[cut], values[len(values) - 1 - cut]
            lab_now[:, :, 0] = numpy.clip((lab_now[:, :, 0] - low) / (high - low), 0, 1) * 100
            want = numpy.rint(numpy.clip(lcms.convert(lab_now, False), 0, 1) * white_of(pixels)).astype(pixels.dtype)
            out = made(house, pixels, {"x": "autolevels { channels = lightness cutoff = 2 }"}, profile)["x"]
            assert apart(out, pixels) > white_of(pixels) / 10 and high - low < 90
            assert apart(out, want) <= most and mean_apart(out, want) < most / 50, (depth, apart(out, want))


def equalize_is_that_of_pillow(house):
    for bands in (1, 2, 3, 4):
        for seed in (1, 2):
            pixels = dull(bands, seed=seed)
            assert apart(made(house, pixels, {"x": "equalize {}"})["x"], by_pillow(pixels, ImageOps.equalize)) <= 1
    for size in (1, 12, 40):  # so few pixels that Pillow rounds much, or leaves them as they are
        pixels = dull()[:size, :size]
        assert apart(made(house, pixels, {"x": "equalize {}"})["x"], by_pillow(pixels, ImageOps.equalize)) <= 1, size


def equalize_tells_16_bits_apart(house):
    for bands, depth in DEEP:
        pixels = dull(bands, depth)
        out, shown = made(house, pixels, {"x": "equalize {}"})["x"], seen(pixels)
        for band in range(colours_of(pixels)):
            values = numpy.sort(shown[:, band])
            step = (len(values) - (values == values[-1]).sum()) // 255
            darker = numpy.searchsorted(values, pixels[:, :, band].astype(float))
            want = numpy.minimum(numpy.rint(darker / step * 257), 65535)
            assert abs(out[:, :, band] - want).max() <= 1, bands
            assert len(numpy.unique(out[:, :, band])) > 3000, bands


def window_curve(values, slope):
    """Of values from 0 to 255: what each bin becomes, when none may count more than `slope` times the mean and
    what is over that raises those that have room (found by halving)."""
    counts = numpy.bincount(numpy.rint(values).astype(int), minlength=256).astype(float)
    if not counts.sum():
        return numpy.arange(256) / 255
    most, total = slope * counts.sum() / 256, counts.sum()
    low, high = 0, most
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if numpy.minimum(counts + middle, most).sum() < total else (low, middle)
    counts = numpy.minimum(counts + high, most)
    darker = numpy.concatenate([[0], numpy.cumsum((counts[:-1] + counts[1:]) / 2)])
    return darker / darker[-1]


def clahe(pixels, window, slope):
    """Zuiderveld's (Graphics Gems IV, 1994): a curve for each window, and between their centres a mean of four."""
    height, width = pixels.shape[:2]
    across, down = max(1, int(width // max(window, 16))), max(1, int(height // max(window, 16)))
    colours, white, out = colours_of(pixels), white_of(pixels), pixels.astype(float)
    shown = pixels[:, :, colours] > 0 if pixels.shape[2] > colours else numpy.ones((height, width), bool)
    columns, rows = numpy.arange(width) * across // width, numpy.arange(height) * down // height

    def between(size, count):
        place = numpy.clip((numpy.arange(size) + 0.5) * count / size - 0.5, 0, count - 1)
        first = place.astype(int)
        return first, numpy.minimum(first + 1, count - 1), place - first

    x0, x1, xp = between(width, across)
    y0, y1, yp = between(height, down)
    for band in range(colours):
        values = pixels[:, :, band] * (255 / white)
        curves = numpy.array([[window_curve(values[numpy.ix_(rows == r, columns == c)][
            shown[numpy.ix_(rows == r, columns == c)]], slope) for c in range(across)] for r in range(down)])
        bins = numpy.minimum(values.astype(int), 254)
        part = values - bins

        def of(r, c):
            here = curves[r[:, None], c[None, :]]
            low = numpy.take_along_axis(here, bins[:, :, None], 2)[:, :, 0]
            high = numpy.take_along_axis(here, bins[:, :, None] + 1, 2)[:, :, 0]
            return low + (high - low) * part

        upper = of(y0, x0) * (1 - xp) + of(y0, x1) * xp
        lower = of(y1, x0) * (1 - xp) + of(y1, x1) * xp
        out[:, :, band] = (upper * (1 - yp)[:, None] + lower * yp[:, None]) * white
    return numpy.rint(out).astype(pixels.dtype)


def equalize_in_windows_is_the_clahe_of_its_paper(house):
    asked = {"40px 3": (40, 3), "25% 1.5": (30, 1.5), "7 10": (16, 10), "100% 2": (120, 2), "30px 1": (30, 1)}
    steps = {name: f"equalize {{ local = {name.split()[0]} slope = {name.split()[1]} }}" for name in asked}
    for bands, depth in ((3, 8), (2, 8), (4, 16)):
        pixels = dull(bands, depth)
        for name, out in made(house, pixels, steps).items():
            want = clahe(pixels, *asked[name])
            assert apart(out, want) <= (1 if depth == 8 else 4), (name, bands, apart(out, want))
            assert apart(out, pixels) <= (1 if depth == 8 else 4) or asked[name][1] > 1, name


def equalize_in_windows_brings_out_what_is_hidden_in_dark_and_light(house):
    pixels = dull(1)
    out = made(house, pixels, {"x": "equalize { local = 30px }"})["x"]
    for rows in (slice(0, 40), slice(80, 120)):
        assert out[rows, :40].std() > 1.3 * pixels[rows, :40].std()


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
