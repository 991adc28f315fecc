#!/usr/bin/env bash
# The project plans itself: the committed plan is up to date, and Nix builds rbn-plan from it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

find_rbn_plan
make_temporary
cd "$ROOT"
cargo fetch --quiet --locked

builds_itself() {
    "$RBN_PLAN" toolchain host -o "$TEMPORARY/toolchain.nix"
    nix build -f generated/steps.nix --arg toolchain "import $TEMPORARY/toolchain.nix" \
        -o "$TEMPORARY/result" "packages.$(host_triple).rbn-plan"
    "$TEMPORARY/result/bin/rbn-plan" --version | tee "$TEMPORARY/version"
    grep -q '^rbn-plan [0-9]' "$TEMPORARY/version"
    # What came out plans as what cargo built.
    "$TEMPORARY/result/bin/rbn-plan" check
}

check "generated/steps.nix is up to date" "$RBN_PLAN" check
check "Nix builds rbn-plan from its own plan" builds_itself
finish
