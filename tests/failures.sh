#!/usr/bin/env bash
# Builds that must fail, and what they say: the step, the command or the script's own words, and for
# a known cause the line that cures it. Real Nix, in the sandbox.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# workspace [BUILD_SCRIPT]: a package `app`, with its plan and toolchain, to be spoiled further.
workspace() {
    place=$TEMPORARY/ws
    rm -rf "$place"
    mkdir -p "$place/src" "$place/generated"
    cd "$place"
    printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\n' >Cargo.toml
    echo 'fn main() {}' >src/main.rs
    if [ $# -gt 0 ]; then printf 'fn main() {\n%s\n}\n' "$1" >build.rs; fi
    cargo generate-lockfile --quiet --offline
    planned
}

planned() {
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    "$RBN_PLAN" --locked --offline >generated/steps.nix
}

# says WORD...: the build fails, and says all of it.
says() {
    if nix build -f generated/steps.nix --no-link -L >"$TEMPORARY/words" 2>&1; then
        echo "it was built"
        return 1
    fi
    said "$@"
}

said() {
    cat "$TEMPORARY/words"
    local word
    for word in "$@"; do
        grep -qF -- "$word" "$TEMPORARY/words" || { echo "the message does not say: $word"; return 1; }
    done
}

# tells WORD...: the tool says all of it.
tells() {
    if "$RBN_PLAN" build --locked --offline --no-link >"$TEMPORARY/words" 2>&1; then
        echo "it was built"
        return 1
    fi
    said "$@"
}

rustc_errors() {
    workspace
    echo 'fn main() { let number: u8 = "text"; }' >src/main.rs
    says 'step "app-0.1.0:bin:app"' 'mismatched types' 'the command was' '--crate-name app'
}

rustc_is_ended() {
    workspace
    mkdir -p macros/src
    printf '[package]\nname = "macros"\nversion = "0.1.0"\nedition = "2024"\n\n[lib]\nproc-macro = true\n' >macros/Cargo.toml
    echo 'extern crate proc_macro;
#[proc_macro]
pub fn end(_: proc_macro::TokenStream) -> proc_macro::TokenStream { std::process::abort() }' >macros/src/lib.rs
    echo 'macros = { path = "macros" }' >>Cargo.toml
    echo 'macros::end!(); fn main() {}' >src/main.rs
    cargo generate-lockfile --quiet --offline
    planned
    says 'step "app-0.1.0:bin:app"' 'rustc was ended by signal 6' 'max-jobs'
}

script_panics() {
    workspace '    panic!("the reason");'
    says 'step "app-0.1.0:run"' 'the reason' 'ended with status 101'
}

script_reports() {
    workspace '    println!("cargo::error=no good compiler");'
    says 'step "app-0.1.0:run"' 'no good compiler'
}

script_says_nonsense() {
    workspace '    println!("cargo::rustc-nonsense=1");'
    says 'step "app-0.1.0:run"' 'does not know' 'rustc-nonsense'
}

library_is_missing() {
    workspace '    println!("cargo::rustc-link-lib=no_such_library");'
    tells 'app-0.1.0:bin:app' '[override.app]' 'build-inputs'
}

# The checksum of Cargo.lock is what decides: what is fetched must be that.
wrong_checksum() {
    workspace
    echo 'semver = "=1.0.26"' >>Cargo.toml
    cargo generate-lockfile --quiet
    cargo fetch --quiet --locked
    planned
    grep -q 'sha256 = "' generated/steps.nix
    # Where the crate is at hand its file is compared, elsewhere the download.
    sed -i 's/sha256 = "....../sha256 = "000000/' generated/steps.nix
    says semver-1.0.26.crate mismatch
}

# Without the lines of nix.conf: the name of what fails first says what is missing.
no_sandbox_paths() {
    workspace
    # Another fingerprint, so that nothing of it has been built before.
    sed -i "s|fingerprint = \[|fingerprint = [ \"$TEMPORARY\"|" generated/toolchain.nix
    NIX_CONFIG=$(printf '%s\n' "$NIX_CONFIG" | grep -v '^extra-sandbox-paths')
    export NIX_CONFIG
    says need-extra-sandbox-paths -usr
}

# Where the builder may write to the sandbox's root, it makes /bin/sh; elsewhere nix.conf must name it.
no_script_shell() {
    workspace '    assert!(std::process::Command::new("./configure").status().unwrap().success());'
    printf '#!/bin/sh\n# %s\n' "$TEMPORARY" >configure
    chmod +x configure
    planned
    mkdir -p "$TEMPORARY/bin"
    chmod 555 "$TEMPORARY/bin"
    NIX_CONFIG=${NIX_CONFIG//" /bin/sh=$(realpath /bin/sh)"/}
    export NIX_CONFIG
    (
        NIX_CONFIG+=$'\n'"extra-sandbox-paths = /bin=$TEMPORARY/bin"
        says 'step "app-0.1.0:run"' 'the sandbox has no /bin/sh' "extra-sandbox-paths = /bin/sh=$(realpath /bin/sh)"
    ) || return 1
    [ -S /nix/var/nix/daemon-socket/socket ] || nix build -f generated/steps.nix --no-link
}

# The sandbox shows nothing of the compiler: that is no matter of config.toml.
compiler_is_hidden() {
    workspace
    sed -i "s|rustc = kept \".*\"|rustc = kept \"$TEMPORARY/bin/rustc\"|" generated/toolchain.nix
    tells "$TEMPORARY/bin/rustc" 'extra-sandbox-paths'
    if grep -qF '[override' "$TEMPORARY/words"; then echo "it names a cure that is none"; return 1; fi
}

find_rbn_plan
make_temporary
for name in rustc_errors rustc_is_ended script_panics script_reports script_says_nonsense library_is_missing \
    wrong_checksum no_sandbox_paths no_script_shell compiler_is_hidden; do
    check "fails well: ${name//_/ }" "$name"
done
finish
