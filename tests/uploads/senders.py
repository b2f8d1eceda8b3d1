"""senders - programs that fetch, copy or change pictures inside a hot folder."""
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from sending import (AGAIN, MIDDLE, NAMES, RATE, SLOW, WHOLE, album, as_sent, await_middle,
                     begin_sending, end_sending, judge, kill, none_is_early, put_to_the_test)
from town import INCOMPLETE, Town, begin, enter, files_below, need, run, share, wait_until

enter()

NGINX = """
daemon off;
user hotfolder;
worker_processes 1;
pid {top}/nginx.pid;
error_log {top}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {top}/body;
    server {{
        listen 127.0.0.1:80;
        client_max_body_size 100m;
        location /drop/ {{ alias /srv/photos/inbox/; dav_methods PUT; }}
        location /album/ {{ alias {top}/album/; }}
        location /slowly/ {{ alias {top}/album/; limit_rate {rate}; limit_rate_after 0; }}
    }}
}}
"""


def web(house):
    """A web server that takes pictures at /drop/ and gives those of the album, or slowly."""
    need("nginx")
    town = Town(house)
    town.start()
    conf = house.top / "nginx.conf"
    conf.write_text(NGINX.format(top=house.top, rate=RATE))
    (house.top / "body").mkdir()
    town.serve("nginx", "-c", conf, port=80)
    return town


def curl_by_webdav(house):
    need("curl")
    town = web(house)

    def send(picture, slow, _):
        limit = ["--limit-rate", str(RATE)] if slow else []
        return ("curl", "-sSf", *limit, "-T", picture, "http://127.0.0.1/drop/")

    # The body is kept elsewhere until it is there; nginx deletes what breaks off.
    pictures = album(house)
    slow = {name: begin_sending(house, send(pictures / name, True, False)) for name in (SLOW, AGAIN)}
    wait_until(lambda: any(part.stat().st_size > MIDDLE for part in (house.top / "body").rglob("*")
                           if part.is_file()), "the middle has arrived")
    none_is_early(house, *NAMES)
    kill(slow[AGAIN])
    for name in (WHOLE, AGAIN):
        end_sending(house, begin_sending(house, send(pictures / name, False, False)), name)
    end_sending(house, slow[SLOW], SLOW)
    judge(house, pictures, [AGAIN, SLOW, WHOLE])
    as_sent(house, pictures, AGAIN, SLOW, WHOLE)
    assert town.servers[0].poll() is None


def fetched(house, command, leaves=True):
    """command(address, resume) fetches it into the inbox, where ben runs it."""
    town = web(house)
    ben = town.as_user("ben")

    def send(picture, slow, resume):
        where = "slowly" if slow else "album"
        return (*ben, "sh", "-c", 'umask 002; cd "$0" && exec "$@"', house.inbox,
                *command(f"http://127.0.0.1/{where}/{picture.name}", resume))

    put_to_the_test(town, send, leaves)


def wget_into_the_folder(house):
    need("wget")
    fetched(house, lambda address, resume: ("wget", "-q", *(["-c"] if resume else []), address))


def aria2_into_the_folder(house):
    need("aria2c")
    # Killed, it leaves its control file, and with it the picture is not judged.
    fetched(house, lambda address, _: ("aria2c", "-q", "--disk-cache=0",
                                        "--file-allocation=prealloc", address),
            leaves=False)


def in_the_inbox(house, town, user, *command):
    return (*town.as_user(user), "sh", "-c", 'umask 002; cd "$0" && exec "$@"', house.inbox, *command)


def by_ben(house, town, *command):
    """Runs it in the inbox, as a member of the group."""
    done = run(*in_the_inbox(house, town, "ben", *command), check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def what_is_left_alone(house, pattern):
    """What a killed program left of a picture: no output is made of it, however long it lies there."""
    time.sleep(INCOMPLETE + 1)  # longer than a broken picture may wait
    assert not files_below(house.output) and not house.failed(), f"{house.failed()} of a leftover"
    left, = house.inbox.glob(pattern)
    return left


def gphoto2_from_a_camera(house):
    need("gphoto2")
    town = Town(house)
    town.start()
    pictures = album(house)
    home, camera = house.top / "home", house.top / "camera"
    home.mkdir()  # where gphoto2 keeps which camera it found
    shutil.chown(home, "hotfolder")
    camera.mkdir()
    share(house, pictures, camera, "slow")
    # As the service's own user: what is left is 0600, and no other user could read it anyway.
    fetch = in_the_inbox(
        house, town, "hotfolder", "env", f"HOME={home}", "gphoto2", "--camera", "Directory Browse",
        "--port", f"disk:{camera}", "--get-all-files")
    broken_off = begin_sending(house, fetch)
    await_middle(house.inbox, "tmpfile")
    none_is_early(house, *NAMES)
    kill(broken_off)
    left = what_is_left_alone(house, "tmpfile??????")
    end_sending(house, begin_sending(house, fetch), "the card")
    judge(house, pictures, sorted(NAMES))
    as_sent(house, pictures, *NAMES)
    assert left.exists()


def exiftool_in_place(house):
    need("exiftool")
    town = Town(house)
    pictures = album(house)
    shutil.copy(pictures / WHOLE, house.inbox)
    shutil.chown(house.inbox / WHOLE, "ben", "hotfolder")
    by_ben(house, town, "exiftool", "-q", "-Artist=Ann", WHOLE)
    assert (house.inbox / f"{WHOLE}_original").exists()
    shutil.copy(house.inbox / WHOLE, pictures / WHOLE)
    town.start()
    judge(house, pictures, [WHOLE])
    as_sent(house, pictures, WHOLE)
    assert (house.inbox / f"{WHOLE}_original").exists(), "exiftool's copy is no picture"


def tar_unzip_cp_mv_and_install(house):
    need("unzip")
    town = Town(house)
    town.start()
    names = ["copied.jpg", "installed.jpg", "kept.jpg", "moved.jpg", "tarred.jpg", "zipped.jpg"]
    pictures = album(house, names)
    card = house.inbox.parent / "card"  # the same file system
    run("cp", "-r", pictures, card)
    run("tar", "-cf", house.top / "card.tar", "-C", pictures, "tarred.jpg")
    with zipfile.ZipFile(house.top / "card.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(pictures / "zipped.jpg", "zipped.jpg")
    run("chown", "-R", "ben:hotfolder", card)
    card.chmod(0o755)
    by_ben(house, town, "cp", card / "copied.jpg", ".")
    by_ben(house, town, "cp", "-p", card / "kept.jpg", ".")
    by_ben(house, town, "mv", card / "moved.jpg", ".")
    by_ben(house, town, "tar", "-xf", house.top / "card.tar")
    by_ben(house, town, "unzip", "-q", house.top / "card.zip")
    by_ben(house, town, "install", "-m", "640", card / "installed.jpg", ".")
    judge(house, pictures, names)
    as_sent(house, pictures, *names)


def chromium_into_the_folder(house):
    need("chromium", "nginx")
    town = web(house)
    pictures = album(house, [WHOLE])
    # An octet-stream is saved, not shown.
    conf = house.top / "nginx.conf"
    conf.write_text(conf.read_text().replace("location /slowly/ {", "location /slowly/ { "
                    "types {} default_type application/octet-stream;"))
    run("nginx", "-c", conf, "-s", "reload")
    profile = house.inbox.parent / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default/Preferences").write_text(
        f'{{"download": {{"default_directory": "{house.inbox}", "prompt_for_download": false}}}}')
    run("chown", "-R", "ben", profile)
    visit = (
        *town.as_user("ben"), "env", f"HOME={profile}", "chromium", "--headless=new", "--no-sandbox",
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}",
        f"http://127.0.0.1/slowly/{WHOLE}")
    browser = begin_sending(house, visit)
    try:
        await_middle(house.inbox, "crdownload")
    finally:
        kill(browser)
    left = what_is_left_alone(house, "*.crdownload")
    browser = begin_sending(house, visit)
    try:
        judge(house, pictures, [WHOLE])
    finally:
        kill(browser)
    as_sent(house, pictures, WHOLE)
    assert left.exists()


def what_syncthing_and_nextcloud_bring(house):
    """By their names: each writes a temporary file, and renames it at its end."""
    town = Town(house, "nextcloud-syncthing", incomplete="3s")
    town.start()
    temporary = {WHOLE: ".syncthing.{}.tmp", SLOW: ".{}.~1a2b3c", AGAIN: "~syncthing~{}.tmp"}
    pictures = album(house, [*temporary, "of two.jpg"])
    for name, pattern in temporary.items():
        content = (pictures / name).read_bytes()
        part = house.inbox / pattern.format(name)
        part.write_bytes(content[:MIDDLE])
        part.chmod(0o660)
    shutil.copy(pictures / "of two.jpg",
                house.inbox / "of two.sync-conflict-20240501-101112-ABCDEFG.jpg")
    shutil.copy(pictures / "of two.jpg",
                house.inbox / "of two (conflicted copy 2024-05-01 101112).jpg")
    time.sleep(5)  # longer than a broken picture may wait
    none_is_early(house, *temporary)
    for name, pattern in temporary.items():
        part = house.inbox / pattern.format(name)
        part.write_bytes((pictures / name).read_bytes())
        part.rename(house.inbox / name)
    judge(house, pictures, sorted(temporary))
    for name in temporary:
        assert (house.inbox / name).read_bytes() == (pictures / name).read_bytes()


if __name__ == "__main__":
    sys.exit(begin(globals()))
