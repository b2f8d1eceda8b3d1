"""depth - 16 bits, floats, alpha and grey stay what they are up to the save, as ImageMagick and Pillow see it."""
import os
import shutil
import struct
import sys
import zlib

import icc
import tiffs
from harness import Missing, long, main, run

WIDTH, HEIGHT = 256, 48
SPACE = {0: "GRAY", 2: "RGB", 4: "GRAYA", 6: "RGBA"}  # PNG's kinds, as ImageMagick calls their numbers
BANDS = {0: 1, 2: 3, 4: 2, 6: 4}
STEPS = {
    "none": "",
    "crop": "crop { left = 1px }",
    "scale": "scale { width = 200 }",
    "fit": "fit { width = 180 height = 40 }",
    "sharpen": "sharpen {}",
    "round": "round {}",
    "round-on-colour": "round { background = \"#808080\" }",
    "watermark": "watermark { file = MARK opacity = 30 }",
    "upright": "upright {}",
}


# ---- pictures ----

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, kind, bits, profile=None):
    """Of rows of tuples."""
    form = {8: "B", 16: "H"}[bits]
    rows = b"".join(b"\0" + struct.pack(f">{len(row) * BANDS[kind]}{form}",
                                        *[value for pixel in row for value in pixel])
                    for row in pixels)
    head = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), bits, kind, 0, 0, 0)
    extra = chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)) if profile else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def ramp(colours, alpha=None):
    """All of 16 bits, in small steps."""
    return [[tuple([min(65535, (y * WIDTH + x) * 5 + band * 300) for band in range(colours)]
                   + ([alpha] if alpha is not None else [])) for x in range(WIDTH)]
            for y in range(HEIGHT)]


# ---- judges ----

def magick(*arguments):
    if not shutil.which("convert"):
        raise Missing("no ImageMagick")
    return run(*arguments, check=True, text=False).stdout


def numbers(path, space="RGB", bits=16):
    """All numbers of a picture, as ImageMagick reads them."""
    form, size = ("H", 2) if bits == 16 else ("B", 1)
    data = magick("convert", path, "-endian", "LSB", "-depth", str(bits), f"{space}:-")
    return struct.unpack(f"<{len(data) // size}{form}", data)


def kind_of(path):
    """(bits, is grey, has alpha)"""
    said = magick("identify", "-format", "%z %[channels]", path).decode().split()
    return int(said[0]), "gray" in said[1], said[1].endswith("a")


def results(house, source, steps, *saves):
    """The outputs of these steps, one for each save: settings that begin with the extension."""
    config, output = house.top / "depth.conf", house.top / "results"
    shutil.rmtree(output, ignore_errors=True)
    lines = []
    for at, save in enumerate(saves):
        extension, _, more = save.partition(" ")
        lines.append(f'save {{ name = "{at}.{extension}" {more} }}')
    config.write_text('profile "p" {\n' + steps + "\n" + "\n".join(lines) + "\n}\n")
    done = house.command("run", "p", "--config", config, "--output", output, source)
    assert done.returncode == 0, (steps, done.stderr)
    return [output / f"{at}.{save.split()[0]}" for at, save in enumerate(saves)]


def mark_of(house, colour, opacity=255):
    path = house.work / "mark.png"
    path.write_bytes(png([[(*colour, opacity)] * 16] * 16, 6, 8))
    return path


def steps_of(house):
    mark = mark_of(house, (90, 90, 90))
    return {name: step.replace("MARK", f'"{mark}"') for name, step in STEPS.items()}


# ---- depth ----

@long
def sixteen_bits_stay_through_every_step_into_png_and_tiff(house):
    for kind in SPACE:
        source = house.work / f"deep-{kind}.png"
        source.write_bytes(png(ramp(1 if kind in (0, 4) else 3, 40000 if kind in (4, 6) else None),
                               kind, 16))
        for name, step in steps_of(house).items():
            if kind in (4, 6) and name != "sharpen":
                continue  # the others see no colours alone; this one filters them
            for made in results(house, source, step, "png", "tiff"):
                bits, grey, alpha = kind_of(made)
                assert bits == 16 and grey == (kind in (0, 4)), (name, kind, bits, grey)
                assert alpha == (kind in (4, 6) or name == "round"), (name, kind, alpha)
                assert len(set(numbers(made))) > 2000, (name, kind, len(set(numbers(made))))


def sixteen_bits_are_written_as_they_are_and_rounded_to_eight(house):
    source = house.work / "deep.png"
    source.write_bytes(png(ramp(3), 2, 16))
    wanted = [value for row in ramp(3) for pixel in row for value in pixel]
    deep, tiff, webp = results(house, source, "", "png", "tiff", "webp lossless = yes")
    assert list(numbers(deep)) == wanted and list(numbers(tiff)) == wanted
    eight = [(value + 128) // 257 for value in wanted]
    assert list(numbers(webp, bits=8)) == eight


def avif_keeps_twelve_of_sixteen_bits(house):
    if not shutil.which("heif-convert"):
        raise Missing("no heif-convert")
    source = house.work / "deep.png"
    source.write_bytes(png(ramp(3), 2, 16))
    made = results(house, source, "", "avif lossless = yes")[0].rename(house.work / "deep.avif")
    run("heif-convert", made, house.work / "back.png", check=True)
    wanted = [value for row in ramp(3) for pixel in row for value in pixel]
    apart = [abs(a - b) for a, b in zip(numbers(house.work / "back.png"), wanted, strict=True)]
    assert max(apart) < 100, max(apart)  # of 8 bits: 128 without any other loss
    again, = results(house, made, "", "png")
    apart = [abs(a - b) for a, b in zip(numbers(again), wanted, strict=True)]
    assert max(apart) < 100, max(apart)


def floats_stay_floats_in_a_tiff(house):
    source = house.work / "float.tif"
    source.write_bytes(tiffs.single(tiffs.rgb(tiffs.scaled(1, False)), tiffs.RGB, bits=32,
                                    kind=tiffs.FLOAT))
    tiff, png_, jpeg = results(house, source, "crop { left = 1px }", "tiff", "png", "jpg quality = 95")
    assert b"floating" in magick("identify", "-verbose", tiff)
    assert kind_of(tiff)[0] == 32 and kind_of(png_)[0] == 16 and kind_of(jpeg)[0] == 8
    for made in tiff, png_:
        found = numbers(made)
        assert found[:3] == tuple(value * 257 for value in tiffs.FIELDS[0]), found[:3]


# ---- alpha ----

def the_alpha_of_sixteen_bits_is_no_colour(house):
    """Nearly nothing shows of a grey with a profile: the background does."""
    source = house.work / "thin.png"
    source.write_bytes(png(ramp(1, 1704), 4, 16, icc.grey(2.2)))  # 2.6 %
    jpeg, deep = results(house, source, "", "jpg quality = 95", "png")
    assert min(numbers(jpeg, "GRAY", 8)) >= 246
    found = magick("convert", deep, "-alpha", "extract", "-depth", "16", "GRAY:-")
    assert set(struct.unpack(f"<{len(found) // 2}H", found)) == {1704}


def hidden_colours_do_not_show_in_the_edge_when_a_picture_is_sharpened(house):
    source = house.work / "hidden.png"
    for grey in 60, 128, 255:
        source.write_bytes(png([[(grey, grey, grey, 255)] * 24 + [(0, 255, 0, 0)] * 24] * 20, 6, 8))
        made, = results(house, source, "sharpen { sigma = 2 edges = 10 flat = 5 }", "png")
        found = numbers(made, "RGBA", 8)
        seen = {found[at:at + 3] for at in range(0, len(found), 4) if found[at + 3]}
        assert all(abs(value - grey) <= 1 for pixel in seen for value in pixel), (grey, seen)


def a_mark_is_mixed_with_the_picture_and_rounded(house):
    source = house.work / "plain.png"
    source.write_bytes(png([[(237, 237, 237)] * 40] * 40, 2, 8))
    mark = mark_of(house, (40, 40, 40))
    made, = results(house, source, f'watermark {{ file = "{mark}" opacity = 60 method = scale margin = 0 }}',
                    "png")
    assert set(numbers(made, "GRAY", 8)) == {119}  # 0.6 * 40 + 0.4 * 237 = 118.8


def premultiplied_avif_is_divided_by_its_alpha(house):
    if not shutil.which("avifenc"):
        raise Missing("no avifenc")
    source, avif = house.work / "alpha.png", house.work / "alpha.avif"
    source.write_bytes(png([[(220, 100, 40, 128)] * 32 + [(20, 60, 240, 200)] * 32] * 32, 6, 8))
    run("avifenc", "-l", "--premultiply", source, avif, check=True)
    made, = results(house, avif, "", "png")
    apart = [abs(a - b) for a, b in zip(numbers(made, "RGBA", 8), numbers(source, "RGBA", 8),
                                        strict=True)]
    assert max(apart) <= 1, max(apart)


# ---- grey ----

@long
def grey_stays_grey_with_its_profile_and_as_small_as_it_was(house):
    profile = icc.grey(2.2)
    pixels = [[((x * 7 + y * 13 + (x * y) % 61) % 256,) for x in range(WIDTH)] for y in range(HEIGHT)]
    source = house.work / "grey.png"
    source.write_bytes(png(pixels, 0, 8, profile))
    for name, step in steps_of(house).items():
        for made in results(house, source, step, "png", "jpg", "tiff"):
            assert kind_of(made)[1], (name, made)
            if name != "round":
                assert magick("convert", made, "icc:-") == profile, (name, made)
            assert os.path.getsize(made) < 1.4 * len(source.read_bytes()), (name, made)
    assert list(numbers(results(house, source, "", "png")[0], "GRAY", 8)) == [
        value for row in pixels for value, in row]


def grey_avif_in_the_range_of_video_is_as_bright_as_avifdec_shows_it(house):
    """To 16 bits avifdec computes; a grey of 8 bits it writes to a PNG of 8 as it is stored."""
    for kind, bits, how in ((0, 8, "limited"), (0, 10, "limited"), (4, 12, "limited"), (0, 10, "without nclx")):
        avif = ranged(house, "range", kind, bits, "--yuv", "400", "--range", "limited")
        if how == "without nclx":
            avif.write_bytes(avif.read_bytes().replace(b"colrnclx", b"freenclx"))
        is_as_avifdec_shows_it(house, avif, bits)


def alpha_of_an_avif_in_the_range_of_video_is_as_avifdec_shows_it(house):
    """avifenc writes alpha in the full range only: the header of its data is changed to say otherwise."""
    for kind, bits, how in ((6, 8, ()), (6, 10, ()), (4, 10, ("--yuv", "400")), (6, 8, ("--premultiply",))):
        avif = ranged(house, "thin", kind, bits, "--range", "full", *how)
        avif.write_bytes(with_limited_alpha(avif.read_bytes()))
        is_as_avifdec_shows_it(house, avif, bits)


def ranged(house, name, kind, bits, *how):
    if not shutil.which("avifenc"):
        raise Missing("no avifenc")
    source, avif = house.work / f"{name}.png", house.work / f"{name}.avif"
    colours = BANDS[kind] - (kind in (4, 6))
    source.write_bytes(png([[(x * 257,) * colours + (65535 - x * 200,) * (kind in (4, 6)) for x in range(WIDTH)]]
                           * HEIGHT, kind, 16))
    run("avifenc", "-s", "8", "--min", "0", "--max", "0", "--minalpha", "0", "--maxalpha", "0", "--depth", str(bits),
        *how, source, avif)
    return avif


def with_limited_alpha(data):
    """Changes color_range (AV1, 5.5.2) of what has one channel and does not describe its colours."""
    for at in range(len(data) - 4):
        if data[at:at + 3] != b"\x12\0\x0a":  # a temporal delimiter, then a sequence header
            continue
        size, start = data[at + 3], at + 4
        bits = f"{int.from_bytes(data[start:start + size], 'big'):0{8 * size}b}"
        assert bits[3:5] == "11", bits  # a reduced header of a still picture
        width, height = int(bits[10:14], 2) + 1, int(bits[14:18], 2) + 1
        mono = 18 + width + height + 6 + 1
        if bits[:3] == "000" and bits[mono:mono + 3] == "101":  # full range
            bits = f"{bits[:mono + 2]}0{bits[mono + 3:]}"
            return data[:start] + int(bits, 2).to_bytes(size, "big") + data[start + size:]
    raise AssertionError("no alpha was found")


def is_as_avifdec_shows_it(house, avif, bits):
    seen = house.work / "seen.png"
    run("avifdec", "-d", "16", avif, seen)
    made, = results(house, avif, "", "png")
    apart = [abs(a - b) for a, b in zip(numbers(made, "RGBA"), numbers(seen, "RGBA"), strict=True)]
    step = 65535 / (2**bits - 1)  # avifdec rounds some to these, and ours is rounded to 8 bits or 16
    assert max(apart) <= step / 2 + 1, (avif, bits, max(apart))


def a_colour_makes_a_grey_picture_one_of_colours(house):
    source = house.work / "grey.png"
    source.write_bytes(png([[(100,)] * 40] * 40, 0, 8))
    mark = mark_of(house, (200, 60, 40))
    for step in (f'watermark {{ file = "{mark}" opacity = 100 }}',
                 "round { radius = 50% background = \"#c83c28\" }"):
        made, = results(house, source, step, "png")
        found = numbers(made, "RGB", 8)
        assert not kind_of(made)[1] and (200, 60, 40) in zip(*[iter(found)] * 3), step
        assert (100, 100, 100) in zip(*[iter(found)] * 3), step


if __name__ == "__main__":
    sys.exit(main(globals()))
