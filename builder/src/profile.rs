//! Code generation: a profile's settings as rustc's arguments.

use crate::facts::Facts;
use crate::target::codegen;

/// The panic strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panic {
    /// rustc's default.
    Unwind,
    /// `abort`.
    Abort,
    /// `immediate-abort` (unstable).
    ImmediateAbort,
}

/// Code generation settings of a step; LTO is a fact of the step itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The built-in profile that it descends from, for `PROFILE`: `debug` or `release`.
    pub root: String,
    /// `0` to `3`, `s` or `z`.
    pub opt_level: String,
    /// rustc's spelling; `0` for none.
    pub debuginfo: String,
    /// Where debug information goes, if it is stated.
    pub split_debuginfo: Option<String>,
    /// How many units code is generated in, if it is stated.
    pub codegen_units: Option<i64>,
    /// Whether `debug_assert!` checks.
    pub debug_assertions: bool,
    /// Whether arithmetic that overflows panics.
    pub overflow_checks: bool,
    /// What a panic does.
    pub panic: Panic,
    /// Whether programs know where their libraries are.
    pub rpath: bool,
    /// What is stripped, if anything.
    pub strip: Option<String>,
    /// `profile.*.rustflags` (unstable).
    pub rustflags: Vec<String>,
}

impl Profile {
    pub(crate) fn read(mut facts: Facts) -> Result<Self, String> {
        let opt_level = facts.some_text("optLevel")?.unwrap_or_else(|| "0".to_owned());
        let debug_assertions = facts.some_flag("debugAssertions")?.unwrap_or(opt_level == "0");
        let profile = Self {
            root: facts.text("root")?,
            debuginfo: facts.some_text("debuginfo")?.unwrap_or_else(|| "0".to_owned()),
            split_debuginfo: facts.some_text("splitDebuginfo")?,
            codegen_units: facts.some_int("codegenUnits")?,
            overflow_checks: facts.some_flag("overflowChecks")?.unwrap_or(debug_assertions),
            debug_assertions,
            panic: match facts.text("panic")?.as_str() {
                "" | "unwind" => Panic::Unwind,
                "abort" => Panic::Abort,
                "immediate-abort" => Panic::ImmediateAbort,
                word => return Err(format!("there is no panic strategy `{word}`")),
            },
            rpath: facts.flag("rpath")?,
            strip: facts.some_text("strip")?,
            rustflags: facts.texts("rustflags")?,
            opt_level,
        };
        facts.done()?;
        Ok(profile)
    }

    /// What stands before the arguments of LTO.
    pub(crate) fn before_lto(&self) -> Vec<String> {
        let mut args = Vec::new();
        if self.opt_level != "0" {
            args.extend(codegen(&format!("opt-level={}", self.opt_level)));
        }
        match self.panic {
            Panic::Unwind => {}
            Panic::Abort => args.extend(codegen("panic=abort")),
            Panic::ImmediateAbort => {
                args.extend(codegen("panic=immediate-abort"));
                args.extend(["-Z".to_owned(), "unstable-options".to_owned()]);
            }
        }
        args
    }

    /// What stands between the arguments of LTO and the lints.
    pub(crate) fn after_lto(&self) -> Vec<String> {
        let mut args = Vec::new();
        if let Some(units) = self.codegen_units {
            args.extend(codegen(&format!("codegen-units={units}")));
        }
        if self.debuginfo != "0" {
            args.extend(codegen(&format!("debuginfo={}", self.debuginfo)));
            if let Some(split) = &self.split_debuginfo {
                args.extend(codegen(&format!("split-debuginfo={split}")));
            }
        }
        args
    }

    /// `debug-assertions` and `overflow-checks`, only where they differ from what is implied.
    pub(crate) fn checks(&self) -> Vec<String> {
        let on = |on: bool| if on { "on" } else { "off" };
        let mut args = Vec::new();
        if self.debug_assertions != (self.opt_level == "0") {
            args.extend(codegen(&format!("debug-assertions={}", on(self.debug_assertions))));
        }
        if self.overflow_checks != self.debug_assertions {
            args.extend(codegen(&format!("overflow-checks={}", on(self.overflow_checks))));
        }
        args
    }

    /// `-C rpath`.
    pub(crate) fn rpath(&self) -> Vec<String> {
        if self.rpath { codegen("rpath").into() } else { Vec::new() }
    }

    /// `-C strip`.
    pub(crate) fn strip(&self) -> Vec<String> {
        let strip = self.strip.iter();
        strip.flat_map(|strip| codegen(&format!("strip={strip}"))).collect()
    }

    /// All arguments that the profile gives, as they enter a unit's identity.
    #[must_use]
    pub fn args(&self) -> Vec<String> {
        [
            self.before_lto(),
            self.after_lto(),
            self.rustflags.clone(),
            self.checks(),
            self.rpath(),
            self.strip(),
        ]
        .concat()
    }
}
