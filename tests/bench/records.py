"""The times of a real build by Cargo, and a rustc that takes as long (stand_in.rs)."""

import json
import os
import pathlib
import re
import shutil
import subprocess

from common import HOST, ROOT, run

SOURCE = ROOT / "tests/bench/stand_in.rs"
CARGO = ["cargo", "build", "--release", "--target", HOST, "--locked", "--offline"]


def recorded(project, place, temporary):
    """What `record` says; kept in the directory that RECORDS names, for a real build takes minutes."""
    if "RECORDS" not in os.environ:
        return record(place, temporary)
    file = pathlib.Path(os.environ["RECORDS"]) / f"{'-'.join(project)}.json"
    if not file.exists():
        rows = [[*key, *numbers] for key, numbers in record(place, temporary).items()]
        file.write_text(json.dumps(rows))
    return {tuple(row[:3]): row[3:] for row in json.loads(file.read_text())}


def record(place, temporary):
    """A real build of Cargo's, with its own times: lines for the stand-in."""
    target = temporary / "recorded"
    env = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    run([*CARGO, "--timings"], place, env)
    page = (target / "cargo-timings/cargo-timing.html").read_text()
    units = json.loads(re.search(r"const UNIT_DATA = (\[.*?\]);\n", page, re.S).group(1))
    sizes = {}
    for file in target.rglob("deps/lib*"):
        name = re.fullmatch(r"lib(.+?)-[0-9a-f]{16}\.(rmeta|rlib|so)", file.name)
        if name:
            key = name.group(1), "rmeta" if name.group(2) == "rmeta" else "library"
            sizes[key] = max(sizes.get(key, 0), file.stat().st_size)
    lines = {}
    for unit in units:
        kind = what_it_is(unit)
        whole = round(unit["duration"] * 1000)
        sections = dict(unit.get("sections") or [])
        front = whole
        if kind == "lib" and "frontend" in sections:
            front = round((sections["frontend"]["end"] - sections["frontend"]["start"]) * 1000)
        name = unit["name"].replace("-", "_")
        size = [sizes.get((name, kind), 50_000) for kind in ("rmeta", "library")]
        key = unit["name"], unit["version"], kind
        # Of a crate that is compiled twice, for host and target, the longer one.
        if key not in lines or sum(lines[key][:2]) < whole:
            lines[key] = [front, whole - front, *size]
    shutil.rmtree(target)
    return lines


def what_it_is(unit):
    """A unit's kind in the stand-in's words."""
    target = unit["target"].strip()
    if target == "build script (run)" or "run" in unit["mode"]:
        return "run"
    if "build script" in target or "build-script" in target:
        return "build-script"
    if match := re.fullmatch(r'(.*) "bin"|bin "(.*)"', target):
        return f"bin {(match.group(1) or match.group(2)).replace('-', '_')}"
    return "lib"


def scaled(lines, scale):
    """The same with times so many times as long."""
    return {key: [round(front * scale), round(back * scale), *sizes]
            for key, (front, back, *sizes) in lines.items()}


def stand_in(lines, temporary):
    """The stand-in, under rustc's name."""
    times = temporary / "times.tsv"
    rows = ("\t".join(map(str, (*key, *numbers))) for key, numbers in sorted(lines.items()))
    times.write_text("\n".join(rows) + "\n")
    real = subprocess.check_output(["rustc", "--print", "sysroot"], text=True).strip() + "/bin/rustc"
    program = temporary / "stand-in/rustc"
    program.parent.mkdir(exist_ok=True)
    env = {**os.environ, "REAL_RUSTC": real, "TIMES": str(times)}
    subprocess.run(["rustc", "--edition=2024", "-O", "-Cstrip=symbols", SOURCE, "-o", program], check=True, env=env)
    return program
