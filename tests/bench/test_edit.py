"""What an edit of a member costs those who test the whole workspace: `rbn-plan test` beside `cargo test`, and beside
one derivation that compiles and tests all members with the dependencies' artifacts at hand, as crane does it (played
by Cargo: the members' artifacts are removed, the dependencies' stay)."""

import os
import re
import subprocess
import time

from common import HOST, RBN_PLAN, RUNS, Failed, median, row, run

# Layers of members, each needs all of the layer below; each has a test of its own and a program of tests.
LAYERS, WIDTH = 4, 3
OURS = [RBN_PLAN, "test", "--workspace", "--locked", "--offline"]
CARGO = ["cargo", "test", "--workspace", "--locked", "--offline", "--target", HOST]
EDITS = {"top": LAYERS - 1, "middle": LAYERS // 2, "bottom": 0}


def member(layer, index):
    return f"part-{layer}-{index}"


def workspace(temporary):
    place = temporary / "tested"
    (place / "generated").mkdir(parents=True)
    (place / "Cargo.toml").write_text('[workspace]\nmembers = ["parts/*"]\nresolver = "3"\n')
    for layer in range(LAYERS):
        for index in range(WIDTH):
            name = member(layer, index)
            part = place / "parts" / name
            (part / "src").mkdir(parents=True)
            (part / "tests").mkdir()
            below = [member(layer - 1, other) for other in range(WIDTH)] if layer else []
            needs = "".join(f'{one} = {{ path = "../{one}" }}\n' for one in below)
            (part / "Cargo.toml").write_text(
                f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\n{needs}'
                'regex = "1"\nserde = { version = "1", features = ["derive"] }\nserde_json = "1"\n')
            crate = name.replace("-", "_")
            sums = "".join(f" + {one.replace('-', '_')}::sum(text)" for one in below)
            (part / "src/lib.rs").write_text(
                "#[derive(serde::Serialize, serde::Deserialize)]\npub struct Numbers(pub Vec<u64>);\n"
                "pub fn sum(text: &str) -> u64 {\n"
                "    let number = regex::Regex::new(r\"[0-9]+\").unwrap();\n"
                "    let all = Numbers(number.find_iter(text).map(|one| one.as_str().parse().unwrap()).collect());\n"
                "    let all: Numbers = serde_json::from_str(&serde_json::to_string(&all).unwrap()).unwrap();\n"
                f"    all.0.iter().sum::<u64>(){sums}\n}}\n"
                "#[test]\nfn sums() {\n    assert!(sum(\"1 and 2\") >= 3);\n}\n")
            (part / "tests/sums.rs").write_text(
                f"#[test]\nfn of_nothing() {{\n    assert_eq!({crate}::sum(\"\"), 0);\n}}\n")
    run(["cargo", "generate-lockfile"], place)
    run(["cargo", "fetch", "--locked"], place)
    run([RBN_PLAN, "toolchain", "host", "-o", "generated/toolchain.nix"], place)
    return place


def tested(place):
    """Seconds of `rbn-plan test`, and how many steps it built; the reports of all programs say passed."""
    began = time.perf_counter()
    done = subprocess.run(OURS, cwd=place, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    said = done.stdout + done.stderr
    built = re.search(r"^Built (?:all )?(\d+)\b", said, re.M)
    passed = f"Summary: {2 * LAYERS * WIDTH} passed"
    nothing = "\nNothing to build" in f"\n{said}"
    if done.returncode or not (built or nothing) or passed not in said:
        raise Failed(f"{' '.join(OURS)}: exit {done.returncode}\n{said[-2000:]}")
    return seconds, int(built[1]) if built else 0


def part_test_edit(temporary):
    place = workspace(temporary)
    cargo = {**os.environ, "CARGO_TARGET_DIR": str(temporary / "tested-target")}
    again = {**os.environ, "CARGO_TARGET_DIR": str(temporary / "tested-again")}
    members = [flag for layer in range(LAYERS) for index in range(WIDTH) for flag in ("-p", member(layer, index))]

    def crane():
        run(["cargo", "clean", "--offline", "--target", HOST, *members], place, again)
        return run(CARGO, place, again)[0]

    tested(place), run(CARGO, place, cargo), run(CARGO, place, again)
    for name, layer in [("nothing", None), *EDITS.items()]:
        turns = []
        for _ in range(RUNS):
            if layer is not None:
                with open(place / "parts" / member(layer, 0) / "src/lib.rs", "a") as file:
                    file.write(f"// edit {time.time_ns()}\n")
            turns.append((*tested(place), run(CARGO, place, cargo)[0], crane()))
        ours, steps, theirs, whole = (median(column) for column in zip(*turns))
        what = "nothing was edited" if layer is None else f"an edit of a member at the {name}"
        row(f"rbn-plan test, {what}", f"{ours:.2f} s",
            f"{steps:.0f} derivations; cargo test {theirs:.2f} s; all members again {whole:.2f} s")
