//! Places of this machine, and the same places in the tree.

use camino::{Utf8Path, Utf8PathBuf};

/// Where a file of this machine lies in the tree: at the same path, with `/lib` in `/usr` where it is.
pub fn mirrored(path: &Utf8Path) -> Utf8PathBuf {
    let dir = path.parent().and_then(|dir| dir.canonicalize_utf8().ok());
    let name = path.file_name().unwrap_or_default();
    let whole = dir.map_or_else(|| path.to_owned(), |dir| dir.join(name));
    whole.strip_prefix("/").map_or_else(|_| whole.clone(), Utf8Path::to_owned)
}

/// The way from the directory of `from` to `to`, both in one tree.
pub fn relative(from: &Utf8Path, to: &Utf8Path) -> Utf8PathBuf {
    let ups = from.components().count().saturating_sub(1);
    let mut way = Utf8PathBuf::from("../".repeat(ups).trim_end_matches('/'));
    way.push(to);
    way
}

/// Whether a file is called as a shared library is: `libz.so`, `libz.so.1.2`.
pub fn is_shared(name: &str) -> bool {
    name.ends_with(".so") || name.contains(".so.")
}

/// A linker's script in the place of a library, with bare names for the paths of this machine: linkers look
/// for those where they found the script. Not all of them put a `--sysroot` before a path.
pub fn linker_script(text: &str) -> String {
    let bare = |word: &str| match word.rsplit_once('/') {
        Some((before, name))
            if word.starts_with('/') && !before.contains('*') && !name.contains('*') =>
        {
            name.to_owned()
        }
        _ => word.to_owned(),
    };
    let words = text.split_inclusive([' ', '\n', '\t', '(', ')', ',']);
    let mut written = String::new();
    for word in words {
        let end = word.trim_end_matches([' ', '\n', '\t', '(', ')', ',']).len();
        written.push_str(&bare(&word[..end]));
        written.push_str(&word[end..]);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkers_scripts_name_no_place() {
        let script = "/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x86-64)\n\
                      GROUP ( /lib/x86_64-linux-gnu/libc.so.6 /usr/lib/libc_nonshared.a  AS_NEEDED(/lib64/ld.so.2) )\n";
        let bare = "/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x86-64)\n\
                    GROUP ( libc.so.6 libc_nonshared.a  AS_NEEDED(ld.so.2) )\n";
        assert_eq!(linker_script(script), bare);
        assert_eq!(linker_script("INPUT(-lncurses)"), "INPUT(-lncurses)");
    }

    #[test]
    fn ways_within_the_tree() {
        let way = relative(Utf8Path::new("usr/lib/gcc/12/as"), Utf8Path::new("usr/bin/as"));
        assert_eq!(way, "../../../../usr/bin/as");
        assert_eq!(relative(Utf8Path::new("bin"), Utf8Path::new("usr/bin")), "usr/bin");
    }
}
