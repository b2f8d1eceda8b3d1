"""steering - what people ask of a running daemon: pictures are listed, tried again, cancelled and made
again, and nothing is lost or made that they did not ask for."""
import contextlib
import http.server
import json
import os
import signal
import socket
import socketserver
import struct
import threading

from harness import Skip, files_below, long, main, sizes_of, wait_until

BROKEN = "retry { attempts = 1 }"


# ---- what happened ----

def listed(house, **query):
    """The source and state of each picture, the newest change first."""
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    code, answer = house.get(f"/v1/list?{parameters}")
    assert code == 200, answer
    return [(row["source"], row["state"]) for row in answer["pictures"]]


def state(house, name):
    """What the ledger calls the newest picture of that name; None: it knows none."""
    return next((state for source, state in listed(house) if source == name), None)


def break_picture(house, name, **how):
    """A JPEG that ends in the middle."""
    path = house.photo(name, **how)
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) // 2])
    return path


def drop(house, path):
    path.rename(house.inbox / path.name)


def continue_workers(house):
    for worker in house.children():
        os.kill(worker, signal.SIGCONT)


def start_one(house, name):
    """A picture whose worker, which is returned, stands still in the middle of it."""
    def stopped(worker):
        found = house.picture_of(worker) == name
        if found:
            os.kill(worker, signal.SIGSTOP)
        return found

    if os.geteuid():
        raise Skip("only root sees which picture a worker has")
    house.photo(name, size="4000x3000")
    drop(house, house.photo("first.jpg"))
    house.await_output("first.jpg")  # from now on the workers are there
    drop(house, house.work / name)
    return wait_until(lambda: next(filter(stopped, house.children()), None), "it is in progress")


def asked(house, request, code, **parameters):
    """Posts, and expects that status; a path is that of a file in the inbox."""
    if "path" in parameters:
        parameters["path"] = os.fspath(house.inbox / parameters["path"])
    got, answer = house.post(request, **parameters)
    assert got == code, (request, parameters, got, answer)
    return answer


def retry(house, code=200, **parameters):
    return asked(house, "/v1/retry", code, **parameters)


def cancel(house, name, code=200):
    return asked(house, "/v1/cancel", code, path=name)


# ---- retry ----

def fail_one(house, name="broken.jpg"):
    drop(house, break_picture(house, name))
    house.await_log(f"{name}: failed after ")
    wait_until(lambda: state(house, name) == "failed", "the ledger says so")




def a_failed_picture_comes_back_from_failed_and_is_tried_again(house):
    house.configure(BROKEN)
    house.start()
    fail_one(house)
    assert house.failed() == ["broken.jpg"]
    answer = retry(house, path="broken.jpg")
    assert (answer["retried"], answer["refused"]) == (1, 0)
    house.await_log("broken.jpg: queued again, as ")
    house.await_logged("broken.jpg: failed after ", 2)
    wait_until(house.idle, "it has ended")
    assert files_below(house.inbox / "failed") == ["broken.jpg", "broken.jpg.txt"]
    assert listed(house) == [("broken.jpg", "failed")]


def a_failed_picture_is_named_by_its_path_in_failed_too(house):
    house.configure(BROKEN)
    house.start()
    fail_one(house)
    retry(house, path="failed/broken.jpg")
    house.await_logged("broken.jpg: failed after ", 2)


def a_failed_picture_is_done_when_its_cause_is_gone(house):
    house.configure(f"{BROKEN} max_bytes = 1KB")
    house.start()
    drop(house, house.photo("large.jpg"))
    house.await_log("large.jpg: failed after ")
    wait_until(lambda: house.failed() == ["large.jpg"], "it is in failed/")
    house.configure(BROKEN)
    assert house.post("/v1/reload")[0] == 200
    retry(house, path="large.jpg")
    house.await_output("large.jpg")
    wait_until(lambda: house.done() == ["large.jpg"] and house.idle(), "it is done")
    assert not files_below(house.inbox / "failed")
    assert listed(house) == [("large.jpg", "done")]
    status = house.get()[1]["folders"][0]
    assert (status["done"], status["failed"]) == (1, 0), status


def a_failed_picture_is_not_put_over_a_new_file_of_its_name(house):
    house.configure(BROKEN)
    house.start()
    fail_one(house, "broken.png")
    start_one(house, "broken.png")
    answer = retry(house, 409, path="failed/broken.png")
    assert f"another file has the name '{house.inbox}/broken.png' now" in answer["error"], answer
    assert house.failed() == ["broken.png"]
    continue_workers(house)
    house.await_output("broken.jpg")


def a_failed_picture_that_is_gone_from_failed_is_refused_and_named(house):
    house.configure(BROKEN)
    house.start()
    fail_one(house)
    (house.inbox / "failed/broken.jpg").unlink()
    answer = retry(house, 409, path="broken.jpg")
    assert f"'{house.inbox}/broken.jpg' as it was processed is no longer in failed/" in answer["error"], answer
    assert state(house, "broken.jpg") == "failed"


def a_picture_that_waits_for_its_next_attempt_is_tried_at_once(house):
    house.configure("retry { first = 1h  max = 1h }")
    house.start()
    start_one(house, "a.png")
    for worker in house.children():
        os.kill(worker, signal.SIGKILL)
    house.await_log("a.png: attempt 1 failed, next attempt in ")
    assert retry(house, path="a.png")["retried"] == 1
    house.await_output("a.jpg")


def a_done_picture_is_not_tried_again_and_reprocess_is_named(house):
    house.start()
    drop(house, house.photo("a.jpg"))
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    answer = retry(house, 409, path="a.jpg")
    assert answer["error"] == "'a.jpg' is done" and "hotfolder reprocess" in answer["fix"], answer


def a_picture_that_no_one_knows_is_refused(house):
    house.start()
    answer = retry(house, 404, path="nothing.jpg")
    assert "nothing.jpg" in answer["error"] and "hotfolder why" in answer["fix"], answer
    code, answer = house.post("/v1/retry", path="/nowhere/a.jpg")
    assert code == 404 and "is in no folder" in answer["error"], answer
    assert house.post("/v1/retry")[0] == 422


def all_that_failed_for_a_reason_are_tried_again_and_no_other(house):
    house.configure(f"{BROKEN} max_bytes = 600KB")
    house.start()
    drop(house, house.photo("large.jpg", size="4000x3000"))
    for name in ("1.jpg", "2.jpg"):
        drop(house, break_picture(house, name))
    wait_until(lambda: len(house.failed()) == 3 and house.idle(), "all have failed")
    (house.inbox / "failed/2.jpg").unlink()
    answer = retry(house, reason="INCOMPLETE")
    assert (answer["retried"], answer["refused"]) == (1, 1), answer
    assert [os.path.basename(row["path"]) for row in answer["refusals"]] == ["2.jpg"]
    house.await_logged("1.jpg: failed after ", 2)
    wait_until(house.idle, "it has ended")
    assert retry(house, folder="inbox")["retried"] == 2
    assert house.post("/v1/retry", folder="other")[0] == 404
    house.await_logged("large.jpg: failed after ", 2)


def a_daemon_that_is_killed_while_all_are_tried_again_loses_none(house):
    house.configure(BROKEN)
    names = [f"{number}.jpg" for number in range(12)]
    for name in names:
        break_picture(house, name).rename(house.inbox / name)
    house.start()
    wait_until(lambda: len(house.failed()) == len(names) and house.idle(), "all have failed")
    assert retry(house, all=True)["retried"] == len(names)
    house.kill()
    house.start()
    wait_until(lambda: house.failed() == sorted(names) and house.idle(), "all have failed again")
    assert sorted(listed(house)) == sorted((name, "failed") for name in names)


# ---- cancel ----

def a_queued_picture_that_is_cancelled_stays_and_is_ignored_until_it_is_tried_again(house):
    house.start()
    house.output.rename(house.top / "away")
    drop(house, house.photo("a.jpg"))
    wait_until(lambda: state(house, "a.jpg") == "held", "it is queued, and its folder is held")
    assert cancel(house, "a.jpg")["was"] == "queued"
    house.await_log("a.jpg: cancelled by ")
    (house.top / "away").rename(house.output)
    drop(house, house.photo("b.jpg"))
    house.await_output("b.jpg")
    wait_until(house.idle, "the other one is done")
    assert (house.inbox / "a.jpg").exists() and files_below(house.output) == ["b.jpg"]
    house.stop()
    house.start()
    assert house.post("/v1/reload")[0] == 200
    wait_until(house.idle, "it was scanned")
    assert listed(house, state="ignored") == [("a.jpg", "ignored")]
    assert "has cancelled it before" in cancel(house, "a.jpg", 409)["error"]
    retry(house, path="a.jpg")
    house.await_output("a.jpg")
    wait_until(lambda: "a.jpg" in house.done(), "its original has moved")


def the_outputs_of_a_picture_that_was_cancelled_in_progress_never_appear(house):
    house.start()
    worker = start_one(house, "a.png")
    assert cancel(house, "a.png")["was"] == "in progress"
    wait_until(lambda: worker not in house.children(), "its worker is ended")
    drop(house, house.photo("b.jpg"))
    house.await_output("b.jpg")
    wait_until(lambda: house.idle() and not house.get()[1]["in_progress"], "the attempt has ended")
    assert files_below(house.output) == ["b.jpg", "first.jpg"]
    assert (house.inbox / "a.png").exists() and state(house, "a.png") == "ignored"
    assert "another hotfolder" not in house.logged() and "worker" not in house.logged()
    retry(house, path="a.png")
    house.await_output("a.jpg")
    house.account(["a.png", "b.jpg", "first.jpg"], lambda name: f"{name[:-4]}.jpg")


def why_and_status_say_that_a_picture_stands_still(house):
    house.start()
    start_one(house, "a.png")
    wait_until(lambda: [job.get("waits_for") for job in house.get()[1]["jobs"]] == ["a disk"], "status says so")
    _, answer = house.get(f"/v1/why?path={house.inbox}/a.png")
    assert answer["state"] == "in progress" and "it stands still: a disk or a share" in answer["notes"][0], answer
    continue_workers(house)
    house.await_output("a.jpg")


def a_picture_that_was_cancelled_stays_so_over_a_kill_in_the_middle_of_it(house):
    house.start()
    start_one(house, "a.png")
    cancel(house, "a.png")
    house.kill()
    house.start()
    drop(house, house.photo("b.jpg"))
    house.await_output("b.jpg")
    wait_until(house.idle, "b.jpg is done")
    assert files_below(house.output) == ["b.jpg", "first.jpg"] and state(house, "a.png") == "ignored"
    assert (house.inbox / "a.png").exists()


@long
def a_new_content_under_the_name_of_a_cancelled_picture_is_a_new_picture(house):
    house.start()
    start_one(house, "a.png")
    cancel(house, "a.png")
    continue_workers(house)
    wait_until(lambda: not house.get()[1]["in_progress"], "the attempt has ended")
    house.photo("a.jpg", size="300x200", seed=9).rename(house.inbox / "a.png")
    assert house.await_output("a.jpg") == ["160x107"]
    wait_until(lambda: house.done() == ["a.png", "first.jpg"], "its original has moved")


@long
def a_cancelled_picture_that_is_renamed_stays_cancelled(house):
    house.start()
    start_one(house, "a.png")
    cancel(house, "a.png")
    continue_workers(house)
    wait_until(lambda: not house.get()[1]["in_progress"], "the attempt has ended")
    (house.inbox / "a.png").rename(house.inbox / "b.png")
    wait_until(lambda: state(house, "b.png") == "ignored", "it is known by its new name")
    retry(house, path="b.png")
    house.await_output("b.jpg")


def what_has_ended_is_not_cancelled(house):
    house.configure(BROKEN)
    house.start()
    fail_one(house)
    drop(house, house.photo("a.jpg"))
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    assert "hotfolder undo" in cancel(house, "a.jpg", 409)["fix"]
    assert "has failed" in cancel(house, "broken.jpg", 409)["error"]
    cancel(house, "other.jpg", 404)


# ---- reprocess ----

def reprocess(house, code=200, **parameters):
    return asked(house, "/v1/reprocess", code, folder="inbox", **parameters)


def make_some(house, *names, folder="", **how):
    house.configure(folder, **how)
    house.start()
    for seed, name in enumerate(names):
        drop(house, house.photo(name, seed=seed))
    house.await_output(*names)
    wait_until(lambda: house.idle() and all(state(house, name) == "done" for name in names), "all are done")


def change_profile(house, folder="", **how):
    """Outputs of another size."""
    house.configure(folder, **how)
    text = house.config.read_text()
    house.config.write_text(text.replace("width = 160  height = 160", "width = 80  height = 80"))
    assert house.post("/v1/reload")[0] == 200


def await_again(house, count):
    wait_until(lambda: house.idle() and house.logged().count(": done in ") == count, f"{count} are done")


def outputs_are_made_again_where_the_profile_was_changed_and_only_there(house):
    make_some(house, "a.jpg", "b.jpg")
    assert reprocess(house) == {"total": 2, "queued": 0, "unchanged": 2, "refused": 0, "refusals": [], "looked_at": 2}
    change_profile(house)
    assert reprocess(house)["queued"] == 2
    await_again(house, 4)
    house.await_log("pictures that are made again, as ")
    assert files_below(house.output) == ["a.jpg", "b.jpg"]
    assert sizes_of(house.output / "a.jpg", house.output / "b.jpg") == ["80x60", "80x60"]
    assert house.done() == ["a.jpg", "b.jpg"] and files_below(house.inbox) == ["done/a.jpg", "done/b.jpg"]
    assert reprocess(house)["unchanged"] == 2


def an_output_that_a_person_has_changed_stays_and_gets_no_number(house):
    make_some(house, "a.jpg", "b.jpg")
    with open(house.output / "a.jpg", "ab") as output:
        output.write(b"edited")
    edited = (house.output / "a.jpg").read_bytes()
    change_profile(house)
    assert reprocess(house)["queued"] == 2
    await_again(house, 4)
    assert files_below(house.output) == ["a.jpg", "b.jpg"]
    assert (house.output / "a.jpg").read_bytes() == edited
    assert sizes_of(house.output / "b.jpg") == ["80x60"]
    house.await_log("a.jpg was changed since it was made, and stays")


def all_outputs_are_made_again_where_that_is_asked_for(house):
    make_some(house, "a.jpg")
    before = os.stat(house.output / "a.jpg").st_ino
    (house.output / "a.jpg").chmod(0o640)
    assert reprocess(house, all=True)["queued"] == 1
    await_again(house, 2)
    assert files_below(house.output) == ["a.jpg"] and os.stat(house.output / "a.jpg").st_ino != before


def originals_that_stay_are_made_again_in_their_place(house):
    make_some(house, "a.jpg", folder="originals = keep duplicates = skip")
    before = os.stat(house.inbox / "a.jpg").st_ino
    change_profile(house, "originals = keep duplicates = skip")
    assert reprocess(house)["queued"] == 1
    await_again(house, 2)
    assert sizes_of(house.output / "a.jpg") == ["80x60"] and files_below(house.output) == ["a.jpg"]
    assert os.stat(house.inbox / "a.jpg").st_ino == before


def an_original_that_was_changed_in_done_is_made_again(house):
    make_some(house, "a.jpg", "b.jpg")
    house.photo("other.jpg", size="300x200").rename(house.inbox / "done/a.jpg")
    assert reprocess(house) == {"total": 2, "queued": 1, "unchanged": 1, "refused": 0, "refusals": [], "looked_at": 2}
    await_again(house, 3)
    assert sizes_of(house.output / "a.jpg", house.output / "b.jpg") == ["160x107", "160x120"]
    assert files_below(house.output) == ["a.jpg", "b.jpg"]


def numbers_in_names_stay_when_outputs_are_made_again(house):
    def names(folder=""):
        house.configure(folder)
        house.config.write_text(house.config.read_text().replace('name = "{dir}/{stem}.jpg"', 'name = "{seq}.jpg"'))

    names()
    house.start()
    for seed in range(3):
        drop(house, house.photo(f"{seed}.jpg", seed=seed))
        house.await_output(f"{seed + 1}.jpg")
    wait_until(house.idle, "all are done")
    house.config.write_text(house.config.read_text().replace("width = 160  height = 160", "width = 80  height = 80"))
    assert house.post("/v1/reload")[0] == 200
    assert reprocess(house)["queued"] == 3
    await_again(house, 6)
    assert files_below(house.output) == ["1.jpg", "2.jpg", "3.jpg"]
    assert set(sizes_of(*(house.output / f"{number}.jpg" for number in (1, 2, 3)))) == {"80x60"}


def an_original_that_is_gone_is_refused_by_name_and_its_output_stays(house):
    make_some(house, "a.jpg", "b.jpg")
    (house.inbox / "done/a.jpg").unlink()
    change_profile(house)
    answer = reprocess(house)
    assert (answer["queued"], answer["refused"]) == (1, 1), answer
    assert f"'{house.inbox}/a.jpg' as it was processed is no longer in" in answer["refusals"][0]["error"]
    await_again(house, 3)
    assert sizes_of(house.output / "a.jpg", house.output / "b.jpg") == ["160x120", "80x60"]


def a_daemon_that_is_killed_while_outputs_are_made_again_loses_nothing(house):
    names = [f"{number}.jpg" for number in range(8)]
    make_some(house, *names)
    change_profile(house)
    assert reprocess(house)["queued"] == len(names)
    house.kill()
    house.start()
    wait_until(lambda: house.idle() and sorted(house.done()) == names, "all are done again")
    assert files_below(house.output) == names
    assert set(sizes_of(*(house.output / name for name in names))) == {"80x60"}


# ---- list, and the commands ----

def the_list_has_pages_states_and_reasons(house):
    house.configure(BROKEN)
    house.start()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        drop(house, house.photo(name))
        house.await_output(name)
    fail_one(house)
    wait_until(house.idle, "all have ended")
    assert listed(house)[0] == ("broken.jpg", "failed")
    assert sorted(listed(house, state="done")) == [(name, "done") for name in ("a.jpg", "b.jpg", "c.jpg")]
    assert listed(house, reason="incomplete") == [("broken.jpg", "failed")]
    assert not listed(house, state="queued") and not listed(house, since=4102444800)
    assert house.get("/v1/list?state=pending")[0] == 422
    seen, after = [], ""
    while after is not None:
        answer = house.get(f"/v1/list?limit=1{after}")[1]
        seen += [row["source"] for row in answer["pictures"]]
        after = "&after=" + answer["next"] if "next" in answer else None
    assert sorted(seen) == ["a.jpg", "b.jpg", "broken.jpg", "c.jpg"]


def queued_pictures_of_a_folder_that_is_held_are_held(house):
    house.configure()
    house.start()
    house.output.rename(house.top / "away")
    drop(house, house.photo("a.jpg"))
    wait_until(lambda: listed(house, state="held") == [("a.jpg", "held")], "it is held")
    assert not listed(house, state="queued")
    (house.top / "away").rename(house.output)
    house.await_output("a.jpg")


def the_commands_do_what_they_say_and_name_each_refusal(house):
    house.configure(BROKEN)
    house.start()
    fail_one(house)
    drop(house, house.photo("a.jpg"))
    house.await_output("a.jpg")
    wait_until(house.idle, "it is done")
    shown = house.command("list", "--state", "failed", "--since", "1h", check=True).stdout
    assert f" failed      {house.inbox}/broken.jpg: the JPEG is incomplete" in shown and "a.jpg" not in shown, shown
    rows = json.loads(house.command("list", "--json", "--folder", house.inbox, check=True).stdout)["pictures"]
    assert sorted(row["source"] for row in rows) == ["a.jpg", "broken.jpg"]
    one = house.command("list", "--limit", "1", check=True)
    assert len(one.stdout.splitlines()) == 1 and "--limit 10 shows them" in one.stderr, one

    done = house.command("retry", house.inbox / "broken.jpg", house.inbox / "a.jpg")
    assert done.returncode == 1 and done.stdout == "queued again: 1 picture\n", done
    assert done.stderr.startswith("hotfolder: 'a.jpg' is done; `hotfolder reprocess`"), done
    house.await_logged("broken.jpg: failed after ", 2)
    wait_until(house.idle, "it has ended")
    link = house.top / "link"
    link.symlink_to(house.inbox)
    assert house.command("retry", link / "broken.jpg", check=True).stdout == "queued again: 1 picture\n"
    house.await_logged("broken.jpg: failed after ", 3)
    wait_until(house.idle, "it has ended")
    (house.inbox / "failed/broken.jpg").unlink()
    gone = house.command("retry", "--all")
    assert gone.returncode == 1 and f"hotfolder: {house.inbox}/broken.jpg: '{house.inbox}/broken.jpg' as it was" in gone.stderr, gone

    assert house.command("reprocess", "inbox", check=True).stdout == (
        "queued again: 0 pictures; 1 would become the same, and stays as it is\n")
    assert house.command("reprocess", "--all", house.inbox, check=True).stdout == "queued again: 1 picture\n"
    house.await_logged("a.jpg: done in ", 2)
    wait_until(house.idle, "it has ended")
    assert house.post("/v1/pause")[0] == 200
    drop(house, house.photo("b c.jpg"))
    wait_until(lambda: state(house, "b c.jpg") == "queued", "it is queued")
    cancelled = house.command("cancel", house.inbox / "b c.jpg", check=True).stdout
    assert cancelled == (f"cancelled: {house.inbox}/b c.jpg, which was queued; it stays there, and "
                         f"`hotfolder retry '{house.inbox}/b c.jpg'` takes it\n"), cancelled
    assert "no picture" in house.command("cancel", house.inbox / "no.jpg").stderr
    assert house.command("retry", house.inbox / "b c.jpg").returncode == 0
    none = house.command("list", "--reason", "nothing has this", check=True)
    assert not none.stdout and "knows no such picture; `hotfolder status`" in none.stderr, none
    none = house.command("list", "--state", "ignored", check=True)
    assert not none.stdout and "ignored by themselves" in none.stderr, none


# ---- many pictures ----

class Parts(http.server.BaseHTTPRequestHandler):
    """A daemon that answers a request about 2,500 pictures in three parts."""

    def do_POST(self):
        server = self.server
        server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        part = len(server.asked)
        answer = {"retried": 990, "refused": 10, "looked_at": 1000,
                  "refusals": [{"path": f"/in/{part}-{i}.jpg", "error": "gone"} for i in range(10)]}
        answer |= {"total": 2500} if part == 1 else {}
        answer |= {"next": f"{part}-9"} if part < 3 else {"retried": 500, "refused": 0, "refusals": [], "looked_at": 500}
        if part == server.stop_at:
            peer = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            os.kill(struct.unpack("3i", peer)[0], signal.SIGINT)
        if part == server.break_at:
            self.send_error(500)
            return
        self.send_response(200)
        body = json.dumps(answer).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "a client"

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering_in_parts(house, stop_at=0, break_at=0):
    server = socketserver.UnixStreamServer(os.fspath(house.runtime / "control.sock"), Parts)
    server.asked, server.stop_at, server.break_at = [], stop_at, break_at
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        (house.runtime / "control.sock").unlink()


def a_command_goes_on_until_all_pictures_are_looked_at(house):
    with answering_in_parts(house) as asked:
        shown = house.command("retry", "--all")
    assert asked == [{"all": True}, {"all": True, "after": "1-9"}, {"all": True, "after": "2-9"}], asked
    assert shown.returncode == 1 and shown.stdout == "queued again: 2480 pictures\n", shown
    assert len(shown.stderr.splitlines()) == 20 and "/in/2-9.jpg: gone" in shown.stderr, shown
    with answering_in_parts(house):
        whole = json.loads(house.command("retry", "--all", "--json").stdout)
    assert (whole["retried"], whole["refused"], whole["looked_at"], whole["total"]) == (2480, 20, 2500, 2500)
    assert len(whole["refusals"]) == 20 and "next" not in whole, whole


def a_command_that_is_interrupted_stops_behind_the_part_that_was_begun(house):
    for how in ({"stop_at": 2}, {"break_at": 3}):
        with answering_in_parts(house, **how) as asked:
            shown = house.command("retry", "--all")
        assert len(asked) == list(how.values())[0], asked
        assert shown.returncode == 1 and shown.stdout == "queued again: 1980 pictures\n", shown
        assert ("hotfolder: stopped after 2,000 of 2,500 pictures; give the command again for the rest\n"
                in shown.stderr), shown


if __name__ == "__main__":
    raise SystemExit(main(globals()))
