#!/usr/bin/env bash
# What code in a build may say to the compile cache, and how it fails: a client that has all of sccache's
# protocol, and other things besides. Needs root and an sccache: see need_sccache in machine.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/sccache/daemon.sh"
. "$(dirname "$0")/sccache/attack.sh"

# --- the protocol ---
compile() {
    fresh_place
    start --write
    client compile "$PLACE/open/evil"
    # Under a name that sccache takes for a compiler's.
    cp "$PLACE/open/evil" "$PLACE/open/gcc"
    client compile "$PLACE/open/gcc"
    cp "$PLACE/open/evil" "$PLACE/open/rustc"
    client compile "$PLACE/open/rustc"
    no_mark
    serves
}
compile_read_only() {
    fresh_place
    printf '[sccache.storage]\nSCCACHE_LOCAL_RW_MODE = "READ_ONLY"\n' >>"$PLACE/config.toml"
    start
    client compile "$PLACE/open/evil"
    no_mark
}
# A program of the system's, which the environment tells to run another.
compile_by_environment() {
    fresh_place
    start --write
    client compile /usr/bin/bash "BASH_ENV=$PLACE/open/evil" PATH=/usr/bin
    client compile evil "PATH=$PLACE/open"
    printf '#!/usr/bin/bash\n:\n' >"$PLACE/open/cc"
    chmod 755 "$PLACE/open/cc"
    client compile "$PLACE/open/cc" "BASH_ENV=$PLACE/open/evil"
    no_mark
}
# sccache makes a file's name of a key.
keys_that_are_paths() {
    local key
    fresh_place
    start --write
    for key in "$PLACE/open/by-path" "ab/../../../../../../../../../..$PLACE/open/by-dots" ../../open/by-dots-too; do
        client put "$key" "what a client wrote"
        client put-preprocessed "$key"
    done
    [ -z "$(find "$PLACE/open" -name 'by-*')" ] || { find "$PLACE/open"; return 1; }
    serves
}
# Keys on which its threads panic, which leaves a lock behind that nobody can take.
keys_that_panic() {
    fresh_place
    start --write
    client put "" x
    client get ""
    client put "é" x
    client get "0"
    client put "$(printf '%064d' 7)" kept | grep -q '^9 '
    client get "$(printf '%064d' 7)" | grep -q kept
    if grep -q panicked /proc/"$(daemons)"/fd/2; then return 1; fi
}
stop_and_forget() {
    local number
    fresh_place
    start --write
    client report 5 crate-type | grep -q '^12'
    for number in 0 1 2 3 4 9 10 12 13 99; do
        [ "$(client number "$number")" = closed ]
    done
    serves
    cache stats --format json | grep -q '"hits": 5,'
}
read_only() {
    fresh_place
    start
    if client put "$(printf '%064d' 7)" forged | grep -qF "b'\\x00\\x00\\x00\\x00'"; then return 1; fi
    client get "$(printf '%064d' 7)" | grep -qF "8 b'\\x00'"
    [ -z "$(find "$PLACE/cache" -type f)" ]
    cache stats | grep -q ReadOnly
    # Also where the storage alone is to be read.
    cache stop
    printf 'write = true\n[sccache.storage]\nSCCACHE_LOCAL_RW_MODE = "READ_ONLY"\n' >>"$PLACE/config.toml"
    start
    client put "$(printf '%064d' 8)" forged
    [ -z "$(find "$PLACE/cache" -type f)" ]
}
# Those that are shown the other directory add, and all read it.
writers() {
    fresh_place
    start
    as_build "$PYTHON" "$PLACE/client.py" "$PLACE/run-writers/server.sock" put "$(printf '%064d' 7)" kept | grep -q '^9 '
    client get "$(printf '%064d' 7)" | grep -q kept
    client put "$(printf '%064d' 7)" forged
    client get "$(printf '%064d' 7)" | grep -q kept
}
forged_figures() {
    fresh_place
    start --write
    client report 9223372036854775807 '\x1b[2Jreason'
    client report 9223372036854775807 '\x1b[2Jreason'
    client report 9223372036854775807 'a reason'
    serves
    cache stats >"$PLACE/stats"
    if grep "$(printf '\033')" "$PLACE/stats"; then return 1; fi
    [ "$(cache stats --format json | sed -nE 's/^  "hits": ([0-9]+),?$/\1/p')" -lt 10000 ]
    # What many reports say is not kept for ever.
    local before after
    before=$(resident)
    client reports 20000
    after=$(resident)
    echo "sccache: $before KiB, then $after KiB"
    [ $((after - before)) -lt 20000 ]
    cache stats >/dev/null
}
too_large() {
    local before
    fresh_place
    start --write
    before=$(resident)
    [ "$(PATIENCE=3 client announce 1000000000)" = closed ]
    [ "$(PATIENCE=3 client announce 18446744073709551615)" = closed ]
    # Within bounds, but nothing comes: the end, after a moment.
    [ "$(PATIENCE=12 client announce 200000000)" = closed ]
    [ $(($(resident) - before)) -lt 20000 ]
    serves
}
# An entry is in the daemon's memory until it is taken: who asks for it on many connections and takes
# nothing gets some of them, and who comes later waits for nothing.
slow_takers() {
    local before most=0 now pid
    fresh_place
    start --write
    before=$(resident)
    PATIENCE=60 client slow-gets 20000000 100 8 &
    pid=$!
    # shellcheck disable=SC2064 # the process of now
    trap "kill $pid 2>/dev/null || true" EXIT
    while kill -0 "$pid" 2>/dev/null; do
        now=$(resident)
        if [ "$now" -gt "$most" ]; then most=$now; fi
        sleep 0.2
    done
    wait "$pid"
    echo "the daemon: $before KiB, then $most KiB"
    [ "$most" -gt "$before" ] && [ $((most - before)) -lt 800000 ]
    # All is given back, as soon as the daemon is done with those who left.
    for _ in $(seq 60); do
        if PATIENCE=60 client get "$(printf "7%.0s" $(seq 64))" | grep "^8 .*xxx"; then
            serves
            return
        fi
        sleep 3
    done
    return 1
}
# Nothing that is no question, or only the beginning of one, does any harm.
noise() {
    fresh_place
    start --write
    client garbage 1 300
    client garbage 2 300
    serves
    [ -z "$(find "$PLACE/open" -newer "$PLACE/config.toml" -name 'by-*')" ]
    if grep -a panicked /proc/"$(daemons)"/fd/2; then return 1; fi
}

# --- other users ---
who_says_nothing() {
    local pids=() count
    fresh_place
    start --write
    for count in 1 2 3; do
        client hold 300 >"$PLACE/held.$count" &
        pids+=($!)
    done
    # shellcheck disable=SC2064 # the processes of now
    trap "kill ${pids[*]} 2>/dev/null || true" EXIT
    for _ in $(seq 100); do if [ "$(cat "$PLACE"/held.* | wc -l)" = 3 ]; then break; fi; sleep 0.1; done
    # Another build's user, and even the same one, is served at once.
    BUILDER=daemon PATIENCE=2 client handshake | grep -q '^6 '
    PATIENCE=2 client handshake | grep -q '^6 '
    kill "${pids[@]}"
    wait "${pids[@]}" || true
    # They are gone, too, after some seconds of silence.
    [ "$(ls "/proc/$(filters)/task" | wc -l)" -lt 700 ]
}
refused() { { "$1" "$PYTHON" "$PLACE/client.py" "$2" handshake || true; } 2>&1 | grep PermissionError; }
who_is_not_asked() {
    fresh_place
    start --write
    refused as_stranger "$PLACE/run/server.sock"
    refused as_stranger "$PLACE/run-writers/server.sock"
    refused as_build "$PLACE/run-daemon/private/sccache.sock"
    # Nobody but the daemon's user finds what is kept.
    if as_build ls "$PLACE/cache"; then return 1; fi
}
# What the daemon's user could change, whatever it is brought to do.
what_the_daemon_may_write() {
    local file path
    fresh_place
    start --write
    for file in "$PLACE"/run*/bin/sccache; do
        for path in "$file" "$(dirname "$file")" "$(dirname "$(dirname "$file")")"; do
            if as_cache test -w "$path"; then echo "$path may be written"; return 1; fi
            [ "$(stat -c %U "$path")" = root ]
        done
    done
    # What root and steps run is what was installed.
    cmp "$SCCACHE" "$PLACE/run/bin/sccache"
    [ "$(stat -c '%U %a' "$PLACE/cache")" = "$CACHE_USER 700" ]
    # All of the daemon is that user, and stays it.
    for file in $(daemons) $(filters); do
        grep -q "^Uid:.*$(id -u "$CACHE_USER").*$(id -u "$CACHE_USER")" "/proc/$file/status"
        grep -q '^NoNewPrivs:.*1' "/proc/$file/status"
        grep -q '^CapPrm:.*0000000000000000' "/proc/$file/status"
    done
}

# --- in Nix's sandbox ---
in_the_sandbox() {
    fresh_place
    cache start --write
    # The script's own directory is shown to the build, as the cache is; a mark outside would be the daemon's.
    local words
    words=$(NIX_CONFIG=$PLAIN_CONFIG$'\n'"extra-sandbox-paths = /run/rbn-plan/sccache=$PLACE/run" \
        nix-build --no-out-link -E "derivation {
            name = \"attack\"; system = builtins.currentSystem; now = builtins.currentTime;
            builder = \"/usr/bin/bash\"; PATH = \"/usr/bin\"; client = $PLACE/client.py;
            args = [ \"-c\" ''
                for program in $PLACE/open/evil /usr/bin/env; do
                    /usr/bin/python3 \$client /run/rbn-plan/sccache/server.sock compile \$program BASH_ENV=$PLACE/open/evil
                done
                /usr/bin/python3 \$client /run/rbn-plan/sccache/server.sock put $PLACE/open/by-path forged
                /usr/bin/python3 \$client /run/rbn-plan/sccache/server.sock number 3
                /usr/bin/python3 \$client /run/rbn-plan/sccache/server.sock handshake
                echo >\$out'' ]; }" 2>&1)
    printf '%s\n' "$words"
    grep -q "rbn-plan's filter" <<<"$words"
    no_mark
    [ ! -e "$PLACE/open/by-path" ]
    cache stats
}

check "the daemon runs no program that a client names" compile
check "nor one that only reads" compile_read_only
check "nor one that the environment names" compile_by_environment
check "a key is no path" keys_that_are_paths
check "no key leaves the cache broken" keys_that_panic
check "no client stops the daemon or clears its figures" stop_and_forget
check "a cache that builds may only read" read_only
check "who may add adds for all" writers
check "figures are what one process can have, in plain words, and few" forged_figures
check "frames too large are refused, and none is waited for" too_large
check "who takes no answers takes no memory" slow_takers
check "noise" noise
check "who says nothing blocks nobody" who_says_nothing
check "who is not asked gets no answer" who_is_not_asked
check "the daemon's user writes nothing that is run" what_the_daemon_may_write
check "an attack from a sandbox" in_the_sandbox
finish
