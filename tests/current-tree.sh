# A Debian sid in a directory, for the current Nix that it carries, and how to run a command in it.
# Sourced after lib.sh and machine.sh. Needs root, and a Rust outside of /usr, as rustup puts it.
# shellcheck shell=bash

TREE=$ROOT/tests/.cache/current-nix

# The place of Debian's own packages: the one that apt takes them from here.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null \
        | head -n 1
}

# Why there can be no tree here; nothing if there can.
no_tree() {
    if ! can_be_root; then echo "only root can enter another system's tree"
    elif [ -z "$(debian_mirror)" ]; then echo "apt knows no place of Debian's packages"
    elif [[ "$(rustc --print sysroot)" == /usr* ]]; then echo "the tree needs a rustc outside of /usr"
    fi
}

# Makes the tree, once. The packages come by apt in the tree: debootstrap itself knows nothing of
# packages that others provide.
need_tree() {
    [ ! -e "$TREE" ] || return 0
    need debootstrap debootstrap
    say "   making a tree of Debian sid, once"
    as_root rm -rf "$TREE.part"
    mkdir -p "${TREE%/*}"
    quietly as_root debootstrap --variant=minbase sid "$TREE.part" "$(debian_mirror)"
    # Proxies and the like are as they are here.
    apt-config dump Acquire | as_root tee "$TREE.part/etc/apt/apt.conf.d/90machine" >/dev/null
    quietly as_root chroot "$TREE.part" sh -ec '
        export DEBIAN_FRONTEND=noninteractive
        apt-get update
        apt-get install -y --no-install-recommends nix-bin gcc g++ libc6-dev git python3-minimal
        rm -f /var/cache/apt/archives/*.deb /var/lib/apt/lists/*_*
        # The repository may belong to somebody else than root.
        git config --system safe.directory "*"
    '
    as_root mv "$TREE.part" "$TREE"
}

# in_tree COMMAND...: runs it there as root, in the current directory. The repository, the program
# under test, the temporary or else the current directory, Cargo's home and the toolchain lie there
# where they lie here; Nix and its store, the C compiler and the shell are the tree's. By pivot_root: where the root is not that of
# a mount, as after chroot, Nix's sandbox cannot start.
in_tree() {
    local cargo_home=${CARGO_HOME:-$HOME/.cargo} sysroot shared git program
    sysroot=$(rustc --print sysroot)
    git=$(git -C "$ROOT" rev-parse --path-format=absolute --git-common-dir 2>/dev/null) || git=$ROOT
    shared=("$ROOT" "$git" "${TEMPORARY:-$PWD}" "$cargo_home" "$sysroot")
    program=${RBN_PLAN:+$(realpath "$RBN_PLAN")}
    [ -z "$program" ] || shared+=("${program%/*}")
    as_root unshare --mount --propagation private bash -c '
        set -eu
        tree=$1 place=$2 proxies=$3 count=$4
        shift 4
        mount --bind "$tree" "$tree"
        for shared in "${@:1:count}"; do
            mkdir -p "$tree$shared"
            mount --bind "$shared" "$tree$shared"
        done
        shift "$count"
        # Cargo takes its subcommands from there before any other place; those of rustup find no toolchain in the tree.
        if [ -d "$tree$proxies" ]; then mount -t tmpfs -o mode=755 none "$tree$proxies"; fi
        mount -t proc proc "$tree/proc"
        mount --rbind /sys "$tree/sys"
        mount --rbind /dev "$tree/dev"
        mkdir -p "$tree/before"
        cd "$tree"
        pivot_root . before
        umount -l before
        cd "$place"
        exec "$@"
    ' - "$TREE" "$PWD" "$cargo_home/bin" "${#shared[@]}" "${shared[@]}" \
        env -i HOME=/root PATH="$sysroot/bin:/usr/sbin:/usr/bin" LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" \
        CARGO_HOME="$cargo_home" RBN_PLAN="$program" VERBOSE="${VERBOSE:-}" \
        NIX_CONFIG="$(nix_settings)"$'\nbuild-users-group =' "$@"
}
