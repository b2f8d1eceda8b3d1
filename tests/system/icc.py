"""icc - colour profiles, made from the definitions of their spaces.

Each space of RGB is its primaries, and its white where that is not D65.
"""
import itertools
import struct

D65, D50 = (0.3127, 0.3290), (0.3457, 0.3585)
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
PROPHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
CONNECTION = (0.9642, 1.0, 0.8249)  # D50, as profiles have it


# ---- colours ----

def inverse(m):
    (a, b, c), (d, e, f), (g, h, i) = m
    rows = ((e * i - f * h, c * h - b * i, b * f - c * e), (f * g - d * i, a * i - c * g, c * d - a * f),
            (d * h - e * g, b * g - a * h, a * e - b * d))
    det = a * rows[0][0] + b * rows[1][0] + c * rows[2][0]
    return [[value / det for value in row] for row in rows]


def times(m, v):
    return [sum(x * y for x, y in zip(row, v)) for row in m]


def xyz(point):
    x, y = point
    return x / y, 1, (1 - x - y) / y


def matrix(primaries, white=D65):
    columns = [xyz(p) for p in primaries]
    rows = [list(row) for row in zip(*columns)]
    shares = times(inverse(rows), xyz(white))
    return [[value * share for value, share in zip(row, shares)] for row in rows]


def adapted(colours, white=D65):
    """Their XYZ, as they are seen under D50."""
    cones = [d / s for d, s in zip(times(BRADFORD, CONNECTION), times(BRADFORD, xyz(white)))]
    return [times(inverse(BRADFORD), [c * v for c, v in zip(cones, times(BRADFORD, colour))]) for colour in colours]


def lab(colour):
    """Of XYZ under D50."""
    x, y, z = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116
               for v in (part / white for part, white in zip(colour, CONNECTION))]
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


# ---- profiles, of version 2 ----

def fixed(value):
    return struct.pack(">i", round(value * 65536))


def point(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def curve(exponent):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256)) + b"\0\0"


def profile(kind, space, connection, tags):
    name = b"made by a test\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    tags = [(b"desc", desc), (b"cprt", b"text\0\0\0\0CC0\0"), (b"wtpt", point(CONNECTION)), *tags]
    at, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for word, value in tags:
        table += struct.pack(">4sII", word, at + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(data), b"lcms", 0x02100000, kind, space, connection) + struct.pack(
        ">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(fixed, CONNECTION)) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + data


def rgb(primaries, exponent, white=D65):
    columns = adapted(zip(*matrix(primaries, white)), white)
    return profile(b"mntr", b"RGB ", b"XYZ ", [
        *zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(point, columns)),
        *((word, curve(exponent)) for word in (b"rTRC", b"gTRC", b"bTRC"))])


def grey(exponent):
    return profile(b"mntr", b"GRAY", b"XYZ ", [(b"kTRC", curve(exponent))])


def table(corners):
    """Of 8 bits: what each corner of the numbers becomes."""
    numbers, outputs = (len(corners) - 1).bit_length(), len(corners[0])
    straight, unit = bytes(range(256)), b"".join(map(fixed, (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    return (b"mft1\0\0\0\0" + bytes((numbers, outputs, 2, 0)) + unit + straight * numbers
            + bytes(round(value) for corner in corners for value in corner) + straight * outputs)


def lab_of(light):
    lightness, a, b = lab(*adapted([times(matrix(SRGB), light)]))
    return lightness * 2.55, a + 128, b + 128


def cmyk(*intents):
    """Of inks that mix as filters do, each of which lets a little light pass, for each of the intents (A2B0, A2B1)."""
    through, corners = ((0.1, 0.5, 0.7), (0.6, 0.1, 0.3), (0.9, 0.8, 0.1), (0.04, 0.04, 0.04)), []
    for inks in itertools.product((0, 1), repeat=4):
        light = [1.0] * 3
        for ink, passes in zip(inks, through):
            light = [part * share if ink else part for part, share in zip(light, passes)]
        corners.append(lab_of(light))
    return profile(b"prtr", b"CMYK", b"Lab ", [(intent, table(corners)) for intent in intents])


def rgb_tables(kind, *ways):
    """Of tables only: from RGB (A2B0), and back (B2A0), where all colours are grey."""
    tables = {b"A2B0": [lab_of(light) for light in itertools.product((0.02, 0.8), repeat=3)],
              b"B2A0": [(lightness,) * 3 for lightness, _, _ in itertools.product((0, 255), repeat=3)]}
    return profile(kind, b"RGB ", b"Lab ", [(way, table(tables[way])) for way in ways])
