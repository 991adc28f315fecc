//! Checks of the machine.

use camino::Utf8Path;

use super::facts::{Facts, Socket, ToolchainState};
use super::{Finding, State};
use crate::cache::{self, Version};
use crate::model::Triple;
use crate::nix::NixVersion;
use crate::toolchain::{SCRIPT_SHELL, is_other_architecture, prefixes};

/// Less free space than this is soon full.
const ENOUGH: u64 = 5 << 30;

const NEEDS_NIX: &str = "cannot be told without Nix";

fn words<'f>(facts: &'f Facts, names: &[&str]) -> Vec<&'f str> {
    let values = names.iter().filter_map(|name| facts.settings.get(*name));
    values.flat_map(|value| value.split_whitespace()).collect()
}

/// What the sandbox shows of this machine. `inside=outside?`: what counts is where it is inside.
fn shown(facts: &Facts) -> impl Iterator<Item = &str> {
    words(facts, &["sandbox-paths", "extra-sandbox-paths"])
        .into_iter()
        .map(|path| path.split('=').next().unwrap_or(path).trim_end_matches('?'))
}

/// Nix and its version.
pub(super) fn nix(facts: &Facts) -> Finding {
    let check = "nix";
    let Some(said) = &facts.nix else {
        return Finding::new(check, State::Missing, "there is no `nix` on PATH")
            .cure("install Nix: `apt-get install nix-bin`, or as nixos.org/download says");
    };
    match NixVersion::said(said) {
        Some(version) if version >= NixVersion::OLDEST => {
            Finding::new(check, State::Good, said.as_str())
        }
        Some(_) => Finding::new(check, State::Weak, format!("{said} is old"))
            .cure(format!("install Nix {} or newer", NixVersion::OLDEST)),
        None => Finding::new(check, State::Note, format!("a Nix that calls itself `{said}`")),
    }
}

/// The commands that plans are built with.
pub(super) fn features(facts: &Facts) -> Finding {
    let check = "flakes";
    if facts.nix.is_none() {
        return Finding::new(check, State::Note, NEEDS_NIX);
    }
    let cure = "add to nix.conf: experimental-features = nix-command flakes";
    if !facts.nix_command {
        return Finding::new(check, State::Missing, "the `nix` command is not switched on")
            .cure(cure);
    }
    if words(facts, &["experimental-features"]).contains(&"flakes") {
        return Finding::new(check, State::Good, "nix-command and flakes are on");
    }
    let wanted = facts.project.as_ref().is_some_and(|project| project.has_flake);
    let state = if wanted { State::Missing } else { State::Weak };
    Finding::new(check, state, "flakes are not switched on").cure(cure)
}

/// Steps have fixed places, which only the sandbox gives them.
pub(super) fn sandbox(facts: &Facts) -> Finding {
    let check = "sandbox";
    match facts.settings.get("sandbox").map(String::as_str) {
        None => Finding::new(check, State::Note, NEEDS_NIX),
        // `relaxed` lets out only what asks for it.
        Some("true" | "relaxed") => Finding::new(check, State::Good, "builds run in Nix's sandbox"),
        Some(value) => Finding::new(check, State::Missing, format!("sandbox = {value}"))
            .cure("add to nix.conf: sandbox = true"),
    }
}

/// What the machine's own toolchain needs inside the sandbox.
pub(super) fn sandbox_paths(facts: &Facts) -> Finding {
    let check = "sandbox paths";
    let uses_host = facts
        .project
        .as_ref()
        .is_none_or(|project| project.host_toolchain && project.toolchain != ToolchainState::Store);
    if !uses_host {
        return Finding::new(check, State::Good, "the toolchain comes from the store: none needed");
    }
    let Some(Ok(host)) = &facts.host else {
        return Finding::new(check, State::Note, "cannot be told without a toolchain");
    };
    if !facts.settings.contains_key("sandbox") {
        return Finding::new(check, State::Note, NEEDS_NIX);
    }
    let is_shown = |path: &Utf8Path| shown(facts).any(|shown| path.starts_with(shown));
    let missing = host.sandbox_paths.iter().filter(|path| !is_shown(path));
    let missing: Vec<&str> = missing.map(|path| path.as_str()).collect();
    let script_shell = (!is_shown(SCRIPT_SHELL.into())).then(|| host.shown_script_shell());
    let list = missing.iter().copied().chain(script_shell.as_deref()).collect::<Vec<_>>().join(" ");
    let finding = if !missing.is_empty() {
        let missing = missing.join(" ");
        Finding::new(check, State::Missing, format!("the sandbox does not show {missing}"))
    } else if script_shell.is_some() {
        let without = "which scripts and makefiles of C libraries run";
        let without = format!("the sandbox does not show {SCRIPT_SHELL}, {without}");
        Finding::new(check, State::Weak, without)
    } else {
        return Finding::new(check, State::Good, "the sandbox shows the machine's toolchain");
    };
    finding.cure(format!("add to nix.conf: extra-sandbox-paths = {list}"))
}

/// Who builds.
pub(super) fn build_users(facts: &Facts) -> Finding {
    let check = "build users";
    let Some(group) = facts.settings.get("build-users-group") else {
        return Finding::new(check, State::Note, NEEDS_NIX);
    };
    let shown = "the store paths and the toolchain that the sandbox shows them, the compile cache's program";
    if !facts.root && !facts.daemon {
        let found =
            format!("single user: builds run as you, and can change what is yours: {shown}");
        return Finding::new(check, State::Note, found);
    }
    if group.is_empty() {
        let found = format!("none: builds run as root, and can change what is root's: {shown}");
        return Finding::new(check, State::Weak, found).cure(
            "where builds run code that you do not trust: make build users (docs/trust.md), and in nix.conf: build-users-group = nixbld",
        );
    }
    match facts.groups.get(group) {
        Some(0) => Finding::new(check, State::Missing, format!("the group {group} has no members"))
            .cure("make build users, or add to nix.conf: build-users-group ="),
        Some(count) => Finding::new(check, State::Good, format!("{count} in the group {group}")),
        None => Finding::new(check, State::Missing, format!("there is no group {group}"))
            .cure("make it with its build users, or add to nix.conf: build-users-group ="),
    }
}

/// How many steps are built at once: Nix's own default is one.
pub(super) fn jobs(facts: &Facts) -> Finding {
    let check = "jobs";
    let Some(jobs) = facts.settings.get("max-jobs") else {
        return Finding::new(check, State::Note, NEEDS_NIX);
    };
    let remote = facts.settings.get("builders").is_some_and(|builders| !builders.trim().is_empty());
    let cure = "add to nix.conf: max-jobs = auto";
    match (jobs.as_str(), facts.processors) {
        ("0", _) if remote => Finding::new(check, State::Good, "all steps go to other machines"),
        ("0", _) => {
            Finding::new(check, State::Missing, "max-jobs = 0: nothing is built here").cure(cure)
        }
        ("1", Some(processors)) if processors > 1 => {
            let found = format!("max-jobs = 1: one step at a time, on {processors} processors");
            Finding::new(check, State::Weak, found).cure(cure)
        }
        (jobs, _) => Finding::new(check, State::Good, format!("up to {jobs} at once (max-jobs)")),
    }
}

/// Room in the store.
pub(super) fn space(facts: &Facts) -> Finding {
    let check = "store space";
    let Some(free) = facts.free else {
        return Finding::new(check, State::Note, "there is no store yet");
    };
    let gib = free >> 30;
    if free >= ENOUGH {
        return Finding::new(check, State::Good, format!("{gib} GiB free"));
    }
    Finding::new(check, State::Weak, format!("only {gib} GiB free")).cure("nix-collect-garbage")
}

/// The machine's compiler.
pub(super) fn toolchain(facts: &Facts) -> Finding {
    let check = "toolchain";
    let needed = facts.project.as_ref().is_none_or(|project| project.host_toolchain);
    match &facts.host {
        Some(Ok(host)) => {
            let version = host.fingerprint.first().map_or("rustc", String::as_str);
            Finding::new(check, State::Good, format!("{version}, linker `cc`"))
        }
        Some(Err(reason)) => {
            // Planning asks rustc and Cargo even where others build.
            let state = if needed { State::Missing } else { State::Weak };
            // rustup's words, for a toolchain that the project names.
            let cure = match reason.contains("toolchain '") && reason.contains("is not installed") {
                true => {
                    "`rustup toolchain install` in this directory, or another toolchain in its rust-toolchain.toml"
                }
                false => "install Rust (rustup.rs) and a C compiler (`apt-get install gcc`)",
            };
            Finding::new(check, state, reason.as_str()).cure(cure)
        }
        None => Finding::new(check, State::Note, "not looked at"),
    }
}

/// A standard library for every target.
pub(super) fn standard_libraries(facts: &Facts) -> Finding {
    let check = "standard libraries";
    let Some(Ok(host)) = &facts.host else {
        return Finding::new(check, State::Note, "cannot be told without a toolchain");
    };
    let (here, others) = targets(facts);
    let own = host.host.as_str();
    let wanted: Vec<&str> =
        std::iter::once(own).chain(here.into_iter().filter(|t| *t != own)).collect();
    let lacks = |target: &&str| !host.targets.contains(*target);
    let cure = |missing: &str| {
        format!(
            "`rustup target add {missing}`, or the package of your distribution, then `rbn-plan toolchain host`"
        )
    };
    let compiler = host.fingerprint.first().map_or("rustc", String::as_str);
    let missing = wanted.iter().copied().filter(lacks).collect::<Vec<_>>().join(" ");
    if !missing.is_empty() {
        return Finding::new(check, State::Missing, format!("{compiler} has none for {missing}"))
            .cure(cure(&missing));
    }
    let elsewhere = others.into_iter().filter(lacks).collect::<Vec<_>>().join(" ");
    without(check, wanted.join(" "), &elsewhere, cure)
}

/// A linker for every target.
pub(super) fn linkers(facts: &Facts) -> Finding {
    let check = "linkers";
    let Some(Ok(host)) = &facts.host else {
        return Finding::new(check, State::Note, "cannot be told without a toolchain");
    };
    let has = |target: &Triple| host.linkers.keys().any(|known| known == target);
    let lacking = |targets: Vec<&str>| -> Vec<Triple> {
        let triples = targets.into_iter().filter_map(|target| Triple::new(target).ok());
        triples.filter(|target| is_other_architecture(target, &host.host) && !has(target)).collect()
    };
    // Debian names a package by the compiler's prefix.
    let cure = |missing: &[Triple]| {
        let prefix = missing.first().and_then(|first| prefixes(first).pop()).unwrap_or_default();
        format!("install a C compiler for it, such as Debian's gcc-{}", prefix.replace('_', "-"))
    };
    let names =
        |missing: &[Triple]| missing.iter().map(Triple::as_str).collect::<Vec<_>>().join(" ");
    let (here, others) = targets(facts);
    let missing = lacking(here);
    if !missing.is_empty() {
        return Finding::new(check, State::Missing, format!("none for {}", names(&missing)))
            .cure(cure(&missing));
    }
    let known = host.linkers.keys().map(Triple::as_str);
    let known = std::iter::once("cc").chain(known).collect::<Vec<_>>().join(", ");
    let elsewhere = lacking(others);
    without(check, known, &names(&elsewhere), |_| cure(&elsewhere))
}

/// The targets that are built here with the machine's own toolchain, and those that are not.
fn targets(facts: &Facts) -> (Vec<&str>, Vec<&str>) {
    let project = facts.project.as_ref().filter(|project| project.host_toolchain);
    let Some(project) = project else { return (Vec::new(), Vec::new()) };
    let [here, others] = [&project.targets, &project.other_targets]
        .map(|targets| targets.iter().map(String::as_str).collect());
    (here, others)
}

/// What is there, which is all that a build here needs; and what is not for `elsewhere`, targets of the plan.
fn without(
    check: &'static str,
    known: String,
    elsewhere: &str,
    cure: impl FnOnce(&str) -> String,
) -> Finding {
    if elsewhere.is_empty() {
        return Finding::new(check, State::Good, known);
    }
    let found =
        format!("{known}; none for {elsewhere}, which `rbn-plan build` does not build here");
    Finding::new(check, State::Note, found)
        .cure(format!("to build that here, too: {}", cure(elsewhere)))
}

/// Emulators, which run the programs of another architecture (its tests, its build machine's steps).
pub(super) fn emulation(facts: &Facts) -> Finding {
    let check = "emulation";
    let known: Vec<&str> = facts.binfmt.keys().map(String::as_str).collect();
    if !known.is_empty() {
        let inside: Vec<&str> = facts
            .binfmt
            .iter()
            .filter(|(_, fixed)| **fixed)
            .map(|(name, _)| name.as_str())
            .collect();
        if inside.is_empty() {
            let found = format!("the kernel knows {}, but not inside a sandbox", known.join(" "));
            return Finding::new(check, State::Weak, found).cure(
                "register them with the flag F: `apt-get install qemu-user-static binfmt-support`",
            );
        }
        return Finding::new(check, State::Good, format!("binfmt: {}", inside.join(" ")));
    }
    if facts.emulators.is_empty() {
        return Finding::new(
            check,
            State::Note,
            "no qemu, no binfmt: only needed to run other machines' programs",
        );
    }
    let list: Vec<&str> = facts.emulators.iter().map(String::as_str).collect();
    Finding::new(
        check,
        State::Note,
        format!("{}, not known to the kernel (binfmt)", list.join(" ")),
    )
}

/// What sees which files processes read.
pub(super) fn tracer(facts: &Facts) -> Finding {
    let check = "strace";
    if facts.strace {
        return Finding::new(check, State::Good, "`rbn-plan verify --files` can watch processes");
    }
    Finding::new(check, State::Note, "not installed: only `rbn-plan verify --files` needs it")
        .cure("apt-get install strace")
}

/// The cache of compilations.
pub(super) fn sccache(facts: &Facts) -> Finding {
    let check = "sccache";
    let without = "builds work without it";
    let finding = |state, found: String| Finding::new(check, state, found);
    let old =
        facts.sccache.as_deref().and_then(Version::parse).filter(|found| *found < cache::OLDEST);
    let start = match (&facts.sccache, old) {
        (Some(_), None) => "rbn-plan cache start".to_owned(),
        _ => format!("{}, then rbn-plan cache start", cache::INSTALL),
    };
    let version = match (&facts.sccache, old) {
        (None, _) => "not installed".to_owned(),
        (Some(version), None) => version.clone(),
        (Some(version), Some(_)) => {
            format!("{version}, older than the {} that serves a sandbox", cache::OLDEST)
        }
    };
    match &facts.socket {
        Socket::Unwanted => finding(State::Note, "switched off in config.toml".to_owned()),
        // The daemon has a copy of its own; what is on PATH is not asked.
        Socket::Alive(socket) | Socket::Open(socket) | Socket::Closed(socket) => {
            let answers = match &facts.socket {
                Socket::Closed(_) => format!("a socket for builds alone at {socket}"),
                _ => format!("a daemon answers at {socket}"),
            };
            if facts.settings.contains_key("sandbox")
                && !shown(facts).any(|path| cache::SHOWN == path)
            {
                let line = cache::nix_conf(socket.parent().unwrap_or(socket), None);
                return finding(
                    State::Weak,
                    format!("{answers}, but the sandbox does not show it; {without}"),
                )
                .cure(format!("add to nix.conf: {line}"));
            }
            match &facts.socket {
                Socket::Closed(_) => finding(State::Good, answers),
                Socket::Open(_) => {
                    let said =
                        "every build that sees it may add to it, and so forge what others get";
                    finding(State::Note, format!("{answers}; {said}"))
                }
                _ => finding(State::Good, format!("{answers}; builds only read")),
            }
        }
        Socket::Bare(socket) => finding(
            State::Weak,
            format!("a bare sccache listens at {socket}: builds can have it run any program"),
        )
        .cure("end that process, then rbn-plan cache start"),
        Socket::Hung(socket) => {
            finding(State::Weak, format!("what listens at {socket} does not answer; {without}"))
                .cure("end that process, then rbn-plan cache start")
        }
        Socket::Dead(socket) => {
            finding(State::Weak, format!("{version}, nobody answers at {socket}; {without}"))
                .cure(start)
        }
        Socket::Absent(_) => {
            let state = if old.is_some() { State::Weak } else { State::Note };
            finding(state, format!("{version}, no daemon; {without}")).cure(start)
        }
    }
}
