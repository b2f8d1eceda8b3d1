"""visiting - what a page that many people look at takes from the pictures.

hotfolder-page listens on 127.0.0.1, and its clients are one process on the same machine. Theirs would be
other machines: what they themselves cost is a figure of its own. `elsewhere` is the wall time without it,
as if it had kept each core busy for its share; where a core was idle, that takes off too much.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

from meter import TICKS, cpu_seconds
from page import Page
from services import HotFolder, serve

CROWD = Path(__file__).with_name("crowd")
STREAMS = 20


def cpu_alone(pid):
    """Of this process without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICKS


class Visited(HotFolder):
    """A hot folder at whose page so many clients look; 0: there is no page."""

    def __init__(self, job, clients):
        super().__init__(job)
        self.clients, self.page, self.crowd = clients, None, None
        self.looks = []  # {part: CPU seconds}, at the beginning and at the end
        self.said = {}

    def start(self, **how):
        super().start(**how)
        if not self.clients:
            return
        self.page = Page(self.house)
        self.crowd = subprocess.Popen([sys.executable, "-B", CROWD, str(self.page.port), str(self.clients),
                                       str(STREAMS)], stdout=subprocess.PIPE, text=True)
        assert self.crowd.stdout.readline() == "ready\n", "the clients have ended"

    def cpu_seconds(self):
        every, alone = super().cpu_seconds(), cpu_alone(self.pid)
        parts = {"daemon": alone, "workers": every - alone}
        if self.clients:
            parts |= {"page": cpu_seconds(self.page.process.pid), "clients": cpu_seconds(self.crowd.pid)}
        self.looks.append(parts)
        return every + parts.get("page", 0)

    def stop(self):
        if self.crowd:
            self.crowd.terminate()
            said, _ = self.crowd.communicate(timeout=60)
            assert self.crowd.returncode == 0, "the clients have ended"
            self.said, self.crowd = json.loads(said), None
        if self.page:
            self.page.__exit__(sys.exc_info()[0])
            self.page = None
        super().stop()


def visited(entry, job, _):
    job.house.configure()
    service = Visited(job, entry.number)
    cost = serve(service, job)
    first, last = service.looks
    spent = {part: 1000 * (last[part] - first[part]) / len(job.files) for part in last}
    wall = 1000 * cost["wall"] / len(job.files)
    figures = {"wall ms": wall, "elsewhere ms": wall - spent.get("clients", 0) / os.cpu_count(),
               "CPU ms": 1000 * cost["cpu"] / len(job.files)}
    figures |= {f"{part} CPU ms": value for part, value in spent.items()}
    return figures | {f"answer {name}" if name.endswith("ms") else name: value
                      for name, value in service.said.items()}
