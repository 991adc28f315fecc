# What the attacks on the compile cache share: users, a place for a daemon, a client that says anything.
# Sourced after daemon.sh, as root, with three users that every Debian has.
# shellcheck shell=bash

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
