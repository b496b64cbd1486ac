//! `doctor` on objects as kubelets and controllers write them: each rule where it fires, and beside
//! it where it must be silent.

mod assigned;
mod clocks;
mod cluster;
mod deadlock;
mod described;
mod electors;
mod events;
mod holders;
mod leader_for_life;
mod listed;
mod missing_rights;
mod next;
mod queue;
mod records;
mod rights;
mod stories;
mod world;

pub(crate) use world::{UUID, running_pod};
