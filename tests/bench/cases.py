"""cases - what is measured: a row for each case, with its pictures, its work, its programs and its goals.

A goal is judged on each round's own figures, and then the median of the rounds: what disturbs the machine
disturbs all programs of a round. It is reached, missed, or not measured where one of its programs is missing.
"""
from dataclasses import dataclass

import asking
import cards
import measures
import visiting


@dataclass(frozen=True)
class Goal:
    words: str
    compute: object  # of {label: {figure: value}}
    most: float = None
    least: float = None

    @property
    def wanted(self):
        return f"<= {self.most:g}" if self.least is None else f">= {self.least:g}"

    def is_reached(self, value):
        return value <= self.most if self.least is None else value >= self.least


def faster(who, least, than, *figures):
    """`who` takes so many times less than `than`: wall and CPU time."""
    return [Goal(f"{name}: {than} / {who}", lambda of, name=name: of[than][name] / of[who][name], least=least)
            for name in figures or ("wall ms", "CPU ms")]


def within(who, most, of_whom, *figures):
    """`who` takes at most so many times what `of_whom` takes."""
    return [Goal(f"{name}: {who} / {of_whom}", lambda of, name=name: of[who][name] / of[of_whom][name], most=most)
            for name in figures or ("wall ms", "CPU ms")]


def below(who, name, most):
    return [Goal(f"{name}: {who}", lambda of: of[who][name], most=most)]


def as_good(who, as_whom, decibels, similarity):
    """The output of `who` is no further from the reference than that of `as_whom`, but for so much."""
    return [Goal(f"{name} lost: {who} against {as_whom}", lambda of, name=name: of[as_whom][name] - of[who][name],
                 most=most) for name, most in (("PSNR dB", decibels), ("SSIM", similarity))]


def gain(program):
    """What a second worker brings, against what a second thread brings to the bare loop."""
    def compute(of):
        return (of[f"{program}, 1"]["wall ms"] / of[f"{program}, 2"]["wall ms"]
                / (of["bare, 1"]["wall ms"] / of["bare, 2"]["wall ms"]))
    return [Goal(f"gain of a second worker / that of the bare loop: {program}", compute, least=0.97)]


def disturbed(least, who, whom):
    """Pictures a second, and what a picture costs, beside those of another one."""
    return [Goal(f"{words}: {who} / {whom}", lambda of, name=name: of[whom][name] / of[who][name], least=least)
            for words, name in (("pictures a second", "wall ms"), ("the same, clients elsewhere", "elsewhere ms"),
                                ("pictures a second of CPU, with the page", "CPU ms"))]


@dataclass(frozen=True)
class Entry:
    """A program in a case, and how it differs from what the case says."""
    program: str
    label: str = ""
    work: str = ""
    corpus: str = ""
    workers: int = 0
    files: int = 0
    number: int = 0

    @property
    def name(self):
        return self.label or self.program


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    corpus: str
    work: str
    entries: tuple
    goals: tuple = ()
    how: object = measures.throughput
    judged: bool = True  # outputs are compared with a reference, after a first round that does not count
    rounds: int = 0  # 0: as many as the command line says
    plotted: str = ""  # the figure that the plot shows

    def figures_of(self):
        return self.how.__name__


def entries(*names):
    return tuple(Entry(name) for name in names)


OURS = ("run", "hot folder")
ALL = entries(*OURS, "bare", "vipsthumbnail", "vipsthumbnail, xargs", "sharp", "ImageMagick", "GraphicsMagick",
              "Pillow", "djpeg", "inotifywait", "systemd.path")
MAKERS = tuple(entry for entry in ALL if entry.program not in ("djpeg", "inotifywait", "systemd.path"))
FEW = entries(*OURS, "bare", "vipsthumbnail", "sharp", "djpeg")
ONE = entries("hot folder")
WALL = "wall ms"
SCALE_GOALS = (*faster("run", 1.4, "sharp"), *faster("run", 2.0, "bare"), *within("run", 1.15, "djpeg", "CPU ms"),
               *within("hot folder", 1.05, "run"), *as_good("run", "bare", 0.3, 0.002))


def through_libvips(name, corpus, work):
    """A format for which all stand on the same codecs."""
    return Case(name, f"{corpus} to {work if work != 'scale' else 'JPEG'} of 1024 px", corpus, work,
                entries(*OURS, "bare", "vipsthumbnail", "sharp", "ImageMagick", "Pillow"),
                (*faster("run", 1.0, "sharp"), *within("hot folder", 1.05, "run")))


CASES = (
    Case("scale", "12 MP JPEG to 1024 px", "photos", "scale", ALL, SCALE_GOALS, plotted=WALL),
    Case("scale-422", "the same, stored with half of the colour", "photos 4:2:2", "scale", FEW, SCALE_GOALS),
    Case("scale-24mp", "24 MP JPEG to 1024 px", "photos of 24 MP", "scale", FEW,
         tuple(faster("run", 1.4, "sharp"))),
    Case("scale-progressive", "progressive JPEG to 1024 px", "progressive", "scale", FEW,
         (*faster("run", 1.0, "sharp"), *within("hot folder", 1.05, "run"))),
    Case("web", "the profile `web` that comes with hotfolder", "photos", "web", MAKERS,
         (*faster("run", 1.4, "sharp"), *within("hot folder", 1.05, "run")), plotted=WALL),
    Case("two-sizes", "README's two sizes: 2048 px, and 400 x 400 cut of it", "photos", "two sizes", MAKERS,
         (*faster("run", 1.5, "sharp"), *within("hot folder", 1.05, "run")), plotted=WALL),
    Case("srcset", "six outputs of each picture", "photos", "srcset", MAKERS,
         tuple(goal for name in ("bare", "vipsthumbnail", "vipsthumbnail, xargs", "sharp", "ImageMagick",
                                 "GraphicsMagick", "Pillow")
               for goal in faster("run", 1.0, name)), plotted=WALL),
    Case("phatch", "Phatch's own: 135 photos, round corners, scale, save", "Phatch's 135", "round",
         (*entries(*OURS, "sharp", "Pillow"), Entry("run", "run, scale alone", work="scale")),
         (*within("run", 1.2, "run, scale alone"), *faster("run", 1.0, "sharp")), plotted=WALL),
    Case("workers", "12 MP JPEG to 1024 px by 1, 2 and 4 workers", "Phatch's 135", "scale",
         tuple(Entry(name, f"{name}, {count}", workers=count) for count in (1, 2, 4)
               for name in (*OURS, "bare", "sharp")),
         (*gain("run"), *gain("hot folder"))),
    through_libvips("png", "PNG", "PNG"),
    through_libvips("webp", "WebP", "WebP"),
    through_libvips("tiff", "TIFF", "scale"),
    through_libvips("heic", "HEIC", "scale"),
    through_libvips("jpeg-to-webp", "photos", "WebP"),
    Case("panorama", "100 MP JPEG to 2048 px", "panorama", "panorama",
         (*MAKERS, Entry("djpeg")), tuple(faster("run", 1.0, "sharp"))),
    Case("small", "10,000 pictures of 640x480", "small", "small",
         entries(*OURS, "bare", "vipsthumbnail", "vipsthumbnail, xargs", "sharp", "GraphicsMagick", "Pillow", "djpeg",
                 "inotifywait"),
         (*faster("run", 1.2, "sharp"), *faster("hot folder", 1.0, "sharp", "CPU ms")), plotted=WALL),
    Case("syncs", "what is made durable, when many pictures come at once", "small", "small",
         (Entry("hot folder", files=500),), tuple(below("hot folder", "syncs", 4)), measures.syncs, False, 1),
    Case("start", "`run` of one picture", "photos", "scale",
         tuple(Entry(name, files=1) for name in ("run", "vipsthumbnail", "bare", "sharp", "Pillow")),
         tuple(within("run", 1.2, "vipsthumbnail", "CPU ms"))),
    Case("memory", "the most memory, of all processes together", "photos", "scale",
         entries(*OURS, "bare", "vipsthumbnail", "sharp", "ImageMagick", "GraphicsMagick", "Pillow"), (),
         measures.memory, False, 2),
    Case("memory-panorama", "the same for 100 MP", "panorama", "panorama",
         entries(*OURS, "bare", "vipsthumbnail", "sharp", "Pillow"), (), measures.memory, False, 2),
    Case("latency", "from close(2) of a picture of 640x480 to its output, nothing else to do", "small", "small",
         tuple(Entry(name, files=1) for name in ("hot folder", "inotifywait", "systemd.path")),
         (*below("hot folder", "p50 beside it ms", 15), *below("hot folder", "p99 beside it ms", 50)),
         measures.latency, False),
    Case("latency-behind-another", "the same, while 5,000 pictures wait in another folder", "small", "small",
         (Entry("hot folder", files=5000),), (), measures.behind_another, False, 2),
    Case("latency-behind-its-own", "the same, while 5,000 wait in its folder (the newest first, where that is known)",
         "small", "small", (Entry("hot folder", files=5000),), (), measures.behind_its_own, False, 2),
    Case("growth", "cost of a picture of 64x48 among 1,000, 10,000 and 100,000", "tiny", "tiny",
         tuple(Entry("hot folder", f"{count:,} files", files=16, number=count) for count in (1000, 10000, 100000)),
         (*within("10,000 files", 1.1, "1,000 files"), *within("100,000 files", 1.1, "1,000 files"),
          *within("100,000 files", 1.1, "1,000 files", "daemon MB")), measures.growth, False, 1),
    Case("backlog", "a start with 50,000 new files", "tiny", "tiny", ONE,
         (*below("hot folder", "first output s", 2), *below("hot folder", "stop s", 2),
          *below("hot folder", "daemon MB", 25)), measures.backlog, False, 1),
    Case("idle", "an empty folder, the workers alive", "small", "small", (Entry("hot folder", files=1),),
         (*below("hot folder", "CPU %", 0.05), *below("hot folder", "wake-ups a second", 2)), measures.idle, False, 1),
    Case("polling", "100,000 finished pictures in a folder without events", "tiny", "tiny",
         (Entry("hot folder", files=1),),
         (*below("hot folder", "CPU % were it every 10 s", 4), *below("hot folder", "daemon MB", 25)),
         measures.polling, False, 1),
    Case("control", "questions to the control socket, with 100,000 pictures in the ledger", "tiny", "tiny",
         (Entry("hot folder", files=1),),
         (*below("hot folder", "status p99 ms", 20), *below("hot folder", "why p99 ms", 20)), asking.answers, False, 1),
    Case("control-polled", "pictures of 640x480 while clients want the status once a second each", "small", "small",
         (Entry("hot folder", "no client", files=4000), Entry("hot folder", "50 clients", files=4000, number=50)),
         (Goal("pictures a second: 50 clients / none", lambda of: of["no client"][WALL] / of["50 clients"][WALL],
               least=0.97),), asking.asked, False),
    Case("page", "pictures of 640x480 while 50 clients want status and list once a second each through the page, "
         "20 read events, and one scrapes /metrics", "small", "small",
         (Entry("hot folder", "no page", files=4000), Entry("hot folder", "50 clients", files=4000, number=50)),
         tuple(disturbed(0.97, "50 clients", "no page")), visiting.visited, False),
    Case("overhead", "a job in the sandboxed worker against the same steps in one process", "photos", "web",
         (Entry("run", "12 MP", files=1, number=30),
          Entry("run", "640x480", corpus="small", files=1, number=2000)),
         (*below("12 MP", "more %", 2), *below("640x480", "more %", 8)), measures.overhead, False, 1),
    Case("import", "a card with 135 pictures of 12 MP to a directory, each copy proved", "Phatch's 135", "scale",
         entries("import", "import without manifest", "cp, sync"), tuple(within("import", 2.1, "cp, sync", WALL)),
         cards.cost, False),
    Case("import-first", "from the start to the one picture of 512 that is protected", "small", "small",
         (Entry("import", files=512),), tuple(below("import", "first s", 3)), cards.first, False),
    Case("chain", "ten steps of brightness against one", "photos", "web", (Entry("run", files=1),),
         tuple(below("run", "ten / one", 1.2)), measures.chain, False, 1),
)
SILENCE = "silence"  # has its own program, hangs.py
