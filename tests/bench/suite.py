"""suite - measures a case: every program by turns, in as many rounds as asked for, and judges its goals."""
import contextlib
import fcntl
import http.client
import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field

import corpora
import harness
import judge
from measures import emptied, judged
from meter import Failed
from programs import Job, Unmeasured
from works import WORKS


@dataclass
class Measured:
    """What became of a case. Labels are those of its entries."""
    case: object
    rounds: list = field(default_factory=list)  # {label: {figure: value}} each
    verdicts: dict = field(default_factory=dict)
    absent: dict = field(default_factory=dict)  # {label: why there is no figure}
    failed: dict = field(default_factory=dict)  # {label: how}
    load: float = 0.0

    def is_out(self, label):
        return label in self.absent or label in self.failed or bool(self.verdicts.get(label, {}).get("wrong"))

    def figures(self, label):
        """{figure: [value of each round]}"""
        found = {}
        for one in self.rounds:
            for name, value in one.get(label, {}).items():
                found.setdefault(name, []).append(value)
        return found

    def goals(self):
        """(goal, value or None, whether it is reached or None) each."""
        for goal in self.case.goals:
            values = []
            for one in self.rounds:
                try:
                    values.append(goal.compute(one))
                except (KeyError, ZeroDivisionError):  # one of its programs was not measured
                    pass
            value = statistics.median(values) if values else None
            yield goal, value, None if value is None else goal.is_reached(value)


def job_of(case, entry, house, options):
    files = corpora.files_of(entry.corpus or case.corpus, options)
    files = files[:entry.files] if entry.files else files
    return Job(files, house.output, WORKS[entry.work or case.work], entry.workers or options.workers, house, options)


@contextlib.contextmanager
def measure_once(case, entry, options):
    """In a house of its own: its figures and the job, whose outputs are still there."""
    house = harness.House()
    try:
        job = job_of(case, entry, house, options)
        emptied(job.output, job)
        yield job, case.how(entry, job, options)
    except (AssertionError, OSError, http.client.HTTPException) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise Failed(" ".join(lines)[:300]) from error
    finally:
        house.close()


def first_round(case, measured, options):
    """Warms the page cache, and finds out who can do the work and does it right."""
    same_work = {}
    for entry in case.entries:
        try:
            with measure_once(case, entry, options) as (job, _):
                if judged(entry):
                    verdict = measured.verdicts[entry.name] = judge.judge(job)
                    same_work.setdefault(entry.work, []).append(verdict)
        except (Unmeasured, harness.Skip) as why:
            measured.absent[entry.name] = str(why)
        except Failed as how:
            measured.failed[entry.name] = str(how)
    for verdicts in same_work.values():
        judge.compare(verdicts)


def later_round(case, measured, options, order):
    figures = {}
    for entry in order:
        if measured.is_out(entry.name):
            continue
        try:
            with measure_once(case, entry, options) as (job, found):
                verdict = measured.verdicts.get(entry.name)
                if verdict:
                    judge.same_again(job, verdict)
                    found |= {"PSNR dB": verdict["psnr"], "SSIM": verdict["ssim"]}
                figures[entry.name] = found
        except (Unmeasured, harness.Skip) as why:
            measured.absent[entry.name] = str(why)
        except Failed as how:
            measured.failed[entry.name] = str(how)
    measured.rounds.append(figures)


def measure(case, options):
    measured = Measured(case, load=os.getloadavg()[0])
    if case.judged:
        first_round(case, measured, options)
    rounds = min(case.rounds or options.rounds, options.rounds)
    for number in range(rounds):
        # By turns, and each second time the other way round: no program is always the first.
        later_round(case, measured, options, case.entries[::-1] if number % 2 else case.entries)
    for label in measured.failed:  # what it did before it failed does not count
        for one in measured.rounds:
            one.pop(label, None)
    return measured


def scratch(options):
    """Where houses are built: on the disk of the pictures, so that files can be linked. What this returns is
    held as long as the suite runs: two at a time would measure each other."""
    options.cache.mkdir(parents=True, exist_ok=True)
    lock = (options.cache / "lock").open("w")  # pylint: disable=consider-using-with
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"tests/bench/run: another one uses {options.cache} now; wait for its end")
    place = options.cache / "work"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = os.fspath(place)
    tempfile.tempdir = None
    return lock
