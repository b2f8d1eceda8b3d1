"""bitmaps - BMP pictures of every kind, made byte by byte, with the pixels that they stand for.

A Bitmap is a file (`data`), its pixels from top to bottom as (red, green, blue, alpha), and whether
Pillow reads it too, and how exactly.
"""
import dataclasses
import random
import struct

WIDTH, HEIGHT = 13, 5  # every row has padding
PLAIN, RLE8, RLE4, BITFIELDS, RLE24, ALPHA_BITFIELDS = 0, 1, 2, 3, 4, 6
CORE, OS2_SHORT, INFO, V2, V3, OS2, V4, V5 = 12, 16, 40, 52, 56, 64, 108, 124
MASKS_565 = (0xf800, 0x7e0, 0x1f)
EXACT, NEARLY, NOT_AT_ALL = 0, 1, None  # NEARLY: Pillow rounds channels of 5 and 6 bits down


@dataclasses.dataclass
class Bitmap:
    data: bytes
    pixels: list
    pillow: int | None = EXACT
    transparent: bool = False  # it has an alpha channel


def header(size, bits, width=WIDTH, height=HEIGHT, compression=PLAIN, colours=0, masks=(),
           profile=(0, 0)):
    """The second header, of `size` bytes."""
    if size == CORE:
        return struct.pack("<IHHHH", size, width, height, 1, bits)
    out = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, 0, 11811, 11811,
                      colours, 0)
    if size in (V2, V3, V4, V5):
        out += struct.pack("<4I", *masks, *[0] * (4 - len(masks)))
    if size == V5:
        space = b"DEBM" if profile[1] else b" niW"
        out = out.ljust(56, b"\0") + space
        out = out.ljust(112, b"\0") + struct.pack("<II", *profile)
    return out[:size].ljust(size, b"\0")


def file(head, rest, pixels, gap=0, offset=None, claims=None):
    """A whole file: the headers, `rest` (masks and palette), a gap, the pixels."""
    at = 14 + len(head) + len(rest) + gap
    size = at + len(pixels) if claims is None else claims
    return (b"BM" + struct.pack("<IHHI", size, 0, 0, at if offset is None else offset) + head + rest
            + b"\xaa" * gap + pixels)


def packed(values, bits):
    """A row of values, padded to four bytes."""
    number = 0
    if bits <= 8:
        for value in values:
            number = number << bits | value
        used = len(values) * bits
        out = (number << -used % 8).to_bytes((used + 7) // 8, "big")
    else:
        out = b"".join(value.to_bytes(bits // 8, "little") for value in values)
    return out + b"\0" * (-len(out) % 4)


def rows_of(values, width=WIDTH):
    return [values[at:at + width] for at in range(0, len(values), width)]


def stored(values, bits, top_down=False):
    rows = rows_of(values)
    return b"".join(packed(row, bits) for row in (rows if top_down else rows[::-1]))


def palette_bytes(colours, size):
    return b"".join(bytes((blue, green, red, 0x5a)[:size]) for red, green, blue in colours)


def colours_of(chance, count):
    return [tuple(chance.randbytes(3)) for _ in range(count)]


def opaque(colours):
    return [(*colour, 255) for colour in colours]


def indexed(bits, size, top_down=False, count=None, pillow=EXACT, **how):
    """With a palette of `count` colours."""
    chance = random.Random(bits * 1000 + size)
    count = count or 1 << bits
    colours = colours_of(chance, count)
    values = [chance.randrange(min(count, 1 << bits)) for _ in range(WIDTH * HEIGHT)]
    head = header(size, bits, height=-HEIGHT if top_down else HEIGHT,
                  colours=0 if count == 1 << bits else count)
    data = file(head, palette_bytes(colours, 3 if size == CORE else 4),
                stored(values, bits, top_down), **how)
    return Bitmap(data, opaque(colours[value] for value in values), pillow)


def channel(value, mask):
    """What `value` has in the mask, of 0 to 255, rounded to the nearest."""
    if not mask:
        return None
    shift = (mask & -mask).bit_length() - 1
    most = mask >> shift
    return ((value & mask) >> shift) * 510 // most + 1 >> 1


def masked(bits, size, masks=(), compression=BITFIELDS, pillow=EXACT, top_down=False):
    """Of random values, with masks in the header or behind it."""
    chance = random.Random(bits + size + sum(masks))
    values = [chance.getrandbits(bits) for _ in range(WIDTH * HEIGHT)]
    head = header(size, bits, compression=compression, masks=masks,
                  height=-HEIGHT if top_down else HEIGHT)
    behind = struct.pack(f"<{len(masks)}I", *masks) if size == INFO else b""
    used = masks or ((0x7c00, 0x3e0, 0x1f) if bits == 16 else (0xff0000, 0xff00, 0xff))
    used = (*used, 0)[:4]
    pixels = [tuple(channel(value, mask) if mask else (0, 0, 0, 255)[at]
                    for at, mask in enumerate(used)) for value in values]
    return Bitmap(file(head, behind, stored(values, bits, top_down)), pixels, pillow, used[3] != 0)


def true_colour(size, profile=b"", **how):
    chance = random.Random(size)
    colours = colours_of(chance, WIDTH * HEIGHT)
    values = [red << 16 | green << 8 | blue for red, green, blue in colours]
    pixels = stored(values, 24)
    head = header(size, 24, profile=(size + len(pixels), len(profile)))
    return Bitmap(file(head, b"", pixels, **how) + profile, opaque(colours))


# Run lengths: each row as codes, from the bottom row up, and the values that it stands for.

END_OF_ROW, END = b"\0\0", b"\0\1"


def value_bytes(values, bits):
    out = packed(values, bits)
    return out[:(len(values) * bits + 7) // 8]


def runs_row(values, bits):
    """A row with a run of its first value, if there is one, and the rest as values."""
    same = 1
    while same < len(values) and values[same] == values[0]:
        same += 1
    first = values[:2] * 2 if bits == 4 and same > 1 else values[:1] * 2
    out = bytes([same]) + value_bytes(first[:2 if bits == 4 else 1], bits)
    rest = values[same:]
    while rest:
        part, rest = (rest[:9], rest[9:]) if len(rest) > 11 else (rest, [])
        if len(part) < 3:
            out += b"".join(b"\1" + value_bytes([value] * (2 if bits == 4 else 1), bits)
                            for value in part)
        else:
            body = value_bytes(part, bits)
            out += bytes([0, len(part)]) + body + b"\0" * (len(body) % 2)
    return out


def run_lengths(bits, size, compression, codes=None, rows=None, pillow=EXACT, top_down=False):
    """`codes` with the `rows` that they stand for, from the top; or random rows with long runs."""
    chance = random.Random(bits + size)
    colours = colours_of(chance, 1 << bits) if bits < 24 else None
    if codes is None:
        rows = []
        for _ in range(HEIGHT):
            same = chance.randrange(1, WIDTH)
            rows.append([chance.getrandbits(bits)] * same
                        + [chance.getrandbits(bits) for _ in range(WIDTH - same)])
        order = rows if top_down else rows[::-1]
        codes = END_OF_ROW.join(runs_row(row, bits) for row in order) + END
    head = header(size, bits, compression=compression, height=-HEIGHT if top_down else HEIGHT)
    data = file(head, palette_bytes(colours, 4) if colours else b"", codes)
    shown = [colours[value] if colours else (value >> 16, value >> 8 & 255, value & 255)
             for row in rows for value in row]
    return Bitmap(data, opaque(shown), pillow)


def skipping(bits, compression):
    """A delta, rows that end early, one that is skipped, runs beyond a row's end, an end before the top
    row: what is left out is colour 0."""
    one = 0x11 if bits == 4 else 1
    codes = (bytes([4, one]) + END_OF_ROW  # the bottom row ends early
             + bytes([0, 2, 3, 0]) + bytes([200, one])  # three are left out, and far too many drawn
             + END_OF_ROW
             + bytes([2, one]) + bytes([0, 2, 2, 2])  # two rows up, and two to the right
             + bytes([3, one]) + END)
    rows = [[0] * 4 + [1] * 3 + [0] * 6, [0] * WIDTH, [1] * 2 + [0] * 11, [0] * 3 + [1] * 10,
            [1] * 4 + [0] * 9]
    return run_lengths(bits, INFO, compression, codes, rows, pillow=NOT_AT_ALL)


def beyond_the_palette():
    """Ten colours, and indexes of up to 15: those are black."""
    values = [value % 16 for value in range(WIDTH * HEIGHT)]
    head = header(INFO, 4, colours=10)
    colours = colours_of(random.Random(9), 10)
    return Bitmap(file(head, palette_bytes(colours, 4), stored(values, 4)),
                  opaque((colours + [(0, 0, 0)] * 6)[value] for value in values), NOT_AT_ALL)


def short_palette():
    """OS/2 has no field for the number of colours: the pixels begin where they end."""
    colours = colours_of(random.Random(7), 40)
    values = [value % 40 for value in range(WIDTH * HEIGHT)]
    return Bitmap(file(header(CORE, 8), palette_bytes(colours, 3), stored(values, 8)),
                  opaque(colours[value] for value in values))


def unpadded():
    """Without the padding of its last row."""
    made = true_colour(INFO)
    made.data = made.data[:-1]
    return made


def empty_profile():
    """A profile of no bytes, far beyond the end of the file."""
    made = true_colour(V5)
    data = bytearray(made.data)
    data[14 + 56:14 + 60] = b"DEBM"
    data[14 + 112:14 + 116] = b"\xff\xff\xff\x7f"
    made.data = bytes(data)
    return made


def all_kinds(profile=b""):
    """name: Bitmap. `profile`: a colour profile to embed into one."""
    rgba, abgr = (0xff0000, 0xff00, 0xff, 0xff000000), (0xff, 0xff00, 0xff0000, 0xff000000)
    kinds = {f"{bits}-bits-{size}": indexed(bits, size, pillow=NOT_AT_ALL if bits == 2 else EXACT)
             for bits in (1, 2, 4, 8) for size in (CORE, INFO, OS2, V4, V5)}
    kinds.update({
        "2-bits-16": indexed(2, OS2_SHORT, pillow=NOT_AT_ALL),
        "1-bit-top-down": indexed(1, INFO, top_down=True),
        "8-bits-top-down": indexed(8, INFO, top_down=True),
        "8-bits-few-colours": indexed(8, INFO, count=50),
        "8-bits-one-colour": indexed(8, INFO, count=1),
        "8-bits-many-colours": indexed(8, INFO, count=300, pillow=NOT_AT_ALL),
        "8-bits-gap": indexed(8, INFO, gap=100),
        "8-bits-no-offset": indexed(8, INFO, offset=0),
        "8-bits-short-offset": indexed(8, INFO, count=50, offset=14 + INFO),
        "8-bits-wrong-length": indexed(8, INFO, claims=26),
        "4-bits-beyond": beyond_the_palette(),
        "8-bits-short-palette": short_palette(),
        "16-bits": masked(16, INFO, compression=PLAIN, pillow=NEARLY),
        "16-bits-565": masked(16, INFO, MASKS_565, pillow=NEARLY),
        "16-bits-565-top-down": masked(16, INFO, MASKS_565, pillow=NEARLY, top_down=True),
        "16-bits-4444": masked(16, V5, (0xf00, 0xf0, 0xf, 0xf000), pillow=NOT_AT_ALL),
        "16-bits-231": masked(16, INFO, (0x30, 0xe, 0x1), pillow=NOT_AT_ALL),
        "16-bits-no-blue": masked(16, INFO, (0xff00, 0xff, 0), pillow=NOT_AT_ALL),
        "24-bits-core": true_colour(CORE), "24-bits": true_colour(INFO),
        "24-bits-v5": true_colour(V5), "24-bits-unpadded": unpadded(),
        "24-bits-empty": empty_profile(),
        "24-bits-wrong-length": true_colour(INFO, claims=0),
        "32-bits": masked(32, INFO, compression=PLAIN),
        "32-bits-bgr": masked(32, INFO, rgba[:3]),
        "32-bits-rgb": masked(32, V2, abgr[:3], pillow=NOT_AT_ALL),
        "32-bits-high": masked(32, INFO, (0xff000000, 0xff0000, 0xff00)),
        "32-bits-alpha": masked(32, V5, rgba), "32-bits-alpha-v4": masked(32, V4, rgba),
        "32-bits-alpha-v3": masked(32, V3, rgba, pillow=NOT_AT_ALL),
        "32-bits-alpha-rgb": masked(32, V5, abgr),
        "32-bits-alpha-behind": masked(32, INFO, rgba, ALPHA_BITFIELDS, pillow=NOT_AT_ALL),
        "32-bits-1010102": masked(32, V5, (0x3ff00000, 0xffc00, 0x3ff, 0xc0000000),
                                  pillow=NOT_AT_ALL),
        "32-bits-7187": masked(32, V4, (0xfe000000, 0x1ffff80, 0x7f), pillow=NOT_AT_ALL),
        "rle8": run_lengths(8, INFO, RLE8), "rle4": run_lengths(4, INFO, RLE4, pillow=NOT_AT_ALL),
        "rle8-v5": run_lengths(8, V5, RLE8),
        "rle8-top-down": run_lengths(8, INFO, RLE8, top_down=True),
        "rle24": run_lengths(24, OS2, RLE24, pillow=NOT_AT_ALL),
        "rle8-skips": skipping(8, RLE8), "rle4-skips": skipping(4, RLE4),
    })
    if profile:
        kinds["24-bits-profile"] = true_colour(V5, profile)
    return kinds


def plain(width, height, bits=24, size=INFO, compression=PLAIN, pixels=b""):
    """A header that claims this size, and whatever pixels there are."""
    palette = b"\x40" * (4 << bits) if bits <= 8 else b""
    return file(header(size, bits, width, height, compression), palette, pixels)


def refused():
    """name: (bytes, words of the reason) of what is damaged, or of a kind that is not read."""
    rows = b"\x55" * 400
    return {
        "bits.bmp": (plain(9, 9, bits=7, pixels=rows), "7 bits a pixel"),
        "64-bits.bmp": (plain(9, 9, bits=64, pixels=rows), "64 bits a pixel"),
        "rle-of-24.bmp": (plain(9, 9, compression=RLE8, pixels=rows), "24 bits a pixel with"),
        "jpeg.bmp": (plain(9, 9, bits=0, size=V5, compression=4, pixels=rows), "it contains JPEG"),
        "png.bmp": (plain(9, 9, bits=0, size=V5, compression=5, pixels=rows), "it contains PNG"),
        "huffman.bmp": (plain(9, 9, bits=1, size=OS2, compression=3, pixels=rows), "Huffman"),
        "cmyk.bmp": (plain(9, 9, bits=32, compression=11, pixels=rows), "unknown compression"),
        "narrow.bmp": (plain(-9, 9, pixels=rows), "its size is -9 x 9 pixels"),
        "none.bmp": (plain(9, 0, pixels=rows), "its size is 9 x 0 pixels"),
        "lowest.bmp": (plain(9, -(1 << 31), pixels=rows), "more than 10000000 pixels"),
        "header.bmp": (file(header(66, 24), b"", rows), "its header has 66 bytes"),
        "gaps.bmp": (file(header(INFO, 32, compression=BITFIELDS),
                          struct.pack("<3I", 0xff0000, 0xf0f0, 0xff), rows), "has gaps"),
        "overlap.bmp": (file(header(INFO, 8), b"", rows, offset=30), "begin inside its header"),
        "cut.bmp": (indexed(8, INFO).data[:-20], "the rest of its pixels is missing"),
        "cut-head.bmp": (indexed(8, INFO).data[:30], "the rest of its header is missing"),
        "cut-runs.bmp": (run_lengths(8, INFO, RLE8).data[:-5], "its end marker (end of bitmap)"),
        "cut-profile.bmp": (true_colour(V5, b"x" * 200).data[:-1], "its colour profile is missing"),
    }
