#!/usr/bin/env bash
# `rbn-plan verify --files`: faults that are put into workspaces and plans on purpose are seen, all of
# them, and `--fix` cures what config.toml can cure. Fixtures without a fault have nothing to say.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FIXTURES=$ROOT/tests/fixtures/workspaces
# Macros that read, scripts that list, write and hand on, links, crates that are linked dynamically.
CLEAN="macro-reads-own-data derive-reads-hidden-folder script-lists-workspace script-writes-outside
    build-script-protocol absolute-symlink-in-out-dir member-is-symlink dylib-dependency
    tool-from-out-dir-of-build-dependency links-out-of-package out-dir-links-and-tools"

# files WORDS...: the report.
files() { "$RBN_PLAN" verify --files --locked --offline "$@"; }

# different WORDS...: it says so by its exit code 1.
different() {
    local status=0
    files "$@" >"$TEMPORARY/report" 2>"$TEMPORARY/talk" || status=$?
    cat "$TEMPORARY/report" "$TEMPORARY/talk"
    [ "$status" -eq 1 ] || { echo "exit code $status"; return 1; }
}

# said TEXT...: each is in the report.
said() {
    local text
    for text in "$@"; do
        grep -qF -- "$text" "$TEMPORARY/report" || { echo "not said: $text"; return 1; }
    done
}

# package NAME: an empty one here, in this directory's workspace.
package() {
    mkdir -p "$1/src"
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n' "$1" >"$1/Cargo.toml"
}

# new NAME: a workspace whose package `app` has a script; the script is given on standard input.
new() {
    mkdir -p "$TEMPORARY/$1"
    cd "$TEMPORARY/$1"
    printf '[workspace]\nmembers = ["app"]\nresolver = "2"\n' >Cargo.toml
    package app
    cat >app/build.rs
    echo 'fn main() {}' >app/src/main.rs
    cargo generate-lockfile --offline --quiet
}

clean() {
    cp -a "$FIXTURES/$1" "$TEMPORARY/$1"
    cd "$TEMPORARY/$1"
    files --workspace >"$TEMPORARY/report" || { cat "$TEMPORARY/report"; return 1; }
    cat "$TEMPORARY/report"
    said "all of them in the plan"
    ! grep "was not compared" "$TEMPORARY/report"
}

a_path_that_no_text_says() {
    new variable <<'RUST'
fn main() {
    let dir: String = "atad/derahs/..".chars().rev().collect();
    let text = std::fs::read_to_string(std::path::Path::new(&dir).join("one.txt")).unwrap();
    println!("cargo:rustc-env=TEXT={}", text.trim());
}
RUST
    mkdir -p shared/data
    echo one >shared/data/one.txt
    printf '# mine\n[build]\nprofile = "dev" # here\n' >config.toml
    cp config.toml before
    different
    said "shared/data/one.txt  read by the build script, not in the plan" "[override.app]" 'files = ["shared/data/one.txt"]'
    cmp before config.toml
    files --fix >"$TEMPORARY/report"
    said "all of them in the plan" "says and leaves the same"
    grep -qx 'profile = "dev" # here' config.toml
    grep -F 'files = ["shared/data/one.txt"]' config.toml
}

a_macro_that_reads() {
    new macro <<<'fn main() {}'
    rm app/build.rs
    mkdir -p shared
    echo 7 >shared/seven.txt
    package derive
    printf '[lib]\nproc-macro = true\n' >>derive/Cargo.toml
    cat >derive/src/lib.rs <<'RUST'
#[proc_macro]
pub fn value(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let name: String = "txt.neves/derahs".chars().rev().collect();
    let path = std::path::Path::new(&dir).parent().unwrap().join(name);
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}
RUST
    printf '[dependencies]\nderive = { path = "../derive" }\n' >>app/Cargo.toml
    echo 'fn main() { println!("{}", derive::value!()); }' >app/src/main.rs
    cargo generate-lockfile --offline --quiet
    different
    said "shared/seven.txt  read by a macro, not in the plan" 'files = ["shared/seven.txt"]'
    files --fix >"$TEMPORARY/report"
    said "all of them in the plan"
}

taken_away() {
    new taken <<'RUST'
fn main() {
    let mut names: Vec<_> = std::fs::read_dir("data").unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    println!("cargo:rustc-env=NAMES={names:?}");
    println!("cargo:rustc-env=FLAG={}", std::path::Path::new("flag").exists());
}
RUST
    mkdir app/data
    touch app/data/a app/data/b app/flag
    files >"$TEMPORARY/report"
    said "all of them in the plan"
    printf '[override.app]\nscript-files = ["app/data/a"]\n' >config.toml
    different
    said "app/data/b  found in its directory by the build script" "app/flag  asked for by the build script" \
        "its rustc-env" 'NAMES=["a"]' "FLAG=false"
}

what_nobody_sees_is_not_missed() {
    new hidden <<'RUST'
fn main() {
    for dir in ["../", "."] {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::read(path).unwrap();
            }
        }
    }
}
RUST
    mkdir generated target
    touch generated/steps.nix app/noise.log
    echo '*.log' >.gitignore
    git init --quiet
    ln -s /nix/store result
    files >"$TEMPORARY/report" || { cat "$TEMPORARY/report"; return 1; }
    said "all of them in the plan"
}

another_answer() {
    new answer <<'RUST'
use std::{env, fs, path::Path, process::Command};
fn main() {
    println!("cargo:rerun-if-env-changed=RBN_TEST_COLOUR");
    println!("cargo:rustc-env=COLOUR={}", env::var("RBN_TEST_COLOUR").unwrap_or_default());
    let out = env::var("OUT_DIR").unwrap();
    fs::write(Path::new(&out).join("home"), env::var("HOME").unwrap()).unwrap();
    fs::write(Path::new(&out).join("place"), format!("{out} {}", env::var("CARGO_MANIFEST_DIR").unwrap())).unwrap();
    let git = Command::new("git").args(["rev-parse", "HEAD"]).output();
    println!("cargo:rustc-env=COMMIT={}", git.is_ok_and(|git| git.status.success()));
}
RUST
    git init --quiet
    git add -A
    git -c user.name=t -c user.email=t@example.com commit --quiet -m all
    RBN_TEST_COLOUR=red different
    said "RBN_TEST_COLOUR is set here, and not in the plan" "COLOUR=red" "OUT_DIR/home" \
        "COMMIT=true" "asks git"
    ! grep "OUT_DIR/place" "$TEMPORARY/report"
}

# Git reads the whole tree and its own files: nothing that a step could be given. The macro's file
# is one that it names only where git answered.
a_macro_that_asks_git() {
    new repository <<'RUST'
fn main() {
    println!("cargo:rustc-env=HEAD={}", std::fs::read("../.git/HEAD").map_or(0, |_| 1));
}
RUST
    package version
    printf '[lib]\nproc-macro = true\n' >>version/Cargo.toml
    cat >version/src/lib.rs <<'RUST'
#[proc_macro]
pub fn version(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let git = std::process::Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    match git {
        Ok(git) if git.status.success() => format!("{{ const _: &[u8] = include_bytes!({:?}); 1 }}", root.join(".git/HEAD")),
        _ => "2".to_owned(),
    }.parse().unwrap()
}
RUST
    sed -i 's/"app"/"app", "version"/' Cargo.toml
    printf '[dependencies]\nversion = { path = "../version" }\n' >>app/Cargo.toml
    echo 'fn main() { println!("{}{}", version::version!(), env!("HEAD")); }' >app/src/main.rs
    mkdir docs && echo text >docs/page.md
    cargo generate-lockfile --offline --quiet
    git init --quiet
    git add -A
    git -c user.name=t -c user.email=t@example.com commit --quiet -m all
    different
    said "all of them in the plan" "bin:app asks git" "run reads what the repository says" "HEAD=1"
    ! grep "not in the plan" "$TEMPORARY/report"
    # Code that names such a file is not compiled without it.
    echo 'fn main() { println!("{}", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../.git/HEAD"))); }' \
        >app/src/main.rs
    echo 'fn main() {}' >app/build.rs
    different
    said ".git/HEAD  read by rustc, not in the plan"
}

another_each_time() {
    new random <<'RUST'
fn main() {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    println!("cargo:rustc-env=NOW={}", since.as_nanos());
}
RUST
    files >"$TEMPORARY/report" || { cat "$TEMPORARY/report"; return 1; }
    said "makes something else in each run"
}

a_script_that_fails_in_the_sandbox() {
    new fails <<'RUST'
fn main() {
    std::fs::read(std::env::var("HOME").unwrap() + "/rbn-there").unwrap();
}
RUST
    mkdir "$TEMPORARY/home"
    touch "$TEMPORARY/home/rbn-there"
    CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} HOME=$TEMPORARY/home different
    said "its run" "succeeded"
}

names_that_config_cannot_say() {
    new names <<'RUST'
fn main() {
    let dir: String = "derahs/..".chars().rev().collect();
    for entry in std::fs::read_dir(dir).unwrap() {
        std::fs::read(entry.unwrap().path()).unwrap();
    }
}
RUST
    mkdir shared
    touch "shared/two"$'\n'"lines" "shared/a \"b\" (c), <d> ä"
    different
    said 'two\nlines' 'a "b" (c), <d> ä' "config.toml cannot name"
}

# What no text says: a macro that goes up for a directory by a name that it makes, a search for the workspace's root,
# and one for a file by such a name. Without its file the macro's word is silently another.
named_nowhere() {
    new nowhere <<'RUST'
use std::{env, fs, process::Command};
fn main() {
    let out = env::var("OUT_DIR").unwrap();
    let name: String = "h.n/edulcni/..".chars().rev().collect();
    fs::write(format!("{out}/n.c"), format!("#include \"{}\"\nint n(void) {{ return N; }}\n", fs::canonicalize(name).unwrap().display())).unwrap();
    let status = Command::new("cc").args(["-c", "-o"]).args([format!("{out}/n.o"), format!("{out}/n.c")]).status();
    assert!(status.unwrap().success());
    let mut root = env::current_dir().unwrap();
    while !root.join("Cargo.lock").exists() {
        assert!(root.pop());
    }
    let name: String = "NOISREV".chars().rev().collect();
    let version = fs::read_to_string(root.join(name)).unwrap();
    println!("cargo:rustc-env=ALL={}", version.trim());
}
RUST
    mkdir include .settings
    echo '#define N 1' >include/n.h
    echo 2 >VERSION
    echo set >.settings/one
    package derive
    printf '[lib]\nproc-macro = true\n' >>derive/Cargo.toml
    cat >derive/src/lib.rs <<'RUST'
#[proc_macro]
pub fn setting(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let mut dirs = std::path::Path::new(&dir).ancestors();
    let name: String = "eno/sgnittes.".chars().rev().collect();
    let found = dirs.find_map(|dir| std::fs::read_to_string(dir.join(&name)).ok());
    format!("{:?}", found.unwrap_or_default().trim()).parse().unwrap()
}
RUST
    printf '[dependencies]\nderive = { path = "../derive" }\n' >>app/Cargo.toml
    echo 'fn main() { println!("{} {}", derive::setting!(), env!("ALL")); }' >app/src/main.rs
    cargo generate-lockfile --offline --quiet
    different
    said .settings/one include/n.h VERSION
    files --fix >"$TEMPORARY/report"
    cat "$TEMPORARY/report" config.toml
    said "all of them in the plan" "says and leaves the same"
    mkdir generated
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    "$RBN_PLAN" --release --offline -o generated/steps.nix
    nix build -f generated/steps.nix
    [ "$(./result/bin/app)" = "set 2" ]
}

# What is proposed so that a script sees less is right as it stands there.
a_proposal() {
    new proposal <<'RUST'
fn main() {
    let text = std::fs::read_to_string("data/one \"1\".txt").unwrap();
    let names = std::fs::read_dir("lists").unwrap().count();
    println!("cargo:rustc-env=TEXT={}{names}", text.trim());
}
RUST
    mkdir app/data app/lists
    touch app/lists/a app/lists/b
    echo one >'app/data/one "1".txt'
    for name in $(seq 30); do touch "app/data/$name"; done
    files >"$TEMPORARY/report"
    said "files that it sees; an edit of the others" "script-files"
    grep -A1 '^    \[override' "$TEMPORARY/report" | sed 's/^    //' >config.toml
    cat config.toml
    files >"$TEMPORARY/report"
    said "all of them in the plan" "says and leaves the same"
    ! grep script-files "$TEMPORARY/report"
}

through_a_link() {
    new real <<'RUST'
fn main() {
    let dir: String = "derahs/..".chars().rev().collect();
    println!("cargo:rustc-env=TEXT={}", std::fs::read_to_string(dir + "/one.txt").unwrap().trim());
}
RUST
    mkdir shared
    echo one >shared/one.txt
    ln -s real "$TEMPORARY/linked"
    cd "$TEMPORARY/linked"
    different
    said "shared/one.txt  read by the build script"
    files --fix >"$TEMPORARY/report"
    said "all of them in the plan" "says and leaves the same"
}

bytes_in_out_dir() {
    new bytes <<'RUST'
use std::{env, fs};
fn main() {
    let out = env::var("OUT_DIR").unwrap();
    fs::write(format!("{out}/place"), format!("\0{out}\u{ff}")).unwrap();
    let mut place = vec![0xff];
    place.extend(out.as_bytes());
    fs::write(format!("{out}/no-text"), place).unwrap();
    fs::write(format!("{out}/home"), format!("\0{}", env::var("HOME").unwrap())).unwrap();
}
RUST
    different
    said "OUT_DIR/home" "bytes, "
    ! grep -E "OUT_DIR/(place|no-text)" "$TEMPORARY/report"
}

faults() {
    cargo test --quiet --locked --manifest-path "$ROOT/Cargo.toml" --test it faults:: -- --ignored --nocapture
}

a_daemon_is_left() {
    new daemon <<'RUST'
use std::process::{Command, Stdio};
fn main() {
    let mut sleep = Command::new("sleep");
    sleep.arg("300").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    sleep.spawn().unwrap();
    std::fs::read("Cargo.toml").unwrap();
}
RUST
    SECONDS=0
    files >"$TEMPORARY/report" || { cat "$TEMPORARY/report"; return 1; }
    cat "$TEMPORARY/report"
    [ "$SECONDS" -lt 120 ] || { echo "it waited"; return 1; }
    said "all of them in the plan"
}

no_tracer() {
    new tracer <<<'fn main() {}'
    local status=0
    mkdir bin
    for program in cargo rustc cc git nix-instantiate nix-build nix; do
        ln -s "$(command -v "$program")" bin/
    done
    PATH=$PWD/bin files >"$TEMPORARY/report" 2>&1 || status=$?
    cat "$TEMPORARY/report"
    [ "$status" -eq 2 ]
    said "there is no \`strace\`" "apt-get install strace"
    # One that may not trace.
    printf '#!/bin/sh\necho "ptrace(PTRACE_TRACEME): Operation not permitted" >&2\nexit 1\n' >bin/strace
    chmod +x bin/strace
    status=0
    PATH=$PWD/bin files >"$TEMPORARY/report" 2>&1 || status=$?
    cat "$TEMPORARY/report"
    [ "$status" -eq 2 ]
    said "strace\` cannot watch a process here" "SYS_PTRACE"
}

nothing_is_left() {
    local left
    left=$(find "$TMPDIR" -mindepth 1 | head)
    [ -z "$left" ] || { echo "left: $left"; return 1; }
}

find_rbn_plan
make_temporary
command -v strace >/dev/null || die "there is no strace; ./tests/run.sh installs it"
export CARGO_TERM_COLOR=never
mkdir "$TEMPORARY/tmp"
export TMPDIR=$TEMPORARY/tmp
for name in $CLEAN; do check "nothing is missing in $name" clean "$name"; done
check "a path that no text says, and its cure" a_path_that_no_text_says
check "a macro that reads, and its cure" a_macro_that_reads
check "files that are taken away" taken_away
check "what no step sees is not missed" what_nobody_sees_is_not_missed
check "a variable, the home, git: another answer" another_answer
check "a macro that asks git, a script that reads its files" a_macro_that_asks_git
check "what is another in each run is told apart" another_each_time
check "a script that fails in the sandbox" a_script_that_fails_in_the_sandbox
check "names that config.toml cannot say" names_that_config_cannot_say
check "what no text names, and its cure" named_nowhere
check "a proposal to see less, pasted" a_proposal
check "a workspace behind a link" through_a_link
check "bytes in OUT_DIR" bytes_in_out_dir
check "what scripts say and leave otherwise, on purpose" faults
check "a script that leaves a daemon" a_daemon_is_left
check "no tracer, or one that may not trace" no_tracer
check "nothing is left behind" nothing_is_left
finish
