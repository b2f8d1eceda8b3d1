"""shade - shadow, reflection and polaroid, beside numpy's arithmetic and Pillow's filters."""
import sys

import numpy
from PIL import Image

from foreign import apart, as_image, as_pixels, flat, main, made, photo, white_of


def _kinds(width=101, height=80):
    return [photo(width, height, bands, depth)
            for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (3, 16), (4, 16))]


def _seen(pixels):
    """RGB times alpha, and alpha, of 0 to 1: what is transparent has no colour."""
    values = pixels / white_of(pixels)
    bands = pixels.shape[2]
    colours = values[:, :, :bands // 3 * 2 + 1]
    alpha = values[:, :, -1:] if bands in (2, 4) else numpy.ones_like(values[:, :, :1])
    return numpy.concatenate([numpy.repeat(colours, 3 // colours.shape[2], 2) * alpha, alpha], 2)


def _differs(out, want):
    """How far a picture is from colours times alpha, and alpha, in values of 255."""
    got = _seen(out)
    assert got.shape == want.shape, (got.shape, want.shape)
    return abs(got - want).max() * 255


def _over(above, below):
    return above + below * (1 - above[:, :, 3:])


def _colour(red, green, blue, alpha=255):
    return numpy.array([red * alpha / 255, green * alpha / 255, blue * alpha / 255, alpha]) / 255


CLEAR, WHITE = _colour(0, 0, 0, 0), _colour(255, 255, 255)


def _soft(plane, sigma):
    """Gauss along both axes; beyond the edges lies nothing."""
    reach = int(numpy.ceil(5 * sigma))
    if reach == 0:
        return plane
    weights = numpy.exp(-numpy.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    weights /= weights.sum()
    wide = numpy.pad(plane, reach)
    for axis in (0, 1):
        wide = numpy.apply_along_axis(numpy.convolve, axis, wide, weights, "same")
    return wide[reach:-reach, reach:-reach]


# ---- shadow ----

def _half_up(length):
    return int(numpy.sign(length) * numpy.floor(abs(length) + 0.5))


def _dropped(pixels, x, y, sigma, border, colour, background):
    own = _seen(pixels)
    height, width = own.shape[:2]
    x, y, border = _half_up(x), _half_up(y), _half_up(border)
    left, top = border + max(0, -x), border + max(0, -y)
    size = (height + abs(y) + 2 * border, width + abs(x) + 2 * border)
    cover, page = numpy.zeros(size), numpy.zeros(size + (4,))
    cover[top + y:top + y + height, left + x:left + x + width] = own[:, :, 3]
    page[top:top + height, left:left + width] = own
    behind = _over(_soft(cover, sigma)[:, :, None] * colour, numpy.broadcast_to(background, page.shape))
    return _over(page, behind)


SHADOWS = {  # x, y, sigma and border of a picture of 101 x 80; the colour of the shadow, and behind it
    "default": ("", 2.02, 1.6, 0.905, 3.62, _colour(68, 68, 68), CLEAR),
    "hard": ("blur = 0 border = 0 x = 3 y = 5", 3, 5, 0, 0, _colour(68, 68, 68), CLEAR),
    "up": ("x = -10% y = -3 blur = 3 border = 6", -10.1, -3, 3, 6, _colour(68, 68, 68), CLEAR),
    "near": ("x = 4 y = 4 blur = 3 border = 1", 4, 4, 3, 1, _colour(68, 68, 68), CLEAR),
    "wide": ('blur = 12 border = 30 colour = "#000000"', 2.02, 1.6, 12, 30, _colour(0, 0, 0), CLEAR),
    "red": ('x = 0 y = 0 blur = 2.5 border = 8 colour = "#c0204080" background = "#e0e8ff"', 0, 0, 2.5, 8,
            _colour(192, 32, 64, 128), _colour(224, 232, 255)),
    "glass": ('blur = 2 border = 10% background = "#8040c040"', 2.02, 1.6, 2, 9.05, _colour(68, 68, 68),
              _colour(128, 64, 192, 64)),
    "half": ('x = 2.5 y = 1.5 border = 2.5 blur = 0.5 background = "#ffffff"', 2.5, 1.5, 0.5, 2.5,
             _colour(68, 68, 68), WHITE),
}


def a_shadow_is_what_numpy_blurs_and_lays_under_the_picture(house):
    for pixels in _kinds():
        out = made(house, pixels, {name: f"shadow {{ {row[0]} }}" for name, row in SHADOWS.items()})
        for name, (_, *values) in SHADOWS.items():
            want = _dropped(pixels, *values)
            most = 1.6 if name == "wide" else 1.01  # a large blur is that of a smaller picture
            assert _differs(out[name], want) < most, (name, pixels.shape, pixels.dtype, _differs(out[name], want))


def a_shadow_leaves_the_pixels_of_an_opaque_picture(house):
    for bands, depth in ((1, 8), (3, 8), (3, 16)):
        pixels = photo(60, 40, bands, depth)
        out = made(house, pixels, {"a": "shadow { x = 4 y = -3 border = 5 }",
                                   "b": 'shadow { x = 4 y = -3 border = 5 background = "#ffffff" }'})
        for name, got in out.items():
            assert got.shape[:2] == (53, 74) and got.dtype == pixels.dtype, (name, got.shape)
            assert got.shape[2] == bands + (name == "a"), (name, got.shape)
            assert (got[8:48, 5:65, :bands] == pixels).all(), name
        assert (out["a"][8:48, 5:65, -1] == white_of(pixels)).all()


def a_shadow_is_about_that_of_passes_of_pillow(house):
    """Phatch's blur of N passes has a standard deviation of 1.66 sqrt(N)."""
    ring = 25 * [1]
    for row in range(1, 4):
        ring[5 * row + 1:5 * row + 4] = [0, 0, 0]
    for passes in (8, 20):
        back = numpy.full((140, 150), 255.0)
        back[30:110, 35:115] = 68
        kernel = numpy.array(ring).reshape(5, 5) / 16
        for _ in range(passes):
            edged = numpy.pad(back, 2, "edge")
            back = sum(kernel[i, j] * edged[i:i + 140, j:j + 150] for i in range(5) for j in range(5))
        pixels = flat(80, 80, 200)
        got = made(house, pixels, {"a": f'shadow {{ x = 5 y = 0 border = 30 blur = {1.66 * passes ** 0.5:.3f} '
                                        'background = "#ffffff" }'})["a"]
        assert got.shape == (140, 145, 1), got.shape
        beside = numpy.ones((140, 145), bool)
        beside[30:110, 30:110] = False
        difference = abs(got[:, :, 0] - back[:, :145])[beside]
        assert difference.max() < 4, (passes, difference.max())


# ---- reflection ----

def _reflected(pixels, depth, gap, opacity, background, below=None):
    own = _seen(pixels)
    height = own.shape[0]
    page = numpy.zeros((height + gap + depth,) + own.shape[1:])
    page[:height] = own
    below = own[::-1][:depth] if below is None else below
    fade = opacity * (1 - (numpy.arange(depth) + 0.5) / max(depth, 1))
    page[height + gap:] = below * fade[:, None, None]
    return _over(page, numpy.broadcast_to(background, page.shape))


REFLECTIONS = {  # depth, gap and opacity of a picture of 80 rows; the colour behind it
    "default": ("", 8, 0, 0.6, CLEAR),
    "all": ('depth = 100% gap = 3 opacity = 100 background = "#ffffff"', 80, 3, 1, WHITE),
    "more": ("depth = 150%", 80, 0, 0.6, CLEAR),
    "coloured": ('depth = 20 gap = 10% opacity = 35% background = "#204060"', 20, 8, 0.35, _colour(32, 64, 96)),
    "glass": ('depth = 30.5 background = "#c0a08080"', 31, 0, 0.6, _colour(192, 160, 128, 128)),
    "none": ("depth = 0 gap = 5", 0, 5, 0, CLEAR),
    "unseen": ("opacity = 0", 8, 0, 0, CLEAR),
    "formula": ('depth = "{height / 4}"', 20, 0, 0.6, CLEAR),
}


def a_reflection_is_what_numpy_flips_and_fades(house):
    for pixels in _kinds():
        out = made(house, pixels, {name: f"reflection {{ {row[0]} }}" for name, row in REFLECTIONS.items()})
        for name, (_, *values) in REFLECTIONS.items():
            want = _reflected(pixels, *values)
            assert _differs(out[name], want) < 1.01, (name, pixels.shape, pixels.dtype, _differs(out[name], want))


def a_squeezed_reflection_is_what_pillow_resizes(house):
    for bands in (1, 3):
        pixels = photo(101, 80, bands)
        out = made(house, pixels, {"a": "reflection { depth = 25% squeeze = yes }",
                                   "b": "reflection { depth = 120 squeeze = yes opacity = 100 }"})
        for name, depth, opacity, kind in (("a", 20, 0.6, Image.LANCZOS), ("b", 120, 1, Image.BICUBIC)):
            resized = as_pixels(as_image(pixels).transpose(Image.FLIP_TOP_BOTTOM).resize((101, depth), kind))
            want = _reflected(pixels, depth, 0, opacity, CLEAR, _seen(resized))
            difference = _differs(out[name], want)
            assert difference < (2.01 if name == "a" else 6), (name, bands, difference)


def a_soft_reflection_is_what_numpy_blurs(house):
    for pixels in (photo(101, 80, 3), photo(101, 80, 4), photo(101, 80, 1, 16)):
        out = made(house, pixels, {"a": "reflection { depth = 40 blur = 2 opacity = 100 }"})["a"]
        below = _seen(pixels)[::-1][:40]
        reach = 12
        soft = numpy.stack([_soft(numpy.pad(below[:, :, i], reach, "edge"), 2)[reach:-reach, reach:-reach]
                            for i in range(4)], 2)
        want = _reflected(pixels, 40, 0, 1, CLEAR, soft)
        assert _differs(out, want) < 1.6, (pixels.shape, _differs(out, want))


def a_reflection_leaves_the_picture_above_it(house):
    for bands, depth in ((1, 8), (3, 8), (3, 16)):
        pixels = photo(60, 40, bands, depth)
        out = made(house, pixels, {"a": "reflection { }", "b": 'reflection { background = "#ffffff" }'})
        for name, got in out.items():
            assert got.shape == (44, 60, bands + (name == "a")) and got.dtype == pixels.dtype, (name, got.shape)
            assert (got[:40, :, :bands] == pixels).all(), name
        pixels = photo(60, 40, bands + 1)
        assert apart(made(house, pixels, {"a": "reflection { }"})["a"][:40], pixels) == 0


# ---- polaroid ----

def _paper(pixels, border, colour):
    """The picture, upright, on its paper."""
    own = _seen(pixels)
    height, width = own.shape[:2]
    page = numpy.empty((height + 5 * border, width + 2 * border, 4))
    page[:] = colour
    page[border:border + height, border:border + width] = _over(own, page[border:border + height, border:border + width])
    return page


def a_polaroid_that_lies_straight_is_a_picture_on_paper(house):
    for pixels in _kinds():
        plain = "angle = 0 shadow = no curl = no"
        out = made(house, pixels, {"default": f"polaroid {{ {plain} }}",
                                   "blue": f'polaroid {{ border = 12 colour = "#204060" {plain} }}',
                                   "none": f"polaroid {{ border = 0 {plain} }}"})
        for name, border, colour in (("default", 5, WHITE), ("blue", 12, _colour(32, 64, 96)), ("none", 0, WHITE)):
            want = _paper(pixels, border, colour)
            assert _differs(out[name], want) < 1.01, (name, pixels.shape, _differs(out[name], want))


def the_shadow_of_a_polaroid_is_that_of_its_paper(house):
    pixels = photo(120, 80)
    out = made(house, pixels, {"a": "polaroid { angle = 0 curl = no }",
                               "b": 'polaroid { angle = 0 curl = no shadow = "#ff0000" border = 10 }'})
    for name, border, colour in (("a", 5, _colour(0, 0, 0, 128)), ("b", 10, _colour(255, 0, 0))):
        paper = _paper(pixels, border, WHITE)
        height, width = paper.shape[:2]
        page, cover = numpy.zeros((height + 7, width + 7, 4)), numpy.zeros((height + 27, width + 27))
        page[2:2 + height, 2:2 + width] = paper
        # it begins 1.5 pixels farther: the mean of what is 1 and what is 2 farther
        for away in (1, 2):
            for down in (1, 2):
                cover[12 + down:12 + down + height, 12 + away:12 + away + width] += 0.25
        want = _over(page, _soft(cover, 0.87)[10:-10, 10:-10, None] * colour)
        assert _differs(out[name], want) < 9, (name, _differs(out[name], want))


def a_polaroid_is_turned_as_pillow_turns_it(house):
    pixels = photo(160, 120)
    steps = {"flat": "polaroid { angle = 0 curl = no }"}
    steps.update({str(angle): f"polaroid {{ angle = {angle} curl = no }}" for angle in (-30, 4, 75)})
    out = made(house, pixels, steps)
    flat_one = out.pop("flat")
    for angle, got in out.items():
        weighted = Image.fromarray(numpy.rint(_seen(flat_one) * 255).astype(numpy.uint8))
        want = numpy.asarray(weighted.rotate(-float(angle), Image.BICUBIC, expand=True)) / 255
        top, left = (got.shape[0] - want.shape[0]) // 2, (got.shape[1] - want.shape[1]) // 2
        assert abs(got.shape[0] - want.shape[0]) <= 2 and abs(got.shape[1] - want.shape[1]) <= 2, (angle, got.shape)
        seen = _seen(got)
        middle = [slice(max(0, seen.shape[i] // 2 - 30), seen.shape[i] // 2 + 30) for i in (0, 1)]
        moved = [min(abs(seen[middle[0], middle[1]] - want[middle[0].start - top + y:middle[0].stop - top + y,
                                                           middle[1].start - left + x:middle[1].stop - left + x]).mean()
                     for y in (-1, 0, 1) for x in (-1, 0, 1))]
        assert moved[0] < 0.06, (angle, moved)


def a_polaroid_lies_as_its_file_says_with_one_size_for_all(house):
    angles, sizes = [], set()
    for seed in range(4):
        pixels = photo(120, 80, seed=seed)
        got = made(house, pixels, {"a": "polaroid { shadow = no curl = no }", "b": "polaroid { shadow = no curl = no }"})
        assert (got["a"] == got["b"]).all()
        sizes.add(got["a"].shape)
        alpha = got["a"][:, :, 3] > 127
        middle = alpha.shape[1] // 2
        left, right = (int(numpy.argmax(alpha[:, middle + x])) for x in (-40, 40))
        angles.append(numpy.degrees(numpy.arctan2(right - left, 80)))
    assert len(sizes) == 1 and max(map(abs, angles)) < 6 and max(angles) - min(angles) > 0.5, (angles, sizes)


def a_caption_stands_in_the_middle_of_the_border_below(house):
    plain = "angle = 0 shadow = no curl = no border = 20"
    for bands in (1, 3):
        out = made(house, photo(160, 100, bands), {
            "none": f"polaroid {{ {plain} }}", "short": f'polaroid {{ caption = "{{stem}}" {plain} }}',
            "blank": f'polaroid {{ caption = "{{title|}}" {plain} }}',
            "long": f'polaroid {{ caption = "A long caption that has to be made smaller until all of it fits there, '
                    f'with word after word after word after word after word" {plain} }}',
            "dark": f'polaroid {{ caption = "Ag" colour = "#202020" {plain} }}'})
        assert (out["blank"] == out["none"]).all()
        for name in ("short", "long", "dark"):
            ink = abs(out[name][:, :, 0].astype(int) - (32 if name == "dark" else 255)) > 60
            ink[:120] = False
            rows, columns = numpy.nonzero(ink)
            assert rows.min() >= 129 and rows.max() < 191 and columns.min() >= 20 and columns.max() < 180, name
            assert abs(rows.min() + rows.max() - 319) <= 3, (name, rows.min(), rows.max())
            assert abs(columns.min() + columns.max() - 199) <= 4, (name, columns.min(), columns.max())


def a_caption_of_a_whole_paragraph_is_made_within_the_memory_of_its_plan(house):
    caption = ("word and " * 55).strip()
    house.config.write_text(
        f'defaults {{ max_memory = 256MB }}\nprofile "long" {{ polaroid {{ caption = "{caption}" angle = 0 curl = no '
        'border = 700 } save {} }\n')
    done = house.command("run", "--config", house.config, "--output", house.output, "long",
                         house.photo("a.png", size="2400x300"))
    assert done.returncode == 0, done.stderr


def a_polaroid_that_is_bent_moves_its_middle(house):
    pixels = photo(200, 200)
    got = made(house, pixels, {"a": "polaroid { angle = 0 shadow = no }"})["a"]
    height = 250
    rows = numpy.arange(height)
    left = numpy.argmax(got[:, :, 3] > 127, axis=1)
    want = 2 * numpy.sin(numpy.pi * (rows + 0.5) / height)
    assert got.shape[:2] == (height, 222) and abs(left - want).max() <= 0.6, (got.shape, abs(left - want).max())


def a_caption_without_a_border_is_refused_with_a_cure(house):
    config = house.top / "wrong.conf"
    config.write_text('profile "p" { polaroid { border = 0 caption = "x" } save {} }\n')
    done = house.command("check", "--config", config)
    assert done.returncode != 0 and "give a border" in done.stdout + done.stderr, done


if __name__ == "__main__":
    sys.exit(main(globals()))
