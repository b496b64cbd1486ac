//! Behaviour on a real API server, beside real peers. Run by `cargo xtask test`.

mod smoke;
