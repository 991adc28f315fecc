//! What is known against the packages of this project's own plan, by a database that is made up.

use std::fs;
use std::path::Path;
use std::process::Command;

/// An advisory's file.
fn advisory(id: &str, package: &str, more: &str, versions: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2020-01-01\"\n{more}\n\n\
         [versions]\n{versions}\n```\n\n# It is bad\n\nVery.\n"
    )
}

fn put(database: &Path, package: &str, id: &str, text: &str) {
    let dir = database.join("crates").join(package);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(format!("{id}.md")), text).unwrap();
}

/// The exit code, and all that is said.
fn audit(dir: &Path, settings: &str, flags: &[&str]) -> (Option<i32>, String) {
    let file = dir.join("config.toml");
    fs::write(&file, settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
    command.args(["audit", "--offline", "-C", env!("CARGO_MANIFEST_DIR"), "--config-file"]);
    let output = command.arg(file).args(flags).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), format!("{}{}", text(output.stdout), text(output.stderr)))
}

fn with_database(dir: &Path, settings: &str, flags: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["--database", dir.to_str().unwrap()];
    all.extend(flags);
    audit(dir, settings, &all)
}

#[test]
fn an_advisory_speaks_of_what_is_neither_patched_nor_unaffected() {
    let dir = tempfile::tempdir().unwrap();
    let write = |id: &str, more: &str, versions: &str| {
        put(dir.path(), "semver", id, &advisory(id, "semver", more, versions));
    };
    write("RUSTSEC-2020-0001", "", "patched = [\">= 1.0.0\"]");
    write("RUSTSEC-2020-0002", "", "patched = [\">= 99.0.0\"]\nunaffected = [\"^1\"]");
    write("RUSTSEC-2020-0003", "withdrawn = \"2021-01-01\"", "patched = []");
    assert_eq!(with_database(dir.path(), "", &[]).0, Some(0));

    write("RUSTSEC-2020-0004", "aliases = [\"CVE-2020-1\"]", "patched = [\">= 99.0.0\"]");
    let (code, words) = with_database(dir.path(), "", &[]);
    assert_eq!(code, Some(1), "{words}");
    assert!(
        words.contains("error: semver 1.") && words.contains("It is bad (RUSTSEC-2020-0004)"),
        "{words}"
    );
    assert!(
        words.contains("patched: >=99.0.0") && words.contains("1 error, 0 warnings"),
        "{words}"
    );
    for id in ["0001", "0002", "0003"] {
        assert!(!words.contains(id), "{words}");
    }
    // By either name; and a reason has to be given.
    for name in ["RUSTSEC-2020-0004", "CVE-2020-1"] {
        let settings = format!("[audit.ignore]\n{name} = \"we never call it\"\n");
        let (code, words) = with_database(dir.path(), &settings, &[]);
        assert_eq!(code, Some(0), "{words}");
        assert!(words.contains("0 errors, 0 warnings, 1 ignored"), "{words}");
    }
    let (code, words) = with_database(dir.path(), "[audit.ignore]\nCVE-2020-1 = \" \"\n", &[]);
    assert_eq!(code, Some(2), "{words}");
    let (_, words) = with_database(dir.path(), "[audit.ignore]\nCVE-1 = \"x\"\n", &[]);
    assert!(words.contains("ignores nothing here: CVE-1"), "{words}");
}

/// Who takes a package in is the first question: what is to be changed is a line of somebody's Cargo.toml.
#[test]
fn who_needs_a_package_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let told = |package: &str| {
        let database = dir.path().join(package);
        let text = advisory("RUSTSEC-2020-0007", package, "", "patched = []");
        put(&database, package, "RUSTSEC-2020-0007", &text);
        let flags = ["--database", database.to_str().unwrap()];
        let (code, words) = audit(dir.path(), "", &flags);
        assert_eq!(code, Some(1), "{words}");
        words
    };
    let own = format!("needed by: rbn-plan {} > ", env!("CARGO_PKG_VERSION"));
    // Of what the project needs itself, and of what only others need.
    let direct = told("semver");
    let line = direct.lines().find(|line| line.contains(&own)).expect(&direct);
    assert_eq!(line.matches(" > ").count(), 1, "{direct}");
    let far = told("unicode-ident");
    let far = far.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(far.contains(&own) && far.contains(" > unicode-ident 1."), "{far}");
    let way = far.split("needed by: ").nth(1).unwrap().split(" Summary").next().unwrap();
    assert!(way.matches(" > ").count() >= 2, "{far}");
    assert!(far.contains("and by: "), "proc-macro2 and syn both need it: {far}");
}

#[test]
fn what_is_no_vulnerability_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let text =
        advisory("RUSTSEC-2020-0005", "semver", "informational = \"unmaintained\"", "patched = []");
    put(dir.path(), "semver", "RUSTSEC-2020-0005", &text);
    let (code, words) = with_database(dir.path(), "", &[]);
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("is unmaintained: It is bad"), "{words}");
    assert_eq!(with_database(dir.path(), "", &["--deny=warnings"]).0, Some(1));
}

/// Half a database is worse than none: nothing is said, and the file is named.
#[test]
fn what_is_no_advisory_is_refused() {
    let id = "RUSTSEC-2020-0006";
    let good = advisory(id, "semver", "", "patched = []");
    for (text, reason) in [
        ("# no TOML\n".to_owned(), "does not begin with"),
        ("```toml\n[advisory]\n".to_owned(), "has no end"),
        (good.replace("patched = []", ""), "patched"),
        (good.replace("[]", "[\"many\"]"), "`many` means no versions"),
        (good.replace("package = \"semver\"", "package = \"serde\""), "it is about `serde`"),
        (good.replace("0006", "0007"), "it calls itself"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "semver", id, &text);
        let (code, words) = with_database(dir.path(), "", &[]);
        assert_eq!(code, Some(2), "{reason}: {words}");
        // Lines of an error are cut to the terminal's width.
        let plain = words.split_whitespace().filter(|word| *word != "│");
        let plain = plain.collect::<Vec<_>>().join(" ");
        assert!(plain.contains(reason) && plain.contains("semver"), "{reason}: {words}");
    }
    let dir = tempfile::tempdir().unwrap();
    let (code, words) = with_database(dir.path(), "", &[]);
    assert!(code == Some(2) && words.contains("no advisory database"), "{words}");
    let (code, words) = audit(dir.path(), "", &[]);
    assert!(code == Some(2) && words.contains("--database advisory-db"), "{words}");
}

#[test]
fn a_licence_that_nobody_allowed_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    let (code, words) = audit(dir.path(), "[audit]\nlicenses = [\"MIT\"]\n", &[]);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("is not allowed (licence)"), "{words}");
    // What all of them together need, and no more.
    let list = "[audit]\nlicenses = [\"MIT\", \"Apache-2.0\", \"BSD-2-Clause\", \"BSD-3-Clause\", \"ISC\", \
                \"MPL-2.0\", \"Unicode-3.0\", \"Zlib\", \"Unlicense\", \"CC0-1.0\", \"BSL-1.0\"]\n";
    let (code, words) = audit(dir.path(), list, &[]);
    assert_eq!(code, Some(0), "{words}");
}
