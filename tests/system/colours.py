"""colours - whatever way a file states its colours, they are seen as they were meant."""
import json
import shutil
import sys
from pathlib import Path

from harness import files_below, helper, main

PATCHES = [[200, 60, 40], [90, 160, 80], [80, 90, 200], [128, 128, 128], [220, 210, 90], [24, 24, 24]]
GREYS = [[200] * 3, [128] * 3, [64] * 3]
# High dynamic range: below three quarters of paper white, at it, at 500 cd/m2, at the peak.
BRIGHT = [[64] * 3, [128] * 3, [190] * 3, [241] * 3, [252] * 3, [255] * 3]
PROFILE = """
profile "colours" {{
    {steps}
    save {{ name = "{{stem}}.{{ext}}-made.png" {save} }}
}}
"""


def results(house, save, steps=""):
    """{name of the source: what is seen of its output}, and the notes by the same names."""
    config, source, output = house.top / "colours.conf", house.top / "sources", house.top / "results"
    config.write_text(PROFILE.format(steps=steps, save=save))
    if not source.exists():
        source.mkdir()
        helper("spaces", "make", source)
    done = house.command("run", "colours", "--config", config, "--output", output, "--json", source)
    assert done.returncode == 0, done.stdout + done.stderr
    notes = {Path(one["source"]).name: one.get("note") for one in json.loads(done.stdout)["pictures"]}
    names = files_below(output)
    found = json.loads(helper("spaces", "judge", *[output / name for name in names]))
    seen = {Path(path).name.removesuffix("-made.png"): result for path, result in found.items()}
    assert sorted(seen) == sorted(notes), (seen, notes)
    return seen, notes


def wanted(name):
    return GREYS if name.startswith("grey") else BRIGHT if name.startswith(("hdr-pq", "hdr-hlg")) else PATCHES


def is_seen(patches, expected, most=2):
    return len(patches) == len(expected) and all(
        abs(value - right) <= most for patch, want in zip(patches, expected) for value, right in zip(patch, want))


def colours_are_seen_as_the_file_states_them_also_without_metadata(house):
    seen, _ = results(house, "metadata = no")
    for name, result in seen.items():
        assert is_seen(result["patches"], wanted(name)), (name, result)
    profiles = {name: result["profile"] for name, result in seen.items()}
    assert profiles["exif-r03.jpg"] == "compatible with Adobe RGB (1998)", profiles
    assert profiles["nclx-p3.avif"] == profiles["cicp-p3.png"] == "Display P3", profiles
    assert "" == profiles["exif-srgb.jpg"] == profiles["nclx-srgb.avif"] == profiles["gamma-as-srgb.png"], profiles


def icc_converts_to_a_profile_that_needs_no_file(house):
    for word, name in (("adobe-rgb", "compatible with Adobe RGB (1998)"), ("p3", "Display P3")):
        seen, _ = results(house, "", f"icc {{ to = {word} }}")
        shutil.rmtree(house.top / "results")
        for source, result in seen.items():
            assert is_seen(result["patches"], wanted(source), 3) and result["profile"] == name, (word, source, result)


def icc_believes_a_profile_that_has_one_table(house):
    """The numbers that a scanner's profile gives, not those of sRGB; and to such a profile nothing is converted."""
    source, config = house.top / "scan.png", house.top / "scan.conf"
    helper("spaces", "scan", source)
    config.write_text('profile "a" { icc { to = srgb } save { name = "icc.png" } }\n'
                      'profile "b" { save { name = "save.png" space = srgb } }\n')
    for profile in "ab":
        house.command("run", profile, "--config", config, "--output", house.top / "scans", source)
    found = json.loads(helper("spaces", "judge", house.top / "scans/icc.png", house.top / "scans/save.png"))
    first, second = found.values()
    assert is_seen(first["patches"], second["patches"], 1) and not is_seen(first["patches"], [(90, 90, 90)] * 6), found


def a_save_in_srgb_converts_what_has_another_space(house):
    seen, _ = results(house, "space = srgb", "scale { width = 96 }")
    for name, result in seen.items():
        assert is_seen(result["patches"], wanted(name)) and not result["profile"], (name, result)
        assert (result["bands"] == 1) == name.startswith("grey"), (name, result)


def high_dynamic_range_is_brought_into_srgb_and_noted(house):
    _, notes = results(house, "larger = accept")
    for name, note in notes.items():
        expected = "PQ" if name.startswith(("hdr-pq", "hdr-colours")) else "HLG" if name.startswith("hdr") else ""
        assert (note or "") == (expected and f"high dynamic range ({expected}) was brought into sRGB"), (name, note)


def linear_scaling_keeps_the_brightness_of_fine_patterns(house):
    """Half of the light is 188 in sRGB; half of the stored values is 128."""
    config, source, output = house.top / "fine.conf", house.top / "fine", house.top / "fine-made"
    source.mkdir()
    helper("spaces", "fine", source)
    steps = {"linear": (188, "scale { width = 32 linear = yes }"), "stored": (128, "scale { width = 32 }"),
             "fitted": (188, "fit { width = 32 height = 32 linear = yes }")}
    for name, (expected, step) in steps.items():
        config.write_text(PROFILE.format(steps=step, save="space = srgb").replace("{stem}", f"{name}/{{stem}}"))
        done = house.command("run", "colours", "--config", config, "--output", output, source)
        assert done.returncode == 0, done.stderr
        found = json.loads(helper("spaces", "judge", *(output / name).iterdir()))
        assert len(found) == 4, found
        for path, result in found.items():
            right = 144 if name == "stored" and "curve" in path else expected  # half of a curve of 1.8, as sRGB
            assert abs(result["mean"] - right) <= 2, (path, result["mean"])


def a_mark_and_a_background_have_their_own_colours_on_a_photo_of_another_space(house):
    marked_photo(house, "photo", "made by a test")


def a_mark_and_a_background_keep_their_colours_on_a_scan_with_a_one_way_profile(house):
    marked_photo(house, "scan", "")


def marked_photo(house, kind, profile_then):
    mark, photo, output = house.top / "mark.png", house.top / "photo.png", house.top / "marked"
    config = house.top / "mark.conf"
    helper("spaces", "mark", mark)
    helper("spaces", kind, photo)
    config.write_text(f"""
profile "mark" {{
    watermark {{ file = "{mark}" place = left width = 16.6667% margin = 0 opacity = 100% }}
    round {{ radius = 16px method = cut background = "#5aa050" }}
    save {{ name = "made.png" }}
}}
profile "corners" {{
    round {{ radius = 16px method = cut }}
    save {{ name = "flat.tif" compression = jpeg quality = 100 background = "#c83c28" }}
}}
""")
    for profile in ("mark", "corners"):
        done = house.command("run", profile, "--config", config, "--output", output, photo)
        assert done.returncode == 0, done.stderr
    made, flat = output / "made.png", output / "flat.tif"
    found = json.loads(helper("spaces", "judge", made, flat))
    assert found[str(made)]["profile"] == found[str(flat)]["profile"] == profile_then, found
    assert is_seen([found[str(made)]["patches"][0]], [[200, 60, 40]]), found
    assert is_seen([found[str(made)]["corner"]], [[90, 160, 80]]), found
    assert is_seen([found[str(flat)]["corner"]], [[200, 60, 40]], 4), found


if __name__ == "__main__":
    sys.exit(main(globals()))
