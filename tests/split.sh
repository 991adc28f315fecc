#!/usr/bin/env bash
# Libraries split in two steps: the same programs bit for bit, the same plan, and builds that must fail
# in words. Real Nix, in the sandbox.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

package() {
    mkdir -p "$1/src"
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n%s\n[dependencies]\n' \
        "$(basename "$1")" "${2:-}" >"$1/Cargo.toml"
}

# A chain of libraries with a macro, a build script that has libraries of its own, and a program.
workspace() {
    place=$TEMPORARY/ws
    rm -rf "$place"
    mkdir -p "$place/generated"
    cd "$place"
    printf '[workspace]\nmembers = ["app", "base", "middle", "macros", "both"]\nresolver = "2"\n' >Cargo.toml
    package base
    echo '#[derive(Debug, Clone)] pub struct Base<T>(pub T);
pub fn twice<T: Clone>(of: &T) -> Base<(T, T)> { Base((of.clone(), of.clone())) }
#[macro_export] macro_rules! line { () => { line!() } }' >base/src/lib.rs
    package macros $'[lib]\nproc-macro = true'
    echo 'base = { path = "../base" }' >>macros/Cargo.toml
    echo 'extern crate proc_macro;
#[proc_macro]
pub fn made(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    format!("pub const MADE: u32 = {};", base::twice(&21).0.0 * 2).parse().unwrap()
}' >macros/src/lib.rs
    package both $'[lib]\ncrate-type = ["rlib", "cdylib"]'
    echo 'pub fn both() -> u32 { 3 }' >both/src/lib.rs
    package middle
    echo 'base = { path = "../base" }
macros = { path = "../macros" }
both = { path = "../both" }' >>middle/Cargo.toml
    echo 'macros::made!();
pub fn middle() -> base::Base<(u32, u32)> { base::twice(&(MADE + both::both())) }' >middle/src/lib.rs
    package app 'build = "build.rs"'
    echo 'middle = { path = "../middle" }
top = { path = "../top" }
[build-dependencies]
middle = { path = "../middle" }' >>app/Cargo.toml
    echo 'fn main() { println!("cargo:rustc-env=SAID={:?}", middle::middle()); }' >app/build.rs
    echo 'fn main() { println!("{:?} {} {:?}", middle::middle(), env!("SAID"), top::top()); }' >app/src/main.rs
    package top
    echo 'middle = { path = "../middle" }' >>top/Cargo.toml
    echo 'pub fn top() -> String { format!("{:?}", middle::middle()) }' >top/src/lib.rs
    sed -i 's/"both"/"both", "top"/' Cargo.toml
    cargo generate-lockfile --quiet --offline
    planned
}

planned() {
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    "$RBN_PLAN" --locked --offline -p app "$@" >generated/steps.nix
}

built() { nix-build --no-out-link generated/steps.nix -A default --argstr split "$1"; }

names() { nix-instantiate --eval --strict -E "builtins.concatLists (map builtins.attrNames (builtins.attrValues (import ./generated/steps.nix { split = \"$1\"; }).steps))" | tr ' ' '\n'; }

same_programs() {
    workspace
    local off members all
    off=$(built off)
    members=$(built members)
    all=$(built all)
    "$all/bin/app" | grep -F '45'
    cmp "$off/bin/app" "$members/bin/app"
    cmp "$off/bin/app" "$all/bin/app"
    # Programs keep nothing of what they were compiled against.
    diff <(nix-store --query --references "$all" | sed 's/^[^-]*-//') <(nix-store --query --references "$off" | sed 's/^[^-]*-//')
}

what_is_split() {
    workspace
    names off >off
    if grep -F ':metadata' off; then return 1; fi
    names all >all
    # Others are compiled against these two; `both` is of two crate types, `top` only linked.
    grep -F ':metadata' all | sort -u | tee split
    diff split <(printf '"%s-0.1.0:metadata"\n' base middle)
    local middle
    middle=$(nix-instantiate generated/steps.nix --argstr split all -A "steps.$(host_triple).\"middle-0.1.0:metadata\"")
    nix-store --query --references "$middle" | tee references
    grep -q -- '-base-0.1.0-metadata.drv' references
    if grep -q -- '-base-0.1.0.drv' references; then return 1; fi
    # A linker has whole libraries, all of them.
    middle=$(nix-instantiate generated/steps.nix --argstr split all -A 'steps.host."app-0.1.0:build-script"')
    nix-store --query --references "$middle" | tee references
    grep -q -- '-base-0.1.0.drv' references
    grep -q -- '-middle-0.1.0.drv' references
    # The whole library does not wait for its metadata.
    middle=$(nix-instantiate generated/steps.nix --argstr split all -A "steps.$(host_triple).\"middle-0.1.0\"")
    nix-store --query --references "$middle" >references
    if grep -q -- '-middle-0.1.0-metadata.drv' references; then return 1; fi
}

the_argument_is_a_word() {
    workspace
    if nix-instantiate generated/steps.nix --argstr split some -A default 2>words; then return 1; fi
    grep -F 'is "off", "members" or "all", and not "some"' words
}

the_plan_stays() {
    workspace
    cp generated/steps.nix before.nix
    printf '[build]\nsplit = "members"\npackages = ["app"]\n' >config.toml
    planned
    grep -v '^# ' before.nix | diff - <(grep -v '^# ' generated/steps.nix)
    "$RBN_PLAN" build --offline --no-link 2>words
    grep -F -- '--argstr split members' words
    "$RBN_PLAN" verify --offline >words
    cat words
    grep -E '^14 steps planned, 11 recorded from cargo: 14 equal$' words
}

# says WORD...: the build of a step fails, and says all of it.
says() {
    local step=$1
    shift
    if nix build -f generated/steps.nix --no-link -L --argstr split all "steps.${GROUP:-$(host_triple)}.\"$step\"" \
        "${MORE[@]}" >"$TEMPORARY/words" 2>&1; then
        echo "it was built"
        return 1
    fi
    cat "$TEMPORARY/words"
    local word
    for word in "$@"; do
        grep -qF -- "$word" "$TEMPORARY/words" || { echo "the message does not say: $word"; return 1; }
    done
}
MORE=()

another_macro_each_time() {
    workspace
    echo 'extern crate proc_macro;
#[proc_macro]
pub fn made(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("pub const OTHER: u64 = {random}; pub const MADE: u32 = 42;").parse().unwrap()
}' >macros/src/lib.rs
    sed -i '/base/d' macros/Cargo.toml
    cargo generate-lockfile --quiet --offline
    planned
    says app-0.1.0:bin:app 'step "app-0.1.0:bin:app"' 'different metadata of middle 0.1.0' \
        '[override."middle"]' 'split = false' 'HashMap'
    printf '[override.middle]\nsplit = false\n' >config.toml
    planned
    grep -A9 '"middle-0.1.0" = lib' generated/steps.nix | grep -F 'whole = true;'
    built all
}

# compiler SCRIPT: the machine's own rustc behind a script, which is given where metadata is wanted.
compiler() {
    local rustc
    rustc=$(rustc --print sysroot)/bin/rustc
    cat >spoiled.sh <<SCRIPT
#!/bin/sh
case "\$*" in *--json=artifacts*) ;; *) exec $rustc "\$@" ;; esac
for arg; do case \$arg in /nix/store/*/lib) out=\$arg ;; esac; done
real() { $rustc "\$@"; }
$1
SCRIPT
    chmod +x spoiled.sh
    MORE=(--arg toolchain "import ./generated/toolchain.nix // { rustc = \"\${builtins.path { path = $place/spoiled.sh; name = \"rustc-$2\"; }}\"; compilerSeals = { }; }")
}

a_compiler_that_says_nothing() {
    workspace
    compiler 'for arg; do shift; case $arg in --json=*|--error-format=*) ;; *) set -- "$@" "$arg" ;; esac; done; real "$@"' silent
    says 'base-0.1.0:metadata' 'ended without saying that it wrote' '[override."base"]' 'split = false'
}

a_compiler_that_lies() {
    workspace
    compiler 'printf "{\"artifact\":\"%s\",\"emit\":\"metadata\"}\n" "$(echo "$out"/libbase-*.rmeta)" >&2
        for arg; do case $arg in extra-filename=*) name=${arg#*=} ;; esac; done
        printf "{\"artifact\":\"%s\",\"emit\":\"metadata\"}\n" "$out/libbase$name.rmeta" >&2; sleep 9' lies
    says 'base-0.1.0:metadata' 'said that it wrote' 'nothing is there'
}

a_compiler_that_is_killed() {
    workspace
    compiler 'echo half >"$out/libbase.rmeta"; kill -9 $$' killed
    says 'base-0.1.0:metadata' 'rustc was ended by signal 9' 'max-jobs'
}

a_full_disk() {
    workspace
    compiler 'echo "{\"rendered\":\"error: failed to write $out/libbase.rmeta: No space left on device (os error 28)\\n\"}" >&2; exit 1' full
    says 'base-0.1.0:metadata' 'No space left on device' 'rustc found errors'
}

an_old_compiler() {
    workspace
    compiler 'echo "error: unknown argument to --json: artifacts" >&2; exit 1' old
    says 'base-0.1.0:metadata' 'unknown argument to --json' '--json=artifacts' 'rustc found errors'
}

metadata_in_halves() {
    workspace
    compiler 'real "$@" 2>said || exit 1
        case $out in *-metadata/lib) for file in "$out"/*.rmeta; do truncate -s 100 "$file"; done ;; esac
        cat said >&2; sleep 9' halves
    GROUP=host says macros-0.1.0 'different metadata of base 0.1.0' 'split = false'
}

# An error is told once, by the step that met it, in rustc's words; a warning by the whole step.
words_are_rustcs() {
    workspace
    echo 'fn unused() {} pub fn top() -> u8 { middle::middle() }' >top/src/lib.rs
    # No other run has built it: what is in the store says nothing again.
    echo "fn unused() {} // $(date +%s%N)" >>base/src/lib.rs
    says top-0.1.0 'mismatched types' '-->'
    grep -cF 'function `unused` is never used' "$TEMPORARY/words" | grep -x 1
    if grep -F '"rendered"' "$TEMPORARY/words"; then return 1; fi
    echo 'pub fn middle() -> u8 { "" }' >middle/src/lib.rs
    says top-0.1.0 'step "middle-0.1.0:metadata"' 'mismatched types'
}

find_rbn_plan
make_temporary
check 'programs are the same bit for bit' same_programs
check 'what is split, and who reads what' what_is_split
check 'the argument is one of three words' the_argument_is_a_word
check 'the plan stays, and both steps are the one call of cargo' the_plan_stays
check 'a macro that gives other code each time' another_macro_each_time
check 'a compiler that says no message' a_compiler_that_says_nothing
check 'a compiler whose word is not true' a_compiler_that_lies
check 'a compiler that is killed in the middle' a_compiler_that_is_killed
check 'a full disk' a_full_disk
check 'a compiler that is too old' an_old_compiler
check 'metadata in halves' metadata_in_halves
check 'errors and warnings are in rustc'"'"'s words' words_are_rustcs
finish
