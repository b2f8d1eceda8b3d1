"""inks - pictures of CMYK for a press, beside those of lcms through Pillow and through ImageMagick; what is in
their files, Pillow and ExifTool say. The press is that of the profile that libvips has for CMYK without one."""
import itertools
import subprocess
import sys

import numpy
from PIL import Image, ImageCms

from foreign import apart, as_image, as_pixels, main, photo, write
from spaces import BLACK_POINT, INTENTS, SRGB, opened, our_profiles

SAVES = {"tiff": "format = tiff", "packed": "format = tiff compression = zstd tiles = yes",
         "jpeg": "format = jpeg quality = 100", "shared": "format = jpeg quality = 100 subsampling = 420"}


def press_of(house):
    """The file of the profile, and its bytes."""
    path = house.top / "press.icc"
    subprocess.run([house.bin / "picture", "press", path], check=True)
    return path, path.read_bytes()


def by_lcms(pixels, source, press, intent="relative", black_point=True):
    """An array of 8 bits as inks: 255 is full ink."""
    change = ImageCms.buildTransform(opened(source), opened(press), "RGB", "CMYK", INTENTS[intent],
                                     BLACK_POINT if black_point else 0)
    return numpy.asarray(ImageCms.applyTransform(as_image(pixels).convert("RGB"), change))


def saved(house, source, steps, saves):
    """What a profile of these steps makes of a file, with each save by name: paths."""
    config = house.top / "inks.conf"
    lines = [f'branch {{ {steps} save {{ name = "{name}" exists = replace {how} }} }}' for name, how in saves.items()]
    config.write_text('profile "inks" {\n' + "\n".join(lines) + "\n}\n")
    done = house.command("run", "inks", "--config", config, "--output", house.output, source)
    assert done.returncode == 0, done.stderr
    ends = {name: "tif" if "tiff" in how else "jpg" if "jpeg" in how else "png" for name, how in saves.items()}
    return {name: house.output / f"{name}.{end}" for name, end in ends.items()}


def inks_of(path, profile):
    """The inks of a file, of which Pillow reads that it is CMYK and has the profile."""
    with Image.open(path) as image:
        assert image.mode == "CMYK" and image.info["icc_profile"] == profile, path
        return numpy.asarray(image)


def deep_inks_of(path):
    """Inks of 16 bits, by ImageMagick."""
    with Image.open(path) as image:
        width, height = image.size
    raw = subprocess.run(["convert", path, "-depth", "16", "-endian", "MSB", "cmyk:-"], stdout=subprocess.PIPE,
                         check=True, timeout=60).stdout
    return numpy.frombuffer(raw, ">u2").reshape(height, width, 4).astype(numpy.uint16)


def says(path, *tags):
    """What ExifTool reads of it."""
    done = subprocess.run(["exiftool", "-s3", "-n", *(f"-{tag}" for tag in tags), path], stdout=subprocess.PIPE,
                          check=True, timeout=60, text=True)
    return done.stdout.split("\n")[:-1]


def a_press_gets_the_inks_that_lcms_makes(house):
    """Of grey, colours and transparency, which lies on white, in each kind of file."""
    path, press = press_of(house)
    profiles = our_profiles(house)
    for bands, own in itertools.product((1, 3, 4), (None, "adobe-rgb")):
        if bands < 3 and own:
            continue
        pixels = photo(80, 60, bands=bands)
        source = write(house.top / "source.png", pixels, profiles[own] if own else None)
        flat = pixels
        if bands == 4:
            alpha = pixels[:, :, 3:] / 255
            flat = numpy.rint(pixels[:, :, :3] * alpha + 255 * (1 - alpha)).astype(numpy.uint8)
        want = by_lcms(flat, profiles[own] if own else SRGB, press)
        for name, file in saved(house, source, f'icc {{ to = "{path}" }}', SAVES).items():
            far = apart(inks_of(file, press), want)
            mean = abs(inks_of(file, press).astype(int) - want).mean()
            exact = name in ("tiff", "packed")
            assert far <= 1 if exact else mean < (5 if name == "shared" else 0.5), (bands, own, name, far, mean)


def each_intent_makes_the_inks_of_lcms(house):
    path, press = press_of(house)
    pixels = photo(80, 60)
    source = write(house.top / "source.png", pixels)
    seen = set()
    for intent, black in itertools.product(INTENTS, ("yes", "no")):
        step = f'icc {{ to = "{path}" intent = {intent} black_point = {black} }}'
        inks = inks_of(saved(house, source, step, {"x": SAVES["tiff"]})["x"], press)
        assert apart(inks, by_lcms(pixels, SRGB, press, intent, black == "yes")) <= 1, (intent, black)
        seen.add(inks.tobytes())
    assert len(seen) > 2


def inks_of_16_bits_are_those_of_imagemagick(house):
    path, press = press_of(house)
    (house.top / "srgb.icc").write_bytes(SRGB)
    pixels = photo(80, 60, depth=16)
    source = write(house.top / "source.png", pixels)
    file = saved(house, source, f'icc {{ to = "{path}" }}', {"x": "format = tiff"})["x"]
    subprocess.run(["convert", source, "-intent", "Relative", "-black-point-compensation", "-profile",
                    house.top / "srgb.icc", "-profile", path, "-depth", "16", house.top / "theirs.tif"],
                   check=True, timeout=60)
    assert says(file, "BitsPerSample") == ["16 16 16 16"]
    far = abs(deep_inks_of(file).astype(int) - deep_inks_of(house.top / "theirs.tif").astype(int))
    assert far.max() <= 257 and far.mean() < 40, (far.max(), far.mean())


def the_files_say_that_they_are_for_a_press(house):
    path, press = press_of(house)
    source = house.top / "source.jpg"
    as_image(photo(80, 60)).save(source, quality=95)
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-ColorSpace#=1", "-Title=Boats", source], check=True,
                   timeout=60)
    for name, file in saved(house, source, f'icc {{ to = "{path}" }}', SAVES).items():
        assert says(file, "ColorSpaceData", "ProfileDescription", "ColorSpace", "Title") == [
            "CMYK", "Chemical proof", "65535", "Boats"], (name, says(file, "all"))
        if "tiff" in SAVES[name]:
            assert says(file, "PhotometricInterpretation", "InkSet") == ["5", "1"], name
        else:  # Adobe's marker: 0 is CMYK, 2 YCCK
            assert says(file, "ColorComponents", "ColorTransform") == ["4", "2" if name == "shared" else "0"], name


def inks_are_turned_as_they_are(house):
    path, press = press_of(house)
    pixels = photo(80, 60)
    source = write(house.top / "source.png", pixels)
    want = by_lcms(pixels, SRGB, press)
    turned = {"turn { angle = 90 }": numpy.rot90(want, -1), "turn { mirror = vertical }": want[::-1],
              "mirror { direction = horizontal }": numpy.concatenate([want, want[:, ::-1]], 1),
              "roll { x = 7px y = -3px }": numpy.roll(want, (-3, 7), (0, 1)), "upright {}": want}
    for step, inks in turned.items():
        made = saved(house, source, f'icc {{ to = "{path}" }} {step}', {"x": SAVES["tiff"]})["x"]
        assert apart(inks_of(made, press), inks) <= 1, step


def a_proof_on_screen_is_what_lcms_makes_of_the_inks(house):
    path, press = press_of(house)
    pixels = photo(80, 60)
    source = write(house.top / "source.png", pixels)
    inks = Image.fromarray(by_lcms(pixels, SRGB, press), "CMYK")
    back = ImageCms.buildTransform(opened(press), opened(SRGB), "CMYK", "RGB", INTENTS["relative"], BLACK_POINT)
    want = as_pixels(ImageCms.applyTransform(inks, back))
    steps = f'icc {{ to = "{path}" }}'
    for step, how in {steps + " icc { to = srgb }": "format = png", steps: "format = png space = srgb"}.items():
        with Image.open(saved(house, source, step, {"x": how})["x"]) as image:
            assert image.mode == "RGB" and apart(as_pixels(image), want) <= 3, (step, apart(as_pixels(image), want))
    again = saved(house, source, f'{steps} icc {{ to = "{path}" }}', {"x": SAVES["tiff"]})["x"]
    assert abs(inks_of(again, press).astype(int) - numpy.asarray(inks)).mean() < 12


def a_plan_says_when_a_picture_becomes_cmyk(house):
    path, _ = press_of(house)
    config, source = house.top / "inks.conf", write(house.top / "source.png", photo(80, 60, bands=4))
    config.write_text(f'profile "inks" {{ icc {{ to = "{path}" }} save {{ format = tiff }} }}')
    done = house.command("run", "inks", "--plan", "--config", config, "--output", house.output, source)
    assert "becomes CMYK, loses its transparency" in done.stdout, done


def steps_and_formats_without_inks_are_refused_by_check(house):
    path, _ = press_of(house)
    config = house.top / "inks.conf"
    config.write_text(f'profile "inks" {{\nicc {{ to = "{path}" }}\nsave {{ format = webp }}\nblur {{}}\n'
                      'save { format = jpeg }\n}')
    done = house.command("check", "--config", config)
    assert done.returncode and "inks.conf:3: the picture is CMYK here, and a WebP has RGB or grey" in done.stderr, done
    assert "inks.conf:4: the picture is CMYK here, and blur works on grey and RGB; put icc to CMYK last" in done.stderr


if __name__ == "__main__":
    sys.exit(main(globals()))
