"""Pictures and folders that another process has."""
import fcntl
import os

from harness import Skip, main, make_picture, run, wait_until


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


if __name__ == "__main__":
    raise SystemExit(main(globals()))
