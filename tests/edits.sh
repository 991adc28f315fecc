#!/usr/bin/env bash
# What an edit rebuilds: exactly the edited package's steps and those that depend on them. Compares
# the derivations of the plan before and after each edit; nothing is built.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# The names of all derivations below the plan's default, with their hashes.
derivations() {
    local top
    top=$(nix-instantiate --quiet --quiet "$1/generated/steps.nix" -A default 2>/dev/null)
    # shellcheck disable=SC2086 # one derivation a word, without outputs
    nix-store --query --requisites ${top//\!*/} | grep '\.drv$' | sort
}

# edit FILE WANTED...: adds a line to the file. The new derivations' names without hash and version
# must be exactly the words that are wanted (in alphabetical order).
edit() {
    local file=$1 place=$TEMPORARY/ws
    shift
    derivations "$place" >"$TEMPORARY/before"
    case $file in
        *.rs) echo '// edited' >>"$place/$file" ;;
        *) echo 'edited' >>"$place/$file" ;;
    esac
    (cd "$place" && "$RBN_PLAN" --release -p app --locked --offline) >"$TEMPORARY/after.nix"
    diff -u "$place/generated/steps.nix" "$TEMPORARY/after.nix"
    derivations "$place" >"$TEMPORARY/after"
    comm -13 "$TEMPORARY/before" "$TEMPORARY/after" | sed -E 's|^/nix/store/[a-z0-9]{32}-||' \
        | tee "$TEMPORARY/new"
    for wanted in "$@"; do
        grep -q -- "$wanted" "$TEMPORARY/new" || { echo "no new derivation for $wanted"; return 1; }
    done
    if [ $# -eq 0 ]; then
        [ ! -s "$TEMPORARY/new" ] || { echo "this edit may rebuild nothing"; return 1; }
        return 0
    fi
    # Everything new is wanted, or the package that collects the outputs.
    local pattern
    pattern=$(printf '%s|' "$@")
    if grep -vE -- "${pattern%|}" "$TEMPORARY/new"; then
        echo "these were not to be rebuilt"
        return 1
    fi
}

# member NAME SCRIPT: a package with a build script, below `app`.
member() {
    mkdir -p "$TEMPORARY/ws/$1/src"
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n' "$1" >"$TEMPORARY/ws/$1/Cargo.toml"
    echo "fn main() { $2 }" >"$TEMPORARY/ws/$1/build.rs"
    touch "$TEMPORARY/ws/$1/src/lib.rs" "$TEMPORARY/ws/$1/README.md"
    echo "$1 = { path = \"$1\" }" >>"$TEMPORARY/ws/Cargo.toml"
}

find_rbn_plan
make_temporary
cp -a "$ROOT/tests/fixtures/workspaces/root-package-with-members" "$TEMPORARY/ws"
mkdir "$TEMPORARY/ws/generated" "$TEMPORARY/ws/tests"
echo '#[test] fn nothing() {}' >"$TEMPORARY/ws/tests/integration.rs"
member quiet 'println!("cargo:rustc-cfg=quiet");'
member reader 'std::fs::read("README.md").unwrap();'
member opener 'let _ = std::fs::read("data.txt");'
member teller 'let _ = std::process::Command::new("git").arg("rev-parse").output();'
member lister 'std::fs::read_dir(".").unwrap();'
for inner in reader lister; do
    mkdir "$TEMPORARY/ws/$inner/inner"
    printf '[package]\nname = "inner"\nversion = "0.1.0"\n[workspace]\n' >"$TEMPORARY/ws/$inner/inner/Cargo.toml"
done
(cd "$TEMPORARY/ws" && cargo generate-lockfile --offline --quiet)
(cd "$TEMPORARY/ws" && "$RBN_PLAN" toolchain host >generated/toolchain.nix \
    && "$RBN_PLAN" --release -p app --locked --offline >"$TEMPORARY/steps.nix")
mv "$TEMPORARY/steps.nix" "$TEMPORARY/ws/generated/steps.nix"

check "an edited README rebuilds nothing" edit README.md
check "a bystander's file rebuilds nothing" edit bystander/src/lib.rs
check "an integration test rebuilds nothing" edit tests/integration.rs
check "the program's file rebuilds the program" edit src/main.rs app-
check "a README rebuilds nothing where the script opens no file" edit quiet/README.md
check "a README rebuilds what depends on a script that may read it" edit reader/README.md app- reader-
check "a README rebuilds nothing where the script opens other files" edit opener/README.md
check "nor where it only asks git" edit teller/README.md
check "an edit of code runs no script that only asks git" edit teller/src/lib.rs app- teller-0.1.0.drv
check "a README rebuilds what depends on a script that lists it" edit lister/README.md app- lister-
check "a script that lists sees packages in its own" edit lister/inner/Cargo.toml app- lister-
check "a script that lists nothing does not" edit reader/inner/Cargo.toml
check "a build script's file rebuilds it and what depends on it" edit quiet/build.rs app- quiet-
check "a library's file rebuilds it and the program" edit part/src/lib.rs app- part-
finish
