"""filters - small filters of the pixels around each, beside Pillow's and numpy's."""
import sys

import numpy
from PIL import ImageFilter

from foreign import apart, as_image, as_pixels, main, made, photo, white_of

EFFECTS = {name: getattr(ImageFilter, name.upper()) for name in (
    "blur", "contour", "detail", "edge_enhance", "edge_enhance_more", "emboss", "find_edges", "smooth",
    "smooth_more", "sharpen")}


def framed(pixels, reach):
    """With the pixels of the edges again and again beyond them."""
    return numpy.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), "edge")


def shifted(pixels, reach):
    """What lies around each pixel, for each place in its window, row by row from the top."""
    height, width, _ = pixels.shape
    wide = framed(pixels, reach)
    return [wide[y:y + height, x:x + width] for y in range(2 * reach + 1) for x in range(2 * reach + 1)]


# ---- effect ----

def convolved(pixels, filter):
    """By the definition, of any depth; Pillow's kernels begin with the lowest row."""
    (size, _), divisor, offset, weights = filter.filterargs
    rows = numpy.array(weights).reshape(size, size)[::-1].ravel()
    total = sum(weight * part.astype(float) for weight, part in zip(rows, shifted(pixels, size // 2)))
    white = white_of(pixels)
    return numpy.clip(numpy.floor(total / divisor + offset * white / 255 + 0.5), 0, white).astype(pixels.dtype)


def the_ten_effects_are_those_of_pillow_to_the_edge(house):
    steps = {name: f"effect {{ filter = {name} }}" for name in EFFECTS}
    for bands in (1, 3):
        pixels = photo(90, 60, bands=bands)
        image = as_image(pixels)
        for name, out in made(house, pixels, steps).items():
            size = EFFECTS[name].filterargs[0][0] // 2
            assert apart(out, as_pixels(image.filter(EFFECTS[name])), size) == 0, (name, bands)
            assert apart(out, convolved(pixels, EFFECTS[name])) <= 1, (name, bands)


def an_effect_is_repeated_as_pillow_repeats_it(house):
    pixels = photo(90, 60)
    steps = {f"{name}-{times}": f"effect {{ filter = {name} repeat = {times} }}"
             for name in EFFECTS for times in (2, 3, 10)}
    for step, out in made(house, pixels, steps).items():
        name, times = step.split("-")
        image = as_image(pixels)
        for _ in range(int(times)):
            image = image.filter(EFFECTS[name])
        # Pillow leaves the border as it is, and each time that is seen from farther inside.
        assert apart(out, as_pixels(image), int(times) * EFFECTS[name].filterargs[0][0] // 2) == 0, step


def effects_of_16_bits_are_as_exact(house):
    steps = {name: f"effect {{ filter = {name} }}" for name in EFFECTS}
    for bands in (1, 3):
        pixels = photo(90, 60, bands=bands, depth=16)
        for name, out in made(house, pixels, steps).items():
            assert apart(out, convolved(pixels, EFFECTS[name])) <= 1, (name, bands)


def an_effect_leaves_transparency_and_sees_no_hidden_colour(house):
    steps = {name: f"effect {{ filter = {name} }}" for name in EFFECTS}
    for bands in (2, 4):
        pixels = photo(90, 60, bands=bands)
        for name, out in made(house, pixels, steps).items():
            assert apart(out[:, :, -1:], pixels[:, :, -1:]) == 0, (name, bands)
    hidden = numpy.full((40, 40, 4), (90, 120, 150, 255), numpy.uint8)
    hidden[:, 20:] = (255, 0, 255, 0)
    for name, out in made(house, hidden, steps).items():
        assert apart(out[10:30, 10:20], out[10:30, 10:11].repeat(10, 1)) == 0, name
    half = made(house, photo(90, 60), {"half": "effect { filter = find_edges amount = 50% }"})["half"]
    whole = convolved(photo(90, 60), EFFECTS["find_edges"])
    assert apart(half, numpy.rint((photo(90, 60).astype(float) + whole) / 2).astype(numpy.uint8)) <= 1


if __name__ == "__main__":
    sys.exit(main(globals()))
