"""relief - pictures that stand out, and pictures made of pictures, beside numpy's arithmetic."""
import sys

import numpy

from foreign import apart, main, made, photo, white_of


def blurred(plane, sigma):
    reach = int(numpy.ceil(5 * sigma))
    weights = numpy.exp(-numpy.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    weights /= weights.sum()
    for axis in (0, 1):
        plane = numpy.apply_along_axis(numpy.convolve, axis, plane, weights, "same")
    return plane


def bevelled(pixels, depth, angle, colour=None):
    """The formula of the manual: a hill is made of the shape by a blur of sigma = depth / 2. Its slope towards
    the light, where that of a straight edge is at most 1, fades colours to white; away from it, to black."""
    white, sigma = white_of(pixels), depth / 2
    height, width, bands = pixels.shape
    colours = bands // 3 * 2 + 1
    margin = int(4 * depth) + 2
    shape = pixels[:, :, colours] / white if bands > colours else numpy.ones((height, width))
    hill = blurred(numpy.pad(shape, margin), sigma)
    down, across = numpy.gradient(hill)
    towards = numpy.cos(numpy.radians(angle)), -numpy.sin(numpy.radians(angle))
    light = -(across * towards[0] + down * towards[1]) * sigma * numpy.sqrt(2 * numpy.pi)
    light = numpy.clip(light, -1, 1)[margin:-margin, margin:-margin, None]
    own = pixels[:, :, :colours] / white
    if colour:
        own = numpy.broadcast_to(numpy.array(colour) / 255, (height, width, 3))
    lit = numpy.where(light < 0, own * (1 + light), own + (1 - own) * light)
    return numpy.dstack([numpy.rint(lit * white), pixels[:, :, colours:]]).astype(pixels.dtype)


def near(out, want):
    """A blur of more than some pixels is done smaller."""
    assert out.shape == want.shape and out.dtype == want.dtype, (out.shape, want.shape)
    return apart(out, want) <= 2 * white_of(want) // 255


def bevel_lights_a_hill_made_of_the_shape(house):
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16)):
        pixels = photo(bands=bands, depth=depth)
        steps = {f"{size} {angle}": f"bevel {{ depth = {size}px angle = {angle} }}"
                 for size, angle in ((2, 135), (7, 0), (12, 90), (30, -60), (12, 225))}
        for name, out in made(house, pixels, steps).items():
            assert near(out, bevelled(pixels, *map(float, name.split()))), (name, bands, depth)


def bevel_gives_the_shape_one_colour(house):
    for bands in (1, 2, 3, 4):
        pixels = photo(bands=bands)
        out = made(house, pixels, {"out": 'bevel { depth = 10px colour = "#c83250" }'})["out"]
        assert near(out, bevelled(pixels, 10, 135, (200, 50, 80))), bands
    pixels = photo()
    steps = {"half": 'bevel { depth = 10px colour = "#c8325080" }', "none": "bevel { depth = 10px colour = none }"}
    out = made(house, pixels, steps)
    mixed = pixels + (numpy.array((200.0, 50, 80)) - pixels) * (128 / 255)
    assert near(out["half"], bevelled(numpy.rint(mixed).astype(numpy.uint8), 10, 135))
    assert near(out["none"], bevelled(pixels, 10, 135))


def bevel_has_its_light_at_the_upper_left(house):
    pixels = numpy.full((100, 200, 3), 128, numpy.uint8)
    out = made(house, pixels, {"out": "bevel {}"})["out"][:, :, 0].astype(int)
    assert out[0, 100] > 190 and out[50, 0] > 190 and out[99, 100] < 70 and out[50, 199] < 70
    assert (out[10:-10, 10:-10] == 128).all()


if __name__ == "__main__":
    sys.exit(main(globals()))
