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

echo "1. Making the machine ready: a C compiler and Nix."
need_rust
need_nix
echo "   $(rustc --version), $(nix --version)"

echo "2. Building rbn-plan with cargo."
find_rbn_plan
echo "   $("$RBN_PLAN" --version)"

make_temporary
cp -R examples/hello "$TEMPORARY/hello"
cd "$TEMPORARY/hello"
rm -rf generated target
mkdir generated
cargo fetch --quiet --locked

echo "3. Planning examples/hello: every compilation step becomes one derivation."
"$RBN_PLAN" toolchain host >generated/toolchain.nix
"$RBN_PLAN" --locked >generated/steps.nix
echo "   generated/steps.nix has $(wc -l <generated/steps.nix) lines"

echo "4. Building it with Nix, in the sandbox, one derivation per step."
log=$TEMPORARY/build.log
start=$(date +%s%N)
nix build -f generated/steps.nix -o result -L 2>"$log" || { tail -n 40 "$log" >&2; die "the build failed (see above)"; }
echo "   done after $((($(date +%s%N) - start) / 1000000)) ms"

echo "5. The program that came out says:"
./result/bin/hello | sed 's/^/     /'
./result/bin/hello | cmp -s - expect || die "that is not what examples/hello/expect holds"

echo "6. One more word in app/src/main.rs, and the same again."
sed -i 's/rustc-env:      /rustc-env, too: /' app/src/main.rs
"$RBN_PLAN" --locked >"$TEMPORARY/again.nix"
cmp -s generated/steps.nix "$TEMPORARY/again.nix" || die "an edit of code changed the plan"
start=$(date +%s%N)
nix build -f generated/steps.nix -o result -L 2>"$log" || { tail -n 40 "$log" >&2; die "the second build failed (see above)"; }
echo "   The plan did not change; built after $((($(date +%s%N) - start) / 1000000)) ms, only what the edit touched:"
./result/bin/hello | sed -n '1s/^/     /p'

if [ "${1:-}" = --aarch64 ]; then
    echo "7. Both architectures in one plan; the program for aarch64 is built here, and runs through qemu."
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
echo "All of it worked. Try it on your own workspace; README.md has the three commands."
