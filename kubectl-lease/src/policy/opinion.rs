//! What came of asking: what to tell, and whether it may be done.

use lease_client::Lease;
use lease_core::{Judged, Refusal, Snapshot, Uid};

use crate::escape;
use crate::failure::Failure;
use crate::ui::Ui;

/// What policies say of an intent.
#[derive(Debug)]
pub(crate) struct Opinion {
    /// What the person is to be told whatever is done.
    pub(super) notes: Vec<String>,
    /// That it must not be done.
    pub(super) refusal: Option<Failure>,
    pub(super) reviewed: Reviewed,
}

/// What was reviewed. A verdict is about that and nothing else.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Reviewed {
    /// No policy wants to be asked, so nobody minds.
    Anything,
    /// Nobody was asked.
    #[default]
    Nothing,
    /// A lock of this uid, held like this; without a uid, one that was not there.
    Lock {
        uid: Option<Uid>,
        holder: Option<String>,
    },
}

impl Opinion {
    /// No policy has to be asked.
    pub(crate) fn none() -> Self {
        Self {
            notes: Vec::new(),
            refusal: None,
            reviewed: Reviewed::Anything,
        }
    }

    /// Tells what is to be told.
    ///
    /// # Errors
    /// It must not be done.
    pub(crate) fn heed(self, ui: &Ui) -> Result<Reviewed, Failure> {
        for note in &self.notes {
            ui.note(note);
        }
        self.refusal.map_or(Ok(self.reviewed), Err)
    }

    /// The same where it is told by others: what, and what was reviewed.
    ///
    /// # Errors
    /// It must not be done.
    pub(crate) fn into_parts(self) -> Result<(Vec<String>, Reviewed), Failure> {
        match self.refusal {
            Some(refusal) => Err(refusal),
            None => Ok((self.notes, self.reviewed)),
        }
    }
}

impl Reviewed {
    pub(super) fn lock(lock: Option<&Snapshot>) -> Self {
        Self::Lock {
            uid: lock.map(|lock| lock.version.uid.clone()),
            holder: lock.and_then(|lock| lock.record.holder().map(str::to_owned)),
        }
    }

    /// Refuses to write to a lock that is another, or another's, than the one that was reviewed.
    pub(crate) fn holds_of(&self, judged: Option<&Judged<'_>>) -> Result<(), Refusal> {
        let lock = judged.map(Judged::lock);
        match self {
            Self::Anything => Ok(()),
            Self::Lock { .. } if *self == Self::lock(lock) => Ok(()),
            Self::Lock { .. } | Self::Nothing => Err(Refusal::NotHolder),
        }
    }
}

/// What was refused because it is not what was reviewed.
pub(crate) fn changed(lease: &Lease) -> Failure {
    let lock = lease.snapshot();
    Failure::refused(format!(
        "\"{}\" changed hands after policies were asked about it, and is left as it is: {} holds it \
         now",
        lock.name,
        escape::cut(lock.record.holder().unwrap_or("nobody"), 200)
    ))
    .hint("look at it again; policies are asked anew each time")
}

#[cfg(test)]
mod tests {
    use lease_core::{Look, judge};

    use super::*;

    fn lease(uid: &str, version: &str, holder: &str) -> Lease {
        let text = format!(
            "{{\"metadata\": {{\"namespace\": \"work\", \"name\": \"lock\", \"uid\": \"{uid}\", \
             \"resourceVersion\": \"{version}\"}}, \"spec\": {{\"holderIdentity\": \"{holder}\"}}}}"
        );
        Lease::new(text).unwrap()
    }

    #[test]
    fn a_verdict_is_about_the_lock_and_holder_that_were_reviewed() {
        let read = lease("u", "1", "alice");
        let reviewed = Reviewed::lock(Some(read.snapshot()));
        let holds_of = |reviewed: &Reviewed, lease: Option<&Lease>| {
            let judged = lease.map(|lease| judge(lease.snapshot(), Look::FIRST));
            reviewed.holds_of(judged.as_ref()).is_ok()
        };
        assert!(holds_of(&reviewed, Some(&read)));
        assert!(holds_of(&reviewed, Some(&lease("u", "2", "alice"))));
        for other in [
            lease("v", "1", "alice"),
            lease("u", "2", "bob"),
            lease("u", "2", ""),
        ] {
            assert!(!holds_of(&reviewed, Some(&other)), "{:?}", other.snapshot());
            assert!(holds_of(&Reviewed::Anything, Some(&other)));
            assert!(!holds_of(&Reviewed::Nothing, Some(&other)));
        }
        assert!(!holds_of(&reviewed, None));
        let absent = Reviewed::lock(None);
        assert!(holds_of(&absent, None) && !holds_of(&absent, Some(&read)));
    }
}
