"""tones - curves, beside numpy's arithmetic."""
import sys

import numpy

from foreign import apart, main, made, photo, white_of


def expected(pixels, curve):
    """A curve from 0..1 to 0..1 of every colour; alpha stays."""
    white, colours = white_of(pixels), pixels.shape[2] // 3 * 2 + 1
    out = pixels.copy()
    values = curve(pixels[:, :, :colours] / white)
    out[:, :, :colours] = numpy.rint(numpy.clip(values, 0, 1) * white)
    return out


def brightness_fades_to_black_and_to_white(house):
    steps = {str(level): f"brightness {{ level = {level}% }}" for level in (-100, -60, -1, 0, 7, 50, 100)}
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16), (1, 16)):
        pixels = photo(bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            part = float(name) / 100
            want = expected(pixels, lambda v: v * (1 + part) if part < 0 else v + (1 - v) * part)
            assert apart(out, want) <= 1, (name, bands, depth)


if __name__ == "__main__":
    sys.exit(main(globals()))
