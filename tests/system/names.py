"""names - settings, words and actions by other names, and places, as a person writes them."""
import sys

from harness import main, make_picture, pillow

STEPS = {"by-share": 'fit { width = 100 height = 100 where = "25% 0" }',
         "by-length": 'fit { width = 100 height = 100 place = "100px 0" }',
         "by-word": "fit { width = 100  height = 100  where = center }",
         "plain": "gray {}"}


def part(picture, left):
    """100 x 100 pixels of the picture."""
    rows = [picture["pixels"][y * 400 + left:y * 400 + left + 100] for y in range(100)]
    return [pixel for row in rows for pixel in row]


def checked(house, profile):
    config = house.top / "names.conf"
    config.write_text(profile)
    return house.command("check", "--config", config)


def places_and_other_names_are_understood_without_a_message(house):
    source = house.top / "wide.jpg"
    make_picture(source, "400x100")
    done = checked(house, "".join(f'profile "{name}" {{ {step} save {{ name = "{name}.png" }} }}\n'
                                  for name, step in STEPS.items()))
    assert "center" not in done.stdout + done.stderr and "where" not in done.stdout + done.stderr
    for name in STEPS:
        done = house.command("run", name, "--config", house.top / "names.conf", "--output", house.output, source)
        assert done.returncode == 0, done.stderr
    made = dict(zip(STEPS, pillow(*(house.output / f"{name}.png" for name in STEPS))))
    whole, = pillow(source)
    assert made["by-share"]["pixels"] == part(whole, 75), "of the 300 that are cut off"
    assert made["by-length"]["pixels"] == part(whole, 100)
    assert made["by-word"]["pixels"] == part(whole, 150)
    assert made["plain"]["mode"] == "L"


def the_name_of_another_program_for_an_action_is_answered_with_ours(house):
    done = checked(house, 'profile "p" {\n    resize { width = 9 }\n    save {}\n}\n')
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert ("names.conf:2: resize is called scale here; write scale { ... }; `hotfolder actions resize` "
            "explains it") in said, said
    for word, name in (("keywords", "tag"), ("resize", "scale")):
        shown = house.command("actions", word)
        assert shown.returncode == 0 and shown.stdout.startswith(f"{word} is called {name} here.\n\n{name} - "), shown


def an_action_is_found_by_the_name_that_phatch_gives_it(house):
    shown = house.command("actions", "Imagemagick: Sharpen")
    assert shown.returncode == 0 and "\nsharpen - " in shown.stdout, shown
    assert shown.stdout.startswith("Imagemagick: Sharpen is called sharpen here."), shown
    assert "\n  Sharpen Sigma   `sigma`\n" in shown.stdout, shown
    both = house.command("actions", "transpose").stdout
    assert both.startswith("transpose is called turn or upright here"), both
    assert "\nturn - " in both and "\nupright - " in both, both
    setting = house.command("actions", "Scale Down Only").stdout
    assert setting.startswith("Phatch's Scale has 'Scale Down Only': here `scale`: `enlarge`"), setting
    as_json = house.command("actions", "--json", "Align H").stdout
    assert '"canvas"' in as_json and '"fit"' in as_json, as_json
    wrong = house.command("actions", "auto contras")
    assert wrong.returncode == 1 and "did you mean Auto Contrast?" in wrong.stderr, wrong
    same = house.command("actions", "Scale").stdout
    assert "\n  Scale Down Only        `enlarge`; " in same and "\nscale - " in same, same
    plain = house.command("actions", "scale").stdout
    assert "Phatch" not in plain, plain


def a_setting_by_both_of_its_names_is_set_twice(house):
    done = checked(house, 'profile "p" {\n    fit { width = 9 height = 9\n    where = top\n    place = left }\n'
                          "    save {}\n}\n")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "names.conf:4: where is set twice, as place, first at " in said and "names.conf:3; keep one" in said, said


if __name__ == "__main__":
    sys.exit(main(globals()))
