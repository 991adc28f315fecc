//! A C function behind a safe one.

unsafe extern "C" {
    fn hello_add(left: i32, right: i32) -> i32;
}

/// The sum; wraps around as C does it on every machine of interest.
pub fn add(left: i32, right: i32) -> i32 {
    // Sound: the function only reads its two arguments.
    unsafe { hello_add(left, right) }
}
