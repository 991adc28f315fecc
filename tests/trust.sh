#!/usr/bin/env bash
# What a step trusts: it builds with the compiler and the linker that its hash names, or not at all; and
# whatever a build script prints, it costs no memory.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# project: a package with a build script, and a plan of it.
project() {
    rm -rf "$TEMPORARY/ws"
    mkdir -p "$TEMPORARY/ws/src" "$TEMPORARY/ws/generated"
    cd "$TEMPORARY/ws"
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n' >Cargo.toml
    echo "fn main() {} // $RANDOM$RANDOM" >src/main.rs
    printf 'fn main() {\n%s\n}\n' "${1:-}" >build.rs
    cargo generate-lockfile --quiet --offline
    "$RBN_PLAN" --locked --offline >generated/steps.nix
}

# own_compiler: a copy of this machine's Rust, which may be changed, and a linker of its own.
own_compiler() {
    chmod -R u+w "$TEMPORARY/rust" 2>/dev/null || true
    rm -rf "$TEMPORARY/rust" "$TEMPORARY/tools"
    mkdir -p "$TEMPORARY/tools" "$TEMPORARY/rust"
    # Not its documentation, which is most of it.
    cp -a "$(rustc --print sysroot)/bin" "$(rustc --print sysroot)/lib" "$TEMPORARY/rust/"
    printf '#!/bin/sh\nexec %s "$@"\n' "$(realpath "$(command -v cc)")" >"$TEMPORARY/tools/cc"
    chmod +x "$TEMPORARY/tools/cc"
    export RUSTC=$TEMPORARY/rust/bin/rustc PATH=$TEMPORARY/tools:$PATH
    NIX_CONFIG=$(printf '%s\n' "$NIX_CONFIG" | sed "s|^extra-sandbox-paths =.*|& $TEMPORARY/rust $TEMPORARY/tools|")
    export NIX_CONFIG
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
}

# refuses WHAT: the build ends before it makes anything, and says which file is another one.
refuses() {
    if nix build -f generated/steps.nix --no-link -L >"$TEMPORARY/words" 2>&1; then
        echo "it was built"
        return 1
    fi
    cat "$TEMPORARY/words"
    grep -qF "$1 is not the one that this plan's toolchain names" "$TEMPORARY/words"
    grep -q 'named: ' "$TEMPORARY/words" && grep -q 'found: ' "$TEMPORARY/words"
}

the_same_compiler_builds() {
    project
    own_compiler
    nix build -f generated/steps.nix --no-link
}

another_compiler() {
    project
    own_compiler
    local driver
    driver=$(find "$TEMPORARY/rust/lib" -maxdepth 1 -name 'librustc_driver*.so')
    # An update by rustup: another file under the same name is one byte longer.
    printf ' ' >>"$driver"
    refuses "$driver"
}

another_standard_library() {
    project
    own_compiler
    local place
    place=$TEMPORARY/rust/lib/rustlib/$(host_triple)/lib
    printf ' ' >>"$(find "$place" -name 'libstd-*.rlib')"
    refuses "$place"
}

another_linker() {
    project
    own_compiler
    printf '#!/bin/sh\n# another\nexec %s "$@"\n' "$(realpath "$(command -v gcc)")" >"$TEMPORARY/tools/cc"
    refuses "$TEMPORARY/tools/cc"
}

# What a program takes at the most, in KiB, while a command runs: `peak WORD COMMAND...` looks at the
# programs that have the word in their name.
peak() {
    local word=$1 pid most=0 now status
    shift
    "$@" >"$TEMPORARY/words" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        for status in /proc/[0-9]*/; do
            case $(readlink "$status/exe" 2>/dev/null) in
                *"$word"*)
                    now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "$status/status" 2>/dev/null)
                    if [ "${now:-0}" -gt "$most" ]; then most=$now; fi
                    ;;
            esac
        done
        sleep 0.05
    done
    wait "$pid" || true
    echo "$most"
}

# A gigabyte on both streams, and then a failure that has to be told: each process stays below 100 MB.
a_talkative_script() {
    project '    let line = "x".repeat(1 << 20);
    for _ in 0..512 { println!("{line}"); }
    for _ in 0..512 { eprintln!("{line}"); }
    panic!("the reason");'
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    local builder tool
    builder=$(peak rbn-plan-builder nix build -f generated/steps.nix --no-link)
    grep -q 'the build script of app ended with status 101' <(nix log -f generated/steps.nix "steps.$(host_triple).\"app-0.1.0:run\"")
    tool=$(peak "$(realpath "$RBN_PLAN")" "$RBN_PLAN" build --locked --offline --no-link)
    cat "$TEMPORARY/words" | cut -c1-200
    grep -q 'the reason' "$TEMPORARY/words"
    echo "builder $builder KiB, rbn-plan $tool KiB"
    [ "$builder" -gt 0 ] && [ "$builder" -lt 100000 ] && [ "$tool" -gt 0 ] && [ "$tool" -lt 100000 ]
}

# 100,000 directives are read as they come.
many_directives() {
    project '    for n in 0..100_000 { println!("cargo::metadata=key{n}=value"); }'
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    nix build -f generated/steps.nix --no-link "steps.$(host_triple).\"app-0.1.0:run\""
}

# Cargo leaves what is in OUT_DIR alone: pipes and sockets too, which no store can keep.
odd_files_in_out_dir() {
    project '    let out = std::env::var("OUT_DIR").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(format!("{out}/pipe")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(format!("{out}/socket")).unwrap();
    std::fs::write(format!("{out}/kept"), "x").unwrap();
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::set_permissions(format!("{out}/kept"), std::fs::Permissions::from_mode(0o4755));'
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    nix build -f generated/steps.nix --no-link
}

find_rbn_plan
make_temporary
for name in the_same_compiler_builds another_compiler another_standard_library another_linker \
    a_talkative_script many_directives odd_files_in_out_dir; do
    check "trust: ${name//_/ }" "$name"
done
finish
