"""relief - pictures that stand out, and pictures made of pictures, beside numpy's arithmetic."""
import sys
from pathlib import Path

import numpy

from foreign import apart, flat, main, made, photo, white_of, write


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


def cells(pixels, columns, rows):
    """The parts of a picture, row by row."""
    height, width = pixels.shape[:2]
    across = [i * width // columns for i in range(columns + 1)]
    down = [i * height // rows for i in range(rows + 1)]
    return [pixels[down[row]:down[row + 1], across[column]:across[column + 1]]
            for row in range(rows) for column in range(columns)]


def mean_of(pixels):
    return pixels.reshape(-1, pixels.shape[2]).mean(0)


def directory_of_tiles(house, tiles):
    directory = house.top / "tiles"
    directory.mkdir(exist_ok=True)
    for name, pixels in tiles.items():
        write(directory / f"{name}.png", pixels)
    (directory / ".hidden").write_text("no picture")
    (directory / "more").mkdir(exist_ok=True)
    return directory


def mosaic_takes_the_tile_of_the_nearest_mean(house):
    colours = ((255, 0, 0), (0, 200, 0), (30, 30, 220), (250, 250, 250), (10, 10, 10), (200, 180, 40))
    tiles = directory_of_tiles(house, {str(i): flat(9, 7, *colour) for i, colour in enumerate(colours)})
    for pixels, columns, rows in ((photo(), 10, 10), (photo(153, 127, depth=16), 7, 13), (photo(bands=1), 4, 3)):
        step = f'mosaic {{ tiles = "{tiles}" columns = {columns} rows = {rows} tone = 0 }}'
        out = made(house, pixels, {"out": step})["out"]
        assert out.shape == (*pixels.shape[:2], 3) and out.dtype == pixels.dtype
        unit = white_of(pixels) // 255
        for own, tile in zip(cells(pixels, columns, rows), cells(out, columns, rows)):
            mean = mean_of(own) / unit
            best = min(colours, key=lambda colour: ((numpy.array(colour) - mean) ** 2).sum())
            assert (tile == numpy.array(best, out.dtype) * unit).all(), (mean, best, tile[0, 0])


def mosaic_moves_tiles_to_the_colours_of_their_cells(house):
    pixels = photo(seed=4) // 2 + 64
    soft = photo(40, 30, seed=5) // 8 + 112
    tile = write(house.top / "tile.png", soft)
    steps = {"file": f'mosaic {{ tiles = "{tile}" columns = 8 rows = 6 }}',
             "half": f'mosaic {{ tiles = "{tile}" columns = 8 rows = 6 tone = 50% }}',
             "large": f'mosaic {{ tiles = "{tile}" columns = 4 rows = 3 width = 200% height = 90px }}'}
    out = made(house, pixels, steps)
    for own, tone, half in zip(cells(pixels, 8, 6), cells(out["file"], 8, 6), cells(out["half"], 8, 6)):
        assert abs(mean_of(own) - mean_of(tone)).max() < 1.5
        assert abs((mean_of(own) + mean_of(soft)) / 2 - mean_of(half)).max() < 1.5
        assert tone.std(axis=(0, 1)).max() > 2  # it is the tile, not its mean
    assert out["large"].shape == (90, 320, 3)
    for own, tone in zip(cells(pixels, 4, 3), cells(out["large"], 4, 3)):
        assert abs(mean_of(own) - mean_of(tone)).max() < 1.5


def mosaic_shows_each_tile_whole(house):
    tiles = {"dark": photo(40, 30, seed=6) // 3, "light": 255 - photo(40, 30, seed=7) // 3}
    pixels = numpy.hstack([flat(40, 30, 10, 10, 10), flat(40, 30, 240, 240, 240)])
    step = f'mosaic {{ tiles = "{directory_of_tiles(house, tiles)}" columns = 2 rows = 1 tone = 0 }}'
    out = made(house, pixels, {"out": step})["out"]
    assert (out == numpy.hstack([tiles["dark"], tiles["light"]])).all()


def mosaic_refuses_a_directory_with_what_is_no_picture(house):
    tiles = directory_of_tiles(house, {"a": flat(4, 4, 1, 2, 3)})
    (tiles / "z.jpg").write_text("no picture")
    empty = house.top / "empty"
    empty.mkdir()
    for path, said in ((tiles, "'z.jpg'"), (empty, "no files"), (Path("/nowhere/tiles"), "no such file")):
        config = house.top / "foreign.conf"
        config.write_text(f'profile "foreign" {{ mosaic {{ tiles = "{path}" }} save {{}} }}\n')
        source = write(house.top / "source.png", photo())
        done = house.command("run", "foreign", "--config", config, "--output", house.output, source)
        assert done.returncode != 0 and said in done.stderr and str(path) in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(main(globals()))
