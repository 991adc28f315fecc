#!/usr/bin/env bash
# What the daemon's user, or a build that runs as whoever started the daemon, may leave where root and steps
# come by: programs, links, sockets, daemons of other kinds. Needs root and an sccache: see need_sccache in
# machine.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/sccache/daemon.sh"
. "$(dirname "$0")/sccache/attack.sh"

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
        (cd "$PLACE" && SCCACHE=$place "$RBN_PLAN" doctor --config-file "$PLACE/config.toml" || true) >"$PLACE/words" 2>&1
    done
    no_mark
}
# A program that was put where builds find sccache: root asks the daemon without running anything there.
replaced_program() {
    fresh_place
    start --write
    cp --remove-destination "$PLACE/open/evil" "$PLACE/run/bin/sccache"
    cache stats
    (cd "$PLACE" && "$RBN_PLAN" doctor --config-file "$PLACE/config.toml" || true)
    start --write
    cmp "$SCCACHE" "$PLACE/run/bin/sccache"
    cp --remove-destination "$PLACE/open/evil" "$PLACE/run/bin/sccache"
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
# sccache keeps the size of its directory by removing what is oldest there, whatever it is. A configuration
# may name a directory that is somebody's, as that of a tree that was fetched from somewhere.
somebodys_directory() {
    local status=0
    fresh_place
    mkdir -p "$PLACE/cache/documents"
    head -c 3000000 /dev/zero >"$PLACE/cache/documents/large"
    echo precious >"$PLACE/cache/documents/small"
    chown -R "$CACHE_USER" "$PLACE/cache"
    printf 'size = "1M"\n' >>"$PLACE/config.toml"
    start >"$PLACE/words" 2>&1 || status=$?
    cat "$PLACE/words"
    [ "$status" = 2 ] && grep -q 'nothing of a compile cache' "$PLACE/words"
    [ -z "$(daemons)" ]
    [ "$(stat -c %s "$PLACE/cache/documents/large")" = 3000000 ]
    # What a cache has in it, from a daemon before, is taken.
    mv "$PLACE/cache" "$PLACE/documents"
    sed -i '/^size/d' "$PLACE/config.toml"
    start --write
    client put "$(printf '%064d' 7)" kept
    end_daemons
    start --write
    client get "$(printf '%064d' 7)" | grep kept
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
    # shellcheck disable=SC2064 # the process of now
    trap "kill $pid 2>/dev/null || true" EXIT
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
    (cd "$PLACE" && "$RBN_PLAN" doctor --config-file "$PLACE/config.toml" || true) | grep 'bare sccache'
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

# As systemd starts it: the socket is standard input, and the process was never root's.
as_a_unit() {
    local pid
    fresh_place
    mkdir "$PLACE/run" "$PLACE/bin"
    install -d -o "$CACHE_USER" -m 700 "$PLACE/cache" "$PLACE/run-daemon" "$PLACE/run-daemon/private"
    cp "$SCCACHE" "$PLACE/bin/sccache"
    "$RBN_PLAN" cache unit --config "$PLACE/config.toml" >"$PLACE/unit"
    # shellcheck disable=SC2046 # one variable a word
    as_cache env $(sed -nE 's/^Environment="(.*)"$/\1/p' "$PLACE/unit") "$PYTHON" - "$PLACE" "$RBN_PLAN" <<'PROGRAM' &
import os, socket, sys
place, program = sys.argv[1:]
line = socket.socket(socket.AF_UNIX)
line.bind(place + "/run-daemon/server.sock")
line.listen()
os.dup2(line.fileno(), 0)
os.execv(program, [program, "cache", "serve", "--program", place + "/bin/sccache", "--server", place + "/run-daemon/private/sccache.sock"])
PROGRAM
    pid=$!
    # shellcheck disable=SC2064 # the process of now
    trap "kill $pid 2>/dev/null || true" EXIT
    for _ in $(seq 100); do [ ! -S "$PLACE/run-daemon/server.sock" ] || break; sleep 0.1; done
    as_cache "$PYTHON" "$PLACE/client.py" "$PLACE/run-daemon/server.sock" handshake | grep "rbn-plan's filter"
    as_cache "$PYTHON" "$PLACE/client.py" "$PLACE/run-daemon/server.sock" compile "$PLACE/open/evil"
    no_mark
    # A program that the daemon's user could have changed is not run.
    kill "$pid"
    wait "$pid" || true
    chmod 777 "$PLACE/bin"
    if as_cache "$RBN_PLAN" cache serve --program "$PLACE/bin/sccache" --server "$PLACE/x" </dev/null; then return 1; fi
}

check "root runs no program of other people's" other_peoples_programs
check "a program that was put in sccache's place" replaced_program
check "links lead nowhere" planted_links
check "a directory with somebody's files in it" somebodys_directory
check "a race on the socket" race_on_the_socket
check "two starts at once" two_at_once
check "a daemon started by hand" bare_daemon
check "an sccache that speaks otherwise" another_language
check "filter and sccache end together" ends_together
check "as a unit" as_a_unit
finish
