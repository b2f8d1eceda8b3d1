"""cards - what it costs to import a card, beside what a user would type instead; and how soon the first one is there.

A card is read from a disk, and not from memory: its files leave the page cache before each program. What is
measured ends when all is on disk. That of an import includes that each copy was read back from its disk.
"""
import os
import shutil
import subprocess
import time

from meter import Failed, run

COPIED = ["sh", "-c", 'cp -a "$1" "$2" && sync -f "$2"', "sh"]
LOOKED_EVERY_S = 0.002


def card_of(job):
    """A card with the pictures of the job."""
    place = job.house.top / "card/DCIM/100BENCH"
    place.mkdir(parents=True)
    for file in job.files:
        os.link(file, place / file.name)
    return place.parents[1]


def forget(card):
    """The files leave the page cache."""
    for file in card.rglob("*.*"):
        fd = os.open(file, os.O_RDONLY)
        os.fdatasync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def importing(job, card, *more):
    return [job.house.bin / "hotfolder", "import", card, "--state-dir", job.house.state, *more]


def without_manifest(job, card):
    job.house.config.write_text(f"""import "cards" {{
    from = "{card}"
    copy_to = "{job.output}"
    safe_copies = 1
    manifest = none
    min_free = 0
}}
""")
    return importing(job, card, "--config", job.house.config)


COMMANDS = {
    "import": lambda job, card: importing(job, card, "--to", job.output),
    "import without manifest": without_manifest,
    "cp, sync": lambda job, card: [*COPIED, card, job.output / "card"],
}


def cost(entry, job, _):
    """Of a picture, from the card to the disk."""
    card = card_of(job)
    os.sync()
    forget(card)
    found = run([(COMMANDS[entry.program](job, card), "")], job.house.top, job.house.environment())
    copied = sum(name.endswith(".jpg") for _, _, names in os.walk(job.output) for name in names)
    if copied != len(job.files):
        raise Failed(f"{copied} of {len(job.files)} pictures were copied")
    return {"wall ms": 1000 * found["wall"] / copied, "CPU ms": 1000 * found["cpu"] / copied}


def await_picture(output, process):
    """Until one has its name there."""
    while process.poll() is None:
        if any(name.endswith(".jpg") for _, _, names in os.walk(output) for name in names):
            return
        time.sleep(LOOKED_EVERY_S)
    raise Failed("it ended before a picture was there")


def first(_, job, __):
    """From the start until the one picture that the camera protects has its name; it is the last one there."""
    card = card_of(job)
    last = sorted((card / "DCIM/100BENCH").iterdir())[-1]
    shutil.copy2(last, last.with_suffix(".new"))
    os.rename(last.with_suffix(".new"), last)  # corpora are not changed
    last.chmod(0o444)
    forget(card)
    began = time.monotonic()
    with subprocess.Popen(importing(job, card, "--to", job.output), env=job.house.environment(),
                          stdout=subprocess.DEVNULL) as process:
        await_picture(job.output, process)
        took = time.monotonic() - began
        process.terminate()
    names = [name for _, _, names in os.walk(job.output) for name in names if name.endswith(".jpg")]
    if not any(last.stem[1:] in name for name in names):
        raise Failed(f"not {last.name} was the first, but {names}")
    return {"first s": took}
