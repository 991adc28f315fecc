//! What is shared: steps in binary caches, the compile cache, and what is where.

use super::screen::Screen;

/// A plan of which two steps are here, one is in a cache, and the rest is nowhere.
fn shared() -> Screen {
    let screen = Screen::new();
    screen.has(2);
    let store = screen.workspace.file("store");
    let third = format!("{}/{:032}-parser-0.3.1-build-script", store.display(), 2);
    screen.gives(
        "promised",
        &format!(
            "these 1 paths will be fetched (0.10 MiB download, 0.20 MiB unpacked):\n  {third}\n"
        ),
    );
    screen
}

#[test]
fn what_is_where() {
    let screen = shared();
    screen.says(0, &["build", "--no-link", "-q"], false);
    screen.is("status", 0, &["status"]);
    screen.is("status-no-cache", 0, &["status", "--no-cache"]);
    screen.is("status-json", 0, &["status", "--no-cache", "--format", "json"]);
}

const COPIED: &str = r#"@nix {"action":"start","id":1,"level":0,"text":"","type":100,"parent":0,"fields":["/nix/store/00000000000000000000000000000001-x","",""]}
@nix {"action":"stop","id":1}
"#;

#[test]
fn steps_in_binary_caches() {
    let screen = shared();
    screen.says(0, &["build", "--no-link", "-q"], false);
    screen.gives("copied", COPIED);
    screen.is("cache-push-list", 0, &["cache", "push", "--list"]);
    screen.is("cache-push", 0, &["cache", "push", "ssh-ng://builder"]);
    screen.is("cache-save", 0, &["cache", "save", "target/shared"]);
    screen.is("cache-restore-nothing", 0, &["cache", "restore", "target/shared"]);
    screen.workspace.write("--- target/shared/nix-cache-info\nStoreDir: /nix/store\n");
    screen.is("cache-restore", 0, &["cache", "restore", "target/shared"]);
}

/// What config.toml plans of checks is shared, and looked for, with the plan; what is committed stays as it is.
#[test]
fn planned_checks_in_binary_caches() {
    let screen = shared();
    screen.workspace.write("--- config.toml\n[checks]\nplans = [\"test --workspace\"]\n");
    screen.says(0, &["build", "--no-link", "-q"], false);
    screen.has(2);
    screen.has_checks(3);
    screen.gives("copied", COPIED);
    let list = || screen.says(0, &["cache", "push", "--list"], false);
    screen.is("cache-push-list-checks", 0, &["cache", "push", "--list"]);
    screen.is("cache-save-checks", 0, &["cache", "save", "target/shared"]);
    screen.is("status-checks", 0, &["status"]);
    screen.is("status-json-checks", 0, &["status", "--no-cache", "--format", "json"]);
    // Plans that are not up to date are made anew elsewhere.
    let current = list();
    let file = screen.workspace.file("generated/checks-test.nix");
    std::fs::write(&file, "# old\n").unwrap();
    assert_eq!(list(), current);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# old\n");
    let elsewhere = screen.workspace.file("target/rbn-plan/plans/dry-run");
    for name in ["checks.nix", "checks-test.nix"] {
        assert!(elsewhere.join(name).is_file(), "{name}");
    }
}

/// Without a daemon; `tests/sccache.sh` has one that runs.
#[test]
fn the_compile_cache() {
    let screen = Screen::new();
    let dir = screen.workspace.path().display().to_string();
    screen.workspace.write(&format!(
        "--- config.toml\n[sccache]\nsocket = \"{dir}/bin/s/server.sock\"\ndirectory = \"{dir}/bin/kept\"\n"
    ));
    screen.is("cache-stats", 0, &["cache", "stats"]);
    screen.is("cache-stop", 0, &["cache", "stop"]);
    screen.is("cache-unit-socket", 0, &["cache", "unit", "--socket"]);
    let screen = screen.bare();
    screen.is("cache-start-without", 2, &["cache", "start"]);
    screen.is("cache-unit-without", 2, &["cache", "unit"]);
    screen.workspace.write("--- config.toml\n[sccache]\nenable = false\n");
    screen.is("cache-start-off", 2, &["cache", "start"]);
}
