//! What Nix needs before it can build: the plan's file and a toolchain.

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, IntoDiagnostic as _};
use petgraph::graph::NodeIndex;
use thiserror::Error;

use crate::build::record::CacheUse;
use crate::cache::{self, Setup, Stats};
use crate::cargo::member;
use crate::cli::document::PlanText;
use crate::cli::flake_toolchain;
use crate::cli::ignored;
use crate::cli::replan;
use crate::cli::select::{self, Again, Flags, SelectArgs};
use crate::cli::times;
use crate::cli::toolchain::{host_text, host_toolchain};
use crate::config::Config;
use crate::files::reader;
use crate::files::writer::{self, Ours};
use crate::model::document::{Origin, Package};
use crate::model::{Document, Plan, Split, Triple, default_target};
use crate::nix::{digest, escape};
use crate::plan_file::json;
use crate::plan_file::write::nix;
use crate::review::StepGraph;
use crate::text::words;
use crate::toolchain::rendered;

/// A plan as Nix will find it, once [`Prepared::write`] has written what is missing.
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
    pub plan: Plan,
    /// The same, as data.
    pub document: Document,
    /// The configuration.
    pub config: Config,
    /// The target that is built where nothing is named.
    pub default_target: Option<Triple>,
    /// Whether nothing that the tree names may be executed.
    pub untrusted: bool,
    /// The member whose directory the command was started in, where the plan is of more.
    pub member: Option<Utf8PathBuf>,
    /// What is still to be written.
    pending: Vec<Pending>,
}

/// A file that is missing or out of date.
struct Pending {
    path: Utf8PathBuf,
    text: String,
    /// What is said once it is written.
    said: String,
}

/// The directory for a dry run's files: what is committed stays as it is.
pub fn dry_run(root: &Utf8Path) -> Utf8PathBuf {
    times::plans(root).join("dry-run")
}

/// Plans, and decides what to write and what to call Nix with; writes nothing. `given` are the
/// user's own words for Nix, which may name a toolchain. A plan of another selection than that of
/// the committed one lies below Cargo's target directory, and so does all that a dry run needs.
pub fn prepare(select: &SelectArgs, given: &[String], dry: bool) -> miette::Result<Prepared> {
    let options = select.options()?;
    let (root, config) = select.place()?;
    let committed = root.join(config.nix.output.value.as_path());
    let old = reader::text_if_there(&committed)?;
    let member = member::below(&options, &root).filter(|_| !select.names_packages());
    let (select, other) = match select.again(old.as_deref())? {
        Again::Same(select) => (select, None),
        Again::Other(select, other) => (select, Some(other)),
    };
    // The committed plan is one of what is built: checks and editors never begin it.
    let first_check =
        other.is_none() && old.is_none() && (select.is_check() || select.is_for_editor());
    let (plans, config) = select.plans()?;
    let host = options.compiler()?.host;
    let own = plans.iter().find(|plan| plan.host.as_ref() == Some(&host)).or(plans.first());
    let plan = own.cloned().unwrap_or_default();
    let document = json::document(&plan);
    let default_target = own
        .and_then(|plan| default_target(&plan.targets, plan.host.as_ref(), plans.len()))
        .cloned();
    let text = nix::render(&plans).into_diagnostic()?;
    let seen = |path: &Utf8Path| seen(path, &options.dir);
    let mut pending = Vec::new();
    let mut file = committed.clone();
    if let Some(other) = other {
        file = times::plans(&root).join(slug(&other.is)).join(STEPS);
        let (shown, stays) = (seen(&file), seen(&committed));
        let (was, is) = (&other.was, &other.is);
        let said = format!("{stays} stays, which is a plan with {was}; with {is}: {shown}");
        let said = words::wrap("", &said, 2);
        pending.push(Pending { path: file.clone(), text, said });
    } else if first_check {
        file = times::plans(&root).join(slug(&Flags(select.asked()))).join(STEPS);
        let what = if select.is_check() { "is checked" } else { "an editor sees" };
        let said = format!("the plan of what {what}: {}", seen(&file));
        pending.push(Pending { path: file.clone(), text, said });
    } else if old.as_ref() != Some(&text) {
        let said = change(&seen(&committed), old, &plans);
        if dry {
            file = dry_run(&root).join(STEPS);
        }
        pending.push(Pending { path: file.clone(), text, said });
    }
    let untrusted = select.is_untrusted();
    let mut arguments = Vec::new();
    let mut add = |words: [&str; 3]| arguments.extend(words.map(str::to_owned));
    if file != committed {
        // The plan takes the directory above its own for the workspace.
        add(["--arg", "src", &path(&root)]);
    }
    let split = config.build.split.value;
    if split != Split::Off && !given.windows(2).any(|words| words == ["--argstr", "split"]) {
        add(["--argstr", "split", split.as_str()]);
    }
    // Of a plan that was made in the member's directory all is the member's.
    let of_plan = plans.first().and_then(|plan| plan.flags.strip_prefix(&["-C".to_owned()]));
    let of_plan = of_plan.and_then(|rest| rest.first()).map(Utf8PathBuf::from);
    let member = member.filter(|member| of_plan.as_ref() != Some(member));
    if !given.windows(2).any(|words| words == ["--arg", "toolchain"]) {
        if untrusted && flake_toolchain::is_of_flake(&config) {
            return Err(Evaluated.into());
        }
        if let Some(toolchain) = flake_toolchain::expression(&root, &config)? {
            add(["--arg", "toolchain", &toolchain]);
        } else {
            let mut tools = root.join(config.nix.toolchain_file.value.as_path());
            let beside = file.with_file_name(TOOLCHAIN);
            let why = match stale(&tools, &select.options()?.dir, &config)? {
                None if untrusted => foreign(&tools, &host_text(&select)?)?,
                why => why,
            };
            if let Some(why) = why {
                let mut said = format!("{} {why}", seen(&tools));
                let name = config.nix.toolchain_file.value.as_path();
                if !untrusted && ignored::is_taken(&root, name.as_str()) {
                    let hint = format!(
                        "note: it is this machine's own, and git does not ignore it: echo /{name} >> .gitignore"
                    );
                    said.push('\n');
                    said.push_str(&words::wrap("", &hint, 2));
                }
                if dry {
                    tools = dry_run(&root).join(TOOLCHAIN);
                }
                let text = host_text(&select)?;
                pending.push(Pending { path: tools.clone(), text, said });
            }
            // The plan's file takes the one beside it by itself.
            if tools != beside {
                add(["--arg", "toolchain", &format!("import ({})", path(&tools))]);
            }
        }
    }
    let file = seen(&file);
    let dir = options.dir.clone();
    Ok(Prepared {
        dir,
        root,
        file,
        arguments,
        plan,
        document,
        config,
        default_target,
        untrusted,
        member,
        pending,
    })
}

/// The name of a plan's file in a directory of its own.
const STEPS: &str = "steps.nix";

/// The name of the toolchain's file that a plan takes by itself, beside its own.
const TOOLCHAIN: &str = "toolchain.nix";

/// The name of a directory for the plan of a selection: its words, and what tells alike ones apart.
fn slug(flags: &Flags) -> String {
    let line = flags.to_string();
    let words = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-");
    name.truncate(48);
    format!("{name}-{}", digest::hex16(&line))
}

/// A path as an expression of Nix, whatever is in its name.
fn path(path: &Utf8Path) -> String {
    format!("/. + {}", escape::string(path.as_str()))
}

/// With --untrusted: Nix evaluates no code of the tree.
#[derive(Debug, Error, Diagnostic)]
#[error(
    "the toolchain comes from the tree's flake, and --untrusted lets Nix evaluate no code of the tree"
)]
#[diagnostic(help(
    "name a toolchain of your own: `-- --arg toolchain 'import /path/of/yours.nix'`; or look at flake.nix, \
     flake.lock and generated/nixpkgs.nix, and leave --untrusted out"
))]
struct Evaluated;

/// The same of the toolchain's file: why it is rendered again, if it is not what it would be rendered as.
fn foreign(file: &Utf8Path, own: &str) -> Result<Option<String>, reader::ReadError> {
    let text = reader::text_if_there(file)?;
    Ok(text.is_none_or(|text| text != own).then(|| {
        "was not what this machine's own tools give, and --untrusted lets Nix evaluate no code of the tree: rendered"
            .to_owned()
    }))
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
        let how = "rendered for this machine's own tools";
        return Ok(Some(format!("was missing: {how}")));
    };
    // Where a machine's tools cannot be told, whoever made the file knew them.
    let Ok(tools) = host_toolchain(dir, Some(config)) else { return Ok(None) };
    let now = tools.fingerprint.first().map_or("rustc", String::as_str);
    if rendered::is_of_store(&text) {
        if rendered::compilers_gone(&text, &tools).is_some_and(|gone| !gone.is_empty()) {
            eprintln!(
                "warning: {file} is a copy of other tools than this machine has now ({now}), and builds with them; \
                 `rbn-plan toolchain store -o {file}` copies these"
            );
        }
        return Ok(None);
    }
    let gone = rendered::gone(&text, &tools).unwrap_or_default();
    Ok((!gone.is_empty()).then(|| {
        let others = words::shortened(gone, 2);
        format!("was for other tools ({others}): rendered for {now}; what was built with them is built again")
    }))
}

/// A path from `dir`, where it lies in the same tree.
pub fn seen(path: &Utf8Path, dir: &Utf8Path) -> Utf8PathBuf {
    select::from(dir, path).unwrap_or_else(|| path.to_owned())
}

/// What was written, and what it means where the old plan can be read.
fn change(file: &Utf8Path, old: Option<String>, new: &[Plan]) -> String {
    let Some(text) = old else { return format!("{file} was missing: written") };
    let said = format!("{file} was not up to date: written");
    let meaning = replan::meaning(&PlanText { name: file.to_string(), text }, new);
    match meaning {
        Some(meaning) => format!("{said}\n{}", meaning.trim_end()),
        None => said,
    }
}

impl Prepared {
    /// Writes what is missing or out of date, and says what it wrote.
    ///
    /// # Errors
    /// A file of somebody else, a link that leads out, or a file that cannot be written.
    pub fn write(&self, dry: bool) -> miette::Result<()> {
        for Pending { path, text, said } in &self.pending {
            writer::write_within(self.around(path), path, text, Ours::Marked)?;
            if !dry {
                eprintln!("{said}");
            }
        }
        Ok(())
    }

    /// What the plan's file is called with, for another file of plans wherever that lies.
    pub fn arguments_elsewhere(&self) -> Vec<String> {
        let mut arguments = self.arguments.clone();
        let beside = self.dir.join(&self.file).with_file_name(TOOLCHAIN);
        let usual =
            [("src", path(&self.root)), ("toolchain", format!("import ({})", path(&beside)))];
        for (name, value) in usual {
            if !arguments.windows(2).any(|words| words == ["--arg", name]) {
                arguments.extend(["--arg".to_owned(), name.to_owned(), value]);
            }
        }
        arguments
    }

    /// The same for another file of plans, from the workspace root, once all is written.
    pub fn with_file(self, file: Utf8PathBuf) -> Self {
        let file = seen(&self.root.join(file), &self.dir);
        let arguments = self.arguments_elsewhere();
        Self { file, arguments, pending: Vec::new(), ..self }
    }

    /// Whether the plan is the one that is committed.
    pub fn is_committed(&self) -> bool {
        self.file == seen(&self.root.join(self.config.nix.output.value.as_path()), &self.dir)
    }

    /// The package of the workspace whose directory it is.
    pub fn package_in(&self, dir: &Utf8Path) -> Option<&str> {
        let is_there =
            |package: &&Package| matches!(&package.source, Origin::Path { dir: own } if own == dir);
        self.document.packages.values().find(is_there).map(|package| package.name.as_str())
    }

    /// The steps that a build without further words is for.
    pub fn tops(&self, graph: &StepGraph<'_>) -> Vec<NodeIndex> {
        let target = self.default_target.as_ref().map(Triple::as_str);
        let roots = graph.document.roots.iter();
        let wanted =
            roots.filter(|root| root.platform == "host" || Some(root.platform.as_str()) == target);
        wanted.filter_map(|root| graph.id(&root.platform, &root.step)).collect()
    }

    /// What a file stays inside of that is written. A target directory elsewhere was named by the user; one below
    /// the workspace may be anybody's link.
    pub fn around<'p>(&'p self, path: &'p Utf8Path) -> &'p Utf8Path {
        if path.starts_with(&self.root) {
            return &self.root;
        }
        let own = |dir: &&Utf8Path| dir.file_name() == Some("rbn-plan");
        path.ancestors().find(own).and_then(Utf8Path::parent).unwrap_or(path)
    }

    /// Where timelines are written, and what they stay inside of.
    pub fn timelines(&self) -> (Utf8PathBuf, Utf8PathBuf) {
        let dir = times::directory(&self.root, &self.config);
        (self.around(&dir).to_owned(), dir)
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
