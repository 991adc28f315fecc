#!/usr/bin/env bash
# What the compile cache shares and what it must not: crates between projects, other contents, another
# compiler, steps for aarch64 (with RBN_CROSS), what one machine stored in Redis for another.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/sccache/daemon.sh"

# grows NAME BY COMMAND...: a figure of the daemon's grows by that while the command runs.
grows() {
    local name=$1 by=$2 before after
    shift 2
    before=$(figure "$name")
    "$@"
    after=$(figure "$name")
    [ "$after" = $((before + by)) ] || { echo "$name: from $before to $after, not by $by"; cache stats; return 1; }
}
# The program's words, which show what really was compiled.
says() { [ "$(nix build --no-link -f "$PLAN" && "$(nix-build --no-out-link "$PLAN" -A default)/bin/$1")" = "$2" ]; }
# All that decides a step's command line, as the derivation has it, without the digests of store paths.
command_of() {
    local drv
    drv=$(nix-instantiate --quiet --quiet "$PLAN" -A "steps.$(host_triple).\"$1\"" 2>/dev/null)
    nix --extra-experimental-features nix-command show-derivation "$drv" \
        | python3 -c 'import json, re, sys
step = json.loads(next(iter(json.load(sys.stdin).values()))["env"]["__json"])
print(re.sub("/nix/store/[a-z0-9]{32}-", "", json.dumps(step["facts"]["of"], sort_keys=True, indent=1)))'
}

with_registry() {
    export CARGO_HOME=$TEMPORARY/cargo-home
    "$ROOT/tests/fixtures/shared-crates/prepare.sh" "$TEMPORARY/shared"
    workspace "$TEMPORARY/shared/one" --release
    workspace "$TEMPORARY/shared/two" --release
}
# `nosy`, `stray` and `roams` read what is in no key: they are compiled, and never kept.
one_project() {
    plainly "$TEMPORARY/shared/one"
    again
    grows misses 1 build "$TEMPORARY/shared/one"
    says one "one: plain 1.0.0 probed unset, true"
    command_of plain-1.0.0 >"$TEMPORARY/command"
    grows hits 1 build "$TEMPORARY/shared/one"
}
other_project() {
    plainly "$TEMPORARY/shared/two"
    grows hits 1 build "$TEMPORARY/shared/two"
    grows misses 0 build "$TEMPORARY/shared/two"
    says program "two: true, plain 1.0.0 probed unset"
    command_of plain-1.0.0 | diff "$TEMPORARY/command" -
}
# A crate that is only checked: its file is one that rustc itself names.
checked_project() {
    export CARGO_HOME=$TEMPORARY/cargo-home
    workspace "$TEMPORARY/shared/one" --release --mode check
    plainly "$TEMPORARY/shared/one"
    again
    grows misses 1 build "$TEMPORARY/shared/one"
    grows hits 1 build "$TEMPORARY/shared/one"
    workspace "$TEMPORARY/shared/one" --release
}
# Name, version and command line stay, one file of the archive does not.
other_contents() {
    echo changed >"$TEMPORARY/shared/plain/src/inner/name.txt"
    rm -rf "$TEMPORARY/cargo-home"
    with_registry
    plainly "$TEMPORARY/shared/one"
    grows hits 0 build "$TEMPORARY/shared/one"
    says one "one: changed 1.0.0 probed unset, true"
    grows hits 1 build "$TEMPORARY/shared/one"
}
other_compiler() {
    local toolchain=$TEMPORARY/shared/one/generated/toolchain.nix
    sed -i 's/"rustc \(.*\)"/"rustc \1 of another make"/' "$toolchain"
    grep -q 'of another make' "$toolchain"
    plainly "$TEMPORARY/shared/one"
    grows hits 0 build "$TEMPORARY/shared/one"
    # What is behind the compiler's own words is the linker's.
    sed -i 's/^  fingerprint = \[/&\n    "another linker"/' "$toolchain"
    plainly "$TEMPORARY/shared/one"
    grows hits 1 build "$TEMPORARY/shared/one"
    # Where the toolchain says nothing of it, sccache finds out for itself, what those three read too.
    sed -i '/^    "rustc .* of another make"$/d' "$toolchain"
    plainly "$TEMPORARY/shared/one"
    grows misses 4 build "$TEMPORARY/shared/one"
    grows hits 4 build "$TEMPORARY/shared/one"
}
edited() {
    local ws=$TEMPORARY/edited
    cp -a "$ROOT/tests/fixtures/workspaces/edition-mix" "$ws"
    workspace "$ws" --release
    again
    plainly "$ws"
    grows misses 3 build "$ws"
    echo '// A word more, which changes no code.' >>"$ws/e2021/src/lib.rs"
    plainly "$ws"
    grows hits 2 build "$ws"
}
# kind FIXTURE WORDS...: all that the plan with these words can keep is kept, and the same from the cache.
kind() {
    local ws=$TEMPORARY/kind count
    cp -a "$ROOT/tests/fixtures/workspaces/$1" "$ws"
    shift
    workspace "$ws" "$@"
    count=$(cacheable "$ws/generated/steps.nix")
    [ "$count" -gt 0 ]
    plainly "$ws"
    again
    grows misses "$count" build "$ws"
    grows hits "$count" build "$ws"
    rm -r "$ws"
}
cross() {
    PATH=/usr/bin:$PATH
    local ws=$TEMPORARY/cross count
    cp -a "$ROOT/tests/fixtures/workspaces/edition-mix" "$ws"
    workspace "$ws" --release --target aarch64-unknown-linux-gnu
    count=$(cacheable "$ws/generated/steps.nix")
    [ "$count" -gt 1 ]
    plainly "$ws"
    again
    grows misses "$count" build "$ws"
    grows hits "$count" build "$ws"
    file -L "$(nix-build --no-out-link "$PLAN" -A default)"/bin/* | grep -q 'ARM aarch64'
}

# The variables of a remote storage reach the daemon, and no plan.
passed_on() {
    local ws=$TEMPORARY/passed pid
    cp -a "$ROOT/tests/fixtures/workspaces/edition-mix" "$ws"
    workspace "$ws" --release
    cp "$ws/generated/steps.nix" "$TEMPORARY/before.nix"
    printf '[sccache.storage]\nAWS_SESSION_TOKEN = "a-secret-word"\nSCCACHE_S3_KEY_PREFIX = "shared"\nSCCACHE_MULTILEVEL_CHAIN = "disk"\n' \
        | cat "$TEMPORARY/config.toml" - >"$ws/config.toml"
    end_daemons
    (cd "$ws" && SCCACHE_S3_KEY_PREFIX=other SCCACHE_REDIS_PASSWORD=an-open-word SCCACHE_RECACHE=1 \
        "$RBN_PLAN" cache start)
    pid=$(daemons)
    tr '\0' '\n' <"/proc/$pid/environ" | grep -x 'SCCACHE_REDIS_PASSWORD=an-open-word'
    if tr '\0' '\n' <"/proc/$pid/environ" | grep SCCACHE_RECACHE; then return 1; fi
    tr '\0' '\n' <"/proc/$pid/environ" | grep -x 'AWS_SESSION_TOKEN=a-secret-word'
    tr '\0' '\n' <"/proc/$pid/environ" | grep -x 'SCCACHE_S3_KEY_PREFIX=shared'
    workspace "$ws" --release
    cmp "$TEMPORARY/before.nix" "$ws/generated/steps.nix"
    if (cd "$ws" && "$RBN_PLAN" config) | grep a-secret-word; then return 1; fi
    end_daemons
}
# Whether this sccache was built with it: one without does not start, one with it does even where no server is.
knows_redis() {
    end_daemons
    printf '[sccache.storage]\nSCCACHE_REDIS_ENDPOINT = "redis://127.0.0.1:1"\n' \
        | cat "$TEMPORARY/config.toml" - >"$TEMPORARY/remote.toml"
    "$RBN_PLAN" cache start --config-file "$TEMPORARY/remote.toml" >"$TEMPORARY/words" 2>&1 || true
    end_daemons
    ! tr -d '\n│' <"$TEMPORARY/words" | tr -s ' ' | grep -q "requires the 'redis' feature"
}
# One daemon fills Redis; another, whose disk is empty, gets everything from there.
remote() {
    local ws=$TEMPORARY/remote server status port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cp -a "$ROOT/tests/fixtures/workspaces/edition-mix" "$ws"
    workspace "$ws" --release
    plainly "$ws"
    printf '[sccache.storage]\nSCCACHE_REDIS_ENDPOINT = "redis://127.0.0.1:%s"\n' "$port" \
        | cat "$TEMPORARY/config.toml" - >"$TEMPORARY/remote.toml"
    redis-server --bind 127.0.0.1 --port "$port" --save '' --dir "$TEMPORARY" &
    server=$!
    # Not as a part of `||`, where bash ignores `set -e` in all that runs.
    set +e
    (set -euo pipefail; with_redis "$ws" "$port")
    status=$?
    set -e
    end_daemons
    kill "$server"
    return $status
}
with_redis() {
    cache() { "$RBN_PLAN" cache "$@" --config-file "$TEMPORARY/remote.toml"; }
    for _ in $(seq 100); do if redis-cli -p "$2" ping; then break; fi; sleep 0.05; done
    again
    grows misses 3 build "$1"
    again
    [ "$(find "$TEMPORARY/cache" -type f | wc -l)" = 0 ]
    grows hits 3 build "$1"
}

NIX_CONFIG=$PLAIN_CONFIG$'\n'$(cache start)
export NIX_CONFIG
need python3 python3
(with_registry)
check "a project's crates are kept" one_project
check "another project gets them" other_project
check "crates that are only checked hit" checked_project
check "other contents are not taken for them" other_contents
check "another compiler's are not taken for them" other_compiler
check "an edited crate is compiled, the others hit" edited
check "static libraries hit" kind staticlib-own-lib-path --release --workspace
check "libraries among examples hit" kind harness-false --release --all-targets
if [ -n "${RBN_CROSS:-}" ]; then check "steps for aarch64 hit" cross; fi
check "a storage's variables reach the daemon alone" passed_on
if knows_redis; then
    need redis-server redis-server redis-tools
    check "what Redis holds hits with an empty disk" remote
else
    say "   not tested: remote storage ($SCCACHE was built without Redis)"
fi
finish
