//! flake.lock: versions, `follows`, circles, broken files; and drift from flake.nix.

use rbn_plan::flake::{FlakeRef, Lock, drift, read};

fn lock(nodes: &str) -> String {
    format!("{{ \"nodes\": {{ {nodes} }}, \"root\": \"root\", \"version\": 7 }}")
}

/// The problems of a lock, one line each.
fn refused(text: &str) -> String {
    let failure = Lock::read(text, "flake.lock").expect_err("a broken lock");
    let lines = failure.problems().iter().map(|problem| {
        let (line, column) = problem.span.line_column(text);
        format!("{line}:{column}: {problem}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn other_versions_are_refused_by_number() {
    insta::assert_snapshot!(
        refused("{\n  \"version\": 6, \"future\": true }"),
        @"2:3: lock file version 6 is not supported"
    );
    insta::assert_snapshot!(refused("{\"version\": 8}"), @"1:2: lock file version 8 is not supported");
}

#[test]
fn broken_locks_say_where() {
    insta::assert_snapshot!(refused("{\n  \"version\": 7,\n  \"nodes\": [],\n}"), @"4:1: not a lock file: trailing comma");
    insta::assert_snapshot!(refused("not json"), @"1:2: not a lock file: expected ident");
    insta::assert_snapshot!(refused("{\"version\": 7, \"nodes\": {}, \"root\": \"r\"}"), @"1:29: the lock file has no node `r`, which `root` needs");
    insta::assert_snapshot!(refused(&lock(r#""root": { "inputs": { "a": "gone" } }"#)), @"1:14: the lock file has no node `gone`, which input `a` needs");
    insta::assert_snapshot!(
        refused(&lock(r#""root": { "inputs": { "a": ["b", "c"], "b": "n" } }, "n": {}"#)),
        @"1:14: input `a` follows `b/c`, but node `n` has no input `c`"
    );
}

#[test]
fn circles_are_named_once() {
    let text = lock(r#""root": { "inputs": { "a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"] } }"#);
    insta::assert_snapshot!(refused(&text), @"1:14: inputs follow each other in a circle: a -> b -> c -> a");
    let through =
        lock(r#""root": { "inputs": { "x": "x" } }, "x": { "inputs": { "y": ["x", "y"] } }"#);
    insta::assert_snapshot!(refused(&through), @"1:36: inputs follow each other in a circle: x/y -> x/y");
}

#[test]
fn follows_lead_to_their_nodes() {
    let text = lock(
        r#""root": { "inputs": { "a": "a_2", "b": ["a", "n"], "me": [], "c": ["b"] } },
           "a_2": { "inputs": { "n": "n" } }, "n": {}"#,
    );
    let lock = Lock::read(&text, "flake.lock").expect("a good lock");
    let leads = |name| lock.input(lock.root(), name).map(|id| id.as_str().to_owned());
    assert_eq!(leads("a").as_deref(), Some("a_2"));
    assert_eq!(leads("b").as_deref(), Some("n"));
    assert_eq!(leads("c").as_deref(), Some("n"));
    assert_eq!(leads("me").as_deref(), Some("root"));
    assert_eq!(leads("other"), None);
}

#[test]
fn long_chains_of_follows_end() {
    let chain: Vec<_> = (1..5_000).map(|n| format!("\"i{n}\": [\"i{}\"]", n - 1)).collect();
    let text =
        lock(&format!("\"root\": {{ \"inputs\": {{ \"i0\": \"n\", {} }} }}, \"n\": {{}}", {
            chain.join(", ")
        }));
    // In the order of the file each link is known when the next needs it.
    Lock::read(&text, "flake.lock").expect("a long chain, forwards");
    let backwards: Vec<_> = chain.into_iter().rev().collect();
    let text =
        lock(&format!("\"root\": {{ \"inputs\": {{ {}, \"i0\": \"n\" }} }}, \"n\": {{}}", {
            backwards.join(", ")
        }));
    assert!(refused(&text).contains("nested more than 200 levels deep"));
}

/// The drift between inputs and a lock, one line each.
fn drifted(inputs: &str, lock_text: Option<&str>) -> String {
    let flake = read(&format!("{{ inputs = {{ {inputs} }}; outputs = _: {{ }}; }}"), "flake.nix")
        .expect("a good flake");
    let lock = lock_text.map(|text| Lock::read(&lock(text), "flake.lock").expect("a good lock"));
    let found = drift(&flake.inputs, lock.as_ref());
    found.iter().map(|drift| format!("{drift} [{}]", drift.cure())).collect::<Vec<_>>().join("\n")
}

#[test]
fn drift_is_named_with_its_cure() {
    let node = |name: &str, original: &str| {
        format!(r#""{name}": {{ "locked": {{ "type": "x" }}, "original": {{ {original} }} }}"#)
    };
    let github = r#""type": "github", "owner": "o", "repo": "r""#;
    let root = r#""root": { "inputs": { "a": "a" } }"#;
    let same = format!("{root}, {}", node("a", github));
    insta::assert_snapshot!(drifted("a.url = \"github:o/r\";", Some(&same)), @"");
    insta::assert_snapshot!(drifted("a.url = \"github:o/r/main\";", Some(&same)), @"a: locked from github:o/r, declared as github:o/r/main [nix flake lock]");
    insta::assert_snapshot!(drifted("b.url = \"nixpkgs\";", Some(&same)), @r"
b: not in flake.lock [nix flake lock]
a: in flake.lock, but not in flake.nix [nix flake lock]
");
    insta::assert_snapshot!(drifted("a.follows = \"\";", Some(&same)), @r#"a: locked from github:o/r, declared as follows "" [nix flake lock]"#);
    insta::assert_snapshot!(drifted("a = { url = \"github:o/r\"; flake = false; };", Some(&same)), @"a: locked from flake = true, declared as flake = false [nix flake lock]");
    insta::assert_snapshot!(
        drifted("a = { url = \"github:o/r\"; inputs.z.follows = \"\"; };", Some(&same)),
        @"a.inputs.z: overrides an input that is not there [remove `inputs.a.inputs.z` from flake.nix]"
    );
    insta::assert_snapshot!(drifted("a.url = \"github:o/r\";", None), @"a: not in flake.lock [nix flake lock]");
    // What is computed is not compared.
    insta::assert_snapshot!(drifted("a.url = builtins.x; ${y}.url = \"z\";", Some(&same)), @"");
}

#[test]
fn overrides_that_only_one_side_has() {
    let nodes = r#""root": { "inputs": { "a": "a", "n": "n" } },
        "a": { "inputs": { "n": ["n"], "own": ["a", "n"] },
               "original": { "type": "github", "owner": "o", "repo": "a" } },
        "n": { "original": { "type": "indirect", "id": "n" } }"#;
    let n = "n.url = \"n\";";
    let with = format!("{n} a = {{ url = \"github:o/a\"; inputs.n.follows = \"n\"; }};");
    insta::assert_snapshot!(drifted(&with, Some(nodes)), @"");
    insta::assert_snapshot!(drifted(&format!("{n} a.url = \"github:o/a\";"), Some(nodes)), @r#"a.inputs.n: locked from follows "n", declared as not overridden [nix flake lock]"#);
    let other = format!("{n} a = {{ url = \"github:o/a\"; inputs.n.url = \"x\"; }};");
    insta::assert_snapshot!(drifted(&other, Some(nodes)), @r#"a.inputs.n: locked from follows "n", declared as flake:x [nix flake lock]"#);
}

#[test]
fn references_mean_what_nix_makes_of_them() {
    let attributes = |text: &str| match FlakeRef::parse(text) {
        Ok(reference) => serde_json::to_string(&reference).expect("a reference is JSON"),
        Err(error) => error.to_string(),
    };
    let rev = "0123456789abcdef0123456789abcdef01234567";
    let texts = [
        "nixpkgs",
        "nixpkgs/nixos-24.05",
        &format!("nixpkgs/release/{rev}"),
        "flake:nixpkgs",
        "github:o/r",
        "github:o/r/feature/x?dir=sub",
        &format!("github:o/r/{rev}"),
        "github:o/r?ref=main&host=example.org",
        "github:o/r/main?rev=x",
        "gitlab:a%2Fb/c",
        "sourcehut:~u/r",
        "git+https://example.org/r?ref=main&rev=abc&dir=d&submodules=1&x=y",
        "git+ssh://git@example.org/r",
        "git://example.org/r",
        "hg+https://example.org/r",
        "path:./sub?dir=x",
        "./sub",
        "../up",
        "/abs",
        "https://example.org/a.tar.gz?dir=d",
        "tarball+https://example.org/a",
        "file+https://example.org/a.zip",
        "https://example.org/file",
        "svn:x",
        "not a reference",
        "github:o",
        "nixpkgs#hello",
        "",
    ];
    let lines: Vec<_> =
        texts.iter().map(|text| format!("{text} => {}", attributes(text))).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
nixpkgs => {"type":"indirect","id":"nixpkgs"}
nixpkgs/nixos-24.05 => {"type":"indirect","id":"nixpkgs","ref":"nixos-24.05"}
nixpkgs/release/0123456789abcdef0123456789abcdef01234567 => {"type":"indirect","id":"nixpkgs","ref":"release","rev":"0123456789abcdef0123456789abcdef01234567"}
flake:nixpkgs => {"type":"indirect","id":"nixpkgs"}
github:o/r => {"type":"github","owner":"o","repo":"r"}
github:o/r/feature/x?dir=sub => {"type":"github","dir":"sub","owner":"o","ref":"feature/x","repo":"r"}
github:o/r/0123456789abcdef0123456789abcdef01234567 => {"type":"github","owner":"o","repo":"r","rev":"0123456789abcdef0123456789abcdef01234567"}
github:o/r?ref=main&host=example.org => {"type":"github","host":"example.org","owner":"o","ref":"main","repo":"r"}
github:o/r/main?rev=x => `github:o/r/main` names its branch or revision twice
gitlab:a%2Fb/c => {"type":"gitlab","owner":"a/b","repo":"c"}
sourcehut:~u/r => {"type":"sourcehut","owner":"~u","repo":"r"}
git+https://example.org/r?ref=main&rev=abc&dir=d&submodules=1&x=y => {"type":"git","dir":"d","ref":"main","rev":"abc","submodules":true,"url":"https://example.org/r?x=y"}
git+ssh://git@example.org/r => {"type":"git","url":"ssh://git@example.org/r"}
git://example.org/r => {"type":"git","url":"git://example.org/r"}
hg+https://example.org/r => {"type":"hg","url":"https://example.org/r"}
path:./sub?dir=x => {"type":"path","dir":"x","path":"./sub"}
./sub => {"type":"path","path":"./sub"}
../up => {"type":"path","path":"../up"}
/abs => {"type":"path","path":"/abs"}
https://example.org/a.tar.gz?dir=d => {"type":"tarball","dir":"d","url":"https://example.org/a.tar.gz"}
tarball+https://example.org/a => {"type":"tarball","url":"https://example.org/a"}
file+https://example.org/a.zip => {"type":"file","url":"https://example.org/a.zip"}
https://example.org/file => {"type":"file","url":"https://example.org/file"}
svn:x => `svn:` is not a kind of flake reference
not a reference => `not a reference` is not a flake reference
github:o => `github:o` is not a flake reference
nixpkgs#hello => `#hello` selects an output, which an input's url cannot do
 => `` is not a flake reference
"#);
}
