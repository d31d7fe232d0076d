//! The command `landfall`.

fn main() {}
