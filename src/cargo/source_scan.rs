//! Which files a path package's code names outside the places it may read by default.
//!
//! By default a compile step reads its package's directory without documents, tests and nested
//! packages, and a build script's run reads the same without the crates' sources. What code takes
//! from elsewhere is found here: `include!`-like macros, `#[path]`, symbolic links that leave the
//! package, and for a build script every string that names an existing file or directory.
//! Finding too much costs a rebuild, finding too little fails with the file's name.

use std::collections::BTreeSet;
use std::str::FromStr;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path package on disk.
#[derive(Debug)]
pub struct Tree<'a> {
    /// The package's directory, absolute.
    pub dir: &'a Utf8Path,
    /// Directories that are never entered: nested packages, the target directory.
    pub closed: &'a BTreeSet<Utf8PathBuf>,
}

/// Texts without one of which a source file takes nothing from elsewhere. Tokens are costly to
/// make, so they are made of files only that have one of these.
const INCLUDES: [&str; 6] =
    ["include!", "include_str!", "include_bytes!", "include_dir!", "#[path", "path = \""];

/// What a source file names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mentions {
    /// Relative to the file's directory.
    beside: BTreeSet<String>,
    /// Relative to the package's directory.
    in_package: BTreeSet<String>,
    /// Modules declared without a body: their file is found by rustc's rules.
    modules: BTreeSet<String>,
    /// Every other string.
    strings: BTreeSet<String>,
}

impl Tree<'_> {
    /// Files and directories outside `self.dir`, or among its documents and tests, that the
    /// sources below `roots` name. Absolute, lexically normal, existing.
    #[must_use]
    pub fn included(&self, roots: &[Utf8PathBuf]) -> BTreeSet<Utf8PathBuf> {
        let mut found = BTreeSet::new();
        let mut sources = BTreeSet::new();
        for root in roots {
            self.walk(root, &mut sources, &mut found);
        }
        for file in &sources {
            let Some(mentions) = read(file, &INCLUDES) else { continue };
            let here = file.parent().unwrap_or(self.dir);
            found.extend(existing(here, &mentions.beside));
            found.extend(existing(self.dir, &mentions.in_package));
        }
        // A source file from elsewhere brings its own modules and includes with it.
        let elsewhere: Vec<_> = found
            .iter()
            .filter(|path| path.extension() == Some("rs") && !path.starts_with(self.dir))
            .cloned()
            .collect();
        for file in elsewhere {
            found.extend(self.script_files(&file));
        }
        found
    }

    /// The files of a build script that starts at `root`: itself and its modules.
    #[must_use]
    pub fn script_files(&self, root: &Utf8Path) -> BTreeSet<Utf8PathBuf> {
        let mut files = BTreeSet::from([root.to_owned()]);
        let mut queue = vec![root.to_owned()];
        while let Some(file) = queue.pop() {
            let Some(mentions) = read(&file, &["mod", "include", "path"]) else { continue };
            let here = file.parent().unwrap_or(self.dir);
            let mut next: Vec<Utf8PathBuf> = existing(here, &mentions.beside);
            next.extend(existing(self.dir, &mentions.in_package));
            // `a.rs` keeps its modules in `a/`; a crate root and `mod.rs` keep them beside.
            let own = here.join(file.file_stem().unwrap_or_default());
            for module in &mentions.modules {
                for dir in [here, own.as_path()] {
                    next.push(dir.join(format!("{module}.rs")));
                    next.push(dir.join(module).join("mod.rs"));
                }
            }
            for path in next.into_iter().filter(|path| path.is_file()) {
                if files.insert(path.clone()) && path.extension() == Some("rs") {
                    queue.push(path);
                }
            }
        }
        files
    }

    /// Files and directories that the strings of a build script's `files` name.
    #[must_use]
    pub fn script_reads(&self, files: &BTreeSet<Utf8PathBuf>) -> BTreeSet<Utf8PathBuf> {
        let mut found = BTreeSet::new();
        for file in files.iter().filter(|file| file.extension() == Some("rs")) {
            let Some(mentions) = read(file, &["\""]) else { continue };
            for text in &mentions.strings {
                found.extend(self.named_by(text));
            }
        }
        found
    }

    /// The paths that a string of a build script may mean: pieces between `{}` and up to the
    /// first wildcard.
    fn named_by(&self, text: &str) -> Option<Utf8PathBuf> {
        if text.len() > 400 || text.contains('\n') || text.starts_with("cargo:") {
            return None;
        }
        let piece = text.rsplit('}').next().unwrap_or(text).trim_start_matches('/');
        let piece = match piece.find(['*', '?', '[', '{']) {
            Some(wildcard) => piece[..wildcard].rsplit_once('/').map_or("", |(dir, _)| dir),
            None => piece,
        };
        if piece.is_empty() || Utf8Path::new(piece).is_absolute() {
            return None;
        }
        let path = normal(&self.dir.join(piece));
        // `.` alone is said for many reasons; it stands for what the run reads anyway.
        (path != self.dir && path.exists() && !self.dir.starts_with(&path)).then_some(path)
    }

    fn walk(
        &self,
        path: &Utf8Path,
        sources: &mut BTreeSet<Utf8PathBuf>,
        found: &mut BTreeSet<Utf8PathBuf>,
    ) {
        if let Ok(target) = path.read_link_utf8() {
            let target = normal(&path.parent().unwrap_or(self.dir).join(target));
            if target.exists() && !target.starts_with(self.dir) {
                found.insert(target);
            }
        }
        if path.is_file() {
            if path.extension() == Some("rs") {
                sources.insert(path.to_owned());
            }
            return;
        }
        let Ok(entries) = path.read_dir_utf8() else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let hidden = entry.file_name().starts_with('.');
            if !hidden && !self.closed.contains(path) {
                self.walk(path, sources, found);
            }
        }
    }
}

/// `path` without `.` and `..`, by its text alone.
#[must_use]
pub fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut result = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir
                if result.components().next_back().is_some_and(|last| {
                    !matches!(last, Utf8Component::ParentDir | Utf8Component::RootDir)
                }) =>
            {
                result.pop();
            }
            other => result.push(other.as_str()),
        }
    }
    result
}

fn existing(base: &Utf8Path, names: &BTreeSet<String>) -> Vec<Utf8PathBuf> {
    let paths = names.iter().map(|name| normal(&base.join(name.trim_start_matches("./"))));
    paths.filter(|path| path.exists()).collect()
}

/// The mentions of `file`, unless none of `needles` stands in it.
fn read(file: &Utf8Path, needles: &[&str]) -> Option<Mentions> {
    let text = std::fs::read_to_string(file).ok()?;
    if !needles.iter().any(|needle| text.contains(needle)) {
        return None;
    }
    let mut mentions = Mentions::default();
    // A file that is no Rust is left to rustc's own message.
    scan(TokenStream::from_str(&text).ok()?, &mut mentions);
    Some(mentions)
}

fn scan(tokens: TokenStream, mentions: &mut Mentions) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                match (word.as_str(), tokens.get(at + 1), tokens.get(at + 2)) {
                    (
                        "include" | "include_str" | "include_bytes" | "include_dir",
                        Some(TokenTree::Punct(bang)),
                        Some(TokenTree::Group(args)),
                    ) if bang.as_char() == '!' => include(args.stream(), mentions),
                    ("path", Some(TokenTree::Punct(equals)), Some(TokenTree::Literal(value)))
                        if equals.as_char() == '=' =>
                    {
                        mentions.beside.extend(string(&value.to_string()));
                    }
                    ("mod", Some(TokenTree::Ident(name)), Some(TokenTree::Punct(end)))
                        if end.as_char() == ';' =>
                    {
                        mentions.modules.insert(name.to_string().trim_start_matches("r#").into());
                    }
                    _ => {}
                }
            }
            TokenTree::Literal(literal) => mentions.strings.extend(string(&literal.to_string())),
            TokenTree::Group(group) => scan(group.stream(), mentions),
            TokenTree::Punct(_) => {}
        }
    }
}

/// The argument of an include: a literal, or `concat!(env!("CARGO_MANIFEST_DIR"), "/x")`.
fn include(args: TokenStream, mentions: &mut Mentions) {
    let tokens: Vec<TokenTree> = args.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Literal(literal)] | [TokenTree::Literal(literal), TokenTree::Punct(_)] => {
            let Some(text) = string(&literal.to_string()) else { return };
            match text.strip_prefix("$CARGO_MANIFEST_DIR/") {
                Some(rest) => mentions.in_package.insert(rest.to_owned()),
                None => mentions.beside.insert(text),
            };
        }
        [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Group(parts), ..]
            if word == "concat" && parts.delimiter() == Delimiter::Parenthesis =>
        {
            let mut from_manifest = false;
            let mut path = String::new();
            for part in parts.stream() {
                match part {
                    TokenTree::Group(name) => {
                        from_manifest |= name.to_string().contains("CARGO_MANIFEST_DIR");
                    }
                    TokenTree::Literal(literal) => {
                        path.push_str(&string(&literal.to_string()).unwrap_or_default());
                    }
                    TokenTree::Ident(_) | TokenTree::Punct(_) => {}
                }
            }
            if from_manifest {
                mentions.in_package.insert(path.trim_start_matches('/').to_owned());
            }
        }
        _ => {}
    }
}

/// The value of a string literal, near enough for a path: escapes other than `\\` and `\"` are
/// left alone.
fn string(literal: &str) -> Option<String> {
    let start = literal.find('"')?;
    if !matches!(literal[..start].trim_end_matches('#'), "" | "r" | "b" | "br" | "c" | "cr") {
        return None;
    }
    let end = literal.rfind('"').filter(|end| *end > start)?;
    let text = &literal[start + 1..end];
    let raw = literal[..start].contains('r');
    Some(if raw { text.to_owned() } else { text.replace("\\\\", "\\").replace("\\\"", "\"") })
}
