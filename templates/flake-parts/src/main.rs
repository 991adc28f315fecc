fn main() {
    println!("{}", greeting());
}

fn greeting() -> &'static str {
    "built by a module of flake-parts"
}
