"""sizes - scale and fit, beside Pillow's resize and ImageOps.fit, and numpy's arithmetic."""
import sys

import numpy
from PIL import Image, ImageOps

from foreign import apart, as_image, as_pixels, files_made, main, made, mean_apart, photo, read, ssim

KERNELS = {"nearest": Image.Resampling.NEAREST, "linear": Image.Resampling.BILINEAR,
           "cubic": Image.Resampling.BICUBIC, "lanczos3": Image.Resampling.LANCZOS}
SIZES = ((80, 60), (101, 77), (20, 15), (160, 40), (230, 170), (320, 240))
BORDER = 4  # where Pillow leaves out what lies beside the picture, and we repeat its edge


def nearest(pixels, width, height):
    """Of two that are as near the second; Pillow adds steps up, and so takes either."""
    rows, columns = ((2 * numpy.arange(after) + 1) * before // (2 * after)
                     for after, before in ((height, pixels.shape[0]), (width, pixels.shape[1])))
    return pixels[rows][:, columns]


def expected(image, width, height, kernel):
    if kernel == "nearest":
        return nearest(as_pixels(image), width, height)
    smaller = width <= image.width
    auto = Image.Resampling.LANCZOS if smaller else Image.Resampling.BICUBIC
    return as_pixels(image.resize((width, height), KERNELS.get(kernel, auto)))


def stretch(width, height, kernel, more=""):
    return f"scale {{ width = {width} height = {height} keep = no enlarge = yes kernel = {kernel} {more} }}"


def weighted(pixels):
    """Colours times alpha."""
    out = pixels.astype(float)
    out[:, :, :-1] *= out[:, :, -1:] / 255
    return out


def weighted_by_pillow(pixels, width, height, kernel):
    """The same, resized by Pillow in floats: it limits nothing on the way, as of 8 bits it does."""
    bands = [Image.fromarray(band.astype(numpy.float32)).resize((width, height), KERNELS[kernel])
             for band in numpy.moveaxis(weighted(pixels), 2, 0)]
    out = numpy.stack([numpy.asarray(band) for band in bands], 2).astype(float)
    alpha = numpy.clip(out[:, :, -1:], 0, 255)
    colours = numpy.clip(out[:, :, :-1] / numpy.where(out[:, :, -1:] > 0, out[:, :, -1:], numpy.inf) * 255, 0, 255)
    return numpy.concatenate([colours * alpha / 255, alpha], 2)


def each_kernel_is_within_one_of_pillow_inside_the_border(house):
    names = ("auto", *KERNELS)
    steps = {f"{kernel}-{width}-{height}": stretch(width, height, kernel) for kernel in names for width, height in SIZES}
    for bands in (1, 3):
        pixels = photo(bands=bands)
        for name, out in made(house, pixels, steps).items():
            kernel, width, height = name.split("-")
            want = expected(as_image(pixels), int(width), int(height), kernel)
            border = BORDER if kernel != "nearest" else 0
            assert apart(out, want, border) <= (1 if border else 0), (name, bands)


def transparent_colours_do_not_show_in_any_kernel(house):
    pixels = photo(bands=4)
    steps = {f"{kernel}-{width}-{height}": stretch(width, height, kernel)
             for kernel in KERNELS for width, height in SIZES}
    for name, out in made(house, pixels, steps).items():
        kernel, width, height = name.split("-")
        if kernel == "nearest":
            assert (out == expected(as_image(pixels), int(width), int(height), kernel)).all(), name
            continue
        want = weighted_by_pillow(pixels, int(width), int(height), kernel)
        inside = slice(BORDER, -BORDER)
        assert abs(weighted(out) - want)[inside, inside].max() <= 1.1, name  # alpha and colour are rounded


def _weights(before, after, reach, weight):
    """Each row weighs the samples of one pixel."""
    step = before / after
    stretch_by = max(step, 1)
    out = numpy.zeros((after, before))
    for i in range(after):
        centre = (i + 0.5) * step - 0.5
        for j in range(int(centre - reach * stretch_by) - 2, int(centre + reach * stretch_by) + 3):
            out[i, min(max(j, 0), before - 1)] += weight(abs((j - centre) / stretch_by))
    return out / out.sum(1, keepdims=True)


def _mitchell(x):
    if x < 1:
        return (7 * x ** 3 - 12 * x ** 2 + 16 / 3) / 6
    return (-7 / 3 * x ** 3 + 12 * x ** 2 - 20 * x + 32 / 3) / 6 if x < 2 else 0


def _lanczos2(x):
    return float(numpy.sinc(x) * numpy.sinc(x / 2)) if x < 2 else 0


def mitchell_and_lanczos2_are_their_formulas_also_of_16_bits(house):
    kernels = {"mitchell": _mitchell, "lanczos2": _lanczos2}
    for depth in (8, 16):
        pixels = photo(80, 60, 3, depth)
        steps = {f"{kernel}-{width}": stretch(width, width, kernel) for kernel in kernels for width in (33, 50, 111)}
        for name, out in made(house, pixels, steps).items():
            kernel, width = name.split("-")[0], int(name.split("-")[1])
            white = 2 ** depth - 1
            across = _weights(80, width, 2, kernels[kernel])
            down = _weights(60, width, 2, kernels[kernel])
            want = numpy.clip(numpy.einsum("xi,yib->yxb", across, pixels.astype(float)), 0, white)
            want = numpy.clip(numpy.einsum("yi,ixb->yxb", down, want), 0, white)
            assert abs(out - want).max() <= (1 if depth == 8 else 6), name


def light_is_mixed_where_linear_is_yes(house):
    pixels = numpy.zeros((64, 64, 3), numpy.uint8)
    pixels[::2, ::2] = pixels[1::2, 1::2] = 255
    out = made(house, pixels, {"no": "scale { width = 16 }", "yes": "scale { width = 16 linear = yes }"})
    assert abs(out["no"][4:12, 4:12].astype(int) - 127).max() <= 2
    assert abs(out["yes"][4:12, 4:12].astype(int) - 188).max() <= 2  # half the light in sRGB


def a_size_is_the_largest_that_its_limits_allow(house):
    rows = {"scale { width = 80 }": (80, 60), "scale { height = 80 }": (107, 80), "scale { width = 80 height = 30 }": (40, 30),
            "scale { width = 400 }": (160, 120), "scale { width = 320 enlarge = yes }": (320, 240),
            "scale { width = 50% }": (80, 60), "scale { width = 40 keep = no }": (40, 120),
            "scale { megapixels = 0.0048 }": (80, 60), "scale { megapixels = 1 }": (160, 120),
            "scale { megapixels = 0.0768 enlarge = yes }": (320, 240),
            "scale { megapixels = 0.0048 width = 40 }": (40, 30), "scale { width = 1in dpi = 100 }": (100, 75),
            "scale { width = 2.54cm dpi = 40 }": (40, 30), "scale { width = \"{width / 4}\" }": (40, 30)}
    steps = {str(number): step for number, step in enumerate(rows)}
    for number, out in made(house, photo(), steps).items():
        step = list(rows)[int(number)]
        assert (out.shape[1], out.shape[0]) == rows[step], (step, out.shape)
    for most in (0.001, 0.0033, 0.0077, 0.019):
        out = made(house, photo(), {"one": f"scale {{ megapixels = {most} }}"})["one"]
        assert 0.97 * most * 1e6 <= out.shape[0] * out.shape[1] <= most * 1e6, (most, out.shape)


def _sharpened(pixels, amount):
    """More of what lightness differs by from its mean over 3 x 3, weighted 1 2 1."""
    values = pixels.astype(float)
    light = values @ (0.299, 0.587, 0.114) if pixels.shape[2] > 1 else values[:, :, 0]
    wide = numpy.pad(light, 1, "edge")
    rows = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    mean = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    return numpy.clip(values + amount * (light - mean)[:, :, None], 0, 255)


def a_reduced_picture_is_sharpened_and_no_other(house):
    for bands in (1, 3):
        pixels = photo(bands=bands)
        out = made(house, pixels, {"none": "scale { width = 80 }", "light": "scale { width = 80 sharpen = light }",
                                   "strong": "scale { width = 80 sharpen = strong }",
                                   "same": "scale { width = 160 sharpen = strong }",
                                   "larger": "scale { width = 200 enlarge = yes }",
                                   "larger-strong": "scale { width = 200 enlarge = yes sharpen = strong }"})
        assert abs(out["light"] - _sharpened(out["none"], 0.4)).max() <= 1.5
        assert abs(out["strong"] - _sharpened(out["none"], 0.9)).max() <= 1.5
        assert apart(out["same"], pixels) == 0 and apart(out["larger"], out["larger-strong"]) == 0


def a_jpeg_is_sharpened_as_a_png_is(house):
    """From JPEG to JPEG planes are scaled and sharpened, from PNG to PNG pixels."""
    image = as_image(photo(320, 240, seed=7)).resize((640, 480), Image.Resampling.BICUBIC)
    jpeg, png = house.top / "a.jpg", house.top / "a.png"
    image.save(jpeg, quality=98, subsampling=0)
    with Image.open(jpeg) as decoded:
        decoded.save(png)
    for step in ("scale { width = 213 sharpen = strong }", "scale { width = 213 sharpen = light }",
                 "fit { width = 200 height = 100 where = top }", "scale { width = 213 kernel = mitchell }",
                 "fit { width = 150 height = 190 bleed = 4 where = \"30% 0%\" }"):
        files_made(house, jpeg, {"jpeg": step + ' save { name = "out.jpg" quality = 99 subsampling = 444 exists = replace }'})
        with Image.open(house.output / "out.jpg") as out:
            planes = as_pixels(out.convert("RGB"))
        pixels = read(files_made(house, png, {"png": step})["png"])
        assert mean_apart(planes, pixels) < 1.2 and ssim(planes, pixels) > 0.985, \
            (step, mean_apart(planes, pixels), ssim(planes, pixels))


PLACES = {"centre": (0.5, 0.5), "top-left": (0, 0), "top": (0.5, 0), "right": (1, 0.5), "bottom-right": (1, 1),
          '"25% 80%"': (0.25, 0.8), '"100% 0%"': (1, 0)}


def fit_is_what_pillow_fits(house):
    """Where something is resampled: a part that has the size already is cut at whole pixels."""
    pixels = photo()
    steps, wanted = {}, {}
    for width, height in ((100, 100), (50, 30), (30, 50), (61, 60), (200, 90)):
        for where, centring in PLACES.items():
            for bleed in (0, 7):
                name = f"{len(steps)}"
                steps[name] = f"fit {{ width = {width} height = {height} where = {where} bleed = {bleed} kernel = lanczos3 }}"
                wanted[name] = ImageOps.fit(as_image(pixels), (width, height), Image.Resampling.LANCZOS, bleed / 100, centring)
    for name, out in made(house, pixels, steps).items():
        assert apart(out, as_pixels(wanted[name]), BORDER) <= 1, steps[name]


def fit_cuts_exactly_where_nothing_is_resampled(house):
    pixels = photo()
    out = made(house, pixels, {"left": "fit { width = 120 height = 120 where = left }",
                               "at": 'fit { width = 120 height = 120 where = "13px 0" }',
                               "share": 'fit { width = 120 height = 120 where = "50% 50%" }',
                               "bleed": "fit { width = 128 height = 96 bleed = 10 }"})
    assert apart(out["left"], pixels[:, :120]) == 0
    assert apart(out["at"], pixels[:, 13:133]) == 0
    assert apart(out["share"], pixels[:, 20:140]) == 0
    assert apart(out["bleed"], pixels[12:108, 16:144]) == 0


def fit_finds_the_only_detail_there_is(house):
    pixels = numpy.full((120, 400, 3), 128, numpy.uint8)
    pixels[30:90, 300:360] = photo(60, 60)
    out = made(house, pixels, {word: f"fit {{ width = 60 height = 60 where = {word} }}" for word in ("attention", "entropy")})
    for word, made_of_it in out.items():
        assert made_of_it.std() > 20, word


def fit_searches_the_longest_picture_as_it_is(house):
    steps = {word: f"fit {{ width = 400 height = 300 where = {word} }}" for word in ("attention", "entropy")}
    for height, width in ((1, 30000), (30000, 1)):
        for word, out in made(house, numpy.full((height, width, 3), 90, numpy.uint8), steps).items():
            assert out.shape[:2] == (300, 400) and (out == 90).all(), (word, width, height)


def saved_files_say_the_density_of_the_last_step(house):
    source = house.top / "source.jpg"
    as_image(photo()).save(source, dpi=(72, 72))
    steps = {"scale": "scale { width = 50% dpi = 300 }", "fit": "fit { width = 1in height = 0.5in dpi = 120 }",
             "canvas": "canvas { width = 200 dpi = 240 }", "none": "scale { width = 50% }",
             "own": "scale { width = 50% dpi = 300 }", "same": "scale { width = 100% dpi = 300 }",
             "alone": "scale { dpi = 300 }", "larger": 'scale { enlarge = yes dpi = "{30 * 10}" }',
             "computed": 'scale { dpi = "{width + 140}" }'}
    files_made(house, source, {name: step + f' save {{ name = "{name}.jpg" {"dpi = 96" if name == "own" else ""} }}'
                               for name, step in steps.items()})
    wanted = {"scale": 300, "fit": 120, "canvas": 240, "none": 72, "own": 96, "same": 300, "alone": 300, "larger": 300, "computed": 300}
    for name, dpi in wanted.items():
        with Image.open(house.output / f"{name}.jpg") as out:
            assert tuple(round(value) for value in out.info["dpi"]) == (dpi, dpi), (name, out.info)
            assert name not in ("alone", "larger", "computed") or out.size == (160, 120), name


if __name__ == "__main__":
    sys.exit(main(globals()))
