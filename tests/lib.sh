# What the test scripts share: counting, talking, a place for temporary files.
# Sourced, never run. The caller has `set -euo pipefail`.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PASSED=0
FAILED=0

say() { printf '%s\n' "$*" >&2; }

# What cannot be cured by a script ends it with a sentence.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

# A directory of our own, gone at the end. Files that Nix or Cargo made read-only go too.
make_temporary() {
    TEMPORARY=$(mktemp -d "${TMPDIR:-/tmp}/rbn-tests.XXXXXX")
    trap 'chmod -R u+w "$TEMPORARY" 2>/dev/null || true; rm -rf "$TEMPORARY"' EXIT
}

# check NAME COMMAND...: counts; a failing check shows the end of its log.
check() {
    local name=$1 log status
    shift
    log=$TEMPORARY/check.log
    # The first failing command decides. As the condition of an `if` the subshell would go on
    # after it: bash switches `set -e` off there, whatever the subshell itself says.
    set +e
    (set -euo pipefail; "$@") >"$log" 2>&1
    status=$?
    set -e
    if [ "$status" -ne 0 ]; then
        FAILED=$((FAILED + 1))
        say "FAILED $name"
        tail -n "${LOG_LINES:-30}" "$log" | sed 's/^/    /' >&2
    else
        PASSED=$((PASSED + 1))
        if [ -n "${VERBOSE:-}" ]; then say "ok     $name"; fi
    fi
}

# The closing line, and the exit code that fits it.
finish() {
    printf '%s passed, %s failed\n' "$PASSED" "$FAILED"
    [ "$FAILED" -eq 0 ]
}

host_triple() { rustc -vV | sed -n 's/^host: //p'; }

# rbn-plan under test: the one given in RBN_PLAN, else built here.
find_rbn_plan() {
    if [ -z "${RBN_PLAN:-}" ]; then
        cargo build --quiet --locked --manifest-path "$ROOT/Cargo.toml"
        RBN_PLAN=${CARGO_TARGET_DIR:-$ROOT/target}/debug/rbn-plan
    fi
    [ -x "$RBN_PLAN" ] || die "no rbn-plan at $RBN_PLAN"
    export RBN_PLAN
}
