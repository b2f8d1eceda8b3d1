#!/usr/bin/env python3
"""proofs - what was imported is proved by its disks, and by manifests as others read them: sha256sum, md5sum's
digests, and the reference implementation of ASC MHL (`pip install ascmhl`), where it is installed."""
import hashlib
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from harness import Skip, files_below, long, main, quoted, run

# Where `ascmhl` is looked for beside PATH; see .github/CONTRIBUTING.md.
JUDGES = "/var/cache/hotfolder-tests/ascmhl/bin"
LIST = "{urn:ASC:MHL:v2.0}"
CHAIN = "{urn:ASC:MHL:DIRECTORY:v2.0}"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


# ---- cards ----

def card(house, name, count=2):
    """A card of so many photos that no other one has, a film, and files of no known kind."""
    for number in range(count):
        house.photo(f"{name}/DCIM/100EOS/IMG_{number:04}.JPG", size="64x48", seed=hash_of(name) + number)
    (house.work / name / "DCIM/100EOS/MVI_0009.MOV").write_bytes(os.urandom(200000))
    for other in ("back\\slash.dat", "a & <b>.dat", "empty.dat"):
        text = "" if other.startswith("empty") else f"{name} {other}"
        (house.work / name / "DCIM/100EOS" / other).write_text(text, encoding="ascii")
    return house.work / name


def hash_of(name):
    return int(hashlib.md5(name.encode()).hexdigest()[:6], 16)


def imported(house, source, to, status=0, before=(), **settings):
    """Imports a card to the directories, by a program that `before` starts; its verdict."""
    settings = {"copy_to": "{ " + ", ".join(map(quoted, to)) + " }", "safe_copies": 1, "eject": "no", "min_free": 0,
                "name": "'{shot}.{ext}'", **settings}
    lines = "\n".join(f"    {name} = {value}" for name, value in settings.items())
    house.config.write_text(f'import "cards" {{\n{lines}\n}}\n')
    done = run(*before, house.bin / "hotfolder", "--runtime-dir", house.runtime, "import", source, "--config",
               house.config, "--state-dir", house.state, env=house.environment(), check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def verify(house, directory):
    return house.command("import", "verify", directory, "--state-dir", house.state)


def copies_in(directory):
    return sorted(name for name in files_below(directory) if not name.startswith(("ascmhl/", "_cards/")))


# ---- manifests ----

def c4(data):
    number, text = int(hashlib.sha512(data).hexdigest(), 16), ""
    while number:
        number, sign = divmod(number, 58)
        text = ALPHABET[sign] + text
    return "c4" + text.rjust(88, "1")


def generations(directory):
    """The files of each generation, in the order of the chain, whose links must be right."""
    chain = ET.parse(directory / "ascmhl/ascmhl_chain.xml").getroot()
    assert chain.tag == f"{CHAIN}ascmhldirectory"
    for number, link in enumerate(chain, 1):
        data = (directory / "ascmhl" / link.findtext(f"{CHAIN}path")).read_bytes()
        assert link.get("sequencenr") == str(number) and link.findtext(f"{CHAIN}c4") == c4(data), link
        yield ET.fromstring(data).findall(f"{LIST}hashes/{LIST}hash")


def each_card_is_a_generation_of_which_others_find_every_file(house):
    to = [house.top / "one", house.top / "two"]
    for name in ("first", "second", "third"):
        assert imported(house, card(house, name), to).startswith("SAFE TO FORMAT")
    for directory in to:
        named = []
        for files in generations(directory):
            assert len(files) == 6, files
            for file in files:
                path = file.find(f"{LIST}path")
                data = (directory / path.text).read_bytes()
                assert file.findtext(f"{LIST}md5") == hashlib.md5(data).hexdigest(), path.text
                assert path.get("size") == str(len(data)) and file.find(f"{LIST}xxh128") is not None, path.text
                named.append(path.text)
        assert sorted(set(named)) == copies_in(directory), named  # two of the same content have one copy


def sha256sum_checks_what_was_imported(house):
    to = house.top / "one"
    imported(house, card(house, "first"), [to], manifest="sha256")
    imported(house, card(house, "second"), [to], manifest="sha256")
    check = ("sh", "-c", "cat _cards/*/SHA256SUMS | sha256sum --strict -c")
    done = run(*check, cwd=to)
    assert sorted(set(done.stdout.replace(": OK", "").splitlines())) == copies_in(to), done.stdout
    assert done.stdout.count(": OK\n") == 12, done.stdout
    with open(to / "0001.JPG", "r+b") as file:
        file.write(b"x")
    assert run(*check, cwd=to, check=False).returncode == 1


# ---- the disk ----

def mounted_disk(house, kind="ext4", size="64M", name="disk"):
    """A file system in a file: that file, and where it is mounted."""
    image, point = house.work / f"{name}.img", house.top / name
    if not shutil.which(f"mkfs.{kind}"):
        raise Skip(f"no mkfs.{kind}")
    point.mkdir()
    run("truncate", "-s", size, image)
    run(f"mkfs.{kind}", "-q", image)
    if run("mount", "-o", "loop", image, point, check=False).returncode:
        raise Skip("cannot mount a file")
    house.mounts.append(point)
    return image, point


def changed_on_disk(image, copy):
    """Changes a byte of a copy on its disk: a program that reads through the cache still sees the old one."""
    before = copy.read_bytes()
    data = image.read_bytes()
    assert data.count(before) == 1, "it lies in one piece"
    with open(image, "r+b") as disk:
        disk.seek(data.index(before) + len(before) // 2)
        byte = disk.read(1)
        disk.seek(-1, os.SEEK_CUR)
        disk.write(bytes([byte[0] ^ 1]))
    assert copy.read_bytes() == before, "the cache has the old one"


def finds_what_changed_on_the_disk(house, kind, size):
    image, point = mounted_disk(house, kind, size)
    other = house.top / "other"
    verdict = imported(house, card(house, "first"), [point / "photos", other])
    assert verdict.startswith("SAFE TO FORMAT"), verdict
    fine = verify(house, point / "photos")
    assert fine.returncode == 0, fine.stdout + fine.stderr
    changed_on_disk(image, point / "photos/0009.MOV")
    found = verify(house, point / "photos")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "0009.MOV" in found.stdout and os.fspath(other / "0009.MOV") in found.stdout, found.stdout
    assert "0000.JPG" not in found.stdout, found.stdout


def a_byte_that_changed_on_the_disk_is_found_behind_the_cache(house):
    finds_what_changed_on_the_disk(house, "ext4", "64M")


@long
def a_byte_that_changed_on_an_xfs_disk_is_found_behind_the_cache(house):
    finds_what_changed_on_the_disk(house, "xfs", "320M")


@long
def a_checksum_that_is_wrong_on_a_btrfs_disk_is_found_behind_the_cache(house):
    finds_what_changed_on_the_disk(house, "btrfs", "128M")


def memory_is_no_disk(house):
    memory = house.top / "memory"
    memory.mkdir()
    if run("mount", "-t", "tmpfs", "none", memory, check=False).returncode:
        raise Skip("cannot mount a tmpfs")
    house.mounts.append(memory)
    verdict = imported(house, card(house, "first"), [memory], status=1)
    assert verdict.startswith("NOT SAFE"), verdict
    assert copies_in(memory), "it was copied all the same"


# Shows devices ("7:0 sdx" ...) as disks, to one program: in a name space of its own.
AS_DISKS = """
set -e
mount -t tmpfs none /sys/class/block
mount -t tmpfs none /sys/dev/block
while [ "$1" != -- ]; do
    mkdir -p "/sys/class/block/$2/device"
    echo "naa.5000c500a1b2c3$2" >"/sys/class/block/$2/device/wwid"
    echo 131072 >"/sys/class/block/$2/size"
    ln -s "../../class/block/$2" "/sys/dev/block/$1"
    shift 2
done
shift
exec "$@"
"""


def two_disks_are_safe_and_one_is_not(house):
    one, two = (mounted_disk(house, name=name, size="32M")[1] for name in ("one", "two"))
    numbers = [f"{os.major(os.stat(point).st_dev)}:{os.minor(os.stat(point).st_dev)}" for point in (one, two)]
    disks = ("unshare", "-m", "sh", "-c", AS_DISKS, "-", numbers[0], "sdx", numbers[1], "sdy", "--")
    if run(*disks, "true", check=False).returncode:
        raise Skip("no mounts of its own")
    source = card(house, "first")
    verdict = imported(house, source, [one / "a", two / "a"], status=1, safe_copies=2)
    assert verdict.startswith("NOT SAFE"), verdict  # two files on one disk
    verdict = imported(house, card(house, "second"), [one / "a", one / "b"], status=1, before=disks, safe_copies=2)
    assert verdict.startswith("NOT SAFE"), verdict
    verdict = imported(house, card(house, "third"), [one / "a", two / "a"], before=disks, safe_copies=2)
    assert verdict.startswith("SAFE TO FORMAT: 6 of 6"), verdict


# ---- the reference implementation ----

def judge(program, *arguments):
    path = shutil.which(program, path=f"{os.environ['PATH']}:{JUDGES}")
    if not path:
        raise Skip(f"{program} is not installed")
    return subprocess.run([path, *map(os.fspath, arguments)], capture_output=True, text=True, timeout=300, check=False)


def assert_accepted(directory):
    for program, *arguments in (("ascmhl", "diff"), ("ascmhl-debug", "verify"), ("ascmhl", "info", "-v")):
        done = judge(program, *arguments, directory)
        assert done.returncode == 0, (program, arguments, done.stdout, done.stderr)


@long
def the_reference_implementation_accepts_card_after_card(house):
    to = house.top / "one"
    imported(house, card(house, "first"), [to])
    assert_accepted(to)
    assert judge("ascmhl-debug", "verify", "-dh", to).returncode == 0
    imported(house, card(house, "second"), [to])
    assert_accepted(to)
    for options in ((), ("-h", "c4"), ("-h", "md5"), ("-n",)):  # generations of its own on ours, and ours on its own
        assert judge("ascmhl", "create", *options, to).returncode == 0, options
    imported(house, card(house, "third"), [to])
    assert_accepted(to)
    assert verify(house, to).returncode == 0
    with open(to / "0001.JPG", "r+b") as file:
        file.write(b"x")
    assert judge("ascmhl-debug", "verify", to).returncode != 0
    assert Path(to, "ascmhl").is_dir() and verify(house, to).returncode == 1


if __name__ == "__main__":
    sys.exit(main(globals()))
