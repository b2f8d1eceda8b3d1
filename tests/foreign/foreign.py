"""foreign - pictures as arrays of numbers, what our steps make of them, and what other programs make.

An array is numpy's: rows x columns x bands, of uint8 or uint16; bands are grey, grey and alpha, RGB, or RGB
and alpha. A scenario is one of tests/system/harness.py: a sentence that is true. It runs in Debian's
interpreter, which has Pillow and numpy. Steps of many names are done in one `hotfolder run`, which starts no
daemon, so that a scenario may compare dozens of settings in a second.
"""
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy
from PIL import Image

sys.path.append(str(Path(__file__).resolve().parents[1] / "system"))
from harness import main, run  # noqa: E402,F401  (main is for the scenarios)

MODES = {1: "gray", 2: "graya", 3: "rgb", 4: "rgba"}


# ---- pictures ----

def photo(width=160, height=120, bands=3, depth=8, seed=1):
    """A picture with what photos have: smooth parts, edges, fine detail, noise, dark and light, and where it
    has alpha (2 or 4 bands) all of that, too, from transparent to opaque."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    across, down = x / max(width - 1, 1), y / max(height - 1, 1)
    layers = [across, down, 0.5 + 0.5 * numpy.sin(9 * across + 5 * down)]
    edges = ((across - 0.6) ** 2 + (down - 0.4) ** 2 < 0.05) * 0.5 - (abs(across - 0.25) < 0.08) * 0.4
    detail = 0.08 * numpy.sin(x * 1.3) * numpy.sin(y * 0.9)
    colours = numpy.stack([part + edges + detail for part in layers], 2)
    colours += random.normal(0, 0.02, colours.shape)
    parts = [colours[:, :, :1] if bands < 3 else colours]
    if bands in (2, 4):
        parts.append((1.3 - 1.6 * numpy.hypot(across - 0.5, down - 0.5))[:, :, None])
    white = 2 ** depth - 1
    pixels = numpy.rint(numpy.clip(numpy.concatenate(parts, 2), 0, 1) * white)
    return pixels.astype(numpy.uint8 if depth == 8 else numpy.uint16)


def flat(width, height, *values, depth=8):
    """A picture of one colour: a value for each band."""
    return numpy.full((height, width, len(values)), values, numpy.uint8 if depth == 8 else numpy.uint16)


def white_of(pixels):
    return numpy.iinfo(pixels.dtype).max


def as_image(pixels):
    """Pillow's picture of 8 bits."""
    return Image.fromarray(pixels if pixels.shape[2] > 1 else pixels[:, :, 0])


def as_pixels(image):
    """The array of a picture of Pillow's, of 8 bits."""
    if image.mode == "1":
        image = image.convert("L")
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    pixels = numpy.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(path, pixels, profile=None):
    """Writes a PNG, of 8 or 16 bits, which says nothing of its colours but the ICC profile (bytes)."""
    height, width, bands = pixels.shape
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[bands], 0, 0, 0)
    icc = _chunk(b"iCCP", b"icc\0\0" + zlib.compress(profile)) if profile else b""
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + icc +
                     _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 1)) +
                     _chunk(b"IEND", b""))
    return path


def read(path):
    """The array of a PNG, of 8 or 16 bits, with the bands that its header says."""
    with Image.open(path) as image:
        header = Path(path).read_bytes()[16:26]
        if header[8] < 16:
            return as_pixels(image)
        width, height = image.size
    raw = subprocess.run(["convert", str(path), "-depth", "16", "-endian", "MSB", "rgba:-"],
                         stdout=subprocess.PIPE, check=True, timeout=60).stdout
    rgba = numpy.frombuffer(raw, ">u2").reshape(height, width, 4).astype(numpy.uint16)
    return rgba[:, :, {0: [0], 2: [0, 1, 2], 4: [0, 3], 6: [0, 1, 2, 3]}[header[9]]]


# ---- what is made of them ----

def files_made(house, source, steps):
    """Of steps by name, as a profile has them, the PNG that each makes of the file: paths by name."""
    branches = "\n".join(f'branch {{ {line} save {{ name = "{name}.png" exists = replace }} }}'
                         for name, line in steps.items())
    config = house.top / "foreign.conf"
    config.write_text(f'profile "foreign" {{\n{branches}\n}}\n')
    done = house.command("run", "foreign", "--config", config, "--output", house.output, source)
    assert done.returncode == 0, done.stderr
    return {name: house.output / f"{name}.png" for name in steps}


def made(house, pixels, steps, profile=None):
    """The same of an array, read: {name: array}."""
    source = write(house.top / "source.png", pixels, profile)
    return {name: read(path) for name, path in files_made(house, source, steps).items()}


def magick(pixels, *arguments):
    """What ImageMagick's convert makes of an array of 8 bits."""
    done = subprocess.run(["convert", "-size", f"{pixels.shape[1]}x{pixels.shape[0]}", "-depth", "8",
                           f"{MODES[pixels.shape[2]]}:-", *map(str, arguments), "-depth", "8", "png:-"],
                          input=pixels.tobytes(), stdout=subprocess.PIPE, check=True, timeout=300)
    return as_pixels(Image.open(io.BytesIO(done.stdout)))


# ---- comparisons ----

def apart(a, b, border=0):
    """The largest difference of two arrays of one shape, without so many pixels at each edge."""
    assert a.shape == b.shape, f"{a.shape} is not {b.shape}"
    inside = slice(border, -border or None)
    return int(abs(a[inside, inside].astype(int) - b[inside, inside].astype(int)).max())


def mean_apart(a, b):
    assert a.shape == b.shape, f"{a.shape} is not {b.shape}"
    return float(abs(a.astype(float) - b.astype(float)).mean())


def _smooth(plane):
    """Gauss of sigma 1.5 over 11 pixels, as SSIM's authors have it; only where the window is whole."""
    weights = numpy.exp(-numpy.arange(-5, 6) ** 2 / (2 * 1.5 ** 2))
    weights /= weights.sum()
    for axis in (0, 1):
        plane = numpy.apply_along_axis(numpy.convolve, axis, plane, weights, "valid")
    return plane


def ssim(a, b):
    """The structural similarity of two arrays, 1 where they are the same: the mean over their bands (Wang,
    Bovik, Sheikh, Simoncelli: Image Quality Assessment, 2004)."""
    assert a.shape == b.shape, f"{a.shape} is not {b.shape}"
    c1, c2 = (0.01 * white_of(a)) ** 2, (0.03 * white_of(a)) ** 2
    values = []
    for band in range(a.shape[2]):
        p, q = a[:, :, band].astype(float), b[:, :, band].astype(float)
        mp, mq = _smooth(p), _smooth(q)
        vp, vq, both = _smooth(p * p) - mp ** 2, _smooth(q * q) - mq ** 2, _smooth(p * q) - mp * mq
        values.append(((2 * mp * mq + c1) * (2 * both + c2) / ((mp ** 2 + mq ** 2 + c1) * (vp + vq + c2))).mean())
    return float(numpy.mean(values))
