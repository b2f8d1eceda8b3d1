"""sandbox - what the daemon does when the sandbox lacks a part, and when a picture attacks it."""
import json
import os
import re
import shutil
from pathlib import Path

from harness import BUILD, main, quoted, run, wait_until

WITHOUT = BUILD / "bin/without"


def drop(house, *names):
    for name in names:
        house.photo(name).rename(house.inbox / name)


def status_of(house):
    def known():
        status = house.get()[1]
        return status if "sandbox" in status else None

    return wait_until(known, "a worker was ready")


def a_complete_sandbox_is_shown(house):
    house.configure("sandbox = required")
    house.start()
    drop(house, "a.jpg", "b.tif")
    house.await_output("a.jpg", "b.jpg")
    assert status_of(house)["sandbox"] == {"complete": True, "lacks": "", "groups": ""}
    assert ("sandbox: complete; the workers have no control groups of their own\n"
            in house.command("status", check=True).stdout)


def a_sandbox_without_landlock_is_logged_once_and_other_than_plain_pictures_wait(house):
    house.configure("retry { attempts = 1 }", top="workers = 2")
    house.start(prefix=(WITHOUT, "landlock"))
    drop(house, "a.jpg", "b.png", "c.webp", "d.tif")
    house.await_output("a.jpg", "b.jpg", "c.jpg")
    lacks = "landlock (Function not implemented)"
    house.await_logged(f"d.tif: the workers' sandbox lacks {lacks}, without which this format's decoder "
                       "is not run; use a kernel that has it, ", 1)
    wait_until(lambda: status_of(house)["folders"][0]["queued"] == 1, "the TIFF waits")
    assert (house.inbox / "d.tif").exists() and not house.failed()
    assert status_of(house)["sandbox"] == {"complete": False, "lacks": lacks, "groups": ""}
    assert f"sandbox: lacks {lacks}; " in house.command("status", check=True).stdout
    times = house.logged().splitlines().count(f"the workers' sandbox lacks {lacks}")
    assert times == 1, house.logged()


def a_service_manager_that_forbids_seccomp_is_a_sandbox_that_lacks_it(house):
    house.configure("retry { attempts = 1 }")
    house.start(prefix=(WITHOUT, "seccomp"))
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    assert status_of(house)["sandbox"]["lacks"].startswith("seccomp ("), house.get()


def the_check_names_the_formats_that_would_wait(house):
    house.configure("accept = { jpeg, tiff, heif }")
    checked = run(WITHOUT, "landlock", house.bin / "hotfolder", "check", "--config", house.config,
                  check=False, env=house.environment())
    assert checked.returncode == 0, checked
    assert ('folder "inbox": warning: pictures of these formats would wait: tiff, heif: the workers\' '
            "sandbox lacks landlock (Function not implemented), ") in checked.stderr, checked
    house.configure("accept = { jpeg, tiff, heif }  sandbox = required")
    checked = run(WITHOUT, "landlock", house.bin / "hotfolder", "check", "--config", house.config,
                  check=False, env=house.environment())
    assert checked.returncode == 1 and "warning" not in checked.stderr, checked
    assert "the workers' sandbox lacks landlock" in checked.stderr, checked


def best_goes_on_with_what_there_is(house):
    house.configure("sandbox = best")
    house.start(prefix=(WITHOUT, "both"))
    drop(house, "a.tif", "b.avif")
    house.await_output("a.jpg", "b.jpg")
    assert status_of(house)["sandbox"]["complete"] is False


def required_holds_the_folder_until_the_sandbox_is_complete(house):
    house.configure("sandbox = required")
    house.start(prefix=(WITHOUT, "landlock"))
    drop(house, "a.jpg")

    def held():
        folder = house.get()[1]["folders"][0]
        return folder["state"] == "held" and folder

    folder = wait_until(held, "the folder is held")
    assert "landlock" in folder["reason"] and "sandbox = best" in folder["reason"], folder
    assert (house.inbox / "a.jpg").exists() and not house.failed()
    assert house.stop() == 0
    house.start()
    house.await_output("a.jpg")


def only_workers_of_folders_that_accept_drawings_read_fonts(house):
    def arguments():
        # An empty command line: the program has not started yet.
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in house.children()]
        return lines if lines and all(b"--serve" in line for line in lines) else None

    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'><text y='9'>a</text></svg>"
    for accept, fonts in (("{ jpeg, svg }", True), ("{ jpeg, tiff }", False)):
        house.configure(f"accept = {accept}")
        house.start()
        assert all((b"--fonts" in line) == fonts for line in wait_until(arguments, "workers run"))
        if fonts:
            (house.inbox / "a.svg").write_text(svg)
            house.await_output("a.jpg")
        assert house.stop() == 0


FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{0}/data/fonts</dir><cachedir>{0}/.cache/fontconfig</cachedir></fontconfig>"""


def a_text_in_a_font_that_is_broken_is_not_left_out(house):
    fonts, config = house.work / "data/fonts", house.work / ".config/fontconfig/fonts.conf"
    for directory in (fonts, config.parent, house.work / ".cache/fontconfig"):
        directory.mkdir(parents=True)
    config.write_text(FONTS.format(house.work))
    font = shutil.copy("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", fonts)
    run("fc-cache", env={**house.environment(), "FONTCONFIG_FILE": str(config)})
    house.configure("accept = { svg }\n retry { attempts = 1 }")
    house.start(FONTCONFIG_FILE=str(config))
    text = "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='60'><text y='{}'>a</text></svg>"
    (house.inbox / "whole.svg").write_text(text.format(9))
    house.await_output("whole.jpg")
    assert house.stop() == 0
    # The list of fonts still says that it is one: only its directory's time is looked at.
    Path(font).write_bytes(b"no font")
    house.start(FONTCONFIG_FILE=str(config))
    (house.inbox / "broken.svg").write_text(text.format(19))
    wait_until(lambda: house.failed() == ["broken.svg"], "it is failed")
    reason = house.reason("broken.svg")
    assert "cannot draw the text of the picture" in reason and "DejaVu Sans" in reason, reason


def a_worker_has_the_limits_of_the_sandbox_and_goes_first(house):
    house.configure(top="workers = 1")
    house.start()
    drop(house, "a.jpg")
    house.await_output("a.jpg")
    (worker,) = house.children()
    lines = Path(f"/proc/{worker}/limits").read_text(encoding="ascii").splitlines()
    hard = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    assert hard["Max core file size"] == ["0", "0"], hard
    assert hard["Max open files"] == ["64", "64"], hard
    assert int(hard["Max file size"][1]) <= 8 << 30, hard
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert [int(most) for most in hard["Max address space"]] == [max(memory, 4 << 30)] * 2, hard
    assert int(Path(f"/proc/{worker}/oom_score_adj").read_text(encoding="ascii")) >= 500
    assert int(Path(f"/proc/{house.daemon.pid}/oom_score_adj").read_text(encoding="ascii")) < 500


def begin_with_an_attacker(house, **started):
    """A daemon whose worker is the one that does what a picture's name says."""
    house.bin = house.top / "copy/bin"
    house.bin.mkdir(parents=True)
    for program, name in (("hotfolderd",) * 2, ("hotfolder",) * 2, ("attacker", "hotfolder-worker")):
        shutil.copy(BUILD / "bin" / program, house.bin / name)
    house.config.write_text(f"""
folder "inbox" {{
    path = {quoted(house.inbox)}
    output = {quoted(house.output)}
    profile = "hostile"
    retry {{ attempts = 5  first = 200ms  max = 200ms }}
}}
profile "hostile" {{ attack {{}} save {{ name = "{{stem}}.png" }} }}
""")
    house.start(**started)


def a_picture_that_takes_its_worker_over_is_failed_with_what_it_tried(house):
    begin_with_an_attacker(house)
    drop(house, "socket.png", "beach.png")
    house.await_output("beach.png")
    wait_until(lambda: house.failed() == ["socket.png"], "it is failed")
    reason = house.reason("socket.png")
    for word in ("it tried the system call socket (", "attack"):
        assert word in reason, reason
    wait_until(house.idle, "the ledger has it all")
    counts = json.loads(house.command("status", "--json", check=True).stdout)["folders"][0]
    assert (counts["done"], counts["failed"]) == (1, 1), counts


def a_picture_that_starts_a_swarm_of_threads_is_ended_at_once(house):
    begin_with_an_attacker(house)
    drop(house, "threads.png", "beach.png")
    house.await_output("beach.png")
    wait_until(lambda: house.failed() == ["threads.png"], "it is failed")
    reason = house.reason("threads.png")
    # 200, or fewer where it was seen in the middle of it; twice, and then no more
    found = re.search(r"the worker started (\d+) threads, more than any picture needs \(after (\d+)", reason)
    assert found and int(found[1]) > 32 and int(found[2]) < 30 and "attempts: 2" in reason, reason


if __name__ == "__main__":
    raise SystemExit(main(globals()))
