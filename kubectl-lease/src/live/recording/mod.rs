//! Sessions that are kept in a file, to be played back.

mod line;
mod recorded;
mod recorder;
#[cfg(test)]
mod tests;

pub(super) use recorded::{Entry, Recording};
pub(super) use recorder::Recorder;
