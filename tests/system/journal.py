#!/usr/bin/env python3
"""Messages in a real journal: a journald of its own in a mount namespace. Needs root."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import sandbox
from harness import BUILD, SKIPPED, TIMEOUT, Skip, main, run, wait_until

JOURNALD = "/lib/systemd/systemd-journald"
DIRECTORY = Path("/run/systemd/journal")
CATALOG = BUILD / "packaging/manual/hotfolder.catalog"
EVENTS = Path(__file__).resolve().parents[2] / "daemon/journal/events.c"


class Journal:
    """A journald that sees only our daemon, empty at first."""

    def __init__(self):
        self.process = None
        self.start()

    def start(self):
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        DIRECTORY.mkdir(parents=True)
        self.process = subprocess.Popen([JOURNALD], stderr=subprocess.DEVNULL)
        wait_until((DIRECTORY / "socket").exists, "journald listens")

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stream(self):
        """A standard error as systemd gives it to a service, and the variable that says so."""
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.connect(os.fspath(DIRECTORY / "stdout"))
        stream.sendall(b"hotfolder\n\n6\n0\n0\n0\n0\n")
        status = os.fstat(stream.fileno())
        return {"stderr": stream, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}

    def entries(self, *matches):
        run("journalctl", "--sync")
        lines = run("journalctl", "-o", "json", "--no-pager", *matches, check=False).stdout
        return [json.loads(line) for line in lines.splitlines()]

    def await_entry(self, *matches):
        return wait_until(lambda: self.entries(*matches), f"the journal has {matches}")[0]


def rows():
    """The events as daemon/journal/events.c has them: {name: (id, fields, advice)}."""
    text = r'"((?:[^"\\]|\\.)*)"'
    row = (rf"\[EVENT_\w+\] = \{{ {text}, {text}, LOG_\w+, RATE_\w+,"
           rf"\s+{text},\s+{text},\s+{text},\s+{text} \}},")
    return {m[1]: (m[2], m[4].split(), m[6]) for m in re.finditer(row, EVENTS.read_text())}


def check_fields(entries):
    """Each entry of ours has its event's fields: all of those that it always carries, no other."""
    names = dict(re.findall(r'FIELD\("(\w+)", "(HOTFOLDER_\w+)"', EVENTS.read_text()))
    events = rows()
    for entry in entries:
        identity, words, _ = events[entry["HOTFOLDER_EVENT"]]
        assert entry["MESSAGE_ID"] == identity, entry
        has = {name for name in entry if name.startswith("HOTFOLDER_")} - {"HOTFOLDER_EVENT"}
        has = {name.removesuffix("_KIND") if "ERROR" in name else name for name in has}
        may = {names[word.rstrip("?")].removesuffix("_KIND") for word in words}
        must = {names[word].removesuffix("_KIND") for word in words if not word.endswith("?")}
        assert must <= has <= may, (must - has, has - may, entry)


def the_journal_tells_the_story_of_a_folder(house):
    journal = Journal()
    house.configure(name="weddings")
    house.start(**journal.stream())
    whole = house.photo("kiss.jpg")
    (house.work / "cut.jpg").write_bytes(whole.read_bytes()[:3000])
    (house.work / "list.txt").write_text("no picture")
    for name in ("kiss.jpg", "cut.jpg", "list.txt"):
        (house.work / name).rename(house.inbox / name)
    of_folder = "HOTFOLDER_FOLDER=weddings"
    for event in ("done", "failed", "ignored"):
        journal.await_entry(of_folder, f"HOTFOLDER_EVENT={event}")
    house.inbox.rename(house.top / "elsewhere")
    journal.await_entry(of_folder, "HOTFOLDER_EVENT=folder-unavailable")
    (house.top / "elsewhere").rename(house.inbox)
    journal.await_entry(of_folder, "HOTFOLDER_EVENT=folder-available")
    house.configure(name="birthdays")
    house.send(signal.SIGHUP)
    journal.await_entry(of_folder, "HOTFOLDER_EVENT=folder-removed")
    house.stop()

    entries = journal.entries("SYSLOG_IDENTIFIER=hotfolder")
    check_fields(entries)
    assert len(entries) >= 7, entries # with started and stopped
    (failed,) = journal.entries(of_folder, "HOTFOLDER_EVENT=failed")
    assert failed["PRIORITY"] == "3" and failed["HOTFOLDER_SOURCE"] == "cut.jpg", failed
    assert failed["HOTFOLDER_ERROR_KIND"] == "picture", failed


def a_forbidden_system_call_is_a_field_of_its_own(house):
    journal = Journal()
    sandbox.begin_with_an_attacker(house, **journal.stream())
    house.photo("socket.png").rename(house.inbox / "socket.png")
    died = journal.await_entry("HOTFOLDER_EVENT=worker-died")
    assert died["HOTFOLDER_SYSCALL"] == "socket", died
    assert died["HOTFOLDER_STEP"].endswith("(attack)"), died
    check_fields([died])


def the_catalog_explains_every_message_and_nothing_else(house):
    if not CATALOG.exists():
        raise Skip("this build makes no catalog")
    text = CATALOG.read_text()
    assert re.findall(r"^-- (\w+)$", text, re.M) == [row[0] for row in rows().values()]
    assert "{" not in text, "a placeholder is left"

    place("/usr/lib/systemd/catalog", "/var/lib/systemd/catalog")
    shutil.copy(CATALOG, "/usr/lib/systemd/catalog")
    updated = run("journalctl", "--update-catalog")
    assert not updated.stderr, updated.stderr
    journal = Journal()
    house.configure(name="weddings")
    house.start(**journal.stream())
    (house.inbox / "list.txt").write_text("no picture")
    journal.await_entry("HOTFOLDER_EVENT=ignored")
    shown = run("journalctl", "-x", "--no-pager", "HOTFOLDER_EVENT=ignored").stdout
    assert "list.txt: ignored:" in shown, shown
    assert "Subject: A file is ignored" in shown, shown
    assert "of folder weddings by reason" in re.sub(r"\s+(?:░░ )?", " ", shown), shown
    listed = run("journalctl", "--list-catalog").stdout.splitlines()
    assert len(listed) == len(rows()), listed


def a_journal_that_hangs_holds_up_no_picture_and_hears_of_all_later(house):
    journal = Journal()
    house.start(**journal.stream())
    journal.send(signal.SIGSTOP)
    names = [f"p{number}.jpg" for number in range(30)] # the socket holds 10 messages
    master = house.photo("master.jpg", size="160x120")
    for name in names:
        shutil.copy(master, house.work / name)
        (house.work / name).rename(house.inbox / name)
    house.await_output(*names)
    house.await_quiet(names)
    journal.send(signal.SIGCONT)
    wait_until(lambda: len(journal.entries("HOTFOLDER_EVENT=done")) == len(names),
               "the journal has heard of every picture")


def a_journal_that_hangs_does_not_hold_up_a_stop(house):
    journal = Journal()
    house.start(**journal.stream())
    journal.send(signal.SIGSTOP)
    for number in range(15):
        (house.inbox / f"{number}.txt").write_text("no picture")
    wait_until(lambda: house.get()[1]["folders"][0]["ignored"], "the files were looked at")
    assert house.stop() == 0
    journal.send(signal.SIGCONT)


def a_flood_of_stray_files_is_logged_by_its_count(house):
    journal = Journal()
    house.start(**journal.stream())
    for number in range(300):
        (house.inbox / f"{number}.txt").write_text("no picture")
    wait_until(lambda: sum(house.get()[1]["folders"][0]["ignored"].values()) == 300,
               "every file was looked at")
    house.stop()
    left = journal.entries("HOTFOLDER_EVENT=ignored")
    (more,) = journal.entries("HOTFOLDER_EVENT=suppressed")
    assert len(left) + int(more["HOTFOLDER_COUNT"]) == 300 and len(left) == 20, (len(left), more)
    assert more["HOTFOLDER_FOLDER"] == "inbox" and more["HOTFOLDER_REASON"] == "ignored", more
    assert journal.entries("HOTFOLDER_EVENT=stopped")


def a_journal_that_starts_again_gets_messages_again(house):
    journal = Journal()
    house.start(**journal.stream())
    journal.await_entry("HOTFOLDER_EVENT=started")
    journal.kill()
    house.photo("one.jpg").rename(house.inbox / "one.jpg")
    house.await_output("one.jpg")
    house.await_quiet(["one.jpg"])
    journal.start()
    house.photo("two.jpg").rename(house.inbox / "two.jpg")
    entry = journal.await_entry("HOTFOLDER_EVENT=done", "HOTFOLDER_SOURCE=two.jpg")
    assert entry["HOTFOLDER_OUTPUT"] == "two.jpg", entry
    # Messages in between are lost; how many they were is logged.
    entry = journal.await_entry("HOTFOLDER_EVENT=messages-lost")
    assert int(entry["HOTFOLDER_COUNT"]) >= 1, entry


def without_the_journal_s_socket_messages_are_lines_on_standard_error(house):
    journal = Journal()
    house.start(**journal.stream())
    journal.await_entry("HOTFOLDER_EVENT=started")
    (DIRECTORY / "socket").rename(DIRECTORY / "gone")
    (house.inbox / "list.txt").write_text("no picture")
    line = journal.await_entry("_TRANSPORT=stdout", "SYSLOG_IDENTIFIER=hotfolder")
    assert line["MESSAGE"].startswith("inbox: list.txt: ignored: "), line
    (DIRECTORY / "gone").rename(DIRECTORY / "socket")


# A namespace for it all

def place(*directories):
    """Empty file systems over these directories."""
    for directory in filter(os.path.isdir, directories):
        run("mount", "-t", "tmpfs", "tmpfs", directory)


def in_a_namespace():
    """Whether we are where /run is ours alone; otherwise the status of doing it there."""
    if "HOTFOLDER_NAMESPACE" in os.environ:
        place("/run", "/var/log/journal")
        DIRECTORY.mkdir(parents=True)
        return None
    unshare = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() or run(*unshare, "true", check=False).returncode or not os.path.exists(JOURNALD):
        print("skipped: needs root, a mount namespace and journald")
        return SKIPPED
    # Its end takes the journald and the mounts of the namespace along.
    return subprocess.run([*unshare, "--pid", "--fork", "--kill-child", "--mount-proc",
                           sys.executable, "-B", *sys.argv], timeout=3 * TIMEOUT, check=False,
                          env={**os.environ, "HOTFOLDER_NAMESPACE": "1"}).returncode


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        sys.exit(main(globals()))
    elsewhere = in_a_namespace()
    sys.exit(main(globals()) if elsewhere is None else elsewhere)
