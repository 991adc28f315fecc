#!/usr/bin/env bash
# Real projects, built cold by another machine, then edited, pushed, and built by a third one that has nothing but
# the cache. Prints what all of that costs: docs/machines.md has these figures. As root.
#
#   tests/machines-projects.sh [NAME...]    names: ripgrep mdbook (default: all)
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
need_rust
need_nix
find_rbn_plan
make_temporary
RBN_PLAN=$(realpath "$RBN_PLAN")
. "$ROOT/tests/hosts/play.sh"

version() {
    case $1 in
        ripgrep) echo 14.1.1 ;;
        mdbook) echo 0.4.47 ;;
        *) die "no project is called $1" ;;
    esac
}

# The file that is edited, and the program.
main() { case $1 in ripgrep) echo crates/core/main.rs ;; *) echo src/main.rs ;; esac; }
program() { case $1 in ripgrep) echo rg ;; *) echo "$1" ;; esac; }

# The bytes of all archives of a cache, as they are stored.
size() { sed -n 's/^FileSize: //p' "$1"/*.narinfo | awk '{ sum += $1 } END { printf "%.1f MB", sum / 1e6 }'; }

megabytes() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f MB", (to - from) / 1e6 }'; }

figure() { printf '%s: %s\n' "$1" "$2" >>"$TEMPORARY/figures"; }

# built: how many steps the last build built, and that all of them were built on a host.
built() {
    local number
    number=$(sed -nE 's/^Built (all )?([0-9]+) .*steps? in.*/\2/p' "$TEMPORARY/said")
    [ -n "$number" ] || { cat "$TEMPORARY/said"; echo "it does not say how many it built"; return 1; }
    built_on "$1" "[0-9]+" >&2
    echo "$number"
}

# counted_up: each line says one more than the one before, and the last one all.
counted_up() {
    local last
    grep -oE '^\[[0-9]+/[0-9]+\]' "$TEMPORARY/said" | tr -d '[]' \
        | awk -F/ '$1 > $2 || $1 < before { print "the counts go " $0; exit 1 } { before = $1 }'
    last=$(grep -oE '^\[[0-9]+/[0-9]+\]' "$TEMPORARY/said" | tail -n 1 | tr -d '[]')
    [ "${last%/*}" = "${last#*/}" ] || { echo "the last line is $last"; return 1; }
}

project() {
    local name=$1 steps edited after asked before sent start cache=$TEMPORARY/$1-cache url there
    "$ROOT/tests/fetch.sh" "$name" "$(version "$name")" "$TEMPORARY/$name"
    cd "$TEMPORARY/$name"
    # A repository, so that what a build leaves is no source.
    git init --quiet .
    printf '/target\n/generated\n/here\n' >>.gitignore
    mkdir -p generated
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    # No step of it is in any store, whatever was built here before.
    mv generated/toolchain.nix generated/machine.nix
    echo "let machine = import ./machine.nix; in machine // { fingerprint = machine.fingerprint ++ [ \"$(date +%s%N)\" ]; }" \
        >generated/toolchain.nix
    "$RBN_PLAN" status --no-cache --format json >"$TEMPORARY/status"
    steps=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["build"])' <"$TEMPORARY/status")
    # Cold: all by the other machine, each once.
    start=$SECONDS
    run 0 "$RBN_PLAN" build --out-link here --jobs 0 -- --builders "ssh-ng://hostb $(uname -m)-linux - 2"
    figure "$name, cold on another machine" "$((SECONDS - start)) s"
    [ "$(built hostb)" -eq "$steps" ] || { cat "$TEMPORARY/said"; echo "not $steps steps"; return 1; }
    counted_up
    figure "$name, steps" "$steps"
    "./here/bin/$(program "$name")" --version | grep -F "$(version "$name")"
    run 0 "$RBN_PLAN" status --no-cache
    says "0 to build"
    key test.example-1
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    figure "$name, pushed" "$(sed -nE 's/.*: ([0-9]+ paths?) missing there, and sent/\1/p' "$TEMPORARY/said"), $(size "$cache")"
    # An edit: what is built there, and what a push sends.
    echo "// an edit" >>"$(main "$name")"
    run 0 "$RBN_PLAN" build --out-link here --jobs 0 -- --builders "ssh-ng://hostb $(uname -m)-linux - 2"
    edited=$(built hostb)
    counted_up
    [ "$edited" -le 3 ] || { cat "$TEMPORARY/said"; echo "an edit built $edited steps"; return 1; }
    cp -a "$cache" "$cache-before"
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    after=$(sed -nE 's/.*: ([0-9]+) paths? missing there, and sent/\1/p' "$TEMPORARY/said")
    [ "$after" -le "$edited" ] || { cat "$TEMPORARY/said"; echo "$after paths were sent for $edited steps"; return 1; }
    figure "$name, an edit" "$edited steps built, $after paths pushed"
    # A fresh machine after that edit takes what it links from the cache of before.
    far "$cache-before"
    url=http://127.0.0.1:$(cat "$TEMPORARY/far.port")
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = $url"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    read -r before _ sent <"$TEMPORARY/far.asked" || before=0 sent=0
    run 0 on "fresh-$name" "$RBN_PLAN" build --no-link
    says "Built $edited of $steps steps in"
    read -r asked _ there <"$TEMPORARY/far.asked"
    figure "$name, a fresh machine after it" \
        "$(sed -nE 's/.* ([0-9]+) came from a cache.*/\1/p' "$TEMPORARY/said") steps fetched, $(megabytes "${sent:-0}" "$there") of $((asked - ${before:-0})) answers"
}

seed() {
    local place=$TEMPORARY/seed
    mkdir -p "$place/src" "$place/generated"
    cd "$place"
    printf '[package]\nname = "seed"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n' >Cargo.toml
    echo 'fn main() {}' >src/main.rs
    cargo generate-lockfile --quiet --offline
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" -o generated/steps.nix
    on seed nix-build generated/steps.nix --no-out-link
}

[ $# -gt 0 ] || set -- ripgrep mdbook
check "a host is made ready" seed
for name in "$@"; do
    check "$name: cold by another machine, an edit, a fresh machine" project "$name"
done
if [ -e "$TEMPORARY/figures" ]; then sed 's/^/   /' "$TEMPORARY/figures" >&2; fi
finish
