"""Where the time of `nix-instantiate` goes, for a plan whose derivations are in the store already."""

import json
import subprocess

from common import LARGE, RUNS, fetch, median, ms, row, work, write_plan

INSTANTIATE = ["nix-instantiate", "--quiet", "--quiet"]
EVALUATE = [*INSTANTIATE, "--eval", "--strict", "-E"]

# The plan with a `derivation` that prints its attributes as JSON, as Nix's does, and makes nothing of them.
FACTS = """
let
  derivation = attrs:
    let
      made = attrs // { type = "derivation"; drvPath = made.outPath; outPath = "/made/${attrs.name}" + none attrs; };
      none = attrs: builtins.substring 0 0 (builtins.toJSON attrs);
    in made;
  scope = { inherit derivation; builtins = builtins // { inherit derivation; %s }; };
  toolchain = builtins.scopedImport scope %s/toolchain.nix;
in builtins.stringLength "${(builtins.scopedImport scope %s { inherit toolchain; }).default}"
"""
# With no file of a package or of Cargo's looked at.
NO_FILES = 'path = { name, ... }: "/source/${name}"; toFile = name: _: "/file/${name}";'


def bare(place, root):
    """As many derivations with the same names and inputs, which state nothing else."""
    derivations = json.loads(subprocess.check_output(["nix", "show-derivation", "-r", root]))
    key = lambda path: '"' + path.split("/")[-1].split("-")[0] + '"'
    lines = []
    for path, made in derivations.items():
        name = path.split("-", 1)[1].removesuffix(".drv")
        env = made["env"]
        if "outputHash" in env:
            facts = " ".join(f'{fact} = "{env[fact]}";' for fact in (
                "url", "outputHash", "outputHashAlgo", "outputHashMode", "builder", "system"))
        else:
            inputs = " ".join(f"all.{key(other)}" for other in made["inputDrvs"])
            facts = f'builder = "/builder"; system = "{made["system"]}"; __structuredAttrs = true; inputs = [ {inputs} ];'
        lines.append(f'{key(path)} = derivation {{ name = "{name}"; {facts} }};')
    file = place / "bare.nix"
    file.write_text("let all = {\n" + "\n".join(lines) + f"\n}}; in all.{key(root)}\n")
    return file, len(derivations)


def part_eval_parts(temporary):
    place = fetch(LARGE, temporary)
    plan = write_plan(place)
    everything = [*INSTANTIATE, plan, "-A", "default"]
    root = subprocess.check_output(everything, text=True, stderr=subprocess.DEVNULL).strip()
    bare_plan, count = bare(place, root)
    ways = {
        "nix-instantiate does nothing": [*EVALUATE, "1"],
        "the plan is read": [*EVALUATE, f"(import {plan} {{ }}).formatVersion"],
        "the facts of all steps": [*EVALUATE, FACTS % (NO_FILES, plan.parent, plan)],
        "and the files of packages": [*EVALUATE, FACTS % ("", plan.parent, plan)],
        "and hashes (--readonly-mode)": [*everything, "--readonly-mode"],
        "all: and the store asked for each": everything,
        f"beside it, {count} bare derivations": [*INSTANTIATE, bare_plan],
    }
    for command in ways.values():
        work(command, place)  # what is measured is a warm store
    turns = [{name: work(command, place) for name, command in ways.items()} for _ in range(RUNS)]
    for name in ways:
        row(f"{LARGE[0]}: {name}", ms(median(turn[name][0] for turn in turns)),
            f"processor: {ms(median(turn[name][1] for turn in turns))}")
