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

# The processor time of all that ran below this shell, in hundredths of a second.
spent() { awk '{ print $16 + $17 }' "/proc/$$/stat"; }

# asked NAME COMMAND...: a check, if one of WORDS is in its name, or there are none; with VERBOSE what it cost, too.
asked() {
    local before word wanted=
    before=$(spent)
    for word in "${WORDS[@]:-}"; do
        case $1 in *"$word"*) wanted=1 ;; esac
    done
    [ -n "$wanted" ] || return 0
    check "$@"
    if [ -n "${VERBOSE:-}" ]; then say "       $((($(spent) - before) / 100)) s of processor time"; fi
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

# readelf's word for the machine of a target triple; nothing where it makes no ELF files.
machine_of() {
    case $1 in
        x86_64-*) echo X86-64 ;;
        aarch64-*) echo AArch64 ;;
        arm*-linux-* | thumb*-linux-*) echo ARM ;;
        i?86-*) echo 80386 ;;
        bpf*) echo BPF ;;
        *) die "no test knows the machine of $1" ;;
    esac
}

# of_one_machine TRIPLE PATH...: every object below the paths, members of archives too, is of the
# triple's machine. Prints how many there are. What is no object (bitcode, a text) has no machine.
of_one_machine() {
    local machine
    machine=$(machine_of "$1")
    shift
    { find -L "$@" -type f -exec readelf -hW {} + 2>/dev/null || true; } \
        | awk -v machine="$machine" '
            /^File: / { file = $0 }
            /^ *Machine: / { count++; if (!index($0, machine)) { print file $0 >"/dev/stderr"; bad = 1 } }
            END { print count + 0; exit bad }'
}

# every_step_of_its_machine STEPS_NIX: what a plan's steps made, group by group, is of the group's
# machine, and every crate and program holds objects at all.
every_step_of_its_machine() {
    local groups group triple paths path count all=0
    groups=$(nix-instantiate --eval -E "toString (builtins.attrNames (import $1 { }).steps)" | tr -d '"')
    for group in $groups; do
        triple=$group
        if [ "$group" = host ]; then triple=$(host_triple); fi
        paths=$(nix-build --no-out-link -E "builtins.attrValues (import $1 { }).steps.$group")
        for path in $paths; do
            count=$(of_one_machine "$triple" "$path") || {
                echo "$path of $group is not for $triple only"
                return 1
            }
            all=$((all + count))
            if [ -d "$path/lib" ] || [ -d "$path/bin" ]; then
                [ "$count" -gt 0 ] || { echo "$path of $group holds no object"; return 1; }
            fi
        done
    done
    echo "$all objects, each of its step's machine"
    [ "$all" -gt 0 ]
}
