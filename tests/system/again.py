"""again - pictures that came before: the same content, the same file, or an output of hotfolder."""
import contextlib
import os
import shutil
import sqlite3

from harness import files_below, main, quoted, wait_until


def drop(house, master, name):
    shutil.copy(master, house.work / "next")
    (house.work / "next").rename(house.inbox / name)


def duplicates_are_done_and_nothing_is_made_of_them_where_the_folder_says_so(house):
    house.configure('originals = "done"\n duplicates = skip')
    house.start()
    same, other = house.photo("same.jpg"), house.photo("other.jpg", seed=2)
    drop(house, same, "first.jpg")
    house.await_output("first.jpg")
    drop(house, same, "second.jpg")
    drop(house, other, "third.jpg")
    house.await_quiet(["first.jpg", "second.jpg", "third.jpg"])
    assert files_below(house.output) == ["first.jpg", "third.jpg"]
    assert house.done() == ["first.jpg", "second.jpg", "third.jpg"]
    house.await_log("second.jpg: duplicate: a picture of the same content is done already")
    wait_until(house.idle, "the ledger has it all")
    folder = house.get()[1]["folders"][0]
    assert (folder["done"], folder["duplicates"]) == (3, 1), folder
    assert house.stop() == 0
    house.start()
    drop(house, other, "fourth.jpg")  # known after a restart, too
    house.await_quiet(["fourth.jpg"])
    assert files_below(house.output) == ["first.jpg", "third.jpg"]


def a_number_beside_an_output_of_the_same_name_says_how_to_replace_it(house):
    house.configure('originals = "done"')
    house.start()
    for seed in (1, 2):
        drop(house, house.photo(f"master{seed}.jpg", seed=seed), "beach.jpg")
        house.await_quiet(["beach.jpg"])
    house.await_log("-> beach-1.jpg; note: beach.jpg is of an earlier beach.jpg; "
                    "exists = replace takes its place")
    assert house.logged().count("is of an earlier") == 1


def duplicates_are_worked_on_by_default(house):
    house.configure('originals = "done"')
    house.start()
    master = house.photo()
    for name in ("first.jpg", "second.jpg"):
        drop(house, master, name)
    house.await_output("first.jpg", "second.jpg")


def with_comment(photo, *halves):
    """The JPEG with a comment: in two stripes of 64 bytes, a word whose first half is XXH3's public
    secret for it. The second half may be anything then, and both may change places: the hash stays."""
    comment = bytearray(400)
    for at, secret, half in zip((128, 192), (b"\xde\xd4\x6d\xe9", b"\x72\x40\xa4\xa4"), halves):
        comment[at - 6:at + 2] = secret + half  # the comment begins at byte 6
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def a_picture_made_to_have_the_public_hash_of_a_finished_one_is_not_taken_for_it(house):
    house.configure('originals = "done"\n duplicates = skip')
    house.start()
    photo = house.photo().read_bytes()
    (house.work / "first").write_bytes(with_comment(photo, b"this", b"that"))
    (house.work / "second").write_bytes(with_comment(photo, b"that", b"this"))
    drop(house, house.work / "first", "first.jpg")
    house.await_quiet(["first.jpg"])
    (house.inbox / "done/first.jpg").unlink()
    drop(house, house.work / "second", "second.jpg")
    drop(house, house.work / "first", "third.jpg")
    house.await_quiet(["second.jpg", "third.jpg"])
    assert files_below(house.output) == ["first.jpg", "second.jpg"]
    with contextlib.suppress(OSError):  # a file system without attributes
        first, second = (os.getxattr(house.output / name, "user.hotfolder").split()
                         for name in ("first.jpg", "second.jpg"))
        assert first[1] != second[1] and first[2] == second[2]  # two sources with one public hash


def no_name_message_or_attribute_shows_the_hashes_that_decide(house):
    house.configure('originals = "done"\n duplicates = skip')
    house.start()
    for name in ("first.jpg", "second.jpg"):
        drop(house, house.photo(), name)
        house.await_quiet([name])
    shown = [house.logged(), str(house.get()), *files_below(house.top)]
    for path in [house.output / "first.jpg", *(house.inbox / "done").iterdir()]:
        shown += [os.getxattr(path, name).decode(errors="replace") for name in os.listxattr(path)]
    assert house.stop() == 0
    assert (house.state / "ledger.db").stat().st_mode & 0o777 == 0o600
    with contextlib.closing(sqlite3.connect(house.state / "ledger.db")) as ledger:
        hashes = ledger.execute("SELECT key_high, key_low FROM job").fetchall()
        secret, = ledger.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
    assert len(hashes) == 2 and hashes[0] == hashes[1] and len(secret) == 768
    for number in hashes[0]:
        unsigned = number % 2**64
        for form in (f"{number}", f"{unsigned}", f"{unsigned:x}", secret[:16]):
            assert not [text for text in shown if form in text.lower()], form


def what_hotfolder_made_is_no_input_wherever_it_lies(house):
    house.configure('originals = "done"')
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    house.await_quiet(["photo.jpg"])
    made = house.output / "photo.jpg"
    shutil.copy2(made, house.work / "copied.jpg")  # with its times and attributes
    (house.work / "copied.jpg").rename(house.inbox / "copied.jpg")
    made.rename(house.inbox / "moved.jpg")
    house.await_log("copied.jpg: ignored: made by hotfolder")
    house.await_log("moved.jpg: ignored: made by hotfolder")
    drop(house, house.photo("next.jpg", seed=2), "next.jpg")
    house.await_output("next.jpg")
    assert files_below(house.output) == ["next.jpg"]
    # Pixels that were edited further are a new picture.
    with open(house.inbox / "moved.jpg", "ab") as edited:
        edited.write(b"by hand")
    house.await_output("moved.jpg")


def a_folder_pointed_at_old_outputs_takes_none_of_them(house):
    house.configure('originals = "done"')
    house.start()
    house.photo().rename(house.inbox / "photo.jpg")
    house.await_output("photo.jpg")
    house.await_quiet(["photo.jpg"])
    assert house.stop() == 0
    house.inbox, house.output = house.output, house.top / "second"
    house.output.mkdir()
    house.configure('originals = "done"', name="later")
    house.start()
    house.await_log("photo.jpg: ignored: made by hotfolder")
    drop(house, house.photo("next.jpg", seed=2), "next.jpg")
    house.await_output("next.jpg")
    assert files_below(house.output) == ["next.jpg"]


def what_was_ignored_as_made_by_hotfolder_is_queued_when_a_reload_allows_a_chain(house):
    house.configure('originals = "done"')
    house.start()
    drop(house, house.photo(), "photo.jpg")
    house.await_output("photo.jpg")
    house.await_quiet(["photo.jpg"])
    (house.output / "photo.jpg").rename(house.inbox / "again.jpg")
    house.await_log("again.jpg: ignored: made by hotfolder")
    house.configure('originals = "done"  chain = yes')
    house.command("reload", check=True)
    house.await_output("again.jpg")


def a_chain_of_folders_hands_on_what_it_makes_once(house):
    last = house.top / "last"
    last.mkdir()
    house.configure('originals = "done"')
    house.config.write_text(house.config.read_text() + f"""
folder "second" {{
    path = {quoted(house.output)}  output = {quoted(last)}  profile = "small"
    originals = "done"  chain = yes  min_free = 0
}}
""")
    house.start()
    names = [f"p{number:02}.jpg" for number in range(12)]
    for number, name in enumerate(names):
        drop(house, house.photo("m.jpg", seed=number), name)
    wait_until(lambda: len(files_below(last)) >= len(names) // 2, "half of the chain is through")
    house.kill()
    house.start()
    wait_until(lambda: files_below(last) == names, "the chain is through")
    wait_until(lambda: files_below(house.output) == [f"done/{name}" for name in names],
               "the middle is in done/")
    assert house.done() == names


def a_file_that_becomes_unreadable_waits_and_costs_no_attempt(house):
    house.configure('originals = "done"\n retry { attempts = 1 }')
    house.start_as_nobody()
    os.rename(house.output, house.top / "elsewhere")  # held, so that the picture has to wait
    drop(house, house.photo(), "photo.jpg")
    house.await_log("is held")
    wait_until(lambda: house.get()[1]["folders"][0]["queued"] == 1, "it is in the ledger")
    (house.inbox / "photo.jpg").chmod(0)
    if os.geteuid() == 0:
        os.chown(house.inbox / "photo.jpg", 65534, 65534)
    os.rename(house.top / "elsewhere", house.output)
    house.await_log("photo.jpg: not ready: cannot open the picture: Permission denied")
    assert not house.failed()
    (house.inbox / "photo.jpg").chmod(0o644)
    house.await_output("photo.jpg")
    house.await_quiet(["photo.jpg"])
    assert house.done() == ["photo.jpg"] and not house.failed()
    assert house.logged().count("photo.jpg: not ready:") == 1


if __name__ == "__main__":
    raise SystemExit(main(globals()))
