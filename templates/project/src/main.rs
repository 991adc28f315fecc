fn main() {
    println!("built one step at a time");
}
