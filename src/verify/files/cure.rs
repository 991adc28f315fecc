//! The lines of config.toml that give steps the files which they lack.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::Utf8Path;
use serde::Serialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

use super::missing::{How, Missing};
use crate::config::RelativePath;

/// More missing files of one directory than this are named by it.
const SINGLE: usize = 3;

/// `[override.PACKAGE] files`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cure {
    /// The package.
    pub package: String,
    /// The files and directories.
    pub files: Vec<String>,
}

impl fmt::Display for Cure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Array = self.files.iter().map(String::as_str).collect();
        let name = toml_edit::Key::new(&self.package);
        writeln!(f, "    [override.{name}]\n    files = {files}")
    }
}

/// The cures of `missing`, and the paths that have none: those outside of the workspace, which config.toml
/// cannot name.
#[must_use]
pub fn cures(missing: &[Missing]) -> (Vec<Cure>, BTreeSet<String>) {
    let mut by_package: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut without = BTreeSet::new();
    for one in missing {
        if RelativePath::new(&one.path).is_err() || one.path == "." {
            without.insert(one.path.clone());
        // A directory that is only asked for is there when something in it is: named whole, it would
        // bring more than anyone read.
        } else if one.how == How::Asked && one.is_directory && has_more(one, missing) {
        } else {
            by_package.entry(&one.package).or_default().insert(&one.path);
        }
    }
    let cures = by_package
        .into_iter()
        .map(|(package, paths)| Cure { package: package.to_owned(), files: gathered(&paths) });
    (cures.collect(), without)
}

fn has_more(directory: &Missing, missing: &[Missing]) -> bool {
    missing.iter().any(|one| {
        one.package == directory.package
            && one.path != directory.path
            && Utf8Path::new(&one.path).starts_with(&directory.path)
    })
}

/// Many files of one directory are that directory. One that lies in another that is named goes.
pub(super) fn gathered(paths: &BTreeSet<&str>) -> Vec<String> {
    let mut named: BTreeSet<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let mut by_parent: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        let parent = Utf8Path::new(*path).parent().map_or("", Utf8Path::as_str);
        *by_parent.entry(parent).or_default() += 1;
    }
    let many =
        by_parent.into_iter().filter(|(parent, count)| *count > SINGLE && !parent.is_empty());
    named.extend(many.map(|(parent, _)| parent.to_owned()));
    let inside = |path: &String| {
        Utf8Path::new(path).ancestors().skip(1).any(|above| named.contains(above.as_str()))
    };
    named.iter().filter(|path| !inside(path)).cloned().collect()
}

/// The text of a configuration with the cures in it; all else stays as it is.
///
/// # Errors
/// The text is no TOML, or has something else in the place of an override.
pub fn write(text: &str, cures: &[Cure]) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    for cure in cures {
        let overrides = document.entry("override").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let overrides =
            overrides.as_table_like_mut().ok_or_else(|| "`override` is no table".to_owned())?;
        let of_package =
            overrides.entry(&cure.package).or_insert_with(|| Item::Table(Table::new()));
        let refused = || format!("`override.{}` is no table", cure.package);
        match of_package {
            Item::ArrayOfTables(all) => {
                let at = all.iter().position(is_for_all);
                match at.and_then(|at| all.get_mut(at)) {
                    Some(table) => add(table.entry("files"), &cure.files).ok_or_else(refused)?,
                    None => all.push(only(&cure.files)),
                }
            }
            Item::Table(table) if is_for_all(table) => {
                add(table.entry("files"), &cure.files).ok_or_else(refused)?;
            }
            // For some steps only, or some versions: another one beside it, for all.
            Item::Table(table) => {
                let mut all = ArrayOfTables::new();
                all.push(std::mem::take(table));
                all.push(only(&cure.files));
                *of_package = Item::ArrayOfTables(all);
            }
            Item::Value(Value::InlineTable(table)) => {
                let files = table.entry("files").or_insert(Value::Array(Array::new()));
                let files = files.as_array_mut().ok_or_else(refused)?;
                cure.files.iter().for_each(|file| files.push(file));
            }
            _ => return Err(refused()),
        }
    }
    Ok(document.to_string())
}

fn is_for_all(table: &Table) -> bool {
    !table.contains_key("kind") && !table.contains_key("version")
}

fn only(files: &[String]) -> Table {
    let mut table = Table::new();
    let files: Array = files.iter().map(String::as_str).collect();
    table.insert("files", Item::Value(Value::Array(files)));
    table
}

fn add(entry: toml_edit::Entry<'_>, files: &[String]) -> Option<()> {
    let item = entry.or_insert_with(|| Item::Value(Value::Array(Array::new())));
    let array = item.as_array_mut()?;
    for file in files {
        if !array.iter().any(|known| known.as_str() == Some(file)) {
            array.push(file);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{Cure, cures, write};
    use crate::verify::files::missing::{By, How, Missing};

    fn cure(files: &[&str]) -> Cure {
        Cure { package: "app".to_owned(), files: files.iter().map(|f| (*f).to_owned()).collect() }
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        assert_eq!(write(before, &[cure(&["a", "b"])]).expect("a configuration"), after);
    }

    #[test]
    fn lines_are_added_and_others_stay() {
        check("", "[override.app]\nfiles = [\"a\", \"b\"]\n");
        check(
            "# mine\n[build]  # here\nprofile='dev'\n",
            "# mine\n[build]  # here\nprofile='dev'\n\n[override.app]\nfiles = [\"a\", \"b\"]\n",
        );
        check(
            "[override.app]\nfiles = [\"b\", \"c\"] # why\nenv.A = \"1\"\n",
            "[override.app]\nfiles = [\"b\", \"c\", \"a\"] # why\nenv.A = \"1\"\n",
        );
        check(
            "[override.app]\nkind = \"run\"\nenv.A = \"1\"\n",
            "[[override.app]]\nkind = \"run\"\nenv.A = \"1\"\n\n[[override.app]]\nfiles = [\"a\", \"b\"]\n",
        );
        check(
            "[[override.app]]\nversion = \"1\"\n",
            "[[override.app]]\nversion = \"1\"\n\n[[override.app]]\nfiles = [\"a\", \"b\"]\n",
        );
    }

    #[test]
    fn many_files_are_their_directory() {
        let missing: Vec<Missing> = ["p/a", "p/b", "p/c", "p/d", "q/x", "../out", "p/sub/e"]
            .into_iter()
            .map(|path| Missing {
                step: "host/app".to_owned(),
                package: "app".to_owned(),
                path: path.to_owned(),
                is_directory: false,
                how: How::Read,
                by: By::Script,
            })
            .collect();
        let (cures, without) = cures(&missing);
        assert_eq!(cures, [cure(&["p", "q/x"])]);
        assert_eq!(without.into_iter().collect::<Vec<_>>(), ["../out"]);
    }
}
