"""marks - watermark, beside Pillow's composition, W3C's formulas in numpy, and ImageMagick."""
import sys

import numpy
from PIL import Image, ImageChops

from foreign import apart, as_image, as_pixels, flat, magick, main, made, photo, white_of, write

KINDS = ((1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (3, 16), (4, 16))
WIDE, HIGH = 24, 16


def _mark(house, bands=4, seed=5, name="mark.png"):
    """A file of 24 x 16 pixels, from transparent to opaque where it has alpha, and its array."""
    pixels = photo(WIDE, HIGH, bands, seed=seed)
    write(house.top / name, pixels)
    return pixels


def _step(house, settings, name="mark.png"):
    return f'watermark {{ file = "{house.top / name}" width = {WIDE}px {settings} }}'


def _rgba(pixels):
    """RGB, and alpha, of 0 to 1."""
    values = pixels / white_of(pixels)
    count = pixels.shape[2] // 3 * 2 + 1
    alpha = values[:, :, count:] if pixels.shape[2] > count else numpy.ones_like(values[:, :, :1])
    return numpy.repeat(values[:, :, :count], 3 // count, 2), alpha


def _soft_light(below, above):
    lighter = numpy.where(below <= 0.25, ((16 * below - 12) * below + 4) * below, numpy.sqrt(below))
    return numpy.where(above <= 0.5, below - (1 - 2 * above) * below * (1 - below),
                       below + (2 * above - 1) * (lighter - below))


BLENDS = {"over": lambda below, above: above, "multiply": lambda below, above: below * above,
          "screen": lambda below, above: below + above - below * above, "soft-light": _soft_light}


def _laid(pixels, mark, left, top, opacity=1.0, blend="over"):
    """W3C, Compositing and Blending, 10: RGB times alpha, and alpha, of 0 to 1."""
    below, behind = _rgba(pixels)
    sheet = numpy.zeros(pixels.shape[:2] + (4,))
    colours, alpha = _rgba(mark)
    high, wide = mark.shape[:2]
    y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + high, pixels.shape[0]), min(left + wide, pixels.shape[1])
    sheet[y0:y1, x0:x1] = numpy.concatenate([colours, alpha * opacity], 2)[y0 - top:y1 - top, x0 - left:x1 - left]
    above, share = sheet[:, :, :3], sheet[:, :, 3:]
    mixed = (1 - behind) * above + behind * BLENDS[blend](below, above)
    return numpy.concatenate([share * mixed + (1 - share) * behind * below, share + behind * (1 - share)], 2)


def _differs(out, want):
    """How far a picture is from RGB times alpha, and alpha, in values of 255."""
    colours, alpha = _rgba(out)
    return abs(numpy.concatenate([colours * alpha, alpha], 2) - want).max() * 255


# ---- what colours become ----

def a_mark_lies_over_the_photo_as_pillow_composes(house):
    for bands in (2, 4):
        mark = _mark(house, bands)
        for kind in (1, 2, 3, 4):
            pixels = photo(90, 60, kind)
            out = made(house, pixels, {"all": _step(house, 'place = "10px 20px" opacity = 100'),
                                       "half": _step(house, 'place = "-5px 50px" opacity = 50'),
                                       "default": _step(house, 'place = "80px -3px"')})
            for name, (left, top, opacity) in {"all": (10, 20, 1), "half": (-5, 50, 0.5), "default": (80, -3, 0.8)}.items():
                layer = Image.new("RGBA", (90, 60))
                part = as_image(mark).convert("RGBA")
                part.putalpha(part.getchannel("A").point(lambda a, o=opacity: round(a * o)))
                layer.paste(part, (left, top))
                want = numpy.asarray(Image.alpha_composite(as_image(pixels).convert("RGBA"), layer))
                if kind in (1, 3) or opacity < 1:  # Pillow rounds alpha once more
                    got = numpy.asarray(as_image(out[name]).convert("RGBA"))
                    assert kind in (2, 4) or apart(got, want) <= 1, (name, bands, kind, apart(got, want))
                    continue
                colours, alpha = _rgba(want)
                far = _differs(out[name], numpy.concatenate([colours * alpha, alpha], 2))
                assert far < 1.01, (name, bands, kind, far)


def marks_blend_as_w3c_says_on_every_kind_of_picture(house):
    for bands in (2, 4):
        mark = _mark(house, bands)
        steps = {f"{blend}-{opacity}": _step(house, f'place = "30px 25px" blend = {blend} opacity = {opacity}')
                 for blend in BLENDS for opacity in (100, 35)}
        for kind, depth in KINDS:
            pixels = photo(90, 60, kind, depth)
            for name, out in made(house, pixels, steps).items():
                blend, opacity = name.rsplit("-", 1)
                far = _differs(out, _laid(pixels, mark, 30, 25, int(opacity) / 100, blend))
                assert far <= (0.51 if kind in (1, 3) else 1.01), (name, bands, kind, depth, far)
                assert out.shape[2] in (kind, kind + 2 * (bands == 4)) and out.dtype == pixels.dtype, (name, out.shape)


def opaque_marks_blend_as_pillow_and_imagemagick_do(house):
    mark = _mark(house, 3)
    pixels = photo(WIDE, HIGH, seed=9)
    steps = {blend: _step(house, f'place = "0 0" opacity = 100 blend = {blend}') for blend in BLENDS}
    out = made(house, pixels, steps)
    assert apart(out["over"], mark) == 0
    for blend, compose in (("multiply", ImageChops.multiply), ("screen", ImageChops.screen)):
        assert apart(out[blend], as_pixels(compose(as_image(pixels), as_image(mark)))) <= 1, blend
    soft = magick(pixels, house.top / "mark.png", "-compose", "SoftLight", "-composite")
    assert apart(out["soft-light"], soft[:, :, :3]) <= 1, apart(out["soft-light"], soft[:, :, :3])
    assert mean_moved(out["soft-light"], pixels) > 5, "it does something"


def mean_moved(out, pixels):
    return abs(out.astype(float) - pixels).mean()


def a_grey_mark_leaves_a_grey_photo_grey_and_a_coloured_one_makes_it_rgb(house):
    for bands, want in ((1, 1), (2, 1), (3, 3), (4, 3)):
        _mark(house, bands, name=f"mark-{bands}.png")
        out = made(house, photo(90, 60, 1), {"x": _step(house, "", f"mark-{bands}.png")})["x"]
        assert out.shape[2] == want, (bands, out.shape)


# ---- where it lies ----

def _box(out, background=0):
    """Left, top, width and height of what is not of the background's red."""
    rows, columns = numpy.nonzero(out[:, :, 0] != background)
    return tuple(map(int, (columns.min(), rows.min(), columns.max() - columns.min() + 1, rows.max() - rows.min() + 1)))


WORDS = ("top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right")


def a_mark_lies_at_each_place_and_its_anchor_at_each_length(house):
    write(house.top / "mark.png", flat(WIDE, HIGH, 255, 255, 255))
    words = {word: _step(house, f"opacity = 100 margin = 7px place = {word}") for word in WORDS}
    anchors = {f"at-{word}": _step(house, f'opacity = 100 place = "50% 40px" anchor = {word}') for word in WORDS}
    more = {"default": _step(house, "opacity = 100"), "share": _step(house, "opacity = 100 margin = 10%"),
            "inch": _step(house, "opacity = 100 margin = 0.1in dpi = 100 place = top-left"),
            "formula": _step(house, 'opacity = 100 place = "{width / 4}px {height / 3}px" anchor = bottom-right'),
            "offset": _step(house, 'opacity = 100 method = by-offset place = "9px 8px"'),
            "beside": _step(house, 'opacity = 100 place = "-200px 0px"'), "below": _step(house, "margin = 200% place = top")}
    out = made(house, flat(120, 90, 0, 0, 0), {**words, **anchors, **more})
    for i, word in enumerate(WORDS):
        across, down = i % 3, i // 3
        place = (7 + (120 - WIDE - 14) * across // 2, 7 + (90 - HIGH - 14) * down // 2, WIDE, HIGH)
        assert _box(out[word]) == place, (word, _box(out[word]))
        at = (60 - WIDE * across // 2, 40 - HIGH * down // 2, WIDE, HIGH)
        assert _box(out[f"at-{word}"]) == at, (word, _box(out[f"at-{word}"]), at)
    assert _box(out["default"]) == (120 - WIDE - 1, 90 - HIGH - 1, WIDE, HIGH), _box(out["default"])
    assert _box(out["share"]) == (120 - WIDE - 9, 90 - HIGH - 9, WIDE, HIGH)
    assert _box(out["inch"])[:2] == (10, 10) and _box(out["offset"])[:2] == (9, 8)
    assert _box(out["formula"])[:2] == (30 - WIDE, 30 - HIGH)
    assert not out["beside"].any() and not out["below"].any()


def a_mark_is_as_wide_as_width_and_no_larger_than_the_margins_let_it_be(house):
    write(house.top / "mark.png", flat(WIDE, HIGH, 255, 255, 255))
    where = f'watermark {{ file = "{house.top / "mark.png"}" opacity = 100 '
    cases = {"default": ("", 24, 16), "px": ("width = 60px", 60, 40), "share": ("width = 50%", 60, 40),
             "wide": ("width = 500px margin = 6px place = centre", 108, 72),
             "scale": ("method = scale margin = 0 place = centre", 120, 80),
             "scaled": ("method = scale margin = 20px place = centre", 75, 50),
             "lying": ("width = 30px turn = 90 place = centre", 30, 45),
             "fits": ("method = scale margin = 0 turn = 270 place = centre", 60, 90),
             "askew": ("method = scale margin = 0 angle = 90 place = centre", 60, 90)}
    out = made(house, flat(120, 90, 0, 0, 0), {name: f"{where} {row[0]} }}" for name, row in cases.items()})
    for name, (_, wide, high) in cases.items():
        assert _box(out[name])[2:] == (wide, high), (name, _box(out[name]))


def tiles_repeat_the_mark_all_over_the_photo(house):
    mark = _mark(house, 3)
    pixels = photo(110, 70, seed=2)
    out = made(house, pixels, {"close": _step(house, "method = tile margin = 0 opacity = 100"),
                               "apart": _step(house, "method = tile margin = 5px opacity = 100"),
                               "turned": _step(house, f"method = tile margin = 4px turn = 180 opacity = 100")})
    for name, gap, tile in (("close", 0, mark), ("apart", 5, mark), ("turned", 4, mark[::-1, ::-1])):
        want = pixels.copy()
        for y in range(gap // 2 - HIGH - gap, 70, HIGH + gap):
            for x in range(gap // 2 - WIDE - gap, 110, WIDE + gap):
                part = want[max(y, 0):max(y + HIGH, 0), max(x, 0):max(x + WIDE, 0)]
                part[:] = tile[max(-y, 0):, max(-x, 0):][:part.shape[0], :part.shape[1]]
        assert apart(out[name], want) == 0, (name, apart(out[name], want))


# ---- turned ----

def right_angles_turn_each_pixel_of_the_mark(house):
    mark = _mark(house, 4)
    pixels = photo(90, 60, seed=3)
    steps = {f"turn-{angle}": (f"turn = {angle}", angle) for angle in (0, 90, 180, 270)}
    steps |= {f"angle-{angle}": (f"angle = {angle}", angle % 360) for angle in (-90, 90, 180, 360)}
    steps |= {"both": ("turn = 90 angle = -180", 270), "all": ("turn = 270 angle = 90", 0)}
    for side in (WIDE, HIGH):
        rows = {name: row for name, row in steps.items() if (row[0].startswith("turn = 90") or "270" in row[0]) == (side == HIGH)}
        out = made(house, pixels, {name: _step(house, f'place = "20px 9px" opacity = 70 width = {side}px {row[0]}').replace(
            f"width = {WIDE}px", "", 1) for name, row in rows.items()})
        for name, (_, angle) in rows.items():
            want = _laid(pixels, numpy.rot90(mark, -angle // 90), 20, 9, 0.7)
            assert _differs(out[name], want) < 0.51, (name, _differs(out[name], want))


def any_angle_is_that_of_pillow(house):
    mark = numpy.concatenate([photo(61, 41, 3, seed=4)[:, :, :3] // 2 + 60, flat(61, 41, 255)], 2)
    write(house.top / "mark.png", mark)
    pixels = flat(120, 100, 0, 0, 0)
    where = f'watermark {{ file = "{house.top / "mark.png"}" width = 61px opacity = 100 place = "50% 50%" anchor = centre '
    out = made(house, pixels, {str(angle): f"{where} angle = {angle} }}" for angle in (30, -45, 100, 237.5)})
    for angle, got in out.items():
        turned = Image.fromarray(mark).rotate(-float(angle), Image.BICUBIC, expand=True)
        inside = numpy.asarray(turned)[:, :, 3] == 255
        high, wide = inside.shape
        best = min(_mean_inside(got, numpy.asarray(turned), inside, x, y)
                   for x in range((120 - wide) // 2 - 1, (120 - wide) // 2 + 3)
                   for y in range((100 - high) // 2 - 1, (100 - high) // 2 + 3))
        assert best < 6, (angle, best)


def _mean_inside(out, turned, inside, left, top):
    high, wide = inside.shape
    part = out[max(top, 0):top + high, max(left, 0):left + wide].astype(float)
    y, x = max(-top, 0), max(-left, 0)
    inside = inside[y:y + part.shape[0], x:x + part.shape[1]]
    return abs(part - turned[y:y + part.shape[0], x:x + part.shape[1], :3])[inside].mean()


def what_is_wrong_with_a_mark_is_said_with_a_cure(house):
    _mark(house)
    for settings, says, code in (("anchor = centre", "anchor does nothing", 0), ("blend = burn", "blend", 1),
                                 ("turn = 45", "turn", 1), ("opacity = 101", "too large", 1)):
        config = house.top / "wrong.conf"
        config.write_text(f'profile "p" {{ {_step(house, settings)} save {{}} }}\n')
        done = house.command("check", "--config", config)
        assert (done.returncode != 0) == bool(code) and says in done.stdout + done.stderr, (settings, done)


if __name__ == "__main__":
    sys.exit(main(globals()))
