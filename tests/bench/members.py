"""A published package as a workspace of many packages, as its authors have it: packages that it takes from
the registry become path packages beside it. The versions stay those of its lock, and so do recorded times."""

import fnmatch
import os
import pathlib
import re
import shutil

from common import Failed

REGISTRY = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")) / "registry/src"


def locked(place):
    """The packages of a lock file, as blocks of text with their names and versions."""
    text = (place / "Cargo.lock").read_text()
    blocks = re.split(r"(?m)^(?=\[\[package\]\]$)", text)
    for block in blocks:
        found = re.search(r'^name = "(.+)"\nversion = "(.+)"$', block, re.M)
        yield block, *(found.groups() if found else (None, None))


def make_members(place, patterns):
    """Makes path packages of those whose names fit one of the patterns; returns their names."""
    moved, lock = {}, []
    for block, name, version in locked(place):
        fits = name and "\nsource = " in block and any(fnmatch.fnmatch(name, one) for one in patterns)
        if fits and name in moved:
            raise Failed(f"{place} has two versions of {name}")
        if fits:
            moved[name] = version
            block = re.sub(r"(?m)^(source|checksum) = .*\n", "", block)
        lock.append(block)
    for name, version in moved.items():
        found = next(REGISTRY.glob(f"*/{name}-{version}"), None)
        if found is None:
            raise Failed(f"cargo has not unpacked {name} {version}")
        shutil.copytree(found, place / "members" / name, ignore=shutil.ignore_patterns(".cargo-ok", "Cargo.lock"))
    (place / "Cargo.lock").write_text("".join(lock))
    with open(place / "Cargo.toml", "a") as manifest:
        # They are no members by name, so that what only they could ask for needs no entry in the lock.
        manifest.write('\n[workspace]\nexclude = ["members"]\n\n[patch.crates-io]\n')
        manifest.writelines(f'{name} = {{ path = "members/{name}" }}\n' for name in moved)
    return sorted(moved)
