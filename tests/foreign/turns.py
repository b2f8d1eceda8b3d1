"""turns - right angles, mirrors and EXIF's orientations, beside Pillow's transpositions."""
import io
import sys

import numpy
from PIL import Image, ImageOps

from foreign import apart, as_image, as_pixels, files_made, main, made, photo, read

# What Pillow calls clockwise is counterclockwise by 360 less.
ANGLES = {"none": None, "90": Image.Transpose.ROTATE_270, "180": Image.Transpose.ROTATE_180,
          "270": Image.Transpose.ROTATE_90}
MIRRORS = {"none": None, "horizontal": Image.Transpose.FLIP_LEFT_RIGHT, "vertical": Image.Transpose.FLIP_TOP_BOTTOM,
           "across": Image.Transpose.FLIP_LEFT_RIGHT, "down": Image.Transpose.FLIP_TOP_BOTTOM}
# EXIF 2.32, 4.6.4 A: how a picture that says so is to be turned, as tools name it.
ORIENTATIONS = {2: ("none", "horizontal"), 3: ("180", "none"), 4: ("none", "vertical"), 5: ("270", "horizontal"),
                6: ("90", "none"), 7: ("90", "horizontal"), 8: ("270", "none")}


def transposed(image, angle, mirror):
    """Mirrored, and then turned."""
    for method in (MIRRORS[mirror], ANGLES[angle]):
        image = image if method is None else image.transpose(method)
    return image


def all_turns():
    return {f"{angle}-{mirror}": f"turn {{ angle = {angle} mirror = {mirror} }}" for angle in ANGLES for mirror in MIRRORS}


def each_angle_and_mirror_is_what_pillow_makes(house):
    for bands in (1, 3, 4):
        pixels = photo(61, 40, bands)
        for name, out in made(house, pixels, all_turns()).items():
            want = as_pixels(transposed(as_image(pixels), *name.split("-")))
            assert apart(out, want) == 0, (name, bands)


def sixteen_bits_are_turned_and_mirrored_exactly(house):
    pixels = photo(61, 40, 4, 16)
    for name, out in made(house, pixels, all_turns()).items():
        angle, mirror = name.split("-")
        want = {"horizontal": pixels[:, ::-1], "across": pixels[:, ::-1], "vertical": pixels[::-1],
                "down": pixels[::-1]}.get(mirror, pixels)
        want = numpy.rot90(want, -int(angle) // 90) if angle != "none" else want
        assert apart(out, want) == 0, name


def mirror_and_angle_undo_an_orientation_of_exif(house):
    """Each in EXIF's order: what Pillow makes upright by the tag alone, the same words make without it."""
    pixels = photo(61, 40)
    for number, (angle, mirror) in ORIENTATIONS.items():
        exif = Image.Exif()
        exif[0x112] = number
        file = io.BytesIO()
        as_image(pixels).save(file, "PNG", exif=exif)
        want = as_pixels(ImageOps.exif_transpose(Image.open(file)))
        out = made(house, pixels, {"one": f"turn {{ angle = {angle} mirror = {mirror} }}"})["one"]
        assert apart(out, want) == 0, number


def upright_turns_as_pillow_reads_the_orientation(house):
    pixels = photo(61, 40)
    for number in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = number
        source = house.top / f"{number}.png"
        as_image(pixels).save(source, exif=exif)
        want = as_pixels(ImageOps.exif_transpose(Image.open(source)))
        out = read(files_made(house, source, {str(number): "upright {}"})[str(number)])
        assert apart(out, want) == 0, number


def a_jpeg_is_turned_without_another_colour(house):
    """From JPEG to JPEG planes are turned: whole blocks and halved colour come from the other side then."""
    source = house.top / "source.jpg"
    Image.effect_mandelbrot((71, 53), (-2, -1.2, 1, 1.2), 40).convert("RGB").save(source, quality=95, subsampling=2)
    steps = {name: step + f' save {{ name = "{name}.jpg" quality = 95 exists = replace }}'
             for name, step in all_turns().items()}
    files_made(house, source, steps)
    for name in steps:
        with Image.open(house.output / f"{name}.jpg") as out, Image.open(source) as before:
            want = transposed(before, *name.split("-"))
            assert out.size == want.size, name
            assert abs(numpy.asarray(out).astype(int) - numpy.asarray(want)).mean() < 1.5, name


def another_angle_is_refused_with_the_name_of_rotate(house):
    config = house.top / "wrong.conf"
    config.write_text('profile "p" { turn { angle = 10 } save {} }\n')
    done = house.command("check", "--config", config)
    assert done.returncode != 0 and "rotate takes any angle" in done.stdout + done.stderr, done


if __name__ == "__main__":
    sys.exit(main(globals()))
