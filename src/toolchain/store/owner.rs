//! Which files belong together: what the distribution's package manager says, where it is Debian's.

use std::collections::BTreeSet;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

/// The files of the package that has `path`; nothing where no package manager that is known says so.
#[must_use]
pub fn with(path: &Utf8Path) -> Option<BTreeSet<Utf8PathBuf>> {
    // A path of a merged /usr may be known without `/usr`.
    let spelled = [Some(path), path.strip_prefix("/usr").ok()];
    let spelled = spelled.iter().flatten().map(|path| Utf8Path::new("/").join(path));
    let said = spelled.filter_map(|path| dpkg(&["-S", path.as_str()])).next()?;
    let machine = std::env::consts::ARCH;
    let machine = if machine == "x86_64" { "amd64" } else { "arm64" };
    let package = owner(&said, machine)?;
    let list = dpkg(&["-L", &package])?;
    Some(list.lines().map(Utf8PathBuf::from).filter(|path| path.starts_with("/usr")).collect())
}

/// The package of this machine in `libc6-dev:arm64, libc6-dev:amd64: /usr/include/stdio.h`.
fn owner(said: &str, machine: &str) -> Option<String> {
    let (names, _) = said.lines().next()?.rsplit_once(": ")?;
    let names: Vec<&str> = names.split(", ").collect();
    let own =
        |name: &&&str| name.split_once(':').is_none_or(|(_, of)| of == machine || of == "all");
    names.iter().find(own).or(names.first()).map(|name| (*name).to_owned())
}

fn dpkg(args: &[&str]) -> Option<String> {
    let output = Command::new("dpkg-query").args(args).env("LC_ALL", "C").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn of_several_machines_this_one() {
        let said = "libc6-dev:arm64, libc6-dev:amd64: /usr/include/stdio.h\n";
        assert_eq!(owner(said, "amd64").as_deref(), Some("libc6-dev:amd64"));
        assert_eq!(owner("zlib-dev: /usr/include/zlib.h", "amd64").as_deref(), Some("zlib-dev"));
        assert_eq!(owner("", "amd64"), None);
    }
}
