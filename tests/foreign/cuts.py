"""cuts - crop and canvas, beside numpy's slices and padding, Pillow and ImageMagick."""
import sys

import numpy
from PIL import Image, ImageOps

from foreign import apart, as_image, as_pixels, flat, magick, main, made, mean_apart, photo


def _kinds():
    return [photo(101, 80, bands, depth) for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16))]


def each_margin_is_cut_exactly(house):
    steps = {"all": "crop { all = 7 }", "left": "crop { left = 9px }", "right": "crop { right = 9 }",
             "top": "crop { top = 9 }", "bottom": "crop { bottom = 25% }", "share": "crop { all = 10% }",
             "sum": "crop { all = 3 left = 4 bottom = 5 }", "inch": "crop { left = 0.1in dpi = 100 }"}
    for pixels in _kinds():
        wanted = {"all": pixels[7:-7, 7:-7], "left": pixels[:, 9:], "right": pixels[:, :-9], "top": pixels[9:],
                  "bottom": pixels[:60], "share": pixels[8:-8, 10:-10], "sum": pixels[3:-8, 7:-3],
                  "inch": pixels[:, 10:]}
        for name, out in made(house, pixels, steps).items():
            assert apart(out, wanted[name]) == 0, (name, pixels.shape)


def trim_leaves_what_differs_from_the_border(house):
    for depth in (8, 16):
        unit = 1 if depth == 8 else 257
        pixels = flat(90, 70, 200 * unit, 180 * unit, 160 * unit, depth=depth)
        pixels[20:50, 30:80] = photo(50, 30, 3, depth) // 2
        pixels[60, 10] = (200 * unit, 180 * unit, 150 * unit)  # as near as the tolerance
        pixels[65, 85] = (0, 0, 0)
        out = made(house, pixels, {"trim": "crop { mode = trim }", "exact": "crop { mode = trim tolerance = 9 }",
                                   "all": "crop { mode = trim tolerance = 255 }"})
        assert apart(out["trim"], pixels[20:66, 30:86]) == 0
        assert apart(out["exact"], pixels[20:66, 10:86]) == 0
        assert apart(out["all"], pixels) == 0


def trim_finds_the_box_of_what_is_not_transparent(house):
    pixels = photo(90, 70, 4)
    pixels[:, :, 3] = 0
    pixels[12:40, 33:80, 3] = 7
    want = as_pixels(as_image(pixels).crop(as_image(pixels).getchannel("A").getbbox()))
    assert apart(made(house, pixels, {"trim": "crop { mode = trim }"})["trim"], want) == 0


def a_size_remains_where_it_was_asked_for(house):
    steps = {"centre": "width = 41 height = 30", "left": "width = 41 where = left", "low": "height = 30 where = bottom-right",
             "at": 'width = 41 height = 30 where = "7px 100%"', "share": 'width = 41 height = 30 where = "25% 50%"',
             "square": "ratio = 1:1", "wide": "ratio = 16:9 where = top", "high": "ratio = 0.5 where = right",
             "both": "width = 60 ratio = 3:2 where = top-left", "large": "width = 500 height = 30",
             "percent": "width = 50% height = 50% where = top-left", "formula": 'ratio = "{1 / 1}" where = centre'}
    for pixels in _kinds():
        high, wide = pixels.shape[:2]
        wanted = {"centre": pixels[25:55, 30:71], "left": pixels[:, :41], "low": pixels[50:],
                  "at": pixels[50:, 7:48], "share": pixels[25:55, 15:56], "square": pixels[:, 10:90],
                  "wide": pixels[:57], "high": pixels[:, wide - 40:], "both": pixels[:40, :60],
                  "large": pixels[25:55], "percent": pixels[:40, :51], "formula": pixels[:, 10:90]}
        out = made(house, pixels, {name: f"crop {{ mode = size {step} }}" for name, step in steps.items()})
        for name in steps:
            assert apart(out[name], wanted[name]) == 0, (name, high, wide)


def a_size_by_content_has_the_only_detail(house):
    pixels = numpy.full((100, 300, 3), 128, numpy.uint8)
    pixels[20:80, 220:280] = photo(60, 60)
    out = made(house, pixels, {word: f"crop {{ mode = size width = 60 height = 60 where = {word} }}"
                               for word in ("attention", "entropy")})
    for word, part in out.items():
        assert part.shape == (60, 60, 3) and part.std() > 20, word


def wrong_combinations_are_refused_with_a_cure(house):
    for step, says in (("crop { mode = size }", "give width, height or ratio"),
                       ("crop { mode = trim width = 10 }", "remove them"),
                       ("crop { mode = size width = 5 all = 3 }", "remove the margins"),
                       ("crop { mode = margins width = 20 }", "write mode = size"),
                       ("crop { mode = margins ratio = 1 all = 3 }", "remove the margins"),
                       ("crop { mode = size width = 5 height = 5 ratio = 1 }", "remove one of them"),
                       ("crop { mode = size ratio = 3:x }", "3:2"), ("crop { mode = size ratio = 0:1 }", "too small"),
                       ("canvas { width = 5 height = 5 ratio = 3:2 }", "remove one of them"),
                       ("fit { width = 9 height = 9 bleed = 50% }", "too large"),
                       ("scale { megapixels = 1 keep = no }", "remove keep = no"), ("scale {}", "megapixels"),
                       ("posterize { levels = 4 bits = 2 }", "remove one of them"),
                       ("levels { channels = {} gamma = 2 }", "no colour changes"),
                       ('duotone { black = "#00000000" }', "amount says"), ('warm { midtone = "#80604080" }', "amount says"),
                       ('colour_to_alpha { colour = "#ffffff80" }', "has no alpha"),
                       ("scale { enlarge = yes }", "megapixels")):
        config = house.top / "wrong.conf"
        config.write_text(f'profile "p" {{ {step} save {{}} }}\n')
        done = house.command("check", "--config", config)
        assert done.returncode != 0 and says in done.stdout + done.stderr, (step, done)


def _padded(pixels, width, height, left, top, colour):
    """On a canvas of the colour: a value for each band."""
    out = numpy.empty((height, width, len(colour)), pixels.dtype)
    out[:] = colour
    bands = pixels.shape[2]
    part = pixels[max(-top, 0):height - top, max(-left, 0):width - left]
    y, x = max(top, 0), max(left, 0)
    out[y:y + part.shape[0], x:x + part.shape[1], :bands] = part
    if len(colour) > bands:
        out[y:y + part.shape[0], x:x + part.shape[1], bands:] = numpy.iinfo(pixels.dtype).max
    return out


def a_canvas_has_its_colour_beside_the_picture(house):
    rows = {"default": ("", 101, 101, 0, 10), "wide": ("width = 150 height = 80", 150, 80, 24, 0),
            "place": ("width = 150 height = 100 place = bottom-right", 150, 100, 49, 20),
            "at": ('width = 150 height = 100 place = "7px 3px"', 150, 100, 7, 3),
            "share": ('width = 151 height = 120 place = "20% 75%"', 151, 120, 10, 30),
            "cut": ("width = 61 height = 100", 61, 100, -20, 10), "all-cut": ("width = 60 height = 60 place = right", 60, 60, -41, -10),
            "square": ("ratio = 1:1", 101, 101, 0, 10), "ratio": ("ratio = 2:1 place = left", 160, 80, 0, 0),
            "high": ("ratio = 0.5", 101, 202, 0, 61), "both": ("width = 200 ratio = 2:1", 200, 100, 49, 10),
            "percent": ("width = 200% height = 100% place = left", 202, 80, 0, 0)}
    for pixels in _kinds():
        white = numpy.iinfo(pixels.dtype).max
        colours = pixels.shape[2] // 3 * 2 + 1
        for background, colour in (("", (white,) * colours + (0,)), ('background = "#808080"', (128 * (white // 255),) * colours)):
            out = made(house, pixels, {name: f"canvas {{ {row[0]} {background} }}" for name, row in rows.items()})
            for name, (_, width, height, left, top) in rows.items():
                alpha = pixels.shape[2] > colours
                own = colour + (white,) if background and alpha else colour
                if name == "all-cut" and not alpha:
                    own = own[:colours]
                want = _padded(pixels, width, height, left, top, own)
                seen = want[:, :, -1:] > 0 if want.shape[2] > colours else numpy.ones((height, width, 1), bool)
                assert out[name].shape == want.shape, (name, pixels.shape, out[name].shape, want.shape)
                assert apart(out[name] * seen, want * seen) == 0, (name, pixels.shape, background)


def a_coloured_canvas_is_what_imagemagick_extends_to(house):
    pixels = photo(101, 80)
    out = made(house, pixels, {"one": 'canvas { width = 140 height = 130 background = "#204060" place = bottom-left }'})["one"]
    assert apart(out, magick(pixels, "-background", "#204060", "-gravity", "southwest", "-extent", "140x130")) == 0
    grey = photo(101, 80, 1)
    out = made(house, grey, {"one": 'canvas { width = 140 height = 130 background = "#204060" }'})["one"]
    want = as_pixels(ImageOps.pad(as_image(grey).convert("RGB").crop((0, 0, 101, 80)), (101, 80)))
    assert apart(out[25:105, 19:120], want) == 0 and tuple(out[0, 0]) == (0x20, 0x40, 0x60)


def edges_and_mirrors_are_what_numpy_pads_with(house):
    for pixels in _kinds():
        out = made(house, pixels, {"edge": "canvas { width = 141 height = 120 fill = edge }",
                                   "mirror": "canvas { width = 141 height = 120 fill = mirror }",
                                   "corner": "canvas { width = 141 height = 120 fill = mirror place = bottom-right }"})
        room = ((20, 20), (20, 20), (0, 0))
        assert apart(out["edge"], numpy.pad(pixels, room, "edge")) == 0, pixels.shape
        assert apart(out["mirror"], numpy.pad(pixels, room, "symmetric")) == 0, pixels.shape
        assert apart(out["corner"], numpy.pad(pixels, ((40, 0), (40, 0), (0, 0)), "symmetric")) == 0, pixels.shape


def a_blurred_canvas_is_the_picture_large_and_blurred(house):
    pixels = photo(120, 90)
    out = made(house, pixels, {"one": "canvas { width = 120 height = 160 fill = blur }"})["one"]
    assert apart(out[35:125], pixels) == 0
    cover = ImageOps.fit(as_image(pixels), (120, 160), Image.Resampling.LANCZOS)
    want = magick(as_pixels(cover), "-virtual-pixel", "edge", "-blur", "0x4")
    for rows in (slice(0, 30), slice(130, 160)):
        assert mean_apart(out[rows], want[rows]) < 4, mean_apart(out[rows], want[rows])
        assert out[rows].std() > 5


if __name__ == "__main__":
    sys.exit(main(globals()))
