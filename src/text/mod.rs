//! Words for people: what may have been meant, lines that fit, what a terminal may see, figures as they are read.

pub mod excerpt;
pub mod paint;
pub mod spelling;
pub mod time;
pub mod visible;
pub mod words;
