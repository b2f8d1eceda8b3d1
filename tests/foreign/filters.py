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


# ---- ranks ----

def ranked(pixels, size, rank):
    """Each band by itself; the lesser one of two."""
    windows = numpy.sort(numpy.stack(shifted(pixels, size // 2)), 0)
    return windows[int((size * size - 1) * rank / 100)]


def most_common(pixels, size):
    """What is there at least three times; the least of several; else the pixel stays."""
    windows = numpy.stack(shifted(pixels, size // 2))
    counts = numpy.stack([(windows == window).sum(0) for window in windows])
    most = counts.max(0)
    least = numpy.where(counts == most, windows, white_of(pixels)).min(0)
    return numpy.where(most > 2, least, pixels)


def pillows_rank(pixels, size, rank):
    return as_pixels(as_image(pixels).filter(ImageFilter.RankFilter(size, int((size * size - 1) * rank / 100))))


def few_values(pixels):
    """With values that are there more than once."""
    step = white_of(pixels) // 15
    return (pixels // step * step).astype(pixels.dtype)


SIZES = (3, 5, 7, 9)


def ranks_are_exactly_those_of_pillow(house):
    filters = {"median": ImageFilter.MedianFilter, "minimum": ImageFilter.MinFilter, "maximum": ImageFilter.MaxFilter}
    ranks = (0, 12.5, 30, 50, 99, 100)
    steps = {f"{name}-{size}": f"{name} {{ size = {size} }}" for name in filters for size in SIZES}
    steps.update({f"rank-{size}-{rank}": f"rank {{ size = {size} rank = {rank}% }}" for size in SIZES for rank in ranks})
    steps.update({name: f"{name} {{}}" for name in ("median", "minimum", "maximum", "rank")})
    for bands in (1, 3):
        pixels = photo(70, 50, bands=bands)
        for step, out in made(house, pixels, steps).items():
            name, size, rank = (step.split("-") + ["3", "50"])[:3] if step.count("-") < 2 else step.split("-")
            want = (pillows_rank(pixels, int(size), float(rank)) if name == "rank"
                    else as_pixels(as_image(pixels).filter(filters[name](int(size)))))
            assert apart(out, want) == 0, (step, bands)


def the_most_common_value_is_that_of_pillow_inside_the_border(house):
    steps = {str(size): f"common {{ size = {size} }}" for size in SIZES}
    for bands in (1, 3):
        for pixels in (photo(70, 50, bands=bands), few_values(photo(70, 50, bands=bands))):
            for size, out in made(house, pixels, steps).items():
                planes = [as_pixels(as_image(pixels[:, :, band:band + 1]).filter(ImageFilter.ModeFilter(int(size))))
                          for band in range(bands)]
                assert apart(out, numpy.concatenate(planes, 2), int(size) // 2) == 0, (size, bands)
                assert apart(out, most_common(pixels, int(size))) == 0, (size, bands)


def ranks_of_16_bits_and_of_every_place_are_exact(house):
    steps = {f"{size}-{rank}": f"rank {{ size = {size} rank = {rank} }}" for size in SIZES for rank in (0, 41, 50, 100)}
    steps.update({f"{size}-common": f"common {{ size = {size} }}" for size in SIZES})
    for bands, width in ((1, 45), (3, 45), (3, 2)):
        pixels = few_values(photo(width, 31, bands=bands, depth=16))
        for step, out in made(house, pixels, steps).items():
            size, rank = step.split("-")
            want = (most_common(pixels, int(size)) if rank == "common" else ranked(pixels, int(size), float(rank)))
            assert apart(out, want) == 0, (step, bands, width)


def ranks_see_no_hidden_colour_and_take_alpha_as_a_band(house):
    """By the definition: of colours only pixels count that are not wholly transparent."""
    steps = {"median": "median { size = 5 }", "minimum": "minimum {}", "maximum": "maximum {}", "common": "common {}"}
    for bands, depth in ((2, 8), (4, 8), (4, 16)):
        pixels = few_values(photo(50, 40, bands=bands, depth=depth))
        pixels[8:30, 10:32, -1] = 0
        pixels[12:14, 12:14, -1] = white_of(pixels)
        for name, out in made(house, pixels, steps).items():
            size = 5 if name == "median" else 3
            windows = numpy.stack(shifted(pixels, size // 2)).astype(int)
            seen = windows[:, :, :, -1:] > 0
            alpha = (most_common(pixels, 3) if name == "common"
                     else ranked(pixels, size, {"median": 50, "minimum": 0, "maximum": 100}[name]))[:, :, -1:]
            assert apart(out[:, :, -1:], alpha) == 0, (name, bands, depth)
            colours = windows[:, :, :, :-1]
            if name == "common":
                counts = numpy.stack([((colours == window) & seen).sum(0) for window in colours])
                most = numpy.where(seen, counts, 0).max(0)
                least = numpy.where((counts == most) & seen, colours, white_of(pixels)).min(0)
                want = numpy.where(most > 2, least, pixels[:, :, :-1])
            else:
                values = numpy.sort(numpy.where(seen, colours, white_of(pixels) + 1), 0)
                number = numpy.maximum(seen.sum(0), 1)
                place = {"median": (number - 1) // 2, "minimum": 0 * number, "maximum": number - 1}[name]
                want = numpy.take_along_axis(values, numpy.broadcast_to(place, colours.shape[1:])[None], 0)[0]
            shows = numpy.broadcast_to(alpha > 0, want.shape)
            assert apart(numpy.where(shows, out[:, :, :-1], 0), numpy.where(shows, want, 0)) == 0, (name, bands, depth)


if __name__ == "__main__":
    sys.exit(main(globals()))
