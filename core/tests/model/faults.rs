//! What may go wrong in a world, and what came of it.

use std::ops::Add;

/// How many faults may still happen.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub(crate) struct Faults {
    /// Locks that are broken by force, leaving a tombstone.
    pub(crate) breaks: u64,
    /// The same without one: somebody risked it.
    pub(crate) breaks_at_once: u64,
    pub(crate) cancels: u64,
    pub(crate) crashes: u64,
    /// How often a watch gets stuck, where it is not late in any case.
    pub(crate) deafness: u64,
    pub(crate) deletions: u64,
    /// Ticks that a client's clock misses.
    pub(crate) drifts: u64,
    /// Tickets that somebody edits.
    pub(crate) edits: u64,
    pub(crate) losses: u64,
    /// Hand-overs by somebody who does not hold the lock: a rule that is broken.
    pub(crate) meddling: u64,
    pub(crate) pauses: u64,
    pub(crate) restorations: u64,
}

impl Faults {
    pub(crate) const NONE: Self = Self {
        breaks: 0,
        breaks_at_once: 0,
        cancels: 0,
        crashes: 0,
        deafness: 0,
        deletions: 0,
        drifts: 0,
        edits: 0,
        losses: 0,
        meddling: 0,
        pauses: 0,
        restorations: 0,
    };
}

impl Add for Faults {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            breaks: self.breaks + other.breaks,
            breaks_at_once: self.breaks_at_once + other.breaks_at_once,
            cancels: self.cancels + other.cancels,
            crashes: self.crashes + other.crashes,
            deafness: self.deafness + other.deafness,
            deletions: self.deletions + other.deletions,
            drifts: self.drifts + other.drifts,
            edits: self.edits + other.edits,
            losses: self.losses + other.losses,
            meddling: self.meddling + other.meddling,
            pauses: self.pauses + other.pauses,
            restorations: self.restorations + other.restorations,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    pub(crate) dead_hand_overs: u64,
    pub(crate) hand_overs: u64,
    pub(crate) losses: u64,
    pub(crate) passed_by: u64,
    pub(crate) recreations: u64,
    pub(crate) takeovers: u64,
}

impl Add for Reached {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            dead_hand_overs: self.dead_hand_overs + other.dead_hand_overs,
            hand_overs: self.hand_overs + other.hand_overs,
            losses: self.losses + other.losses,
            passed_by: self.passed_by + other.passed_by,
            recreations: self.recreations + other.recreations,
            takeovers: self.takeovers + other.takeovers,
        }
    }
}
