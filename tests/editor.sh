#!/usr/bin/env bash
# rust-project.json: what an editor is told is what a compiler needs.
set -euo pipefail
WORDS=("$@")
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"

need_rust
need_nix
find_rbn_plan
make_temporary
TRIPLE=$(host_triple)

project() {
    rm -rf "$TEMPORARY/ws"
    cp -r "$ROOT/tests/fixtures/editor" "$TEMPORARY/ws"
    cd "$TEMPORARY/ws"
}

# Each crate of the file, compiled by what the file says of it alone, those of the workspace with their tests, too.
every_crate_compiles() {
    project
    cargo fetch --locked -q
    "$RBN_PLAN" rust-project -q
    # The committed plan is none of an editor's.
    [ ! -e generated/steps.nix ]
    python3 "$ROOT/tests/fixtures/compiles.py" "$TRIPLE"
    python3 - "$TRIPLE" <<'PYTHON'
import json, os, subprocess, sys
triple = sys.argv[1]
project = json.load(open("rust-project.json"))
crates = project["crates"]
rustc = os.path.join(project["sysroot"], "bin/rustc")
names = sorted(one["display_name"] for one in crates)
assert names == ["all", "app", "app", "build_script_build", "fine_words", "helper", "itoa", "mac"], names
# What the compiler says of its target is what the file says.
said = subprocess.run([rustc, "--print", "cfg", "--target", triple], stdout=subprocess.PIPE, text=True).stdout
app = next(one for one in crates if one["display_name"] == "app")
own = set(said.split("\n")) - {"", "debug_assertions"}
assert own <= set(app["cfg"]), own - set(app["cfg"])
# Nothing is at a place of the sandbox, and all that is named is there.
text = open("rust-project.json").read()
assert "/build/" not in text.replace("target/", ""), [line for line in text.split("\n") if "/build/" in line]
itoa = next(one for one in crates if one["display_name"] == "itoa")
assert itoa["root_module"].startswith("/nix/store/") and not itoa["is_workspace_member"]
for one in crates:
    assert os.path.exists(one["root_module"]) and os.path.exists(one["source"]["include_dirs"][0])

PYTHON
    # What is there already is enough afterwards, and gives the same bytes.
    cp rust-project.json "$TEMPORARY/before"
    "$RBN_PLAN" rust-project -q --no-build 2>&1
    cmp rust-project.json "$TEMPORARY/before"
}

# of_crate NAME WORDS: an expression of Python holds for the crate `one` of that name.
of_crate() {
    python3 - "$@" <<'PYTHON'
import json, sys
name, expression = sys.argv[1:]
one = next(one for one in json.load(open("rust-project.json"))["crates"] if one["display_name"] == name)
assert eval(expression), (expression, one)
PYTHON
}

# A crate of a Git repository lies in the store, one of a vendor directory where that is.
sources_of_git_and_vendored() {
    project
    mv words "$TEMPORARY/upstream"
    git init --quiet --initial-branch=main "$TEMPORARY/upstream"
    git -C "$TEMPORARY/upstream" add -A
    git -C "$TEMPORARY/upstream" -c user.name=a -c user.email=a@example.org commit --quiet -m words
    sed -i "s|path = \"../words\"|git = \"file://$TEMPORARY/upstream\"|" app/Cargo.toml
    sed -i 's/"words", //' Cargo.toml
    cargo generate-lockfile -q
    "$RBN_PLAN" rust-project -q
    python3 "$ROOT/tests/fixtures/compiles.py" "$TRIPLE"
    of_crate fine_words 'one["root_module"].startswith("/nix/store/") and not one["is_workspace_member"]'
    of_crate fine_words '"feature=\"loud\"" in one["cfg"]'
    mkdir -p .cargo
    cargo vendor vendor >.cargo/config.toml 2>/dev/null
    rm -r made
    "$RBN_PLAN" rust-project -q --offline
    python3 "$ROOT/tests/fixtures/compiles.py" "$TRIPLE"
    for crate in fine_words itoa; do
        of_crate "$crate" 'one["root_module"].startswith(__import__("os").getcwd() + "/vendor/") and not one["is_workspace_member"]'
    done
}

# What a build script writes into its own package is the sandbox's alone: the tree stays as it is.
a_script_that_writes_beside_its_code() {
    project
    cargo fetch --locked -q
    sed -i 's|^fn main() {|&\n    std::fs::write("src/written.rs", "pub const WRITTEN: u32 = 1;\\n").unwrap();|' app/build.rs
    grep -q 'src/written.rs' app/build.rs
    "$RBN_PLAN" rust-project -q
    [ ! -e app/src/written.rs ]
    # What it prints, and leaves in OUT_DIR, is there nevertheless.
    of_crate app '"from_script" in one["cfg"] and one["env"]["OUT_DIR"].startswith("/nix/store/")'
    python3 "$ROOT/tests/fixtures/compiles.py" "$TRIPLE"
}

# What does not build is left out with a warning; the rest is there.
what_fails_is_left_out() {
    project
    cargo fetch --locked -q
    echo 'fn main() { panic!("not today") }' >app/build.rs
    "$RBN_PLAN" rust-project -o "$TEMPORARY/project.json" >"$TEMPORARY/words" 2>&1
    cat "$TEMPORARY/words"
    tr -s ' \n' ' ' <"$TEMPORARY/words" \
        | grep -qF 'warning: not built, so an editor does not see what they make: app-0.1.0:run'
    python3 - "$TEMPORARY/project.json" <<'PYTHON'
import json, sys
crates = json.load(open(sys.argv[1]))["crates"]
app = next(one for one in crates if one["display_name"] == "app")
assert "OUT_DIR" not in app["env"] and "from_script" not in app["cfg"], app
assert next(one for one in crates if one["display_name"] == "mac")["proc_macro_dylib_path"]
PYTHON
    # Somebody else's file stays.
    echo '{"mine": 1}' >rust-project.json
    if "$RBN_PLAN" rust-project -q --no-build 2>/dev/null; then return 1; fi
    grep -qF mine rust-project.json
}

# rust-analyzer's question is answered in lines of JSON, from wherever it is asked.
discovers() {
    project
    cargo fetch --locked -q
    cd /
    "$RBN_PLAN" rust-project --discover "{\"path\":\"$TEMPORARY/ws/app/src/main.rs\"}" >"$TEMPORARY/lines" 2>/dev/null
    "$RBN_PLAN" rust-project --no-build --discover "{\"buildfile\":\"$TEMPORARY/ws/mac/Cargo.toml\"}" \
        >"$TEMPORARY/again" 2>/dev/null
    local status=0
    "$RBN_PLAN" rust-project --discover '{"path":"/nowhere/x.rs"}' >"$TEMPORARY/error" || status=$?
    [ "$status" -eq 2 ]
    python3 - "$TEMPORARY" <<'PYTHON'
import json, sys
temporary = sys.argv[1]
read = lambda name: [json.loads(line) for line in open(f"{temporary}/{name}")]
lines = read("lines")
assert [line["kind"] for line in lines[:-1]] == ["progress"] * (len(lines) - 1) and len(lines) > 1, lines
assert lines[-1]["kind"] == "finished" and lines[-1]["buildfile"] == f"{temporary}/ws/Cargo.toml", lines[-1]
assert lines[-1]["project"] == read("again")[-1]["project"]
error = read("error")
assert [line["kind"] for line in error] == ["error"] and "no Cargo.toml above" in error[0]["error"], error
PYTHON
    [ ! -e "$TEMPORARY/ws/rust-project.json" ]
}

asked "every crate compiles by what the file says of it" every_crate_compiles
asked "sources from Git, and vendored ones" sources_of_git_and_vendored
asked "a script that writes beside its code" a_script_that_writes_beside_its_code
asked "what does not build is left out, with a warning" what_fails_is_left_out
asked "rust-analyzer's discover command is answered" discovers
finish
