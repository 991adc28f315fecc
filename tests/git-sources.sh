#!/usr/bin/env bash
# Git dependencies whose branch or tag is gone from the repository, or names another commit now: the lock says
# which commit is meant, Cargo finds it, and so does Nix.
#
# RBN_PLAN names the program to use.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

find_rbn_plan
make_temporary
export CARGO_HOME=$TEMPORARY/cargo-home CARGO_TERM_COLOR=never
# What Nix has fetched before must not help; and it takes a repository beside it for one far away.
export XDG_CACHE_HOME=$TEMPORARY/cache _NIX_FORCE_HTTP=1
REPOSITORY=$TEMPORARY/repository

in_repository() { git -C "$REPOSITORY" -c user.name=a -c user.email=a@example.org "$@"; }

word() {
    printf 'pub fn word() -> &%sstatic str { "%s" }\n' "'" "$1" >"$REPOSITORY/src/lib.rs"
    in_repository add .
    in_repository commit --quiet --message "$1"
}

# repository: one commit on a branch, which is merged, and one more under a tag.
repository() {
    rm -rf "$REPOSITORY" "$CARGO_HOME" "$XDG_CACHE_HOME"
    mkdir -p "$REPOSITORY/src"
    git init --quiet --initial-branch=main "$REPOSITORY"
    printf '[package]\nname = "dep"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n' >"$REPOSITORY/Cargo.toml"
    word first
    in_repository checkout --quiet -b work/one
    word "$RANDOM of the branch"
    in_repository tag v1.0+x
    in_repository checkout --quiet main
    in_repository merge --quiet --no-ff --message merged work/one
    word later
}

# workspace REFERENCE: locked to what the reference names now.
workspace() {
    rm -rf "$TEMPORARY/app"
    mkdir -p "$TEMPORARY/app/src" "$TEMPORARY/app/generated"
    cd "$TEMPORARY/app"
    printf '[workspace]\n[package]\nname = "app"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\ndep = { git = "file://%s", %s }\n' \
        "$REPOSITORY" "$1" >Cargo.toml
    echo 'fn main() { println!("{}", dep::word()) }' >src/main.rs
    cargo generate-lockfile --quiet
}

# builds: Cargo, with nothing fetched before, and Nix give the same program.
builds() {
    rm -rf "$CARGO_HOME"
    local word
    word=$(cargo run --quiet --locked --release)
    case $word in *'of the branch') ;; *) return 1 ;; esac
    "$RBN_PLAN" toolchain host -o generated/toolchain.nix
    "$RBN_PLAN" -o generated/steps.nix --locked --offline
    nix build -f generated/steps.nix -o result
    [ "$(result/bin/app)" = "$word" ]
    "$RBN_PLAN" verify --locked --offline
}

branch_that_is_there() {
    repository
    workspace 'branch = "work/one"'
    builds
}

branch_that_is_gone() {
    repository
    workspace 'branch = "work/one"'
    in_repository tag --delete v1.0+x
    in_repository branch --quiet -D work/one
    builds
}

tag_that_moved() {
    repository
    workspace 'tag = "v1.0+x"'
    in_repository tag --force v1.0+x main
    builds
}

tag_that_is_gone() {
    repository
    workspace 'tag = "v1.0+x"'
    in_repository tag --delete v1.0+x
    builds
}

for name in branch_that_is_there branch_that_is_gone tag_that_moved tag_that_is_gone; do
    check "git: ${name//_/ }" "$name"
done
finish
