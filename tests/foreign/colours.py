"""colours - what changes colours, beside numpy's arithmetic and Pillow."""
import sys

import numpy
from PIL import Image, ImageEnhance, ImageOps

from foreign import apart, as_image, as_pixels, main, made, photo, white_of

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
    """Of Rec. 601, as Pillow's convert("L")."""
    return weighted(values, 0.299, 0.587, 0.114)


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


if __name__ == "__main__":
    sys.exit(main(globals()))
