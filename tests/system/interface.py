"""interface - what daemon/control/openapi.json says is what the daemon does: every request, each of its
parameters and statuses, and every field of the answers."""
import grp
import json
import os
import sys
import urllib.parse

import openapi
from harness import NOBODY, Skip, main, run, wait_until

# As the examples of the description name them.
INBOX, OUTPUT = "/srv/photos/inbox", "/srv/photos/finished"


def example_of(house, schema):
    value = schema["example"]
    if not isinstance(value, str):
        return value
    return value.replace(INBOX, os.fspath(house.inbox)).replace(OUTPUT, os.fspath(house.output))


def parameters_of(operation):
    """Each parameter's name and schema."""
    for parameter in operation.get("parameters", ()):
        assert parameter["in"] == "query", parameter
        yield parameter["name"], parameter["schema"]
    body = operation.get("requestBody")
    if body:
        yield from body["content"]["application/json"]["schema"]["properties"].items()


def ask(house, method, path, parameters):
    if method == "POST":
        return house.post(path, **parameters)
    query = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in parameters.items()}
    return house.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))


def wrong_value(schema):
    """One of another kind, in a body; in a query, all are texts."""
    return "wrong" if schema["type"] in ("integer", "boolean") else 1


def fill(house):
    house.configure(top='operators = "games"  notify "desk" { on = { failed }  run = { "/bin/true" } }')
    house.start()
    house.photo("beach.jpg").rename(house.inbox / "beach.jpg")
    broken = house.photo("broken.jpg").read_bytes()
    (house.inbox / "broken.jpg").write_bytes(broken[:len(broken) // 2])
    house.photo("tree.jpg").rename(house.inbox / "tree.jpg")
    house.await_output("beach.jpg", "tree.jpg")
    wait_until(lambda: house.failed() == ["broken.jpg"] and house.idle(), "one is done, one has failed")


def every_request_with_its_examples_answers_as_it_is_described(house):
    fill(house)
    assert house.post("/v1/pause")[0] == 200
    house.photo("slow.jpg").rename(house.inbox / "slow.jpg")
    wait_until(lambda: not house.idle(), "it is queued")
    for method, path, operation in openapi.operations():
        examples = {name: example_of(house, schema) for name, schema in parameters_of(operation)
                    if "example" in schema}
        code, answer = ask(house, method, path, examples)
        assert code == 200, f"{method} {path} {examples}: {code} {answer}"


def a_list_says_what_was_made_what_went_wrong_and_what_may_be_asked_for(house):
    fill(house)
    pictures = {one["source"]: one for one in house.get("/v1/list")[1]["pictures"]}
    done, failed = pictures["beach.jpg"], pictures["broken.jpg"]
    assert [os.fspath(house.output / "beach.jpg")] == done["made"], done
    assert (done["can_undo"], done["can_retry"], "error" in done) == (True, False, False), done
    assert (failed["can_undo"], failed["can_retry"], "made" in failed) == (False, True, False), failed
    assert failed["error"]["what"] == failed["reason"], failed
    assert len({one["job"] for one in pictures.values()}) == 3, pictures
    assert house.post("/v1/undo", path=done["path"], job=done["job"])[0] == 422
    assert house.post("/v1/undo", job=done["job"])[0] == 200
    undone = house.get("/v1/list?state=ignored")[1]["pictures"][0]
    assert (undone["job"], undone["can_undo"], undone["can_retry"]) == (done["job"], False, True), undone
    assert "made" not in undone, undone
    assert house.post("/v1/retry", job=failed["job"])[1]["retried"] == 1
    assert house.post("/v1/retry", job=99)[0] == house.post("/v1/undo", job=99)[0] == 404


def an_earlier_picture_of_a_name_is_undone_by_its_number(house):
    house.start()
    for seed in (1, 2):
        house.photo("beach.jpg", seed=seed).rename(house.inbox / "beach.jpg")
        wait_until(lambda count=seed: len(house.done()) == count and house.idle(), "it is done")
    later, earlier = house.get("/v1/list")[1]["pictures"]
    assert house.post("/v1/undo", job=earlier["job"])[0] == 200
    assert house.done() == ["beach-1.jpg"] and (house.inbox / "beach.jpg").exists()
    assert later["made"] == [os.fspath(house.output / name) for name in sorted(os.listdir(house.output))], later


def what_is_no_request_is_refused_as_it_is_described(house):
    house.start()
    assert house.get("/v1/nothing")[0] == 404
    for method, path, operation in openapi.operations():
        other = "GET" if method == "POST" else "POST"
        if other.lower() not in openapi.DESCRIPTION["paths"][path]:
            assert house.ask(other, path)[0] == 405, path
        assert house.ask(method, path, {"much": "a" * 70000})[0] == 413, path
        code, answer = ask(house, method, path, {"unknown": "1"})
        assert code == 400 and "'unknown'" in answer["error"], (path, answer)
        for name, schema in parameters_of(operation):
            if method == "POST" or schema["type"] != "string":
                code, answer = ask(house, method, path, {name: wrong_value(schema)})
                assert code == 400 and name in answer["error"], (path, name, answer)


ASK_AS_ANOTHER = """
import http.client, json, socket, sys
for method, path in json.loads(sys.argv[2]):
    client = http.client.HTTPConnection("localhost")
    client.sock = socket.socket(socket.AF_UNIX)
    client.sock.connect(sys.argv[1])
    client.request(method, path, None if method == "GET" else "{}")
    print(client.getresponse().status)
"""


def answers_for(house, operations, *groups):
    """The status of each request, of a user who is neither root nor the service's."""
    asked = run("setpriv", f"--reuid={NOBODY}", *groups, sys.executable, "-c", ASK_AS_ANOTHER,
                house.runtime / "control.sock", json.dumps(operations))
    return [int(line) for line in asked.stdout.split()]


def only_what_changes_nothing_is_for_everybody_who_can_connect(house):
    if os.geteuid():
        raise Skip("only root can ask as another user")
    house.configure(top='operators = "games"')
    house.start()
    for path in (house.top, house.runtime):
        path.chmod(0o755)
    (house.runtime / "control.sock").chmod(0o666)  # as if its group had them as members
    operations = [(method, path) for method, path, _ in openapi.operations()]
    games = grp.getgrnam("games").gr_gid
    others = answers_for(house, operations, f"--regid={NOBODY}", "--clear-groups")
    members = answers_for(house, operations, f"--regid={NOBODY}", f"--groups={games}")
    for (method, path), other, member in zip(operations, others, members, strict=True):
        assert (other == 403) == (method == "POST"), (method, path, other)
        assert member != 403, (method, path)


def a_configuration_with_errors_is_refused_as_it_is_described(house):
    house.start()
    house.config.write_text("unknown = 1\n")
    code, answer = house.post("/v1/reload")
    assert code == 422 and "unknown" in answer["errors"][0], answer


def a_socket_that_a_crash_has_left_is_replaced(house):
    house.start()
    house.daemon.kill()
    house.daemon.wait()
    house.daemon = None
    assert (house.runtime / "control.sock").is_socket()
    refused = house.command("status")
    assert refused.returncode == 1 and "connection refused" in refused.stderr, refused
    house.start()
    assert house.get()[0] == 200


def a_second_daemon_on_the_same_state_directory_is_refused_and_the_first_goes_on(house):
    house.start()
    run2 = house.top / "run2"
    asked = run(house.bin / "hotfolderd", "--config", house.config, "--state-dir", house.state,
                "--runtime-dir", run2, check=False, env={**house.environment(), "NOTIFY_SOCKET": ""})
    assert asked.returncode == 1 and "another hotfolderd" in asked.stderr, asked
    assert not (run2 / "control.sock").exists()
    house.photo("a.jpg").rename(house.inbox / "a.jpg")
    house.await_output("a.jpg")
    assert house.get()[0] == 200


if __name__ == "__main__":
    raise SystemExit(main(globals()))
