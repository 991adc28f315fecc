#!/usr/bin/env python3
"""The measuring part of tests/bench.sh: measure.py TEMPORARY [PART...]"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from bootstrap import part_bootstrap
from cache import part_cache, part_cache_many, part_cache_side, part_cache_step
from cores import part_cores
from evaluation import part_eval_parts
from run_step import part_run_step
from split import part_split
from status import part_status
from test_edit import part_test_edit
from common import (
    CORES, HOST, LARGE, METADATA, PLAN, RBN_PLAN, RIPGREP, ROOT, RUNS, UNIT_GRAPH, Failed,
    fetch, forget, median, ms, nix_build, pair, processor, ratio, row, run, work, write_plan,
)


def planning(place, label, runs=RUNS):
    plans, ratios, peaks, slower, cargo_peaks = [], [], [], [], []
    for _ in range(runs):
        worst = max(taken for taken, _ in pair(METADATA, UNIT_GRAPH, place))
        seconds, peak = run(PLAN, place)
        plans.append(seconds)
        peaks.append(peak)
        slower.append(worst)
        ratios.append(seconds / worst)
        cargo_peaks.append(max(run(METADATA, place)[1], run(UNIT_GRAPH, place)[1]))
    row(f"{label}: plan", ms(median(plans)))
    row(f"{label}: cargo's slower call, both side by side", ms(median(slower)))
    row(f"{label}: plan / cargo's slower call", f"{median(ratios):.2f}", "wanted: at most 1.2")
    row(
        f"{label}: peak memory",
        f"{median(peaks):.0f} MB",
        f"cargo's own calls: {median(cargo_peaks):.0f} MB; wanted: under 120",
    )


def evaluating(place, label, runs=RUNS, wanted=""):
    steps = write_plan(place)
    command = ["nix-instantiate", "--quiet", "--quiet", steps, "-A", "default"]
    run(command, place)  # writes the derivations once; what is measured is a warm store
    seconds = [run(command, place)[0] for _ in range(runs)]
    row(f"{label}: nix-instantiate", ms(median(seconds)), wanted)
    lines = sum(1 for _ in open(steps, "rb"))
    units = len(json.loads(subprocess.run(
        UNIT_GRAPH, cwd=place, env={**os.environ, "RUSTC_BOOTSTRAP": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)["units"])
    row(f"{label}: lines of the plan", f"{lines}", f"{units} units, {lines / units:.1f} lines each")


def beside(place, label, runs=RUNS):
    """What crate2nix takes for the same, where it is on PATH; its plan is evaluated with nixpkgs only."""
    program = shutil.which("crate2nix")
    if not program:
        row(f"{label}: crate2nix generate", "-", "not on PATH: cargo install crate2nix --locked")
        return
    command = [program, "generate", "-o", place / "Cargo.nix", "-h", place / "crate-hashes.json"]
    env = {**os.environ, "CARGO_NET_OFFLINE": "true"}
    cache = place.parent / "cache"
    own = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    run(PLAN, place, own)  # rustc is asked once on a machine
    turns = []
    for _ in range(runs):
        theirs = run(command, place, env)[0]
        shutil.rmtree(cache / "rbn-plan/packages")
        turns.append((theirs, run(PLAN, place, own)[0], run(PLAN, place, own)[0]))
    version = subprocess.check_output([program, "--version"], text=True).strip()
    row(f"{label}: crate2nix generate", ms(median(theirs for theirs, _, _ in turns)), version)
    row(f"{label}: plan / crate2nix generate", f"{median(again / theirs for theirs, _, again in turns):.2f}")
    row(f"{label}: the first plan of a lock / crate2nix generate",
        f"{median(first / theirs for theirs, first, _ in turns):.2f}")


def part_plan(temporary):
    for project in (RIPGREP, LARGE):
        planning(fetch(project, temporary), project[0])
        own_part(fetch(project, temporary), project[0])
        beside(fetch(project, temporary), project[0])


def part_eval(temporary):
    evaluating(fetch(RIPGREP, temporary), RIPGREP[0])
    evaluating(fetch(LARGE, temporary), LARGE[0], wanted="wanted: 150 ms for 500 steps")


def part_build(temporary):
    """ripgrep: cold, after an edit, with nothing to do; Nix and Cargo in turns. A toolchain compiles the builder once, for
    all plans: that is timed by itself."""
    place = fetch(RIPGREP, temporary)
    write_plan(place)
    run(nix_build(place, "--dry-run"), place)  # the sources are in the store, as the crates are in Cargo's cache
    source = place / "crates/core/main.rs"
    first, cold, edit, idle = [], [], [], []
    for turn in range(RUNS):
        target = {**os.environ, "CARGO_TARGET_DIR": str(temporary / f"target-{turn}")}
        cargo = ["cargo", "build", "--release", "--target", HOST, "--locked", "--offline"]
        sides = (nix_build(place), None), (cargo, target)
        forget(place)
        first.append(work(["nix", "build", "--no-link", "--impure", "--expr", builder_of(place)], place))
        cold.append(in_turns(sides, turn, place))
        with open(source, "a") as file:
            file.write(f"// edit {time.time_ns()}\n")
        edit.append(in_turns(sides, turn, place))
        idle.append(in_turns(sides, turn, place))
        subprocess.run(["rm", "-rf", target["CARGO_TARGET_DIR"]], check=True)
    row("the builder, once for each toolchain", ms(median(s for s, _ in first)), processor(first))
    for label, turns, wanted in (
        ("cold build", cold, "wanted: at most 1.05"),
        ("after an edit of main.rs", edit, "wanted: at most 1.05"),
        ("nothing to do", idle, ""),
    ):
        nix, cargo = zip(*turns)
        row(f"ripgrep, {label}: nix build", ms(median(s for s, _ in nix)),
            processor(nix) if wanted else "wanted: under 100 ms")
        row(f"ripgrep, {label}: cargo", ms(median(s for s, _ in cargo)), processor(cargo))
        if wanted:
            ratio(f"ripgrep, {label}: nix / cargo", nix, cargo, wanted)


def in_turns(sides, turn, place):
    """As `work`, for each command with its environment; each is the first in every other turn, and finds nothing of the
    other's left to write."""
    took = [None, None]
    for side in (turn % 2, 1 - turn % 2):
        os.sync()
        command, env = sides[side]
        took[side] = work(command, place, env)
    return tuple(took)


def builder_of(place):
    """The expression of what a toolchain's first build makes, and each later one finds."""
    return f"(builtins.head (builtins.attrValues (import {place}/generated/steps.nix {{ }}).steps.host)).tools"


FLAT = 30


def part_builder(temporary):
    """The builder against a bare derivation that makes the same rustc call, per derivation."""
    place = temporary / "flat"
    (place / "app/src").mkdir(parents=True)
    (place / "Cargo.toml").write_text(
        '[workspace]\nmembers = ["app", "parts/*"]\ndefault-members = ["app"]\nresolver = "3"\n')
    needs = ""
    for index in range(FLAT):
        part = place / f"parts/part-{index}"
        (part / "src").mkdir(parents=True)
        (part / "Cargo.toml").write_text(
            f'[package]\nname = "part-{index}"\nversion = "0.1.0"\nedition = "2024"\n')
        needs += f'part-{index} = {{ path = "../parts/part-{index}" }}\n'
    (place / "app/Cargo.toml").write_text(
        f'[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\n{needs}')
    (place / "app/src/main.rs").write_text("fn main() {}\n")

    def salt():
        for index in range(FLAT):
            (place / f"parts/part-{index}/src/lib.rs").write_text(f"// {time.time_ns()}\n")

    salt()
    run(["cargo", "generate-lockfile", "--offline"], place)
    write_plan(place)
    rustc = subprocess.check_output(["rustc", "--print", "sysroot"], text=True).strip() + "/bin/rustc"
    bare = temporary / "bare.nix"

    def write_bare(command):
        bare.write_text(
            "let one = index: derivation { name = \"bare-${toString index}\";\n"
            "  system = builtins.currentSystem; builder = \"/usr/bin/bash\";\n"
            f"  salt = \"{time.time_ns()}\"; args = [ \"-c\" ''{command}'' ]; }};\n"
            "in derivation { name = \"all\"; system = builtins.currentSystem;\n"
            "  builder = \"/usr/bin/bash\"; args = [ \"-c\" \"echo > $out\" ];\n"
            f"  all = map one (builtins.genList (n: n) {FLAT}); }}\n")

    compile_ = (
        f"export PATH=/usr/bin; mkdir $out; echo > lib.rs; {rustc} --crate-name=part lib.rs "
        "--edition=2024 --crate-type=lib --emit=dep-info,metadata,link -C opt-level=3 "
        "-C embed-bitcode=no -C metadata=x --out-dir=$out")
    one_job = ["--max-jobs", "1"]
    empty, direct, ours = [], [], []
    for _ in range(RUNS):
        for command, seconds in (("echo > $out", empty), (compile_, direct)):
            write_bare(command)
            seconds.append(run(
                ["nix", "build", "--no-link", "-f", bare, *one_job], temporary)[0] / (FLAT + 1))
        salt()
        ours.append(run([*nix_build(place), *one_job], place)[0] / (FLAT + 2))
    row("a bare sandboxed derivation", ms(median(empty)))
    row("the same with a rustc call", ms(median(direct)))
    row("a step of the plan", ms(median(ours)))
    row("the builder's part", ms(median(o - d for o, d in zip(ours, direct))),
        "wanted: at most 20 ms (the step that links is in it)")


FLAKES = 50


def part_flake(temporary):
    """A tree of flakes with sources beside them, read without Nix."""
    shapes = ROOT / "tests/fixtures/flake/shapes"
    texts = [(shapes / f"{name}.nix").read_text() for name in ("flake-parts", "for-all-systems")]
    place = temporary / "flakes"
    for number in range(FLAKES):
        below = place / (f"group{number % 7}/flake{number}/src" if number else ".")
        (below / "lib/deep").mkdir(parents=True)
        (below / "flake.nix").write_text(texts[number % len(texts)])
        for file in range(20):
            (below / f"lib/deep/{file}.rs").write_text("")
    command = [RBN_PLAN, "flake", "--json"]
    read = json.loads(subprocess.check_output(command, cwd=place))["flakes"]
    if len(read) != FLAKES:
        raise Failed(f"{len(read)} flakes were read, of {FLAKES}")
    seconds = [run(command, place)[0] for _ in range(RUNS)]
    row(f"a tree of {FLAKES} flakes: rbn-plan flake", ms(median(seconds)), "wanted: under 50 ms")


def own_part(place, label, runs=RUNS):
    """Planning with Cargo's answers read from files: what of it is not Cargo's."""
    stand_in = place / "stand-in"
    stand_in.mkdir(exist_ok=True)
    program = stand_in / "cargo"
    # Each question is answered by Cargo once, before anything is measured.
    program.write_text(f"""#!/bin/sh
answer="{stand_in}/$(echo "$@" | cksum)"
[ -e "$answer" ] || "{shutil.which("cargo")}" "$@" >"$answer" || echo $? >"$answer.failed"
if [ -e "$answer.failed" ]; then exit "$(cat "$answer.failed")"; fi
exec cat "$answer"
""")
    program.chmod(0o755)
    run(PLAN, place, {**os.environ, "CARGO": str(program)})
    measured = [run(PLAN, place, {**os.environ, "CARGO": str(program)}) for _ in range(runs)]
    row(f"{label}: rbn-plan's own part", ms(median(seconds for seconds, _ in measured)),
        f"{median(peak for _, peak in measured):.0f} MB")


def part_synthetic(temporary):
    for count in map(int, os.environ.get("PACKAGES", "1000 5000 10000").split()):
        place = temporary / f"synthetic-{count}"
        subprocess.run([sys.executable, ROOT / "tests/bench/synthetic.py", str(count), place], check=True)
        run(["cargo", "generate-lockfile", "--offline"], place)
        label, runs = f"{count} packages", min(RUNS, 3)
        planning(place, label, runs)
        own_part(place, label, runs)
        evaluating(place, label, runs)


def part_review(temporary):
    """Two plans of a thousand steps compared; a check beside planning."""
    place = temporary / "review"
    subprocess.run([sys.executable, ROOT / "tests/bench/synthetic.py", "950", place], check=True)
    run(["cargo", "generate-lockfile", "--offline"], place)
    old = write_plan(place)
    before = temporary / "before.nix"
    before.write_bytes(old.read_bytes())
    # A library in the middle of the graph gets another description.
    manifest = place / "parts/part-00100/Cargo.toml"
    manifest.write_text(manifest.read_text().replace('edition =', 'description = "more"\nedition =', 1))
    current = old.read_bytes()
    run(PLAN, place, output=old)
    assert old.read_bytes() != current
    seconds, planned, ratios = [], [], []
    for _ in range(RUNS):
        seconds.append(run([RBN_PLAN, "diff", before, old], place, codes=(1,))[0])
        plan = run(PLAN, place)[0]
        planned.append(plan)
        ratios.append(run([RBN_PLAN, "check", "--release"], place)[0] / plan)
    row("diff of two plans of 1045 steps", ms(median(seconds)), "wanted: under 200 ms")
    row("the same: plan", ms(median(planned)))
    row("the same: check / plan", f"{median(ratios):.2f}", "wanted: at most 1")


PARTS = {
    "plan": part_plan,
    "eval": part_eval,
    "eval-parts": part_eval_parts,
    "builder": part_builder,
    "bootstrap": part_bootstrap,
    "build": part_build,
    "review": part_review,
    "flake": part_flake,
    "cache": part_cache,
    "cache-many": part_cache_many,
    "cache-side": part_cache_side,
    "cache-step": part_cache_step,
    "cores": part_cores,
    "run-step": part_run_step,
    "split": part_split,
    "status": part_status,
    "synthetic": part_synthetic,
    "test-edit": part_test_edit,
}


# They take an hour, and need what this machine may not have: only by name.
DEAR = ["bootstrap"]


def main():
    temporary, chosen = pathlib.Path(sys.argv[1]), sys.argv[2:] or [part for part in PARTS if part not in DEAR]
    failed = False
    print(f"{CORES} cores, medians of {RUNS} runs")
    for part in chosen:
        if part not in PARTS:
            sys.exit(f"unknown part {part}: one of {', '.join(PARTS)}")
        try:
            PARTS[part](temporary)
        except Failed as error:
            failed = True
            print(f"{part} failed: {error}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
