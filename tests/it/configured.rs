//! Single kinds of configuration: what is planned is what Cargo passes, and the setting is there.
//!
//! `verify` records what Cargo runs with each, so nothing here says again what Cargo does: `has` only
//! holds that the setting took part at all, `lacks` that another did not.

use std::fs;

use super::workspaces::workspace;

/// One configuration.
#[derive(Clone, Copy)]
struct Case {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// The directory that the command is given in.
    at: &'static str,
    variables: &'static [(&'static str, &'static str)],
    flags: &'static [&'static str],
    has: &'static [&'static str],
    lacks: &'static [&'static str],
}

const NONE: Case =
    Case { what: "", files: &[], at: "ws", variables: &[], flags: &[], has: &[], lacks: &[] };

const OWN: &str = "ws/.cargo/config.toml";
const HOME: &str = "home/config.toml";
const BELOW: &str = "ws/below/.cargo/config.toml";
const ABOVE: &str = ".cargo/config.toml";

const PRECEDENCE: [Case; 12] = [
    Case {
        what: "the workspace's counts more than the home's",
        files: &[(HOME, "env.A = 'of-home'\nenv.B = 'of-home'"), (OWN, "env.A = 'of-own'")],
        has: &["A = \"of-own\"", "B = \"of-home\""],
        ..NONE
    },
    Case {
        what: "the nearest directory counts most",
        files: &[(ABOVE, "env.A = 'above'"), (OWN, "env.A = 'own'"), (BELOW, "env.A = 'below'")],
        at: "ws/below",
        has: &["A = \"below\""],
        ..NONE
    },
    Case {
        what: "what lies below where the command is given does not count",
        files: &[(OWN, "env.A = 'own'"), (BELOW, "env.A = 'below'")],
        has: &["A = \"own\""],
        ..NONE
    },
    Case {
        what: "the file of the old name, alone",
        files: &[("ws/.cargo/config", "env.A = 'old-name'")],
        has: &["A = \"old-name\""],
        ..NONE
    },
    Case {
        what: "a variable counts more than files, a flag more than it",
        files: &[(OWN, "profile.release.opt-level = 1\nprofile.release.codegen-units = 3")],
        variables: &[
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2"),
            ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "4"),
        ],
        flags: &["--config=profile.release.codegen-units=5"],
        has: &["optLevel = \"2\"", "codegenUnits = 5"],
        ..NONE
    },
    Case {
        what: "of two flags the last",
        files: &[("ws/one.toml", "env.A = 'file'\nenv.B = 'file'")],
        flags: &["--config=env.A='first'", "--config=one.toml", "--config=env.B='last'"],
        has: &["A = \"file\"", "B = \"last\""],
        ..NONE
    },
    Case {
        what: "lists of all places join",
        files: &[
            (HOME, "build.rustflags = ['--cfg=of_home']"),
            (OWN, "build.rustflags = ['--cfg=of_own']"),
            (BELOW, "build.rustflags = ['--cfg=of_below']"),
        ],
        at: "ws/below",
        variables: &[("CARGO_BUILD_RUSTFLAGS", "--cfg=of_variable")],
        flags: &["--config=build.rustflags=['--cfg=of_flag']"],
        has: &["of_home", "of_own", "of_below", "of_variable", "of_flag"],
        ..NONE
    },
    Case {
        what: "flags of the target stand in the place of those of all",
        files: &[
            (HOME, "target.x86_64-unknown-linux-gnu.rustflags = ['--cfg=of_target']"),
            (
                OWN,
                "build.rustflags = ['--cfg=of_all']\ntarget.'cfg(unix)'.rustflags = '--cfg=of_unix'",
            ),
        ],
        has: &["of_target", "of_unix"],
        lacks: &["of_all"],
        ..NONE
    },
    Case {
        what: "RUSTFLAGS alone, and the encoded before it",
        files: &[(OWN, "build.rustflags = ['--cfg=of_all']")],
        variables: &[
            ("RUSTFLAGS", "--cfg=plain"),
            ("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}encoded=\"with space\""),
        ],
        has: &["with space"],
        lacks: &["of_all", "--cfg=plain"],
        ..NONE
    },
    Case {
        what: "an empty RUSTFLAGS takes all away",
        files: &[(OWN, "build.rustflags = ['--cfg=of_all']")],
        variables: &[("RUSTFLAGS", "")],
        lacks: &["of_all"],
        ..NONE
    },
    Case {
        what: "spaces between the words of a text",
        files: &[(OWN, "build.rustflags = '  --cfg=one   --cfg=two '")],
        has: &["--cfg=one", "--cfg=two"],
        ..NONE
    },
    Case {
        what: "a file with a byte order mark and Windows' line ends",
        files: &[(OWN, "\u{feff}[env]\r\nA = 'windows'\r\n")],
        has: &["A = \"windows\""],
        ..NONE
    },
];

const TABLES: [Case; 8] = [
    Case {
        what: "tables by cfg in the order of their names",
        files: &[(
            OWN,
            "target.'cfg(unix)'.rustflags = ['--cfg=b']\ntarget.'cfg(all(unix, target_arch = \"x86_64\"))'.rustflags = ['--cfg=a']\ntarget.'cfg(windows)'.rustflags = ['--cfg=of_never']",
        )],
        has: &["--cfg=a", "--cfg=b"],
        lacks: &["of_never"],
        ..NONE
    },
    Case {
        what: "a cfg that a flag brings, and one that this brings",
        files: &[(
            OWN,
            "target.x86_64-unknown-linux-gnu.rustflags = ['--cfg=first']\ntarget.'cfg(first)'.rustflags = ['--cfg=second']\ntarget.'cfg(second)'.rustflags = ['--cfg=third']",
        )],
        has: &["--cfg=first", "--cfg=second"],
        ..NONE
    },
    Case {
        what: "a cfg that a flag takes away",
        files: &[(
            OWN,
            "target.x86_64-unknown-linux-gnu.rustflags = ['-Ctarget-feature=-sse3']\ntarget.'cfg(target_feature = \"sse3\")'.rustflags = ['--cfg=has_sse3']\ntarget.'cfg(not(target_feature = \"sse3\"))'.rustflags = ['--cfg=no_sse3']",
        )],
        has: &["no_sse3"],
        lacks: &["has_sse3"],
        ..NONE
    },
    Case {
        what: "a cfg that never holds for names in quotes with spaces",
        files: &[(
            OWN,
            "target.'cfg( any( unix , windows ) )'.rustflags = ['--cfg=spaced']\ntarget.'cfg(target_os=\"linux\")'.rustflags = ['--cfg=narrow']",
        )],
        has: &["spaced", "narrow"],
        ..NONE
    },
    Case {
        what: "a linker by a table, a runner, what no build has",
        files: &[(
            OWN,
            "target.'cfg(target_os = \"linux\")'.linker = 'gcc'\ntarget.x86_64-unknown-linux-gnu.runner = ['echo', 'x']\nbuild.rustdocflags = ['--cfg=of_doc']",
        )],
        has: &["linker = \"gcc\""],
        lacks: &["of_doc", "echo"],
        ..NONE
    },
    Case {
        what: "a linker by a variable before the table's",
        files: &[(OWN, "target.x86_64-unknown-linux-gnu.linker = 'cc'")],
        variables: &[("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "gcc")],
        has: &["linker = \"gcc\""],
        ..NONE
    },
    Case {
        what: "a linker of the workspace",
        files: &[(OWN, "target.x86_64-unknown-linux-gnu.linker = 'tools/../tools/joiner'")],
        has: &["tools/joiner"],
        ..NONE
    },
    Case {
        what: "a table in the place of a script",
        files: &[(
            OWN,
            "[target.x86_64-unknown-linux-gnu.native]\nrustc-cfg = ['replaced', 'key=\"v\"']\nrustc-env = { WORD = 'by table' }\nrustc-link-search = ['/nowhere']\nanswer = '42'",
        )],
        has: &["key=\\\"v\\\"", "by table"],
        ..NONE
    },
];

const ENVIRONMENT: [Case; 4] = [
    Case {
        what: "forced, relative, and a table over a table",
        files: &[
            (HOME, "env.PLAIN = { value = 'of-home', force = true }"),
            (
                OWN,
                "[env]\nPLAIN = { value = 'as-table', force = true }\nFILE = { value = 'a/b', relative = true }\nUP = { value = '../ws/c', relative = true, force = true }",
            ),
        ],
        has: &["as-table", "/workspace/a/b"],
        ..NONE
    },
    Case {
        what: "relative to the file that is included",
        files: &[
            (OWN, "include = ['sub/more.toml']"),
            ("ws/.cargo/sub/more.toml", "[env]\nFILE = { value = 'x', relative = true }"),
        ],
        has: &["FILE = "],
        ..NONE
    },
    Case {
        what: "hostile values",
        files: &[(
            OWN,
            "[env]\nQUOTES = '''${x} \"q\" 'p' \\ ''${y}'''\nLINES = \"one\\ntwo\\t\"\nEMPTY = ''\nUNICODE = 'ä☃'",
        )],
        has: &["ä☃"],
        ..NONE
    },
    Case {
        what: "what is set outside, not forced",
        files: &[(OWN, "[env]\nEDITOR = 'of-table'\nPAGER = { value = 'forced', force = true }")],
        variables: &[("PAGER", "outer")],
        has: &["of-table", "forced"],
        ..NONE
    },
];

const INCLUDES: [Case; 4] = [
    Case {
        what: "a file of a file, and what includes it counts more",
        files: &[
            (OWN, "include = ['a.toml', { path = 'none.toml', optional = true }]\nenv.A = 'own'"),
            ("ws/.cargo/a.toml", "include = ['deep/b.toml']\nenv.A = 'a'\nenv.B = 'a'"),
            ("ws/.cargo/deep/b.toml", "env.B = 'b'\nenv.C = 'b'"),
        ],
        has: &["A = \"own\"", "B = \"a\"", "C = \"b\""],
        ..NONE
    },
    Case {
        what: "of two files the later",
        files: &[
            (OWN, "include = ['a.toml', 'b.toml']"),
            ("ws/.cargo/a.toml", "env.A = 'a'\nbuild.rustflags = ['--cfg=a']"),
            ("ws/.cargo/b.toml", "env.A = 'b'\nbuild.rustflags = ['--cfg=b']"),
        ],
        has: &["A = \"b\"", "--cfg=a", "--cfg=b"],
        ..NONE
    },
    Case {
        what: "in the home, and in a file that a flag names",
        files: &[
            (HOME, "include = ['more.toml']"),
            ("home/more.toml", "env.A = 'more'"),
            ("ws/flag.toml", "include = ['flag-more.toml']"),
            ("ws/flag-more.toml", "env.B = 'flag-more'"),
        ],
        flags: &["--config=flag.toml"],
        has: &["A = \"more\"", "B = \"flag-more\""],
        ..NONE
    },
    Case {
        what: "what a flag's file includes counts as the command line's",
        files: &[
            ("flag.toml", "include = [{ path = 'sub/../sub/more.toml' }]"),
            (
                "sub/more.toml",
                "target.x86_64-unknown-linux-gnu.linker = 'gcc'\nbuild.rustflags = ['--cfg=last']",
            ),
        ],
        variables: &[
            ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "cc"),
            ("CARGO_BUILD_RUSTFLAGS", "--cfg=first"),
        ],
        flags: &["--config=../flag.toml"],
        has: &["linker = \"gcc\"", "--cfg=first", "--cfg=last"],
        ..NONE
    },
];

const PROFILES: [Case; 5] = [
    Case {
        what: "a profile of the configuration over the manifest's",
        files: &[(
            OWN,
            "[profile.release]\nlto = 'thin'\npanic = 'abort'\nstrip = 'symbols'\ndebug = 'line-tables-only'\noverflow-checks = true\n[profile.release.package.dep]\nopt-level = 's'\n[profile.release.package.'*']\ncodegen-units = 7\n[profile.release.build-override]\nopt-level = 1",
        )],
        has: &["lto = ", "panic = \"abort\"", "optLevel = \"s\""],
        ..NONE
    },
    Case {
        what: "a profile that only the configuration has",
        files: &[(OWN, "[profile.own]\ninherits = 'dev'\nopt-level = 2\nincremental = true")],
        flags: &["--profile=own"],
        has: &["optLevel = \"2\""],
        ..NONE
    },
    Case {
        what: "variables of a package's and of the build's part",
        variables: &[
            ("CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL", "3"),
            ("CARGO_PROFILE_RELEASE_DEBUG", "full"),
            ("CARGO_PROFILE_RELEASE_LTO", "off"),
            ("CARGO_PROFILE_RELEASE_SPLIT_DEBUGINFO", "packed"),
        ],
        has: &["splitDebuginfo = \"packed\""],
        ..NONE
    },
    Case {
        what: "what only says how Cargo works",
        files: &[(
            OWN,
            "[alias]\nb = 'build --workspace'\nx = ['run', '--release']\n[build]\njobs = 1\nincremental = true\ntarget-dir = 'of-target-dir'\ndep-info-basedir = '.'\n[term]\nverbose = true\nquiet = false\n[net]\noffline = true\n[http]\nmultiplexing = false\n[cache]\nauto-clean-frequency = 'never'\n[future-incompat-report]\nfrequency = 'never'\n[resolver]\nincompatible-rust-versions = 'fallback'\n[cargo-new]\nvcs = 'none'\n[registry]\ndefault = 'crates-io'",
        )],
        lacks: &["of-target-dir"],
        ..NONE
    },
    Case {
        what: "a build directory beside the target's",
        files: &[(OWN, "build.build-dir = '{workspace-root}/made/{workspace-path-hash}'")],
        lacks: &["made/"],
        ..NONE
    },
];

const TARGETS: [Case; 3] = [
    Case {
        what: "one target, and a list with it twice",
        files: &[(OWN, "build.target = ['x86_64-unknown-linux-gnu', 'x86_64-unknown-linux-gnu']")],
        ..NONE
    },
    Case {
        what: "tables for a nightly alone",
        files: &[(
            OWN,
            "[host]\nlinker = '/nowhere/ld'\n[host.x86_64-unknown-linux-gnu]\nrustflags = ['--cfg=of_host']\n[unstable]\nhost-config = true\ntarget-applies-to-host = true",
        )],
        lacks: &["of_host", "nowhere"],
        ..NONE
    },
    Case {
        what: "a table of another target",
        files: &[(
            OWN,
            "target.aarch64-unknown-linux-gnu.rustflags = ['--cfg=of_other']\ntarget.aarch64-unknown-linux-gnu.linker = '/nowhere/ld'",
        )],
        lacks: &["of_other", "nowhere"],
        ..NONE
    },
];

/// What a crate of a registry is in a directory with sources.
const VENDORED: &[(&str, &str)] = &[
    (
        "ws/Cargo.toml",
        "[workspace]\nmembers = [\"dep\", \"mac\", \"sys\"]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\nfar = \"1\"\n",
    ),
    (
        "ws/Cargo.lock",
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"far\",\n]\n[[package]]\nname = \"dep\"\nversion = \"0.1.0\"\n[[package]]\nname = \"far\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000001\"\n[[package]]\nname = \"mac\"\nversion = \"0.1.0\"\n[[package]]\nname = \"sys\"\nversion = \"0.1.0\"\n",
    ),
    (
        "ws/vendor/far/Cargo.toml",
        "[package]\nname = \"far\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    ),
    (
        "ws/vendor/far/.cargo-checksum.json",
        "{\"files\":{},\"package\":\"0000000000000000000000000000000000000000000000000000000000000001\"}",
    ),
    ("ws/vendor/far/src/lib.rs", ""),
    ("ws/near/Cargo.toml", "[package]\nname = \"far\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
    ("ws/near/src/lib.rs", ""),
];

const SOURCES: [Case; 4] = [
    Case {
        what: "a directory in the place of the registry",
        files: &[(OWN, "source.crates-io.replace-with = 'own'\nsource.own.directory = 'vendor'")],
        has: &["far-1.0.0"],
        ..NONE
    },
    Case {
        what: "the same by flags, and by two steps",
        files: &[(OWN, "source.own.directory = 'vendor'")],
        flags: &[
            "--config=source.crates-io.replace-with='middle'",
            "--config=source.middle.replace-with='own'",
            "--config=source.middle.registry='https://index.example/git'",
        ],
        has: &["far-1.0.0"],
        ..NONE
    },
    Case {
        what: "a path in the place of a crate: `paths`",
        files: &[(
            OWN,
            "paths = ['near']\nsource.crates-io.replace-with = 'own'\nsource.own.directory = 'vendor'",
        )],
        has: &["near"],
        ..NONE
    },
    Case {
        what: "a table `patch` of the configuration",
        files: &[
            (
                OWN,
                "patch.crates-io.far.path = 'near'\nsource.crates-io.replace-with = 'own'\nsource.own.directory = 'vendor'",
            ),
            (
                "ws/Cargo.lock",
                "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"far\",\n]\n[[package]]\nname = \"dep\"\nversion = \"0.1.0\"\n[[package]]\nname = \"far\"\nversion = \"1.0.0\"\n[[package]]\nname = \"mac\"\nversion = \"0.1.0\"\n[[package]]\nname = \"sys\"\nversion = \"0.1.0\"\n",
            ),
        ],
        has: &["near"],
        ..NONE
    },
];

/// A program with a library, a dependency, a macro, scripts and `links`.
const WORKSPACE: &[(&str, &str)] = &[
    (
        "ws/Cargo.toml",
        "[workspace]\nmembers = [\"dep\", \"mac\", \"sys\"]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ndep.path = \"dep\"\nmac.path = \"mac\"\nsys.path = \"sys\"\n",
    ),
    (
        "ws/Cargo.lock",
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"dep\",\n \"mac\",\n \"sys\",\n]\n[[package]]\nname = \"dep\"\nversion = \"0.1.0\"\n[[package]]\nname = \"mac\"\nversion = \"0.1.0\"\n[[package]]\nname = \"sys\"\nversion = \"0.1.0\"\n",
    ),
    ("ws/src/main.rs", "fn main() {}\n"),
    ("ws/src/lib.rs", ""),
    ("ws/build.rs", "fn main() {}\n"),
    ("ws/dep/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    ("ws/dep/src/lib.rs", ""),
    (
        "ws/mac/Cargo.toml",
        "[package]\nname = \"mac\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
    ),
    ("ws/mac/src/lib.rs", ""),
    (
        "ws/sys/Cargo.toml",
        "[package]\nname = \"sys\"\nversion = \"0.1.0\"\nedition = \"2024\"\nlinks = \"native\"\n",
    ),
    ("ws/sys/src/lib.rs", ""),
    ("ws/sys/build.rs", "fn main() { println!(\"cargo::metadata=answer=1\"); }\n"),
    ("ws/tools/joiner", "#!/bin/sh\nexec cc \"$@\"\n"),
    ("ws/below/keep", ""),
    ("home/keep", ""),
];

/// What rbn-plan says and prints, with these words.
fn rbn_plan(case: &Case, root: &std::path::Path, words: &[&str]) -> (bool, String, String) {
    let mut command = super::surroundings::rbn_plan(&root.join(case.at));
    command.env("CARGO_HOME", root.join("home"));
    command.envs(case.variables.iter().copied());
    let done = command.args(words).args(["--locked", "--offline"]).args(case.flags).output();
    let done = done.expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.success(), text(&done.stdout), text(&done.stderr))
}

/// What is wrong with a case, if anything is.
fn fault(case: &Case, more: &[(&str, &str)]) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = workspace(&[WORKSPACE, more, case.files].concat());
    let linker = dir.path().join("ws/tools/joiner");
    fs::set_permissions(linker, fs::Permissions::from_mode(0o755)).expect("a mode");
    let (ok, plan, said) = rbn_plan(case, dir.path(), &["plan"]);
    if !ok {
        return Some(format!("{}: no plan: {said}", case.what));
    }
    if let Some(word) = case.has.iter().find(|word| !plan.contains(**word)) {
        return Some(format!("{}: no `{word}` in the plan: {plan}", case.what));
    }
    if let Some(word) = case.lacks.iter().find(|word| plan.contains(**word)) {
        return Some(format!("{}: `{word}` in the plan", case.what));
    }
    if plan.contains(dir.path().to_str()?) {
        return Some(format!("{}: a path of this machine in the plan", case.what));
    }
    let (ok, report, said) = rbn_plan(case, dir.path(), &["verify", "--no-nix"]);
    (!ok).then(|| format!("{}: {report}{said}", case.what))
}

fn hold(cases: &[Case], more: &[(&str, &str)]) {
    let faults: Vec<String> = cases.iter().filter_map(|case| fault(case, more)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn where_a_value_stands() {
    hold(&PRECEDENCE, &[]);
}

#[test]
fn tables_of_targets() {
    hold(&TABLES, &[]);
    hold(&TARGETS, &[]);
}

#[test]
fn the_environment() {
    hold(&ENVIRONMENT, &[]);
}

#[test]
fn files_of_files() {
    hold(&INCLUDES, &[]);
}

#[test]
fn profiles() {
    hold(&PROFILES, &[]);
}

#[test]
fn sources_of_crates() {
    hold(&SOURCES, VENDORED);
}
