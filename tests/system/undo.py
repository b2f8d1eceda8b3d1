"""undo - finished pictures are taken back: by any of their paths, the last one, or all since a time."""
import contextlib
import json
import os
import pwd
import shutil
import time

from harness import House, files_below, main, quoted, wait_until

TWO = 'save { name = "web/{stem}.png" }'


@contextlib.contextmanager
def on_own_disk(house, own_trash=True):
    """A house on a disk of its own, so that no trash of this machine is used."""
    house.mount(house.work, "64m")
    if not own_trash:
        (house.work / f".Trash-{os.getuid()}").write_text("no directory")
    with House(house.work) as own:
        yield own


def drop(house, name, seed=1):
    target = house.inbox / name
    target.parent.mkdir(parents=True, exist_ok=True)
    house.photo("next.jpg", seed=seed).rename(target)


def do(house, *names):
    """Drops these pictures, each after the one before it is done."""
    for seed, name in enumerate(names, 1):
        drop(house, name, seed)
        house.await_log(f"{name}: done in")
        wait_until(house.idle, f"{name} is done")


def pictures_below(directory):
    return [name for name in files_below(directory) if not name.endswith(".trashinfo")]


def undo(house, *arguments, status=0):
    asked = house.command("undo", *arguments)
    assert asked.returncode == status, (asked.returncode, asked.stdout, asked.stderr)
    return asked.stderr if status else asked.stdout


def every_path_of_a_picture_undoes_it(house):
    with on_own_disk(house, own_trash=False) as own:
        own.configure('originals = "done"', steps=TWO)
        own.start()
        (own.top / "link").symlink_to(own.output)
        for path in (own.inbox / "trip/beach.jpg", own.inbox / "done/trip/beach.jpg", own.top / "link/web/beach.png",
                     own.output / "trip/beach.jpg", own.output / "web/beach.png"):
            do(own, "trip/beach.jpg")
            original = (own.inbox / "done/trip/beach.jpg").read_bytes()
            made = {name: (own.output / name).read_bytes() for name in ("trip/beach.jpg", "web/beach.png")}
            shown = undo(own, path)
            assert shown == f"undone: {own.inbox}/trip/beach.jpg (2 outputs are in the trash)\n", shown
            assert files_below(own.inbox) == ["trip/beach.jpg"], files_below(own.inbox)
            assert (own.inbox / "trip/beach.jpg").read_bytes() == original
            assert files_below(own.output) == ["trash/trip/beach.jpg", "trash/web/beach.png"]
            assert {name: (own.output / "trash" / name).read_bytes() for name in made} == made
            (own.inbox / "trip/beach.jpg").unlink()
            shutil.rmtree(own.output / "trash")
            own.log.write_text("")


def of_hard_links_the_one_that_is_named_is_undone(house):
    with on_own_disk(house) as own:
        own.configure('originals = "done"')
        own.start()
        photo = own.photo("photo.jpg")
        for name in ("a.jpg", "b.jpg"):
            os.link(photo, own.work / f"to-{name}")
        photo.unlink()
        for name in ("a.jpg", "b.jpg"):
            (own.work / f"to-{name}").rename(own.inbox / name)
            own.await_log(f"{name}: done")
            wait_until(own.idle, f"{name} is done")
        shown = own.command("why", own.inbox / "done/a.jpg").stdout
        assert f"the original of {own.inbox}/a.jpg" in shown, shown
        shown = undo(own, own.inbox / "done/a.jpg")
        assert shown.startswith(f"undone: {own.inbox}/a.jpg "), shown
        assert files_below(own.inbox) == ["a.jpg", "done/b.jpg"], files_below(own.inbox)


def an_undone_picture_is_left_alone_until_retry_takes_it(house):
    with on_own_disk(house) as own:
        own.configure('originals = "done"')
        own.start()
        do(own, "beach.jpg")
        who = pwd.getpwuid(os.getuid()).pw_name
        undo(own, "--last")
        trash = own.work.parent.parent / f".Trash-{os.getuid()}/files/beach.jpg"
        assert trash.exists()
        assert own.stop() == 0
        own.start()
        os.utime(own.inbox)
        wait_until(own.idle, "it has looked at every file")
        assert (own.inbox / "beach.jpg").exists() and not files_below(own.output)
        assert own.get()[1]["folders"][0]["ignored"]["cancelled or undone"] == 1
        assert "1 cancelled or undone" in own.command("why", own.inbox, check=True).stdout
        shown = own.command("why", own.output / "beach.jpg", check=True).stdout
        assert f"undone by {who} at " in shown and "not published yet" not in shown, shown
        code, answer = own.post("/v1/retry", path=os.fspath(own.inbox / "beach.jpg"))
        assert code == 200, answer
        own.await_output("beach.jpg")
        wait_until(lambda: own.done() == ["beach.jpg"], "it is done again")
        own.await_log(f"beach.jpg: undone by {who}; outputs that are in the trash now: 1")


def what_was_changed_since_is_named_and_nothing_is_moved(house):
    with on_own_disk(house) as own:
        own.configure('originals = "done"', steps=TWO)
        own.start()
        do(own, "beach.jpg")
        (own.output / "web/beach.png").write_text("edited")
        before = files_below(own.top)
        refused = undo(own, own.output / "beach.jpg", status=1)
        assert f"'{own.output}/web/beach.png' was changed, renamed or removed" in refused, refused
        drop(own, "beach.jpg", seed=2)
        own.await_log("-> beach-1.jpg")
        wait_until(own.idle, "the second one is done")
        assert "beach-1.jpg" not in "".join(before)
        undo(own, "--last")
        refused = undo(own, own.output / "web/nothing.png", status=1)
        assert "nothing.png" in refused, refused
        refused = undo(own, own.inbox / "beach.jpg", status=1)
        assert "was undone by" in refused, refused


def of_all_since_a_time_the_newest_is_the_first(house):
    with on_own_disk(house, own_trash=False) as own:
        own.configure('originals = "keep"', save="exists = replace")
        own.start()
        do(own, "early.jpg")
        (own.work / "later").touch()
        time.sleep(1.1)  # the clock of `since` has seconds
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        do(own, "a.jpg", "b.jpg", "c.jpg")
        (own.output / "b.jpg").write_text("edited")
        refused = undo(own, "--since", since, "--folder", "inbox", status=1)
        assert f"{own.inbox}/b.jpg: not undone" in refused and "a.jpg" not in refused, refused
        assert files_below(own.output) == ["b.jpg", "early.jpg", "trash/a.jpg", "trash/c.jpg"]
        assert files_below(own.inbox) == ["a.jpg", "b.jpg", "c.jpg", "early.jpg"]
        own.await_log("a.jpg: undone by")
        order = [line.split(": ")[1] for line in own.logged().splitlines() if ": undone by" in line]
        assert order == ["c.jpg", "a.jpg"], order
        undo(own, "--since", "1h", status=2)
        answer = json.loads(own.command("undo", "--json", "--last", "--folder", "inbox").stdout or "{}")
        assert not answer or answer["undone"] == 1, answer


def of_a_chain_the_last_picture_is_undone_first(house):
    with on_own_disk(house, own_trash=False) as own:
        end, sub = own.top / "end", own.output / "sub"
        end.mkdir()
        sub.mkdir()
        own.configure('originals = "done"')
        own.config.write_text(own.config.read_text().replace(quoted(own.output), quoted(sub)) + f"""
folder "next" {{
    path = {quoted(own.output)}
    output = {quoted(end)}
    profile = "small"
    quiet = 500ms
    originals = keep
    min_free = 0
    chain = yes
    recursive = yes
}}
""")
        own.start()
        drop(own, "beach.jpg")
        wait_until((end / "sub/beach.jpg").exists, "it is through the chain")
        wait_until(own.idle, "all is done")
        refused = undo(own, own.inbox / "beach.jpg", status=1)
        assert "the folder 'next' has made a picture of" in refused, refused
        undo(own, sub / "beach.jpg")
        assert files_below(end) == ["trash/sub/beach.jpg"]
        undo(own, sub / "beach.jpg")
        assert files_below(own.inbox) == ["beach.jpg"]
        assert files_below(own.output) == ["sub/trash/beach.jpg"]
        assert own.stop() == 0
        own.start()  # a scan does not take it either
        drop(own, "tree.jpg", seed=2)
        wait_until((end / "sub/tree.jpg").exists, "a later one is through the chain")
        wait_until(own.idle, "all is done")
        assert files_below(end) == ["sub/tree.jpg", "trash/sub/beach.jpg"], files_below(end)


def a_picture_that_was_made_again_is_undone_once_and_its_content_may_be_made(house):
    with on_own_disk(house) as own:
        own.configure("duplicates = skip")
        own.start()
        do(own, "beach.jpg")
        own.command("reprocess", "inbox", "--all", check=True)
        own.await_logged("beach.jpg: done in", 2)
        wait_until(own.idle, "it is done again")
        assert own.get()[1]["folders"][0]["done"] == 1
        assert [row["state"] for row in own.get("/v1/list")[1]["pictures"]] == ["done"]
        assert own.post("/v1/undo", since=0, folder="inbox")[1]["undone"] == 1
        code, answer = own.post("/v1/undo", last=True)
        assert code == 404, answer
        drop(own, "copy.jpg")
        own.await_output("copy.jpg")


def a_failed_picture_that_was_replaced_is_not_tried_again(house):
    with on_own_disk(house) as own:
        own.configure("retry { attempts = 1 }")
        own.start()
        picture = own.photo("beach.jpg")
        whole = picture.read_bytes()
        (own.inbox / "beach.jpg").write_bytes(whole[:len(whole) // 2])
        own.await_log("beach.jpg: failed after ")
        do(own, "beach.jpg")
        failed = own.get("/v1/list?state=failed")[1]["pictures"]
        assert failed[0]["reason"].startswith("replaced by a newer file that is done: "), failed
        (own.inbox / "failed/beach.jpg").unlink()
        assert own.get("/v1/list?state=failed")[1]["pictures"] == []
        assert own.command("retry", "--all").returncode == 0


def a_request_that_does_not_say_which_picture_is_refused(house):
    with on_own_disk(house) as own:
        own.start()
        code, answer = own.post("/v1/undo", last=True, since=5)
        assert code == 422, answer
        code, answer = own.post("/v1/undo", last=True)
        assert code == 404 and "no picture is done" in answer["error"], answer
        assert "undone: nothing" in undo(own, "--since", "1h", "--folder", "inbox")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
