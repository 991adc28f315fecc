//! What a build script reads, writes and lists, as far as its text says.
//!
//! Not a compiler: strings are followed through `let`, `join`, `parent` and `format!`. Finding too
//! much costs a rebuild.

use crate::files::reader;
use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::code_variables::CodeVariables;
use super::meant_paths::{self, UNKNOWN};
use super::script_words::Words;
use super::tokens::{commas, string, tokens};

/// The paths of a script, from its package's directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ScriptPaths {
    /// What strings name, alone or put together.
    pub named: BTreeSet<String>,
    /// What a call is given as a whole: here `..` means all that lies there.
    pub given: BTreeSet<String>,
    /// What it writes.
    pub written: BTreeSet<String>,
    /// What it can do.
    pub words: Words,
    /// Whether it writes code that names files.
    pub generates: bool,
    /// Variables of the environment that are paths.
    pub known: CodeVariables,
    variables: BTreeMap<String, String>,
}

/// Calls that write what they are given.
const WRITERS: [&str; 6] =
    ["create", "create_new", "out_dir", "out_file", "write", "write_to_file"];

/// Calls that write their second argument.
const COPIERS: [&str; 4] = ["copy", "rename", "hard_link", "symlink"];

/// Words of code that names files, in a text that a script writes.
const NAMES_FILES: [&str; 4] = ["include!", "include_str!", "include_bytes!", "#[path"];

impl ScriptPaths {
    /// Of a script that has these variables.
    #[must_use]
    pub fn with(known: CodeVariables) -> Self {
        Self { known, ..Self::default() }
    }

    /// Adds what a file of the script says.
    pub fn add(&mut self, file: &Utf8Path) {
        let Ok(text) = reader::text(file) else { return };
        match tokens(&text) {
            Some(tokens) => self.scan(tokens),
            // It cannot be told what that does.
            None => self.words = Words::ALL,
        }
    }

    fn scan(&mut self, tokens: TokenStream) {
        self.words.add(tokens.clone());
        self.block(tokens);
    }

    /// Statements, one after the other.
    fn block(&mut self, tokens: TokenStream) {
        let mut statement: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let ends = match &token {
                TokenTree::Punct(end) => end.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            if !matches!(&token, TokenTree::Punct(end) if end.as_char() == ';') {
                statement.push(token);
            }
            if ends {
                self.statement(&std::mem::take(&mut statement));
            }
        }
        self.statement(&statement);
    }

    fn statement(&mut self, tokens: &[TokenTree]) {
        let word = |at: usize| match tokens.get(at) {
            Some(TokenTree::Ident(word)) => word.to_string(),
            _ => String::new(),
        };
        let binds = matches!(word(0).as_str(), "let" | "const" | "static");
        let name = if matches!(word(1).as_str(), "mut" | "ref") { word(2) } else { word(1) };
        let is_equals =
            |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == '=');
        match tokens.iter().position(is_equals).filter(|_| binds && !name.is_empty()) {
            Some(equals) => {
                if let Some(value) = self.value(&tokens[equals + 1..]) {
                    self.name(&value);
                    self.variables.insert(name, value);
                }
            }
            None => {
                let value = self.value(tokens);
                self.name(&value.unwrap_or_default());
            }
        }
    }

    /// The path that an expression makes, if it makes one; what is in it is told on the way.
    fn value(&mut self, tokens: &[TokenTree]) -> Option<String> {
        let mut value: Option<String> = None;
        let mut callee = String::new();
        let mut list: Vec<String> = Vec::new();
        let mut adds = false;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Literal(literal) => {
                    let Some(text) = string(&literal.to_string()) else { continue };
                    self.generates |= NAMES_FILES.iter().any(|word| text.contains(word));
                    let text = self.text(&text, &[]);
                    value = match value.take() {
                        Some(before) if adds => Some(before + &text),
                        _ => Some(text),
                    };
                    adds = false;
                }
                TokenTree::Ident(word) => {
                    callee = word.to_string();
                    let called = match tokens.get(at + 1) {
                        Some(TokenTree::Group(group)) => {
                            group.delimiter() == Delimiter::Parenthesis
                        }
                        Some(TokenTree::Punct(bang)) => bang.as_char() == '!',
                        _ => false,
                    };
                    if !called && let Some(known) = self.variables.get(&callee) {
                        value = Some(known.clone());
                    }
                }
                TokenTree::Group(group) => match group.delimiter() {
                    Delimiter::Parenthesis | Delimiter::None if !list.is_empty() => {
                        // `["a", "b"].concat()`, `["a", "b"].join("/")`
                        let between = only_text(&group.stream()).unwrap_or_default();
                        value = Some(std::mem::take(&mut list).join(&between));
                    }
                    Delimiter::Parenthesis | Delimiter::None => {
                        value = self.call(&callee, value.take(), group.stream());
                    }
                    Delimiter::Bracket => {
                        for part in commas(group.stream()) {
                            let part: Vec<TokenTree> = part.into_iter().collect();
                            let one = self.value(&part);
                            list.push(one.clone().unwrap_or_else(|| UNKNOWN.to_string()));
                            self.give(one);
                        }
                        if !joins(&tokens[at + 1..]) {
                            list.clear();
                        }
                    }
                    Delimiter::Brace => self.block(group.stream()),
                },
                TokenTree::Punct(sign) => match sign.as_char() {
                    '+' => adds = true,
                    '.' | '?' | '&' | ':' | '*' | '!' | '#' | '\'' => {}
                    _ => {
                        self.name(&value.take().unwrap_or_default());
                        callee.clear();
                    }
                },
            }
        }
        value
    }

    /// A call on `value`, or of a function.
    fn call(&mut self, callee: &str, value: Option<String>, args: TokenStream) -> Option<String> {
        if callee == "format" || callee == "concat" {
            return self.format(args);
        }
        if let ("var" | "var_os" | "env", Some(name)) = (callee, only_text(&args)) {
            let path = self.known.path(&name).map(str::to_owned);
            return path.or(Some(UNKNOWN.to_string()));
        }
        let args: Vec<Vec<TokenTree>> =
            commas(args).into_iter().map(|arg| arg.into_iter().collect()).collect();
        let values: Vec<Option<String>> = args.iter().map(|arg| self.value(arg)).collect();
        let first = values.first().cloned().flatten();
        match callee {
            "join" | "push" | "with_file_name" => {
                let base = value.unwrap_or_else(|| UNKNOWN.to_string());
                first.map(|first| format!("{base}/{first}"))
            }
            "parent" => value.map(|value| format!("{value}/..")),
            // What makes a path of a text, or the same path once more.
            "new" | "from" | "canonicalize" | "Ok" | "Some" | "" if values.len() == 1 => first,
            _ => {
                let copies = COPIERS.contains(&callee);
                for (at, one) in values.into_iter().enumerate() {
                    let writes = WRITERS.contains(&callee) && at == 0 || copies && at == 1;
                    match one {
                        Some(one) if writes => self.write(&one),
                        other => self.give(other),
                    }
                }
                // `path.to_str()`, `path.display()`: the path once more.
                value
            }
        }
    }

    /// `format!("{dir}/x", ..)`, `concat!(env!(".."), "/x")`.
    fn format(&mut self, args: TokenStream) -> Option<String> {
        let mut parts = commas(args).into_iter();
        let first: Vec<TokenTree> = parts.next()?.into_iter().collect();
        let mut rest = Vec::new();
        for part in parts {
            let part: Vec<TokenTree> = part.into_iter().collect();
            let value = self.value(&part).unwrap_or_else(|| UNKNOWN.to_string());
            // It may be a path that stands in a longer text.
            self.name(&value);
            rest.push(value);
        }
        match first.as_slice() {
            [TokenTree::Literal(literal)] => {
                let text = string(&literal.to_string())?;
                self.generates |= NAMES_FILES.iter().any(|word| text.contains(word));
                if text.contains('{') {
                    return Some(self.text(&text, &rest));
                }
                Some(text + &rest.concat())
            }
            _ => {
                let start = self.value(&first).unwrap_or_else(|| UNKNOWN.to_string());
                Some(start + &rest.concat())
            }
        }
    }

    /// A text with its `{}` filled in.
    fn text(&self, text: &str, args: &[String]) -> String {
        if text == "OUT_DIR" {
            return UNKNOWN.to_string();
        }
        if let Some(path) = self.known.path(text) {
            return path.to_owned();
        }
        let mut args = args.iter();
        let mut made = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            made.push_str(before);
            let Some((hole, after)) = after.split_once('}') else {
                made.push(UNKNOWN);
                return made;
            };
            let name = hole.split(':').next().unwrap_or_default();
            let filled = match name {
                "" => args.next().cloned(),
                name => self.variables.get(name).cloned(),
            };
            made.push_str(&filled.unwrap_or_else(|| UNKNOWN.to_string()));
            rest = after;
        }
        made + rest
    }

    /// Of a name with unknown parts its directory.
    fn write(&mut self, value: &str) {
        let path = match value.find(UNKNOWN) {
            Some(end) => value[..end].rsplit_once('/').map_or("", |(dir, _)| dir),
            None => value,
        };
        if !path.is_empty() {
            self.written.insert(path.to_owned());
        }
    }

    fn give(&mut self, value: Option<String>) {
        if let Some(value) = value {
            self.name(&value);
            if !value.contains(UNKNOWN) {
                self.given.insert(value);
            }
        }
    }

    fn name(&mut self, value: &str) {
        self.named.extend(meant_paths::of(value));
    }
}

/// Whether a list has `.concat()` or `.join(..)` after it.
fn joins(rest: &[TokenTree]) -> bool {
    matches!(rest, [TokenTree::Punct(dot), TokenTree::Ident(word), TokenTree::Group(_), ..]
        if dot.as_char() == '.' && (word == "concat" || word == "join"))
}

/// The text of arguments that are one literal.
fn only_text(args: &TokenStream) -> Option<String> {
    let mut args = args.clone().into_iter();
    match (args.next(), args.next()) {
        (Some(TokenTree::Literal(literal)), None) => string(&literal.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ScriptPaths, tokens};

    fn of(text: &str) -> ScriptPaths {
        let mut paths = ScriptPaths::default();
        paths.scan(tokens(text).expect("Rust"));
        paths
    }

    #[track_caller]
    fn names(text: &str, expected: &[&str]) {
        let found = of(text).named;
        for path in expected {
            assert!(found.contains(*path), "{path} is not among {found:?}");
        }
    }

    #[test]
    fn strings_are_followed() {
        names(r#"fn main() { read("a.txt"); }"#, &["a.txt"]);
        names(
            r#"let d = Path::new("..").join("proto"); x(d.join("u.proto"));"#,
            &["../proto", "../proto/u.proto"],
        );
        names(
            r#"let r = PathBuf::from(env!("CARGO_MANIFEST_DIR")); x(r.parent().unwrap().join("p"));"#,
            &["./../p"],
        );
        names(
            r#"x(format!("{}/../proto/{}.proto", env::var("CARGO_MANIFEST_DIR").unwrap(), n));"#,
            &["./../proto"],
        );
        names(r#"let d = "../proto"; x(format!("{d}/a.proto"));"#, &["../proto/a.proto"]);
        names(r#"for n in ["a", "b"] { x(&format!("crates/{n}/Cargo.toml")); }"#, &["crates"]);
        names(r#"x(concat!(env!("CARGO_MANIFEST_DIR"), "/../x"));"#, &["./../x"]);
        names(r#"x(glob("../proto/**/*.proto"));"#, &["../proto"]);
        names(r#"println!("cargo:rerun-if-changed=../proto/a");"#, &["../proto/a"]);
        names(
            r#"let d = env::var("CARGO_MANIFEST_DIR"); println!("cargo:rustc-link-search=native={d}/../lib");"#,
            &["./../lib"],
        );
        names(
            r#"compile(&["../p/a.proto", "../p/b.proto"], &["../p"]);"#,
            &["../p", "../p/a.proto"],
        );
        names(r#"cc.arg("-I../include").arg("-Wl,-T,../m.x");"#, &["../include", "../m.x"]);
        names(r#"let d = ["..", "da"].join("/"); x(d.join(["t", "a"].concat()))"#, &["../da/ta"]);
        assert!(of(r#"write(&f, format!("include_str!({p:?})"));"#).generates);
        names(
            r#"let m = env::var("MODE").unwrap_or("dev".into()); x(format!("../c/app.{m}.toml"));"#,
            &["../c"],
        );
    }

    #[test]
    fn a_base_of_a_join_is_not_given() {
        let found = of(r#"let up = Path::new(".."); x(up.join("a")); read_dir("../b");"#);
        assert_eq!(found.given, BTreeSet::from(["../a", "../b"].map(str::to_owned)));
        assert!(of(r#"read_dir(Path::new(".."));"#).given.contains(".."));
    }

    #[test]
    fn what_is_written() {
        let found = of(
            r#"fs::create_dir_all("../gen")?; let f = Path::new("../gen").join("out.rs"); fs::write(&f, "x");
            let o = File::create(format!("{}/lib.c", "../c")); fs::copy("a", "../d"); config().out_dir("src/gen");"#,
        );
        let written = ["../c/lib.c", "../d", "../gen/out.rs", "src/gen"];
        assert_eq!(found.written, written.into_iter().map(str::to_owned).collect());
    }
}
