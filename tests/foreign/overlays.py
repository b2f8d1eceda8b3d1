"""overlays - gloss and background, beside numpy's arithmetic, Pillow's composition and ImageMagick's."""
import subprocess
import sys

import numpy
from PIL import Image, ImageChops

from foreign import apart, as_image, as_pixels, files_made, flat, magick, main, made, photo, white_of, write
from spaces import our_profiles

KINDS = ((1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (3, 16), (4, 16))


def _kinds(width=101, height=80):
    return [photo(width, height, bands, depth) for bands, depth in KINDS]


def _parts(pixels):
    """Colours, and alpha, of 0 to 1."""
    values = pixels / white_of(pixels)
    count = pixels.shape[2] // 3 * 2 + 1
    return values[:, :, :count], values[:, :, count:] if pixels.shape[2] > count else numpy.ones_like(values[:, :, :1])


def _seen(pixels):
    """RGB times alpha, and alpha, of 0 to 1."""
    colours, alpha = _parts(pixels)
    return numpy.concatenate([numpy.repeat(colours, 3 // colours.shape[2], 2) * alpha, alpha], 2)


def _differs(out, want):
    """How far a picture is from colours times alpha, and alpha, in values of 255."""
    got = _seen(out)
    assert got.shape == want.shape, (got.shape, want.shape)
    return abs(got - want).max() * 255


# ---- gloss ----

FINE = 8  # parts of a pixel in each direction


def _smooth(t):
    t = numpy.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _lights(width, height):
    """How much light is where, by name, as the mean of parts of pixels."""
    y, x = (numpy.mgrid[0:height * FINE, 0:width * FINE] + 0.5) / FINE
    u, v = 2 * x / width - 1, 2 * y / height - 1
    ends = {"dome": numpy.sqrt(1 - (u / 1.4) ** 2) - 1, "half": 0 * u, "wave": 0.25 * numpy.sin(numpy.pi * u)}
    lights = {name: numpy.where(v < end, 0.7 - 0.55 * (v + 1) / (end + 1), 0) for name, end in ends.items()}
    at = (u + v) / 2
    lights["band"] = 0.4 * ((at > -0.4) & (at < -0.1)) + 0.25 * (abs(at) < 0.04)
    lights["corner"] = 0.8 * (1 - _smooth(numpy.hypot(u + 1, v + 1) / 1.8))
    lights["spot"] = 0.85 * (1 - _smooth(numpy.hypot(u + 0.35, v + 0.4) / 0.6))
    lights["glow"] = 0.7 * (1 - _smooth(numpy.hypot(u / 1.3, v - 1) / 1.1))
    edge = numpy.minimum(numpy.minimum(x, width - x), numpy.minimum(y, height - y))
    lights["rim"] = 0.7 * (1 - _smooth(edge / 0.15 / min(width, height)))
    return {name: light.reshape(height, FINE, width, FINE).mean((1, 3)) for name, light in lights.items()}


def each_light_shines_white_where_its_formula_says(house):
    for width, height in ((120, 90), (90, 150)):
        lights = _lights(width, height)
        pixels = photo(width, height)
        out = made(house, pixels, {name: f"gloss {{ gloss = {name} }}" for name in lights})
        for name, light in lights.items():
            want = pixels + (255 - pixels.astype(float)) * light[:, :, None]
            far = abs(out[name] - want)
            assert far.mean() < 0.2 and far.max() < 8, (name, width, far.mean(), far.max())


def a_gloss_changes_colours_and_leaves_transparency(house):
    """Of every kind of picture, the default and its opacity."""
    light = _lights(101, 80)["dome"][:, :, None]
    for pixels in _kinds():
        out = made(house, pixels, {"all": "gloss {}", "half": "gloss { opacity = 50 }", "none": "gloss { opacity = 0% }",
                                   "named": "gloss { gloss = dome opacity = 100 blend = over }"})
        colours = pixels.shape[2] // 3 * 2 + 1
        assert (out["all"] == out["named"]).all() and (out["none"] == pixels).all()
        for name, share in (("all", 1), ("half", 0.5)):
            assert out[name].shape == pixels.shape and out[name].dtype == pixels.dtype
            assert (out[name][:, :, colours:] == pixels[:, :, colours:]).all()
            own = pixels[:, :, :colours] / white_of(pixels)
            far = abs(out[name][:, :, :colours] / white_of(pixels) - own - (1 - own) * light * share) * 255
            assert far.mean() < 0.2 and far.max() < 8, (name, pixels.shape, far.mean(), far.max())


def _file(house, pixels, name="gloss.png"):
    return write(house.top / name, pixels)


def a_file_as_gloss_is_what_pillow_composes(house):
    mark, solid = photo(50, 40, 4, seed=5), photo(50, 40, 3, seed=6)
    path, other = _file(house, mark), _file(house, solid, "solid.png")
    kernels = {"linear": Image.Resampling.BILINEAR, "cubic": Image.Resampling.BICUBIC, "auto": Image.Resampling.BICUBIC}
    for pixels in (photo(100, 80), photo(100, 80, 4)):
        steps = {name: f'gloss {{ gloss = "{other}" kernel = {name} opacity = 60 }}' for name in kernels}
        steps["nearest"] = f'gloss {{ gloss = "{path}" kernel = nearest }}'
        steps["faded"] = f'gloss {{ gloss = "{path}" kernel = nearest opacity = 30 }}'
        out = made(house, pixels, steps)
        below = Image.fromarray(pixels[:, :, :3])
        for name, kernel in kernels.items():
            want = numpy.asarray(Image.blend(below, Image.fromarray(solid).resize((100, 80), kernel), 0.6))
            far = abs(out[name][:, :, :3] - want.astype(int))  # what lies beyond white is cut off in another order
            assert far.mean() < 0.7 and numpy.quantile(far, 0.995) <= 2, (name, far.mean(), far.max())
        large = Image.fromarray(mark).resize((100, 80), Image.Resampling.NEAREST)
        want = numpy.asarray(Image.alpha_composite(below.convert("RGBA"), large))[:, :, :3]
        assert apart(out["nearest"][:, :, :3], want) <= 1, apart(out["nearest"][:, :, :3], want)
        light, alpha = numpy.asarray(large)[:, :, :3], numpy.asarray(large)[:, :, 3:] / 255 * 0.3
        assert abs(out["faded"][:, :, :3] - (pixels[:, :, :3] + (light - pixels[:, :, :3].astype(float)) * alpha)).max() <= 0.51
        assert all((got[:, :, 3:] == pixels[:, :, 3:]).all() for got in out.values())


def blends_are_those_of_pillow_and_imagemagick(house):
    pixels, above = photo(100, 80), photo(100, 80, seed=7)[::-1].copy()
    path = _file(house, above)
    source = write(house.top / "below.png", pixels)
    out = made(house, pixels, {name: f'gloss {{ gloss = "{path}" blend = {name} }}'
                               for name in ("over", "multiply", "screen", "soft-light")})
    soft = house.top / "soft.png"
    subprocess.run(["convert", source, path, "-compose", "SoftLight", "-composite", "-depth", "8", soft], check=True, timeout=60)
    wanted = {"over": above, "multiply": as_pixels(ImageChops.multiply(as_image(pixels), as_image(above))),
              "screen": as_pixels(ImageChops.screen(as_image(pixels), as_image(above))), "soft-light": as_pixels(Image.open(soft))}
    for name, want in wanted.items():
        assert apart(out[name], want) <= 1, (name, apart(out[name], want))
    deep = photo(100, 80, depth=16)
    got = made(house, deep, {"out": f'gloss {{ gloss = "{path}" blend = multiply }}'})["out"]
    assert abs(got - deep * (above / 255)).max() <= 0.51


def a_grey_picture_stays_grey_unless_the_gloss_has_colours(house):
    colours, greys = _file(house, photo(40, 30, 4, seed=2), "colours.png"), _file(house, photo(40, 30, 2, seed=2), "greys.png")
    for bands, depth in ((1, 8), (2, 8), (1, 16)):
        out = made(house, photo(80, 60, bands, depth), {"drawn": "gloss {}", "grey": f'gloss {{ gloss = "{greys}" }}',
                                                        "coloured": f'gloss {{ gloss = "{colours}" }}'})
        assert [out[name].shape[2] for name in ("drawn", "grey", "coloured")] == [bands, bands, bands + 2]


def a_gloss_of_one_colour_has_it_in_the_space_of_the_photo(house):
    """White light is white in every space; a file is brought into the space."""
    profile = our_profiles(house)["prophoto"]
    path = _file(house, flat(8, 8, 255, 0, 0, 255))
    out = made(house, flat(60, 40, 100, 120, 140), {"white": "gloss { gloss = half }", "red": f'gloss {{ gloss = "{path}" }}'}, profile)
    assert (out["white"][0, 0] > 200).all()
    assert tuple(out["red"][20, 30]) != (255, 0, 0) and out["red"][20, 30, 0] < 200


def a_gloss_that_does_nothing_is_said(house):
    for step, says in (("gloss { blend = multiply }", "gloss does nothing"), ("gloss { kernel = cubic }", "kernel does nothing"),
                       ("gloss { gloss = domme }", "dome"), ("gloss { opacity = 101 }", "too large")):
        config = house.top / "wrong.conf"
        config.write_text(f'profile "p" {{ {step} save {{}} }}\n')
        done = house.command("check", "--config", config)
        assert says in done.stdout + done.stderr, (step, done)


# ---- background ----

def _over(above, below):
    return above + below * (1 - above[:, :, 3:])


def _colour(red, green, blue, alpha=1.0):
    return numpy.array([red * alpha, green * alpha, blue * alpha, 255 * alpha]) / 255


COLOURS = {"default": ("", _colour(255, 255, 255)), "named": ('colour = "#ffffff" opacity = 100', _colour(255, 255, 255)),
           "blue": ('colour = "#204060"', _colour(32, 64, 96)), "grey": ('colour = "#808080"', _colour(128, 128, 128)),
           "half": ('colour = "#204060" opacity = 50%', _colour(32, 64, 96, 0.5)),
           "glass": ('colour = "#c0402080" opacity = 50', _colour(192, 64, 32, 64 / 255)),
           "none": ("opacity = 0", _colour(0, 0, 0, 0)), "formula": ('opacity = "{width / 101 * 30}"', _colour(255, 255, 255, 0.3))}


def a_colour_lies_behind_what_is_transparent(house):
    for pixels in _kinds():
        out = made(house, pixels, {name: f"background {{ {row[0]} }}" for name, row in COLOURS.items()})
        for name, (_, colour) in COLOURS.items():
            if pixels.shape[2] in (1, 3):
                assert out[name].shape == pixels.shape and (out[name] == pixels).all(), name
                continue
            want = _over(_seen(pixels), numpy.broadcast_to(colour, pixels.shape[:2] + (4,)))
            assert _differs(out[name], want) < 1.01, (name, pixels.shape, _differs(out[name], want))
            coloured = pixels.shape[2] == 4 or name in ("blue", "half", "glass")
            assert name != "none" or (out[name] == pixels).all()
            assert out[name].shape[2] == (3 if coloured else 1) + (colour[3] < 1), (name, out[name].shape)
            assert out[name].dtype == pixels.dtype


def a_background_is_that_of_pillow_and_imagemagick(house):
    pixels = photo(101, 80, 4)
    image = Image.fromarray(pixels)
    out = made(house, pixels, {"solid": 'background { colour = "#c08040" }', "half": 'background { colour = "#c0804080" }'})
    below = {name: Image.new("RGBA", image.size, colour) for name, colour in (("solid", "#c08040"), ("half", "#c0804080"))}
    assert apart(out["solid"], numpy.asarray(Image.alpha_composite(below["solid"], image))[:, :, :3]) <= 1
    want = _seen(numpy.asarray(Image.alpha_composite(below["half"], image)))
    assert _differs(out["half"], want) < 1.01, _differs(out["half"], want)
    assert apart(out["solid"], magick(pixels, "-background", "#c08040", "-flatten")[:, :, :3]) <= 1


def _sheet(file, height, width, left, top):
    """A file that lies at a place, and nothing beside it: colours times alpha, and alpha."""
    own = _seen(file)
    page = numpy.zeros((height + 600, width + 600, 4))
    page[300 + top:300 + top + own.shape[0], 300 + left:300 + left + own.shape[1]] = own
    return page[300:300 + height, 300:300 + width]


def _turned(file, angle):
    return numpy.rot90(file, -angle // 90).copy()


def a_file_lies_behind_where_it_is_placed_turned_and_tiled(house):
    for bands, file_bands, depth in ((4, 4, 8), (4, 3, 8), (2, 2, 8), (2, 1, 16), (4, 4, 16), (2, 4, 8)):
        pixels, file = photo(120, 90, bands, depth), photo(30, 20, file_bands, seed=4)
        path = _file(house, file, f"paper{bands}{file_bands}{depth}.png")  # else the run has nothing new to do
        steps = {"centre": ("method = place", 45, 35, 0), "corner": ("method = place place = bottom-right margin = 6", 84, 64, 0),
                 "at": ('method = place place = "10% -5"', 12, -5, 0),
                 "anchored": ('method = by-offset place = "50% 100%" anchor = bottom margin = 7', 45, 70, 0),
                 "turned": ("method = place place = top-left turn = 90", 0, 0, 90),
                 "down": ("method = place place = left turn = 180", 0, 35, 180), "left": ("method = place place = top turn = 270", 50, 0, 270)}
        out = made(house, pixels, {name: f'background {{ file = "{path}" {row[0]} }}' for name, row in steps.items()} |
                   {"tiles": f'background {{ file = "{path}" method = tile }}',
                    "gaps": f'background {{ file = "{path}" method = tile margin = 4 opacity = 40 turn = 90 }}'})
        for name, (_, left, top, angle) in steps.items():
            want = _over(_seen(pixels), _sheet(_turned(file, angle), 90, 120, left, top))
            assert _differs(out[name], want) < 1.01, (name, bands, file_bands, depth, _differs(out[name], want))
        want = _over(_seen(pixels), numpy.tile(_seen(file), (5, 4, 1))[:90])
        assert _differs(out["tiles"], want) < 1.01, (bands, file_bands, depth)
        assert out["tiles"].shape[2] == (3 if bands == 4 or file_bands > 2 else 1) + (file_bands in (2, 4))
        cell = numpy.pad(_seen(_turned(file, 90)), ((0, 4), (0, 4), (0, 0))) * 0.4
        want = _over(_seen(pixels), numpy.roll(numpy.tile(cell, (4, 6, 1)), (2, 2), (0, 1))[:90, :120])
        assert _differs(out["gaps"], want) < 1.01, (bands, file_bands, depth)


def a_file_is_scaled_into_the_picture_or_covers_it(house):
    """Beside Pillow, where nothing hides the file."""
    pixels, file = photo(120, 90, 4), photo(100, 50, 3, seed=9)
    pixels[:, :, 3] = 0
    path = _file(house, file, "paper.png")
    image = Image.fromarray(file)
    out = made(house, pixels, {"cover": f'background {{ file = "{path}" }}',
                               "right": f'background {{ file = "{path}" method = cover place = right }}',
                               "scale": f'background {{ file = "{path}" method = scale }}',
                               "inside": f'background {{ file = "{path}" method = scale margin = 10 place = top-left }}',
                               "turned": f'background {{ file = "{path}" method = scale turn = 90 }}',
                               "width": f'background {{ file = "{path}" method = place width = 50% place = top-left }}'})
    cover = image.resize((180, 90), Image.Resampling.BICUBIC)
    small = image.transpose(Image.Transpose.ROTATE_270).resize((45, 90), Image.Resampling.LANCZOS)
    for name, want, left, top in (("cover", cover.crop((30, 0, 150, 90)), 0, 0), ("right", cover.crop((60, 0, 180, 90)), 0, 0),
                                  ("scale", image.resize((120, 60), Image.Resampling.BICUBIC), 0, 15), ("turned", small, 37, 0),
                                  ("inside", image, 10, 10), ("width", image.resize((60, 30), Image.Resampling.LANCZOS), 0, 0)):
        want = numpy.asarray(want)
        high, wide = want.shape[:2]
        got = out[name][top:top + high, left:left + wide]
        far = abs(got[:, :, :3].astype(int) - want)
        assert far.mean() < 0.7 and numpy.quantile(far, 0.99) <= 3, (name, far.mean(), far.max())
        assert out[name].shape[2] == 4 - (name in ("cover", "right")), name
        if out[name].shape[2] == 4:
            alpha = numpy.zeros((90, 120))
            alpha[top:top + high, left:left + wide] = 255
            assert (out[name][:, :, 3] == alpha).all(), name


def a_background_is_a_colour_or_a_file(house):
    path = _file(house, photo(20, 20, 3))
    for step, says in ((f'background {{ file = "{path}" colour = "#204060" }}', "remove one of them"),
                       ("background { method = tile }", "method has no effect without a file"),
                       (f'background {{ file = "{path}" width = 20 }}', "width has no effect with this method"),
                       ("background { opacity = 101 }", "too large"), (f'background {{ file = "{path}" turn = 45 }}', "270")):
        config = house.top / "wrong.conf"
        config.write_text(f'profile "p" {{ {step} save {{}} }}\n')
        done = house.command("check", "--config", config)
        assert says in done.stdout + done.stderr, (step, done)


# ---- every kind of picture ----

FRAMES = {"background": 'background { colour = "#204060" }', "border": 'border { width = 3 colour = "#c08040" }',
          "gloss": "gloss { gloss = band }", "mask": "mask { mask = heart }", "outline": "outline { size = 3 offset = 2 }",
          "polaroid": "polaroid { angle = 0 curl = no }", "reflection": "reflection {}", "round": "round { radius = 20 method = notch }",
          "shadow": 'shadow { background = "#e0e8ff" }'}


def a_photo_of_inks_is_framed_as_it_looks(house):
    """CMYK, as Pillow writes it: each step makes of it what it makes of the same picture in sRGB."""
    source = house.top / "inks.jpg"
    as_image(photo(120, 90)).convert("CMYK").save(source, quality=95)
    looks = as_pixels(Image.open(files_made(house, source, {"plain": ""})["plain"]))
    out = {name: as_pixels(Image.open(path)) for name, path in files_made(house, source, FRAMES).items()}
    for name, want in made(house, looks, FRAMES).items():
        assert out[name].shape == want.shape and apart(out[name], want) == 0, (name, out[name].shape, want.shape)
        assert name == "background" or out[name].shape != looks.shape or apart(out[name], looks) > 40, name


def deep_pictures_are_framed_as_shallow_ones(house):
    """Of 16 bits, and grey: what is made of 8 bits, and of three colours that are the same."""
    for bands in (1, 2, 3, 4):
        shallow = photo(120, 90, bands)
        out = made(house, shallow, FRAMES)
        deep = made(house, shallow.astype(numpy.uint16) * 257, FRAMES)
        for name, want in out.items():
            assert deep[name].dtype == numpy.uint16 and deep[name].shape == want.shape, (name, deep[name].shape)
            assert _differs(deep[name], _seen(want)) < 1.6, (name, bands, _differs(deep[name], _seen(want)))
        if bands < 3:
            colours = numpy.concatenate([numpy.repeat(shallow[:, :, :1], 3, 2), shallow[:, :, 1:]], 2)
            for name, want in made(house, colours, FRAMES).items():
                assert _differs(out[name], _seen(want)) < 1.6, (name, bands, _differs(out[name], _seen(want)))


if __name__ == "__main__":
    sys.exit(main(globals()))
