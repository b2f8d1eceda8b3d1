"""frames - border and round, beside numpy's arithmetic, Pillow's drawing and ImageMagick."""
import sys

import numpy
from PIL import ImageOps

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


# ---- round ----

FINE = 16  # parts of a pixel, in each direction, of what is drawn to compare with


def _joined(fine):
    """How much of each pixel an array of its parts, True inside, covers."""
    high, wide = fine.shape
    return fine.reshape(high // FINE, FINE, wide // FINE, FINE).mean((1, 3))


def _corner(method, radius, size):
    """How much a corner leaves of the pixels of a square, whose upper left pixel is the tip."""
    y, x = (numpy.mgrid[0:size * FINE, 0:size * FINE] + 0.5) / FINE
    inside = {"round": (x >= radius) | (y >= radius) | ((x - radius) ** 2 + (y - radius) ** 2 <= radius ** 2),
              "cut": x + y >= radius, "square": x >= 0, "cross": (x >= radius) | (y >= radius),
              "notch": x ** 2 + y ** 2 >= radius ** 2}
    return _joined(inside[method])


def _rounded(width, height, radius, methods):
    """The same of a picture, whose corners are in the order of reading."""
    share = numpy.ones((height, width))
    size = int(numpy.ceil(radius)) + 1
    share[:size, :size] = _corner(methods[0], radius, size)
    share[:size, -size:] = _corner(methods[1], radius, size)[:, ::-1]
    share[-size:, :size] = _corner(methods[2], radius, size)[::-1]
    share[-size:, -size:] = _corner(methods[3], radius, size)[::-1, ::-1]
    return share


def each_corner_has_the_form_that_is_asked_for(house):
    pixels = photo(120, 90)
    forms = ("round", "cut", "square", "cross", "notch")
    rows = {form: (f"radius = 20 method = {form}", 20, (form,) * 4) for form in forms}
    rows["part"] = ("radius = 10.5px method = cross", 10.5, ("cross",) * 4)
    rows["share"] = ("radius = 10% method = notch", 9, ("notch",) * 4)
    rows["default"] = ("", 4.5, ("round",) * 4)
    rows["mixed"] = ("radius = 25 top_left = cross top_right = notch bottom_left = cut bottom_right = square", 25,
                     ("cross", "notch", "cut", "square"))
    out = made(house, pixels, {name: f"round {{ {row[0]} }}" for name, row in rows.items()})
    for name, (_, radius, methods) in rows.items():
        want = 255 * _rounded(120, 90, radius, methods)
        far = abs(out[name][:, :, 3] - want)
        assert far.max() < 16 and far.mean() < 0.1, (name, far.max(), far.mean())
        assert apart(out[name][:, :, :3], pixels) == 0, name


def the_opacity_of_round_is_that_of_the_whole_picture(house):
    for pixels in _kinds(90, 70):
        white = white_of(pixels)
        out = made(house, pixels, {"all": "round { radius = 15 }", "half": "round { radius = 15 opacity = 50 }",
                                   "least": "round { radius = 15 opacity = 1% }",
                                   "ground": 'round { radius = 15 background = "#406080" }',
                                   "faded": 'round { radius = 15 background = "#406080" opacity = 30 }'})
        for name, whole, opacity in (("half", "all", 0.5), ("least", "all", 0.01), ("faded", "ground", 0.3)):
            colours, alpha = _parts(out[whole])
            got, got_alpha = _parts(out[name])
            assert out[name].shape[2] in (2, 4) and out[name].dtype == pixels.dtype
            assert abs(got_alpha - alpha * opacity).max() * white <= 1, (name, pixels.shape)
            assert (abs(got - colours) * (got_alpha > 0)).max() * white <= 1, (name, pixels.shape)


if __name__ == "__main__":
    sys.exit(main(globals()))
