"""overlays - gloss and background, beside numpy's arithmetic, Pillow's composition and ImageMagick's."""
import subprocess
import sys

import numpy
from PIL import Image, ImageChops

from foreign import apart, as_image, as_pixels, flat, main, made, photo, white_of, write
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
            assert far.mean() < 0.6 and numpy.quantile(far, 0.99) < (2 if name in ("corner", "spot", "rim", "glow") else 16), (
                name, width, far.mean(), numpy.quantile(far, 0.99))


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
            assert far.mean() < 0.6 and numpy.quantile(far, 0.99) < 12, (name, pixels.shape, far.mean())


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


if __name__ == "__main__":
    sys.exit(main(globals()))
