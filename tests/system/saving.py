"""saving - each format and option of `save`, as programs that are not ours read the output."""
import calendar
import json
import os
import struct
import sys
import time

from harness import helper, long, main, pillow, run

TAGS = "-IFD0:Artist=Ann", "-XMP-dc:Title=A field", "-IPTC:City=Graz"


def photo(**how):
    return helper("noise", "make", json.dumps(how), text=False)


def saved(house, source, *saves, steps="", good=True):
    """The outputs of these saves by name; each is "NAME settings". With good = False what the command prints."""
    config, output = house.top / "saving.conf", house.top / f"out{len(list(house.top.glob('out*')))}"
    lines = "\n".join(f'save {{ name = "{name}" {settings} }}' for name, _, settings in
                      (one.partition(" ") for one in saves))
    config.write_text(f'profile "t" {{\n{steps}\n{lines}\n}}\n')
    done = house.command("run", "t", "--config", config, "--output", output, source)
    assert (done.returncode == 0) == good, done.stderr
    return {path.name: path for path in output.iterdir()} if good else done.stderr + done.stdout


def make(house, name, tags=TAGS, **how):
    source = house.top / name
    source.write_bytes(photo(**how))
    if tags:
        run("exiftool", "-q", "-overwrite_original", *tags, source)
    return source


def distance(one, two):
    """The mean of how far values are apart, of 255."""
    assert one["size"] == two["size"], (one["size"], two["size"])
    pairs = list(zip(one["pixels"], two["pixels"]))
    return sum(abs(a - b) for p, q in pairs for a, b in zip(p, q)) / (4 * len(pairs))


def said(path, *tags):
    found = json.loads(run("exiftool", "-j", "-G1", "-n", *tags, path).stdout)[0]
    return {name: value for name, value in found.items() if name != "SourceFile"}


def refused(house, save, *words):
    """The profile is refused, with these words."""
    config = house.top / "refused.conf"
    config.write_text(f'profile "t" {{ save {{ {save} }} }}\n')
    done = house.command("run", "t", "--config", config, "--output", house.top / "none", house.top)
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0, save
    for word in words:
        assert word in text, (save, text)


# ---- JPEG, PNG, WebP, TIFF ----

def each_option_of_a_jpeg_is_in_the_file(house):
    made = saved(house, make(house, "a.png", format="PNG"), "auto.jpg", "fine.jpg quality = 90",
                 "444.jpg subsampling = 444", "422.jpg subsampling = 422", "420.jpg quality = 95 subsampling = 420",
                 "422p.jpg subsampling = 422 progressive = yes", "grey.jpg subsampling = 422")
    right = {"auto": (2, 2), "fine": (1, 1), "444": (1, 1), "422": (2, 1), "420": (2, 2), "422p": (2, 1)}
    source = pillow(house.top / "a.png")[0]
    for name, sampling in right.items():
        tags = said(made[f"{name}.jpg"], "-YCbCrSubSampling", "-EncodingProcess", "-Artist", "-Title", "-City")
        assert tags["File:YCbCrSubSampling"] == "%d %d" % sampling, (name, tags)
        assert tags["File:EncodingProcess"] == (2 if name == "422p" else 0), (name, tags)
        assert (tags["IFD0:Artist"], tags["XMP-dc:Title"], tags["IPTC:City"]) == ("Ann", "A field", "Graz"), tags
        assert distance(source, pillow(made[f"{name}.jpg"])[0]) < 16, name


@long
def each_option_of_a_png_is_in_the_file(house):
    source = make(house, "a.png", format="PNG", mode="RGBA")
    made = saved(house, source, "256.png palette = yes", "16.png palette = yes colours = 16",
                 "2.png palette = yes colours = 2 dither = no", "laced.png palette = yes progressive = yes",
                 "plain.png effort = 9")
    for name, bits in (("256", 8), ("16", 4), ("2", 1), ("laced", 8)):
        png = made[f"{name}.png"].read_bytes()
        assert png[24:26] == bytes([bits, 3]) and png[28] == (name == "laced"), name
        assert len(set(map(tuple, pillow(made[f"{name}.png"])[0]["pixels"]))) <= 1 << bits, name
        assert run("pngcheck", "-q", made[f"{name}.png"]).stdout == ""
        assert said(made[f"{name}.png"], "-Artist")["IFD0:Artist"] == "Ann"
    assert distance(pillow(source)[0], pillow(made["256.png"])[0]) < 24
    assert pillow(made["plain.png"])[0]["pixels"] == pillow(source)[0]["pixels"]
    few = make(house, "few.png", format="PNG", mode="P")
    made = saved(house, few, "auto.png", "no.png palette = no larger = accept")
    assert made["auto.png"].read_bytes()[25] == 3 and made["no.png"].read_bytes()[25] == 2
    assert pillow(made["no.png"])[0]["pixels"] == pillow(few)[0]["pixels"]


def each_option_of_a_webp_is_in_the_file(house):
    source = make(house, "a.png", format="PNG", mode="RGBA")
    made = saved(house, source, "exact.webp lossless = yes", "near.webp near_lossless = yes",
                 "lossy.webp quality = 60", "alpha.webp quality = 60 alpha_quality = 10",
                 "fast.webp quality = 60 effort = 1", "second.webp quality = 60 effort = 2")
    assert b"VP8L" in made["exact.webp"].read_bytes() and b"VP8L" in made["near.webp"].read_bytes()
    exact, right = (pillow(path)[0]["pixels"] for path in (made["exact.webp"], source))
    assert all(p == q or p[3] == q[3] == 0 for p, q in zip(exact, right))
    assert 0 < distance(pillow(source)[0], pillow(made["near.webp"])[0]) < 4
    sizes = {name: path.stat().st_size for name, path in made.items()}
    assert sizes["near.webp"] < sizes["exact.webp"] and sizes["alpha.webp"] < sizes["lossy.webp"], sizes
    lossy, fast, second = (made[f"{name}.webp"].read_bytes() for name in ("lossy", "fast", "second"))
    assert lossy not in (fast, second) and fast != second, sizes


@long
def each_option_of_a_tiff_is_in_the_file(house):
    source = make(house, "a.png", format="PNG")
    right = {"none": "None", "lzw": "LZW", "deflate": "AdobeDeflate", "zstd": "ZSTD", "jpeg": "JPEG", "webp": "WEBP",
             "ccitt": "CCITT Group 4"}
    made = saved(house, source, *(f"{name}.tif compression = {name}" for name in right),
                 "exact.tif compression = webp lossless = yes", "tiles.tif tiles = yes",
                 "zoom.tif pyramid = yes compression = jpeg", "auto.tif")
    for name, word in {**right, "auto": "LZW", "exact": "WEBP", "tiles": "LZW"}.items():
        info = run("tiffinfo", made[f"{name}.tif"]).stdout
        assert f"Compression Scheme: {word}\n" in info and ("Tile Width: 256" in info) == (name == "tiles"), info
        seen = pillow(made[f"{name}.tif"])[0]
        if name in ("jpeg", "webp"):
            assert distance(pillow(source)[0], seen) < 16, name
        elif name != "ccitt":
            assert seen["pixels"] == pillow(source)[0]["pixels"], name
        assert said(made[f"{name}.tif"], "-Artist", "-City") == {"IFD0:Artist": "Ann", "IPTC:City": "Graz"}, name
    black = pillow(made["ccitt.tif"])[0]
    grey = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in pillow(source)[0]["pixels"]]
    assert black["mode"] == "1"
    assert sum((p[0] == 255) == (value >= 128) for p, value in zip(black["pixels"], grey)) > 0.85 * len(grey)


def a_pyramid_has_smaller_pictures_behind_it_and_says_what_the_picture_says(house):
    source = house.top / "large.jpg"
    run("convert", "-size", "1200x900", "gradient:#204060-#e0c080", source)
    run("exiftool", "-q", "-overwrite_original", *TAGS, source)
    made = saved(house, source, "zoom.tif pyramid = yes compression = deflate", "16.tif pyramid = yes")
    for path in made.values():
        done = run("identify", "-format", "%wx%h\n", path)
        assert done.stdout.split() == ["1200x900", "600x450", "300x225", "150x112"], done.stdout
        info = run("tiffinfo", path).stdout
        assert info.count("reduced-resolution image") == 3 and "Warning" not in info, info
        tags = said(path, "-Artist", "-Title", "-City")
        assert tags == {"IFD0:Artist": "Ann", "XMP-dc:Title": "A field", "IPTC:City": "Graz"}, tags


# ---- HEIC, JPEG XL, JPEG 2000, GIF, PPM ----

def as_png(path):
    """The output as a decoder that is not ours reads it."""
    png = path.with_suffix(path.suffix + ".png")
    decoder = {".jxl": ["djxl", path, png], ".jp2": ["opj_decompress", "-quiet", "-i", path, "-o", png],
               ".heic": ["heif-convert", path, png], ".avif": ["avifdec", "-j", "1", path, png]}
    run(*decoder.get(path.suffix, ["convert", path, png]))
    return png


def depth_and_channels(path):
    bits, channels = run("identify", "-format", "%z %[channels]\n", path).stdout.split()[:2]
    return int(bits), channels


NEW = "heic", "jxl", "jp2", "gif", "ppm"


def flat(house, width, height, colour):
    """A BMP of one colour."""
    row = bytes(reversed(colour)) * width
    rows = (row + bytes(-len(row) % 4)) * height
    source = house.top / f"{width}x{height}.bmp"
    source.write_bytes(struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54 + len(rows), 0, 54, 40, width, height, 1, 24, 0,
                                   len(rows), 2835, 2835, 0, 0) + rows)
    return source


def a_jpeg_2000_of_few_pixels_has_their_colours(house):
    for size, colour in (((1, 1), (128, 230, 128)), ((1, 1), (255, 0, 0)), ((3, 1), (255, 255, 255)),
                         ((2, 2), (10, 20, 240)), ((16, 16), (255, 255, 255))):
        source = flat(house, *size, colour)
        made = saved(house, source, "a.jp2 quality = 100")["a.jp2"]
        assert pillow(made)[0]["pixels"] == pillow(source)[0]["pixels"], (size, colour)


@long
def a_jpeg_2000_of_one_colour_has_it_with_every_quality(house):
    dot = house.top / "dot.png"
    run("convert", "-size", "64x64", "xc:#80e680", "-fill", "#7fe57f", "-draw", "point 30,30", f"PNG24:{dot}")
    for source in dot, *(flat(house, *size, colour) for size, colour in (
            ((40, 33), (255, 255, 255)), ((64, 64), (128, 230, 128)), ((300, 300), (255, 0, 0)))):
        made = saved(house, source, *(f"{quality}.jp2 quality = {quality}" for quality in (40, 60, 80, 100)))
        for quality in 40, 60, 80, 100:
            noise = 255 / 10 ** ((20 + 0.35 * quality) / 20)
            apart = distance(pillow(made[f"{quality}.jp2"])[0], pillow(source)[0])
            assert apart <= 1.5 * noise + 0.5, (source, quality, apart, noise)


def black_and_white_pages_keep_one_bit_until_a_step_makes_greys(house):
    fax = house.top / "fax.tif"
    run("convert", "-size", "90x60", "xc:white", "-fill", "black", "-draw", "circle 40,30 60,30", "-monochrome",
        "-compress", "Group4", fax)
    words = {"a": ("", "LZW"), "b": ("compression = deflate", "AdobeDeflate"), "c": ("compression = none", "None"),
             "d": ("compression = zstd tiles = yes", "ZSTD"), "e": ("compression = ccitt", "CCITT Group 4")}
    made = saved(house, fax, *(f"{name}.tif {how}" for name, (how, _) in words.items()))
    for name, (_, word) in words.items():
        info = run("tiffinfo", made[f"{name}.tif"]).stdout
        assert "Bits/Sample: 1\n" in info and f"Compression Scheme: {word}\n" in info, info
        assert pillow(made[f"{name}.tif"])[0]["pixels"] == pillow(fax)[0]["pixels"], name
    small = saved(house, fax, "a.tif", steps="scale { width = 45 }")["a.tif"]
    assert "Bits/Sample: 8\n" in run("tiffinfo", small).stdout


def a_picture_that_is_too_long_and_narrow_for_heic_is_refused_in_words(house):
    for size in (4217, 8), (31, 4217):
        text = saved(house, flat(house, *size, (90, 150, 210)), "a.heic", good=False)
        assert "too long and narrow for HEIC" in text and "save it as avif" in text, text
    for size in (4216, 8), (4217, 32):
        source = flat(house, *size, (90, 150, 210))
        assert distance(pillow(as_png(saved(house, source, "a.heic")["a.heic"]))[0], pillow(source)[0]) < 4, size


@long
def each_option_of_the_other_formats_is_in_the_file(house):
    source = make(house, "a.png", format="PNG")
    right = pillow(source)[0]
    made = saved(house, source, "exact.avif lossless = yes", "fast.avif effort = 1", "slow.avif effort = 9",
                 *(f"{quality}.{kind} quality = {quality}" for kind in ("avif", "heic", "jxl", "jp2") for quality in (15, 90)),
                 "fast.jxl effort = 3", "slow.jxl effort = 7", "exact.jxl lossless = yes", "exact.jp2 lossless = yes")
    apart = {name: distance(right, pillow(as_png(path))[0]) for name, path in made.items()}
    sizes = {name: path.stat().st_size for name, path in made.items()}
    assert apart["exact.avif"] < 1 and apart["exact.jxl"] == apart["exact.jp2"] == 0, apart
    for kind in "avif", "heic", "jxl", "jp2":
        assert apart[f"90.{kind}"] < apart[f"15.{kind}"] and sizes[f"90.{kind}"] > sizes[f"15.{kind}"], (kind, apart, sizes)
    for kind in "avif", "jxl":
        assert made[f"fast.{kind}"].read_bytes() != made[f"slow.{kind}"].read_bytes(), kind
        assert max(apart[f"fast.{kind}"], apart[f"slow.{kind}"]) < 16, apart


@long
def each_option_of_a_gif_is_in_the_file(house):
    source = make(house, "a.png", format="PNG")
    made = saved(house, source, "256.gif", "16.gif colours = 16", "2.gif colours = 2", "plain.gif dither = no",
                 "laced.gif progressive = yes", "fast.gif effort = 1")
    for name, most in (("256", 256), ("16", 16), ("2", 2), ("plain", 256), ("laced", 256), ("fast", 256)):
        gif = made[f"{name}.gif"]
        assert 1 < len(set(map(tuple, pillow(gif)[0]["pixels"]))) <= most, name
        laced = run("identify", "-format", "%[interlace]", gif).stdout
        assert (laced != "None") == (name == "laced"), (name, laced)
    assert distance(pillow(source)[0], pillow(made["256.gif"])[0]) < 24
    assert len({made[f"{name}.gif"].read_bytes() for name in ("256", "plain", "laced", "fast")}) == 4


@long
def other_formats_show_the_picture_and_say_what_they_can(house):
    source = make(house, "a.jpg", quality=95)
    made = saved(house, source, *(f"a.{kind}" for kind in NEW), "exact.jxl lossless = yes", "exact.jp2 lossless = yes")
    right = pillow(source)[0]
    for name, path in made.items():
        seen = pillow(as_png(path))[0]
        # exact.jxl has what the JPEG codes, of which libjxl makes other pixels than libjpeg.
        most = {"exact.jxl": 2, "exact.jp2": 0.7, "a.ppm": 0.7}.get(name, 16)
        assert distance(right, seen) <= most, (name, distance(right, seen))
        tags = said(path, "-Artist", "-Title", "-City", "-validate", "-warning")
        assert not any(name.endswith("Warning") for name in tags), tags
        # The IPTC of a JPEG comes back with that, out of exact.jxl.
        wanted = {"a.gif": {"XMP-dc:Title", "XMP-photoshop:City"}, "a.ppm": set(),
                  "exact.jxl": {"IFD0:Artist", "XMP-dc:Title"}}.get(
            name, {"IFD0:Artist", "XMP-dc:Title", "IPTC:City" if path.suffix == ".jp2" else "XMP-photoshop:City"})
        assert {tag for tag in tags if "Validate" not in tag} == wanted, (name, tags)
    again = saved(house, source, "a.ppm")
    assert again["a.ppm"].read_bytes() == made["a.ppm"].read_bytes()


def other_formats_keep_sixteen_bits_grey_and_transparency_where_they_have_them(house):
    deep, grey, clear = house.top / "deep.png", house.top / "grey.png", house.top / "clear.png"
    run("convert", "-size", "96x64", "gradient:#102030-#e0c0a0", "-depth", "16", f"PNG48:{deep}")
    run("convert", "-size", "96x64", "gradient:#101010-#e0e0e0", f"PNG8:{grey}")
    run("convert", grey, "-colorspace", "gray", "-define", "png:color-type=0", grey)
    run("convert", "-size", "96x64", "gradient:#ff0000ff-#ff000000", f"PNG32:{clear}")
    made = saved(house, deep, *(f"deep.{kind} {more}" for kind, more in (
        ("jxl", "lossless = yes"), ("jp2", "lossless = yes"), ("ppm", ""), ("heic", "quality = 90"))))
    numbers = run("convert", deep, "-depth", "16", "RGB:-", text=False).stdout
    for kind in ("jxl", "jp2", "ppm"):
        seen = as_png(made[f"deep.{kind}"])
        assert depth_and_channels(seen)[0] == 16, kind
        assert run("convert", seen, "-depth", "16", "RGB:-", text=False).stdout == numbers, kind
    assert "10" in run("exiftool", "-s3", "-BitDepthLuma", made["deep.heic"]).stdout
    made = saved(house, grey, "grey.jxl", "grey.jp2")
    assert all("gray" in depth_and_channels(as_png(path))[1] for path in made.values())
    made = saved(house, clear, *(f"clear.{kind}" for kind in NEW), "on.ppm background = \"#0000ff\"")
    for name, path in made.items():
        if path.suffix == ".ppm":
            continue
        alphas = [pixel[3] for pixel in pillow(as_png(path))[0]["pixels"]]
        assert alphas[0] > 250 and alphas[-1] < 5, name
        assert path.suffix != ".gif" or set(alphas) == {0, 255}
    assert pillow(made["on.ppm"])[0]["pixels"][-1] == [1, 0, 254, 255] or \
        pillow(made["on.ppm"])[0]["pixels"][-1][2] > 250


# ---- at_most ----

MOST = {"jpg": 9, "webp": 6, "avif": 6, "jp2": 12, "jxl": 6}  # KB


def sizes_at_most(house, count, kinds):
    """Noisy pictures, no two alike, saved so that they fit; says their sizes as shares of what they may have."""
    sources = house.top / "sources"
    sources.mkdir()
    run("convert", "-size", "192x144", "-seed", "7", *(["plasma:fractal"] * count), "-attenuate", "0.2", "+noise", "Gaussian",
        "-depth", "8", "+adjoin", sources / "p%02d.png")
    made = saved(house, sources, *("{stem}.%s at_most = %dKB" % (kind, MOST[kind]) for kind in kinds))
    assert len(made) == count * len(kinds)
    return {name: path.stat().st_size / (1024 * MOST[path.suffix[1:]]) for name, path in made.items()}


def an_output_is_as_large_as_it_may_be_and_not_larger(house):
    shares = sizes_at_most(house, 4, ("jpg", "webp"))
    assert all(0.85 < share <= 1 for share in shares.values()), shares


@long
def fifty_pictures_are_as_large_as_they_may_be_in_each_format(house):
    shares = sizes_at_most(house, 50, MOST)
    assert all(0.85 < share <= 1 for share in shares.values()), shares


def at_most_never_raises_a_quality_and_refuses_what_cannot_fit(house):
    source = make(house, "a.jpg", quality=95)
    made = saved(house, source, "set.jpg quality = 40 at_most = 2MB larger = accept", "plain.jpg quality = 40 larger = accept")
    assert made["set.jpg"].read_bytes() == made["plain.jpg"].read_bytes()
    text = saved(house, source, "a.jpg at_most = 1KB", good=False)
    assert "as JPEG with the lowest quality" in text, text
    text = saved(house, make(house, "b.png", format="PNG"), "b at_most = 1KB", good=False)
    assert "no quality to lower" in text, text
    for more in ("format = png", "format = tiff", "format = gif", "format = webp lossless = yes"):
        refused(house, more + " at_most = 900KB", "at_most lowers the quality", "remove")


# ---- the file ----

@long
def the_density_that_a_save_sets_is_in_every_place_of_the_output(house):
    source = make(house, "a.jpg")
    bare = make(house, "b.jpg", tags=())
    kinds = {"jpg": "", "png": "", "webp": "", "tif": "", "avif": "effort = 1", "heic": "", "jxl": "", "jp2": ""}
    for number, picture in enumerate((source, bare)):
        made = saved(house, picture, *(f"{number}.{kind} dpi = 240 {more}" for kind, more in kinds.items()),
                     *(f"none{number}.{kind} dpi = 240 metadata = none {more}" for kind, more in kinds.items()))
        for name, path in made.items():
            tags = said(path, "-XResolution", "-YResolution", "-ResolutionUnit", "-PixelsPerUnitX", "-CaptureXResolution",
                        "-Warning")
            right = {"XResolution": 240, "YResolution": 240, "ResolutionUnit": (1, 2), "PixelsPerUnitX": 9449,
                     "CaptureXResolution": 9449}
            assert tags, name
            for tag, value in tags.items():
                wanted = right[tag.split(":")[1]]
                assert value in wanted if isinstance(wanted, tuple) else abs(value - wanted) < 1, (name, tags)
            assert not picture == source or said(path, "-Artist").get("IFD0:Artist") == (None if "none" in name else "Ann")
    refused(house, 'format = gif dpi = 300', "dpi is for", "not for gif")


def xmp_says_the_density_that_a_save_sets(house):
    source = make(house, "a.jpg", tags=("-XMP-tiff:XResolution=72", "-XMP-tiff:YResolution=71", "-XMP-tiff:ResolutionUnit#=3"))
    for name, path in saved(house, source, "a.tif dpi = 240", "a.jpg dpi = 240", "a.webp dpi = 240").items():
        tags = said(path, "-XMP-tiff:XResolution", "-XMP-tiff:YResolution", "-XMP-tiff:ResolutionUnit")
        assert tags == {"XMP-tiff:XResolution": 240, "XMP-tiff:YResolution": 240, "XMP-tiff:ResolutionUnit": 2}, (name, tags)


def a_jpeg_2000_says_a_density_of_thousands_too(house):
    source = make(house, "a.jpg", tags=())
    numbers = 1, 72, 300, 1664, 1665, 2400, 20000
    made = saved(house, source, *(f"{dpi}.jp2 dpi = {dpi} metadata = none" for dpi in numbers))
    for dpi in numbers:
        tags = {name.split(":")[1]: value for name, value in
                said(made[f"{dpi}.jp2"], "-Capture*Resolution", "-Capture*ResolutionUnit").items()}
        for side in "X", "Y":
            metre = tags[f"Capture{side}Resolution"] * 10 ** tags[f"Capture{side}ResolutionUnit"]
            assert abs(metre * 0.0254 / dpi - 1) < 1e-4, (dpi, tags)
        assert dpi > 1664 or tags["CaptureXResolutionUnit"] == 0, tags  # programs that know no other


def an_output_has_the_time_that_a_save_asks_for(house):
    dated = make(house, "dated.jpg", tags=("-DateTimeOriginal=2020:05:06 07:08:09",))
    undated = make(house, "undated.jpg", tags=())
    far = make(house, "far.jpg", tags=("-DateTimeOriginal=9999:12:31 07:08:09",))  # a 64-bit nanosecond ends in 2262
    for path in (dated, undated, far):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    taken = time.mktime((2020, 5, 6, 7, 8, 9, 0, 0, -1))
    saves = "source.png mtime = source", "taken.jpg mtime = taken", "now.png", "copy mtime = taken format = original"
    for path, wanted in ((dated, taken), (undated, 1_500_000_000), (far, 1_500_000_000)):
        made = {name: one.stat().st_mtime for name, one in saved(house, path, *saves).items()}
        assert made["source.png"] == 1_500_000_000, made
        assert made["taken.jpg"] == made["copy.jpg"] == wanted, made
        assert made["now.png"] > 1_600_000_000, made


def the_time_of_an_output_is_the_instant_that_a_picture_names_with_its_offset(house):
    for offset, hours in (("+02:00", 2), ("-05:30", -5.5), ("Z", 0)):
        source = make(house, "a.jpg", tags=("-DateTimeOriginal=2020:05:06 07:08:09", f"-OffsetTimeOriginal={offset}"))
        made = saved(house, source, "{taken:%H}.png mtime = taken")["07.png"]
        assert made.stat().st_mtime == calendar.timegm((2020, 5, 6, 7, 8, 9)) - hours * 3600, offset


def a_time_without_an_offset_is_of_the_time_zone_of_the_machine(house):
    """As ExifTool takes it, also in summer, and where XMP says it."""
    tags = {"winter": "-DateTimeOriginal=2020:01:06 07:08:09", "summer": "-DateTimeOriginal=2020:07:06 07:08:09",
            "blank": "-DateTimeOriginal=2020:07:06 07:08:09 -OffsetTimeOriginal=   :  ",
            "own": "-DateTimeOriginal=2020:07:06 07:08:09 -OffsetTimeOriginal=+09:00",
            "change": "-IFD0:ModifyDate=2020:07:06 07:08:09 -OffsetTime=-03:30",
            "xmp": "-XMP-exif:DateTimeOriginal=2020:07:06 07:08:09", "short": "-XMP-photoshop:DateCreated=2020:07:06 07:08-05:00",
            "iptc": "-IPTC:DateCreated=2020:07:06 -IPTC:TimeCreated=07:08:09+05:45"}
    hours = {"winter": -5, "summer": -4, "blank": -4, "own": 9, "change": -3.5, "xmp": -4, "short": -5, "iptc": 5.75}
    environment = house.environment
    house.environment = lambda: {**environment(), "TZ": "America/New_York"}
    for name, one in tags.items():
        source = make(house, f"{name}.jpg", tags=tuple("-" + tag for tag in one[1:].split(" -")))
        made = saved(house, source, f"{name}.png mtime = taken")[f"{name}.png"].stat().st_mtime
        month, second = 1 if name == "winter" else 7, 0 if name == "short" else 9
        assert made == calendar.timegm((2020, month, 6, 7, 8, second)) - hours[name] * 3600, (name, made)


def the_original_is_copied_byte_for_byte_whatever_steps_do(house):
    sources = {"a.JPEG": photo(), "b.png": photo(format="PNG", mode="RGBA"), "c.webp": photo(format="WEBP"),
               "d": photo(format="PNG")}
    pictures = house.top / "pictures"
    pictures.mkdir()
    for name, content in sources.items():
        (pictures / name).write_bytes(content + b"behind the end")
    made = saved(house, pictures, "{stem}-first format = original", "{stem}-small.jpg", "{stem}-last format = original",
                 "whole-{name} format = original", steps="save { name = \"{stem}-before\" format = original }\n"
                 "scale { width = 50 }")
    for name, content in sources.items():
        stem, _, extension = name.partition(".")
        for one in (f"{stem}-before", f"{stem}-first", f"{stem}-last"):
            assert made[f"{one}.{extension or 'png'}"].read_bytes() == content + b"behind the end", one
        assert f"whole-{name}" + ("" if extension else ".png") in made
    refused(house, "format = original quality = 80", "quality would change it")
    refused(house, 'format = original name = "a.jpg"', "adds the picture's own extension")


def a_copy_says_what_is_asked_for_and_has_the_pixels_of_its_original(house):
    tags = *TAGS, "-IFD0:Orientation#=6", "-GPSLatitude#=47.5", "-GPSLatitudeRef=N", "-IFD0:Copyright=Ann"
    levels = {"all": "", "sharing": "metadata = sharing", "rights": "metadata = copyright", "none": "metadata = none",
              "dpi": "dpi = 200"}
    for name, how in (("a.jpg", {"progressive": True}), ("p.png", {"format": "PNG", "mode": "P"}),
                      ("d.webp", {"format": "WEBP", "mode": "RGBA"})):
        source = make(house, name, tags, **how)
        end = name[-4:].replace("webp", ".webp")
        made = saved(house, source, *(f"{level} format = original {more}" for level, more in levels.items()), "small.tif",
                     steps="scale { width = 20 }")
        assert made["all" + end].read_bytes() == source.read_bytes(), name
        pixels = pillow(source)[0]["pixels"]
        for level in levels:
            copy = made[level + end]
            assert pillow(copy)[0]["pixels"] == pixels, (name, level)
            got = said(copy, "-Artist", "-Copyright", "-XMP:Title", "-Orientation", "-GPSLatitude", "-XResolution")
            assert got.get("IFD0:Orientation") == 6, (name, level, got)
            assert ("GPS:GPSLatitude" in got) == (level in ("all", "dpi")), (name, level, got)
            assert ("XMP-dc:Title" in got) == (level in ("all", "dpi", "sharing")), (name, level, got)
            assert ("IFD0:Artist" in got) == (level != "none"), (name, level, got)
            assert level != "dpi" or 200 in got.values(), (name, got)
        assert not said(made["none" + end], "-XMP:all", "-IPTC:all", "-GPS:all"), name


def a_copy_whose_format_cannot_be_changed_says_so(house):
    for name, how in (("b.gif", {"format": "GIF", "mode": "P"}), ("c.jpg", {"mode": "CMYK"})):
        source = make(house, name, (), **how)
        assert list(saved(house, source, "x format = original").values())[0].read_bytes() == source.read_bytes()
        text = saved(house, source, "x format = original metadata = none", good=False)
        assert "cannot change what this" in text and "remove metadata, dpi and untag" in text, text


def a_lower_quality_never_makes_a_larger_file(house):
    source = make(house, "a.jpg", tags=(), quality=95)
    qualities = 1, 2, 4, 8, 20, 50, 90
    for kind in ("jpg", "webp", "avif effort = 1", "heic", "jxl", "jp2", "tif compression = jpeg"):
        end, _, more = kind.partition(" ")
        made = saved(house, source, *(f"{quality:02}.{end} quality = {quality} {more}" for quality in qualities))
        sizes = [made[name].stat().st_size for name in sorted(made)]
        assert sizes == sorted(sizes) and sizes[0] < sizes[-1] / 2, (kind, sizes)


def an_option_that_the_format_does_not_have_is_an_error_with_a_cure(house):
    refused(house, 'name = "a.webp" subsampling = 444', "subsampling is for jpeg, not for webp")
    refused(house, 'format = jpeg lossless = yes', "lossless is for", "as webp with lossless = yes")
    refused(house, 'format = png colours = 16', "set palette = yes")
    refused(house, 'format = png palette = yes colours = 60', "2, 4, 16 or 256")
    refused(house, 'name = "a.gif" colours = 60', "2, 4, 8, 16, 32, 64, 128 or 256")
    refused(house, 'format = webp lossless = yes near_lossless = yes', "exclude each other")
    if "mozjpeg" not in run("ldconfig", "-p", check=False).stdout:
        refused(house, 'format = jpeg trellis = yes', "does not have trellis", "only mozjpeg has it")


if __name__ == "__main__":
    sys.exit(main(globals()))
