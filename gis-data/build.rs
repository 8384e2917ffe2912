//! A new migration is compiled in, though no source of this crate has changed.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
