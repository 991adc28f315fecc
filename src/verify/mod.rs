//! The differential test: what Cargo runs, recorded, against what the plan says.
