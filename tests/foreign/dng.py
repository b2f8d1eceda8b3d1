"""dng - camera RAW for tests: DNG files of a mosaic that is not compressed, with a preview, as the
specification of DNG 1.4 has them."""
import io
import struct

import numpy
from PIL import Image

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL = 1, 2, 3, 4, 5, 7, 10
SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, SRATIONAL: 8}
FORMATS = {SHORT: "H", LONG: "I"}
# From XYZ to the colours of the camera, as DNG has it: of a sensor that sees as sRGB does, and a little
# otherwise.
MATRIX = (1.1, -0.4, -0.05, -0.35, 1.15, 0.2, -0.05, 0.15, 0.6)


def value(kind, values):
    """The bytes of values of that type, little-endian."""
    if kind in (ASCII, BYTE, UNDEFINED):
        return values.encode() + b"\0" if isinstance(values, str) else bytes(values)
    if kind in (RATIONAL, SRATIONAL):
        form = "<Ii"[0] + ("I" if kind == RATIONAL else "i") * 2
        return b"".join(struct.pack(form, round(v * 10000), 10000) for v in values)
    return struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)


class File:
    """A TIFF that grows: values and directories follow each other."""

    def __init__(self):
        self.data = bytearray(struct.pack("<2sHI", b"II", 42, 0))

    def put(self, data):
        self.data += bytes(-len(self.data) % 4)
        self.data += data
        return len(self.data) - len(data)

    def directory(self, tags):
        """`tags`: number -> (type, values). Where it lies."""
        entries = b""
        for number, (kind, values) in sorted(tags.items()):
            data = value(kind, values)
            where = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", self.put(data))
            entries += struct.pack("<HHI", number, kind, len(data) // SIZES[kind]) + where
        return self.put(struct.pack("<H", len(tags)) + entries + bytes(4))

    def done(self, first):
        struct.pack_into("<I", self.data, 4, first)
        return bytes(self.data)


def scene(width, height, seed=1):
    """What the sensor of a camera sees, without noise worth the name: red, green and blue, of 12 bits."""
    y, x = numpy.mgrid[0:height, 0:width]
    across, down = x / max(width - 1, 1), y / max(height - 1, 1)
    light = numpy.stack([across, 0.5 + 0.4 * numpy.sin(7 * across + 4 * down + seed), down], 2)
    light += ((across - 0.6) ** 2 + (down - 0.4) ** 2 < 0.03)[:, :, None] * 0.3
    light += numpy.random.default_rng(seed).normal(0, 0.003, light.shape)
    return numpy.rint(numpy.clip(light, 0.01, 1) * 4000).astype(numpy.uint16)


def mosaic(colours):
    """RGGB: of each pixel one of the colours."""
    out = colours[:, :, 1].copy()
    out[0::2, 0::2] = colours[0::2, 0::2, 0]
    out[1::2, 1::2] = colours[1::2, 1::2, 2]
    return out


def preview_of(colours, width, quality=92, **how):
    """A JPEG, as wide as that, and a negative of what the sensor saw: each shows what it is."""
    height = round(colours.shape[0] * width / colours.shape[1])
    eight = (255 - 255 * (colours / 4000.0).clip(0, 1) ** 0.45).astype(numpy.uint8)
    out = io.BytesIO()
    Image.fromarray(eight).resize((width, height)).save(out, "JPEG", quality=quality, **how)
    return out.getvalue()


def photo_tags():
    return {33434: (RATIONAL, [0.008]), 33437: (RATIONAL, [5.6]), 34855: (SHORT, [400]),
            36867: (ASCII, "2026:05:04 03:02:01"), 37386: (RATIONAL, [50]), 42036: (ASCII, "RF 50mm F1.8")}


def dng(colours, previews=(), make="Acme", model="Acme X1", orientation=1, main=None, photo=None, sensor=None,
        known=True):
    """A DNG of a scene. `previews`: JPEG files, the first of which is that of the first directory. `main`,
    `photo` and `sensor` are further tags of its directories. Not `known`: what makes a DNG of it is left
    out, and LibRaw knows no colours of such a camera."""
    height, width = colours.shape[:2]
    file = File()
    pixels = mosaic(colours).astype("<u2").tobytes()
    below = [file.directory({
        254: (LONG, [0]), 256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [16]), 259: (SHORT, [1]),
        262: (SHORT, [32803]), 273: (LONG, [file.put(pixels)]), 277: (SHORT, [1]), 278: (LONG, [height]),
        279: (LONG, [len(pixels)]), 284: (SHORT, [1]), 33421: (SHORT, [2, 2]), 33422: (BYTE, [0, 1, 1, 2]),
        50714: (SHORT, [0]), 50717: (LONG, [4095]), **(sensor or {})})]
    tags = {254: (LONG, [1]), 271: (ASCII, make), 272: (ASCII, model), 274: (SHORT, [orientation]),
            305: (ASCII, "tests"), 306: (ASCII, "2026:05:04 03:02:01"), 34665: (LONG, [file.directory(
                {**photo_tags(), **(photo or {})})])}
    if known:
        tags |= {50706: (BYTE, [1, 4, 0, 0]), 50707: (BYTE, [1, 1, 0, 0]), 50708: (ASCII, model),
                 50721: (SRATIONAL, MATRIX), 50728: (RATIONAL, [0.6, 1, 0.7]), 50778: (SHORT, [21])}
    for number, jpeg in enumerate(previews):
        wide, high = Image.open(io.BytesIO(jpeg)).size
        shown = {256: (LONG, [wide]), 257: (LONG, [high]), 258: (SHORT, [8, 8, 8]), 259: (SHORT, [7]),
                 262: (SHORT, [6]), 273: (LONG, [file.put(jpeg)]), 277: (SHORT, [3]), 278: (LONG, [high]),
                 279: (LONG, [len(jpeg)])}
        if number == 0:
            tags |= shown
        else:
            below.append(file.directory({254: (LONG, [1]), **shown}))
    tags[330] = (LONG, below)
    return file.done(file.directory({**tags, **(main or {})}))
