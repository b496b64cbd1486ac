//! Behaviour on a real API server, beside real peers. Run by `cargo xtask test`.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod beside_kubectl;
mod cases;
mod completion;
mod config_map;
mod contention;
mod costs;
mod credentials;
mod doctor;
mod electors;
mod every_verb;
mod faults;
mod first_come;
mod force_release;
#[cfg(target_os = "linux")]
mod guarded;
mod hostile;
mod hosts;
mod interrupted;
mod krew;
mod live_table;
mod lock;
mod overtaken;
mod pasted;
mod patient;
mod peers_bugs;
mod plugin;
mod policies;
mod proxies;
mod queue;
mod recorded;
mod rights;
mod smoke;
mod stamps;
mod thieves;
mod waiter;
