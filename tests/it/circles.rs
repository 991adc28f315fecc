//! No file imports, by whatever way, from a file that imports from it.
//!
//! What counts is where a name is defined: a room's `mod.rs` that only passes names on is looked through.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tidy::rust_files;

/// A module or an item, by the names that lead to it from the crate's root.
type Names = Vec<String>;

#[derive(Default)]
struct Module {
    /// What `use` brings into it, by the name that it has here.
    brings: BTreeMap<String, Names>,
    /// All that its code names.
    named: BTreeSet<Names>,
}

/// What a file says, as it stands there.
#[derive(Default)]
struct Found {
    /// `use`, with the name from then on.
    brings: Vec<(Names, String)>,
    /// `pub use`, likewise.
    passes: Vec<(Names, String)>,
    /// Other paths.
    named: Vec<Names>,
}

fn words(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == sign)
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(found)) if found == word)
}

/// The paths of a `use`, with the name that each has from then on.
fn uses(tokens: &[TokenTree], before: &Names, found: &mut Vec<(Names, String)>) {
    let mut path = before.clone();
    let mut name = None;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(word) if word == "as" => {
                name = tokens.get(at + 1).map(ToString::to_string);
                at += 1;
            }
            TokenTree::Ident(word) => path.push(word.to_string()),
            TokenTree::Punct(sign) if sign.as_char() == '*' => path.push("*".to_owned()),
            TokenTree::Group(group) => {
                for part in words(group.stream()).split(|token| is_sign(Some(token), ',')) {
                    if !part.is_empty() {
                        uses(part, &path, found);
                    }
                }
                return;
            }
            _ => {}
        }
        at += 1;
    }
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(last) = path.last().cloned() {
        found.push((path, name.unwrap_or(last)));
    }
}

/// Everything that code names, with `a::b` as one; tests apart.
fn scan(tokens: TokenStream, found: &mut Found) {
    let tokens = words(tokens);
    let mut is_public = false;
    let mut at = 0;
    while at < tokens.len() {
        let before = at;
        match &tokens[at] {
            // `#[cfg(test)] mod tests { .. }`, and attributes, which name nothing of ours.
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                let text = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
                at += 1;
                if text.replace(' ', "") == "[cfg(test)]" && is_word(tokens.get(at + 1), "mod") {
                    at += 3;
                }
            }
            // `pub(in crate::cli)` names a reader.
            TokenTree::Ident(word) if word == "pub" => {
                if matches!(tokens.get(at + 1), Some(TokenTree::Group(_))) {
                    at += 1;
                }
            }
            TokenTree::Ident(word) if word == "use" => {
                let end = tokens[at..].iter().position(|token| is_sign(Some(token), ';'));
                let end = at + end.unwrap_or(tokens.len() - at);
                let list = if is_public { &mut found.passes } else { &mut found.brings };
                uses(&tokens[at + 1..end], &Names::new(), list);
                at = end;
            }
            TokenTree::Ident(word) => {
                let mut path = vec![word.to_string()];
                while is_sign(tokens.get(at + 1), ':') && is_sign(tokens.get(at + 2), ':') {
                    let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                    path.push(next.to_string());
                    at += 3;
                }
                // A lone word is a name of its own, such as a variable.
                if path.len() > 1 {
                    found.named.push(path);
                }
            }
            TokenTree::Group(group) => {
                let inner = group.stream();
                if group.delimiter() == Delimiter::Brace || !inner.is_empty() {
                    scan(inner, found);
                }
            }
            _ => {}
        }
        is_public = is_word(tokens.get(before), "pub");
        at += 1;
    }
}

/// The modules of a crate.
struct Modules(BTreeMap<Names, Module>);

impl Modules {
    fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        rust_files(src, &mut files);
        let mut texts = BTreeMap::new();
        for file in files {
            let inside = file.strip_prefix(src).expect("below it").with_extension("");
            let mut names: Names =
                inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            match names.last().map(String::as_str) {
                Some("main") if names.len() == 1 => continue,
                Some("mod" | "lib") => drop(names.pop()),
                _ => {}
            }
            texts.insert(names, fs::read_to_string(&file).expect("a readable file"));
        }
        let mut modules =
            Self(texts.keys().map(|name| (name.clone(), Module::default())).collect());
        for (name, text) in texts {
            let mut found = Found::default();
            scan(text.parse().expect("Rust"), &mut found);
            let mut module = Module::default();
            for (path, own) in found.brings {
                if let Some(path) = modules.rooted(&name, &path) {
                    module.named.insert(path.clone());
                    module.brings.insert(own, path);
                }
            }
            for (path, own) in found.passes {
                if let Some(path) = modules.rooted(&name, &path) {
                    module.brings.insert(own, path);
                }
            }
            let named = found.named.iter();
            module.named.extend(named.filter_map(|path| modules.rooted(&name, path)));
            modules.0.insert(name, module);
        }
        modules
    }

    /// A path as it stands in a module, from the crate's root; nothing for what is not ours.
    fn rooted(&self, module: &Names, path: &Names) -> Option<Names> {
        let mut base = module.clone();
        let mut rest = path.as_slice();
        match rest.first()?.as_str() {
            "crate" => return (rest.len() > 1).then(|| rest[1..].to_vec()),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                base.push(child.to_owned());
                if !self.0.contains_key(&base) {
                    return None;
                }
                base.pop();
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The module in which what a path means is defined.
    fn home(&self, path: &Names, steps: usize) -> Option<&Names> {
        let length = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        let (name, module) = self.0.get_key_value(&path[..length])?;
        match path.get(length).and_then(|item| module.brings.get(item)) {
            Some(there) if steps > 0 => {
                let mut path_there = there.clone();
                path_there.extend_from_slice(&path[length + 1..]);
                self.home(&path_there, steps - 1)
            }
            _ => Some(name),
        }
    }

    /// The groups of modules that need each other.
    fn circles(&self) -> Vec<Vec<String>> {
        let shown: BTreeMap<&Names, String> =
            self.0.keys().map(|name| (name, name.join("/"))).collect();
        let mut graph = DiGraphMap::<&str, ()>::new();
        for (name, module) in &self.0 {
            for path in &module.named {
                if let Some(home) = self.home(path, 8).filter(|home| *home != name) {
                    graph.add_edge(&shown[name], &shown[home], ());
                }
            }
        }
        let groups = tarjan_scc(&graph).into_iter().filter(|group| group.len() > 1);
        let named = groups.map(|group| {
            let mut names: Vec<String> = group.into_iter().map(str::to_owned).collect();
            names.sort();
            names
        });
        named.collect()
    }
}

#[test]
fn no_circles_of_files() {
    for src in ["src", "builder/src"] {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join(src);
        assert_eq!(Modules::read(&src).circles(), Vec::<Vec<String>>::new(), "{}", src.display());
    }
}

#[test]
fn a_circle_is_seen() {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let file = dir.path().join(name);
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(file, text).expect("written");
    };
    write("lib.rs", "mod a; mod room; pub use a::A;");
    write("a.rs", "use crate::room::B; pub struct A(B);");
    write("room/mod.rs", "mod b; pub use b::B;");
    write("room/b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }");
    assert!(Modules::read(dir.path()).circles().is_empty());
    write("room/b.rs", "pub struct B; fn f() { crate::a::g(); }");
    assert_eq!(Modules::read(dir.path()).circles(), [["a", "room/b"]]);
}
