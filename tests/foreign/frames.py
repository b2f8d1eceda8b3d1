"""frames - border, round, mask and outline, beside numpy's arithmetic, Pillow's drawing and ImageMagick."""
import sys

import numpy
from PIL import Image, ImageDraw, ImageOps

from foreign import apart, as_image, as_pixels, magick, main, made, photo, white_of, write


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


# ---- mask ----

def _drawn(width, height, draw):
    """A shape that Pillow draws on a square from 0 to 1, stretched: from 0 to 1 as well."""
    image = Image.new("L", (width * FINE, height * FINE), 0)
    draw(ImageDraw.Draw(image), lambda points: [(x * width * FINE - 0.5, y * height * FINE - 0.5) for x, y in points])
    return _joined(numpy.asarray(image) > 127)


def _polygon(points):
    return lambda brush, place: brush.polygon(place(points), fill=255)


def _ellipses(*boxes):
    def draw(brush, place):
        for x, y, across, down in boxes:
            brush.ellipse(place([(x - across, y - down), (x + across, y + down)]), fill=255)
    return draw


def _all(*parts):
    def draw(brush, place):
        for part in parts:
            part(brush, place)
    return draw


def _circle_of(count, start=0.0, inner=None):
    """Points on a circle of 1 from the top on, with inner ones between where they are asked for."""
    points = []
    for i in range(count):
        angle = 2 * numpy.pi * (i + start) / count
        points.append((numpy.sin(angle), -numpy.cos(angle)))
        if inner:
            angle += numpy.pi / count
            points.append((inner * numpy.sin(angle), -inner * numpy.cos(angle)))
    return points


def _fitted(points):
    """Points, stretched from 0 to 1 in both directions."""
    points = numpy.array(points)
    return [tuple(point) for point in (points - points.min(0)) / (points.max(0) - points.min(0))]


def _shapes():
    octagon = [(x / 0.9238795 / 2 + 0.5, y / 0.9238795 / 2 + 0.5) for x, y in _circle_of(8, 0.5)]
    touch = numpy.sqrt(2.25)  # of a line from the tip of a heart to the circle of 0.5 around 0.5, 0.5 above
    angle = numpy.arctan2(0.5, 1.5) + numpy.arcsin(0.5 / numpy.hypot(0.5, 1.5))
    side = (touch * numpy.sin(angle), 1 - touch * numpy.cos(angle))
    heart = [((x + 1) / 2, (y + 1) / 2) for x, y in ((0, 1), side, (0.5, -0.5), (0, -0.5), (-0.5, -0.5), (-side[0], side[1]))]
    third = [(0, 1 / 3), (1 / 3, 1 / 3), (1 / 3, 0), (2 / 3, 0), (2 / 3, 1 / 3), (1, 1 / 3), (1, 2 / 3), (2 / 3, 2 / 3),
             (2 / 3, 1), (1 / 3, 1), (1 / 3, 2 / 3), (0, 2 / 3)]
    badge = [(x / 2 + 0.5, y / 2 + 0.5) for x, y in _circle_of(12, 0, 0.85)]
    return {"ellipse": _ellipses((0.5, 0.5, 0.5, 0.5)), "diamond": _polygon([(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)]),
            "triangle": _polygon([(0.5, 0), (1, 1), (0, 1)]), "octagon": _polygon(octagon),
            "hexagon": _polygon([(0.25, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0.25, 1), (0, 0.5)]),
            "star": _polygon(_fitted(_circle_of(5, 0, 0.381966))), "badge": _polygon(badge), "cross": _polygon(third),
            "arch": _all(_ellipses((0.5, 0.5, 0.5, 0.5)), _polygon([(0, 0.5), (1, 0.5), (1, 1), (0, 1)])),
            "heart": _all(_polygon(heart), _ellipses((0.25, 0.25, 0.25, 0.25), (0.75, 0.25, 0.25, 0.25)))}


def shapes_are_those_that_pillow_draws(house):
    for width, height in ((120, 120), (160, 90)):
        pixels = photo(width, height)
        shapes = _shapes()
        out = made(house, pixels, {name: f"mask {{ mask = {name} }}" for name in shapes})
        for name, draw in shapes.items():
            want = 255 * _drawn(width, height, draw)
            far = abs(out[name][:, :, 3] - want)
            assert far.mean() < 0.6 and numpy.quantile(far, 0.999) < 50, (name, width, far.mean(), far.max())
            assert apart(out[name][:, :, :3], pixels) == 0, name


def _places(width, height):
    """The places of all parts of pixels, from the middle of the picture."""
    y, x = (numpy.mgrid[0:height * FINE, 0:width * FINE] + 0.5) / FINE
    return x - width / 2, y - height / 2


def _by_numbers(width, height):
    """Shapes that numpy says of each part of a pixel: a function that gives an array of booleans."""
    x, y = _places(width, height)
    across, down = width / 2, height / 2
    shorter = min(across, down)
    radius = 0.4 * shorter
    corner_x, corner_y = numpy.maximum(abs(x) - across + radius, 0), numpy.maximum(abs(y) - down + radius, 0)
    u, v = x / across, y / down
    petals = 0.55 + 0.45 * abs(numpy.cos(4 * numpy.arctan2(u, -v)))
    cloud_y = -0.82 + (v + 1) / 2 * 1.62
    cloud = (abs(u) <= 0.58) & (cloud_y >= 0)
    for middle_x, middle_y, size in ((-0.58, 0.38, 0.42), (0.58, 0.38, 0.42), (0, -0.2, 0.62), (-0.42, 0.02, 0.42),
                                     (0.48, 0.08, 0.4)):
        cloud |= (u - middle_x) ** 2 + (cloud_y - middle_y) ** 2 <= size ** 2
    holes = numpy.zeros_like(cloud)
    scallops = (abs(x) <= across - shorter / 10) & (abs(y) <= down - shorter / 10)
    many_x, many_y = round(10 * across / shorter), round(10 * down / shorter)
    for count, half, other, place, beside in ((many_x, across, down, x, y), (many_y, down, across, y, x)):
        step = 2 * half / count
        for i in range(count + 1):
            holes |= (place + half - i * step) ** 2 + (abs(beside) - other) ** 2 <= (0.3 * step) ** 2
        for i in range(count):
            deep = other - step / 2
            scallops |= (place + half - (i + 0.5) * step) ** 2 + (abs(beside) - deep) ** 2 <= (step / 2) ** 2
    return {"circle": numpy.hypot(x, y) <= shorter, "rounded": numpy.hypot(corner_x, corner_y) <= radius,
            "daisy": numpy.hypot(u, v) <= petals, "cloud": cloud, "stamp": ~holes, "scalloped": scallops}


def shapes_are_those_of_their_formulas(house):
    for width, height in ((120, 120), (160, 80)):
        shapes = _by_numbers(width, height)
        out = made(house, photo(width, height), {name: f"mask {{ mask = {name} }}" for name in shapes})
        for name, inside in shapes.items():
            far = abs(out[name][:, :, 3] - 255 * _joined(inside))
            assert far.mean() < 0.6 and numpy.quantile(far, 0.999) < 50, (name, width, far.mean(), far.max())


def _smooth(t):
    t = numpy.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def soft_shapes_are_exact_and_torn_edges_lie_near_the_edge(house):
    width, height = 160, 90
    y, x = numpy.mgrid[0:height, 0:width] + 0.5
    x, y = abs(x - width / 2), abs(y - height / 2)
    wanted = {"fade": _smooth((width / 2 - x) / 15) * _smooth((height / 2 - y) / 15),
              "vignette": _smooth((1 - numpy.hypot(x / width * 2, y / height * 2)) * 2)}
    for bands, depth in ((3, 8), (1, 16)):
        pixels = photo(width, height, bands, depth)
        names = ("fade", "vignette", "torn")
        out = made(house, pixels, {name: f"mask {{ mask = {name} }}" for name in names})
        again = made(house, pixels, {name: f"mask {{ mask = {name} }}" for name in names})
        for name, want in wanted.items():
            assert abs(out[name][:, :, -1] - white_of(pixels) * want).max() <= 1, (name, depth)
        torn = out["torn"][:, :, -1] / white_of(pixels)
        assert apart(out["torn"], again["torn"]) == 0
        assert (torn[6:-6, 6:-6] == 1).all() and torn.mean() < 0.99
        for edge in (torn[0], torn[-1], torn[:, 0], torn[:, -1]):
            assert edge.mean() < 0.5
        assert (torn[0] != torn[-1]).any() and (torn[:, 0] != torn[:, -1]).any()


def _file(house, values, name="mask.png"):
    return write(house.top / name, values[:, :, None].astype(numpy.uint8))


def a_file_hides_what_is_black_in_it(house):
    grey = photo(70, 50, 1, seed=3)[:, :, 0]
    path = _file(house, grey)
    small = Image.fromarray(grey)
    steps = {"auto": "", "nearest": "kernel = nearest", "linear": "kernel = linear", "invert": "invert = yes"}
    for pixels in _kinds(140, 100):
        unit = white_of(pixels) // 255
        colours = pixels.shape[2] // 3 * 2 + 1
        out = made(house, pixels, {name: f'mask {{ mask = "{path}" {more} }}' for name, more in steps.items()})
        old = pixels[:, :, -1] if pixels.shape[2] > colours else numpy.full(pixels.shape[:2], white_of(pixels))
        for name, kernel, far in (("nearest", Image.Resampling.NEAREST, 0), ("linear", Image.Resampling.BILINEAR, 1),
                                  ("auto", Image.Resampling.BICUBIC, 1), ("invert", Image.Resampling.BICUBIC, 1)):
            mask = numpy.asarray(small.resize((140, 100), kernel)).astype(int)
            mask = (255 - mask if name == "invert" else mask) * unit
            got = out[name][:, :, -1].astype(int)
            assert out[name].shape[2] == colours + 1 and out[name].dtype == pixels.dtype
            assert abs(got - numpy.minimum(mask, old)).max() <= far * unit, (name, pixels.shape)
            assert apart(out[name][:, :, :colours], pixels[:, :, :colours]) == 0, name


def _blurred(plane, sigma):
    reach = int(4 * sigma) + 1
    weights = numpy.exp(-numpy.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    plane = numpy.pad(plane.astype(float), reach, "edge")
    for axis in (0, 1):
        plane = numpy.apply_along_axis(numpy.convolve, axis, plane, weights / weights.sum(), "valid")
    return plane


def feather_makes_the_edge_soft_inside_of_the_picture(house):
    pixels = photo(120, 90)
    grey = numpy.zeros((90, 120))
    grey[20:70, 30:100] = 255
    path = _file(house, grey)
    out = made(house, pixels, {"circle": "mask { mask = circle feather = 10 }", "share": "mask { mask = circle feather = 10% }",
                               "other": "mask { mask = circle feather = 10 invert = yes }",
                               "file": f'mask {{ mask = "{path}" feather = 6px }}',
                               "wide": f'mask {{ mask = "{path}" feather = 30 }}'})
    x, y = _places(120, 90)
    for name, radius, sigma in (("circle", 35, 5), ("share", 36, 4.5)):
        want = _blurred(255 * _joined(numpy.hypot(x, y) <= radius), sigma)
        far = abs(out[name][:, :, 3] - want)
        assert far.max() < 3, (name, far.max())
    assert out["circle"][0, :, 3].max() < 12
    assert abs(out["circle"][:, :, 3].astype(int) + out["other"][:, :, 3] - 255).max() <= 1
    for name, sigma, most in (("file", 3, 1), ("wide", 15, 5)):
        far = abs(out[name][:, :, 3] - _blurred(grey, sigma))
        assert far.max() <= most + 0.5, (name, far.max())


# ---- outline ----

def _grown(shape, by):
    """A shape of 0 to 1 grown by a disc: of all pixels around each the most that any covers of it."""
    reach = by + 1
    high, wide = shape.shape
    padded = numpy.pad(shape, reach)
    out = numpy.zeros_like(shape)
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            share = numpy.clip(by + 1 - numpy.hypot(across, down), 0, 1)
            part = padded[reach + down:reach + down + high, reach + across:reach + across + wide]
            out = numpy.maximum(out, share * part)
    return out


def _outlined(pixels, size, offset, line, fill, opacity=1.0, picture=True):
    """Colours times alpha, and alpha."""
    margin = size + offset
    colours, alpha = _parts(pixels)
    framed = (alpha == 1).all()
    alpha = numpy.pad(alpha[:, :, 0], margin)
    colours = numpy.pad(colours, ((margin, margin), (margin, margin), (0, 0)))
    if framed:
        outer = numpy.ones_like(alpha)
        inner = numpy.zeros_like(alpha)
        inner[size:alpha.shape[0] - size, size:alpha.shape[1] - size] = 1
    else:
        inner, outer = _grown(alpha, offset), _grown(alpha, margin)
    own = alpha if picture else alpha * 0
    parts = ((own, colours), ((inner - own) * opacity * fill[3] / 255, numpy.array(fill[:3]) / 255),
             ((outer - inner) * opacity * line[3] / 255, numpy.array(line[:3]) / 255))
    return numpy.concatenate([sum(share[:, :, None] * colour for share, colour in parts),
                              sum(share for share, _ in parts)[:, :, None]], 2)


BLACK, WHITE = (0, 0, 0, 255), (255, 255, 255, 255)
OUTLINES = {"default": ("", 1, 0, BLACK, WHITE), "wide": ("size = 5", 5, 0, BLACK, WHITE),
            "away": ("size = 3 offset = 4", 3, 4, BLACK, WHITE),
            "share": ('size = 5% offset = 2.5% colour = "#ff8000" fill = "#204060"', 4, 2, (255, 128, 0, 255), (32, 64, 96, 255)),
            "soft": ('size = 3 offset = 3 colour = "#ff000080" fill = "#00ff00"', 3, 3, (255, 0, 0, 128), (0, 255, 0, 255)),
            "faded": ("size = 4 offset = 2 opacity = 40", 4, 2, BLACK, WHITE, 0.4),
            "empty": ("size = 4 offset = 2 picture = no", 4, 2, BLACK, WHITE, 1.0, False),
            "hollow": ('size = 2 picture = no fill = "#00000000"', 2, 0, BLACK, (0, 0, 0, 0), 1.0, False),
            "fill": ("size = 0 offset = 3", 0, 3, BLACK, WHITE), "none": ("size = 0", 0, 0, BLACK, WHITE)}


def an_opaque_picture_gets_two_frames(house):
    for bands, depth in ((1, 8), (3, 8), (4, 8), (3, 16)):
        pixels = photo(100, 80, bands, depth)
        if bands == 4:
            pixels[:, :, 3] = 255
        out = made(house, pixels, {name: f"outline {{ {row[0]} }}" for name, row in OUTLINES.items()})
        for name, row in OUTLINES.items():
            assert _differs(out[name], _outlined(pixels, *row[1:])) < 0.6, (name, bands, depth)
        assert out["default"].shape == (82, 102, bands) and out["hollow"].shape[2] in (2, 4)


def an_outline_follows_a_shape_into_its_gaps(house):
    y, x = numpy.mgrid[0:80, 0:100]
    ring = (numpy.hypot(x - 50, y - 40) < 34) & (numpy.hypot(x - 50, y - 40) > 18) & ~((abs(y - 40) < 6) & (x > 50))
    ring |= numpy.hypot(x - 50, y - 40) < 5
    for bands, depth in ((2, 8), (4, 8), (4, 16)):
        pixels = photo(100, 80, bands, depth)
        pixels[:, :, -1] = ring * white_of(pixels)
        out = made(house, pixels, {name: f"outline {{ {row[0]} }}" for name, row in OUTLINES.items()})
        for name, row in OUTLINES.items():
            assert _differs(out[name], _outlined(pixels, *row[1:])) < 1.6, (name, bands, depth)


def an_outline_has_the_soft_edge_of_its_shape(house):
    pixels = photo(100, 80, 4)
    pixels[:, :, 3] = numpy.rint(255 * _drawn(100, 80, _polygon(_fitted(_circle_of(5, 0, 0.381966)))))
    out = made(house, pixels, {name: f"outline {{ {row[0]} }}" for name, row in OUTLINES.items()})
    for name, row in OUTLINES.items():
        far = abs(_seen(out[name]) - _outlined(pixels, *row[1:])) * 255
        assert far.mean() < 0.7 and numpy.quantile(far, 0.995) < 45, (name, far.mean(), numpy.quantile(far, 0.995))


if __name__ == "__main__":
    sys.exit(main(globals()))
