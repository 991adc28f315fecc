#!/usr/bin/env bash
# The Rust compiler's own build: planned, evaluated and refused; with --full its standard library is built by
# Nix, with a compiler of the same version in the place of stage 1, and used. The tree and that compiler are
# the distribution's packages, unpacked and not installed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"

FULL=
if [ "${1:-}" = --full ]; then FULL=1; fi
need_rust
need_nix
find_rbn_plan
make_temporary

CACHE=$ROOT/tests/.cache/bootstrap
HOST=$(host_triple)
TREE=$TEMPORARY/rust

unpacked() {
    [ -e "$CACHE/done" ] && return
    rm -rf "$CACHE" && mkdir -p "$CACHE"
    (cd "$CACHE" && apt-get download --quiet rust-web-src rustc-web libstd-rust-web-1.96 llvm-22 llvm-22-dev) || return 1
    for package in "$CACHE"/*.deb; do dpkg -x "$package" "$CACHE/files"; done
    rm -f "$CACHE"/*.deb
    touch "$CACHE/done"
}

configured() {
    cat >"$TREE/bootstrap.toml" <<END
change-id = "ignore"
[build]
optimized-compiler-builtins = false
[rust]
channel = "stable"
[target.$HOST]
llvm-config = "$CACHE/files/usr/bin/llvm-config-22"
END
}

bootstrap() { "$RBN_PLAN" bootstrap -C "$TREE" "$@"; }

# refuses WORDS COMMAND...: exit code 2, these words, nothing written.
refuses() {
    local words=$1 status=0
    shift
    rm -rf "$TREE/generated"
    "$@" >"$TEMPORARY/said" 2>&1 || status=$?
    tr -s ' \n│' ' ' <"$TEMPORARY/said" >"$TEMPORARY/flat"
    grep -qF -- "$words" "$TEMPORARY/flat" || { cat "$TEMPORARY/said"; return 1; }
    [ "$status" -eq 2 ] && [ ! -e "$TREE/generated" ]
}

# A lock that does not fit, as the distribution has it.
pruned() { refuses "does not fit the manifests" bootstrap; }

plans() {
    bootstrap >"$TEMPORARY/said"
    cat "$TEMPORARY/said"
    grep -q '^compiler: 355 steps (86 host, 269 ' "$TEMPORARY/said"
    grep -q '^library: 36 steps (5 host, 31 ' "$TEMPORARY/said"
    bootstrap check
    # The same bytes again.
    cp -r "$TREE/generated" "$TEMPORARY/before"
    bootstrap >/dev/null
    diff -r "$TEMPORARY/before" "$TREE/generated"
}

# Flags of this command that other commands have, too, with other values.
plans_elsewhere() {
    cp "$TREE/bootstrap.toml" "$TEMPORARY/other.toml"
    bootstrap --config "$TEMPORARY/other.toml" --output "$TEMPORARY/elsewhere" --stage 2 >/dev/null
    bootstrap check --config "$TEMPORARY/other.toml" -o "$TEMPORARY/elsewhere" --stage 2
    diff "$TREE/generated/bootstrap/compiler.nix" "$TEMPORARY/elsewhere/compiler.nix"
}

# What a build script asks the compiler is answered as by x.py's shim, which adds arguments, by target or not.
hears_the_shim() {
    local script=$TREE/compiler/rustc_macros/build.rs status=0
    cp "$script" "$TEMPORARY/script"
    cat >>"$script" <<'END'
fn heard() -> String {
    use std::{env, process::Command};
    let rustc = env::var_os("RUSTC").unwrap();
    let hears = |more: &[&str]| {
        let output = Command::new(&rustc).args(["--print", "cfg"]).args(more).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().lines().any(|line| line == "bootstrap")
    };
    let target = env::var("TARGET").unwrap();
    let stage = env::var("RUSTC_STAGE").unwrap();
    format!("{} {} {stage}", hears(&[]), hears(&["--target", &target]))
}
END
    sed -i 's|^fn main() {|&\n    std::fs::write(format!("{}/heard", std::env::var("OUT_DIR").unwrap()), heard()).unwrap();|' "$script"
    nix-build --no-out-link "$TREE/generated/bootstrap" \
        -A 'stage1.steps.compiler.host."rustc_macros-0.0.0:run"' >"$TEMPORARY/run" || status=$?
    cp "$TEMPORARY/script" "$script"
    [ "$status" -eq 0 ]
    cat "$(cat "$TEMPORARY/run")/out/heard"
    [ "$(cat "$(cat "$TEMPORARY/run")/out/heard")" = "true false 0" ]
}

# Runs of scripts that are made with the crate `cc` hear of x.py's C compilers; no other step does.
hears_of_c_compilers() {
    bootstrap --format json --mode compiler >"$TEMPORARY/compiler.json"
    python3 - "$TEMPORARY/compiler.json" "${HOST//-/_}" <<'END'
import json, sys
names = ("AR", "CC", "CFLAGS", "CXX", "CXXFLAGS", "RANLIB")
heard = {}
for group in json.load(open(sys.argv[1]))["steps"].values():
    for step, of in group.items():
        values = [of["env"].get(f"{name}_{sys.argv[2]}") for name in names]
        if any(value is not None for value in values):
            heard[step.rpartition("-")[0], of["action"]] = values
print(heard)
scripts = ("blake3", "psm", "rustc_llvm", "stacker")
assert heard == {(name, "run-script"): ["ar", "cc", "", "c++", "", "ar s"] for name in scripts}
END
}

# A library of the compiler comes out of the compile cache with its metadata, which tools are compiled against.
metadata_of_the_cache() {
    local settings=$TEMPORARY/cache.toml shown built status=0
    printf '[sccache]\nsocket = "%s"\ndirectory = "%s"\n' "$TEMPORARY/cache/server.sock" "$TEMPORARY/entries" >"$settings"
    shown=$("$RBN_PLAN" cache start --write --config-file "$settings")
    for built in first second; do
        cp -r "$TREE/generated/bootstrap" "$TEMPORARY/$built"
        sed -i "s|^  fingerprint = \[|&\n    \"$built $TEMPORARY\"|" "$TEMPORARY/$built/stage0.nix"
        NIX_CONFIG=$NIX_CONFIG$'\n'$shown nix-build --no-out-link "$TEMPORARY/$built" --arg src "$TREE" \
            -A "stage1.steps.compiler.$HOST.\"rustc_lexer-0.0.0\"" >"$TEMPORARY/$built.out" || status=$?
    done
    "$RBN_PLAN" cache stats --config-file "$settings" | tee "$TEMPORARY/said"
    "$RBN_PLAN" cache stop --config-file "$settings"
    [ "$status" -eq 0 ]
    grep '^hits  *[1-9]' "$TEMPORARY/said"
    ls "$(cat "$TEMPORARY/second.out")"/lib/*.rmeta
    diff -r "$(cat "$TEMPORARY/first.out")/lib" "$(cat "$TEMPORARY/second.out")/lib"
}

# Of two evaluations the derivations of the steps, a line each.
steps_of() {
    nix-instantiate --eval --strict --json -E "
      let plan = import $TREE/generated/bootstrap { }; of = builtins.mapAttrs (_: builtins.mapAttrs (_: s: s.drvPath)); in
      { compiler = of plan.stage1.steps.compiler; library = of plan.stage1.steps.library; second = of plan.stage2.steps.compiler; }" \
        >"$1"
}

# differing BEFORE AFTER WHAT: how many.
differing() {
    python3 - "$1" "$2" "$3" <<'END'
import json, sys
before, after = (json.load(open(name))[sys.argv[3]] for name in sys.argv[1:3])
print(sum(before[group][step] != after[group][step] for group in before for step in before[group]))
END
}

evaluates() {
    nix-instantiate "$TREE/generated/bootstrap" -A stage1.toolchain -A stage2.toolchain -A dist -A tarball
    steps_of "$TEMPORARY/before.json"
}

# A compiler in split steps: each part of an assembly is taken of a whole step, and the library stays as it is.
split_apart() {
    nix-instantiate --eval --strict --json -E "
      let
        plan = split: import $TREE/generated/bootstrap { inherit split; };
        names = stage: builtins.attrNames stage.steps.compiler.$HOST;
        parts = stage: builtins.length stage.rustc-dev.facts.parts;
        off = (plan \"off\").stage1;
        all = (plan \"all\").stage1;
      in {
        more = builtins.length (names all) > builtins.length (names off) + 200;
        same = parts off == parts all;
        macros = builtins.any (part: builtins.match \".*-rustc_macros-.*\" part.from != null) off.rustc-dev.facts.parts;
        library = builtins.attrNames off.steps.library.$HOST == builtins.attrNames all.steps.library.$HOST;
      }" >"$TEMPORARY/said"
    cat "$TEMPORARY/said"
    [ "$(cat "$TEMPORARY/said")" = '{"library":true,"macros":true,"more":true,"same":true}' ]
}

# edit FILE COMPILER LIBRARY SECOND: a line more in a file, and how many steps that changes.
edit() {
    local file=$TREE/$1 found
    cp "$file" "$TEMPORARY/kept"
    echo "// a line more" >>"$file"
    steps_of "$TEMPORARY/after.json"
    cp "$TEMPORARY/kept" "$file"
    found="$(differing "$TEMPORARY/before.json" "$TEMPORARY/after.json" compiler)"
    found="$found $(differing "$TEMPORARY/before.json" "$TEMPORARY/after.json" library)"
    found="$found $(differing "$TEMPORARY/before.json" "$TEMPORARY/after.json" second)"
    echo "changed: $found, expected: $2 $3 $4"
    [ "$found" = "$2 $3 $4" ]
}

# with LINE COMMAND...: the configuration with one line in the place of another.
with() {
    local line=$1 status=0
    shift
    configured
    sed -i "s|^channel = .*|$line|" "$TREE/bootstrap.toml"
    "$@" || status=$?
    configured
    return "$status"
}

without_llvm() {
    local status=0
    sed -i '/^\[target/,$d' "$TREE/bootstrap.toml"
    refuses "has no \`target.$HOST.llvm-config\`" bootstrap || status=$?
    configured
    return "$status"
}

# foreign TARGET [LINES]: a library for another architecture, too.
foreign() {
    configured
    sed -i "s/^\\[build\\]/&\\ntarget = [\"$HOST\", \"$1\"]/" "$TREE/bootstrap.toml"
    printf '%s\n' "${@:2}" >>"$TREE/bootstrap.toml"
}

nothing_links() {
    local status=0
    foreign s390x-unknown-linux-gnu
    refuses "nothing on this machine links for s390x-unknown-linux-gnu" bootstrap || status=$?
    configured
    return "$status"
}

# x.py links by the C compiler of a foreign target, where no linker is named.
links_by_cc() {
    local status=0
    foreign s390x-unknown-linux-gnu '[target.s390x-unknown-linux-gnu]' 'cc = "/opt/s390x/bin/gcc"'
    bootstrap >"$TEMPORARY/said" || status=$?
    grep -q '^library: 67 steps (5 host, 31 s390x-unknown-linux-gnu, 31 ' "$TEMPORARY/said" || status=1
    grep -A3 '^ *s390x-unknown-linux-gnu = {' "$TREE/generated/bootstrap/library.nix" | grep -qF 'linker = "/opt/s390x/bin/gcc"' || status=1
    configured
    return "$status"
}

unknown_version() {
    local status=0
    echo 1.42.0 >"$TREE/src/version"
    refuses "the rules of its x.py are not known here" bootstrap || status=$?
    echo 1.96.0 >"$TREE/src/version"
    return "$status"
}

other_stage0() {
    local status=0
    sed -i 's/^compiler_version=.*/compiler_version=1.94.0/' "$TREE/src/stage0"
    refuses "wants 1.94.0" bootstrap || status=$?
    sed -i 's/^compiler_version=.*/compiler_version=1.95.0/' "$TREE/src/stage0"
    return "$status"
}

# Nothing changed; who a step is, in which mode; a picture.
reviews() {
    bootstrap >/dev/null
    bootstrap diff "$TREE/generated/bootstrap" >"$TEMPORARY/said"
    grep -q '^nothing of the compiler' "$TEMPORARY/said"
    bootstrap explain rustc_mir_transform >"$TEMPORARY/said"
    grep -q '^compiler$' "$TEMPORARY/said"
    bootstrap explain library:core >"$TEMPORARY/said"
    grep -q '^library$' "$TEMPORARY/said"
    bootstrap graph dot --mode library | grep -q '^digraph'
}

# The tree as an input of a flake: its metadata read as data, its steps evaluated.
example() {
    local with system
    cp -r "$ROOT/examples/rustc" "$TEMPORARY/example"
    bootstrap -o "$TEMPORARY/example/plan" >/dev/null
    bootstrap --format json --mode compiler >"$TEMPORARY/example/plan/compiler.json"
    "$RBN_PLAN" toolchain nixpkgs -o "$TEMPORARY/example/plan/nixpkgs.nix"
    cp -r "$ROOT/tests/fixtures/stand-in/nixpkgs" "$TEMPORARY/nixpkgs"
    "$RBN_PLAN" toolchain host >"$TEMPORARY/nixpkgs/host.nix"
    cd "$TEMPORARY/example"
    with=(--no-write-lock-file --override-input nixpkgs "path:$TEMPORARY/nixpkgs"
        --override-input plan "path:$PWD/plan" --override-input rust "path:$TREE")
    system=$(uname -m)-linux
    nix eval "${with[@]}" --json "path:$PWD#steps" | tee "$TEMPORARY/said"
    grep -q '"host":86,' "$TEMPORARY/said"
    nix build "${with[@]}" "path:$PWD#calls" --out-link "$TEMPORARY/calls"
    grep -q "^rustc_lexer-0.0.0[[:space:]]lib[[:space:]]" "$TEMPORARY/calls"
    nix eval "${with[@]}" --raw "path:$PWD#packages.$system.rustc.drvPath" | grep -q '^/nix/store/.*-stage1.drv$'
}

# An installation of a stage that is kept, as a directory and as one archive: the same files.
installs() {
    local kept=$TEMPORARY/kept-stage out
    mkdir -p "$kept/bin" "$kept/lib/rustlib/$HOST/lib"
    printf '#!/bin/sh\necho kept\n' >"$kept/bin/rustc"
    chmod +x "$kept/bin/rustc"
    printf 1.96.0 >"$kept/lib/rustlib/rbn-plan-version"
    echo std >"$kept/lib/rustlib/$HOST/lib/libstd.rlib"
    kept=$(nix-store --add "$kept")
    out=$(nix-build --no-out-link "$TREE/generated/bootstrap" -A dist -A tarball \
        --arg stages "{ stage1 = $kept; stage2 = $kept; }")
    mkdir "$TEMPORARY/installed"
    tar -C "$TEMPORARY/installed" -xf "$(sed -n 2p <<<"$out")/rust-1.96.0-$HOST.tar"
    diff -r "$(sed -n 1p <<<"$out")" "$TEMPORARY/installed/rust-1.96.0-$HOST"
    cd "$TEMPORARY/installed/rust-1.96.0-$HOST"
    [ "$(bin/rustc)" = kept ]
    cmp share/man/man1/rustc.1 "$TREE/src/doc/man/rustc.1"
    cmp lib/rustlib/etc/gdb_lookup.py "$TREE/src/etc/gdb_lookup.py"
    [ -x bin/rust-gdb ]
    cd "$ROOT"
    # Each key of [install] moves its files; what is below the prefix is below the output.
    cp "$TREE/bootstrap.toml" "$TEMPORARY/moved.toml"
    cat >>"$TEMPORARY/moved.toml" <<'END'
[install]
prefix = "/opt/rust"
bindir = "/opt/rust/programs"
libdir = "libraries"
mandir = "manuals"
docdir = "documents"
END
    bootstrap --config "$TEMPORARY/moved.toml" --output "$TEMPORARY/moved" >/dev/null
    out=$(nix-build --no-out-link "$TEMPORARY/moved" -A dist --arg src "$TREE" \
        --arg stages "{ stage1 = $kept; stage2 = $kept; }")
    (cd "$out" && ls -d *) | tee "$TEMPORARY/said"
    printf 'documents\nlibraries\nmanuals\nprograms\n' | diff - "$TEMPORARY/said"
    ls "$out"/programs/{rustc,rust-gdb} "$out/manuals/man1/rustc.1" "$out/documents/COPYRIGHT" "$out/libraries/rustlib/etc/lldb_lookup.py"
}

# std by a compiler of the tree's version, with build scripts by stage 0.
std_for_real() {
    mkdir -p "$TEMPORARY/web/bin" "$TEMPORARY/web/lib"
    cp -L "$CACHE/files/usr/bin/rustc" "$TEMPORARY/web/bin/"
    cp -L "$CACHE"/files/usr/lib/*/librustc_driver*.so "$TEMPORARY/web/lib/"
    cat >"$TEMPORARY/std.nix" <<END
let
  dir = $TREE/generated/bootstrap;
  stage0 = import (dir + "/stage0.nix");
  web = builtins.path { path = $TEMPORARY/web; name = "rustc-web"; };
  bare = stage0 // {
    rustc = "\${web}/bin/rustc";
    libraryPath = "\${web}/lib";
    compilerSeals = { };
    targets = [ ];
    fingerprint = [ "rustc 1.96.0" ];
  };
  library = import (dir + "/library.nix") { toolchain = bare; hostToolchain = stage0; builtBy = 1; };
  libs = builtins.filter (step: step.stated.kind == "lib") (builtins.attrValues library.steps.$HOST);
in
derivation {
  name = "sysroot";
  inherit (stage0) system;
  builder = "\${library.builder}";
  __structuredAttrs = true;
  step = "sysroot";
  platform = "$HOST";
  facts = {
    action = "assemble";
    inherit (stage0) path;
    libraryPath = "";
    texts = { };
    parts = [ { from = "\${web}/bin"; at = "bin"; } { from = "\${web}/lib"; at = "lib"; ends = [ ".so" ]; } ]
      ++ map (step: { from = "\${step}/lib"; at = "lib/rustlib/$HOST/lib"; ends = [ ".rlib" ".rmeta" ".so" ]; }) libs;
  };
}
END
    nix-build --no-out-link "$TEMPORARY/std.nix" | tail -1 >"$TEMPORARY/sysroot"
}

# The compiler itself, by stage 0, and its library by that compiler. Less optimised than a release: it is built here once.
stage_one_for_real() {
    sed -i -e 's|^llvm-config = .*|llvm-config = "/usr/bin/llvm-config-22"|' -e 's/^channel = .*/&\noptimize = 1/' "$TREE/bootstrap.toml"
    printf '[llvm]\nlink-shared = true\n' >>"$TREE/bootstrap.toml"
    bootstrap >/dev/null
    nix-build --no-out-link "$TREE/generated/bootstrap" -A stage1.toolchain | tail -1 >"$TEMPORARY/sysroot"
    "$(cat "$TEMPORARY/sysroot")/bin/rustc" -vV | grep -x 'release: 1.96.0'
}

# What the first stage's compiler makes of the compiler, and what that one makes: the same bytes.
stages_two_and_three() {
    nix-build --no-out-link "$TREE/generated/bootstrap" -A stage2.toolchain -A stage3.toolchain >"$TEMPORARY/stages"
    diff -r "$(sed -n 1p "$TEMPORARY/stages")" "$(sed -n 2p "$TEMPORARY/stages")"
}

tools_for_real() {
    sed -i 's/^\[build\]/&\nextended = true\ntools = ["cargo", "clippy", "rustfmt"]/' "$TREE/bootstrap.toml"
    (cd "$TREE/src/tools/cargo" && cargo metadata --quiet --format-version=1 >/dev/null)
    bootstrap >/dev/null
    nix-build --no-out-link "$TREE/generated/bootstrap" -A dist | tail -1 >"$TEMPORARY/dist"
    cd "$TEMPORARY"
    cargo new --quiet --vcs none linted
    echo 'pub fn double(x: &Vec<u32>) -> u32 { return x[0] * 2; }' >linted/src/lib.rs
    PATH=$(cat "$TEMPORARY/dist")/bin:/usr/bin:/bin
    cargo clippy --manifest-path linted/Cargo.toml 2>&1 | tee said
    grep -q 'clippy::ptr_arg' said && grep -q 'clippy::needless_return' said
    cargo run --quiet --manifest-path linted/Cargo.toml | grep -x 'Hello, world!'
    cargo fmt --manifest-path linted/Cargo.toml
    grep -x '    return x\[0\] \* 2;' linted/src/lib.rs
    # What is installed, and no other program of the tools.
    (cd "$(cat dist)/bin" && ls) >said
    printf '%s\n' cargo cargo-clippy cargo-fmt clippy-driver rust-gdb rust-gdbgui rust-lldb rustc rustfmt | diff - said
}

# A project with a macro, a build script and C code, by that compiler.
builds_a_project() {
    cp -r "$ROOT/examples/hello" "$TEMPORARY/project"
    cd "$TEMPORARY/project"
    "$RBN_PLAN" --locked --offline -o generated/steps.nix
    nix build -f generated/steps.nix --arg toolchain "(import $TREE/generated/bootstrap { }).stage1.toolchain"
    ./result/bin/hello | diff expect -
}

uses_std() {
    local sysroot
    sysroot=$(cat "$TEMPORARY/sysroot")
    cd "$TEMPORARY"
    cat >hello.rs <<'END'
fn main() {
    let sum = std::thread::spawn(|| (1..=10).sum::<u64>()).join().expect("a sum");
    let caught = std::panic::catch_unwind(|| panic!("on purpose")).is_err();
    println!("hello {sum} {caught}");
}
#[test]
fn works() {
    assert_eq!(2 + 2, 4);
}
END
    export LD_LIBRARY_PATH=$sysroot/lib:$sysroot/lib/rustlib/$HOST/lib
    "$sysroot/bin/rustc" hello.rs && [ "$(./hello)" = "hello 55 true" ]
    "$sysroot/bin/rustc" -C prefer-dynamic hello.rs -o dynamic && [ "$(./dynamic)" = "hello 55 true" ]
    "$sysroot/bin/rustc" --test hello.rs -o tests && ./tests
}

if ! unpacked; then
    say "   not tested: this distribution has no rustc 1.96 in rust-web-src, or no llvm-22"
    finish
    exit
fi
need_fast_sccache
export SCCACHE
cp -r "$CACHE/files/usr/src/rustc-1.96.0" "$TREE"
configured
check "a lock that a distribution pruned is refused" pruned
(cd "$TREE" && cargo metadata --quiet --format-version=1 >/dev/null)
check "compiler and library are planned, twice the same" plans
check "another configuration, another place" plans_elsewhere
check "both stages evaluate" evaluates
check "a build script hears what x.py's shim adds" hears_the_shim
check "scripts that call a C compiler hear of x.py's" hears_of_c_compilers
check "the compile cache keeps what tools need" metadata_of_the_cache
check "split for the compiler: parts are of whole steps" split_apart
check "an installation of a kept stage, and its archive" installs
# Of the library all that the new compiler makes; its five build scripts are stage 0's.
check "an edit of a pass: 5 steps of a stage, all that follows" edit compiler/rustc_mir_transform/src/lib.rs 5 31 355
check "an edit of core: what stands on it, and the stage after it" edit library/core/src/lib.rs 0 26 355
check "an edit of a README: nothing" edit README.md 0 0 0
check "no llvm-config is refused" without_llvm
check "a target that nothing links for is refused" nothing_links
check "a foreign target's C compiler links" links_by_cc
check "a version whose rules are not known is refused" unknown_version
check "another stage 0 is refused" other_stage0
check "a slip in a key" with 'chanel = "stable"' refuses "did you mean \`rust.channel\`" bootstrap
check "a word that is none" with 'channel = "stabel"' refuses "did you mean \`stable\`" bootstrap
check "a place out of the installation is refused" with 'channel = "stable"\n[install]\nbindir = "../bin"' refuses "leads out of the installation" bootstrap
check "LLD is refused" with 'lld = true' refuses "LLD is built by CMake" bootstrap
check "what changed is said by stage" reviews
check "no tree" refuses "is no source tree of the Rust compiler" "$RBN_PLAN" bootstrap -C "$TEMPORARY"
if [ -n "$FULL" ]; then
    check "the tree is an input of a flake" example
    check "x.py runs what is planned, stage by stage" bootstrap verify --stage 2
    bootstrap >/dev/null
    check "Nix builds the standard library" std_for_real
    check "programs, dynamic ones and tests with it" uses_std
    need llvm-config-22 llvm-22-dev
    check "Nix builds stage 1" stage_one_for_real
    # Here, where LLVM is installed: a sandbox does not see the unpacked one.
    check "build scripts say and leave in Nix what they do for x.py" bootstrap verify --scripts
    check "programs, dynamic ones and tests with it" uses_std
    check "a project with it" builds_a_project
    check "stages 2 and 3 are the same bytes" stages_two_and_three
    check "cargo, clippy and rustfmt, installed, build, lint and format" tools_for_real
fi
finish
