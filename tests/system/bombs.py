"""bombs - small hostile files: each is made here, byte by byte.

    bombs.py DIRECTORY     writes all of them there
"""
import struct
import sys
import zlib
from pathlib import Path

import bitmaps


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *between, depth=8, colour=0, rows=None):
    """A PNG of this size, with chunks before its pixels; its rows are black."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    row = b"\0" * (1 + (width * depth + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(height if rows is None else rows))
    packed += packer.flush()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(between)
            + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


def packed_text(size):
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * size, 9))


def gif(width, height, frames):
    """Each frame is one pixel of a canvas of this size."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = (b"\x21\xf9\x04\0\1\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
             + b"\2\2\x44\1\0")
    return head + frame * frames + b";"


def tiff(directories, width=8, height=8, circle=False):
    """Directories one after the other, each of a picture of 64 bytes; the last may lead to the first."""
    data = 8 + 64
    size = 2 + 12 * 8 + 4
    out = struct.pack("<2sHI", b"II", 42, data) + b"\x55" * 64
    for number in range(directories):
        after = data + size * (number + 1)
        if number == directories - 1:
            after = data if circle else 0
        tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1),
                (273, 4, 8), (278, 4, height), (279, 4, 64)]
        out += struct.pack("<H", 8)
        out += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        out += struct.pack("<I", after)
    return out


def segments(data, marker, head=b""):
    """data in as many JPEG segments as it takes."""
    step = 65533 - len(head)
    return b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(part)) + part
        for part in (head + data[at:at + step] for at in range(0, len(data), step)))


def resized_jpeg(jpeg, width, height):
    """A whole JPEG that says it has another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4:]


def exif_circle():
    """EXIF whose directories lead to each other and to themselves."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", 0x8825, 4, 1, 8)
    return b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, 2) + entry + struct.pack("<I", 8)


def exif_crowd():
    """As many entries as a segment holds, each of a type and a count that make no sense."""
    entries = 5000
    body = b"".join(struct.pack("<HHII", 0x9000 + n % 4096, n % 14, 0x7fffffff, n)
                    for n in range(entries))
    return b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, entries) + body + b"\0\0\0\0"


def webp_canvas(width, height):
    """An extended WebP with nothing but a canvas."""
    vp8x = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0"
    vp8x += struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x


def resized_heif(heif, width, height):
    """A whole HEIF that says it has another size."""
    at = heif.index(b"ispe") + 8
    return heif[:at] + struct.pack(">II", width, height) + heif[at + 8:]


LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE svg [
 <!ENTITY a "lol"> <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"> <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
 <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"> <!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">
 <!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;"> <!ENTITY h "&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;">
]>
<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><text>&h;</text></svg>"""
SVG = (b'<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">'
       b'<rect width="9" height="9"/></svg>')
PDF = (b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
       b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
       b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]>>endobj\n"
       b"trailer<</Root 1 0 R>>\n%%%%EOF\n")


# Each level draws the one below it ten times.
USES = (b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        b'width="90" height="60"><defs><rect id="u0" width="9" height="9"/>'
        + b"".join(b'<g id="u%d">%s</g>' % (level, b'<use xlink:href="#u%d"/>' % (level - 1) * 10)
                   for level in range(1, 9)) + b'</defs><use xlink:href="#u8"/></svg>')
ENTITY = (b'<?xml version="1.0"?>\n<!DOCTYPE svg [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>\n'
          b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">'
          b'<text y="20">&x;</text></svg>')
FILTERS = (b'<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="3000">'
           b'<filter id="f" x="0" y="0" width="1" height="1">'
           + b'<feTurbulence baseFrequency=".9" numOctaves="9"/>'
             b'<feGaussianBlur stdDeviation="900"/>' * 20
           + b'</filter><rect width="3000" height="3000" filter="url(#f)"/></svg>')


def svg_with(href):
    """An SVG that shows another file."""
    return (b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            b'width="90" height="60"><rect width="90" height="60" fill="white"/>'
            b'<image width="90" height="60" xlink:href="%s"/></svg>' % href)


def slow_bombs():
    """name: bytes of drawings that nothing but their deadline ends in time."""
    return {"uses.svg": USES, "filters.svg": FILTERS}


def disguised():
    """name: bytes of what some decoder would open, and no folder accepts, under a picture's name."""
    pixels = b"\x55" * 300
    return {
        "ppm.jpg": b"P6\n10 10\n255\n" + pixels,
        "pam.jpg": b"P7\nWIDTH 10\nHEIGHT 10\nDEPTH 3\nMAXVAL 255\nENDHDR\n" + pixels,
        "mvg.jpg": b"push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 9,9 '/etc/passwd'\n"
                   b"pop graphic-context\n",
        "msl.jpg": b'<?xml version="1.0"?>\n<image><read filename="/etc/passwd"/></image>\n',
        "miff.jpg": b"id=ImageMagick  version=1.0\nclass=DirectClass\ncolumns=9  rows=9\n\f\n:\x1a"
                    + pixels,
        "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "vips.jpg": struct.pack(">I", 0xb6a6f208) + pixels,
        "fits.tif": b"SIMPLE  =                    T".ljust(80) + b"END".ljust(80) + pixels,
        "mat.tif": b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + pixels,
        "exr.tif": b"\x76\x2f\x31\x01\2\0\0\0" + pixels,
        "radiance.jpg": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n" + pixels,
    }


def all_bombs(jpeg, avif):
    """name: (bytes, words that the reason says, or None where it may also be done). `jpeg` and
    `avif` are pictures of that format."""
    icc = b"\x5a" * (100 << 20)
    after_soi = lambda data: jpeg[:2] + data + jpeg[2:]
    return {
        "wide.png": (png(60000, 60000, rows=0), "60000 x 60000 pixels are 3600 MP"),
        "header.png": (png(1000000, 1000000, depth=16, colour=6, rows=0), "max_pixels = 200MP"),
        "bits.png": (png(20000, 20000, depth=1), "20000 x 20000 pixels are 400 MP"),
        "texts.png": (png(8, 8, *[packed_text(7000000)] * 100), "max_metadata = 64MB"),
        "one-text.png": (png(8, 8, packed_text(70 << 20)), "max_metadata = 64MB"),
        "icc.png": (png(8, 8, chunk(b"iCCP", b"p\0\0" + zlib.compress(icc, 1))), "max_metadata"),
        "exif.png": (png(8, 8, chunk(b"eXIf", icc)), "max_metadata"),
        "frames.gif": (gif(8, 8, 2000), "2000 pages or frames"),
        "crowd.gif": (gif(64, 64, 1000), None),
        "canvas.gif": (gif(65000, 65000, 1000), None),
        "pages.tif": (tiff(3000), "3000 pages or frames"),
        "circle.tif": (tiff(3, circle=True), None),
        "self.tif": (tiff(1, circle=True), None),
        "wide.tif": (tiff(1, 900000, 900000), "900000 x 900000 pixels"),
        "wide.jpg": (resized_jpeg(jpeg, 65000, 65000), "65000 x 65000 pixels"),
        "icc.jpg": (after_soi(segments(icc[:80 << 20], 0xe2, b"ICC_PROFILE\0\1\1")), "max_metadata"),
        "xmp.jpg": (after_soi(segments(b"x" * (70 << 20), 0xe1, b"http://ns.adobe.com/xap/1.0/\0")),
                    "max_metadata"),
        "exif-circle.jpg": (after_soi(segments(exif_circle(), 0xe1)), None),
        "exif-crowd.jpg": (after_soi(segments(exif_crowd(), 0xe1)), None),
        "wide.webp": (webp_canvas(16383, 16383), ""),
        "wide.avif": (resized_heif(avif, 60000, 60000), ""),
        "wide.bmp": (bitmaps.plain(60000, 60000), "the rest of its pixels is missing"),
        "runs.bmp": (bitmaps.plain(60000, 60000, bits=8, compression=bitmaps.RLE8,
                                   pixels=bitmaps.END), "60000 x 60000 pixels are 3600 MP"),
        "empty.bmp": (bitmaps.plain(4000, 4000, bits=8, compression=bitmaps.RLE8,
                                    pixels=bitmaps.END), None),
        "moves.bmp": (bitmaps.plain(3000, 3000, bits=8, compression=bitmaps.RLE8,
                                    pixels=b"\0\2\0\0" * 1000000 + bitmaps.END), None),
        "laughs.svg": (LAUGHS, ""),
        "wide.svg": (SVG % (1000000, 1000000), ""),
        "entity.svg": (ENTITY, ""),
        "file.svg": (svg_with(b"file:///etc/passwd"), None),
        "wide.pdf": (PDF % (100000, 100000), ""),
        "vast.svg": (SVG % (20000000, 20000000), "more than 10000000 pixels"),
        "huge.pdf": (PDF % (10000000, 10000000), "more than 10000000 pixels"),
    }


def main(directory):
    directory = Path(directory)
    jpeg, avif = (sorted(directory.glob(f"*{end}"))[0].read_bytes() for end in (".jpg", ".avif"))
    for name, (data, _) in all_bombs(jpeg, avif).items():
        (directory / name).write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1])
