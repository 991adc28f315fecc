//! What Nix needs before it can build: the plan's file and a toolchain.

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;

use crate::build::record::CacheUse;
use crate::cache::{self, Setup, Stats};
use crate::cargo::member;
use crate::cli::document::{self, PlanText};
use crate::cli::replan::Replaced;
use crate::cli::select::{self, Again, SelectArgs};
use crate::cli::times;
use crate::cli::toolchain::{host_text, host_toolchain};
use crate::config::Config;
use crate::files::reader;
use crate::files::writer::{self, Ours};
use crate::model::{Document, Triple};
use crate::nix::escape;
use crate::plan_file::json;
use crate::plan_file::write::nix;
use crate::review;
use crate::review::report as emit;
use crate::toolchain::provider;

/// A plan that lies where Nix finds it.
pub struct Prepared {
    /// Where Nix runs: where the user is.
    pub dir: Utf8PathBuf,
    /// The workspace root.
    pub root: Utf8PathBuf,
    /// The plan's file, seen from `dir`.
    pub file: Utf8PathBuf,
    /// What its file is called with.
    pub arguments: Vec<String>,
    /// The plan for this machine.
    pub document: Document,
    /// The configuration.
    pub config: Config,
    /// The target that is built where nothing is named.
    pub default_target: Option<Triple>,
    /// Whether nothing that the tree names may be executed.
    pub untrusted: bool,
    /// The member whose directory the command was started in, where the plan is of more.
    pub member: Option<Utf8PathBuf>,
}

/// Plans, and writes what is missing or out of date; says what it wrote.
/// `given` are the user's own words for Nix, which may name a toolchain.
pub fn prepare(select: &SelectArgs, given: &[String]) -> miette::Result<Prepared> {
    let options = select.options()?;
    let (root, config) = select.place()?;
    let file = root.join(config.nix.output.value.as_path());
    let shown = seen(&file, &options.dir);
    let old = reader::text_if_there(&file)?;
    let member = member::below(&options, &root).filter(|_| !select.names_packages());
    let select = &match select.again(old.as_deref())? {
        Again::Same(select) => select,
        Again::Other(select, other) => return Err(Replaced::new(&file, other, &select).into()),
    };
    let (plans, config) = select.plans()?;
    let host = options.compiler()?.host;
    let own = plans.iter().find(|plan| plan.host.as_ref() == Some(&host)).or(plans.first());
    let document = json::document(own.unwrap_or(&crate::model::Plan::default()));
    let default_target = own.and_then(|plan| plan.targets.first().cloned());
    let text = nix::render(&plans).into_diagnostic()?;
    if old.as_ref() != Some(&text) {
        writer::write_within(&root, &file, &text, Ours::Marked)?;
        eprintln!("{}", change(&shown, old, &document));
    }
    // Of a plan that was made in the member's directory all is the member's.
    let of_plan = plans.first().and_then(|plan| plan.flags.strip_prefix(&["-C".to_owned()]));
    let of_plan = of_plan.and_then(|rest| rest.first()).map(Utf8PathBuf::from);
    let member = member.filter(|member| of_plan.as_ref() != Some(member));
    let tools = root.join(config.nix.toolchain_file.value.as_path());
    let mut arguments = Vec::new();
    if !given.windows(2).any(|words| words == ["--arg", "toolchain"]) {
        if let Some(why) = stale(&tools, &select.options()?.dir, &config)? {
            writer::write_within(&root, &tools, &host_text(select)?, Ours::Marked)?;
            eprintln!("{} {why}", seen(&tools, &options.dir));
        }
        // The plan's file takes the one beside it by itself.
        if tools != file.with_file_name("toolchain.nix") {
            let import = format!("import (/. + {})", escape::string(tools.as_str()));
            arguments = ["--arg", "toolchain", &import].map(str::to_owned).to_vec();
        }
    }
    let (dir, file) = (options.dir, shown);
    let untrusted = select.is_untrusted();
    Ok(Prepared { dir, root, file, arguments, document, config, default_target, untrusted, member })
}

/// Why the toolchain's file is to be rendered for this machine, if it is: it is missing, or another
/// compiler or linker has come since. A plan holds nothing of the machine's tools, so here is the
/// place to see it: what the old ones built and what the new ones build do not fit together.
fn stale(
    file: &Utf8Path,
    dir: &Utf8Path,
    config: &Config,
) -> Result<Option<String>, reader::ReadError> {
    let Some(text) = reader::text_if_there(file)? else {
        let how = "rendered for this machine's own tools (rbn-plan toolchain host)";
        return Ok(Some(format!("was missing: {how}")));
    };
    // Where a machine's tools cannot be told, whoever made the file knew them.
    let Ok(tools) = host_toolchain(dir, Some(config)) else { return Ok(None) };
    let now = tools.fingerprint.first().map_or("rustc", String::as_str);
    Ok((provider::is_current(&text, &tools) == Some(false))
        .then(|| format!("was for other tools: rendered for {now}; every step is built again")))
}

/// A path from `dir`, where it lies in the same tree.
pub fn seen(path: &Utf8Path, dir: &Utf8Path) -> Utf8PathBuf {
    select::from(dir, path).unwrap_or_else(|| path.to_owned())
}

/// What was written, and what it means where the old plan can be read.
fn change(file: &Utf8Path, old: Option<String>, new: &Document) -> String {
    let Some(text) = old else { return format!("{file} was missing: written") };
    let said = format!("{file} was not up to date: written");
    let meaning = document::parse(&PlanText { name: file.to_string(), text })
        .ok()
        .and_then(|old| review::diff(&old, new).ok())
        .map(|diff| emit::text::diff(&diff));
    match meaning {
        Some(meaning) => format!("{said}\n{}", meaning.trim_end()),
        None => said,
    }
}

impl Prepared {
    /// Where timelines are written, and what they stay inside of.
    pub fn timelines(&self) -> (Utf8PathBuf, Utf8PathBuf) {
        let dir = times::directory(&self.root, &self.config);
        // A target directory elsewhere was named by the user; one below may be anybody's link.
        let target = dir.ancestors().nth(2).unwrap_or(&dir);
        let within = if target.starts_with(&self.root) { &self.root } else { target };
        (within.to_owned(), dir)
    }

    /// The compile cache's figures, where one answers. The configuration says which program is
    /// asked.
    pub fn cache_figures(&self) -> Option<Stats> {
        if self.untrusted {
            return None;
        }
        let config = &self.config.sccache;
        let setup = config.enable.value.then(|| Setup::new(config).ok())??;
        cache::statistics(&setup).ok()?
    }

    /// What the compile cache did since then.
    pub fn cache_use(&self, before: Option<Stats>) -> Option<CacheUse> {
        let (before, after) = (before?, self.cache_figures()?);
        Some(CacheUse {
            // A daemon that was started anew counts from zero.
            hits: after.hits.checked_sub(before.hits).unwrap_or(after.hits),
            misses: after.misses.checked_sub(before.misses).unwrap_or(after.misses),
        })
    }
}
