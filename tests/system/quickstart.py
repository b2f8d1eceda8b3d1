#!/usr/bin/env python3
"""quickstart - the first hour: what packaging/quickstart and packaging/setup do and say.

apt-get, sudo and their friends are small scripts here; the programs of hotfolder are real. A whole first
start, which builds, is tests/e2e/quickstart.
"""
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

from harness import BUILD, main, run, sizes_of, wait_until

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
    programs = {"apt_get": APT_GET, "dpkg": "exit 0", "dpkg_query": "exit 1", "id": f"echo {user}"}
    return machine(house, **{**programs, **more})


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


def a_user_without_sudo_reads_at_the_end_what_an_administrator_has_to_run(house):
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


def a_user_whom_sudo_refuses_reads_the_same(house):
    refusing = "echo anna is not in the sudoers file. >&2; exit 1"
    done = setup(house, "--build", env=debian(house, sudo=refusing))
    assert done.returncode == 1 and "anna is not in the sudoers file." in done.stderr
    assert last_block(done.stderr).startswith("apt-get update && apt-get install")
    # packaging/quickstart has nothing to add.
    (house.work / "bin").mkdir()
    done = run(TOP / "packaging/quickstart", "--build", env=debian(house, sudo=refusing), cwd=house.work,
               check=False)
    assert done.returncode == 1 and last_block(done.stderr).startswith("apt-get update &&")


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


def an_installation_that_was_interrupted_is_completed_first(house):
    dpkg = 'echo "$@" >>"$HOME/dpkg"'
    refuses = '[ -e "$HOME/dpkg" ] || { echo "E: dpkg was interrupted" >&2; exit 100; }\n' + APT_GET
    done = setup(house, "--build", env=debian(house, 0, dpkg=dpkg, apt_get=refuses))
    assert done.returncode == 0, done.stderr
    assert (house.work / "dpkg").read_text() == "--configure -a\n"


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
        env = debian(house, 0)
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


def what_an_installed_package_provides_is_not_installed_again(house):
    """Debian's npm conflicts with the nodejs of other repositories, which has npm in it."""
    there = r"echo 'installed cmake, \ninstalled nodejs, node-types (= 1), npm\nconfig-files strace, '"
    done = setup(house, "--bench", env=debian(house, 0, dpkg_query=there))
    assert done.returncode == 0, done.stderr
    assert "strace" in asked(house) and not {"npm", "cmake", "nodejs"} & asked(house), asked(house)


class Quickstart:
    """packaging/quickstart, on a machine on which hotfolder is installed, and nothing that builds."""

    def __init__(self, house, *arguments):
        self.log = house.work / "screen"
        self.env = {"PATH": f"{BUILD / 'bin'}:{machine(house)['PATH']}:/usr/bin:/bin",
                    "HOME": os.fspath(house.work)}
        # Whatever installs or builds is an error.
        for name in ("apt-get", "cmake", "ninja", "sudo"):
            program = house.work / "tools" / name
            program.write_text(f"#!/bin/sh\necho {name} >>'{house.work}/built'; exit 1\n")
            program.chmod(0o755)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [TOP / "packaging/quickstart", *arguments], cwd=house.work, env=self.env, stdout=log,
                stderr=subprocess.STDOUT, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.built = house.work / "built"

    def screen(self):
        return self.log.read_text()

    def await_screen(self, text):
        def shown():
            assert text in self.screen() or self.process.poll() is None, self.screen()
            return text in self.screen()

        wait_until(shown, f"'{text}' is on the screen")

    def shown(self, pattern):
        found = re.search(pattern, self.screen(), re.MULTILINE)
        assert found, f"{pattern} is not in: {self.screen()}"
        return found[1]

    def ends(self):
        """The exit status of one that ends without being asked to."""
        return self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        assert not self.built.exists(), f"it ran {self.built.read_text()}"


def quickstart_uses_what_is_installed_and_says_how_to_go_on(house):
    photo = house.photo("p.jpg", size="640x480")
    with Quickstart(house) as quickstart:
        quickstart.await_screen("is ready")
        photo.rename(house.work / "inbox/p.jpg")
        wait_until((house.work / "output/p.jpg").exists, "the photo is finished")
        assert "uses the installed hotfolder" in quickstart.screen()
        done = quickstart.shown(r"originals go to\s+(.*)$")
        wait_until((Path(done) / "p.jpg").exists, "the original is where the screen says")
        # Each line that it shows works as it stands.
        for command in ("status", "reload"):
            line = quickstart.shown(rf"^    (.*hotfolder .* {command})(?:$|    #)")
            answer = run(*shlex.split(line), env=quickstart.env)
            assert answer.returncode == 0
        assert quickstart.shown(r"^    (man hotfolder.conf)$")


def quickstart_takes_a_profile_by_name_or_from_a_file(house):
    with Quickstart(house, "--profile", "thumbnail") as quickstart:
        quickstart.await_screen("is ready")
        house.photo("a.jpg", size="1600x1200").rename(house.work / "inbox/a.jpg")
        wait_until((house.work / "output/a.jpg").exists, "the photo is finished")
    width = int(sizes_of(house.work / "output/a.jpg")[0].split("x")[0])
    assert width < 640, width
    mine = house.work / "it's [mine] *.conf"
    mine.write_text('profile "my own" { scale { width = 77  height = 77 }'
                    ' save { name = "{stem}.png" } }\n')
    with Quickstart(house, "--profile", mine.name) as quickstart:
        quickstart.await_screen("is ready")
        house.photo("b.jpg").rename(house.work / "inbox/b.jpg")
        wait_until((house.work / "output/b.png").exists, "the photo is finished")
    assert sizes_of(house.work / "output/b.png")[0].startswith("77x")


def quickstart_refuses_a_profile_that_it_cannot_use(house):
    def refused(name, words):
        with Quickstart(house, "--profile", name) as quickstart:
            assert quickstart.ends() == 2
            assert words in quickstart.screen(), quickstart.screen()

    refused("wbe", "those are: archive badge")
    file = house.work / "mine.conf"
    file.write_text('profile "a" { scael {} }\n')
    refused("mine.conf", "mine.conf:1: scael")
    save = 'save { name = "{stem}.jpg" }'
    file.write_text(f'profile "a" {{ {save} }}\nprofile "b" {{ {save} }}\n')
    refused("mine.conf", "has 2 profiles: a b")
    file.write_text("workers = 1\n")
    refused("mine.conf", "has 0 profiles")
    file.write_text(f'folder "x" {{ path = "{house.inbox}" output = "{house.output}" profile = "web" }}\n')
    refused("mine.conf", "has folders of its own")


def quickstart_keeps_a_configuration_that_its_user_has_edited(house):
    with Quickstart(house) as quickstart:
        quickstart.await_screen("is ready")
        config = Path(quickstart.shown(r"^Settings\s+(.*)$"))
    with Quickstart(house, "--profile", "print") as quickstart:  # not edited: written again
        quickstart.await_screen("is ready")
    text = config.read_text()
    assert "'print'" in text
    edited = text.replace("}", "    originals = keep\n}")
    config.write_text(edited)
    with Quickstart(house) as quickstart:
        quickstart.await_screen("is ready")
        assert f"you have edited {config}: it stays as it is" in quickstart.screen()
        house.photo("c.jpg").rename(house.work / "inbox/c.jpg")
        wait_until((house.work / "output/c.jpg").exists, "the photo is finished")
    assert config.read_text() == edited and (house.work / "inbox/c.jpg").exists()
    with Quickstart(house, "--profile", "web") as quickstart:
        assert quickstart.ends() == 2 and "you have edited" in quickstart.screen()
    assert config.read_text() == edited
    # The file of an earlier version, which said that it is written again.
    config.write_text("# Written by packaging/quickstart; it is written again each time.\n")
    with Quickstart(house) as quickstart:
        quickstart.await_screen("is ready")
    assert "'web'" in config.read_text()


if __name__ == "__main__":
    raise SystemExit(main(globals()))
