//! What is compiled: the closed words of a build target.

/// The kind of a build target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A library, whatever its crate types.
    Lib,
    /// A procedural macro.
    ProcMacro,
    /// A program.
    Bin,
    /// An example: a program, or a library if its manifest entry says so.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// A build script.
    CustomBuild,
}

impl Kind {
    /// Reads the plan's word.
    ///
    /// # Errors
    /// Another word.
    pub fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "lib" => Self::Lib,
            "proc-macro" => Self::ProcMacro,
            "bin" => Self::Bin,
            "example" => Self::Example,
            "test" => Self::Test,
            "bench" => Self::Bench,
            "custom-build" => Self::CustomBuild,
            _ => return Err(format!("there is no kind of build target `{word}`")),
        })
    }

    /// Whether it is a library in Cargo's sense: a lib or a proc macro.
    #[must_use]
    pub fn is_lib(self) -> bool {
        matches!(self, Self::Lib | Self::ProcMacro)
    }

    /// The crate root where a plan states none.
    #[must_use]
    pub fn usual_root(self) -> &'static str {
        match self {
            Self::Lib | Self::ProcMacro => "src/lib.rs",
            Self::CustomBuild => "build.rs",
            _ => "",
        }
    }

    /// The crate type where a plan states none.
    #[must_use]
    pub fn usual_type(self) -> CrateType {
        match self {
            Self::Lib => CrateType::Lib,
            Self::ProcMacro => CrateType::ProcMacro,
            _ => CrateType::Bin,
        }
    }
}

/// What rustc makes of a crate (`--crate-type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CrateType {
    /// A program.
    Bin,
    /// rustc's preferred library kind, today an rlib.
    Lib,
    /// A Rust static library.
    Rlib,
    /// A Rust dynamic library.
    Dylib,
    /// A C dynamic library.
    Cdylib,
    /// A C static library.
    Staticlib,
    /// A compiler plugin that runs on the build machine.
    ProcMacro,
}

impl CrateType {
    /// Reads rustc's word.
    ///
    /// # Errors
    /// Another word.
    pub fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "bin" => Self::Bin,
            "lib" => Self::Lib,
            "rlib" => Self::Rlib,
            "dylib" => Self::Dylib,
            "cdylib" => Self::Cdylib,
            "staticlib" => Self::Staticlib,
            "proc-macro" => Self::ProcMacro,
            _ => return Err(format!("there is no crate type `{word}`")),
        })
    }

    /// rustc's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bin => "bin",
            Self::Lib => "lib",
            Self::Rlib => "rlib",
            Self::Dylib => "dylib",
            Self::Cdylib => "cdylib",
            Self::Staticlib => "staticlib",
            Self::ProcMacro => "proc-macro",
        }
    }

    /// What rustc calls its file on Linux, around `NAME`.
    #[must_use]
    pub fn usual_file(self) -> &'static str {
        match self {
            Self::Bin => "NAME",
            Self::Lib | Self::Rlib => "libNAME.rlib",
            Self::Dylib | Self::Cdylib | Self::ProcMacro => "libNAME.so",
            Self::Staticlib => "libNAME.a",
        }
    }

    /// Whether another crate can be linked against it (`CrateType::is_linkable` of Cargo).
    #[must_use]
    pub fn is_linkable(self) -> bool {
        matches!(self, Self::Lib | Self::Rlib | Self::Dylib | Self::ProcMacro)
    }

    /// Whether making it needs the objects of all crates below (Cargo's `requires_upstream_objects`).
    #[must_use]
    pub fn requires_upstream_objects(self) -> bool {
        !matches!(self, Self::Lib | Self::Rlib)
    }
}

/// What rustc is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Compile and link.
    Build,
    /// Compile and link with tests in it.
    Test,
    /// Type-check only.
    Check,
    /// Type-check with tests in it.
    CheckTest,
}

impl Mode {
    /// Reads the plan's word; the empty one is the usual mode.
    ///
    /// # Errors
    /// Another word.
    pub fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "" | "build" => Self::Build,
            "test" => Self::Test,
            "check" => Self::Check,
            "check-test" => Self::CheckTest,
            _ => return Err(format!("there is no mode `{word}`")),
        })
    }

    /// Whether `#[cfg(test)]` code is in.
    #[must_use]
    pub fn is_test(self) -> bool {
        matches!(self, Self::Test | Self::CheckTest)
    }

    /// Whether no code is generated.
    #[must_use]
    pub fn is_check(self) -> bool {
        matches!(self, Self::Check | Self::CheckTest)
    }
}

/// How a unit takes part in LTO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lto {
    /// LTO runs here, of this kind where one is named.
    Run(Option<String>),
    /// `lto = "off"`.
    Off,
    /// Bitcode alone, for an LTO further up.
    Bitcode,
    /// Objects and bitcode: rustc's default.
    ObjectAndBitcode,
    /// Objects alone.
    Object,
}

impl Lto {
    /// Reads the plan's word; the empty one is the usual part.
    ///
    /// # Errors
    /// Another word.
    pub fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "" | "object" => Self::Object,
            "run" => Self::Run(None),
            "run-thin" | "run-fat" => Self::Run(word.strip_prefix("run-").map(str::to_owned)),
            "off" => Self::Off,
            "bitcode" => Self::Bitcode,
            "object-and-bitcode" => Self::ObjectAndBitcode,
            _ => return Err(format!("there is no part in LTO `{word}`")),
        })
    }

    /// rustc's arguments (`lto_args` of Cargo 1.95).
    #[must_use]
    pub fn args(&self) -> Vec<String> {
        let options: &[&str] = match self {
            Self::Run(None) => &["lto"],
            Self::Run(Some(kind)) => return codegen(&format!("lto={kind}")).into(),
            Self::Off => &["lto=off", "embed-bitcode=no"],
            Self::Bitcode => &["linker-plugin-lto"],
            Self::ObjectAndBitcode => &[],
            Self::Object => &["embed-bitcode=no"],
        };
        options.iter().flat_map(|option| codegen(option)).collect()
    }
}

/// `-C OPTION`.
pub(crate) fn codegen(option: &str) -> [String; 2] {
    ["-C".to_owned(), option.to_owned()]
}
