#!/usr/bin/env python3
"""Stands in for `nix build` where only its stream counts: it "builds" every step of the plan that
PLAN names, two at a time, and says so as Nix does with `--log-format internal-json`."""

import json
import os
import pathlib
import re
import sys
import time

BUILDS, BUILD, LOG, PROGRESS = 104, 105, 101, 105


def say(action, **fields):
    print("@nix " + json.dumps({"action": action, **fields}), file=sys.stderr, flush=True)


def main():
    document = json.loads(pathlib.Path(os.environ["PLAN"]).read_text())
    names = [name for steps in document["steps"].values() for name in steps]
    say("start", id=1, type=BUILDS, text="", level=0, parent=0, fields=[])
    say("result", id=1, type=PROGRESS, fields=[0, len(names), 0, 0])
    for at, name in enumerate(names):
        drv = f"/nix/store/{at:032}-{re.sub('[:~ /@!]', '-', name)}.drv"
        say("start", id=at + 2, type=BUILD, text="", level=3, parent=1, fields=[drv, "", 1, 1])
        say("result", id=at + 2, type=LOG, fields=[f"compiling {name}"])
        # Another is at work meanwhile; some take longer than others.
        time.sleep(0.002 if at % 10 else 0.02)
        if at > 0:
            say("stop", id=at + 1)
            say("result", id=1, type=PROGRESS, fields=[at, len(names), 1, 0])
    say("stop", id=len(names) + 1)
    say("stop", id=1)
    print("[]")


if __name__ == "__main__":
    main()
