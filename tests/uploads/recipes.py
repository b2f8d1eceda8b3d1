"""recipes - each recipe of packaging/recipes works from its first to its last command, and is true."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sending import WHOLE, album, judge
from town import RECIPES, Town, begin, enter, need, run, wait_until

enter()

FOLLOWED = ("samba", "sftp", "ftp-camera", "rsync", "nfs-server", "nextcloud-syncthing")


def every_recipe_has_what_its_readme_names(house):
    assert house.inbox.exists()
    listed = set(re.findall(r"^\| `([\w-]+)` \|", (RECIPES / "README.md").read_text(), re.M))
    assert listed == {entry.name for entry in RECIPES.iterdir() if entry.is_dir()}
    for recipe in FOLLOWED:
        text = (RECIPES / recipe / "README.md").read_text()
        files = {entry.name for entry in (RECIPES / recipe).iterdir()} - {"README.md"}
        unsaid = [name for name in files if name not in text]
        assert not unsaid, f"{recipe}/README.md does not say what becomes of {unsaid}"


def the_exports_are_such_as_exports_5_knows(house):
    town = Town(house, "nfs-server")
    with open("/etc/exports.d/hotfolder.exports", encoding="ascii") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    numbers = {f"anonuid={run('id', '-u', 'hotfolder').stdout.strip()}",
               f"anongid={run('id', '-g', 'hotfolder').stdout.strip()}"}
    known = {"rw", "ro", "sync", "no_subtree_check", "all_squash", *numbers}
    assert [directory for directory, _ in lines] == [str(house.inbox), str(house.output)]
    for _, client in lines:
        options = set(re.fullmatch(r"[\d./]+\((.*)\)", client).group(1).split(","))
        assert options <= known and numbers <= options, options
    town.start()


def shares_of(conf):
    """What Samba makes of a configuration: for each section its settings."""
    sections = {}
    for line in run("testparm", "-s", conf).stdout.splitlines():
        if line.startswith("["):
            settings = sections.setdefault(line, {})
        elif "=" in line:
            name, _, value = map(str.strip, line.partition("="))
            if value:  # `include` alone says nothing
                settings[name] = value
    return sections


def the_samba_shares_stand_beside_those_that_were_there(house):
    need("testparm")
    shipped = house.top / "smb.conf"
    shutil.copy("/etc/samba/smb.conf", shipped)
    before = shares_of(shipped)
    Town(house, "samba")
    after = shares_of("/etc/samba/smb.conf")
    assert set(after) == {*before, "[inbox]", "[finished]"}
    assert after["[global]"].pop("include") == "/etc/samba/hotfolder.conf"
    for section, settings in before.items():
        assert after[section] == settings, f"{section} is another: {after[section]}"


def the_container_is_built_of_the_sources_alone(house):
    """Where podman and docker look for it: at the top of what the recipe has them take."""
    assert house.inbox.exists()
    top = RECIPES.parents[1]
    [context] = {line.split()[-1] for line in (RECIPES / "container/README.md").read_text().splitlines()
                 if " build " in line}
    ignored = (top / context / ".dockerignore").read_text().split("\n")
    made = {line.strip("/") for line in (top / ".gitignore").read_text().split()}
    assert {".git", *made} <= set(ignored), f"the image gets more than the sources: {ignored}"
    # What the container is made of is still there.
    for source in ("packaging", "daemon", "tests", "README.md"):
        assert source not in ignored


def the_container_runs_without_systemd(house):
    recipe = (RECIPES / "container/Containerfile").read_text().replace("\\\n", " ")
    for source in re.findall(r"^COPY (?!--from)(\S+) ", recipe, re.M):
        assert (RECIPES.parents[1] / source).exists(), f"there is no {source} to copy"
    for script in re.findall(r"/src/(\S+)", recipe):
        assert os.access(RECIPES.parents[1] / script, os.X_OK), f"{script} can't be run"
    entry, = re.findall(r"^ENTRYPOINT (.*)", recipe, re.M)
    health, = re.findall(r"^HEALTHCHECK .*CMD (.*)", recipe, re.M)
    program, *options = json.loads(entry)
    asked, *words = json.loads(health)
    assert (program, asked) == ("/usr/sbin/hotfolderd", "/usr/bin/hotfolder")

    town = Town(house)  # for its empty /var, /run and /etc
    made = " ".join(re.findall(r"install -d (?:-o hotfolder -g hotfolder|-m 1777) ([^&\n]*)", recipe))
    photos = house.top / "photos"
    directories = [str(photos) + path.removeprefix("/photos") if path.startswith("/photos") else path
                   for path in made.split()]
    run("install", "-d", "-o", "hotfolder", "-g", "hotfolder", *directories)
    conf = (RECIPES / "container/hotfolder.conf").read_text().replace("/photos/", f"{photos}/")
    with open("/etc/hotfolder/hotfolder.conf", "w", encoding="ascii") as file:
        file.write(conf)
    house.inbox, house.output = photos / "inbox", photos / "finished"
    bare = ("env", "-i", "PATH=/usr/bin:/bin", *Town.as_user("hotfolder"))
    town.copy_programs()
    with open(house.log, "wb") as log:
        house.daemon = subprocess.Popen([*bare, house.bin / "hotfolderd", *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=log)
    house.await_log("is ready")
    pictures = album(house, [WHOLE])
    shutil.copy(pictures / WHOLE, house.inbox)
    house.runtime = Path(options[options.index("--runtime-dir") + 1])
    asked = run(*bare, house.bin / "hotfolder", *words, check=False)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    wait_until(lambda: f"{WHOLE}: done in" in house.logged(), "the picture is logged")
    judge(house, pictures, [WHOLE])


if __name__ == "__main__":
    sys.exit(begin(globals()))
