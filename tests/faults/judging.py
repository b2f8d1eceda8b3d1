"""judging - the judge and the shim are worth something: one finds what is planted, the other misses
no call.
"""
import os
import re
import shutil
import sys
from pathlib import Path

from check import Expected, check, sha256
from faults import damaged, drop, main, shim
from harness import BUILD, Missing, files_below, make_picture, run, wait_until

TRACED = ("openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice,"
          "truncate,ftruncate,fallocate,fsync,fdatasync,sync_file_range,syncfs,link,linkat,symlink,"
          "symlinkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,mknod,mknodat,"
          "setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr,chmod,fchmod,fchmodat,"
          "chown,lchown,fchown,fchownat,utimensat,utime,utimes,futimesat")


def good_run(house):
    """Folders as they are after a good run: one finished, one failed; what was dropped."""
    photo = make_picture(house.work / "photo.jpg", size="96x64").read_bytes()
    for where, name, content in (("done", "a/photo.jpg", photo), ("failed", "bad.jpg", damaged(photo))):
        target = house.inbox / where / name
        target.parent.mkdir(parents=True)
        target.write_bytes(content)
    (house.inbox / "failed/bad.jpg.txt").write_text("error: it is damaged\nfix: send it again\n")
    for where in ("done/a/photo.CR2", "failed/bad.CR2.xmp"):
        (house.inbox / where).write_text(where)
    (house.output / "a").mkdir()
    make_picture(house.output / "a/photo.jpg", size="32x32")
    return [("a/photo.jpg", sha256(house.inbox / "done/a/photo.jpg")),
            ("bad.jpg", sha256(house.inbox / "failed/bad.jpg"))]


def companions(house):
    return (("a/photo.CR2", sha256(house.inbox / "done/a/photo.CR2")),
            ("bad.CR2.xmp", sha256(house.inbox / "failed/bad.CR2.xmp")))


def cut(path):
    path.write_bytes(path.read_bytes()[:-400])


def copy_beside(path):
    shutil.copy(path, path.with_name("photo-1.jpg"))


# What is done to a good run, and what the judge has to say of it.
PLANTED = (
    ("done/a/photo.jpg", Path.unlink, "lost: a/photo.jpg"),
    ("done/a/photo.jpg", cut, "lost: a/photo.jpg (another content"),
    ("done/a/photo.jpg", copy_beside, "twice: a/photo.jpg"),
    ("done/a/photo.jpg", lambda path: shutil.copy(path, path.parents[2]), "no picture explains it"),
    ("done/a/photo.jpg", lambda path: path.with_name(".hotfolder-1").touch(), "temporary file"),
    ("done/a/photo.CR2", Path.unlink, "lost: companion a/photo.CR2"),
    ("done/a/photo.CR2", lambda path: path.rename(path.with_name("photo-1.CR2")), "lies as done/a/photo-1.CR2"),
    ("done/a/photo.CR2", lambda path: shutil.copy(path, path.with_name("photo-1.CR2")), "twice: companion"),
    ("failed/bad.CR2.xmp", lambda path: path.rename(path.parents[1] / path.name), "its picture in failed"),
    ("failed/bad.jpg.txt", Path.unlink, "failed without a reason"),
    ("failed/bad.jpg", Path.unlink, "lost: bad.jpg"),
    ("output/a/photo.jpg", Path.unlink, "is missing"),
    ("output/a/photo.jpg", cut, "not whole"),
    ("output/a/photo.jpg", copy_beside, "twice: output a/photo-1.jpg"),
    ("output/a/photo.jpg", lambda path: path.with_name(".hotfolder-1").touch(), "temporary file"),
    ("output/a/photo.jpg", lambda path: path.with_name("other.jpg").touch(), "no picture explains it"),
)


def the_judge_finds_each_planted_error(house):
    inputs = good_run(house)
    for number, (path, plant, said) in enumerate((("", lambda _: None, None), *PLANTED)):
        inbox, output = house.top / f"{number}.in", house.top / f"{number}.out"
        shutil.copytree(house.inbox, inbox)
        shutil.copytree(house.output, output)
        plant(output / path.removeprefix("output/") if path.startswith("output/") else inbox / path)
        found = check(Expected(inbox, output, inputs, parts=companions(house)), BUILD / "bin/picture").errors()
        if said is None:
            assert not found, found
        else:
            assert any(said in error for error in found), f"{number} {path}: {found}"


def the_judge_can_be_called_with_the_sums_of_what_was_dropped(house):
    inputs = good_run(house)
    judge = [sys.executable, "-B", Path(__file__).with_name("check.py"), "--all-done",
             "--inbox", house.inbox, "--output", house.output, "--picture", BUILD / "bin/picture"]
    sums = "".join(f"{content}  ./{name}\n" for name, content in inputs)
    parts = house.top / "parts"
    parts.write_text("".join(f"{content}  ./{name}\n" for name, content in companions(house)))
    said = run(*judge, "--part", parts, input=sums)
    assert said.stdout == "1 finished, 1 failed, 0 waiting, lost 0, twice 0, wrong 0\n", said.stdout
    (house.output / "a/photo.jpg").unlink()
    said = run(*judge, input=sums, check=False)
    assert said.returncode == 1 and "output a/photo.jpg: is missing" in said.stdout, said.stdout


def changes(line, roots):
    """Whether a line of strace is a call that changes something below a root."""
    call = line.split("(", 1)[0]
    if call in ("openat", "openat2") and not re.search(r"O_CREAT|O_TMPFILE", line):
        return False
    # A rename or a link leads where its last path is; every other call has just one.
    paths = re.findall(r'<(/[^>]*)>|"(/[^"]*)"', line.split(" = ", 1)[0])
    return bool(paths) and any((path[0] or path[1]).startswith(root)
                               for path in paths[-1:] for root in roots)


def threads_of(house, pid):
    """Ids of all threads that the process ever had, by what strace wrote down."""
    found = [str(pid)]
    for thread in found:
        calls = (house.top / f"calls.{thread}").read_text()
        found += re.findall(r"^clone3?\(.*CLONE_THREAD.* = (\d+)$", calls, re.M)
    return found


def the_shim_counts_every_call_that_changes_a_file(house):
    if not shutil.which("strace"):
        raise Missing("there is no strace")
    house.configure('originals = "done"', top="workers = 1")
    trace = house.top / "trace"
    variables = shim(house, TRACE=trace)
    roots = variables["FAULTS_BELOW"].split(":")
    names = [argument for name in variables for argument in ("-E", f"{name}={variables[name]}")]
    house.start(prefix=("strace", "-ff", "-y", "-s", "1", "-o", house.top / "calls",
                        "-e", f"trace={TRACED},clone,clone3", *names))
    photo = make_picture(house.work / "photo.jpg", size="96x64").read_bytes()
    drop(house, "photo.jpg", photo)
    drop(house, "bad.jpg", damaged(photo))
    wait_until(lambda: house.done() and house.failed() and house.idle(), "work is done")
    traced = house.children()[0]
    os.kill(traced, 15)
    house.daemon.wait()
    house.daemon = None
    seen = [line for thread in threads_of(house, traced)
            for line in (house.top / f"calls.{thread}").read_text().splitlines()
            if changes(line, roots)]
    counted = trace.read_text().splitlines()
    assert len(counted) > 100, files_below(house.top)
    assert len(seen) == len(counted), "\n".join([*seen, "--- counted:", *counted])


if __name__ == "__main__":
    raise SystemExit(main(globals()))
