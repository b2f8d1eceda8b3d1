"""frames - border, round, mask and outline, beside numpy's arithmetic, Pillow's drawing and ImageMagick."""
import sys

import numpy
from PIL import Image, ImageOps

from foreign import apart, as_image, as_pixels, magick, main, made, photo, white_of


def _kinds(width=101, height=80):
    return [photo(width, height, bands, depth)
            for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (3, 16), (4, 16))]


def _parts(pixels):
    """Colours, RGB, and alpha, of 0 to 1."""
    values = pixels / white_of(pixels)
    bands = pixels.shape[2]
    colours = values[:, :, :bands // 3 * 2 + 1]
    alpha = values[:, :, -1:] if bands in (2, 4) else numpy.ones_like(values[:, :, :1])
    return numpy.repeat(colours, 3 // colours.shape[2], 2), alpha


def _seen(pixels):
    """The colours as they count, and alpha: what is transparent has none."""
    colours, alpha = _parts(pixels)
    return numpy.concatenate([colours * alpha, alpha], 2)


def _differs(out, weighted):
    """How far a picture is from colours times alpha, and alpha, in values of 255."""
    got = _seen(out)
    assert got.shape == weighted.shape, (got.shape, weighted.shape)
    return abs(got - weighted).max() * 255


def _over(below, colour, share):
    """A colour in front of colours times alpha."""
    layer = numpy.concatenate([numpy.broadcast_to(numpy.array(colour) / 255, share.shape[:2] + (3,)) * share, share], 2)
    return layer + below * (1 - share)


# ---- border ----

SIDES = {"default": ("", 1, 1, 1, 1), "width": ("width = 7", 7, 7, 7, 7), "half": ("width = 2.5px", 3, 3, 3, 3),
         "share": ("width = 10%", 9, 9, 9, 9), "inch": ("width = 0.1in dpi = 100", 10, 10, 10, 10),
         "sides": ("left = 3 right = 10% top = 5 bottom = 20%", 3, 10, 5, 16), "one": ("bottom = 12", 0, 0, 0, 12),
         "formula": ('width = "{height / 20}"', 4, 4, 4, 4), "none": ("width = 0", 0, 0, 0, 0)}


def a_border_is_what_numpy_pads_with(house):
    for pixels in _kinds():
        below = _seen(pixels)
        for more, colour, opacity in (("", (0, 0, 0), 1), ('colour = "#204060"', (32, 64, 96), 1),
                                      ('colour = "#80808080" opacity = 50', (128, 128, 128), 128 / 255 / 2),
                                      ("opacity = 0", (0, 0, 0), 0)):
            out = made(house, pixels, {name: f"border {{ {row[0]} {more} }}" for name, row in SIDES.items()})
            value = numpy.array(colour + (255,)) / 255 * opacity
            for name, (_, left, right, top, bottom) in SIDES.items():
                want = numpy.empty((below.shape[0] + top + bottom, below.shape[1] + left + right, 4))
                want[:] = value
                want[top:top + below.shape[0], left:left + below.shape[1]] = below
                assert _differs(out[name], want) < 0.51, (name, more, pixels.shape, _differs(out[name], want))


def a_border_inside_lies_over_the_edges(house):
    for pixels in _kinds():
        below = _seen(pixels)
        for more, colour, opacity in (("", (0, 0, 0), 1), ('colour = "#c08040" opacity = 30%', (192, 128, 64), 0.3),
                                      ('colour = "#ffffff80"', (255, 255, 255), 128 / 255)):
            rows = {**SIDES, "all": ("width = 90%", 200, 200, 200, 200), "wide": ("left = 60 right = 60", 60, 60, 0, 0)}
            out = made(house, pixels, {name: f"border {{ {row[0]} inside = yes {more} }}" for name, row in rows.items()})
            for name, (_, left, right, top, bottom) in rows.items():
                share = numpy.full(below.shape[:2] + (1,), opacity)
                share[top:max(below.shape[0] - bottom, 0), left:max(below.shape[1] - right, 0)] = 0
                want = _over(below, colour, share)
                assert _differs(out[name], want) < 1.01, (name, more, pixels.shape, _differs(out[name], want))


def a_border_keeps_what_pictures_are(house):
    steps = {"black": "border { width = 3 }", "red": 'border { width = 3 colour = "#ff0000" }',
             "soft": "border { width = 3 opacity = 50 }", "inside": "border { width = 3 opacity = 50 inside = yes }"}
    for bands, depth, want in ((1, 8, (1, 3, 2, 1)), (2, 8, (2, 4, 2, 2)), (3, 8, (3, 3, 4, 3)), (4, 16, (4, 4, 4, 4))):
        pixels = photo(60, 40, bands, depth)
        out = made(house, pixels, steps)
        for (name, got), count in zip(out.items(), want):
            assert got.shape[2] == count and got.dtype == pixels.dtype, (name, bands, got.shape)


def a_border_is_that_of_pillow_and_imagemagick(house):
    pixels = photo(101, 80)
    out = made(house, pixels, {"all": 'border { width = 6 colour = "#204060" }',
                               "two": 'border { left = 9 right = 9 top = 4 bottom = 4 colour = "#c0c0c0" }'})
    assert apart(out["all"], as_pixels(ImageOps.expand(as_image(pixels), 6, "#204060"))) == 0
    assert apart(out["two"], magick(pixels, "-bordercolor", "#c0c0c0", "-border", "9x4")) == 0


def a_width_beside_sides_is_refused_with_a_cure(house):
    for step, says in (("border { width = 5 left = 3 }", "remove width"), ("border { width = -5 }", "too small"),
                       ("border { opacity = 101 }", "too large")):
        config = house.top / "wrong.conf"
        config.write_text(f'profile "p" {{ {step} save {{}} }}\n')
        done = house.command("check", "--config", config)
        assert done.returncode != 0 and says in done.stdout + done.stderr, (step, done)


if __name__ == "__main__":
    sys.exit(main(globals()))
