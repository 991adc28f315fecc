#!/usr/bin/env bash
# What code in a build, or the daemon's own user, may try against the compile cache, and how it fails: a
# client that says what sccache's protocol has, links that were planted, programs that others can write.
# As root, with three users that every Debian has. Needs an sccache: see need_sccache in machine.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/sccache/daemon.sh"
# One that other users may run, too.
install_packages python3
PYTHON=/usr/bin/python3
[ "$(id -u)" -eq 0 ] || { say "   not tested: attacks on the compile cache (they need root)"; finish; exit; }

# The cache's user; a group that may ask; two users of it that build, one that is not in it.
CACHE_USER=nobody GROUP=games
as_build() { setpriv --reuid "${BUILDER:-bin}" --regid "$GROUP" --groups "$GROUP" "$@"; }
as_cache() { setpriv --reuid "$CACHE_USER" --regid nogroup --clear-groups "$@"; }
as_stranger() { setpriv --reuid sys --regid sys --clear-groups "$@"; }
client() { as_build "$PYTHON" -B "$PLACE/client.py" "$PLACE/run/server.sock" "$@"; }

# fresh_place: a directory of its own for a daemon; nothing is started.
fresh_place() {
    end_daemons
    chmod 755 "$TEMPORARY"
    PLACE=$(mktemp -d "$TEMPORARY/place.XXXXXX")
    chmod 755 "$PLACE"
    cp "$ROOT/tests/sccache/client.py" "$PLACE/client.py"
    mkdir -m 1777 "$PLACE/open"
    printf '[sccache]\nsocket = "%s"\ndirectory = "%s"\n' "$PLACE/run/server.sock" "$PLACE/cache" >"$PLACE/config.toml"
    # A program that leaves a mark when it is run, whatever it is called with.
    printf '#!/bin/sh\necho "%s" >>"%s/open/mark"\necho sccache 0.19.0\n' run "$PLACE" >"$PLACE/open/evil"
    chmod 755 "$PLACE/open/evil"
}
cache() { "$RBN_PLAN" cache "$@" --config "$PLACE/config.toml"; }
start() { cache start --user "$CACHE_USER" --group "$GROUP" "$@"; }
no_mark() { [ ! -e "$PLACE/open/mark" ] || { echo "it was run:"; cat "$PLACE/open/mark"; return 1; }; }
serves() { client handshake | grep -q '^6 '; }

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
# What all processes of the daemon hold, in KiB.
resident() {
    local pid sum=0 size
    for pid in $(daemons) $(filters); do
        size=$(sed -nE 's/^VmRSS:\s+([0-9]+) kB/\1/p' "/proc/$pid/status")
        sum=$((sum + size))
    done
    echo "$sum"
}
filters() {
    local pid
    for pid in $(daemons); do awk '/^PPid:/ { print $2 }' "/proc/$pid/status"; done
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

# --- programs ---
# Root runs nothing that another user can write.
other_peoples_programs() {
    local status place
    fresh_place
    for place in "$PLACE/open" "$PLACE/theirs"; do
        mkdir -p "$place/bin"
        cp "$PLACE/open/evil" "$place/bin/sccache"
    done
    chmod 777 "$PLACE/open/bin"
    chown -R "$CACHE_USER" "$PLACE/theirs"
    # A link of theirs to a program of root's may lead elsewhere later.
    ln -s "$SCCACHE" "$PLACE/open/link"
    chown -h "$CACHE_USER" "$PLACE/open/link"
    for place in "$PLACE/open/bin/sccache" "$PLACE/theirs/bin/sccache" "$PLACE/open/link"; do
        status=0
        SCCACHE=$place start >"$PLACE/words" 2>&1 || status=$?
        cat "$PLACE/words"
        [ "$status" = 2 ] && grep -q 'could be' "$PLACE/words"
        (cd "$PLACE" && SCCACHE=$place "$RBN_PLAN" doctor --config "$PLACE/config.toml" || true) >"$PLACE/words" 2>&1
    done
    no_mark
}
# A program that was put where builds find sccache: root asks the daemon without running anything there.
replaced_program() {
    fresh_place
    start --write
    cp "$PLACE/open/evil" "$PLACE/run/bin/sccache"
    cache stats
    (cd "$PLACE" && "$RBN_PLAN" doctor --config "$PLACE/config.toml" || true)
    start --write
    cmp "$SCCACHE" "$PLACE/run/bin/sccache"
    cp "$PLACE/open/evil" "$PLACE/run/bin/sccache"
    cache stop
    no_mark
}

# --- links ---
# Who builds as the one who started the daemon could plant links where builds are shown things.
planted_links() {
    local victim link before
    for link in run/bin cache run/server.sock run-daemon run; do
        fresh_place
        victim=$PLACE/victim
        mkdir -m 750 "$victim"
        echo precious >"$victim/file"
        chmod 640 "$victim/file"
        mkdir -p "$(dirname "$PLACE/$link")"
        case $link in
            run/server.sock) ln -s "$victim/file" "$PLACE/$link" ;;
            *) ln -s "$victim" "$PLACE/$link" ;;
        esac
        # The one who planted it is nobody whose word counts.
        case $link in run-daemon | run) chown -h "$CACHE_USER" "$PLACE/$link" ;; esac
        before=$(ls -laR "$victim" | grep -v '\.\.$')
        start --write || true
        end_daemons
        [ "$(ls -laR "$victim" | grep -v '\.\.$')" = "$before" ] || { echo "$link:"; ls -laR "$victim"; return 1; }
        [ "$(<"$victim/file")" = precious ]
    done
}
# While the daemon is started somebody puts links in place of its socket.
race_on_the_socket() {
    local victim pid
    fresh_place
    victim=$PLACE/victim
    echo precious >"$victim"
    chmod 600 "$victim"
    mkdir -p "$PLACE/run"
    (while :; do ln -sfn "$victim" "$PLACE/run/server.sock"; done) 2>/dev/null &
    pid=$!
    for _ in $(seq 10); do
        start --write || true
        end_daemons
    done
    kill "$pid"
    wait "$pid" || true
    [ "$(stat -c '%U:%G %a' "$victim")" = 'root:root 600' ] || { ls -l "$victim"; return 1; }
}
# Two that start at once: one daemon, which answers.
two_at_once() {
    local one two
    fresh_place
    start --write & one=$!
    start --write & two=$!
    wait "$one"
    wait "$two"
    [ "$(daemons | wc -l)" = 1 ]
    serves
}

# --- daemons of other kinds ---
# A bare sccache, as a user starts it by hand or an older rbn-plan left it.
bare_daemon() {
    local status=0
    fresh_place
    mkdir "$PLACE/run" "$PLACE/own"
    cp "$SCCACHE" "$PLACE/own/sccache"
    mkdir "$PLACE/bin" && mv "$PLACE/own/sccache" "$PLACE/bin/sccache"
    SCCACHE_SERVER_UDS=$PLACE/run/server.sock SCCACHE_DIR=$PLACE/cache SCCACHE_CONF=/dev/null \
        "$PLACE/bin/sccache" --start-server
    start --write >"$PLACE/words" 2>&1 || status=$?
    cat "$PLACE/words"
    [ "$status" = 2 ] && grep -q 'bare sccache' "$PLACE/words"
    cache stats >"$PLACE/words" 2>&1 || true
    grep -q 'bare sccache' "$PLACE/words"
    (cd "$PLACE" && "$RBN_PLAN" doctor --config "$PLACE/config.toml" || true) | grep 'bare sccache'
    end_daemons
}
# What says of itself that it is sccache, and speaks otherwise, is not let in.
another_language() {
    local status=0
    fresh_place
    mkdir -p "$PLACE/bin"
    cat >"$PLACE/bin/sccache" <<'PROGRAM'
#!/usr/bin/python3
import os, socket, struct, sys
if "--version" in sys.argv:
    print("sccache 0.99.0")
    sys.exit()
line = socket.socket(socket.AF_UNIX)
line.bind(os.environ["SCCACHE_SERVER_UDS"])
line.listen()
while True:
    other, _ = line.accept()
    other.recv(4096)
    words = struct.pack("<I", 6) + struct.pack("<QQQ", 0, 0, 0) + bytes(6) + struct.pack("<I", 1) + b"\0"
    other.sendall(struct.pack(">I", len(words)) + words)
    other.close()
PROGRAM
    chmod 755 "$PLACE/bin/sccache"
    SCCACHE=$PLACE/bin/sccache start --write >"$PLACE/words" 2>&1 || status=$?
    cat "$PLACE/words"
    [ "$status" = 2 ] && tr -s ' │\n' ' ' <"$PLACE/words" | grep -q 'does not speak as'
    [ ! -e "$PLACE/run/server.sock" ]
}
ends_together() {
    local filter server
    fresh_place
    start --write
    server=$(daemons) filter=$(filters)
    kill -KILL "$filter"
    for _ in $(seq 50); do [ -d "/proc/$server" ] || break; sleep 0.1; done
    [ ! -d "/proc/$server" ]
    cache stats | grep '^no daemon answers'
    start --write
    server=$(daemons) filter=$(filters)
    kill -KILL "$server"
    for _ in $(seq 50); do [ -d "/proc/$filter" ] || break; sleep 0.1; done
    [ ! -d "/proc/$filter" ]
    start --write
    serves
    cache stop
    [ -z "$(daemons)" ] && [ ! -e "$PLACE/run/server.sock" ]
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
check "noise" noise
check "who says nothing blocks nobody" who_says_nothing
check "who is not asked gets no answer" who_is_not_asked
check "the daemon's user writes nothing that is run" what_the_daemon_may_write
check "root runs no program of other people's" other_peoples_programs
check "a program that was put in sccache's place" replaced_program
check "links lead nowhere" planted_links
check "a race on the socket" race_on_the_socket
check "two starts at once" two_at_once
check "a daemon started by hand" bare_daemon
check "an sccache that speaks otherwise" another_language
check "filter and sccache end together" ends_together
check "an attack from a sandbox" in_the_sandbox
finish
