#!/usr/bin/env bash
# Measures rbn-plan beside cargo, and prints a small table:
#
#   ./tests/bench.sh [PART...]     parts: plan eval eval-parts builder build bootstrap review flake cache cache-many
#                                  cache-side cache-step cores run-step split status synthetic test-edit (default:
#                                  all but bootstrap, which takes an hour)
#
# Medians of RUNS runs (default 5); what is compared runs in turns, and a ratio is the median of the
# ratios of the single runs. The machine should have nothing else to do. PACKAGES="1000 5000" sets
# the sizes of the synthetic workspaces.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/lib.sh
. tests/machine.sh

need_rust
need python3 python3
need openssl openssl
need_nix
if [ -z "${RBN_PLAN:-}" ]; then
    cargo build --quiet --release --locked
    RBN_PLAN=${CARGO_TARGET_DIR:-$PWD/target}/release/rbn-plan
fi
export RBN_PLAN
case " ${*:-cache} " in *" cache"*) need_fast_sccache && export SCCACHE ;; esac
make_temporary
python3 tests/bench/measure.py "$TEMPORARY" "$@"
