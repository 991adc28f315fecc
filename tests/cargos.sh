#!/usr/bin/env bash
# Cargos of many versions: each runs what is planned, and each plans the same.
#
#   tests/cargos.sh [NAME...]     fixtures of tests/fixtures/workspaces; all without a name
#
# The Cargos: that on PATH (the oldest), the distribution's, the nightly of rustup, as it is and as it
# will be (the new build directory, metadata beside libraries), and the newest that the registry has as a
# crate. That one is built once, with RBN_FULL, into tests/.cache: it takes twenty minutes.
#
# RBN_PLAN names the program to use, VERBOSE=1 lists what passed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"

# The newest crate that the nightly here builds: Cargo 1.99.
NEWEST=0.100.0
FIXTURES=$ROOT/tests/fixtures/workspaces

newest() {
    local place=$ROOT/tests/.cache/cargo-$NEWEST
    if [ ! -x "$place/bin/cargo" ] && [ -n "${RBN_FULL:-}" ]; then
        install_packages libssl-dev pkg-config
        say "   building cargo $NEWEST, once"
        quietly cargo +nightly install cargo --version "$NEWEST" --quiet --locked --debug \
            --config profile.dev.debug=false --root "$place"
    fi
    if [ -x "$place/bin/cargo" ]; then echo "$place/bin/cargo"; fi
}

words() { if [ -f "$1" ]; then cat "$1"; fi; }

# verified LABEL [VARIABLE=VALUE...]: every fixture, with these variables.
verified() {
    local label=$1
    shift
    for name in "${NAMES[@]}"; do
        check "verify $name: $label" env "$@" "$ROOT/tests/verify.sh" fixtures "$name"
    done
}

# same NAME: one compiler, many Cargos, the same bytes.
same() {
    local place=$TEMPORARY/same/$1 cargo chosen first='' text
    mkdir -p "$place"
    cp -a "$FIXTURES/$1/." "$place"
    chosen=$(words "$place/selection")
    for cargo in "${CARGOS[@]}"; do
        text=$TEMPORARY/plan-$(echo "$cargo" | tr / -)
        # shellcheck disable=SC2086 # the selection is words
        (cd "$place/$(words "$place/directory")" && CARGO=$cargo RUSTC=$RUSTC "$RBN_PLAN" --locked --offline \
            --target x86_64-unknown-linux-gnu $chosen >"$text")
        first=${first:-$text}
        cmp "$first" "$text"
    done
    rm -rf "$place"
}

find_rbn_plan
export RBN_PLAN
make_temporary
export CARGO_TERM_COLOR=never
NAMES=("$@")
if [ $# -eq 0 ]; then
    for place in "$FIXTURES"/*/; do NAMES+=("$(basename "$place")"); done
fi

RUSTC=$(rustc --print sysroot)/bin/rustc
CARGOS=("$(rustc --print sysroot)/bin/cargo")
[ ! -x /usr/bin/cargo ] || CARGOS+=(/usr/bin/cargo)
if nightly=$(rustup which rustc --toolchain nightly 2>/dev/null); then
    CARGOS+=("${nightly%rustc}cargo")
    verified nightly RUSTUP_TOOLCHAIN=nightly
    verified "nightly, as it will be" RUSTUP_TOOLCHAIN=nightly CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT=true \
        CARGO_UNSTABLE_NO_EMBED_METADATA=true
    cargo=$(newest)
    if [ -n "$cargo" ]; then
        CARGOS+=("$cargo")
        verified "Cargo of the crate $NEWEST" CARGO="$cargo" RUSTC="$nightly"
        verified "the same with the new build directory" CARGO="$cargo" RUSTC="$nightly" \
            CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT=true
    else
        say "   not tried: cargo $NEWEST, which RBN_FULL=1 builds"
    fi
else
    say "   not tried: a nightly Cargo, which rustup has not installed"
fi
for name in "${NAMES[@]}"; do check "same plan: $name" same "$name"; done
finish
