#!/usr/bin/env python3
"""check - judges a run by nothing but its folders: is every picture accounted for, exactly once?

    check.py --inbox DIR --output DIR [OPTION]... <SUMS

SUMS are the pictures that were dropped, as `sha256sum` prints them with names relative to the inbox.

    --originals keep|done|trash   what was to become of the originals (default done)
    --save TEMPLATE               an output of each picture (default {dir}/{stem}.jpg); may be repeated
    --part FILE                   sums of companions, as those of pictures: each lies where its picture lies
    --other NAME                  a file that may lie in the output besides; may be repeated
    --trash DIR                   where a trash that is not in the inbox lies
    --all-done                    nothing may wait any more
    --picture PROGRAM             decodes pictures to their last pixel (default build/dev/bin/picture)

It knows nothing of the daemon, only what it promises: each original is there exactly once and
unchanged: waiting; or where originals go, with all its outputs; or in failed/ with its reason. Each
output decodes to its end; nothing is there twice, half, or unasked for. It ends with 1 if that is not so.
"""
import argparse
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ORIGINALS = {"keep": None, "done": "done", "trash": "trash"}
OWN_DIRECTORIES = ("done", "failed", "trash")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def output_name(template, name):
    """What a profile's `name = "..."` makes of an input's name."""
    directory, base = os.path.split(name)
    made = template.replace("{dir}", directory).replace("{stem}", os.path.splitext(base)[0])
    return os.path.normpath(made.lstrip("/"))


def numbered(name, wanted):
    """Whether name is `wanted`, or `wanted` with a number because that was taken."""
    stem, extension = os.path.splitext(wanted)
    return name == wanted or re.fullmatch(
        re.escape(stem) + r"-[1-9][0-9]*" + re.escape(extension), name) is not None


def split_shot(name):
    """What the files of a shot have in common, and the rest: a/IMG_1, .NEF.xmp."""
    directory, base = os.path.split(name)
    stem, tail = os.path.splitext(base)
    if tail.lower() == ".xmp" and os.path.splitext(stem)[1]:
        stem, before = os.path.splitext(stem)
        tail = before + tail
    return os.path.join(directory, stem), tail


def suffix_of(there, name):
    """With which number a file lies there: "-1", or ""; None: it is another file."""
    (stem, tail), (is_stem, is_tail) = split_shot(name), split_shot(there)
    suffix = is_stem.removeprefix(stem)
    fits = is_stem.startswith(stem) and is_tail == tail and re.fullmatch(r"(-[1-9][0-9]*)?", suffix)
    return suffix if fits else None


def regular_files(directory):
    """Of all below it, as paths relative to it."""
    return [
        os.path.relpath(os.path.join(where, name), directory)
        for where, _, names in os.walk(directory)
        for name in names
    ]


@dataclass
class Expected:
    """What was dropped, and what was asked for."""
    inbox: Path
    output: Path
    inputs: list  # of (name, sha256), in any order; the same name may come again
    originals: str = "done"
    saves: tuple = ("{dir}/{stem}.jpg",)
    others: tuple = ()
    trash: Path | None = None
    all_done: bool = True
    parts: tuple = ()  # of (name, sha256): companions
    renamed: str = ""  # a template, as of saves, of where an original lies in done/


@dataclass
class Verdict:
    waiting: int = 0
    finished: int = 0
    failed: int = 0
    lost: list = field(default_factory=list)
    twice: list = field(default_factory=list)
    wrong: list = field(default_factory=list)  # everything else that must not be

    def errors(self):
        return ([f"lost: {what}" for what in self.lost]
                + [f"twice: {what}" for what in self.twice] + self.wrong)

    def __str__(self):
        return (f"{self.finished} finished, {self.failed} failed, {self.waiting} waiting, "
                f"lost {len(self.lost)}, twice {len(self.twice)}, wrong {len(self.wrong)}")


class Judge:
    """One judgement. `whole` are hashes of pictures that were decoded before; it grows."""

    def __init__(self, expected, picture, whole):
        self.expected = expected
        self.picture = picture
        self.whole = whole
        self.verdict = Verdict()
        self.of_content = {}  # hash: where files of it lie, (root, path)
        self.claimed = set()  # of (root, path)
        self.wanted = set()  # outputs that have to be there
        self.allowed = set()  # outputs that may be there
        self.shots = {}  # where the picture of each shot lies: (place, suffix)

    # Originals

    def places(self):
        """Every file that may be an original: {(root, path): (place, name, hash)}."""
        inbox, trash = self.expected.inbox, self.expected.trash
        found = {}
        for path in regular_files(inbox):
            place, _, name = path.partition("/")
            if place not in OWN_DIRECTORIES or not name:
                place, name = "waiting", path
            found[inbox, path] = (place, name, sha256(inbox / path))
        if trash:
            for path in regular_files(trash / "files"):
                found[trash, f"files/{path}"] = ("trash", path, sha256(trash / "files" / path))
        return found

    def called(self, place, name):
        """What a file of a shot is called there."""
        if place != "done" or not self.expected.renamed:
            return name
        stem, tail = split_shot(name)
        return os.path.splitext(output_name(self.expected.renamed, f"{stem}.x"))[0] + tail

    def fits(self, entry, name, content):
        place, there, is_content = entry
        if place == "waiting":
            return is_content == content and there == name
        name = self.called(place, name)
        # A trash knows no directories but remembers them in its info.
        names = [name] + [os.path.basename(name)] * (place == "trash")
        return is_content == content and any(numbered(there, one) for one in names)

    def account(self, name, content, times, found):
        """One input, dropped `times` times with this content."""
        where = [key for key in self.of_content.get(content, ())
                 if key not in self.claimed and self.fits(found[key], name, content)]
        if len(where) < times:
            changed = [path for (_, path), (_, there, _) in found.items() if numbered(there, name)]
            self.verdict.lost.append(f"{name}" + (f" (another content: {changed})" if changed else ""))
        if len(where) > times:
            self.verdict.twice.append(f"{name}: {[path for _, path in where]}")
        for key in where:
            self.claimed.add(key)
            self.place(name, found[key][0], key)
            place, there, _ = found[key]
            self.shots[split_shot(name)[0].lower()] = (place, suffix_of(there, self.called(place, name)))

    # Companions

    def companion(self, name, content, found):
        """It is there once, beside its picture, and has the same number."""
        where = [key for key in self.of_content.get(content, ()) for place, there, _ in [found[key]]
                 if key not in self.claimed
                 and any(suffix_of(there, one) is not None
                         for one in (self.called(place, name), os.path.basename(name)))]
        self.claimed.update(where)
        if len(where) != 1:
            (self.verdict.twice if where else self.verdict.lost).append(f"companion {name}: {where}")
            return
        place, there, _ = found[where[0]]
        home, suffix = self.shots.get(split_shot(name)[0].lower(), ("waiting", ""))
        sidecar = name.lower().endswith((".xmp", ".aae", ".thm"))
        if home == "trash" and not sidecar:
            home, suffix = "done", None  # nothing was made of it
        is_suffix = suffix_of(there, self.called(place, name))
        if place != home or (suffix is not None and place != "trash" and is_suffix != suffix):
            self.verdict.wrong.append(f"companion {name}: lies as {where[0][1]}, its picture in {home} as {suffix}")

    def place(self, name, place, key):
        """An original was found; what does that say about outputs?"""
        outputs = {output_name(template, name) for template in self.expected.saves}
        if place == "failed":
            self.verdict.failed += 1
            self.explained(key[1])
            return
        self.allowed |= outputs
        home = ORIGINALS[self.expected.originals]
        if place == "waiting" and home:
            self.verdict.waiting += 1
            if self.expected.all_done:
                self.verdict.wrong.append(f"{name}: still waits")
            return
        if place != "waiting" and place != home:
            self.verdict.wrong.append(f"{name}: is in {place}/")
        if place == "waiting" and not self.expected.all_done and not self.there(outputs):
            self.verdict.waiting += 1
            return
        self.verdict.finished += 1
        self.wanted |= outputs

    def there(self, outputs):
        return all((self.expected.output / name).exists() for name in outputs)

    def explained(self, path):
        reason = self.expected.inbox / f"{path}.txt"
        self.claimed.add((self.expected.inbox, f"{path}.txt"))
        if not reason.exists() or len(reason.read_text(errors="replace").split()) < 5:
            self.verdict.wrong.append(f"{path}: failed without a reason")

    def strangers(self, found):
        for (root, path) in sorted(found, key=str):
            if (root, path) in self.claimed:
                continue
            kind = "a temporary file is left" if ".hotfolder-" in path else "no picture explains it"
            self.verdict.wrong.append(f"{os.path.basename(root)}/{path}: {kind}")
        if self.expected.trash:
            infos = {path.removesuffix(".trashinfo")
                     for path in regular_files(self.expected.trash / "info")}
            files = set(regular_files(self.expected.trash / "files"))
            for path in sorted(infos ^ files):
                self.verdict.wrong.append(f"trash: {path}: has no file, or no info")

    # Outputs

    def outputs(self):
        made = regular_files(self.expected.output)
        for name in sorted(self.wanted - set(made)):
            self.verdict.wrong.append(f"output {name}: is missing though its original is done")
        for name in made:
            if name in self.expected.others or name in self.allowed:
                continue
            if ".hotfolder-" in name:
                self.verdict.wrong.append(f"output {name}: a temporary file is left")
            elif any(numbered(name, wanted) for wanted in self.allowed):
                self.verdict.twice.append(f"output {name}")
            else:
                self.verdict.wrong.append(f"output {name}: no picture explains it")
        self.decode([self.expected.output / name for name in made
                     if name in self.allowed and name not in self.expected.others])

    def decode(self, paths):
        hashes = {path: sha256(path) for path in paths}
        fresh = [path for path in paths if hashes[path] not in self.whole]
        if fresh:
            decoded = subprocess.run([self.picture, "check", *fresh], capture_output=True, check=False)
            if decoded.returncode:
                self.verdict.wrong.append(
                    "an output is not whole: " + decoded.stderr.decode(errors="replace").strip())
                return
        self.whole.update(hashes.values())

    def judge(self):
        found = self.places()
        for key, (_, _, content) in found.items():
            self.of_content.setdefault(content, []).append(key)
        for (name, content), times in Counter(self.expected.inputs).items():
            self.account(name, content, times, found)
        for name, content in self.expected.parts:
            self.companion(name, content, found)
        self.strangers(found)
        self.outputs()
        return self.verdict


def check(expected, picture, whole=None):
    """Judges a run. `whole`, a set, spares decoding what was decoded before."""
    return Judge(expected, picture, set() if whole is None else whole).judge()


def read_sums(lines):
    """sha256sum's output as (name, sha256)."""
    return [(line[66:].rstrip("\n").removeprefix("./"), line[:64]) for line in lines if line.strip()]


def main():
    default = Path(__file__).resolve().parents[2] / "build/dev/bin/picture"
    parser = argparse.ArgumentParser(usage=__doc__, add_help=True)
    parser.add_argument("--inbox", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--originals", choices=ORIGINALS, default="done")
    parser.add_argument("--save", action="append")
    parser.add_argument("--part", type=argparse.FileType(), default=())
    parser.add_argument("--other", action="append", default=[])
    parser.add_argument("--trash", type=Path)
    parser.add_argument("--all-done", action="store_true")
    parser.add_argument("--picture", type=Path, default=default)
    said = parser.parse_args()
    verdict = check(
        Expected(said.inbox, said.output, read_sums(sys.stdin), said.originals,
                 tuple(said.save or ("{dir}/{stem}.jpg",)), tuple(said.other), said.trash,
                 said.all_done, tuple(read_sums(said.part))), said.picture)
    for error in verdict.errors():
        print(error)
    print(verdict)
    return 1 if verdict.errors() else 0


if __name__ == "__main__":
    sys.exit(main())
