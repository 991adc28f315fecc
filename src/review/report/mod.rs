//! What a reviewer reads: differences of plans and explanations of steps, as text and Markdown.

pub mod explain;
pub mod markdown;
pub mod simulate;
pub mod steps;
pub mod text;
mod words;

pub use words::{Told, causes, cost};
