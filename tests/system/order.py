"""order - which picture begins next: by a folder's order and priority, with a backlog behind a hold, live,
after a restart and after a reload. One worker: outputs are written in the order in which pictures begin."""
import os
import re
import shutil
import signal

from harness import files_below, main, quoted, wait_until

COUNT = 200
EIGHTH = 8


def expected(waiting, order, fair):
    """The names in `waiting`, which stand as they arrived, as they have to begin; every eighth is the
    oldest, and `fair` were begun before."""
    first = {"oldest": lambda names: names[0], "newest": lambda names: names[-1], "name": min}[order]
    waiting, begun = list(waiting), []
    while waiting:
        oldest = (fair + len(begun)) % EIGHTH == EIGHTH - 1
        begun.append(waiting[0] if oldest else first(waiting))
        waiting.remove(begun[-1])
    return begun


def ended(house):
    """The originals of the pictures that are done, in their order."""
    return re.findall(r"(\S+\.jpg): done in ", house.logged())


def begun(house):
    """The pictures that are done, in the order in which the worker wrote their outputs: they end while the next
    one is begun."""
    outputs = sorted(house.output.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return [path.name for path in outputs]


def await_ended(house, count):
    wait_until(lambda: len(ended(house)) == count, "all are done", 600)


def configure(house, folder="", **how):
    house.configure(f'originals = "done"\n {folder}', top="workers = 1", **how)


def drop(house, master, *names, inbox=None):
    """One after the other: as they arrive."""
    for name in names:
        shutil.copy(master, house.work / "next")
        (house.work / "next").rename((inbox or house.inbox) / name)


def queued(house, folder=0):
    return house.get()[1]["folders"][folder]["queued"]


def found(house):
    """How many pictures the ledger has."""
    return sum(house.get()[1]["folders"][0][state] for state in ("queued", "in_progress", "done"))


def in_progress(house):
    return house.get()[1]["folders"][0]["in_progress"]


def signal_workers(house, number):
    for worker in house.children():
        os.kill(worker, number)


def await_queued(house, count, folder=0):
    wait_until(lambda: queued(house, folder) == count, f"{count} pictures are queued")


def shuffled(count):
    return [f"p{index * 77 % count:03}.jpg" for index in range(count)]


def behind_a_hold(house, names, late, again=lambda: None):
    """All of them are queued before the first one may begin: the output directory is missing."""
    master = house.photo(size="64x48")
    house.output.rmdir()
    house.start()
    for index in range(0, len(names), 10):  # of those that are found at once, the order is that of the tree
        drop(house, master, *sorted(names[index:index + 10]))
        await_queued(house, min(index + 10, len(names)))
    drop(house, master, late)
    await_queued(house, len(names) + 1)
    again()
    assert not ended(house)
    house.output.mkdir()
    await_ended(house, len(names) + 1)
    assert len(house.done()) == len(files_below(house.output)) == len(names) + 1


def arrivals(names, late):
    return [name for index in range(0, len(names), 10) for name in sorted(names[index:index + 10])] + [late]


def the_newest_begins_first_and_every_eighth_is_the_oldest_also_after_a_restart(house):
    names = shuffled(COUNT)

    def restart():
        house.kill()
        house.start()
        await_queued(house, COUNT + 1)

    configure(house, 'order = newest')
    behind_a_hold(house, names, "late.jpg", restart)
    assert begun(house) == expected(arrivals(names, "late.jpg"), "newest", 0)


def by_name_the_first_name_begins_first_and_every_eighth_is_the_oldest(house):
    names = shuffled(COUNT)
    configure(house, 'order = name')
    behind_a_hold(house, names, "a.jpg")
    assert begun(house) == expected(arrivals(names, "a.jpg"), "name", 0)


def a_reload_changes_the_order_of_what_waits_and_nothing_begins_twice(house):
    names = shuffled(40)

    def reload():
        assert "order  " not in house.command("status").stdout
        configure(house, 'order = newest')
        house.command("reload", check=True)
        assert "  order        newest, priority 5\n" in house.command("status").stdout
        folder = house.get()[1]["folders"][0]
        assert (folder["order"], folder["priority"]) == ("newest", 5), folder

    configure(house)
    behind_a_hold(house, names, "late.jpg", reload)
    assert begun(house) == expected(arrivals(names, "late.jpg"), "newest", 0)


def a_picture_behind_two_hundred_others_of_its_folder_is_among_the_next_few_that_begin(house):
    configure(house, 'order = newest', steps='blur { sigma = 20 }\n save { name = "blurred/{stem}.jpg" }')
    master = house.photo(size="1600x1200")
    house.start()
    first, *others = shuffled(COUNT)
    drop(house, master, first)
    wait_until(lambda: in_progress(house), "the first one is in progress")
    signal_workers(house, signal.SIGSTOP)
    drop(house, master, *others)
    wait_until(lambda: found(house) == COUNT, "all are in the ledger")
    for number, late in enumerate(("late1.jpg", "late2.jpg", "late3.jpg"), COUNT + 1):
        signal_workers(house, signal.SIGSTOP)
        drop(house, master, late)
        wait_until(lambda number=number: found(house) == number, "it is in the ledger")
        before = in_progress(house) + len(ended(house))
        signal_workers(house, signal.SIGCONT)
        wait_until(lambda late=late: late in ended(house), "the late one is done")
        # Those in progress may end first, one that a worker was to begin, and the eighth, the oldest.
        assert ended(house).index(late) <= before + 2, (before, ended(house))


def a_higher_priority_begins_first_and_the_lower_one_has_every_eighth_start(house):
    configure(house, "priority = 9")
    second = house.top / "second"
    second.mkdir()
    with house.config.open("a") as config:
        config.write(f'folder "second" {{ path = {quoted(second)}  output = {quoted(house.output)}  priority = 0'
                     '  profile = "small"  min_free = 0 }\n')
    master = house.photo(size="64x48")
    house.output.rmdir()
    house.start()
    high, low = [f"h{index:03}.jpg" for index in range(70)], [f"l{index:03}.jpg" for index in range(20)]
    drop(house, master, *high)
    drop(house, master, *low, inbox=second)
    await_queued(house, len(high))
    await_queued(house, len(low), folder=1)
    house.output.mkdir()
    await_ended(house, len(high + low))
    # One of them may have found its output first; on a busy machine, others take the place of a job that
    # gets no processor time, and end before it.
    begun = "".join(name[0] for name in ended(house))
    begun = begun.lstrip(begun[0])
    for count in range(EIGHTH, 60):
        assert abs(begun[:count].count("l") - count / EIGHTH) <= 4, begun


if __name__ == "__main__":
    raise SystemExit(main(globals()))
