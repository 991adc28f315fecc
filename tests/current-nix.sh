#!/usr/bin/env bash
# The same under a current Nix, that of Debian sid, in a tree of its own (tests/.cache/current-nix):
#
#   tests/current-nix.sh                  the tests
#   tests/current-nix.sh -- COMMAND...    runs COMMAND there, in the current directory
#
# The tree is made once, by debootstrap from where apt takes Debian's packages here. Needs root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/machine.sh"
. "$ROOT/tests/current-tree.sh"

# Every step's derivation and output, evaluated by the Nix that the words after the two files start.
steps() {
    local plan=$1 toolchain=$2
    shift 2
    "$@" nix eval --impure --raw --expr "
        let plan = import $plan { toolchain = import $toolchain; }; lines = builtins.concatLists
              (builtins.attrValues (builtins.mapAttrs (platform: steps: builtins.attrValues
                (builtins.mapAttrs (name: step: \"\${platform} \${name} \${step.drvPath} \${step.outPath}\n\") steps))
                plan.steps));
        in builtins.concatStringsSep \"\" lines"
}

# same PLACE AT-LEAST WORDS...: both versions of Nix make the same of the plan of a workspace.
same() {
    local place=$1 least=$2
    shift 2
    mkdir -p "$place/generated"
    (cd "$place" && "$RBN_PLAN" --locked --offline "$@") >"$TEMPORARY/steps.nix"
    mv "$TEMPORARY/steps.nix" "$place/generated/"
    (cd "$place" && "$RBN_PLAN" toolchain host) >"$place/generated/toolchain.nix"
    steps "$place/generated/steps.nix" "$place/generated/toolchain.nix" >"$TEMPORARY/here"
    steps "$place/generated/steps.nix" "$place/generated/toolchain.nix" in_tree >"$TEMPORARY/there"
    wc -l <"$TEMPORARY/here"
    [ "$(grep -c '^[^ ]* [^ ]* /nix/store/[^ ]*\.drv /nix/store/[^ ]*$' "$TEMPORARY/here")" -ge "$least" ]
    diff "$TEMPORARY/here" "$TEMPORARY/there"
}

newer() {
    local here there
    here=$(nix --version)
    there=$(in_tree nix --version)
    [ "${there##* }" != "${here##* }" ]
    [ "$(printf '%s\n' 2.18 "${there##* }" | sort -V | head -n 1)" = 2.18 ]
}

# This repository as a checkout has it: its own generated/ is left alone.
own() {
    mkdir "$TEMPORARY/own"
    (cd "$ROOT" && git ls-files -z --cached --others --exclude-standard \
        | tar c --exclude=tests/fixtures --null -T -) | tar x -C "$TEMPORARY/own"
    # Its plan is for both systems.
    (cd "$TEMPORARY/own" && cargo fetch --quiet --locked)
    same "$TEMPORARY/own" 150 --system "$(uname -m)-linux" --target "$(host_triple)"
}

example() {
    cp -R "$ROOT/examples/hello" "$TEMPORARY/hello"
    same "$TEMPORARY/hello" 10
}

git_source() {
    "$ROOT/examples/git-dependency/prepare.sh" "$TEMPORARY/git"
    # What is fetched from a place that will be gone must not stay in the user's Cargo home.
    export CARGO_HOME=$TEMPORARY/cargo-home
    (cd "$TEMPORARY/git/app" && cargo fetch --quiet --locked)
    same "$TEMPORARY/git/app" 2
}

project() {
    "$ROOT/tests/fetch.sh" ripgrep 14.1.1 "$TEMPORARY/ripgrep"
    same "$TEMPORARY/ripgrep" 45
}

# The machine's tools in the store, no sandbox path: ripgrep by the current Nix alone.
store_toolchain() {
    cp -R "$TEMPORARY/ripgrep" "$TEMPORARY/closed"
    cd "$TEMPORARY/closed"
    rm -rf generated
    # shellcheck disable=SC2016  # there
    in_tree bash -euc '
        NIX_CONFIG=$(sed "s/^extra-sandbox-paths.*/sandbox-paths =/" <<<"$NIX_CONFIG")
        export NIX_CONFIG
        "$RBN_PLAN" toolchain store -o generated/toolchain.nix
        "$RBN_PLAN" build --out-link here
        [[ "$(./here/bin/rg --version)" == "ripgrep 14.1.1"* ]]
        # The line that rustc leaves in a program: it is that of the store.
        ! nix-store -q --references ./here | grep -v -e toolchain-lib -e ripgrep
    '
}

# plays_ssh FILE: an `ssh` whose every host is what the lines of standard input do with the command "$*".
plays_ssh() {
    {
        cat <<'SH'
#!/usr/bin/env bash
set -euo pipefail
host=
while [ $# -gt 0 ]; do
    case $1 in
        -o | -p | -i | -l | -S | -b | -F) shift 2 ;;
        --) shift; break ;;
        -*) shift ;;
        *) [ -z "$host" ] || break; host=$1; shift ;;
    esac
done
[ $# -gt 0 ] || set -- bash
SH
        cat
    } >"$1"
    chmod +x "$1"
}

# A plan whose steps are built by a builder with the current Nix. (The other way round, by `ssh-ng`, Nix 2.34 and a
# daemon of 2.8 wait for each other without end.)
builder_there() {
    cp -R "$ROOT/examples/hello" "$TEMPORARY/both"
    cd "$TEMPORARY/both"
    git init --quiet .
    printf '/target\n/generated\n/here\n/there\n' >.gitignore
    mkdir there
    "$RBN_PLAN" toolchain store -o generated/toolchain.nix
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    plays_ssh there/ssh <<SH
. "$ROOT/tests/lib.sh"
. "$ROOT/tests/machine.sh"
. "$ROOT/tests/current-tree.sh"
TEMPORARY=$TEMPORARY
in_tree sh -c "\$*"
SH
    local edited=app/src/main.rs
    echo "// $(date +%s%N) there" >>$edited
    PATH=$PWD/there:$PATH "$RBN_PLAN" build --out-link here --jobs 0 -- --builders 'ssh-ng://there x86_64-linux - 4' |& tee said
    grep -qE '^\[[0-9]+/[0-9]+\] hello.* on there$' said
    ./here/bin/hello
}

need_rust
need git git
case ${1:-} in
    --)
        shift
        need_tree
        in_tree "$@"
        exit
        ;;
    '') ;;
    *) die "unknown argument $1: nothing, or -- and a command" ;;
esac
reason=$(no_tree)
[ -z "$reason" ] || die "no tests with a current Nix: $reason"
need_nix
need_tree
find_rbn_plan
make_temporary
say "   $(in_tree nix --version), beside $(nix --version)"
check "it is a newer Nix" newer
check "the example: the same store paths" example
check "a source from Git: the same store paths" git_source
check "a real project: the same store paths" project
check "this project: the same store paths" own
check "fixtures and examples, built" in_tree tests/workspaces.sh nix
check "what Nix would run is what Cargo runs" in_tree tests/verify.sh fixtures
check "a real project, built and at work" in_tree tests/projects.sh ripgrep
check "rbn-plan build follows its stream" in_tree tests/build.sh
check "a toolchain in the store: no sandbox path" store_toolchain
check "a builder with the current Nix" builder_there
check "a project adopts it; this repository's own flake" in_tree tests/adopt.sh
# The tree is kept, what was built in it is not.
in_tree nix-store --gc >"$TEMPORARY/collected" 2>&1
finish
