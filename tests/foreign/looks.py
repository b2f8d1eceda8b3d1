"""looks - vignette, grain and blocks, beside the formulas that the manual states, in numpy."""
import hashlib
import sys

import numpy

from foreign import apart, files_made, flat, main, made, photo, read, white_of, write


def colours_of(pixels):
    return 1 if pixels.shape[2] < 3 else 3


def as_rounded(values, pixels):
    return numpy.clip(numpy.rint(values), 0, white_of(pixels)).astype(pixels.dtype)


# ---- vignette ----

def faded(pixels, strength, radius, soft, colour):
    height, width, _ = pixels.shape
    y, x = numpy.mgrid[0:height, 0:width] + 0.5
    far = numpy.hypot(x - width / 2, y - height / 2) / numpy.hypot(width / 2, height / 2) - radius / 100
    t = numpy.clip(far / (soft / 100) + 0.5, 0, 1) if soft else (far >= 0).astype(float)
    share = (strength / 100 * (3 * t ** 2 - 2 * t ** 3))[:, :, None]
    out, count = pixels.copy(), colours_of(pixels)
    own = pixels[:, :, :count].astype(float)
    goal = numpy.array(colour[:count]) * white_of(pixels) / 255
    out[:, :, :count] = as_rounded(own + share * (goal - own), pixels)
    return out


def a_vignette_fades_to_its_colour_by_the_formula(house):
    cases = {"default": (50, 75, 50, (0, 0, 0)), "none": (0, 75, 50, (0, 0, 0)), "full": (100, 40, 200, (0, 0, 0)),
             "hard": (80, 60, 0, (255, 255, 255)), "all": (30, 0, 0, (80, 80, 80)), "far": (100, 200, 100, (0, 0, 0))}
    steps = {name: f'vignette {{ strength = {s}% radius = {r}% soft = {w}% colour = "#{c[0]:02x}{c[1]:02x}{c[2]:02x}" }}'
             for name, (s, r, w, c) in cases.items()}
    steps["default"] = "vignette {}"
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16)):
        pixels = photo(bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            assert apart(out, faded(pixels, *cases[name])) <= 1, (name, bands, depth)


def a_vignette_of_a_colour_makes_a_grey_picture_rgb_and_half_a_colour_half_as_strong(house):
    for bands in (1, 3):
        pixels = photo(bands=bands)
        out = made(house, pixels, {"red": 'vignette { colour = "#c00000" }', "half": 'vignette { colour = "#c0000080" }',
                                   "clear": 'vignette { colour = "#c0000000" }'})
        rgb = pixels.repeat(3, 2) if bands == 1 else pixels
        assert apart(out["red"], faded(rgb, 50, 75, 50, (0xc0, 0, 0))) <= 1, bands
        assert apart(out["half"], faded(rgb, 50 * 128 / 255, 75, 50, (0xc0, 0, 0))) <= 1, bands
        assert apart(out["clear"], pixels) == 0, bands


# ---- grain ----

def noise(seed, x, y):
    """At whole places, from -1 to 1."""
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + (x + (y << numpy.uint64(32))) * numpy.uint64(0x9e3779b97f4a7c15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94d049bb133111eb)
    z ^= z >> numpy.uint64(31)
    total = sum((z >> numpy.uint64(16 * i)) & numpy.uint64(0xffff) for i in range(4)).astype(float)
    return (total - 131070) / 131070


def grained(pixels, seed, strength, size):
    height, width, _ = pixels.shape
    y, x = numpy.mgrid[0:height, 0:width] / size
    left, top = numpy.floor(x).astype(numpy.uint64), numpy.floor(y).astype(numpy.uint64)
    right, below, one = x - left, y - top, numpy.uint64(1)
    upper = noise(seed, left, top) * (1 - right) + noise(seed, left + one, top) * right
    lower = noise(seed, left, top + one) * (1 - right) + noise(seed, left + one, top + one) * right
    change = strength / 100 * (upper * (1 - below) + lower * below)
    out, count = pixels.copy(), colours_of(pixels)
    value = pixels[:, :, :count] / white_of(pixels)
    out[:, :, :count] = as_rounded((value + change[:, :, None] * 4 * value * (1 - value)) * white_of(pixels), pixels)
    return out


def grain_comes_from_the_hash_of_the_file_by_the_formula(house):
    cases = {"default": (10, 1), "none": (0, 1), "strong": (100, 1), "large": (40, 2.5), "larger": (40, 30)}
    steps = {name: f"grain {{ strength = {strength}% size = {size}px }}" for name, (strength, size) in cases.items()}
    steps["default"] = "grain {}"
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16)):
        pixels = photo(bands=bands, depth=depth)
        source = write(house.top / "grain.png", pixels)
        seed = int(hashlib.sha256(source.read_bytes()).hexdigest()[:16], 16)
        for name, path in files_made(house, source, steps).items():
            assert apart(read(path), grained(pixels, seed, *cases[name])) <= 1, (name, bands, depth)


def grain_is_the_same_each_time_and_another_one_for_another_file(house):
    grey, other = flat(200, 300, 128), flat(200, 301, 128)
    first = made(house, grey, {"out": "grain { strength = 30% }", "half": "grain { strength = 30% amount = 50% }"})
    again = made(house, grey, {"out": "grain { strength = 30% }"})
    assert apart(first["out"], again["out"]) == 0
    changed = made(house, other, {"out": "grain { strength = 30% }"})["out"][:300]
    assert apart(first["out"], changed) > 30
    assert abs(first["out"].astype(float).mean() - 128) < 0.5
    # The sum of four even numbers has this deviation.
    assert abs(first["out"].astype(float).std() - 0.3 * 255 / 12 ** 0.5) < 0.5
    assert apart(first["half"], numpy.rint((first["out"].astype(float) + grey) / 2).astype(numpy.uint8)) <= 1


# ---- pixelate ----

def in_blocks(pixels, size, left=0, top=0, width=None, height=None):
    out = pixels.copy()
    right = min(left + (width or pixels.shape[1]), pixels.shape[1])
    bottom = min(top + (height or pixels.shape[0]), pixels.shape[0])
    alpha = pixels.shape[2] in (2, 4)
    for y in range(top, bottom, size):
        for x in range(left, right, size):
            place = (slice(max(y, 0), min(y + size, bottom)), slice(max(x, 0), min(x + size, right)))
            block = pixels[place].astype(float)
            mean = block.mean((0, 1))
            if alpha:
                weight = block[:, :, -1:].sum()
                mean[:-1] = (block[:, :, :-1] * block[:, :, -1:]).sum((0, 1)) / weight if weight else 0
            out[place] = as_rounded(mean, pixels)
    return out


def each_block_is_its_mean_also_where_it_is_not_whole(house):
    steps = {str(size): f"pixelate {{ size = {size}px }}" for size in (1, 2, 7, 16, 50, 500)}
    steps["percent"], steps["default"] = "pixelate { size = 10% }", "pixelate {}"
    steps["tiny"], steps["share"] = 'pixelate { size = "{width * 0.001}" }', "pixelate { size = 0.5% }"
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (3, 16), (4, 16)):
        pixels = photo(100, 80, bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            size = {"percent": 8, "default": 2, "tiny": 1, "share": 1}.get(name) or int(name)
            assert apart(out, in_blocks(pixels, size)) <= 1, (name, bands, depth)


def only_the_area_is_changed(house):
    areas = {"px": ("20 30px 51 40", (20, 30, 51, 40)), "percent": ("25% 50% 25% 25%", (40, 60, 40, 30)),
             "beyond": ("120 100 100 100", (120, 100, 100, 100)), "inches": ("0.1in 5mm 0.2in 1cm", (10, 20, 20, 39))}
    steps = {name: f'pixelate {{ size = 8 area = "{text}" dpi = 100 }}' for name, (text, _) in areas.items()}
    areas["formulas"] = ("{width / 4} {60}px 25% {height / 4}", (40, 60, 40, 30))
    steps["formulas"] = 'pixelate { size = 8 area = "{width / 4} {60}px 25% {height / 4}" }'
    steps["outside"] = 'pixelate { size = 8 area = "200 10 20 20" }'
    steps["said"] = "pixelate { size = 8 area = all }"
    for bands in (3, 4):
        pixels = photo(bands=bands)
        out = made(house, pixels, steps)
        for name, (_, place) in areas.items():
            assert apart(out[name], in_blocks(pixels, 8, *place)) <= 1, (name, bands)
            left, top, width, height = place
            outside = numpy.ones(pixels.shape[:2], bool)
            outside[top:top + height, left:left + width] = False
            assert (out[name][outside] == pixels[outside]).all(), (name, bands)
        assert apart(out["outside"], pixels) == 0 and apart(out["said"], in_blocks(pixels, 8)) <= 1


def an_area_that_is_none_is_refused(house):
    for area in ("1 2 3", "1 2 3 4 5", "10% 10% 0 5%", "here", "1 2 3cm 4", "", "{width} 0 5"):
        config = house.top / "wrong.conf"
        config.write_text(f'profile "wrong" {{ pixelate {{ area = "{area}" }} save {{}} }}\n')
        done = house.command("run", "wrong", "--config", config, "--output", house.output,
                             write(house.top / "x.png", flat(20, 20, 1)))
        assert done.returncode != 0 and "area" in done.stderr, (area, done.stderr)


if __name__ == "__main__":
    sys.exit(main(globals()))
