fn main() {
    println!("{}", greeting());
}

fn greeting() -> &'static str {
    "built by a module of flake-parts"
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_says_what_built_it() {
        assert!(super::greeting().ends_with("flake-parts"));
    }
}
