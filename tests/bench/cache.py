"""The parts `cache`, `cache-many`, `cache-side` and `cache-step`: what the compile cache costs a cold build, or
a step, and what it saves after every derivation's hash has moved and no rustc call has."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from common import (
    PLAN, RBN_PLAN, RIPGREP, RUNS, Failed, fetch, median, ms, nix_build, pair, processor, ratio, row, work, write_plan,
)

DEVELOPMENT = [RBN_PLAN, "--profile", "dev", "--locked", "--offline"]
# Three hundred steps, most of them short: the cache's own work weighs most there.
SHORT_STEPS = ("mdbook", "0.4.47")


def renew(place):
    """Another word in the builder's text: no step of the plan is in the store, and no call differs."""
    steps = place / "generated/steps.nix"
    start = "fn main() -> std::process::ExitCode {"
    text, count = re.subn(r"( *)(?:// word \d+\n *)?" + re.escape(start),
                          lambda found: f"{found[1]}// word {time.time_ns()}\n{found[1]}{start}",
                          steps.read_text(), count=1)
    if not count:
        raise Failed("the builder's text is not the one that this knows")
    steps.write_text(text)


def derivations(place):
    """The derivations of steps, without what they are made from."""
    top = subprocess.check_output(
        ["nix-instantiate", "--quiet", "--quiet", place / "generated/steps.nix", "-A", "default"],
        cwd=place, text=True, stderr=subprocess.DEVNULL).split("!")[0].strip()
    paths = subprocess.check_output(["nix-store", "--query", "--requisites", top], text=True).split()
    return {path for path in paths if path.endswith(".drv") and "host-tools" not in path and ".crate.drv" not in path}


def can_hit(path):
    """Whether sccache can keep what the derivation compiles: a library that no linker makes."""
    text = pathlib.Path(path).read_text(errors="replace")
    if re.search(r'\\"mode\\":\\"(check-)?test\\"|\\"action\\":\\"collect', text):
        return False
    stated = re.search(r'\\"crateTypes\\":\[([^]]*)\]', text)
    if stated:
        return set(re.findall(r'[a-z-]+', stated[1])) <= {"lib", "rlib", "staticlib"}
    return '\\"kind\\":\\"lib\\"' in text


class Daemon:
    """A daemon of the bench's own, in a directory of its own."""

    def __init__(self, place):
        self.place = place
        place.mkdir(exist_ok=True)
        self.config = place / "config.toml"
        self.config.write_text(
            f'[sccache]\nsocket = "{place}/run/server.sock"\ndirectory = "{place}/kept"\nwrite = true\n')

    def command(self, *words):
        return subprocess.run([RBN_PLAN, "cache", *words, "--config-file", self.config], check=True, cwd=self.place,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def empty(self):
        """Started anew over an empty directory; returns the environment of builds that see it."""
        self.command("stop")
        shutil.rmtree(self.place / "kept", ignore_errors=True)
        line = self.command("start")
        return {**os.environ, "NIX_CONFIG": os.environ.get("NIX_CONFIG", "") + "\n" + line}

    def process(self):
        """The directory in /proc of the running sccache, which is the filter's child."""
        own = str(self.place / "run-daemon/bin/sccache")
        for exe in pathlib.Path("/proc").glob("[0-9]*/exe"):
            try:
                if os.readlink(exe) == own:
                    return exe.parent
            except OSError:
                pass  # it is somebody else's, or gone
        raise Failed("no daemon runs")

    def processor(self):
        """The seconds of processor time that the running daemon took."""
        server = (self.process() / "stat").read_text().rsplit(") ", 1)[1].split()
        relay = pathlib.Path(f"/proc/{server[1]}/stat").read_text().rsplit(") ", 1)[1].split()
        ticks = sum(int(fields[at]) for fields in (server, relay) for at in (11, 12))
        return ticks / os.sysconf("SC_CLK_TCK")

    def figures(self):
        stats = json.loads(self.command("stats", "--format", "json"))
        return stats["hits"], stats["misses"]


def memory():
    """Where builds unpack and compile: in memory, where there is some. On a filesystem without a journal, ext4
    looks at each file that was deleted in the last minutes before it makes a new one: up to a tenth of a
    build's time, and more with each build that ran before."""
    place = pathlib.Path("/dev/shm")
    if os.access(place, os.W_OK) and shutil.disk_usage(place).free > 4 << 30:
        return {"TMPDIR": str(place)}
    return {}


def built(place, env=None, daemon=None):
    """Seconds by the clock and of processor time: the build's, and what the daemon took. What earlier builds
    wrote is on the disk when this one starts."""
    renew(place)
    env = {**(env or os.environ), **memory()}
    os.sync()
    before = daemon.processor() if daemon else 0
    seconds, processors = work(nix_build(place), place, env)
    return seconds, processors + (daemon.processor() - before if daemon else 0)


def cached(place, label, daemon, plan):
    write_plan(place, plan)
    old = derivations(place)
    cacheable = sum(1 for path in old if can_hit(path))
    built(place)  # the crates are in the store from here on, and in memory
    off, cold, again = [], [], []

    def without():
        daemon.command("stop")
        off.append(built(place))

    def with_cache():
        env = daemon.empty()
        cold.append(built(place, env, daemon))
        if daemon.figures() != (0, cacheable):
            raise Failed(f"{label}: an empty cache: hits, misses are {daemon.figures()}, not 0, {cacheable}")
        again.append(built(place, env, daemon))
        if daemon.figures() != (cacheable, cacheable):
            raise Failed(f"{label}: a full cache: hits, misses are {daemon.figures()}, not {cacheable} twice")

    # First the one, then the other: a machine that grows faster or slower favours neither.
    for turn in range(RUNS):
        for part in (without, with_cache) if turn % 2 == 0 else (with_cache, without):
            part()
    new = derivations(place)
    if old & new or len(old) != len(new):
        raise Failed(f"{label}: {len(old & new)} of {len(new)} derivations did not move")
    row(f"{label}: derivations that moved", f"{len(new)} of {len(old)}")
    row(f"{label}: steps that can hit, and did", f"{cacheable} of {cacheable}", "wanted: all")
    row(f"{label}: cold, no cache", ms(median(s for s, _ in off)), processor(off))
    compared(f"{label}: cold, cache empty", cold, off, "wanted: at most 1.05")
    compared(f"{label}: again, hashes moved", again, off)


def compared(label, turns, off, wanted=""):
    row(label, ms(median(s for s, _ in turns)), processor(turns))
    ratio(f"{label}, to without", turns, off, wanted)


def part_cache(temporary):
    """ripgrep, in both profiles: cold without, cold with, and again."""
    daemon = Daemon(temporary / "cache")
    try:
        for profile, plan in (("release", PLAN), ("dev", DEVELOPMENT)):
            cached(fetch(RIPGREP, temporary), f"ripgrep, {profile}", daemon, plan)
    finally:
        daemon.command("stop")


def part_cache_many(temporary):
    """The same for a project of three hundred short steps: some minutes for each of the RUNS."""
    daemon = Daemon(temporary / "cache")
    try:
        cached(fetch(SHORT_STEPS, temporary), f"{SHORT_STEPS[0]}, dev", daemon, [*DEVELOPMENT, "--all-targets"])
    finally:
        daemon.command("stop")


def part_cache_side(temporary):
    """ripgrep's development build without the cache and with an empty one, side by side, each on a processor of its own,
    which they change after each turn: a machine that grows slower does so for both."""
    daemon = Daemon(temporary / "cache")
    label = "ripgrep, dev, one processor: cold, cache empty"
    try:
        place = fetch(RIPGREP, temporary)
        plan = write_plan(place, DEVELOPMENT)
        daemon.command("stop")
        built(place)  # the crates are in the store from here on
        off, cold = [], []
        for turn in range(2 * RUNS):
            env = daemon.empty()
            subprocess.run(["taskset", "--all-tasks", "--cpu-list", "--pid", str(turn % 2), daemon.process().name],
                           check=True, stdout=subprocess.DEVNULL)
            sides, envs = [], []
            for processor_, env_ in ((1 - turn % 2, os.environ), (turn % 2, env)):
                renew(place)
                copy = plan.with_name(f"side-{processor_}.nix")
                copy.write_text(plan.read_text())
                sides.append(["taskset", "--cpu-list", str(processor_), "nix", "build", "--no-link", "-f", copy,
                              "--max-jobs", "1", "--cores", "1"])
                envs.append({**env_, **memory()})
            os.sync()
            one, other = pair(*sides, place, envs)
            off.append(one)
            cold.append((other[0], other[1] + daemon.processor()))
            if daemon.figures()[0]:
                raise Failed(f"{label}: an empty cache was hit")
        row("ripgrep, dev, one processor: cold, no cache", ms(median(s for s, _ in off)), processor(off))
        compared(label, cold, off, "wanted: at most 1.05")
    finally:
        daemon.command("stop")


def part_cache_step(temporary):
    """What a miss and a hit cost, counted step by step: each step that can be kept is built again without the cache, on
    a miss and on a hit, one directly after the other, so that a machine that grows slower does so for all three.
    Nix itself demands that each time the same bytes are made."""
    daemon = Daemon(temporary / "cache")
    try:
        for project, profile, plan in (
            (RIPGREP, "release", PLAN),
            (RIPGREP, "dev", DEVELOPMENT),
            (SHORT_STEPS, "dev", [*DEVELOPMENT, "--all-targets"]),
        ):
            stepwise(fetch(project, temporary), f"{project[0]}, {profile}", daemon, plan)
    finally:
        daemon.command("stop")


def stepwise(place, label, daemon, plan):
    write_plan(place, plan)
    daemon.command("stop")
    built(place)  # the crates are in the store from here on
    whole = built(place)[1]
    steps = sorted(path for path in derivations(place) if can_hit(path))
    more = {path: ([], []) for path in steps}
    of_daemon = []
    for _ in range(RUNS):
        env = daemon.empty()
        before = daemon.processor()
        for path in steps:
            off, miss, hit = rebuilt(path), rebuilt(path, env), rebuilt(path, env)
            more[path][0].append(miss - off)
            more[path][1].append(hit - off)
        of_daemon.append(daemon.processor() - before)
        if daemon.figures() != (len(steps), len(steps)):
            raise Failed(f"{label}: hits, misses are {daemon.figures()}, not {len(steps)} twice")
    row(f"{label}: a cold build, no cache", "", f"processor: {whole:.1f} s")
    # The daemon's own time is read in hundredths of a second, too coarse for a step: the misses have all of it.
    for what, index, extra, wanted in (("misses", 0, median(of_daemon), "wanted: at most 5%"), ("hits", 1, 0, "")):
        seconds = sum(median(turns[index]) for turns in more.values()) + extra
        each = ms(seconds / len(steps))
        row(f"{label}: {len(steps)} {what}, more than without", f"{seconds / whole:+.1%}",
            f"processor: {seconds:+.2f} s, {each} each; {wanted}".rstrip("; "))


def rebuilt(step, env=None):
    """Seconds of processor time that a derivation takes whose outputs are there."""
    command = ["nix-store", "--realise", "--check", "--cores", "1", step]
    return work(command, "/", {**(env or os.environ), **memory()})[1]
