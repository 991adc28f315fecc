fn main() {
    println!("{}", greeting::of("workspace"));
}
