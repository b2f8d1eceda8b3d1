"""softness - blurs and sharpening, beside Pillow's and numpy's."""
import sys

import numpy
from PIL import ImageFilter

from foreign import apart, as_image, as_pixels, flat, magick, main, made, mean_apart, photo, ssim, white_of


def filtered(pixels, taps):
    """The sum of what lies `x` right and `y` below, times a weight each: {(x, y): weight}; not rounded. Beyond
    the edges lie the pixels of the edges."""
    height, width, _ = pixels.shape
    reach = max(max(abs(x), abs(y)) for x, y in taps)
    wide = numpy.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), "edge").astype(float)
    return sum(weight * wide[reach + y:reach + y + height, reach + x:reach + x + width]
               for (x, y), weight in taps.items())


def along_both(pixels, weights):
    """Weights from -reach to reach, across and down."""
    reach = len(weights) // 2
    across = filtered(pixels, {(i - reach, 0): weight for i, weight in enumerate(weights)})
    return filtered(across, {(0, i - reach): weight for i, weight in enumerate(weights)})


def as_rounded(values, pixels):
    return numpy.clip(numpy.rint(values), 0, white_of(pixels)).astype(pixels.dtype)


def bell(sigma, reach=None):
    reach = reach or int(4 * sigma) + 1
    weights = numpy.exp(-numpy.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    return weights / weights.sum()


def square(radius):
    """A part of the outermost pixels counts."""
    reach = int(numpy.ceil(radius))
    weights = numpy.ones(2 * reach + 1)
    if reach > radius:
        weights[0] = weights[-1] = radius - int(radius)
    return weights / weights.sum()


def line(length, angle):
    """As many points as it has pixels, rounded up; each is shared by the four pixels around it."""
    taps, count = {}, int(numpy.ceil(length))
    for i in range(count):
        far = ((i + 0.5) / count - 0.5) * length
        x, y = (round(far * f(numpy.radians(angle)), 9) for f in (numpy.cos, numpy.sin))
        left, top = int(numpy.floor(x)), int(numpy.floor(y))
        for right in (0, 1):
            for below in (0, 1):
                share = abs(1 - right - (x - left)) * abs(1 - below - (y - top))
                place = (left + right, top + below)
                taps[place] = taps.get(place, 0) + share / count
    return taps


def seen(pixels, blur):
    """What a blur of floats makes of a picture with alpha: no hidden colour counts."""
    alpha = pixels[:, :, -1:].astype(float)
    weighted, total = blur(pixels[:, :, :-1] * alpha), blur(alpha)
    colours = numpy.where(total > 0, weighted / numpy.maximum(total, 1e-9), 0)
    return as_rounded(numpy.concatenate([colours, total], 2), pixels)


def visibly_apart(a, b):
    """Where one of them is hardly seen, its colour is that of few numbers."""
    shows = numpy.minimum(a[:, :, -1:], b[:, :, -1:]) > white_of(a) // 8
    return max(apart(a[:, :, -1:], b[:, :, -1:]), apart(numpy.where(shows, a, 0), numpy.where(shows, b, 0)))


# ---- blur ----

def a_blur_is_a_bell_curve_of_its_sigma(house):
    steps = {str(sigma): f"blur {{ sigma = {sigma}px }}" for sigma in (0.3, 1, 2.5, 6, 8.5, 15, 40)}
    for bands, depth in ((1, 8), (3, 8), (3, 16)):
        pixels = photo(bands=bands, depth=depth)
        for sigma, out in made(house, pixels, steps).items():
            want = as_rounded(along_both(pixels, bell(float(sigma))), pixels)
            assert apart(out, want) <= white_of(pixels) / 255, (sigma, bands, depth)
    same = made(house, photo(), {"plain": "blur {}", "said": "blur { sigma = 3px kind = gauss angle = 0 }"})
    assert apart(same["plain"], same["said"]) == 0


def a_box_is_the_mean_of_a_square_as_pillows_is(house):
    radii = (0.5, 1, 3, 4.3, 10, 25)
    steps = {str(radius): f"blur {{ kind = box sigma = {radius}px }}" for radius in radii}
    for bands, depth in ((1, 8), (3, 8), (3, 16)):
        pixels = photo(bands=bands, depth=depth)
        for radius, out in made(house, pixels, steps).items():
            assert apart(out, as_rounded(along_both(pixels, square(float(radius))), pixels)) <= 1, (radius, depth)
            if depth == 8:
                pillow = as_pixels(as_image(pixels).filter(ImageFilter.BoxBlur(float(radius))))
                assert apart(out, pillow) <= 1, (radius, bands)
    edge = flat(260, 60, 0, 0, 0)
    edge[:, 130:] = 255
    for radius, out in made(house, edge, {str(r): f"blur {{ kind = box sigma = {r} }}" for r in (40, 90)}).items():
        assert apart(out, as_rounded(along_both(edge, square(float(radius))), edge)) <= 3, radius


def motion_is_the_mean_along_a_line_turned_clockwise(house):
    cases = {f"{length}-{angle}": (length, angle)
             for length in (1, 2.5, 9, 20) for angle in (0, 30, 45, 90, 180, 237.5, 360)}
    cases["100-90"] = (100, 90)
    steps = {name: f"blur {{ kind = motion length = {length}px angle = {angle} }}"
             for name, (length, angle) in cases.items()}
    steps["minus"] = "blur { kind = motion angle = -30 }"
    cases["minus"] = (20, -30)
    for bands, depth in ((1, 8), (3, 16)):
        pixels = photo(120, 90, bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            want = as_rounded(filtered(pixels, line(*cases[name])), pixels)
            assert apart(out, want) <= 1, (name, bands, depth)


def blurs_let_no_hidden_colour_bleed(house):
    pixels = photo(bands=4)
    pixels[30:70, 40:90, 3] = 0
    pixels[30:70, 40:90, :3] = (255, 0, 255)
    steps = {"gauss": "blur { sigma = 2.5 }", "box": "blur { kind = box sigma = 5 }",
             "motion": "blur { kind = motion length = 11 angle = 20 }"}
    blurs = {"gauss": lambda p: along_both(p, bell(2.5)), "box": lambda p: along_both(p, square(5)),
             "motion": lambda p: filtered(p, line(11, 20))}
    for name, out in made(house, pixels, steps).items():
        assert visibly_apart(out, seen(pixels, blurs[name])) <= 2, name
    opaque = photo(bands=4)
    opaque[:, :, 3] = 255
    for name, out in made(house, opaque, steps).items():
        assert (out[:, :, 3] == 255).all(), name


# ---- sharpen ----

def unsharp(pixels, sigma, strength, threshold):
    values = pixels.astype(float)
    apart_by = values - along_both(pixels, bell(sigma))
    sharp = values + numpy.where(abs(apart_by) > threshold * white_of(pixels) / 255, strength / 100 * apart_by, 0)
    return as_rounded(sharp, pixels)


def an_unsharp_mask_adds_the_difference_to_a_blurred_copy(house):
    cases = {"default": (0.8, 100, 0), "strong": (2, 250, 0), "large": (10, 60, 0), "none": (1, 0, 0)}
    steps = {name: f"sharpen {{ method = unsharp sigma = {sigma} strength = {strength}% }}"
             for name, (sigma, strength, _) in cases.items()}
    steps["default"] = "sharpen { method = unsharp }"
    for bands, depth in ((1, 8), (3, 8), (3, 16)):
        pixels = photo(bands=bands, depth=depth)
        for name, out in made(house, pixels, steps).items():
            allowed = (1 + cases[name][1] / 400) * white_of(pixels) / 255
            assert apart(out, unsharp(pixels, *cases[name])) <= allowed, (name, bands, depth)


def what_differs_by_less_than_the_threshold_stays(house):
    for depth in (8, 16):
        pixels = photo(depth=depth)
        steps = {str(t): f"sharpen {{ method = unsharp sigma = 2 strength = 200% threshold = {t} }}" for t in (10, 255)}
        for threshold, out in made(house, pixels, steps).items():
            want = unsharp(pixels, 2, 200, float(threshold))
            # At the threshold itself the last bit decides.
            near = (abs(out.astype(int) - want) > 1.5 * white_of(pixels) / 255).mean()
            assert near < 0.005, (threshold, depth, near)
        assert apart(out, pixels) == 0


def an_unsharp_mask_is_about_that_of_pillow_and_of_imagemagick(house):
    """Both approximate the bell curve in whole numbers."""
    pixels = photo()
    out = made(house, pixels, {"out": "sharpen { method = unsharp sigma = 2 strength = 150% threshold = 3 }"})["out"]
    pillow = as_pixels(as_image(pixels).filter(ImageFilter.UnsharpMask(2, 150, 3)))
    other = magick(pixels, "-unsharp", f"0x2+1.5+{3 / 255:.4f}")
    assert mean_apart(out, pillow) < 1.5 and ssim(out, pillow) > 0.99, (mean_apart(out, pillow), ssim(out, pillow))
    assert mean_apart(out, other) < 1.5 and ssim(out, other) > 0.99, (mean_apart(out, other), ssim(out, other))


def sharpening_sees_no_hidden_colour_and_leaves_alpha(house):
    hidden = flat(40, 40, 90, 120, 150, 255)
    hidden[:, 20:] = (255, 0, 255, 0)
    steps = {"unsharp": "sharpen { method = unsharp sigma = 2 strength = 300% }", "edges": "sharpen { edges = 10 }"}
    for name, out in made(house, hidden, steps).items():
        assert apart(out[:, :, 3:], hidden[:, :, 3:]) == 0, name
        assert apart(out[:, :20], hidden[:, :20]) <= 1, name


def edges_are_sharpened_and_flat_areas_only_where_that_is_asked_for(house):
    pixels = flat(80, 60, 100, 110, 120)
    pixels[:, 40:] = (160, 170, 180)
    pixels[20:40, 5:30:2] += 1
    out = made(house, pixels, {"plain": "sharpen {}", "said": "sharpen { sigma = 0.8 method = edges flat = 0 edges = 3 }",
                               "more": "sharpen { edges = 9 }", "flat": "sharpen { flat = 5 }"})
    assert apart(out["plain"], out["said"]) == 0
    assert apart(out["plain"][:, :34], pixels[:, :34]) <= 1
    assert out["plain"][10, 39].sum() < pixels[10, 39].sum() and out["plain"][10, 40].sum() > pixels[10, 40].sum()
    assert apart(out["more"], pixels) > apart(out["plain"], pixels)
    assert apart(out["flat"][:, :34], pixels[:, :34]) > 1


if __name__ == "__main__":
    sys.exit(main(globals()))
