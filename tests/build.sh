#!/usr/bin/env bash
# `rbn-plan build`, with the real Nix in its sandbox: what it builds, what it says, what it leaves.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A fresh copy of a small workspace with a build script, whose sources no other run has had: so its
# steps are in no store yet.
workspace() {
    chmod -R u+w "$TEMPORARY/ws" 2>/dev/null || true
    rm -rf "$TEMPORARY/ws"
    cp -a "$ROOT/tests/fixtures/workspaces/build-script-protocol" "$TEMPORARY/ws"
    cd "$TEMPORARY/ws"
    local unique
    unique=$(date +%s%N)$RANDOM
    for file in app/build.rs app/src/lib.rs app/src/main.rs; do echo "// $unique" >>$file; done
}

# build CODE ARGUMENT...: the exit code is CODE; what is said is in $TEMPORARY/stderr.
build() {
    local code=$1 status
    shift
    set +e
    "$RBN_PLAN" build --workspace --locked --offline "$@" >"$TEMPORARY/stdout" 2>"$TEMPORARY/stderr"
    status=$?
    set -e
    cat "$TEMPORARY/stderr"
    [ "$status" -eq "$code" ] || { echo "exit $status where $code was wanted"; return 1; }
    if grep -qE 'panicked|@nix' "$TEMPORARY/stderr"; then echo "garbage"; return 1; fi
    if LC_ALL=C grep -q $'\x1b' "$TEMPORARY/stderr"; then echo "escape sequences, without a terminal"; return 1; fi
}

says() {
    for word in "$@"; do
        grep -qF -- "$word" "$TEMPORARY/stderr" || { echo "it does not say: $word"; return 1; }
    done
}

# lacks FILE PATTERN: no line of the file has it. (A bare `! grep` would stop no script.)
lacks() {
    if grep -E -- "$2" "$1"; then
        echo "$1 has $2"
        return 1
    fi
}

# json EXPRESSION [FILE]: Nix reads JSON, too; `it` is the file.
json() {
    nix-instantiate --eval --strict --json -E "let it = builtins.fromJSON (builtins.readFile ${2:-./target/rbn-plan/release/timeline.json}); in $1"
}

everything() {
    workspace
    build 0 --out-link here
    says "generated/steps.nix was missing: written" "generated/toolchain.nix was missing" \
        "+ nix build " "-f generated/steps.nix" "Built all 5 steps in" "1 build script" "Critical path" \
        "app-0.1.0:bin:app" "Timeline: target/rbn-plan/release/timeline.html"
    [ -x here/bin/app ]
    [ -x here/bin/second ]
    [ ! -s "$TEMPORARY/stdout" ]
    # The same again: there is nothing to do, and the last timeline stays.
    cp target/rbn-plan/release/timeline.json "$TEMPORARY/before.json"
    build 0 --out-link here --print-out-paths
    says "Nothing to build: all 5 steps are in the store."
    [ "$(cat "$TEMPORARY/stdout")" = "$(readlink here)" ]
    cmp target/rbn-plan/release/timeline.json "$TEMPORARY/before.json"
}

timeline() {
    workspace
    build 0 --no-link
    [ "$(json 'it.format_version')" = 1 ]
    [ "$(json 'it.outcome')" = '"done"' ]
    [ "$(json 'builtins.length (builtins.filter (job: job ? step && job.status == "built") it.jobs)')" = 5 ]
    [ "$(json 'builtins.all (job: job.end > job.start) (builtins.filter (job: job ? step) it.jobs)')" = true ]
    [ "$(json 'builtins.all (job: job.end <= it.milliseconds) it.jobs')" = true ]
    [ "$(json '(builtins.head it.critical).step')" = '"app-0.1.0:build-script"' ]
    [ "$(json 'it.scope')" = '{"needless":0,"present":0,"steps":5}' ]
    [ "$(json 'builtins.length (builtins.attrNames it.steps)' ./target/rbn-plan/release/times.json)" = 5 ]
    grep -q "default-src 'none'" target/rbn-plan/release/timeline.html
    lacks target/rbn-plan/release/timeline.html 'https?://[^w]|<link|src='
    # What was measured is what explain and diff know.
    "$RBN_PLAN" explain --workspace --offline app-0.1.0:bin:app | grep -E 'touching it .*of compile time'
    # A later build of one step keeps the times of the others. The script opens files, so it runs again, as
    # under Cargo.
    echo "// edited" >>app/src/main.rs
    build 0 --no-link app-0.1.0:bin:app
    says "Built 3 of 4 steps in" "1 was in the store already"
    [ "$(json 'builtins.length it.jobs')" = 3 ]
    [ "$(json 'builtins.length (builtins.attrNames it.steps)' ./target/rbn-plan/release/times.json)" = 5 ]
    build 0 --no-link --timeline elsewhere app-0.1.0:bin:second
    [ -s elsewhere/timeline.html ]
    [ -s elsewhere/timeline.json ]
    echo "// edited" >>app/src/main.rs
    rm -r target
    build 0 --no-link --no-timeline app-0.1.0:bin:app
    [ ! -e target ]
}

# `--watch` builds again what was saved, whatever else is written, and ends by Ctrl-C. A mistake is told,
# and the next change is waited for.
watch() {
    workspace
    "$RBN_PLAN" build --workspace --offline --watch --no-link >"$TEMPORARY/stdout" 2>"$TEMPORARY/stderr" &
    local pid=$!
    # Whatever fails, nothing goes on waiting.
    # shellcheck disable=SC2064 # the number as it is now
    trap "kill $pid 2>/dev/null || true" EXIT
    waits() { grep -c 'Waiting for a change' "$TEMPORARY/stderr" || true; }
    wait_for() {
        local tries=0
        until [ "$(waits)" -ge "$1" ]; do
            kill -0 $pid || return 1
            [ $((tries += 1)) -lt 600 ] || { cat "$TEMPORARY/stderr"; kill $pid; return 1; }
            sleep 0.2
        done
    }
    wait_for 1
    says "Built all 5 steps in"
    # What changes nothing: Cargo's own directory, an editor's file, the plan as it is.
    mkdir -p target/debug
    touch target/debug/x app/src/.main.rs.swp generated/steps.nix
    sleep 1
    [ "$(waits)" = 1 ]
    echo 'fn' >>app/src/main.rs
    wait_for 2
    says "app/src/main.rs changed" "app-0.1.0:bin:app (" " failed:"
    sed -i '$d' app/src/main.rs
    mkdir -p app/src/bin/more
    echo 'fn main() {}' >app/src/bin/more/main.rs
    wait_for 3
    says "and 1 more file changed" "app-0.1.0:bin:more"
    echo '[workspace' >>Cargo.toml
    wait_for 4
    says "Cargo.toml changed" "cargo metadata"
    kill -INT $pid
    local code=0
    wait $pid || code=$?
    [ "$code" -eq 130 ]
}

names() {
    workspace
    build 0 --no-link --print-out-paths 'host/app-0.1.0:build-script'
    says 'steps.host."app-0.1.0:build-script"' "Built 1 step in"
    grep -qE '^/nix/store/[a-z0-9]{32}-app-0.1.0-build-script$' "$TEMPORARY/stdout"
    build 0 --no-link -A 'steps.host."app-0.1.0:build-script"'
    says "Nothing to build"
    build 0 --no-link app -- --dry-run
    says "packages." "--dry-run"
    build 2 --no-link nobody
    says 'no step or package' nobody
    build 1 --no-link -A steps.nobody
    says "Failed after" "error"
    build 1 --no-link -- --no-such-flag
    says "unrecognised flag '--no-such-flag'"
    build 0 --no-link -q
    lacks "$TEMPORARY/stderr" '^\[1/'
}

failing_step() {
    workspace
    echo 'pub fn broken() -> u32 { "no" }' >>app/src/lib.rs
    build 1 --no-link --keep-going
    says "app-0.1.0 ($(host_triple)) failed: rustc found errors" "error[E0308]: mismatched types" \
        "Failed after" "1 failed, 2 steps of the plan need what failed"
    [ "$(grep -c 'error\[E0308\]' "$TEMPORARY/stderr")" -eq 1 ] || { echo "its log came twice"; return 1; }
    # The compiler's own words come last, and the command is for those who ask.
    tail -n 1 "$TEMPORARY/stderr" | grep -q 'rustc --explain E0308'
    lacks "$TEMPORARY/stderr" '--crate-name|failed with exit code'
    build 1 --no-link --keep-going --verbose
    says "--crate-name app" "failed with exit code 1"
    [ "$(json 'it.outcome')" = '"failed"' ]
    [ "$(json 'builtins.length it.blocked')" = 2 ]
    # What failed has no time that anybody could count with.
    lacks target/rbn-plan/release/times.json '/app-0.1.0":'
    sed -i '/broken/d' app/src/lib.rs
    build 0 --no-link
    says "Built 4 of 5 steps" "1 was in the store already"
}

# A plan of another selection lies below the target directory, is built there, and has times of its own.
beside() {
    workspace
    build 0 --no-link
    cp generated/steps.nix "$TEMPORARY/committed.nix"
    build 0 --no-link --profile dev
    says "generated/steps.nix stays, which is a plan with" "steps.nix --arg src" "Built all 5 steps"
    cmp generated/steps.nix "$TEMPORARY/committed.nix"
    [ -s target/rbn-plan/dev/times.json ]
    [ -s target/rbn-plan/release/times.json ]
    "$RBN_PLAN" check --offline
}

# What would be built is said in the plan's words; nothing is built, and nothing of the project written.
dry_run() {
    workspace
    build 0 --no-link --dry-run
    grep -q '^Would build 5 of 5 steps (host 1, ' "$TEMPORARY/stdout"
    [ ! -e generated ]
    build 0 --no-link
    build 0 --no-link --dry-run
    grep -qx 'Nothing to build, and nothing to fetch.' "$TEMPORARY/stdout"
    # The library, both programs, and the run of the script: it hands on a path.
    echo "// again" >>app/src/lib.rs
    build 0 --no-link --dry-run
    grep -q '^Would build 4 of 5 steps .*compile' "$TEMPORARY/stdout"
    grep -q 'app-0.1.0:bin:app' "$TEMPORARY/stdout"
}

# Each build has its timeline in the history; one that fails early does not take the place of the last.
history() {
    workspace
    build 0 --no-link
    cp target/rbn-plan/release/timeline.json "$TEMPORARY/long.json"
    sleep 1
    echo 'pub fn broken() -> u32 { "no" }' >>app/src/lib.rs
    build 1 --no-link
    says "Timeline: target/rbn-plan/release/history/"
    cmp target/rbn-plan/release/timeline.json "$TEMPORARY/long.json"
    [ "$(find target/rbn-plan/release/history -name '*.json' | wc -l)" -eq 2 ]
}

# The sandbox does not see the machine's tools: in words, with the line that nix.conf needs.
hidden_tools() {
    workspace
    build 0 --no-link --dry-run
    NIX_CONFIG=$(printf '%s\n' "$NIX_CONFIG" | grep -v '^extra-sandbox-paths')
    export NIX_CONFIG
    # Another fingerprint, so that nothing of it has been built before.
    "$RBN_PLAN" toolchain host >tools.nix
    sed -i "s|fingerprint = \[|fingerprint = [ \"$TEMPORARY$RANDOM\"|" tools.nix
    build 1 --no-link -- --arg toolchain 'import ./tools.nix'
    says "hint: Nix's sandbox does not show this machine's own tools" "extra-sandbox-paths = /"
    lacks "$TEMPORARY/stderr" 'ErrorError'
}

# What rustc and the build scripts of the workspace warn of is said, each once, as Cargo says it.
warnings() {
    workspace
    echo 'pub fn careless() { let unused = 1; }' >>app/src/lib.rs
    sed -i 's/^fn main() {$/&\n    println!("cargo::warning=be careful");/' app/build.rs
    for flags in "" "--print-build-logs"; do
        # shellcheck disable=SC2086 # no flag is no word
        build 0 --no-link $flags
        says "warning: unused variable: \`unused\`" "--> app/src/lib.rs:" "warning: app@0.1.0: be careful"
        [ "$(grep -c 'unused variable' "$TEMPORARY/stderr")" -eq 1 ] || { echo "a warning came twice"; return 1; }
        [ "$(grep -c 'be careful' "$TEMPORARY/stderr")" -eq 1 ] || { echo "a script's came twice"; return 1; }
        # Nix has no log to show of what is built already.
        build 0 --no-link $flags
        lacks "$TEMPORARY/stderr" 'unused variable|be careful'
        echo "// again" >>app/src/lib.rs
        echo "// again" >>app/build.rs
    done
    build 0 --no-link --quiet
    says "unused variable" "be careful"
}

# The processes below one, itself included.
below() {
    local child
    echo "$1"
    # shellcheck disable=SC2013 # one line, a process a word
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do below "$child"; done
}

# interrupt SIGNAL CODE: while a build script sleeps.
interrupt() {
    local pid status tries=0 builders
    workspace
    sed -i 's/^fn main() {$/&\n    std::thread::sleep(std::time::Duration::from_secs(300));/' app/build.rs
    grep -q from_secs app/build.rs
    # `set -m`: a job of its own group, to which SIGINT is not ignored.
    set -m
    "$RBN_PLAN" build --workspace --locked --offline --no-link >"$TEMPORARY/stdout" 2>"$TEMPORARY/stderr" &
    pid=$!
    set +m
    until below "$pid" | while read -r one; do tr '\0' ' ' <"/proc/$one/cmdline" 2>/dev/null; echo; done \
        | grep -q 'bin/build-script-build'; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ] || [ ! -e "/proc/$pid" ]; then
            cat "$TEMPORARY/stderr"
            echo "the build script never ran"
            return 1
        fi
        sleep 0.1
    done
    builders=$(below "$pid")
    sleep 0.3
    kill "-$1" "$pid"
    set +e
    wait "$pid"
    status=$?
    set -e
    cat "$TEMPORARY/stderr"
    [ "$status" -eq "$2" ] || { echo "exit $status where $2 was wanted"; return 1; }
    for one in $builders; do
        [ ! -e "/proc/$one" ] || { echo "process $one is still there"; return 1; }
    done
    says "interrupted: waiting for Nix" "Interrupted after" "1 was stopped, 1 step was built and stays"
    [ "$(json 'it.outcome')" = '"interrupted"' ]
    [ "$(json 'builtins.attrNames it.steps' ./target/rbn-plan/release/times.json)" = '["host/app-0.1.0:build-script"]' ]
}

# What is in a binary cache is fetched, and it is said from where.
cached() {
    workspace
    build 0 --no-link --print-out-paths app-0.1.0
    local library
    library=$(cat "$TEMPORARY/stdout")
    nix copy --to "file://$TEMPORARY/cache" "$library"
    if ! nix-store --delete "$library"; then
        echo "Nix would not forget $library"
        return 1
    fi
    build 0 --no-link app-0.1.0 -- --substituters "file://$TEMPORARY/cache" \
        --option require-sigs false --option substitute true
    says "1 came from a cache" "fetched 1 path from file://$TEMPORARY/cache"
    [ "$(json '(builtins.head it.fetched).step')" = '"app-0.1.0"' ]
}

# Where config.toml has the toolchain elsewhere, that one is rendered and taken.
toolchain_elsewhere() {
    workspace
    printf '[nix]\ntoolchain-file = "with space/tools.nix"\n' >config.toml
    build 0 --no-link 'host/app-0.1.0:build-script'
    says "with space/tools.nix was missing: rendered" "--arg toolchain"
    [ ! -e generated/toolchain.nix ]
    mv "with space/tools.nix" mine.nix
    build 0 --no-link -- --arg toolchain 'import ./mine.nix'
    [ ! -e "with space/tools.nix" ]
}

# On a terminal there are bars, and what fails is still readable in the end.
terminal() {
    command -v script >/dev/null || { echo "script is missing"; return 1; }
    workspace
    echo 'pub fn broken() -> u32 { "no" }' >>app/src/lib.rs
    local status
    set +e
    TERM=xterm script -qec "'$RBN_PLAN' build --workspace --offline --no-link" /dev/null >"$TEMPORARY/stderr" </dev/null
    status=$?
    set -e
    cat "$TEMPORARY/stderr"
    [ "$status" -eq 1 ]
    grep -q $'\x1b' "$TEMPORARY/stderr"
    # Which bars were drawn depends on how fast Nix is.
    says "mismatched types" "Failed after"
    lacks "$TEMPORARY/stderr" '@nix'
}

foreign_plan() {
    workspace
    mkdir generated
    echo '{ }' >generated/steps.nix
    build 2
    says "was not written by rbn-plan"
    [ "$(cat generated/steps.nix)" = '{ }' ]
    [ ! -e generated/toolchain.nix ]
}

find_rbn_plan
make_temporary
check "everything is built; again, there is nothing to do" everything
check "the timeline and the times" timeline
check "packages, steps and attributes by name; words for Nix" names
check "a failing step: its log, once and in full" failing_step
check "another selection beside the committed plan" beside
check "what would be built" dry_run
check "again and again, whenever a file changes" watch
check "timelines have a history" history
check "a sandbox that does not show the tools" hidden_tools
check "warnings of the workspace's packages" warnings
check "Ctrl-C: Nix and its builders end first" interrupt INT 130
check "SIGTERM: the same" interrupt TERM 143
check "what a binary cache has" cached
check "a toolchain in another place" toolchain_elsewhere
check "on a terminal" terminal
check "a plan that somebody wrote stays" foreign_plan
finish
