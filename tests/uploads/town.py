"""town - a machine for one test: a network, users, /etc and /srv of its own, in which a recipe of
packaging/recipes is followed to the letter and its server runs.

It is a set of namespaces, entered before anything else is done; whatever was started in it ends with
the test. What stands in a recipe's README as its commands is run as it stands, with stand-ins for the
few programs that would ask a person, a package mirror or systemd.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "system"))

# pylint: disable=wrong-import-position
from harness import BUILD, SKIPPED, TIMEOUT, Missing, Skip, files_below, main, run, share, wait_until

RECIPES = TESTS.parent / "packaging/recipes"
INSTALLED = "/usr/share/doc/hotfolder/examples/recipes"  # where their READMEs find them
PHOTOS = Path("/srv/photos")
PASSWORD = "secret"
ENTERED = "HOTFOLDER_TOWN"
INCOMPLETE = 8  # seconds

STAND_INS = {
    "sudo": 'exec "$@"',
    # Of these two only one can be installed.
    "apt": 'case "$*" in *proftpd-core*) mkdir -p /etc/proftpd/conf.d;; esac',
    "proftpd": "exit 0",
    "systemctl": "exit 0",
    "exportfs": "exit 0",
    "passwd": f'echo "$1:{PASSWORD}" | chpasswd',
    "smbpasswd": f'printf "{PASSWORD}\\n{PASSWORD}\\n" | /usr/bin/smbpasswd -s "$@"',
    # The daemon starts later, and `add` would wait for it: what it would do is done.
    "hotfolder": f"""case $1 in
        status) ;;
        add) {BUILD}/bin/hotfolder "$@" --dry-run | sh -eux ;;
        *) exec {BUILD}/bin/hotfolder "$@" ;;
        esac""",
}


def enter():
    """Goes on in namespaces of its own, as the first process of them: their end is that of all."""
    if "--list" in sys.argv or os.environ.get(ENTERED):
        return
    way = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    able = subprocess.run([*way, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    if able.returncode:
        print("skipped: no namespaces here (it takes root):", able.stderr.decode().strip())
        sys.exit(SKIPPED)
    os.environ[ENTERED] = "yes"
    os.execvp(way[0], [*way, sys.executable, "-B", *sys.argv])


def need(*programs):
    missing = [program for program in programs if not shutil.which(program, path=path())]
    if missing:
        raise Missing(f"not installed: {' '.join(missing)}")


def beside(package):
    """Where packaging/setup has unpacked a package that can't be installed."""
    kept = Path("/var/cache/hotfolder-tests", package)
    if not kept.is_dir():
        raise Missing(f"not unpacked: {package} (packaging/setup does)")
    return kept


def path():
    return os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


def commands(recipe):
    """Every block of commands of a recipe's README, but those for senders, to whom this machine is
    SERVER."""
    text = (RECIPES / recipe / "README.md").read_text()
    blocks = re.findall(r"(?:^    .*\n)+", text, re.M)
    return [block for block in blocks if "SERVER" not in block]


class Town:
    """The machine, with a recipe on it or none; `house` is moved into /srv/photos."""

    def __init__(self, house, recipe=None, incomplete=f"{INCOMPLETE}s"):
        self.house = house
        self.servers = []
        run("ip", "link", "set", "lo", "up")
        # What the machine has is seen; what is written stays here.
        layers = house.top / "layers"
        layers.mkdir()
        run("mount", "-t", "tmpfs", "tmpfs", layers)
        for top in ("etc", "home", "var", "srv"):
            for part in ("upper", "work"):
                (layers / top / part).mkdir(parents=True)
            where = f"upperdir={layers}/{top}/upper,workdir={layers}/{top}/work"
            made = run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/{top},{where}",
                       f"/{top}", check=False)
            if made.returncode:
                raise Skip(f"no overlay here: {made.stderr.strip()}")
        run("mount", "-t", "tmpfs", "tmpfs", "/run")
        # Pictures lie on a file system of the usual kind, not on the overlay.
        PHOTOS.mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", PHOTOS)
        self.people()
        self.tools = house.top / "tools"
        self.tools.mkdir()
        for name, text in STAND_INS.items():
            (self.tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (self.tools / name).chmod(0o755)
        for name in ("sshd", "vsftpd"):
            Path("/run", name).mkdir()
        Path("/run/vsftpd/empty").mkdir()
        house.inbox, house.output = PHOTOS / "inbox", PHOTOS / "finished"
        self.follow(recipe) if recipe else self.plain()
        self.configure(incomplete)

    def people(self):
        if run("getent", "group", "hotfolder", check=False).returncode:
            run("groupadd", "--system", "hotfolder")
        if run("getent", "passwd", "hotfolder", check=False).returncode:
            run("useradd", "--system", "-g", "hotfolder", "-M", "-d", "/var/lib/hotfolder", "hotfolder")
        run("useradd", "-M", "-d", "/srv", "-s", "/bin/bash", "-G", "hotfolder", "ben")

    def follow(self, recipe):
        """Does what the recipe says."""
        place = self.house.top / recipe
        shutil.copytree(RECIPES / recipe, place)
        self.key = self.house.top / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        shutil.copy(f"{self.key}.pub", place / "ann.pub")
        conf = Path("/etc/hotfolder")
        (conf / "conf.d").mkdir(parents=True, exist_ok=True)
        shutil.copy(RECIPES.parent / "hotfolder.conf", conf)
        for steps in commands(recipe):
            steps = steps.replace(f"{INSTALLED}/{recipe}", os.fspath(place))
            done = run("bash", "-euxo", "pipefail", "-c", steps, cwd=place, check=False,
                       env={**os.environ, "PATH": f"{self.tools}:{path()}"})
            assert done.returncode == 0, f"{recipe}/README.md: {done.stdout}{done.stderr}"

    def plain(self):
        """A folder that nothing but a local program writes to."""
        conf = Path("/etc/hotfolder/conf.d")
        conf.mkdir(parents=True, exist_ok=True)
        shutil.copy(RECIPES / "rsync/hotfolder.conf", conf / "local.conf")
        run("install", "-d", "-o", "hotfolder", "-g", "hotfolder", "-m", "2770",
            self.house.inbox, self.house.output)

    def configure(self, incomplete):
        """The recipe's configuration, but for how long a test wants to wait."""
        [file] = Path("/etc/hotfolder/conf.d").glob("*.conf")
        text, found = re.subn(r"incomplete( *)= \w+", rf"incomplete\1= {incomplete}",
                              file.read_text())
        if not found:
            text = text.replace("{\n", f"{{\n    incomplete = {incomplete}\n", 1)
        self.house.config.write_text(text)

    def give_the_rest(self, incomplete):
        """From now on a broken picture has this time to become whole."""
        self.configure(incomplete)
        done = self.house.command("reload")
        assert done.returncode == 0, done.stderr

    def copy_programs(self):
        """The build tree may lie where only its owner may look."""
        house = self.house
        house.bin = house.top / "copy/bin"
        shutil.copytree(BUILD / "profiles", house.top / "copy/profiles")
        house.bin.mkdir()
        for program in ("hotfolderd", "hotfolder", "hotfolder-worker"):
            shutil.copy(BUILD / "bin" / program, house.bin)

    # The service, with the rights that its unit gives it

    def start(self):
        house = self.house
        self.copy_programs()
        for directory in (house.state, house.runtime, house.work):
            shutil.chown(directory, "hotfolder", "hotfolder")
        house.start(prefix=("bash", "-c", 'umask 0007; exec "$@"', "-",
                            *self.as_user("hotfolder"), "--inh-caps=+lease", "--ambient-caps=+lease"))

    @staticmethod
    def as_user(name):
        return ("setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups")

    # Servers

    def serve(self, *command, port, **options):
        """Starts a server and waits until it answers."""
        log = open(self.house.top / f"{Path(command[0]).name}.log", "wb")
        self.servers.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "PATH": path()}, **options))

        def answers():
            ended = self.servers[-1].poll()
            assert ended is None, f"{command[0]} ended ({ended}): {Path(log.name).read_text()}"
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0

        wait_until(answers, f"{command[0]} answers at port {port}")

    def ssh_server(self):
        run("ssh-keygen", "-A")
        self.serve("/usr/sbin/sshd", "-D", "-e", port=22)

    def ssh_options(self):
        return ("-q", "-i", self.key, "-oBatchMode=yes", "-oStrictHostKeyChecking=no",
                "-oUserKnownHostsFile=/dev/null")


def begin(scenarios):
    """The end of each file of scenarios."""
    return main(scenarios)


__all__ = ["BUILD", "INCOMPLETE", "Missing", "PASSWORD", "PHOTOS", "RECIPES", "Skip", "TIMEOUT", "Town", "begin",
           "beside", "commands", "enter", "files_below", "need", "path", "run", "share", "wait_until"]
