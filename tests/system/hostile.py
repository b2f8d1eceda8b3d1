"""hostile - hostile files and hostile names: each harms itself and nothing else."""
import base64
import os
import re
import shutil
import signal
import socket
import stat
import sys

import bombs
from harness import Skip, files_below, main, make_picture, wait_until

EVERYTHING = "accept += { jxl, jp2, svg, pdf }"


def what_a_folder_does_not_accept_is_ignored_until_it_does(house):
    house.start()
    house.photo("photo.jxl").rename(house.inbox / "photo.jxl")
    house.photo("map.svg.png").rename(house.inbox / "map.png")
    (house.inbox / "map.svg").write_bytes(bombs.SVG % (90, 60))
    house.await_log("photo.jxl: ignored: JPEG XL, which this folder does not accept: "
                    "`accept += { jxl }` adds it")
    house.await_log("map.svg: ignored: SVG, which this folder does not accept")
    house.configure("accept += { jxl }")
    house.send(signal.SIGHUP)
    house.await_output("photo.jpg", "map.jpg")
    house.await_quiet(["photo.jxl", "map.png"])
    assert (house.inbox / "map.svg").exists()


def a_name_that_lies_is_noted_and_the_content_counts(house):
    house.start()
    house.photo("really.png").rename(house.inbox / "claims.jpg")
    house.await_output("claims.jpg")
    house.await_quiet(["claims.jpg"])
    said = [line for line in house.logged().splitlines() if "its extension is wrong" in line]
    assert len(said) == 1 and "claims.jpg: its extension is wrong: the content is PNG" in said[0], said


def a_file_that_is_too_large_is_not_even_read(house):
    house.configure("max_bytes = 200KB")
    house.start()
    house.photo("large.jpg", size="3000x2000").rename(house.inbox / "large.jpg")
    # As many as there are workers, and each takes hours to read: terabytes of nothing, and an end.
    for number in range(os.cpu_count() + 1):
        with open(house.work / "sparse", "wb") as file:
            file.write(house.photo("small.jpg").read_bytes())
            file.seek(4 << 40)
            file.write(b"\xff\xd9")
        (house.work / "sparse").rename(house.inbox / f"sparse{number}.jpg")
    house.photo("small.jpg").rename(house.inbox / "small.jpg")
    house.await_output("small.jpg")
    for name in ("large.jpg", "sparse0.jpg", "sparse1.jpg"):
        assert "more than max_bytes = 200KB allows" in house.reason(name)


def a_picture_that_needs_more_memory_than_there_is_fails_with_the_reason(house):
    house.configure(top="memory = 256MB", profile="whole")
    with house.config.open("a") as config:
        config.write('profile "whole" { save { name = "{stem}.webp" lossless = yes } }\n')
    house.start()
    house.photo("large.jpg", size="4000x3000").rename(house.inbox / "large.jpg")
    house.photo("small.jpg").rename(house.inbox / "small.jpg")
    house.await_output("small.webp")
    reason = house.reason("large.jpg")
    assert "of memory, more than memory = 256.0MB allows" in reason, reason
    assert "raise `memory`" in reason and "attempts: 1" in reason, reason
    status = house.get()[1]
    assert (status["memory_bytes"], status["memory_used_bytes"]) == (256 << 20, 0), status
    assert "memory: 0B of 256.0MB used by pictures in progress, 0 pictures wait for memory" in \
        house.command("status").stdout


def a_worker_is_confined_by_the_limits_of_its_folder(house):
    house.configure("max_memory = 700MB  max_output_bytes = 50MB  max_cpu = 1h", top="workers = 1")
    house.start()
    house.photo("photo.jpg").rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    limits = dict(line.rsplit(None, 3)[:2] for line in limits_of(house) if "Max data" in line
                  or "Max file size" in line or "Max cpu" in line)
    assert limits["Max file size"] == str((50 << 20) + 1), limits
    assert 3600 <= int(limits["Max cpu time"]) <= 3700, limits
    sanitized = limits["Max data size"] == "unlimited"  # its shadow memory is larger than any limit
    assert sanitized or limits["Max data size"] == str(700 << 20), limits


def limits_of(house):
    (worker,) = house.children()
    with open(f"/proc/{worker}/limits", encoding="ascii") as limits:
        return limits.read().splitlines()


NAMES = [
    b"two\nlines.jpg", b"\x1b[31mred\x07.jpg", b"caf\xe9 in latin-1.jpg", b"\xff\xfe.jpg",
    b"-rf.jpg", b"--help.jpg", "gpj.\u202ephoto.jpg".encode(), "\u200fmarks\u2066.jpg".encode(),
    b"a %s %n {stem} $HOME `id`.jpg", b"' or 1=1; --.jpg", b"back\\slash.jpg", b" .jpg", b"....jpg",
    b"x" * 251 + b".jpg", "\u00e4".encode() * 125 + b"y.jpg", b"tab\there.jpg", b"cr\rhere.jpg",
]


def names_are_bytes_inside_and_harmless_where_they_are_shown(house):
    house.start()
    photo = house.photo("photo.jpg").read_bytes()
    inbox, output = os.fsencode(house.inbox), os.fsencode(house.output)
    shown = [name for name in NAMES if not name.startswith(b".")]  # a hidden file is left alone
    for name in NAMES:
        with open(os.path.join(inbox, name), "wb") as file:
            file.write(photo)
    wait_until(lambda: set(os.listdir(output)) == set(shown), "each has an output of its name")
    wait_until(lambda: set(os.listdir(os.path.join(inbox, b"done"))) == set(shown), "all are in done/")
    with open(house.log, "rb") as log:
        said = log.read()
    for line in said.split(b"\n"):
        assert not re.search("[\0-\x1f\x7f\u200f\u202a-\u202e\u2066-\u2069]", line.decode()), line


def a_failure_is_reported_beside_a_name_of_any_length(house):
    house.start()
    whole = house.photo("photo.jpg").read_bytes()
    names = ["x" * 251 + ".jpg", "\u00e4" * 125 + "y.jpg", "-rf\n.jpg"]
    for name in names:
        (house.inbox / name).write_bytes(whole[:len(whole) // 2])
    wait_until(lambda: sorted(house.failed()) == sorted(names), "all have failed")
    reports = house.inbox / "failed"
    wait_until(lambda: len(list(reports.glob("*.txt"))) == len(names), "each has its reason")
    for report in reports.glob("*.txt"):
        assert "incomplete" in report.read_text(), report


def what_is_no_file_is_never_opened(house):
    os.mkfifo(house.inbox / "early.jpg")
    house.start()
    os.mkfifo(house.inbox / "pipe.jpg")
    os.symlink(house.photo("target.jpg"), house.inbox / "link.jpg")
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.fspath(house.inbox / "s.jpg"))
    if os.geteuid() == 0:
        os.mknod(house.inbox / "null.jpg", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    house.photo("photo.jpg").rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    for name, kind in (("early.jpg", "FIFO"), ("pipe.jpg", "FIFO"), ("s.jpg", "socket"),
                       ("link.jpg", "symbolic link")):
        house.await_log(f"{name}: ignored: {kind}")
    assert files_below(house.output) == ["photo.jpg"]
    server.close()


def no_link_is_followed_in_the_output(house):
    house.start()
    elsewhere = house.work / "elsewhere"
    elsewhere.mkdir()
    (house.output / "trip").symlink_to(elsewhere)
    (house.output / "dangling.jpg").symlink_to(elsewhere / "made.jpg")
    photo = house.photo("photo.jpg")
    (house.inbox / "trip").mkdir()
    shutil.copy(photo, house.inbox / "trip/photo.jpg")
    shutil.copy(photo, house.inbox / "dangling.jpg")
    house.await_output("dangling-1.jpg")
    house.await_log("trip/photo.jpg: ")
    assert files_below(elsewhere) == []


def a_link_in_the_output_is_followed_where_the_folder_says_so(house):
    house.configure("output_links = yes")
    house.start()
    elsewhere = house.work / "elsewhere"
    elsewhere.mkdir()
    (house.output / "trip").symlink_to(elsewhere)
    (house.inbox / "trip").mkdir()
    house.photo().rename(house.inbox / "trip/photo.jpg")
    wait_until((elsewhere / "photo.jpg").exists, "it is made where the link leads")
    wait_until(lambda: house.done() == ["trip/photo.jpg"], "the original is in done/")


def a_hard_link_to_another_users_file_is_ignored(house):
    if os.geteuid():
        raise Skip("only root can make a file of another user")
    secret = house.photo("secret.jpg")
    os.chown(secret, 65533, 65533)
    mine = house.photo("mine.jpg")
    os.link(secret, house.inbox / "linked.jpg")
    os.link(mine, house.inbox / "own.jpg")
    house.start()
    house.await_log("linked.jpg: ignored: hard link to another user's file")
    house.await_output("own.jpg")
    house.await_quiet(["own.jpg"])
    assert (house.inbox / "linked.jpg").exists() and files_below(house.output) == ["own.jpg"]
    secret.unlink()  # a single name now: its own file, given away
    house.send(signal.SIGHUP)
    (house.inbox / "linked.jpg").touch()
    house.await_output("linked.jpg")


def a_done_that_a_stranger_made_first_gets_no_originals(house):
    if os.geteuid():
        raise Skip("only root can make a directory of another user")
    house.configure("retry { first = 100ms  max = 200ms }")
    house.inbox.chmod(0o1777)
    done = house.inbox / "done"
    done.mkdir()
    os.chown(done, 65533, 65533)
    house.photo("photo.jpg").rename(house.inbox / "photo.jpg")
    house.start()
    house.await_output("photo.jpg")
    warning = f"'{done}' belongs to another user, who could take originals out of it"
    house.await_log(warning)
    assert files_below(house.inbox) == ["photo.jpg"]
    os.chown(done, 0, 0)
    house.await_quiet(["photo.jpg"])
    assert files_below(done) == ["photo.jpg"] and house.logged().count(warning) == 1


def no_bomb_harms_anything_but_itself(house):
    house.configure(EVERYTHING)
    house.start()
    house.photo("good.jpg").rename(house.inbox / "first.jpg")
    house.await_output("first.jpg")
    workers = house.children()
    jpeg, avif = (make_picture(house.work / f"p.{end}", size="90x60").read_bytes()
                  for end in ("jpg", "avif"))
    charges = bombs.all_bombs(jpeg, avif)
    for name, (data, _) in charges.items():
        (house.work / name).write_bytes(data)
        (house.work / name).rename(house.inbox / name)
    house.photo("good.jpg").rename(house.inbox / "last.jpg")
    house.await_output("last.jpg")
    house.await_quiet(charges)
    failed = house.failed()
    for name, (_, words) in charges.items():
        if words is None and name not in failed:
            continue
        assert name in failed, f"{name} was done"
        reason = house.reason(name)
        assert (words or "") in reason, f"{name}: {reason}"
    assert set(workers) <= set(house.children()), "a worker had to be replaced"
    assert "its worker died" not in house.logged()
    house.account(["first.jpg", "last.jpg", *charges],
                  lambda name: f"{name.rsplit('.', 1)[0]}.jpg")


def a_directory_that_shuts_us_out_costs_its_own_pictures_only(house):
    """A user who may write into done/ and the output may make directories there."""
    if os.geteuid():
        raise Skip("only root can shut another user out")
    house.configure('originals = "done"\n retry { attempts = 1 }')
    closed = (house.inbox / "done/a", house.output / "b")
    for directory in (*closed, house.inbox / "a", house.inbox / "b"):
        directory.mkdir(parents=True)
    house.start_as_nobody()
    for directory in closed:
        os.chown(directory, 0, 0)
        directory.chmod(0)
    house.photo("p.jpg").rename(house.inbox / "a/p.jpg")
    house.photo("q.jpg", seed=2).rename(house.inbox / "b/q.jpg")
    house.await_log("a/p.jpg: its original could not be moved")
    assert "Permission denied" in house.reason("b/q.jpg")
    house.photo("r.jpg", seed=3).rename(house.inbox / "r.jpg")
    house.await_output("r.jpg")
    assert "is held" not in house.logged()


def a_drawing_that_never_ends_costs_its_deadline(house):
    house.configure(f"{EVERYTHING}  deadline = 2s  retry {{ attempts = 2  first = 500ms }}",
                    top="workers = 2", profile="whole")
    with house.config.open("a") as config:
        config.write('profile "whole" { save { name = "{stem}.jpg"  format = jpeg } }\n')
    house.start()
    charges = bombs.slow_bombs()
    for name, data in charges.items():
        (house.inbox / name).write_bytes(data)
    house.photo("photo.jpg", size="90x60").rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    for name in charges:
        assert "no result within 2 s" in house.reason(name), house.reason(name)
    assert files_below(house.output) == ["photo.jpg"]


def what_only_other_decoders_read_is_never_decoded_whatever_its_name_says(house):
    """It fails under a picture's name, and is ignored under another one."""
    house.configure(EVERYTHING)
    house.start()
    strangers = bombs.disguised()
    for name, data in strangers.items():
        for arriving in (name, f"{name}.bin"):
            (house.work / arriving).write_bytes(data)
            (house.work / arriving).rename(house.inbox / arriving)
    for name in strangers:
        house.await_log(f"{name}.bin: ignored: ")
        assert "its name ends in " in house.reason(name), name
    wait_until(house.idle, "it has looked at all of them")
    assert house.failed() == sorted(strangers) and not files_below(house.output)
    assert all((house.inbox / f"{name}.bin").exists() for name in strangers)


def a_drawing_shows_no_other_file(house):
    house.configure(EVERYTHING)
    secret = house.photo("secret.png", size="90x60")
    (house.inbox / "plain.svg").write_bytes(bombs.svg_with(b""))
    inside = b"data:image/png;base64," + base64.b64encode(secret.read_bytes())
    for name, href in (("file.svg", os.fsencode(secret.as_uri())), ("path.svg", os.fsencode(secret)),
                       ("near.svg", b"secret.png"), ("inside.svg", inside)):
        (house.inbox / name).write_bytes(bombs.svg_with(href))
    house.start()
    outputs = ["plain.jpg", "inside.jpg", "file.jpg", "path.jpg", "near.jpg"]
    house.await_output(*outputs)
    plain, shown, *others = ((house.output / name).read_bytes() for name in outputs)
    assert shown != plain, "what it carries is drawn"
    assert all(other == plain for other in others), "what it refers to can be seen"


if __name__ == "__main__":
    sys.exit(main(globals()))
