"""openapi - holds answers of the daemon against daemon/control/openapi.json.

It is stricter than OpenAPI: an answer has no field that the file does not describe, and the file uses
no word of a schema that is not known here.
"""
import json
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "daemon/control/openapi.json"
DESCRIPTION = json.loads(FILE.read_text(encoding="utf-8"))
ERRORS_OF_ANY_PATH = ("404", "405", "413")
TYPES = {"string": str, "boolean": bool, "array": list, "object": dict}
KNOWN = {"type", "description", "required", "properties", "additionalProperties", "items", "enum", "$ref",
         "nullable", "example"}


def resolve(part):
    """What a $ref stands for."""
    while "$ref" in part:
        found = DESCRIPTION
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def is_of_type(value, name):
    if name in ("integer", "number"):
        return not isinstance(value, bool) and isinstance(value, int if name == "integer" else (int, float))
    return isinstance(value, TYPES[name])


def check_object(value, schema, where, seen):
    fields = schema.get("properties", {})
    for name in schema.get("required", ()):
        assert name in fields, f"{where}: '{name}' is required and not described"
        assert name in value, f"{where}: '{name}' is missing: {value}"
    for name, field in value.items():
        other = schema.get("additionalProperties")
        assert name in fields or other, f"{where}: '{name}' is not described"
        check_value(field, fields.get(name, other), f"{where}.{name}" if name in fields else f"{where}.*", seen)


def check_value(value, schema, where, seen):
    """Adds every field that it meets to `seen`."""
    schema = resolve(schema)
    assert set(schema) <= KNOWN, f"{where}: a word that is not known here: {schema}"
    seen.add(where)
    if value is None and schema.get("nullable"):
        return
    assert is_of_type(value, schema["type"]), f"{where}: {value!r} is no {schema['type']}"
    assert "enum" not in schema or value in schema["enum"], f"{where}: {value!r} is not described"
    if schema["type"] == "object":
        check_object(value, schema, where, seen)
    for item in value if schema["type"] == "array" else ():
        check_value(item, schema["items"], f"{where}[]", seen)


def operations():
    """(method, path, operation) of each."""
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def schema_of(response):
    return resolve(response)["content"]["application/json"]["schema"]


def check_answer(method, target, code, answer, seen=None):
    """An answer is as the file describes it."""
    path = target.split("?")[0]
    operation = DESCRIPTION["paths"].get(path, {}).get(method.lower(), {"responses": {}})
    response = operation["responses"].get(str(code))
    if response is None:
        assert str(code) in ERRORS_OF_ANY_PATH, f"{method} {path}: {code} is not described: {answer}"
        schema = DESCRIPTION["components"]["schemas"]["Error"]
    elif isinstance(answer, bytes):
        assert "application/json" not in resolve(response)["content"], f"{method} {path} {code}: {answer[:80]}"
        return
    else:
        schema = schema_of(response)
    check_value(answer, schema, f"{method} {path} {code}", set() if seen is None else seen)
