#!/usr/bin/env bash
# Real projects: tests, clippy, documentation and its search as with Cargo, in one run each. The table of
# docs/checks.md has these figures. By hand, as it compiles each project twice.
#
#   tests/checks-projects.sh [NAME[=DIRECTORY]]... [-- VERB...]
#
# names: ripgrep hyperfine bat mdbook (of the registry), rbn-plan (this tree), or any with the directory of a
# checkout; verbs: test clippy doc search (default: all). FLAGS_test="--lib" and the like add flags to a verb of both;
# search is in the pages of doc.
# KEEP=DIRECTORY works there, and leaves everything for another run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/checks/site.sh"

version() {
    case $1 in
        ripgrep) echo 14.1.1 ;;
        hyperfine) echo 1.19.0 ;;
        bat) echo 0.25.0 ;;
        mdbook) echo 0.4.52 ;;
        *) die "no project is called $1: say its directory, $1=DIRECTORY" ;;
    esac
}

# prepared NAME DIRECTORY: a tree of its own.
prepared() {
    local place=$TEMPORARY/$1
    [ ! -e "$place" ] || return 0
    if [ "$2" != "" ]; then
        cp -R "$2" "$place"
        rm -rf "$place/target"
    elif [ "$1" = rbn-plan ]; then
        mkdir "$place"
        git -C "$ROOT" archive HEAD | tar -x -C "$place"
        # This machine's compiler, and not that of flake.lock.
        sed '/^\[toolchain\]/,/^$/d; /^\[build\]/,/^$/d' "$ROOT/config.toml" >"$place/config.toml"
    else
        "$ROOT/tests/fetch.sh" "$1" "$(version "$1")" "$place"
    fi
}

# flags VERB: what is asked for, of Cargo and of us.
flags() {
    local more=FLAGS_$1
    printf '%s ' --workspace --locked --offline --target "$TRIPLE" "${!more:-}"
    case $1 in
        clippy) echo --all-targets ;;
        doc) echo --no-deps ;;
    esac
}

# report: the reports of the only plan.
report() {
    nix build -f target/rbn-plan/plans/*/steps.nix --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        report -o report
}

# found_or_not COMMAND...: findings are no failures here.
found_or_not() {
    local status=0
    "$@" || status=$?
    # 101 is Cargo's.
    [ "$status" -le 1 ] || [ "$status" -eq 101 ]
}

# shellcheck disable=SC2046 # a list of flags
tests_by_name() {
    cd "$TEMPORARY/$1"
    cargo metadata --no-deps --offline --format-version 1 >metadata.json
    cargo test $(flags test) --no-run --message-format=json >messages.json
    # Into a file: a program that leaves a child behind would keep a pipe open.
    found_or_not cargo test $(flags test) --no-fail-fast >said 2>&1 </dev/null
    found_or_not "$RBN_PLAN" test $(flags test) -q --junit junit.xml >ours
    python3 "$ROOT/tests/checks/names.py" "$1" "$ROOT/tests/checks/differ.txt" metadata.json messages.json said junit.xml \
        | tee "$TEMPORARY/figures"
}

# shellcheck disable=SC2046
lints() {
    cd "$TEMPORARY/$1"
    found_or_not cargo clippy $(flags clippy) --message-format=json >lints.json
    rm -rf target/rbn-plan/plans
    found_or_not "$RBN_PLAN" clippy $(flags clippy) -q >lints
    report
    python3 "$ROOT/tests/checks/lints.py" lints.json report | tee "$TEMPORARY/figures"
}

# sites NAME: the pages by Cargo and by us, once; where these are, as CARGOS and OURS.
# shellcheck disable=SC2046,SC2086 # lists of flags and of crates
sites() {
    local crates
    cd "$TEMPORARY/$1"
    CARGOS=target/$TRIPLE/doc
    if [ ! -e sites.made ]; then
        cargo doc $(flags doc) -j 1
        # A page links to crates whose directories are there already, so it matters which crate came first: again, with
        # all of them there. They are empty, since rustdoc loses words of an index that it writes into once more.
        crates=$(cd "$CARGOS" && find . -mindepth 2 -maxdepth 2 -name all.html -printf '%h\n')
        rm -rf "$CARGOS"
        (mkdir "$CARGOS" && cd "$CARGOS" && mkdir $crates)
        find . -path ./target -prune -o -name '*.rs' -exec touch {} +
        cargo doc $(flags doc) -j 1
        "$RBN_PLAN" doc $(flags doc) -q >pages
        touch sites.made
    fi
    OURS=$(sed -n 's/^Pages: //p' pages)/$TRIPLE
}

pages() {
    sites "$1"
    same_site "$CARGOS" "$OURS"
    echo "pages: $(find "$OURS/" -type f ! -path '*/search.index/*' | wc -l) files" | tee "$TEMPORARY/figures"
}

# In a browser, as rustdoc's own script finds it.
searches() {
    sites "$1"
    python3 -B "$ROOT/tests/browser/rustdoc.py" "$CHROMIUM" "$CARGOS" "$OURS" | tee "$TEMPORARY/figures"
}

need_rust
need_nix
need python3 python3
find_rbn_plan
RBN_PLAN=$(realpath "$RBN_PLAN")
if [ -n "${KEEP:-}" ]; then TEMPORARY=$(realpath "$KEEP"); else make_temporary; fi
TRIPLE=$(host_triple)
NAMES=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    NAMES+=("$1")
    shift
done
[ $# -le 1 ] || { shift; VERBS=$*; }
[ ${#NAMES[@]} -gt 0 ] || NAMES=(ripgrep hyperfine bat mdbook rbn-plan)

# told NAME COMMAND...: a check, and the figures that it came to.
told() {
    rm -f "$TEMPORARY/figures"
    check "$@"
    if [ -e "$TEMPORARY/figures" ]; then cat "$TEMPORARY/figures"; fi
}

CHROMIUM=
case " ${VERBS:=test clippy doc search} " in
    *" search "*)
        need_chromium
        CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
        ;;
esac

for name in "${NAMES[@]}"; do
    case $name in *=*) directory=${name#*=} name=${name%%=*} ;; *) directory= ;; esac
    prepared "$name" "$directory"
    # What another run left may be of other pages.
    rm -f "$TEMPORARY/$name/sites.made"
    for verb in $VERBS; do
        case $verb in
            test) told "$name: each test ends as with Cargo, but for those that are known" tests_by_name "$name" ;;
            clippy) told "$name: clippy says the same" lints "$name" ;;
            doc) told "$name: the same pages" pages "$name" ;;
            search) told "$name: the search finds the same, in the same order" searches "$name" ;;
            *) die "there is no verb $verb: test, clippy, doc, search" ;;
        esac
    done
done
finish
