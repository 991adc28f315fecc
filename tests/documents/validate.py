#!/usr/bin/env python3
"""Documents against a JSON Schema, by a validator that is not ours: validate.py SCHEMA FILE...

Each file must be valid, and no longer be so after each of a few faults, or the schema says nothing.
"""

import copy
import json
import pathlib
import sys

import jsonschema


def faults(document):
    """The document with one thing wrong each: gone, of another kind, or of another version."""
    for key in ("format_version", "selection"):
        spoilt = copy.deepcopy(document)
        del spoilt[key]
        yield f"without {key}", spoilt
    spoilt = copy.deepcopy(document)
    spoilt["format_version"] += 1
    yield "of the next version", spoilt
    spoilt = copy.deepcopy(document)
    spoilt["selection"] = "everything"
    yield "with a text for a list", spoilt
    if "jobs" in document:
        for field, value in (("status", "half built"), ("start", "noon"), ("end", -1)):
            spoilt = copy.deepcopy(document)
            spoilt["jobs"][0][field] = value
            yield f"with a job whose {field} is {value}", spoilt
        return
    group = next(group for group, steps in document["steps"].items() if steps)
    name = next(iter(document["steps"][group]))
    for field in ("argv", "env", "cwd", "profile", "sources", "action", "package"):
        spoilt = copy.deepcopy(document)
        del spoilt["steps"][group][name][field]
        yield f"with a step without {field}", spoilt
    for field, value in (("action", "guess"), ("kind", "thing"), ("argv", [1]), ("env", {"A": None})):
        spoilt = copy.deepcopy(document)
        spoilt["steps"][group][name][field] = value
        yield f"with a step whose {field} is {value}", spoilt


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for file in sys.argv[2:]:
        document = json.loads(pathlib.Path(file).read_text())
        for error in validator.iter_errors(document):
            sys.exit(f"{file}: {error.json_path}: {error.message[:300]}")
        for what, spoilt in faults(document):
            if validator.is_valid(spoilt):
                sys.exit(f"{file}, {what}: the schema allows it")
    print(f"{len(sys.argv) - 2} documents")


if __name__ == "__main__":
    main()
