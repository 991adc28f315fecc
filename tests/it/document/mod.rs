//! The plan as a document: its shape, its reading, what is said of it.

mod announced;
mod causes;
mod changes;
pub mod committed;
mod data;
mod drawn;
mod explained;
mod git;
mod machines;
mod refused;
mod round;
mod schema;
mod simulated;
pub mod workspace;
