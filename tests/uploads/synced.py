"""synced - the pictures of other devices come by Syncthing, or as Nextcloud's unit has them come."""
import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from sending import AGAIN, SLOW, WHOLE, album, judge, kill, none_is_early
from town import Town, begin, enter, files_below, need, path, run, wait_until

enter()

# It talks to nothing but the other device. A low priority would take it out of its group of
# processes, and out of reach.
CONFIG = """<configuration version="36">
    <folder id="photos" path="{folder}" type="sendreceive" fsWatcherEnabled="true" fsWatcherDelayS="1"
            ignorePerms="true">
        <device id="{own}"/><device id="{other}"/>
    </folder>
    <device id="{own}"/>
    <device id="{other}"><address>{address}</address></device>
    <gui enabled="false"/>
    <options>
        <listenAddress>{listen}</listenAddress>
        <globalAnnounceEnabled>false</globalAnnounceEnabled>
        <localAnnounceEnabled>false</localAnnounceEnabled>
        <relaysEnabled>false</relaysEnabled>
        <natEnabled>false</natEnabled>
        <stunKeepaliveStartS>0</stunKeepaliveStartS>
        <crashReportingEnabled>false</crashReportingEnabled>
        <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
        <urAccepted>-1</urAccepted>
        <startBrowser>false</startBrowser>
        <setLowPriority>false</setLowPriority>
        <reconnectionIntervalS>1</reconnectionIntervalS>
        <maxSendKbps>{rate}</maxSendKbps>
        <limitBandwidthInLan>true</limitBandwidthInLan>
    </options>
</configuration>
"""


class Device:
    """One Syncthing with its copy of the folder, run as a user of the town."""

    def __init__(self, house, user, folder):
        self.house, self.user, self.folder = house, user, folder
        self.home = house.top / f"syncthing-{user}"
        self.home.mkdir()
        shutil.chown(self.home, user)
        self.process = None
        self.call("generate", "--no-default-folder")
        self.name = self.call("serve", "--device-id").stdout.strip()
        # What is made with a folder on its web page.
        (folder / ".stfolder").mkdir()
        shutil.chown(folder / ".stfolder", user)

    def command(self, *arguments):
        # The mask is that of the recipe's unit.
        return ("sh", "-c", 'umask 0007; exec "$@"', "-", *Town.as_user(self.user), "env",
                f"HOME={self.home}", "STNOUPGRADE=1", "syncthing", *arguments, f"--home={self.home}")

    def call(self, *arguments):
        return run(*self.command(*arguments), env={**os.environ, "PATH": path()})

    def configure(self, other, listen, address, rate=0):
        file = self.home / "config.xml"
        file.write_text(CONFIG.format(folder=self.folder, own=self.name, other=other.name,
                                      listen=listen, address=address, rate=rate))
        shutil.chown(file, self.user)

    def start(self):
        with open(self.home / "log", "ab") as log:
            self.process = subprocess.Popen(self.command("serve", "--no-browser"), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)

    def kill(self):
        if self.process:
            kill(self.process)

    def is_gone(self):
        return run("pgrep", "-r", "D,R,S", "-u", self.user, check=False).returncode == 1


def syncthing_from_another_device(house):
    need("syncthing")
    town = Town(house, "nextcloud-syncthing")
    mine = house.inbox / "done"  # of an earlier configuration, where originals were moved
    mine.mkdir()
    shutil.copy(house.photo(), mine / "mine.jpg")
    run("chown", "-R", "hotfolder:hotfolder", mine)
    phone = house.top / "phone"
    phone.mkdir()
    shutil.chown(phone, "ben")
    here, there = Device(house, "syncthing", house.inbox), Device(house, "ben", phone)
    here.configure(there, "tcp://127.0.0.1:22000", "dynamic")
    there.configure(here, "tcp://127.0.0.1:22001", "tcp://127.0.0.1:22000", rate=600)
    names = sorted((WHOLE, SLOW, AGAIN))
    pictures = album(house, names)
    town.start()
    try:
        shutil.copy(pictures / WHOLE, phone)
        here.start()
        there.start()
        wait_until((house.output / WHOLE).exists, "the first picture is finished")
        for name in (SLOW, AGAIN):
            shutil.copy(pictures / name, phone)
        wait_until((house.inbox / f".syncthing.{AGAIN}.tmp").exists, "the second one is on its way")
        none_is_early(house, SLOW, AGAIN)
        here.kill()  # the power goes, and comes again
        wait_until(here.is_gone, "nothing of it runs any more")
        none_is_early(house, SLOW, AGAIN)
        here.start()
        judge(house, pictures, names)
    finally:
        for device in (here, there):
            device.kill()
    for name in names:
        assert (house.inbox / name).read_bytes() == (pictures / name).read_bytes(), name
    seen = [name for name in files_below(phone) if not name.startswith(".st")]
    assert seen == names, f"the other device has got {seen}"


def unit_of(name):
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read_string(Path("/etc/systemd/system", name).read_text().replace("\\\n", ""))
    return unit


def systemd_takes_the_units_of_both(house):
    need("systemd-analyze", "syncthing")
    Town(house, "nextcloud-syncthing")
    timer = unit_of("nextcloud-inbox.timer")
    assert timer["Install"]["WantedBy"] == "timers.target", "it would not be started"
    units = [house.top / f"nextcloud-inbox.{kind}" for kind in ("service", "timer")]
    for unit in units:
        text = Path("/etc/systemd/system", unit.name).read_text()
        unit.write_text(text.replace("=nextcloudcmd ", "=true "))  # which is there
    verified = run("systemd-analyze", "verify", *units, "syncthing@syncthing.service", check=False)
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stderr


def nextcloud_as_its_unit_has_it(house):
    """What nextcloudcmd needs is there, may be read by the unit's user, and names one server; what
    that user writes is finished. The program itself is not run."""
    town = Town(house, "nextcloud-syncthing")
    town.start()
    service = unit_of("nextcloud-inbox.service")["Service"]
    *options, folder, server = shlex.split(service["ExecStart"])
    assert options[:-1] == ["nextcloudcmd", "-n", "--non-interactive", "--silent", "--exclude"]
    user, exclude = town.as_user(service["User"]), Path(options[-1])
    assert exclude.is_absolute() and exclude.name == "sync-exclude.lst", "it would not be used"
    excluded = run(*user, "cat", exclude).stdout.splitlines()
    assert {"done", "failed", "trash"} <= set(excluded)
    home = run("getent", "passwd", service["User"]).stdout.split(":")[5]
    netrc = Path(home, ".netrc")
    assert run(*user, "cat", netrc).stdout.split()[:2] == ["machine", server.removeprefix("https://")]
    assert netrc.stat().st_mode & 0o077 == 0, "others may read the password"
    pictures = album(house, [WHOLE])
    write = 'umask "$0" && cat "$1/$3" >"$2/.$3.~1a2b3c" && mv "$2/.$3.~1a2b3c" "$2/$3"'
    run(*user, "sh", "-c", write, service["UMask"], pictures, folder, WHOLE)
    judge(house, pictures, [WHOLE])


if __name__ == "__main__":
    sys.exit(begin(globals()))
