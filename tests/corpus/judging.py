"""judging - tests of judge.py itself: it finds each planted error, and no other."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import mutate  # knows where the harness is
from harness import BUILD, NOBODY, main, run
from judge import SANITIZED, Corpus, format_of
from tree import Tree

HERE = Path(__file__).resolve().parent
OPTIONS = {"accept": "", "workers": 1, "memory": 512, "deadline": 60, "timeout": 60, "batch": 100,
           "deaths": None, "daemon_peak": 200, "worker_peak": 1600}
DEATH = ("inbox: 0/000000.jpg: its worker died: the worker was killed by signal {} "
         "(after {:.1f} s, with {} MB of memory at most)\n")
DEEP = 1500  # directories: no path reaches the last one, and no recursion either


def run_corpus(*arguments):
    return subprocess.run([sys.executable, "-B", HERE / "run", *arguments], check=False,
                          capture_output=True, text=True, errors="replace", timeout=280)


def corpus_of(house, **options):
    return Corpus(house, SimpleNamespace(**{**OPTIONS, **options}))


def feed(corpus, *paths):
    for path in paths:
        with open(path, "rb") as file:
            assert corpus.drop(os.fsencode(path), file.fileno(), os.path.getsize(path))
    assert corpus.judge_batch()


def complaints(house, text, **options):
    """What is wrong when the daemon says this of the one picture that was fed."""
    shutil.rmtree(house.top / "temporary", ignore_errors=True)
    corpus = corpus_of(house, **options)
    corpus.origins[b"0/000000.jpg"] = b"photo.jpg"
    house.log.write_text(text)
    corpus.report(10, 10, 1)
    return "\n".join(corpus.wrong)


def where_nothing_is_fed_nothing_is_right(house):
    (house.work / "empty/below").mkdir(parents=True)
    for path in (house.work / "missing", house.config, house.work / "empty"):
        tried = run_corpus(path)
        assert tried.returncode == 2 and "Traceback" not in tried.stderr, (path, tried)


def nest(directory, depth):
    """The descriptor of a directory that lies so deep that no path reaches it."""
    here = os.open(directory, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    return here


def an_odd_tree_is_fed_to_its_last_file_without_a_false_alarm(house):
    tree = os.fsencode(house.work / "tree")
    os.mkdir(tree)
    whole = house.photo("photo.jpg", size="90x60").read_bytes()
    names = [b"x", b"x.aria2", b"y.jpg~", b"z.tmp", b"u.part", b".hidden.jpg", b"\xff\xfe.jpg",
             b"e: done in 500.00 s -> f.jpg", b"two\nlines.jpg"]
    for name in names:
        Path(os.fsdecode(os.path.join(tree, name))).write_bytes(whole)
    for name in (b"a.jpg", b"a.jpg.txt"):  # a report beside one has the name of the other
        Path(os.fsdecode(os.path.join(tree, name))).write_bytes(whole[:len(whole) // 2])
    os.symlink(b"x", os.path.join(tree, b"link.jpg"))
    os.mkfifo(os.path.join(tree, b"pipe.jpg"))
    deepest = nest(tree, DEEP)
    try:
        with os.fdopen(os.open("far.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=deepest), "wb") as file:
            file.write(whole)
    finally:
        os.close(deepest)
    tried = run_corpus(os.fsdecode(tree))
    subprocess.run(["rm", "-rf", tree], check=True)
    assert tried.returncode == 0, (tried.stdout, tried.stderr)
    counts = next(line.split()[1:] for line in tried.stdout.splitlines() if line.startswith("all "))
    assert counts == [str(len(names) + 1), "2", "0"], tried.stdout
    assert "not fed: 1 special files, 1 symlinks" in tried.stdout, tried.stdout


def what_cannot_be_read_is_counted(house):
    tree = house.work / "tree"
    (tree / "closed").mkdir(parents=True)
    for name, mode in (("mine.jpg", 0o644), ("secret.jpg", 0), ("large.jpg", 0o644)):
        (tree / name).write_bytes(b"x" * (100 if name == "large.jpg" else 10))
        (tree / name).chmod(mode)
    (tree / "closed").chmod(0)
    fed = Tree([tree], 50)
    before = os.geteuid()
    os.seteuid(before or NOBODY)  # root may read everything
    try:
        paths = [path for path, _, _ in fed.files()]
    finally:
        os.seteuid(before)
        (tree / "closed").chmod(0o700)
    assert paths == [os.fsencode(tree / "mine.jpg")], paths
    assert fed.not_fed() == "not fed: 1 too large, 2 unreadable", fed.not_fed()
    assert not Tree([house.inbox], 50).not_fed()


def a_stray_file_is_noticed_wherever_it_lies(house):
    corpus = corpus_of(house)
    corpus.start()
    photo = house.photo("photo.jpg")
    half = house.work / "half.jpg"
    half.write_bytes(photo.read_bytes()[:3000])
    feed(corpus, photo, half)
    assert not corpus.wrong
    places = [house.inbox / "failed/.hotfolder-1", house.inbox / "failed/0/more.txt",
              house.inbox / "done/.hotfolder-2", house.output / ".hotfolder-3",
              house.state / ".hotfolder-4", house.runtime / "x", *(it / "x" for it in corpus.around)]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")
    feed(corpus, photo)
    assert len(corpus.wrong) == len(places) - 1, corpus.wrong  # two of them are reported as one
    assert all("files that should not be in" in what for what in corpus.wrong), corpus.wrong


def an_output_that_does_not_decode_is_reported_with_its_source(house):
    corpus = corpus_of(house)
    corpus.start()
    photo = house.photo("photo.jpg")
    with open(photo, "rb") as file:
        corpus.drop(os.fsencode(photo), file.fileno(), photo.stat().st_size)
    made = house.output / "0/000000.jpg.jpg"
    house.await_output("0/000000.jpg.jpg")
    made.write_bytes(made.read_bytes()[:500])
    corpus.judge_batch()
    assert len(corpus.wrong) == 1 and "photo.jpg" in corpus.wrong[0], corpus.wrong


def a_worker_that_the_sandbox_ends_is_wrong_and_other_deaths_are_counted(house):
    assert not complaints(house, DEATH.format("11 (Segmentation fault)", 1, 50))
    assert "more than 0" in complaints(house, DEATH.format("11 (Segmentation fault)", 1, 50), deaths=0)
    assert "the sandbox ended" in complaints(house, DEATH.format("31 (Bad system call)", 1, 50))
    denied = "31 (Bad system call): it tried the system call socket (AF_UNIX)"
    assert "the sandbox ended" in complaints(house, DEATH.format(denied, 1, 50))


def time_and_memory_are_judged_of_failures_and_deaths_too(house):
    assert not complaints(house, "inbox: 0/000000.jpg: failed after 59.10 s: it is broken\n")
    for line in ("done in 66.00 s -> x.jpg", "failed after 66.00 s: it is broken"):
        assert "took 66.0 s" in complaints(house, f"inbox: 0/000000.jpg: {line}\n"), line
    assert "took 66.0 s" in complaints(house, DEATH.format("9 (Killed)", 66, 50))
    much = complaints(house, DEATH.format("9 (Killed)", 5, 1700))
    assert SANITIZED or "a worker had 1700 MB" in much


def every_format_is_damaged_in_every_way(house):
    """Of what is made: as many as there are good pictures and ways."""
    shown = run(BUILD / "bin/hotfolder", "check", "--settings").stdout
    accepted = re.search(r"^  accept .*?\{ \.\.\. \} of ([a-z0-9,\s]+);", shown, re.M | re.S)[1]
    good = mutate.good_pictures()
    formats = {**{end: format_of(data[:512]) for end, data in good.items()}, "dng": "raw"}  # a kind of TIFF
    assert set(formats.values()) == set(re.split(r",\s+", accepted)), (formats, accepted)
    names = [mutate.hurt(number, good)[0] for number in range(len(good) * len(mutate.WAYS))]
    pairs = {tuple(name.split("-", 1)[1].split(".", 1)) for name in names}
    wanted = {(way.__name__, end) for way in mutate.WAYS for end in good}
    assert pairs == wanted, wanted - pairs


if __name__ == "__main__":
    sys.exit(main(globals()))
