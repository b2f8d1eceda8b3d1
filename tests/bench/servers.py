"""servers - shares for hangs.py: each has a server that can fall silent and respond again.

    own     tests/tools/share, stopped
    bindfs  stopped
    sshfs   it or its SFTP server, stopped; no network, no password

All of them end with the benchmark, and what they mounted is unmounted (harness.py).
"""
import signal
import socket
import subprocess
from pathlib import Path

import harness

SFTP_SERVER = "/usr/lib/openssh/sftp-server"


class Processes:
    """One of these is stopped."""

    def __init__(self, *processes):
        self.processes, self.silent = processes, None

    def silence(self, chance):
        self.silent = chance.choice(self.processes)
        self.silent.send_signal(signal.SIGSTOP)

    def respond(self):
        if self.silent:
            self.silent.send_signal(signal.SIGCONT)

    def end(self):
        for process in self.processes:
            process.terminate()
            process.wait(harness.TIMEOUT)


def own(house, behind, place):
    return Processes(harness.share(house, behind, place))


def started(house, place, command, **options):
    """A program that mounts `place`, once it has."""
    try:
        server = subprocess.Popen(command, **options)
    except FileNotFoundError as absent:
        raise harness.Missing(f"{command[0]} is not installed") from absent
    await_mount(house, place, server)
    return server


def await_mount(house, place, server):
    def is_mounted():
        assert server.poll() is None, f"{server.args} has ended"
        return f" {place} " in Path("/proc/self/mountinfo").read_text(encoding="utf-8")

    harness.wait_until(is_mounted, f"{place} is mounted")
    house.mounts.append(place)


def bindfs(house, behind, place):
    return Processes(started(house, place, ["bindfs", "-f", behind, place]))


def sshfs(house, behind, place):
    here, there = socket.socketpair()
    with here, there:
        server = subprocess.Popen([SFTP_SERVER], stdin=there, stdout=there)
        client = started(house, place, ["sshfs", "-f", "-o", "passive", f"bench:{behind}", place],
                         stdin=here, stdout=here)
    return Processes(client, server)


KINDS = {kind.__name__: kind for kind in (own, bindfs, sshfs)}
