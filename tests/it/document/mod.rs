//! The plan as a document: its shape, its reading, what is said of it.

mod changes;
mod data;
mod explained;
mod refused;
mod round;
mod schema;
pub mod workspace;
