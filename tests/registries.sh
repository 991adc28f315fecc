#!/usr/bin/env bash
# Two registries on one host and port, told apart by their paths, which have a crate of one name and
# version: each gives its own. Nix builds, and `verify` knows the twins.
#
# RBN_PLAN names the program to use.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

find_rbn_plan
make_temporary
command -v python3 >/dev/null || die "there is no python3 to serve the registries"
export CARGO_HOME=$TEMPORARY/cargo-home CARGO_TERM_COLOR=never
SERVED=$TEMPORARY/served
APP=$TEMPORARY/app

# registry NAME WORD: a registry with the crate `internal`, which says the word.
registry() {
    local place=$SERVED/$1 sum
    mkdir -p "$place/index/in/te" "$place/crates" "$TEMPORARY/made/$1/src"
    printf '[package]\nname = "internal"\nversion = "0.3.0"\nedition = "2024"\ndescription = "x"\nlicense = "MIT"\n[workspace]\n' \
        >"$TEMPORARY/made/$1/Cargo.toml"
    printf 'pub fn word() -> &%sstatic str { "%s" }\n' "'" "$2" >"$TEMPORARY/made/$1/src/lib.rs"
    (cd "$TEMPORARY/made/$1" && cargo package --quiet --no-verify --offline --allow-dirty)
    mv "$TEMPORARY/made/$1/target/package/internal-0.3.0.crate" "$place/crates/internal-0.3.0.crate"
    sum=$(sha256sum "$place/crates/internal-0.3.0.crate" | cut -d' ' -f1)
    printf '{"dl":"http://127.0.0.1:%s/%s/crates/{crate}-{version}.crate"}\n' "$PORT" "$1" >"$place/index/config.json"
    printf '{"name":"internal","vers":"0.3.0","deps":[],"cksum":"%s","features":{},"yanked":false}\n' \
        "$sum" >"$place/index/in/te/internal"
}

workspace() {
    mkdir -p "$APP/src" "$APP/.cargo"
    cat >"$APP/Cargo.toml" <<TOML
[workspace]

[package]
name = "app"
version = "0.1.0"
edition = "2024"

[dependencies]
one = { package = "internal", version = "0.3", registry = "corp-a" }
other = { package = "internal", version = "0.3", registry = "corp-b" }
TOML
    printf 'fn main() { println!("{} {}", one::word(), other::word()) }\n' >"$APP/src/main.rs"
    printf '[registries]\ncorp-a.index = "sparse+http://127.0.0.1:%s/A/index/"\ncorp-b.index = "sparse+http://127.0.0.1:%s/B/index/"\n' \
        "$PORT" "$PORT" >"$APP/.cargo/config.toml"
    (cd "$APP" && cargo generate-lockfile --quiet && cargo fetch --quiet --locked)
}

# What another project left of the same host must not be taken.
older() {
    local folder
    for folder in "$CARGO_HOME"/registry/index/127.0.0.1-*; do
        cp -R "$folder" "$CARGO_HOME/registry/index/127.0.0.1-00000000000000${1}"
        printf '{"dl":"http://127.0.0.1:1/nobody"}' >"$CARGO_HOME/registry/index/127.0.0.1-00000000000000${1}/config.json"
        return
    done
}

built() {
    cd "$APP"
    mkdir -p generated
    "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    "$RBN_PLAN" -o generated/steps.nix --locked --offline
    if grep 'nobody' generated/toolchain.nix; then return 1; fi
    nix build -f generated/steps.nix -o result
    [ "$(result/bin/app)" = "$(cargo run --quiet --locked --offline --release)" ]
    [ "$(result/bin/app)" = 'from A from B' ]
}

verified() {
    cd "$APP"
    "$RBN_PLAN" verify --locked --offline
}

mkdir -p "$SERVED"
PORT_FILE=$TEMPORARY/port
python3 -u - "$SERVED" "$PORT_FILE" >/dev/null 2>&1 <<'PYTHON' &
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
with open(sys.argv[2], "w") as file:
    print(server.server_address[1], file=file)
server.serve_forever()
PYTHON
SERVER=$!
at_end() { kill "$SERVER" 2>/dev/null || true; }
trap 'at_end; chmod -R u+w "$TEMPORARY"; rm -rf "$TEMPORARY"' EXIT
for _ in $(seq 50); do [ -s "$PORT_FILE" ] && break; sleep 0.1; done
PORT=$(cat "$PORT_FILE")

registry A 'from A'
registry B 'from B'
workspace
older 00
older ff
check 'two registries of one host: built' built
check 'two registries of one host: verified' verified
finish
