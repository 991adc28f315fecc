"""What the parts of tests/bench.sh share: running and timing commands, projects and their plans."""

import os
import pathlib
import resource
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RBN_PLAN = os.environ["RBN_PLAN"]
RUNS = int(os.environ.get("RUNS", "5"))
CORES = str(os.cpu_count())
HOST = next(
    line.split()[1]
    for line in subprocess.check_output(["rustc", "-vV"], text=True).splitlines()
    if line.startswith("host:")
)
# About five hundred units, published with a lock.
LARGE = ("jj-cli", "0.27.0")
RIPGREP = ("ripgrep", "14.1.1")
METADATA = ["cargo", "metadata", "--format-version=1", "--locked", "--offline"]
UNIT_GRAPH = [
    *["cargo", "build", "--release", "--target", HOST, "--locked", "--offline"],
    *["--unit-graph", "-Zunstable-options"],
]
PLAN = [RBN_PLAN, "--release", "--locked", "--offline"]


class Failed(Exception):
    """A command that should have worked did not."""


def start(command, cwd, env=None, output=None):
    out = open(output, "wb") if output else subprocess.DEVNULL
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "RUSTC_BOOTSTRAP": "1"} if command is UNIT_GRAPH else env,
        stdout=out,
        stderr=subprocess.PIPE,
    )


def finish(process, command, codes=(0,)):
    """Waits; returns the peak memory in MB of the process and of what it started (the largest)."""
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        tail = errors.decode(errors="replace").strip().splitlines()[-15:]
        raise Failed(f"{' '.join(map(str, command))}: exit {process.returncode}\n" + "\n".join(tail))
    return usage.ru_maxrss / 1024


def run(command, cwd, env=None, output=None, codes=(0,)):
    """Seconds and peak MB of one command, which may end with any of the codes."""
    began = time.perf_counter()
    peak = finish(start(command, cwd, env, output), command, codes)
    return time.perf_counter() - began, peak


def work(command, cwd, env=None):
    """Seconds by the clock and of processor time of one command (without a daemon's that it asks)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, _ = run(command, cwd, env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pair(first, second, cwd, envs=(None, None)):
    """As `work`, for each of two commands that run side by side."""
    began = time.perf_counter()
    sides = list(zip((first, second), envs))
    waiting = {p.pid: (p, c, i) for i, (c, e) in enumerate(sides) for p in [start(c, cwd, e)]}
    took = [None, None]
    # Neither writes enough on stderr to fill a pipe, so they are reaped first and read after.
    while waiting:
        pid, status, usage = os.wait4(-1, 0)
        process, command, index = waiting.pop(pid)
        process.returncode = os.waitstatus_to_exitcode(status)
        took[index] = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
        if process.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}\n{process.stderr.read().decode()[-2000:]}")
    return took


def row(what, value, note=""):
    print(f"{what:<58} {value:>12}  {note}", flush=True)


def ms(seconds):
    return f"{seconds * 1000:.0f} ms"


def median(values):
    return statistics.median(values)


def processor(turns):
    return f"processor: {median(p for _, p in turns):.1f} s"


def ratio(label, turns, base, wanted=""):
    """Two rows for what `work` measured in turns: by the clock, and of processor time."""
    for what, index in (("", 0), (", processor time", 1)):
        row(f"{label}{what}", f"{median(a[index] / b[index] for a, b in zip(turns, base)):.2f}", wanted)


def fetch(project, temporary):
    place = temporary / project[0]
    if not place.exists():
        subprocess.run([ROOT / "tests/fetch.sh", *project, place], check=True)
    return place


def write_plan(place, plan=PLAN):
    (place / "generated").mkdir(exist_ok=True)
    run([RBN_PLAN, "toolchain", "host"], place, output=place / "generated/toolchain.nix")
    run(plan, place, output=place / "generated/steps.nix")
    return place / "generated/steps.nix"


def nix_build(place, *more):
    return ["nix", "build", "-f", place / "generated/steps.nix", "-o", place / "result",
            "--max-jobs", CORES, *more]


def forget(place):
    """Another compiler fingerprint, so that no step of the plan is in the store."""
    toolchain = place / "generated/toolchain.nix"
    text = toolchain.read_text()
    assert "fingerprint = [" in text
    salted = text.replace("fingerprint = [", f'fingerprint = [ "{time.time_ns()}"', 1)
    toolchain.write_text(salted)
