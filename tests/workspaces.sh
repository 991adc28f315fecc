#!/usr/bin/env bash
# Walks over the fixtures of tests/fixtures/workspaces and builds and runs each of them.
#
#   tests/workspaces.sh cargo [NAME...]   with Cargo: the fixtures themselves are right
#   tests/workspaces.sh nix [NAME...]     planned by rbn-plan, built by Nix in the sandbox
#
# RBN_PLAN names the program to use, VERBOSE=1 lists what passed, CROSS=<triple> builds for another
# machine and runs with RUNNER (a command such as qemu-aarch64-static).
# tests/fixtures/workspaces/README.md says what the files of a fixture mean. More names are known
# beside the fixtures, made on the spot: `git-sources` (tests/fixtures/git), `own-registry`
# (tests/fixtures/registry), the examples `hello` and `git-dependency`, and `hello-vendored`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FIXTURES=$ROOT/tests/fixtures/workspaces
mode=${1:-cargo}
[ $# -eq 0 ] || shift

# The words of a one-line file of a fixture, or nothing.
words() { if [ -f "$1" ]; then cat "$1"; fi; }

# What is selected, always with a profile: --release unless the fixture says otherwise.
selection() {
    local chosen
    chosen=$(words "$1/selection")
    case $chosen in
        *--profile* | *--release*) ;;
        *) chosen="--release $chosen" ;;
    esac
    printf '%s' "$chosen"
}

# Where a workspace lies. One that needs a git repository is prepared once, because the
# repository's address is a fact of the plan and may not differ between two copies.
origin() {
    case $1 in
        hello) echo "$ROOT/examples/hello" ;;
        git-dependency) echo "$TEMPORARY/prepared/example/app" ;;
        git-sources) echo "$TEMPORARY/prepared/fixture/app" ;;
        own-registry) echo "$TEMPORARY/prepared/registry/app" ;;
        hello-vendored) echo "$TEMPORARY/prepared/vendored" ;;
        *) echo "$FIXTURES/$1" ;;
    esac
}

# The example with all its crates in a directory of the workspace.
vendored() {
    cp -R "$ROOT/examples/hello" "$TEMPORARY/prepared/vendored"
    cd "$TEMPORARY/prepared/vendored"
    rm -rf generated target
    mkdir .cargo
    cargo vendor --quiet --locked third-party >.cargo/config.toml
}

prepare() {
    mkdir -p "$TEMPORARY/prepared"
    # What is fetched from a place that will be gone must not stay in the user's Cargo home.
    case $1 in git-* | own-registry) export CARGO_HOME=$TEMPORARY/cargo-home ;; esac
    case $1 in
        git-dependency) "$ROOT/examples/git-dependency/prepare.sh" "$TEMPORARY/prepared/example" ;;
        git-sources) "$ROOT/tests/fixtures/git/prepare.sh" "$TEMPORARY/prepared/fixture" ;;
        own-registry) "$ROOT/tests/fixtures/registry/prepare.sh" "$TEMPORARY/prepared/registry" ;;
        hello-vendored) vendored ;;
        *) return 0 ;;
    esac
    # Cargo fetches once, as a user's Cargo would have done.
    (cd "$(origin "$1")" && cargo fetch --quiet --locked)
}

# copy NAME DESTINATION: the tests must not find (or leave) build products in the fixture.
copy() {
    mkdir -p "$2"
    cp -a "$(origin "$1")/." "$2"
    rm -rf "$2/target" "$2"/generated/*.nix
}

# The program to run: `app`, but for the example with a name of its own.
binary() { case $1 in hello*) echo hello ;; *) echo app ;; esac; }

compare() {
    diff -u --label expected --label printed "$(origin "$1")/expect" "$2"
}

run_with_cargo() {
    # `cargo run` does not know what selects more than programs.
    # shellcheck disable=SC2001,SC2046 # the selection is words
    cargo run --quiet --locked --offline --target "$TARGET" \
        $(sed -E 's/--(workspace|bins|examples|all-targets)( |$)//g' <<<"$3") \
        --bin "$(binary "$1")" >"$2/printed"
    compare "$1" "$2/printed"
}

with_cargo() {
    local name=$1 place=$TEMPORARY/cargo/$1 chosen line file built
    prepare "$name"
    copy "$name" "$place"
    cd "$place/$(words "$place/directory")"
    export CARGO_TARGET_DIR=$place/target
    chosen=$(selection "$place")
    # shellcheck disable=SC2086 # the selection is words
    cargo build --locked --offline --target "$TARGET" $chosen
    # Some have nothing to run.
    if [ -f "$place/expect" ]; then run_with_cargo "$name" "$place" "$chosen"; fi
    for file in $(words "$place/outputs"); do
        built=$(echo "$CARGO_TARGET_DIR/$TARGET"/*/"${file#*/}")
        [ -e "$built" ] || { echo "cargo made no $file"; false; }
    done
    for file in $(words "$place/absent"); do
        built=$(echo "$CARGO_TARGET_DIR/$TARGET"/*/"${file#*/}")
        [ ! -e "$built" ] || { echo "cargo made $built"; false; }
    done
    while read -r line; do
        echo "also: $line"
        case $line in *--profile*) ;; *) line="--release $line" ;; esac
        # shellcheck disable=SC2086
        cargo build --locked --offline --target "$TARGET" $line
    done < <(words "$place/also")
    rm -rf "$place"
}

# plan PLACE WORDS...: writes generated/ of the workspace.
plan() {
    local place=$1
    shift
    mkdir -p "$place/generated"
    cd "$place/$(words "$place/directory")"
    "$RBN_PLAN" toolchain host >"$TEMPORARY/toolchain.nix"
    "$RBN_PLAN" --locked --offline --target "$TARGET" "$@" >"$TEMPORARY/steps.nix"
    mv "$TEMPORARY/toolchain.nix" "$TEMPORARY/steps.nix" "$place/generated/"
}

with_nix() {
    local name=$1 place=$TEMPORARY/nix/$1 again=$TEMPORARY/again/elsewhere/$1 chosen line file
    prepare "$name"
    copy "$name" "$place"
    copy "$name" "$again"
    chosen=$(selection "$place")
    # shellcheck disable=SC2086 # the selection is words
    plan "$place" $chosen
    # shellcheck disable=SC2086
    plan "$again" $chosen
    cmp "$place/generated/steps.nix" "$again/generated/steps.nix"
    nix build -f "$place/generated/steps.nix" -o "$place/result"
    if [ -f "$place/expect" ]; then
        # For a program that links Rust's own libraries dynamically.
        LD_LIBRARY_PATH=$place/result/lib:$(rustc --print target-libdir --target "$TARGET") \
            ${RUNNER:-} "$place/result/bin/$(binary "$name")" >"$place/printed"
        compare "$name" "$place/printed"
    fi
    of_one_machine "$TARGET" "$place/result"
    if [ -n "${CROSS:-}" ]; then every_step_of_its_machine "$place/generated/steps.nix"; fi
    for file in $(words "$place/outputs"); do
        [ -e "$place/result/$file" ] || { echo "Nix made no $file"; ls -R "$place/result/"; false; }
    done
    for file in $(words "$place/absent"); do
        [ ! -e "$place/result/$file" ] || { echo "Nix made $file"; false; }
    done
    while read -r line; do
        echo "also: $line"
        case $line in *--profile*) ;; *) line="--release $line" ;; esac
        # shellcheck disable=SC2086
        plan "$place" $line
        nix build -f "$place/generated/steps.nix" --no-link
    done < <(words "$place/also" && words "$place/beyond-cargo")
    if [ -f "$place/checked" ]; then
        # shellcheck disable=SC2046 # the selection is words
        plan "$place" --mode check --release $(words "$place/checked")
        nix build -f "$place/generated/steps.nix" -o "$place/result"
        ls "$place/result/checked" | grep '\.rmeta$'
    fi
    rm -rf "$place" "$again"
}

case $mode in
    cargo) ;;
    nix)
        command -v nix >/dev/null || die "there is no nix; ./tests/run.sh installs it"
        find_rbn_plan
        ;;
    *) die "unknown mode $mode: cargo or nix" ;;
esac

make_temporary
TARGET=${CROSS:-$(host_triple)}
export CARGO_TERM_COLOR=never
# Submodules of a local repository: git refuses them otherwise.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always
if [ $# -eq 0 ]; then
    for place in "$FIXTURES"/*/; do
        set -- "$@" "$(basename "$place")"
    done
    set -- "$@" git-sources own-registry git-dependency hello hello-vendored
fi
for name in "$@"; do
    case $name in
        hello | hello-vendored | git-sources | git-dependency | own-registry) ;;
        *) [ -f "$FIXTURES/$name/README.md" ] || die "no fixture $name" ;;
    esac
    check "$mode $name" "with_$mode" "$name"
done
finish
