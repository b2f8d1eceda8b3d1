"""undos - a daemon that is killed at any call by which it undoes a picture has undone it after its next
start, or has moved nothing.

A picture is done by a daemon without faults. The next one is asked to undo it, once to count its
points, and then once for each of them: killed right after it.
"""
import os
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from check import sha256
from faults import FAST, Tally, chance, companion, drop, main, shim, side_by_side
from harness import House, files_below, long, make_picture, wait_until

TIMEOUT = 55.0
SAMPLE = 8  # points of a scene that is not played whole


@dataclass(frozen=True)
class Scene:
    name: str
    originals: str = "done"
    mount_trash: bool = False  # else trash/ in the output directory
    whole: bool = True  # every point
    companions: tuple = ()


def disk_of(house):
    return house.top.parent


def state_of(house):
    """Every file of people, and what is in it. In the trash of the disk it may have any name."""
    trash = disk_of(house) / f".Trash-{os.getuid()}/files"
    state = {f"{place.name}/{name}": sha256(place / name) for place in (house.inbox, house.output)
             for name in files_below(place)}
    thrown = [sha256(trash / name) for name in files_below(trash)] if trash.is_dir() else []
    assert len(set(thrown)) == len(thrown), thrown
    return {**state, **{f"trash/{content}": content for content in thrown}}


def undone(before, scene):
    """What has to come of it."""
    after = {}
    for name, content in before.items():
        place, _, rest = name.partition("/")
        if place == "output":
            name = f"trash/{content}" if scene.mount_trash else f"output/trash/{rest}"
        elif place == "trash":
            name = "inbox/photo.jpg"
        after[name.replace("inbox/done/", "inbox/")] = content
    return after


def prepare(scope, scene, content):
    """A house in which the picture is done."""
    disk = scope.enter_context(House(FAST))
    disk.mount(disk.work, "32m")
    if not scene.mount_trash:
        (disk.work / f".Trash-{os.getuid()}").write_text("no directory")
    house = scope.enter_context(House(disk.work))
    house.configure(f'originals = "{scene.originals}"\n gather = 500ms', top="workers = 1",
                    steps='save { name = "web/{stem}.png" }')
    for name in scene.companions:
        drop(house, name, companion(name))
    drop(house, "photo.jpg", content)
    house.start()
    house.await_output("photo.jpg", "web/photo.png")
    wait_until(lambda: "photo.jpg: done in" in house.logged() and house.idle(), "it is done", TIMEOUT)
    if scene.originals != "keep":  # a companion that is seen later comes after it
        wait_until(lambda: not any((house.inbox / name).exists() for name in scene.companions),
                   "its companions are with it", TIMEOUT)
    assert house.stop() == 0
    return house


def trace_of(house):
    trace = house.top / "trace"
    return trace.read_text().splitlines() if trace.exists() else []


def ask(house):
    """Whether the daemon died over it."""
    if house.daemon.poll() is None and not house.command("undo", house.output / "web/photo.png").returncode:
        return False
    wait_until(lambda: house.daemon.poll() is not None, "the daemon is dead", TIMEOUT)
    return True


def end(house):
    """Starts a daemon without faults and waits until it has gone on with what was cut off."""
    if house.daemon.poll() is not None:
        assert house.daemon.returncode == -signal.SIGKILL, house.logged()
        house.daemon = None
        house.start()
    wait_until(house.idle, "it has looked at every file", TIMEOUT)

    def is_settled():
        _, answer = house.get("/v1/list")
        return [picture["state"] for picture in answer["pictures"]] in (["done"], ["ignored"])

    wait_until(is_settled, "the picture is done or ignored", TIMEOUT)
    assert house.stop() == 0, house.logged()


def judge(house, before, scene, what, tally):
    now = state_of(house)
    if now not in (before, undone(before, scene)):
        tally.wrong(f"{what}: {now}\n{house.logged()}")
    return now != before


def killed_at(scene, content, number, point, tally):
    with ExitStack() as scope:
        house = prepare(scope, scene, content)
        before = state_of(house)
        house.start(wait=False, **shim(house, KILL=f"{number} after"))
        wait_until(lambda: house.daemon.poll() is not None or house.idle(), "it is ready", TIMEOUT)
        tally.add(kills=ask(house), pictures=1)
        end(house)
        judge(house, before, scene, f"killed after point {number} ({point})", tally)


def every_point(house, scene):
    content = make_picture(house.work / "photo.jpg", size="96x64").read_bytes()
    tally = Tally()
    with ExitStack() as scope:
        traced = prepare(scope, scene, content)
        before = state_of(traced)
        traced.start(**shim(traced, TRACE=traced.top / "trace"))
        wait_until(traced.idle, "it is ready", TIMEOUT)
        mark = len(trace_of(traced))
        assert not ask(traced)
        points = [line.split(" ", 1)[1].replace(os.fspath(disk_of(traced)), "") for line in trace_of(traced)]
        end(traced)
        assert judge(traced, before, scene, "without faults", tally), traced.logged()
    numbers = range(mark + 1, len(points) + 1)
    assert len(numbers) > 20, points
    chosen = numbers if scene.whole else sorted(chance(scene.name).sample(numbers, SAMPLE))
    side_by_side([partial(killed_at, scene, content, number, points[number - 1], tally) for number in chosen],
                 tally)
    if tally.counts["kills"] < 0.9 * len(chosen):
        tally.wrong(f"only {tally.counts['kills']} of {len(chosen)} points were reached")
    tally.tell(f" ({len(numbers)} points)")


def a_daemon_killed_at_some_points_of_an_undo_has_undone_it_or_moved_nothing(house):
    every_point(house, Scene("some", whole=False))


@long
def a_daemon_killed_at_any_point_of_an_undo_has_undone_it_or_moved_nothing(house):
    every_point(house, Scene("done"))


@long
def a_daemon_killed_at_any_point_of_undoing_a_shot_has_all_of_its_files_in_one_place(house):
    every_point(house, Scene("shot", companions=("photo.CR2", "photo.CR2.xmp")))


@long
def a_daemon_killed_at_any_point_of_undoing_a_kept_picture_has_undone_it_or_moved_nothing(house):
    every_point(house, Scene("keep", originals="keep"))


@long
def a_daemon_killed_at_any_point_of_an_undo_from_the_trash_has_undone_it_or_moved_nothing(house):
    every_point(house, Scene("trash", originals="trash", mount_trash=True))


if __name__ == "__main__":
    raise SystemExit(main(globals()))
