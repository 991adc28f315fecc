#!/usr/bin/env bash
# The fixtures that matter for it, built for aarch64 on x86_64 by Nix, and run under qemu. Uses the
# distribution's Rust, because that one carries a standard library for both. With RBN_FULL=1: all.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
find_rbn_plan

export CROSS=aarch64-unknown-linux-gnu
export RUNNER="qemu-aarch64-static -L /usr/aarch64-linux-gnu"
# For Cargo's own build of the fixtures; the planner finds these tools itself.
if [ "${1:-nix}" = cargo ]; then
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$RUNNER
    export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc
    export AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar
fi
mode=${1:-nix}
[ $# -eq 0 ] || shift
PATH=/usr/bin:$PATH
names=("$@")
if [ $# -eq 0 ] && [ -z "${RBN_FULL:-}" ]; then
    names=(
        hello build-dependency-by-arch build-script-dependencies cdylib config-links-override
        host-target-features lto-thin native-lib-transitive native-lib-without-lib
        panic-abort-proc-macro proc-macro-reads-file rustflags-by-cfg script-environment
        staticlib-own-lib-path
    )
fi
exec "$ROOT/tests/workspaces.sh" "$mode" ${names[@]+"${names[@]}"}
