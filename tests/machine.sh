# Makes a Debian-like machine ready: packages, Nix and its settings, the tools for aarch64.
# Sourced after lib.sh by run.sh, bench.sh and examples/demo.sh. Safe to run twice: what is there
# stays as it is, and no file of the user is written.
# shellcheck shell=bash

# Whether a command can be run as root, and how.
can_be_root() {
    [ "$(id -u)" -eq 0 ] \
        || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# The words of a command are shown only when it fails.
quietly() {
    local words
    words=$("$@" 2>&1) || { printf '%s\n' "$words" >&2; die "'$*' failed (see above)"; }
}

APT_UPDATED=
# install PACKAGE...: from the distribution, and only what is missing.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed' \
            || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null \
        || die "there is no apt-get here: please install what Debian calls ${missing[*]}"
    can_be_root || die "please run, as root, 'apt-get install ${missing[*]}' and start again"
    say "   installing ${missing[*]}"
    if [ -z "$APT_UPDATED" ]; then
        quietly as_root apt-get update -qq
        APT_UPDATED=1
    fi
    # No service is started: RUNLEVEL=1.
    quietly as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# need COMMAND PACKAGE...: the packages are installed where the command is missing.
need() {
    local command=$1
    shift
    command -v "$command" >/dev/null || install_packages "$@"
    command -v "$command" >/dev/null || die "$command is still missing after installing $*"
}

need_rust() {
    # Where rustup puts it; a fresh shell may not have read its profile.
    [ -d "$HOME/.cargo/bin" ] && PATH=$HOME/.cargo/bin:$PATH
    command -v cargo >/dev/null || die "cargo is missing: install Rust from https://rustup.rs"
    need cc gcc libc6-dev
    need ar binutils
}

# The settings that a build with the machine's own compiler needs, on top of the user's nix.conf.
# Through the environment, so that nobody's configuration is changed.
nix_settings() {
    local paths='' path sysroot
    sysroot=$(rustc --print sysroot)
    for path in /usr /lib /lib64 "$sysroot"; do
        case $path in /usr/?*) continue ;; esac
        [ -e "$path" ] && paths="$paths $path"
    done
    paths="$paths /bin/sh=$(realpath /bin/sh)"
    cat <<CONFIG
experimental-features = nix-command flakes
sandbox = true
sandbox-fallback = false
substituters =
extra-sandbox-paths =$paths
CONFIG
    # Single-user Nix run by root wants a group of build users, unless it is told otherwise.
    if [ "$(id -u)" -eq 0 ] && [ ! -S /nix/var/nix/daemon-socket/socket ]; then
        echo 'build-users-group ='
    fi
}

# A build of one line tells whether Nix, its store and its sandbox work at all.
nix_works() {
    nix build --no-link --impure --expr 'derivation {
        name = "rbn-plan-probe"; now = builtins.currentTime; system = builtins.currentSystem; builder = "/usr/bin/bash";
        args = [ "-c" "echo works > $out" ];
    }'
}

need_nix() {
    if ! command -v nix >/dev/null; then
        # What another installer left is found here, even in a shell that has not read its profile.
        local profile
        for profile in "$HOME/.nix-profile/bin" /nix/var/nix/profiles/default/bin; do
            [ -x "$profile/nix" ] && PATH=$profile:$PATH
        done
    fi
    need nix nix-bin
    if [ ! -e /nix/store ] && [ "$(id -u)" -ne 0 ]; then
        can_be_root || die "please make the directory /nix, owned by $(id -un), and start again"
        as_root install -d -o "$(id -u)" -g "$(id -g)" /nix
    fi
    NIX_CONFIG=$(nix_settings)${NIX_CONFIG:+$'\n'$NIX_CONFIG}
    export NIX_CONFIG
    local reason
    if ! reason=$(nix_works 2>&1); then
        printf '%s\n' "$reason" >&2
        die "Nix cannot build in its sandbox here (see above); is this a container without user namespaces?"
    fi
}

# Everything to build for aarch64 on x86_64, and to run it: the distribution's other Rust (it
# carries a standard library per architecture), a cross compiler, an emulator.
need_cross() {
    [ "$(uname -m)" = x86_64 ] || { say "no cross tests: they are written for an x86_64 machine"; return 1; }
    if ! dpkg --print-foreign-architectures | grep -qx arm64; then
        can_be_root || die "please run, as root, 'dpkg --add-architecture arm64' and start again"
        as_root dpkg --add-architecture arm64
        APT_UPDATED=
    fi
    install_packages rustc-web cargo-web libstd-rust-web-dev:arm64 libstd-rust-web-dev-bpf \
        gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static \
        pkg-config zlib1g-dev zlib1g-dev:arm64
}

# A browser, where there is none; Debian's takes half a minute to install.
need_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
        || command -v google-chrome >/dev/null || need chromium chromium
}

# The sccache to test with: SCCACHE, PATH, or what need_sccache put into tests/.cache.
find_sccache() {
    local file
    for file in "${SCCACHE:-}" "$(command -v sccache || true)" \
        "$ROOT"/tests/.cache/sccache{-redis,-unoptimised,}/bin/sccache; do
        [ -x "$file" ] || continue
        SCCACHE=$file
        return
    done
    return 1
}

# Builds one, once. Unoptimised that takes 2 minutes of processor time instead of 5, and it does all that
# the tests ask. With RBN_FULL it knows Redis too, for a minute and a half more.
need_sccache() {
    local kind=unoptimised
    [ -z "${SCCACHE:-}" ] || return 0
    [ -z "${RBN_FULL:-}" ] || kind=redis
    if find_sccache && [ "$kind" != redis ]; then return; fi
    SCCACHE=$ROOT/tests/.cache/sccache-$kind/bin/sccache
    [ ! -x "$SCCACHE" ] || return 0
    say "   building sccache, once"
    quietly cargo install sccache --quiet --locked --debug --config profile.dev.debug=false \
        --no-default-features ${RBN_FULL:+--features redis} --root "$ROOT/tests/.cache/sccache-$kind"
}

# One to measure with, optimised as a user's is.
need_fast_sccache() {
    [ -z "${SCCACHE:-}" ] || return 0
    SCCACHE=$(command -v sccache || echo "$ROOT/tests/.cache/sccache/bin/sccache")
    if [ ! -x "$SCCACHE" ]; then
        say "   building sccache, once (some minutes)"
        quietly cargo install sccache --quiet --locked --no-default-features --root "$ROOT/tests/.cache/sccache"
    fi
}
