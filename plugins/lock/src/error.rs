//! Why there is no result, in the contract's terms.

use lease_core::{ContenderError, IdentityError, Refusal, TimingError};

use crate::contract::{Error, ErrorKind};

/// Each reason that the contract knows. Small, since it is passed through many hands.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    AlreadyFree,
    AlreadyYours,
    DateAhead,
    Foreign,
    Held,
    Malformed,
    NotHolder,
    RecordAhead,
    Unattended,
    Unbounded,
    Unproven,
    ClockWentBack,
    IdentityEmpty,
    IdentityTooLong,
    IdentityUnprintable,
    NoName,
    NoVersion,
    OtherLease,
    TimeOutOfRange,
    Timing,
    NotAsked,
}

impl Fault {
    /// The code, and the reason in words. Without figures, which would bring their own machinery.
    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::AlreadyFree => ("already-free", "nobody holds the lock"),
            Self::AlreadyYours => ("already-yours", "this identity holds the lock already"),
            Self::DateAhead => ("date-ahead", "the API server's clock is ahead of ours"),
            Self::Foreign => ("foreign", "the lease belongs to another kind of program"),
            Self::Held => ("held", "the lock is held"),
            Self::Malformed => ("malformed", "the lock's record is malformed"),
            Self::NotHolder => ("not-holder", "the lock is held by somebody else"),
            Self::RecordAhead => (
                "record-ahead",
                "the recorded renewTime is at odds with the API server's stamp",
            ),
            Self::Unattended => ("unattended", "the holder does not watch the lock"),
            Self::Unbounded => ("unbounded", "the lock never expires"),
            Self::Unproven => ("unproven", "whether the holder is alive is not known yet"),
            Self::ClockWentBack => (
                "clock-went-back",
                "the local clock shows an earlier time than at the call before",
            ),
            Self::IdentityEmpty => (
                "identity-empty",
                "an identity must not be empty: an empty holder means that the lock is free",
            ),
            Self::IdentityTooLong => (
                "identity-too-long",
                "an identity must not be longer than 1024 bytes",
            ),
            Self::IdentityUnprintable => (
                "identity-unprintable",
                "an identity must not contain control or bidirectional characters or line breaks",
            ),
            Self::NoName => ("no-name", "a lock has a namespace and a name"),
            Self::NoVersion => (
                "no-version",
                "a Lease has a uid and a resourceVersion, without which no write is safe",
            ),
            Self::OtherLease => ("other-lease", "this is not the Lease that was asked for"),
            Self::TimeOutOfRange => (
                "time-out-of-range",
                "a time of a Lease has less than 1000000000 nanoseconds, and lies within 292000 \
                 years",
            ),
            Self::Timing => (
                "timing",
                "the lease duration must be 1 to 2147483647 whole seconds and at least 1 s longer \
                 than the renew deadline, and that longer than 1.2 retry periods, which must be \
                 longer than zero",
            ),
            Self::NotAsked => (
                "not-asked",
                "no request is under way that can have this outcome",
            ),
        }
    }

    /// What it is called.
    pub(crate) const fn code(self) -> &'static str {
        self.told().0
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let (code, message) = fault.told();
        Self {
            kind: match fault {
                Fault::NotAsked => ErrorKind::OutOfOrder,
                fault if (fault as u8) < Fault::ClockWentBack as u8 => ErrorKind::Refused,
                _ => ErrorKind::Invalid,
            },
            code: code.into(),
            message: message.into(),
        }
    }
}

impl From<&Refusal> for Fault {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::AlreadyFree => Self::AlreadyFree,
            Refusal::AlreadyYours => Self::AlreadyYours,
            Refusal::Foreign(_) => Self::Foreign,
            Refusal::Held { .. } => Self::Held,
            Refusal::Malformed => Self::Malformed,
            Refusal::NotHolder => Self::NotHolder,
            Refusal::DateAhead { .. } => Self::DateAhead,
            Refusal::RecordAhead { .. } => Self::RecordAhead,
            Refusal::Unattended => Self::Unattended,
            Refusal::Unbounded => Self::Unbounded,
            Refusal::Unproven => Self::Unproven,
        }
    }
}

impl From<IdentityError> for Fault {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Empty => Self::IdentityEmpty,
            IdentityError::Unprintable => Self::IdentityUnprintable,
            IdentityError::TooLong => Self::IdentityTooLong,
        }
    }
}

impl From<TimingError> for Fault {
    fn from(_: TimingError) -> Self {
        Self::Timing
    }
}

impl From<ContenderError> for Fault {
    fn from(_: ContenderError) -> Self {
        Self::Timing
    }
}
