//! One function of zlib.

use std::ffi::{CStr, c_char};

unsafe extern "C" {
    fn zlibVersion() -> *const c_char;
}

/// The version of the library that is linked.
pub fn version() -> String {
    // SAFETY: the function takes nothing, and returns a constant text that ends with a zero.
    let text = unsafe { CStr::from_ptr(zlibVersion()) };
    text.to_string_lossy().into_owned()
}
