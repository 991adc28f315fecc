#!/usr/bin/env bash
# Gets a real project from the registry, as a package with the lock file it was published with:
#
#   tests/fetch.sh NAME VERSION DESTINATION
#
# Cargo itself downloads it (and everything its lock names). The package is kept under tests/.cache,
# so a second call needs no network. DESTINATION is a fresh copy, ready for `--locked --offline`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 3 ] || die "usage: $0 NAME VERSION DESTINATION"
name=$1 version=$2 destination=$3
cached=$ROOT/tests/.cache/packages/$name-$version

# Where Cargo unpacked the package, if it did.
unpacked() {
    find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -mindepth 2 -maxdepth 2 \
        -name "$name-$version" 2>/dev/null | head -n 1
}

if [ ! -d "$cached" ]; then
    if [ -z "$(unpacked)" ]; then
        say "fetching $name $version"
        # `cargo info` of an exact version downloads and unpacks that one package.
        (cd / && cargo info --quiet --registry crates-io "$name@$version") >/dev/null \
            || die "cargo could not get $name $version"
    fi
    found=$(unpacked)
    [ -n "$found" ] || die "cargo did not unpack $name $version"
    [ -f "$found/Cargo.lock" ] || die "$name $version was published without a Cargo.lock"
    mkdir -p "${cached%/*}"
    rm -rf "$cached.part"
    cp -R "$found" "$cached.part"
    rm -f "$cached.part/.cargo-ok"
    # The dependencies, each with the checksum of the lock.
    if ! (cd "$cached.part" && cargo fetch --quiet --locked --offline) 2>/dev/null; then
        (cd "$cached.part" && cargo fetch --quiet --locked)
    fi
    mv "$cached.part" "$cached"
fi

[ ! -e "$destination" ] || die "$destination is there already"
mkdir -p "$(dirname "$destination")"
cp -R "$cached" "$destination"
