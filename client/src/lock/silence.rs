//! A watch that says nothing although there is something to tell.
//!
//! A connection can be half open: nothing arrives, and nothing tells that it broke. TCP notices
//! after minutes, if at all. But our own requests go over other connections, and their answers
//! show versions that the watch should have told.

use std::time::Duration;

use lease_core::{Instant, ResourceVersion};

/// How much later than an answer the watch may tell the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Compares what answers show with what the watch tells.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// The highest version that the watch told.
    told: Option<ResourceVersion>,
    /// The first version that an answer showed and the watch did not tell yet, and when that was.
    owed: Option<(ResourceVersion, Instant)>,
}

impl Silence {
    /// The watch told a version.
    pub(super) fn told(&mut self, version: &ResourceVersion) {
        if self.told.as_ref().is_none_or(|told| told < version) {
            self.told = Some(version.clone());
        }
        if self.owed.as_ref().is_some_and(|(owed, _)| owed <= version) {
            self.owed = None;
        }
    }

    /// The server was restored to an older state: versions begin anew.
    pub(super) fn went_back(&mut self) {
        *self = Self::default();
    }

    /// An answer showed a version.
    pub(super) fn answered(&mut self, version: &ResourceVersion, at: Instant) {
        let is_told = self.told.as_ref().is_some_and(|told| told >= version);
        if !is_told && self.owed.is_none() {
            self.owed = Some((version.clone(), at));
        }
    }

    /// When the watch counts as broken unless it tells what it owes.
    pub(super) fn ends(&self) -> Option<Instant> {
        let (_, since) = self.owed.as_ref()?;
        Some(since.saturating_add(PATIENCE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_owes_what_answers_show_until_it_tells() {
        let version = |number: u32| ResourceVersion::new(number.to_string());
        let at = |seconds: u64| Instant::from_nanos(seconds * 1_000_000_000);
        let mut silence = Silence::default();
        silence.told(&version(9));
        silence.answered(&version(9), at(1));
        assert_eq!(silence.ends(), None);
        silence.answered(&version(10), at(2));
        silence.answered(&version(11), at(3));
        assert_eq!(silence.ends(), Some(at(4)));
        silence.told(&version(10));
        assert_eq!(silence.ends(), None);
    }
}
