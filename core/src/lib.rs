//! The logic of a lock on a Kubernetes `Lease`: what a lease says, whether its holder can still
//! be alive, and what may be written.
//!
//! This crate has no I/O, no clock and no Kubernetes client. Whoever uses it passes in what was
//! read and when, and carries out the [`Write`] that comes back. Every rule on which the safety
//! of a lock rests lives here, so that tests can reach all of them without a cluster:
//!
//! - [`Snapshot`] is one lease as it was read, with its [`Version`] and the API server's [`stamp`].
//! - [`judge`] tells the [`Standing`] of a snapshot on one of three bases of evidence.
//! - [`decide`] turns a judged snapshot into a [`Write`] that is conditioned on the version that
//!   was judged, or into a typed [`Refusal`].
//!
//! Wall-clock times are [`Timestamp`]s, local times are [`Instant`]s; they are never mixed.

#![no_std]

extern crate alloc;

pub mod config_map;
mod contender;
pub mod decide;
mod dialect;
mod hexadecimal;
mod identity;
mod notes;
mod observer;
mod printable;
mod queue;
mod record;
mod snapshot;
mod stamp;
mod standing;
mod time;
mod timing;
mod tolerance;
mod version;

pub use config_map::{OwnerGone, PodOwner, PodSeen};
pub use contender::{
    Action, Contender, ContenderError, End, Event, Failed, Loss, Mode, Succession,
};
pub use decide::{Claim, Forced, Means, Refusal, Write};
pub use dialect::{Dialect, Marks};
pub use hexadecimal::hexadecimal;
pub use identity::{Identity, IdentityError};
pub use notes::{Broken, Grant, Notes, Taker};
pub use observer::Observer;
pub use printable::is_unprintable;
pub use queue::{Queue, Ticket};
pub use record::Record;
pub use snapshot::Snapshot;
pub use stamp::{FieldOwner, SpecField, stamp};
pub use standing::{Basis, Evidence, Expiry, Judged, Look, MARGIN, Standing, State, judge};
pub use time::{Instant, Timestamp};
pub use timing::{Preset, Timing, TimingError, lease_seconds};
pub use tolerance::Tolerance;
pub use version::{FencingToken, ResourceVersion, Uid, Version};
