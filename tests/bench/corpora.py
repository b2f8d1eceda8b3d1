"""corpora - the pictures that are measured with. They are made once and cached outside the source.

A corpus is a directory of files. Its masters are made by tests/tools/picture.c, which draws what looks like
a photo to an encoder, and are written as a camera writes them. Where there are more pictures than masters,
the others are masters with a comment of their own: no two have the same content.
"""
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import harness

HERE = Path(__file__).resolve().parent
PILLOW = "/usr/bin/python3"


@dataclass(frozen=True)
class Corpus:
    name: str
    count: int
    size: str
    kind: str = "4:2:0"
    ending: str = "jpg"
    quick_count: int = 4
    quick_size: str = ""
    masters: int = 24

    def shape(self, options):
        """How many of which size."""
        count = self.quick_count if options.quick else self.count
        count = min(count, options.files) if options.files else count
        return count, options.quick and self.quick_size or self.size


CORPORA = {corpus.name: corpus for corpus in (
    Corpus("photos", 24, "4000x3000", quick_size="2400x1800"),
    Corpus("photos 4:2:2", 24, "4000x3000", "4:2:2", quick_size="2400x1800"),
    Corpus("photos of 24 MP", 12, "6000x4000", quick_size="3000x2000"),
    Corpus("progressive", 12, "4000x3000", "progressive", quick_size="2400x1800"),
    Corpus("Phatch's 135", 135, "4000x3000", quick_size="2400x1800", quick_count=8),
    Corpus("panorama", 1, "20000x5000", quick_size="6000x1500", quick_count=1),
    Corpus("small", 10000, "640x480", quick_count=500, masters=16),
    Corpus("tiny", 50000, "64x48", quick_count=500, masters=16),
    Corpus("PNG", 12, "3000x2000", "alpha", "png", quick_size="1500x1000", quick_count=2),
    Corpus("TIFF", 12, "4000x3000", "16 bits", "tif", quick_size="2400x1800", quick_count=2),
    Corpus("WebP", 12, "4000x3000", "plain", "webp", quick_size="2400x1800", quick_count=2),
    Corpus("HEIC", 8, "4000x3000", "HEIC", "heic", quick_size="2400x1800", quick_count=2),
)}


def make_master(kind, base, target):
    commands = {
        "HEIC": ["heif-enc", "-q", "80", "-o", target, base],
        "16 bits": ["mogrify", "-evaluate", "Multiply", "0.97", "-depth", "16", "-write", target, base],
    }
    command = commands.get(kind, [PILLOW, HERE / "picturing", "as", kind, base, target])
    harness.run(*command)


def commented(jpeg, number):
    """The same picture with a comment of its own."""
    text = f"picture {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def copies(masters, count, directory, first=0):
    """Files with the content of the masters, each a little other than all others; returns their paths."""
    contents = [master.read_bytes() for master in masters]
    paths = [directory / f"p{number:06}.jpg" for number in range(first, first + count)]
    for number, path in enumerate(paths, first):
        path.write_bytes(commented(contents[number % len(contents)], number))
    return paths


def fill(directory, corpus, count, size):
    base = directory / "base.tif"
    masters = [directory / f"m{number:06}.{corpus.ending}" for number in range(min(count, corpus.masters))]
    for number, master in enumerate(masters):
        into = base.with_suffix(".png") if corpus.kind == "HEIC" else base
        harness.make_picture(into, size=size, seed=number + 1)
        make_master(corpus.kind, into, master)
        into.unlink()
    copies(masters, count - len(masters), directory, len(masters))


def files_of(name, options):
    """The files of that corpus; those of the last time are used again. Raises Skip where they can't be made."""
    corpus = CORPORA[name]
    count, size = corpus.shape(options)
    place = options.cache / "corpora" / f"{corpus.name.replace(' ', '-')}-{count}-{size}".replace("'", "")
    if not place.exists():
        print(f"making {count} pictures of {size}: {name} ...", flush=True)
        part = place.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            fill(part, corpus, count, size)
        except (FileNotFoundError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", "") or error)
            raise harness.Skip(f"the corpus can't be made: {said.strip().splitlines()[-1]}") from error
        os.rename(part, place)
    return sorted(place.iterdir())
