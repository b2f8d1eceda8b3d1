"""sending - what every program that sends pictures is tested for, and how it is judged.

Four pictures are sent: at once; slowly; slowly, killed in the middle and not sent again; slowly,
killed and then sent again, or resumed where the program can. Each must come out as the whole picture
makes it, once, or fail with its reason when its rest does not come.
"""
import os
import shutil
import signal
import subprocess
import time

from town import TIMEOUT, files_below, path, run, wait_until

WHOLE, SLOW, CUT, AGAIN = NAMES = ("whole.jpg", "slow.jpg", "cut.jpg", "again.jpg")
RATE = 300_000  # bytes a second of what is sent slowly
MIDDLE = 60_000  # and killed after so many


def album(house, names=NAMES):
    """A picture of 0.8 MB for each name, beside the inbox; the directory."""
    directory = house.top / "album"
    for seed, name in enumerate(names):
        house.photo(f"../album/{name}", size="1600x1200", seed=seed + 1)
    return directory


def expected(house, directory):
    """What becomes of the pictures when they are not sent but processed where they lie."""
    target = house.top / "expected"
    if not target.exists():
        done = house.command("run", "web", "--output", target, directory)
        assert done.returncode == 0, done.stderr
    return {name: (target / name).read_bytes() for name in files_below(target)}


def begin_sending(house, command, feed=None):
    """Starts a client, in a group of its own; `feed` is a file that it is given slowly."""
    log = open(house.top / "clients.log", "ab")
    log.write(f"$ {' '.join(map(str, command))}\n".encode())
    log.flush()
    return subprocess.Popen(
        [os.fspath(part) for part in command], stdout=log, stderr=log, start_new_session=True,
        stdin=feed or subprocess.DEVNULL, env={**os.environ, "PATH": path(), "HOME": "/nonexistent"})


def end_sending(house, client, what):
    try:
        status = client.wait(TIMEOUT)
    finally:
        if client.poll() is None:
            kill(client)
    assert status == 0, f"{what}: {(house.top / 'clients.log').read_text(errors='replace')}"


def kill(client):
    os.killpg(client.pid, signal.SIGKILL)
    client.wait()


def bytes_of(where, name):
    """How much of it has arrived, under whatever name."""
    stem = os.path.splitext(name)[0]
    total = 0
    for directory, _, files in os.walk(where):
        for file in files:
            if stem in file:
                try:
                    total += os.stat(os.path.join(directory, file)).st_size
                except FileNotFoundError:  # renamed meanwhile
                    pass
    return total


def await_middle(where, name):
    wait_until(lambda: bytes_of(where, name) >= MIDDLE, f"the middle of {name} has arrived")


def none_is_early(house, *names):
    """No output was made of a file that is still being sent."""
    made, failed = files_below(house.output), house.failed()
    assert not set(names) & {*made, *failed}, f"early: {made} {failed}"


def judge(house, album_dir, names, failed=()):
    """These pictures came out whole and once, and those failed because their rest never came."""
    wanted = expected(house, album_dir)
    for name in names:
        wait_until((house.output / name).exists, f"{name} is finished")
        wait_until(lambda n=name: f"{n}: done in" in house.logged(), f"{name} is logged")
    for name in failed:
        reason = house.inbox / "failed" / f"{name}.txt"
        wait_until(reason.exists, f"{name} has failed")
        assert "incomplete" in reason.read_text(), reason.read_text()
    wait_until(house.idle, "there is nothing left to do")
    for name in names:
        assert (house.output / name).read_bytes() == wanted[name], f"{name} was taken early"
        times = house.logged().count(f"{name}: done in")
        assert times == 1, f"{name} was done {times} times"
    assert files_below(house.output) == sorted(names)
    assert house.failed() == sorted(failed), house.failed()


def as_sent(house, album_dir, *names):
    """The originals lie in done/, and are what was sent."""
    for name in names:
        assert (house.inbox / "done" / name).read_bytes() == (album_dir / name).read_bytes(), name


def put_to_the_test(town, send, leaves=True, arrives=None):
    """send(picture, slow, resume) is the command that sends it under its own name. What was killed
    leaves a broken picture, or (`leaves` is false) nothing that counts. Its bytes arrive below
    `arrives`."""
    house = town.house
    pictures = album(house)
    arrives = arrives or house.inbox
    town.give_the_rest("10min")  # until it has been sent again, however long that takes here

    def begin(name, slow=False, resume=False):
        command = send(pictures / name, slow, resume)
        if callable(command):
            return command()
        return begin_sending(house, command)

    clients = {name: begin(name, slow=True) for name in (SLOW, CUT, AGAIN)}
    for name in (CUT, AGAIN):
        await_middle(arrives, name)
        assert clients[name].poll() is None, f"{name} was sent before it could be killed"
        none_is_early(house, SLOW, CUT, AGAIN)
        kill(clients[name])
    end_sending(house, begin(WHOLE), WHOLE)
    time.sleep(1)
    none_is_early(house, CUT, AGAIN)
    end_sending(house, begin(AGAIN, resume=True), AGAIN)
    end_sending(house, clients[SLOW], SLOW)
    town.give_the_rest("1s")
    judge(house, pictures, [AGAIN, SLOW, WHOLE], [CUT] if leaves else [])
    as_sent(house, pictures, AGAIN, SLOW, WHOLE)


def send_a_card(town, send):
    """send(card) is the command that sends a whole directory, as a camera or a person made it: only
    its owner may write into it, and some of it only its owner may read. All of it must come out."""
    house = town.house
    names = ["card/100/private.jpg", "card/open.jpg"]
    pictures = album(house, names)
    card = pictures / "card"
    card.chmod(0o755)
    (card / "100").chmod(0o700)
    (card / "open.jpg").chmod(0o644)
    (card / "100/private.jpg").chmod(0o600)
    end_sending(house, begin_sending(house, send(card)), "card")
    judge(house, pictures, names)
    as_sent(house, pictures, *names)


def slow_feed(house, picture):
    """A pipe that gives the picture slowly."""
    feeder = subprocess.Popen(
        ["python3", "-c",
         "import sys, time\n"
         "with open(sys.argv[1], 'rb') as file:\n"
         "    while part := file.read(int(sys.argv[2]) // 10):\n"
         "        sys.stdout.buffer.write(part); sys.stdout.flush(); time.sleep(0.1)",
         os.fspath(picture), str(RATE)], stdout=subprocess.PIPE)
    return feeder.stdout


__all__ = ["AGAIN", "CUT", "MIDDLE", "NAMES", "RATE", "SLOW", "WHOLE", "album", "as_sent",
           "begin_sending", "end_sending", "judge", "kill", "none_is_early", "put_to_the_test",
           "run", "send_a_card", "shutil", "slow_feed"]
