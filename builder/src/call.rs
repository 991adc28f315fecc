//! A call of rustc.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::environment::Variables;
use crate::here::Here;

/// A call of rustc.
pub(crate) struct Call<'a> {
    pub(crate) here: &'a Here,
    pub(crate) args: Vec<String>,
    pub(crate) variables: BTreeMap<OsString, OsString>,
    /// Those of the variables that Cargo or a build script sets.
    pub(crate) cargo: &'a Variables,
    /// Where its output goes.
    pub(crate) directory: PathBuf,
    /// Where rustc says what it read.
    pub(crate) dep_info: PathBuf,
    /// Whether build scripts gave nothing but arguments.
    pub(crate) is_whole: bool,
}
