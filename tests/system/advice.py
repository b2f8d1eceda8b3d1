"""advice - what `hotfolder check` says of profiles that are right, and yet may surprise."""
import json
import shutil

from harness import main, make_picture


def check_says_once_where_transparency_would_be_lost(house):
    config, pictures, made = house.top / "advice.conf", house.top / "pictures", house.top / "made"
    pictures.mkdir()
    made.mkdir()
    for steps, warned in (("round {} save {}", True), ("round {} save { format = jpeg }", True),
                          ("round {} save { format = png }", False), ("save { format = jpeg }", False),
                          ('round { background = "#808080" } save { format = jpeg }', False),
                          ('round {} save { format = jpeg background = "#808080" }', False),
                          ("round {} save { format = jpeg quality = \"{if(landscape, 80, 90)}\" }", True),
                          ("round {} save { format = jpeg background = \"{if(landscape, '#000000', '#111111')}\" }",
                           False),
                          ("round {} save { format = tiff compression = \"{if(landscape, 'jpeg', 'lzw')}\" }", False),
                          ("round {} save { format = tiff compression = jpeg }", True)):
        config.write_text(f'folder "f" {{ path = "{pictures}" output = "{made}" profile = t }}\n'
                          f'profile "t" {{ {steps} }}\n')
        done = house.command("check", "--config", config)
        text = " ".join((done.stdout + done.stderr).split())
        assert text.count("they become white") == warned, (steps, text)
        assert not warned or "tiff" not in steps or "a TIFF with compression = jpeg has no transparency" in text, text


def check_advises_on_the_order_of_steps(house):
    config = house.top / "advice.conf"
    small, idle = "scale { width = 800 height = 800 }", "scale does nothing"
    for steps, words in ((f"round {{}} {small}", None), (f"{small} round {{}}", None),
                         (f"blur {{}} sharpen {{}} text {{ text = a }} {small}", "after blur, sharpen and text: "),
                         (f"round {{}} save {{ name = large format = png }} {small}", None),
                         (f"round {{}} branch {{ save {{ name = large format = png }} }} {small}", None),
                         (f"branch {{ sharpen {{}} {small} save {{ name = b }} }}", "scale comes after sharpen: "),
                         (f"branch {{ sharpen {{}} save {{ name = b }} }} {small}", None),
                         (f"sharpen {{}} branch {{ {small} save {{ name = b }} }}", None),
                         (f"{small} sharpen {{}} round {{}} scale {{ width = 100 }} scale {{ width = 20 }}",
                          "scale comes after sharpen: "),
                         (f"round {{ enabled = no }} {small}", None), (f"shadow {{}} {small}", None),
                         (f"levels {{ gamma = 2 }} {small}", None), ("round {} scale { width = 90% }", None),
                         ("sharpen {} fit { width = 100 height = 100 }", "fit comes after sharpen: "),
                         ("upright {} lossless {} sharpen {}", None),
                         (f"{small} lossless {{}}", "lossless comes after scale: "),
                         ('sharpen {} scale { width = "{longer / 20}" }', None),
                         (f"{small} scale {{ width = 900 }}", f"{idle}: scale before it"),
                         ("scale { width = 800 } scale { height = 900 }", None), (f"{small} {small}", idle),
                         (f'{small} scale {{ width = "{{900}}" }}', idle),
                         (f'scale {{ width = "{{min(width, 700)}}" }} {small}', None),
                         ("scale { width = 30000 } scale { width = 20000 }", None),
                         (f"{small} border {{ width = 60px }} scale {{ width = 850 }}", None),
                         (f"upright {{}} {small} upright {{}}", "upright does nothing"),
                         ("rotate { angle = 0 }", "rotate does nothing with angle = 0"),
                         ("brightness { strength = 20 amount = 0 }", "amount = 0: brightness does nothing"),
                         ('rotate { angle = "{if(landscape, 0, 5)}" }', None)):
        config.write_text(f'profile "t" {{ {steps} save {{ format = png }} }}\n'
                          f'folder "f" {{ path = "{house.inbox}" output = "{house.output}" profile = t }}\n')
        done = house.command("check", "--config", config, check=True)
        text = " ".join(done.stderr.split())
        assert words in text if words else "warning" not in text, (steps, text)


def check_says_once_where_depth_or_pages_would_be_lost(house):
    config = house.top / "advice.conf"
    depth, pages = "pictures of 16 bits lose the others", "of a file of several it gets the first"
    for steps, words in (("save { format = tiff compression = jpeg }", depth), ("save { format = tiff compression = webp }", depth),
                         ("save { name = \"{stem}.tif\" compression = jpeg enabled = \"{landscape}\" }", depth),
                         ("save { format = tiff compression = ccitt }", None), ("save { format = tiff compression = zstd }", None),
                         ("save { format = tiff }", None), ("save { format = jpeg }", None),
                         ("save { format = png palette = yes }", None),
                         ("pages = all save { format = tiff } save { name = poster format = jpeg }", pages),
                         ("pages = all branch { save { format = png } } save { name = all format = gif }", pages),
                         ("pages = all save { format = tiff } save { name = b format = webp }", None),
                         ("pages = first save { format = tiff } save { name = b format = jpeg }", None),
                         ("pages = all save { format = tiff } save { name = b format = jpeg enabled = no }", None),
                         ("pages = all save { format = tiff } save { name = b format = original }", None)):
        config.write_text(f'folder "f" {{ path = "{house.inbox}" output = "{house.output}" profile = t }}\n'
                          f'profile "t" {{ {steps} }}\n')
        done = house.command("check", "--config", config)
        said_here = " ".join((done.stdout + done.stderr).split())
        assert done.returncode == 0, said_here
        assert said_here.count("warning:") == bool(words), (steps, said_here)
        assert not words or words in said_here, (steps, said_here)


def check_notes_once_what_a_format_does_not_keep(house):
    config = house.top / "notes.conf"
    photo_of = "at most 8 bits of each colour and one page, and no transparency"
    for steps, notes in (("save { format = jpeg }", [f"JPEG has {photo_of}"]), ("save { name = \"{stem}.webp\" }",
                          ["WebP has at most 8 bits of each colour"]), ("save { format = png }", ["PNG has at most one page"]),
                         ("save { format = avif }", ["AVIF has at most 12 bits of each colour and one page"]),
                         ("save { format = gif }", ["GIF has at most 256 colours"]),
                         ("save { format = ppm }", ["PPM has at most one page, and no transparency"]),
                         ("save {}", []), ("save { format = tiff }", []), ("save { format = original }", []),
                         ("save {} branch { enabled = no save { name = b format = jpeg } }", []),
                         ("save { format = jpeg } branch { save { name = b format = jp2 } }",
                          [f"JPEG has {photo_of}", "JPEG 2000 has at most one page"])):
        config.write_text(f'folder "f" {{ path = "{house.inbox}" output = "{house.output}" profile = t }}\n'
                          f'profile "t" {{ {steps} }}\nprofile "unused" {{ save {{ format = heic }} }}\n')
        wanted = [f"{note}: what a picture has beyond that is lost" for note in notes]
        done = house.command("check", "--config", config)
        said_here = [line.partition(": note: ")[2] for line in done.stdout.splitlines()]
        assert (said_here[1:], done.stderr) == (wanted, ""), (steps, done)
        found = json.loads(house.command("check", "--config", config, "--json").stdout)
        assert found["notes"] == [{"where": f"{config}:2", "what": what} for what in wanted], (steps, found)


def check_says_where_an_option_has_no_effect(house):
    config = house.top / "advice.conf"
    for save, words in (('name = "{stem}.png" quality = 80', "quality is for jpeg, webp, tiff, heif, avif, jxl and jp2, not for png"),
                        ('name = "{stem}.png" quality = "{if(landscape, 80, 90)}"', "quality is for jpeg, webp, tiff, heif, "
                         "avif, jxl and jp2, not for png"),
                        ("format = tiff quality = 80 compression = \"{if(landscape, 'jpeg', 'lzw')}\"", None),
                        ("format = tiff quality = 80", "quality is for a tiff with compression = jpeg or webp"),
                        ("format = jpeg compression = lzw", "compression is for tiff, not for jpeg"),
                        ("format = jpeg quality = 80", None)):
        config.write_text(f'folder "f" {{ path = "{house.inbox}" output = "{house.output}" profile = t }}\n'
                          f'profile "t" {{ save {{ {save} }} }}\n')
        done = house.command("check", "--config", config)
        said_here = " ".join((done.stdout + done.stderr).split())
        assert done.returncode == 0, said_here
        assert words in said_here if words else "warning" not in said_here, said_here


FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>
<dir>{0}/data/fonts</dir><cachedir>{0}/.cache/fontconfig</cachedir>
<alias><family>House</family><prefer><family>DejaVu Serif</family></prefer></alias>
<alias binding="same"><family>Twin</family><accept><family>DejaVu Serif</family></accept></alias>
<alias><family>Lost</family><default><family>DejaVu Serif</family></default></alias></fontconfig>"""


def a_font_that_is_not_installed_is_named_by_check_and_by_each_picture(house):
    fonts, fontconfig = house.work / "data/fonts", house.work / ".config/fontconfig/fonts.conf"
    for directory in (fonts, fontconfig.parent, house.work / ".cache/fontconfig"):
        directory.mkdir(parents=True)
    fontconfig.write_text(FONTS.format(house.work))
    shutil.copy("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf", fonts)
    env = {**house.environment(), "FONTCONFIG_FILE": str(fontconfig)}
    config, photo = house.top / "fonts.conf", house.top / "a.jpg"
    make_picture(photo)
    for number, (step, font, lacks) in enumerate((
            ("text { text = a", "Purisa Bold 日本", "Purisa Bold 日本"), ("text { text = a", "Purisa Bold Italic", "Purisa"),
            ("polaroid { caption = a", "Purisa", "Purisa"), ("polaroid { border = 9px", "Purisa", None),
            ("text { text = a", "DejaVu Sans", "DejaVu Sans"), ("text { text = a", "Lost", "Lost"),
            ("text { text = a", "House", None), ("text { text = a", "Twin Bold", None),
            ("text { text = a", "Purisa, DejaVu Serif", None), ("text { text = a", "dejavu serif condensed bold", None),
            ("text { text = 日", "DejaVu Serif", None), ("text { text = a", "Sans", None), ("text { text = a", "Bold", None))):
        config.write_text(f'profile "t" {{ {step} font = "{font}" }} save {{ format = tiff }} }}\n'
                          f'folder "f" {{ path = "{house.inbox}" output = "{house.output}" profile = t }}\n')
        what = f'the font "{lacks}" is not installed: DejaVu Serif is used' if lacks else None
        done = house.command("check", "--config", config, check=True, env=env)
        assert what in done.stderr and "fc-list : family" in done.stderr if lacks else done.stderr == "", (font, done.stderr)
        done = house.command("run", "t", "--config", config, "--output", house.top / f"made{number}", "--json", photo,
                             check=True, env=env)
        (picture,) = json.loads(done.stdout)["pictures"]
        assert picture.get("note") == what, (font, picture)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
