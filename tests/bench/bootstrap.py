"""The compiler's first stage by Nix beside x.py, in one run, and what an edit of it costs both.

RUST_TREE=DIR is a tree of the Rust compiler that `rbn-plan bootstrap` takes, with its bootstrap.toml (build.rustc and
build.cargo are this machine's stage 0, where it names none). It is copied. An hour and more on two cores, so this part
runs only where it is asked for by name. EDITS=0 leaves the edits out."""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import time

from common import RBN_PLAN, Failed, row, run

# One more than processors: while Nix puts an output away, or a step begins or ends, another one computes.
JOBS = str(os.cpu_count() + 1)
PATHS = ["compiler/rustc", "library"]
EDITS = [
    ("nothing", None),
    ("a pass (rustc_mir_transform)", "compiler/rustc_mir_transform/src/lib.rs"),
    ("a lint (rustc_lint)", "compiler/rustc_lint/src/lib.rs"),
    ("a doc comment of core", "library/core/src/lib.rs"),
    ("a README", "README.md"),
]


def watched(command, cwd, words):
    """Seconds by the clock and of processor time; the words go to a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with open(words, "wb") as said:
        status = subprocess.run(command, cwd=cwd, stdout=said, stderr=subprocess.STDOUT, check=False).returncode
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if status:
        raise Failed(f"{' '.join(map(str, command))}: exit {status}\n{words.read_text(errors='replace')[-2000:]}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def sysroot_program(name):
    sysroot = subprocess.check_output(["rustc", "--print", "sysroot"], text=True).strip()
    return f"{sysroot}/bin/{name}"


def xpy(tree, temporary):
    """x.py's command, with all that is downloaded or asked left out. x.py itself is compiled before it is timed."""
    dir = temporary / "xpy"
    dir.mkdir(exist_ok=True)
    stage0 = {name: json.dumps(sysroot_program(name)) for name in ("rustc", "cargo")}
    (dir / "bootstrap.toml").write_text(
        f'change-id = "ignore"\ninclude = [{json.dumps(str(tree / "bootstrap.toml"))}]\n'
        f'[build]\nrustc = {stage0["rustc"]}\ncargo = {stage0["cargo"]}\nlocked-deps = false\n'
        "[llvm]\ndownload-ci-llvm = false\n[rust]\ndownload-rustc = false\ncodegen-tests = false\n")
    command = ["python3", "x.py", "build", "--config", dir / "bootstrap.toml", "--build-dir", dir / "build",
               "--warnings", "warn", "--stage", "1", *PATHS]
    run([*command, "--dry-run"], tree)
    return command


def edit(tree, file):
    """A line more; in a library, in its first doc comment."""
    path = tree / file
    text = path.read_text()
    if file.endswith("core/src/lib.rs"):
        path.write_text(re.sub(r"^//! (.*)$", r"//! \1 Edited.", text, count=1, flags=re.M))
    else:
        path.write_text(f"{text}\n// edit {time.time_ns()}\n")


def part_bootstrap(temporary):
    if "RUST_TREE" not in os.environ:
        raise Failed("RUST_TREE must name a tree of the Rust compiler with its bootstrap.toml")
    tree = temporary / "rust"
    shutil.copytree(pathlib.Path(os.environ["RUST_TREE"]).resolve(), tree, symlinks=True)
    theirs, words = xpy(tree, temporary), temporary / "words"
    row("x.py: stage 1, compiler and library", *told(watched(theirs, tree, words)))
    row("rbn-plan bootstrap", *told(watched([RBN_PLAN, "bootstrap"], tree, words)))
    ours = ["nix-build", "--no-out-link", "--max-jobs", JOBS, "generated/bootstrap", "-A", "stage1.toolchain"]
    row("Nix: stage 1, compiler and library", *built(watched(ours, tree, words), words))
    if os.environ.get("EDITS") == "0":
        return
    for what, file in EDITS:
        if file:
            edit(tree, file)
        row(f"x.py, after an edit: {what}", *told(watched(theirs, tree, words)))
        row(f"Nix, after an edit: {what}", *built(watched(ours, tree, words), words))


def told(took):
    return f"{took[0]:.1f} s", f"processor: {took[1]:.1f} s"


def built(took, words):
    seconds, processor = told(took)
    steps = re.findall(r"^building '", words.read_text(errors="replace"), re.M)
    return seconds, f"{processor}; {len(steps)} derivations built"
