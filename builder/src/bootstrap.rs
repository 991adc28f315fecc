//! What rustc's own build asks of a step beyond Cargo's rules. It stands in plans of `rbn-plan bootstrap`
//! only: lines of other modules that speak of it end in `// bootstrap`, and other plans are without them.

use crate::facts::Facts;

/// What is asked for. Without any, a step is as Cargo has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bootstrap {
    /// What keeps the crates of modes and of stages apart: Cargo's `__CARGO_DEFAULT_LIB_METADATA`, with
    /// which it names dynamic libraries of the workspace by their hash, too.
    pub metadata: String,
    /// Libraries leave their metadata in a file of its own alone (Cargo's `-Zno-embed-metadata`).
    pub split: bool,
    /// The metadata stays beside the library: a compiler's crates, for tools that use them.
    pub keep: bool,
    /// The crate that links the standard library statically, where Cargo says `prefer-dynamic`.
    pub static_std: String,
    /// What a build script is given in the compiler's place.
    pub shim: Option<Shim>,
}

/// What x.py's shim makes of a build script's calls of the compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shim {
    /// The compiler of calls that name no target, where that is another than the step's.
    pub rustc: String,
    /// What such calls are given behind their own arguments.
    pub on_host: Vec<String>,
    /// The same of calls that name a target.
    pub for_target: Vec<String>,
}

impl Shim {
    fn read(mut facts: Facts) -> Result<Self, String> {
        let read = Self {
            rustc: facts.text("rustc")?,
            on_host: facts.texts("onHost")?,
            for_target: facts.texts("forTarget")?,
        };
        facts.done()?;
        Ok(read)
    }
}

impl Bootstrap {
    /// Reads the fact.
    ///
    /// # Errors
    /// A fact that is unknown, or of another kind, by its name.
    pub fn read(mut facts: Facts) -> Result<Self, String> {
        let read = Self {
            metadata: facts.text("metadata")?,
            split: facts.flag("split")?,
            keep: facts.flag("keep")?,
            static_std: facts.text("staticStd")?,
            shim: match facts.has("shim") {
                true => Some(Shim::read(facts.facts("shim")?)?),
                false => None,
            },
        };
        facts.done()?;
        Ok(read)
    }

    /// Takes `-C prefer-dynamic` out of the arguments of the crate that goes without.
    #[must_use]
    pub fn linked(&self, crate_name: &str, mut args: Vec<String>) -> Vec<String> {
        if self.static_std.is_empty() || self.static_std != crate_name {
            return args;
        }
        while let Some(at) =
            args.windows(2).position(|pair| pair[0] == "-C" && pair[1] == "prefer-dynamic")
        {
            args.drain(at..at + 2);
        }
        args.retain(|arg| arg != "-Cprefer-dynamic");
        args
    }
}

#[cfg(test)]
mod tests {
    use super::Bootstrap;

    #[test]
    fn one_crate_goes_without_prefer_dynamic() {
        let args =
            || ["-C", "prefer-dynamic", "-Cprefer-dynamic", "-C", "rpath"].map(str::to_owned);
        let mode = Bootstrap { static_std: "rustc_driver".to_owned(), ..Bootstrap::default() };
        assert_eq!(mode.linked("rustc_driver", args().into()), ["-C", "rpath"]);
        assert_eq!(mode.linked("std", args().into()), args());
        assert_eq!(Bootstrap::default().linked("", args().into()), args());
    }
}
