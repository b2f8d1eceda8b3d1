"""tiffs - TIFF pictures of every kind, made byte by byte, with the pixels that they stand for.

Each shows four fields of one colour: red, green, blue and a light grey. A kind is written with the tags
and numbers that its maker would have written; what a viewer must show is the same for all of them.
"""
import struct

WIDTH, HEIGHT = 32, 32
FIELDS = ((220, 30, 30), (30, 180, 30), (40, 40, 220), (240, 240, 240))
GREYS = (220, 30, 40, 240)
WHITE_IS_ZERO, GREY, RGB, PALETTE, MASK, INKS, YCBCR, LAB, ICCLAB = 0, 1, 2, 3, 4, 5, 6, 8, 9
LOGLUV = 32845
UNSIGNED, SIGNED, FLOAT, COMPLEX = 1, 2, 3, 5
UNSPECIFIED, PREMULTIPLIED, ALPHA = 0, 1, 2
ASCII, SHORT, LONG, DOUBLE = 2, 3, 4, 12


def field_of(x, y, width=WIDTH, height=HEIGHT):
    return (x >= width // 2) + 2 * (y >= height // 2)


def float16(value):
    return struct.unpack("<H", struct.pack("<e", value))[0]


def packed(values, bits, kind, order):
    """The bytes of a row of numbers."""
    if kind == FLOAT:
        if bits == 24:  # 1 sign, 7 exponent, 16 fraction
            return b"".join(float24(value).to_bytes(3, "little" if order == "<" else "big")
                            for value in values)
        return struct.pack(order + {16: "e", 32: "f", 64: "d"}[bits] * len(values), *values)
    if bits in (8, 16, 32):
        return struct.pack(order + {8: "B", 16: "H", 32: "I"}[bits] * len(values),
                           *[int(value) % (1 << bits) for value in values])
    if bits == 24:
        return b"".join(int(value).to_bytes(3, "little" if order == "<" else "big")
                        for value in values)
    number = 0
    for value in values:
        number = number << bits | int(value)
    used = len(values) * bits
    return (number << -used % 8).to_bytes((used + 7) // 8, "big")


def float24(value):
    if value == 0:
        return 0
    mantissa, exponent = 0.0 + value, 0
    while mantissa >= 2:
        mantissa, exponent = mantissa / 2, exponent + 1
    while mantissa < 1:
        mantissa, exponent = mantissa * 2, exponent - 1
    return (exponent + 63) << 16 | min(0xffff, round((mantissa - 1) * 65536))


def cells(pixels, bits, kind, order, apart, tile, rows_per_strip=HEIGHT):
    """The strips or tiles, plane by plane; pixels are lists of samples, row by row."""
    samples = len(pixels[0][0])
    wide, high = tile or (len(pixels[0]), rows_per_strip)
    out = []
    for plane in range(samples) if apart else (None,):
        for top in range(0, len(pixels), high):
            for left in range(0, len(pixels[0]), wide):
                rows = [row[left:left + wide] for row in pixels[top:top + high]]
                if tile:
                    rows = [row + [row[-1]] * (wide - len(row)) for row in rows]
                    rows += [rows[-1]] * (high - len(rows))
                out.append(b"".join(packed(
                    [number for pixel in row for number in (pixel if plane is None else [pixel[plane]])],
                    bits, kind, order) for row in rows))
    return out


def file(pages, order="<"):
    """A TIFF of these pages: each a list of tags (number, type, values), and its strips or tiles. A tag
    of no values gets the offsets (273, 324) or lengths (279, 325) of them."""
    data = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 0))
    link = 4
    for tags, parts in pages:
        offsets = []
        for part in parts:
            data += b"\0" * (len(data) % 2)
            offsets.append(len(data))
            data += part
        data += b"\0" * (len(data) % 2)
        entries = []
        for number, kind, values in sorted(tags):
            if values is None:
                values = offsets if number in (273, 324) else [len(part) for part in parts]
            form = {ASCII: "B", SHORT: "H", LONG: "I", DOUBLE: "d", 7: "B", 5: "I"}[kind]
            content = struct.pack(order + form * len(values), *values)
            count = len(values) // 2 if kind == 5 else len(values)
            if len(content) > 4:
                at = len(data)
                data += content + b"\0" * (len(content) % 2)
                content = struct.pack(order + "I", at)
            entries.append(struct.pack(order + "HHI", number, kind, count) + content.ljust(4, b"\0"))
        struct.pack_into(order + "I", data, link, len(data))
        data += struct.pack(order + "H", len(entries)) + b"".join(entries) + b"\0" * 4
        link = len(data) - 4
    return bytes(data)


def page(pixels, photometric, bits=8, kind=UNSIGNED, extra=(), apart=False, tile=None, order="<",
         more=(), parts=None, rows_per_strip=HEIGHT):
    samples = len(pixels[0][0])
    tags = [(256, LONG, [len(pixels[0])]), (257, LONG, [len(pixels)]),
            (258, SHORT, [bits] * samples), (262, SHORT, [photometric]), (277, SHORT, [samples]),
            (284, SHORT, [2 if apart else 1])]
    if tile:
        tags += [(322, SHORT, [tile[0]]), (323, SHORT, [tile[1]]), (324, LONG, None),
                 (325, LONG, None)]
    else:
        tags += [(273, LONG, None), (278, LONG, [rows_per_strip]), (279, LONG, None)]
    if kind != UNSIGNED:
        tags.append((339, SHORT, [kind] * samples))
    if extra:
        tags.append((338, SHORT, list(extra)))
    given = {tag[0] for tag in more}
    tags = [tag for tag in tags if tag[0] not in given] + list(more)
    if not any(tag[0] == 259 for tag in tags):
        tags.append((259, SHORT, [1]))
    return tags, parts if parts is not None else cells(pixels, bits, kind, order, apart, tile,
                                                       rows_per_strip)


def picture(of_field, width=WIDTH, height=HEIGHT):
    """Pixels of which each is what `of_field` gives for its field, x and y."""
    return [[list(of_field(field_of(x, y, width, height), x, y)) for x in range(width)]
            for y in range(height)]


def scaled(white, whole=True):
    """A colour of 0 to 255 on another scale."""
    return lambda value: round(value * white / 255) if whole else value * white / 255


def rgb(scale=int, extra=()):
    return picture(lambda field, x, y: [*map(scale, FIELDS[field]), *extra])


def grey(scale=int, extra=()):
    return picture(lambda field, x, y: [scale(GREYS[field]), *extra])


def single(*arguments, **how):
    return file([page(*arguments, **how)], how.get("order", "<"))


# ---- kinds ----

def spare_channels():
    """A channel that the file does not call alpha: nothing of the picture may vanish."""
    made = {}
    empty, half = (lambda field, x, y: 0), (lambda field, x, y: 1 - field % 2)
    for what, spare in ("empty", empty), ("selection", half):
        for bits in 8, 16:
            scale = scaled((1 << bits) - 1)
            full = (1 << bits) - 1
            colours = picture(lambda f, x, y: [*map(scale, FIELDS[f]), full * spare(f, x, y)])
            greys = picture(lambda f, x, y: [scale(GREYS[f]), full * spare(f, x, y)])
            inks = picture(lambda f, x, y: [*[full - scale(part) for part in FIELDS[f]], 0,
                                            full * spare(f, x, y)])
            for apart in False, True:
                for tile in None, (16, 16):
                    name = (f"{what}-{bits}{'-apart' * apart}{'-tiled' * bool(tile)}")
                    how = dict(bits=bits, extra=[UNSPECIFIED], apart=apart, tile=tile)
                    made["rgb-" + name] = single(colours, RGB, **how), FIELDS
                    made["grey-" + name] = single(greys, GREY, **how), GREYS
                    made["cmyk-" + name] = single(inks, INKS, **how), None
    several = picture(lambda f, x, y: [*FIELDS[f], 0, 255 * (f % 2), 7])
    made["rgb-three-spare"] = single(several, RGB, extra=[UNSPECIFIED] * 3), FIELDS
    made["rgb-unstated-fourth"] = single(rgb(extra=[0]), RGB), FIELDS
    behind = picture(lambda f, x, y: [*FIELDS[f], 0, 128])
    made["rgb-spare-then-alpha"] = single(behind, RGB, extra=[UNSPECIFIED, ALPHA]), [
        (*field, 128) for field in FIELDS]
    return made


def transparent():
    made = {}
    for bits in 8, 16:
        full, scale = (1 << bits) - 1, scaled((1 << bits) - 1)
        part = scale(153)
        premultiplied = lambda number: round(scale(number) * part / full)  # noqa: E731
        for apart in False, True:
            name = f"{bits}{'-apart' * apart}"
            how = dict(bits=bits, apart=apart)
            made["alpha-" + name] = single(rgb(scale, [part]), RGB, extra=[ALPHA], **how), [
                (*field, 153) for field in FIELDS]
            made["premultiplied-" + name] = (single(rgb(premultiplied, [part]), RGB,
                                                    extra=[PREMULTIPLIED], **how),
                                             [(*field, 153) for field in FIELDS])
            made["grey-alpha-" + name] = (single(grey(scale, [part]), GREY, extra=[ALPHA], **how),
                                          [(value, value, value, 153) for value in GREYS])
    return made


def numbers():
    """Numbers of every kind, by their meaning."""
    made = {}
    for bits in 1, 2, 4:
        values = [GREYS[field] * ((1 << bits) - 1) // 255 for field in range(4)]
        shown = [round(value * 255 / ((1 << bits) - 1)) for value in values]
        for photometric in GREY, WHITE_IS_ZERO:
            number = picture(lambda f, x, y: [values[f] if photometric == GREY
                                              else (1 << bits) - 1 - values[f]])
            name = f"grey-{bits}-bits{'-negative' * (photometric == WHITE_IS_ZERO)}"
            made[name] = single(number, photometric, bits=bits), shown
    for bits in 8, 10, 12, 14, 16, 24, 32:
        full = (1 << bits) - 1
        for order in "<", ">":
            name = f"-{bits}-bits-{'II' if order == '<' else 'MM'}"
            made["rgb" + name] = single(rgb(scaled(full)), RGB, bits=bits, order=order), FIELDS
            made["grey" + name] = single(grey(scaled(full)), GREY, bits=bits, order=order), GREYS
            made["negative" + name] = (single(grey(lambda value: full - scaled(full)(value)),
                                              WHITE_IS_ZERO, bits=bits, order=order), GREYS)
    for bits in 8, 16, 32:
        full = (1 << bits - 1) - 1
        made[f"rgb-signed-{bits}"] = single(rgb(scaled(full)), RGB, bits=bits, kind=SIGNED), FIELDS
        made[f"grey-signed-{bits}"] = single(grey(scaled(full)), GREY, bits=bits, kind=SIGNED), GREYS
        least, most = -(1 << bits - 1), full
        whole = [(340, DOUBLE, [least]), (341, DOUBLE, [most])]
        made[f"grey-signed-{bits}-by-tags"] = single(
            grey(lambda value: least + scaled(most - least)(value)), GREY, bits=bits, kind=SIGNED,
            more=whole), GREYS
    for bits in 16, 24, 32, 64:
        for order in "<", ">":
            name = f"-float-{bits}-{'II' if order == '<' else 'MM'}"
            how = dict(bits=bits, kind=FLOAT, order=order)
            made["rgb" + name] = single(rgb(scaled(1, False)), RGB, **how), FIELDS
            made["grey" + name] = single(grey(scaled(1, False)), GREY, **how), GREYS
            made["rgb-of-255" + name] = single(rgb(float), RGB, **how), FIELDS
        made[f"rgb-float-{bits}-apart-tiled"] = single(
            rgb(scaled(1, False)), RGB, bits=bits, kind=FLOAT, apart=True, tile=(16, 16)), FIELDS
    made["rgb-float-of-65535"] = single(rgb(scaled(65535, False)), RGB, bits=32, kind=FLOAT), FIELDS
    made["grey-float-by-tags"] = single(grey(scaled(1000, False)), GREY, bits=32, kind=FLOAT,
                                        more=[(340, DOUBLE, [0]), (341, DOUBLE, [1000])]), GREYS
    spark = picture(lambda f, x, y: [9.0 if x == y == 3 else value / 255 for value in FIELDS[f]])
    made["rgb-float-with-highlights"] = single(spark, RGB, bits=32, kind=FLOAT), FIELDS
    return made


def colours():
    """Kinds of colours, and of storing them."""
    made = {}
    table = [part * 257 for entry in zip(*FIELDS) for part in (*entry, *[0] * 252)]
    index = picture(lambda f, x, y: [f])
    made["palette"] = single(index, PALETTE, more=[(320, SHORT, table)]), FIELDS
    upper = [part // 257 * 256 for part in table]
    made["palette-of-upper-halves"] = single(index, PALETTE, more=[(320, SHORT, upper)]), FIELDS
    small = [part * 257 for entry in zip(*FIELDS) for part in entry]
    made["palette-2-bits"] = single(index, PALETTE, bits=2, more=[(320, SHORT, small)]), FIELDS
    for tile in None, (16, 16), (48, 48):
        made[f"planes{'-tiled' * bool(tile)}{tile[0] if tile else ''}"] = single(
            rgb(), RGB, apart=True, tile=tile), FIELDS
        made[f"together{'-tiled' * bool(tile)}{tile[0] if tile else ''}"] = single(
            rgb(), RGB, tile=tile), FIELDS
    made["strips"] = single(rgb(), RGB, rows_per_strip=5), FIELDS
    made["planes-strips"] = single(rgb(), RGB, apart=True, rows_per_strip=5), FIELDS
    thumbnail = page(picture(lambda f, x, y: [1, 2, 3], 8, 8), RGB, more=[(254, LONG, [1])])
    mask = page(picture(lambda f, x, y: [1]), MASK, bits=1, more=[(254, LONG, [4])])
    made["behind-a-thumbnail"] = file([thumbnail, page(rgb(), RGB)]), FIELDS
    made["behind-a-mask"] = file([mask, page(rgb(), RGB)]), FIELDS
    old = page(picture(lambda f, x, y: [1, 2, 3], 8, 8), RGB, more=[(255, SHORT, [2])])
    made["behind-a-thumbnail-of-old"] = file([old, page(rgb(), RGB)]), FIELDS
    made["behind-both"] = file([thumbnail, mask, page(rgb(), RGB)]), FIELDS
    for across, down in (1, 1), (2, 1), (2, 2), (4, 1), (4, 2):
        made[f"ycbcr-{across}{down}"] = subsampled(across, down), FIELDS
    for bits in 8, 16:
        made[f"lab-{bits}"] = single(lab(bits, False), LAB, bits=bits), FIELDS
        made[f"icc-lab-{bits}"] = single(lab(bits, True), ICCLAB, bits=bits), FIELDS
    made["lab-float"] = single(picture(lambda f, x, y: LABS[f]), LAB, bits=32, kind=FLOAT), FIELDS
    return made


def ycbcr(red, green, blue):
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    return [round(light), round(128 + (blue - light) * 0.564), round(128 + (red - light) * 0.713)]


def subsampled(across, down):
    """Blocks of several values of Y and one of Cb and Cr."""
    data = bytearray()
    for top in range(0, HEIGHT, down):
        for left in range(0, WIDTH, across):
            light, blue, red = ycbcr(*FIELDS[field_of(left, top)])
            data += bytes([light] * (across * down) + [blue, red])
    tags = [(530, SHORT, [across, down]), (532, 5, [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1])]
    return file([page(rgb(), YCBCR, more=tags, parts=[bytes(data)])])


# The four fields in Lab, whose white is D50.
LABS = ((48.177, 69.175, 52.281), (64.231, -58.343, 57.838), (30.234, 50.231, -91.054),
        (94.796, 0.0, 0.0))


def lab(bits, offset):
    def numbers_of(field, _x, _y):
        light, a, b = LABS[field]
        unit = 1 if bits == 8 else 256
        most = (1 << bits) - 1
        white = most if not offset or bits == 8 else 65280
        middle = 128 if offset else 0
        return [round(light * white / 100), round((a + middle) * unit) % (most + 1),
                round((b + middle) * unit) % (most + 1)]
    return picture(numbers_of)


def refused():
    """What no picture comes out of, and a word that says why."""
    below = grey(lambda value: value - 100)
    return {
        "signed-below-0": (single(below, GREY, bits=16, kind=SIGNED), "below 0"),
        "float-below-0": (single(grey(lambda value: value / 100 - 1), GREY, bits=32, kind=FLOAT),
                          "below 0"),
        "float-of-1000000": (single(grey(lambda value: value * 4000.0), GREY, bits=32, kind=FLOAT),
                             "32 bits float"),
        "u32-of-255": (single(rgb(), RGB, bits=32), "black"),
        "complex": (single(grey(), GREY, bits=32, kind=COMPLEX), "complex"),
        "logluv": (single(rgb(), LOGLUV, bits=16, kind=SIGNED), "LogLuv"),
        "five-inks": (single(picture(lambda f, x, y: [1] * 5), INKS,
                             more=[(332, SHORT, [2]), (334, SHORT, [5])]), "5 inks"),
        "unknown-packing": (single(rgb(), RGB, more=[(259, SHORT, [34712])]), "compressed"),
        "jpeg-12-bits": (single(grey(scaled(4095)), GREY, bits=12, more=[(259, SHORT, [7])]),
                         "12 bits"),
    }


def all_kinds():
    return {**spare_channels(), **transparent(), **numbers(), **colours()}
