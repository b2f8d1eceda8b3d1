"""pages - files of several pictures: frames of animations, pages of scans."""
import json
import sys
from pathlib import Path

import tiffs
from harness import files_below, helper, main

PROFILE = 'profile "pages" {{ {pages} save {{ name = "{{stem}}.{{ext}}-made.png" larger = accept }} }}\n'


def results(house, pages):
    """{name of the source: its result}"""
    config, source = house.top / "pages.conf", house.top / "frames"
    config.write_text(PROFILE.format(pages=pages))
    source.mkdir()
    helper("frames", source)
    done = house.command("run", "pages", "--config", config, "--output", house.output, "--json", source)
    found = {Path(one["source"]).name: one for one in json.loads(done.stdout)["pictures"]}
    assert len(found) == 9, done.stdout + done.stderr
    return found


def the_first_of_several_pictures_is_taken_and_the_result_says_so(house):
    for name, picture in results(house, "").items():
        several, number, words = (*name.split(".")[0].split("-"), "", "")[:3]
        expected = f"1 of {number} {words}" if several == "several" else None
        assert picture["state"] == "done" and picture.get("note") == expected, (name, picture)


def pages_in_a_circle_are_counted_once(house):
    grey = tiffs.page(tiffs.grey(), tiffs.GREY)
    for pages in 1, 2:
        data = bytearray(tiffs.file([grey] * pages))
        data[-4:] = data[4:8]  # behind the last page comes the first
        (house.work / f"{pages}.tif").write_bytes(data)
    config = house.top / "pages.conf"
    config.write_text(PROFILE.format(pages=""))
    done = house.command("run", "pages", "--config", config, "--output", house.output, "--json",
                         *(house.work / f"{pages}.tif" for pages in (1, 2)))
    notes = {Path(one["source"]).stem: one.get("note") for one in json.loads(done.stdout)["pictures"]}
    assert notes == {"1": None, "2": "1 of 2 pages"}, done.stdout


def a_profile_may_reject_files_of_several_pictures(house):
    for name, picture in results(house, "pages = reject").items():
        if name.startswith("several"):
            number, words = name.split(".")[0].split("-")[1:]
            assert picture["error"]["what"].startswith(f"it has {number} {words}, "), (name, picture)
            assert "pages = first" in picture["error"]["fix"], (name, picture)
        else:
            assert picture["state"] == "done" and "note" not in picture, (name, picture)
    assert len(files_below(house.output)) == 5


if __name__ == "__main__":
    sys.exit(main(globals()))
