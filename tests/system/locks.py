"""Pictures and folders that another process has."""
import contextlib
import fcntl
import json
import os
import pwd
import subprocess
import tempfile

from harness import NOBODY, Skip, files_below, main, make_picture, quoted, run, wait_until


def the_folder(house):
    return house.get()[1]["folders"][0]


def a_picture_that_another_program_has_locked_waits_alone_and_is_taken_soon_after(house):
    house.configure("retry { attempts = 1 }")
    house.start()
    photo = house.photo("locked.jpg")
    with open(photo, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        photo.rename(house.inbox / "locked.jpg")
        wait_until(lambda: the_folder(house)["pending"] == {"locked by another program": 1}, "it is pending")
        house.photo("free.jpg", seed=2).rename(house.inbox / "free.jpg")
        house.await_output("free.jpg")
        house.await_log(f"locked.jpg: not ready: locked by another program (process {os.getpid()})")
        assert the_folder(house)["state"] == "available"
    house.await_output("locked.jpg")
    house.await_quiet(["locked.jpg"])
    assert house.done() == ["free.jpg", "locked.jpg"] and not house.failed()


def btrfs(house):
    """Puts the inbox on a subvolume of a new btrfs."""
    image, mounted = house.top / "btrfs", house.top / "disk"
    with open(image, "wb") as file:
        file.truncate(120 << 20)
    mounted.mkdir()
    if os.geteuid() or run("mkfs.btrfs", "-q", image, check=False).returncode:
        raise Skip("no btrfs here")
    if run("mount", "-o", "loop", image, mounted, check=False).returncode:
        raise Skip("no loop devices here")
    house.mounts.append(mounted)
    house.inbox = mounted / "inbox"
    run("btrfs", "subvolume", "create", house.inbox)


def a_program_is_named_by_its_lock_on_a_subvolume_of_btrfs_too(house):
    btrfs(house)
    assert os.stat(house.inbox).st_dev != os.stat(house.inbox.parent).st_dev
    house.configure()
    house.start()
    photo = make_picture(house.inbox / ".hidden.jpg")
    with open(photo, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        photo.rename(house.inbox / "locked.jpg")
        house.await_log(f"locked.jpg: not ready: locked by another program (process {os.getpid()})")
    house.await_output("locked.jpg")


# Two services watch the same directory

WORD = "warning: another hotfolder runs"


def check(house, config, *arguments):
    """The check of `config` by a user whose own daemon does not run: what it writes. The
    configuration can be used, although another service watches its folders."""
    checked = run(house.bin / "hotfolder", "check", "--config", config, *arguments,
                  env=house.environment())
    return checked.stdout if arguments else checked.stderr


def second_configuration(house, path):
    """Another configuration whose folder, in line 1, is at `path`."""
    second = house.top / "second.conf"
    (house.top / "output2").mkdir(exist_ok=True)
    second.write_text(f"folder other {{ path = {quoted(path)} output = {quoted(house.top / 'output2')} "
                      "profile = web min_free = 0 }\n")
    return second


@contextlib.contextmanager
def second_service(house, config, stderr=subprocess.DEVNULL):
    """Its runtime directory is relative; its process."""
    for directory in ("state2", "run2"):
        (house.top / directory).mkdir()
    with subprocess.Popen([house.bin / "hotfolderd", "--config", config, "--state-dir", "state2",
                           "--runtime-dir", "run2"], cwd=house.top, stdout=subprocess.DEVNULL,
                          stderr=stderr, text=True, env={**house.environment(), "NOTIFY_SOCKET": ""}) as second:
        try:
            wait_until((house.top / "run2/control.sock").exists, "the second one runs")
            yield second
        finally:
            second.terminate()


def check_warns_of_the_service_that_watches_the_same_directory(house):
    house.start()
    second = second_configuration(house, house.inbox)
    what = (f"another hotfolder runs (process {house.daemon.pid}): path = {house.inbox}: the same as "
            f'{house.inbox}, which folder "inbox" ({house.config}) watches')
    fix = "give each a directory of its own, or stop one of the two"
    assert check(house, second) == f"hotfolder: {second}:1: warning: {what}; {fix}\n", check(house, second)
    found = json.loads(check(house, second, "--json"))
    assert found["ok"] and found["warnings"] == [{"where": f"{second}:1", "what": what, "fix": fix}], found
    house.stop()
    assert check(house, second) == ""


def check_finds_a_service_of_another_user_with_a_network_of_its_own(house):
    alone = ("unshare", "--net", "--")  # as the unit has it
    if run(*alone, "true", check=False).returncode:
        raise Skip("no network name spaces here")
    house.install()
    for directory in (house.inbox, house.output, house.state, house.runtime, house.work):
        os.chown(directory, NOBODY, NOBODY)
    house.start(prefix=(*alone, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"))
    assert WORD in check(house, second_configuration(house, house.inbox))


def check_finds_a_directory_that_another_service_watches_by_any_path(house):
    around, link = house.top / "around", house.top / "link"
    house.inbox = around / "inbox"
    inner, done = house.inbox / "inner", house.inbox / "done"
    for directory in (inner, done):
        directory.mkdir(parents=True)
    link.symlink_to(house.inbox)
    house.configure()
    house.start()
    for path, how in ((inner, "inside"), (around, "contains"), (link, "the same as")):
        said = check(house, second_configuration(house, path))
        assert WORD in said and f"path = {path}: {how} {house.inbox}, which" in said, said
    assert check(house, second_configuration(house, done)) == ""
    house.stop()
    house.configure("recursive = no")
    house.start()
    assert check(house, second_configuration(house, inner)) == ""


def check_does_not_warn_of_the_service_that_runs_the_same_file(house):
    house.start()
    link = house.top / "link.conf"
    link.symlink_to(house.config)
    assert check(house, house.config) == check(house, link) == ""
    with open(house.config, "a", encoding="utf-8") as file:
        file.write("workers = 2\n")  # as before a reload
    assert check(house, house.config) == ""


def check_warns_of_the_first_one_of_two_services_with_the_same_file(house):
    house.start()
    with second_service(house, house.config.name):
        for runtime, others in ((house.runtime, 0), (house.top / "run2", 1)):
            said = run(house.bin / "hotfolder", "--runtime-dir", runtime, "check", "--config", house.config).stderr
            assert said.count(WORD) == others, said
        assert f"{WORD} (process {house.daemon.pid}): path = {house.inbox}: the same as" in said, said


def the_second_of_two_services_holds_its_folder_until_the_first_one_ends(house):
    house.configure("originals = keep")
    house.start()
    second = second_configuration(house, house.inbox)
    with second_service(house, second, stderr=subprocess.PIPE) as other:
        said = other.stderr.readline()
        who = pwd.getpwuid(os.geteuid()).pw_name
        assert f"folder 'other' is held: another hotfolder (process {house.daemon.pid} of user {who}) " \
            f"watches '{house.inbox}'; " in said, said
        house.photo("first.jpg").rename(house.inbox / "first.jpg")
        house.await_output("first.jpg")
        assert not files_below(house.top / "output2")
        house.kill()
        wait_until(lambda: files_below(house.top / "output2") == ["first.jpg"], "the second one takes over")
        house.start(wait=False)
        house.await_log(f"folder 'inbox' is held: another hotfolder (process {other.pid} of user {who})")


def a_claim_of_a_user_who_may_not_write_into_the_folder_does_not_hold_it(house):
    if os.geteuid():
        raise Skip("only root can be another user")
    with tempfile.NamedTemporaryFile("w", prefix="hotfolder-", dir="/run/lock") as claim:
        inbox = house.inbox.stat()
        claim.write(f"1 {inbox.st_dev} {inbox.st_ino} 1\0{house.inbox}\0other\0/other.conf\0/run/other")
        claim.flush()
        os.fchmod(claim.fileno(), 0o644)
        os.fchown(claim.fileno(), NOBODY, NOBODY)
        fcntl.lockf(claim, fcntl.LOCK_EX, 1)
        house.inbox.chmod(0o755)
        house.start()
        house.photo("free.jpg").rename(house.inbox / "free.jpg")
        house.await_output("free.jpg")
        assert the_folder(house)["state"] == "available"
        house.stop()
        house.inbox.chmod(0o757)
        house.start()
        assert the_folder(house)["state"] == "held", the_folder(house)


if __name__ == "__main__":
    raise SystemExit(main(globals()))
