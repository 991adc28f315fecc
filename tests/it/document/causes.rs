//! Changes as a reviewer makes them, one at a time: what is the cause, and what follows from it.

use insta::assert_snapshot;

use super::workspace::{SMALL, Workspace};

/// What `diff` says of [`SMALL`] after `files` are written.
fn after(files: &str) -> String {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    workspace.write(files);
    workspace.cargo(&["generate-lockfile", "--offline"]);
    workspace.says(1, &["diff", "main"])
}

/// [`SMALL`]'s root manifest with more of it.
fn root(more: &str) -> String {
    format!(
        "--- Cargo.toml\n[workspace]\nmembers = [\"app\", \"parser\", \"macros\"]\nresolver = \"2\"\n{more}\n"
    )
}

#[test]
fn code_generation() {
    assert_snapshot!(after(&root("[profile.release]\nopt-level = 1")), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3)
      ~ profile release  opt-level 3 -> 1; 4 steps
    "#);
    assert_snapshot!(after(&root("[profile.release.package.parser]\nopt-level = 1")), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3)
      ~ parser 0.3.1  profile: opt-level 0 -> 1 (host); profile: opt-level 3 -> 1
                      (TARGET); selected; 1 step follows
    "#);
    // DEBUG of build scripts follows.
    assert_snapshot!(after(&root("[profile.release]\ndebug = 1")), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 6 of 6 steps (host 3, ARCH 3)
      ~ profile release  debug 0 -> 1, strip debuginfo -> none; 6 steps
    "#);
    assert_snapshot!(after(&root("[profile.release]\nlto = true")), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 2 of 6 steps (ARCH 2)
      ~ link-time optimisation  none -> fat; 2 steps
    "#);
    assert_snapshot!(after(&root("[profile.release.build-override]\nopt-level = 2")), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 5 of 6 steps (host 2, ARCH 3)
      ~ profile release (host)  opt-level 0 -> 2; 2 steps; 3 steps follow
    "#);
}

#[test]
fn flags_of_rustc_with_their_values() {
    let flags = "--- .cargo/config.toml\n[build]\nrustflags = [\"--cfg\", \"one\", \"-Ctarget-cpu=native\"]\n";
    assert_snapshot!(after(flags), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 3 of 6 steps (ARCH 3)
      ~ TARGET  rustflags: added --cfg one -Ctarget-cpu=native; 3
                                  steps
    note: rustflags of TARGET have `target-cpu=native`: each machine that builds makes code for its own processor, and a cache may give it to another
    "#);
}

#[test]
fn a_dependency_moves_to_the_build_script() {
    let files = "--- app/build.rs\nfn main() {}\n--- app/Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.2.0\"\nedition = \"2021\"\n[dependencies]\nmacros = { path = \"../macros\" }\n[build-dependencies]\nparser = { path = \"../parser\", features = [\"json\"] }\n";
    assert_snapshot!(after(files), @r#"
    Plan: 0 added, 2 changed, 0 removed; rebuilds 9 of 11 steps (host 5, ARCH 4)
      ~ app 1.2.0     dependencies: +build script, -parser; files: script
                      +app/build.rs; +build script, +run of the build script;
                      selected
      ~ parser 0.3.1  features: -json; +build script, +library (host), +run of the
                      build script (host); selected; 3 steps follow
    "#);
}

#[test]
fn another_program_of_a_package() {
    assert_snapshot!(after("--- app/src/bin/other.rs\nfn main() {}\n"), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 1 of 7 steps (ARCH 1)
      ~ app 1.2.0  +program other; selected
    "#);
}

#[test]
fn another_selection() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    assert_snapshot!(workspace.says(1, &["diff", "main", "-p", "app"]), @r#"
    Selection: was `--profile=release`; is `--package=app --profile=release`
    Plan: 0 added, 2 changed, 0 removed; rebuilds 5 of 5 steps (host 2, ARCH 3)
      ~ plan          selected: -parser-0.3.1; 3 steps; 2 steps follow
      ~ macros 0.1.0  -procedural macro
    "#);
}

/// `top` needs `a`, which needs all others.
fn chain(with: bool) -> String {
    let mut files = String::from(
        "--- Cargo.toml\n[package]\nname = \"top\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    );
    if with {
        files.push_str("[dependencies]\na = { path = \"a\" }\n");
    }
    files.push_str("--- src/main.rs\nfn main() {}\n");
    for (name, needs) in [("a", "bcde"), ("b", "c"), ("c", ""), ("d", "e"), ("e", "")] {
        files.push_str(&format!("--- {name}/src/lib.rs\n--- {name}/Cargo.toml\n[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n"));
        for on in needs.chars() {
            files.push_str(&format!("{on} = {{ path = \"../{on}\" }}\n"));
        }
    }
    files
}

#[test]
fn packages_that_come_and_go_with_another() {
    let workspace = Workspace::new(&chain(false));
    workspace.commit();
    workspace.write(&chain(true));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 5 added, 1 changed, 0 removed; rebuilds 6 of 6 steps (ARCH 6)
      ~ top 1.0.0  dependencies: +a; selected
      + a 0.1.0    new: top needs it; source tree; 1 step; 1 step follows; with it 4
                   packages (4 steps): b 0.1.0, c 0.1.0, d 0.1.0, e 0.1.0
    "#);
    let json = workspace.run(&["diff", "main", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["entries"].as_array().unwrap().len(), 6, "JSON has all of them");
    workspace.commit();
    workspace.write(&chain(false));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 1 changed, 5 removed; rebuilds 1 of 1 step (ARCH 1)
      ~ top 1.0.0  dependencies: -a; selected
      - a 0.1.0    gone; 1 step; with it 4 packages (4 steps): b 0.1.0, c 0.1.0, d
                   0.1.0, e 0.1.0
    "#);
}

/// One name and version that both comes and goes: each with its own company.
#[test]
fn packages_that_move_to_the_build_machine() {
    let before = chain(true) + "--- build.rs\nfn main() {}\n";
    let workspace = Workspace::new(&before);
    workspace.commit();
    workspace.write(&before.replacen("[dependencies]", "[build-dependencies]", 1));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 5 added, 1 changed, 5 removed; rebuilds 8 of 8 steps (host 6, ARCH 2)
      ~ top 1.0.0  dependencies: +a for the build script, -a; files: what the run of
                   its script sees; selected
      + a 0.1.0    new: top needs it; source tree; 1 step; 3 steps follow; with it 4
                   packages (4 steps): b 0.1.0, c 0.1.0, d 0.1.0, e 0.1.0
      - a 0.1.0    gone; 1 step; with it 4 packages (4 steps): b 0.1.0, c 0.1.0, d
                   0.1.0, e 0.1.0
    "#);
}

/// `app` needs `a`, which needs `b` and `c`, which need `d`; each passes the feature `more` on.
fn passing(features: &str, also: &str) -> String {
    let mut files = format!(
        "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\na = {{ path = \"a\"{features} }}\n{also}--- src/main.rs\nfn main() {{}}\n"
    );
    for (name, needs) in [("a", "bc"), ("b", "d"), ("c", "d"), ("d", "")] {
        let passed: Vec<String> = needs.chars().map(|on| format!("\"{on}/more\"")).collect();
        files.push_str(&format!("--- {name}/src/lib.rs\n--- {name}/Cargo.toml\n[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[features]\nmore = [{}]\nless = []\n[dependencies]\n", passed.join(", ")));
        for on in needs.chars() {
            files.push_str(&format!("{on} = {{ path = \"../{on}\" }}\n"));
        }
    }
    files
}

#[test]
fn features_that_another_package_passes_on() {
    let workspace = Workspace::new(&passing("", ""));
    workspace.commit();
    workspace.write(&passing(", features = [\"more\"]", ""));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 4 changed, 0 removed; rebuilds 5 of 5 steps (ARCH 5)
      ~ a 0.1.0  features: +more; with it features of 3 packages (3 steps): +more of
                 b, c, d; 1 step follows
    "#);
    let json = workspace.run(&["diff", "main", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let entries = json["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 4, "JSON has all of them");
    assert!(entries[1..].iter().all(|entry| entry["comes_with"] == "a 0.1.0"), "{json}");
    // What now needs one of them itself is where it begins.
    let two = ", features = [\"more\"]";
    workspace.write(&passing(two, "d = { path = \"d\", features = [\"less\"] }\n"));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 5 changed, 0 removed; rebuilds 5 of 5 steps (ARCH 5)
      ~ app 1.0.0  dependencies: +d; selected; with it features of 4 packages (4
                   steps): +more of a, b, c; +less +more of d
    "#);
    // Back again: the same the other way round.
    workspace.commit();
    workspace.write(&passing("", "d = { path = \"d\", features = [\"less\"] }\n"));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 4 changed, 0 removed; rebuilds 5 of 5 steps (ARCH 5)
      ~ a 0.1.0  features: -more; with it features of 3 packages (3 steps): -more of
                 b, c, d; 1 step follows
    "#);
}

#[test]
fn features_that_two_packages_may_have_brought() {
    let files = |version: &str, features: &str| {
        let mut files = String::from(
            "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\na = { path = \"a\" }\nb = { path = \"b\" }\n--- src/main.rs\nfn main() {}\n--- d/src/lib.rs\n--- d/Cargo.toml\n[package]\nname = \"d\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[features]\nmore = []\n",
        );
        for name in ["a", "b"] {
            files.push_str(&format!("--- {name}/src/lib.rs\n--- {name}/Cargo.toml\n[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n[dependencies]\nd = {{ path = \"../d\"{features} }}\n"));
        }
        files
    };
    let workspace = Workspace::new(&files("0.1.0", ""));
    workspace.commit();
    workspace.write(&files("0.2.0", ", features = [\"more\"]"));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 3 changed, 0 removed; rebuilds 4 of 4 steps (ARCH 4)
      ~ a 0.1.0 -> 0.2.0  source; 1 step follows
      ~ b 0.1.0 -> 0.2.0  source; 1 step follows
      ~ d 0.1.0           features: +more; 3 steps follow
    "#);
}

#[test]
fn a_dependency_of_another_version_beside_the_old_one() {
    let files = |dir: &str| {
        let mut files = format!(
            "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nz = {{ path = \"{dir}\" }}\ny = {{ path = \"y\" }}\nx = {{ path = \"x\" }}\n--- src/main.rs\nfn main() {{}}\n"
        );
        for (dir, name, version, needs) in [
            ("z1", "z", "1.0.0", ""),
            ("z2", "z", "2.0.0", ""),
            ("y", "y", "1.0.0", "z = { path = \"../z1\" }"),
            ("x", "x", "1.0.0", "z = { path = \"../z2\" }"),
        ] {
            files.push_str(&format!("--- {dir}/src/lib.rs\n--- {dir}/Cargo.toml\n[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n[dependencies]\n{needs}\n"));
        }
        files
    };
    let workspace = Workspace::new(&files("z1"));
    workspace.commit();
    workspace.write(&files("z2"));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 1 of 5 steps (ARCH 1)
      ~ app 1.0.0  dependencies: z 1.0.0 -> 2.0.0; selected
    "#);
}

/// A step that others stand beside keeps its name, whatever becomes of them.
#[test]
fn a_variant_that_comes_or_goes_renames_no_other() {
    let files = |build: &str| {
        format!(
            "--- Cargo.toml\n[workspace]\nmembers = [\"app\", \"z\"]\nresolver = \"2\"\n\
             --- app/Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
             [dependencies]\nz = {{ path = \"../z\" }}\n{build}\
             --- app/build.rs\nfn main() {{}}\n--- app/src/main.rs\nfn main() {{}}\n\
             --- z/Cargo.toml\n[package]\nname = \"z\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[features]\nmore = []\n\
             --- z/build.rs\nfn main() {{}}\n--- z/src/lib.rs\n"
        )
    };
    let more = "[build-dependencies]\nz = { path = \"../z\", features = [\"more\"] }\n";
    let workspace = Workspace::new(&files(""));
    let plan = || workspace.says(0, &["-p", "app"]);
    let alone = plan();
    workspace.write(&files(more));
    let beside = plan();
    assert!(beside.contains("\"z-1.0.0:build-script~"), "{beside}");
    let names = |text: &str| -> Vec<String> {
        let is_step =
            |line: &&str| line.starts_with("    \"z-1.0.0") && line.contains(":build-script");
        text.lines().filter(is_step).map(str::to_owned).collect()
    };
    let kept: Vec<String> =
        names(&beside).into_iter().filter(|name| names(&alone).contains(name)).collect();
    assert_eq!(kept, names(&alone));
    // A new version of it moves no digit.
    workspace.write("--- z/Cargo.toml\n[package]\nname = \"z\"\nversion = \"1.0.1\"\nedition = \"2021\"\n[features]\nmore = []\n");
    workspace.cargo(&["generate-lockfile", "--offline"]);
    let digits = |text: &str| text.split("build-script~").nth(1).map(|rest| rest[..6].to_owned());
    assert_eq!(digits(&plan()), digits(&beside));
}
