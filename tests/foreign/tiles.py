"""tiles - what puts whole pixels at other places, beside numpy: mirror."""
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


if __name__ == "__main__":
    sys.exit(main(globals()))
