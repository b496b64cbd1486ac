//! The functions of the contract, as a host calls them: values come in piece by piece, unless there are
//! more than sixteen of them, and what is returned is somewhere in memory.

#![allow(
    unsafe_code,
    reason = "functions are exported by name, and memory is handed over by address"
)]
#![allow(
    clippy::too_many_arguments,
    reason = "a record comes in piece by piece"
)]

use alloc::vec::Vec;

use lease_core::{Instant, Mode};

use crate::abi::{Call, Handle, List, Maybe, Outcome, Text};
use crate::carrier::{Answer, What};
use crate::contender::{Claim, Driven, Settings, Succession};
use crate::contract::{Error, Event, Lease, Request, Standing, Timestamp, Write};
use crate::error::Fault;
use crate::lease;
use crate::snapshot::{Forced, Seen};
use crate::standing::look;

type Returned<T> = *const Outcome<T, Error>;

fn returned<T>(call: Call, result: Result<T, Fault>) -> Returned<T> {
    call.returns(match result {
        Ok(value) => Outcome::Ok(value),
        Err(fault) => Outcome::Err(fault.into()),
    })
}

const fn time(seconds: i64, nanoseconds: u32) -> Timestamp {
    Timestamp {
        seconds,
        nanoseconds,
    }
}

/// A text that came in as two numbers, until the call returns.
unsafe fn text<'a>(start: *const u8, length: usize) -> &'a str {
    // SAFETY: as promised by the caller, the ABI.
    unsafe { Text::of_parts(start, length) }.as_str()
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[static]snapshot.of")]
unsafe extern "C" fn snapshot_of(lease: &Lease<'_>) -> Returned<Handle> {
    let call = Call::begin();
    returned(call, lease::seen(lease).map(Handle::of_snapshot))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]snapshot.judge")]
unsafe extern "C" fn judge(snapshot: &Seen, by: u32, long: u64, short: u32) -> Returned<Standing> {
    let call = Call::begin();
    returned(call, look(by, long, short).map(|look| snapshot.judge(look)))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]snapshot.steal")]
unsafe extern "C" fn steal(
    snapshot: &Seen,
    by: u32,
    long: u64,
    short: u32,
    identity: *const u8,
    identity_length: usize,
    number: u64,
    attends: bool,
    lease_duration: u64,
    seconds: i64,
    nanoseconds: u32,
) -> Returned<Write<'static>> {
    let call = Call::begin();
    let claim = Claim {
        // SAFETY: it is the identity.
        identity: unsafe { text(identity, identity_length) },
        number,
        attends,
        lease_duration,
    };
    let now = time(seconds, nanoseconds);
    let write = look(by, long, short).and_then(|look| snapshot.steal(&call, look, &claim, now));
    returned(call, write)
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]snapshot.release")]
unsafe extern "C" fn release(
    snapshot: &Seen,
    identity: *const u8,
    identity_length: usize,
    seconds: i64,
    nanoseconds: u32,
) -> Returned<Write<'static>> {
    let call = Call::begin();
    // SAFETY: it is the identity.
    let identity = unsafe { text(identity, identity_length) };
    let write = snapshot.release(&call, identity, time(seconds, nanoseconds));
    returned(call, write)
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]snapshot.force-release")]
unsafe extern "C" fn force_release(
    snapshot: &Seen,
    by: u32,
    long: u64,
    short: u32,
    tombstone: *const u8,
    tombstone_length: usize,
    has_reason: bool,
    because: *const u8,
    because_length: usize,
    at_once: bool,
    confirmed: bool,
    seconds: i64,
    nanoseconds: u32,
) -> Returned<Write<'static>> {
    let call = Call::begin();
    let forced = Forced {
        // SAFETY: it is the tombstone.
        tombstone: unsafe { text(tombstone, tombstone_length) },
        // SAFETY: it is the reason, if there is one.
        because: has_reason.then(|| unsafe { text(because, because_length) }),
        at_once,
        confirmed,
    };
    let now = time(seconds, nanoseconds);
    let write =
        look(by, long, short).and_then(|look| snapshot.force_release(&call, look, &forced, now));
    returned(call, write)
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[static]contender.create")]
unsafe extern "C" fn create(
    namespace: *const u8,
    namespace_length: usize,
    name: *const u8,
    name_length: usize,
    identity: *const u8,
    identity_length: usize,
    number: u64,
    attends: bool,
    lease_duration: u64,
    renew_deadline: u64,
    retry_period: u64,
    patience: u32,
    until: u64,
    is_blind: bool,
    reads_every: u64,
) -> Returned<Handle> {
    let call = Call::begin();
    let settings = Settings {
        // SAFETY: it is the namespace.
        namespace: unsafe { text(namespace, namespace_length) },
        // SAFETY: it is the name.
        name: unsafe { text(name, name_length) },
        claim: Claim {
            // SAFETY: it is the identity.
            identity: unsafe { text(identity, identity_length) },
            number,
            attends,
            lease_duration,
        },
        renew_deadline,
        retry_period,
        mode: match patience {
            0 => Mode::Patient,
            1 => Mode::Try,
            _ => Mode::Until(Instant::from_nanos(until)),
        },
        reads_every: is_blind.then_some(reads_every),
    };
    returned(call, Driven::new(&settings).map(Handle::of_contender))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.observe")]
unsafe extern "C" fn observe(
    contender: &mut Driven,
    is_there: bool,
    lock: Handle,
    at: u64,
) -> Returned<()> {
    let call = Call::begin();
    // SAFETY: it is the lock, which is ours now.
    let lock = is_there.then(|| unsafe { lock.into_snapshot() });
    returned(call, contender.observe(lock, at))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.suspect")]
unsafe extern "C" fn suspect(contender: &mut Driven) {
    contender.suspect();
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.poll-request")]
unsafe extern "C" fn poll_request(
    contender: &mut Driven,
    now: u64,
    seconds: i64,
    nanoseconds: u32,
) -> Returned<Maybe<Request<'static>>> {
    let call = Call::begin();
    let request = contender.poll_request(&call, now, time(seconds, nanoseconds));
    returned(call, request.map(Maybe::from))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.answered")]
unsafe extern "C" fn answered(
    contender: &mut Driven,
    outcome: u32,
    first: usize,
    second: usize,
    seconds: i64,
    nanoseconds: u32,
    at: u64,
) -> Returned<()> {
    let call = Call::begin();
    let what = match outcome {
        0 => What::Landed,
        1 => What::Listed,
        2 => What::Deleted,
        3 => What::Absent,
        4 => What::Conflict,
        5 => What::Denied,
        6 => What::Rejected,
        7 => What::NotSent,
        _ => What::Unknown,
    };
    let landed = [Handle::of_number(first)];
    let handles = match what {
        What::Landed => List::from(landed.as_slice()),
        // SAFETY: it is the list.
        What::Listed => unsafe { List::of_parts(first as *const Handle, second) },
        _ => List::default(),
    };
    let mut leases = Vec::with_capacity(handles.len());
    for handle in handles.iter() {
        // SAFETY: each is a snapshot that is ours now, and is there once.
        leases.push(unsafe { handle.into_snapshot() });
    }
    let mut answer = Answer {
        what,
        leases,
        date: (second != 0).then_some(time(seconds, nanoseconds)),
    };
    returned(call, contender.answered(&mut answer, at))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.poll-timeout")]
unsafe extern "C" fn poll_timeout(contender: &Driven, now: u64) -> *const Maybe<u64> {
    Call::begin().returns(contender.poll_timeout(now).into())
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.poll-event")]
unsafe extern "C" fn poll_event(contender: &mut Driven) -> *const Maybe<Event<'static>> {
    let call = Call::begin();
    let event = contender.poll_event(&call);
    call.returns(event.into())
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.held-until")]
unsafe extern "C" fn held_until(contender: &Driven, now: u64) -> *const Maybe<u64> {
    Call::begin().returns(contender.held_until(now).into())
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.resign")]
unsafe extern "C" fn resign(
    contender: &mut Driven,
    succession: u32,
    to: *const u8,
    to_length: usize,
    now: u64,
) -> Returned<()> {
    let call = Call::begin();
    let succession = match succession {
        0 => Succession::Queue,
        1 => Succession::Open,
        // SAFETY: it is the identity that is named.
        _ => Succession::Named(unsafe { text(to, to_length) }),
    };
    returned(call, contender.resign(&succession, now))
}

#[unsafe(export_name = "lease:lock/rules@0.1.0#[method]contender.has-ended")]
unsafe extern "C" fn has_ended(contender: &Driven) -> bool {
    contender.has_ended()
}
