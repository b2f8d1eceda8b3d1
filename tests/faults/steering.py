"""steering - a daemon that is killed at any call by which it changes a file or its ledger, while a person
asks it to try a picture again, to make outputs again or to cancel a picture: nothing is lost, nothing is
made twice, and the same request finishes it.
"""
import contextlib
import http.client
import itertools
import os
import signal

from faults import Tally, main, shim
from harness import House, files_below, long, make_picture, sizes_of, wait_until

MOST = 200  # points of one request
SMALL, LARGE = "width = 40  height = 40", "width = 80  height = 80"


def rests(house):
    try:
        status = house.get()[1]
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return status["initial_scan_done"] and not status["in_progress"]


def await_ready(house):
    """Until it has looked at everything; whether it lives."""
    wait_until(lambda: house.daemon.poll() is not None or rests(house), "it is ready, or was killed")
    return house.daemon.poll() is None


def ask(house, request, **parameters):
    """It may be killed before it answers."""
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        house.post(request, **parameters)


def count_points(house):
    """How many a start has until it is idle."""
    trace = house.top / "trace"
    trace.unlink(missing_ok=True)
    house.start(**shim(house, TRACE=trace))
    await_ready(house)
    count = len(trace.read_text().splitlines())
    assert house.stop() == 0
    return count


def end(house, tally):
    """Stops it, if it was not killed; whether it was."""
    killed = house.stop() == -signal.SIGKILL
    tally.add(kills=killed)
    return killed


def every_point(house, prepare, request, finish):
    """One round for each point from shortly before the request on, until one is answered without a kill.
    Each is prepared, and finished by a daemon that is not killed."""
    tally = Tally()
    for number in itertools.count():
        assert number < MOST, "it has too many points"
        prepare(number)
        first = count_points(house)
        house.start(wait=False, **shim(house, KILL=f"{first + number} after"))
        if await_ready(house):
            path, parameters = request(number)
            ask(house, path, **parameters)
        lived = not end(house, tally)
        house.start()
        await_ready(house)
        wrong = finish(number)
        if wrong:
            tally.wrong(f"after point {first + number}: {wrong}; {files_below(house.top)}")
        assert house.stop() == 0
        tally.add(pictures=1)
        if lived and number > 5:
            break
    tally.tell()


def path_of(house, number):
    return {"path": str(house.inbox / f"{number}.jpg")}


def drop(house, number):
    make_picture(house.work / f"{number}.jpg", size="96x64", seed=1).rename(house.inbox / f"{number}.jpg")


def state(house, number):
    pictures = house.get("/v1/list?limit=1000")[1]["pictures"]
    return next((one["state"] for one in pictures if one["source"] == f"{number}.jpg"), None)


@long
def a_picture_whose_retry_is_killed_at_any_point_is_tried_again_or_is_as_it_was(house):
    def prepare(number):
        house.configure("retry { attempts = 1 }  max_bytes = 100B")
        house.start()
        drop(house, number)
        wait_until(lambda: state(house, number) == "failed" and house.failed(), "it has failed")
        assert house.stop() == 0
        house.configure("retry { attempts = 1 }")

    def finish(number):
        name = f"{number}.jpg"
        if name in house.failed() and house.post("/v1/retry", **path_of(house, number))[0] != 200:
            return "the same request does not finish it"
        wait_until(lambda: house.idle() and name in house.done(), "it is done")
        if files_below(house.inbox) != sorted(files_below(house.inbox / "done"), key=str) and house.failed():
            return "its original is there twice"
        stay = [path for path in files_below(house.inbox) if not path.startswith("done/") and not path.endswith(".txt")]
        return f"these stay: {stay}" if stay else None if (house.output / name).exists() else "no output"

    every_point(house, prepare, lambda number: ("/v1/retry", path_of(house, number)), finish)


@long
def outputs_whose_remaking_is_killed_at_any_point_are_the_old_or_the_new_ones(house):
    names = ["a.jpg", "b.jpg"]

    def configure(number):
        house.configure()
        house.config.write_text(house.config.read_text().replace(
            "width = 160  height = 160", SMALL if number % 2 else LARGE))

    def prepare(number):
        configure(number)
        if number:
            return
        house.start()
        for seed, name in enumerate(names):
            make_picture(house.work / name, size="96x64", seed=seed).rename(house.inbox / name)
        house.await_output(*names)
        wait_until(lambda: house.idle() and house.done() == names, "they are done")
        assert house.stop() == 0
        configure(1)

    def finish(number):
        code, answer = house.post("/v1/reprocess", folder="inbox")
        if code != 200 or answer["refused"]:
            return f"the same request does not finish it: {answer}"
        wait_until(lambda: house.idle() and house.done() == names, "they are done")
        if files_below(house.inbox) != ["done/a.jpg", "done/b.jpg"] or files_below(house.output) != names:
            return "something is missing, or too much"
        sizes = set(sizes_of(*(house.output / name for name in names)))
        return None if sizes == ({"40x27"} if number % 2 or not number else {"80x53"}) else f"{sizes}"

    every_point(house, prepare, lambda _: ("/v1/reprocess", {"folder": "inbox"}), finish)


@long
def a_picture_whose_cancelling_is_killed_at_any_point_is_cancelled_or_queued(house):
    house.start()
    assert house.post("/v1/pause")[0] == 200
    assert house.stop() == 0

    def prepare(number):
        house.start()
        drop(house, number)
        wait_until(lambda: state(house, number) == "queued", "it is queued")
        assert house.stop() == 0

    def finish(number):
        if state(house, number) == "queued" and house.post("/v1/cancel", **path_of(house, number))[0] != 200:
            return "the same request does not finish it"
        if state(house, number) != "ignored" or not (house.inbox / f"{number}.jpg").exists():
            return f"it is {state(house, number)}"
        return f"outputs: {files_below(house.output)}" if files_below(house.output) else None

    every_point(house, prepare, lambda number: ("/v1/cancel", path_of(house, number)), finish)


@long
def pictures_whose_undoing_is_killed_at_any_point_are_undone_by_the_same_request(house):
    house.mount(house.work, "64m")
    (house.work / f".Trash-{os.getuid()}").write_text("no directory")
    with House(house.work) as disk:
        undo_many(disk)


def undo_many(house):
    """All that was done since a time, two pictures in one request."""
    content = make_picture(house.work / "photo.jpg", size="96x64").read_bytes()
    everything = {"since": 0, "folder": "inbox"}

    def names(number):
        return [f"{number}-{picture}.jpg" for picture in range(2)]

    def prepare(number):
        house.start()
        for name in names(number):
            (house.work / name).write_bytes(content)
            (house.work / name).rename(house.inbox / name)
        wait_until(lambda: all((house.inbox / "done" / name).exists() for name in names(number)), "they are done")
        assert house.stop() == 0

    def wrong(name):
        lies = [place for place in ("inbox", "inbox/done", "output", "output/trash") if (house.top / place / name).exists()]
        return None if lies in (["inbox", "output/trash"], ["inbox/done", "output"]) else f"{name} lies in {lies}"

    def finish(number):
        wait_until(lambda: not any(map(wrong, names(number))), "each is undone or done, whole")
        code, answer = house.post("/v1/undo", **everything)
        if code != 200 or answer["refused"] or "next" in answer:
            return f"the same request does not finish it: {answer}"
        left = [name for name in names(number) if not (house.inbox / name).exists()]
        return f"not undone: {left}" if left else next(filter(None, map(wrong, names(number))), None)

    every_point(house, prepare, lambda _: ("/v1/undo", everything), finish)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
