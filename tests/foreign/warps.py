"""warps - what moves pixels to other places, beside Pillow and ImageMagick."""
import sys

import numpy
from PIL import Image, ImageFilter

from foreign import as_image, as_pixels, flat, main, made, magick, mean_apart, photo, ssim, white_of

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


# ---- perspective ----

START = numpy.array([[0, 0], [1, 0], [1, 1], [0, 1]])
TILTS = {
    "left": [[0, 0], [-15, 15], [-15, -15], [0, 0]], "right": [[15, 15], [0, 0], [0, 0], [15, -15]],
    "top": [[0, 0], [0, 0], [-15, -15], [15, -15]], "bottom": [[15, 15], [-15, 15], [0, 0], [0, 0]],
    "left-stretched": [[0, 0], [0, 15], [0, -15], [0, 0]], "right-stretched": [[0, 15], [0, 0], [0, 0], [0, -15]],
    "top-stretched": [[0, 0], [0, 0], [-15, 0], [15, 0]], "bottom-stretched": [[15, 0], [-15, 0], [0, 0], [0, 0]],
    "top-left": [[0, 0], [-10, 0], [-20, -20], [0, -10]], "top-right": [[10, 0], [0, 0], [0, -10], [20, -20]],
    "bottom-left": [[0, 10], [-20, 20], [-10, 0], [0, 0]], "bottom-right": [[20, 20], [0, 10], [0, 0], [10, 0]],
    "corners": [[0, 0]] * 4,
}
ROWS = ("top_left", "top_right", "bottom_right", "bottom_left")


def corners_of(pixels, tilt, offsets=((0, 0),) * 4, size=100):
    """Where the corners come to, of offsets in percent."""
    sides = numpy.array([pixels.shape[1], pixels.shape[0]])
    return (START + numpy.array(TILTS[tilt]) / 100 + numpy.array(offsets) / 100) * sides * size / 100


def magick_view(pixels, corners, *arguments):
    """What ImageMagick makes of the box around the corners."""
    least, most = numpy.floor(corners.min(0) + 1e-6).astype(int), numpy.ceil(corners.max(0) - 1e-6).astype(int)
    points = " ".join(f"{x * pixels.shape[1]},{y * pixels.shape[0]},{a:.6f},{b:.6f}" for (x, y), (a, b) in zip(START, corners))
    width, height = most - least
    return magick(pixels, "-alpha", "set", "-virtual-pixel", "transparent", "-define",
                  f"distort:viewport={width}x{height}{least[0]:+d}{least[1]:+d}", *arguments, "-distort", "Perspective", points)


def corners_move_as_imagemagick_moves_them(house):
    views = {"a": ((10, 5), (-20, 15), (-10, -15), (0, 0)), "b": ((-20, -10), (5, 0), (12.5, 30), (-3, 4)),
             "c": ((100, 0), (-100, 0), (-110, 10), (100, 0))}  # the last one is seen from behind
    kernels = {"cubic": "catrom", "linear": "bilinear"}
    for bands, depth, kernel in ((3, 8, "cubic"), (3, 16, "linear"), (4, 8, "linear"), (1, 8, "cubic")):
        pixels = photo(80, 60, bands, depth)
        eight = pixels if depth == 8 else (pixels / 257).round().astype(numpy.uint8)
        steps = {view: f"perspective {{ tilt = corners size = 200 kernel = {kernel} " +
                 " ".join(f'{row} = "{x}% {y}%"' for row, (x, y) in zip(ROWS, offsets)) + " }"
                 for view, offsets in views.items()}
        for view, out in made(house, pixels, steps).items():
            want = magick_view(eight, corners_of(pixels, "corners", views[view], 200), "-filter", "point", "-interpolate", kernels[kernel])
            if bands == 1:
                want = want[:, :, [0, -1]]
            assert out.shape == want.shape, (view, bands, out.shape, want.shape)
            seen = out.astype(float) * 255 / white_of(out)
            solid = numpy.array(as_image(want[:, :, -1:]).filter(ImageFilter.MinFilter(11)))[:, :, None] >= (100 if bands == 4 else 255)
            off = abs(seen - want)[:, :, :-1] * solid
            assert solid.mean() > 0.2 and off.max() <= 3, (view, bands, depth, off.max())
            assert abs(seen - want)[:, :, -1].mean() < 4, (view, bands, depth, abs(seen - want)[:, :, -1].mean())


def with_alpha(pixels):
    """Opaque, where they have none."""
    if pixels.shape[2] == 4:
        return pixels
    return numpy.dstack([pixels, numpy.full(pixels.shape[:2], 255, pixels.dtype)])


def every_tilt_looks_as_imagemagick_shows_it(house):
    pixels = photo(160, 120)
    steps = {f"{tilt} {size}": f"perspective {{ tilt = {tilt} size = {size} }}" for tilt in TILTS for size in (100, 60, 9)}
    for name, out in made(house, pixels, steps).items():
        tilt, size = name.split()
        want = magick_view(pixels, corners_of(pixels, tilt, size=float(size)))
        # No background is seen where the frame is of whole pixels: there it has no alpha.
        assert (out.shape[2] == 3) == (name in ("corners 100", "corners 60")), name
        out = with_alpha(out)
        assert out.shape == want.shape, (name, out.shape, want.shape)
        assert mean_apart(out[:, :, 3:], want[:, :, 3:]) < 6, (name, mean_apart(out[:, :, 3:], want[:, :, 3:]))
        seen = [a[:, :, :3] * (a[:, :, 3:] / 255.0) for a in (out, want)]
        assert mean_apart(*seen) < 5, (name, mean_apart(*seen))
        if float(size) > 50:
            assert ssim(*(a.astype(numpy.uint8) for a in seen)) > 0.95, (name, ssim(*(a.astype(numpy.uint8) for a in seen)))


def a_tilt_that_is_not_trimmed_has_the_size_of_the_picture(house):
    pixels = photo(160, 120)
    offsets = ' top_left = "-10% -10%" background = "#204060"'
    out = made(house, pixels, {
        "whole": f"perspective {{ tilt = corners trim = no{offsets} }}", "trimmed": f"perspective {{ tilt = corners{offsets} }}",
        "half": 'perspective { size = 50 trim = no background = "#204060" }', "same": "perspective { tilt = corners }"})
    assert out["whole"].shape == (120, 160, 3) and out["trimmed"].shape == (132, 176, 3)
    assert numpy.array_equal(out["whole"], out["trimmed"][12:, 16:])
    assert out["half"].shape == (60, 80, 3) and (out["half"][:10, :8] == (32, 64, 96)).any()
    assert numpy.array_equal(out["same"], pixels)


def a_picture_that_fills_its_frame_gets_no_alpha(house):
    steps = {"same": "perspective { tilt = corners }", "half": "perspective { tilt = corners size = 50 }",
             "double": "perspective { tilt = corners size = 200 trim = no }",
             "moved": 'perspective { tilt = corners top_left = "-10% 0" bottom_left = "-10% 0" trim = no }',
             "tilted": "perspective {}", "away": 'perspective { tilt = corners top_left = "5% 0" bottom_left = "5% 0" trim = no }'}
    for bands in (1, 3, 4):
        for name, out in made(house, photo(160, 120, bands=bands), steps).items():
            beside = name in ("tilted", "away")
            assert out.shape[2] == (bands + 1 if beside and bands != 4 else bands), (name, bands, out.shape)
            assert bands == 4 or not beside or (out[:, :, -1] < 255).any(), name
    odd = made(house, photo(161, 121), {"half": "perspective { tilt = corners size = 50 }"})["half"]
    assert odd.shape == (61, 81, 4) and (odd[:, -1, 3] < 255).all() and (odd[:-1, :-1, 3] == 255).all()


def what_becomes_much_smaller_is_the_mean_of_what_was_there(house):
    y, x = numpy.mgrid[0:300, 0:400]
    pixels = (((x + y) % 2) * 255).astype(numpy.uint8)[:, :, None]
    out = made(house, pixels, {str(size): f"perspective {{ tilt = top-left size = {size} }}" for size in (1, 5, 30)})
    for size, small in out.items():
        solid = small[:, :, 1] == 255
        assert solid.any() and abs(small[:, :, 0][solid].astype(int) - 127.5).max() < 12, (size, small[:, :, 0][solid])


def a_picture_of_a_few_pixels_is_tilted_and_seen_too(house):
    """At its size, and where it would be smaller than a pixel."""
    steps = {f"{tilt} {size}": f"perspective {{ tilt = {tilt} size = {size} }}" for tilt in TILTS for size in (100, 1)}
    for width, height in ((1, 1), (1, 9), (9, 1), (3, 5)):
        for name, out in made(house, flat(width, height, 200, 90, 30), steps).items():
            rows, columns = out.shape[:2]
            out = with_alpha(out)
            seen = out[:, :, 3] > 0
            assert seen.any() and abs(out[seen][:, :3].astype(int) - (200, 90, 30)).max() <= 1, (width, height, name)
            most = (width, height) if name.endswith(" 100") else (1, 1)
            assert 1 <= columns <= most[0] and 1 <= rows <= most[1], (width, height, name, out.shape)


# ---- wave ----

def scene(seed, bands=3):
    """A picture with shapes as photos have them: horizon, discs, bars, in colours of their own."""
    random = numpy.random.default_rng(seed)
    pixels = photo(200, 150, 3, seed=seed).astype(float)
    y, x = numpy.mgrid[0:150, 0:200]
    pixels[y > random.integers(60, 110) + 9 * numpy.sin(x / random.integers(9, 40))] *= random.uniform(0.3, 0.8, 3)
    for _ in range(4):
        middle, radius = random.uniform(0, 1, 2) * (150, 200), random.uniform(8, 40)
        pixels[numpy.hypot(y - middle[0], x - middle[1]) < radius] = random.uniform(0, 255, 3)
    left = random.integers(0, 180)
    pixels[30:140, left:left + 12] += random.uniform(-120, 120, 3)
    pixels = numpy.clip(pixels.round(), 0, 255).astype(numpy.uint8)
    return pixels if bands == 3 else numpy.concatenate([pixels, photo(200, 150, 2, seed=seed)[:, :, 1:]], 2)


def waves_are_those_of_imagemagick(house):
    waves = {"4px 80px": (4, 80), "2% 10%": (3, 20), "10.5px 300px": (10.5, 300), "6px 25%": (6, 50)}
    for seed in range(1, 6):
        pixels = scene(seed)
        steps = {name: 'wave {{ height = {} length = {} background = "#204060" }}'.format(*name.split()) for name in waves}
        steps["default"] = 'wave { background = "#204060" }'
        for name, out in made(house, pixels, steps).items():
            height, length = waves.get(name, (3, 20))
            want = magick(pixels, "-background", "#204060", "-wave", f"{height}x{length}")
            assert out.shape == want.shape, (name, out.shape, want.shape)
            assert ssim(out, want) >= 0.9, (name, seed, ssim(out, want))


def a_wave_leaves_what_is_beside_it_transparent(house):
    for bands in (3, 4):
        pixels = scene(1, bands)
        out = made(house, pixels, {"a": "wave { height = 5px length = 60px }", "none": "wave { height = 0 }"})
        want = magick(pixels, "-alpha", "set", "-background", "none", "-virtual-pixel", "transparent", "-wave", "5x60")
        assert out["a"].shape == want.shape == (160, 200, 4)
        assert numpy.array_equal(out["none"], pixels)
        seen = [(a * (a[:, :, 3:] / 255.0)).astype(numpy.uint8) for a in (out["a"], want)]
        assert ssim(*seen) > 0.9 and mean_apart(*seen) < 4, (bands, ssim(*seen), mean_apart(*seen))
        assert (out["a"][:7, 12:19, 3] == 0).all() and (out["a"][-7:, 42:49, 3] == 0).all()


if __name__ == "__main__":
    sys.exit(main(globals()))
