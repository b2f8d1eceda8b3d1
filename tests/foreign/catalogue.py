"""catalogue - the pictures of packaging/catalogue are what hotfolder makes of its photo today."""
from pathlib import Path

from PIL import Image

from foreign import as_pixels, main, mean_apart, run
from harness import BUILD, long

CATALOGUE = Path(__file__).resolve().parents[2] / "packaging/catalogue"


def on_white(path):
    image = Image.open(path).convert("RGBA")
    return as_pixels(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"))


@long  # what lacks its picture is found by tests/lint/documents
def the_catalogue_shows_what_actions_and_profiles_make(house):
    run("/usr/bin/python3", CATALOGUE / "make", BUILD, house.top / "made")
    made = {path.relative_to(house.top / "made") for path in house.top.glob("made/**/*.webp")}
    kept = {path.relative_to(CATALOGUE) for path in CATALOGUE.glob("**/*.webp")}
    assert made == kept, made ^ kept
    for path in made:
        apart = mean_apart(on_white(CATALOGUE / path), on_white(house.top / "made" / path))
        assert apart < 3, f"{path}: {apart:.1f}; `cmake --build BUILD --target catalogue` makes it again"


if __name__ == "__main__":
    raise SystemExit(main(globals()))
