//! Used by the build script alone.

pub fn squares(count: u32) -> Vec<u32> {
    (0..count).map(|n| n * n).collect()
}
