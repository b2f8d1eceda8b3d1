"""points - a daemon that is killed at any call by which it changes a file or its ledger finishes
after its next start: nothing is lost, nothing is made twice, nothing is half there.

Each scene is played once to count its points, and then once for each of them: killed right after
it. What lies between two points changes nothing, so that is also right before the next one; a sample
(everything, with FAULTS_ALL=1) is killed right before its point nevertheless.
"""
import os
import shutil
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from check import Expected, check, output_name, sha256
from faults import (ALL, FAST, Tally, chance, companion, copying_program, damaged, drop, main, shim,
                    side_by_side)
from harness import BUILD, House, files_below, long, make_picture, quoted, wait_until

JPG = "{dir}/{stem}.jpg"
THREE = (JPG, "{dir}/thumbs/{stem}.jpg", "web/{stem}.png")
SHOT = ("photo.CR2", "photo.CR2.xmp", "photo.wav")
GATHER = "gather = 500ms"
PROGRAM = """program { use = copy }
    save { name = "program/{stem}.png" }"""
MORE = """save { name = "{dir}/thumbs/{stem}.jpg" }
    save { name = "web/{stem}.png" }"""
RENAME = 'rename { name = "new-{stem}" }'
TIMEOUT = 55.0  # for a round; what hangs is looked at again after a minute
BEFORE = 6  # of each scene, right before the point


@dataclass(frozen=True)
class Scene:
    """What is set up and dropped. A drop waits until those before it are done."""
    name: str
    drops: tuple = (("photo.jpg", "good"),)  # of (name, key of the contents)
    originals: str = "done"
    saves: tuple = (JPG,)
    save: str = ""
    others: tuple = ()
    mounts: tuple = ()  # directories in the inbox that are file systems of their own
    own_disk: bool = False
    no_unnamed: bool = False
    steps: str = ""
    fresh: bool = False  # the ledger is made, too
    companions: tuple = ()  # names of files of its shot that are there before it
    late: tuple = ()  # the same, that come when it is done
    folder: str = ""  # more of its settings
    copies: tuple = ()  # of companions that lie in the output
    second: bool = False  # the folder has a second copy of what arrives
    renamed: str = ""  # what an original is called in done/
    collected: bool = False  # a program has taken away what has its name when the daemon was killed


class Stage:
    """A scene with all that its rounds share: the contents, an empty ledger, what was proved whole."""

    def __init__(self, house, scene):
        self.scene = scene
        self.tally = Tally()
        self.whole = set()
        self.like = None  # the outputs of a run without faults: {name: sha256}
        good = make_picture(house.work / "good.jpg", size="96x64", seed=1).read_bytes()
        other = make_picture(house.work / "other.jpg", size="96x64", seed=2).read_bytes()
        self.contents = {"good": good, "other": other, "broken": damaged(good)}
        self.ledger = None
        if not scene.fresh:
            house.start()
            assert house.stop() == 0
            self.ledger = house.state / "ledger.db"

    def house(self, scope):
        """A fresh house; `scope` closes it."""
        root = FAST
        if self.scene.own_disk:
            disk = scope.enter_context(House(FAST))
            disk.mount(disk.work, "32m")
            disk.work.chmod(0o755)  # of a program on it, others may change no directory
            root = disk.work
        house = scope.enter_context(House(root))
        for name in self.scene.mounts:
            (house.inbox / name).mkdir()
            house.mount(house.inbox / name, "8m")
        for name in self.scene.others:
            (house.output / name).write_bytes(self.contents["other"])
        if self.ledger:
            shutil.copy(self.ledger, house.state)
        folder = self.scene.folder
        if self.scene.second:
            (house.top / "second").mkdir()
            folder += f"\ncopy_to = {quoted(house.top / 'second')}"
        house.configure(f'originals = "{self.scene.originals}"\n{folder}',
                        top=f"workers = 1\n{copying_program(house)}",
                        save=self.scene.save, steps=self.scene.steps)
        return house

    def judge(self, house, dropped, parts, what):
        """The folders, against the promise and against a run without faults."""
        trash = house.top.parent / f".Trash-{os.getuid()}" if self.scene.own_disk else None
        for name in give_back(house):
            self.tally.wrong(f"{what}: '{name}' was made again after it had been taken away")
        expected = Expected(house.inbox, house.output, dropped, self.scene.originals,
                            self.scene.saves, (*self.scene.others, *self.scene.copies), trash,
                            parts=tuple(parts), renamed=self.scene.renamed)
        self.tally.judged(check(expected, BUILD / "bin/picture", self.whole), what, expected)
        made = {name: sha256(house.output / name) for name in files_below(house.output)}
        if self.like is None:
            self.like = made
        second = [(name, sha256(house.top / "second" / name)) for name in files_below(house.top / "second")]
        if self.scene.second and second != sorted([*dropped, *parts]):
            self.tally.wrong(f"{what}: the second copies are {second}")
        if made != self.like:
            self.tally.wrong(f"{what}: the outputs are not those of a run without faults: {made}")


def take_away(house):
    """Moves all outputs that have their names out of the output directory."""
    for name in files_below(house.output):
        if ".hotfolder-" in name:
            continue
        target = house.top / "collected" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (house.output / name).rename(target)


def give_back(house):
    """Moves them back where they were; the names of those that were made again meanwhile."""
    collected = house.top / "collected"
    names = files_below(collected) if collected.exists() else []
    again = [name for name in names if (house.output / name).exists()]
    for name in names:
        (collected / name).rename(house.output / name)
    return again


def finished(house, scene, dropped, parts):
    """Whether everything that was dropped is where it belongs, as far as names tell."""
    if scene.originals == "keep":
        there = all((house.output / output_name(save, name)).exists()
                    for name, _ in dropped for save in scene.saves)
    else:
        there = not any((house.inbox / name).exists() for name, _ in [*dropped, *parts])
    return there and house.idle()


def play(stage, house, **plan):
    """Plays the scene to the daemon's orderly end; one that its plan kills is started again without
    one. Returns what was dropped, its companions, whether it died, and how many points were before the
    last drop."""
    scene, dropped, died, mark = stage.scene, [], False, 0
    parts = [drop(house, name, companion(name)) for name in scene.companions]
    always = shim(house, NO_UNNAMED=1) if scene.no_unnamed else {}

    def all_done():
        nonlocal died
        if house.daemon.poll() is not None:
            assert house.daemon.returncode == -signal.SIGKILL and not died, house.logged()
            died = True
            house.daemon = None
            if scene.collected:
                take_away(house)
            house.start(**always)
        return finished(house, scene, dropped, parts)

    for number, (name, key) in enumerate(scene.drops):
        mark = len(trace_of(house))
        dropped.append(drop(house, name, stage.contents[key]))
        if not number:
            house.start(wait=False, **{**always, **shim(house, **plan)})
        wait_until(all_done, "everything is done", TIMEOUT)
    if scene.late:
        mark = len(trace_of(house))
        parts += [drop(house, name, companion(name)) for name in scene.late]
        wait_until(all_done, "everything is done", TIMEOUT)
    if house.stop() == -signal.SIGKILL and not died:
        died = True
        if scene.collected:
            take_away(house)
        house.start(**always)
        wait_until(all_done, "everything is done", TIMEOUT)
        assert house.stop() == 0, house.logged()
    return dropped, parts, died, mark


def trace_of(house):
    trace = house.top / "trace"
    return trace.read_text().splitlines() if trace.exists() else []


def killed_at(stage, number, when, point):
    """One round."""
    what = f"killed {when} point {number} ({point})"
    with ExitStack() as scope:
        house = stage.house(scope)
        try:
            dropped, parts, died, _ = play(stage, house, KILL=f"{number} {when}")
            stage.tally.add(kills=died)
            stage.judge(house, dropped, parts, what)
        except AssertionError as reason:
            stage.tally.wrong(f"{what}: {reason}\n{house.logged()}{files_below(house.top)}")


def every_point(house, scene):
    """Plays the scene once for each of its points."""
    stage = Stage(house, scene)
    with ExitStack() as scope:
        traced = stage.house(scope)
        dropped, parts, _, mark = play(stage, traced, TRACE=traced.top / "trace")
        stage.judge(traced, dropped, parts, "without faults")
        points = [line.split(" ", 1)[1].replace(os.fspath(traced.top), "")
                  for line in trace_of(traced)]
    numbers = range(mark + 1, len(points) + 1)
    assert len(numbers) > 20, points
    dice = chance(scene.name)
    before = numbers if ALL else [numbers[0], *sorted(dice.sample(numbers[1:], BEFORE))]
    rounds = [(number, when) for when, chosen in (("after", numbers), ("before", before))
              for number in chosen]
    side_by_side([partial(killed_at, stage, number, when, points[number - 1])
                  for number, when in rounds], stage.tally)
    kills = stage.tally.counts["kills"]
    # What is ready a moment later moves after its picture: that takes another number of calls.
    if kills < (0.8 if scene.companions else 0.9) * len(rounds):
        stage.tally.wrong(f"only {kills} of {len(rounds)} points were reached")
    stage.tally.tell(f" ({len(numbers)} points)")


def a_daemon_killed_at_any_point_of_its_first_picture_finishes_it(house):
    every_point(house, Scene("first", fresh=True))


@long
def a_daemon_killed_at_any_point_of_three_outputs_finishes_all_of_them(house):
    every_point(house, Scene("three", (("trip/photo.jpg", "good"),), saves=THREE, steps=MORE))


@long
def a_daemon_killed_at_any_point_of_a_picture_that_a_program_changes_finishes_it(house):
    every_point(house, Scene("program", saves=(JPG, "program/{stem}.png"), steps=PROGRAM))


@long
def a_daemon_killed_at_any_point_makes_no_output_again_that_a_program_has_taken_away(house):
    every_point(house, Scene("collected", collected=True))


@long
def a_daemon_killed_at_any_point_of_replacing_an_output_has_replaced_it(house):
    every_point(house, Scene("replace", (("photo.jpg", "good"), ("photo.jpg", "other")),
                             save="exists = replace"))


@long
def a_daemon_killed_at_any_point_of_a_failure_leaves_the_original_with_its_reason(house):
    every_point(house, Scene("failure", (("photo.jpg", "broken"),)))


@long
def a_daemon_killed_at_any_point_of_a_kept_original_makes_its_numbered_output_once(house):
    every_point(house, Scene("kept", originals="keep", saves=("{dir}/{stem}-1.jpg",),
                             others=("photo.jpg",)))


@long
def a_daemon_killed_at_any_point_of_a_second_copy_has_made_it_once(house):
    every_point(house, Scene("second", second=True, companions=("photo.WAV", "photo.xmp")))


@long
def a_daemon_killed_at_any_point_of_moving_to_the_trash_has_moved_it_there(house):
    every_point(house, Scene("trash", originals="trash", own_disk=True))


@long
def a_daemon_killed_at_any_point_of_moving_to_another_disk_has_moved_it_there(house):
    every_point(house, Scene("done elsewhere", mounts=("done",)))


@long
def a_daemon_killed_at_any_point_of_renaming_an_original_has_renamed_it(house):
    every_point(house, Scene("renamed", (("trip/photo.jpg", "good"),), steps=RENAME,
                             renamed="{dir}/new-{stem}.jpg"))


@long
def a_daemon_killed_at_any_point_of_renaming_a_shot_has_renamed_all_of_it(house):
    every_point(house, Scene("renamed shot", companions=SHOT, folder=GATHER, steps=RENAME,
                             renamed="{dir}/new-{stem}.jpg"))


@long
def a_daemon_killed_at_any_point_of_renaming_to_another_disk_has_renamed_it_there(house):
    every_point(house, Scene("renamed elsewhere", mounts=("done",), steps=RENAME,
                             renamed="{dir}/new-{stem}.jpg"))


@long
def a_daemon_killed_at_any_point_of_failing_to_another_disk_has_moved_it_there(house):
    every_point(house, Scene("failed elsewhere", (("photo.jpg", "broken"),), mounts=("failed",)))


@long
def a_daemon_killed_at_any_point_without_unnamed_files_leaves_no_named_ones(house):
    every_point(house, Scene("named", (("trip/photo.jpg", "good"),), saves=THREE, steps=MORE,
                             no_unnamed=True))


@long
def a_daemon_killed_at_any_point_of_a_shot_has_all_of_its_files_in_one_place(house):
    every_point(house, Scene("shot", companions=SHOT, folder=GATHER))


@long
def a_daemon_killed_at_any_point_of_a_failed_shot_has_all_of_its_files_in_one_place(house):
    every_point(house, Scene("failed shot", (("photo.jpg", "broken"),), companions=SHOT, folder=GATHER))


@long
def a_daemon_killed_at_any_point_of_moving_late_files_of_a_shot_has_moved_them_to_their_picture(house):
    every_point(house, Scene("late", late=SHOT, folder=GATHER))


@long
def a_daemon_killed_at_any_point_of_a_shot_whose_original_goes_to_the_trash_has_kept_its_raw(house):
    every_point(house, Scene("trash of a shot", originals="trash", own_disk=True, companions=SHOT,
                             folder=GATHER))


@long
def a_daemon_killed_at_any_point_of_moving_a_shot_to_another_disk_has_moved_all_of_it(house):
    every_point(house, Scene("shot elsewhere", mounts=("done",), companions=SHOT, folder=GATHER))


@long
def a_daemon_killed_at_any_point_of_copying_companions_has_whole_copies_of_all(house):
    every_point(house, Scene("copied", companions=SHOT, folder=f"{GATHER}\n companions = copy", copies=SHOT))


if __name__ == "__main__":
    raise SystemExit(main(globals()))
