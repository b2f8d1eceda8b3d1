"""letters - text, beside Pillow's letters, its composition, and numpy's arithmetic."""
import math
import os
import shutil
import sys

import numpy
from PIL import Image, ImageDraw, ImageFont

from foreign import apart, as_image, flat, main, made, photo, white_of

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
DEVANAGARI = "/usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf"
JAPANESE = "/usr/share/fonts/truetype/motoya-l-cedar/MTLc3m.ttf"

FRESH = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{0}/data/fonts</dir><cachedir>{0}/.cache/fontconfig</cachedir></fontconfig>"""


def _only_fonts(house, *files):
    """Nothing but these fonts, of which no list was made before: a worker finds them in its sandbox."""
    fonts, config = house.work / "data/fonts", house.work / ".config/fontconfig/fonts.conf"
    for directory in (fonts, config.parent, house.work / ".cache/fontconfig"):
        directory.mkdir(parents=True)
    config.write_text(FRESH.format(house.work))
    for file in files:
        shutil.copy(file, fonts)
    os.environ["FONTCONFIG_FILE"] = str(config)


def _cover(pixels, under=255, over=0):
    """How much of each pixel is drawn, 0 to 1, of a picture in one colour under another."""
    return (pixels[:, :, 0].astype(float) - under) / (over - under)


def _box(cover, least=0.1):
    """Left, top, right and bottom of what is drawn, the last two behind it."""
    rows, columns = numpy.nonzero(cover > least)
    assert len(rows), "nothing is drawn"
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _cut(cover):
    left, top, right, bottom = _box(cover)
    return cover[top:bottom, left:right]


def _pillow(words, font, size, **how):
    """The letters as Pillow draws them, cut out."""
    image = Image.new("L", (1200, 3 * size))
    ImageDraw.Draw(image).text((20, size), words, 255, ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.RAQM), **how)
    return _cut(numpy.asarray(image) / 255)


def _likeness(a, b):
    """The correlation of two covers, laid on each other as well as two pixels of play allow; below 0.8 where
    their sizes differ by more."""
    if abs(a.shape[0] - b.shape[0]) > 3 or abs(a.shape[1] - b.shape[1]) > 3 + b.shape[1] // 50:
        return 0.0
    high, wide = max(a.shape[0], b.shape[0]) + 6, max(a.shape[1], b.shape[1]) + 6
    sheets = []
    for cover in (a, b):
        sheets.append(numpy.zeros((high, wide)))
        sheets[-1][3:3 + cover.shape[0], 3:3 + cover.shape[1]] = cover
    moved = [numpy.roll(sheets[0], (y, x), (0, 1)) for y in range(-2, 3) for x in range(-2, 3)]
    return max(float(numpy.corrcoef(sheet.ravel(), sheets[1].ravel())[0, 1]) for sheet in moved)


# ---- scripts ----

SCRIPTS = {"latin": ("Ångström fjord", DEJAVU), "cyrillic": ("Привет мир", DEJAVU), "greek": ("Καλημέρα", DEJAVU),
           "hebrew": ("שלום עולם", DEJAVU), "arabic": ("مرحبا بالعالم", DEJAVU),
           "devanagari": ("क्षत्रिय हिन्दी", DEVANAGARI), "japanese": ("日本語の漢字", JAPANESE)}


def any_script_is_written_with_fonts_that_no_list_knew_before(house):
    _only_fonts(house, DEJAVU, DEVANAGARI, JAPANESE)
    out = made(house, flat(700, 100, 255, 255, 255),
               {name: f'text {{ text = "{words}" font = "DejaVu Sans" size = 48px margin = 0 }}'
                for name, (words, _) in SCRIPTS.items()})
    for name, (words, font) in SCRIPTS.items():
        drawn = _cut(_cover(out[name]))
        like = _likeness(drawn, _pillow(words, font, 48))
        assert like > 0.9, (name, like, drawn.shape, _pillow(words, font, 48).shape)
        assert _likeness(drawn, _pillow(words[::-1], font, 48)) < 0.8, f"{name}: backwards is not the same"


# ---- settings ----

def without_settings_letters_are_black_in_the_middle_and_a_twentieth_of_the_shorter_side(house):
    every = ('font = Sans size = 5% colour = "#000000" place = centre anchor = top-left margin = 5% turn = 0 angle = 0 '
             'opacity = 100 width = auto align = left outline = 0 outline_colour = "#ffffff" halo = 0 box = no '
             'box_padding = 1% box_radius = 0 markup = no tile = no')
    pixels = flat(500, 400, 200, 120, 80)
    out = made(house, pixels, {"default": 'text { text = "Hxg" }', "said": f'text {{ text = "Hxg" {every} }}'})
    assert apart(out["default"], out["said"]) == 0
    cover = _cover(out["default"], 200, 0)
    left, top, right, bottom = _box(cover)
    assert abs(left + right - 500) <= 2 and abs(top + bottom - 400) <= 2, (left, top, right, bottom)
    assert _likeness(cover[top:bottom, left:right], _pillow("Hxg", DEJAVU, 20)) > 0.9
    assert out["default"].reshape(-1, 3).min(0).tolist() == [0, 0, 0]


PLAIN = 'text { text = "Hg" font = "DejaVu Sans" size = 60px margin = 0 '


def letters_are_composed_as_pillow_does_on_every_kind_of_picture(house):
    looks = {"black": ("", (0, 0, 0), 1), "colour": ('colour = "#e0a020"', (224, 160, 32), 1),
             "half": ('colour = "#40c080" opacity = 40', (64, 192, 128), 0.4),
             "alpha": ('colour = "#ffffff80"', (255, 255, 255), 128 / 255)}
    cover = _cover(made(house, flat(160, 120, 255, 255, 255), {"cover": f"{PLAIN} }}"})["cover"])
    for bands, depth in ((1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (3, 16), (4, 16)):
        pixels = photo(bands=bands, depth=depth)
        values = pixels / white_of(pixels)
        count = bands // 3 * 2 + 1
        colours = numpy.repeat(values[:, :, :count], 3 // count, 2)
        alpha = values[:, :, count:] if bands > count else numpy.ones_like(values[:, :, :1])
        for name, out in made(house, pixels, {name: f"{PLAIN} {row[0]} }}" for name, row in looks.items()}).items():
            _, colour, opacity = looks[name]
            share = cover[:, :, None] * opacity
            sums = share + alpha * (1 - share)
            want = (share * numpy.array(colour) / 255 + alpha * (1 - share) * colours)
            own, grey = out / white_of(out), out.shape[2] < 3
            got = numpy.repeat(own[:, :, :1], 3, 2) if grey else own[:, :, :3]
            assert abs(got * sums - want).max() * 255 <= 1.01, (name, bands, depth, abs(got * sums - want).max() * 255)
            assert out.dtype == pixels.dtype and (grey == (bands < 3 and name in ("black", "alpha"))), (name, out.shape)
            if (bands, depth) == (3, 8):
                layer = Image.new("RGBA", (160, 120), colour)
                layer.putalpha(Image.fromarray(numpy.rint(share[:, :, 0] * 255).astype(numpy.uint8)))
                pillow = numpy.asarray(Image.alpha_composite(as_image(pixels).convert("RGBA"), layer))[:, :, :3]
                assert apart(out, pillow) <= 1, (name, apart(out, pillow))


def lengths_are_in_any_unit_and_by_formula(house):
    sizes = {"px": "40px", "share": "10%", "mm": "10.16mm dpi = 100", "formula": '"{height / 10}px"'}
    out = made(house, flat(600, 400, 255, 255, 255), {name: f'text {{ text = "Hg" size = {size} }}' for name, size in sizes.items()})
    for name in sizes:
        assert apart(out[name], out["px"]) == 0, name


WORDS = ("top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right")


def text_stands_at_each_place_and_its_anchor_at_each_length(house):
    box = 'box = "#0000ff" box_padding = 0'
    words = {word: f'text {{ text = "Hxg" size = 20px margin = 9px place = {word} {box} }}' for word in WORDS}
    lengths = {f"at-{word}": f'text {{ text = "Hxg" size = 20px place = "50% 40px" anchor = {word} {box} }}' for word in WORDS}
    out = made(house, flat(200, 120, 255, 255, 255), {**words, **lengths})
    left, top, right, bottom = _box(_cover(out["top-left"]))
    wide, high = right - left, bottom - top
    assert (left, top) == (9, 9) and 30 < wide < 50 and 15 < high < 26, (left, top, wide, high)
    for i, word in enumerate(WORDS):
        across, down = i % 3, i // 3
        left, top = 9 + (200 - wide - 18) * across // 2, 9 + (120 - high - 18) * down // 2
        assert _box(_cover(out[word])) == (left, top, left + wide, top + high), (word, _box(_cover(out[word])))
        left, top = 100 - wide * across // 2, 40 - high * down // 2
        assert _box(_cover(out[f"at-{word}"])) == (left, top, left + wide, top + high), word


STORY = "The quick brown fox jumps over the lazy dog and runs away into the deep dark forest"


def _lines(words, size, width):
    """How many lines they are if each is as long as it can be."""
    font = ImageFont.truetype(DEJAVU, size)
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _runs(marked):
    """How many runs of True there are."""
    return int((numpy.diff(numpy.concatenate([[False], marked, [False]]).astype(int)) == 1).sum())


def long_lines_are_broken_between_words_and_long_words_in_them(house):
    out = made(house, flat(400, 300, 255, 255, 255), {
        **{str(width): f'text {{ text = "{STORY}" font = "DejaVu Sans" size = 16px width = {width}px margin = 0 }}'
           for width in (120, 200, 333)},
        "auto": f'text {{ text = "{STORY}" font = "DejaVu Sans" size = 16px margin = 50px }}',
        "share": f'text {{ text = "{STORY}" font = "DejaVu Sans" size = 16px width = 50% margin = 0 }}',
        "lying": f'text {{ text = "{STORY}" font = "DejaVu Sans" size = 16px turn = 90 margin = 20px }}',
        "word": 'text { text = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWW" font = "DejaVu Sans" size = 16px width = 100px margin = 0 }'})
    pitch = sum(ImageFont.truetype(DEJAVU, 16).getmetrics())
    for name, width in (("120", 120), ("200", 200), ("333", 333), ("auto", 310), ("share", 200), ("lying", 260), ("word", 100)):
        cover = _cover(numpy.rot90(out[name]) if name == "lying" else out[name])
        left, top, right, bottom = _box(cover)
        lines = _lines(STORY, 16, width)
        assert right - left <= width + 1, (name, right - left)
        if name == "word":
            assert bottom - top > 3 * pitch, "it is broken"
            continue
        widest = max(ImageFont.truetype(DEJAVU, 16).getlength(line) for line in lines)
        assert abs(right - left - widest) <= 4, (name, right - left, widest)
        assert abs(bottom - top - (len(lines) - 0.2) * pitch) <= 0.5 * pitch, (name, bottom - top, len(lines) * pitch)


def lines_stand_at_one_side_or_around_one_middle(house):
    out = made(house, flat(300, 120, 255, 255, 255), {
        align: f'text {{ text = "HHHHHHHH\\nHH" font = "DejaVu Sans" size = 24px align = {align} }}'
        for align in ("left", "centre", "right")})
    for align, cover in ((name, _cover(pixels)) for name, pixels in out.items()):
        left, top, right, bottom = _box(cover)
        middle = (top + bottom) // 2
        first, second = _box(cover[:middle]), _box(cover[middle:])
        gaps = (second[0] - first[0], first[2] - second[2])
        assert right - left == first[2] - first[0] and sum(gaps) > 60, (align, gaps)
        assert {"left": abs(gaps[0]), "right": abs(gaps[1]), "centre": abs(gaps[0] - gaps[1])}[align] <= 2, (align, gaps)


def signs_of_markup_are_letters_unless_it_is_asked_for(house):
    step = 'text {{ text = "<b>Hg</b>" font = "DejaVu Sans" size = 30px {} }}'
    out = made(house, flat(200, 80, 255, 255, 255), {"no": step.format(""), "yes": step.format("markup = yes")})
    assert _likeness(_cut(_cover(out["no"])), _pillow("<b>Hg</b>", DEJAVU, 30)) > 0.9
    bold = DEJAVU.replace("Sans.ttf", "Sans-Bold.ttf")
    assert _likeness(_cut(_cover(out["yes"])), _pillow("Hg", bold, 30)) > 0.9


# ---- around letters ----

def _grown(cover, by):
    """The cover grown by a disc with a soft edge, pixel by pixel."""
    reach = by + 1
    wide = numpy.pad(cover, reach)
    high, across = cover.shape
    best = numpy.zeros_like(cover)
    for y in range(-reach, reach + 1):
        for x in range(-reach, reach + 1):
            share = min(max(by + 1 - math.hypot(x, y), 0), 1)
            best = numpy.maximum(best, share * wide[reach + y:reach + y + high, reach + x:reach + x + across])
    return best


def _blurred(cover, sigma):
    reach = math.ceil(4 * sigma)
    weights = numpy.exp(-numpy.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    weights /= weights.sum()
    for axis in (0, 1):
        cover = numpy.apply_along_axis(numpy.convolve, axis, cover, weights, "same")
    return cover


AROUND = 'text {{ text = "{}" font = "DejaVu Sans" size = {}px margin = 0 '


def an_outline_is_the_letters_grown_by_discs(house):
    for words, size, outlines in (("Rgß", 60, (1, 3, 8)), ("tiny lines: il1|", 11, (1, 2))):
        start = AROUND.format(words, size)
        out = made(house, flat(200, 120, 255, 255, 255), {"plain": start + "}", **{
            str(by): f'{start} colour = "#ffffff" outline_colour = "#000000" outline = {by}px }}' for by in outlines}})
        cover = _cover(out["plain"])
        for by in outlines:
            want = _grown(cover, by) * (1 - cover)
            far = abs(_cover(out[str(by)]) - want)
            assert (far > 0.2).sum() <= 8 and far.mean() < 0.0015, (words, by, far.max(), (far > 0.2).sum(), far.mean())


def a_halo_fades_from_the_letters_to_its_end(house):
    start = AROUND.format("Rg", 60)
    out = made(house, flat(220, 160, 255, 255, 255), {
        "plain": start + "}", "both": start + 'outline_colour = "#000000" outline = 4px halo = 12px colour = "#ffffff" }',
        **{str(by): f'{start} colour = "#ffffff" outline_colour = "#000000" halo = {by}px }}' for by in (4, 12, 40)}})
    cover = _cover(out["plain"])
    for name, outline, by in (("4", 0, 4), ("12", 0, 12), ("40", 0, 40), ("both", 4, 12)):
        edge = _blurred(_grown(cover, outline + (by + 1) // 2), by / 6)
        if outline:
            edge = numpy.maximum(edge, _grown(cover, outline))
        far = abs(_cover(out[name]) - edge * (1 - cover))
        assert far.max() < 0.2 and far.mean() < 0.006, (name, far.max(), far.mean())
        assert _cover(out[name])[_grown(cover, outline + by + 3) == 0].max() <= 0.02, f"{name}: it ends"


def _box_drawn(width, height, left, top, right, bottom, radius, fine=16):
    """How much of each pixel a box with round corners covers."""
    y, x = (numpy.mgrid[0:height * fine, 0:width * fine] + 0.5) / fine
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    across = numpy.maximum(numpy.maximum(left + radius - x, x - right + radius), 0)
    down = numpy.maximum(numpy.maximum(top + radius - y, y - bottom + radius), 0)
    inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom) & (across ** 2 + down ** 2 <= radius ** 2)
    return inside.reshape(height, fine, width, fine).mean((1, 3))


def a_box_lies_behind_the_letters(house):
    start = AROUND.format("Hg", 30)
    boxes = {"sharp": (0, 0), "wide": (10, 0), "round": (10, 12), "pill": (6, 500)}
    out = made(house, flat(160, 100, 255, 255, 255), {
        "plain": start + "}", "default": 'text { text = "Hg" font = "DejaVu Sans" size = 30px box = "#000000" }',
        "half": start + 'box = yes box_padding = 10px }',
        **{name: f'{start} colour = "#ffffff" box = "#000000" box_padding = {padding}px box_radius = {radius}px }}'
           for name, (padding, radius) in boxes.items()}})
    cover = _cover(out["plain"])
    left, top, right, bottom = _box(cover, 0)
    for name, (padding, radius) in boxes.items():
        want = _box_drawn(160, 100, left - padding, top - padding, right + padding, bottom + padding, radius)
        far = abs(_cover(out[name]) - want * (1 - cover))
        assert far.max() < 0.1 and far.mean() < 0.002, (name, far.max(), far.mean())
    assert _box(_cover(out["default"])) == (left - 1, top - 1, right + 1, bottom + 1), "1 % of 100 pixels"
    assert apart(out["half"], out["plain"]) <= 1, "white on white"
    dark = made(house, flat(160, 100, 0, 0, 0), {"half": start + 'colour = "#ff0000" box = yes box_padding = 10px }'})["half"]
    assert dark[top - 5, left - 5].tolist() == [128, 128, 128] and dark[top - 12, left - 5].tolist() == [0, 0, 0]


# ---- tiles and turns ----

def tiles_repeat_the_text_all_over_the_picture(house):
    start = AROUND.format("Hg", 20)
    out = made(house, flat(160, 120, 255, 255, 255), {
        "one": start + "place = top-left }", "close": start + "tile = yes }",
        "apart": 'text { text = "Hg" font = "DejaVu Sans" size = 20px tile = yes margin = 8px }'})
    tile = _cover(out["one"])
    left, top, right, bottom = _box(tile, 0)
    assert (left, top) == (0, 0)
    tile = tile[:bottom, :right]
    for name, gap in (("close", 0), ("apart", 8)):
        y, x = numpy.mgrid[0:120, 0:160]
        y, x = (y - gap // 2) % (bottom + gap), (x - gap // 2) % (right + gap)
        want = numpy.where((y < bottom) & (x < right), tile[numpy.minimum(y, bottom - 1), numpy.minimum(x, right - 1)], 0)
        assert abs(_cover(out[name]) - want).max() < 0.5 / 255, name


def right_angles_turn_each_pixel_and_others_as_pillow_does(house):
    start = AROUND.format("Hg", 50) + 'place = "50% 50%" anchor = centre box = "#00ff00" '
    steps = {f"turn-{angle}": f"{start} turn = {angle} }}" for angle in (0, 90, 180, 270)}
    steps |= {"angle-90": f"{start} angle = 90 }}", "both": f"{start} turn = 180 angle = -90 }}", "30": f"{start} angle = 30 }}"}
    out = made(house, flat(200, 200, 255, 255, 255), steps)
    whole = {name: pixels[_rows(pixels)] for name, pixels in out.items()}
    for angle in (90, 180, 270):
        assert apart(whole[f"turn-{angle}"], numpy.rot90(whole["turn-0"], -angle // 90)) == 0, angle
    assert apart(whole["angle-90"], whole["turn-90"]) == 0 and apart(whole["both"], whole["turn-90"]) == 0
    turned = Image.fromarray(out["turn-0"]).rotate(-30, Image.BICUBIC, fillcolor=(255, 255, 255))
    best = min(abs(numpy.roll(out["30"], (y, x), (0, 1)).astype(float) - numpy.asarray(turned)).mean()
               for y in range(-1, 2) for x in range(-1, 2))
    assert best < 2, best


def _rows(pixels):
    left, top, right, bottom = _box(_cover(pixels), 0)
    return slice(top, bottom), slice(left, right)


def what_is_wrong_with_a_text_is_said_with_a_cure(house):
    for settings, says, code in (('outline_colour = "#ff0000"', "give outline or halo", 0), ("anchor = top", "remove anchor", 0),
                                 ("box_radius = 4px", "add box = yes", 0), ("outline = -1px", "too small", 1),
                                 ("turn = 45", "turn", 1), ("opacity = 101", "too large", 1),
                                 ('text = "<b>A" markup = yes', "its markup is wrong", 1)):
        config, words = house.top / "wrong.conf", "" if settings.startswith("text") else 'text = "x"'
        config.write_text(f'profile "p" {{ text {{ {words} {settings} }} save {{}} }}\n')
        done = house.command("check", "--config", config)
        assert (done.returncode != 0) == bool(code) and says in done.stdout + done.stderr, (settings, done)
    as_image(photo(40, 30)).save(house.top / "<i.png")
    config.write_text('profile "p" { text { text = "<b>{stem}" markup = yes } save { name = "x.png" } }\n')
    done = house.command("run", "--config", config, "p", "--output", house.output, house.top / "<i.png")
    assert done.returncode == 1 and "its markup is wrong" in done.stderr and "markup = no" in done.stderr, done


if __name__ == "__main__":
    sys.exit(main(globals()))
