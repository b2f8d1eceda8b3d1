"""probe - what a program may do in the sandbox that it is started in: probe.py INBOX OUTPUT

It is run by a copy of hotfolder's unit, in place of the daemon. Each line that it prints is something
that should be otherwise.
"""
import ctypes
import errno
import fcntl
import mmap
import os
import resource
import socket
import sys

inbox, output = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
LANDLOCK_CREATE_RULESET, LANDLOCK_VERSION = 444, 1
SECCOMP, SECCOMP_GET_ACTION_AVAIL, SECCOMP_RET_ERRNO = 317, 2, 0x00050000
CAP_LEASE = 1 << 28
wrong = []


def call(function, *arguments):
    """A function of libc; -1 is an OSError."""
    if getattr(libc, function)(*arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def may(what, action, *others):
    """It works, or fails with one of the other errors."""
    try:
        action()
    except OSError as error:
        if error.errno not in others:
            wrong.append(f"it may not {what}: {error}")


def may_not(what, action, *codes):
    try:
        action()
    except OSError as error:
        if error.errno not in codes:
            wrong.append(f"that it may not {what} shows as: {error}")
    else:
        wrong.append(f"it may {what}")


def create(directory):
    path = os.path.join(directory, "written-by-probe")
    with open(path, "w", encoding="utf-8") as file:
        file.write("x")
    os.remove(path)


def lease():
    with open(os.path.join(inbox, "of-root"), "rb") as file:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)


# Files
for place in (inbox, output, os.environ["STATE_DIRECTORY"], "/tmp"):
    may(f"write into {place}", lambda place=place: create(place))
for place in ("/etc", "/srv", "/usr/bin", "/var/lib/hotfolder", "/run", "/dev/shm/.."):
    may_not(f"write into {place}", lambda place=place: create(place), errno.EROFS, errno.EACCES)
may_not("look into homes", lambda: os.listdir("/home"), errno.EACCES)
may("take a lease on a file of another user", lease)
may_not("give a file away", lambda: os.chown(os.path.join(inbox, "of-root"), 1, 1), errno.EPERM)
may_not("see a disk", lambda: os.stat("/dev/loop0"), errno.ENOENT)

# Other programs
for process in os.listdir("/proc"):
    if process.isdigit() and os.stat(f"/proc/{process}").st_uid != os.getuid():
        wrong.append(f"it sees process {process} of another user")
may_not("make a user namespace", lambda: call("unshare", CLONE_NEWUSER), errno.EPERM)
may_not("make a mount namespace", lambda: call("unshare", CLONE_NEWNS), errno.EPERM)
may_not("mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None), errno.EPERM)
may_not("take a higher priority",
        lambda: os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) - 1), errno.EACCES)
may_not("write code and run it",
        lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
        errno.EPERM)

# Networks
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
    may_not(f"make a socket of {family.name}", lambda family=family: socket.socket(family),
            errno.EAFNOSUPPORT)
may("make a local socket", lambda: socket.socket(socket.AF_UNIX))
with open("/proc/net/dev", encoding="utf-8") as file:
    interfaces = [line.split(":")[0].strip() for line in file if ":" in line]
if interfaces != ["lo"]:
    wrong.append(f"it sees the networks {interfaces}")

# What a worker needs to lock itself in
may("ask for landlock",
    lambda: call("syscall", LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_VERSION),
    errno.ENOSYS, errno.EOPNOTSUPP)
may("use seccomp", lambda: call("syscall", SECCOMP, SECCOMP_GET_ACTION_AVAIL, 0,
                                ctypes.byref(ctypes.c_uint32(SECCOMP_RET_ERRNO))))
may("limit itself", lambda: resource.setrlimit(resource.RLIMIT_NPROC, (64, 64)))

with open("/proc/self/status", encoding="utf-8") as file:
    status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
for field in ("CapEff", "CapPrm", "CapBnd"):
    if int(status[field], 16) != CAP_LEASE:
        wrong.append(f"{field} is {status[field]}")
if status["NoNewPrivs"] != "1" or status["Seccomp"] != "2":
    wrong.append(f"no_new_privs is {status['NoNewPrivs']}, seccomp {status['Seccomp']}")

print("\n".join(wrong) if wrong else "as it should be", flush=True)
sys.exit(bool(wrong))
