//! What `rbn-plan coverage` says of the lines that ran.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueHint;

use super::pages;
use crate::checks::{ChecksError, coverage};
use crate::cli::select::SelectArgs;
use crate::cli::toolchain::host_toolchain;
use crate::cli::{CommandResult, Outcome, print};
use crate::config::Toolchain;
use crate::files::{reader, writer};
use crate::toolchain::{llvm_tools, rendered};

/// What is asked of them.
#[derive(Debug, clap::Args)]
pub struct Asked {
    /// Write which lines ran to this file, as LCOV
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub lcov: Option<Utf8PathBuf>,
    /// Exit code 1 if less than this share of the lines ran
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fail_under_lines: Option<f64>,
}

/// Looks for the tools that say what ran, where they are known: before all tests run. Of another toolchain than
/// this machine's own, Nix alone knows where they are.
pub fn ready(select: &SelectArgs) -> miette::Result<()> {
    let options = select.options()?;
    let (root, config) = select.place()?;
    let is_own = match &config.toolchain.value {
        Toolchain::Host => {
            let file = root.join(config.nix.toolchain_file.value.as_path());
            let text = reader::text_if_there(&file)?;
            text.is_none_or(|text| {
                rendered::is_of_a_machine(&text) && !text.contains("\n  llvm-tools = ")
            })
        }
        _ => false,
    };
    let named = config.checks.llvm_tools.as_ref().map(|dir| dir.value.clone());
    // What is in the store may still be fetched.
    let named = named.filter(|dir| !dir.starts_with("/nix/store") || dir.exists());
    let own = || {
        let tools = host_toolchain(&options.dir, Some(&config)).ok().filter(|_| is_own)?;
        let sysroot = tools.rustc.parent()?.parent()?;
        Some(sysroot.join("lib/rustlib").join(tools.host.as_str()).join("bin"))
    };
    let Some(directory) = named.or_else(own) else { return Ok(()) };
    let compiler = is_own.then(|| options.compiler()).transpose()?;
    Ok(llvm_tools::look(&directory, compiler.as_ref().map(|known| known.verbose_version.as_str()))?)
}

/// Tells which lines ran, and whether they are as many as was asked for.
pub fn tell(asked: &Asked, dir: &Utf8Path, usual: &str, open: bool) -> CommandResult {
    let dir = dir.join(usual);
    let (files, lcov) = coverage::read(&dir.join("lcov.info"))?;
    if let Some(file) = &asked.lcov {
        writer::write(file, &lcov)?;
    }
    let mut text = coverage::table(&files);
    let page = dir.join("html/index.html");
    if page.exists() {
        text.push_str(&format!("Pages: {page}\n"));
    }
    let sum = coverage::sum(&files);
    let is_short = asked.fail_under_lines.filter(|wanted| sum.percent() < *wanted);
    if let Some(wanted) = is_short {
        text.push_str(&format!("That is less than the {wanted} % of --fail-under-lines.\n"));
    }
    print(&text)?;
    if open && page.exists() {
        pages::show(&page)?;
    }
    Ok(if is_short.is_some() { Outcome::Failed } else { Outcome::Done })
}

/// A share of lines: a number from 0 to 100.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| ChecksError::Percent(text.to_owned()).to_string())
}
