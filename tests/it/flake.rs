//! Reading flakes: a corpus of shapes, mutations of it, and Nix as the oracle.

mod corpus;
mod daily;
mod edits;
mod init;
mod locks;
pub mod mutations;
mod oracle;
mod planned_checks;
mod trees;
