"""measures - how a case is measured: each function does it once, for one entry, and returns figures.

A figure is named with its unit; those of throughput are of one picture.
"""
import contextlib
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import time

import corpora
import harness
import weather
from meter import Peak, cpu_seconds, resident_mb, run
from programs import PROGRAMS, Unmeasured, commands_of
from services import SERVICES, HotFolder, await_all, is_whole, serve


def emptied(directory, job=None):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for output in job.work.outputs if job else ():
        (directory / output.directory).mkdir(exist_ok=True)
    return directory


def once(entry, job, memory=False):
    """What it costs, all pictures together."""
    emptied(job.output, job)
    if entry.program in SERVICES:
        service = SERVICES[entry.program](job)
        if not memory:
            return serve(service, job)
        start = service.start

        def start_and_look():
            start()
            looking.pid = service.pid
            looking.__enter__()

        looking, service.start = Peak(0), start_and_look
        try:
            return {**serve(service, job), "memory": looking.mb}
        finally:
            looking.ends.set()
    HotFolder(job).configure()  # `hotfolder run` reads the profile there
    commands = commands_of(entry.program, job)
    os.sync()
    return run(commands, job.directory, {**job.house.environment(), **job.environment}, memory)


def throughput(entry, job, _):
    cost = once(entry, job)
    figures = {"wall ms": 1000 * cost["wall"] / len(job.files), "CPU ms": 1000 * cost["cpu"] / len(job.files)}
    return figures | {name: value for name, value in cost.items() if name not in ("wall", "cpu")}


def memory(entry, job, _):
    return {"memory MB": once(entry, job, memory=True)["memory"]}


def growth(entry, job, options):
    """A hot folder with very many small files in one directory."""
    count = entry.number // 100 if options.quick else entry.number
    many = emptied(job.house.work / "many")
    job.files = corpora.copies(job.files[:16], count, many)
    service = HotFolder(job)
    settled = service.settled

    def look():
        settled()
        service.highest = resident_mb(service.pid, "VmHWM")

    service.settled = look
    emptied(job.output, job)
    cost = serve(service, job)
    return {"wall ms": 1000 * cost["wall"] / count, "CPU ms": 1000 * cost["cpu"] / count,
            "daemon MB": service.highest}


def percentile(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def drop(content, source, target, seconds):
    """From close(2) of a new file to its whole output, in ms."""
    with open(source, "wb") as file:
        file.write(content)
    began = time.monotonic()
    while not is_whole(target):
        assert time.monotonic() - began < seconds, f"no output of {source.name} within {seconds} s"
        time.sleep(0.0002)
    return 1000 * (time.monotonic() - began)


def in_figures(times):
    return {"p50 ms": statistics.median(times), "p99 ms": percentile(times, 0.99), "pictures": len(times)}


def processing_ms(job, count):
    """What the picture alone costs: libvips in one thread does it again and again, nothing waits."""
    emptied(job.output, job)
    (arguments, given), = PROGRAMS["bare"].commands(job)
    arguments = [arguments[0], "1", *arguments[2:-len(job.files)], *[job.names[0]] * count]
    return 1000 * run([(arguments, given)], job.directory, job.house.environment())["wall"] / count


def latency(entry, job, options):
    service = SERVICES[entry.program](job)
    emptied(job.output, job)
    content, names = job.files[0].read_bytes(), [f"l{number}" for number in range(20 if options.quick else 300)]
    try:
        service.start()
        times = []
        for name in names:
            times.append(drop(content, service.inbox / f"{name}.jpg", job.output / f"{name}.jpg", 60))
            time.sleep(0.05)
    finally:
        service.stop()
    figures, own = in_figures(times), processing_ms(job, len(names))
    return figures | {"processing ms": own, "p50 beside it ms": figures["p50 ms"] - own,
                      "p99 beside it ms": figures["p99 ms"] - own}


def newest_first(house):
    """The setting that starts the newest picture first, where hotfolder has it."""
    said = house.command("check", "--settings").stdout
    return "order = newest" if re.search(r"^\s*order\b", said, re.MULTILINE) else ""


class TwoFolders(HotFolder):
    """A folder `crowd` beside the inbox, on the same workers."""

    def configure(self):
        super().configure()
        crowd, output = (emptied(self.house.top / name) for name in ("crowd", "crowd-output"))
        with self.house.config.open("a") as config:
            config.write(f'folder "crowd" {{\n path = {harness.quoted(crowd)}\n'
                         f' output = {harness.quoted(output)}\n profile = "{self.job.work.profile}"\n'
                         ' originals = "keep"\n min_free = 0\n}\n')


def behind(service, job, crowd, crowd_output):
    """Pictures that are dropped while all of the job's wait, by turns, as long as some of those wait."""
    emptied(job.output, job)
    staged = emptied(job.house.work / "staged")
    for file in job.files:
        os.link(file, staged / file.name)
    content, times = job.files[0].read_bytes(), []
    try:
        service.start()
        for file in job.files:
            os.rename(staged / file.name, crowd / file.name)
        harness.wait_until(lambda: os.listdir(crowd_output), "the first of the crowd is done", 600)
        while len(times) < 50 and (not times or len(os.listdir(crowd_output)) < len(job.files)):
            name = f"late{len(times)}.jpg"
            times.append(drop(content, job.house.inbox / name, job.output / name, 900))
            time.sleep(0.1)
    finally:
        service.stop()
    return in_figures(times)


def behind_another(_, job, __):
    return behind(TwoFolders(job), job, job.house.top / "crowd", job.house.top / "crowd-output")


def behind_its_own(_, job, __):
    service = HotFolder(job, newest_first(job.house))
    return behind(service, job, job.house.inbox, job.output)


def backlog(_, job, __):
    """A daemon that starts with very many new files there."""
    house = job.house
    service = HotFolder(job)
    service.configure()
    for directory in (house.inbox, house.state, job.output):
        emptied(directory)
    for number, file in enumerate(job.files):
        where = house.inbox / f"d{number % 50}"
        where.mkdir(exist_ok=True)
        os.link(file, where / file.name)
    began, figures = time.monotonic(), {}
    house.start()
    figures["READY s"] = time.monotonic() - began
    harness.wait_until(lambda: harness.files_below(job.output), "the first is done", 900)
    figures["first output s"] = time.monotonic() - began
    harness.wait_until(lambda: house.get()[1]["initial_scan_done"], "all are found", 900)
    figures["all found s"] = time.monotonic() - began
    figures["daemon MB"] = resident_mb(house.daemon.pid)
    began = time.monotonic()
    assert house.stop() == 0
    figures["stop s"] = time.monotonic() - began
    began = time.monotonic()
    house.start()
    figures["READY again s"] = time.monotonic() - began
    house.stop()
    return figures


def idle(_, job, options):
    """The workers alive, and nothing to do."""
    service, seconds = HotFolder(job), 5 if options.quick else 60
    emptied(job.output, job)
    try:
        service.start()
        shutil.copy(job.files[0], service.inbox / "first.jpg")
        await_all([job.output / "first.jpg"])
        time.sleep(1 if options.quick else 5)
        cpu, before = service.cpu_seconds(), job.house.context_switches()
        time.sleep(seconds)
        cpu, switches = service.cpu_seconds() - cpu, job.house.context_switches(before)
    finally:
        service.stop()
    return {"CPU %": 100 * cpu / seconds, "wake-ups a second": switches / seconds}


SYNCS = re.compile(r"\b(?:fsync|fdatasync|syncfs|sync_file_range)\(")


def syncs(_, job, __):
    """How often the daemon and its workers ask a disk to keep something."""
    if not shutil.which("strace"):
        raise Unmeasured("strace is not installed: see packaging/setup --bench")
    service, trace = HotFolder(job), job.house.top / "trace"
    start = service.start
    service.start = lambda: start(prefix=(
        "strace", "-D", "-f", "-qq", "-e", "trace=fsync,fdatasync,syncfs,sync_file_range", "-o", trace))
    emptied(job.output, job)
    serve(service, job)
    return {"syncs": len(SYNCS.findall(trace.read_text(errors="replace"))) / len(job.files)}


def said_by(program, job, *arguments):
    """The numbers that a program beside this file prints."""
    done = subprocess.run([job.house.bin / program, *arguments], check=True, text=True, capture_output=True)
    return list(map(float, done.stdout.split()))


def overhead(entry, job, options):
    """A job in the sandboxed worker, against the same steps in one process."""
    rounds = max(4, entry.number // 10) if options.quick else entry.number
    inside, outside, percent = said_by("overhead", job, job.files[0], str(rounds))
    return {"inside ms": inside, "outside ms": outside, "more %": percent}


def chain(_, job, options):
    """Ten steps of tones in a row are one table."""
    one, ten, ratio = said_by("chain", job, job.files[0], str(3 if options.quick else 15))
    return {"one CPU ms": one, "ten CPU ms": ten, "ten / one": ratio}


def finished(house):
    """Makes the ledger believe that every file was finished: to do it takes very long."""
    with contextlib.closing(sqlite3.connect(house.state / "ledger.db")) as ledger, ledger:
        for file in house.inbox.rglob("*.jpg"):
            st = file.stat()
            ledger.execute(
                "INSERT INTO job (folder, source, dev, ino, size, mtime_ns, state, seen_wall,"
                " changed_wall) VALUES ('inbox', ?, ?, ?, ?, ?, 'done', 0, 0)",
                (os.fsencode(file.relative_to(house.inbox)), st.st_dev, st.st_ino, st.st_size,
                 st.st_mtime_ns))


def polling(_, job, options):
    """Finished pictures that stay in a folder without events, and nothing happens."""
    house, (count, polls) = job.house, ((2000, 1) if options.quick else (100000, 3))
    house.configure('originals = "keep"\n watch = poll')
    house.start()
    assert house.stop() == 0
    weather.fill(house, count)
    finished(house)
    house.start()
    harness.wait_until(lambda: house.get()[1]["initial_scan_done"], "all are known", 600)
    time.sleep(15)  # the first poll
    began, cpu, polled, busy = time.monotonic(), cpu_seconds(house.daemon.pid), 0, False
    last = cpu
    while polled < polls or busy:  # a poll is a second or more in which something was done
        time.sleep(1)
        now = cpu_seconds(house.daemon.pid)
        polled += now > last and not busy
        busy, last = now > last, now
        assert time.monotonic() - began < 600, "it does not poll"
    cpu = last - cpu
    every = house.get()[1]["folders"][0]["watch"].split()[-2]
    figures = {"CPU %": 100 * cpu / (time.monotonic() - began), "CPU % were it every 10 s": 10 * cpu / polled,
               "every s": float(every), "daemon MB": resident_mb(house.daemon.pid)}
    house.stop()
    assert not harness.files_below(house.output), "some were not known"
    return figures


def judged(entry):
    """Whether it makes outputs that can be compared."""
    return entry.program in SERVICES or PROGRAMS[entry.program].makes
