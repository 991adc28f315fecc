#!/usr/bin/env python3
"""Writes a workspace of many path packages: synthetic.py COUNT DIRECTORY

The packages form a heap (package i needs 2i+1, 2i+2 and one across), so all of them are reached from
the first, the graph is deep only by the logarithm, and the same COUNT gives the same bytes. Every
twentieth has a build script, every third a feature that its dependents switch on.
"""

import pathlib
import sys


def name(index: int) -> str:
    return f"part-{index:05}"


def write_package(root: pathlib.Path, index: int, count: int) -> None:
    place = root / "parts" / name(index)
    (place / "src").mkdir(parents=True)
    needs = sorted({n for n in (2 * index + 1, 2 * index + 2, 2 * index + 3) if n < count})
    manifest = [
        "[package]",
        f'name = "{name(index)}"',
        f'version = "0.{index % 7}.{index % 11}"',
        'edition = "2024"',
        "",
    ]
    if index % 3 == 0:
        manifest += ["[features]", "extra = []", ""]
    if needs:
        manifest.append("[dependencies]")
        for need in needs:
            extra = ', features = ["extra"]' if need % 3 == 0 else ""
            manifest.append(f'{name(need)} = {{ path = "../{name(need)}"{extra} }}')
    (place / "Cargo.toml").write_text("\n".join(manifest) + "\n")
    calls = "".join(f" + part_{need:05}::sum()" for need in needs[:2])
    (place / "src" / "lib.rs").write_text(
        f"/// One and what is below.\npub fn sum() -> u64 {{\n    1{calls}\n}}\n"
    )
    if index % 20 == 19:
        (place / "build.rs").write_text('fn main() {\n    println!("cargo::rustc-cfg=scripted");\n}\n')


def main() -> None:
    count, root = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    for index in range(count):
        write_package(root, index, count)
    app = root / "app"
    (app / "src").mkdir(parents=True)
    (app / "Cargo.toml").write_text(
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n\n'
        f'[dependencies]\n{name(0)} = {{ path = "../parts/{name(0)}" }}\n'
    )
    (app / "src" / "main.rs").write_text(
        'fn main() {\n    println!("{}", part_00000::sum());\n}\n'
    )
    (root / "Cargo.toml").write_text(
        '[workspace]\nmembers = ["app", "parts/*"]\ndefault-members = ["app"]\nresolver = "3"\n'
    )


if __name__ == "__main__":
    main()
