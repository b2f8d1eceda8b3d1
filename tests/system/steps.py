"""steps - actions as a person writes them, in real workers: text, masks, print sizes."""
import json
import struct
import sys

from harness import main, make_picture, pillow

WIDTH, HEIGHT = 300, 200


def made(house, steps, name="out.png", source=None):
    """The picture that a profile of these steps makes of a photo, as Pillow reads it."""
    config = house.top / "steps.conf"
    config.write_text(f'profile "steps" {{ {steps} save {{ name = "{name}" exists = replace }} }}\n')
    if not source:
        source = house.top / "beach.png"
        make_picture(source, f"{WIDTH}x{HEIGHT}")
    (house.output / name).unlink(missing_ok=True)
    done = house.command("run", "steps", "--config", config, "--output", house.output, source)
    assert done.returncode == 0, done.stderr
    return house.output / name


def changed(before, after):
    """The box of the pixels that differ: left, top, right, bottom."""
    at = [i for i, (a, b) in enumerate(zip(before["pixels"], after["pixels"])) if a != b]
    assert at, "nothing has changed"
    columns, rows = [i % WIDTH for i in at], [i // WIDTH for i in at]
    return min(columns), min(rows), max(columns), max(rows)


def right_half(path):
    """A BMP that is white on the right."""
    rows = HEIGHT * (bytes(3 * WIDTH // 2) + b"\xff" * (3 * WIDTH // 2))
    path.write_bytes(struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54 + len(rows), 0, 54, 40, WIDTH, HEIGHT, 1, 24, 0,
                                 len(rows), 0, 0, 0, 0) + rows)
    return path


def words_are_written_where_they_belong_in_the_sandbox(house):
    plain, = pillow(made(house, ""))
    written, = pillow(made(house, 'text { text = "{stem} <b>" size = 20px place = bottom-right margin = 10px }'))
    left, top, right, bottom = changed(plain, written)
    assert WIDTH - 13 <= right < WIDTH - 8 and HEIGHT - 13 <= bottom < HEIGHT - 8, (right, bottom)
    assert 60 < right - left < 140 and 10 < bottom - top < 30, "seven letters and <b>, as they are"
    nothing, = pillow(made(house, 'text { text = "{title|}" }'))
    assert nothing["pixels"] == plain["pixels"]


def values_of_the_picture_are_no_markup(house):
    source = house.top / "a & b <i>.png"
    make_picture(source, f"{WIDTH}x{HEIGHT}")
    written, = pillow(made(house, 'text { text = "<b>{stem}</b>" markup = yes size = 20px }', source=source))
    plain, = pillow(source)
    changed(plain, written)


def a_length_below_zero_is_too_small_in_every_unit(house):
    config = house.top / "below.conf"
    for length in ("-5px", "-5mm"):
        config.write_text(f'profile "p" {{\n    crop {{ left = {length} top = 9px dpi = 300 }}\n    save {{}}\n}}\n')
        done = house.command("check", "--config", config)
        assert done.returncode == 1 and "below.conf:2: left" in done.stdout + done.stderr, done
        assert "too small" in done.stdout + done.stderr, done


def a_text_that_is_no_template_is_a_mistake_of_its_row(house):
    config = house.top / "wrong.conf"
    config.write_text('profile "p" {\n    text { text = "{widht}" }\n    save {}\n}\n')
    done = house.command("check", "--config", config)
    assert done.returncode == 1
    assert "wrong.conf:2: text = \"{widht}\", column 2: unknown value 'widht'; did you mean width?" in done.stdout + done.stderr


def a_step_works_where_its_mask_is_white(house):
    mask = right_half(house.top / "mask.bmp")
    plain, = pillow(made(house, ""))
    half, = pillow(made(house, f'brightness {{ strength = -100% mask = "{mask}" }}'))
    for i, (before, after) in enumerate(zip(plain["pixels"], half["pixels"])):
        assert after == ([0, 0, 0, 255] if i % WIDTH >= WIDTH // 2 else before), (i, before, after)


def a_length_in_centimetres_needs_to_know_how_many_pixels_an_inch_has(house):
    small, = pillow(made(house, "scale { width = 1.27cm dpi = 300 }"))
    assert len(small["pixels"]) == 150 * 100
    config = house.top / "no-dpi.conf"
    config.write_text('profile "p" {\n    scale { width = 10cm }\n    save {}\n}\n')
    done = house.command("check", "--config", config)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "no-dpi.conf:2: width: how many pixels an inch has is not known; add dpi = 300" in said, said


def a_step_that_is_not_enabled_does_nothing(house):
    plain, = pillow(made(house, ""))
    same, = pillow(made(house, "blur { enabled = no } grey { amount = 0% } brightness { enabled = no }"))
    assert same["pixels"] == plain["pixels"]


def formulas_of_the_picture_give_settings(house):
    small, = pillow(made(house, 'scale { width = "{min(width, 900) / 2}" } crop { left = "{10}%" }'))
    assert len(small["pixels"]) == 135 * 100
    written, = pillow(made(house, 'text { text = "x" size = "{height / 10}px" place = "{width / 2}px 10%" }'))
    plain, = pillow(made(house, ""))
    left, top, _, _ = changed(plain, written)
    assert WIDTH // 2 <= left < WIDTH // 2 + 10 and HEIGHT // 10 <= top < HEIGHT // 10 + 20, (left, top)


def a_setting_out_of_range_fails_its_picture_and_says_the_formula_and_the_values(house):
    config = house.top / "range.conf"
    config.write_text('profile "p" {\n    rotate { angle = "{width * 2}" }\n    save { name = "x.png" }\n}\n')
    narrow, wide = house.top / "narrow.png", house.top / "wide.png"
    make_picture(narrow, "90x200")
    make_picture(wide, "300x200")
    done = house.command("run", "p", "--config", config, "--output", house.output, narrow, wide)
    assert done.returncode == 1 and "1 done, 1 failed" in done.stdout, done
    assert "wide.png: step 1 (rotate)" in done.stderr.replace(f"{house.top}/", ""), done.stderr
    assert ("angle = {width * 2}: 600: too large (width = 300); let it give -360 to 360" in done.stderr), done.stderr


def a_picture_for_which_no_save_is_enabled_is_done_without_an_output(house):
    config = house.top / "wide.conf"
    config.write_text('profile "p" {\n    save { name = "{stem}.jpg" enabled = "{landscape}" }\n}\n')
    make_picture(house.top / "high.png", "200x300")
    make_picture(house.top / "wide.png", "300x200")
    pictures = [house.top / "high.png", house.top / "wide.png"]
    dry = house.command("run", "p", "--config", config, "--output", house.output, "--dry-run", *pictures)
    assert dry.returncode == 0 and "high.png -> nothing\n" in dry.stdout, dry
    assert "1 would be made, 1 without an output in " in dry.stdout, dry
    done = house.command("run", "p", "--config", config, "--output", house.output, *pictures)
    assert done.returncode == 0 and "1 done, 1 without an output in " in done.stdout, done
    assert "high.png: no output: no save is enabled for this picture" in done.stderr, done.stderr
    assert sorted(path.name for path in house.output.iterdir() if path.is_file()) == ["wide.jpg"]
    again = house.command("run", "p", "--config", config, "--output", house.output, "--json", *pictures)
    counts = json.loads(again.stdout)
    assert [counts[key] for key in ("done", "there_already", "without_output")] == [2, 1, 1], counts


if __name__ == "__main__":
    sys.exit(main(globals()))
