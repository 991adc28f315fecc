//! `rbn-plan doctor --fix`: the lines that nix.conf lacks, shown, asked for, and added.

use std::io::{self, BufRead as _, IsTerminal as _};

use camino::Utf8Path;

use super::{CommandResult, Outcome};
use crate::doctor::{Facts, Finding, fix};
use crate::files::{reader, writer};

/// Shows what nix.conf lacks, and adds it if that is wanted: `yes`, or who sits at the terminal says so.
pub fn mend(facts: &Facts, findings: &[Finding], yes: bool) -> CommandResult {
    let lines = fix::lines(findings);
    if lines.is_empty() {
        eprintln!("nix.conf lacks nothing that is known here");
        return Ok(Outcome::Done);
    }
    let dir = |variable: &str| std::env::var(variable).ok().filter(|dir| !dir.is_empty());
    let machine = dir("NIX_CONF_DIR").unwrap_or_else(|| "/etc/nix".to_owned());
    let home = || dir("HOME").map(|home| format!("{home}/.config"));
    let user = dir("XDG_CONFIG_HOME").or_else(home).unwrap_or_default();
    let target = fix::target(facts, Utf8Path::new(&machine), &Utf8Path::new(&user).join("nix"));
    let (fix::Target::File(file) | fix::Target::Root(file)) = &target;
    eprintln!("for {file}:");
    for line in &lines {
        eprintln!("    {line}");
    }
    if matches!(target, fix::Target::Root(_)) {
        return Err(miette::miette!(
            help = "add the lines above as root, then: systemctl restart nix-daemon",
            "{file} is read by Nix's daemon, and only root may write it"
        ));
    }
    // NixOS makes the file anew from its own configuration.
    if std::fs::canonicalize(file).is_ok_and(|real| real.starts_with("/nix/store")) {
        return Err(miette::miette!(
            help = "add the lines to `nix.extraOptions` of the machine's configuration",
            "{file} is made by NixOS, and is not written here"
        ));
    }
    if !yes {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            eprintln!(
                "nothing was written: there is no terminal to ask on\n\
                 help: `rbn-plan doctor --fix --yes` writes without asking"
            );
            return Ok(Outcome::Different);
        }
        if !is_wanted(file) {
            eprintln!("nothing was written");
            return Ok(Outcome::Different);
        }
    }
    let before = reader::text_if_there(file)?.unwrap_or_default();
    writer::write(file, &fix::added(&before, &lines))?;
    eprintln!("wrote {file}; to take it back, remove there what stands below `{}`", fix::MARK);
    if facts.daemon {
        eprintln!("next: systemctl restart nix-daemon");
    }
    Ok(Outcome::Done)
}

/// What the one at the terminal says. Whatever is not yes is no.
fn is_wanted(file: &Utf8Path) -> bool {
    eprint!("Add these lines to {file}? [y/N] ");
    let mut answer = String::new();
    match io::stdin().lock().read_line(&mut answer) {
        // The line was not ended by who typed: Ctrl-D.
        Ok(0) | Err(_) => {
            eprint!("\n");
            false
        }
        Ok(_) => matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"),
    }
}
