"""orientations - each way in which a camera can be held, in each format, as other programs see it."""
import json
import sys

from harness import files_below, helper, long, main

EXTENSIONS = ("jpg", "webp", "png", "tif")
SOME, ALL = (1, 2, 6), range(1, 9)
PROFILES = """
profile "{name}" {{
    {steps}
{saves}
}}
"""


def judged(directory):
    names = files_below(directory)
    assert names
    found = json.loads(helper("quarters", "judge", *[directory / name for name in names]))
    return {name: found[str(directory / name)] for name in names}


def results(house, steps, save="", orientations=SOME, extensions=EXTENSIONS):
    """Of each source and extension what `steps` and a save make: {(kind, orientation, extension): found}; and of the
    sources, by their names."""
    saves = "\n".join(f'    save {{ name = "{{stem}}.{extension}" quality = 95 {save} }}' for extension in extensions)
    config, source, output = house.top / "turn.conf", house.top / "turned", house.top / "results"
    config.write_text(PROFILES.format(name="turn", steps=steps, saves=saves))
    source.mkdir()
    helper("quarters", "make", source, *map(str, orientations))
    done = house.command("run", "turn", "--config", config, "--output", output, source)
    assert done.returncode == 0, done.stderr
    found = {}
    for name, result in judged(output).items():
        stem, extension = name.rsplit(".", 1)
        kind, orientation = stem.split("-")
        found[kind, int(orientation), extension] = result
    assert len(found) == 8 * len(orientations) * len(extensions), len(found)
    return found, judged(source)


def is_upright(result, size, wanted="RGBW"):
    return (result["quarters"] == wanted and result["size"] == list(size)
            and result["orientation"] in (None, 1))


def as_decoded(kind, orientation, sources):
    """Without an order to the decoder, what EXIF says in a HEIC is information only."""
    return sources[f"{kind}-{orientation}.heic"]


def all_upright(found, sources):
    for (kind, orientation, extension), result in found.items():
        if kind == "informative":
            wanted = as_decoded(kind, orientation, sources)
            assert is_upright(result, wanted["size"], wanted["quarters"]), (kind, orientation, extension, result)
        else:
            assert is_upright(result, (96, 64)), (kind, orientation, extension, result)


def a_picture_is_upright_in_every_format_that_it_is_saved_in(house):
    all_upright(*results(house, "upright {}"))


@long
def every_orientation_comes_out_upright_in_every_format(house):
    all_upright(*results(house, "upright {}", "", ALL, (*EXTENSIONS, "avif")))


def steps_see_the_picture_upright_without_a_step_for_it(house):
    found, _ = results(house, "crop { left = 48 } scale { width = 24 }", "metadata = no")
    for (kind, orientation, extension), result in found.items():
        if kind == "informative":
            continue
        assert is_upright(result, (24, 32), "GGWW"), (kind, orientation, extension, result)


def an_unchanged_picture_keeps_its_tag_only_where_viewers_use_it(house):
    found, sources = results(house, "")
    for (kind, orientation, extension), result in found.items():
        if (kind, extension) in (("jpeg", "jpg"), ("progressive", "jpg"), ("tiff", "tif")):
            stored = sources[f"{kind}-{orientation}.{extension}"]
            assert result == stored, (kind, orientation, extension, result, stored)
        elif kind != "informative":
            assert is_upright(result, (96, 64)), (kind, orientation, extension, result)


def without_metadata_no_picture_relies_on_its_tag(house):
    found, _ = results(house, "", "metadata = no")
    for (kind, orientation, extension), result in found.items():
        if kind != "informative":
            assert is_upright(result, (96, 64)), (kind, orientation, extension, result)


if __name__ == "__main__":
    sys.exit(main(globals()))
