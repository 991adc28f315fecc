fn main() {
    println!("{}", greeting::GREETING);
}
