#!/usr/bin/env python3
"""watching - `hotfolder status --watch` on a terminal of its own."""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading

from harness import main, wait_until

ENTER, LEAVE = b"\033[?1049h", b"\033[?1049l"
SEQUENCE = re.compile(rb"\033\[([?0-9;]*)([A-Za-z])")


class Terminal:
    """A terminal that runs a program, and knows what it shows. A line that is too long would wrap, and one line too
    many would scroll."""

    def __init__(self, house, *arguments, columns=80, rows=24, **environment):
        self.raw = b""
        self.main, self.side = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.side)
        self.process = subprocess.Popen(
            [house.bin / "hotfolder", "--runtime-dir", house.runtime, *arguments], stdin=self.side, stdout=self.side,
            stderr=self.side, start_new_session=True, env={**house.environment(), "TERM": "xterm", **environment},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                self.raw += os.read(self.main, 65536)
            except OSError:
                return

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.main, keys)

    def screen(self):
        """The lines of the other screen."""
        text = self.raw.split(ENTER)[-1].split(LEAVE)[0]
        lines, row, column, at = {}, 0, 0, 0
        while at < len(text):
            found = SEQUENCE.match(text, at)
            if found:
                at = found.end()
                if found[2] == b"H":
                    row = column = 0
                elif found[2] == b"K":
                    lines[row] = lines.get(row, "")[:column]
                elif found[2] == b"J":
                    lines = {number: line for number, line in lines.items() if number <= row}
                else:
                    assert found[2] in b"mhl", found[0]
                continue
            end = next((place for place in range(at, len(text)) if text[place] < 32), len(text))
            if end > at:
                part = text[at:end].decode(errors="replace")
                lines[row] = lines.get(row, "")[:column].ljust(column) + part + lines.get(row, "")[column + len(part):]
                column, at = column + len(part), end
            elif text[at:at + 1] == b"\n":
                row, at = row + 1, at + 1
            elif text[at:at + 1] == b"\r":
                column, at = 0, at + 1
            else:
                assert text[at:].startswith(b"\033") and len(text) - at < 12, text[at:at + 12]
                break # the rest of it comes
        return [lines.get(number, "") for number in range(max(lines, default=-1) + 1)]

    def shown(self):
        """None: what it shows does not fit, as just after a resize."""
        lines = self.screen() if ENTER in self.raw else []
        fits = len(lines) <= self.rows and all(len(line) < self.columns for line in lines)
        return "\n".join(lines) if fits else None

    def await_shown(self, *patterns, without=None):
        def is_shown():
            assert self.process.poll() is None, self.raw
            text = self.shown()
            return text and all(re.search(pattern, text) for pattern in patterns) and \
                not (without and re.search(without, text)) and text
        return wait_until(is_shown, f"{patterns} is on the screen, and fits")

    def ends(self):
        """Its exit status; the terminal is then as it was."""
        status = self.process.wait(60)
        wait_until(lambda: self.raw.count(ENTER) == self.raw.count(LEAVE), "the screen is restored, each time")
        wait_until(lambda: b"\033[?25h" in self.raw.rsplit(ENTER)[-1], "the cursor is shown")
        assert termios.tcgetattr(self.side) == self.before, "the terminal is not as it was"
        return status


def queue(house, *names):
    for name in names:
        house.photo(name).rename(house.inbox / name)


def it_follows_what_happens_and_leaves_the_terminal_as_it_was(house):
    house.start()
    terminal = Terminal(house, "status", "--watch")
    terminal.await_shown(r"^hotfolder \S+, \d+ workers, 0 in progress\n", r"\nfolder +state +queued +in progress",
                         r"\ninbox +available +0 +0 +0 +0$")
    house.command("pause", "inbox", check=True)
    long = "a picture with a very long name from the camera of the second photographer " * 2 + "0001.jpg"
    queue(house, long)
    text = terminal.await_shown(r"\ninbox +paused +1 +0 +0 +0\n  by \S+ since \d\d:\d\d$")
    house.command("resume", "inbox", check=True)
    terminal.await_shown(r"\ninbox +available +0 +0 +1 +0$", without="since")
    terminal.type(b"xq")
    assert terminal.ends() == 0, text


def a_signal_ends_it_with_the_terminal_as_it_was(house):
    house.start()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        terminal = Terminal(house, "status", "--watch")
        terminal.await_shown("inbox")
        terminal.process.send_signal(number)
        assert terminal.ends() == -number
    terminal = Terminal(house, "status", "--watch")
    terminal.await_shown("inbox")
    terminal.type(b"\x03")
    assert terminal.ends() == -signal.SIGINT


def it_can_be_stopped_and_continued(house):
    house.start()
    terminal = Terminal(house, "status", "--watch")
    terminal.await_shown("inbox")
    terminal.process.send_signal(signal.SIGTSTP)
    wait_until(lambda: LEAVE in terminal.raw, "the shell's screen is back")
    wait_until(lambda: termios.tcgetattr(terminal.side) == terminal.before, "its keys are, too")
    terminal.process.send_signal(signal.SIGCONT)
    wait_until(lambda: terminal.raw.count(ENTER) == 2, "it is drawn again")
    terminal.await_shown("inbox")
    terminal.type(b"q")
    assert terminal.ends() == 0


def nothing_is_sent_while_nothing_happens(house):
    house.start()
    terminal = Terminal(house, "status", "--watch")
    terminal.await_shown("inbox")
    asked = []
    wait_until(lambda: asked.append(len(terminal.raw)) or len(asked) > 30, "it has asked again", every=0.1)
    frames = terminal.raw.count(b"\033[H")
    assert frames <= 2, terminal.raw # the second where the first came before its worker was ready
    terminal.type(b"q")
    terminal.ends()
    assert b"\033[2J" not in terminal.raw, "it clears the whole screen, which flickers"


def folders(house, count):
    """Beside the inbox; the last one is not there, and the one before has a long name."""
    text = house.config.read_text()
    for number in range(count):
        name = f"folder number {number} of the people on the second floor" if number == count - 2 else f"f{number}"
        for place in ("in", "out"):
            (house.top / place / str(number)).mkdir(parents=True)
        text += (f'folder "{name}" {{ path = "{house.top}/in/{number}" output = "{house.top}/out/{number}"'
                 ' profile = "small" }\n')
    house.config.write_text(text)
    (house.top / "in" / str(count - 1)).rmdir()


def as_many_folders_as_fit_are_shown_those_that_need_attention_first(house):
    folders(house, 40)
    house.start()
    house.command("pause", "f7", check=True)
    terminal = Terminal(house, "status", "--watch")
    text = terminal.await_shown(r"\nf39 +unavailable .*\n  the directory .*\nf7 +paused .*\n  by .*\ninbox ",
                                r"\nand \d+ more folders: `hotfolder status`$")
    lines = text.split("\n")
    assert len(lines) == 24, lines
    beside = len(lines) - lines.index(next(line for line in lines if line.startswith("f39"))) - 3
    assert f"and {41 - beside} more folders" in text, text
    terminal.resize(120, 60)
    text = terminal.await_shown(r"\nf37 ", r"\nfolder number 38 of the people on the second floor +available")
    terminal.resize(60, 60)
    terminal.await_shown(r"\nf37 ", r"\nfold\.\.\.oor +available")
    terminal.resize(20, 3)
    terminal.await_shown(r"^hotfolder")
    terminal.type(b"q")
    assert terminal.ends() == 0


def many_folders_are_readable_on_80_columns_without_a_terminal_too(house):
    folders(house, 20)
    house.start()
    house.command("pause", "f7", check=True)
    wait_until(lambda: house.get()[1]["folders"][20]["state"] == "unavailable", "it is unavailable")
    lines = house.command("status", check=True).stdout.splitlines()
    # Only what is wrong, and the command that tests it, may be longer.
    wide = [line for line in lines if len(line) > 80]
    assert [line.split()[0] for line in wide] == ["f19:", "next"], wide
    assert sum(re.match(r"(inbox|f\d+|folder .*): ", line) is not None for line in lines) == 21, lines
    assert lines[-1] == "21 folders: 19 available, 1 unavailable, 1 paused", lines[-1]


def a_daemon_that_restarts_is_awaited(house):
    house.start()
    terminal = Terminal(house, "status", "--watch", NO_COLOR="1")
    terminal.await_shown("inbox +available")
    house.stop()
    terminal.await_shown(r"^the daemon does not answer since \d\d:\d\d", "inbox +available")
    house.start()
    terminal.await_shown(r"^the daemon was restarted; it answers again since \d\d:\d\d\nhotfolder ", "inbox +available")
    assert b"\033[3" not in terminal.raw, "NO_COLOR is set"
    terminal.type(b"q")
    assert terminal.ends() == 0


def without_a_terminal_it_is_refused(house):
    house.start()
    for arguments, words in ((("--watch",), "--watch draws on a terminal"),
                             (("--watch", "--json"), "give --json or --watch, not both")):
        refused = house.command("status", *arguments)
        assert refused.returncode == 2 and words in refused.stderr and not refused.stdout, refused
    terminal = Terminal(house, "status", "--watch", TERM="dumb")
    assert terminal.process.wait(60) == 2 and ENTER not in terminal.raw
    house.stop()
    terminal = Terminal(house, "status", "--watch")
    assert terminal.process.wait(60) == 1
    wait_until(lambda: b"no daemon answers" in terminal.raw, "it says so")
    assert ENTER not in terminal.raw, terminal.raw


if __name__ == "__main__":
    sys.exit(main(globals()))
