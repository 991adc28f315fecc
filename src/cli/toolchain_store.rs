//! `rbn-plan toolchain store`: the machine's toolchain, put into Nix's store whole.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueHint;
use miette::IntoDiagnostic as _;

use super::nix_command::NixError;
use super::select::{SelectArgs, workspace_root};
use super::times;
use crate::files::assembly::Assembly;
use crate::files::writer;
use crate::toolchain::store::{self, Asked, Name, Part, Place};
use crate::toolchain::{HostToolchain, provider};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<Utf8PathBuf>,
    /// A C library that crates link, as a linker names it: `z` for libz (may be given several times)
    #[arg(short, long, value_name = "NAME")]
    library: Vec<String>,
    /// A further program that build scripts start, such as cmake (may be given several times)
    #[arg(short, long, value_name = "NAME")]
    program: Vec<String>,
    /// The link that keeps the toolchain from Nix's garbage collector [default: rbn-plan/toolchain below
    /// Cargo's target directory]
    #[arg(long, value_name = "LINK", value_hint = ValueHint::AnyPath)]
    root: Option<Utf8PathBuf>,
}

/// Puts the tools of `host` into the store, and renders the provider that names it.
///
/// # Errors
/// What is missing here, and what Nix says.
pub fn text(args: &Args, host: &HostToolchain) -> miette::Result<String> {
    let options = SelectArgs::default().options()?;
    let version = host.fingerprint.first().map_or("rust", String::as_str);
    let name = Name::of(version);
    let place = Place::of(&name);
    let asked = Asked { host, libraries: &args.library, programs: &args.program };
    let tree = store::gather(&asked, &place)?;
    eprintln!("copying {} files of this machine into the store", tree.entries.len());
    let assembly = Assembly::new(&format!("{}-parts", name.as_str())).into_diagnostic()?;
    tree.write(&assembly, &place)?;
    let parts = said("nix-store", &["--add", assembly.root().as_str()])?;
    assembly.close().into_diagnostic()?;
    let parts = Utf8Path::new(parts.trim());
    let expression = store::expression(parts, &name, &place, &host.system, &tree.loader);
    let default = || times::below_target(&workspace_root(&options)).join("toolchain");
    let root = args.root.clone().unwrap_or_else(default);
    writer::directory_of(&root)?;
    let link = ["--out-link", root.as_str(), "-A", "all", "--expr", &expression];
    let built = said("nix-build", &link)?;
    let made: Vec<&str> = built.split_whitespace().collect();
    let path = |wanted: Part| {
        let ends = |path: &&&str| path.ends_with("-lib") == (wanted == Part::Lib);
        made.iter().find(ends).map(|path| (*path).to_owned()).unwrap_or_default()
    };
    let place = Place { tools: path(Part::Tools), lib: path(Part::Lib) };
    eprintln!("{} is made, with {} for what programs need when they run", place.tools, place.lib);
    provider::render_store(&store::moved(host, &place)).into_diagnostic()
}

/// What a command of Nix prints; its own words go where ours go.
fn said(program: &str, args: &[&str]) -> miette::Result<String> {
    let output = Command::new(program).args(args).stderr(Stdio::inherit()).output();
    let output = output.map_err(NixError::Start)?;
    if !output.status.success() {
        let command = format!("{program} {}", args.first().copied().unwrap_or_default());
        return Err(NixError::Failed { command, status: output.status }.into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
