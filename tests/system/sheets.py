"""sheets - hotfolder sheet and hotfolder try: pages that a person looks at, judged by Pillow."""
import json
import os
import signal
import subprocess

import bombs
from harness import NOBODY, files_below, helper, main, make_picture, run, wait_until


def swatches(house):
    """A card of plain colours; what each is in sRGB."""
    card = house.work / "card"
    card.mkdir()
    return card, json.loads(helper("swatches", "make", card))


def seen(path, *colours):
    """What Pillow says of a sheet, and the box that each colour fills."""
    found = json.loads(helper("swatches", "find", path, input=json.dumps(colours)))
    return found, found["boxes"]


def dark(path, *boxes):
    return json.loads(helper("swatches", "dark", path, input=json.dumps(boxes)))


def sheet(house, *arguments, **options):
    return house.command("sheet", *arguments, cwd=house.output, **options)


def made(house, *arguments, status=0):
    done = sheet(house, *arguments)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def leftovers(house):
    """What lies in the directory for temporary files, and hidden beside the sheet."""
    return files_below(house.top / "tmp") + [name for name in os.listdir(house.output) if name.startswith(".")]


def with_scratch(house):
    scratch = house.top / "tmp"
    scratch.mkdir()
    return {**house.environment(), "TMPDIR": os.fspath(scratch)}


def middle(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def a_page_of_a4_has_each_photo_in_its_cell_with_its_colours(house):
    card, colours = swatches(house)
    made(house, card)
    names = ("red", "green", "blue", "yellow", "clear", "adobe", "grey", "deep")
    page, boxes = seen(house.output / "index.jpg", *(colours[name] for name in names))
    assert page["format"] == "JPEG" and page["size"] == [2480, 3508] and page["dpi"] == [300, 300], page
    assert all(boxes), dict(zip(names, boxes))
    at = dict(zip(names, boxes))
    # five columns: the sixth picture begins the second row
    rows = [[middle(at[name]) for name in row] for row in (("red", "green", "clear", "adobe"), ("grey", "deep"))]
    assert all(a[0] < b[0] for row in rows for a, b in zip(row, row[1:])), at
    assert all(abs(point[1] - row[0][1]) <= 3 for row in rows for point in row), at
    assert abs(middle(at["grey"])[0] - middle(at["red"])[0]) <= 1 and at["grey"][1] > at["red"][3], at
    wide, high = (at["red"][2] - at["red"][0], at["red"][3] - at["red"][1])
    assert abs(wide / high - 1.5) < 0.02 and 380 < wide < 480, at
    assert abs((at["green"][3] - at["green"][1]) / (at["green"][2] - at["green"][0]) - 1.5) < 0.02, at
    # the turned one is upright: its halves lie over each other
    assert at["blue"][3] <= at["yellow"][1] + 2 and abs(at["blue"][0] - at["yellow"][0]) <= 2, at


def a_name_is_written_below_each_photo_and_a_header_above_all(house):
    card, colours = swatches(house)
    made(house, "--columns", "2", "--rows", "2", "--dpi", "100", "-o", "with.png", "--header", "Card {page} of {pages}", card)
    made(house, "--columns", "2", "--rows", "2", "--dpi", "100", "-o", "without.png", "--caption", "", card)
    page, (red,) = seen(house.output / "with-1.png", colours["red"])
    assert page["format"] == "PNG" and page["size"] == [827, 1169] and page["dpi"] == [100, 100], page
    _, (other,) = seen(house.output / "without-1.png", colours["red"])
    left, top, right, bottom = red
    caption, header = (left, bottom + 1, right, bottom + 160), (0, 0, 827, 75)
    assert dark(house.output / "with-1.png", caption, header) > [40, 100]
    left, top, right, bottom = other
    assert dark(house.output / "without-1.png", (left, bottom + 1, right, bottom + 100), (0, 0, 827, 30)) == [0, 0]


def more_photos_than_a_page_has_cells_are_on_numbered_pages(house):
    card, colours = swatches(house)
    done = made(house, "--columns", "3", "--rows", "1", "--page", "120x50mm", "-o", "x.tif", card)
    assert "9 pictures on 3 pages" in done.stdout and "x-1.tif ... x-3.tif" in done.stdout, done.stdout
    assert files_below(house.output) == ["x-1.tif", "x-2.tif", "x-3.tif"]
    places = [seen(house.output / f"x-{number}.tif", colours["red"], colours["clear"], colours["deep"])
              for number in (1, 2, 3)]
    assert all(page["format"] == "TIFF" and page["size"] == [1417, 591] and page["dpi"] == [300, 300]
               for page, _ in places), places
    assert [[bool(box) for box in boxes] for _, boxes in places] == [
        [True, False, False], [False, True, False], [False, False, True]], places


def a_caption_takes_what_each_picture_says_and_leaves_out_what_it_lacks(house):
    card, colours = swatches(house)
    (card / "sub").mkdir()
    (card / "a-red.jpg").rename(card / "sub/a-red.jpg")
    made(house, "--columns", "1", "--rows", "1", "--page", "1200x1000", "--caption", "{camera}", "-o", "a.png", card / "sub")
    made(house, "--columns", "1", "--rows", "1", "--page", "1200x1000", "--caption", "{camera}{stem:upper}",
         "-o", "b.png", card / "sub")
    _, (box,) = seen(house.output / "a.png", colours["red"])
    below = (box[0], box[3] + 1, box[2], 960)
    assert dark(house.output / "a.png", below) == [0]
    assert dark(house.output / "b.png", below)[0] > 20


def a_wrong_caption_or_header_is_said_before_a_picture_is_read(house):
    card, _ = swatches(house)
    for option in ("--caption", "--header"):
        done = made(house, option, "{nosuch}", card, status=2)
        assert f"{option}: unknown value 'nosuch'" in done.stderr, done.stderr
    for value in ("stem", "width", "page + 1"):  # those of the files in which pages are made
        done = made(house, "--header", f"{{{value}}}", card, status=2)
        assert f"--header: unknown value '{value}'; write {{page}}, {{pages}} or {{date:" in done.stderr, done.stderr
    assert not files_below(house.output)


def a_profile_prepares_each_photo_and_saves_nothing(house):
    card, colours = swatches(house)
    with house.config.open("a") as config:
        config.write('profile "grey" { grey {} save { name = "{stem}.jpg" }\n'
                     '  branch { blur {} save { name = "b/{stem}.png" } } }\n')
    made(house, "--config", house.config, "--profile", "grey", "--caption", "", card / "a-red.jpg")
    luma = round(0.2126 * 200 + 0.7874 * 30)
    _, boxes = seen(house.output / "index.jpg", (luma, luma, luma), colours["red"])
    assert boxes[0] and not boxes[1], boxes
    assert files_below(house.output) == ["index.jpg"]
    done = made(house, "--config", house.config, "--profile", "none", "-o", "x.jpg", card, status=2)
    assert "none: no such profile" in done.stderr, done.stderr


def a_profile_that_ends_in_inks_is_shown_in_srgb(house):
    press = house.work / "press.icc"
    run(house.bin / "picture", "press", press)
    card, colours = swatches(house)
    with house.config.open("a") as config:
        config.write(f'profile "press" {{ icc {{ to = "{press}" }} save {{ name = "{{stem}}.tif" }} }}\n')
    made(house, "--config", house.config, "--profile", "press", card / "g-deep.png")
    page, (grey,) = seen(house.output / "index.jpg", colours["deep"])
    assert page["mode"] == "RGB" and grey, page


def a_broken_picture_has_a_cell_that_says_so(house):
    card, colours = swatches(house)
    whole = (card / "a-red.jpg").read_bytes()
    (card / "b-broken.jpg").write_bytes(whole[:len(whole) // 2])
    done = made(house, "--columns", "4", "--rows", "3", card, status=1)
    assert len([line for line in done.stderr.splitlines() if "b-broken.jpg" in line]) == 1, done.stderr
    assert "10 pictures on 1 page, not all of them shown" in done.stdout, done.stdout
    _, (red, green, cell) = seen(house.output / "index.jpg", colours["red"], colours["green"], (236, 236, 236))
    assert red[2] <= cell[0] and cell[2] <= green[0], (red, cell, green)  # in its place
    left, top, right, bottom = cell
    assert dark(house.output / "index.jpg", cell, (left, bottom + 1, right, bottom + 70)) > [40, 40], "no words"


def hostile_pictures_never_reach_the_command(house):
    card, colours = swatches(house)
    jpeg = (card / "a-red.jpg").read_bytes()
    names = []
    for number, (name, content) in enumerate(bombs.disguised().items()):
        path = card / f"x{number}-{os.path.basename(name)}"
        path.write_bytes(content)
        names.append(path.name)
    (card / "y-huge.png").write_bytes(bombs.png(60000, 60000))
    (card / "y-resized.jpg").write_bytes(bombs.resized_jpeg(jpeg, 65000, 65000))
    environment = with_scratch(house)
    done = sheet(house, card, env=environment)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "y-huge.png" in done.stderr and "y-resized.jpg" in done.stderr, done.stderr
    _, boxes = seen(house.output / "index.jpg", *(colours[name] for name in ("red", "green", "adobe")))
    assert all(boxes), boxes
    assert not leftovers(house)


def a_directory_that_cannot_be_read_is_said_and_has_no_cell(house):
    card, colours = swatches(house)
    (card / "closed").mkdir()
    command = [house.bin / "hotfolder", "sheet", "-o", house.output / "index.jpg", card]
    if not os.geteuid():  # root reads every directory
        house.install()
        run("chown", "-R", f"{NOBODY}:{NOBODY}", house.output, card)
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                   house.bin / "hotfolder", *command[1:]]
    (card / "closed").chmod(0)
    done = run(*command, check=False, env={**house.environment(), "HOME": "/nonexistent"})
    (card / "closed").chmod(0o755)
    assert done.returncode == 1 and "closed: cannot read it: Permission denied" in done.stderr, done
    _, (cell, red) = seen(house.output / "index.jpg", (236, 236, 236), colours["red"])
    assert red and not cell, cell


def a_sheet_into_a_hot_folder_is_refused(house):
    card, _ = swatches(house)
    (house.inbox / "sub").mkdir()
    for place in (house.inbox / "index.jpg", house.inbox / "sub/index.jpg"):
        for arguments in (("sheet", "-o", place, card), ("try", "-o", place, "web", card / "a-red.jpg")):
            done = house.command(arguments[0], "--config", house.config, *arguments[1:])
            assert done.returncode == 2 and 'is watched by the hot folder "inbox"' in done.stderr, done
    (house.top / "link").symlink_to(house.inbox)
    done = made(house, "--config", house.config, "-o", house.top / "link/index.jpg", card, status=2)
    assert "is watched" in done.stderr, done.stderr
    assert not files_below(house.inbox)


def a_file_that_is_there_is_kept_unless_it_may_be_replaced(house):
    card, _ = swatches(house)
    for name in ("index.jpg", "many-1.jpg"):
        (house.output / name).write_text("mine")
    for name, columns in (("index.jpg", "5"), ("many.jpg", "1")):
        done = made(house, "--columns", columns, "--rows", "1", "-o", name, card, status=2)
        assert "is there already" in done.stderr and "--replace" in done.stderr, done.stderr
    assert {(house.output / name).read_text() for name in files_below(house.output)} == {"mine"}
    (house.output / "index.jpg").unlink()
    made(house, card)
    first = (house.output / "index.jpg").stat().st_ino
    made(house, "--replace", card)
    assert (house.output / "index.jpg").stat().st_ino != first
    assert seen(house.output / "index.jpg")[0]["size"] == [2480, 3508]
    assert files_below(house.output) == ["index.jpg", "many-1.jpg"]


def a_file_that_is_no_sheet_is_never_replaced(house):
    card, _ = swatches(house)
    photo = card / "a-red.jpg"
    before = photo.read_bytes()
    (house.output / "many-2.jpg").write_text("mine")
    (house.output / "link.jpg").symlink_to(photo)
    for name, columns in ((photo, "5"), ("link.jpg", "5"), ("many.jpg", "1")):
        done = house.command("sheet", "--replace", "--columns", columns, "--rows", "1", "-o", name, card,
                             cwd=house.output)
        assert done.returncode == 2 and "is no sheet that hotfolder has made" in done.stderr, done
    assert photo.read_bytes() == before and (house.output / "many-2.jpg").read_text() == "mine"
    assert files_below(house.output) == ["link.jpg", "many-2.jpg"]


def an_earlier_sheet_is_no_picture_of_the_next_one(house):
    card, _ = swatches(house)
    made(house, "-o", card / "sheet.jpg", card)
    done = made(house, "-o", "again.jpg", card)
    assert "9 pictures on 1 page" in done.stdout and "sheet.jpg: ignored: made by hotfolder" in done.stderr, done


def ctrl_c_leaves_nothing_behind(house):
    card = house.work / "card"
    for number in range(40):
        make_picture(card / f"p{number}.jpg", size="2000x1500", seed=number % 3)
    environment = with_scratch(house)
    command = [house.bin / "hotfolder", "sheet", "--jobs", "1", "-o", house.output / "index.jpg", card]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: [name for name in files_below(house.top / "tmp") if name.endswith(".ppm")], "work has begun")
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert running.returncode == 1 and "interrupted; nothing is made" in errors, (running.returncode, out, errors)
    assert not files_below(house.output) and not leftovers(house), leftovers(house)


def programs_get_the_pages_as_json(house):
    card, _ = swatches(house)
    (card / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    done = made(house, "--json", "--columns", "2", "--rows", "2", card, status=1)
    said = json.loads(done.stdout)
    assert said["pages"] == [os.fspath(house.output / f"index-{number}.jpg") for number in (1, 2, 3)], said
    assert said["found"] == 10 and said["failed"] == 1 and not done.stderr, (said, done.stderr)
    assert {os.path.basename(picture["source"]) for picture in said["pictures"] if "error" in picture} == {"broken.jpg"}


def wrong_use_is_said_with_its_cure(house):
    card, _ = swatches(house)
    for arguments, said in (((), "give the pictures"), (("--columns", "0", card), "from 1 to 100"),
                            (("--dpi", "high", card), "from 30 to 2400"), (("--page", "a9", card), "give a4, a3, letter"),
                            (("-o", "x.gif", card), "end its name in .jpg"),
                            (("-o", "no/x.jpg", card), "cannot write to the directory"),
                            (("--rows", "99", "--dpi", "30", card), "leave no room")):
        done = made(house, *arguments, status=2)
        assert said in done.stderr, (arguments, done.stderr)
    assert not files_below(house.output)


# ---- try ----

def tried(house, *arguments, status=0, **options):
    done = house.command("try", *arguments, cwd=house.output, **options)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


STEPS = """
profile "steps" {
    scale { width = 300 }
    grey { enabled = "{landscape}" }
    branch { blur {}  save { name = "soft/{stem}.png" } }
    sharpen {}
    save { name = "{stem}.jpg"  metadata = none }
}
"""


def a_try_says_each_step_and_shows_before_and_after(house):
    card, colours = swatches(house)
    with house.config.open("a") as config:
        config.write(STEPS)
    before = files_below(card)
    done = tried(house, "--config", house.config, "steps", card / "a-red.jpg")
    lines = [line.split() for line in done.stdout.splitlines()]
    steps = {line[0]: " ".join(line[1:]) for line in lines[1:]}
    assert steps["scale"].startswith("600x400 -> 300x200"), done.stdout
    for step in ("scale", "grey", "blur", "sharpen", "save"):
        assert " ms" in steps[step], (step, done.stdout)
    assert "becomes grey" in steps["grey"] and steps["sharpen"].endswith("KB"), done.stdout
    assert "-> soft/a-red.png, " in done.stdout and "-> a-red.jpg, " in done.stdout, done.stdout
    assert "note: JPEG has at most 8 bits" in done.stdout, done.stdout
    luma = round(0.2126 * 200 + 0.7874 * 30)
    page, (red, grey) = seen(house.output / "try-a-red.jpg", colours["red"], (luma, luma, luma))
    assert page["format"] == "JPEG" and red and grey and red[2] < grey[2], (page, red, grey)
    assert files_below(house.output) == ["try-a-red.jpg"] and files_below(card) == before


def a_try_says_what_the_photo_loses(house):
    card, _ = swatches(house)
    done = tried(house, "web", card / "i-frames.gif")
    assert "note: JPEG has at most 8 bits of each colour and one page, and no transparency" in done.stdout, done.stdout
    assert "of this photo: 1 of 3 frames" in done.stdout, done.stdout


def a_try_never_writes_beside_the_photo(house):
    card, _ = swatches(house)
    environment = with_scratch(house)
    done = house.command("try", "web", card / "a-red.jpg", cwd=card, env=environment)
    assert done.returncode == 0 and f"before and after: {house.top}/tmp/try-a-red.jpg" in done.stdout, done
    done = house.command("try", "web", card / "a-red.jpg", "-o", card / "x.jpg", cwd=house.output)
    assert done.returncode == 2 and "beside the photo" in done.stderr, done
    assert len(files_below(card)) == 9
    assert files_below(house.top / "tmp") == ["try-a-red.jpg"]


def a_second_try_replaces_its_sheet_and_no_other_file(house):
    card, _ = swatches(house)
    tried(house, "web", card / "a-red.jpg")
    first = (house.output / "try-a-red.jpg").stat().st_ino
    tried(house, "thumbnail", card / "a-red.jpg")
    assert (house.output / "try-a-red.jpg").stat().st_ino != first
    (house.output / "try-b-green.jpg").write_text("mine")
    done = tried(house, "web", card / "b-green.png", status=2)
    assert "is there already" in done.stderr, done.stderr
    assert (house.output / "try-b-green.jpg").read_text() == "mine"


def a_photo_that_a_profile_cannot_do_is_said_with_status_one(house):
    card, _ = swatches(house)
    whole = (card / "a-red.jpg").read_bytes()
    (card / "broken.jpg").write_bytes(whole[:len(whole) // 2])
    environment = with_scratch(house)
    done = tried(house, "web", card / "broken.jpg", status=1, env=environment)
    assert "broken.jpg: the JPEG is incomplete" in done.stderr, done.stderr
    assert not files_below(house.output) and not leftovers(house)
    for arguments in (("web",), ("nosuch", card / "a-red.jpg"), ("web", card / "missing.jpg"), ("web", card)):
        assert tried(house, *arguments, status=2).stderr


def programs_get_a_try_as_json(house):
    card, _ = swatches(house)
    said = json.loads(tried(house, "--json", "web", card / "a-red.jpg", "-o", "x.png").stdout)
    assert said["sheet"] == os.fspath(house.output / "x.png") and said["profile"] == "web", said
    assert [step.split()[0] for step in said["steps"]] == ["upright", "scale", "save", "with"], said
    assert said["outputs"][0]["name"] == "a-red.jpg" and said["outputs"][0]["bytes"] > 0, said
    assert said["losses"], said


if __name__ == "__main__":
    raise SystemExit(main(globals()))
