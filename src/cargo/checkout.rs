//! What git knows of the source tree: the files that a fresh clone has, and new ones that are not
//! ignored. What an earlier build left behind is not among them.

use std::collections::BTreeMap;

use crate::files::reader;
use camino::{Utf8Path, Utf8PathBuf};

use super::paths::{normal, relative};
use super::{gitignore, process};

/// The files of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// The top of the working tree, absolute.
    top: Utf8PathBuf,
    /// Files in git's index, from `top`, sorted.
    tracked: Vec<String>,
    /// Files that are not, but may come to be.
    new: Vec<String>,
    /// Files in the index that a rule would have ignored.
    kept: Vec<String>,
    /// Repositories that are a part of this one, by their places from `top`: each has rules of its own, and
    /// those of this one do not reach into it.
    submodules: BTreeMap<String, Checkout>,
}

impl Checkout {
    /// Asks git of the repository that `dir` lies in, an absolute directory of the workspace. `None` where there
    /// is no repository, and where there is no git.
    #[must_use]
    pub fn of(dir: &Utf8Path) -> Option<Self> {
        // Without a process for those who have no repository.
        dir.ancestors().find(|dir| dir.join(".git").exists())?;
        let up = lines(dir, &["rev-parse", "--show-cdup"])?.into_iter().next().unwrap_or_default();
        let top = normal(&dir.join(up.trim_end_matches('\n')));
        let list = |args: &[&str]| {
            let mut all = vec!["ls-files", "-z", "--full-name"];
            all.extend(args);
            let mut files = lines(&top, &all)?;
            files.sort_unstable();
            files.dedup();
            Some(files)
        };
        // Cargo's own directory may be huge, and not everyone ignores it.
        let inside = dir.ancestors().take_while(|above| above.starts_with(&top));
        let targets: Vec<String> = inside
            .map(|above| format!("--exclude=/{}", relative(&top, &above.join("target"))))
            .collect();
        let rules = "--exclude-per-directory=.gitignore";
        let mut others = vec!["--others", rules];
        others.extend(targets.iter().map(String::as_str));
        let (tracked, new, kept) = std::thread::scope(|scope| {
            let new = scope.spawn(|| list(&others));
            let kept = scope.spawn(|| list(&["--cached", "--ignored", rules]));
            (list(&["--cached"]), new.join(), kept.join())
        });
        let tracked = tracked?;
        let submodules = submodules(&top, &tracked);
        Some(Self { tracked, new: new.ok()??, kept: kept.ok()??, top, submodules })
    }

    /// The submodule that a path lies in.
    fn submodule(&self, path: &Utf8Path) -> Option<&Self> {
        self.submodules.values().find(|submodule| submodule.holds(path))
    }

    /// The same for the workspace at `root`: as with Cargo, a repository counts whose files its
    /// manifest is one of.
    #[must_use]
    pub fn for_workspace(self, root: &Utf8Path) -> Option<Self> {
        let checkout = match root.starts_with(&self.top) {
            true => Some(self),
            // Cargo says the directory by another name than we do.
            false => Self::of(root),
        };
        checkout.filter(|checkout| checkout.knows(&root.join("Cargo.toml")))
    }

    /// Whether a path lies in the working tree.
    #[must_use]
    pub fn holds(&self, path: &Utf8Path) -> bool {
        path.starts_with(&self.top)
    }

    /// The path as git says it; `None` outside the repository.
    fn inside<'p>(&self, path: &'p Utf8Path) -> Option<&'p str> {
        path.strip_prefix(&self.top).ok().map(Utf8Path::as_str)
    }

    /// Whether a file, or any file below a directory, is tracked or new.
    #[must_use]
    pub fn knows(&self, path: &Utf8Path) -> bool {
        if let Some(submodule) = self.submodule(path) {
            return submodule.knows(path);
        }
        let Some(path) = self.inside(path) else { return true };
        has(&self.tracked, path) || has(&self.new, path)
    }

    /// Whether a file, or any file below a directory, is in git's index.
    #[must_use]
    pub fn tracks(&self, path: &Utf8Path) -> bool {
        if let Some(submodule) = self.submodule(path) {
            return submodule.tracks(path);
        }
        self.inside(path).is_some_and(|path| has(&self.tracked, path))
    }

    /// Where `root` lies in the repository.
    #[must_use]
    pub fn prefix(&self, root: &Utf8Path) -> Utf8PathBuf {
        root.strip_prefix(&self.top).unwrap_or(Utf8Path::new("")).to_owned()
    }

    /// The rules of all `.gitignore` files that reach one of `areas` (absolute directories); of those
    /// that fit, the last one counts. Paths count from the top.
    #[must_use]
    pub fn rules(&self, areas: &[&Utf8Path]) -> Vec<String> {
        let mut rules = Vec::new();
        let is_rules = |file: &&String| file.rsplit('/').next() == Some(".gitignore");
        let mut files: Vec<&String> =
            self.tracked.iter().chain(&self.new).filter(is_rules).collect();
        // A deeper file wins over one above it.
        files.sort_by_key(|file| (file.matches('/').count(), file.as_str()));
        for file in files {
            let path = self.top.join(file);
            let dir = path.parent().unwrap_or(&self.top);
            if !areas.iter().any(|area| area.starts_with(dir) || dir.starts_with(area)) {
                continue;
            }
            // What is not UTF-8 is no path that a plan could name.
            let Ok(text) = reader::text(&path) else { continue };
            let below = file.strip_suffix(".gitignore").unwrap_or_default();
            rules.extend(text.lines().filter_map(|line| gitignore::rule(below, line)));
        }
        for (place, submodule) in &self.submodules {
            if areas.iter().any(|area| area.starts_with(&submodule.top) || submodule.holds(area)) {
                let place = gitignore::literal(place);
                rules.push(format!("!{place}/.*"));
                let own = submodule.rules(areas).into_iter();
                rules.extend(own.map(|rule| match rule.strip_prefix('!') {
                    Some(back) => format!("!{place}/{back}"),
                    None => format!("{place}/{rule}"),
                }));
            }
        }
        rules
    }

    /// Tracked files below `areas` that a rule would have ignored, from the top.
    #[must_use]
    pub fn kept(&self, areas: &[&Utf8Path]) -> Vec<String> {
        let near = |file: &&String| {
            let path = self.top.join(file);
            areas.iter().any(|area| path.starts_with(area))
        };
        let mut kept: Vec<String> = self.kept.iter().filter(near).cloned().collect();
        for (place, submodule) in &self.submodules {
            kept.extend(submodule.kept(areas).into_iter().map(|file| format!("{place}/{file}")));
        }
        kept
    }
}

/// The submodules among the files in the index of `top`. One that was not fetched is empty, and none.
fn submodules(top: &Utf8Path, tracked: &[String]) -> BTreeMap<String, Checkout> {
    if !top.join(".gitmodules").is_file() {
        return BTreeMap::new();
    }
    // In git's index a repository is one entry.
    let is_one = |name: &&String| top.join(name.as_str()).join(".git").exists();
    let of = |name: &String| Some((name.clone(), Checkout::of(&top.join(name))?));
    tracked.iter().filter(is_one).filter_map(of).collect()
}

/// Whether the sorted `files` have the path, something below it, or what it lies in (a submodule).
fn has(files: &[String], path: &str) -> bool {
    if path.is_empty() {
        return !files.is_empty();
    }
    let below = format!("{path}/");
    let at = files.partition_point(|file| file.as_str() < below.as_str());
    files.get(at).is_some_and(|file| file.starts_with(&below))
        || Utf8Path::new(path).ancestors().map(Utf8Path::as_str).any(|part| {
            let found = |name: &str| files.binary_search_by(|file| file.as_str().cmp(name)).is_ok();
            // Git says `repo/` of a repository in a repository.
            !part.is_empty() && (found(part) || found(&format!("{part}/")))
        })
}

/// What git prints, by NUL or as one piece; names that are not UTF-8 are left out. The user's own excludes
/// have no say, and neither has a hook that git runs us in.
fn lines(dir: &Utf8Path, args: &[&str]) -> Option<Vec<String>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(dir).args(["-c", "safe.directory=*", "-c", "core.fsmonitor=false"]).args(args);
    git.env("GIT_OPTIONAL_LOCKS", "0");
    for hook in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(hook);
    }
    let printed = process::output(git).ok()?;
    let names = printed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Some(names.filter_map(|name| String::from_utf8(name.to_vec()).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn files_directories_and_submodules() {
        let files = ["a", "b/c", "b-x", "sub", "repo/"].map(str::to_owned);
        let mut files = files.to_vec();
        files.sort();
        for path in ["", "a", "b", "b/c", "sub/deep/file", "repo/file"] {
            assert!(has(&files, path), "{path}");
        }
        for path in ["b/d", "c", "a2", "su"] {
            assert!(!has(&files, path), "{path}");
        }
    }
}
