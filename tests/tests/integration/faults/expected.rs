//! What a verb has to make of a fault.

/// How a command ends, what it says, and whether its change is done.
#[derive(Clone, Copy)]
pub(super) struct Expected {
    /// The exit code.
    pub(super) code: i32,
    /// Whether the lock is changed afterwards. If not, it is exactly as it was.
    pub(super) is_done: bool,
    /// What has to be on stderr: the words by which somebody knows what went wrong.
    pub(super) says: &'static [&'static str],
}

impl Expected {
    /// It succeeds in spite of the fault.
    pub(super) const fn done() -> Self {
        Self {
            code: 0,
            is_done: true,
            says: &[],
        }
    }

    /// It does nothing, and says so with the exit code 1.
    pub(super) const fn fails(says: &'static [&'static str]) -> Self {
        Self {
            code: 1,
            is_done: false,
            says,
        }
    }

    /// It does nothing since it is not allowed: exit code 3.
    pub(super) const fn refused(says: &'static [&'static str]) -> Self {
        Self {
            code: 3,
            is_done: false,
            says,
        }
    }

    /// It cannot say whether it is done, and it is.
    pub(super) const fn unknown_but_done(says: &'static [&'static str]) -> Self {
        Self {
            code: 1,
            is_done: true,
            says,
        }
    }
}
