//! A toolchain's file that was rendered before, against the machine as it is now.

use crate::nix::escape;
use crate::toolchain::HostToolchain;
use crate::toolchain::seals::Seals;

/// What a host provider names and this machine does not have (any more), in words for people: lines of
/// the fingerprint, paths of what is sealed. Nothing for a text that is not of `toolchain host`.
///
/// Linkers and standard libraries for further targets may have come since: those are no difference. A
/// file without seals is of an older rbn-plan, whose steps check nothing: it differs.
#[must_use]
pub fn gone(text: &str, tools: &HostToolchain) -> Option<Vec<String>> {
    let then = block(text, "fingerprint = [", "];")?;
    let now: Vec<String> = tools.fingerprint.iter().map(|line| escape::string(line)).collect();
    let mut gone: Vec<String> = then
        .iter()
        .enumerate()
        .filter(|(at, line)| now.get(*at).is_none_or(|now| now != *line))
        .map(|(_, line)| line.trim_matches('"').to_owned())
        .collect();
    for (name, seals) in
        [("compilerSeals", &tools.compiler_seals), ("linkerSeals", &tools.linker_seals)]
    {
        let Some(then) = block(text, &format!("{name} = {{"), "};") else {
            gone.push(format!("{name}, which it lacks"));
            continue;
        };
        let now = lines(seals);
        let moved = then.iter().filter(|line| !now.iter().any(|now| now == *line));
        gone.extend(moved.map(|line| path_of(line).to_owned()));
    }
    Some(gone)
}

/// Whether a toolchain's file is of this machine's own tools: what is built with it takes things that
/// lie outside of the store and are no part of a hash, such as the libraries in `/usr` that crates link.
/// Its outputs are right on machines that are alike, and no others.
#[must_use]
pub fn is_of_a_machine(text: &str) -> bool {
    block(text, "fingerprint = [", "];").is_some()
}

/// The lines between the one that opens a value of a toolchain's file and the one that closes it.
fn block<'t>(text: &'t str, open: &str, close: &str) -> Option<Vec<&'t str>> {
    let (_, rest) = text.split_once(&format!("\n  {open}\n"))?;
    let lines = rest.lines().take_while(|line| *line != format!("  {close}"));
    Some(lines.map(str::trim).collect())
}

/// Seals as they stand in the file.
fn lines(seals: &Seals) -> Vec<String> {
    let line =
        |path: &str, seal: &str| format!("{} = {};", escape::attr(path), escape::string(seal));
    seals.iter().map(|(path, seal)| line(path.as_str(), seal)).collect()
}

fn path_of(line: &str) -> &str {
    line.split_once(" = ").map_or(line, |(path, _)| path).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::model::Triple;
    use crate::toolchain::provider::{render_host, render_nixpkgs};

    const HOST: &str = "x86_64-unknown-linux-gnu";

    fn tools() -> HostToolchain {
        let seals = |pairs: &[(&str, &str)]| -> Seals {
            pairs.iter().map(|(path, seal)| ((*path).into(), (*seal).to_owned())).collect()
        };
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
            fingerprint: vec!["rustc 1.95.0 (\"it\" ${x})".to_owned(), "cc 14".to_owned()],
            compiler_seals: seals(&[("/opt/rust/bin/rustc", "100 bytes, aa")]),
            linker_seals: seals(&[
                ("/usr/bin/cc", "7 bytes, bb"),
                ("/lib/libc.so.6", "9 bytes, cc"),
            ]),
            script_shell: "/usr/bin/dash".into(),
            sandbox_paths: vec!["/usr".into()],
            registries: BTreeMap::new(),
        }
    }

    /// What a file of `tools()` names and a machine that differs by `change` has not.
    fn moved(change: impl FnOnce(&mut HostToolchain)) -> Vec<String> {
        let text = render_host(&tools()).expect("a template that renders");
        let mut now = tools();
        change(&mut now);
        gone(&text, &now).expect("a host provider")
    }

    #[test]
    fn the_machine_is_the_one_it_was() {
        assert!(moved(|_| ()).is_empty());
        // More than before is no difference.
        assert!(
            moved(|tools| {
                tools.fingerprint.push("aarch64-linux-gnu-gcc 14".to_owned());
                tools.compiler_seals.insert("/opt/rust/other".into(), "3 entries, dd".to_owned());
                tools.linker_seals.insert("/usr/bin/aarch64-gcc".into(), "7 bytes, ee".to_owned());
            })
            .is_empty()
        );
    }

    #[test]
    fn another_compiler_linker_or_c_library() {
        let found = moved(|tools| tools.fingerprint[0] = "rustc 1.96.0".to_owned());
        assert_eq!(found, [r#"rustc 1.95.0 (\"it\" \${x})"#]);
        // An upgrade that says of itself what the one before said.
        let found = moved(|tools| {
            tools.compiler_seals.insert("/opt/rust/bin/rustc".into(), "101 bytes, aa".to_owned());
        });
        assert_eq!(found, ["/opt/rust/bin/rustc"]);
        let found = moved(|tools| {
            tools.linker_seals.insert("/lib/libc.so.6".into(), "9 bytes, cd".to_owned());
        });
        assert_eq!(found, ["/lib/libc.so.6"]);
        let found =
            moved(|tools| drop(tools.linker_seals.remove(camino::Utf8Path::new("/usr/bin/cc"))));
        assert_eq!(found, ["/usr/bin/cc"]);
    }

    #[test]
    fn files_of_others() {
        let nixpkgs = render_nixpkgs().expect("a template that renders");
        assert_eq!(gone(&nixpkgs, &tools()), None);
        assert!(!is_of_a_machine(&nixpkgs) && !is_of_a_machine("{ pkgs }: pkgs.mine"));
        let text = render_host(&tools()).expect("a template that renders");
        assert!(is_of_a_machine(&text));
        let (before, rest) = text.split_once("\n  compilerSeals = {\n").expect("seals");
        let (_, after) = rest.split_once("\n  };\n").expect("their end");
        let older = format!("{before}\n{after}");
        assert_eq!(gone(&older, &tools()), Some(vec!["compilerSeals, which it lacks".to_owned()]));
    }
}
