"""metrics - what the daemon counts and measures, read by Prometheus' own programs; the dashboard and the
alerts name nothing else."""
import json
import os
import re
import sys
from pathlib import Path

from harness import BUILD, Missing, helper, main, run, wait_until

TOP = Path(__file__).resolve().parents[2]
DASHBOARD, ALERTS = TOP / "packaging/grafana/hotfolder.json", TOP / "packaging/prometheus/alerts.yml"
HISTOGRAMS = ("event_to_ready", "ready_to_start", "work", "publish")
# What Prometheus itself adds to each series, and to a histogram.
FOREIGN_LABELS = {"instance", "job", "le"}


def promtool(*arguments, **options):
    found = Path("/var/cache/hotfolder-tests/prometheus/usr/bin/promtool")
    if not found.exists():
        raise Missing("promtool is not installed")
    done = run(found, *arguments, check=False, **options)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


def parsed(house, text, kind="text"):
    """{(name, labels as a sorted tuple): value} by a foreign parser."""
    file = house.work / f"metrics.{kind}"
    file.write_text(text, encoding="utf-8")
    families = json.loads(helper("expositions", kind, file))[0]
    assert all(family["name"].startswith("hotfolder") and family["help"] for family in families), families
    return {(name, *sorted(labels.items())): value
            for family in families for name, labels, value in family["samples"]}


def value_of(samples, name, **labels):
    return samples["hotfolder_" + name, *sorted(labels.items())]


def total_of(samples, name, **labels):
    """The sum over all series with these labels."""
    wanted = set(labels.items())
    return sum(value for (its, *has), value in samples.items() if its == f"hotfolder_{name}" and wanted <= set(has))


def by_command(house, *options):
    done = house.command("metrics", *options)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def listed(house, state):
    return json.loads(house.command("list", "--state", state, "--json").stdout)["pictures"]


def drop(house, count):
    for number in range(count):
        house.photo(f"good{number}.jpg", seed=number).rename(house.inbox / f"good{number}.jpg")
        broken = house.photo(f"bad{number}.jpg", seed=number).read_bytes()
        (house.inbox / f"bad{number}.jpg").write_bytes(broken[:len(broken) // 2])
    wait_until(lambda: len(house.failed()) == count and len(house.done()) == count and house.idle(),
               "all pictures have ended")


def hold(house):
    """The folder's output directory is gone, and a picture meets that."""
    house.output.rename(house.top / "away")
    house.photo("held.jpg").rename(house.inbox / "held.jpg")
    wait_until(lambda: house.get()[1]["folders"][0]["state"] == "held", "the folder is held")


def compare(house, samples):
    """With what the commands show."""
    done, failed = listed(house, "done"), listed(house, "failed")
    folder = house.get()[1]["folders"][0]
    assert total_of(samples, "jobs_total", folder="inbox", state="done") == len(done) == 3, samples
    assert total_of(samples, "jobs_total", folder="inbox", state="failed") == len(failed) == 3, samples
    assert value_of(samples, "jobs_total", folder="inbox", state="failed", error_kind="picture") == 3, samples
    assert value_of(samples, "queue_depth", folder="inbox") == folder["queued"] == len(listed(house, "held")) == 1
    assert value_of(samples, "pictures_failed", folder="inbox") == folder["failed"]
    states = {dict(has)["state"] for (name, *has), value in samples.items()
              if name == "hotfolder_folder_state" and value}
    assert states == {folder["state"]} == {"held"}, states
    sizes = sum(path.stat().st_size for path in (house.inbox / "done").iterdir())
    made = sum(path.stat().st_size for path in (house.top / "away").glob("*.jpg"))
    assert total_of(samples, "original_bytes_total") == sizes and total_of(samples, "output_bytes_total") == made


def what_prometheus_reads_is_what_the_commands_show(house):
    house.start()
    assert total_of(parsed(house, by_command(house)), "jobs_total", state="failed", error_kind="picture") == 0
    drop(house, 3)
    hold(house)
    text = by_command(house)
    samples = parsed(house, text)
    compare(house, samples)
    for histogram in HISTOGRAMS:
        count = value_of(samples, f"{histogram}_seconds_count", folder="inbox")
        assert count == (7 if histogram == "event_to_ready" else 3), (histogram, count)
    held = value_of(samples, "held_seconds_total", folder="inbox")
    later = wait_until(lambda: parsed(house, by_command(house)), "it answers again")
    assert value_of(later, "held_seconds_total", folder="inbox") > held > 0
    assert total_of(samples, "attempts_total", result="held") >= 1
    assert value_of(samples, "workers_started_total") >= 1
    assert all(value_of(samples, "resident_memory_bytes", process=process) > 1e6 for process in ("daemon", "workers"))
    code, other = house.get("/v1/metrics?format=openmetrics")
    assert code == 200 and by_command(house, "--openmetrics").splitlines()[-1] == "# EOF"
    openmetrics = parsed(house, other.decode(), "openmetrics")
    assert total_of(openmetrics, "jobs_total", state="done") == 3
    changing = ("held", "attempts", "heartbeat", "oldest", "resident")
    series = {key for key in openmetrics if not key[0].endswith("_created")}
    assert series == set(samples), series ^ set(samples)
    assert all(openmetrics[key] == samples[key] for key in series if not any(word in key[0] for word in changing))
    assert house.get("/v1/metrics?format=nonsense")[0] == 422
    assert promtool("check", "metrics", input=text) == ""


def a_file_of_metrics_is_replaced_as_a_whole_and_stays_when_no_daemon_answers(house):
    file = house.work / "hotfolder.prom"
    file.write_text("old")
    house.configure(top='notify "desk" { on = { failed }  run = { "/bin/true" } }')
    house.start()
    os.umask(0o077)
    link = house.work / "old.prom"
    link.hardlink_to(file)
    assert by_command(house, "--output", file) == ""
    assert link.read_text() == "old", "the old file was written into"
    assert file.stat().st_mode & 0o7777 == 0o644, oct(file.stat().st_mode)
    samples = parsed(house, file.read_text())
    assert value_of(samples, "workers") >= 1
    assert value_of(samples, "notices_total", notice="desk", way="run", result="failed") == 0
    whole = file.read_bytes()
    device = house.command("metrics", "--output", "/dev/null")
    assert device.returncode == 1 and "no regular file" in device.stderr, device.stderr
    assert house.stop() == 0
    silent = house.command("metrics", "--output", file)
    assert silent.returncode == 1 and "no daemon answers" in silent.stderr, silent.stderr
    assert file.read_bytes() == whole
    assert [path.name for path in house.work.glob("hotfolder.prom*")] == ["hotfolder.prom"]


# ---- the dashboard and the alerts ----

def table():
    """{name: labels} of the manual, which is made from the daemon's table."""
    text = (BUILD / "packaging/manual/hotfolder-metrics.7.scd").read_text(encoding="utf-8").replace("\\", "")
    rows = re.findall(r"^\*(hotfolder_\w+)\*, (counter|histogram|gauge)(?:: (.*))?$", text, re.MULTILINE)
    found = {name: set(labels.split(", ")) - {""} for name, _, labels in rows}
    histograms = [name for name, kind, _ in rows if kind == "histogram"]
    assert len(histograms) == len(HISTOGRAMS) and len(found) > 20, found
    return found | {name + part: found[name] for name in histograms for part in ("_bucket", "_sum", "_count")}


def queries():
    """(where, query, labels that its legend or its texts name) of each."""
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"], re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
    text = ALERTS.read_text(encoding="utf-8")
    for alert in re.split(r"^ +- alert: ", text, flags=re.MULTILINE)[1:]:
        found = re.findall(r"^ +expr: (.+)$", alert, re.MULTILINE)
        assert len(found) == 1, alert
        yield alert.splitlines()[0], found[0], re.findall(r"\$labels\.(\w+)", alert)


def labels_in(query):
    matchers = " ".join(re.findall(r"\{([^}]*)\}", query))
    groups = " ".join(re.findall(r"\b(?:by|on) \(([^)]*)\)", query))
    return re.findall(r"(\w+)\s*[=!]~?", matchers) + re.findall(r"\w+", groups)


def each_query_of_the_dashboard_and_of_the_alerts_names_what_there_is(house):
    metrics, used, rules = table(), set(), []
    for where, query, shown in queries():
        names = set(re.findall(r"\bhotfolder_\w+", query))
        assert names and names <= set(metrics), (where, names - set(metrics))
        its = set().union(*(metrics[name] for name in names)) | FOREIGN_LABELS
        wanted = {*labels_in(query), *shown}
        assert wanted <= its, (where, query, wanted - its)
        used |= {re.sub("_(bucket|sum|count)$", "", name) for name in names}
        ready = re.sub(r"\$__\w+", "5m", query).replace("'", "''")
        rules.append(f"  - record: check:number{len(rules)}\n    expr: '{ready}'\n")
    whole = {name for name in metrics if not re.search("_(bucket|sum|count)$", name)}
    assert used == whole, f"no query shows {whole - used}"
    file = house.work / "queries.yml"
    file.write_text("groups:\n- name: dashboard\n  rules:\n" + "".join(rules), encoding="utf-8")
    assert "SUCCESS" in promtool("check", "rules", file)


def alerts_fire_when_something_is_wrong_and_no_sooner(house):
    assert "SUCCESS" in promtool("check", "rules", ALERTS)
    file = house.work / "alerts.yml"
    file.write_text((TOP / "tests/system/alerts.yml").read_text().replace("[ALERTS]", f"[{ALERTS}]"))
    assert "SUCCESS" in promtool("test", "rules", file)


if __name__ == "__main__":
    sys.exit(main(globals()))
