#!/usr/bin/env bash
# The compile cache: hits through other derivations, and builds that succeed whatever becomes of the
# daemon. Needs an sccache: SCCACHE, PATH, or tests/.cache (see need_sccache in machine.sh).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/sccache/daemon.sh"

first_build() {
    build "$TEMPORARY/ws"
    expect hits 0
    expect misses "$CACHEABLE"
}
other_builder() {
    build "$TEMPORARY/ws"
    expect hits "$CACHEABLE"
    expect misses "$CACHEABLE"
}
other_checkout() {
    mkdir -p "$TEMPORARY/another/place"
    cp -a "$TEMPORARY/ws" "$TEMPORARY/another/place/ws"
    build "$TEMPORARY/another/place/ws"
    expect hits $((2 * CACHEABLE))
}
other_shell() {
    sed -i 's|shell = "/usr/bin/bash"|shell = "/usr/bin/./bash"|' \
        "$TEMPORARY/another/place/ws/generated/toolchain.nix"
    if cmp -s {"$TEMPORARY/ws","$TEMPORARY/another/place/ws"}/generated/toolchain.nix; then return 1; fi
    build "$TEMPORARY/another/place/ws"
    expect hits $((3 * CACHEABLE))
    expect misses "$CACHEABLE"
}
one_hash() {
    local with without
    with=$(nix-instantiate --quiet --quiet "$PLAN" -A default)
    without=$(NIX_CONFIG=$PLAIN_CONFIG nix-instantiate --quiet --quiet "$PLAN" -A default)
    [ "$with" = "$without" ]
}
# What sccache takes by itself ends at 8 MiB.
large() {
    local ws=$TEMPORARY/large
    cp -a "$TEMPORARY/ws" "$ws"
    head -c 9M /dev/urandom >"$ws/e2021/src/noise"
    echo 'pub static NOISE: &[u8] = include_bytes!("noise");' >>"$ws/e2021/src/lib.rs"
    again
    fresh "$ws"
    nix build --no-link -f "$PLAN"
    expect misses "$CACHEABLE"
    # A machine that is slow enough passes a cache over that takes more than a moment: not each time.
    local _ before
    for _ in 1 2 3 4 5; do
        before=$(figure hits)
        fresh "$ws"
        nix build --no-link -f "$PLAN"
        if [ "$(($(figure hits) - before))" -eq "$CACHEABLE" ]; then
            rm -r "$ws"
            return
        fi
    done
    cache stats
    return 1
}
rustc_refuses() {
    local ws=$TEMPORARY/refused
    cp -a "$TEMPORARY/ws" "$ws"
    echo 'pub fn wrong() -> u8 { "no number" }' >>"$ws/e2021/src/lib.rs"
    fresh "$ws"
    if nix build --no-link -L -f "$PLAN" 2>"$TEMPORARY/words"; then return 1; fi
    grep -q 'mismatched types' "$TEMPORARY/words"
    if grep 'without the compile cache' "$TEMPORARY/words"; then return 1; fi
}
# What the shells on the way to rustc set reaches no crate.
surroundings() {
    local ws=$TEMPORARY/surroundings name
    cp -a "$TEMPORARY/ws" "$ws"
    for name in PWD OLDPWD SHLVL _; do
        echo "pub static AROUND_${name}: Option<&str> = option_env!(\"$name\");"
    done >>"$ws/e2021/src/lib.rs"
    fresh "$ws"
    NIX_CONFIG=$PLAIN_CONFIG nix build --no-link -f "$PLAN"
    sums "$PLAN" >"$TEMPORARY/without"
    again
    for _ in 1 2; do
        fresh "$ws"
        nix build --no-link -f "$PLAN"
        sums "$PLAN" | diff "$TEMPORARY/without" -
    done
    expect misses "$CACHEABLE"
    expect hits "$CACHEABLE"
    rm -r "$ws"
}
no_socket() {
    end_daemons
    rm "$TEMPORARY/run/server.sock"
    build "$TEMPORARY/ws"
    cache stats | grep -q '^no daemon answers'
}
no_directory() {
    mv "$TEMPORARY/run" "$TEMPORARY/elsewhere"
    build "$TEMPORARY/ws"
    mv "$TEMPORARY/elsewhere" "$TEMPORARY/run"
}
nobody_listens() {
    again
    end_daemons
    [ -S "$TEMPORARY/run/server.sock" ]
    NIX_CONFIG=$NIX_CONFIG$'\n'"max-jobs = 1" build "$TEMPORARY/ws" 2>"$TEMPORARY/words"
    [ "$(grep -c 'it did not answer: nobody listens' "$TEMPORARY/words")" = 1 ]
    [ -z "$(daemons)" ] || { echo "a build started a daemon"; return 1; }
}
# A daemon that stands still costs one step a second. The others do not ask it, for a minute.
stands_still() {
    again
    kill -STOP "$(daemons)"
    NIX_CONFIG=$NIX_CONFIG$'\n'"max-jobs = 1" build "$TEMPORARY/ws" 2>"$TEMPORARY/words"
    [ "$(grep -c 'compiled without the compile cache: it did not answer' "$TEMPORARY/words")" = 1 ]
    (cd "$TEMPORARY/ws" && "$RBN_PLAN" doctor --config-file "$TEMPORARY/config.toml" || true) | grep 'does not answer'
    kill -CONT "$(daemons)"
    gave_up 100 50
    build "$TEMPORARY/ws"
    expect misses 0
    gave_up 100 61
    build "$TEMPORARY/ws"
    expect misses "$CACHEABLE"
}
# gave_up STARTED SECONDS: as if the daemon had been started, and a step had given up on it, so long ago.
gave_up() {
    touch -d "$1 seconds ago" "$TEMPORARY/run"
    touch -d "$2 seconds ago" "$TEMPORARY/run/server.sock"
}
# in_the_middle SIGNAL: the daemon gets it when the first step has stored what it made; the others are
# built without. One step at a time, so that there are others.
in_the_middle() {
    local build pid
    again
    fresh "$TEMPORARY/ws"
    pid=$(daemons)
    NIX_CONFIG=$NIX_CONFIG$'\n'"max-jobs = 1" nix build --no-link -L -f "$PLAN" 2>"$TEMPORARY/words" &
    build=$!
    for _ in $(seq 300); do
        if [ "$(find "$TEMPORARY/cache" -type f | wc -l)" -gt 0 ]; then break; fi
        sleep 0.02
    done
    kill -"$1" "$pid"
    wait "$build"
    end_daemons
    grep -E 'compiled( without|, and not kept in) the compile cache' "$TEMPORARY/words"
    sums "$PLAN" | diff "$TEMPORARY/plain" -
}
# compiling CRATE: the process of a rustc that compiles it.
compiling() {
    local exe pid
    for exe in /proc/[0-9]*/exe; do
        [[ $(readlink "$exe" 2>/dev/null) == */rustc ]] || continue
        pid=${exe%/exe} pid=${pid#/proc/}
        if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "--crate-name $1 "; then echo "$pid"; fi
    done
}
# while_compiling SIGNAL: the daemon gets it while rustc is at work on a library. What rustc makes of it
# is used, and not made again.
while_compiling() {
    local ws=$TEMPORARY/slow build pid=''
    cp -a "$TEMPORARY/ws" "$ws"
    echo 'pub static SLOW: u64 = { let mut n = 0; while n < 20_000_000 { n += 1 } n };' |
        cat <(echo '#![allow(long_running_const_eval)]') "$ws/e2021/src/lib.rs" - >"$ws/slow.rs"
    mv "$ws/slow.rs" "$ws/e2021/src/lib.rs"
    again
    fresh "$ws"
    nix build --no-link -L -f "$PLAN" 2>"$TEMPORARY/words" &
    build=$!
    for _ in $(seq 600); do
        pid=$(compiling e2021)
        [ -z "$pid" ] || break
        sleep 0.05
    done
    [ -n "$pid" ] || { cat "$TEMPORARY/words"; return 1; }
    sleep 0.3
    # shellcheck disable=SC2046 # one process a word
    kill -"$1" $(daemons)
    [ -n "$(compiling e2021)" ] || { echo "rustc was done too soon"; return 1; }
    wait "$build"
    end_daemons
    rm -r "$ws"
    # A connection that is closed sccache itself forgives.
    [ "$1" = KILL ] || grep 'e2021> .*compiled, and not kept in the compile cache' "$TEMPORARY/words"
    if grep 'e2021> .*compiled without' "$TEMPORARY/words"; then return 1; fi
}
full_disk() {
    end_daemons
    mount -t tmpfs -o size=64k tmpfs "$TEMPORARY/cache"
    cache start
    head -c 1M /dev/zero >"$TEMPORARY/cache/filler" || true
    build "$TEMPORARY/ws" || { umount -l "$TEMPORARY/cache"; return 1; }
    [ "$(figure write_errors)" -gt 0 ] || { cache stats; umount -l "$TEMPORARY/cache"; return 1; }
    end_daemons
    umount "$TEMPORARY/cache"
}
# damaged COMMAND...: every entry is damaged by the command; nothing of it may reach a build.
damaged() {
    again
    build "$TEMPORARY/ws"
    local file count=0
    while IFS= read -r file; do
        "$@" "$file"
        count=$((count + 1))
    done < <(find "$TEMPORARY/cache" -type f)
    [ "$count" -ge "$CACHEABLE" ]
    build "$TEMPORARY/ws"
    expect hits 0
}
cut_off() { truncate -s "$(($(stat -c %s "$1") / 2))" "$1"; }
# Sixteen bytes in the middle become others.
overwritten() {
    local middle=$(($(stat -c %s "$1") / 2))
    printf 'sixteen bytes xx' | dd of="$1" bs=1 seek="$middle" conv=notrunc status=none
}
garbage() { head -c 5000 /dev/urandom >"$1"; }
emptied() { : >"$1"; }

two_daemons() {
    again
    local pid
    pid=$(daemons)
    # A second start leaves the first one alone.
    cache start
    [ "$(daemons)" = "$pid" ]
    # A second one over the same directory, by sccache itself.
    mkdir -p "$TEMPORARY/second"
    SCCACHE_SERVER_UDS=$TEMPORARY/second/server.sock SCCACHE_DIR=$TEMPORARY/cache \
        SCCACHE_MULTILEVEL_CHAIN=disk SCCACHE_CONF=/dev/null "$TEMPORARY/run/bin/sccache" --start-server
    [ "$(daemons | wc -l)" = 2 ]
    build "$TEMPORARY/ws"
    cp -r "$TEMPORARY/run/bin" "$TEMPORARY/second/bin"
    NIX_CONFIG=$PLAIN_CONFIG$'\n'"extra-sandbox-paths = /run/rbn-plan/sccache=$TEMPORARY/second?" \
        build "$TEMPORARY/ws"
    end_daemons
}
read_only() {
    again
    cache stop
    printf '[sccache.storage]\nSCCACHE_LOCAL_RW_MODE = "READ_ONLY"\n' | cat "$TEMPORARY/config.toml" - >"$TEMPORARY/read-only.toml"
    "$RBN_PLAN" cache start --config-file "$TEMPORARY/read-only.toml"
    build "$TEMPORARY/ws"
    [ "$(find "$TEMPORARY/cache" -type f | wc -l)" = 0 ]
    cache stats | grep ReadOnly
    end_daemons
}
too_old() {
    mkdir -p "$TEMPORARY/old"
    printf '#!/bin/sh\necho sccache 0.16.2\n' >"$TEMPORARY/old/sccache"
    chmod +x "$TEMPORARY/old/sccache"
    local status=0
    SCCACHE=$TEMPORARY/old/sccache cache start >"$TEMPORARY/words" 2>&1 || status=$?
    cat "$TEMPORARY/words"
    [ "$status" = 2 ] && grep -q 'sccache 0.16.2' "$TEMPORARY/words" && grep -q 'cargo install sccache' "$TEMPORARY/words"
}

# A library in two steps: its whole step hits, the metadata's step is no library that could be kept. What is
# linked is the same from both.
two_steps() {
    local ws=$TEMPORARY/two name needs=''
    for name in base middle app; do
        mkdir -p "$ws/$name/src"
        printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n%s\n' "$name" "$needs" \
            >"$ws/$name/Cargo.toml"
        needs="$name = { path = \"../$name\" }"
    done
    printf '[workspace]\nmembers = ["app", "base", "middle"]\nresolver = "2"\n' >"$ws/Cargo.toml"
    echo 'pub fn twice<T: Clone>(of: T) -> (T, T) { (of.clone(), of) }' >"$ws/base/src/lib.rs"
    echo 'pub fn middle() -> (u8, u8) { base::twice(7) }' >"$ws/middle/src/lib.rs"
    echo 'fn main() { println!("{:?}", middle::middle()); }' >"$ws/app/src/main.rs"
    (cd "$ws" && cargo generate-lockfile --quiet --offline)
    workspace "$ws" --release --workspace
    NIX_CONFIG=$PLAIN_CONFIG nix build -o "$ws/plain" -f "$ws/generated/steps.nix"
    again
    for name in miss hit; do
        fresh "$ws"
        nix build -o "$ws/$name" -f "$PLAN" --argstr split all
        cmp "$ws/plain/bin/app" "$ws/$name/bin/app"
    done
    expect misses 2
    expect hits 2
}
# The real daemon of Nix, with a store of its own, two build users, and sccache as a third user.
build_users() {
    local place=$TEMPORARY/users group=rbnbld user status
    end_daemons
    mkdir "$place"
    groupadd --system "$group"
    for user in rbnbld1 rbnbld2 rbnsccache; do
        useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
    done
    usermod -a -G "$group" rbnbld1
    usermod -a -G "$group" rbnbld2
    # Not as a part of `||`, where bash ignores `set -e` in all that runs.
    set +e
    (set -euo pipefail; with_build_users "$place" "$group")
    status=$?
    set -e
    end_daemons
    [ ! -s "$place/pid" ] || kill "$(<"$place/pid")" || true
    for user in rbnbld1 rbnbld2 rbnsccache; do userdel "$user"; done
    groupdel "$group"
    return $status
}
with_build_users() {
    local place=$1 group=$2 config=$1/config.toml count
    cat >"$config" <<CONFIG
[sccache]
socket = "$place/run/server.sock"
directory = "$place/cache"
write = true
CONFIG
    NIX_CONFIG=$PLAIN_CONFIG$'\n'$("$RBN_PLAN" cache start --config-file "$config" --user rbnsccache --group "$group")$'\n'"build-users-group = $group"$'\n'"max-jobs = 2"
    export NIX_CONFIG
    stat -c '%U:%G %a' "$place/run/server.sock"
    NIX_REMOTE="local?root=$place/root" NIX_DAEMON_SOCKET_PATH=$place/socket nix-daemon &
    echo $! >"$place/pid"
    for _ in $(seq 100); do [ ! -S "$place/socket" ] || break; sleep 0.05; done
    export NIX_REMOTE="unix://$place/socket?root=$place/root"
    # Which user builds: the sandbox maps its own one to that. One that sleeps holds the first user.
    # The shell ends last: programs of coreutils close their output a moment before they exit, and Nix
    # kills a builder that has no output any more.
    local who='{ hold ? "0" }: derivation { name = "who"; system = builtins.currentSystem; inherit hold;
        now = builtins.currentTime; builder = "/usr/bin/bash"; PATH = "/usr/bin";
        args = [ "-c" "read -r _ outer _ </proc/self/uid_map; echo $outer >$out; sleep $hold; :" ]; }'
    local first second
    first=$(nix-build --no-out-link -E "$who")
    first=$(<"$place/root$first")
    fresh "$TEMPORARY/ws"
    nix-build --no-out-link "$PLAN" -A default
    "$RBN_PLAN" cache stats --format json --config-file "$config" | tee "$place/stats"
    grep -q "\"misses\": $CACHEABLE," "$place/stats"
    nix-build --no-out-link -E "$who" --argstr hold 40 &
    sleep 2
    second=$(nix-build --no-out-link -E "$who")
    second=$(<"$place/root$second")
    echo "build users: $first, then $second"
    [ "$first" != "$second" ]
    fresh "$TEMPORARY/ws"
    nix-build --no-out-link "$PLAN" -A default
    "$RBN_PLAN" cache stats --format json --config-file "$config" | tee "$place/stats"
    grep -q "\"hits\": $CACHEABLE," "$place/stats"
    # A build user's step that gave up keeps the others from asking: two at most were under way.
    kill -STOP "$(daemons)"
    fresh "$TEMPORARY/ws"
    nix-build --no-out-link "$PLAN" -A default 2>"$place/words"
    count=$(grep -c 'it did not answer' "$place/words")
    [ "$count" -gt 0 ] && [ "$count" -lt "$CACHEABLE" ] || { cat "$place/words"; return 1; }
}

cp -a "$ROOT/tests/fixtures/workspaces/edition-mix" "$TEMPORARY/ws"
workspace "$TEMPORARY/ws" --release --workspace
CACHEABLE=$(cacheable "$TEMPORARY/ws/generated/steps.nix")
[ "$CACHEABLE" -gt 1 ] || die "the workspace builds only $CACHEABLE libraries"
plainly "$TEMPORARY/ws"
NIX_CONFIG=$PLAIN_CONFIG$'\n'$(cache start)
export NIX_CONFIG

check "a first build fills the cache" first_build
check "another builder hits" other_builder
check "another checkout hits" other_checkout
check "another shell hits" other_shell
check "the cache changes no hash" one_hash
check "a crate of many megabytes" large
check "rustc's errors are rustc's" rustc_refuses
check "a shell's variables reach no crate" surroundings
check "no socket" no_socket
check "no directory" no_directory
check "a socket that nobody listens on" nobody_listens
check "a daemon that stands still" stands_still
check "a daemon that stands still in the middle" in_the_middle STOP
check "a daemon killed in the middle" in_the_middle KILL
check "a daemon that stands still while rustc works" while_compiling STOP
check "a daemon killed while rustc works" while_compiling KILL
if [ "$(id -u)" -eq 0 ]; then
    check "a full disk" full_disk
    check "build users of a nix-daemon" build_users
fi
check "entries cut off" damaged cut_off
check "entries overwritten" damaged overwritten
check "entries that are garbage" damaged garbage
check "empty entries" damaged emptied
check "two daemons" two_daemons
check "a cache that is only read" read_only
check "libraries in two steps" two_steps
check "an old sccache is refused" too_old
finish
