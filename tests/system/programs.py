"""programs - the programs of the administrator's that profiles let run, good ones and hostile ones."""
import os
import re
import signal
from pathlib import Path

from harness import exif_tags, files_below, main, pillow, run, wait_until

# What the last picture of a program must have left when all is over.
LEFT = "hotfolder-program."


def program(house, name, text, settings=""):
    """Writes a program of that name, as a script of Debian's Python, and its section."""
    path = house.top / "programs" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/usr/bin/python3\nimport os, sys, time\nsource, result = sys.argv[1:3]\n" + text + "\n")
    path.chmod(0o755)
    return (f'program "{name}" {{ run = {{ "{path}", "{{in}}", "{{out}}" }} {settings} }}\n'
            f'profile "{name}" {{ program {{ use = {name} }} save {{ name = "{{stem}}.png" }} }}\n'
            f'profile "plain" {{ save {{ name = "plain-{{stem}}.png" }} }}\n')


def environment(house):
    temporary = house.top / "tmp"
    temporary.mkdir(exist_ok=True)
    return {**house.environment(), "TMPDIR": os.fspath(temporary)}


def make(house, profile, photo, text):
    """Runs a profile on a photo; what it made, the way its program left, and what was said."""
    house.config.write_text(text)
    done = house.command("run", "--config", house.config, "--output", house.output, profile, photo,
                         env=environment(house))
    assert not files_below(house.top / "tmp") and not list((house.top / "tmp").iterdir())
    return done


def failing(house, text, settings="", size="64x48"):
    """What `hotfolder run` says of a program that fails. Whatever it did, nothing is made, and nothing is left."""
    done = make(house, "bad", house.photo("a.png", size=size), program(house, "bad", text, settings))
    assert done.returncode == 1 and not files_below(house.output), done
    assert not processes_of(house), processes_of(house)
    return done.stderr


def processes_of(house):
    """Processes that a program of the house has left."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(house.top / "programs") in words:
            found.append((entry.name, words))
    return found


# What a program does

COPY = "open(result, 'wb').write(open(source, 'rb').read())"
INVERT = ("from PIL import Image, ImageOps\n"
          "picture = Image.open(source)\n"
          "ImageOps.invert(picture).save(result, icc_profile=picture.info.get('icc_profile'))")


def a_program_changes_the_pixels_and_what_the_picture_says_stays(house):
    photo = house.photo("a.jpg", size="160x120")
    run("exiftool", "-overwrite_original", "-Artist=Ann", "-XMP:Title=Boat", photo)
    text = program(house, "invert", INVERT)
    assert make(house, "invert", photo, text).returncode == 0
    assert make(house, "plain", photo, text).returncode == 0
    made, plain = pillow(house.output / "a.png", house.output / "plain-a.png")
    assert (made["mode"], made["size"]) == (plain["mode"], plain["size"]) == ("RGB", [160, 120])
    assert inverted(made) == colours(plain)
    assert made["profile"] == plain["profile"]
    tags = exif_tags(house.output / "a.png")["a.png"]
    assert tags["IFD0:Artist"] == "Ann" and tags["XMP-dc:Title"] == "Boat", tags


def colours(made):
    return [tuple(pixel[:3]) for pixel in made["pixels"]]


def inverted(made):
    return [tuple(255 - value for value in pixel) for pixel in colours(made)]


def a_result_may_be_smaller_and_no_larger_than_its_program_says(house):
    resize = ("from PIL import Image\npicture = Image.open(source)\n"
              "picture.resize((picture.width {0}, picture.height {0})).save(result)")
    photo = house.photo("a.png", size="64x48")
    half = program(house, "half", resize.format("// 2"))
    assert make(house, "half", photo, half).returncode == 0
    assert pillow(house.output / "a.png")[0]["size"] == [32, 24]
    (house.output / "a.png").unlink()
    said = failing(house, resize.format("* 2"))
    assert ('program bad made 128 x 96 pixels of 64 x 48: `grows` = 1 allows no more than 64 x 48; raise `grows`'
            in said), said
    double = program(house, "double", resize.format("* 2"), "grows = 2")
    assert make(house, "double", photo, double).returncode == 0
    assert pillow(house.output / "a.png")[0]["size"] == [128, 96]


def a_result_may_be_transparent_where_its_program_says_so(house):
    hole = ("from PIL import Image\npicture = Image.open(source).convert('RGBA')\n"
            "picture.putpixel((0, 0), (0, 0, 0, 0))\npicture.save(result)")
    photo = house.photo("a.png", size="64x48")
    said = failing(house, hole)
    assert "program bad made an opaque picture transparent; write alpha = yes" in said, said
    text = program(house, "hole", hole, "alpha = yes")
    assert make(house, "hole", photo, text).returncode == 0
    made = pillow(house.output / "a.png")[0]
    assert made["mode"] == "RGBA" and made["pixels"][0][3] == 0, made["mode"]
    (house.output / "a.png").unlink()
    opaque = program(house, "opaque", "from PIL import Image\nImage.open(source).convert('RGBA').save(result)")
    assert make(house, "opaque", photo, opaque).returncode == 0
    assert pillow(house.output / "a.png")[0]["mode"] == "RGB"


def what_a_program_coded_is_kept_and_gets_the_metadata(house):
    palette = ("from PIL import Image\n"
               "Image.open(source).convert('RGB').quantize(8).save(result, optimize=True)")
    photo = house.photo("a.jpg", size="320x240")
    run("exiftool", "-overwrite_original", "-Artist=Ann", photo)
    text = program(house, "palette", palette)
    assert make(house, "palette", photo, text).returncode == 0
    made = pillow(house.output / "a.png")[0]
    assert made["mode"] == "P" and made["size"] == [320, 240], made["mode"]
    assert exif_tags(house.output / "a.png")["a.png"]["IFD0:Artist"] == "Ann"
    (house.output / "a.png").unlink()
    twice = text.replace('save {', 'save { name = "b/{stem}.png" } save {')
    assert make(house, "palette", photo, twice).returncode == 0
    assert [made["mode"] for made in pillow(house.output / "a.png", house.output / "b/a.png")] == ["P", "P"]
    best = ("from PIL import Image\nImage.open(source).save(result, quality=98, subsampling=0)")
    text = program(house, "best", best, "gives = jpeg").replace("{stem}.png", "{stem}.jpg")
    assert make(house, "best", photo, text).returncode == 0
    keep = house.output / "a.jpg"
    tables = run("identify", "-format", "%Q", keep).stdout
    assert tables == "98" and exif_tags(keep)["a.jpg"]["IFD0:Artist"] == "Ann", tables


def a_program_gets_and_gives_the_formats_that_its_section_names(house):
    for takes, gives, magic in (("tiff", "jpeg", b"II*\0"), ("jpeg", "webp", b"\xff\xd8"), ("png", "bmp", b"\x89PNG")):
        text = (f"from PIL import Image\nassert open(source, 'rb').read({len(magic)}) == {magic!r}\n"
                "Image.open(source).save(result)")
        done = make(house, "some", house.photo(f"{takes}.png", size="64x48"),
                    program(house, "some", text, f"takes = {takes} gives = {gives}"))
        assert done.returncode == 0, done.stderr
    assert sorted(files_below(house.output)) == ["jpeg.png", "png.png", "tiff.png"]
    text = program(house, "copy", COPY, "takes = tiff gives = tiff")  # as large as it may be
    large = house.photo("large.png", size="3000x2000")
    assert make(house, "copy", large, text).returncode == 0


def without_out_the_program_changes_the_file_itself(house):
    text = program(house, "invert", INVERT.replace("result", "source")).replace(', "{out}"', "")
    script = house.top / "programs/invert"
    script.write_text(script.read_text().replace("source, result = sys.argv[1:3]", "source = sys.argv[1]"))
    photo = house.photo("a.png", size="64x48")
    assert make(house, "invert", photo, text).returncode == 0
    assert make(house, "plain", photo, text).returncode == 0
    made, plain = pillow(house.output / "a.png", house.output / "plain-a.png")
    assert inverted(made) == colours(plain)


def a_picture_of_16_bits_keeps_them(house):
    text = program(house, "copy", COPY)
    photo = house.photo("a.png", size="64x48", how="[bitdepth=16]")
    before = run("file", "-b", photo).stdout
    assert make(house, "copy", photo, text).returncode == 0
    depth = re.search(r"(\d+)-bit", before).group(1)
    assert f"{depth}-bit" in run("file", "-b", house.output / "a.png").stdout


# What is said

def a_program_that_fails_is_named_with_its_status_and_its_last_line(house):
    said = failing(house, "sys.stderr.write('begin\\n\\x1b[31mno\\tgood\\n\\n')\nsys.exit(3)")
    assert r'step 1 (program)' in said and r"program bad exited with status 3: \x1b[31mno\x09good" in said, said


def megabytes_on_standard_error_leave_their_last_line(house):
    said = failing(house, "for i in range(200): os.write(2, b'x' * 100000 + b'\\n')\n"
                          "os.write(2, b'y' * 3000000)\nos.write(2, b'\\nthe end')\nsys.exit(1)")
    assert "program bad exited with status 1: the end;" in said, said[:2000]
    assert len(said) < 2000


def a_program_that_dies_or_makes_nothing_is_named(house):
    assert "was killed by signal 11 (Segmentation fault)" in failing(house, "import ctypes\nctypes.string_at(0)")
    assert "program bad exited with status 0 and made no result" in failing(house, "pass")
    assert "made no result" in failing(house, "open(result, 'w')")
    assert "made no result" in failing(house, "os.mkdir(result)")
    assert "made no result" in failing(house, "os.mkfifo(result)")
    assert "made no result" in failing(house, "os.symlink('/etc/passwd', result)")


# What a hostile one does

# On a busy machine the one who asked for it may see the deadline first.
DEADLINE_OVER = re.compile("program bad(: no answer within| was killed at) its deadline")


def a_program_that_sleeps_is_killed_at_its_deadline_and_at_the_folders(house):
    said = failing(house, "time.sleep(1000)", "deadline = 300ms")
    assert DEADLINE_OVER.search(said), said
    house.config.write_text(program(house, "bad", "time.sleep(1000)", "deadline = 1h") + "defaults { deadline = 1s }\n")
    done = house.command("run", "--config", house.config, "--output", house.output, "bad",
                         house.photo("a.png", size="64x48"), env=environment(house))
    assert done.returncode == 1 and "no result within 1 s (deadline)" in done.stderr, done
    wait_until(lambda: not processes_of(house) and not list((house.top / "tmp").iterdir()), "it is gone")


def the_threads_of_a_program_may_use_every_processor_until_its_deadline(house):
    said = failing(house, "import resource\nsys.exit(f'{resource.getrlimit(resource.RLIMIT_CPU)[0]} seconds')")
    seconds = int(re.search(r"(\d+) seconds", said).group(1))
    assert seconds > 30 * os.cpu_count(), said


def a_program_that_writes_endlessly_is_killed(house):
    endless = "while True: open({}, 'ab').write(bytes(1 << 20))"
    said = failing(house, endless.format("result"))
    assert "as it wrote more than a result may be" in said or "exited with status 1: OSError" in said, said
    many = ("n = 0\nwhile True:\n n += 1\n os.makedirs(f'd/{n}/e')\n open(f'd/{n}/e/f', 'wb').write(bytes(100000))")
    assert "was killed, as it wrote more than a result may be" in failing(house, many)
    deep = "while True: os.mkdir('d'); os.chdir('d')"
    assert "was killed, as it wrote more than a result may be" in failing(house, deep)


def a_program_that_forks_leaves_no_process(house):
    bomb = ("for i in range(50):\n if os.fork() == 0:\n  for call in (os.setsid, lambda: os.setpgid(0, 0)):\n"
            "   try: call()\n   except OSError: pass\n  time.sleep(1000)\n")
    assert "program bad exited with status 4" in failing(house, bomb + "sys.exit(4)")
    more = "for i in range(8): os.fork()\ntime.sleep(1000)"  # 256
    said = failing(house, more, "deadline = 1s")
    assert DEADLINE_OVER.search(said), said


def a_result_that_is_a_bomb_or_of_another_format_is_refused(house):
    other = "from PIL import Image\nImage.open(source).convert('RGB').save(result, 'jpeg')"
    assert "program bad made a JPEG, not the PNG that `gives` names" in failing(house, other)
    assert "program bad made what is no picture, not the PNG" in failing(house, "open(result, 'w').write('#!/bin/sh')")
    bomb = ("import zlib, struct\ndef chunk(kind, data): return (struct.pack('>I', len(data)) + kind + data\n"
            "  + struct.pack('>I', zlib.crc32(kind + data)))\n"
            "open(result, 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 60000, 60000, 8, 2,"
            " 0, 0, 0)) + chunk(b'IDAT', zlib.compress(bytes(100000))) + chunk(b'IEND', b''))")
    assert "60000 x 60000" in failing(house, bomb)
    cut = "data = open(source, 'rb').read()\nopen(result, 'wb').write(data[:len(data) // 2])"
    assert "step 1 (program)" in failing(house, cut)


def a_program_has_no_network_no_other_process_and_one_place_to_write(house):
    secret = house.work / "secret"
    secret.write_text("secret")
    attack = f"""
import socket, ctypes
def forbidden(call):
    try: call()
    except OSError as error: return error.errno in (1, 13)
    return False
calls = {{
    'socket': lambda: socket.socket(),
    'unix': lambda: socket.socket(socket.AF_UNIX),
    'kill': lambda: os.kill(os.getppid(), 9),
    'read': lambda: open({os.fspath(secret)!r}),
    'write': lambda: open({os.fspath(house.top / 'evil')!r}, 'w'),
    'unlink': lambda: os.unlink({os.fspath(secret)!r}),
    'setsid': lambda: os.setsid(),
    'shm': lambda: open('/dev/shm/hotfolder-evil', 'w'),
}}
closed_to_root = forbidden(lambda: open('/etc/shadow'))
bad = [name for name, call in calls.items() if not forbidden(call)]
assert not bad, bad
assert sorted(os.environ) == ['HOME', 'LANG', 'PATH', 'TMPDIR'] or 'LC_CTYPE' in os.environ, os.environ
assert os.getuid() and os.geteuid() and os.getgid()
assert closed_to_root
assert os.getcwd() == os.path.dirname(source) == os.environ['HOME']
assert sorted(os.listdir('/proc/self/fd')) == ['0', '1', '2', '3'], os.listdir('/proc/self/fd')
open(result, 'wb').write(open(source, 'rb').read())
"""
    done = make(house, "good", house.photo("a.png", size="64x48"), program(house, "good", attack))
    assert done.returncode == 0, done.stderr
    assert secret.read_text() == "secret"


def a_program_that_only_root_can_reach_runs_as_root_without_its_powers(house):
    text = program(house, "copy", "try: open('/dev/mem')\nexcept OSError as error: assert error.errno in (1, 2, 13)\n"
                   "powers = [line.split()[1] for line in open('/proc/self/status') if line.startswith('Cap')]\n"
                   "assert set(powers[:3] + powers[4:]) == {'0' * 16}, powers\n" + COPY)
    (house.top / "programs").chmod(0o700)
    assert make(house, "copy", house.photo("a.png", size="64x48"), text).returncode == 0


def directories_that_a_program_closes_are_looked_into_and_removed(house):
    closes = ("os.makedirs('d/e')\nopen('d/e/f', 'w').write('x')\nos.chmod('d/e', 0)\nos.chmod('d', 0)\n"
              "time.sleep(0.3)\n")
    text = program(house, "copy", closes + COPY)
    assert make(house, "copy", house.photo("a.png", size="64x48"), text).returncode == 0


def a_directory_that_a_killed_helper_left_is_removed(house):
    left = house.top / "tmp" / f"{LEFT}abcdef"
    (left / "d/e").mkdir(parents=True)
    (left / "d/in.png").write_text("x")
    text = program(house, "copy", COPY)
    assert make(house, "copy", house.photo("a.png", size="64x48"), text).returncode == 0


# The configuration

def complaints(house, text):
    house.configure()
    with house.config.open("a") as config:
        config.write(text)
    return house.command("check", "--config", house.config).stderr


def programs_that_others_may_change_are_refused(house):
    good = program(house, "good", "pass")
    path = house.top / "programs/good"
    assert not complaints(house, good), complaints(house, good)
    path.chmod(0o777)
    assert f"run: all users of this machine may change '{path}'" in complaints(house, good)
    path.chmod(0o755)
    path.parent.chmod(0o777)
    assert f"run: all users of this machine may change the directory '{path.parent}'" in complaints(house, good)
    path.parent.chmod(0o755)
    link = house.work / "link"
    link.symlink_to(path)
    house.work.chmod(0o777)
    assert f"the directory '{house.work}'" in complaints(house, good.replace(str(path), str(link)))
    path.chmod(0o644)
    assert f"run: '{path}' is no program" in complaints(house, good)
    path.unlink()
    assert f"run: '{path}': No such file or directory; install it" in complaints(house, good)


def what_is_wrong_with_a_program_is_said(house):
    rows = (
        ('program "a" { run = { "convert", "{in}", "{out}" } }', "run: convert is not the whole path of a program"),
        ('program "a" { run = { "./convert", "{in}" } }', "run: ./convert is not the whole path of a program"),
        ('program "a" { run = { "/bin/true", "{out}" } }', "run: no argument has {in}"),
        ('program "a" { gives = png }', "run"),
        ('program "a b" { run = { "/bin/true", "{in}" } }', "this is no name of a program"),
        ('program "a" { run = { "/bin/true", "{in}" } gives = pdf }', "gives = pdf"),
        ('program "trim" { run = { "/bin/true", "{in}" } }\nprofile "p" { program { use = trmi } save {} }',
         "use = trmi: no such program; did you mean trim?"),
        ('profile "p" { program { use = convert } save {} }', "use = convert: no such program; write program"),
        ('profile "p" { program { use = a run = { "/bin/sh" } } save {} }', "run"),
    )
    for text, said in rows:
        assert said in complaints(house, text + "\n"), (text, complaints(house, text + "\n"))


def the_recipes_are_right(house):
    recipes = sorted((Path(__file__).parents[2] / "packaging/recipes/programs").glob("*.conf"))
    known = [recipe for recipe in recipes if recipe.name != "gpu.conf"]
    assert len(known) == 4 and len(recipes) == 5, recipes
    for recipe in known:
        text = re.sub(r'"/usr/bin/[a-z]+"', '"/bin/true"', recipe.read_text())
        assert text != recipe.read_text() and not complaints(house, text), (recipe, complaints(house, text))


# The service

def the_service_ends_a_program_with_its_picture(house):
    text = program(house, "slow", "open('begun', 'w')\ntime.sleep(1000)", "deadline = 1h")
    house.configure(profile="slow", top=text, folder="retry { attempts = 1 }")
    house.start(TMPDIR=environment(house)["TMPDIR"])
    house.photo("a.png", size="64x48").rename(house.inbox / "a.png")
    temporary = house.top / "tmp"
    wait_until(lambda: list(temporary.glob("*/begun")), "it has begun")
    house.daemon.kill()
    house.daemon.wait()
    house.daemon = None
    wait_until(lambda: not processes_of(house) and not list(temporary.iterdir()), "it is gone")
    house.start(TMPDIR=environment(house)["TMPDIR"])
    wait_until(lambda: list(temporary.glob("*/begun")), "it has begun again")
    house.kill()  # the helper, too, whose directory stays until the next one
    wait_until(lambda: not processes_of(house), "it is gone")
    assert files_below(house.inbox) == ["a.png"] and not files_below(house.output)
    script = house.top / "programs/slow"
    script.write_text(script.read_text().replace("time.sleep(1000)", COPY))
    house.start(TMPDIR=environment(house)["TMPDIR"])
    house.await_output("a.png")
    wait_until(lambda: house.done() == ["a.png"], "it is done")
    wait_until(lambda: not list(temporary.iterdir()), "all is removed")


def a_stop_ends_a_program_and_its_picture_waits(house):
    text = program(house, "slow", "open('begun', 'w')\ntime.sleep(1000)", "deadline = 1h")
    house.configure(profile="slow", top="stop_timeout = 1s\n" + text)
    house.start(TMPDIR=environment(house)["TMPDIR"])
    house.photo("a.png", size="64x48").rename(house.inbox / "a.png")
    wait_until(lambda: list((house.top / "tmp").glob("*/begun")), "it has begun")
    assert house.stop() == 0
    assert not processes_of(house) and not list((house.top / "tmp").iterdir())
    assert files_below(house.inbox) == ["a.png"] and not files_below(house.output)


def a_helper_that_is_killed_costs_its_picture_an_attempt(house):
    text = program(house, "slow", "open('begun', 'w')\n"
                   "time.sleep(1000)", "deadline = 1h")
    house.configure(profile="slow", top=text, folder="retry { attempts = 3 first = 100ms max = 100ms }")
    house.start(TMPDIR=environment(house)["TMPDIR"])
    house.photo("a.png", size="64x48").rename(house.inbox / "a.png")
    wait_until(lambda: list((house.top / "tmp").glob("*/begun")), "it has begun")
    script = house.top / "programs/slow"
    script.write_text(script.read_text().replace("time.sleep(1000)", COPY))
    helpers = [child for child in house.children()
               if Path(f"/proc/{child}/comm").read_text().startswith("hotfolder-prog")]
    os.kill(helpers[0], signal.SIGKILL)
    house.await_output("a.png")
    wait_until(lambda: house.done() == ["a.png"] and not list((house.top / "tmp").iterdir()), "all is removed")
    assert "hotfolder-program has ended without an answer" in house.logged(), house.logged()
    assert not processes_of(house)


def a_service_that_has_no_one_to_ask_says_what_to_do(house):
    text = program(house, "copy", COPY)
    house.configure(profile="copy", top=text, folder="retry { attempts = 1 }")
    house.start(HOTFOLDER_PROGRAM_SOCKET=os.fspath(house.top / "none"))
    house.photo("a.png", size="64x48").rename(house.inbox / "a.png")
    assert "systemctl enable --now hotfolder-program.socket" in house.reason("a.png")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
