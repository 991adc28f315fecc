//! The documents: links lead somewhere, the book has every page, and the messages that the FAQ is
//! about are ones that somebody can see.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rbn_plan::build::trouble::Trouble;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document for people.
fn documents() -> Vec<PathBuf> {
    let mut found = vec!["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/README.md"]
        .into_iter()
        .map(|name| root().join(name))
        .collect::<Vec<_>>();
    for dir in ["docs", "templates", "examples"] {
        let mut waiting = vec![root().join(dir)];
        while let Some(dir) = waiting.pop() {
            for entry in fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() && !entry.ends_with("target") {
                    waiting.push(entry);
                } else if entry.extension().is_some_and(|ending| ending == "md") {
                    found.push(entry);
                }
            }
        }
    }
    found.sort();
    found
}

/// The lines of a document that are no code.
fn prose(text: &str) -> Vec<&str> {
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        is_code ^= fence;
        !fence && !is_code && !line.starts_with("    ")
    });
    lines.collect()
}

/// A heading's address, as GitHub and mdBook make it.
fn address(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let text: String = heading.trim().to_lowercase().chars().filter(kept).collect();
    text.replace(' ', "-")
}

fn headings(text: &str) -> Vec<(usize, &str)> {
    let level = |line: &str| line.chars().take_while(|c| *c == '#').count();
    let lines = prose(text).into_iter().filter(|line| (1..=6).contains(&level(line)));
    lines.map(|line| (level(line), line.trim_start_matches('#').trim())).collect()
}

/// Where the links of a document lead.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let target = after.split(')').next().unwrap_or_default();
            found.push(target.to_owned());
            rest = after;
        }
    }
    found
}

#[test]
fn links_lead_somewhere() {
    let mut addresses: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    let all = documents();
    assert!(all.len() > 20, "{all:?}");
    for file in &all {
        let text = fs::read_to_string(file).unwrap();
        let own = headings(&text).into_iter().map(|(_, heading)| address(heading)).collect();
        addresses.insert(file.canonicalize().unwrap(), own);
    }
    let mut broken = Vec::new();
    let mut number = 0;
    for file in &all {
        for link in links(&fs::read_to_string(file).unwrap()) {
            if link.starts_with("https://") {
                continue;
            }
            number += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => file.clone(),
                path => file.parent().unwrap().join(path),
            };
            let Ok(target) = target.canonicalize() else {
                broken.push(format!("{}: {link}", file.display()));
                continue;
            };
            let is_there = addresses.get(&target).is_none_or(|own| own.contains(anchor));
            if !anchor.is_empty() && !is_there {
                broken.push(format!("{}: {link}: no such heading", file.display()));
            }
        }
    }
    assert!(number > 50, "{number} links");
    assert!(broken.is_empty(), "links to nothing:\n{}", broken.join("\n"));
}

#[test]
fn the_book_has_every_page() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let all = links(&summary);
    let listed: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), listed.len(), "docs/SUMMARY.md has a page twice");
    let pages = fs::read_dir(root().join("docs")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: BTreeSet<String> =
        pages.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect();
    assert_eq!(listed, pages, "docs/SUMMARY.md lists what mdBook makes a page of");
}

/// Every page begins with what the reader wants, in a sentence or two, before any list or code.
#[test]
fn pages_begin_with_a_sentence() {
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let is_page = path.extension().is_some_and(|ending| ending == "md");
        if !is_page || path.ends_with("SUMMARY.md") || path.ends_with("config.md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        assert!(lines.next().is_some_and(|line| line.starts_with("# ")), "{}", path.display());
        let first = lines.next().unwrap_or_default();
        let is_sentence = first.starts_with(|c: char| c.is_uppercase());
        assert!(is_sentence, "{} begins with: {first}", path.display());
    }
}

/// What this program, its builder, its plans and Nix say.
fn said() -> String {
    let mut all = String::new();
    for dir in ["src", "builder/src", "templates/lib", "tests/fixtures/nix-logs"] {
        let mut waiting = vec![root().join(dir)];
        while let Some(dir) = waiting.pop() {
            for entry in fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    waiting.push(entry);
                } else {
                    all.push_str(&String::from_utf8_lossy(&fs::read(&entry).unwrap()));
                }
            }
        }
    }
    // A text that goes over two lines of code is one text.
    all.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_faq_is_about_messages_that_exist() {
    let text = fs::read_to_string(root().join("docs/faq.md")).unwrap();
    let said = said();
    let mut section = "";
    let mut number = 0;
    for (level, heading) in headings(&text) {
        match (level, section) {
            (2, _) => section = heading,
            // Nix's own words are those by which `build` knows what is wrong.
            (3, "Nix") => {
                let ours = heading.strip_prefix("note: ").map(|words| {
                    let words: Vec<&str> = words.split_whitespace().take(4).collect();
                    said.contains(&words.join(" "))
                });
                let is_known = ours.unwrap_or_else(|| Trouble::of(heading).is_some());
                assert!(is_known, "not recognised: {heading}");
                number += 1;
            }
            (3, "Planning" | "A step fails, and Cargo builds it") => {
                let words: Vec<&str> = heading.split_whitespace().collect();
                let mut parts = words.windows(words.len().min(3)).map(|part| part.join(" "));
                assert!(parts.any(|part| said.contains(&part)), "nobody says: {heading}");
                number += 1;
            }
            _ => {}
        }
    }
    assert!(number >= 15, "{number} messages");
}
