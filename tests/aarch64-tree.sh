# An aarch64 machine on x86_64: the programs of one in a directory, and a kernel that starts them
# through qemu. Sourced after lib.sh and machine.sh. Needs root, and Linux 6.7, since which every
# user namespace has its own list of such emulators: nothing is changed for the rest of the machine.
# shellcheck shell=bash

AARCH64_TREE=$ROOT/tests/.cache/aarch64

# Why there can be no such machine here; nothing if there can.
no_aarch64() {
    if [ "$(id -u)" -ne 0 ]; then echo "only root can make a user namespace in which all users are themselves"
    elif ! command -v qemu-aarch64-static >/dev/null; then echo "there is no qemu-aarch64-static"
    elif ! (emulating true) >/dev/null 2>&1; then echo "this kernel has no list of emulators for each user namespace"
    fi
}

# emulating COMMAND...: runs it where the kernel starts aarch64 programs, too.
emulating() {
    local go pid status=0
    go=$(mktemp -u "${TMPDIR:-/tmp}/rbn-go.XXXXXX")
    mkfifo "$go"
    # Who is root only afterwards gets root's rights by the second `exec`.
    unshare --user --mount bash -c 'read -r _ <"$0"; exec "$@"' "$go" bash -ec '
        magic=$(printf "\\\\x%s" 7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00 02 00 b7 00)
        mask=$(printf "\\\\x%s" ff ff ff ff ff ff ff 00 ff ff ff ff ff ff ff ff fe ff ff ff)
        mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
        # F: the emulator is opened now, and no sandbox has to show it.
        echo ":rbn-aarch64:M::$magic:$mask:$0:F" >/proc/sys/fs/binfmt_misc/register
        exec "$@"
    ' "$(command -v qemu-aarch64-static)" "$@" &
    pid=$!
    until [ "$(readlink "/proc/$pid/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
    # Where there are no such namespaces nobody waits for a word.
    if echo '0 0 4294967295' >"/proc/$pid/uid_map" && echo '0 0 4294967295' >"/proc/$pid/gid_map"; then
        echo >"$go"
    else
        kill "$pid"
    fi
    wait "$pid" || status=$?
    rm -f "$go"
    return "$status"
}

# Gets the distribution's Rust and C compiler for aarch64, with all that they need, once. They are
# only unpacked: nothing in them has to be set up.
need_aarch64() {
    [ ! -e "$AARCH64_TREE" ] || return 0
    local part=$AARCH64_TREE.part package directory
    say "   getting the programs of an aarch64 machine, once"
    rm -rf "$part"
    mkdir -p "$part/archives/partial" "$part/tree/usr/bin" "$part/tree"/{root,tmp,dev,proc}
    : >"$part/status"
    quietly as_root apt-get update -qq
    quietly apt-get install -y -qq --no-install-recommends --download-only \
        -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::status="$part/status" \
        -o Dir::Cache::archives="$part/archives" -o Debug::NoLocking=1 \
        bash binutils cargo-web coreutils findutils gcc grep gzip libc-bin libc6-dev mawk rustc-web sed tar
    for package in "$part"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar x -C "$part/tree"
    done
    # As on an installed machine: one place for programs and libraries, and a C compiler called `cc`.
    for directory in bin sbin lib; do
        [ -L "$part/tree/$directory" ] || cp -a "$part/tree/$directory/." "$part/tree/usr/$directory"
        rm -rf "${part:?}/tree/$directory"
        ln -s "usr/$directory" "$part/tree/$directory"
    done
    ln -sf gcc "$part/tree/usr/bin/cc"
    ln -sf mawk "$part/tree/usr/bin/awk"
    mv "$part/tree" "$AARCH64_TREE"
    rm -rf "$part"
}

# on_aarch64 COMMAND...: runs it on that machine, in the current directory. The temporary directory
# and Cargo's home lie there where they lie here.
on_aarch64() {
    local cargo_home=${CARGO_HOME:-$HOME/.cargo}
    emulating bash -ec '
        tree=$1 place=$PWD
        for shared in /dev /proc "$2" "$3"; do
            mkdir -p "$tree$shared"
            mount --rbind "$shared" "$tree$shared"
        done
        shift 3
        exec chroot "$tree" env -C "$place" -i "$@"
    ' - "$AARCH64_TREE" "$TEMPORARY" "$cargo_home" \
        HOME=/root PATH=/usr/bin LC_ALL=C.UTF-8 CARGO_HOME="$cargo_home" "$@"
}
