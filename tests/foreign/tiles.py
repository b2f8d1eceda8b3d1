"""tiles - what puts whole pixels at other places, beside numpy: mirror, roll."""
import sys

import numpy

from foreign import made, main, photo

KINDS = ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16))


def mirror_doubles_the_picture(house):
    steps = {way: f"mirror {{ {'direction = ' + way if way != 'default' else ''} }}"
             for way in ("default", "both", "horizontal", "vertical")}
    for bands, depth in KINDS:
        pixels = photo(61, 40, bands, depth)
        for way, out in made(house, pixels, steps).items():
            want = pixels
            if way != "vertical":
                want = numpy.concatenate([want, want[:, ::-1]], 1)
            if way != "horizontal":
                want = numpy.concatenate([want, want[::-1]], 0)
            assert numpy.array_equal(out, want), (way, bands, depth)


def roll_moves_the_picture_around_its_edges(house):
    moves = {"50% 50%": (30, 20), "0 0": (0, 0), "7 -3px": (7, -3), "-100% 25%": (0, 10), "99px 0": (99, 0),
             "-62px 81px": (-62, 81), "100000px -100000px": (100000, -100000)}
    for bands, depth in KINDS:
        pixels = photo(60, 40, bands, depth)
        steps = {name: 'roll {{ x = {} y = {} }}'.format(*name.split()) for name in moves} | {"default": "roll {}"}
        for name, out in made(house, pixels, steps).items():
            x, y = moves.get(name, (30, 20))
            assert numpy.array_equal(out, numpy.roll(pixels, (y, x), (0, 1))), (name, bands, depth)


if __name__ == "__main__":
    sys.exit(main(globals()))
