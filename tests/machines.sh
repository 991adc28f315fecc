#!/usr/bin/env bash
# More than one machine: a toolchain that lies in the store, remote builders, binary caches, CI files.
# The other machines are namespaces with a /nix of their own, reached by an `ssh` of ours (tests/hosts/ssh).
# As root. With words: those checks whose names have one of them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
need_rust
need_nix
find_rbn_plan
make_temporary
RBN_PLAN=$(realpath "$RBN_PLAN")
WORDS=("$@")
. "$ROOT/tests/hosts/play.sh"

# A workspace whose steps are in no store yet, and which links a C library of the machine.
workspace() {
    rm -rf "$TEMPORARY/ws"
    mkdir -p "$TEMPORARY/ws/src" "$TEMPORARY/ws/maker/src"
    cd "$TEMPORARY/ws"
    cat >Cargo.toml <<TOML
[package]
name = "uses-zlib"
version = "0.1.0"
edition = "2021"
[dependencies]
maker = { path = "maker" }
[workspace]
TOML
    printf '[package]\nname = "maker"\nversion = "0.1.0"\nedition = "2021"\n[lib]\nproc-macro = true\n' >maker/Cargo.toml
    cat >maker/src/lib.rs <<'RUST'
use proc_macro::TokenStream;
#[proc_macro]
pub fn answer(_: TokenStream) -> TokenStream { "42".parse().unwrap() }
RUST
    cat >build.rs <<'RUST'
fn main() {
    println!("cargo:rustc-link-lib=z");
    println!("cargo:rustc-env=SAID=ready");
}
RUST
    cat >src/main.rs <<'RUST'
use std::ffi::CStr;
extern "C" { fn zlibVersion() -> *const std::os::raw::c_char; }
fn main() {
    let version = unsafe { CStr::from_ptr(zlibVersion()) };
    println!("zlib {} {} {}", version.to_str().unwrap(), maker::answer!(), env!("SAID"));
}
RUST
    echo "// $(date +%s%N)$RANDOM" | tee -a src/main.rs maker/src/lib.rs >>build.rs
    cargo generate-lockfile --quiet --offline
    # A repository, so that what a build leaves is no source.
    git init --quiet .
    printf '/target\n/result\n/generated\n/here\n' >.gitignore
}

# --- A toolchain in the store -----------------------------------------------------------------------

without_sandbox_paths() {
    NIX_CONFIG=$(sed 's/^extra-sandbox-paths.*/sandbox-paths =/' <<<"$NIX_CONFIG")
    export NIX_CONFIG HOST_NIX_CONFIG=$NIX_CONFIG
}

in_the_store() {
    workspace
    # A script's own program runs, a shell and what it starts too.
    cat >build.rs <<RUST
fn main() {
    println!("cargo:rustc-link-lib=z");
    let said = std::process::Command::new("bash").args(["-c", "echo made | sed s/made/ready/"]).output().unwrap();
    println!("cargo:rustc-env=SAID={}", String::from_utf8(said.stdout).unwrap().trim());
    println!("cargo:rustc-env=NOW=$(date +%s%N)");
}
RUST
    without_sandbox_paths
    run 0 "$RBN_PLAN" toolchain store --library z -o generated/toolchain.nix
    run 0 "$RBN_PLAN" build --out-link here
    [[ "$(./here/bin/uses-zlib)" == "zlib 1."*" 42 ready" ]]
    # The compiler's tools that checks call are there, too.
    run 0 "$RBN_PLAN" clippy --workspace -q
    cargo fmt
    run 0 "$RBN_PLAN" fmt --workspace -q
    # What a program needs when it runs is the small part, and nothing of the machine's own.
    local closure
    closure=$(nix-store -qR ./here)
    [ "$(grep -c -- '-toolchain' <<<"$closure")" -eq 1 ]
    grep -q -- '-toolchain-lib$' <<<"$closure"
    local loader
    loader=$(grep -aoE '/nix/store/[^/]*-toolchain-lib/lib/ld-linux[^[:cntrl:]]*' ./here/bin/uses-zlib | head -n 1)
    if "$loader" --list ./here/bin/uses-zlib | grep -E '=> /(usr|lib)'; then echo "it takes a library of the machine"; return 1; fi
    # The tree names nothing beyond itself: no path of the machine in what is read when programs start.
    local tools
    tools=$(sed -n 's|^  rustc = kept "\(/nix/store/[^/]*\)/.*|\1|p' generated/toolchain.nix)
    [ "$(nix-store -q --references "$tools" | sed 's/-lib$//; s/.*-//' | sort -u)" = toolchain ]
    # Made again, it is the same.
    cp generated/toolchain.nix "$TEMPORARY/toolchain.nix"
    run 0 "$RBN_PLAN" toolchain store --library z -o generated/toolchain.nix
    cmp generated/toolchain.nix "$TEMPORARY/toolchain.nix"
    # A machine that has neither rustc nor cc builds, too.
    echo "// remote" >>src/main.rs
    if HOST_BARE=hostb on hostb bash -c 'rustc -vV || cc --version || ld --version'; then echo "it has a compiler"; return 1; fi
    HOST_BARE=hostb run 0 "$RBN_PLAN" build --out-link here --jobs 0 -- --builders "$(builders)"
    says " on hostb" "on hostb"
    [[ "$(./here/bin/uses-zlib)" == "zlib 1."*" 42 ready" ]]
    # And what one asks for that is not there is said.
    run 2 "$RBN_PLAN" toolchain store --library there-is-none
    says 'no C library `there-is-none`' "--library z"
    run 2 "$RBN_PLAN" toolchain store --program there-is-none
    says 'no program `there-is-none`'
}

# --- Remote builders --------------------------------------------------------------------------------

far_away() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" build --out-link here --jobs 0 -- --builders "$(builders)"
    # Each once: the program, the macro, the script and its run.
    says "Built all 4 steps in"
    built_on hostb '[0-9]+'
    [ "$(grep -cE '^\[[0-9]+/[0-9]+\] .* on hostb$' "$TEMPORARY/said")" -ge 4 ]
    if grep -E '^\[([0-9]+)/([0-9]+)\]' "$TEMPORARY/said" | sed -E 's|^\[([0-9]+)/([0-9]+)\].*|\1 \2|' | awk '$1 > $2 { exit 1 }'; then :; else
        cat "$TEMPORARY/said"
        echo "more was built than there was"
        return 1
    fi
    local all
    all=$(grep -oE '^\[[0-9]+/[0-9]+\]' "$TEMPORARY/said" | tail -n 1)
    [ "${all%/*}" = "[$(sed -E 's|.*/([0-9]+)\]|\1|' <<<"$all")" ] || { cat "$TEMPORARY/said"; echo "the last line is $all"; return 1; }
    [[ "$(./here/bin/uses-zlib)" == "zlib 1."* ]]
}

failing_there() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    echo 'fn wrong() -> u32 { "text" }' >>src/main.rs
    for protocol in ssh-ng ssh; do
        run 1 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$protocol://hostb x86_64-linux - 4"
        says "FAILED after" "on hostb" "error[E0308]: mismatched types" "src/main.rs"
        [ "$(grep -c 'error\[E0308\]' "$TEMPORARY/said")" -eq 1 ]
    done
}

not_there() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    # One that is not for these steps is not gone.
    run 1 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "ssh-ng://hostb riscv64-linux - 4"
    says "hint: this machine is to build nothing"
    if grep "does not answer" "$TEMPORARY/said"; then echo "nobody was asked"; return 1; fi
    HOST_GONE=hostb run 1 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$(builders)"
    says "a remote builder does not answer"
    # Where this machine builds, too, it does.
    HOST_GONE=hostb run 0 "$RBN_PLAN" build --no-link -- --builders "$(builders)"
    says "Built all 4 steps in"
}

# A script that sleeps there, for as long as no other process does; waits until it does so.
sleeping() {
    SLEEP=300.$(date +%N)
    cat >build.rs <<RUST
fn main() {
    println!("cargo:rustc-link-lib=z");
    println!("cargo:rustc-env=SAID=ready");
    std::process::Command::new("sleep").arg("$SLEEP").status().unwrap();
}
RUST
}

asleep() {
    local tries=0
    until pgrep -fx "sleep $SLEEP" >/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 1200 ] || { cat "$TEMPORARY/said"; echo "the script never ran"; return 1; }
        sleep 0.1
    done
}

# dies HOST: all that runs there ends at once.
dies() {
    local pid
    while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done <"$HOSTS/$1/pids"
}

lost_in_the_middle() {
    workspace
    sleeping
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    rm -f "$HOSTS/hostb/pids"
    run 1 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$(builders)" &
    local build=$!
    asleep
    dies hostb
    wait "$build"
    pkill -KILL -fx "sleep $SLEEP" || true
    says "FAILED" "a remote builder does not answer, or its connection was lost"
    # Nothing is lost: the next build goes on.
    sed -i '/sleep/d' build.rs
    run 0 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$(builders)"
    says "Built"
}

# A builder that takes the connection and never says a word: Nix waits for it without end, and after a minute the
# display says for whom. It begins beside the checks before it, which take longer than that.
deaf_begins() {
    workspace
    cp -R "$TEMPORARY/ws" "$TEMPORARY/deaf"
    cd "$TEMPORARY/deaf"
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    HOST_DEAF=deaf timeout --signal=INT --kill-after=30 200 "$RBN_PLAN" build --no-link --jobs 0 -- \
        --builders "ssh-ng://deaf x86_64-linux - 4" >"$TEMPORARY/deaf.said" 2>&1 &
    echo $! >"$TEMPORARY/deaf.pid"
}

deaf() {
    local tries=0
    until grep -q 'nix store ping --store ssh-ng://deaf' "$TEMPORARY/deaf.said"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { cat "$TEMPORARY/deaf.said"; echo "no word of it"; return 1; }
        sleep 1
    done
    kill -INT "$(cat "$TEMPORARY/deaf.pid")" || true
    cp "$TEMPORARY/deaf.said" "$TEMPORARY/said"
    says "note: Nix has said nothing for 1m00s" "connecting to 'ssh-ng://deaf'"
}

# One of two builders is gone: the other does all of it.
one_of_two() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    HOST_GONE=hostc run 0 "$RBN_PLAN" build --out-link here --jobs 0 -- \
        --builders "ssh-ng://hostc x86_64-linux - 4 9 ; $(builders)"
    says "Built all 4 steps in"
    built_on hostb '[0-9]+'
    [[ "$(./here/bin/uses-zlib)" == "zlib 1."* ]]
}

# A builder whose store has no room: for what it is sent, then for what a step makes there.
full() {
    local room
    for room in 1m 3m; do
        workspace
        echo 'pub static MANY: [u8; 40_000_000] = [7; 40_000_000];
pub fn main() { println!("{}", MANY[std::env::args().count()]); }' >src/main.rs
        run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
        mkdir -p "$HOSTS/full/nix"
        mount -t tmpfs -o "size=$room" tmpfs "$HOSTS/full/nix"
        (run 1 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "ssh-ng://full x86_64-linux - 4") || {
            umount -l "$HOSTS/full/nix"
            return 1
        }
        umount -l "$HOSTS/full/nix"
        says "hint: the disk is full" "It is the disk of full."
    done
    # With another one beside it, that can do it.
    run 0 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$(builders)"
    says "Built"
}

slow() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    HOST_SLOW=hostb run 0 "$RBN_PLAN" build --out-link here --jobs 0 -- --builders "$(builders)"
    says "Built all 4 steps in" " on hostb"
    [[ "$(./here/bin/uses-zlib)" == "zlib 1."* ]]
}

# A builder with another rustc at the same place builds nothing with it.
another_compiler() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    HOST_OTHER=other run 1 "$RBN_PLAN" build --no-link --jobs 0 -- --builders "ssh-ng://other x86_64-linux - 4"
    says "FAILED" "on other" "rustc"
}

# Three machines: one builds all, one has a cache, and two people have neither time nor room.
three() {
    workspace
    local cache=$TEMPORARY/three url asked before
    rm -rf "$cache" "$HOSTS"/{hostb,client,second}
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    key test.example-1
    # The first has all of it built elsewhere, and shares it.
    run 0 on client "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$(builders)"
    says "Built all 4 steps in"
    built_on hostb '[0-9]+'
    run 0 on client "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    run 0 on client "$RBN_PLAN" cache push "file://$cache"
    says "0 paths missing there"
    far "$cache"
    url=http://127.0.0.1:$(cat "$TEMPORARY/far.port")
    # The second finds it there, and fetches what a user needs: the program, and nothing that it was made of.
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = $url"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    run 0 on second "$RBN_PLAN" status
    says "4 steps: 0 here, 4 in $url, 0 to build."
    run 0 on second "$RBN_PLAN" build --no-link
    says "Built 0 of 4 steps in" "1 came from a cache, 3 were not needed."
    run 0 on second "$RBN_PLAN" status
    says "4 steps: 1 here, 3 in $url, 0 to build."
    # After an edit a builder that has nothing takes what it needs from the cache, and builds one step.
    rm -rf "$HOSTS/hostb"
    read -r before _ <"$TEMPORARY/far.asked"
    echo "// an edit" >>src/main.rs
    run 0 on second "$RBN_PLAN" build --no-link --jobs 0 -- --builders "$(builders)" --builders-use-substitutes
    says "Built 1 of 4 steps in"
    built_on hostb 1
    read -r asked _ <"$TEMPORARY/far.asked"
    [ "$asked" -gt "$before" ]
}

# --- Caches -----------------------------------------------------------------------------------------

shared() {
    workspace
    local cache=$TEMPORARY/cache
    rm -rf "$cache" "$HOSTS/fresh"
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" status
    says "4 steps: 0 here, 4 to build"
    run 0 "$RBN_PLAN" build --out-link here
    run 0 "$RBN_PLAN" status
    says "4 steps: 4 here, 0 to build."
    key test.example-1
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    says "missing there, and sent" "warning: these steps were built with this machine's own compiler"
    run 0 "$RBN_PLAN" cache push "file://$cache"
    says "0 paths missing there"
    # For the tools of others: the same paths, and no word besides.
    "$RBN_PLAN" cache push --list >"$TEMPORARY/listed"
    [ "$(wc -l <"$TEMPORARY/listed")" -ge 4 ]
    if grep -v '^/nix/store/' "$TEMPORARY/listed"; then echo "no path"; return 1; fi
    # Each path is signed.
    [ "$(grep -L '^Sig: test.example-1:' "$cache"/*.narinfo | wc -l)" -eq 0 ]
    # A fresh machine that trusts the key finds all of it, fetches it, and builds one step after an edit.
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = file://$cache"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 0 here, 4 in file://$cache, 0 to build."
    run 0 on fresh "$RBN_PLAN" status --no-cache
    says "4 steps: 0 here, 4 to build"
    echo "// an edit" >>src/main.rs
    run 0 on fresh "$RBN_PLAN" status
    says "1 to build" "uses-zlib-0.1.0:bin:uses-zlib"
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "Built 1 of 4 steps in" "2 came from a cache, 1 was not needed."
    # One that trusts another key builds all by itself.
    rm -rf "$HOSTS/fresh"
    key other.example-1
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = file://$cache"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/other.example-1.pub")"
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 0 here, 4 to build" "no key of \`trusted-public-keys\` has signed 3 paths that file://$cache has"
    run 0 on fresh "$RBN_PLAN" status --cache "file://$cache?trusted=1"
    says "4 steps: 0 here, 3 in file://$cache?trusted=1, 1 to build"
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "Built all 4 steps in"
    # A cache that has lost an archive: the step is built.
    rm -rf "$HOSTS/fresh" "$cache"/nar/*
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = file://$cache"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    run 0 on fresh "$RBN_PLAN" build --no-link -- --fallback
    says "Built all 4 steps in"
    # To another machine's store.
    rm -rf "$HOSTS/fresh"
    run 0 "$RBN_PLAN" build --no-link
    HOST_NIX_CONFIG=$NIX_CONFIG run 2 "$RBN_PLAN" cache push ssh-ng://fresh
    says "lacks a valid signature" "hint: that store takes what is signed"
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" ssh-ng://fresh
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 4 here, 0 to build."
    # A kind of store that this Nix does not know.
    run 2 "$RBN_PLAN" cache push no-such-kind://there
    says "don't know how to open Nix store" "hint: this Nix does not know that kind of store"
    # A cache that does not answer is told of, and nothing is said to be in it.
    echo "// another edit" >>src/main.rs
    run 0 "$RBN_PLAN" status --cache http://127.0.0.1:9
    says "1 to build" "does not answer"
    run 0 "$RBN_PLAN" status --cache "file://$TEMPORARY/none" --cache nonsense
    says "nothing is taken from file://$TEMPORARY/none: there is no cache" "nothing is taken from nonsense: "
    [ ! -e "$TEMPORARY/none" ]
}

lost_entry() {
    workspace
    local cache=$TEMPORARY/holes
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" build --out-link here
    key test.example-1
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    # An edit sends what changed, and no more.
    echo "// an edit" >>src/main.rs
    run 0 "$RBN_PLAN" build --no-link
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    says "1 path missing there, and sent"
    rm -rf "$HOSTS/fresh"
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = file://$cache"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    # Its program's archive is lost.
    rm -rf "$cache"/nar/*
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "does not exist in binary cache" "Built all 4 steps in"
    # What it only promised was not fetched.
    if grep "fetched" "$TEMPORARY/said"; then cat "$TEMPORARY/said"; echo "counted as fetched"; return 1; fi
    # A signature that is no such: nothing of it is taken.
    rm -rf "$HOSTS/fresh" "$cache"
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache"
    sed -i 's/^\(Sig: test.example-1:\)..../\1AAAA/' "$cache"/*.narinfo
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 0 here, 4 to build" "has signed 4 paths"
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "Built all 4 steps in"
    if grep "fetched" "$TEMPORARY/said"; then cat "$TEMPORARY/said"; echo "taken"; return 1; fi
}

# A cache whose archives come damaged: nothing of them is taken or counted, the cure is told, and it works.
damaged_entry() {
    workspace
    local cache=$TEMPORARY/damaged file
    rm -rf "$cache" "$HOSTS/fresh"
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" build --no-link
    key test.example-1
    run 0 "$RBN_PLAN" cache push --sign "$TEMPORARY/test.example-1" "file://$cache?compression=none"
    for file in "$cache"/nar/*; do printf XX | dd of="$file" bs=1 seek=500 conv=notrunc; done
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"substituters = file://$cache"$'\n'"trusted-public-keys = $(cat "$TEMPORARY/test.example-1.pub")"
    run 1 on fresh "$RBN_PLAN" build --no-link
    says "hint: a binary cache of nix.conf has damaged entries"
    if grep -e "fetched" -e "Cargo.lock" "$TEMPORARY/said"; then cat "$TEMPORARY/said"; echo "counted, or another cure"; return 1; fi
    run 0 on fresh "$RBN_PLAN" build --no-link -- --fallback
    says "Built all 4 steps in"
    # An entry that nobody can read, and a cache for another store.
    for file in "$cache"/*.narinfo; do truncate -s 60 "$file"; done
    rm -rf "$HOSTS/fresh"
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 0 here, 4 to build" "has a damaged entry, with which a build fails: NAR info file"
    run 1 on fresh "$RBN_PLAN" build --no-link
    says "hint: a binary cache of nix.conf has damaged entries"
    sed -i 's,/nix/store,/other/store,' "$cache/nix-cache-info"
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 0 here, 4 to build" "nothing is taken from file://$cache: " "is for Nix stores with prefix '/other/store'"
}

# The hook of docs/machines.md, as it stands there: each step is pushed, signed; and no build ends for a cache that is
# away. One that fails is told of.
hook() {
    workspace
    local hook=$TEMPORARY/hook cache=$TEMPORARY/hooked
    rm -rf "$cache" "$HOSTS/fresh"
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    key test.example-1
    HOST_NIX_CONFIG=$NIX_CONFIG$'\n'"post-build-hook = $hook"$'\n'"secret-key-files = $TEMPORARY/test.example-1"
    sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$ROOT/docs/machines.md" | sed "s,ssh-ng://cache.example,file://$cache," >"$hook"
    chmod +x "$hook"
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "Built all 4 steps in"
    [ "$(grep -l '^Sig: test.example-1:' "$cache"/*.narinfo | wc -l)" -ge 4 ]
    sed -i "s,file://$cache,http://127.0.0.1:9," "$hook"
    echo "// an edit" >>src/main.rs
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "Built 1 of 4 steps in"
    sed -i 's/|| true/|| exit 3/' "$hook"
    echo "// an edit" >>maker/src/lib.rs
    run 1 on fresh "$RBN_PLAN" build --no-link
    says "hint: a post-build-hook of nix.conf failed"
}

# A cache whose answers take 30 ms is asked for many steps at once: what one after another would be half a
# minute is some turns. Counted, since no test is timed.
far_cache() {
    local place=$TEMPORARY/many asked most
    mkdir -p "$place/src"
    cd "$place"
    printf '[package]\nname = "many"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\nmembers = ["crates/*"]\n[dependencies]\n' >Cargo.toml
    echo "pub const NOW: &str = \"$(date +%s%N)\";" >src/lib.rs
    for number in $(seq 300); do
        mkdir -p "crates/c$number/src"
        printf '[package]\nname = "c%s"\nversion = "0.1.0"\nedition = "2021"\n' "$number" >"crates/c$number/Cargo.toml"
        cp src/lib.rs "crates/c$number/src/lib.rs"
        echo "c$number = { path = \"crates/c$number\" }" >>Cargo.toml
    done
    cargo generate-lockfile --quiet --offline
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    far
    run 0 "$RBN_PLAN" status --cache "http://127.0.0.1:$(cat "$TEMPORARY/far.port")"
    says "301 steps: 0 here, 301 to build"
    read -r asked most _ <"$TEMPORARY/far.asked"
    echo "$asked questions, $most at once"
    # Each path once, what caches say of themselves besides.
    [ "$asked" -ge 301 ] && [ "$asked" -le 320 ]
    [ "$most" -ge 20 ]
}

programs() { find "$HOSTS/fresh/nix/store" -maxdepth 1 -name '*-uses-zlib-0.1.0-bin-uses-zlib'; }

archive() {
    workspace
    local dir=$TEMPORARY/archive
    rm -rf "$dir" "$HOSTS/fresh"
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" cache restore "$dir"
    says "has nothing yet"
    run 0 "$RBN_PLAN" build --no-link
    run 0 "$RBN_PLAN" cache save "$dir"
    says "0 of earlier plans removed"
    run 0 on fresh "$RBN_PLAN" cache restore "$dir"
    run 0 on fresh "$RBN_PLAN" build --no-link
    says "Nothing to build"
    # After an edit what is new is added, and what it replaces goes.
    echo "// an edit" >>src/main.rs
    run 0 "$RBN_PLAN" build --no-link
    run 0 "$RBN_PLAN" cache save "$dir"
    says "1 path added, 1 of earlier plans removed"
    # On a machine too: what this plan is stays, what it was goes.
    run 0 on fresh "$RBN_PLAN" cache restore "$dir"
    "$RBN_PLAN" ci hydra -o generated/jobs.nix
    run 0 on fresh nix-build generated/jobs.nix -o target/rbn-plan/keep
    [ "$(programs | wc -l)" -eq 2 ]
    run 0 on fresh nix-collect-garbage
    [ "$(programs | wc -l)" -eq 1 ]
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 4 here, 0 to build."
    # What it still names is there, and nothing else.
    sed -n 's/^URL: //p' "$dir"/*.narinfo | sort -u >"$TEMPORARY/named"
    (cd "$dir" && find nar -type f | sort) | diff "$TEMPORARY/named" -
    # One that is damaged: what is whole is taken, the rest is built, and the next save mends it. A letter of a file
    # is another, a file is gone, an entry is cut; and a file that nothing names is left of a save that was ended.
    local entry file harm
    entry=$(grep -l 'StorePath: .*-bin-uses-zlib$' "$dir"/*.narinfo)
    file=$dir/$(sed -n 's/^URL: //p' "$entry")
    for harm in 'printf XX | dd of="$file" bs=1 seek=500 conv=notrunc' 'rm "$file"' 'truncate -s 60 "$entry"'; do
        eval "$harm"
        touch "$dir/nar/left.nar"
        rm -rf "$HOSTS/fresh"
        run 0 on fresh "$RBN_PLAN" cache restore "$dir"
        says "is damaged: 1 of"
        run 0 on fresh "$RBN_PLAN" status
        says "4 steps: 3 here, 1 to build"
        run 0 "$RBN_PLAN" cache save "$dir"
        says "1 path added, 0 of earlier plans removed, 1 removed that was damaged"
        [ ! -e "$dir/nar/left.nar" ]
    done
    rm -rf "$HOSTS/fresh"
    run 0 on fresh "$RBN_PLAN" cache restore "$dir"
    run 0 on fresh "$RBN_PLAN" status
    says "4 steps: 4 here, 0 to build."
    # What an address would take for something else is refused, and nothing is written elsewhere.
    run 2 "$RBN_PLAN" cache save "$TEMPORARY/odd?x=y"
    says "Nix knows no cache in"
    [ ! -e "$TEMPORARY/odd" ]
    # An archive that somebody made may hold a link where files are written and removed.
    mkdir "$TEMPORARY/elsewhere"
    echo mine >"$TEMPORARY/elsewhere/mine"
    mv "$dir/nar" "$TEMPORARY/nar"
    ln -s "$TEMPORARY/elsewhere" "$dir/nar"
    printf 'StorePath: /nix/store/%032d-x\nURL: nar/mine\n' 0 >"$dir/$(printf '%032d' 0).narinfo"
    run 2 "$RBN_PLAN" cache save "$dir"
    says "which is outside of"
    [ "$(ls "$TEMPORARY/elsewhere")" = mine ]
}

# What passed on one machine need not run on the next: the archive has the planned checks, too.
archive_of_checks() {
    workspace
    cat >>src/main.rs <<'RUST'
#[test]
fn adds() -> Result<(), &'static str> {
    if 1 + 1 == 2 { Ok(()) } else { Err("the sum is wrong") }
}
RUST
    printf '[checks]\nplans = ["test --workspace", "clippy --workspace"]\n' >config.toml
    local dir=$TEMPORARY/checked
    rm -rf "$dir" "$HOSTS/fresh"
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" -o generated/steps.nix
    run 0 "$RBN_PLAN" build --no-link --checks
    says " planned checks passed."
    run 0 "$RBN_PLAN" status
    says "Planned checks: " " here, 0 to run."
    run 0 "$RBN_PLAN" cache save "$dir"
    run 0 on fresh "$RBN_PLAN" cache restore "$dir"
    run 0 on fresh "$RBN_PLAN" build --no-link --checks
    [ "$(grep -c 'Nothing to build' "$TEMPORARY/said")" -eq 2 ]
    # What an edit touches runs there, a failure is shown, and no other check runs.
    sed -i 's/1 + 1 == 2/1 + 1 == 3/' src/main.rs
    run 1 on fresh "$RBN_PLAN" build --no-link --checks
    says "test adds ... FAILED" "the sum is wrong" "test of uses-zlib-0.1.0:bin-test:uses-zlib"
    if grep -E '^\[.*maker' "$TEMPORARY/said"; then echo "it checks again what passed"; return 1; fi
    # A failure is kept, too: it is told again, and not run again.
    run 0 on fresh "$RBN_PLAN" cache save "$dir"
    rm -rf "$HOSTS/fresh"
    run 0 on fresh "$RBN_PLAN" cache restore "$dir"
    run 1 on fresh "$RBN_PLAN" build --no-link --checks
    says "test adds ... FAILED" "the sum is wrong"
    if grep -E '^\[.*bin-test' "$TEMPORARY/said"; then echo "it runs again what failed"; return 1; fi
    # The cache of a team takes the same.
    "$RBN_PLAN" cache push --list >"$TEMPORARY/list"
    grep -q -- '-maker-checks-test$' "$TEMPORARY/list"
    grep -q -- '-rbn-plan-checker$' "$TEMPORARY/list"
    run 0 "$RBN_PLAN" cache save "$dir"
    (for entry in "$dir"/*.narinfo; do sed -n 's/^StorePath: //p' "$entry"; done) | sort >"$TEMPORARY/archived"
    [ -z "$(sort "$TEMPORARY/list" | comm -23 - "$TEMPORARY/archived")" ]
}

# --- CI files ---------------------------------------------------------------------------------------

recipes() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" -o generated/steps.nix
    python3 -c 'import yaml' 2>/dev/null || install_packages python3-yaml
    for system in github gitlab; do
        "$RBN_PLAN" ci $system >"$TEMPORARY/ci.yml"
        python3 - "$TEMPORARY/ci.yml" <<'PYTHON'
import re, subprocess, sys, yaml
read = yaml.safe_load(open(sys.argv[1]))
job = read.get("jobs", read)["build"]
lines = [step["run"] for step in job["steps"] if "run" in step] if "steps" in job else job["before_script"] + job["script"] + job["after_script"]
for wanted in ["rbn-plan check", "rbn-plan cache restore", "rbn-plan build --checks", "rbn-plan cache save"]:
    assert any(wanted in line for line in lines), wanted
for line in lines:
    subprocess.run(["bash", "-n"], input=re.sub(r"\$\{\{.*?\}\}", "x", line), text=True, check=True)
# Every command is one that this program has.
open(sys.argv[1] + ".commands", "w").writelines(line + "\n" for line in lines if line.startswith("rbn-plan "))
PYTHON
        # The systems' own schemas come with a program of Python's.
        if [ -n "${RBN_FULL:-}" ]; then
            [ -x "$TEMPORARY/python/bin/check-jsonschema" ] || {
                install_packages python3-venv
                python3 -m venv "$TEMPORARY/python"
                "$TEMPORARY/python/bin/pip" install --quiet check-jsonschema
            }
            local schema=vendor.github-workflows
            [ $system = github ] || schema=vendor.gitlab-ci
            "$TEMPORARY/python/bin/check-jsonschema" --builtin-schema $schema "$TEMPORARY/ci.yml"
        fi
        while read -r _ command rest; do
            "$RBN_PLAN" "$command" --help >/dev/null || { echo "there is no $command"; return 1; }
        done <"$TEMPORARY/ci.yml.commands"
    done
    "$RBN_PLAN" ci buildbot | python3 -c 'import sys, tomllib; assert tomllib.loads(sys.stdin.read())["attribute"] == "checks"'
    "$RBN_PLAN" ci hydra -o generated/jobs.nix
    "$ROOT/tests/hosts/evaluators.sh" 5
    grep -q '^step-x86_64-unknown-linux-gnu-uses-zlib-0_1_0-bin-uses-zlib ' generated/flat
    # A plan at the workspace root, and one below two directories: it builds, and its jobs evaluate.
    local place
    for place in . nix/deep; do
        mkdir -p "$place" tools
        printf '[nix]\noutput = "%s"\ntoolchain-file = "tools/host.nix"\n' "$place/plan.nix" >config.toml
        run 0 "$RBN_PLAN" toolchain host -o tools/host.nix
        run 0 "$RBN_PLAN" -o "$place/plan.nix"
        run 0 "$RBN_PLAN" ci hydra -o "$place/jobs.nix"
        [ "$(nix-instantiate "$place/jobs.nix" | sort -u | wc -l)" -ge 4 ]
        run 0 "$RBN_PLAN" build --no-link
    done
}

# The program that builds steps takes seconds to compile: new hosts have it, and no step.
seed() {
    workspace
    run 0 "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    run 0 "$RBN_PLAN" -o generated/steps.nix
    on seed nix-build generated/steps.nix --no-out-link -A 'steps.host."maker-0.1.0"'
}

check "a host is made ready" seed
asked "a builder that hangs: a build begins" deaf_begins
asked "the CI files are what their systems read, and the jobs evaluate" recipes
asked "a plan's steps by a binary cache, signed, on a fresh machine" shared
asked "a cache that has lost what it names, and one with a wrong signature" lost_entry
asked "a cache whose archives are damaged" damaged_entry
asked "the hook of the documentation pushes each step" hook
asked "a cache far away is asked for many steps at once" far_cache
asked "one archive for CI" archive
asked "the archive has the planned checks" archive_of_checks
asked "built on another machine: counts and places" far_away
asked "a failure on another machine says why" failing_there
asked "a builder that is gone is told of" not_there
asked "a builder that dies in the middle is told of" lost_in_the_middle
asked "three machines: one builds, one has a cache, and nobody builds what is there" three
asked "one of two builders is gone: the other builds all" one_of_two
asked "a builder without room is told of" full
asked "a builder behind a slow link" slow
asked "a builder that hangs: the display says so" deaf
asked "a builder with another compiler builds nothing" another_compiler
asked "a toolchain in the store: no sandbox path, here and on another machine" in_the_store
finish
