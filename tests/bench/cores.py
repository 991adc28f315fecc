"""More jobs than there are processors: a rustc that sleeps (stand_in.rs), so that Cargo and Nix run their
true schedules, and what `rbn-plan graph --simulate` says of the same times."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from common import HOST, RBN_PLAN, ROOT, Failed, fetch, row, run, write_plan

SOURCE = ROOT / "tests/bench/stand_in.rs"
CARGO = ["cargo", "build", "--release", "--target", HOST, "--locked", "--offline"]
WAYS = ("off", "members", "all")


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
        target_name = unit["target"].strip()
        if target_name == "build script (run)" or "run" in unit["mode"]:
            what = "run"
        elif "build script" in target_name or "build-script" in target_name:
            what = "build-script"
        elif match := re.fullmatch(r'(.*) "bin"', target_name):
            what = f"bin {match.group(1).replace('-', '_')}"
        else:
            what = "lib"
        whole = round(unit["duration"] * 1000)
        sections = dict(unit.get("sections") or [])
        front = whole
        if what == "lib" and "frontend" in sections:
            front = round((sections["frontend"]["end"] - sections["frontend"]["start"]) * 1000)
        name = unit["name"].replace("-", "_")
        size = [sizes.get((name, kind), 50_000) for kind in ("rmeta", "library")]
        key = unit["name"], unit["version"], what
        # Of a crate that is compiled twice, for host and target, the longer one.
        if key not in lines or sum(lines[key][:2]) < whole:
            lines[key] = [front, whole - front, *size]
    return lines


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


def what(step):
    """A step's kind in the stand-in's words."""
    if step["kind"] == "run of a build script":
        return "run"
    if step["kind"] == "build script":
        return "build-script"
    if step["kind"] == "program":
        return f"bin {step['step'].split(':')[-1].replace('-', '_')}"
    return "lib"


def simulated(place, lines, temporary, jobs, edits):
    """What the simulator says, in seconds: for each case (cold, then the edits) by way."""
    steps = json.loads(subprocess.check_output(
        [RBN_PLAN, "steps", "--release", "--locked", "--offline", "--format", "json"], cwd=place))["steps"]
    times = {}
    for step in steps:
        key = step["package"], step["version"], what(step)
        front, back, *_ = lines.get(key, (0, 0))
        name = f"{step['platform']}/{step['step']}"
        times[name] = front + back
        if key[2] == "lib":
            times[f"{name}:metadata"] = front
    file = temporary / "times.json"
    file.write_text(json.dumps({"format_version": 1, "steps": times}))
    said = subprocess.check_output(
        [RBN_PLAN, "graph", "--release", "--locked", "--offline", "--simulate", str(jobs), "--threads", "1", "--format", "json",
         "--times", file, *(word for edit in edits for word in ("--edit", edit))], cwd=place)
    return [{way: time / 1000 for way, time in case["machines"][0]["milliseconds"].items()}
            for case in json.loads(said)["cases"]]


def use(place, program):
    """The plan's toolchain with the stand-in, whose bytes no seal knows."""
    toolchain = place / "generated/toolchain.nix"
    real = place / "generated/real.nix"
    shutil.copy(toolchain, real)
    toolchain.write_text(
        "# fingerprint = [\n"
        f"import ./real.nix // {{ compilerSeals = {{ }}; rustc = \"${{builtins.path {{ path = {program}; name = \"rustc\"; }}}}\"; }}\n")
    return real


def salt(real):
    text = real.read_text()
    real.write_text(text.replace("fingerprint = [", f'fingerprint = [ "{time.time_ns()}"', 1))


def nix(place, way, jobs):
    return ["nix", "build", "-f", place / "generated/steps.nix", "-o", place / "result",
            "--max-jobs", str(jobs), "--cores", "1", "--argstr", "split", way]


def measure(project, temporary, all_jobs, edits=()):
    """Records a project once, and builds it with so many jobs each; `edits`: a package of the workspace and a
    file of it."""
    place = fetch(project, temporary)
    lines = recorded(project, place, temporary)
    for jobs in all_jobs:
        write_plan(place)
        schedule(project, place, temporary, lines, jobs, edits)


def schedule(project, place, temporary, lines, jobs, edits):
    """Cargo's build and Nix's in each way, beside what the simulator says."""
    program = stand_in(lines, temporary)
    real = use(place, program)
    salt(real)
    run([*nix(place, "off", jobs), "--dry-run"], place)
    cases = simulated(place, lines, temporary, jobs, [package for package, _ in edits])
    target = temporary / "stood-in"
    cargo = {**os.environ, "RUSTC": str(program), "CARGO_TARGET_DIR": str(target)}
    command = [*CARGO, "-j", str(jobs)]
    salted = {}
    # The builder and the sources are made before, as Cargo's crates are unpacked.
    for (package, file), said in zip([("cold", None), *edits], cases):
        if file:
            with open(place / file, "a") as source:
                source.write(f"// edit {time.time_ns()}\n")
        took = {"cargo": run(command, place, cargo)[0]}
        for way in WAYS:
            if file:
                real.write_text(salted[way])
            else:
                salt(real)
                salted[way] = real.read_text()
                run([*nix(place, way, jobs), "--dry-run"], place)
                builder(place)
            took[way] = run(nix(place, way, jobs), place)[0]
        for way, seconds in took.items():
            off = f"{seconds / took['cargo']:.2f} of cargo" if way != "cargo" else ""
            row(f"{project[0]}, {jobs} jobs, {package}: {way}", f"{seconds:.2f} s",
                f"simulated {said[way]:.2f} s ({seconds / max(said[way], 0.01):.2f})  {off}")
    shutil.rmtree(target)


def builder(place):
    """Builds the builder, which every plan needs once."""
    step = subprocess.check_output(
        ["nix-instantiate", place / "generated/steps.nix", "-A", "default"], text=True, stderr=subprocess.DEVNULL)
    needed = subprocess.check_output(["nix-store", "--query", "--requisites", step.strip().split("!")[0]], text=True)
    drv = [line for line in needed.split() if line.endswith("-rbn-plan-builder.drv")]
    if not drv:
        raise Failed("the plan has no builder")
    run(["nix-store", "--realise", *drv], place)
