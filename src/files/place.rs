//! Where a path leads to: every link followed, whether or not there is something at its end.

use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// As many links as Linux follows.
const LINKS: usize = 40;

/// The path without links that `path` stands for; what does not exist stays as it is written.
///
/// # Errors
/// Links that go round in a circle, a link that is no text, a current directory that is gone.
pub fn real(path: &Utf8Path) -> io::Result<Utf8PathBuf> {
    let start = match path.is_absolute() {
        true => Utf8PathBuf::from("/"),
        false => text(std::env::current_dir()?)?,
    };
    let mut real = Utf8PathBuf::from("/");
    // What is yet to be followed, the next part last.
    let mut rest: Vec<String> = Vec::new();
    push(&mut rest, path);
    push(&mut rest, &start);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        match part.as_str() {
            "/" => real = Utf8PathBuf::from("/"),
            "." => {}
            ".." => {
                real.pop();
            }
            name => {
                let next = real.join(name);
                let is_link = next.symlink_metadata().is_ok_and(|data| data.is_symlink());
                if !is_link {
                    real = next;
                    continue;
                }
                links += 1;
                if links > LINKS {
                    return Err(io::Error::other("too many links, one behind another"));
                }
                push(&mut rest, &text(std::fs::read_link(&next)?)?);
            }
        }
    }
    Ok(real)
}

fn push(rest: &mut Vec<String>, path: &Utf8Path) {
    rest.extend(path.components().rev().map(|part| match part {
        Utf8Component::RootDir => "/".to_owned(),
        part => part.as_str().to_owned(),
    }));
}

fn text(path: std::path::PathBuf) -> io::Result<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(path)
        .map_err(|path| io::Error::other(format!("{} is not Unicode", path.display())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_the_end() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = text(dir.path().canonicalize().expect("a path")).expect("a name of letters");
        std::fs::create_dir_all(dir.join("a/b")).expect("directories");
        symlink("../../c/new", dir.join("a/b/dangling")).expect("a link");
        symlink("a/b", dir.join("short")).expect("a link");
        symlink("/elsewhere", dir.join("out")).expect("a link");
        symlink("self", dir.join("self")).expect("a link");
        let leads = |path: &str| real(&dir.join(path)).map_err(|error| error.to_string());
        assert_eq!(leads("short/x/y.json"), Ok(dir.join("a/b/x/y.json")));
        assert_eq!(leads("short/../file"), Ok(dir.join("a/file")));
        assert_eq!(leads("a/b/dangling"), Ok(dir.join("c/new")));
        assert_eq!(leads("out/file"), Ok(Utf8PathBuf::from("/elsewhere/file")));
        assert!(leads("self/file").is_err());
    }
}
