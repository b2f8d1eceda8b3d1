"""report - what was measured, as a table to read and as JSON.

The JSON has the key `cases`, a list; each has `entries`, with `figures` as {name: {median, low, high, rounds}}
and their `ratios` to the first entry, or the reason why there are none, and `goals` with their state.
"""
import json
import os
import platform
import statistics
import time
from pathlib import Path

FORMAT = 1
NAMES = {"run": "hotfolder run", "hot folder": "hot folder (durable)", "bare": "bare libvips loop",
         "Pillow": "Pillow, pool of processes", "ImageMagick": "ImageMagick, xargs",
         "GraphicsMagick": "GraphicsMagick, xargs", "djpeg": "djpeg 1/2 alone (the limit)",
         "vipsthumbnail": "vipsthumbnail, one process", "inotifywait": "inotifywait + vipsthumbnail",
         "systemd.path": "systemd.path + vipsthumbnail"}
COMPARED = ("wall ms", "CPU ms", "memory MB", "p50 ms", "p99 ms")  # with the first entry


def machine(options, versions):
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": os.cpu_count(), "workers": options.workers, "kernel": platform.release(),
            "programs": versions}


def summary(values):
    return {"median": statistics.median(values), "low": min(values), "high": max(values), "rounds": len(values)}


def ratios_of(measured, label):
    """Of a round's own figures to those of the first entry: their median."""
    first, found = measured.case.entries[0].name, {}
    for name in COMPARED:
        pairs = [one[label][name] / one[first][name] for one in measured.rounds
                 if one.get(label, {}).get(name) and one.get(first, {}).get(name)]
        if pairs and label != first:
            found[name] = statistics.median(pairs)
    return found


def entry_as_json(measured, entry):
    label = entry.name
    verdict = measured.verdicts.get(label, {})
    found = {"label": label, "program": entry.program, "figures": {}, "ratios": {}, "note": note_on(measured, label)}
    if not measured.is_out(label):
        found["figures"] = {name: summary(values) for name, values in measured.figures(label).items()}
        found["ratios"] = ratios_of(measured, label)
    if verdict:
        found["judged"] = {"right": not verdict["wrong"],
                           **{name: verdict[name] for name in ("psnr", "ssim", "bytes") if name in verdict}}
    return found


def note_on(measured, label):
    if label in measured.absent:
        return f"not measured: {measured.absent[label]}"
    if label in measured.failed:
        return f"failed: {measured.failed[label]}"
    wrong = measured.verdicts.get(label, {}).get("wrong")
    return f"wrong output: {wrong}" if wrong else ""


STATES = {True: "reached", False: "missed", None: "not measured"}


def case_as_json(measured):
    case = measured.case
    return {"name": case.name, "about": case.about, "corpus": case.corpus, "work": case.work,
            "load": measured.load, "plotted": case.plotted,
            "entries": [entry_as_json(measured, entry) for entry in case.entries],
            "goals": [{"words": goal.words, "wanted": goal.wanted, "value": value, "state": STATES[reached]}
                      for goal, value, reached in measured.goals()]}


def number(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cell(entry, name):
    figure = entry["figures"].get(name)
    if not figure:
        return ""
    text = number(figure["median"])
    if figure["rounds"] > 1 and figure["high"] > figure["low"]:
        text += f" ({number(figure['low'])}-{number(figure['high'])})"
    return text + (f" x{entry['ratios'][name]:.2f}" if name in entry["ratios"] else "")


def lines_of(case):
    """The table of a case, and its goals."""
    yield f"\n{case['name']}: {case['about']}   [{case['corpus']}; load {case['load']:.1f}]"
    columns = list(dict.fromkeys(name for entry in case["entries"] for name in entry["figures"]))
    rows = [["", *columns]]
    for entry in case["entries"]:
        name = NAMES.get(entry["label"], entry["label"])
        rows.append([name, *([cell(entry, column) for column in columns] if entry["figures"] else [entry["note"]])])
    # A note runs on over the columns.
    widths = [max(len(row[place]) for row in rows if place < len(row) and (place == 0 or len(row) == len(rows[0])))
              for place in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
    for goal in case["goals"]:
        value = "" if goal["value"] is None else f"{number(goal['value'])} "
        yield f"    {goal['words']}: {value}({goal['wanted']}) {goal['state'].upper()}"


class Report:
    """Written again after each case: an interrupted run keeps what it has."""

    def __init__(self, options, versions):
        self.path = options.report / "bench.json"
        self.content = {"format": FORMAT, "quick": options.quick, "rounds": options.rounds,
                        "when": time.strftime("%Y-%m-%d %H:%M"), "machine": machine(options, versions), "cases": []}
        options.report.mkdir(parents=True, exist_ok=True)

    def add(self, measured):
        case = case_as_json(measured)
        self.content["cases"].append(case)
        print(*lines_of(case), sep="\n", flush=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.content, indent=1) + "\n", encoding="utf-8")
        part.rename(self.path)

    def ours_failed(self):
        """Entries of hotfolder without a figure, since it failed or its output was wrong."""
        return [f"{case['name']}, {entry['label']}: {entry['note']}" for case in self.content["cases"]
                for entry in case["entries"] if entry["program"] in ("run", "hot folder")
                and entry["note"].startswith(("failed", "wrong"))]
