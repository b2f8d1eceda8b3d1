"""branches - steps of a profile that leave the picture as it was, as Pillow sees the outputs."""
import json
import sys

import depth
from harness import main, make_picture, pillow

WIDTH, HEIGHT = 90, 60
SRCSET = [160, 120, 90, 60, 40, 20]


def made(house, steps, *sources):
    """The outputs of a profile of these steps: {name: what Pillow reads}."""
    config, output = house.top / "branches.conf", house.top / "made"
    config.write_text(f'profile "b" {{ {steps} }}\n')
    for old in output.glob("*") if output.exists() else []:
        old.unlink()
    done = house.command("run", "b", "--config", config, "--output", output, *sources)
    assert done.returncode == 0, done.stderr
    paths = sorted(output.iterdir())
    return dict(zip((path.name for path in paths), pillow(*paths)))


def of_step(step, outputs):
    """Those whose name begins with the word, by the rest of it."""
    return {name[len(step):]: picture for name, picture in outputs.items() if name.startswith(step)}


def photo(house, orientation=1):
    source = house.top / f"photo-{orientation}.jpg"
    make_picture(source, f"{WIDTH}x{HEIGHT}", orientation=orientation)
    return source


def drawings(house):
    """Of every depth and kind: a grey ramp, colours, both with alpha."""
    for kind, space in depth.SPACE.items():
        for bits in 8, 16:
            colours = 1 if kind in (0, 4) else 3
            pixels = [row[::4] for row in depth.ramp(colours, alpha=40000 if kind >= 4 else None)[::4]]
            if bits == 8:
                pixels = [[tuple(value >> 8 for value in pixel) for pixel in row] for row in pixels]
            source = house.top / f"{space}-{bits}.png"
            source.write_bytes(depth.png(pixels, kind, bits))
            yield source


def is_near(one, other):
    """Within 1 of 255 on the average."""
    if one["size"] != other["size"] or one["mode"] != other["mode"]:
        return False
    apart = [abs(a - b) for p, q in zip(one["pixels"], other["pixels"]) for a, b in zip(p, q)]
    return sum(apart) <= len(apart)


def a_branch_leaves_the_picture_as_it_was(house):
    sources = [photo(house), photo(house, 6), *drawings(house)]
    inside_save, last = 'save { name = "inside-{stem}.png" }', 'save { name = "last-{stem}.png" larger = accept }'
    plain = made(house, f"sharpen {{}} {last}", *sources)
    for inside in ("grey {} scale { width = 20 }", "turn { angle = 90 } brightness { strength = 30% }",
                   "crop { left = 10% } blur { sigma = 3 }"):
        split = made(house, f"sharpen {{}} branch {{ {inside} {inside_save} }} {last}", *sources)
        alone = made(house, f"sharpen {{}} {inside} {inside_save}", *sources)
        assert len(split) == 2 * len(sources)
        assert of_step("last", split) == of_step("last", plain), inside
        assert of_step("inside", split) == of_step("inside", alone), inside
    first = 'save { name = "first-{stem}.png" larger = accept }'
    around = made(house, f"{first} branch {{ grey {{}} {inside_save} }} {last}", *sources)
    assert of_step("first", around) == of_step("last", around)


def branches_are_done_in_their_order_four_deep_and_those_not_enabled_are_left_out(house):
    steps = 'save { name = "0.png" }'
    for level in range(4):
        steps = (f'branch {{ scale {{ width = {20 + 15 * level} }} {steps} }}'
                 f' branch {{ enabled = no save {{ name = "off-{level}.png" }} }}'
                 f' save {{ name = "{level + 1}.png" }}')
    found = made(house, steps, photo(house))
    widths = {name: picture["size"][0] for name, picture in found.items()}
    assert widths == {"0.png": 20, "1.png": 35, "2.png": 50, "3.png": 65, "4.png": WIDTH}, widths


def a_fifth_level_is_a_mistake_with_its_line(house):
    config = house.top / "deep.conf"
    config.write_text('profile "p" {\n' + 5 * "branch {\n" + "save {}\n" + 5 * "}\n" + "}\n")
    done = house.command("check", "--config", config)
    assert done.returncode == 1 and "deep.conf:6: this branch is inside 4 others" in done.stdout + done.stderr, done


def several_sizes_in_branches_are_as_those_of_profiles_of_their_own(house):
    source = house.top / "large.jpg"
    make_picture(source, "640x480")
    size = 'scale {{ width = {0} }} sharpen {{}} save {{ name = "{0:04}.png" }}'.format
    together = made(house, " ".join(f"branch {{ {size(width)} }}" for width in SRCSET), source)
    assert len(together) == len(SRCSET), list(together)
    for width in SRCSET:
        (name, alone), = made(house, size(width), source).items()
        assert is_near(together[name], alone), name


def a_dry_run_names_the_outputs_of_branches(house):
    config = house.top / "dry.conf"
    config.write_text('profile "b" { branch { scale { width = 9 } save { name = "small.png" } }'
                      ' save { name = "whole.png" } }\n')
    done = house.command("run", "b", "--config", config, "--dry-run", "--json", "--output", house.output, photo(house))
    (picture,) = json.loads(done.stdout)["pictures"]
    names = [output.rsplit("/", 1)[-1] for output in picture["outputs"]]
    assert names == ["small.png", "whole.png"], done.stdout
    assert not list(house.output.iterdir())


if __name__ == "__main__":
    sys.exit(main(globals()))
