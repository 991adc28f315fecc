//! `config.toml`: good files, bad files, layers, the reference page.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;
use rbn_plan::cli::config::{json, text};
use rbn_plan::input::config::schema::{self, Role};
use rbn_plan::input::config::{
    Config, ConfigError, Environment, Layers, Loaded, Machine, Origin, Overrides, Place, load,
    reference,
};
use rbn_plan::model::Triple;
use rbn_plan::nix::System;

fn machine() -> Machine {
    let host = Triple::new("x86_64-unknown-linux-gnu").unwrap();
    Machine { system: System::X8664Linux, host }
}

fn resolve(
    input: &str,
    environment: &[(&str, &str)],
    flags: &Overrides,
) -> Result<Loaded, ConfigError> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::resolve(&Layers {
        file: Some((Utf8Path::new("config.toml"), input)),
        environment: &Environment::new(environment.iter().map(own)),
        flags,
        machine: &machine(),
    })
}

fn fixture(name: &str) -> String {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn rendered(error: &dyn Diagnostic) -> String {
    let mut page = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(80)
        .render_report(&mut page, error)
        .unwrap();
    page.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What `rbn-plan config` shows of `input`, or how it is refused.
fn shown(input: &str) -> String {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => text(&loaded),
        Err(error) => rendered(&error),
    }
}

/// The problems of `input`: the text at the span, and the sentence.
fn problems(input: &str) -> String {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => format!("no problem; notices: {:#?}", loaded.notices),
        Err(ConfigError::Invalid { problems, .. }) => problems
            .iter()
            .map(|problem| {
                let at = match &problem.place {
                    Place::Span(span) => format!("{:?}", &input[span.clone()]),
                    other => format!("{other:?}"),
                };
                let help = problem.help().map(|help| format!(" [{help}]")).unwrap_or_default();
                format!("{at}: {problem}{help}\n")
            })
            .collect(),
        Err(other) => rendered(&other),
    }
}

#[test]
fn a_full_file() {
    insta::assert_snapshot!(shown(&fixture("full.toml")), @"");
}

#[test]
fn an_empty_file_is_all_defaults() {
    insta::assert_snapshot!(shown(""), @"");
}

#[test]
fn the_older_layout() {
    insta::assert_snapshot!(shown(&fixture("older.toml")), @"");
}

#[test]
fn a_configuration_of_the_compiler() {
    insta::assert_snapshot!(shown(&fixture("bootstrap.toml")), @"");
}

#[test]
fn every_problem_at_once_with_its_place() {
    insta::assert_snapshot!(problems(&fixture("bad.toml")), @"");
}

#[test]
fn one_problem_as_the_user_sees_it() {
    insta::assert_snapshot!(shown("[build]\nproflie = \"dev\"\n"), @"");
}

#[test]
fn set_twice() {
    insta::assert_snapshot!(problems(&fixture("duplicate.toml")), @"");
    insta::assert_snapshot!(problems("HOME = '/a'\nenv.HOME = '/b'\n"), @"");
    // What only counts where it fits yields, wherever it stands.
    let good = "/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0";
    for order in [
        format!("rustc = '/x'\n[toolchain]\nrustc = '{good}'\n"),
        format!("toolchain.rustc = '{good}'\n[build]\nrustc = '/x'\n"),
    ] {
        let loaded = resolve(&order, &[], &Overrides::default()).unwrap();
        assert!(text(&loaded).contains(&format!("rustc = \"{good}\"")), "{order}");
        assert_eq!(loaded.notices.len(), 1, "{order}");
        assert_eq!(loaded.notices[0].message, "no effect: `toolchain.rustc` is set");
    }
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(
        problems(
            "build = 1\ntarget = []\n[[nix]]\n[override]\nx = 'y'\nz = [1]\n[env]\nA = 1\nB = {}\n\
             C = { value = 1 }\n[toolchain]\ncomponents = ['a', 2]\n[sccache]\nenable = 'yes'\nsize = 1.5\n"
        ),
        @""
    );
}

#[test]
fn toolchains() {
    insta::assert_snapshot!(problems("[toolchain]\nchannel = 'nightly'\ncomponents = ['clippy']\n"), @"");
    insta::assert_snapshot!(problems("[toolchain]\nprovider = 'store'\n"), @"");
    insta::assert_snapshot!(problems("[toolchain]\nprovider = 'hots'\nversion = '1.x'\n"), @"");
    insta::assert_snapshot!(
        problems("toolchain.cargo = '/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-cargo'\n"),
        @""
    );
    insta::assert_snapshot!(shown_section("[toolchain]\ninput = 'nixpkgs'\n", "toolchain"), @"");
    insta::assert_snapshot!(shown_section("[toolchain]\nprovider = 'input'\n", "toolchain"), @"");
    insta::assert_snapshot!(
        shown_section("[nix]\nrust_overlay_path = '../overlay'\n[rust]\nchannel = 'beta'\n", "toolchain"),
        @""
    );
}

/// One table of what `rbn-plan config` shows.
fn shown_section(input: &str, section: &str) -> String {
    let page = shown(input);
    let from =
        page.find(&format!("[{section}]")).unwrap_or_else(|| panic!("no [{section}] in:\n{page}"));
    page[from..].split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn suggestions_reach_into_other_sections() {
    insta::assert_snapshot!(
        problems(
            "toolchian.input = 'x'\nlinker = 'cc'\n[rust]\nlldd = true\n[override.a]\nbuild_inputs = []\n\
             [target.x86_64-unknown-linux-gnu]\ncxxx = 1\n[nothing]\nlike = 'it'\n"
        ),
        @""
    );
}

#[test]
fn not_toml() {
    insta::assert_snapshot!(problems("[build\nprofile = dev\nunknown = 1\n"), @"");
    let many = "x = <\n".repeat(500);
    insta::assert_snapshot!(shown(&many).lines().nth(2).unwrap_or_default(), @"");
}

#[test]
fn huge_nesting() {
    for deep in [
        format!("build = {}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("a{} = 1", ".a".repeat(100_000)),
        format!("env.A = {}", "{ value = ".repeat(50_000)),
        format!("[{}]", vec!["override"; 50_000].join(".")),
    ] {
        let refused = resolve(&deep, &[], &Overrides::default());
        assert!(matches!(refused, Err(ConfigError::Invalid { .. })));
    }
}

#[test]
fn layers_from_default_to_flag() {
    let file =
        "[build]\nprofile = 'a'\ntargets = ['aarch64-unknown-linux-musl']\nworkspace = true\n";
    let environment = [
        ("RBN_PLAN_PROFILE", "b"),
        ("RBN_PLAN_TARGETS", "x86_64-unknown-linux-musl, i686-unknown-linux-gnu"),
        ("RBN_PLAN_OUTPUT", ""),
        ("RBN_PLAN_SCCACHE", "0"),
        ("RBN_PLAN_TARGTES", "x"),
        ("RBN_PLAN_INTERNAL_X", "x"),
        ("HOME", "/home/someone"),
    ];
    let flags = Overrides {
        release: true,
        packages: vec!["app".into()],
        features: vec!["a b,c".into()],
        ..Overrides::default()
    };
    let loaded = resolve(file, &environment, &flags).unwrap();
    insta::assert_snapshot!(text(&loaded), @"");
    assert!(loaded.config.build.profile.is_set());
    assert_eq!(loaded.config.build.features.origin, Origin::Flag { flag: "--features" });
}

#[test]
fn problems_of_environment_and_flags_have_no_span() {
    let flags = Overrides { targets: vec!["x86_64-linux".into()], ..Overrides::default() };
    let environment = [("RBN_PLAN_SCCACHE", "maybe"), ("RBN_PLAN_SYSTEMS", "darwin")];
    let error = resolve("[build]\nprofile = ''\n", &environment, &flags).unwrap_err();
    insta::assert_snapshot!(rendered(&error), @"");
}

#[test]
fn a_weaker_layer_is_checked_too() {
    let flags =
        Overrides { targets: vec!["x86_64-unknown-linux-gnu".into()], ..Overrides::default() };
    assert!(resolve("build.targets = ['what']\n", &[], &flags).is_err());
    // As in Cargo, --workspace wins over -p; and a flag's choice over the file's.
    let flags = Overrides { workspace: true, packages: vec!["a".into()], ..Overrides::default() };
    let loaded = resolve("build.packages = ['b']\n", &[], &flags).unwrap();
    assert!(text(&loaded).contains("workspace = true  # --workspace"), "{}", text(&loaded));
}

#[test]
fn the_text_is_itself_a_configuration() {
    for name in ["full.toml", "older.toml", "bootstrap.toml"] {
        let first = resolve(&fixture(name), &[], &Overrides::default()).unwrap();
        let page = text(&first);
        let second = resolve(&page, &[], &Overrides::default())
            .unwrap_or_else(|error| panic!("{name}: {}\n{page}", rendered(&error)));
        let plain = |loaded: &Loaded| -> Vec<_> {
            loaded.config.entries().into_iter().map(|entry| (entry.key(), entry.value)).collect()
        };
        assert_eq!(plain(&first), plain(&second), "{name}");
        let long: Vec<&str> = page.lines().filter(|line| line.chars().count() > 80).collect();
        // A single string cannot be broken.
        assert!(long.iter().all(|line| !line.contains("  #")), "{long:?}");
    }
}

#[test]
fn secrets_are_hidden() {
    let loaded = resolve(&fixture("full.toml"), &[], &Overrides::default()).unwrap();
    assert!(!text(&loaded).contains("not-for-eyes"));
    assert!(!json(&loaded).contains("not-for-eyes"));
}

#[test]
fn json_document() {
    let loaded = resolve("vendor = true\nprofile = 'x'\n", &[], &Overrides::default()).unwrap();
    let document: serde_json::Value = serde_json::from_str(&json(&loaded)).unwrap();
    assert_eq!(document["format_version"], 1);
    assert_eq!(document["file"], "config.toml");
    let settings = document["settings"].as_array().unwrap();
    let vendor = settings.iter().find(|setting| setting["key"] == "build.vendor").unwrap();
    insta::assert_snapshot!(vendor, @"");
    insta::assert_snapshot!(document["notices"], @"");
}

#[test]
fn overrides_apply_by_name_version_and_kind() {
    use rbn_plan::input::config::OverrideKind::{Lib, Run};
    let loaded = resolve(&fixture("full.toml"), &[], &Overrides::default()).unwrap();
    let numbers = |package: &str, version: &str, kind| -> Vec<usize> {
        let version = version.parse().unwrap();
        loaded.config.overrides_for(package, &version, kind).map(|(number, _)| number).collect()
    };
    assert_eq!(numbers("openssl-sys", "0.9.104", Run), [0]);
    assert_eq!(numbers("openssl-sys", "0.9.104", Lib), [] as [usize; 0]);
    assert_eq!(numbers("openssl-sys", "0.10.0", Run), [] as [usize; 0]);
    assert_eq!(numbers("ring", "0.17.8", Lib), [1, 2]);
    assert_eq!(numbers("ring", "0.16.0", Lib), [1]);
    assert_eq!(numbers("other", "1.0.0", Lib), [] as [usize; 0]);
}

#[test]
fn files_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let from = |named: Option<&Utf8Path>, environment: &[(&str, &str)]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = Environment::new(environment.iter().map(own));
        load(root, named, &environment, &Overrides::default(), &machine())
    };
    assert_eq!(from(None, &[]).unwrap().config.file, None);

    fs::write(root.join("config.toml"), "build.profile = 'one'\n").unwrap();
    fs::write(root.join("other.toml"), "\u{feff}build.profile = 'two'\r\n").unwrap();
    let one = from(None, &[]).unwrap().config;
    assert_eq!(one.file, Some(Utf8PathBuf::from("config.toml")));
    assert_eq!(one.build.profile.value.as_str(), "one");
    let other = root.join("other.toml");
    let two = from(None, &[("RBN_PLAN_CONFIG", other.as_str())]).unwrap().config;
    assert_eq!(two.build.profile.value.as_str(), "two");
    assert_eq!(two.build.profile.origin.to_string(), "other.toml:1");

    let missing = root.join("missing.toml");
    assert!(matches!(from(Some(&missing), &[]), Err(ConfigError::Unreadable { .. })));
    assert!(matches!(from(Some(root), &[]), Err(ConfigError::Unreadable { .. })));
    let latin1 =
        Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config/latin1.toml");
    fs::copy(latin1, root.join("latin1.toml")).unwrap();
    let error = from(Some(&root.join("latin1.toml")), &[]).unwrap_err();
    insta::assert_snapshot!(rendered(&error), @"");
}

#[test]
fn the_reference_page_is_up_to_date() {
    let path = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    let page = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(page, reference(), "run: rbn-plan config --reference > docs/config.md");
}

#[test]
fn the_reference_page_has_every_key_and_no_other() {
    let page = reference();
    let mut named: Vec<&str> = page
        .lines()
        .filter_map(|line| {
            ["### `", "| `", "- `"]
                .iter()
                .find_map(|start| line.strip_prefix(start))?
                .split('`')
                .next()
        })
        .filter(|name| !name.starts_with("RBN_PLAN_"))
        .collect();
    let mut keys: Vec<&str> = schema::keys().iter().map(|key| &*key.path).collect();
    named.sort_unstable();
    keys.sort_unstable();
    assert_eq!(named, keys);
    keys.dedup();
    assert_eq!(named.len(), keys.len(), "a key is in the schema twice");
}

/// Every example of the page is accepted, and every setting and alias is really read: its line
/// shows up as the origin of an effective value or of a notice.
#[test]
fn every_key_is_read() {
    for key in schema::keys() {
        let path =
            key.path.replace("<triple>", "aarch64-unknown-linux-gnu").replace("<crate>", "a");
        let path = path.replace("<VARIABLE>", "SCCACHE_X").replace("<name>", "nixpkgs");
        let example = if key.role == Role::Bootstrap { "1" } else { key.example };
        let store = "'/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc'";
        let beside = match path.as_str() {
            "toolchain.cargo" => format!("toolchain.rustc = {store}\n"),
            "toolchain.channel" | "toolchain.version" | "toolchain.components" => {
                "toolchain.input = 'fenix'\n".to_owned()
            }
            _ => String::new(),
        };
        let lines = beside.lines().count() + 1;
        let input = format!("{beside}{path} = {example}\n");
        let loaded = resolve(&input, &[], &Overrides::default())
            .unwrap_or_else(|error| panic!("{input}{}", rendered(&error)));
        let here = Origin::File { path: "config.toml".into(), line: lines };
        let effective = loaded.config.entries().iter().any(|entry| entry.origin == here);
        let noticed = loaded.notices.iter().any(|notice| notice.origin == here);
        match key.role {
            Role::Setting | Role::Alias(_) => assert!(effective, "no effect: {input}"),
            Role::Lenient(_) => assert!(effective || noticed, "silently ignored: {input}"),
            Role::NoEffect(_) | Role::Bootstrap => assert!(noticed, "silently ignored: {input}"),
        }
    }
}

#[test]
fn aliases_lead_to_settings() {
    for key in schema::keys() {
        if let Role::Alias(of) | Role::Lenient(of) = key.role {
            let fits = |setting: &&schema::Key| {
                setting.role == Role::Setting
                    && setting.path.split('.').count() == of.split('.').count()
                    && setting
                        .path
                        .split('.')
                        .zip(of.split('.'))
                        .all(|(a, b)| a == b || a.starts_with('<'))
            };
            assert!(schema::keys().iter().any(|setting| fits(&setting)), "{} -> {of}", key.path);
        }
    }
}

/// A value of any type, a few levels deep.
fn value() -> impl Strategy<Value = toml::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(toml::Value::Boolean),
        any::<i64>().prop_map(toml::Value::Integer),
        any::<f64>().prop_map(toml::Value::Float),
        any::<String>().prop_map(toml::Value::String),
        "[a-z0-9_./^-]{0,12}".prop_map(toml::Value::String),
        Just(toml::Value::String("/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-x".into())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(toml::Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|table| toml::Value::Table(table.into_iter().collect())),
        ]
    })
}

/// A key of the schema, or a random one, with a random value.
fn document() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        schema::keys().iter().map(|key| key.path.to_string()).collect::<Vec<_>>(),
    );
    let path = prop_oneof![4 => known, 1 => "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}"];
    let filled = (path, any::<String>()).prop_map(|(path, name)| {
        let name = toml::Value::String(name.replace(['\n', '\r'], " ")).to_string();
        path.split('.')
            .map(|part| if part.starts_with('<') { name.clone() } else { part.to_owned() })
            .collect::<Vec<_>>()
            .join(".")
    });
    prop::collection::vec((filled, value()), 0..6)
        .prop_map(|lines| lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect())
}

/// Whatever the outcome: nothing panics, every span is text of the input, everything can be shown.
fn survives(input: &str) {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => {
            let _ = (text(&loaded), json(&loaded));
        }
        Err(error) => {
            let _ = rendered(&error);
            if let ConfigError::Invalid { problems, .. } = &error {
                assert!(!problems.is_empty());
                for problem in problems {
                    if let Place::Span(span) = &problem.place {
                        assert!(input.get(span.clone()).is_some(), "{problem} at {span:?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_document_is_survived(input in document()) {
        survives(&input);
    }

    #[test]
    fn any_text_is_survived(input in any::<String>()) {
        survives(&input);
    }

    #[test]
    fn a_mutilated_file_is_survived(from in 0usize..1200, length in 0usize..40, with in "[\\[\\]{}=\"'.\n#a-z\u{e9}\u{0}]{0,6}") {
        let mut input = fixture("full.toml");
        let end = (from + length).min(input.len());
        if from < end && input.is_char_boundary(from) && input.is_char_boundary(end) {
            input.replace_range(from..end, &with);
        }
        survives(&input);
    }
}
