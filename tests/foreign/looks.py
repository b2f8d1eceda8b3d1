"""looks - vignette, grain and blocks, beside the formulas that the manual states, in numpy."""
import sys

import numpy

from foreign import apart, main, made, photo, white_of


def colours_of(pixels):
    return 1 if pixels.shape[2] < 3 else 3


def as_rounded(values, pixels):
    return numpy.clip(numpy.rint(values), 0, white_of(pixels)).astype(pixels.dtype)


# ---- vignette ----

def faded(pixels, strength, radius, soft, colour):
    height, width, _ = pixels.shape
    y, x = numpy.mgrid[0:height, 0:width] + 0.5
    far = numpy.hypot(x - width / 2, y - height / 2) / numpy.hypot(width / 2, height / 2) - radius / 100
    t = numpy.clip(far / (soft / 100) + 0.5, 0, 1) if soft else (far >= 0).astype(float)
    share = (strength / 100 * (3 * t ** 2 - 2 * t ** 3))[:, :, None]
    out, count = pixels.copy(), colours_of(pixels)
    own = pixels[:, :, :count].astype(float)
    goal = numpy.array(colour[:count]) * white_of(pixels) / 255
    out[:, :, :count] = as_rounded(own + share * (goal - own), pixels)
    return out


def a_vignette_fades_to_its_colour_by_the_formula(house):
    cases = {"default": (50, 75, 50, (0, 0, 0)), "none": (0, 75, 50, (0, 0, 0)), "full": (100, 40, 200, (0, 0, 0)),
             "hard": (80, 60, 0, (255, 255, 255)), "all": (30, 0, 0, (80, 80, 80)), "far": (100, 200, 100, (0, 0, 0))}
    steps = {name: f'vignette {{ strength = {s}% radius = {r}% soft = {w}% colour = "#{c[0]:02x}{c[1]:02x}{c[2]:02x}" }}'
             for name, (s, r, w, c) in cases.items()}
    steps["default"] = "vignette {}"
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16)):
        pixels = photo(bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            assert apart(out, faded(pixels, *cases[name])) <= 1, (name, bands, depth)


def a_vignette_of_a_colour_makes_a_grey_picture_rgb_and_half_a_colour_half_as_strong(house):
    for bands in (1, 3):
        pixels = photo(bands=bands)
        out = made(house, pixels, {"red": 'vignette { colour = "#c00000" }', "half": 'vignette { colour = "#c0000080" }',
                                   "clear": 'vignette { colour = "#c0000000" }'})
        rgb = pixels.repeat(3, 2) if bands == 1 else pixels
        assert apart(out["red"], faded(rgb, 50, 75, 50, (0xc0, 0, 0))) <= 1, bands
        assert apart(out["half"], faded(rgb, 50 * 128 / 255, 75, 50, (0xc0, 0, 0))) <= 1, bands
        assert apart(out["clear"], pixels) == 0, bands


if __name__ == "__main__":
    sys.exit(main(globals()))
