#!/usr/bin/env bash
# Shared libraries of the store (`build-inputs`), with this machine's own toolchain: found when linking, by
# all that link the crate, and when running; what a library needs in turn is found, too. Real Nix, in the
# sandbox.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

TARGET=$(rustc -vV | sed -n 's/^host: //p')

# Two libraries in the store: `answer` needs `question`, and says so as nixpkgs' packages do.
libraries() {
    cat >libraries.nix <<NIX
let
  host = import ./generated/toolchain.nix;
  make = name: commands: derivation {
    inherit name;
    inherit (host) system;
    builder = host.shell;
    args = [ "-c" "set -eu; PATH=\${builtins.concatStringsSep ":" host.path}; mkdir -p \$out/lib/pkgconfig \$out/include \$out/nix-support; \${commands}" ];
  };
in
rec {
  question = make "question-1.0" ''
    echo 'int question(void) { return 21; }' >question.c
    cc -shared -fPIC -Wl,-soname,libquestion.so.1 question.c -o \$out/lib/libquestion.so.1
    ln -s libquestion.so.1 \$out/lib/libquestion.so
    echo 'int question(void);' >\$out/include/question.h
    echo Name: question >\$out/lib/pkgconfig/question.pc'';
  answer = make "answer-1.0" ''
    printf '#include <question.h>\nint answer(void) { return 2 * question(); }' >answer.c
    cc -shared -fPIC -Wl,-soname,libanswer.so.1 -I\${question}/include answer.c -o \$out/lib/libanswer.so.1
    ln -s libanswer.so.1 \$out/lib/libanswer.so
    echo \${question} >\$out/nix-support/propagated-build-inputs'';
}
NIX
    nix-build --no-out-link libraries.nix -A "$1"
}

package() {
    mkdir -p "$1/src"
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2024"\n%s\n[dependencies]\n' "$@" >"$1/Cargo.toml"
}

# Links by an attribute alone; its script looks for what pkg-config would. Above it a library, a program, a
# C library, a macro, and a script that calls the function when it runs.
workspace() {
    place=$TEMPORARY/ws
    rm -rf "$place"
    mkdir -p "$place/generated"
    cd "$place"
    printf '[workspace]\nmembers = ["sys", "middle", "app", "shared", "macros", "apart"]\nresolver = "2"\n' >Cargo.toml
    package sys
    echo '#[link(name = "answer")] unsafe extern "C" { fn answer() -> i32; }
#[link(name = "question")] unsafe extern "C" { fn question() -> i32; }
pub fn get() -> i32 { unsafe { answer() + question() - 21 } }' >sys/src/lib.rs
    echo 'fn main() {
    let path = std::env::var("PKG_CONFIG_PATH").unwrap();
    assert!(path.split(":").any(|dir| std::path::Path::new(dir).join("question.pc").exists()), "{path}");
}' >sys/build.rs
    package apart
    touch apart/src/lib.rs
    package middle
    echo 'sys = { path = "../sys" }' >>middle/Cargo.toml
    echo 'pub fn get() -> i32 { sys::get() }' >middle/src/lib.rs
    package macros $'[lib]\nproc-macro = true'
    echo 'middle = { path = "../middle" }' >>macros/Cargo.toml
    echo '#[proc_macro] pub fn made(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    format!("{}", middle::get()).parse().unwrap()
}' >macros/src/lib.rs
    package shared $'[lib]\ncrate-type = ["cdylib"]'
    echo 'middle = { path = "../middle" }' >>shared/Cargo.toml
    echo '#[unsafe(no_mangle)] pub extern "C" fn doubled() -> i32 { 2 * middle::get() }' >shared/src/lib.rs
    package app
    printf 'middle = { path = "../middle" }\nmacros = { path = "../macros" }\n[build-dependencies]\nmiddle = { path = "../middle" }\n' \
        >>app/Cargo.toml
    echo 'fn main() { println!("cargo::rustc-env=BUILT={}", middle::get()); }' >app/build.rs
    echo 'fn main() { println!("{} {} {}", middle::get(), macros::made!(), env!("BUILT")); }' >app/src/main.rs
    cargo generate-lockfile --quiet --offline
    "$RBN_PLAN" toolchain host >generated/toolchain.nix
    library=$(libraries "$1")
    printf '[override.sys]\nbuild-inputs = ["%s"]\n' "$library" >rbn-plan.toml
    "$RBN_PLAN" --locked --offline --workspace >generated/steps.nix
}

# One that is not an input of the crate's own step is found by the file that names it.
found_at_run_time() {
    workspace answer
    nix-build --no-out-link generated/steps.nix -A "packages.$TARGET.app" >out
    "$(cat out)/bin/app" | tee said
    grep -qx '42 42 42' said
    nix-store -q --requisites "$(cat out)" >closure
    grep -q -- '-answer-1.0$' closure
    grep -q -- '-question-1.0$' closure
    nix-build --no-out-link generated/steps.nix -A "packages.$TARGET.shared" >out
    printf 'int doubled(void);\nint main(void) { return doubled() == 84 ? 0 : 1; }\n' >use.c
    file=$(find -L "$(cat out)" -name 'libshared.so')
    cc use.c "$file" -Wl,-rpath,"$(dirname "$file")" -o use
    ./use
}

# The same where the metadata of libraries has steps of its own.
found_with_split() {
    workspace answer
    nix-build --no-out-link generated/steps.nix --argstr split all -A "packages.$TARGET.app" >out
    "$(cat out)/bin/app" | grep -qx '42 42 42'
}

# Who links no such library is the same derivation as without one.
others_stay() {
    workspace answer
    local step="steps.$TARGET.\"apart-0.1.0\"" above="steps.$TARGET.\"app-0.1.0:bin:app\""
    nix-instantiate generated/steps.nix -A "$step" -A "$above" >with
    rm rbn-plan.toml
    "$RBN_PLAN" --locked --offline --workspace >generated/steps.nix
    nix-instantiate generated/steps.nix -A "$step" -A "$above" >without
    cmp <(head -n 1 with) <(head -n 1 without)
    if cmp -s with without; then echo "the program above is the same"; return 1; fi
}

find_rbn_plan
make_temporary
export CARGO_TERM_COLOR=never
check "libraries are found when linking and when running" found_at_run_time
check "the same with split libraries" found_with_split
check "only who needs a library has it" others_stay
finish
