//! The plan as a picture: DOT, SVG, and one page for a browser.

pub mod dot;
pub mod html;
mod layout;
pub mod svg;
