"""planar - a JPEG that becomes a JPEG without becoming pixels: as good, and looking the same."""
import json
import shutil
import sys

from harness import Missing, files_below, helper, long, main, run

# What changes nothing, and works on pixels: everything behind it does too.
ON_PIXELS = "brightness { strength = 0% }"
LEAST_PSNR, LEAST_SSIM = 0.3, 0.002  # how much less one may be


def pictures(house):
    directory = house.top / "lanes"
    if not directory.exists():
        helper("lanes", "make", directory)
    return directory


def made(house, steps, *names):
    """The outputs of a profile of these steps, which save them in order below numbers or words."""
    number = len(list(house.top.glob("*.conf")))
    config, output = house.top / f"{number}.conf", house.top / f"out{number}"
    config.write_text(f'profile "t" {{ {steps} }}')
    done = house.command("run", "t", "--config", config, "--output", output,
                         *(pictures(house) / f"{name}.jpg" for name in names))
    assert done.returncode == 0, done.stderr
    return output


def judged(house, output, names, original=None, box=None, size=None, extension="jpg"):
    asked = [[f"{output}/{name}.{extension}",
              f"{pictures(house)}/originals/{original or name.split('-')[0]}.png", box, size] for name in names]
    return dict(zip(names, json.loads(helper("lanes", "judge", input=json.dumps(asked)))))


def save(more="", extension="jpg"):
    return f'save {{ name = "{{stem}}.{extension}" metadata = no {more} }}'


def size_of(width, whole=(963, 721)):
    return [width, int(whole[1] * width / whole[0] + 0.5)]


def is_as_good(found, wanted, what):
    assert found["psnr"] >= wanted["psnr"] - LEAST_PSNR, (what, found, wanted)
    assert found["ssim"] >= wanted["ssim"] - LEAST_SSIM, (what, found, wanted)


def thumbnails(house, names, size, box=None):
    """What vipsthumbnail makes of the same pictures, or of a part of them, with our quality."""
    if not shutil.which("vipsthumbnail"):
        raise Missing("no vipsthumbnail")
    output = house.top / f"thumbnails{size[0]}{'-part' if box else ''}"
    output.mkdir(exist_ok=True)
    for name in names:
        source = pictures(house) / f"{name}.jpg"
        if box:
            upright, source = house.top / "upright.tif", house.top / "part.tif"
            run("vips", "autorot", pictures(house) / f"{name}.jpg", upright)
            run("vips", "crop", upright, source, *map(str, (box[0], box[1], box[2] - box[0], box[3] - box[1])))
        run("vipsthumbnail", source, "--size", f"{size[0]}x{size[1]}!", "-o", f"{output / name}.jpg[Q=85]")
    return output


def a_smaller_picture_is_as_good_as_one_of_vipsthumbnail(house):
    names = [f"{kind}-{sampling}" for kind in ("photo", "text", "edges") for sampling in ("420", "422", "444")]
    names += ["grey-420", "photo-440", "photo-411", "photo-410", "photo-progressive"]
    for width in (600, 246, 120):
        size = size_of(width)
        planes = judged(house, made(house, f"scale {{ width = {width} }} {save()}", *names), names, size=size)
        theirs = judged(house, thumbnails(house, names, size), names, size=size)
        for name in names:
            is_as_good(planes[name], theirs[name], (name, width))


@long
def a_picture_that_keeps_its_size_is_as_good_as_one_that_was_made_of_pixels(house):
    names = [f"{kind}-{sampling}" for kind in ("photo", "text", "edges") for sampling in ("420", "422", "444")]
    names += ["grey-420", "photo-440"]
    for steps, box in (("", None), ("crop { left = 101px top = 33px right = 8px }", [101, 33, 955, 721])):
        for asked in ("subsampling = 420", "quality = 92"):
            planes = judged(house, made(house, f"{steps} {save(asked)}", *names), names, box=box)
            pixels = judged(house, made(house, f"{steps} {ON_PIXELS} {save(asked)}", *names), names, box=box)
            for name in names:
                is_as_good(planes[name], pixels[name], (name, steps, asked))


def a_picture_does_not_change_its_look_because_of_a_step(house):
    names = ["photo-420", "edges-420", "text-422", "photo-444", "grey-420", "photo-o6", "photo-o2"]
    for steps in ("", "scale { width = 300 }", "crop { all = 7px } fit { width = 200 height = 201 }", "turn { angle = 90 }",
                  "turn { angle = 270 } scale { width = 300 }", "crop { mode = trim } scale { width = 300 }",
                  "fit { width = 200 height = 100 place = attention }",
                  "scale { width = 300 } sharpen {}", "scale { width = 300 } scale { width = 100 }"):
        saved = save("quality = 97 subsampling = 444")
        planes = made(house, f"upright {{}} {steps} {saved}", *names)
        pixels = made(house, f"upright {{}} {ON_PIXELS} {steps} {saved}", *names)
        pairs = [[f"{planes}/{name}.jpg", f"{pixels}/{name}.jpg"] for name in names]
        means = dict(zip(names, json.loads(helper("lanes", "compare", input=json.dumps(pairs)))))
        assert all(mean < (1.5 if "photo" in name or "grey" in name else 3.5) for name, mean in means.items()), (steps, means)


def each_orientation_comes_out_upright_and_as_good(house):
    names = [f"photo-o{orientation}" for orientation in range(1, 9)]
    for steps, box, size in (("scale { width = 246 }", None, size_of(246)), ("", None, None),
                             ("crop { left = 101px top = 33px }", [101, 33, 963, 721], None),
                             ("crop { left = 101px top = 34px } scale { width = 200 }", [101, 34, 963, 721],
                              size_of(200, (862, 687)))):
        found = judged(house, made(house, f"upright {{}} {steps} {save()}", *names), names, box=box, size=size)
        least, most = (way(one["psnr"] for one in found.values()) for way in (min, max))
        assert most - least < 1 and least > 25, (steps, found)


def colours_are_sampled_as_the_profile_says(house):
    names = ["photo-420", "photo-422", "photo-444", "photo-440"]
    for asked, wanted in (("subsampling = 420", [2, 2]), ("subsampling = 422", [2, 1]), ("subsampling = 444", [1, 1]),
                          ("quality = 89", [2, 2]), ("quality = 90", [1, 1])):
        asked += " larger = accept"
        for steps in ("", "scale { width = 333 }"):
            found = judged(house, made(house, f"{steps} {save(asked)}", *names), names, size=size_of(333) if steps else None)
            for name in names:
                assert found[name]["sampling"] == [wanted, [1, 1], [1, 1]], (name, asked, found[name])
    assert judged(house, made(house, save(), "grey-420"), ["grey-420"])["grey-420"]["mode"] == "L"


def what_is_cut_off_does_not_show_in_the_edges(house):
    for width in (600, 215):
        steps = f"crop {{ left = 101px top = 37px }} scale {{ width = {width} }} {save('quality = 95')}"
        box = [101, 37, 963, 721]
        planes, pixels = (judged(house, made(house, f"{before} {steps}", "framed-420"), ["framed-420"], original="photo",
                                 box=box, size=size_of(width, (862, 684)))["framed-420"] for before in ("", ON_PIXELS))
        is_as_good(planes, pixels, width)


@long
def outputs_of_branches_are_as_good_as_those_of_vipsthumbnail(house):
    widths, names = (700, 240, 60), ["photo-420", "text-420", "photo-o6", "photo-progressive"]
    branches = " ".join(f'branch {{ scale {{ width = {width} }} save {{ name = "{width}/{{stem}}.jpg" }} }}'
                        for width in widths)
    chain = " ".join(f'scale {{ width = {width} }} save {{ name = "{width}/{{stem}}.jpg" }}' for width in widths)
    for steps in (branches, chain, f"crop {{ all = 0px left = 1px }} {branches}", f'{save()} {branches}'):
        output = made(house, steps, *names)
        for width in widths:
            box, whole = ([1, 0, 963, 721], (962, 721)) if "crop" in steps else (None, (963, 721))
            alone = thumbnails(house, names, size_of(width, whole), box)
            found, wanted = (judged(house, where, names, box=box, size=size_of(width, whole))
                             for where in (output / str(width), alone))
            for name in names:
                is_as_good(found[name], wanted[name], (name, width, steps))


def other_formats_get_the_same_picture(house):
    names = ["photo-420", "edges-422"]
    output = made(house, f"scale {{ width = 300 }} {save('quality = 97 subsampling = 444')} {save(extension='png')}", *names)
    pairs = [[output / f"{name}.jpg", output / f"{name}.png"] for name in names]
    means = json.loads(helper("lanes", "compare", input=json.dumps([[str(path) for path in pair] for pair in pairs])))
    assert max(means) < 1.5, means


def pictures_of_other_colours_are_made_of_pixels(house):
    names = ["photo-cmyk", "photo-rgb"]
    found = judged(house, made(house, f"scale {{ width = 246 }} {save()}", *names), names, size=size_of(246))
    assert all(one["mode"] == "RGB" for one in found.values()), found
    assert found["photo-rgb"]["psnr"] > 28, found


def damage_is_refused_in_the_same_words(house):
    source = house.top / "halves"
    source.mkdir()
    helper("halves", source)
    broken = sorted(source.glob("broken-*.jpg"))
    assert len(broken) > 3
    said = []
    for before in ("", ON_PIXELS):
        config = house.top / "damaged.conf"
        config.write_text(f'profile "t" {{ {before} scale {{ width = 50 }} {save()} }}')
        done = house.command("run", "t", "--config", config, "--output", house.output, "--json", *broken)
        said.append({one["source"]: one["error"]["what"] for one in json.loads(done.stdout)["pictures"]})
    assert said[0] == said[1], [(name, what, said[1][name]) for name, what in said[0].items() if what != said[1][name]]
    assert files_below(house.output) == []


if __name__ == "__main__":
    sys.exit(main(globals()))
