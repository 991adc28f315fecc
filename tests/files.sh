#!/usr/bin/env bash
# Which files a step sees: a fresh clone and a used checkout give the same bytes, and what nobody may
# see is seen by nobody. docs/files.md has the rule; the fixtures of workspaces.sh show most of it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A package whose script lists all that there is, in a repository with rules.
repository() {
    local place=$1
    mkdir -p "$place/app/src" "$place/app/data" "$place/shared"
    cd "$place"
    cat >Cargo.toml <<'TOML'
[workspace]
members = ["app"]
resolver = "2"
TOML
    cat >app/Cargo.toml <<'TOML'
[package]
name = "app"
version = "0.1.0"
edition = "2021"
TOML
    cat >app/build.rs <<'RUST'
use std::fs;
use std::path::Path;

fn walk(dir: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, names),
            false => names.push(path.to_str().unwrap().replace("./", "")),
        }
    }
}

fn main() {
    let mut names = Vec::new();
    walk(Path::new("."), &mut names);
    walk(Path::new("../shared"), &mut names);
    names.sort();
    println!("cargo:rustc-env=NAMES={}", names.join(" "));
    // As code generators do that write beside their sources.
    fs::write("../shared/made.rs", "").unwrap();
    fs::create_dir_all("src/gen").unwrap();
    fs::write("src/gen/made.txt", "made").unwrap();
}
RUST
    echo 'fn main() { println!("{} {}", env!("NAMES"), include_str!("gen/made.txt")); }' >app/src/main.rs
    printf '%s\n' '*.log' '!keep.log' 'local/' '/app/src/gen' '/shared/made.rs' >.gitignore
    printf '%s\n' '/data/out-*.bin' >app/.gitignore
    echo kept >app/keep.log
    echo forced >app/data/out-1.bin
    echo one >shared/one.txt
    cargo generate-lockfile --offline --quiet
    git init --quiet
    git add --all
    git add --force app/data/out-1.bin
    git -c user.name=t -c user.email=t@example.com commit --quiet -m all
}

# planned PLACE: the plan, and the derivation behind it.
planned() {
    (
        cd "$1"
        mkdir -p generated
        cp "$TEMPORARY/toolchain.nix" generated/
        "$RBN_PLAN" --locked --offline >"$TEMPORARY/steps.nix"
        mv "$TEMPORARY/steps.nix" generated/steps.nix
    )
}
derivation() { nix-instantiate --quiet --quiet "$1/generated/steps.nix" -A default 2>/dev/null; }

a_used_checkout() {
    git clone --quiet "$TEMPORARY/origin" "$TEMPORARY/fresh"
    git clone --quiet "$TEMPORARY/origin" "$TEMPORARY/used"
    planned "$TEMPORARY/fresh"
    fresh=$(derivation "$TEMPORARY/fresh")
    (
        cd "$TEMPORARY/used"
        cargo build --quiet --offline
        (cd app && cargo build --quiet --offline --target-dir elsewhere)
        mkdir -p app/local app/src/local
        touch app/local/x app/src/local/y.rs app/noise.log app/data/out-2.bin
        echo 'include_str!("../../shared/one.txt");' >app/src/local/z.rs
        ln -s /nix/store app/result
    )
    planned "$TEMPORARY/used"
    cmp "$TEMPORARY/fresh/generated/steps.nix" "$TEMPORARY/used/generated/steps.nix"
    [ "$fresh" = "$(derivation "$TEMPORARY/used")" ] || { echo "another derivation"; return 1; }
    # A new file counts before it is committed.
    touch "$TEMPORARY/used/app/data/new.txt"
    [ "$fresh" != "$(derivation "$TEMPORARY/used")" ] || { echo "a new file is not seen"; return 1; }
}

what_the_script_sees() {
    nix build -f "$TEMPORARY/fresh/generated/steps.nix" -o "$TEMPORARY/result"
    "$TEMPORARY/result/bin/app" | tee "$TEMPORARY/printed"
    git clone --quiet "$TEMPORARY/origin" "$TEMPORARY/cargo"
    (cd "$TEMPORARY/cargo" && cargo run --quiet --offline) >"$TEMPORARY/expected"
    diff -u "$TEMPORARY/expected" "$TEMPORARY/printed"
}

a_workspace_below_the_top() {
    mkdir "$TEMPORARY/below"
    cp -a "$TEMPORARY/fresh" "$TEMPORARY/below/ws"
    rm -rf "$TEMPORARY/below/ws/.git"
    mv "$TEMPORARY/below/ws/.gitignore" "$TEMPORARY/below/"
    sed -i 's|^/|/ws/|' "$TEMPORARY/below/.gitignore"
    (cd "$TEMPORARY/below" && git init --quiet && git add --all && git add --force ws/app/data/out-1.bin)
    planned "$TEMPORARY/below/ws"
    grep 'prefix = "ws"' "$TEMPORARY/below/ws/generated/steps.nix"
    touch "$TEMPORARY/below/ws/app/noise.log" "$TEMPORARY/below/ws/app/data/out-3.bin"
    mkdir -p "$TEMPORARY/below/ws/app/src/gen"
    touch "$TEMPORARY/below/ws/app/src/gen/made.txt"
    [ "$fresh" = "$(derivation "$TEMPORARY/below/ws")" ]
}

a_link_out_of_the_workspace() {
    local place=$TEMPORARY/link
    mkdir -p "$place/ws" "$place/outside"
    cp -a "$ROOT/tests/fixtures/workspaces/member-is-symlink/." "$place/ws"
    mv "$place/ws/outside/libx" "$place/outside/"
    rm "$place/ws/packages/libx"
    ln -s "$place/outside/libx" "$place/ws/packages/libx"
    planned "$place/ws"
    nix build -f "$place/ws/generated/steps.nix" -o "$TEMPORARY/result"
    "$TEMPORARY/result/bin/app" | diff -u "$place/ws/expect" -
}

narrowed_by_config() {
    local place=$TEMPORARY/narrow before
    cp -a "$ROOT/tests/fixtures/workspaces/script-in-a-directory" "$place"
    sed -i 's|fn main() {|fn main() {\n    std::fs::read_dir(".").unwrap();|' "$place/build/main.rs"
    planned "$place"
    before=$(derivation "$place")
    touch "$place/src/other.rs"
    [ "$before" != "$(derivation "$place")" ] || { echo "a script that lists sees all"; return 1; }
    printf '[override.app]\nscript-files = []\n' >"$place/config.toml"
    planned "$place"
    grep 'runSees = \[ \]' "$place/generated/steps.nix"
    step() { nix-instantiate --quiet --quiet "$place/generated/steps.nix" -A "steps.$(host_triple).\"app-0.1.0:run\"" 2>/dev/null; }
    before=$(step)
    touch "$place/src/more.rs"
    [ "$before" = "$(step)" ] || { echo "it was narrowed"; return 1; }
}

# A macro searches for it, and Cargo's process finds it: planning says what no step sees, until it is named.
what_git_ignores_and_a_macro_finds() {
    local place=$TEMPORARY/search before
    cp -a "$ROOT/tests/fixtures/workspaces/macro-searches-up" "$place"
    (cd "$place" && git init --quiet && printf '%s\n' .env /generated >.gitignore && git add --all)
    planned "$place" 2>"$TEMPORARY/said"
    cat "$TEMPORARY/said"
    grep 'code that builds app searches for .env; .* git ignores it' "$TEMPORARY/said"
    if grep '^ *"\.env"$' "$place/generated/steps.nix"; then echo "it is seen"; return 1; fi
    # What it costs: an edit of a document and of a manifest's neighbours nothing, one of what is sought all.
    before=$(derivation "$place")
    echo edited >>"$place/README.md"
    mkdir "$place/notes" && touch "$place/notes/one.txt"
    [ "$before" = "$(derivation "$place")" ] || { echo "an edit of what nobody seeks"; return 1; }
    echo edited >>"$place/locales/en/words.txt"
    [ "$before" != "$(derivation "$place")" ] || { echo "what is sought is not seen"; return 1; }
    printf '[override.%s]\nfiles = [".env"]\n' app front >"$place/config.toml"
    planned "$place" 2>"$TEMPORARY/said"
    if grep 'searches for' "$TEMPORARY/said"; then echo "it is named, and said nevertheless"; return 1; fi
    grep '"\.env"' "$place/generated/steps.nix"
}

# Neither a C file beside the others nor code of a helper that git ignores names anything.
what_an_earlier_build_left() {
    local place=$TEMPORARY/left
    cp -a "$ROOT/tests/fixtures/workspaces/script-searches-up" "$place"
    mkdir "$place/notes" && touch "$place/notes/more.h" "$place/extra.toml"
    sed -i 's|^fn main() {|&\n    let _all = std::fs::read_dir("c");|' "$place/crates/app/build.rs"
    (cd "$place" && git init --quiet && printf '%s\n' 'made.*' /generated >.gitignore && git add --all)
    planned "$place"
    cp "$place/generated/steps.nix" "$TEMPORARY/fresh.nix"
    echo '#include "../../../notes/more.h"' >"$place/crates/app/c/made.h"
    echo 'pub fn more() -> String { std::fs::read_to_string("extra.toml").unwrap() }' >"$place/crates/finder/src/made.rs"
    planned "$place"
    diff "$TEMPORARY/fresh.nix" "$place/generated/steps.nix"
    # Of a fresh clone they are.
    (cd "$place" && git add --force crates)
    planned "$place"
    grep '"notes/more\.h"' "$place/generated/steps.nix"
    grep '"extra\.toml"' "$place/generated/steps.nix"
}

a_directory_without_end() {
    local place=$TEMPORARY/out
    cp -a "$ROOT/tests/fixtures/workspaces/include-through-macro" "$place"
    rm -rf "$place/notes"
    ln -s /usr/include "$place/notes"
    if (cd "$place" && "$RBN_PLAN" --locked --offline >/dev/null); then echo "not refused"; return 1; fi
}

find_rbn_plan
make_temporary
export CARGO_TERM_COLOR=never
"$RBN_PLAN" toolchain host >"$TEMPORARY/toolchain.nix"
(repository "$TEMPORARY/origin")
check "a fresh clone and a used checkout are one plan" a_used_checkout
fresh=$(derivation "$TEMPORARY/fresh")
check "a script lists what it lists with Cargo" what_the_script_sees
check "rules above the workspace" a_workspace_below_the_top
check "a member that is a link out of the workspace" a_link_out_of_the_workspace
check "config.toml narrows what a script sees" narrowed_by_config
check "what git ignores, and a macro searches for" what_git_ignores_and_a_macro_finds
check "what an earlier build left, and names files" what_an_earlier_build_left
check "a link to a directory outside of the source tree is refused where it is named" a_directory_without_end
finish
