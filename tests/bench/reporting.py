"""reporting - the benchmark suite, run for its smallest cases: its report has what was measured, and says of
everything else why there is no figure. How long anything takes is not judged.
"""
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [os.fspath(HERE.parent / "system")]
sys.dont_write_bytecode = True
import meter  # noqa: E402
from harness import BUILD, main, pillow, run  # noqa: E402

TOOLS = ("sh", "env", "xargs", "ps", "cp")
# Stand in for programs of others: this one copies each picture, ...
COPIES = """#!/bin/sh
while case $1 in --*) true ;; *) false ;; esac; do
    [ "$1" = --output ] && output=${2%%/%%*}
    shift 2
done
cp "$@" "$output"
"""
# ... this one makes other pictures of the right size, ...
OTHERS = """#!/bin/sh
while [ "$1" != -output-directory ]; do shift; done
output=$2
shift 2
for file; do %s make "$output/$file" 160x120 77; done
"""
FAILS = "#!/bin/sh\necho 'no colour is left' >&2\nexit 3\n"


def stand_in(directory, name, script):
    (directory / name).write_text(script)
    (directory / name).chmod(0o755)


def bench(house, *arguments, **programs):
    """Runs the suite where there are only these programs of others; its report and what it prints."""
    pillow()  # judges; the scenario is skipped without it
    tools = house.top / "tools"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name))
    for name, script in programs.items():
        stand_in(tools, name, script)
    done = run(sys.executable, HERE / "run", "--quick", "--as-is", "--build", BUILD, "--cache", house.top / "cache",
               "--report", house.top / "report", *arguments, env={**os.environ, "PATH": os.fspath(tools)})
    report = json.loads((house.top / "report/bench.json").read_text())
    return {case["name"]: case for case in report["cases"]}, done.stdout


def entries(case):
    return {entry["label"]: entry for entry in case["entries"]}


def the_report_has_each_figure_and_names_each_program_that_is_missing(house):
    cases, said = bench(house, "--files", "3", "--workers", "2", "small", "idle")
    assert list(cases) == ["small", "idle"]
    found = entries(cases["small"])
    for label in ("run", "hot folder", "bare"):
        entry = found[label]
        assert not entry["note"] and entry["judged"]["right"], entry
        for name in ("wall ms", "CPU ms"):
            figure = entry["figures"][name]
            assert 0 < figure["low"] <= figure["median"] <= figure["high"] and figure["rounds"] == 2, entry
        assert entry["judged"]["psnr"] > 25 and 0.8 < entry["judged"]["ssim"] <= 1, entry
        assert label == "run" or set(entry["ratios"]) == {"wall ms", "CPU ms"}, entry
    for label, program in (("vipsthumbnail", "vipsthumbnail"), ("GraphicsMagick", "gm"), ("sharp", "node")):
        assert found[label]["note"].startswith(f"not measured: {program} is not installed"), found[label]
        assert not found[label]["figures"] and found[label]["note"] in said
    assert {goal["state"] for goal in cases["small"]["goals"]} == {"not measured"}, "sharp is missing"
    for goal in cases["idle"]["goals"]:
        assert goal["state"] in ("reached", "missed") and goal["value"] >= 0, goal
    picture = xml.etree.ElementTree.parse(house.top / "report/bench.svg").getroot()
    bars = picture.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == sum("wall ms" in entry["figures"] for entry in found.values()), "a bar for each figure"


def what_looks_at_the_page_and_what_the_page_costs_are_counted_apart(house):
    cases, _ = bench(house, "--files", "3", "--rounds", "1", "page")
    found = entries(cases["page"])
    alone, looked_at = found["no page"]["figures"], found["50 clients"]["figures"]
    assert "answers" not in alone and looked_at["answers"]["median"] > 0 <= looked_at["page CPU ms"]["median"], found
    for figures in (alone, looked_at):
        assert figures["wall ms"]["median"] >= figures["elsewhere ms"]["median"] > 0, found
    assert {goal["state"] for goal in cases["page"]["goals"]} <= {"reached", "missed"}, cases["page"]["goals"]


def a_program_that_does_other_work_gets_no_figure(house):
    others = OTHERS % (BUILD / "bin/picture")
    cases, _ = bench(house, "--files", "2", "--rounds", "1", "small", vipsthumbnail=COPIES % (), gm=others, djpeg=FAILS)
    found = entries(cases["small"])
    wrong = {"vipsthumbnail": "wrong output: 640x480 instead of 160x120",
             "GraphicsMagick": "wrong output: ", "djpeg": "failed: xargs fails: no colour is left"}
    for label, note in wrong.items():
        assert found[label]["note"].startswith(note) and not found[label]["figures"], found[label]
    assert "from the reference" in found["GraphicsMagick"]["note"], found["GraphicsMagick"]
    assert found["run"]["figures"] and found["bare"]["figures"], "the others are measured"


# Computes for 0.3 s of its own CPU time, in a child of the shell's child.
BURNS = "sh -c '{python} -c \"import time\nwhile time.process_time() < 0.3: pass\"; true'; {then}"


def the_time_of_a_child_of_a_child_counts(house):
    """However long it takes: the child looks at its own clock."""
    burn = BURNS.format(python=sys.executable, then="true")
    assert meter.run([(["sh", "-c", burn], "")], house.work, os.environ)["cpu"] >= 0.3
    stays = subprocess.Popen(["sh", "-c", BURNS.format(python=sys.executable, then="echo done; read line")],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stays.stdout.readline()
    assert meter.cpu_seconds(stays.pid) >= 0.3 - 4 / meter.TICKS, "each figure of a process is rounded down"
    stays.communicate(b"end\n")
    try:
        meter.run([(["sh", "-c", "echo broken >&2; exit 3"], "")], house.work, os.environ)
        assert False, "it has failed"
    except meter.Failed as error:
        assert "broken" in str(error), error


if __name__ == "__main__":
    sys.exit(main(globals()))
