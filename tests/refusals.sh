#!/usr/bin/env bash
# What rbn-plan must refuse: with the documented exit code, a message that names the thing and says
# what to do, no panic, and no half-written file.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# refuses CODE WORD... -- COMMAND...: the command ends with the code and says all words on stderr.
refuses() {
    local code=$1 words=() status
    shift
    while [ "$1" != -- ]; do
        words+=("$1")
        shift
    done
    shift
    set +e
    "$@" >"$TEMPORARY/stdout" 2>"$TEMPORARY/stderr"
    status=$?
    set -e
    cat "$TEMPORARY/stderr"
    if grep -qE 'panicked|RUST_BACKTRACE' "$TEMPORARY/stderr"; then echo "it panicked"; return 1; fi
    [ "$status" -eq "$code" ] || { echo "exit $status where $code was wanted"; return 1; }
    for word in ${words[@]+"${words[@]}"}; do
        grep -qiF -- "$word" "$TEMPORARY/stderr" || { echo "the message does not say: $word"; return 1; }
    done
    [ ! -s "$TEMPORARY/stdout" ] || { echo "it printed a plan all the same"; return 1; }
}

# A fresh copy of a small workspace to spoil.
workspace() {
    rm -rf "$TEMPORARY/ws"
    cp -a "$ROOT/tests/fixtures/workspaces/root-package-with-members" "$TEMPORARY/ws"
    cd "$TEMPORARY/ws"
}

empty_directory() {
    mkdir -p "$TEMPORARY/empty"
    cd "$TEMPORARY/empty"
    refuses 2 Cargo.toml -- "$RBN_PLAN"
}

without_lock() {
    workspace
    rm Cargo.lock
    refuses 2 Cargo.lock -- "$RBN_PLAN" --locked --offline
    [ ! -e Cargo.lock ]
}

stale_lock() {
    workspace
    sed -i 's/^version = "0.1.0"/version = "0.2.0"/' part/Cargo.toml
    refuses 2 Cargo.lock -- "$RBN_PLAN" --locked --offline
}

broken_manifest() {
    workspace
    echo '[dependencies' >>part/Cargo.toml
    refuses 2 part/Cargo.toml -- "$RBN_PLAN" --locked --offline
}

broken_config() {
    workspace
    mkdir .cargo
    echo 'build = [' >.cargo/config.toml
    refuses 2 config.toml -- "$RBN_PLAN" --locked --offline
}

missing_source() {
    workspace
    rm part/src/lib.rs
    refuses 2 part -- "$RBN_PLAN" --locked --offline
}

unknown_package() {
    workspace
    refuses 2 no-such-package -- "$RBN_PLAN" --locked --offline -p no-such-package
}

unknown_feature() {
    workspace
    refuses 2 no-such-feature -- "$RBN_PLAN" --locked --offline --features no-such-feature
}

unknown_profile() {
    workspace
    refuses 2 no-such-profile -- "$RBN_PLAN" --locked --offline --profile no-such-profile
}

unknown_target() {
    workspace
    refuses 2 no-such-triple -- "$RBN_PLAN" --locked --offline --target no-such-triple
}

unknown_flag() {
    workspace
    refuses 2 --no-such-flag -- "$RBN_PLAN" --no-such-flag
}

without_cargo() {
    workspace
    mkdir -p "$TEMPORARY/nothing"
    refuses 2 cargo -- env -u CARGO -u RUSTC PATH="$TEMPORARY/nothing" "$RBN_PLAN" --locked --offline
}

not_ours() {
    workspace
    echo '{ mine = true; }' >steps.nix
    refuses 2 steps.nix @generated -- "$RBN_PLAN" --locked --offline -o steps.nix
    [ "$(cat steps.nix)" = '{ mine = true; }' ]
}

output_below_a_file() {
    workspace
    refuses 2 Cargo.toml/steps.nix -- "$RBN_PLAN" --locked --offline -o Cargo.toml/steps.nix
}

output_is_a_directory() {
    workspace
    mkdir steps.nix
    refuses 2 steps.nix -- "$RBN_PLAN" --locked --offline -o steps.nix
}

# Standard output on a full device: said, and not as success.
full_device() {
    workspace
    set +e
    "$RBN_PLAN" --locked --offline >/dev/full 2>"$TEMPORARY/stderr"
    local status=$?
    set -e
    cat "$TEMPORARY/stderr"
    [ "$status" -ne 0 ] || { echo "exit 0 on a full device"; return 1; }
    if grep -q panicked "$TEMPORARY/stderr"; then return 1; fi
    [ -s "$TEMPORARY/stderr" ]
}

# A file on a full disk: what was there stays.
full_disk() {
    workspace
    "$RBN_PLAN" --locked --offline -o steps.nix
    cp steps.nix "$TEMPORARY/kept.nix"
    mkdir -p "$TEMPORARY/small"
    mount -t tmpfs -o size=4k,mode=755 tmpfs "$TEMPORARY/small"
    trap 'umount "$TEMPORARY/small"' EXIT
    head -c 3000 steps.nix >"$TEMPORARY/small/steps.nix"
    cp "$TEMPORARY/small/steps.nix" "$TEMPORARY/before"
    refuses 2 steps.nix -- "$RBN_PLAN" --locked --offline -o "$TEMPORARY/small/steps.nix"
    cmp "$TEMPORARY/small/steps.nix" "$TEMPORARY/before"
    [ "$(find "$TEMPORARY/small" -type f | wc -l)" -eq 1 ]
}

# A reader that has enough, as `head` does.
closed_pipe() {
    workspace
    "$RBN_PLAN" --locked --offline 2>"$TEMPORARY/stderr" | head -c 1 >/dev/null || true
    cat "$TEMPORARY/stderr"
    if grep -q panicked "$TEMPORARY/stderr"; then return 1; fi
}

find_rbn_plan
make_temporary
for name in empty_directory without_lock stale_lock broken_manifest broken_config missing_source \
    unknown_package unknown_feature unknown_profile unknown_target unknown_flag without_cargo \
    not_ours output_below_a_file output_is_a_directory full_device closed_pipe; do
    check "refuses: ${name//_/ }" "$name"
done
if [ "$(id -u)" -eq 0 ]; then check "refuses: full disk" full_disk; fi
finish
