#!/usr/bin/env python3
"""quickstart - the first hour: what packaging/quickstart and packaging/setup do and say.

apt-get, sudo and their friends are small scripts here; the programs of hotfolder are real. A whole first
start, which builds, is tests/e2e/quickstart.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

from harness import main, run

TOP = Path(__file__).resolve().parents[2]
TOOLS = ("awk", "bash", "cat", "cksum", "cut", "dirname", "env", "grep", "head", "mkdir", "mktemp", "mv",
         "readlink", "rm", "sed", "seq", "sh", "tail", "tee", "true")

# What apt-get says, shortened. It closes the descriptor of its status for dpkg: it must not be dpkg's 1.
APT_GET = r"""
for word in "$@"; do
    case $word in
    update) exit 0 ;;
    install) break ;;
    APT::Status-Fd=*) status=${word#*=} ;;
    esac
    shift
done
echo "$@" >>"$HOME/asked"
echo '0 upgraded, 354 newly installed, 0 to remove and 0 not upgraded.
Need to get 210 MB of archives.
After this operation, 807 MB of additional disk space will be used.'
[ -z "${APT_GET_EXIT-}" ] || { echo 'E: no space'; seq 40; exit "$APT_GET_EXIT"; }
[ "${status-3}" -gt 2 ] || exit 9
echo 'dlstatus:7:12.3456:Retrieving file 7 of 354 (42s remaining)
pmstatus:libvips-dev:amd64:45.6789:Unpacking libvips-dev (amd64)' >&"${status-1}"
"""


def machine(house, **programs):
    """An environment in which only a few tools exist and these programs, each the text of a script."""
    tools = house.work / "tools"
    shutil.rmtree(tools, ignore_errors=True)
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name))
    for name, text in programs.items():
        program = tools / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    return {"PATH": os.fspath(tools), "HOME": os.fspath(house.work), "LANG": "C.UTF-8"}


def debian(house, user=1000, **more):
    """A Debian on which no package is installed, and a user of that number."""
    return machine(house, apt_get=APT_GET, dpkg_query="exit 1", id=f"echo {user}", **more)


def asked(house):
    """The packages that apt-get was asked to install."""
    words = (house.work / "asked").read_text().split()
    return set(words[words.index("install"):]) - {"install", "-y", "--no-install-recommends"}


def setup(house, *arguments, script=TOP / "packaging/setup", env=None):
    return subprocess.run([script, *arguments], env=env or debian(house, 0), capture_output=True,
                          text=True, check=False)


def last_block(text):
    """The command that an administrator is asked to run, which is the last but one paragraph."""
    command, rest = text.rstrip("\n").split("\n\n")[-2:]
    assert rest == "Then start this again.", text
    return command.strip()


def a_user_without_sudo_is_told_at_the_end_what_an_administrator_has_to_run(house):
    done = setup(house, "--build", env=debian(house))
    assert done.returncode == 1
    wanted = last_block(done.stderr)
    assert wanted.startswith("apt-get update && apt-get install -y --no-install-recommends build-essential")
    assert not (house.work / "asked").exists()
    # The line is complete: run word for word, it installs what setup would have installed.
    run("sh", "-ec", wanted, env=debian(house, 0))
    by_hand = asked(house)
    (house.work / "asked").unlink()
    assert setup(house, "--build").returncode == 0
    assert by_hand == asked(house)


def a_user_whom_sudo_refuses_is_told_the_same(house):
    refusing = "echo anna is not in the sudoers file. >&2; exit 1"
    done = setup(house, "--build", env=debian(house, sudo=refusing))
    assert done.returncode == 1 and "anna is not in the sudoers file." in done.stderr
    assert last_block(done.stderr).startswith("apt-get update && apt-get install")


def setup_shows_what_apt_get_does(house):
    done = setup(house, "--build", env=debian(house, sudo='exec "$@"'))
    assert done.returncode == 0, done.stderr
    assert "Need to get 210 MB of archives." in done.stdout
    assert "After this operation, 807 MB of additional disk space will be used." in done.stdout
    assert "download 12 %: Retrieving file 7 of 354 (42s remaining)" in done.stdout
    assert re.search(r"setup: installed in \d+ s\n", done.stdout), done.stdout
    # A failure shows what went wrong first, in any language of the user.
    failed = setup(house, "--build", env={**debian(house, 0), "APT_GET_EXIT": "100", "LC_ALL": "de_DE.UTF-8"})
    assert failed.returncode == 1 and "E: no space" in failed.stderr, failed.stderr


def packages_of_benchmarks_are_installed_only_for_benchmarks(house):
    """A package that only a benchmark needs, such as a program to compare with, is added to the list."""
    copy = house.work / "packaging"
    copy.mkdir()
    shutil.copy(TOP / "packaging/steps", copy)
    text = (TOP / "packaging/setup").read_text()
    assert text.count("<<'LIST'\n") == 1
    (copy / "setup").write_text(text.replace("<<'LIST'\n", "<<'LIST'\nbench some-rival   to compare with\n")
                                .replace("ASIDE=/var", f"ASIDE={house.work}"))
    (copy / "setup").chmod(0o755)
    (house.work / "asked").unlink(missing_ok=True)
    for option in ((), ("--build",), ("--pack",), ("--bench",)):
        env = debian(house, 0, dpkg="exit 0")
        for name in re.findall(r"^aside (\S+)", text, re.MULTILINE):  # they are not of interest here
            os.makedirs(f"{house.work}/cache/hotfolder-tests/{name}", exist_ok=True)
        done = setup(house, *option, script=copy / "setup", env=env)
        assert done.returncode == 0, done.stderr
        assert ("some-rival" in asked(house)) == (option == ("--bench",)), option
        assert {"cmake", "libvips-dev"} <= asked(house)
        (house.work / "asked").unlink()
    for caller in (".ci/run", "tests/run", "packaging/quickstart"):
        assert not re.search("^[^#]*--bench", (TOP / caller).read_text(), re.MULTILINE), caller
    assert '"--bench"' in (TOP / "tests/bench/run").read_text()


if __name__ == "__main__":
    raise SystemExit(main(globals()))
