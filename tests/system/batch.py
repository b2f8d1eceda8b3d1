"""batch - hotfolder run: many files, a profile, every core, no daemon."""
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import bombs
from harness import Skip, files_below, jpg, main, make_picture, run, share, sizes_of, wait_until


def card(house, count=6, size="640x480"):
    """A directory of photos as from a camera's card; their names in it."""
    masters = [house.photo(f"m{seed}.jpg", size=size, seed=seed) for seed in range(min(count, 3))]
    for number in range(count):
        target = house.work / f"card/dcim/d{number % 2}/p{number}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(masters[number % len(masters)], target)
    return files_below(house.work / "card")


def batch(house, *arguments, **options):
    return house.command("run", "small", "--config", house.config, *arguments, **options)


def a_tree_is_done_and_the_originals_stay(house):
    names = card(house)
    before = {name: (house.work / "card" / name).read_bytes() for name in names}
    done = batch(house, "--output", house.output, house.work / "card")
    assert done.returncode == 0, done.stderr
    made = files_below(house.output)
    assert len(made) == len(names) and [os.path.basename(n) for n in made] == [
        os.path.basename(n) for n in names], made
    assert set(sizes_of(*[house.output / name for name in made])) == {"160x120"}
    assert before == {name: (house.work / "card" / name).read_bytes() for name in files_below(house.work / "card")}


def single_files_and_a_shipped_profile_do(house):
    photo = house.photo()
    done = house.command("run", "thumbnail", "--output", house.output, photo)
    assert done.returncode == 0, done.stderr
    assert len(files_below(house.output)) >= 1


def workers_started(house, *paths):
    """The arguments of each worker that a run starts."""
    program, log = house.top / "logged-worker", house.top / "workers.log"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {house.bin / "hotfolder-worker"} "$@"\n')
    program.chmod(0o755)
    log.unlink(missing_ok=True)
    done = batch(house, "--jobs", "2", "--output", house.output, *paths,
                 env={**house.environment(), "HOTFOLDER_WORKER": os.fspath(program)})
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines()


def the_worker_that_checks_the_profile_makes_the_only_picture(house):
    assert workers_started(house, house.photo()) == ["--serve --check"]
    assert len(files_below(house.output)) == 1


def a_second_worker_starts_when_there_is_work_for_it(house):
    card(house, 40)
    assert workers_started(house, house.work / "card") == ["--serve --check", "--serve"]
    assert len(files_below(house.output)) == 40


def a_run_does_not_wait_for_a_worker_that_it_needs_no_longer(house):
    """Workers may take a minute to start."""
    card(house, 6)
    program, hung = house.top / "hanging-worker", house.top / "hung"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--check*) exec {house.bin / "hotfolder-worker"} "$@" ;; esac\n'
                       f'touch {hung}\nexec sleep 1000\n')
    program.chmod(0o755)
    began = time.monotonic()
    done = batch(house, "--jobs", "2", "--output", house.output, house.work / "card",
                 env={**house.environment(), "HOTFOLDER_WORKER": os.fspath(program)})
    assert done.returncode == 0 and "did not start" not in done.stderr, done.stderr
    assert hung.exists() and len(files_below(house.output)) == 6
    assert time.monotonic() - began < 60, "it waited"


def a_failure_is_one_line_and_status_one(house):
    card(house, 3)
    whole = (house.work / "card/dcim/d0/p0.jpg").read_bytes()
    (house.work / "card/broken.jpg").write_bytes(whole[:len(whole) // 2])
    done = batch(house, "--output", house.output, house.work / "card")
    assert done.returncode == 1, done.stderr
    assert len([line for line in done.stderr.splitlines() if "broken.jpg" in line]) == 1, done.stderr
    assert len(files_below(house.output)) == 3
    assert (house.work / "card/broken.jpg").exists()


def wrong_use_is_status_two(house):
    photo = house.photo()
    for arguments in (["run"], ["run", "small"], ["nonsense"], ["run", "--nonsense"],
                      ["run", "nosuchprofile", "--output", house.output, photo],
                      ["run", "small", "--config", house.config, "--jobs", "none", photo],
                      ["run", "small", "--config", house.top / "none.conf", photo]):
        done = house.command(*arguments)
        assert done.returncode == 2, (arguments, done.returncode, done.stderr)
        assert done.stderr.strip()


def an_output_that_cannot_be_made_is_looked_at_after_the_profile(house):
    photo = house.photo()
    output = photo / "output"
    nowhere = f"cannot create the directory '{output}': "
    for profile, said in (("nosuchprofile", "nosuchprofile"), ("small", "name another one with --output")):
        done = house.command("run", profile, "--config", house.config, "--output", output, photo)
        assert done.returncode == 2 and said in done.stderr, done
        assert (nowhere in done.stderr) == ("--output" in said), done


def a_dry_run_makes_nothing_and_says_what_it_would(house):
    names = card(house, 2)
    done = batch(house, "--dry-run", "--output", house.output, house.work / "card")
    assert done.returncode == 0, done.stderr
    assert not files_below(house.output)
    for name in names:
        assert os.path.basename(jpg(name)) in done.stdout, done.stdout


def would_be_made(house, card):
    done = batch(house, "--dry-run", "--json", "--output", house.output, card)
    assert done.returncode == 0, done.stderr
    return {os.path.basename(picture["source"]): picture["outputs"]
            for picture in json.loads(done.stdout)["pictures"]}


def a_dry_run_gives_the_names_that_a_run_would(house):
    card = house.work / "card"
    card.mkdir()
    for name in ("logo.jpg", "logo.png", "other.jpg"):
        make_picture(card / name)
    assert would_be_made(house, card) == {"logo.jpg": ["logo.jpg"], "logo.png": ["logo-1.jpg"],
                                          "other.jpg": ["other.jpg"]}
    assert not files_below(house.output)
    assert batch(house, "--jobs", "1", "--output", house.output, card).returncode == 0
    assert files_below(house.output) == ["logo-1.jpg", "logo.jpg", "other.jpg"]
    make_picture(card / "logo.jpg", seed=5)
    made = would_be_made(house, card)
    assert made["logo.jpg"] == ["logo-2.jpg"], made
    shown = batch(house, "--dry-run", "--output", house.output, card)
    assert f"{card}/logo.jpg -> logo-2.jpg" in shown.stdout, shown.stdout
    assert "logo.jpg is of an earlier logo.jpg; exists = replace takes its place" in shown.stderr, shown


def a_plan_says_how_each_picture_would_be_made(house):
    house.config.write_text('''profile "small" {
        scale { width = 80 }
        branch { grey {} save { name = "{stem}-grey" format = png } }
        sharpen { enabled = "{png}" }
        save { name = "{stem}-all" }
        save { name = "{stem}-same" format = original }
    }'''.replace("{png}", "{format == 'png'}"))
    photo = make_picture(house.work / "photo.jpg", "640x480", orientation=6)
    done = batch(house, "--plan", "--json", "--output", house.output, photo)
    assert done.returncode == 0, done.stderr
    plan = [line.split(maxsplit=1) for line in json.loads(done.stdout)["pictures"][0]["plan"]]
    assert [step for step, _ in plan] == ["scale", "branch", "grey", "save", "sharpen", "save", "save", "with"], plan
    said = [what for _, what in plan]
    assert said[0].startswith("480x640 -> 80x107") and "planes" in said[0], said
    assert said[2] == "80x107, becomes grey" and said[3] == "80x107", said
    assert said[4] == "left out" and "the planes of the JPEG are encoded" in said[5], said
    assert "decoded at 320x240" in said[1], said
    assert "nothing is decoded" in said[6] and re.fullmatch(r"at most [0-9.]+MB of memory", said[7]), said
    assert not files_below(house.output)
    shown = batch(house, "--plan", "--output", house.output, photo)
    assert "".join(f"    {line}\n" for line in json.loads(done.stdout)["pictures"][0]["plan"]) in shown.stdout, shown
    assert "plan" not in json.loads(batch(house, "--dry-run", "--json", photo).stdout)["pictures"][0]
    assert batch(house, "--output", house.output, photo).returncode == 0
    assert sizes_of(house.output / "photo-all.jpg", house.output / "photo-grey.png") == ["80x107"] * 2


def it_can_be_run_again(house):
    card(house, 2)
    for _ in range(2):
        assert batch(house, "--output", house.output, house.work / "card").returncode == 0
    sizes_of(*[house.output / name for name in files_below(house.output)])


def two_jobs_at_once_give_the_same_pictures(house):
    names = card(house, 8)
    made = []
    for jobs in ("1", "2"):
        target = house.top / f"jobs{jobs}"
        target.mkdir()
        assert batch(house, "--jobs", jobs, "--output", target, house.work / "card").returncode == 0
        made.append({name: (target / name).read_bytes() for name in files_below(target)})
    assert made[0] == made[1] and len(made[0]) == len(names)


def ctrl_c_finishes_what_is_in_hand(house):
    names = card(house, 30, size="2000x1500")
    command = [house.bin / "hotfolder", "run", "small", "--config", house.config,
               "--jobs", "1", "--output", house.output, house.work / "card"]
    running = subprocess.Popen(command, env=house.environment(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    wait_until(lambda: files_below(house.output), "work has begun")
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    made = files_below(house.output)
    assert running.returncode not in (0, 2), (running.returncode, errors)
    assert 0 < len(made) < len(names), "it did not stop early"
    sizes_of(*[house.output / name for name in made])
    assert len(files_below(house.work / "card")) == len(names)


def on_a_terminal(house, *arguments, **variables):
    """What `hotfolder run` shows on a terminal, and its exit status."""
    environment = {**house.environment(), "TERM": "xterm", **variables}
    environment.pop("NO_COLOR", None)
    environment.update(variables)
    process, terminal = pty.fork()
    if process == 0:
        os.execve(house.bin / "hotfolder",
                  ["hotfolder", "run", "small", "--config", os.fspath(house.config),
                   "--output", os.fspath(house.output), *map(os.fspath, arguments)], environment)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(status)


def a_terminal_shows_progress_once_something_is_known(house):
    card(house, 6)
    shown, status = on_a_terminal(house, house.work / "card")
    assert status == 0, shown
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "6" in text and "/s" in text and "\r" in text, text
    assert "of 0" not in text, text


def colours_are_only_for_a_terminal_that_takes_them(house):
    card(house, 1)
    (house.work / "card/broken.jpg").write_bytes(b"")
    red = "\x1b[31m"
    shown, status = on_a_terminal(house, house.work / "card")
    assert status == 1 and red in shown, shown
    shown, _ = on_a_terminal(house, house.work / "card", NO_COLOR="1")
    assert red not in shown and "\x1b[m" not in shown, shown
    shown, _ = on_a_terminal(house, house.work / "card", NO_COLOR="")
    assert red in shown, shown
    shown, _ = on_a_terminal(house, house.work / "card", TERM="dumb")
    assert "\x1b" not in shown and "1 failed" in shown, shown
    piped = batch(house, "--output", house.output, house.work / "card",
                  env={**house.environment(), "TERM": "xterm"})
    assert "\x1b" not in piped.stdout + piped.stderr, piped


def a_full_disk_is_reported_and_no_half_output_remains(house):
    house.mount(house.output, "64k")
    (house.output / "ballast").write_bytes(bytes(64 * 1024))
    card(house, 2)
    done = batch(house, "--output", house.output, house.work / "card")
    assert done.returncode == 1 and "space" in done.stderr, (done.returncode, done.stderr)
    assert files_below(house.output) == ["ballast"]


def files_of_one_name_from_two_places_are_both_made(house):
    for number in (1, 2):
        make_picture(house.work / f"c{number}/p.jpg", seed=number)
    done = batch(house, "--output", house.output, house.work / "c1/p.jpg", house.work / "c2/p.jpg")
    assert done.returncode == 0, done.stderr
    assert len(files_below(house.output)) == 2


def ignored_files_are_named_with_their_reasons(house):
    """Ten of them; all with -v."""
    card(house, 1)
    for number in range(10):
        (house.work / f"card/notes{number}.txt").write_text("not a picture\n")
    shutil.copy(house.work / "card/dcim/d0/p0.jpg", house.work / "card/.hidden.jpg")
    os.mkfifo(house.work / "card/pipe")
    done = batch(house, "--output", house.output, house.work / "card")
    assert done.returncode == 0, done.stderr
    assert len(files_below(house.output)) == 1
    assert f"{house.work}/card/notes0.txt: ignored: text\n" in done.stderr, done.stderr
    assert f"{house.work}/card/.hidden.jpg: ignored: dot file\n" in done.stderr, done.stderr
    assert done.stderr.count(": ignored: ") == 10 and "2 more are ignored; -v " in done.stderr, done.stderr
    assert ", 12 ignored (10 text, " in done.stdout and "1 dot file" in done.stdout, done.stdout
    done = batch(house, "-v", "--output", house.output, house.work / "card")
    assert done.stderr.count(": ignored: ") == 12 and "more" not in done.stderr, done.stderr
    assert "card/pipe: ignored: FIFO\n" in done.stderr, done.stderr


def a_picture_by_its_name_that_is_empty_or_damaged_is_a_failure(house):
    card(house, 1)
    for name, content in (("empty.jpg", b""), ("noise.JPG", bytes(range(256)) * 9),
                          ("page.png", b"<html>not found</html>\n"), ("empty.txt", b"")):
        (house.work / "card" / name).write_bytes(content)
    done = batch(house, "--output", house.output, house.work / "card")
    assert done.returncode == 1, done
    assert "card/empty.jpg: the file is empty; copy it again" in done.stderr, done.stderr
    assert "card/noise.JPG: the picture is damaged: its name ends in .JPG" in done.stderr, done.stderr
    assert "card/page.png: this is not a picture: its name ends in .png, and its content is text" in done.stderr
    assert "card/empty.txt: ignored: empty\n" in done.stderr, done.stderr
    assert done.stdout.startswith("1 done, 3 failed, 1 ignored (1 empty)"), done.stdout


def a_format_that_is_not_accepted_has_a_remedy_that_works(house):
    """In `run` there is no folder whose `accept` could be changed."""
    picture = house.work / "card/map.svg"
    picture.parent.mkdir()
    picture.write_bytes(bombs.SVG % (90, 60))
    done = batch(house, "--output", house.output, picture.parent)
    assert "map.svg: ignored: SVG, which is not accepted: `defaults {" in done.stderr, done.stderr
    done = batch(house, "--json", "--output", house.output, picture)
    error = json.loads(done.stdout)["pictures"][0]["error"]
    assert error["what"] == "this is SVG, which is not accepted", error
    remedy = error["fix"].removeprefix("write `").removesuffix("` into the configuration")
    house.config.write_text(house.config.read_text() + remedy + "\n")
    done = batch(house, "--output", house.output, picture)
    assert done.returncode == 0 and files_below(house.output) == ["map.jpg"], done


def a_fifo_that_is_named_is_called_a_fifo(house):
    os.mkfifo(house.work / "pipe")
    done = batch(house, "--output", house.output, house.work / "pipe")
    assert done.returncode == 1 and "pipe: this is a FIFO, not a file; " in done.stderr, done


def a_directory_without_a_picture_is_called_that_and_gets_no_output(house):
    target = house.top / "made/deep"
    (house.work / "card").mkdir()
    done = batch(house, "--output", target, house.work / "card")
    assert done.returncode == 0, done
    assert "card: there is no picture in it\n" in done.stderr, done.stderr
    assert done.stdout == "no picture was found\n", done.stdout
    done = batch(house, "--output", target, house.work / "none")
    assert done.returncode == 1 and "none: cannot find it" in done.stderr, done
    assert not target.parent.exists()
    assert batch(house, "--output", target, house.photo()).returncode == 0
    assert files_below(target) == ["photo.jpg"]


def what_hotfolder_made_is_no_original_of_a_tree(house):
    """It is one where the user names it."""
    make_picture(house.work / "card/p.jpg")
    first, second = house.work / "card/first", house.work / "card/second"
    assert batch(house, "--output", first, house.work / "card").returncode == 0
    done = batch(house, "--output", second, house.work / "card")
    assert done.returncode == 0, done
    assert files_below(second) == ["p.jpg"], files_below(second)
    assert "first/p.jpg: ignored: made by hotfolder\n" in done.stderr, done.stderr
    done = batch(house, "--output", house.output, first / "p.jpg")
    assert done.returncode == 0 and files_below(house.output) == ["p.jpg"], done


def a_picture_in_the_root_directory_is_done(house):
    """Its root is "/", as is the path that the batch begins with."""
    root, unshare = house.work / "root", ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() or run(*unshare, "true", check=False).returncode:
        raise Skip("only root may make a root directory")
    house.install()
    make_picture(root / "p.jpg")
    bind = """for place in bin dev etc lib lib64 proc tmp usr "${TOP#/}"; do
        [ -d "/$place" ] && mkdir -p "$ROOT/$place" && mount --rbind "/$place" "$ROOT/$place"
    done; exec chroot "$ROOT" "$@" """
    done = subprocess.run(
        [*unshare, "sh", "-c", bind, "sh", house.bin / "hotfolder", "run", "small", "--config",
         house.config, "--output", house.output, "/p.jpg"], text=True, capture_output=True, timeout=60,
        env={**house.environment(), "ROOT": os.fspath(root), "TOP": os.fspath(house.top)})
    assert done.returncode == 0, done
    assert files_below(house.output) == ["p.jpg"], done


def a_program_gets_the_result_as_json(house):
    make_picture(house.work / "card/a, b.jpg")
    (house.work / "card/broken.jpg").write_bytes(b"")
    (house.work / "card/notes.txt").write_text("not a picture\n")
    done = batch(house, "--json", "--output", house.output, house.work / "card")
    result = json.loads(done.stdout)
    said = [line for line in done.stderr.splitlines() if "sandbox lacks" not in line]  # as an instrumented one does
    assert done.returncode == 1 and not said, said
    assert result.pop("seconds") > 0
    assert result == {
        "found": 2, "done": 1, "there_already": 0, "without_output": 0, "failed": 1, "interrupted": False,
        "dry_run": False, "profile": "small", "output": os.fspath(house.output),
        "ignored": {"text": 1},
        "ignored_files": [{"path": f"{house.work}/card/notes.txt", "reason": "text"}],
        "pictures": [
            {"source": f"{house.work}/card/broken.jpg", "state": "failed",
             "error": {"what": "the file is empty", "fix": "copy it again from where it came"}},
            {"source": f"{house.work}/card/a, b.jpg", "state": "done", "outputs": ["a, b.jpg"]},
        ],
    }, result
    again = json.loads(batch(house, "--json", "--output", house.output, house.work / "card").stdout)
    assert again["there_already"] == 1 and again["pictures"][1]["outputs"] == [], again


def a_skipped_output_is_there_or_its_name_is_of_another_picture(house):
    config, pictures = house.top / "skip.conf", [house.work / "one/a.jpg", house.work / "two/a.jpg"]
    config.write_text('profile "p" { save { name = "{stem}.jpg" exists = skip } }\n')
    for seed, picture in enumerate(pictures):
        picture.parent.mkdir()
        house.photo("next.jpg", seed=seed).rename(picture)
    arguments = ["run", "p", "--config", config, "--output", house.output, "--jobs", "1"]
    done = house.command(*arguments, *pictures)
    assert done.returncode == 0, done
    assert "1 done, 1 there already (or another picture of that name) in " in done.stdout, done
    dry = house.command(*arguments, "--dry-run", *pictures)
    assert dry.stdout.count("a.jpg -> nothing: it is there already, or its name is of another picture\n") == 2, dry
    again = json.loads(house.command(*arguments, "--json", *pictures).stdout)
    assert (again["done"], again["there_already"]) == (2, 2), again
    assert files_below(house.output) == ["a.jpg"]


def what_comes_after_the_start_is_reported_and_is_no_crash(house):
    """While a share does not respond, another tree is mounted in between."""
    behind, place, late = house.work / "behind", house.top / "share", house.top / "late"
    behind.mkdir()
    place.mkdir()
    server = share(house, behind, place, "dead")
    running = subprocess.Popen(
        [house.bin / "hotfolder", "run", "small", "--config", house.config, "--output", house.output,
         late, place], env=house.environment(), text=True, stderr=subprocess.PIPE)
    try:
        asking = Path(f"/proc/{running.pid}/stack")
        wait_until(lambda: "fuse" in asking.read_text(), "it asks the share")
        make_picture(late / "p.jpg")
    finally:
        server.send_signal(signal.SIGCONT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 1, (running.returncode, errors)
    assert f"{late}: it did not exist when the run began; run the command again" in errors, errors


if __name__ == "__main__":
    raise SystemExit(main(globals()))
