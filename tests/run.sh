#!/usr/bin/env bash
# Installs what the tests need on a Debian-like machine with cargo, and runs all of them:
#
#   ./tests/run.sh           the tests of every day
#   ./tests/run.sh --full    the slow ones too (RBN_FULL=1 for cargo's tests)
#   ./tests/run.sh WORD...   the parts whose names have one of the words in them
#
# Safe to run twice. The last line is "N passed, N failed" over all parts.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/lib.sh
. tests/machine.sh
. tests/current-tree.sh
. tests/aarch64-tree.sh

WORDS=()
for argument in "$@"; do
    case $argument in
        --full) export RBN_FULL=1 ;;
        -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
        -*) die "unknown argument $argument (there is --full)" ;;
        *) WORDS+=("$argument") ;;
    esac
done

say "== making the machine ready"
need_rust
need git git
need python3 python3
need strace strace
need_chromium
need_nix
for component in fmt:rustfmt clippy:clippy; do
    if ! cargo "${component%%:*}" --version >/dev/null 2>&1; then
        command -v rustup >/dev/null || die "cargo ${component%%:*} is missing, and there is no rustup"
        rustup component add "${component##*:}" >/dev/null
    fi
done
if need_cross; then export RBN_CROSS=1; fi
say "   $(rustc --version), $(nix --version), $(git --version)"
make_temporary

# The processor time that this machine has spent so far, in hundredths of a second.
busy() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }

# part NAME COMMAND...: runs a part and adds up every result line that it prints, cargo's
# ("test result: ok. 3 passed; 0 failed; ...") and ours ("3 passed, 0 failed") alike.
part() {
    local name=$1 log=$TEMPORARY/part.log status passed failed word wanted= start before
    shift
    for word in "${WORDS[@]}"; do
        case $name in *"$word"*) wanted=1 ;; esac
    done
    if [ ${#WORDS[@]} -gt 0 ] && [ -z "$wanted" ]; then return; fi
    say "== $name"
    start=$SECONDS before=$(busy)
    set +e
    "$@" 2>&1 | tee "$log" >&2
    status=${PIPESTATUS[0]}
    set -e
    read -r passed failed < <(sed -nE \
        -e 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed.*/\1 \2/p' \
        -e 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" \
        | awk '{ passed += $1; failed += $2 } END { print passed + 0, failed + 0 }')
    # A part without a result line is one check; one that died without counting a failure, too.
    if [ "$status" -eq 0 ] && [ $((passed + failed)) -eq 0 ]; then passed=1; fi
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    say "   $((SECONDS - start)) s; the machine was busy for $((($(busy) - before) / 100)) s"
}

part "format" cargo fmt --all --check
part "clippy" cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
part "cargo test" cargo test --quiet --locked --workspace
part "examples and fixtures, with Cargo" tests/workspaces.sh cargo
part "examples and fixtures, planned and built by Nix" tests/workspaces.sh nix
part "fixtures: what Nix would run is what Cargo runs" tests/verify.sh fixtures
if [ -n "${RBN_FULL:-}" ]; then
    part "fixtures with Cargos of other versions" tests/cargos.sh
else
    part "fixtures with Cargos of other versions" tests/cargos.sh \
        cdylib config-include lints-inheritance lto-fat-mixed proc-macro-reads-file script-environment
fi
part "two registries of one host" tests/registries.sh
part "the files of each process, and of its step" tests/verify-files.sh
part "git dependencies whose branch is gone" tests/git-sources.sh
part "what an edit rebuilds" tests/edits.sh
part "which files a step sees" tests/files.sh
part "what is refused" tests/refusals.sh
part "how much a change touches" tests/review.sh
part "documents, read by other programs" tests/documents.sh
part "the pages in a browser" tests/browser.sh
part "rbn-plan build: progress, failures, Ctrl-C, timelines" tests/build.sh
part "libraries of the store" tests/libraries.sh
part "builds that fail" tests/failures.sh
part "tests, clippy and documentation as steps" tests/checks.sh
part "what an editor is told" tests/editor.sh
part "libraries split in two steps" tests/split.sh
part "the Rust compiler itself" tests/bootstrap.sh ${RBN_FULL:+--full}
# Other machines are namespaces with a /nix of their own.
if [ "$(id -u)" -eq 0 ]; then part "more than one machine" tests/machines.sh; fi
part "the compiler that the hash names, and a script that prints without end" tests/trust.sh
part "a project adopts it" tests/adopt.sh
part "the project plans itself" tests/self.sh
part "each build machine with each target" tests/pairs.sh
if [ -n "${RBN_CROSS:-}" ]; then
    part "built for aarch64, run under qemu" tests/cross.sh
    # The distribution's other Cargo: what differs between versions shows here.
    CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc \
        part "fixtures: the same with the distribution's Cargo" tests/verify.sh fixtures
fi
need_sccache
export SCCACHE
part "the compile cache" tests/sccache.sh
part "the compile cache: what is shared and what is not" tests/sccache-shares.sh
part "the compile cache: attacks from builds" tests/sccache-attacks.sh
part "the compile cache: attacks on its places" tests/sccache-places.sh
part "real projects" tests/projects.sh
part "real projects: what Nix would run is what Cargo runs" tests/verify.sh projects
if [ -n "${RBN_CROSS:-}" ]; then
    CROSS=aarch64-unknown-linux-gnu CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc \
        part "real projects: the same for aarch64" tests/verify.sh projects
fi
if [ -n "${RBN_FULL:-}" ]; then
    reason=$(no_tree)
    if [ -z "$reason" ]; then
        part "the same under a current Nix" tests/current-nix.sh
    else
        say "== not tested under a current Nix: $reason"
    fi
    if [ -n "${RBN_CROSS:-}" ]; then
        reason=$(no_aarch64)
        if [ -z "$reason" ]; then
            part "on an aarch64 machine" tests/aarch64.sh
        else
            say "== not tested on an aarch64 machine: $reason"
        fi
    fi
fi
finish
