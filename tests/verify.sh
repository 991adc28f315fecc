#!/usr/bin/env bash
# Proves with `rbn-plan verify` that what Nix would run is what Cargo runs:
#
#   tests/verify.sh fixtures [NAME...]   every workspace of tests/fixtures/workspaces: the selection
#                                        it is meant for, and `check` of all its targets; with
#                                        RBN_FULL=1 the debug build of all its targets too
#   tests/verify.sh projects [NAME...]   real projects from the registry: a handful, and all of them
#                                        with RBN_FULL=1
#
# RBN_PLAN names the program to use, VERBOSE=1 lists what passed. CARGO and RUSTC name another
# Cargo to compare with, such as a distribution's; CROSS=<triple> compares what is made for that
# target (for which build scripts compile C code: its compiler must be there).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FIXTURES=$ROOT/tests/fixtures/workspaces
SMALL="ripgrep-14.1.1 hexyl-0.16.0 sd-1.0.0"
# C code and jemalloc, hundreds of features, workspaces, `panic = "abort"`, LTO of both kinds,
# `links`, proc macros.
ALL="$SMALL tokei-12.1.2 fd-find-10.2.0 zoxide-0.9.7 du-dust-1.1.2 hyperfine-1.19.0 just-1.40.0
    crate2nix-0.15.0 mdbook-0.4.47 bat-0.25.0"
# Scripts that say everything, no text, and search paths; programs of tests; macros; two packages of one name;
# a library that is built and checked for the build machine; packages that are no members.
CHECKED="build-script-protocol build-script-protocol-old native-lib-transitive config-links-override"
CHECKED+=" cargo-bin-exe harness-false macro-with-unit-tests same-name-two-versions lto-thin profile-overrides"
# Older and newer Cargos start tests with other variables.
[ -z "${CARGO:-}${CROSS:-}" ] || CHECKED=
mode=${1:-fixtures}
[ $# -eq 0 ] || shift

words() { if [ -f "$1" ]; then cat "$1"; fi; }

with_profile() {
    case $* in
        *--profile* | *--release*) echo "$*" ;;
        *) echo "--release $*" ;;
    esac
}

# verified DIRECTORY WORDS...: equal, the words of a selection being Cargo's.
verified() {
    local place=$1
    shift
    if [ -n "${CROSS:-}" ]; then set -- --target "$CROSS" "$@"; fi
    echo "verify $*"
    (cd "$place" && "$RBN_PLAN" verify --locked --offline "$@") >"$TEMPORARY/report" || {
        cat "$TEMPORARY/report"
        return 1
    }
    # Without Nix the planner's memory would be compared; the sentence about that is a note.
    cat "$TEMPORARY/report"
    ! grep -q '^note:' "$TEMPORARY/report"
}

fixture() {
    local place=$TEMPORARY/fixture/$1 chosen line
    mkdir -p "$place"
    cp -a "$FIXTURES/$1/." "$place"
    chosen=$(with_profile "$(words "$place/selection")")
    # shellcheck disable=SC2086 # the selection is words
    verified "$place/$(words "$place/directory")" $chosen
    while read -r line; do
        # shellcheck disable=SC2046 # likewise
        verified "$place/$(words "$place/directory")" $(with_profile "$line")
    done < <(words "$place/also" && words "$place/beyond-cargo")
    verified "$place/$(words "$place/directory")" --workspace --all-targets --mode check --release
    # What checks call, of one fixture of each kind; of all with RBN_FULL=1.
    case " ${CHECKED:+${RBN_FULL:+$1}} $CHECKED " in
        *" $1 "*)
            verified "$place/$(words "$place/directory")" --workspace --mode test
            verified "$place/$(words "$place/directory")" --workspace --mode doc
            verified "$place/$(words "$place/directory")" --workspace --all-targets --mode clippy
            ;;
    esac
    if [ -n "${RBN_FULL:-}" ]; then
        verified "$place/$(words "$place/directory")" --workspace --all-targets --profile dev
    fi
    rm -rf "$place"
}

project() {
    local place=$TEMPORARY/project/$1
    "$ROOT/tests/fetch.sh" "${1%-*}" "${1##*-}" "$place"
    verified "$place" --release
    case $1 in
        ripgrep-*)
            [ -n "$CHECKED" ] || return 0
            verified "$place" --workspace --mode test
            verified "$place" --workspace --mode doc
            verified "$place" --workspace --all-targets --mode clippy
            ;;
    esac
    rm -rf "$place"
}

command -v nix-instantiate >/dev/null || die "there is no nix; ./tests/run.sh installs it"
find_rbn_plan
make_temporary
export CARGO_TERM_COLOR=never
case $mode in
    fixtures)
        if [ $# -eq 0 ]; then
            for place in "$FIXTURES"/*/; do set -- "$@" "$(basename "$place")"; done
        fi
        for name in "$@"; do
            [ -f "$FIXTURES/$name/Cargo.toml" ] || die "no fixture $name"
            check "verify $name${CROSS:+ for $CROSS}" fixture "$name"
        done
        ;;
    projects)
        if [ $# -eq 0 ]; then
            # shellcheck disable=SC2046 # a list of names
            set -- $(if [ -n "${RBN_FULL:-}" ]; then echo "$ALL"; else echo "$SMALL"; fi)
        fi
        for name in "$@"; do check "verify $name${CROSS:+ for $CROSS}" project "$name"; done
        ;;
    *) die "unknown mode $mode: fixtures or projects" ;;
esac
finish
