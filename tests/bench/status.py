"""`rbn-plan status` beside caches whose answers take 30 ms: one that has nothing, and one that has every step."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import time

from common import LARGE, RBN_PLAN, ROOT, RUNS, Failed, fetch, median, ms, row, run, write_plan

STATUS = [RBN_PLAN, "status", "--locked", "--offline"]


class Key:
    """A key of a cache. What it signs is what Nix signs of a path."""

    def __init__(self, temporary):
        self.file = temporary / "key.pem"
        openssl = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.file]
        subprocess.run(openssl, check=True, capture_output=True)
        public = subprocess.check_output(["openssl", "pkey", "-in", self.file, "-pubout", "-outform", "DER"])
        self.public = f"bench-1:{base64.b64encode(public[-32:]).decode()}"
        self.message = temporary / "message"

    def sign(self, message):
        self.message.write_text(message)
        sign = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", self.message]
        return f"bench-1:{base64.b64encode(subprocess.check_output(sign)).decode()}"


def promise(cache, paths, key):
    """What a cache says of paths; nothing is fetched, so there are no archives."""
    cache.mkdir()
    (cache / "nix-cache-info").write_text("StoreDir: /nix/store\nWantMassQuery: 1\n")
    nar_hash = "sha256:" + "0" * 52
    for path in paths:
        digest = path.removeprefix("/nix/store/")[:32]
        lines = [
            f"StorePath: {path}", f"URL: nar/{digest}.nar", "Compression: none", f"FileHash: {nar_hash}",
            "FileSize: 1000", f"NarHash: {nar_hash}", "NarSize: 1000", "References: ",
            f"Sig: {key.sign(f'1;{path};{nar_hash};1000;')}",
        ]
        (cache / f"{digest}.narinfo").write_text("\n".join(lines) + "\n")


class Far:
    """tests/hosts/far.py, as long as the block lasts."""

    def __init__(self, file, *directory):
        self.file, self.command = file, [sys.executable, ROOT / "tests/hosts/far.py", file, *directory]

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        port = pathlib.Path(f"{self.file}.port")
        while not (port.exists() and port.read_text()):
            time.sleep(0.05)
        self.url = f"http://127.0.0.1:{port.read_text()}"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def asked(self):
        return [int(number) for number in pathlib.Path(f"{self.file}.asked").read_text().split()]


def measure(place, label, far, words, key, wanted):
    """Nix has never met the cache; what is not Nix's is warm."""
    caches = place.parent / "xdg-cache"
    settings = f"{os.environ['NIX_CONFIG']}\ntrusted-public-keys = {key.public}"
    env = {**os.environ, "XDG_CACHE_HOME": str(caches), "NIX_CONFIG": settings}
    command = [*STATUS, *words]
    said = subprocess.run(command, cwd=place, env=env, check=True, capture_output=True, text=True).stdout
    if wanted not in " ".join(said.split()):
        raise Failed(f"{' '.join(map(str, command))}: {wanted} is not in\n{said}")
    seconds, before = [], far.asked()[0] if far else 0
    for _ in range(RUNS):
        subprocess.run(["rm", "-rf", caches / "nix"], check=True)
        seconds.append(run(command, place, env)[0])
    note = ""
    if far:
        asked, most, _ = far.asked()
        note = f"{(asked - before) / RUNS:.0f} questions, {most} at once at most"
    row(label, ms(median(seconds)), note)
    return median(seconds)


def part_status(temporary):
    place = fetch(LARGE, temporary)
    write_plan(place)
    # No step is in the store, whatever was built here before: a toolchain that somebody wrote, as far as anyone
    # can tell.
    toolchain = place / "generated/toolchain.nix"
    machine = toolchain.rename(toolchain.with_name("machine.nix"))
    toolchain.write_text(
        f"let machine = import ./{machine.name}; in\n"
        f'machine // {{ fingerprint = machine.fingerprint ++ [ "{time.time_ns()}" ]; }}\n')
    said = subprocess.check_output([*STATUS, "--no-cache", "--format", "json"], cwd=place)
    steps = json.loads(said)["steps"]
    paths = [step["output"] for step in steps.values()]
    key = Key(temporary)
    promise(temporary / "promised", paths, key)
    count = f"{len(paths)} steps"
    measure(place, f"{LARGE[0]}: status of {count}, no cache", None, ["--no-cache"], key, f"{count}: 0 here")
    with Far(temporary / "far") as far:
        measure(place, "the same, a cache with nothing, 30 ms away", far, ["--cache", far.url], key,
                f"{len(paths)} to build")
    with Far(temporary / "full", temporary / "promised") as far:
        measure(place, "the same, a cache with all steps, 30 ms away", far, ["--cache", far.url], key,
                f"{len(paths)} in {far.url}, 0 to build")
    row("the same: what is wanted", "2000 ms")
