#!/usr/bin/env bash
# On an aarch64 machine, which qemu plays program by program (aarch64-tree.sh):
#
#   tests/aarch64.sh
#
# rbn-plan itself, built for aarch64, with that machine's Cargo and rustc, makes the same plans as
# here; and Nix builds a plan there, natively.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/aarch64-tree.sh"

BOTH=(--locked --offline --system x86_64-linux --system aarch64-linux
    --target x86_64-unknown-linux-gnu --target aarch64-unknown-linux-gnu)

# The program for that machine, by Cargo.
theirs() {
    local target=aarch64-unknown-linux-gnu
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
        cargo build --quiet --locked --manifest-path "$ROOT/Cargo.toml" --target "$target" \
        --target-dir "$ROOT/tests/.cache/aarch64-target"
    cp "$ROOT/tests/.cache/aarch64-target/$target/debug/rbn-plan" "$TEMPORARY/rbn-plan"
}

# A plan of `$1` made here and one made there are the same bytes.
same_plan() {
    cd "$1"
    rm -rf target
    "$RBN_PLAN" "${BOTH[@]}" >"$TEMPORARY/here"
    on_aarch64 "$TEMPORARY/rbn-plan" "${BOTH[@]}" >"$TEMPORARY/there"
    wc -l "$TEMPORARY/here"
    cmp "$TEMPORARY/here" "$TEMPORARY/there"
    # Without a word it is each machine's own.
    on_aarch64 "$TEMPORARY/rbn-plan" --locked --offline | grep '^# Built on: aarch64-linux$'
}

# Planned, built and run there: nothing is cross-built.
native() {
    local settings
    cp -R "$ROOT/examples/hello" "$TEMPORARY/native"
    cd "$TEMPORARY/native"
    rm -rf generated target
    mkdir generated
    on_aarch64 "$TEMPORARY/rbn-plan" toolchain host >generated/toolchain.nix
    on_aarch64 "$TEMPORARY/rbn-plan" --locked --offline >generated/steps.nix
    settings=$(printf '%s\n' "$NIX_CONFIG" | grep -v '^extra-sandbox-paths')
    # The sandbox shows that machine's directories in the place of this one's.
    NIX_CONFIG="$settings
extra-platforms = aarch64-linux
extra-sandbox-paths = /usr=$AARCH64_TREE/usr /lib=$AARCH64_TREE/usr/lib" \
        emulating nix build -f generated/steps.nix -o result
    of_one_machine aarch64-unknown-linux-gnu "$PWD/result"
    qemu-aarch64-static result/bin/hello | diff -u "$ROOT/examples/hello/expect" -
    grep -qF ',"aarch64-linux","/usr/bin/bash",' "$(nix-store --query --deriver result)"
}

find_rbn_plan
make_temporary
# Both machines have the distribution's compiler: a plan depends on its version.
PATH=/usr/bin:$PATH
reason=$(no_aarch64)
[ -z "$reason" ] || die "no aarch64 machine can be played here: $reason"
need_nix
need_aarch64
theirs
cp -R "$ROOT/examples/hello" "$TEMPORARY/hello"
(cd "$TEMPORARY/hello" && cargo fetch --quiet --locked)
"$ROOT/tests/fetch.sh" ripgrep 14.1.1 "$TEMPORARY/ripgrep"
check "hello: planned on aarch64 and on x86_64, the same bytes" same_plan "$TEMPORARY/hello"
check "ripgrep: planned on aarch64 and on x86_64, the same bytes" same_plan "$TEMPORARY/ripgrep"
check "hello: built on aarch64 and run" native
finish
