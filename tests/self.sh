#!/usr/bin/env bash
# The project plans itself: the committed plan is up to date, and Nix builds rbn-plan. On every day without
# optimisation, by a plan for it; with RBN_FULL=1 from the committed plan, which takes some six minutes of processor
# time more.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

find_rbn_plan
make_temporary
cd "$ROOT"
cargo fetch --quiet --locked

builds_itself() {
    local steps=generated/steps.nix
    "$RBN_PLAN" toolchain host -o "$TEMPORARY/toolchain.nix"
    if [ -z "${RBN_FULL:-}" ]; then
        steps=$TEMPORARY/steps.nix
        "$RBN_PLAN" --profile dev -o "$steps"
    fi
    nix build -f "$steps" --arg toolchain "import $TEMPORARY/toolchain.nix" --arg src "$ROOT" \
        -o "$TEMPORARY/result" "packages.$(host_triple).rbn-plan"
    "$TEMPORARY/result/bin/rbn-plan" --version | tee "$TEMPORARY/version"
    grep -q '^rbn-plan [0-9]' "$TEMPORARY/version"
    # What came out plans as what cargo built.
    "$TEMPORARY/result/bin/rbn-plan" check
}

check "generated/steps.nix is up to date" "$RBN_PLAN" check
check "Nix builds rbn-plan from its own plan" builds_itself
finish
