#!/usr/bin/env bash
# Real projects from the registry, planned, built by Nix in the sandbox, and put to work:
#
#   tests/projects.sh [NAME...]
#
# Without names: two of them, and all with RBN_FULL=1. Each must print its version, do one real
# task, need nothing at run time that it does not need, and give the same plan from another
# directory, another home and another locale. CROSS=<triple> builds for another machine and runs
# with RUNNER (a command such as qemu-aarch64-static).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

SMALL="ripgrep tokei"
ALL="$SMALL fd-find crate2nix bat mdbook"

version() {
    case $1 in
        ripgrep) echo 14.1.1 ;;
        tokei) echo 12.1.2 ;;
        crate2nix) echo 0.15.0 ;;
        fd-find) echo 10.2.0 ;;
        bat) echo 0.25.0 ;;
        mdbook) echo 0.4.47 ;;
        *) die "unknown project $1: one of $ALL" ;;
    esac
}

# One real task, in a directory that holds `notes.txt` and a Cargo project in `made`.
task() {
    local bin=$2
    ran() {
        local program=$bin/$1
        shift
        # shellcheck disable=SC2086 # a command with arguments
        ${RUNNER:-} "$program" "$@"
    }
    case $1 in
        ripgrep)
            ran rg --version | grep -F 'ripgrep 14.1.1'
            [ "$(ran rg --no-filename -o 'n[a-z]+dle' notes.txt)" = needle ]
            ;;
        tokei)
            ran tokei --version | grep -F 12.1.2
            ran tokei made | grep -E '^ *Rust +1 '
            ;;
        fd-find)
            ran fd --version | grep -F 10.2.0
            [ "$(ran fd --extension rs . made)" = made/src/main.rs ]
            ;;
        crate2nix)
            ran crate2nix --version | grep -F 0.15.0
            ran crate2nix help | grep -F generate
            ;;
        bat)
            ran bat --version | grep -F 0.25.0
            ran bat --color=always --style=plain made/src/main.rs | grep -F "$(printf '\033[')"
            ;;
        mdbook)
            ran mdbook --version | grep -F 0.4.47
            # The book of this project's own pages: each is made, and its links lead to pages that are.
            ran mdbook build --dest-dir "$PWD/book" "$ROOT/docs"
            python3 "$ROOT/tests/documents/book.py" book "$ROOT/docs/SUMMARY.md"
            ;;
    esac
}

plan() {
    local place=$1
    (cd "$place" && "$RBN_PLAN" --release --locked --offline --target "$TARGET")
}

planned() {
    local name=$1 place=$TEMPORARY/one/$1 other="$TEMPORARY/a second place/$1"
    local cargo_home=${CARGO_HOME:-$HOME/.cargo} rustup_home=${RUSTUP_HOME:-$HOME/.rustup}
    rm -rf "$place" "$other"
    "$ROOT/tests/fetch.sh" "$name" "$(version "$name")" "$place"
    "$ROOT/tests/fetch.sh" "$name" "$(version "$name")" "$other"
    mkdir -p "$place/generated" "$TEMPORARY/home"
    plan "$place" >"$place/generated/steps.nix"
    HOME=$TEMPORARY/home CARGO_HOME=$cargo_home RUSTUP_HOME=$rustup_home \
        LC_ALL=C.UTF-8 TZ=Pacific/Auckland plan "$other" >"$TEMPORARY/other.nix"
    cmp "$place/generated/steps.nix" "$TEMPORARY/other.nix"
    # No path of this machine in what is meant to be committed.
    if grep -nF -e "$HOME" -e "$TEMPORARY" -e /nix/store "$place/generated/steps.nix"; then false; fi
}

built() {
    local place=$TEMPORARY/one/$1
    (cd "$place" && "$RBN_PLAN" toolchain host >generated/toolchain.nix)
    nix build -f "$place/generated/steps.nix" -o "$place/result"
    mkdir -p "$TEMPORARY/work/made/src"
    cd "$TEMPORARY/work"
    printf 'hay\nneedle\nhay\n' >notes.txt
    printf 'fn main() {\n    println!("made");\n}\n' >made/src/main.rs
    task "$1" "$place/result/bin"
    # The same through the plan's own command, which knows the emulator.
    nix run -f "$place/generated/steps.nix" "run.$TARGET.$1" -- --version | grep -F "$(version "$1")"
    of_one_machine "$TARGET" "$place/result"
    if [ -n "${CROSS:-}" ]; then every_step_of_its_machine "$place/generated/steps.nix"; fi
}

closed() {
    local path
    nix-store --query --requisites "$TEMPORARY/one/$1/result" | while read -r path; do
        echo "$path"
        if find "$path" -name '*.rlib' -o -name '*.rs' -o -name rustc | grep .; then
            echo "the closure holds sources or a toolchain"
            return 1
        fi
    done
}

find_rbn_plan
make_temporary
TARGET=${CROSS:-$(host_triple)}
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # a list of names
    set -- $(if [ -n "${RBN_FULL:-}" ]; then echo "$ALL"; else echo "$SMALL"; fi)
fi
for name in "$@"; do
    check "$name: one plan from two places" planned "$name"
    check "$name: built and at work" built "$name"
    check "$name: nothing unneeded in its closure" closed "$name"
done
finish
