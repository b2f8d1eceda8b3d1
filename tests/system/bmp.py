"""bmp - BMP pictures of every kind, as Pillow reads them, where it does."""
import sys

from bitmaps import NOT_AT_ALL, all_kinds, refused
from harness import exact, files_below, helper, main, pillow, wait_until


def furthest(ours, theirs):
    return max(abs(a - b) for one, two in zip(ours, theirs, strict=True)
               for a, b in zip(one, two, strict=True))


def every_kind_of_bmp_is_read_pixel_by_pixel(house):
    profile = bytes.fromhex(helper("pillow", "--profile"))
    kinds = all_kinds(profile)
    exact(house)
    for name, made in kinds.items():
        (house.work / f"{name}.bmp").write_bytes(made.data)
        (house.inbox / f"{name}.bmp").write_bytes(made.data)
    house.await_output(*[f"{name}.png" for name in kinds])
    outputs = pillow(*[house.output / f"{name}.png" for name in kinds])
    theirs = pillow(*[house.work / f"{name}.bmp" for name in kinds])
    for (name, made), ours, other in zip(kinds.items(), outputs, theirs, strict=True):
        few = name.startswith(("1-", "2-", "4-", "8-", "rle4", "rle8"))
        assert ours["mode"] == ("RGBA" if made.transparent else "P" if few else "RGB"), (name, ours["mode"])
        assert furthest(ours["pixels"], made.pixels) == 0, (name, ours, made.pixels)
        assert ours["profile"] == (profile.hex() if "profile" in name else ""), name
        if made.pillow is not NOT_AT_ALL:
            assert furthest(ours["pixels"], other["pixels"]) <= made.pillow, (name, ours, other)


def a_bmp_that_is_damaged_or_cut_says_why_and_makes_no_output(house):
    exact(house)
    for name, (data, _) in refused().items():
        (house.inbox / name).write_bytes(data)
    for name, (_, words) in refused().items():
        assert words in house.reason(name), (name, house.reason(name))
    assert files_below(house.output) == []


def a_bmp_is_complete_when_its_last_row_is_there(house):
    exact(house)
    made = all_kinds()
    wholes = {"plain": made["24-bits"].data, "runs": made["rle8"].data}
    files = {name: open(house.inbox / f"{name}.bmp", "wb") for name in wholes}
    for name, file in files.items():
        file.write(wholes[name][:-60])
        file.flush()
    wait_until(lambda: sum(house.get()[1]["folders"][0]["pending"].values()) == 2, "both wait")
    assert files_below(house.output) == []
    for name, file in files.items():
        with file:
            file.write(wholes[name][-60:])
    house.await_output("plain.png", "runs.png")


if __name__ == "__main__":
    sys.exit(main(globals()))
