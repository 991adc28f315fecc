//! What one source file names: other sources, and files that rustc, macros and derives read.

use crate::files::reader;
use std::collections::BTreeSet;

use camino::Utf8Path;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::code_variables::CodeVariables;
use super::concat::{self, first_variable, variable};
use super::tokens::{commas, string, tokens};

/// What a source file names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// By `include!` and its like: relative to the file's directory.
    pub beside: BTreeSet<String>,
    /// By `CARGO_MANIFEST_DIR` or another variable that is a path: relative to the package's directory.
    pub in_package: BTreeSet<String>,
    /// In calls of other macros and in attributes: relative to either, if it is a path at all.
    pub perhaps: BTreeSet<String>,
    /// Modules without a body, below the inline modules that they stand in.
    pub modules: BTreeSet<Module>,
    /// Whether something is included by a variable that is not known: the package's script may have set it.
    pub by_variable: bool,
    /// Whether macros by example are exported.
    pub exports: bool,
    /// Variables that stand for paths.
    known: CodeVariables,
}

/// `mod name;`, or `#[path = "..."] mod name;`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    /// The inline modules around it, as directories: `a/b`, or empty.
    pub within: String,
    /// The name, or the path that an attribute says.
    pub file: ModuleFile,
}

/// How a module's file is found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleFile {
    /// By rustc's rules.
    Named(String),
    /// By `#[path]`.
    Path(String),
}

/// Macros that read no file, whatever the text in them.
const READ_NOTHING: [&str; 32] = [
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "cfg",
    "compile_error",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "ensure",
    "env",
    "eprint",
    "eprintln",
    "error",
    "format",
    "format_args",
    "info",
    "json",
    "matches",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "todo",
    "trace",
    "unimplemented",
    "unreachable",
    "warn",
    "write",
];

/// Keys of attributes whose value is a path.
const PATH_KEYS: [&str; 14] = [
    "dir",
    "directory",
    "file",
    "folder",
    "grammar",
    "include",
    "path",
    "query",
    "query_path",
    "root",
    "schema",
    "schema_path",
    "source",
    "template",
];

impl Mentions {
    /// Of the file, unless `worth` says of its text that it names nothing of interest: tokens are
    /// costly to make.
    pub fn of(
        file: &Utf8Path,
        known: &CodeVariables,
        worth: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let text = reader::text(file).ok()?;
        if !worth(&text) {
            return None;
        }
        let exports = text.contains("macro_export");
        let mut mentions = Self { known: known.clone(), exports, ..Self::default() };
        // A file that is no Rust is left to rustc's own message.
        mentions.scan(tokens(&text)?, "", Place::Code);
        Some(mentions)
    }

    fn scan(&mut self, tokens: TokenStream, within: &str, place: Place) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let alone = tokens.len() == 1;
        // What `#[path]` says of the module that follows.
        let mut path = None;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = |ahead: usize| tokens.get(at + ahead);
            match token {
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    let inner = matches!(next(1), Some(TokenTree::Punct(p)) if p.as_char() == '!');
                    let ahead = 1 + usize::from(inner);
                    if let Some(TokenTree::Group(group)) = next(ahead)
                        && group.delimiter() == Delimiter::Bracket
                    {
                        path = path.or(self.attribute(group.stream()));
                        at += ahead;
                    }
                }
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    if word == "mod"
                        && let Some(TokenTree::Ident(name)) = next(1)
                    {
                        let name = name.to_string().trim_start_matches("r#").to_owned();
                        at += self.module(&name, path.take(), next(2), within);
                    } else if let Some(TokenTree::Punct(bang)) = next(1)
                        && bang.as_char() == '!'
                        && let Some(TokenTree::Group(args)) = next(2)
                    {
                        self.call(&word, args.stream(), within);
                        at += 2;
                    }
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = string(&literal.to_string()) {
                        let key = at.checked_sub(2).and_then(|at| tokens.get(at));
                        self.literal(text, place, alone, key);
                    }
                }
                TokenTree::Group(group) => {
                    self.scan(group.stream(), within, place);
                    if group.delimiter() == Delimiter::Brace {
                        path = None;
                    }
                }
                TokenTree::Punct(end) => {
                    if end.as_char() == ';' {
                        path = None;
                    }
                }
            }
            at += 1;
        }
    }

    /// `mod name` with what follows; says how many tokens that were.
    fn module(
        &mut self,
        name: &str,
        path: Option<String>,
        body: Option<&TokenTree>,
        within: &str,
    ) -> usize {
        match body {
            Some(TokenTree::Punct(end)) if end.as_char() == ';' => {
                let file = path.map_or(ModuleFile::Named(name.to_owned()), ModuleFile::Path);
                self.modules.insert(Module { within: within.to_owned(), file });
                2
            }
            Some(TokenTree::Group(body)) => {
                let dir = path.unwrap_or_else(|| name.to_owned());
                let within = if within.is_empty() { dir } else { format!("{within}/{dir}") };
                self.scan(body.stream(), &within, Place::Code);
                2
            }
            _ => 1,
        }
    }

    /// An attribute's content; the path of a `#[path]`, which counts for the module only.
    fn attribute(&mut self, tokens: TokenStream) -> Option<String> {
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let TokenTree::Ident(name) = all.first()? else { return None };
        match (name.to_string().as_str(), all.as_slice()) {
            ("path", [_, TokenTree::Punct(_), TokenTree::Literal(value)]) => {
                return string(&value.to_string());
            }
            ("cfg_attr", [_, TokenTree::Group(args)]) => {
                let mut path = None;
                for part in commas(args.stream()).into_iter().skip(1) {
                    path = path.or(self.attribute(part));
                }
                return path;
            }
            ("cfg", _) => {}
            // `#[doc = include_str!("...")]` is a macro like others; a text is a text.
            ("doc", _) => self.scan(tokens, "", Place::Code),
            _ => self.scan(tokens, "", Place::Attribute),
        }
        None
    }

    fn call(&mut self, name: &str, args: TokenStream, within: &str) {
        match name {
            "include" | "include_str" | "include_bytes" | "include_dir" => self.include(args),
            "concat" => self.concat(args),
            name if READ_NOTHING.contains(&name) => self.scan(args, within, Place::Code),
            _ => self.scan(args, within, Place::Macro),
        }
    }

    /// The argument of an include: a literal, or a `concat!`.
    fn include(&mut self, args: TokenStream) {
        let tokens: Vec<TokenTree> = args.clone().into_iter().collect();
        match tokens.as_slice() {
            [TokenTree::Literal(literal)] | [TokenTree::Literal(literal), TokenTree::Punct(_)] => {
                let Some(text) = string(&literal.to_string()) else { return };
                match self.known.expanded(&text) {
                    Some(path) => self.in_package.insert(path),
                    None => self.beside.insert(text),
                };
            }
            [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Group(parts), ..]
                if word == "concat" =>
            {
                match concat::joined(&self.known, parts.stream()) {
                    Some((false, path)) => drop(self.beside.insert(path)),
                    Some(_) => {}
                    None => self.by_variable |= is_from_outside(&first_variable(parts.stream())),
                }
                self.concat(parts.stream());
            }
            [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Group(name), ..]
                if word == "env" =>
            {
                let name = variable(name.stream());
                match self.known.path(&name) {
                    Some(path) => drop(self.in_package.insert(path.to_owned())),
                    None => self.by_variable |= is_from_outside(&name),
                }
            }
            _ => self.scan(args, "", Place::Macro),
        }
    }

    /// `concat!(env!("CARGO_MANIFEST_DIR"), "/x")` names a file wherever it stands; so does an include
    /// among its parts.
    fn concat(&mut self, parts: TokenStream) {
        if let Some((true, path)) = concat::joined(&self.known, parts.clone()) {
            self.in_package.insert(path);
        }
        self.scan(parts, "", Place::Code);
    }

    fn literal(&mut self, text: String, place: Place, alone: bool, key: Option<&TokenTree>) {
        if let Some(path) = self.known.expanded(&text) {
            self.in_package.insert(path);
            return;
        }
        let may_be_path = match place {
            Place::Code => false,
            Place::Macro => alone || text.contains(['/', '.']),
            Place::Attribute => {
                let key = key.map(ToString::to_string).unwrap_or_default();
                text.contains('/') || PATH_KEYS.contains(&key.as_str())
            }
        };
        if may_be_path && text.len() < 400 && !text.contains('\n') {
            self.perhaps.insert(text);
        }
    }
}

/// Where a literal stands.
#[derive(Clone, Copy)]
enum Place {
    Code,
    Macro,
    Attribute,
}

/// Whether a variable may have been set by the package's script, or by who builds.
fn is_from_outside(name: &str) -> bool {
    !name.is_empty() && !name.starts_with("CARGO_") && name != "OUT_DIR"
}

#[cfg(test)]
mod tests {
    use super::{Mentions, ModuleFile, Place, tokens};

    fn of(text: &str) -> Mentions {
        let mut mentions = Mentions::default();
        mentions.scan(tokens(text).expect("Rust"), "", Place::Code);
        mentions
    }

    fn list(names: &std::collections::BTreeSet<String>) -> String {
        names.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn includes() {
        let found = of(r##"
            const A: &str = include_str!("../a.txt");
            const B: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../b"));
            const C: &str = include_str!(concat!("../c", ".txt"));
            static D: Dir = include_dir!("$CARGO_MANIFEST_DIR/d");
            include!(concat!(env!("OUT_DIR"), "/made.rs"));
            macro_rules! a { ($f:literal) => { include_str!(concat!("../../assets/", $f)) } }
            #![doc = include_str!("../README.md")]
            fn f() { std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data.txt")); }
            const E: &str = concat!("v", env!("V"), include_str!("../e.txt"), "../no.txt");
        "##);
        assert_eq!(list(&found.beside), "../../assets ../README.md ../a.txt ../c.txt ../e.txt");
        assert_eq!(list(&found.in_package), "../b d data.txt");
    }

    #[test]
    fn modules() {
        let found = of(r##"
            mod plain;
            #[cfg(x)] #[path = "../other.rs"] pub(crate) mod other;
            #[cfg_attr(unix, path = "unix.rs")] mod os;
            mod outer { pub mod inner; #[path = "odd"] mod dir { mod deep; } }
            fn f() { let path = "data.txt"; }
            cfg_if! { if #[cfg(x)] { mod within; } }
        "##);
        let named: Vec<String> = found
            .modules
            .iter()
            .map(|module| match &module.file {
                ModuleFile::Named(name) => format!("{}:{name}", module.within),
                ModuleFile::Path(path) => format!("{}={path}", module.within),
            })
            .collect();
        assert_eq!(
            named.join(" "),
            ":plain :within =../other.rs =unix.rs outer:inner outer/odd:deep"
        );
        assert_eq!(list(&found.beside), "");
        assert_eq!(list(&found.perhaps), "");
    }

    #[test]
    fn macros_and_derives() {
        let found = of(r##"
            #[derive(Embed)] #[folder = "tests"] struct A;
            #[template(path = "mail.txt")] struct B;
            #[serde(rename = "examples", path = "..")] struct C;
            fn f() { migrate!("../migrations"); println!("../no"); embed!("examples"); bind!({ path: "../wit" }); }
        "##);
        assert_eq!(list(&found.perhaps), ".. ../migrations ../wit examples mail.txt tests");
    }
}
