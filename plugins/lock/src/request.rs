//! What is asked of the API server, in the contract's terms.

use alloc::vec::Vec;
use core::time::Duration;

use lease_core::{Identity, Record, ResourceVersion, Ticket, Timestamp, Uid};

use crate::abi::{Call, List, Maybe};
use crate::contract::{
    AnnotationChange, Deletion, Entry, Get, Listing, Owner, Request, Version, Write,
};
use crate::lease::spec;

/// A write to the lock of this name. Which annotations are on it is not known here: all that it is
/// not to have are removed.
pub(crate) fn write(call: &Call, name: &str, write: &lease_core::Write) -> Write<'static> {
    let (version, dropped) = match write {
        lease_core::Write::Create { .. } => (None, None),
        lease_core::Write::Replace {
            version,
            drop_annotation,
            ..
        } => (Some(version), *drop_annotation),
    };
    let mut annotations = Vec::with_capacity(9);
    for (key, value) in &write.notes().annotations() {
        if value.is_some() || version.is_some() {
            annotations.push(AnnotationChange {
                key: (*key).into(),
                value: value.as_ref().map(|value| call.text(value)).into(),
            });
        }
    }
    annotations.extend(dropped.map(|key| AnnotationChange {
        key: key.into(),
        value: Maybe::None,
    }));
    Write {
        name: call.text(name),
        version: version
            .map(|version| Version {
                uid: call.text(version.uid.as_str()),
                resource_version: call.text(version.resource_version.as_str()),
            })
            .into(),
        labels: List::default(),
        annotations: call.list(&annotations),
        owners: List::default(),
        spec: spec(call, write.record()),
    }
}

/// A new ticket. The lock owns it, so that the garbage collector removes it with the lock.
pub(crate) fn enqueue(
    call: &Call,
    name: &str,
    lock_name: &str,
    lock: &Uid,
    who: &Identity,
    window: Duration,
    since: Timestamp,
) -> Request<'static> {
    let lock = call.text(lock.as_str());
    Request::Write(Write {
        name: call.text(name),
        version: Maybe::None,
        labels: call.list(&[Entry {
            key: Ticket::WAITS_FOR.into(),
            value: lock,
        }]),
        annotations: List::default(),
        owners: call.list(&[Owner {
            api_version: "coordination.k8s.io/v1".into(),
            kind: "Lease".into(),
            name: call.text(lock_name),
            uid: lock,
        }]),
        spec: spec(
            call,
            &Record {
                holder: Some(who.as_str().into()),
                duration_seconds: Some(i32::try_from(window.as_secs()).unwrap_or(i32::MAX)),
                acquire_time: Some(since),
                ..Record::default()
            },
        ),
    })
}

/// The tickets for a lock.
pub(crate) fn list(call: &Call, lock: &Uid) -> Request<'static> {
    let selector = [Ticket::WAITS_FOR, "=", lock.as_str()].concat();
    Request::List(Listing {
        label_selector: call.text(&selector),
    })
}

pub(crate) fn get(call: &Call, name: &str) -> Request<'static> {
    Request::Get(Get {
        name: call.text(name),
    })
}

pub(crate) fn delete(
    call: &Call,
    name: &str,
    uid: &Uid,
    version: Option<&ResourceVersion>,
) -> Request<'static> {
    Request::Delete(Deletion {
        name: call.text(name),
        uid: call.text(uid.as_str()),
        resource_version: version.map(|version| call.text(version.as_str())).into(),
    })
}
