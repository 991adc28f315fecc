"""More jobs than there are processors: a rustc that sleeps (stand_in.rs), so that Cargo and Nix run their
true schedules, and what `rbn-plan graph --simulate` says of the same times.

JOBS="16 64" are the numbers of jobs; SCALE=3 makes each time three times as long, so that what Nix itself
costs on this machine's few processors counts for less; SCALE=0 leaves nothing but that. THREADS=8 divides what
follows the metadata, which was recorded on few processors, as if so many threads had generated code.
PROJECTS=jj-cli takes that one alone, CASES="cold gix-hash" of its cases these, WAYS=members of the ways this."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

from common import HOST, RBN_PLAN, Failed, fetch, row, run, write_plan
from members import make_members
from records import CARGO, recorded, scaled, stand_in

WAYS = os.environ.get("WAYS", "off members all").split()
JOBS = [int(word) for word in os.environ.get("JOBS", "16 64").split()]
SCALE = float(os.environ.get("SCALE", "1"))
THREADS = int(os.environ.get("THREADS", "1"))
PROJECTS = os.environ.get("PROJECTS", "ripgrep jj-cli").split()
CASES = os.environ.get("CASES", "").split()


@contextlib.contextmanager
def in_memory():
    """A store, build directories and Cargo's target directory in memory, where there is some: what a disk costs
    differs by machine (ext4 without a journal a third of what Nix's first thread does)."""
    place = pathlib.Path("/dev/shm")
    if not os.access(place, os.W_OK) or shutil.disk_usage(place).free < 8 << 30:
        yield None
        return
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(dir=place, prefix="rbn-bench.") as memory:
        os.environ["TMPDIR"] = memory
        os.environ["NIX_CONFIG"] = f"{os.environ.get('NIX_CONFIG', '')}\nstore = {memory}/root"
        try:
            yield pathlib.Path(memory)
        finally:
            os.environ.clear()
            os.environ.update(before)
            subprocess.run(["chmod", "-R", "u+w", memory], check=False)


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


def watched(command, cwd, env=None):
    """Seconds of a command: by the clock, of all its processes, and of its first thread alone, which is the
    one that starts Nix's steps and takes in what they made."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = cwd / "words"
    own, began = 0, time.perf_counter()
    with open(words, "wb") as said:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=said)
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/task/{process.pid}/schedstat") as stat:
                own = int(stat.read().split()[0]) / 1e9
        except (OSError, IndexError):
            pass
        time.sleep(0.01)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: exit {process.returncode}\n{words.read_text()[-2000:]}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, own


def workspace(project, patterns, temporary):
    """A project of the registry; those of its dependencies whose names fit are path packages beside it."""
    if not patterns:
        return fetch(project, temporary)
    place = temporary / f"{project[0]}-workspace"
    if not place.exists():
        fetch(project, temporary).rename(place)
        print(f"{project[0]} with {len(make_members(place, patterns))} more path packages")
    return place


def measure(project, temporary, patterns=(), edits=()):
    """Records a project once, and builds it with so many jobs each; `edits`: a package of the workspace and a
    file of it."""
    if project[0] not in PROJECTS:
        return
    edits = [edit for edit in edits if not CASES or edit[0] in CASES]
    lines = scaled(recorded(project, fetch(project, temporary), temporary), SCALE, THREADS)
    place = workspace(project, patterns, temporary)
    for jobs in JOBS:
        write_plan(place)
        with in_memory() as memory:
            schedule(place, temporary, lines, jobs, edits, (memory or temporary) / "stood-in")


def schedule(place, temporary, lines, jobs, edits, target):
    """Cargo's build and Nix's in each way, beside what the simulator says."""
    real = use(place, stand_in(lines, temporary))
    salt(real)
    run([*nix(place, "off", jobs), "--dry-run"], place)
    cases = simulated(place, lines, temporary, jobs, [package for package, _ in edits])
    cargo = {**os.environ, "RUSTC": str(temporary / "stand-in/rustc"), "CARGO_TARGET_DIR": str(target)}
    salted = {}
    for (package, file), said in zip([("cold", None), *edits], cases):
        if file:
            with open(place / file, "a") as source:
                source.write(f"// edit {time.time_ns()}\n")
        took = {"cargo": watched([*CARGO, "-j", str(jobs)], place, cargo)}
        for way in WAYS:
            registering = 0
            if file:
                real.write_text(salted[way])
            else:
                salt(real)
                salted[way] = real.read_text()
                # The builder is made before, as Cargo is there. So the steps' .drv files are written before
                # the build, and count: a first evaluation takes longer than a second by that.
                first, second = (run([*nix(place, way, jobs), "--dry-run"], place)[0] for _ in range(2))
                registering = first - second
                builder(place)
            seconds, processor, own = watched(nix(place, way, jobs), place)
            took[way] = seconds + registering, processor, own
        for way, (seconds, processor, own) in took.items():
            beside = f"{seconds / took['cargo'][0]:.2f} of cargo; " if way != "cargo" else ""
            row(f"{place.name}, {jobs} jobs, {package}: {way}", f"{seconds:.2f} s",
                f"{beside}simulated {said[way]:.2f} s ({seconds / max(said[way], 0.01):.2f}); "
                f"processor {processor:.1f} s, first thread {own:.1f} s")
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


# ripgrep's own repository has these packages beside the program; jj's has jj-lib, and it is built with
# gitoxide's, which are a workspace of some fifty.
RIPGREP_MEMBERS = ["globset", "grep", "grep-*", "ignore"]
JJ_MEMBERS = ["jj-lib", "jj-lib-proc-macros", "gix", "gix-*"]


def part_cores(temporary):
    """A rustc that sleeps as long as the real one took: what a build takes with more jobs than processors."""
    measure(("ripgrep", "14.1.1"), temporary, RIPGREP_MEMBERS, [
        ("ripgrep", "crates/core/main.rs"),
        ("grep-printer", "members/grep-printer/src/lib.rs"),
        ("grep-matcher", "members/grep-matcher/src/lib.rs"),
    ])
    measure(("jj-cli", "0.38.0"), temporary, JJ_MEMBERS, [
        ("jj-cli", "src/lib.rs"),
        ("jj-lib", "members/jj-lib/src/lib.rs"),
        ("gix-hash", "members/gix-hash/src/lib.rs"),
    ])
