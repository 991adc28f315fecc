#!/usr/bin/env bash
# How much of a plan a change touches, on a real project of more than 400 steps: what a reviewer has
# to read in the end. Lines are counted in Git's way, changed ones once.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PROJECT="jj-cli 0.27.0"
# The most lines that a patch bump may change beside those that name the version.
BUMP=10

plan() { "$RBN_PLAN" --locked --offline -o generated/steps.nix; }

# The project as it was published, with its plan committed.
fresh() {
    cd "$TEMPORARY/project"
    git checkout --quiet --force main
    git clean --quiet -fd
}

# Lines of the plan that changed: the old and the new form of a line are one.
touched() {
    git diff --numstat -- generated/steps.nix | awk '{ print ($1 > $2) ? $1 : $2 }'
}

# The changed lines without what Git says of them, one form a line.
changed_lines() {
    git -c core.attributesFile=/dev/null diff --no-textconv --no-ext-diff -U0 -- generated/steps.nix \
        | grep -E '^[-+]' | grep -vE '^(---|\+\+\+) '
}

# bump NAME OLD NEW: a patch release of a dependency, by cargo itself.
bump() {
    local name=$1 old=$2 new=$3 others
    fresh
    # The registry's client fetches the new version, if it is not there yet.
    cargo update --quiet --offline -p "$name@$old" --precise "$new" 2>/dev/null \
        || cargo update --quiet -p "$name@$old" --precise "$new"
    cargo fetch --quiet --locked --offline 2>/dev/null || cargo fetch --quiet --locked
    plan
    others=$(changed_lines | grep -cvF -e "$old" -e "$new" || true)
    # Both forms of a line are in it.
    others=$(((others + 1) / 2))
    say "   $name $old -> $new: $(touched) lines, $others without the version"
    [ "$(touched)" -gt 0 ] || { echo "the plan did not change"; return 1; }
    [ "$others" -le "$BUMP" ] || { changed_lines | grep -vF -e "$old" -e "$new"; return 1; }
    # And a reviewer reads one line of it.
    "$RBN_PLAN" diff main generated/steps.nix >"$TEMPORARY/diff" || [ $? -eq 1 ]
    cat "$TEMPORARY/diff"
    grep -qE "^  ~ $name $old -> $new  *source; [0-9]+ steps follow" "$TEMPORARY/diff"
}

# One line for each step that has the feature now, whether it had any before or not.
feature() {
    local package=$1 feature=$2 lines steps
    fresh
    sed -i "/^\[dependencies.$package\]/,/^$/ s/^version = .*/&\nfeatures = [\"$feature\"]/" Cargo.toml
    cargo metadata --quiet --offline --format-version=1 >"$TEMPORARY/metadata"
    plan
    lines=$(changed_lines)
    printf '%s\n' "$lines"
    steps=$(grep -cE "^\+      features\.$feature = true;$" <<<"$lines" || true)
    say "   $package/$feature: $(touched) lines, $steps affected steps"
    [ "$steps" -gt 0 ]
    # What the feature brings along (a dependency) is a line of its own kind.
    ! grep -vE "^\+      (features\.$feature = true|deps\..* = .*);$" <<<"$lines"
}

# removal NAME EXPRESSION: what an edit of the manifest takes away is gone with its blocks; no step or
# package that stays has another name or a new line.
removal() {
    local package=$1 expression=$2 name
    fresh
    steps_and_packages >"$TEMPORARY/before"
    # The lock follows.
    sed -i "$expression" Cargo.toml
    cargo metadata --quiet --offline --format-version=1 >"$TEMPORARY/metadata"
    plan
    steps_and_packages >"$TEMPORARY/after"
    say "   without $package: $(touched) lines, $(comm -23 "$TEMPORARY/before" "$TEMPORARY/after" | wc -l) names gone"
    comm -23 "$TEMPORARY/before" "$TEMPORARY/after"
    [ -n "$(comm -23 "$TEMPORARY/before" "$TEMPORARY/after")" ] || { echo "nothing went"; return 1; }
    name=$(comm -13 "$TEMPORARY/before" "$TEMPORARY/after")
    [ -z "$name" ] || { echo "renamed: $name"; return 1; }
    # Lines that were not there before are the counts of the header, and nothing else. (Where much is
    # gone, a diff shows lines as moved that were not: they are counted, whatever their place.)
    comm -13 <(git show main:generated/steps.nix | sort) <(sort generated/steps.nix) >"$TEMPORARY/new"
    ! grep -v '^# Steps: ' "$TEMPORARY/new"
}

steps_and_packages() { grep -oE '^    "[^"]+" = ' generated/steps.nix | sort; }

find_rbn_plan
make_temporary
# shellcheck disable=SC2086 # a name and a version
"$ROOT/tests/fetch.sh" $PROJECT "$TEMPORARY/project"
(
    cd "$TEMPORARY/project"
    git init --quiet --initial-branch=main
    git config user.name tests
    git config user.email tests@localhost
    plan
    git add --all --force
    git commit --quiet --message=base
)
check "a patch bump: serde" bump serde 1.0.218 1.0.219
check "a patch bump of what a third needs: libc" bump libc 0.2.170 0.2.171
check "a patch bump of a macro's ground: syn" bump syn 2.0.99 2.0.100
check "a feature of a library with a build script: slab" feature slab serde
check "a feature of a library with others: bstr" feature bstr serde
for package in whoami os_pipe timeago; do
    check "a dependency is gone: $package" removal "$package" "/^\[dependencies.$package\]/,/^$/d"
done
check "a feature is off, and a hundred packages with it: git" removal git '/^    "git",$/d'
finish
