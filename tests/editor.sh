#!/usr/bin/env bash
# rust-project.json: what an editor is told is what a compiler needs.
set -euo pipefail
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
    python3 - "$TRIPLE" <<'PYTHON'
import json, os, subprocess, sys
triple = sys.argv[1]
project = json.load(open("rust-project.json"))
crates = project["crates"]
os.mkdir("made")
made = {}
rustc = os.path.join(project["sysroot"], "bin/rustc")
def compile(n, tests=False):
    one = crates[n]
    if not tests and n in made:
        return made[n]
    root, name = one["root_module"], one["display_name"]
    kind = "proc-macro" if one["is_proc_macro"] else "lib"
    build = one.get("build", {}).get("target_kind")
    if build == "bin" or root.endswith("build.rs"):
        kind = "bin"
    words = [rustc, root, "--crate-name", name, "--edition", one["edition"], "--emit=metadata", "--out-dir", "made",
             f"-Cmetadata={n}{tests}", f"-Cextra-filename=-{n}{tests}", "-Ldependency=made", "--target", one["target"]]
    words += ["--test"] if tests or build == "test" else ["--crate-type", kind]
    words += ["--extern", "proc_macro"] if one["is_proc_macro"] else []
    words += ["--cap-lints", "allow"] if not one["is_workspace_member"] else ["-Dwarnings", "-Aunexpected_cfgs"]
    # The target's own are the compiler's; flags of a plan may have more.
    words += [word for cfg in one["cfg"] if not cfg.startswith(("target_", "panic", "unix")) for word in ("--cfg", cfg)]
    # Who depends on a crate finds the macros of that, too.
    words += [f"-Ldependency={os.path.dirname(other['proc_macro_dylib_path'])}" for other in crates if other["is_proc_macro"]]
    for dep in one["deps"]:
        words += ["--extern", f"{dep['name']}={compile(dep['crate'])}"]
    env = {"PATH": os.environ["PATH"], **one["env"]}
    done = subprocess.run(words, env=env, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, (words, done.stderr)
    if one["is_proc_macro"]:
        # Who uses it loads what the store has.
        made[n] = one["proc_macro_dylib_path"]
        assert made[n].startswith("/nix/store/") and os.path.exists(made[n])
    else:
        made[n] = f"made/lib{name}-{n}{tests}.rmeta"
    return made[n]
for n, one in enumerate(crates):
    compile(n)
    if one["is_workspace_member"] and not one["root_module"].endswith("build.rs"):
        before = made[n]
        compile(n, tests=True)
        made[n] = before
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

check "every crate compiles by what the file says of it" every_crate_compiles
check "what does not build is left out, with a warning" what_fails_is_left_out
check "rust-analyzer's discover command is answered" discovers
finish
