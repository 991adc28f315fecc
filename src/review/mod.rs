//! What a reviewer asks of plans: what changed, what follows, who needs it, what it costs.
//!
//! All answers are computed from documents, so that an old plan and a fresh one, a file and a
//! revision are the same thing here. [`report`] renders them.

pub mod cause;
pub mod change;
mod changes;
pub mod declared;
mod dependencies;
pub mod diff;
mod entries;
pub mod explain;
pub mod feature;
mod global_causes;
pub mod graph;
pub mod matching;
mod package;
pub mod plans;
mod profile;
pub mod report;
mod set_change;
pub mod simulate;
mod step_change;
pub mod times;
mod toolchain;
mod transitive_packages;
mod unified_features;
mod words;

pub use cause::{Cause, CauseKind};
pub use change::{Diff, Entry, Machines, OnMachine, SelectionChange, Sign, Totals};
pub use declared::{Declared, Reason};
pub use diff::{diff, diff_timed};
pub use explain::{Explanation, explain};
pub use graph::StepGraph;
pub use plans::{Plans, compare};
pub use times::{Cost, Times};
