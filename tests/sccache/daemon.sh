# What the tests of the compile cache share: plans that are new to Nix, a daemon in a place of its own.
# Sourced after lib.sh and machine.sh.
# shellcheck shell=bash

# fresh DIR: a plan of the workspace's (PLAN) with a word of its own in the builder's text, so that
# every derivation is new to Nix. The word is random: what a run built stays in the store.
fresh() {
    local word
    word=$(mktemp -u XXXXXXXXXXXX)
    PLAN=$1/generated/steps-$word.nix
    sed "s|^\( *\)fn main() -> std::process::ExitCode {|\1// $word\n&|" "$1/generated/steps.nix" >"$PLAN"
    ! cmp -s "$PLAN" "$1/generated/steps.nix"
}

# The derivations of all that a plan builds, one a line.
derivations() {
    local top
    top=$(nix-instantiate --quiet --quiet "$1" -A default 2>/dev/null)
    # shellcheck disable=SC2086 # one derivation a word
    nix-store --query --requisites ${top//\!*/} | grep '\.drv$'
}
# How many of them sccache can keep: libraries that no linker makes.
cacheable() {
    # The status of `grep -L` says whether lines were found, not whether files were listed.
    derivations "$1" | xargs grep -lE -e '\\"kind\\":\\"lib\\"|\\"crateTypes\\":\[\\"(lib|rlib|staticlib)\\"' \
        | { xargs grep -LE -e '\\"crateTypes\\":\[[^]]*(dylib|cdylib|proc-macro|bin)|\\"mode\\":\\"(check-)?test\\"|\\"action\\":\\"collect' || true; } | wc -l
}

# What all steps of a plan made, without what names other steps' store paths.
sums() {
    local drv out
    for drv in $(derivations "$1"); do
        out=$(nix-store --query --outputs "$drv")
        for part in lib bin; do
            [ ! -d "$out/$part" ] || (cd "$out/$part" && find . -type f -exec sha256sum {} +)
        done
    done | sort -u
}

# build DIR: builds a fresh plan and demands the very bytes that were built without a cache.
build() {
    fresh "$1"
    nix build --no-link -L -f "$PLAN"
    sums "$PLAN" >"$TEMPORARY/sums"
    diff "$TEMPORARY/plain" "$TEMPORARY/sums"
}

cache() { "$RBN_PLAN" cache "$@" --config-file "$TEMPORARY/config.toml"; }
figure() { cache stats --format json | sed -nE "s/^  \"$1\": ([0-9]+),?$/\1/p"; }

# The processes of the daemons that this script started: nothing else runs a file of ours.
daemons() {
    local exe
    for exe in /proc/[0-9]*/exe; do
        case $(readlink "$exe" 2>/dev/null) in
            "$TEMPORARY"/*/bin/sccache)
                exe=${exe#/proc/}
                echo "${exe%/exe}" ;;
        esac
    done
}
end_daemons() {
    local pid
    for pid in $(daemons); do kill -KILL "$pid" 2>/dev/null || true; done
    while [ -n "$(daemons)" ]; do sleep 0.1; done
}
# again: a new daemon, with an empty cache.
again() {
    end_daemons
    [ ! -d "$TEMPORARY/cache" ] || find "$TEMPORARY/cache" -mindepth 1 -delete
    cache start >/dev/null
}

# expect NAME VALUE: a figure of the daemon's.
expect() {
    local found
    found=$(figure "$1")
    [ "$found" = "$2" ] || { echo "$1: $found, not $2"; cache stats; return 1; }
}

# workspace DIR WORDS...: a workspace's plan and toolchain.
workspace() {
    local place=$1
    shift
    mkdir -p "$place/generated"
    (cd "$place" && "$RBN_PLAN" toolchain host >"$TEMPORARY/toolchain.nix" \
        && "$RBN_PLAN" --locked --offline "$@" >"$TEMPORARY/steps.nix")
    mv "$TEMPORARY/toolchain.nix" "$TEMPORARY/steps.nix" "$place/generated/"
}
# plainly DIR: builds a fresh plan without a cache; what it made is what every other build must make.
plainly() {
    fresh "$1"
    NIX_CONFIG=$PLAIN_CONFIG nix build --no-link -f "$PLAN"
    sums "$PLAN" >"$TEMPORARY/plain"
}

find_rbn_plan
find_sccache || die "no sccache here: see tests/README.md"
export SCCACHE
make_temporary
trap 'end_daemons; umount -l "$TEMPORARY/cache" 2>/dev/null || true; chmod -R u+w "$TEMPORARY" 2>/dev/null || true; rm -rf "$TEMPORARY"' EXIT
chmod 755 "$TEMPORARY"
cat >"$TEMPORARY/config.toml" <<CONFIG
[sccache]
socket = "$TEMPORARY/run/server.sock"
directory = "$TEMPORARY/cache"
write = true
CONFIG
PLAIN_CONFIG=${NIX_CONFIG:-}
