//! What happened to a lock.

use std::time::Duration;

use lease_core::{Record, Snapshot, State};

use super::LockId;

/// One thing that happened to one lock.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Happening {
    pub(crate) id: LockId,
    pub(crate) what: What,
}

/// What it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum What {
    /// Somebody holds it who did not before.
    Acquired {
        by: String,
        from: Option<String>,
    },
    /// Something else of it changed than its record.
    Changed,
    Created,
    Deleted,
    /// It was handed over, and is not confirmed yet.
    Offered {
        to: String,
    },
    /// Nobody holds it any more.
    Released {
        by: String,
    },
    Renewed {
        /// After the last renewal, if that was seen.
        after: Option<Duration>,
    },
    /// Only time passed.
    Stands {
        state: State,
    },
    /// So many wait for it now.
    WaitedFor {
        waiters: usize,
    },
}

impl What {
    /// What led from one state of a lock to the next one. `after` is how long ago its record changed
    /// before.
    pub(super) fn between(before: &Snapshot, now: &Snapshot, after: Option<Duration>) -> Self {
        let (old, new): (&Record, &Record) = (&before.record, &now.record);
        match (old.holder(), new.holder()) {
            (_, Some(holder)) if now.offer().is_some() && before.offer() != now.offer() => {
                Self::Offered {
                    to: holder.to_owned(),
                }
            }
            (from, Some(by)) if from != Some(by) => Self::Acquired {
                by: by.to_owned(),
                from: from.map(str::to_owned),
            },
            // A hand-over that is confirmed.
            (_, Some(by)) if before.offer().is_some() && now.offer().is_none() => Self::Acquired {
                by: by.to_owned(),
                from: None,
            },
            (Some(by), None) => Self::Released { by: by.to_owned() },
            (Some(_), Some(_)) if old.renew_time != new.renew_time => Self::Renewed { after },
            _ => Self::Changed,
        }
    }
}
