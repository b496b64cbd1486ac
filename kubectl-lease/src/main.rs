//! `kubectl lease`.

fn main() {}
