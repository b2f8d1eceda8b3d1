"""mutate - damaged pictures: thousands, and the same ones each time.

Small good pictures of every format that is read, each damaged in one of the ways below; where a check
sum would keep a decoder from looking any further, it is put right again.
"""
import random
import struct
import sys
import tempfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "foreign"))

import bitmaps  # noqa: E402
import bombs  # noqa: E402
import dng  # noqa: E402
from harness import make_picture  # noqa: E402

MADE = ("jpg", "png", "webp", "gif", "tif", "avif", "heic", "jxl", "jp2")
# More ways of a format to be written: with what its encoder is given.
VARIED = {"laced.png": "interlace", "palette.png": "palette", "lossless.webp": "lossless",
          "lzw.tif": "compression=lzw,predictor=horizontal", "tiles.tif": "tile,pyramid",
          "jpeg.tif": "compression=jpeg", "big.tif": "bigtiff", "lossless.jxl": "lossless",
          "lossless.jp2": "lossless"}
BITMAPS = ("24-bits-v5", "8-bits-40", "32-bits-alpha", "rle8-skips")
EXTREMES = [struct.pack(form, value) for form in (">H", "<H", ">I", "<I", ">Q", "<Q")
            for value in (0, 1, 0x7fff, 0x8000, 0xffff)]
EXTREMES += [struct.pack(form, value) for form in (">I", "<I", ">Q", "<Q")
             for value in (0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff)]
SVG = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     width="90" height="60" viewBox="0 0 90 60">
 <defs><linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1"/></linearGradient>
  <filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs>
 <rect width="80" height="50" fill="url(#g)" filter="url(#f)"/>
 <text x="5" y="20" font-size="9">hot</text><path d="M1 1 C 20 20, 40 20, 50 10 Z"/>
 <g transform="rotate(20)"><use xlink:href="#g"/><circle cx="30" cy="30" r="9"/></g>
</svg>
"""


def good_pictures():
    """ending: bytes of one whole small picture."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="hotfolder-corpus.") as where:
        for end, how in {**dict.fromkeys(MADE, ""), **VARIED}.items():
            path = Path(where) / f"p.{end}"
            make_picture(path, size="90x60", orientation=6, how=f"[{how}]" if how else "")
            found[end] = path.read_bytes()
    kinds = bitmaps.all_kinds()
    found.update({f"{name}.bmp": kinds[name].data for name in BITMAPS})
    sensor = dng.scene(90, 60)
    found["dng"] = dng.dng(sensor, [dng.preview_of(sensor, 60)])
    return {**found, "svg": SVG, "pdf": bombs.PDF % (90, 60)}


def spot(chance, data):
    """A place in data; as often as not in its head, where the lengths are."""
    end = min(len(data), 300) if chance.random() < 0.5 else len(data)
    return chance.randrange(end)


def piece(chance, data):
    """Begin and end of a part of it."""
    begin = spot(chance, data)
    return begin, min(len(data), begin + chance.choice((1, 4, 8, 16, 64, 256, 1024, 4096)))


# Ways to damage: (chance, data, others) -> data

def bits_flipped(chance, data, _):
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        out[spot(chance, out)] ^= 1 << chance.randrange(8)
    return bytes(out)


def bytes_changed(chance, data, _):
    out = bytearray(data)
    for _ in range(chance.choice((1, 2, 8))):
        out[spot(chance, out)] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
    return bytes(out)


def cut(chance, data, _):
    return data[:1 + spot(chance, data)]


def swapped(chance, data, _):
    one, two = sorted((spot(chance, data), spot(chance, data)))
    length = min(chance.choice((4, 16, 128, 1024)), two - one)
    return (data[:one] + data[two:two + length] + data[one + length:two] + data[one:one + length]
            + data[two + length:])


def extreme(chance, data, _):
    value, at = chance.choice(EXTREMES), spot(chance, data)
    return data[:at] + value + data[at + len(value):]


def beheaded(chance, data, others):
    other, at = chance.choice(others), chance.choice((2, 4, 12, 16, 32, 100, 300))
    return other[:at] + data[at:]


def joined(chance, data, others):
    other = chance.choice(others)
    return data[:spot(chance, data)] + other[spot(chance, other):]


def repeated(chance, data, _):
    begin, end = piece(chance, data)
    return data[:end] + data[begin:end] * chance.choice((1, 2, 50)) + data[end:]


def removed(chance, data, _):
    begin, end = piece(chance, data)
    return data[:begin] + data[end:]


def blanked(chance, data, _):
    begin, end = piece(chance, data)
    return data[:begin] + chance.choice((b"\0", b"\xff")) * (end - begin) + data[end:]


def noisy(chance, data, _):
    begin, end = piece(chance, data)
    return data[:begin] + chance.randbytes(end - begin) + data[end:]


def grown(chance, data, others):
    return data + chance.choice((b"\0" * 5000, chance.randbytes(500), chance.choice(others)))


WAYS = (bits_flipped, bytes_changed, cut, swapped, extreme, beheaded, joined, repeated, removed,
        blanked, noisy, grown)


def summed(data):
    """A PNG whose chunks have the check sums of what they hold, as far as chunks can be found."""
    out, at = data[:8], 8
    while at + 12 <= len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        if length > len(data) - at - 12:
            break
        body = data[at + 4:at + 8 + length]
        out += data[at:at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return out + data[at:]


def hurt(number, good):
    """The picture of this number: its name and its bytes. `good`: as of good_pictures(). Numbers
    in sequence, as many as there are of both, damage each of them in each way."""
    chance = random.Random(number)
    end = sorted(good)[number % len(good)]
    ways = [WAYS[number // len(good) % len(WAYS)]]
    ways += [chance.choice(WAYS) for _ in range(chance.choice((0, 0, 0, 1, 3)))]
    data, others = good[end], list(good.values())
    for way in ways:
        data = way(chance, data, others) or b"\0"
    if data.startswith(b"\x89PNG") and chance.random() < 0.7:
        data = summed(data)
    return f"{number:06}-{ways[0].__name__}.{end}", data


def make(directory, count, first=0, with_bombs=True):
    """Writes `count` of them, beginning with number `first`, a thousand to a folder; and the bombs."""
    good = good_pictures()
    for number in range(first, first + count):
        name, data = hurt(number, good)
        where = Path(directory) / f"{number // 1000:03}"
        where.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(data)
    if with_bombs:
        where = Path(directory) / "bombs"
        where.mkdir(parents=True, exist_ok=True)
        charges = {name: data for name, (data, _) in
                   bombs.all_bombs(good["jpg"], good["avif"]).items()}
        charges.update({**bombs.disguised(), **bombs.slow_bombs()})
        for name, data in charges.items():
            (where / name).write_bytes(data)
