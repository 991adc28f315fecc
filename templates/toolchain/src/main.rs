fn main() {
    println!("built by the compiler of config.toml");
}
