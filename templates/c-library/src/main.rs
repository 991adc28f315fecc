fn main() {
    println!("zlib {}", zlib_sys::version());
}
