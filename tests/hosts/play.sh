# Other machines, played by namespaces with a /nix of their own and reached by an `ssh` of ours (tests/hosts/ssh).
# Sourced after lib.sh and machine.sh, when there are a Nix, a program under test and a temporary directory.
# shellcheck shell=bash

export HOSTS=$TEMPORARY/hosts HOST_NIX_CONFIG=$NIX_CONFIG
PATH=$ROOT/tests/hosts:$PATH

# on HOST COMMAND...: there.
on() { "$ROOT/tests/hosts/ssh" "$1" "cd $(printf %q "$PWD") && $(printf '%q ' "${@:2}")"; }

builders() { echo "ssh-ng://hostb x86_64-linux - 4"; }

says() {
    for word in "$@"; do
        grep -qF -- "$word" "$TEMPORARY/said" || { cat "$TEMPORARY/said"; echo "it does not say: $word"; return 1; }
    done
}

# built_on HOST NUMBER: that many, a pattern, and none elsewhere.
built_on() {
    grep -qE "^  where +$2 on $1$" "$TEMPORARY/said" || { cat "$TEMPORARY/said"; echo "not $2 on $1"; return 1; }
}

# run CODE COMMAND...: the exit code is CODE; what is said is in $TEMPORARY/said.
run() {
    local code=$1 status
    shift
    set +e
    "$@" >"$TEMPORARY/said" 2>&1
    status=$?
    set -e
    [ "$status" -eq "$code" ] || { cat "$TEMPORARY/said"; echo "exit $status where $code was wanted"; return 1; }
    if grep -qE 'panicked|@nix' "$TEMPORARY/said"; then cat "$TEMPORARY/said"; echo "garbage"; return 1; fi
}

# key NAME: one to sign with, in $TEMPORARY/NAME, and what others trust in NAME.pub.
key() {
    [ -e "$TEMPORARY/$1" ] || nix-store --generate-binary-cache-key "$1" "$TEMPORARY/$1" "$TEMPORARY/$1.pub"
}

# far [DIRECTORY]: a cache whose answers come late, as long as the check lasts.
far() {
    rm -f "$TEMPORARY/far.port"
    python3 "$ROOT/tests/hosts/far.py" "$TEMPORARY/far" "$@" &
    # shellcheck disable=SC2064  # this one, and no later one
    trap "kill $!" EXIT
    until [ -s "$TEMPORARY/far.port" ]; do sleep 0.1; done
}
