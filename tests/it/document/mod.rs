//! The plan as a document: its shape, its reading, what is said of it.

mod round;
mod schema;
mod workspace;
