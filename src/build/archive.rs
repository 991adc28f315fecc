//! An archive of steps: a binary cache in a directory, as Nix writes it, that a CI system stores and gives back.
//!
//! What it gives back may have been cut, or changed by anybody. Nix ends at the first entry that is damaged, and takes
//! one without its file for one that is there. So entries are looked at before Nix is: what is not whole is not there.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use nix_derivation::nixbase32;
use sha2::{Digest, Sha256};

use crate::files::{reader, writer};
use crate::nix::stored;

/// What lies in the directory.
#[derive(Debug)]
pub struct Archive {
    dir: Utf8PathBuf,
    /// What it says of each path, by the path's digest; nothing where that cannot be read.
    entries: BTreeMap<String, Option<Entry>>,
}

/// What an archive says of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The path's name in the store.
    name: String,
    /// Its file, below `nar/`.
    file: String,
    size: u64,
    /// The file's SHA-256, as Nix writes it, where that is said.
    hash: Option<String>,
    /// The names of the paths that it needs.
    references: Vec<String>,
}

impl Archive {
    /// Reads what the archive in `dir` says that it has; there may be none.
    #[must_use]
    pub fn read(dir: &Utf8Path) -> Self {
        let files = dir.read_dir_utf8().into_iter().flatten().flatten();
        let infos = files.filter(|file| file.path().extension() == Some("narinfo"));
        let entry = |path: &Utf8Path| Entry::parse(&reader::text(path).ok()?);
        let named = infos.filter_map(|file| {
            let path = file.path();
            Some((path.file_stem()?.to_owned(), entry(path)))
        });
        Self { dir: dir.to_owned(), entries: named.collect() }
    }

    /// Whether it says that it has a path, be that whole or not.
    #[must_use]
    pub fn names(&self, path: &str) -> bool {
        digest(path).is_some_and(|digest| self.entries.contains_key(digest))
    }

    /// Which of `paths` it has with all that they need. What is here already counts for nothing: Nix asks for that, too.
    pub fn whole(&self, paths: &[String]) -> Vec<String> {
        // What is being looked at counts as there: a path may need itself.
        let mut known: BTreeMap<String, bool> = BTreeMap::new();
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        paths.iter().filter(|path| self.is_whole(&name(path), &mut known)).cloned().collect()
    }

    fn is_whole(&self, name: &str, known: &mut BTreeMap<String, bool>) -> bool {
        if let Some(known) = known.get(name) {
            return *known;
        }
        known.insert(name.to_owned(), true);
        let entry = digest(name).and_then(|digest| self.entries.get(digest)?.as_ref());
        let is_whole = entry.is_some_and(|entry| {
            entry.name == name
                && self.is_intact(entry)
                && entry.references.iter().all(|reference| self.is_whole(reference, known))
        });
        known.insert(name.to_owned(), is_whole);
        is_whole
    }

    /// Whether the file of an entry is what the entry says.
    fn is_intact(&self, entry: &Entry) -> bool {
        let Ok(bytes) = reader::bytes_within(self.dir.join(&entry.file), entry.size) else {
            return false;
        };
        let is = |hash: &String| nixbase32::encode(&Sha256::digest(&bytes)) == *hash;
        bytes.len() as u64 == entry.size && entry.hash.as_ref().is_none_or(is)
    }

    /// Removes each entry that cannot be read or whose file is not what it says, so that Nix writes it again; how many
    /// there were.
    pub fn remove_damaged(&mut self) -> usize {
        let is_damaged = |digest: &str, entry: &Option<Entry>| match entry {
            Some(entry) => !entry.name.starts_with(digest) || !self.is_intact(entry),
            None => true,
        };
        let damaged = self.entries.iter().filter(|(digest, entry)| is_damaged(digest, entry));
        let damaged: Vec<String> = damaged.map(|(digest, _)| digest.clone()).collect();
        self.remove(&damaged);
        damaged.len()
    }

    /// Removes all that none of `kept` needs; how many entries these were.
    pub fn keep(&mut self, kept: &[String]) -> usize {
        let mut keep: BTreeSet<String> = BTreeSet::new();
        let mut queue: Vec<&str> = kept.iter().filter_map(|path| digest(path)).collect();
        while let Some(digest_of) = queue.pop() {
            if keep.insert(digest_of.to_owned()) {
                let entry = self.entries.get(digest_of).and_then(Option::as_ref);
                let references = entry.into_iter().flat_map(|entry| &entry.references);
                queue.extend(references.filter_map(|name| digest(name)));
            }
        }
        let old = self.entries.keys().filter(|digest| !keep.contains(*digest));
        let old: Vec<String> = old.cloned().collect();
        self.remove(&old);
        old.len()
    }

    /// Removes entries, and each file that no other one names: also what a save left that was ended in the middle.
    fn remove(&mut self, digests: &[String]) {
        for digest in digests {
            self.entries.remove(digest);
            writer::remove_within(&self.dir, &self.dir.join(format!("{digest}.narinfo")));
        }
        // Paths of one content have one file.
        let named: BTreeSet<&str> =
            self.entries.values().flatten().map(|entry| entry.file.as_str()).collect();
        let files = self.dir.join("nar").read_dir_utf8().into_iter().flatten().flatten();
        for file in
            files.filter(|file| !named.contains(format!("nar/{}", file.file_name()).as_str()))
        {
            writer::remove_within(&self.dir, file.path());
        }
    }
}

impl Entry {
    /// Reads a `.narinfo` file; nothing for one that Nix would not read to its end.
    fn parse(text: &str) -> Option<Self> {
        let lines = text.strip_suffix('\n')?.split('\n');
        let fields = lines.map(|line| line.split_once(": ")).collect::<Option<Vec<_>>>()?;
        let field =
            |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let name = field("StorePath")?.rsplit('/').next()?;
        stored::name(name)?;
        let file = field("URL")?;
        // The name is a file's: it leads nowhere else.
        let is_plain = file.strip_prefix("nar/").is_some_and(|file| {
            !file.is_empty() && file != ".." && file != "." && !file.contains('/')
        });
        let sha256 = |value: &str| value.strip_prefix("sha256:").map(str::to_owned);
        let nar_hash = sha256(field("NarHash")?)?;
        let nar_size: u64 = field("NarSize")?.parse().ok()?;
        let is_same = field("Compression") == Some("none");
        // One that is cut before them would be a path that needs nothing.
        let references: Vec<String> =
            field("References")?.split_ascii_whitespace().map(str::to_owned).collect();
        let deriver = field("Deriver").filter(|deriver| *deriver != "unknown-deriver");
        let mut names = references.iter().map(String::as_str).chain(deriver);
        if !is_plain || names.any(|name| stored::name(name).is_none()) {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            file: file.to_owned(),
            size: match field("FileSize") {
                Some(size) => size.parse().ok()?,
                None => is_same.then_some(nar_size)?,
            },
            hash: match field("FileHash") {
                Some(hash) => Some(sha256(hash)?),
                None => is_same.then_some(nar_hash),
            },
            references,
        })
    }
}

/// The digest in a store path or its name.
fn digest(path: &str) -> Option<&str> {
    stored::name(path)?;
    path.rsplit('/').next()?.get(..32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "11111111111111111111111111111111-user";
    const NEEDED: &str = "22222222222222222222222222222222-needed";

    fn info(name: &str, content: &str, references: &str) -> String {
        let hash = nixbase32::encode(&Sha256::digest(content));
        let size = content.len();
        format!(
            "StorePath: /nix/store/{name}\nURL: nar/{hash}.nar\nCompression: none\nFileHash: sha256:{hash}\n\
             FileSize: {size}\nNarHash: sha256:{hash}\nNarSize: {size}\nReferences: {references}\n"
        )
    }

    /// A directory with two entries, of which the first needs itself and the second.
    fn two() -> (tempfile::TempDir, Utf8PathBuf) {
        let temporary = tempfile::tempdir().expect("a directory");
        let dir = Utf8PathBuf::from_path_buf(temporary.path().to_owned()).expect("UTF-8");
        std::fs::create_dir(dir.join("nar")).expect("made");
        put(&dir, USER, "user's", &format!("{NEEDED} {USER}"));
        put(&dir, NEEDED, "needed's", "");
        (temporary, dir)
    }

    fn put(dir: &Utf8Path, name: &str, content: &str, references: &str) {
        let info = info(name, content, references);
        std::fs::write(dir.join(Entry::parse(&info).expect("whole").file), content)
            .expect("written");
        std::fs::write(dir.join(format!("{}.narinfo", &name[..32])), info).expect("written");
    }

    fn whole(dir: &Utf8Path) -> Vec<String> {
        let paths = [USER, NEEDED].map(|name| format!("/nix/store/{name}"));
        let whole = Archive::read(dir).whole(&paths).into_iter();
        whole.map(|path| path.rsplit('-').next().unwrap_or_default().to_owned()).collect()
    }

    fn file(dir: &Utf8Path, name: &str) -> Utf8PathBuf {
        let info = std::fs::read_to_string(dir.join(format!("{}.narinfo", &name[..32])));
        dir.join(Entry::parse(&info.expect("there")).expect("whole").file)
    }

    #[test]
    fn what_is_damaged_is_not_there_nor_what_needs_it() {
        let (_kept, dir) = two();
        assert_eq!(whole(&dir), ["user", "needed"]);
        // As long as before, and one letter is another.
        std::fs::write(file(&dir, NEEDED), "Needed's").expect("written");
        assert!(whole(&dir).is_empty());
        std::fs::remove_file(file(&dir, NEEDED)).expect("removed");
        assert!(whole(&dir).is_empty());
        let mut archive = Archive::read(&dir);
        assert_eq!(archive.remove_damaged(), 1);
        assert!(!Archive::read(&dir).names(&format!("/nix/store/{NEEDED}")));
        assert!(Archive::read(&dir).names(&format!("/nix/store/{USER}")));
    }

    #[test]
    fn an_entry_that_is_cut_anywhere_is_none() {
        let whole =
            info(USER, "user's", &format!("{NEEDED} {USER}")) + "Deriver: unknown-deriver\n";
        assert!(Entry::parse(&whole).is_some());
        let fields = whole.find("References").expect("there");
        for end in 0..whole.len() {
            let read = Entry::parse(&whole[..end]);
            let is_end_of_line = end > 0 && whole.as_bytes()[end - 1] == b'\n';
            assert_eq!(read.is_some(), is_end_of_line && end > fields, "{end}");
        }
    }

    #[test]
    fn an_entry_under_another_ones_name_is_damaged() {
        let (_kept, dir) = two();
        let (from, to) = (&USER[..32], &NEEDED[..32]);
        std::fs::copy(dir.join(format!("{from}.narinfo")), dir.join(format!("{to}.narinfo")))
            .expect("copied");
        assert!(whole(&dir).is_empty());
        assert_eq!(Archive::read(&dir).remove_damaged(), 1);
    }

    #[test]
    fn what_nobody_names_goes() {
        let (_kept, dir) = two();
        std::fs::write(dir.join("nar/left.nar.tmp"), "half").expect("written");
        let mut archive = Archive::read(&dir);
        assert_eq!(archive.keep(&[format!("/nix/store/{USER}")]), 0);
        assert!(!dir.join("nar/left.nar.tmp").exists());
        assert_eq!(whole(&dir), ["user", "needed"]);
        assert_eq!(archive.keep(&[format!("/nix/store/{NEEDED}")]), 1);
        assert_eq!(whole(&dir), ["needed"]);
        assert_eq!(dir.join("nar").read_dir_utf8().expect("there").count(), 1);
    }

    #[test]
    fn a_file_elsewhere_is_no_entrys() {
        let outside = info(USER, "user's", "").replace("nar/", "nar/../");
        assert_eq!(Entry::parse(&outside), None);
        assert_eq!(Entry::parse(&outside.replace("nar/../", "/etc/")), None);
    }
}
