"""What the run of a test program costs as a step, over the program itself: programs that do nothing, each run by
the checker, and in turns by a derivation that only starts it."""

import time

from common import HOST, RBN_PLAN, RUNS, median, ms, row, run, work

PROGRAMS = 20
PLAN = [RBN_PLAN, "--mode", "test", "--tests", "--offline"]
# One derivation at a time: what is compared is their sum.
BUILD = ["nix-build", "--no-out-link", "--max-jobs", "1", "--expr"]


def workspace(temporary):
    place = temporary / "nothing"
    (place / "tests").mkdir(parents=True)
    (place / "generated").mkdir()
    (place / "src").mkdir()
    (place / "src/lib.rs").write_text("")
    manifest = '[package]\nname = "nothing"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\ntest = false\n'
    for number in range(PROGRAMS):
        manifest += f'\n[[test]]\nname = "t{number}"\nharness = false\n'
        (place / f"tests/t{number}.rs").write_text("fn main() {}\n")
    (place / "Cargo.toml").write_text(manifest)
    run(["cargo", "generate-lockfile", "--offline"], place)
    run([RBN_PLAN, "toolchain", "host", "-o", "generated/toolchain.nix"], place)
    return place


def once(place, text):
    """The runs as steps, and the programs alone: each by the clock and of processor time, all of them new."""
    salt = f"now-{time.time_ns()}"
    plan = place / "generated" / f"{salt}.nix"
    salted = text.replace('    directory = "debug";\n', f'    directory = "debug";\n    args = [ "{salt}" ];\n', 1)
    assert salted != text
    plan.write_text(salted)
    head = f"let plan = import {plan} {{ }}; in "
    steps = f"{head}builtins.attrValues plan.reports.{HOST}.nothing"
    alone = f"""{head}let tools = import {place}/generated/toolchain.nix; in
        builtins.genList (n: derivation {{
          name = "alone";
          inherit (tools) system;
          builder = tools.shell;
          args = [ "-c" "${{plan.steps.{HOST}."nothing-0.1.0:test:t${{toString n}}"}}/bin/t${{toString n}} {salt}; echo >$out" ];
        }}) {PROGRAMS}"""
    # The programs, the checker and the derivations are there before anything is measured.
    for expression in (steps, alone):
        run(["nix-instantiate", "--quiet", "--expr", expression], place)
    return work([*BUILD, steps], place), work([*BUILD, alone], place)


def part_run_step(temporary):
    place = workspace(temporary)
    plan = place / "generated/plan.nix"
    run([*PLAN, "-o", plan], place)
    text = plan.read_text()
    once(place, text)
    turns = [once(place, text) for _ in range(RUNS)]
    for index, what in ((0, "by the clock"), (1, "of processor time")):
        over = median((ours[index] - theirs[index]) / PROGRAMS for ours, theirs in turns)
        alone = median(theirs[index] / PROGRAMS for _, theirs in turns)
        row(f"a run step over the program itself, {what}", ms(over),
            f"wanted: at most 30 ms; the program in a derivation of its own: {ms(alone)}")
