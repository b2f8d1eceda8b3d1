"""art - pictures that look drawn or painted, beside what ImageMagick and Pillow make of the same ones."""
import sys

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from foreign import apart, as_image, as_pixels, made, magick, main, mean_apart, photo, ssim


def shapes(seed, width=300, height=200):
    """A photo of its own for each seed, in which things stand before each other, as in real ones."""
    random = numpy.random.default_rng(seed)
    image = Image.fromarray(photo(width, height, seed=seed))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = int(random.integers(width)), int(random.integers(height))
        size = int(random.integers(8, 60))
        colour = tuple(int(part) for part in random.integers(0, 256, 3))
        draw.ellipse((x, y, x + 2 * size, y + size), colour)
        draw.line((x, y, int(random.integers(width)), int(random.integers(height))), colour, size // 8 + 1)
    return numpy.asarray(image.filter(ImageFilter.GaussianBlur(float(random.uniform(0.3, 1)))))


def paint_makes_the_picture_that_imagemagick_paints(house):
    for seed in range(5):
        pixels = shapes(seed)
        steps = {str(radius): f"paint {{ radius = {radius}px }}" for radius in (1, 3, 5.5)}
        for radius, out in made(house, pixels, steps).items():
            want = magick(pixels, "-paint", radius)
            same = (out == want).all(2).mean()  # it weighs colours with more digits
            assert same > 0.95 and ssim(out, want) > 0.98, (seed, radius, same, ssim(out, want))


def charcoal_draws_what_imagemagick_draws(house):
    for seed in range(5):
        pixels = shapes(seed)
        steps = {str(radius): f"charcoal {{ radius = {radius}px }}" for radius in (1, 1.4, 2.5, 4, 12)}
        for radius, out in made(house, pixels, steps).items():
            want = magick(pixels, "-charcoal", radius, "-colorspace", "gray")
            assert ssim(out, want) > 0.99 and apart(out, want) <= 2, (seed, radius)


def draws_with_alpha_and_depth(house, step, colours):
    """The drawing of 16 bits is that of 8, and of what is opaque that without alpha; the colours that
    transparent pixels hide are not drawn."""
    pixels = shapes(1, 120, 90)
    deep = made(house, pixels.astype(numpy.uint16) * 257, {"out": step})["out"]
    out = made(house, pixels, {"out": step})["out"]
    assert deep.dtype == numpy.uint16 and out.shape[2] == colours
    assert abs(deep / 257 - out).max() < 1, step
    opaque = numpy.dstack([pixels, numpy.full((90, 120), 255, numpy.uint8)])
    assert (made(house, opaque, {"out": step})["out"][:, :, :-1] == out).all(), step
    opaque[20:50, 30:70, 3] = 0
    hidden = opaque.copy()
    hidden[20:50, 30:70, :3] = (255, 0, 90)
    both = [made(house, each, {"out": step})["out"] for each in (opaque, hidden)]
    seen = both[0][:, :, -1] > 0
    assert (both[0][seen] == both[1][seen]).all() and ((both[1][:, :, -1] > 0) == seen).all(), step
    assert abs((~seen).mean() - 30 * 40 / (90 * 120)) < 0.01, step


def drawings_take_alpha_and_16_bits(house):
    draws_with_alpha_and_depth(house, "charcoal { radius = 2px }", 1)
    draws_with_alpha_and_depth(house, "paint { radius = 2px }", 3)
    draws_with_alpha_and_depth(house, "sketch {}", 1)
    draws_with_alpha_and_depth(house, "sketch { colour = yes details = 4 }", 3)


def sketched(pixels, details):
    """Phatch's steps: grey, its negative softened so many times, and colour dodge."""
    grey = as_image(pixels).convert("L")
    soft = ImageOps.invert(grey)
    for _ in range(details):
        soft = soft.filter(ImageFilter.BLUR)
    grey, soft = (numpy.asarray(image).astype(int) for image in (grey, soft))
    return numpy.minimum(grey * 255 // (256 - soft), 255).astype(numpy.uint8)[:, :, None]


def sketch_does_the_steps_of_phatch(house):
    for seed in range(5):
        pixels = shapes(seed)
        steps = {str(details): f"sketch {{ details = {details} }}" for details in (1, 2, 5, 20)}
        for details, out in made(house, pixels, steps).items():
            want = sketched(pixels, int(details))  # rounds to 8 bits before it divides: dark parts differ
            assert ssim(out, want) > 0.98 and mean_apart(out, want) < 3, (seed, details)


def sketch_in_colour_draws_each_colour_alone(house):
    pixels = shapes(3)
    out = made(house, pixels, {"out": "sketch { colour = yes }"})["out"]
    for band in range(3):
        alone = made(house, numpy.ascontiguousarray(pixels[:, :, band:band + 1]), {"out": "sketch {}"})["out"]
        assert apart(out[:, :, band:band + 1], alone) <= 1


def softened(pixels):
    return as_pixels(as_image(pixels).filter(ImageFilter.GaussianBlur(5)))


def pencil_is_as_near_to_imagemagick_as_that_is_to_itself(house):
    """Its strokes are random. Two of its pictures have an SSIM of 0.6 to 0.7; ours is as near to one of them,
    and in the mean of many strokes they are the same."""
    for seed, radius, sigma, angle in ((0, 0, 20, 120), (1, 0, 5, 0), (2, 3, 20, 30), (3, 5, 4, -45), (4, 0, 8, 90)):
        pixels = shapes(seed)
        step = f"pencil {{ radius = {radius or 'auto'} sigma = {sigma}px angle = {angle} }}"
        out = made(house, pixels, {"out": step})["out"]
        first, second = (magick(pixels, "-sketch", f"{radius}x{sigma}+{angle % 360}") for _ in range(2))
        assert ssim(out, first) > ssim(first, second) - 0.03, (seed, ssim(out, first), ssim(first, second))
        assert mean_apart(softened(out), softened(first)) < mean_apart(softened(first), softened(second)) + 2, seed


def pencil_strokes_are_those_of_the_file(house):
    pixels, other = shapes(0), shapes(1)
    steps = {name: "pencil { sigma = 5px }" for name in ("one", "two")}
    out = made(house, pixels, steps)
    assert (out["one"] == out["two"]).all()
    assert (made(house, pixels, steps)["one"] == out["one"]).all()
    grey = numpy.full_like(pixels, 40)
    nearly = grey.copy()
    nearly[0, 0] = other[0, 0] | 1
    pair = [made(house, each, steps)["one"] for each in (grey, nearly)]
    assert (pair[0] != pair[1]).mean() > 0.5


def pencil_strokes_go_in_the_direction_of_the_angle(house):
    pixels = numpy.full((200, 300, 1), 40, numpy.uint8)
    out = made(house, pixels, {"across": "pencil { angle = 0 }", "down": "pencil { angle = 90 }"})
    for name, axis in (("across", 1), ("down", 0)):
        values = out[name][:, :, 0].astype(float)
        along, beside = (abs(numpy.diff(values, axis=each)).mean() for each in (axis, 1 - axis))
        assert beside > 2 * along, (name, along, beside)


if __name__ == "__main__":
    sys.exit(main(globals()))
