fn main() {
    println!("for {} on {}", std::env::consts::OS, std::env::consts::ARCH);
}
