//! Why there is no result, in the contract's terms.

use alloc::string::ToString;
use lease_core::{IdentityError, Refusal};

use crate::bindings::exports::lease::lock::types::{Error, ErrorKind};

/// A rule of the lock is against it.
pub(crate) fn refused(refusal: &Refusal) -> Error {
    Error {
        kind: ErrorKind::Refused,
        code: code(refusal).into(),
        message: refusal.to_string(),
    }
}

/// What a rule of the lock is called.
pub(crate) const fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::AlreadyFree => "already-free",
        Refusal::AlreadyYours => "already-yours",
        Refusal::Foreign(_) => "foreign",
        Refusal::Held { .. } => "held",
        Refusal::Malformed => "malformed",
        Refusal::NotHolder => "not-holder",
        Refusal::DateAhead { .. } => "date-ahead",
        Refusal::RecordAhead { .. } => "record-ahead",
        Refusal::Unattended => "unattended",
        Refusal::Unbounded => "unbounded",
        Refusal::Unproven => "unproven",
    }
}

/// What was passed in breaks the contract.
pub(crate) fn invalid(code: &str, message: &str) -> Error {
    Error {
        kind: ErrorKind::Invalid,
        code: code.into(),
        message: message.into(),
    }
}

/// An identity that is none.
pub(crate) fn no_identity(error: IdentityError) -> Error {
    let code = match error {
        IdentityError::Empty => "identity-empty",
        IdentityError::Unprintable => "identity-unprintable",
        IdentityError::TooLong => "identity-too-long",
    };
    invalid(code, &error.to_string())
}

/// An answer to what was not asked.
pub(crate) fn not_asked() -> Error {
    Error {
        kind: ErrorKind::OutOfOrder,
        code: "not-asked".into(),
        message: "no request is under way that can have this outcome".into(),
    }
}
