"""hostile - files that are meant to hurt, and names that are: each costs itself and nothing else."""
import signal
import sys

import bombs
from harness import main, make_picture, wait_until

EVERYTHING = "accept += { jxl, jp2, svg, pdf }"


def reason(house, name):
    """Why it failed, when it has."""
    report = house.inbox / "failed" / f"{name}.txt"
    wait_until(report.exists, f"{name!r} has failed")
    return report.read_text()


def what_a_folder_does_not_accept_is_left_until_it_does(house):
    house.start()
    house.photo("photo.jxl").rename(house.inbox / "photo.jxl")
    house.photo("map.svg.png").rename(house.inbox / "map.png")
    (house.inbox / "map.svg").write_bytes(bombs.SVG % (90, 60))
    house.await_log("photo.jxl: left in place: JPEG XL, which this folder does not accept: "
                    "`accept += { jxl }` adds it")
    house.await_log("map.svg: left in place: SVG, which this folder does not accept")
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
    said = [line for line in house.logged().splitlines() if "its name says otherwise" in line]
    assert len(said) == 1 and "claims.jpg: its name says otherwise, but it is PNG" in said[0], said


def a_file_that_is_too_large_is_not_even_read(house):
    house.configure("max_bytes = 200KB")
    house.start()
    house.photo("large.jpg", size="3000x2000").rename(house.inbox / "large.jpg")
    house.photo("small.jpg").rename(house.inbox / "small.jpg")
    house.await_output("small.jpg")
    assert "more than max_bytes = 200KB allows" in reason(house, "large.jpg")


def a_picture_that_needs_more_memory_than_there_is_fails_with_the_reason(house):
    house.configure(top="memory = 256MB", profile="whole")
    with house.config.open("a") as config:
        config.write('profile "whole" { save { name = "{stem}.jpg" } }\n')
    house.start()
    house.photo("large.jpg", size="4000x3000").rename(house.inbox / "large.jpg")
    house.photo("small.jpg").rename(house.inbox / "small.jpg")
    house.await_output("small.jpg")
    told = reason(house, "large.jpg")
    assert "of memory, more than memory = 256.0MB allows" in told, told
    assert "raise `memory`" in told and "attempts: 1" in told, told
    status = house.get()[1]
    assert (status["memory_bytes"], status["memory_used_bytes"]) == (256 << 20, 0), status
    assert "memory: 0B of 256.0MB for pictures in hand, 0 wait" in house.command("status").stdout


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
        told = reason(house, name)
        assert (words or "") in told, f"{name}: {told}"
    assert house.children() == workers, "a worker had to be replaced"
    assert "its worker died" not in house.logged()
    house.account(["first.jpg", "last.jpg", *charges],
                  lambda name: f"{name.rsplit('.', 1)[0]}.jpg")


if __name__ == "__main__":
    sys.exit(main(globals()))
