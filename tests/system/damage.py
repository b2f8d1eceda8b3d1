"""damage - pictures of which a part is missing or damaged fail, and those that only lack an end mark do not."""
import json
import sys
import zlib
from pathlib import Path

import tiffs
from harness import files_below, helper, main


def results(house, kind):
    """Of a run over the pictures of the kind: by their names, what became of them."""
    source, pictures = house.top / "halves", house.top / kind
    source.mkdir()
    pictures.mkdir()
    helper("halves", source)
    for path in source.glob(f"{kind}-*"):
        path.rename(pictures / path.name)
    done = house.command("run", "small", "--config", house.config, "--output", house.output, "--json", pictures)
    found = {Path(picture["source"]).name: picture for picture in json.loads(done.stdout)["pictures"]}
    assert len(found) == len(list(pictures.iterdir())) > 3, found
    return found


def whole_pictures_are_done_whatever_lies_between_and_behind_their_data(house):
    for name, picture in results(house, "whole").items():
        assert picture["state"] == "done", (name, picture)
        assert picture.get("note") == ("1 of 2 frames" if "gif-two" in name else None), (name, picture)


def a_picture_without_its_end_mark_is_done_and_says_so(house):
    for name, picture in results(house, "endless").items():
        assert picture["state"] == "done", (name, picture)
        assert "end marker" in picture["note"] and "whole" in picture["note"], (name, picture)


def a_picture_with_missing_or_damaged_data_fails_and_makes_no_output(house):
    for name, picture in results(house, "broken").items():
        assert picture["state"] == "failed", (name, picture)
        assert any(word in picture["error"]["what"] for word in ("incomplete", "damaged")), (name, picture)
    assert files_below(house.output) == []


def a_cut_picture_fails_also_where_no_step_looks_at_what_lacks(house):
    house.config.write_text(house.config.read_text() + 'profile "top" { crop { bottom = 60% } save { name = "{stem}.png" } }\n')
    source = house.top / "all"
    source.mkdir()
    helper("halves", source)
    cut = [source / f"broken-{name}" for name in ("jpeg-cut.jpg", "grey-cut.jpg", "png-cut.png", "gif-cut.gif")]
    done = house.command("run", "top", "--config", house.config, "--output", house.output, "--json", *cut)
    for picture in json.loads(done.stdout)["pictures"]:
        assert picture["state"] == "failed" and "incomplete" in picture["error"]["what"], picture


def a_cut_picture_says_how_much_of_it_is_there(house):
    found = results(house, "broken")
    for name in ("jpeg-cut.jpg", "grey-cut-and-ended.jpg", "gif-cut.gif", "png-cut.png", "png-cut-and-ended.png",
                 "webp-shortened.webp"):
        what = found[f"broken-{name}"]["error"]["what"]
        percent = int(what.split(" %")[0].split()[-1])
        assert 50 <= percent <= 75, (name, what)  # two thirds of the bytes


def a_folder_waits_for_the_end_mark_and_then_does_without_it(house):
    helper("halves", house.work)
    house.configure(incomplete="1s")
    house.start()
    for name in ("endless-jpeg.jpg", "endless-png-trailer.png", "broken-jpeg-cut.jpg"):
        (house.work / name).rename(house.inbox / name)
    house.await_output("endless-jpeg.jpg", "endless-png-trailer.jpg")
    assert "send the file again" in house.reason("broken-jpeg-cut.jpg"), house.reason("broken-jpeg-cut.jpg")
    house.await_log("its end marker (EOI) is missing, but all of its rows are whole")
    house.await_log("its end marker (IEND) is missing, but all of its rows are whole")


def strips_that_a_tiff_lists_beyond_its_picture_are_not_looked_at(house):
    whole = zlib.compress(b"\x50" * 32 * 16)
    damaged = whole[:-1] + bytes([whole[-1] ^ 255])
    pack = (259, tiffs.SHORT, [8])
    strips = {"beyond": [whole, whole, damaged], "within": [whole, damaged, whole]}
    for name, parts in strips.items():
        (house.work / f"{name}.tif").write_bytes(tiffs.file([tiffs.page(
            tiffs.grey(), tiffs.GREY, more=[pack], parts=parts, rows_per_strip=16)]))
    config = house.top / "strips.conf"
    config.write_text('profile "strips" { save { name = "{stem}.png" } }\n')
    done = house.command("run", "strips", "--config", config, "--output", house.output, "--json",
                         *(house.work / f"{name}.tif" for name in strips))
    states = {Path(one["source"]).stem: one["state"] for one in json.loads(done.stdout)["pictures"]}
    assert states == {"beyond": "done", "within": "failed"}, done.stdout


if __name__ == "__main__":
    sys.exit(main(globals()))
