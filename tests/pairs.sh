#!/usr/bin/env bash
# Every pair of build machine and target in one plan, of an example and of real projects, without
# building anything:
#
#   tests/pairs.sh [NAME...]
#
# A plan made on x86_64 and one made on aarch64 (played) are the same bytes; no host step is in it
# twice, and those of a target are the ones of its plan alone; all pairs are derivations.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

TARGETS="x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu"
SYSTEMS="x86_64-linux aarch64-linux"

version() {
    case $1 in
        ripgrep) echo 14.1.1 ;;
        jj-cli) echo 0.27.0 ;;
        mdbook) echo 0.4.47 ;;
        *) die "unknown project $1" ;;
    esac
}

# rustc as it would answer on a machine: for all that is asked here, that is being there.
rustc_on() {
    local file=$TEMPORARY/rustc-on-$1
    cat >"$file" <<SCRIPT
#!/bin/sh
RBN_PLAN_INTERNAL_RUSTC=$(command -v rustc) RBN_PLAN_INTERNAL_RUSTC_HOST=$1 exec '$RBN_PLAN' "\$@"
SCRIPT
    chmod +x "$file"
    echo "$file"
}

# plan TARGETS SYSTEMS: for each pair of them.
plan() {
    local words=() word
    for word in $1; do words+=(--target "$word"); done
    for word in $2; do words+=(--system "$word"); done
    "$RBN_PLAN" --release --locked --offline "${words[@]}"
}

same_bytes() {
    local target
    cd "$1"
    plan "$TARGETS" "$SYSTEMS" >generated/steps.nix
    wc -l generated/steps.nix
    for target in $TARGETS; do
        RUSTC=$(rustc_on "$target") plan "$TARGETS" "$SYSTEMS" >other
        cmp generated/steps.nix other
        # A plan for one machine does not say where it was made, either.
        RUSTC=$(rustc_on "$target") plan "$target" aarch64-linux >"one-$target"
        plan "$target" aarch64-linux | cmp - "one-$target"
    done
}

# evaluated FILE SYSTEM EXPRESSION: texts of a plan's `steps` on a machine, a line each.
evaluated() {
    nix-instantiate --eval --strict -E "
        let steps = (import ./generated/$1.nix { system = \"$2\"; }).steps; in toString ($3)" | tr -d '"' | tr ' ' '\n' | sort
}

# A toolchain of each machine. Which standard libraries are there is not the question here.
toolchains() {
    local target
    for target in $TARGETS; do
        RUSTC=$(rustc_on "$target") "$RBN_PLAN" toolchain host >"generated/${target%%-*}-linux.nix"
    done
    cat >generated/toolchain.nix <<'NIX'
{ system }: removeAttrs (import (./. + "/${system}.nix")) [ "targets" ]
NIX
}

host_steps='map (step: step.drvPath) (builtins.attrValues steps.host)'

once() {
    local system target
    cd "$1"
    for system in $SYSTEMS; do
        evaluated steps "$system" "$host_steps" >together
        : >alone
        for target in $TARGETS; do
            plan "$target" "$system" >generated/alone.nix
            evaluated alone "$system" "$host_steps" >>alone
        done
        echo "$(wc -l <together) host steps on $system; $(wc -l <alone) in the plans of one target"
        sort -u alone | diff -u - together
        # Nor is one there twice under two names: whatever rustc makes has an identity of its own.
        evaluated steps "$system" 'map (step: step.id or step.drvPath) (builtins.attrValues steps.host)' | uniq -d >twice
        [ ! -s twice ] || { cat twice; return 1; }
    done
}

instantiated() {
    local system target drv
    cd "$1"
    for system in $SYSTEMS; do
        for target in $TARGETS; do
            nix-instantiate -E "builtins.attrValues (import ./generated/steps.nix { system = \"$system\"; }).packages.$target" >paths
            [ -s paths ]
            while read -r drv; do
                grep -qF ",\"$system\",\"" "${drv%!*}" || { echo "$drv is not built on $system" >&2; return 1; }
            done <paths
            cat paths
        done
    done >all
    sort all | uniq -d >twice
    [ ! -s twice ]
}

command -v nix-instantiate >/dev/null || die "there is no nix; ./tests/run.sh installs it"
find_rbn_plan
make_temporary
# shellcheck disable=SC2046 # a list of names
[ $# -gt 0 ] || set -- hello ripgrep jj-cli $([ -z "${RBN_FULL:-}" ] || echo mdbook)
for name in "$@"; do
    place=$TEMPORARY/$name
    if [ "$name" = hello ]; then
        cp -R "$ROOT/examples/hello" "$place"
        (cd "$place" && cargo fetch --quiet --locked)
    else
        "$ROOT/tests/fetch.sh" "$name" "$(version "$name")" "$place"
    fi
    rm -rf "$place/generated"
    mkdir "$place/generated"
    (cd "$place" && toolchains)
    check "$name: planned on either machine, the same bytes" same_bytes "$place"
    check "$name: no host step twice" once "$place"
    check "$name: each machine and target is a derivation" instantiated "$place"
done
finish
