//! What one rustc call is about, read from its arguments.

use camino::{Utf8Path, Utf8PathBuf};

use super::args::{self, Flag};

/// The facts of a rustc call that decide how it is recorded and which step it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RustcCall {
    /// `--crate-name`.
    pub crate_name: Option<String>,
    /// All `--crate-type`s, in order; none in test mode.
    pub crate_types: Vec<String>,
    /// All kinds of `--emit`, without their `=path`.
    pub emit: Vec<String>,
    /// `--out-dir`.
    pub out_dir: Option<Utf8PathBuf>,
    /// `-C extra-filename`, or nothing: what Cargo puts behind the crate's name in file names.
    pub extra_filename: String,
    /// `--target`; `None` for host units.
    pub target: Option<String>,
    /// `--test`: a harness is made.
    pub test: bool,
    /// The crate root as it was given.
    pub root: Option<String>,
    /// `--error-format`.
    pub error_format: Option<String>,
    /// `--json`, all values.
    pub json: Vec<String>,
    /// Enabled features: the values of `--cfg 'feature="x"'`, in order.
    pub features: Vec<String>,
}

impl RustcCall {
    /// Reads arguments (without the program).
    pub fn parse(args: &[String]) -> Self {
        Self::from_flags(&args::parse(args))
    }

    /// Reads flags that are already canonical.
    pub fn from_flags(flags: &[Flag]) -> Self {
        let mut call = Self::default();
        for flag in flags {
            match flag {
                Flag::Input(root) => call.root = Some(root.clone()),
                Flag::Option { name: "test", value: None } => call.test = true,
                Flag::Option { name, value: Some(value) } => call.take(name, value),
                Flag::Option { .. } | Flag::Unknown(_) => {}
            }
        }
        call
    }

    fn take(&mut self, name: &str, value: &str) {
        let list = |value: &str| value.split(',').map(str::to_owned).collect::<Vec<_>>();
        match name {
            "crate-name" => self.crate_name = Some(value.to_owned()),
            "crate-type" => self.crate_types.extend(list(value)),
            "emit" => self.emit.extend(
                list(value)
                    .iter()
                    .map(|kind| kind.split_once('=').map_or(kind.as_str(), |(k, _)| k).to_owned()),
            ),
            "out-dir" => self.out_dir = Some(value.into()),
            "target" => self.target = Some(value.to_owned()),
            "error-format" => self.error_format = Some(value.to_owned()),
            "json" => self.json.extend(list(value)),
            "codegen" => {
                if let Some(extra) = value.strip_prefix("extra-filename=") {
                    self.extra_filename = extra.to_owned();
                }
            }
            "cfg" => {
                if let Some(feature) = value.strip_prefix("feature=\"") {
                    self.features.push(feature.strip_suffix('"').unwrap_or(feature).to_owned());
                }
            }
            _ => {}
        }
    }

    /// Whether Cargo compiles a unit with this call.
    ///
    /// Everything else that goes through the wrapper is a question to the compiler: Cargo's own
    /// (`-vV`, and `--crate-name ___ --print ..`).
    pub fn is_unit(&self) -> bool {
        self.error_format.as_deref() == Some("json")
            && self.out_dir.is_some()
            && self.crate_name.as_deref().is_some_and(|name| name != "___")
    }

    /// Whether this compiles a build script: the only program that Cargo builds for the host when
    /// a `--target` is given (a proc macro's tests have a harness).
    pub fn is_build_script(&self) -> bool {
        self.target.is_none()
            && !self.test
            && self.crate_types.iter().any(|kind| kind == "bin")
            && self.emit.iter().any(|kind| kind == "link")
    }

    /// The file that a `bin` or a test harness of this call is written to.
    pub fn executable(&self) -> Option<Utf8PathBuf> {
        Some(self.file("", self.crate_name.as_deref()?, ""))
    }

    /// The path `<out-dir>/<prefix><stem><extra-filename><suffix>`.
    pub fn file(&self, prefix: &str, stem: &str, suffix: &str) -> Utf8PathBuf {
        let dir = self.out_dir.as_deref().unwrap_or(Utf8Path::new("."));
        dir.join(format!("{prefix}{stem}{}{suffix}", self.extra_filename))
    }
}
