#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""loop - loop devices of the host that no other program takes by chance.

    loop.py add          makes one without a file, and prints its number
    loop.py remove N     takes it away again
"""
import errno
import fcntl
import os
import stat
import sys

CTL_ADD, CTL_REMOVE = 0x4C80, 0x4C81
FIRST, LAST, MAJOR = 64, 255, 7


def add(control):
    for number in range(FIRST, LAST + 1):
        try:
            fcntl.ioctl(control, CTL_ADD, number)
        except OSError as error:
            if error.errno == errno.EEXIST:
                continue
            raise
        if not os.path.exists(f"/dev/loop{number}"):
            os.mknod(f"/dev/loop{number}", 0o660 | stat.S_IFBLK, os.makedev(MAJOR, number))
        return number
    raise SystemExit("loop.py: every number is taken")


def main(verb, *rest):
    with open("/dev/loop-control", "rb") as control:
        if verb == "add":
            print(add(control))
        else:
            fcntl.ioctl(control, CTL_REMOVE, int(rest[0]))


main(*sys.argv[1:])
