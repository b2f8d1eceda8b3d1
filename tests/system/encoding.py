"""encoding - how outputs are encoded, which no other program shows."""
import struct
import sys

from harness import main, make_picture

STANDARD = 416  # bytes of the four tables of codes that the JPEG standard suggests, without their lengths


def codes(jpeg):
    """How many bytes the tables of codes have."""
    found, at = 0, 2
    while jpeg[at + 1] != 0xda:
        length = struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        found += length - 2 if jpeg[at + 1] == 0xc4 else 0
        at += 2 + length
    return found


def only_a_small_copy_of_a_large_photo_gets_codes_of_its_own(house):
    source, output, config = house.top / "photo.jpg", house.top / "made", house.top / "sizes.conf"
    make_picture(source, size="800x600")
    config.write_text("""profile "sizes" {
    scale { width = 700 height = 700 } save { name = "large.jpg" }
    scale { width = 200 height = 200 } save { name = "small.jpg" }
}""")
    done = house.command("run", "sizes", "--config", config, "--output", output, source)
    assert done.returncode == 0, done.stderr
    assert codes((output / "large.jpg").read_bytes()) == STANDARD
    assert codes((output / "small.jpg").read_bytes()) < STANDARD // 2


if __name__ == "__main__":
    sys.exit(main(globals()))
