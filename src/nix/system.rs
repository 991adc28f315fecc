//! Nix's names for build machines.

use std::fmt;

/// A build machine that plans are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// `aarch64-linux`.
    Aarch64Linux,
    /// `x86_64-linux`.
    X8664Linux,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Aarch64Linux, Self::X8664Linux];

    /// The system that Nix calls `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.as_str() == name)
    }

    /// Nix's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aarch64Linux => "aarch64-linux",
            Self::X8664Linux => "x86_64-linux",
        }
    }

    /// The system that rustc's host triple `triple` is: by its architecture.
    #[must_use]
    pub fn of_triple(triple: &str) -> Option<Self> {
        let architecture = triple.split('-').next();
        let linux = triple.contains("-linux-");
        let of = |system: &Self| system.triple().split('-').next() == architecture;
        Self::ALL.into_iter().find(of).filter(|_| linux)
    }

    /// The target triple of programs for this machine, with the GNU C library.
    #[must_use]
    pub fn triple(self) -> &'static str {
        match self {
            Self::Aarch64Linux => "aarch64-unknown-linux-gnu",
            Self::X8664Linux => "x86_64-unknown-linux-gnu",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
