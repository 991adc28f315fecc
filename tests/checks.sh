#!/usr/bin/env bash
# Tests, clippy and documentation as steps: they find what Cargo's own commands find.
set -euo pipefail
WORDS=("$@")
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine.sh"
. "$(dirname "$0")/checks/site.sh"

need_rust
need_nix
find_rbn_plan
make_temporary
TRIPLE=$(host_triple)

project() {
    rm -rf "$TEMPORARY/ws"
    cp -r "$ROOT/tests/fixtures/checks/mix" "$TEMPORARY/ws"
    cd "$TEMPORARY/ws"
}

# sums: passed, failed, ignored, of all `test result:` lines.
sums() {
    sed -n 's/^test result: [^.]*\. \([0-9]*\) passed; \([0-9]*\) failed; \([0-9]*\) ignored.*/\1 \2 \3/p' \
        | awk '{ p += $1; f += $2; i += $3 } END { print p " passed, " f " failed, " i " ignored" }'
}

# fails_with STATUS COMMAND...: its words are in $TEMPORARY/words.
fails_with() {
    local wanted=$1 status=0
    shift
    "$@" >"$TEMPORARY/words" 2>&1 || status=$?
    cat "$TEMPORARY/words"
    [ "$status" -eq "$wanted" ]
}

as_many_as_with_cargo() {
    project
    local cargos
    # Into a file: a program that leaves a child behind would keep a pipe open.
    cargo test --workspace --no-fail-fast --offline --target "$TRIPLE" >"$TEMPORARY/cargo" 2>/dev/null || true
    cargos=$(sums <"$TEMPORARY/cargo")
    fails_with 1 "$RBN_PLAN" test --workspace --offline -q --junit "$TEMPORARY/junit.xml"
    grep -qF "Summary: $cargos in 9 programs" "$TEMPORARY/words"
    grep -qF 'failed: app lib-test tests::fails' "$TEMPORARY/words"
    grep -qF 'left behind when it ended, and ended with it: sleep' "$TEMPORARY/words"
    # Checks never begin the committed plan.
    [ ! -e generated/steps.nix ]
    python3 - "$TEMPORARY/junit.xml" <<'PYTHON'
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites" and root.get("failures") == "1", root.attrib
failed = [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]
assert failed == ["tests::fails"], failed
PYTHON
}

# What Cargo starts each program with, told by a runner, is what a report says.
called_as_by_cargo() {
    project
    cat >"$TEMPORARY/runner" <<'RUNNER'
#!/usr/bin/env python3
import json, os, sys
name = os.path.basename(sys.argv[1]).rsplit("-", 1)[0]
with open(f"{os.environ['RECORDS']}/{name}-{os.getpid()}", "w") as file:
    json.dump([sys.argv[1:], os.getcwd(), dict(os.environ)], file)
os.execv(sys.argv[1], sys.argv[1:])
RUNNER
    chmod +x "$TEMPORARY/runner"
    mkdir -p "$TEMPORARY/records"
    local variable
    variable=CARGO_TARGET_$(printf %s "$TRIPLE" | tr 'a-z-' 'A-Z_')_RUNNER
    env "$variable=$TEMPORARY/runner" RECORDS="$TEMPORARY/records" cargo test --tests --workspace \
        --no-fail-fast --offline --target "$TRIPLE" -- --test-threads=2 >/dev/null 2>&1 || true
    fails_with 1 "$RBN_PLAN" test --tests --workspace --offline -q -- --test-threads=2
    local file
    file=$(echo target/rbn-plan/plans/*/steps.nix)
    nix build -f "$file" --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        report -o "$TEMPORARY/report"
    python3 - "$TEMPORARY" "$PWD" "$TRIPLE" <<'PYTHON'
import glob, json, os, re, sys
temporary, workspace, triple = sys.argv[1:]
def plain(text):
    text = text.replace(f"{workspace}/target", "/build/target").replace(workspace, "/build/workspace")
    text = re.sub(r"-[0-9a-f]{16}\b", "-HASH", text)
    # Each has a directory for a script's files, called in its own way.
    return re.sub(r"/build/target/[^:]*/build/app-[^/]*/out", "OUT_DIR", text)
def key(words):
    return plain(words[0])
cargos = {}
for path in glob.glob(f"{temporary}/records/*"):
    words, cwd, env = json.load(open(path))
    cargos.setdefault(key(words), []).append((words, cwd, env))
count = 0
for path in glob.glob(f"{temporary}/report/{triple}/*/*/report.json"):
    call = json.load(open(path))["call"]
    found = cargos[key(call["words"])]
    matches = [one for one in found if plain(one[1]) == call["directory"]
               and one[2]["CARGO_PKG_NAME"] == call["environment"]["CARGO_PKG_NAME"]]
    names = lambda env: {name: plain(value) for name, value in env.items()
                         if re.match("CARGO_(PKG|MANIFEST|BIN|CRATE|PRIMARY|TARGET_TMPDIR)|OUT_DIR|FROM_SCRIPT", name)}
    ours = names(call["environment"])
    assert any([plain(w) for w in words] == [plain(w) for w in call["words"]] and names(env) == ours
               for words, _, env in matches), (path, ours, [names(one[2]) for one in matches])
    count += 1
assert count == 5, count
PYTHON
}

# What Cargo calls rustdoc and clippy-driver with, told by wrappers, is what reports say: the arguments
# as a set, the directory, Cargo's variables.
tools_called_as_by_cargo() {
    project
    rm -rf "$TEMPORARY/records" "$TEMPORARY"/told-*
    mkdir -p "$TEMPORARY/records"
    cat >"$TEMPORARY/wrapper" <<'WRAPPER'
#!/usr/bin/env python3
import json, os, sys
is_rustc = os.path.basename(sys.argv[0]) == "wrapper-of-rustc"
words = sys.argv[1:] if is_rustc else [os.environ["REAL_RUSTDOC"], *sys.argv[1:]]
wanted = "clippy-driver" in words[0] if is_rustc else True
if wanted and "--crate-name" in words and "___" not in words:
    with open(f"{os.environ['RECORDS']}/{os.getpid()}", "w") as file:
        json.dump([words, os.getcwd(), dict(os.environ)], file)
os.execvp(words[0], words)
WRAPPER
    chmod +x "$TEMPORARY/wrapper"
    ln -sf wrapper "$TEMPORARY/wrapper-of-rustc"
    ln -sf wrapper "$TEMPORARY/wrapper-of-rustdoc"
    local verb words status
    for verb in doc clippy test; do
        words=(--workspace --offline)
        case $verb in
            clippy) words+=(--all-targets) ;;
            test) words+=(--doc) ;;
        esac
        mkdir "$TEMPORARY/told-$verb"
        env RECORDS="$TEMPORARY/told-$verb" CARGO_INCREMENTAL=0 REAL_RUSTDOC="$(command -v rustdoc)" \
            RUSTDOC="$TEMPORARY/wrapper-of-rustdoc" RUSTC_WRAPPER="$TEMPORARY/wrapper-of-rustc" \
            CARGO_TARGET_DIR="$TEMPORARY/ws/target" \
            cargo "$verb" "${words[@]}" --target "$TRIPLE" >/dev/null 2>&1 || true
        status=0
        "$RBN_PLAN" "$verb" "${words[@]}" -q >/dev/null 2>&1 || status=$?
        [ "$status" -le 1 ]
        nix build -f target/rbn-plan/plans/*mode-"$verb"*/steps.nix --arg src "$PWD" \
            --arg toolchain "import $PWD/generated/toolchain.nix" report -o "$TEMPORARY/report-$verb"
    done
    python3 - "$TEMPORARY" "$PWD" <<'PYTHON'
import glob, json, os, re, sys
temporary, workspace = sys.argv[1:]
# Places and numbers, how diagnostics look, and what a step has in another way: one directory of
# crates, and a share of the search index.
LEFT = re.compile(r"(-L dependency=|-o |--out-dir |--error-format |--json |--color |--diagnostic-width |-C metadata=|-C extra-filename="
                  r"|-C linker=|-Zunstable-options|--merge |--parts-out-dir )")
def plain(text):
    text = text.replace(f"{workspace}/target", "/build/target").replace(workspace, "/build/workspace")
    return re.sub(r"/build/target/[^:]*/build/app-[^/]*/out", "OUT_DIR", text)
def arguments(words):
    found, words = [], list(words)
    while words:
        word = words.pop(0)
        long = re.match(r"(--[a-z-]+)=(.*)", word, re.S)
        if long:
            word = f"{long[1]} {long[2]}"
        elif word in ("-C", "-L", "-o", "--extern", "--cfg", "--check-cfg", "--allow", "--warn") or (
                word.startswith("--") and words and not words[0].startswith("-") and word != "--test"
                and word != "--document-private-items"):
            word = f"{word} {words.pop(0)}"
        word = plain(word)
        extern = re.match(r"(--extern [^=]*)=.*?([^/]*)$", word)
        if extern:
            word = f"{extern[1]}={re.sub('-[0-9a-f]{16}', '', extern[2])}"
        if not LEFT.match(word):
            found.append(word)
    return sorted(found)
def variables(env):
    return {name: plain(value) for name, value in env.items()
            if re.match("CARGO_(PKG|MANIFEST|BIN_NAME|CRATE|PRIMARY)|OUT_DIR$|FROM_SCRIPT|CLIPPY_ARGS", name)}
def call(words, cwd, env):
    # The name of clippy-driver's compiler is the machine's.
    return arguments(words[2:] if "clippy-driver" in words[0] else words[1:]), plain(cwd), variables(env)
for verb, count in [("doc", 3), ("clippy", 8), ("test", 2)]:
    cargos = [call(*json.load(open(path))) for path in glob.glob(f"{temporary}/told-{verb}/*")]
    ours = []
    for path in glob.glob(f"{temporary}/report-{verb}/*/*/*/report.json"):
        told = json.load(open(path))["call"]
        ours.append(call(told["words"], told["directory"], told["environment"]))
    assert len(ours) >= count, (verb, len(ours))
    only = lambda these, those: [one for one in these if one not in those]
    assert len(ours) == len(cargos) and not only(ours, cargos), "\n".join(
        [verb, f"{len(ours)} {len(cargos)}", *map(str, only(ours, cargos)), "CARGO:", *map(str, only(cargos, ours))])
PYTHON
}

as_clippy_finds() {
    project
    local ours cargos
    cargos=$(cargo clippy --workspace --all-targets --offline --target "$TRIPLE" --message-format=json 2>/dev/null \
        | python3 -c 'import json, sys
for line in sys.stdin:
    told = json.loads(line).get("message", {})
    for span in told.get("spans", []):
        if span["is_primary"]: print(told["code"]["code"], span["file_name"], span["line_start"])' | sort -u | wc -l)
    [ "$cargos" -gt 0 ]
    "$RBN_PLAN" clippy --workspace --all-targets --offline -q >"$TEMPORARY/words"
    cat "$TEMPORARY/words"
    ours=$(grep -c -- '^ *--> ' "$TEMPORARY/words")
    [ "$ours" -eq "$cargos" ]
    fails_with 1 "$RBN_PLAN" clippy --workspace --all-targets --offline -q -- -D warnings
    grep -q '^Summary: [1-9][0-9]* errors\?' "$TEMPORARY/words"
}

# One site: the files of cargo doc, each with the same content but for numbers of the search index.
the_same_pages() {
    local pages flags cargos
    for flags in --no-deps ""; do
        project
        [ -n "$flags" ] || printf '/// As [lib::two].\npub fn as_two() {}\n' >>app/src/lib.rs
        # shellcheck disable=SC2086 # no flag is none
        cargo doc --workspace $flags -j 1 --offline --target "$TRIPLE" >/dev/null 2>&1
        # shellcheck disable=SC2086
        "$RBN_PLAN" doc --workspace $flags --offline -q >"$TEMPORARY/words"
        pages=$(sed -n 's/^Pages: //p' "$TEMPORARY/words")
        cargos=target/$TRIPLE/doc
        [ -f "$cargos/app/index.html" ]
        same_site "$cargos" "$pages/$TRIPLE"
        same_site target/doc "$pages/host"
    done
    # A page links to the crate below it.
    grep -qF 'href="../lib/fn.two.html"' "$pages/$TRIPLE/app/fn.as_two.html"
    grep -q "^First page: $pages/$TRIPLE/app/index.html" "$TEMPORARY/words"
}

# rustfmt finds what cargo fmt finds, and needs nothing compiled.
as_cargo_fmt_finds() {
    project
    cargo fmt --all
    "$RBN_PLAN" fmt --workspace --offline -q
    printf 'pub   fn  odd( ) { }\n' >>lib/src/lib.rs
    printf 'mod   more;\n' >>app/src/main.rs
    printf 'fn   more( ){}\n' >app/src/more.rs
    local cargos
    cargos=$({ cargo fmt --all --check || true; } | sed -n "s|^Diff in $PWD/|Diff in |p" | sort -u)
    [ "$(wc -l <<<"$cargos")" -ge 3 ]
    fails_with 1 "$RBN_PLAN" fmt --workspace --offline -q
    diff <(printf '%s\n' "$cargos") <(sed -n '/^Diff in /p' "$TEMPORARY/words" | sort -u)
    printf 'disable_all_formatting = true\n' >rustfmt.toml
    "$RBN_PLAN" fmt --workspace --offline -q
    local file
    file=$(echo target/rbn-plan/plans/*fmt*/steps.nix)
    nix-instantiate "$file" -A report --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        >"$TEMPORARY/drv" 2>/dev/null
    # No compile step is among what it needs.
    if nix-store -qR "$(cat "$TEMPORARY/drv")" | grep -E -- '-(lib|mac)-0.1.0(-check)?\.drv$'; then return 1; fi
}

within_limits() {
    project
    cat >app/tests/plain.rs <<'RUST'
fn main() {
    println!("begun");
    std::thread::sleep(std::time::Duration::from_secs(1000));
}
RUST
    printf '[checks]\ntimeout = 2\n' >config.toml
    fails_with 1 "$RBN_PLAN" test -p app --test plain --offline -q
    grep -qF 'did not end within 2 s' "$TEMPORARY/words"
    grep -qF 'begun' "$TEMPORARY/words"
    echo 'fn main() { std::process::abort() }' >app/tests/plain.rs
    fails_with 1 "$RBN_PLAN" test -p app --test plain --offline -q
    grep -qF 'was ended by signal 6 (abort)' "$TEMPORARY/words"
    echo 'fn main() { let line = "x".repeat(1 << 20); for _ in 0..1024 { println!("{line}"); } println!("last"); }' \
        >app/tests/plain.rs
    printf '[checks]\noutput = "64K"\n' >config.toml
    "$RBN_PLAN" test -p app --test plain --offline -q
}

# A program that fills the disk of the build: its report is there, and says so.
a_full_disk_is_told() {
    project
    cat >app/tests/plain.rs <<'RUST'
use std::io::Write as _;

fn main() {
    let mut file = std::fs::File::create(std::env::temp_dir().join("much")).unwrap();
    while file.write_all(&[7; 1 << 20]).is_ok() {}
    println!("as far as there was room");
    std::process::exit(9);
}
RUST
    # Where Nix builds: by its setting, and before there was that, by this variable.
    local status=0 small=$TEMPORARY/small
    mkdir -p "$small"
    mount -t tmpfs -o size=200m,mode=755 tmpfs "$small"
    (
        export TMPDIR=$small
        case $(nix show-config 2>/dev/null || nix config show) in
            *build-dir*) export NIX_CONFIG="$NIX_CONFIG"$'\n'"build-dir = $small" ;;
        esac
        fails_with 1 "$RBN_PLAN" test -p app --test plain --offline -q --junit "$TEMPORARY/junit.xml"
    ) || status=$?
    umount "$small"
    [ "$status" -eq 0 ]
    grep -qF 'failed: app test-plain: it ended with status 9, with no room left on the disk of the build' "$TEMPORARY/words"
    grep -qF 'as far as there was room' "$TEMPORARY/words"
    grep -qF 'no room left on the disk' "$TEMPORARY/junit.xml"
    # On a disk with room the same is no word of it.
    sed -i 's/while file.write_all.*/file.write_all(b"little").unwrap();/' app/tests/plain.rs
    fails_with 1 "$RBN_PLAN" test -p app --test plain --offline -q
    grep -qF 'it ended with status 9' "$TEMPORARY/words"
    if grep -qF 'no room left' "$TEMPORARY/words"; then return 1; fi
}

# What XML cannot hold, and what looks like a harness's last line and is none, do no harm.
odd_words_are_told() {
    project
    cat >app/tests/plain.rs <<'RUST'
fn main() {
    println!("\u{0}\u{1}\u{1b}[1mbold\u{fffe} ]]> <&> test result: ok");
    println!("test result: ok. many passed; 0 failed");
    println!("test a ... maybe");
    std::process::exit(3);
}
RUST
    fails_with 1 "$RBN_PLAN" test -p app --test plain --offline -q --junit "$TEMPORARY/junit.xml"
    grep -qF 'it ended with status 3' "$TEMPORARY/words"
    python3 - "$TEMPORARY/junit.xml" <<'PYTHON'
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.get("errors") == "1" and "]]> <&>" in root.find("testsuite/system-out").text
PYTHON
    # Cargo's own words where there is no such program.
    fails_with 2 "$RBN_PLAN" test -p app --test nothing --offline -q
    grep -qF 'no test target named `nothing`' "$TEMPORARY/words"
}

# The user's own command for the same: nothing is run, and every call is as Cargo's.
verified_by_command() {
    project
    local mode
    for mode in test bench clippy doc; do
        "$RBN_PLAN" verify --workspace --offline --mode "$mode" >"$TEMPORARY/words"
        cat "$TEMPORARY/words"
        grep -Eq '^([0-9]+) steps planned, \1 recorded from cargo: \1 equal$' "$TEMPORARY/words"
    done
    # What config.toml adds is told, and no difference.
    printf '[checks]\nskip = ["tests::fails"]\n' >config.toml
    "$RBN_PLAN" verify --workspace --offline --mode test >"$TEMPORARY/words"
    grep -qF 'checks.skip tests::fails' "$TEMPORARY/words"
}

# A tool that the toolchain lacks, a runner that is not there: named, with the cure, and no finding.
lacking_programs_are_told() {
    local verb tool
    for verb in clippy fmt doc test; do
        project
        mkdir generated
        "$RBN_PLAN" toolchain host >generated/real.nix
        case $verb in
            clippy) tool=clippy-driver ;;
            fmt) tool=rustfmt ;;
            *) tool=rustdoc ;;
        esac
        printf 'import ./real.nix // { %s = "/nowhere/%s"; }\n' "$tool" "$tool" >generated/toolchain.nix
        if [ "$verb" = test ]; then set -- --doc; else set --; fi
        fails_with 2 "$RBN_PLAN" "$verb" -p lib --offline -q "$@"
        grep -qF "the toolchain has no $tool at /nowhere/$tool" "$TEMPORARY/words"
        grep -qF 'rustup component add' "$TEMPORARY/words"
        if grep -qF 'hint: does' "$TEMPORARY/words"; then return 1; fi
    done
    project
    printf '[target.%s]\nrunner = ["no-such-emulator", "-x"]\n' "$TRIPLE" >config.toml
    fails_with 2 "$RBN_PLAN" test -p lib --lib --offline -q
    grep -qF 'the toolchain has no no-such-emulator, which is to run programs' "$TEMPORARY/words"
    grep -qF 'target.TRIPLE.runner' "$TEMPORARY/words"
}

# On a stable compiler an example for a nightly one is no finding of its own.
examples_for_a_nightly_are_told() {
    project
    printf '/// ```\n/// #![feature(never_type)]\n/// ```\npub fn for_nightly() {}\n' >>lib/src/lib.rs
    fails_with 2 "$RBN_PLAN" test -p lib --doc --offline -q
    grep -qF 'for a nightly compiler' "$TEMPORARY/words"
    grep -qF 'for_nightly' "$TEMPORARY/words"
    # Beside another failure it is one of two.
    printf '/// ```\n/// panic!()\n/// ```\npub fn fails() {}\n' >>lib/src/lib.rs
    fails_with 1 "$RBN_PLAN" test -p lib --doc --offline -q
}

skipped_by_name() {
    project
    printf '[checks]\nskip = ["tests::fails"]\n' >config.toml
    "$RBN_PLAN" test -p app --lib --offline -q
    printf '[checks]\nskip = ["no_such_test"]\n' >config.toml
    fails_with 2 "$RBN_PLAN" test -p app --lib --offline -q
    grep -qF 'names no test' "$TEMPORARY/words"
}

flaky_ones_are_named() {
    project
    cat >app/tests/cli.rs <<'RUST'
#[test]
fn sometimes() {
    let mark = std::env::temp_dir().join("mark");
    let again = mark.exists();
    std::fs::write(&mark, "").unwrap();
    assert!(again);
}
RUST
    printf '[checks]\nretries = 1\n' >config.toml
    "$RBN_PLAN" test -p app --test cli --offline -q >"$TEMPORARY/words"
    cat "$TEMPORARY/words"
    grep -qF 'flaky: sometimes' "$TEMPORARY/words"
}

# An edit of one member runs its own checks again, and those of what depends on it.
an_edit_runs_its_own() {
    project
    fails_with 1 "$RBN_PLAN" test --workspace --offline -q
    echo '// edited' >>app/tests/cli.rs
    local file
    file=$(echo target/rbn-plan/plans/*/steps.nix)
    nix build -f "$file" --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" report \
        --dry-run >"$TEMPORARY/words" 2>&1
    cat "$TEMPORARY/words"
    grep -q 'app-0.1.0-test-cli-test.drv' "$TEMPORARY/words"
    if grep -Eq '(lib|mac)-0.1.0' "$TEMPORARY/words"; then return 1; fi
}

# A benchmark has a harness of its own here, as on every stable compiler: it is called with --bench, as by Cargo.
benchmarks_run() {
    project
    cargo bench --workspace --benches --offline --target "$TRIPLE" >"$TEMPORARY/cargo" 2>"$TEMPORARY/cargo-said"
    "$RBN_PLAN" bench --workspace --benches --offline -q --junit "$TEMPORARY/junit.xml" >"$TEMPORARY/words"
    cat "$TEMPORARY/words"
    local cargos
    cargos=$(sums <"$TEMPORARY/cargo")
    # Of tests nothing but their number is told: they are passed over.
    [ "${cargos% ignored}" != "$cargos" ]
    grep -qF "Summary: ${cargos#0 passed, 0 failed, } in 5 programs" "$TEMPORARY/words"
    grep -Eq 'ok +app bench-speed' "$TEMPORARY/words"
    local file
    file=$(echo target/rbn-plan/plans/*/steps.nix)
    nix build -f "$file" --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        report -o "$TEMPORARY/report"
    # Its words are those that it says under Cargo.
    grep -qxF '["--bench"]' "$TEMPORARY/cargo"
    grep -qxF '["--bench"]' "$TEMPORARY/report/$TRIPLE/app/bench-speed/1.stdout"
    # Words of one's own reach it, and what fails is told with exit code 1.
    "$RBN_PLAN" bench -p app --bench speed --offline -q -- only-this >"$TEMPORARY/words"
    file=$(grep -l 'only-this' target/rbn-plan/plans/*/steps.nix)
    nix build -f "$file" --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        report -o "$TEMPORARY/report"
    grep -qxF '["only-this", "--bench"]' "$TEMPORARY/report/$TRIPLE/app/bench-speed/1.stdout"
    echo 'fn main() { println!("slow"); std::process::exit(3) }' >app/benches/speed.rs
    fails_with 1 "$RBN_PLAN" bench -p app --bench speed --offline -q
    grep -qF 'app bench-speed' "$TEMPORARY/words"
}

# llvm_tools: LLVM's tools of rustc's major version, where this machine has them.
llvm_tools() {
    local major directory
    major=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
    for directory in "$(rustc --print sysroot)/lib/rustlib/$TRIPLE/bin" "/usr/lib/llvm-$major/bin"; do
        if [ -x "$directory/llvm-cov" ] && [ -x "$directory/llvm-profdata" ]; then
            echo "$directory"
            return
        fi
    done
    install_packages "llvm-$major" >&2
    echo "/usr/lib/llvm-$major/bin"
}

# lines_of LCOV: file, line, and whether it ran.
lines_of() {
    awk -F'[:,]' -v root="$PWD/" '/^SF:/ { file = substr($0, 4); sub("^" root, "", file) }
        /^DA:/ { print file, $2, ($3 > 0) }' "$1" | sort
}

# The lines that ran are those that Cargo and LLVM's tools by hand tell.
as_many_lines_as_by_hand() {
    project
    local tools
    tools=$(llvm_tools)
    # A member that only another one's tests run, and a program that only a test starts.
    printf 'pub fn never(x: u32) -> u32 {\n    x + 1\n}\n' >>lib/src/lib.rs
    printf '[checks]\nllvm-tools = "%s"\n' "$tools" >config.toml
    fails_with 1 "$RBN_PLAN" coverage --workspace --offline -q --lcov "$TEMPORARY/ours.lcov"
    grep -q '^Lines: [0-9.]* %, [1-9][0-9]* of [1-9]' "$TEMPORARY/words"
    [ -f "$(sed -n 's/^Pages: //p' "$TEMPORARY/words")" ]
    # What ran is told even of a program with a test that failed.
    grep -qF 'failed: app lib-test tests::fails' "$TEMPORARY/words"
    RUSTFLAGS=-Cinstrument-coverage LLVM_PROFILE_FILE="$TEMPORARY/by-hand/%p-%m.profraw" CARGO_TARGET_DIR="$TEMPORARY/by-hand/target" \
        cargo test --tests --workspace --no-fail-fast --offline --target "$TRIPLE" --message-format=json \
        >"$TEMPORARY/messages" 2>/dev/null || true
    "$tools/llvm-profdata" merge --sparse "$TEMPORARY"/by-hand/*.profraw -o "$TEMPORARY/by-hand/all.profdata"
    python3 - "$TEMPORARY/messages" "$TRIPLE" >"$TEMPORARY/objects" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
    if line.startswith("{"):
        made = json.loads(line).get("executable")
        if made and f"/{sys.argv[2]}/" in made: print(f"--object={made}")
PYTHON
    mapfile -t objects <"$TEMPORARY/objects"
    "$tools/llvm-cov" export --format=lcov --instr-profile="$TEMPORARY/by-hand/all.profdata" \
        --ignore-filename-regex='/(tests|examples|benches)/|^/rustc/|/target/' "${objects[@]}" >"$TEMPORARY/cargos.lcov"
    [ "$(lines_of "$TEMPORARY/ours.lcov" | wc -l)" -gt 5 ]
    diff <(lines_of "$TEMPORARY/cargos.lcov") <(lines_of "$TEMPORARY/ours.lcov")
    # As many as was asked for, or not; of a selection without the test that fails.
    printf 'skip = ["tests::fails"]\n' >>config.toml
    "$RBN_PLAN" coverage --workspace --offline -q --fail-under-lines 10
    fails_with 1 "$RBN_PLAN" coverage --workspace --offline -q --fail-under-lines 99.5
    grep -qF 'less than the 99.5 %' "$TEMPORARY/words"
    fails_with 2 "$RBN_PLAN" coverage --workspace --offline -q --fail-under-lines 101
}

# Tools that are not there are told, with the cure; no other plan knows of coverage.
coverage_is_a_plan_of_its_own() {
    project
    printf '[checks]\nllvm-tools = "/nowhere"\n' >config.toml
    fails_with 2 "$RBN_PLAN" coverage -p lib --offline -q
    grep -qF 'the toolchain has no llvm-profdata at /nowhere/llvm-profdata' "$TEMPORARY/words"
    grep -qF 'rustup component add llvm-tools' "$TEMPORARY/words"
    "$RBN_PLAN" --mode test --workspace --offline >"$TEMPORARY/with"
    rm config.toml
    "$RBN_PLAN" --mode test --workspace --offline | cmp - "$TEMPORARY/with"
    if grep -q 'Rustflags = \[' "$TEMPORARY/with"; then return 1; fi
    "$RBN_PLAN" --mode coverage --workspace --offline >"$TEMPORARY/coverage"
    grep -qF 'Cinstrument-coverage' "$TEMPORARY/coverage"
}

# Each test is run by one of the parts; together they are told as one program.
cut_into_parts() {
    project
    fails_with 1 "$RBN_PLAN" test --workspace --offline -q
    local whole
    whole=$(grep '^Summary: ' "$TEMPORARY/words")
    printf '[checks.partitions]\n"app:lib-test" = 3\n"app:test:cli" = 2\n"lib:lib-test" = 9\n' >config.toml
    fails_with 1 "$RBN_PLAN" test --workspace --offline -q
    grep -qxF "$whole" "$TEMPORARY/words"
    grep -qF 'failed: app lib-test tests::fails' "$TEMPORARY/words"
    local file
    file=$(echo target/rbn-plan/plans/*/steps.nix)
    nix build -f "$file" --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        report -o "$TEMPORARY/parts"
    [ -f "$TEMPORARY/parts/$TRIPLE/app/test-cli-2-of-2/report.json" ]
    printf '[checks]\nsplit = "test"\n' >config.toml
    fails_with 2 "$RBN_PLAN" test --workspace --offline -q
    grep -qF 'known only when it is built' "$TEMPORARY/words"
    grep -qF '[checks.partitions]' "$TEMPORARY/words"
}

# Of a plan for several build machines each checks its own target: this one has no standard library for the other's.
each_machine_checks_its_own() {
    project
    cargo fmt --all
    "$RBN_PLAN" fmt --workspace --offline -q >"$TEMPORARY/alone"
    printf '[build]\nsystems = ["x86_64-linux", "aarch64-linux"]\n' >config.toml
    "$RBN_PLAN" test -p lib --offline -q >"$TEMPORARY/words"
    grep -qF 'in 2 programs' "$TEMPORARY/words"
    "$RBN_PLAN" clippy -p lib --offline -q
    "$RBN_PLAN" fmt --workspace --offline -q | cmp - "$TEMPORARY/alone"
    # rustfmt looks at each file on each machine.
    "$RBN_PLAN" --mode fmt --workspace --offline >"$TEMPORARY/plan"
    [ "$(grep -c '^        "lib-0.1.0:check' "$TEMPORARY/plan")" -ge 2 ]
}

# Which tests a program has that ends before its harness begins, nobody knows: each part runs it whole and tells how
# it failed.
a_part_that_cannot_list_runs_the_whole() {
    project
    cat >app/tests/cli.rs <<'RUST'
extern "C" fn ends() {
    eprintln!("ended before the harness");
    std::process::exit(7);
}

#[used]
#[link_section = ".init_array"]
static ENDS: extern "C" fn() = ends;

#[test]
fn never_run() {}
RUST
    printf '[checks.partitions]\n"app:test:cli" = 2\n' >config.toml
    fails_with 1 "$RBN_PLAN" test -p app --test cli --offline -q
    # Told once, and as no part.
    [ "$(grep -cF 'failed: app test-cli: it ended with status 7' "$TEMPORARY/words")" -eq 1 ]
    grep -qF 'ended before the harness' "$TEMPORARY/words"
    local file part
    file=$(echo target/rbn-plan/plans/*/steps.nix)
    nix build -f "$file" --arg src "$PWD" --arg toolchain "import $PWD/generated/toolchain.nix" \
        report -o "$TEMPORARY/parts"
    for part in 1 2; do
        python3 - "$TEMPORARY/parts/$TRIPLE/app/test-cli-$part-of-2/report.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
assert len(report["call"]["words"]) == 1, report["call"]["words"]
assert [attempt["code"] for attempt in report["attempts"]] == [7], report["attempts"]
PYTHON
    done
}

# A name that no test program has is refused by every plan that runs tests, and by no other.
a_part_of_no_program_is_refused() {
    project
    printf '[checks.partitions]\n"app:test:cil" = 2\n' >config.toml
    fails_with 2 "$RBN_PLAN" test --workspace --offline -q
    grep -qF 'config.toml:2: [checks.partitions] names `app:test:cil`, and' "$TEMPORARY/words"
    grep -qF 'did you mean `app:test:cli`?' "$TEMPORARY/words"
    # Of another selection it is one.
    printf '[checks.partitions]\n"app:test:cli" = 2\n' >config.toml
    "$RBN_PLAN" test -p lib --lib --offline -q
    printf '[checks.partitions]\n"nothing" = 2\n' >config.toml
    fails_with 2 "$RBN_PLAN" --mode test --workspace --offline
    grep -qF 'rbn-plan steps --mode test --workspace' "$TEMPORARY/words"
    "$RBN_PLAN" --workspace --offline >"$TEMPORARY/plan"
    "$RBN_PLAN" clippy -p lib --offline -q
}

a_build_plan_stays_as_it_is() {
    project
    "$RBN_PLAN" --workspace --offline >"$TEMPORARY/before"
    printf '[checks]\ntimeout = 2\nskip = ["x"]\n' >config.toml
    "$RBN_PLAN" --workspace --offline | cmp - "$TEMPORARY/before"
    if grep -q checkerText "$TEMPORARY/before"; then return 1; fi
}

asked "as many tests pass, fail and are ignored as with Cargo" as_many_as_with_cargo
asked "each program is called as Cargo calls it" called_as_by_cargo
asked "rustdoc and clippy-driver are called as Cargo calls them" tools_called_as_by_cargo
asked "verify says so, too" verified_by_command
asked "programs that a toolchain lacks are told, with exit code 2" lacking_programs_are_told
asked "an example for a nightly compiler is told" examples_for_a_nightly_are_told
asked "clippy finds what cargo clippy finds" as_clippy_finds
asked "the site is that of cargo doc" the_same_pages
asked "rustfmt finds what cargo fmt finds" as_cargo_fmt_finds
asked "what hangs, crashes, or prints a gigabyte is told" within_limits
asked "a full disk is told" a_full_disk_is_told
asked "odd words are told, and a program that is not there is refused" odd_words_are_told
asked "tests are left out by name, and a name of none is refused" skipped_by_name
asked "a run that is cut into parts finds the same" cut_into_parts
asked "each machine checks its own target" each_machine_checks_its_own
asked "each part runs a program that cannot list its tests" a_part_that_cannot_list_runs_the_whole
asked "parts of no program are refused" a_part_of_no_program_is_refused
asked "the lines that ran are those that Cargo tells" as_many_lines_as_by_hand
asked "coverage is a plan of its own" coverage_is_a_plan_of_its_own
asked "a flaky test is named" flaky_ones_are_named
asked "an edit of a test runs that one again" an_edit_runs_its_own
asked "a benchmark runs as Cargo runs it" benchmarks_run
asked "settings of checks change no build plan" a_build_plan_stays_as_it_is
finish
