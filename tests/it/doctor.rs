//! `rbn-plan doctor`: every check on facts made up, and the report without anything private.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use rbn_plan::cache;
use rbn_plan::doctor::facts::{Facts, PlanState, Project, Socket, ToolchainState};
use rbn_plan::doctor::private::Private;
use rbn_plan::doctor::{State, examine, report};
use rbn_plan::model::Triple;
use rbn_plan::toolchain::HostToolchain;

const HOST: &str = "x86_64-unknown-linux-gnu";

fn toolchain() -> HostToolchain {
    HostToolchain {
        system: "x86_64-linux".to_owned(),
        host: Triple::new(HOST).expect("a triple"),
        sysroot: "/opt/rust".into(),
        rustc: "/opt/rust/bin/rustc".into(),
        rustdoc: "/opt/rust/bin/rustdoc".into(),
        cargo: "/opt/rust/bin/cargo".into(),
        shell: "/usr/bin/bash".into(),
        path: vec!["/usr/bin".into()],
        links: BTreeMap::new(),
        linkers: BTreeMap::new(),
        runners: BTreeMap::new(),
        target_env: BTreeMap::new(),
        targets: BTreeSet::from([HOST.to_owned()]),
        fingerprint: vec!["rustc 1.95.0".to_owned()],
        compiler_seals: BTreeMap::new(),
        linker_seals: BTreeMap::new(),
        foreign: BTreeMap::new(),
        script_shell: "/usr/bin/dash".into(),
        sandbox_paths: vec!["/lib".into(), "/opt/rust".into(), "/usr".into()],
        registries: BTreeMap::new(),
    }
}

/// A machine on which all is well.
fn ready() -> Facts {
    let settings = [
        ("experimental-features", "flakes nix-command"),
        ("sandbox", "true"),
        (
            "sandbox-paths",
            "/bin/sh=/nix/store/busybox /lib /opt/rust /run/rbn-plan/sccache=/run? /usr",
        ),
        ("build-users-group", "nixbld"),
        ("max-jobs", "8"),
    ];
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Facts {
        nix: Some("nix (Nix) 2.8.0".to_owned()),
        settings: settings.into_iter().map(pair).collect(),
        nix_command: true,
        root: false,
        daemon: true,
        processors: Some(8),
        groups: BTreeMap::from([("nixbld".to_owned(), 32)]),
        free: Some(40 << 30),
        host: Some(Ok(toolchain())),
        binfmt: BTreeMap::from([("qemu-aarch64".to_owned(), true)]),
        emulators: BTreeSet::new(),
        sccache: Some("sccache 0.19.0".to_owned()),
        strace: true,
        socket: Socket::Alive("/run/s".into()),
        project: Some(Project {
            has_config: true,
            config_error: None,
            host_toolchain: true,
            lacks: None,
            targets: BTreeSet::from([HOST.to_owned()]),
            other_targets: BTreeSet::new(),
            has_flake: true,
            drift: Ok(Vec::new()),
            toolchain_file: "generated/toolchain.nix".into(),
            toolchain: ToolchainState::Current,
            toolchain_is_taken: false,
            plan_file: "generated/steps.nix".into(),
            plan: PlanState::Current,
        }),
    }
}

/// What is not good on a machine that differs from the ready one by `change`.
fn found(change: impl FnOnce(&mut Facts)) -> String {
    let mut facts = ready();
    change(&mut facts);
    let mut findings = examine(&facts);
    findings.retain(|finding| finding.state != State::Good);
    report::text(&findings)
}

fn project(facts: &mut Facts) -> &mut Project {
    facts.project.as_mut().expect("the ready machine has a project")
}

/// All that the toolchain could build.
fn host_targets(facts: &Facts) -> BTreeSet<String> {
    let Some(Ok(host)) = &facts.host else { panic!("a toolchain") };
    host.targets.clone()
}

#[test]
fn all_is_well() {
    insta::assert_snapshot!(report::text(&examine(&ready())), @r#"
    ok  nix: nix (Nix) 2.8.0
    ok  flakes: nix-command and flakes are on
    ok  sandbox: builds run in Nix's sandbox
    ok  sandbox paths: the sandbox shows the machine's toolchain
    ok  build users: 32 in the group nixbld
    ok  jobs: up to 8 at once (max-jobs)
    ok  store space: 40 GiB free
    ok  toolchain: rustc 1.95.0, linker `cc`
    ok  standard libraries: x86_64-unknown-linux-gnu
    ok  linkers: cc
    ok  emulation: binfmt: qemu-aarch64
    ok  sccache: a daemon answers at /run/s; builds only read
    ok  strace: `rbn-plan verify --files` can watch processes
    ok  config.toml: no mistakes in it
    ok  flake.lock: agrees with flake.nix
    ok  toolchain.nix: generated/toolchain.nix is for this machine's tools
    ok  plan: generated/steps.nix is up to date
    "#);
    assert_eq!(found(|_| ()), "");
}

/// Nix's own default is one step at a time.
#[test]
fn one_step_at_a_time() {
    let with = |jobs: &str, processors: usize, builders: &str| {
        found(|facts| {
            facts.settings.insert("max-jobs".to_owned(), jobs.to_owned());
            facts.settings.insert("builders".to_owned(), builders.to_owned());
            facts.processors = Some(processors);
        })
    };
    insta::assert_snapshot!(with("1", 8, ""), @r#"
    weak  jobs: max-jobs = 1: one step at a time, on 8 processors
            cure: add to nix.conf: max-jobs = auto
    "#);
    assert_eq!(with("1", 1, ""), "");
    assert_eq!(with("0", 8, "ssh://other"), "");
    insta::assert_snapshot!(with("0", 8, ""), @r#"
    MISSING  jobs: max-jobs = 0: nothing is built here
               cure: add to nix.conf: max-jobs = auto
    "#);
}

/// Where config.toml names the flake's inputs, their files are what a build needs.
#[test]
fn the_flake_s_toolchain_lacks_its_lock() {
    insta::assert_snapshot!(found(|facts| {
        let project = project(facts);
        project.host_toolchain = false;
        project.lacks = Some(("there is no flake.lock".to_owned(), "nix flake lock".to_owned()));
    }), @r#"
    MISSING  toolchain.nix: there is no flake.lock
               cure: nix flake lock
    "#);
}

/// The lines that nix.conf lacks go where they count, and only there where they may be written.
#[test]
fn lines_for_nix_conf() {
    use rbn_plan::doctor::fix::{self, Target};
    let mut facts = ready();
    facts.settings.insert("sandbox".to_owned(), "false".to_owned());
    facts.settings.insert("sandbox-paths".to_owned(), "/usr".to_owned());
    facts.settings.insert("max-jobs".to_owned(), "1".to_owned());
    facts.settings.insert("experimental-features".to_owned(), "nix-command".to_owned());
    let lines = fix::lines(&examine(&facts));
    insta::assert_snapshot!(fix::added("cores = 0", &lines), @r#"
    cores = 0
    # For rbn-plan (doctor --fix):
    extra-experimental-features = nix-command flakes
    sandbox = true
    extra-sandbox-paths = /lib /opt/rust /bin/sh=/usr/bin/dash
    max-jobs = auto
    extra-sandbox-paths = /run/rbn-plan/sccache=/run?
    "#);
    assert!(fix::lines(&examine(&ready())).is_empty());
    let target = |root: bool, daemon: bool| {
        fix::target(
            &Facts { root, daemon, ..ready() },
            "/etc/nix".into(),
            "/home/a/.config/nix".into(),
        )
    };
    assert_eq!(target(true, true), Target::File("/etc/nix/nix.conf".into()));
    assert_eq!(target(false, true), Target::Root("/etc/nix/nix.conf".into()));
    assert_eq!(target(false, false), Target::File("/home/a/.config/nix/nix.conf".into()));
}

/// A terminal has 80 columns. What is copied into nix.conf stays in one line.
#[test]
fn long_findings_on_a_terminal() {
    let mut facts = ready();
    facts.settings.insert("sandbox-paths".to_owned(), "/opt".to_owned());
    let Some(Ok(host)) = &mut facts.host else { panic!("a toolchain") };
    host.sandbox_paths = (1..9).map(|n| format!("/usr/lib/part-{n}").into()).collect();
    project(&mut facts).targets.insert("aarch64-unknown-linux-gnu".to_owned());
    let findings = examine(&facts);
    let wrapped = report::wrapped(&findings);
    let long = wrapped.lines().filter(|line| line.chars().count() > 80);
    assert!(
        long.clone().all(|line| line.trim().starts_with("extra-sandbox-paths = ")),
        "{wrapped}"
    );
    assert_eq!(long.count(), 1, "{wrapped}");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&wrapped), words(&report::text(&findings)));
    let part = wrapped.lines().filter(|line| !line.contains("  ok  "));
    insta::assert_snapshot!(part.collect::<Vec<_>>().join("\n"), @r"
    MISSING  sandbox paths: the sandbox does not show /usr/lib/part-1
               /usr/lib/part-2 /usr/lib/part-3 /usr/lib/part-4 /usr/lib/part-5
               /usr/lib/part-6 /usr/lib/part-7 /usr/lib/part-8
               cure: add to nix.conf:
               extra-sandbox-paths = /usr/lib/part-1 /usr/lib/part-2 /usr/lib/part-3 /usr/lib/part-4 /usr/lib/part-5 /usr/lib/part-6 /usr/lib/part-7 /usr/lib/part-8 /bin/sh=/usr/bin/dash
    MISSING  standard libraries: rustc 1.95.0 has none for aarch64-unknown-linux-gnu
               cure: `rustup target add aarch64-unknown-linux-gnu`, or the package
               of your distribution, then `rbn-plan toolchain host`
    MISSING  linkers: none for aarch64-unknown-linux-gnu
               cure: install a C compiler for it, such as Debian's
               gcc-aarch64-linux-gnu
       weak  sccache: a daemon answers at /run/s, but the sandbox does not show it;
               builds work without it
               cure: add to nix.conf:
               extra-sandbox-paths = /run/rbn-plan/sccache=/run?
    ");
}

#[test]
fn a_sandbox_without_a_shell_is_weak() {
    insta::assert_snapshot!(found(|facts| {
        facts.settings.insert("sandbox-paths".to_owned(), "/lib /opt /run/rbn-plan/sccache /usr".to_owned());
    }), @r"
   weak  sandbox paths: the sandbox does not show /bin/sh, which scripts and makefiles of C libraries run
           cure: add to nix.conf: extra-sandbox-paths = /bin/sh=/usr/bin/dash
");
}

#[test]
fn without_nix_the_rest_cannot_be_told() {
    insta::assert_snapshot!(found(|facts| {
        facts.nix = None;
        facts.settings.clear();
        facts.nix_command = false;
        facts.free = None;
    }), @r#"
    MISSING  nix: there is no `nix` on PATH
               cure: install Nix: `apt-get install nix-bin`, or as nixos.org/download says
          -  flakes: cannot be told without Nix
          -  sandbox: cannot be told without Nix
          -  sandbox paths: cannot be told without Nix
          -  build users: cannot be told without Nix
          -  jobs: cannot be told without Nix
          -  store space: there is no store yet
    "#);
}

#[test]
fn nix_by_its_settings() {
    insta::assert_snapshot!(found(|facts| {
        facts.nix = Some("nix (Nix) 2.3.16".to_owned());
        facts.settings.insert("sandbox".to_owned(), "false".to_owned());
        facts.settings.insert("experimental-features".to_owned(), "nix-command".to_owned());
        facts.settings.insert("sandbox-paths".to_owned(), "/usr=/usr? /opt /run/rbn-plan/sccache".to_owned());
        facts.groups.clear();
        facts.free = Some(1 << 30);
    }), @r"
   weak  nix: nix (Nix) 2.3.16 is old
           cure: install Nix 2.8 or newer
MISSING  flakes: flakes are not switched on
           cure: add to nix.conf: experimental-features = nix-command flakes
MISSING  sandbox: sandbox = false
           cure: add to nix.conf: sandbox = true
MISSING  sandbox paths: the sandbox does not show /lib
           cure: add to nix.conf: extra-sandbox-paths = /lib /bin/sh=/usr/bin/dash
MISSING  build users: there is no group nixbld
           cure: make it with its build users, or add to nix.conf: build-users-group =
   weak  store space: only 1 GiB free
           cure: nix-collect-garbage
");
    insta::assert_snapshot!(found(|facts| facts.nix_command = false), @r"
MISSING  flakes: the `nix` command is not switched on
           cure: add to nix.conf: experimental-features = nix-command flakes
");
    assert_eq!(found(|facts| facts.nix = Some("nix (Nix) 2.34.8".to_owned())), "");
    assert_eq!(found(|facts| facts.nix = Some("nix (Nix) 2.19pre2023_abc".to_owned())), "");
    insta::assert_snapshot!(found(|facts| facts.nix = Some("nix (Lix)".to_owned())), @r"
      -  nix: a Nix that calls itself `nix (Lix)`
");
}

/// What builds can do where nobody builds as another user.
#[test]
fn builds_without_build_users() {
    let alone = |root: bool, group: &str| {
        found(|facts| {
            (facts.daemon, facts.root, facts.groups) = (false, root, BTreeMap::new());
            facts.settings.insert("build-users-group".to_owned(), group.to_owned());
        })
    };
    insta::assert_snapshot!(alone(false, ""));
    assert_eq!(alone(false, "nixbld"), alone(false, ""));
    insta::assert_snapshot!(alone(true, ""));
}

#[test]
fn toolchains_by_target() {
    insta::assert_snapshot!(found(|facts| {
        project(facts).targets.insert("aarch64-unknown-linux-gnu".to_owned());
    }), @r"
MISSING  standard libraries: rustc 1.95.0 has none for aarch64-unknown-linux-gnu
           cure: `rustup target add aarch64-unknown-linux-gnu`, or the package of your distribution, then `rbn-plan toolchain host`
MISSING  linkers: none for aarch64-unknown-linux-gnu
           cure: install a C compiler for it, such as Debian's gcc-aarch64-linux-gnu
");
    // What other machines of the plan build is not missing here.
    insta::assert_snapshot!(found(|facts| {
        project(facts).other_targets.insert("aarch64-unknown-linux-gnu".to_owned());
    }), @r"
    -  standard libraries: x86_64-unknown-linux-gnu; none for aarch64-unknown-linux-gnu, which `rbn-plan build` does not build here
         cure: to build that here, too: `rustup target add aarch64-unknown-linux-gnu`, or the package of your distribution, then `rbn-plan toolchain host`
    -  linkers: cc; none for aarch64-unknown-linux-gnu, which `rbn-plan build` does not build here
         cure: to build that here, too: install a C compiler for it, such as Debian's gcc-aarch64-linux-gnu
    ");
    // What `cc` or the Rust compiler itself links needs nothing more.
    assert_eq!(
        found(|facts| {
            let Some(Ok(host)) = &mut facts.host else { panic!("a toolchain") };
            for target in
                ["x86_64-unknown-linux-musl", "wasm32-unknown-unknown", "bpfel-unknown-none"]
            {
                host.targets.insert(target.to_owned());
            }
            project(facts).targets = host_targets(facts);
        }),
        ""
    );
    // A distribution has words of its own for an architecture.
    let other = found(|facts| {
        let Some(Ok(host)) = &mut facts.host else { panic!("a toolchain") };
        host.targets.insert("armv7-unknown-linux-gnueabihf".to_owned());
        project(facts).targets = host_targets(facts);
    });
    insta::assert_snapshot!(other, @r"
MISSING  linkers: none for armv7-unknown-linux-gnueabihf
           cure: install a C compiler for it, such as Debian's gcc-arm-linux-gnueabihf
");
    // Where the toolchain comes from the store, the machine's own does not count.
    assert_eq!(
        found(|facts| {
            project(facts).targets.insert("aarch64-unknown-linux-gnu".to_owned());
            project(facts).host_toolchain = false;
            facts.settings.insert("sandbox-paths".to_owned(), cache::SHOWN.to_owned());
        }),
        ""
    );
    insta::assert_snapshot!(found(|facts| {
        facts.host = Some(Err("there is no `rustc` on PATH".to_owned()));
        facts.binfmt = BTreeMap::from([("qemu-aarch64".to_owned(), false)]);
    }), @r"
      -  sandbox paths: cannot be told without a toolchain
MISSING  toolchain: there is no `rustc` on PATH
           cure: install Rust (rustup.rs) and a C compiler (`apt-get install gcc`)
      -  standard libraries: cannot be told without a toolchain
      -  linkers: cannot be told without a toolchain
   weak  emulation: the kernel knows qemu-aarch64, but not inside a sandbox
           cure: register them with the flag F: `apt-get install qemu-user-static binfmt-support`
");
    insta::assert_snapshot!(found(|facts| facts.binfmt.clear()), @r"
      -  emulation: no qemu, no binfmt: only needed to run other machines' programs
");
}

#[test]
fn sccache_is_never_essential() {
    for socket in ["absent", "dead", "hung", "closed", "bare", "alive", "open", "unwanted"] {
        for version in [None, Some("sccache 0.19.0".to_owned())] {
            let mut facts = ready();
            facts.sccache = version;
            facts.socket = match socket {
                "absent" => Socket::Absent("/run/s".into()),
                "dead" => Socket::Dead("/run/s".into()),
                "hung" => Socket::Hung("/run/s".into()),
                "closed" => Socket::Closed("/run/s".into()),
                "bare" => Socket::Bare("/run/s".into()),
                "alive" => Socket::Alive("/run/s".into()),
                "open" => Socket::Open("/run/s".into()),
                _ => Socket::Unwanted,
            };
            let findings = examine(&facts);
            assert!(findings.iter().all(|finding| finding.state != State::Missing), "{findings:?}");
        }
    }
}

#[test]
fn sccache_that_no_build_can_use() {
    insta::assert_snapshot!(found(|facts| {
        facts.settings.insert("sandbox-paths".to_owned(), "/bin/sh /lib /opt/rust /usr".to_owned());
        facts.socket = Socket::Alive("/run/cache/server.sock".into());
    }), @"
    weak  sccache: a daemon answers at /run/cache/server.sock, but the sandbox does not show it; builds work without it
            cure: add to nix.conf: extra-sandbox-paths = /run/rbn-plan/sccache=/run/cache?
    ");
    insta::assert_snapshot!(found(|facts| {
        facts.sccache = Some("sccache 0.10.0".to_owned());
        facts.socket = Socket::Absent("/run/cache/server.sock".into());
    }), @r"
   weak  sccache: sccache 0.10.0, older than the 0.17.0 that serves a sandbox, no daemon; builds work without it
           cure: cargo install sccache --locked --no-default-features, then rbn-plan cache start
");
    insta::assert_snapshot!(found(|facts| {
        facts.sccache = None;
        facts.socket = Socket::Dead("/run/cache/server.sock".into());
    }), @r"
   weak  sccache: not installed, nobody answers at /run/cache/server.sock; builds work without it
           cure: cargo install sccache --locked --no-default-features, then rbn-plan cache start
");
    insta::assert_snapshot!(found(|facts| {
        facts.socket = Socket::Hung("/run/cache/server.sock".into());
    }), @r"
   weak  sccache: what listens at /run/cache/server.sock does not answer; builds work without it
           cure: end that process, then rbn-plan cache start
");
    insta::assert_snapshot!(found(|facts| {
        facts.settings.insert("sandbox-paths".to_owned(), "/bin/sh /lib /opt/rust /usr".to_owned());
        facts.socket = Socket::Closed("/run/cache/server.sock".into());
    }), @r"
   weak  sccache: a socket for builds alone at /run/cache/server.sock, but the sandbox does not show it; builds work without it
           cure: add to nix.conf: extra-sandbox-paths = /run/rbn-plan/sccache=/run/cache?
");
}

#[test]
fn who_may_add_to_the_cache_is_said() {
    insta::assert_snapshot!(found(|facts| facts.socket = Socket::Open("/run/s".into())), @"
    -  sccache: a daemon answers at /run/s; every build that sees it may add to it, and so forge what others get
    ");
    insta::assert_snapshot!(found(|facts| facts.socket = Socket::Bare("/run/s".into())), @"
    weak  sccache: a bare sccache listens at /run/s: builds can have it run any program
            cure: end that process, then rbn-plan cache start
    ");
}

/// What is one machine's own is not committed; a compiler that the project names is installed as it says.
#[test]
fn what_the_project_asks_of_a_machine() {
    insta::assert_snapshot!(found(|facts| project(facts).toolchain_is_taken = true), @r"
    weak  toolchain.nix: generated/toolchain.nix is for this machine's tools, and no other's; git does not ignore it
            cure: echo /generated/toolchain.nix >> .gitignore; git rm --cached --ignore-unmatch generated/toolchain.nix
    ");
    insta::assert_snapshot!(found(|facts| {
        let said = "`rustc -vV` failed: error: toolchain '1.90.0-x86_64-unknown-linux-gnu' is not installed";
        facts.host = Some(Err(said.to_owned()));
    }), @r"
          -  sandbox paths: cannot be told without a toolchain
    MISSING  toolchain: `rustc -vV` failed: error: toolchain '1.90.0-x86_64-unknown-linux-gnu' is not installed
               cure: `rustup toolchain install` in this directory, or another toolchain in its rust-toolchain.toml
          -  standard libraries: cannot be told without a toolchain
          -  linkers: cannot be told without a toolchain
    ");
}

#[test]
fn projects_by_their_files() {
    insta::assert_snapshot!(found(|facts| {
        project(facts).config_error = Some("2 problems in config.toml".to_owned());
        project(facts).drift =
            Ok(vec![("nixpkgs: not in flake.lock".to_owned(), "nix flake lock".to_owned())]);
        project(facts).plan = PlanState::Outdated("rbn-plan -o generated/steps.nix".to_owned());
    }), @r"
MISSING  config.toml: 2 problems in config.toml
           cure: `rbn-plan config` shows the places
   weak  flake.lock: nixpkgs: not in flake.lock
           cure: nix flake lock
   weak  plan: generated/steps.nix is not what would be made now
           cure: rbn-plan -o generated/steps.nix
");
    insta::assert_snapshot!(found(|facts| {
        project(facts).drift = Err("a syntax error".to_owned());
        project(facts).plan = PlanState::OtherSelection("--workspace".to_owned());
    }), @r"
MISSING  flake.lock: a syntax error
           cure: `rbn-plan flake` shows the places
      -  plan: generated/steps.nix was made of another selection: --workspace
");
    insta::assert_snapshot!(found(|facts| facts.project = None), @r#"
    -  config.toml: no project here
    -  flake.lock: no project here
    -  toolchain.nix: no project here
    -  plan: no project here
    "#);
}

#[test]
fn a_toolchain_of_other_tools() {
    let with = |state| found(|facts| project(facts).toolchain = state);
    let gone = ["rustc 1.94.0", "/usr/bin/cc", "/lib/libc.so.6"].map(str::to_owned);
    insta::assert_snapshot!(with(ToolchainState::Stale(gone.to_vec())), @r#"
    weak  toolchain.nix: generated/toolchain.nix is for other tools than this machine's (rustc 1.94.0, /usr/bin/cc and 1 more); steps refuse to work with these
            cure: rbn-plan toolchain host -o generated/toolchain.nix
    "#);
    insta::assert_snapshot!(with(ToolchainState::Absent), @r#"
    -  toolchain.nix: there is no generated/toolchain.nix; `rbn-plan build` renders it
         cure: rbn-plan toolchain host -o generated/toolchain.nix
    "#);
    insta::assert_snapshot!(with(ToolchainState::Unknown), @r#"      -  toolchain.nix: generated/toolchain.nix is not of `rbn-plan toolchain host`"#);
    insta::assert_snapshot!(found(|facts| {
        project(facts).host_toolchain = false;
        project(facts).toolchain = ToolchainState::Absent;
    }), @"");
}

/// The program itself, beside a file of another compiler.
#[test]
fn a_toolchain_s_file_is_compared_with_the_machine() {
    let dir = crate::workspaces::workspace(&[
        ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("src/main.rs", "fn main() {}\n"),
        ("generated/.keep", ""),
    ]);
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        let output = command.args(arguments).current_dir(dir.path()).output();
        String::from_utf8(output.expect("rbn-plan starts").stdout).expect("text")
    };
    let file = dir.path().join("generated/toolchain.nix");
    let said = || {
        let text = program(&["doctor"]);
        let line = text.lines().find(|line| line.contains("toolchain.nix: ")).expect("a finding");
        line.trim_start().to_owned()
    };
    assert!(said().starts_with("-  toolchain.nix: there is no generated/toolchain.nix;"));
    let rendered = program(&["toolchain", "host"]);
    fs::write(&file, &rendered).expect("a writable folder");
    assert_eq!(said(), "ok  toolchain.nix: generated/toolchain.nix is for this machine's tools");
    fs::write(&file, rendered.replace("rustc ", "rustc 0.")).expect("a writable folder");
    let stale =
        "weak  toolchain.nix: generated/toolchain.nix is for other tools than this machine's (";
    assert!(said().starts_with(stale), "{}", said());
    // Nor does a C library say anything of itself.
    let (before, after) = rendered.split_once("/libc.so.6\" = \"").expect("a seal");
    fs::write(&file, format!("{before}/libc.so.6\" = \"1{after}")).expect("a writable folder");
    assert!(said().ends_with("/libc.so.6); steps refuse to work with these"), "{}", said());
}

#[test]
fn a_report_keeps_names_and_homes_to_itself() {
    let names = [("ann", "USER"), ("box-7", "HOST"), ("", "HOST")];
    let places = [("/home/ann/work/x", "PROJECT"), ("/home/ann", "~"), ("/", "~")];
    let variables = [("TOKEN", "hunter22"), ("PROFILE", "dev")];
    let private = Private::new(
        places.map(|(place, stand_in)| (place.to_owned(), stand_in)),
        names.map(|(name, stand_in)| (name.to_owned(), stand_in)),
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    for (text, said) in [
        ("ann at box-7, annual box-77 (ann)", "USER at HOST, annual box-77 (USER)"),
        ("/home/ann/work/x/a /home/ann/work/xy", "PROJECT/a PATH"),
        ("/home/ann/.rustup /home/ann/.rustup-x ~/", "~/.rustup PATH ~/"),
        ("/home/bob/y, `/srv/acme/z`: no", "PATH, `PATH`: no"),
        ("a=/opt/acme:/usr/lib:/nix/store/x", "a=PATH:/usr/lib:/nix/store/x"),
        ("/usrlocal /usr /lib64/ld.so", "PATH /usr /lib64/ld.so"),
        ("-L/home/bob/lib -I/opt/corp/x @/home/bob/machines", "-LPATH -IPATH @PATH"),
        ("flags=-L/home/bob/lib:-I~/x/y", "flags=-LPATH:-IPATH"),
        (
            "-L/usr/lib @/etc/nix/machines -O2 a-b/c @me",
            "-L/usr/lib @/etc/nix/machines -O2 a-b/c @me",
        ),
        ("https://ann:secret@git.acme.example/x.git", "URL"),
        ("x: github:acme/x -> (git+ssh://git@acme/x)", "x: URL -> (URL)"),
        ("path:/srv/acme of and/or 1/2", "path:PATH of and/or 1/2"),
        ("`hunter22` is no profile, dev is", "`$TOKEN` is no profile, dev is"),
    ] {
        assert_eq!(private.scrub(text), said);
    }
}

/// The program on a machine where nothing is installed but what PATH names.
fn doctor(dir: &std::path::Path, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("doctor")
        .args(arguments)
        .current_dir(dir)
        .env("HOME", dir.join("home-of-ann"))
        .env("USER", "ann")
        .env("PATH", dir.join("bin"))
        .env_remove("RUSTC")
        .env_remove("CARGO")
        .output()
        .expect("rbn-plan starts")
}

#[test]
fn an_empty_machine_is_not_ready() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(dir.path().join("bin")).expect("a directory");
    let output = doctor(dir.path(), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["ready"], false);
    let nix = &json["findings"][0];
    assert_eq!((&nix["check"], &nix["state"]), (&"nix".into(), &"missing".into()));

    let output = doctor(dir.path(), &["--report"]);
    let report = String::from_utf8(output.stdout).expect("text");
    assert!(report.starts_with("rbn-plan "), "{report}");
    let place = dir.path().to_str().expect("text");
    for private in [place, "home-of-ann", " ann "] {
        assert!(!report.contains(private), "{private} in {report}");
    }
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if host != "localhost" {
        assert!(!report.split_whitespace().any(|word| word == host), "{report}");
    }
}

/// What nobody wrote is not told of a file that nobody can read.
#[test]
fn a_broken_configuration_switches_nothing_off() {
    let broken = "[sccache]\nenabled = 1\n";
    let alone = crate::workspaces::workspace(&[("broken.toml", broken)]);
    let project = crate::workspaces::workspace(&[("config.toml", broken)]);
    for (dir, file) in [(&alone, "broken.toml"), (&project, "config.toml")] {
        let output = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .arg("doctor")
            .current_dir(dir.path())
            .env("RBN_PLAN_CONFIG", dir.path().join(file))
            .output()
            .expect("rbn-plan starts");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains("  sccache: "), "{text}");
        assert!(!text.contains("switched off"), "{text}");
    }
}

/// Cargo's own `build.target` is what is planned where nothing else is said.
#[test]
fn cargos_own_target_is_looked_at() {
    let dir = crate::workspaces::workspace(&[
        ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("src/main.rs", "fn main() {}\n"),
        // No Rust has a standard library of it.
        (".cargo/config.toml", "[build]\ntarget = \"x86_64-unknown-linux-none\"\n"),
    ]);
    let said = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        let output = command.arg("doctor").args(arguments).current_dir(dir.path()).output();
        String::from_utf8(output.expect("rbn-plan starts").stdout).expect("text")
    };
    let text = said(&[]);
    assert!(text.contains("has none for x86_64-unknown-linux-none"), "{text}");
    let text = said(&["--target", HOST]);
    assert!(!text.contains("x86_64-unknown-linux-none"), "{text}");
}
