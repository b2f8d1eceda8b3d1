"""tiles - what puts whole pixels at other places, beside numpy: grid, mirror, roll."""
import sys

import numpy

from foreign import as_image, as_pixels, made, main, mean_apart, photo

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


def grid_repeats_the_picture(house):
    grids = {"default": "", "3 x 1": "columns = 3 rows = 1", "1 x 1": "columns = 1 rows = 1 gap_x = 9 gap_y = 9",
             "100 x 2": "columns = 100"}
    for bands, depth in KINDS:
        pixels = photo(31, 20, bands, depth)
        for name, out in made(house, pixels, {name: f"grid {{ {line} }}" for name, line in grids.items()}).items():
            columns, rows = (2, 2) if name == "default" else map(int, name.split(" x "))
            assert numpy.array_equal(out, numpy.tile(pixels, (rows, columns, 1))), (name, bands, depth)


def gaps_of_a_grid_have_its_colour(house):
    for bands, depth in KINDS:
        pixels = photo(30, 20, bands, depth)
        out = made(house, pixels, {
            "clear": "grid { gap_x = 10% }",
            "grey": 'grid { columns = 3 rows = 2 gap_x = 4 gap_y = 7px colour = "#404040" }'})
        across, down = numpy.array_split(numpy.arange(30 * 3 + 8), [30, 34, 64, 68]), numpy.array_split(numpy.arange(47), [20, 27])
        grey = out["grey"]
        assert grey.shape == (47, 98, bands), grey.shape
        for j, rows in enumerate(down):
            for i, columns in enumerate(across):
                part = grey[numpy.ix_(rows, columns)]
                if i % 2 or j % 2:
                    solid = 0x40 * (1 if depth == 8 else 257)
                    colours = bands // 3 * 2 + 1
                    assert (part[:, :, :colours] == solid).all() and (part[:, :, colours:] == 2 ** depth - 1).all()
                else:
                    assert numpy.array_equal(part, pixels), (bands, depth, i, j)
        clear = out["clear"]
        assert clear.shape == (40, 63, bands + bands % 2), clear.shape
        assert (clear[:, 30:33, -1] == 0).all()
        assert numpy.array_equal(clear[:20, 33:, :bands], pixels) and numpy.array_equal(clear[20:, :30, :bands], pixels)


def a_grid_that_keeps_its_size_has_smaller_copies(house):
    pixels = photo(160, 120)
    out = made(house, pixels, {
        "2 2": "grid { keep_size = yes }", "3 7": "grid { columns = 3 rows = 7 keep_size = yes }",
        "2 1": 'grid { rows = 1 keep_size = yes gap_x = 10% colour = "#ff0000" }'})
    for name, grid in out.items():
        assert grid.shape == pixels.shape, (name, grid.shape)
    half = as_pixels(as_image(pixels).resize((80, 60), 1))
    for part in (out["2 2"][:60, :80], out["2 2"][60:, :80], out["2 2"][:60, 80:], out["2 2"][60:, 80:]):
        assert mean_apart(part, half) < 1, mean_apart(part, half)
    assert (out["2 1"][:, 72:88] == (255, 0, 0)).all()
    assert numpy.array_equal(out["2 1"][:, :72], out["2 1"][:, 88:])
    assert mean_apart(out["2 1"][:, :72], as_pixels(as_image(pixels).resize((72, 120), 1))) < 1
    # copies share the pixels that are left: 160 are 53, 53 and 54, 120 are 17 or 18
    small = as_pixels(as_image(pixels).resize((54, 18), 1))
    for j in range(7):
        for i in range(3):
            left, top = i * 160 // 3, j * 120 // 7
            part = out["3 7"][top:(j + 1) * 120 // 7, left:(i + 1) * 160 // 3]
            assert mean_apart(part, small[:part.shape[0], :part.shape[1]]) < 1, (i, j)


if __name__ == "__main__":
    sys.exit(main(globals()))
