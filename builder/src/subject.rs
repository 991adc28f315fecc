//! What a check looks at: a crate, with what is known of those around it.

use crate::crates::Notes;
use crate::effects::{self, Effects, Script};
use crate::environment::{self, Variables};
use crate::library;
use crate::note::Crate;
use crate::step::{Compile, Step};

/// A crate that is checked.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its facts.
    pub step: &'a Step,
    /// Those of them that rustc's call is made of.
    pub compile: &'a Compile,
    /// What it would tell others.
    pub note: &'a Crate,
    /// What others tell it.
    pub notes: &'a Notes,
    /// The scripts whose words count here, in order.
    pub scripts: &'a [Script<'a>],
}

/// Where the compiler's programs are, and what is made goes.
#[derive(Clone, Copy)]
pub struct Programs<'a> {
    /// rustc.
    pub rustc: &'a str,
    /// rustdoc.
    pub rustdoc: &'a str,
    /// The directory of what they make.
    pub out: &'a str,
}

impl Subject<'_> {
    /// What scripts give the crate.
    pub(crate) fn effects(&self) -> Effects {
        effects::effects(&effects::Unit::of(self.step, self.compile), self.scripts)
    }

    /// Search paths that scripts name.
    pub(crate) fn natives(&self) -> Vec<String> {
        library::natives(self.scripts)
    }

    /// The variables of a compiler of the crate.
    pub(crate) fn environment(&self) -> Variables {
        environment::of(self.step, self.notes, self.effects().env)
    }
}
