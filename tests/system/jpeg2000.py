"""jpeg2000 - JPEG 2000, which a configuration has to accept."""
import json
import sys
from pathlib import Path

from harness import Missing, SKIPPED, main, run

MAKE = """
import sys
try:
    from PIL import Image
except ImportError:
    sys.exit(77)
picture = Image.linear_gradient("L").resize((96, 64)).convert("RGB")
picture.save(sys.argv[1] + "/plain.jp2")
picture.save(sys.argv[1] + "/tiles.j2k", tile_size=(32, 32))
picture.save(sys.argv[1] + "/moved.jp2", offset=(16, 8), tile_offset=(16, 8), tile_size=(96, 64))
picture.save(sys.argv[1] + "/moved.j2k", offset=(16, 8), tile_size=(64, 64))
picture.save(sys.argv[1] + "/moved grid.jp2", offset=(0, 8), tile_offset=(0, 4), tile_size=(96, 96))
"""
COMPARE = """
import sys
from PIL import Image, ImageChops
pictures = [Image.open(name).convert("RGB") for name in sys.argv[1:]]
sys.exit(max(high for _, high in ImageChops.difference(*pictures).getextrema()) > 1)
"""


def results(house, pages=""):
    """{name of the source: its result}"""
    source, config = house.top / "source", house.top / "jp2.conf"
    source.mkdir(exist_ok=True)
    if run("/usr/bin/python3", "-c", MAKE, source, check=False).returncode == SKIPPED:
        raise Missing("no Pillow")
    config.write_text('defaults { accept += { jp2 } }\n'
                      f'profile "p" {{ {pages} save {{ name = "{{name}}.png" }} }}\n')
    done = house.command("run", "p", "--config", config, "--output", house.output, "--json", source)
    return {Path(one["source"]).name: one for one in json.loads(done.stdout)["pictures"]}


def a_jpeg_2000_of_several_resolutions_is_one_picture(house):
    for name, result in results(house, "pages = reject").items():
        if not name.startswith("moved"):
            assert result["state"] == "done" and "note" not in result, result
            run("/usr/bin/python3", "-c", COMPARE, house.top / "source" / name, house.output / f"{name}.png")


def a_jpeg_2000_that_does_not_begin_in_the_corner_of_its_grid_is_refused_in_words(house):
    refused = [result["error"] for name, result in results(house).items() if name.startswith("moved")]
    assert len(refused) == 3, refused
    for error in refused:
        assert "below the corner of its grid, which hotfolder does not read" in error["what"], error
        assert "export it as" in error["fix"], error


if __name__ == "__main__":
    sys.exit(main(globals()))
