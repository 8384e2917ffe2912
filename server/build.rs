//! The built client is part of the binary: a new build of it must rebuild this crate.

fn main() {
    println!("cargo:rerun-if-changed=../web-map/dist");
}
