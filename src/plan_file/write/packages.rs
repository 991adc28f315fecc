//! The facts of packages, as a plan's file states them.

use std::collections::BTreeMap;

use super::sections::Named;
use crate::model::package::{Ignored, PackageFiles, RunView, USUAL_EDITION};
use crate::model::source::DEFAULT_REGISTRY;
use crate::model::{Package, PackageKey, Plan, Source};
use crate::nix::digest;
use crate::nix::fields::Fields;
use crate::plan::facts;

/// The edition that a package's steps have, of its first step by name; others state theirs.
pub(super) fn editions<'p>(plans: &[&'p Plan]) -> BTreeMap<&'p PackageKey, &'p str> {
    let mut editions = BTreeMap::new();
    for plan in plans {
        for id in plan.groups().into_values().flatten() {
            let step = plan.step(id);
            if let Some(compile) = step.compile() {
                editions.entry(&step.package).or_insert(compile.target.edition.as_str());
            }
        }
    }
    editions
}

/// Long lists of lints, which packages of a workspace share, under a few digits of their own digest.
/// A list has a name even if one package has it: another package that comes or goes changes no line
/// of this one.
pub(super) fn lint_sets<'p>(
    packages: impl Iterator<Item = &'p Package>,
) -> BTreeMap<&'p [String], String> {
    let long =
        packages.map(|package| package.lint_flags.as_slice()).filter(|flags| flags.len() > 2);
    long.map(|flags| (flags, format!("set-{}", digest::short(&flags.join(" "))))).collect()
}

fn file_facts(fields: &mut Fields, files: &PackageFiles) {
    fields.list("script", &files.script);
    match &files.run {
        RunView::Directory => {}
        RunView::Package => fields.text("runSees", "package"),
        RunView::Only(paths) if paths.is_empty() => fields.bare("runSees", "[ ]"),
        RunView::Only(paths) => fields.list("runSees", paths),
    }
    fields.list("without", &files.without);
    fields.list("also", &files.also);
    fields.list("testsAlso", &files.tests_also);
    fields.list("scriptAlso", &files.script_also);
    fields.attrs("linksTo", &files.links);
}

/// What git ignores, as a set of facts.
pub(super) fn ignored_facts(ignored: Option<&Ignored>) -> Fields {
    let mut fields = Fields::default();
    if let Some(ignored) = ignored {
        fields.some_text("prefix", ignored.prefix.as_str());
        fields.list("rules", &ignored.rules);
        fields.list("kept", &ignored.kept);
    }
    fields
}

pub(super) fn package_facts(
    key: &PackageKey,
    package: &Package,
    edition: Option<&&str>,
    lint_sets: &BTreeMap<&[String], String>,
) -> Named {
    let mut fields = Fields::default();
    fields.text("name", &package.name);
    fields.text("version", package.version.to_string());
    match &package.source {
        Source::Registry { registry, sha256 } => {
            if registry != DEFAULT_REGISTRY {
                fields.text("registry", registry);
            }
            fields.text("sha256", sha256);
        }
        Source::Git { url, rev, reference, submodules, subdir } => {
            let mut git = vec![
                ("name", facts::repository(url).to_owned()),
                ("url", url.clone()),
                ("rev", rev.clone()),
            ];
            git.extend(reference.clone().map(|reference| ("ref", reference)));
            if !subdir.as_str().is_empty() {
                git.push(("dir", subdir.to_string()));
            }
            fields.attrs("git", git);
            fields.yes("submodules", *submodules);
        }
        Source::Path { dir } => fields.text("path", dir.as_str()),
        Source::Vendor { dir } => fields.text("vendor", dir.as_str()),
    }
    if package.source.is_local() && !package.in_workspace {
        fields.bare("inWorkspace", false);
    }
    if let Some(files) = &package.files {
        file_facts(&mut fields, files);
    }
    fields.packed("targets", &package.script_targets);
    fields.some_text("links", package.links.as_deref().unwrap_or_default());
    fields.some_text("defaultRun", package.default_run.as_deref().unwrap_or_default());
    if !package.has_lib {
        fields.bare("hasLib", false);
    }
    match edition {
        Some(&USUAL_EDITION) | None => {}
        Some(edition) => fields.text("edition", *edition),
    }
    let about = &package.about;
    fields.some_text("authors", &about.authors.join(":"));
    fields.some_text("description", &about.description);
    fields.some_text("homepage", &about.homepage);
    fields.some_text("license", &about.license);
    fields.some_text("licenseFile", &about.license_file);
    fields.some_text("readme", &about.readme);
    fields.some_text("repository", &about.repository);
    fields.some_text("rustVersion", &about.rust_version);
    fields.packed("declares", &package.declared_features);
    match lint_sets.get(package.lint_flags.as_slice()) {
        Some(name) => fields.text("lintSet", name),
        None => fields.list("lints", &package.lint_flags),
    }
    Named { name: key.to_string(), fields }
}
