"""previews - GET /v1/preview shows what an original and its outputs look like, wherever they lie."""
import contextlib
import json
import os
import threading
import time

from harness import UnixConnection, exif_tags, files_below, helper, long, main, pillow, sizes_of, wait_until

PATCHES = [(200, 60, 40), (90, 160, 80), (80, 90, 200), (128, 128, 128), (220, 210, 90), (24, 24, 24)]
P3, NEAR = ("cicp-p3.png", "nclx-p3.avif", "profile-and-alpha.png"), 4


def drop(house, *paths):
    for path in paths:
        path.rename(house.inbox / path.name)


def pictures(house):
    """Of each original by its name what the list says."""
    return {one["source"]: one for one in house.get("/v1/list")[1]["pictures"]}


def await_ended(house, count):
    def ended():
        found = pictures(house)
        return len(found) == count and all(one["state"] in ("done", "failed") for one in found.values()) and found

    return wait_until(ended, f"{count} pictures have ended")


def preview(house, job, code=200, **parameters):
    """The path of the preview, which is kept with that name; of another status the answer."""
    query = "&".join(f"{name}={value}" for name, value in {"job": job, **parameters}.items())
    got, answer = house.get(f"/v1/preview?{query}")
    assert got == code, (query, got, answer if got != 200 else len(answer))
    if code != 200:
        return answer
    path = house.top / f"preview-{query.replace('&', '-')}.jpg"
    path.write_bytes(answer)
    return path


def is_near(pixel, colour):
    return all(abs(value - right) <= NEAR for value, right in zip(pixel[:3], colour))


def refused(house, job, code, text, **parameters):
    answer = preview(house, job, code, **parameters)
    assert text in answer["error"], answer


# ---- what it looks like ----

def a_preview_is_upright_as_large_as_was_asked_for_and_says_nothing_of_the_camera(house):
    house.start()
    colours = json.loads(helper("swatches", "make", house.work))
    drop(house, house.work / "c-turned.jpg", house.work / "h-inks.jpg", house.work / "i-frames.gif",
         house.photo("phone.heic", size="640x480"))
    found = await_ended(house, 4)
    shown = {name: preview(house, one["job"], size=200) for name, one in found.items()}
    seen = dict(zip(shown, pillow(*shown.values())))
    sizes = {name: tuple(one["size"]) for name, one in seen.items()}
    assert sizes == {"c-turned.jpg": (133, 200), "h-inks.jpg": (200, 133), "i-frames.gif": (200, 133),
                     "phone.heic": (200, 150)}, sizes
    assert sizes_of(preview(house, found["c-turned.jpg"]["job"])) == ["400x600"], "it is made no larger"
    assert all(one["mode"] == "RGB" for one in seen.values()), {name: one["mode"] for name, one in seen.items()}
    turned = seen["c-turned.jpg"]["pixels"]
    assert is_near(turned[66], colours["blue"]) and is_near(turned[-66], colours["yellow"]), (turned[66], turned[-66])
    groups = {tag.split(":")[0] for one in exif_tags(*shown.values()).values() for tag in one}
    assert groups == {"SourceFile", "ExifTool", "System", "File", "JFIF", "Composite"}, groups


def colours_of_another_space_are_seen_as_they_are_meant_in_srgb(house):
    house.start()
    helper("spaces", "make", house.work)
    drop(house, *(house.work / name for name in P3))
    found = await_ended(house, len(P3))
    shown = {name: preview(house, one["job"], size=2560) for name, one in found.items()}
    judged = json.loads(helper("spaces", "judge", *shown.values()))
    for name, path in shown.items():
        seen = judged[os.fspath(path)]
        assert seen["profile"] in ("", "sRGB"), (name, seen)
        assert len(seen["patches"]) == len(PATCHES) and all(map(is_near, seen["patches"], PATCHES)), (name, seen)


# ---- where it lies ----

def a_preview_shows_the_file_that_the_job_had_wherever_it_lies(house):
    house.start()
    broken = house.photo("broken.jpg").read_bytes()
    (house.inbox / "broken.jpg").write_bytes(broken[:len(broken) // 2])
    drop(house, house.photo("sea.jpg", seed=2), house.photo("tree.jpg", seed=3))
    found = await_ended(house, 3)
    sea, tree = found["sea.jpg"], found["tree.jpg"]["job"]
    job = sea["job"]
    before = {of: preview(house, job, of=of, size=128).read_bytes() for of in ("original", "output")}
    assert before["original"] != before["output"]
    refused(house, found["broken.jpg"]["job"], 422, "incomplete")  # it was found in failed/
    assert house.post("/v1/undo", path=sea["path"])[0] == 200
    assert (house.inbox / "sea.jpg").exists() and not (house.output / "sea.jpg").exists()
    after = {of: preview(house, job, of=of, size=128).read_bytes() for of in ("original", "output")}
    assert after == before, "an undone picture looks the same"
    (house.inbox / "sea.jpg").unlink()
    refused(house, job, 404, "was changed, renamed or removed")
    (house.output / "tree.jpg").write_bytes(b"another file")
    refused(house, tree, 409, "was changed, renamed or removed", of="output")
    os.replace(house.photo("other.jpg"), house.inbox / "done/tree.jpg")
    refused(house, tree, 409, "was changed, renamed or removed")


def what_is_no_preview_is_refused_in_words(house):
    house.start()
    drop(house, house.photo("sea.jpg"))
    job = await_ended(house, 1)["sea.jpg"]["job"]
    refused(house, job + 1, 404, f"no picture has the number {job + 1}")
    refused(house, job, 404, "has 1 output", of="output", n=1)
    refused(house, job, 422, "of is wrong", of="both")
    for size in (0, 63, 2561):
        refused(house, job, 422, "size is wrong", size=size)
    for link in (house.inbox / "done/sea.jpg", house.output / "sea.jpg"):
        link.rename(house.work / link.name)
        link.symlink_to(house.work / link.name)
    refused(house, job, 409, "was changed, renamed or removed")
    refused(house, job, 409, "was changed, renamed or removed", of="output")


# ---- beside the pictures ----

def niceness(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[16])


def previews_have_one_worker_of_low_priority_however_many_ask_at_once(house):
    house.start()
    drop(house, *(house.photo(f"{number}.jpg", seed=number) for number in range(4)))
    jobs = [one["job"] for one in await_ended(house, 4).values()]
    ours = niceness(house.daemon.pid)
    assert all(niceness(pid) == ours for pid in house.children()), "workers of the pool have its priority"
    codes = []

    def ask(job):
        with contextlib.closing(UnixConnection(house.runtime / "control.sock")) as connection:
            connection.request("GET", f"/v1/preview?job={job}&size=96")
            answer = connection.getresponse()
            codes.append((answer.status, answer.headers["Content-Type"], answer.headers["ETag"],
                          answer.headers["Cache-Control"]))
            answer.read()

    callers = [threading.Thread(target=ask, args=(job,)) for job in jobs * 3]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(set(codes)) == sorted((200, "image/jpeg", f'"{job}-original0-96"',
                                         "private, max-age=31536000, immutable") for job in jobs), codes
    assert sum(niceness(pid) > ours for pid in house.children()) == 1, "one worker made all of them"


@long
def the_worker_of_previews_ends_when_nothing_is_asked_for(house):
    house.start()
    drop(house, house.photo("sea.jpg"))
    job = await_ended(house, 1)["sea.jpg"]["job"]
    pool = set(house.children())
    preview(house, job)
    began = time.monotonic()
    assert len(set(house.children()) - pool) == 1
    wait_until(lambda: not set(house.children()) - pool, "it has ended")
    assert time.monotonic() - began > 20
    preview(house, job)
    assert not files_below(house.inbox / "failed")


if __name__ == "__main__":
    raise SystemExit(main(globals()))
