//! LLVM's tools that read what instrumented programs count: each reads the profiles of its own major version.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

/// Their names.
const NAMES: [&str; 2] = ["llvm-profdata", "llvm-cov"];

/// Why coverage cannot be told.
#[derive(Debug, Error, Diagnostic)]
pub enum LlvmToolsError {
    /// One is not there.
    #[error("the toolchain has no {name} at {path}")]
    #[diagnostic(help(
        "`rustup component add llvm-tools` has it; where that cannot be had, `checks.llvm-tools` in config.toml \
         names the directory of another LLVM's, of the major version that `rustc -vV` tells"
    ))]
    Missing {
        /// Its name.
        name: &'static str,
        /// Where it was looked for.
        path: Utf8PathBuf,
    },
    /// One does not say what it is.
    #[error("`{path} --version` tells no version of LLVM: {said}")]
    #[diagnostic(help(
        "name a directory with LLVM's own tools in `checks.llvm-tools` of config.toml"
    ))]
    Silent {
        /// The program.
        path: Utf8PathBuf,
        /// What it said, or why it did not start.
        said: String,
    },
    /// One reads other profiles.
    #[error("{path} is of LLVM {major}, and the compiler writes profiles of LLVM {wanted}")]
    #[diagnostic(help(
        "`rustup component add llvm-tools` has the right ones, and so has LLVM {wanted} of your distribution: \
         name its directory in `checks.llvm-tools` of config.toml"
    ))]
    Other {
        /// The program.
        path: Utf8PathBuf,
        /// Its major version.
        major: u32,
        /// The compiler's.
        wanted: u32,
    },
}

/// Looks whether the tools in `directory` are there, and are those of a compiler that says of itself
/// `compiler` (`rustc -vV`); nothing, where it is not known.
///
/// # Errors
/// What is wrong with the first that does not fit.
pub fn look(directory: &Utf8Path, compiler: Option<&str>) -> Result<(), LlvmToolsError> {
    let wanted = compiler.and_then(major);
    for name in NAMES {
        let path = directory.join(name);
        if !path.is_file() {
            return Err(LlvmToolsError::Missing { name, path });
        }
        let Some(wanted) = wanted else { continue };
        let silent = |said: String| LlvmToolsError::Silent { path: path.clone(), said };
        let done = Command::new(&path).arg("--version").output();
        let done = done.map_err(|error| silent(error.to_string()))?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let first = || said.trim().lines().next().unwrap_or("nothing at all").to_owned();
        let major = major(&said).ok_or_else(|| silent(first()))?;
        if major != wanted {
            return Err(LlvmToolsError::Other { path, major, wanted });
        }
    }
    Ok(())
}

/// The major version in the words of a compiler (`LLVM version: 22.1.2`) or a tool (`Debian LLVM version 19.1.7`).
fn major(said: &str) -> Option<u32> {
    let (_, rest) = said.split_once("LLVM version")?;
    let rest = rest.trim_start_matches([':', ' ']);
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use camino::Utf8Path;

    use super::{LlvmToolsError, look, major};

    #[test]
    fn versions_in_the_words_of_compilers_and_tools() {
        let compiler = "rustc 1.95.0 (59807616e 2026-04-14)\nhost: x\nLLVM version: 22.1.2\n";
        assert_eq!(major(compiler), Some(22));
        let rustups = "LLVM (http://llvm.org/):\n  LLVM version 22.1.2-rust-1.95.0-stable\n";
        assert_eq!(major(rustups), Some(22));
        assert_eq!(major("Debian LLVM version 19.1.7\n  Optimized build.\n"), Some(19));
        assert_eq!(major("rustc 1.95.0\nLLVM version: unknown\n"), None);
    }

    #[test]
    fn tools_of_another_version_are_told_before_anything_runs() {
        let made = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(made.path()).expect("UTF-8");
        let compiler = Some("LLVM version: 22.1.2");
        let put = |name: &str, text: &str| {
            let file = dir.join(name);
            fs::write(&file, format!("#!/bin/sh\necho '{text}'\n")).expect("written");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("executable");
        };
        let said = |compiler| look(dir, compiler).map_err(|error| error.to_string());
        let missing = format!("the toolchain has no llvm-profdata at {dir}/llvm-profdata");
        assert_eq!(said(compiler), Err(missing));
        put("llvm-profdata", "LLVM version 22.1.8");
        let missing = said(compiler).expect_err("llvm-cov is not there");
        assert!(missing.contains("no llvm-cov at"), "{missing}");
        for (version, other) in [("LLVM version 21.9.9", 21), ("LLVM version 23.0.0git", 23)] {
            put("llvm-cov", version);
            let error = look(dir, compiler).expect_err("of another version");
            assert!(
                matches!(error, LlvmToolsError::Other { major, wanted: 22, .. } if major == other)
            );
            // Of a compiler that is not known nothing can be said.
            assert_eq!(said(None), Ok(()));
        }
        put("llvm-cov", "a joke");
        let silent = said(compiler).expect_err("no version");
        assert!(silent.ends_with("tells no version of LLVM: a joke"), "{silent}");
        put("llvm-cov", "Debian LLVM version 22.0.0");
        assert_eq!(said(compiler), Ok(()));
    }
}
