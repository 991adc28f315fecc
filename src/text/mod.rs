//! Words for people: what may have been meant, lines that fit, figures as they are read.

pub mod paint;
pub mod spelling;
pub mod words;
