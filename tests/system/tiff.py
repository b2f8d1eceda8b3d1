"""tiff - TIFF pictures of every kind come out as their tags say, or are refused in words that name them."""
import struct
import sys
import zlib

import tiffs
from harness import exact, files_below, main, pillow

MIDDLES = [(x, y) for y in (8, 24) for x in (8, 24)]


def shown(paths):
    """The four colours of each picture, as Pillow reads it."""
    return [[tuple(one["pixels"][y * tiffs.WIDTH + x]) for x, y in MIDDLES] for one in pillow(*paths)]


def drop(house, files):
    exact(house)
    for name, data in files.items():
        (house.inbox / f"{name}.tif").write_bytes(data)


def pictures_of(house, kinds):
    drop(house, {name: data for name, (data, _) in kinds.items()})
    house.await_output(*[f"{name}.png" for name in kinds])
    return dict(zip(kinds, shown([house.output / f"{name}.png" for name in kinds]), strict=True))


def rgba(colour):
    return (colour, colour, colour, 255) if isinstance(colour, int) else (*colour, 255)[:4]


def furthest(ours, wanted):
    return max(abs(a - b) for one, two in zip(ours, map(rgba, wanted), strict=True)
               for a, b in zip(one, two, strict=True))


def are_as_told(house, kinds, most=0):
    for name, ours in pictures_of(house, kinds).items():
        wanted = kinds[name][1]
        assert furthest(ours, wanted) <= most, (name, ours, wanted)


def a_channel_that_is_not_called_alpha_makes_no_part_of_a_tiff_transparent(house):
    kinds = tiffs.spare_channels()
    plain = tiffs.single(tiffs.picture(lambda field, x, y: [
        *[255 - part for part in tiffs.FIELDS[field]], 0]), tiffs.INKS)
    found = pictures_of(house, {**kinds, "cmyk": (plain, None)})
    for name, (_, wanted) in kinds.items():
        assert furthest(found[name], wanted or found["cmyk"]) <= (0 if wanted else 1), (name, found)


def the_alpha_of_a_tiff_stays_and_premultiplied_colours_are_divided_by_it(house):
    are_as_told(house, tiffs.transparent(), most=1)


def numbers_of_every_kind_in_a_tiff_mean_the_colours_that_their_maker_saw(house):
    are_as_told(house, tiffs.numbers(), most=1)


def every_kind_of_colours_and_of_storing_them_in_a_tiff_is_read(house):
    are_as_told(house, tiffs.colours(), most=3)  # 8 bits of Lab are coarse


def one_strip(width, height):
    """A grey TIFF of a single strip, packed with deflate: dark on the left, bright below."""
    row = bytes(160 * x // width for x in range(width))
    rows = b"".join(bytes(value + 90 * y // height for value in row) for y in range(height))
    strip = zlib.compress(rows, 1)
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 8),
               (277, 3, 1), (278, 4, height), (279, 4, len(strip))]
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + bytes(4)
    return struct.pack("<2sHI", b"II", 42, 8 + len(strip)) + strip + directory


def a_tiff_of_one_large_strip_is_made_as_small_as_one_likes(house):
    """A decoder of rows goes through such a strip in one direction only, and several threads ask for rows."""
    source = house.work / "scan.tif"
    source.write_bytes(one_strip(2600, 3200))
    steps = [f'scale {{ width = {width} }} save {{ name = "{width}.png" }}' for width in (1300, 650, 300, 60)]
    config = house.top / "small.conf"
    for step in steps:
        config.write_text(f'profile "p" {{ {step} }}\n')
        done = house.command("run", "p", "--config", config, "--output", house.output, source)
        assert done.returncode == 0, (step, done.stderr)
    for made in pillow(*[house.output / f"{width}.png" for width in (300, 60)]):
        width, height = made["size"]
        for x, y in ((width // 4, height // 4), (3 * width // 4, height // 2), (width // 8, 7 * height // 8)):
            expected = 160 * (x + 0.5) / width + 90 * (y + 0.5) / height
            assert abs(made["pixels"][y * width + x][0] - expected) <= 2, (made["size"], x, y)


def a_tiff_that_is_not_read_is_refused_by_the_name_of_its_kind(house):
    kinds = tiffs.refused()
    drop(house, {name: data for name, (data, _) in kinds.items()})
    for name, (_, words) in kinds.items():
        reason = house.reason(f"{name}.tif")
        assert words in reason and "export it as" in reason and "make the" not in reason, reason
    assert files_below(house.output) == []


def a_tiff_that_is_too_wide_or_too_high_is_refused_in_these_words(house):
    sizes = {"wide": (20_000_000, 1), "high": (1, 20_000_000)}
    drop(house, {name: tiffs.file([tiffs.page([[[0]]], tiffs.GREY, parts=[bytes(100)], more=[
        (256, tiffs.LONG, [width]), (257, tiffs.LONG, [height]), (278, tiffs.LONG, [height])])])
        for name, (width, height) in sizes.items()})
    for name in "wide", "high":
        reason = house.reason(f"{name}.tif")
        assert "more than 10000000 pixels wide or high" in reason and "make the picture smaller" in reason, reason


if __name__ == "__main__":
    sys.exit(main(globals()))
