//! The schema, its reference page and what reads it agree.

use std::fs;

use camino::Utf8Path;
use rbn_plan::config::schema::{self, Role};
use rbn_plan::config::{Origin, Overrides, reference};

use super::{rendered, resolve};

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

/// A default that the page gives as a value is the one that holds.
#[test]
fn the_defaults_of_the_page_hold() {
    let entries = resolve("", &[], &Overrides::default()).unwrap().config.entries();
    let mut compared = 0;
    for entry in entries {
        let Some(key) = schema::keys().iter().find(|key| key.path == entry.key()) else {
            panic!("{} is not in the schema", entry.key());
        };
        let Ok(said) = format!("x = {}", key.default).parse::<toml::Table>() else { continue };
        assert_eq!(Some(&said["x"]), entry.value.as_ref(), "{}", key.path);
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} defaults were compared");
}

/// Every example of the page is TOML that the schema knows, under the header that it is shown with.
#[test]
fn the_examples_of_the_page_are_read() {
    let page = reference();
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 30, "only {} examples", blocks.len());
    for block in blocks {
        let Err(error) = resolve(block, &[], &Overrides::default()) else { continue };
        // A few keys need another beside them, which the page says.
        assert!(rendered(&error).contains("has no meaning without"), "{block}{}", rendered(&error));
    }
}
