"""rights - who owns outputs, who may change what is done, and which privileges workers have."""
import grp
import os
import pwd
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

from harness import BUILD, NOBODY, Skip, main, run, wait_until

ACCOUNT = pwd.getpwuid(NOBODY).pw_name
CONFIGURATION_IS_WRONG = 2


def rights_of(path):
    known = os.stat(path)
    return stat.S_IMODE(known.st_mode), grp.getgrgid(known.st_gid).gr_name


def need_root():
    if os.geteuid():
        raise Skip("only root can give files away")


def a_group():
    """One that we may give files to and that they don't get by themselves, if there is one."""
    if os.geteuid() == 0:
        return "games"
    return grp.getgrgid(next((gid for gid in os.getgroups() if gid != os.getegid()), os.getegid())).gr_name


def drop(house, name, **how):
    photo = house.photo(name, **how)
    (house.inbox / name).parent.mkdir(parents=True, exist_ok=True)
    photo.rename(house.inbox / name)


def without_powers(*more):
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *more)


def outputs_and_made_directories_get_their_group_and_mode(house):
    group = a_group()
    house.configure(f"group = \"{group}\" mode = 0640 directory_mode = 0751")
    house.start()
    drop(house, "trip/day/a.jpg")
    house.await_output("trip/day/a.jpg")
    assert rights_of(house.output / "trip/day/a.jpg") == (0o640, group)
    for made in ("trip", "trip/day"):
        assert rights_of(house.output / made) == (0o751, group)
        assert sorted(os.listdir(house.output / made)) in (["day"], ["a.jpg"])


def nothing_has_a_name_before_it_has_its_rights(house):
    need_root()
    house.configure('group = "games" mode = 0604 directory_mode = 0705 owner = "nobody"')
    calls = house.top / "calls"
    # strace takes its time with every call, so it gets a list of them; the daemon is its child.
    house.start(prefix=("strace", "-D", "-f", "-qq", "-o", calls, "-e",
                        "trace=fchown,fchmod,linkat,rename,renameat,renameat2,mkdir,mkdirat"))
    drop(house, "trip/a.jpg")
    house.await_output("trip/a.jpg")
    assert house.stop() == 0
    lines = calls.read_text().splitlines()

    def first(*words):
        return next(i for i, line in enumerate(lines) if all(word in line for word in words))

    named = first("rename", '"a.jpg"')
    games = str(grp.getgrnam("games").gr_gid)
    owner = str(pwd.getpwnam("nobody").pw_uid)
    assert first("fchown(", f", -1, {games})") < first("rename", '"trip"'), lines
    assert first("mkdirat(", "0705") < first("rename", '"trip"') < named, lines
    assert not [line for line in lines[:named] if "mkdir" in line and '"trip"' in line], lines
    assert first("fchmod(", "0604") < first("linkat(") < first("fchown(", f", {owner}, -1)"), lines
    assert first("fchown(", f", {owner}, -1)") < named, lines


def a_directory_that_gives_its_group_and_acl_on_is_honoured(house):
    need_root()
    os.chown(house.output, -1, grp.getgrnam("games").gr_gid)
    house.output.chmod(0o2775)
    run("setfacl", "-d", "-m", "u:nobody:rwx,g::rwx,o::-", house.output)
    house.configure("")
    house.start()
    drop(house, "trip/a.jpg")
    house.await_output("trip/a.jpg")
    assert rights_of(house.output / "trip") == (0o2770, "games")
    assert rights_of(house.output / "trip/a.jpg") == (0o660, "games")
    said = run("getfacl", "-pc", house.output / "trip/a.jpg").stdout
    assert "user:nobody:rwx" in said and "mask::rw-" in said, said
    # A mode that is said is the ACL's mask; setgid stays.
    house.configure("mode = 0640 directory_mode = 0750")
    house.send(signal.SIGHUP)
    house.await_log("the new configuration is in use")
    drop(house, "more/b.jpg")
    house.await_output("more/b.jpg")
    assert rights_of(house.output / "more") == (0o2750, "games")
    said = run("getfacl", "-pc", house.output / "more/b.jpg").stdout
    assert "user:nobody:rwx" in said and "mask::r--" in said, said


def outputs_are_given_to_their_owner_by_one_who_may(house):
    need_root()
    house.install()
    house.configure('owner = "games"')
    for directory in (house.inbox, house.output, house.state, house.runtime):
        os.chown(directory, NOBODY, NOBODY)
    refused = run(*without_powers(), house.bin / "hotfolder", "check", "--config", house.config,
                  check=False, env=house.environment())
    assert refused.returncode == 1 and "owner = games: giving files to another user needs the " \
        "capability CAP_CHOWN" in refused.stderr, refused.stderr
    house.start(prefix=without_powers("--inh-caps=+chown", "--ambient-caps=+chown"))
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    assert (house.output / "a.jpg").stat().st_uid == pwd.getpwnam("games").pw_uid


def check_reports_every_error_of_a_folder(house):
    house.install()
    for directory in (house.inbox, house.output):
        directory.chmod(0o555)
    refused = run(*(() if os.geteuid() else without_powers()), house.bin / "hotfolder", "check",
                  "--config", house.config, check=False, env=house.environment())
    assert refused.returncode == 1, refused
    for wanted in (f"cannot move originals within '{house.inbox}'", f"cannot write into '{house.output}'"):
        assert wanted in refused.stderr, refused.stderr


def an_output_that_cannot_be_opened_is_named_with_the_remedy(house):
    need_root()
    house.install()
    for directory in (house.inbox, house.state, house.runtime):
        os.chown(directory, NOBODY, NOBODY)
    house.output.chmod(0o700)
    output = house.output.resolve()
    remedy = f"give the user '{ACCOUNT}' the right to do this: setfacl -m u:{ACCOUNT}:rwx '{output}'"
    wanted = f"output: cannot open the directory '{output}': Permission denied; {remedy}"
    checked = run(*without_powers(), house.bin / "hotfolder", "check", "--config", house.config,
                  check=False, env=house.environment())
    assert checked.returncode == 1 and wanted in checked.stderr, checked
    house.start(prefix=without_powers())
    house.await_log(wanted)
    shown = house.command("status", check=True).stdout
    assert f"inbox: held: {wanted}\n" in shown, shown
    run("sh", "-c", remedy.split(": ")[1])
    drop(house, "a.jpg")
    house.await_output("a.jpg")


def a_user_without_a_name_is_named_by_its_number(house):
    need_root()
    house.install()
    nameless = 45678
    for directory in (house.inbox, house.state, house.runtime):
        os.chown(directory, nameless, nameless)
    house.output.chmod(0o755)
    house.start(prefix=("setpriv", f"--reuid={nameless}", f"--regid={nameless}", "--clear-groups"))
    output = house.output.resolve()
    house.await_log(f"give the user '{nameless}' the right to do this: "
                    f"setfacl -m u:{nameless}:rwx '{output}'")
    assert "GLib" not in house.logged(), house.logged()


def a_group_that_the_service_is_not_in_is_refused(house):
    house.install()
    house.configure('group = "shadow"')
    refused = run(*(() if os.geteuid() else without_powers()), house.bin / "hotfolder", "check",
                  "--config", house.config, check=False, env=house.environment())
    place = f"{house.config}:9: group = shadow: "
    assert refused.returncode == 1 and place in refused.stderr, refused.stderr
    assert "is not in the group; add the user to the group" in refused.stderr, refused.stderr


def no_worker_has_a_power_whatever_the_daemon_was_given(house):
    need_root()
    house.install()
    for directory in (house.inbox, house.output, house.state, house.runtime):
        os.chown(directory, NOBODY, NOBODY)
    lease = without_powers("--inh-caps=+lease", "--ambient-caps=+lease")
    for prefix, powers in ((lease, 1 << 28), ((), None)):
        house.start(prefix=prefix)
        mine = capabilities(house.daemon.pid)
        assert mine["CapAmb"] == 0 and (powers is None or mine["CapEff"] == powers), mine
        drop(house, f"{bool(powers)}.jpg")
        house.await_output(f"{bool(powers)}.jpg")
        assert house.children()
        for worker in house.children():
            held = capabilities(worker)
            assert not any(held[kind] for kind in ("CapAmb", "CapEff", "CapPrm")), held
        assert house.stop() == 0


def other_users_cannot_reach_the_control_socket(house):
    need_root()
    house.start()
    house.runtime.chmod(0o755)  # even where its directory lets them pass
    ask = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    asked = run(*without_powers(), sys.executable, "-c", ask, house.runtime / "control.sock", check=False)
    assert asked.returncode and "PermissionError" in asked.stderr, asked
    assert house.get()[0] == 200


def members_of_the_group_may_look_and_not_reload(house):
    need_root()
    house.start()
    for path in (house.top, house.runtime):
        path.chmod(0o755)
    (house.runtime / "control.sock").chmod(0o666)  # as if its group had no members
    bin_dir = house.top / "bin"
    bin_dir.mkdir()
    shutil.copy(BUILD / "bin/hotfolder", bin_dir)
    command = (*without_powers(), bin_dir / "hotfolder", "--runtime-dir", house.runtime)
    run(*command, "status")
    refused = run(*command, "reload", check=False)
    assert refused.returncode == 1 and "only root, the user that hotfolder runs as and the members" in refused.stderr, refused
    assert "reloaded" not in house.logged()


def members_of_the_operators_may_reload(house):
    need_root()
    house.configure(top='operators = "games"')
    house.start()
    for path in (house.top, house.runtime):
        path.chmod(0o755)
    (house.runtime / "control.sock").chmod(0o666)  # as if its group had them as members
    bin_dir = house.top / "bin"
    bin_dir.mkdir()
    shutil.copy(BUILD / "bin/hotfolder", bin_dir)
    reload = (bin_dir / "hotfolder", "--runtime-dir", house.runtime, "reload")
    games, other = grp.getgrnam("games").gr_gid, grp.getgrnam("users").gr_gid
    for groups in (f"--regid={games} --clear-groups", f"--regid={NOBODY} --groups={other},{games}"):
        run("setpriv", f"--reuid={NOBODY}", *groups.split(), *reload)
    refused = run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", f"--groups={other}", *reload,
                  check=False)
    assert refused.returncode == 1 and "the setting `operators`" in refused.stderr, refused


SLOW = """
import selectors, socket, sys, time
clients = []
print("begins", flush=True)
while True:
    while len(clients) < 100:
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        try:
            client.connect(sys.argv[1])
            client.send(b"GET /v1/status HTTP/1.1\\r\\nHost: x\\r\\n")
        except OSError:
            client.close()
            break
        clients.append(client)
    for client in list(clients):
        try:
            client.send(b"X: y\\r\\n")
        except OSError:
            client.close()
            clients.remove(client)
    time.sleep(0.1)
"""


def members_who_ask_slowly_do_not_block_others(house):
    need_root()
    house.start()
    for path in (house.top, house.runtime):
        path.chmod(0o755)
    (house.runtime / "control.sock").chmod(0o666)  # as if its group had no members
    command = (*without_powers(), sys.executable, "-u", "-c", SLOW, house.runtime / "control.sock")
    with subprocess.Popen([os.fspath(part) for part in command], stdout=subprocess.PIPE) as slow:
        try:
            assert slow.stdout.readline() == b"begins\n"
            for _ in range(5):
                time.sleep(0.3)  # so that they have taken what they can get
                assert house.command("status", timeout=30).returncode == 0
                assert house.command("reload", timeout=30).returncode == 0
        finally:
            slow.kill()


def capabilities(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line[:6]: int(line[7:], 16) for line in lines if line.startswith("Cap")}


def hotfolder_warns_of_a_folder_that_every_user_may_write_into(house):
    warning = f"every user of this machine may write into '{house.inbox}'"
    house.start()
    house.inbox.chmod(0o777)
    house.send(signal.SIGHUP)
    house.await_log(f"folder 'inbox': {warning}")
    assert house.logged().count(warning) == 1
    checked = house.command("check", "--config", house.config, check=True)
    assert f': folder "inbox": warning: {warning}; to prevent that: chmod o-w' in checked.stderr
    assert " is correct: " in checked.stdout
    drop(house, "a.jpg")
    house.await_output("a.jpg")


def refusal(house, *prefix):
    """What the daemon logs when it refuses to start."""
    ended = subprocess.run(
        [*prefix, house.bin / "hotfolderd", "--config", house.config]
        + ["--state-dir", house.state, "--runtime-dir", house.runtime],
        env={**house.environment(), "NOTIFY_SOCKET": ""}, stderr=subprocess.PIPE, text=True,
        timeout=60, check=False)
    assert ended.returncode == CONFIGURATION_IS_WRONG, ended
    return ended.stderr


def acl_with_user(user, rights):
    """`user::rw- user:USER:RIGHTS group::rw- mask::rw- other::r--`, as acl(5) and the kernel's
    posix_acl_xattr.h have it."""
    none = 0xffffffff
    entries = [(0x01, 6, none), (0x02, rights, user), (0x04, 6, none), (0x10, 6, none), (0x20, 4, none)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def a_configuration_that_others_may_change_is_refused(house):
    house.config.chmod(0o646)
    said = refusal(house)
    assert f"all users of this machine may change '{house.config}'" in said, said
    assert f"chmod o-w {house.config}" in said, said
    house.config.chmod(0o664)
    if os.geteuid() == 0:  # its owner's own group may, as each user has one
        os.chown(house.config, -1, grp.getgrnam("games").gr_gid)
        said = refusal(house)
        assert f"the members of group games may change '{house.config}'" in said, said
        assert f"chmod g-w {house.config}" in said, said
        os.chown(house.config, -1, 0)

    parts = house.top / "parts"
    parts.mkdir()
    part = parts / "more.conf"
    part.write_text("reconcile = 1min\n")
    with open(house.config, "a", encoding="ascii") as config:
        config.write('include("parts/*.conf")\n')
    line = len(house.config.read_text().splitlines())
    part.chmod(0o666)
    said = refusal(house)
    assert f"{house.config}:{line}: all users of this machine may change '{part}'" in said, said
    part.chmod(0o644)
    parts.chmod(0o777)
    said = refusal(house)
    assert f"may change the directory '{parts}'" in said, said
    parts.chmod(0o1777)  # as /tmp
    house.start()
    if os.geteuid():
        return

    os.chown(parts, NOBODY, -1)
    checked = house.command("check", "--config", house.config)
    assert f"the directory '{parts}' belongs to {ACCOUNT}, not to root; move" in checked.stderr, checked
    os.chown(parts, 0, -1)
    part.chmod(0o664)
    os.setxattr(part, "system.posix_acl_access", acl_with_user(NOBODY, 4))
    house.command("check", "--config", house.config, check=True)
    os.setxattr(part, "system.posix_acl_access", acl_with_user(NOBODY, 6))
    checked = house.command("check", "--config", house.config)
    assert f"users of its access control list may change '{part}'" in checked.stderr, checked
    os.removexattr(part, "system.posix_acl_access")
    part.chmod(0o644)
    os.chown(part, NOBODY, -1)
    checked = house.command("check", "--config", house.config)
    assert f"'{part}' belongs to {ACCOUNT}, not to root; chown root {part}" in checked.stderr, checked
    house.send(signal.SIGHUP)
    house.await_log("the new configuration has errors; the old one stays in use")
    # A user who calls it with sudo may check a draft of their own.
    called = {**house.environment(), "SUDO_UID": str(NOBODY)}
    house.command("check", "--config", house.config, check=True, env=called)
    wait_until(lambda: house.get()[0] == 200, "it still runs")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
