#!/usr/bin/env bash
# Makes the git repository and the workspace that depends on it: ./prepare.sh DIRECTORY
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
command -v git >/dev/null || { echo "error: git is missing" >&2; exit 2; }
mkdir -p "$1"
place=$(cd "$1" && pwd)
[ ! -e "$place/app" ] || { echo "error: $place/app is there already" >&2; exit 2; }

# Nothing of the user's git configuration, and a fixed moment: the commit's hash must not move.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=example GIT_AUTHOR_EMAIL=example@example.org
export GIT_COMMITTER_NAME=example GIT_COMMITTER_EMAIL=example@example.org
export GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z'

repository=$place/greeting.git
rm -rf "$repository"
cp -R "$here/repository" "$repository"
git -C "$repository" init --quiet --template= --initial-branch=main --object-format=sha1
git -C "$repository" add .
git -C "$repository" commit --quiet --no-gpg-sign -m 'greeting 0.1.0'

cp -R "$here/template" "$place/app"
mkdir -p "$place/app/generated"
for file in Cargo.toml Cargo.lock; do
    sed "s|@REPOSITORY@|file://$repository|" "$here/template/$file.in" >"$place/app/$file"
    rm "$place/app/$file.in"
done
echo "$place/app depends on $repository at $(git -C "$repository" rev-parse HEAD)"
