"""judge - feeds files to a real daemon, batch by batch, and judges what became of each.

It believes folders: what lies where, and whether outputs decode. Of the daemon's own words it uses
its counts, to see when it is at rest, and the times in its log.
"""
import collections
import os
import re
import shutil
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from harness import BUILD, run  # noqa: E402

MAGIC = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"GIF8", "gif"), (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"), (b"II+\0", "tiff"), (b"MM\0+", "tiff"), (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL ", "jxl"), (b"\0\0\0\x0cjP  ", "jp2"), (b"\xff\x4f\xff\x51", "jp2"),
    (b"%PDF", "pdf"), (b"BM", "bmp"),
)
# What a name may end in here; how names are treated is tested elsewhere, in tests/system/.
ENDINGS = set(".jpg .jpeg .png .gif .tif .tiff .webp .heic .heif .avif .bmp .jxl .jp2 .svg .pdf".split())
SLOWEST, EXAMPLES, SHOWN, PER_FOLDER, CHECKED = 10, 5, 110, 1000, 200
HEAD, PIECE, BATCH_BYTES = 512, 1 << 20, 1 << 30
SLACK = 5  # seconds
LONG = 200
STATE = {"ledger.db", "ledger.db-wal", "ledger.db-shm", "crash-record"}
# A worker of a sanitizer's build has terabytes of shadows: what it uses of them says nothing.
SANITIZED = bool(os.environ.get("HOTFOLDER_SANITIZE"))
PLACE = r"^(?:<\d>)?inbox: (\d+/\d+(?:\.\w+)?): "
TIMES = re.compile(PLACE + r"(done|failed) (?:in|after) ([\d.]+) s(?: -> |: )", re.M)
DEATHS = re.compile(PLACE + r"its worker died: (.*)$", re.M)
EVIDENCE = re.compile(r"\(after ([\d.]+) s, with (\d+) MB of memory at most\)$")
DENIED = re.compile(r"by signal 31 \(|it tried the system call ")  # SIGSYS; what the sandbox reports


def format_of(head):
    """A word for what the file seems to be, for the counts only."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return "avif" if b"avif" in head[8:32] or b"avis" in head[8:32] else "heif"
    if b"<svg" in head:
        return "svg"
    return next((word for magic, word in MAGIC if head.startswith(magic)),
                "other" if head else "empty")


def shown(path):
    """For people: one line, and not much of a path that is very long."""
    text = os.fsencode(path).decode("ascii", "backslashreplace").translate(
        {number: f"\\x{number:02x}" for number in (*range(32), 127)})
    return text if len(text) <= LONG else f"{text[:LONG // 2]}...{text[-LONG // 2:]}"


def walk(directory):
    """Paths of all that is below it and no directory, relative, as bytes."""
    top = os.fsencode(directory)
    return {os.path.relpath(os.path.join(where, name), top)
            for where, _, names in os.walk(top) for name in names}


class Peaks:
    """The most memory that the daemon and any worker ever had resident, in MB."""

    def __init__(self, house):
        self.house, self.daemon, self.worker, self.over = house, 0, 0, False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    @staticmethod
    def of(pid):
        try:
            with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
                found = re.search(r"VmHWM:\s+(\d+)", status.read())
        except OSError:
            return 0
        return int(found[1]) / 1024 if found else 0

    def watch(self):
        while not self.over:
            self.daemon = max(self.daemon, self.of(self.house.daemon.pid))
            try:
                self.worker = max([self.worker, *map(self.of, self.house.children())])
            except OSError:
                pass  # a thread has just ended
            time.sleep(0.1)

    def close(self):
        self.over = True
        self.thread.join()


class Corpus:
    """Of one daemon. A file that was fed is known by its place: a number, below a number."""

    def __init__(self, house, options):
        self.house, self.options = house, options
        self.inbox, self.output = os.fsencode(house.inbox), os.fsencode(house.output)
        self.around = [house.top / name for name in ("temporary", "current")]
        self.outcomes = collections.defaultdict(collections.Counter)  # format: outcome: files
        self.reasons, self.wrong = collections.Counter(), []
        self.examples = collections.defaultdict(list)
        self.origins = {}  # place: where it is from
        self.ended = {}  # place: "done" or "failed"
        self.fed, self.bytes, self.before = {}, 0, 0  # of this batch; place: format
        house.configure(
            f"accept += {{ {options.accept} }}" if options.accept else "",
            top=f"workers = {options.workers}  memory = {options.memory}MB", profile="corpus")
        text = house.config.read_text().replace(
            "quiet = 500ms", f"quiet = 500ms  deadline = {options.deadline}s  "
            "retry { attempts = 2  first = 500ms  max = 1s }")
        house.config.write_text(
            text + 'profile "corpus" { upright {} scale { width = 160 height = 160 }\n'
            '    save { name = "{dir}/{name}.jpg"  format = jpeg } }\n')

    def start(self):
        """The daemon, in places of its own, so that what it leaves there is seen."""
        temporary, current = self.around
        for directory in self.around:
            directory.mkdir()
        self.house.start(prefix=("env", "-C", current), TMPDIR=os.fspath(temporary))

    def complain(self, what):
        self.wrong.append(what)
        print(f"WRONG: {what}", flush=True)

    def name(self, place):
        return f"{shown(place)} ({shown(self.origins.get(place, b'not fed'))})"

    # One batch

    def drop(self, path, file, size):
        """Puts a copy of the open file into the folder; whether that could be read."""
        number = len(self.origins)
        ending = os.path.splitext(os.fsdecode(path))[1].lower()
        place = os.fsencode(f"{number // PER_FOLDER}/{number:06}"
                            + (ending if ending in ENDINGS else ""))
        head, left = b"", size
        with open(self.house.top / "next", "wb") as copy:
            while left:
                try:
                    piece = os.read(file, min(left, PIECE))
                except OSError:
                    return False
                if not piece:
                    break
                head = head or piece[:HEAD]
                left -= len(piece)
                copy.write(piece)
        os.makedirs(os.path.join(self.inbox, os.path.dirname(place)), exist_ok=True)
        os.rename(self.house.top / "next", os.path.join(self.inbox, place))
        self.origins[place], self.fed[place] = path, format_of(head)
        self.bytes += size
        return True

    def full(self):
        return len(self.fed) >= self.options.batch or self.bytes >= BATCH_BYTES

    def state(self):
        """What the daemon counts, to see that it makes progress."""
        try:
            _, status = self.house.get()
        except (OSError, ValueError):
            return None
        return status

    def rests(self, status):
        """Whether it has nothing left to do: all that is still in the folder is ignored, or pending for
        a rest that will never come."""
        folder = status["folders"][0]
        still = len(self.fed) - folder_finished(folder) + self.before
        resting = sum(folder["ignored"].values()) + sum(
            count for reason, count in folder["pending"].items() if "empty" in reason)
        open_rows = sum(folder[word] for word in ("queued", "in_progress"))
        return not open_rows and not status["in_progress"] and resting >= still

    def await_rest(self):
        last, since = None, time.monotonic()
        while self.house.daemon.poll() is None:
            status = self.state()
            if status and self.rests(status):
                return status
            now = status and status["folders"]
            if now != last:
                last, since = now, time.monotonic()
            if time.monotonic() - since > self.options.timeout:
                self.complain(f"nothing happened for {self.options.timeout} s: {last}")
                return status
            time.sleep(0.1)
        self.complain(f"the daemon died ({self.house.daemon.returncode})")
        return None

    def note(self, place, outcome, reason=""):
        self.outcomes[self.fed[place]][outcome] += 1
        if outcome != "left":
            self.ended[place] = outcome
        if not reason:
            return
        reason = re.sub(r"0x[0-9a-f]+|\d+", "N", reason)[:SHOWN]
        self.reasons[reason] += 1
        if len(self.examples[reason]) < EXAMPLES:
            self.examples[reason].append(shown(self.origins[place]))

    def judge_failed(self, failed):
        """failed/ holds each with a text beside it, and nothing else."""
        for place in sorted(failed & set(self.fed)):
            report = os.path.join(self.inbox, b"failed", place + b".txt")
            text = ""
            if os.path.isfile(report):
                text = Path(os.fsdecode(report)).read_text(encoding="utf-8", errors="replace")
            if not text.strip():
                self.complain(f"{self.name(place)} failed without a reason")
            self.note(place, "failed", reason_in(text))
        self.judge_strays("failed/", failed - {place + end for place in self.fed
                                               for end in (b"", b".txt")})

    def judge_outputs(self, done):
        made = walk(self.output)
        outputs = {place + b".jpg": place for place in done}
        for output in sorted(set(outputs) - made)[:EXAMPLES]:
            self.complain(f"done without its output: {self.name(outputs[output])}")
        self.judge_strays("the output", made - set(outputs))
        there = sorted(made & set(outputs))
        for at in range(0, len(there), CHECKED):
            part = there[at:at + CHECKED]
            if not decodes(*(os.path.join(self.output, output) for output in part)):
                for output in part:
                    if not decodes(os.path.join(self.output, output)):
                        self.complain(f"its output does not decode: {self.name(outputs[output])}")

    def judge_strays(self, where, strange):
        if strange:
            self.complain(f"files that should not be in {where}: "
                          f"{[shown(it) for it in sorted(strange)[:EXAMPLES]]}")

    def judge_around(self):
        """The daemon leaves no file outside of the places that it was given."""
        for directory in self.around:
            self.judge_strays(f"its {directory.name} directory", walk(directory))
        self.judge_strays("its state", walk(self.house.state) - set(map(os.fsencode, STATE)))
        self.judge_strays("its runtime directory", walk(self.house.runtime) - {b"control.sock"})

    def judge(self, status):
        there, done, failed = (walk(os.path.join(self.inbox, part)) for part in (b"", b"done",
                                                                                 b"failed"))
        there = {name for name in there if not name.startswith((b"done/", b"failed/"))}
        for place in self.fed:
            places = (place in there) + (place in done) + (place in failed)
            if places != 1:
                self.complain(f"{self.name(place)} is in {places} places")
        self.judge_strays("the folder", (there | done) - set(self.fed))
        for place in done & set(self.fed):
            self.note(place, "done")
        self.judge_failed(failed)
        self.judge_outputs(done & set(self.fed))
        self.judge_around()
        folder = status["folders"][0]
        for word in ("ignored", "pending"):
            for reason, count in folder[word].items():
                self.reasons[f"{word}: {reason}"] += count
        rest = there & set(self.fed)
        counted = sum(sum(folder[word].values()) for word in ("ignored", "pending"))
        if counted != len(rest):
            self.complain(f"{len(rest)} files are left, and {counted} are accounted for")
        for place in rest:
            self.note(place, "left")

    def judge_batch(self):
        """Waits for the batch, judges it and removes it; false when that was the last one."""
        status = self.await_rest()
        if not status:
            return False
        self.judge(status)
        self.before = folder_finished(status["folders"][0])
        self.fed, self.bytes = {}, 0
        for top in (self.inbox, self.output):
            for name in os.listdir(top):
                shutil.rmtree(os.path.join(top, name), ignore_errors=True)
        return self.house.daemon.poll() is None

    # All of it

    def judge_deaths(self, deaths):
        denied = [(place, why) for place, why in deaths if DENIED.search(why)]
        for place, why in denied:
            self.complain(f"the sandbox ended the worker of {self.name(place)}: {why}")
        most = self.options.deaths
        if most is not None and len(deaths) > most:
            self.complain(f"{len(deaths)} workers died, more than {most}")

    def judge_times(self, took):
        """`took`: (seconds, outcome, place), the longest first. Memory is waited for outside of the
        deadline, for as long as all other workers may take."""
        if took and took[0][0] > self.options.deadline * self.options.workers + SLACK:
            self.complain(f"{self.name(took[0][2])} took {took[0][0]:.1f} s")
        unlogged = set(self.ended) - {place for _, _, place in took}
        for place in sorted(unlogged)[:EXAMPLES]:
            self.complain(f"{self.name(place)} is {self.ended[place]}, and no message says so")

    def judge_memory(self, daemon, worker):
        if not SANITIZED and daemon > self.options.daemon_peak:
            self.complain(f"the daemon had {daemon:.0f} MB")
        if not SANITIZED and worker > self.options.worker_peak:
            self.complain(f"a worker had {worker:.0f} MB")

    def print_counts(self):
        words = ("done", "failed", "left")
        print(f"\n{'format':8}" + "".join(f"{word:>9}" for word in words))
        for kind, counts in sorted(self.outcomes.items()):
            print(f"{kind:8}" + "".join(f"{counts[word]:9}" for word in words))
        total = [sum(counts[word] for counts in self.outcomes.values()) for word in words]
        print(f"{'all':8}" + "".join(f"{count:9}" for count in total))
        print("\nreasons:")
        for reason, count in self.reasons.most_common():
            print(f"{count:7}  {reason}   {', '.join(self.examples[reason][:1])}")

    def report(self, daemon, worker, seconds):
        """`daemon`, `worker`: the peaks of memory that were seen, in MB."""
        self.print_counts()
        said = self.house.logged()
        deaths = [(os.fsencode(place), why) for place, why in DEATHS.findall(said)]
        took = [(float(length), outcome, os.fsencode(place))
                for place, outcome, length in TIMES.findall(said)]
        print(f"\nworkers died: {len(deaths)}")
        for place, why in deaths:
            print(f"  {self.name(place)}: {why}")
            evidence = EVIDENCE.search(why)
            if evidence:
                took.append((float(evidence[1]), "death", place))
                worker = max(worker, float(evidence[2]))
        print("slowest:")
        took.sort(reverse=True)
        for length, outcome, place in took[:SLOWEST]:
            print(f"{length:8.2f} s  {outcome:6}  {self.name(place)}")
        print(f"{len(self.ended)} ended of {len(self.origins)} files in {seconds:.0f} s; peak memory: "
              f"daemon {daemon:.0f} MB, worker {worker:.0f} MB")
        self.judge_deaths(deaths)
        self.judge_times(took)
        self.judge_memory(daemon, worker)
        if "Sanitizer" in said:
            self.complain("a sanitizer has found something:\n" + said[said.index("Sanitizer"):][:3000])


def decodes(*paths):
    return run(BUILD / "bin/picture", "check", *paths, check=False, text=False).returncode == 0


def folder_finished(folder):
    return folder["done"] + folder["failed"]


def reason_in(text):
    """The sentence of a report in failed/, without where it happened and what to do."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line.removeprefix("error:").strip() for line in lines if line.startswith("error:")),
                lines[0] if lines else "")
