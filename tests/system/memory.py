"""memory - pictures in progress share what there is: many small ones at once, a large one alone.

Sanitizers take memory of their own.
"""
import contextlib
import os
import signal
import struct
import sys
import time

from harness import TIMEOUT, Skip, main

MEGABYTE = 1 << 20
# 400 million bits in one megabyte: every strip is the same one. So wide a picture has nearly all of its
# rows in memory, a byte for each bit, twice: more than all of the photos have.
WIDTH, HEIGHT, ROWS = 1400000, 288, 8
BUDGET, SMALL = 1000, 48  # MB in all, MB that a small picture takes at least
COUNT = 7


def bilevel_tiff(width, height, rows):
    """A TIFF of one bit a pixel, rows of which lie in one strip, and all strips at one place."""
    strip, count = b"\x55" * (width // 8 * rows), height // rows
    lists = 8 + len(strip)
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, 1),
               (262, 3, 1, 1), (273, 4, count, lists), (277, 3, 1, 1), (278, 4, 1, rows),
               (279, 4, count, lists + 4 * count)]
    return (struct.pack("<2sHI", b"II", 42, lists + 8 * count) + strip
            + struct.pack("<I", 8) * count + struct.pack("<I", len(strip)) * count
            + struct.pack("<H", len(entries))
            + b"".join(struct.pack("<HHII", *entry) for entry in entries) + b"\0\0\0\0")


def watch(house, over, what):
    """Looks again and again, until over() is true of what was seen last: (MB in use, waiting for
    some, in flight, done)."""
    seen, limit = [], time.monotonic() + TIMEOUT
    while not seen or not over(*seen[-1]):
        time.sleep(0.005)
        status = house.get()[1]
        seen.append((status["memory_used_bytes"] // MEGABYTE, status["memory_requests"],
                     status["in_progress"], status["folders"][0]["done"]))
        assert time.monotonic() < limit, f"waited in vain until {what}: {seen[-1]}"
    return seen


def signal_each(workers, number):
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, number)


def a_picture_of_400_megapixels_runs_alone_and_seven_photos_together(house):
    """Workers are stopped, so that the state lasts until the test has seen it, on any machine."""
    if os.geteuid():
        raise Skip("only root sees what a worker has open")
    house.configure("max_pixels = 500MP", top=f"workers = {COUNT + 1}  memory = {BUDGET}MB")
    (house.work / "large.tif").write_bytes(bilevel_tiff(WIDTH, HEIGHT, ROWS))
    photo = house.photo("photo.jpg", size="3000x2000")
    house.start()
    (house.work / "large.tif").rename(house.inbox / "large.tif")
    large, *_ = watch(house, lambda used, *_: used > BUDGET - SMALL, "it has its memory")[-1]
    first = [worker for worker in house.children() if house.picture_of(worker) == "large.tif"]
    signal_each(first, signal.SIGSTOP)
    for number in range(COUNT):
        (house.inbox / f"photo{number}.jpg").hardlink_to(photo)
    alone = watch(house, lambda _, waiting, *__: waiting == COUNT, "all others wait")
    assert {row[0] for row in alone} == {large}, alone
    assert not any(row[3] for row in alone), "one of them is done before"

    others = set(house.children()) - set(first)
    signal_each(others, signal.SIGSTOP)
    signal_each(first, signal.SIGCONT)
    together = watch(house, lambda used, waiting, working, done: (working, waiting) == (COUNT, 0),
                     "it has given its memory back, and they have theirs")
    assert COUNT * SMALL <= together[-1][0] <= BUDGET, together[-1]
    signal_each(others, signal.SIGCONT)
    together = watch(house, lambda *row: row[3] == COUNT + 1, "all are done")
    assert max(row[0] for row in together) <= BUDGET, together


if __name__ == "__main__":
    sys.exit(main(globals()))
