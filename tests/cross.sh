#!/usr/bin/env bash
# Built for aarch64 on x86_64 by Nix, and run under qemu: the fixtures that matter for it, and a
# real project; with RBN_FULL=1 all fixtures, and a project with C code:
#
#   tests/cross.sh [nix] [NAME...]      fixtures and projects, or the named fixtures
#   tests/cross.sh cargo [NAME...]      the fixtures with Cargo: they themselves are right
#
# Uses the distribution's Rust, because that one carries a standard library for both.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
find_rbn_plan

export CROSS=aarch64-unknown-linux-gnu
# The C library is in its own place: libstd-rust-web-dev:arm64 brought it along.
export RUNNER=qemu-aarch64-static
mode=${1:-nix}
[ $# -eq 0 ] || shift
# For Cargo's own build of the fixtures; the planner finds these tools itself.
if [ "$mode" = cargo ]; then
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$RUNNER
    export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
    export AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar
fi
PATH=/usr/bin:$PATH
names=("$@") projects=()
if [ $# -eq 0 ] && [ "$mode" = nix ]; then
    projects=(ripgrep)
    [ -z "${RBN_FULL:-}" ] || projects+=(bat)
fi
if [ $# -eq 0 ] && [ -z "${RBN_FULL:-}" ]; then
    names=(
        hello build-dependency-by-arch build-script-dependencies cdylib config-links-override
        host-target-features lto-thin native-lib-transitive native-lib-without-lib
        panic-abort-proc-macro proc-macro-reads-file rustflags-by-cfg script-environment
        staticlib-own-lib-path
    )
fi
# planned FIXTURE WORDS...: a fixture of its own kind, copied, planned, and where we are then.
planned() {
    cp -a "$ROOT/tests/fixtures/$1" "$TEMPORARY/$1"
    cd "$TEMPORARY/$1"
    shift
    mkdir generated
    cargo fetch --quiet --locked
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    "$RBN_PLAN" --locked --offline "$@" >generated/steps.nix
}

# A target without an operating system: objects for it, and for this machine what runs here.
bare() {
    planned bare --target bpfel-unknown-none
    nix build -f generated/steps.nix -o result
    [ "$(ls result/lib)" = libbare.rlib ]
    of_one_machine bpfel-unknown-none "$PWD/result"
    every_step_of_its_machine "$PWD/generated/steps.nix"
}

# The distribution's zlib of each architecture, found by the pkg-config crate: the target's by what
# is linked for it, the build machine's by the same crate in a build script.
native_library() {
    local target host
    host=$(host_triple)
    planned pkg-config --target "$host" --target "$CROSS"
    for target in "$host" "$CROSS"; do
        nix run -f generated/steps.nix "run.$target.app" | tee printed
        diff -u - printed <<EXPECTED
building: zlib from /usr/lib/${host%%-*}-linux-gnu on ${host%%-*}
running: zlib from /usr/lib/${target%%-*}-linux-gnu on ${target%%-*}
EXPECTED
    done
    every_step_of_its_machine "$PWD/generated/steps.nix"
}

status=0
"$ROOT/tests/workspaces.sh" "$mode" ${names[@]+"${names[@]}"} || status=1
if [ ${#projects[@]} -gt 0 ]; then "$ROOT/tests/projects.sh" "${projects[@]}" || status=1; fi
if [ $# -eq 0 ] && [ "$mode" = nix ]; then
    make_temporary
    check "nix bare" bare
    check "nix pkg-config" native_library
    finish || status=1
    # Targets of other kinds: what is compared needs no standard library.
    for target in aarch64-unknown-linux-musl wasm32-unknown-unknown; do
        CROSS=$target "$ROOT/tests/verify.sh" fixtures script-environment lto-thin || status=1
    done
fi
exit $status
