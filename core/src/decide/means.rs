//! How a write is carried out.

use super::Write;
use crate::Snapshot;

/// What is sent to the API server for a write. All but a creation carry the uid and the
/// resourceVersion of the reading that was judged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Means {
    /// A POST. Nothing of that name may exist.
    Create,
    /// A DELETE with both as preconditions.
    Delete,
    /// A DELETE with both as preconditions, and then a POST, for which somebody else may be faster.
    /// So the new holder's lock is another object: whatever was said of the old one, by the garbage
    /// collector for one, does not reach it.
    Recreate,
    /// A PUT with both.
    Update,
}

impl Write {
    /// How this write is carried out to the lock that it was decided on.
    ///
    /// A lock that exists only while it is held changes hands by being deleted and created anew,
    /// and is set free by being deleted. Only its own contender, by number too, keeps it in place.
    pub fn means(&self, before: &Snapshot) -> Means {
        let Self::Replace { record, notes, .. } = self else {
            return Means::Create;
        };
        if !before.dialect.exists_while_held() {
            return Means::Update;
        }
        let Some(holder) = record.holder() else {
            return Means::Delete;
        };
        if before.is_held_by(holder) && before.notes.taken_by == notes.taken_by {
            Means::Update
        } else {
            Means::Recreate
        }
    }
}
