"""warps - what moves pixels to other places, beside Pillow and ImageMagick."""
import sys

import numpy
from PIL import Image

from foreign import as_image, as_pixels, main, made, magick, photo, ssim, white_of

FILTERS = {"nearest": Image.Resampling.NEAREST, "linear": Image.Resampling.BILINEAR}  # its bicubic is a sharper one


def centre(pixels, width, height):
    left, top = (pixels.shape[1] - width) // 2, (pixels.shape[0] - height) // 2
    return pixels[top:top + height, left:left + width]


def centred_disc(pixels, radius):
    y, x = numpy.mgrid[0:pixels.shape[0], 0:pixels.shape[1]]
    return (numpy.hypot(x - (pixels.shape[1] - 1) / 2, y - (pixels.shape[0] - 1) / 2) < radius)[:, :, None]


# ---- rotate ----

def right_angles_move_pixels_exactly(house):
    steps = {str(angle): f"rotate {{ angle = {angle} expand = yes }}" for angle in (-360, -90, 0, 90, 180, 270, 360)}
    for bands, depth in ((1, 8), (2, 16), (3, 8), (4, 8), (3, 16)):
        pixels = photo(61, 40, bands, depth)
        for name, out in made(house, pixels, steps).items():
            assert numpy.array_equal(out, numpy.rot90(pixels, -int(name) // 90)), (name, bands, depth)
    pixels = photo(61, 41, 4)
    held = made(house, pixels, {"90": 'rotate { angle = 90 background = "#10203040" }', "180": "rotate { angle = 180 }"})
    assert numpy.array_equal(held["180"], pixels[::-1, ::-1])
    assert numpy.array_equal(held["90"][:, 10:51], numpy.rot90(pixels, -1)[10:51])
    assert (held["90"][:, :10] == (16, 32, 48, 64)).all() and (held["90"][:, 51:] == (16, 32, 48, 64)).all()


def any_angle_is_as_pillow_rotates(house):
    angles = (1, 45, 100.5, -30, 359)
    for width, height, bands in ((160, 120, 3), (121, 160, 1)):
        pixels = photo(width, height, bands)
        steps = {f"{angle} {kernel} {expand}":
                 f'rotate {{ angle = {angle} kernel = {kernel} expand = {expand} background = "#000000" }}'
                 for angle in angles for kernel in FILTERS for expand in ("yes", "no")}
        covered = numpy.full((height, width, 1), 255, numpy.uint8)
        for name, out in made(house, pixels, steps).items():
            angle, kernel, expand = name.split()

            def pillow(source, method):
                image = as_image(source).rotate(-float(angle), method, expand=expand == "yes")
                return as_pixels(image).astype(int)
            want = pillow(pixels, FILTERS[kernel])
            assert out.shape == want.shape, (name, out.shape, want.shape)
            whole = pillow(numpy.pad(covered[3:-3, 3:-3], ((3, 3), (3, 3), (0, 0))), Image.Resampling.NEAREST) == 255
            off = abs(out.astype(int) - want) * whole
            # which of two pixels that are as near is the nearest, is a matter of rounding: at 45 a whole diagonal
            assert off.max() <= 1 if kernel == "linear" else (off > 0).mean() < 0.008, (name, off.max(), (off > 0).mean())


def any_angle_is_as_imagemagick_rotates(house):
    for bands, depth in ((3, 8), (4, 8), (3, 16)):
        pixels = photo(bands=bands, depth=depth)
        eight = pixels if depth == 8 else (pixels / 257).round().astype(numpy.uint8)
        steps = {f"{angle} {kernel}": f"rotate {{ angle = {angle} kernel = {kernel} }}"
                 for angle in (25, -70, 180.5) for kernel in ("auto", "cubic", "linear")
                 if bands == 3 or kernel == "linear"}  # theirs leaves colours multiplied by alpha with catrom
        for name, out in made(house, pixels, steps).items():
            angle, kernel = name.split()
            want = magick(eight, "-alpha", "set", "-virtual-pixel", "transparent", "-filter", "point", "-interpolate",
                          "bilinear" if kernel == "linear" else "catrom", "-distort", "SRT", angle)
            seen = out.astype(float) * 255 / white_of(out)
            # edges are smooth here, and a mixture of the pixels beside them there
            off = abs(seen - want)[:, :, :3] * (centred_disc(pixels, 55) & (want[:, :, 3:] > 100))
            assert off.max() <= 2, (name, bands, depth, off.max())
            assert abs(seen - want)[:, :, 3].mean() < 1, (name, bands, depth)


def the_inside_of_a_rotated_picture_is_the_largest_box_without_background(house):
    for width, height, angle in ((160, 120, 10), (160, 120, 45), (200, 30, 60), (61, 180, -20), (90, 90, 45)):
        pixels = photo(width, height)
        steps = {keep: f"rotate {{ angle = {angle} keep = {keep} expand = yes kernel = nearest }}" for keep in ("all", "inside")}
        out = made(house, pixels, steps)
        box = out["inside"].shape
        whole = out["all"][:, :, 3] == 255
        assert box[2] == 3, box
        assert centre(whole, box[1] - 2, box[0] - 2).all(), (width, height, angle, box)
        # no box around the middle that has room is larger
        sums = numpy.pad(whole.astype(int).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        best = 0
        for across in range(2, whole.shape[1], 2):
            for down in range(2, whole.shape[0], 2):
                top, left = (whole.shape[0] - down) // 2, (whole.shape[1] - across) // 2
                filled = (sums[top + down, left + across] - sums[top, left + across] - sums[top + down, left] + sums[top, left])
                if filled == across * down:
                    best = max(best, across * down)
        assert (box[0] + 2) * (box[1] + 2) >= best, (width, height, angle, box, best)
        assert ssim(out["inside"], centre(out["all"], box[1], box[0])[:, :, :3]) > 0.6


if __name__ == "__main__":
    sys.exit(main(globals()))
