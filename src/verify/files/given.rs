//! The files of a step, at the places of the source tree: what its sandbox would show.

use std::collections::BTreeMap;
use std::fs;
use std::path::Component;

use camino::{Utf8Path, Utf8PathBuf};

use super::listed::{Listed, Tree};

/// How many links a path may lead through, as on Linux.
const LINKS: usize = 40;

/// A tree of absolute paths.
#[derive(Debug, Clone, Default)]
pub struct Given {
    root: Node,
}

#[derive(Debug, Clone)]
enum Node {
    Directory(BTreeMap<String, Node>),
    File,
    /// Where it leads.
    Link(Utf8PathBuf),
    /// All that lies there.
    Whole,
}

impl Default for Node {
    fn default() -> Self {
        Self::Directory(BTreeMap::new())
    }
}

impl Given {
    /// Adds sources of a step, for the workspace at `root`.
    pub fn add(&mut self, root: &Utf8Path, sources: &[Listed]) {
        for source in sources {
            let (place, node) = match &source.tree {
                Some(tree) => (normal(&root.join(&source.at)), Node::of(tree, &source.from)),
                None => (source.from.clone(), Node::Whole),
            };
            self.put(&place, node);
        }
    }

    /// Adds a file that something makes.
    pub fn add_file(&mut self, place: &Utf8Path) {
        self.put(place, Node::File);
    }

    fn put(&mut self, place: &Utf8Path, node: Node) {
        let mut at = &mut self.root;
        for part in names(place) {
            // What is placed first, and is no directory, stays.
            let Node::Directory(entries) = at else { return };
            at = entries.entry(part).or_default();
        }
        at.join(node);
    }

    /// How many files and links there are that `fits`; what is there whole is one.
    #[must_use]
    pub fn count(&self, fits: impl Fn(&Utf8Path) -> bool) -> usize {
        let mut waiting = vec![(Utf8PathBuf::from("/"), &self.root)];
        let mut found = 0;
        while let Some((path, node)) = waiting.pop() {
            match node {
                Node::Directory(entries) => {
                    waiting.extend(entries.iter().map(|(name, node)| (path.join(name), node)));
                }
                _ => found += usize::from(fits(&path)),
            }
        }
        found
    }

    /// Whether there is something at a path, through links.
    #[must_use]
    pub fn has(&self, path: &Utf8Path) -> bool {
        let mut links = 0;
        let mut waiting: Vec<String> = names(path);
        waiting.reverse();
        let mut passed: Vec<String> = Vec::new();
        'path: while let Some(part) = waiting.pop() {
            if part == ".." {
                passed.pop();
                continue;
            }
            passed.push(part);
            let mut at = &self.root;
            for part in &passed {
                match at {
                    Node::Directory(entries) => match entries.get(part) {
                        Some(next) => at = next,
                        None => return false,
                    },
                    Node::Whole => continue 'path,
                    Node::File | Node::Link(_) => return false,
                }
            }
            if let Node::Link(target) = at {
                links += 1;
                if links > LINKS {
                    return false;
                }
                passed.pop();
                if target.is_absolute() {
                    passed.clear();
                }
                waiting.extend(names(target).into_iter().rev());
            }
        }
        true
    }
}

impl Node {
    fn of(tree: &Tree, from: &Utf8Path) -> Self {
        match tree {
            Tree::Directory(entries) => Self::Directory(
                entries
                    .iter()
                    .map(|(name, tree)| (name.clone(), Self::of(tree, &from.join(name))))
                    .collect(),
            ),
            tree if tree.is_link() => {
                let target = fs::read_link(from).ok();
                let target = target.and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
                target.map_or(Self::File, Self::Link)
            }
            Tree::Leaf(_) => Self::File,
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Directory(entries) if entries.is_empty())
    }

    fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }

    fn join(&mut self, other: Self) {
        match (self, other) {
            (Self::Directory(own), Self::Directory(other)) => {
                for (name, node) in other {
                    match own.get_mut(&name) {
                        Some(known) => known.join(node),
                        None => drop(own.insert(name, node)),
                    }
                }
            }
            (own @ Self::Directory(_), other) if own.is_empty() || other.is_whole() => *own = other,
            _ => {}
        }
    }
}

/// The names of a path, `..` among them.
fn names(path: &Utf8Path) -> Vec<String> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        Component::ParentDir => Some("..".to_owned()),
        _ => None,
    };
    path.as_std_path().components().filter_map(name).collect()
}

/// Without `..`, by the text alone.
#[must_use]
pub fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut done: Vec<String> = Vec::new();
    for name in names(path) {
        if name == ".." {
            done.pop();
        } else {
            done.push(name);
        }
    }
    Utf8PathBuf::from(format!("/{}", done.join("/")))
}

#[cfg(test)]
mod tests {
    use super::{Given, Node};
    use camino::Utf8Path;

    #[test]
    fn links_lead_as_on_a_disk() {
        let mut given = Given::default();
        given.add_file("/ws/data/x".into());
        given.put("/ws/app/data".into(), Node::Link("../data".into()));
        given.put("/ws/app/all".into(), Node::Link("/ws/app/data".into()));
        given.put("/ws/loop".into(), Node::Link("loop".into()));
        given.put("/ws/out".into(), Node::Link("/usr/include".into()));
        given.put("/ws/vendor/a".into(), Node::Whole);
        for path in ["/ws", "/ws/data", "/ws/app/data/x", "/ws/app/all/x", "/ws/app/all/../data/x"]
        {
            assert!(given.has(Utf8Path::new(path)), "{path}");
        }
        assert!(given.has("/ws/vendor/a/src/lib.rs".into()));
        for path in ["/ws/none", "/ws/app/data/y", "/ws/loop/x", "/ws/out/stdio.h", "/ws/vendor/b"]
        {
            assert!(!given.has(Utf8Path::new(path)), "{path}");
        }
    }
}
