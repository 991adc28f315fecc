#!/usr/bin/env python3
"""What clippy says of a project with Cargo and in the sandbox, as sets:

    lints.py MESSAGES REPORT

MESSAGES is what `cargo clippy --message-format=json` says, REPORT the directory of the plan's reports."""

import glob
import json
import sys


def lint(message):
    """A diagnostic, without how it is shown; none for `3 warnings emitted`."""
    if not message["spans"]:
        return None
    spans = sorted((span["file_name"], span["byte_start"], span["byte_end"], span["is_primary"])
                   for span in message["spans"])
    code = message["code"]["code"] if message["code"] else None
    return message["level"], code, message["message"], tuple(spans)


def read(lines):
    for line in lines:
        if line.startswith("{"):
            yield json.loads(line)


def main(messages, report):
    with open(messages) as file:
        cargos = {lint(one["message"]) for one in read(file) if one["reason"] == "compiler-message"} - {None}
    ours = set()
    for path in glob.glob(f"{report}/*/*/*/1.stderr"):
        with open(path) as file:
            ours |= {lint(one) for one in read(file)} - {None}
    print(f"clippy: {len(cargos)} diagnostics with Cargo, {len(ours)} in the sandbox")
    for title, these in ("only with Cargo", cargos - ours), ("only in the sandbox", ours - cargos):
        for one in sorted(these, key=str):
            print(f"  {title}: {one}")
    return 1 if cargos != ours else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
