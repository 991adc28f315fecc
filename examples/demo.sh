#!/usr/bin/env bash
# From nothing to a program that Nix built step by step:
#
#   ./examples/demo.sh              for this machine
#   ./examples/demo.sh --aarch64    for aarch64 from x86_64, too, and run through qemu
#
# Installs Nix from the distribution's packages if it is missing, builds rbn-plan with cargo, plans
# a copy of examples/hello, builds it in Nix's sandbox and runs it. Safe to run twice.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/lib.sh
. tests/machine.sh

echo "1. Making the machine ready: a C compiler and Nix. (About a minute where they are missing.)"
need_rust
need_nix
echo "   $(rustc --version), $(nix --version)"

echo "2. Building rbn-plan with cargo. (The first time one to three minutes; then nothing is left to do.)"
if [ -z "${RBN_PLAN:-}" ]; then cargo build --locked; fi
find_rbn_plan
echo "   $("$RBN_PLAN" --version)"

make_temporary
cp -R examples/hello "$TEMPORARY/hello"
cd "$TEMPORARY/hello"
rm -rf generated target
cargo fetch --quiet --locked

echo "3. rbn-plan build: plan examples/hello, and let Nix build it in its sandbox. (About ten seconds.)"
echo
"$RBN_PLAN" build --locked || die "the build failed (see above)"
echo
echo "   The plan, generated/steps.nix, has $(wc -l <generated/steps.nix) lines; most are a library that is the same in every plan."

echo "4. The program that came out says:"
./result/bin/hello | sed 's/^/     /'
./result/bin/hello | cmp -s - expect || die "that is not what examples/hello/expect holds"

echo "5. One more word in app/src/main.rs, and the same again: only what can read the file is built."
sed -i 's/rustc-env:      /rustc-env, too: /' app/src/main.rs
cp generated/steps.nix "$TEMPORARY/before.nix"
echo
"$RBN_PLAN" build --locked || die "the second build failed (see above)"
echo
cmp -s generated/steps.nix "$TEMPORARY/before.nix" || die "an edit of code changed the plan"
echo "   The plan did not change, and the program says:"
./result/bin/hello | sed -n '1s/^/     /p'

if [ "${1:-}" = --aarch64 ]; then
    echo "6. Both architectures in one plan; the program for aarch64 is built here, and runs through qemu."
    need_cross || die "--aarch64 needs an x86_64 machine"
    # The distribution's Rust has a standard library for each.
    PATH=/usr/bin:$PATH
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    "$RBN_PLAN" --locked --target x86_64-unknown-linux-gnu --target aarch64-unknown-linux-gnu >generated/steps.nix
    sed -n 's/^# Steps: /   steps: /p' generated/steps.nix
    # What runs the target's programs is a fact of the toolchain.
    nix run -f generated/steps.nix run.aarch64-unknown-linux-gnu.hello >printed 2>"$log" \
        || { tail -n 40 "$log" >&2; die "the build failed (see above)"; }
    sed 's/^/     /' printed
    nix build -f generated/steps.nix packages.aarch64-unknown-linux-gnu.hello -o for-aarch64
    readelf -h for-aarch64/bin/hello | sed -n 's/^ *Machine: */   its machine: /p'
fi
echo
echo "All of it worked. Now your own workspace:"
echo
echo "    cargo install --locked --path $ROOT"
echo "    cd YOUR-WORKSPACE"
echo "    rbn-plan doctor        # is this machine ready? nix.conf needs a line or two"
echo "    rbn-plan build         # plan it, and let Nix build it"
echo
echo "docs/start.md goes on from there."
