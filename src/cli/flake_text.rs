//! The tree of flakes for people, in 80 columns.

use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::flake::{
    Flake, FlakeInput, FlakeTree, InputOrigin, Lock, LockState, OutputBody, OutputKey, OutputNode,
    Parameters, Reached, Static, TreeFlake,
};
use crate::text::visible;

/// Lines are at most this long, in characters.
const WIDTH: usize = 80;

/// Digits of a revision that are shown.
const SHORT_REVISION: usize = 7;

/// Renders the tree; each flake is a paragraph.
pub fn render(tree: &FlakeTree) -> String {
    let paragraphs: Vec<_> = tree.flakes.iter().map(paragraph).collect();
    paragraphs.join("\n")
}

/// Lines that are cut to the width.
#[derive(Default)]
struct Page(String);

impl Page {
    /// One line; its middle is left out if it is too long.
    fn line(&mut self, indent: usize, text: &str) {
        let text: String = text.chars().map(|c| if visible::steers(c) { ' ' } else { c }).collect();
        let room = WIDTH.saturating_sub(indent);
        let length = text.chars().count();
        let _ = if length <= room {
            writeln!(self.0, "{:indent$}{}", "", text.trim_end())
        } else {
            let head: String = text.chars().take(room / 2).collect();
            let tail: String = text.chars().skip(length - (room - room / 2 - 3)).collect();
            writeln!(self.0, "{:indent$}{head}...{tail}", "")
        };
    }

    /// A sentence over as many lines as it needs.
    fn words(&mut self, indent: usize, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace() {
            let wanted = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && indent + wanted > WIDTH {
                self.line(indent, &line);
                line = format!("  {word}");
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        self.line(indent, &line);
    }

    /// A label and items separated by commas, over as many lines as they need.
    fn list(&mut self, indent: usize, label: &str, items: &[String]) {
        let mut line = format!("{label:<12}");
        let hang = line.chars().count();
        let mut empty = true;
        for (number, item) in items.iter().enumerate() {
            let comma = if number + 1 < items.len() { "," } else { "" };
            let wanted = line.chars().count() + 1 + item.chars().count() + comma.len();
            if !empty && indent + wanted > WIDTH {
                self.line(indent, &line);
                line = " ".repeat(hang);
            }
            let _ = write!(line, " {item}{comma}");
            empty = false;
        }
        self.line(indent, &line);
    }
}

fn paragraph(flake: &TreeFlake) -> String {
    let mut page = Page::default();
    let title = if flake.dir.as_str().is_empty() { "." } else { flake.dir.as_str() };
    let reached: Vec<_> = flake.reached.iter().filter_map(reason).collect();
    match reached.is_empty() {
        true => page.line(0, title),
        false => page.line(0, &format!("{title} ({})", reached.join(", "))),
    }
    match &flake.flake {
        Ok(read) => body(&mut page, read, &flake.lock),
        Err(failure) => {
            page.line(2, &failure.to_string());
            for problem in failure.problems() {
                let (line, column) = problem.span.line_column(failure.text());
                page.words(4, &format!("{line}:{column}: {problem}"));
            }
        }
    }
    lock(&mut page, &flake.lock);
    page.0
}

fn reason(reached: &Reached) -> Option<String> {
    match reached {
        Reached::Root | Reached::Nested => None,
        Reached::Input { from, name } if from.as_str().is_empty() => Some(format!("input {name}")),
        Reached::Input { from, name } => Some(format!("input {name} of {from}")),
    }
}

fn body(page: &mut Page, flake: &Flake, lock: &LockState) {
    match &flake.description {
        Some(Static::Known(text)) => page.line(2, text.value.trim()),
        Some(Static::Unknown(unknown)) => page.line(2, &format!("? {}", unknown.text)),
        None => {}
    }
    for note in &flake.notes {
        page.words(2, &format!("note: {note}"));
    }
    let lock = match lock {
        LockState::Present { lock, .. } => Some(&**lock),
        _ => None,
    };
    if !flake.inputs.inputs.is_empty() || flake.inputs.rest.is_some() {
        page.line(2, "inputs");
        inputs(page, 4, &flake.inputs.inputs, lock);
        if let Some(rest) = &flake.inputs.rest {
            page.line(4, &format!("? {}", rest.text));
        }
    }
    let systems: Vec<_> = flake.outputs.systems().iter().map(key).collect();
    if !systems.is_empty() {
        page.list(2, "systems", &systems);
    }
    page.line(2, &format!("outputs      {}", parameters(&flake.outputs.parameters)));
    for output in &flake.outputs.outputs {
        node(page, 4, output);
    }
    if let Some(rest) = &flake.outputs.rest {
        page.line(4, &format!("? {}", rest.text));
    }
}

fn inputs(
    page: &mut Page,
    indent: usize,
    inputs: &IndexMap<String, FlakeInput>,
    lock: Option<&Lock>,
) {
    for (name, input) in inputs {
        let mut text = match &input.origin {
            InputOrigin::Url { url, .. } => url.value.clone(),
            InputOrigin::Attributes(reference) => reference.value.to_string(),
            InputOrigin::Follows(path) if path.value.is_empty() => "follows this flake".to_owned(),
            InputOrigin::Follows(path) => format!("follows {}", path.value.join("/")),
            InputOrigin::Registry { implicit: true } => "registry (undeclared)".to_owned(),
            InputOrigin::Registry { implicit: false } => "registry".to_owned(),
            InputOrigin::Inherited => String::new(),
            InputOrigin::SelfAttributes(names) => format!("sets {}", names.join(", ")),
            InputOrigin::Unknown(unknown) => format!("? {}", unknown.text),
        };
        if input.is_flake == Some(false) {
            text.push_str(" (not a flake)");
        }
        let locked = lock.and_then(|lock| lock.root_input(name)?.locked.as_ref()?.text("rev"));
        if let Some(revision) = locked {
            let short: String = revision.chars().take(SHORT_REVISION).collect();
            let _ = write!(text, " @ {short}");
        }
        page.line(indent, &format!("{name:<12} {text}"));
        // Overrides live in another flake's lock entries: no revision of ours applies.
        self::inputs(page, indent + 2, &input.inputs, None);
    }
}

fn parameters(parameters: &Parameters) -> String {
    let whole = parameters.whole.as_ref().map(|whole| whole.value.as_str());
    if parameters.names.is_empty() && parameters.open {
        return whole.map_or_else(|| "{ ... }".to_owned(), str::to_owned);
    }
    let mut names: Vec<_> = parameters.names.iter().map(|name| name.value.as_str()).collect();
    if parameters.open {
        names.push("...");
    }
    let at = whole.map(|whole| format!("@{whole}")).unwrap_or_default();
    format!("{{ {} }}{at}", names.join(", "))
}

fn key(key: &OutputKey) -> String {
    match key {
        OutputKey::Name(name) => name.clone(),
        OutputKey::Each(text) => format!("<{text}>"),
    }
}

fn node(page: &mut Page, indent: usize, output: &OutputNode) {
    let name = key(&output.key);
    match &output.body {
        OutputBody::Leaf => page.line(indent, &name),
        OutputBody::Unknown(unknown) => {
            page.line(indent, &format!("{name:<12} ? {}", unknown.text))
        }
        OutputBody::Set { children, rest } => {
            let leaves = children.iter().all(|child| child.body == OutputBody::Leaf);
            if leaves {
                let mut names: Vec<_> = children.iter().map(|child| key(&child.key)).collect();
                names.extend(rest.iter().map(|rest| format!("? {}", rest.text)));
                page.list(indent, &name, &names);
            } else {
                page.line(indent, &name);
                for child in children {
                    node(page, indent + 2, child);
                }
                if let Some(rest) = rest {
                    page.line(indent + 2, &format!("? {}", rest.text));
                }
            }
        }
    }
}

fn lock(page: &mut Page, lock: &LockState) {
    match lock {
        LockState::NotNeeded => page.line(2, "lock         not needed"),
        LockState::Covered => page.line(2, "lock         that of the flake it is an input of"),
        LockState::Absent { .. } => page.line(2, "lock         absent; run: nix flake lock"),
        LockState::Present { drift, .. } if drift.is_empty() => {
            page.line(2, "lock         in step")
        }
        LockState::Present { drift, .. } => {
            let mut cures: Vec<_> = drift.iter().map(|drift| drift.cure()).collect();
            cures.sort();
            cures.dedup();
            page.line(2, &format!("lock         drifted; {}", cures.join("; ")));
            for drift in drift {
                page.words(4, &drift.to_string());
            }
        }
        LockState::Broken(failure) => {
            page.line(2, &format!("lock         {failure}"));
            for problem in failure.problems() {
                page.words(4, &problem.to_string());
            }
        }
    }
}
