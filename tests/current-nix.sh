#!/usr/bin/env bash
# The same under a current Nix, that of Debian sid, in a tree of its own (tests/.cache/current-nix):
#
#   tests/current-nix.sh [WORD...]        the tests, or those whose names have one of the words
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
    "$ROOT/tests/fetch.sh" ripgrep 14.1.1 "$TEMPORARY/closed"
    cd "$TEMPORARY/closed"
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

# The jobs that evaluators find.
jobs() {
    cp -R "$ROOT/examples/hello" "$TEMPORARY/jobs"
    cd "$TEMPORARY/jobs"
    git init --quiet .
    # shellcheck disable=SC2016  # there
    in_tree bash -euc '
        "$RBN_PLAN" toolchain host -o generated/toolchain.nix
        "$RBN_PLAN" --locked --offline -o generated/steps.nix
        "$RBN_PLAN" ci hydra -o generated/jobs.nix
        "$0" 10' "$ROOT/tests/hosts/evaluators.sh"
}

# A push to S3, played by a program of Python's. (The Nix of older distributions is built without S3.)
s3() {
    local port moto=${MOTO:-$TEMPORARY/python/bin/moto_server}
    [ -x "$moto" ] || {
        install_packages python3-venv
        python3 -m venv "$TEMPORARY/python"
        "$TEMPORARY/python/bin/pip" install --quiet 'moto[server]'
    }
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$moto" -H 127.0.0.1 -p "$port" >"$TEMPORARY/moto.log" 2>&1 &
    # shellcheck disable=SC2064  # this one
    trap "kill $!" EXIT
    until python3 -c "import urllib.request as u
u.urlopen(u.Request('http://127.0.0.1:$port/steps', method='PUT'))" 2>/dev/null; do sleep 0.5; done
    cp -R "$ROOT/examples/hello" "$TEMPORARY/s3"
    cd "$TEMPORARY/s3"
    git init --quiet .
    # What another check made stays while its links do.
    echo "// $(date +%s%N) s3" >>app/src/main.rs
    # shellcheck disable=SC2016  # there
    in_tree bash -euo pipefail -c '
        export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
        "$RBN_PLAN" toolchain host -o generated/toolchain.nix
        "$RBN_PLAN" build --out-link here
        "$RBN_PLAN" cache push "$0" |& tee said
        grep -E "[1-9][0-9]* paths missing there, and sent" said
        program=$("$RBN_PLAN" cache push --list | grep -e -bin- | head -n 1)
        nix path-info --store "$0" "$program"
        "$RBN_PLAN" cache push "$0" |& grep "0 paths missing there"
        # A step that is nowhere else.
        all=$(realpath here)
        rm here
        nix-store --delete --ignore-liveness "$all" "$program"
        "$RBN_PLAN" status --cache "$0&trusted=1" |& tee said
        tr "\n" " " <said | tr -s " " | grep -E "[1-9][0-9]* in s3://"' "s3://steps?endpoint=127.0.0.1:$port&scheme=http&region=us-east-1"
}

# plays_ssh FILE: an `ssh` whose every host is what the lines of standard input do with the command "$*".
plays_ssh() {
    {
        cat <<'SH'
#!/usr/bin/env bash
set -euo pipefail
host= started=
while [ $# -gt 0 ]; do
    case $1 in
        -O) exit 1 ;;
        -oLocalCommand=*) started=${1#*=}; shift ;;
        -o | -p | -i | -l | -S | -b | -F) shift 2 ;;
        --) shift; break ;;
        -*) shift ;;
        *) [ -z "$host" ] || break; host=$1; shift ;;
    esac
done
[ $# -gt 0 ] || set -- bash
if [ -n "$started" ]; then eval "$started"; fi
SH
        cat
    } >"$1"
    chmod +x "$1"
}

# A plan whose steps are built by a builder with the current Nix.
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

# The other way round: the current Nix has its steps built by this machine's.
builder_here() {
    local place=$TEMPORARY/other bridge protocol
    cp -R "$ROOT/examples/hello" "$place"
    cd "$place"
    git init --quiet .
    printf '/target\n/generated\n/here\n/there\n' >.gitignore
    mkdir there
    ln -s "$ROOT/tests/hosts/bridge-ssh" there/ssh
    python3 "$ROOT/tests/hosts/bridge.py" "$place/there" "$TEMPORARY/older" &
    bridge=$!
    # shellcheck disable=SC2064  # this one
    trap "kill $bridge" EXIT
    for protocol in ssh-ng ssh; do
        echo "// $(date +%s%N) here" >>app/src/main.rs
        # shellcheck disable=SC2016  # there
        in_tree bash -euo pipefail -c '
            export PATH=$PWD/there:$PATH BRIDGE=$PWD/there/socket
            [ "$(nix store info --json --store ssh-ng://here | grep -o "2\.[0-9]*" | head -n 1)" = "$2" ]
            [ -e generated/toolchain.nix ] || "$RBN_PLAN" toolchain store -o generated/toolchain.nix
            timeout 400 "$RBN_PLAN" build --out-link here --jobs 0 -- --builders "$1://here x86_64-linux - 4" |& tee said
            ./here/bin/hello' - "$protocol" "$(nix --version | grep -oE '2\.[0-9]+' | head -n 1)"
        grep -qE '^\[[0-9]+/[0-9]+\] hello.* on here$' said
    done
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
    -*) die "unknown argument $1: words, or -- and a command" ;;
esac
WORDS=("$@")
reason=$(no_tree)
[ -z "$reason" ] || die "no tests with a current Nix: $reason"
need_nix
need_tree
find_rbn_plan
make_temporary
say "   $(in_tree nix --version), beside $(nix --version)"
asked "it is a newer Nix" newer
asked "the example: the same store paths" example
asked "a source from Git: the same store paths" git_source
asked "a real project: the same store paths" project
asked "this project: the same store paths" own
asked "fixtures and examples, built" in_tree tests/workspaces.sh nix
asked "what Nix would run is what Cargo runs" in_tree tests/verify.sh fixtures
asked "a real project, built and at work" in_tree tests/projects.sh ripgrep
asked "rbn-plan build follows its stream" in_tree tests/build.sh
asked "jobs, as evaluators find them" jobs
asked "a toolchain in the store: no sandbox path" store_toolchain
asked "a push to S3" s3
asked "a builder with the current Nix" builder_there
asked "a builder with an older Nix than the plan's user" builder_here
asked "a project adopts it; this repository's own flake" in_tree tests/adopt.sh
# The tree is kept, what was built in it is not.
in_tree nix-store --gc >"$TEMPORARY/collected" 2>&1
finish
