//! A build that was watched: as text for a terminal, and as a timeline.

pub mod failure;
pub mod html;
pub mod text;
