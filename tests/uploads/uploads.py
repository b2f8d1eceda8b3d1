"""uploads - servers, set up as packaging/recipes says, and programs that send to them."""
import re
import shutil
import sys
from pathlib import Path

from sending import RATE, begin_sending, put_to_the_test, send_a_card, slow_feed
from town import Missing, PASSWORD, RECIPES, Skip, Town, begin, beside, enter, need, run, wait_until

enter()


def smbclient_to_a_samba_share(house):
    need("smbd", "smbclient", "smbpasswd", "testparm")
    if not list(Path("/usr/lib").glob("*/samba/vfs/fruit.so")):
        raise Missing("not installed: samba-vfs-modules")
    town = Town(house, "samba")
    # smbclient reads as much of a pipe before it sends as the server takes at once: 8 MB.
    conf = Path("/etc/samba/smb.conf")
    conf.write_text(conf.read_text().replace("[global]", "[global]\n smb2 max write = 65536", 1))
    town.start()
    town.serve("smbd", "--foreground", "--no-process-group", port=445)

    # Not reput: smbclient 4.17 writes the rest over the beginning.
    def send(picture, slow, _):
        source = "-" if slow else picture
        command = ("smbclient", "//127.0.0.1/inbox", "-U", f"ann%{PASSWORD}", "-c",
                   f"put {source} {picture.name}")
        if slow:
            return lambda: begin_sending(house, command, slow_feed(house, picture))
        return command

    put_to_the_test(town, send)


def drop_box(house):
    town = Town(house, "sftp")
    town.start()
    town.ssh_server()
    return town


def sftp_into_a_drop_box(house):
    need("sshd", "sftp")
    town = drop_box(house)

    def send(picture, slow, resume):
        verb = "reput" if resume else "put"
        limit = [f"-l{RATE * 8 // 1000}"] if slow else []
        script = house.top / f"{picture.name}.{verb}"
        script.write_text(f"{verb} {picture} {picture.name}\n")
        return ("sftp", *limit, *town.ssh_options(), "-b", script, "hotfolder@127.0.0.1")

    put_to_the_test(town, send)


def sftp_batch(town, command):
    script = town.house.top / "batch"
    script.write_text(f"{command}\n")
    return ("sftp", *town.ssh_options(), "-b", script, "hotfolder@127.0.0.1")


def sftp_of_a_directory_with_private_pictures(house):
    need("sshd", "sftp")
    town = drop_box(house)
    send_a_card(town, lambda card: sftp_batch(town, f"put -r {card}"))


def who_sends_by_sftp_cannot_shut_the_drop_box(house):
    need("sshd", "sftp")
    town = drop_box(house)
    for command in ("chmod 700 /inbox", "chmod 700 /finished", "rename /inbox /mine", "mkdir /mine"):
        tried = run(*sftp_batch(town, command), check=False)
        assert "ermission denied" in tried.stderr, f"{command}: {tried.returncode} {tried.stderr}"
    assert {directory.stat().st_mode & 0o7777 for directory in (house.inbox, house.output)} == {0o2770}


def scp_of_a_directory_with_private_pictures(house):
    need("sshd", "scp")
    town = drop_box(house)
    send_a_card(town, lambda card: ("scp", "-rp", *town.ssh_options(), card, "hotfolder@127.0.0.1:"))


def scp_into_a_drop_box(house):
    need("sshd", "scp")
    town = drop_box(house)

    def send(picture, slow, _):
        limit = [f"-l{RATE * 8 // 1000}"] if slow else []
        return ("scp", *limit, *town.ssh_options(), picture, "hotfolder@127.0.0.1:")

    put_to_the_test(town, send)


def sshfs_of_a_drop_box(house):
    need("sshd", "sshfs")
    if not Path("/dev/fuse").exists():
        raise Skip("no /dev/fuse here")
    town = drop_box(house)
    mounted = house.top / "mounted"
    mounted.mkdir()
    town.serve("sshfs", "-f", "hotfolder@127.0.0.1:/inbox", mounted, "-o", f"IdentityFile={town.key}",
               *town.ssh_options()[3:], port=22)
    wait_until(mounted.is_mount, "the drop box is mounted")

    def send(picture, slow, _):
        if not slow:
            return ("cp", picture, mounted)
        return lambda: begin_sending(house, ("sh", "-c", 'exec cat >"$0"', mounted / picture.name),
                                     slow_feed(house, picture))

    put_to_the_test(town, send)


def ben_may_log_in(town):
    """An account with a shell, for what needs one."""
    keys = town.house.top / "ben"
    keys.write_bytes((town.key.with_suffix(".pub")).read_bytes())
    with open("/etc/ssh/sshd_config.d/ben.conf", "w", encoding="ascii") as conf:
        conf.write(f"AuthorizedKeysFile {keys}\nStrictModes no\n")


def scp_by_its_old_protocol(house):
    need("sshd", "scp")
    town = Town(house, "sftp")
    ben_may_log_in(town)
    town.start()
    town.ssh_server()

    def send(picture, slow, _):
        limit = [f"-l{RATE * 8 // 1000}"] if slow else []
        return ("scp", "-O", *limit, *town.ssh_options(), picture, f"ben@127.0.0.1:{house.inbox}/")

    put_to_the_test(town, send)


def rsync_to_an_account(house):
    """What the recipe has people type, but for its last two words; the town, and where it goes."""
    need("sshd", "rsync")
    command, = re.findall(r"^    (rsync .*) card/ ann@SERVER:/srv/photos/inbox/$",
                       (RECIPES / "rsync/README.md").read_text(), re.M)
    town = Town(house, "sftp")
    ben_may_log_in(town)
    town.start()
    town.ssh_server()
    shell = " ".join(["ssh", *map(str, town.ssh_options())])
    return town, [*command.split(), "-e", shell], f"ben@127.0.0.1:{house.inbox}/"


def rsync_over_ssh(house):
    town, command, there = rsync_to_an_account(house)

    def send(picture, slow, _):
        limit = [f"--bwlimit={RATE // 1000}"] if slow else []
        return (*command, *limit, picture, there)

    put_to_the_test(town, send)


def rsync_over_ssh_of_a_directory_with_private_pictures(house):
    town, command, there = rsync_to_an_account(house)
    send_a_card(town, lambda card: (*command, f"{card.parent}/", there))


def to_rsyncd(house, *options, leaves):
    need("rsync")
    town = Town(house, "rsync")
    town.start()
    town.serve("rsync", "--daemon", "--no-detach", port=873)
    secret = house.top / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)

    def send(picture, slow, _):
        limit = [f"--bwlimit={RATE // 1000}"] if slow else []
        return ("rsync", "-rt", *options, *limit, f"--password-file={secret}", picture,
                "ann@127.0.0.1::inbox")

    put_to_the_test(town, send, leaves)


def rsync_to_its_daemon(house):
    to_rsyncd(house, leaves=False)


def rsync_to_its_daemon_keeping_parts(house):
    to_rsyncd(house, "--partial", leaves=True)


def rsync_to_its_daemon_in_place(house):
    to_rsyncd(house, "--inplace", leaves=True)


def rsync_to_its_daemon_delaying_updates(house):
    to_rsyncd(house, "--delay-updates", leaves=False)


def to_vsftpd(house, send, leaves=True):
    need("vsftpd")
    town = Town(house, "ftp-camera")
    town.start()
    town.serve("vsftpd", "/etc/vsftpd.conf", port=21)
    put_to_the_test(town, send, leaves)


def curl_to_the_cameras_ftp(house):
    need("curl")

    def send(picture, slow, resume):
        limit = ["--limit-rate", str(RATE)] if slow else []
        more = ["-C", "-"] if resume else []
        return ("curl", "-sS", *limit, *more, "-u", f"camera1:{PASSWORD}", "-T", picture,
                "ftp://127.0.0.1/")

    to_vsftpd(house, send)


def two_bodies_with_a_directory_each_use_one_name_in_the_cameras_ftp(house):
    need("vsftpd", "curl")
    town = Town(house, "ftp-camera")
    town.start()
    town.serve("vsftpd", "/etc/vsftpd.conf", port=21)
    for number in (1, 2):
        photo = house.photo(f"{number}.jpg", seed=number)
        run("curl", "-sS", "-u", f"camera{number}:{PASSWORD}", "-T", photo, "ftp://127.0.0.1/DSC_0001.JPG")
    house.await_output("DSC_0001.jpg", "camera2/DSC_0001.jpg")
    wait_until(lambda: house.done() == ["DSC_0001.JPG", "camera2/DSC_0001.JPG"], "both originals have moved")


def lftp(house, temporary):
    need("lftp")

    def send(picture, slow, resume):
        script = (f"set xfer:use-temp-file {temporary}; set net:limit-rate {RATE if slow else 0}; "
                  f"put {'-c ' if resume else ''}{picture}")
        return ("lftp", "-u", f"camera1,{PASSWORD}", "-e", f"{script}; bye", "127.0.0.1")

    to_vsftpd(house, send, leaves=temporary == "no")


def lftp_to_the_cameras_ftp(house):
    lftp(house, temporary="no")


def lftp_with_temporary_names(house):
    lftp(house, temporary="yes")


def curl_to_proftpd(house):
    need("curl")
    kept = beside("proftpd-core")
    town = Town(house, "ftp-camera")
    # As its package does, which can't be installed where vsftpd is. The recipe has added its own.
    conf = Path("/etc/proftpd")
    shutil.copytree(kept / "etc", "/etc", dirs_exist_ok=True)
    shutil.copytree(kept / "usr/share/proftpd/templates", conf, dirs_exist_ok=True)
    modules = conf / "modules.conf"
    modules.write_text(modules.read_text().replace("/usr/lib/proftpd", f"{kept}/usr/lib/proftpd"))
    run("useradd", "--system", "-M", "proftpd")
    for directory in ("/run/proftpd", "/var/log/proftpd"):
        Path(directory).mkdir()
    run(kept / "usr/sbin/proftpd", "-t")
    town.start()
    town.serve(kept / "usr/sbin/proftpd", "--nodaemon", port=21)

    def send(picture, slow, _):
        limit = ["--limit-rate", str(RATE)] if slow else []
        return ("curl", "-sS", *limit, "-u", f"camera1:{PASSWORD}", "-T", picture,
                "ftp://127.0.0.1/")

    put_to_the_test(town, send)


if __name__ == "__main__":
    sys.exit(begin(globals()))
