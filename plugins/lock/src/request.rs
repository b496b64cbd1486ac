//! What is asked of the API server, in the contract's terms.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use lease_core::{Identity, Record, Ticket, Timestamp, Uid, Version};

use crate::bindings::exports::lease::lock::rules::{Deletion, Get, Listing, Request};
use crate::bindings::exports::lease::lock::types as contract;
use crate::bindings::exports::lease::lock::types::{AnnotationChange, Entry, Owner, Write};
use crate::lease::spec;

/// A write to the lock of this name. Which annotations are on it is not known here: all that it is
/// not to have are removed.
pub(crate) fn write(name: &str, write: &lease_core::Write) -> Write {
    let (version, dropped) = match write {
        lease_core::Write::Create { .. } => (None, None),
        lease_core::Write::Replace {
            version,
            drop_annotation,
            ..
        } => (Some(version), *drop_annotation),
    };
    let mut annotations = Vec::with_capacity(7);
    for (key, value) in write.notes().annotations() {
        if value.is_some() || version.is_some() {
            annotations.push(change(key, value));
        }
    }
    annotations.extend(dropped.map(|key| change(key, None)));
    Write {
        name: name.into(),
        version: version.map(|version| contract::Version {
            uid: version.uid.as_str().into(),
            resource_version: version.resource_version.as_str().into(),
        }),
        labels: Vec::new(),
        annotations,
        owners: Vec::new(),
        spec: spec(write.record()),
    }
}

fn change(key: &str, value: Option<alloc::string::String>) -> AnnotationChange {
    AnnotationChange {
        key: key.into(),
        value,
    }
}

/// A new ticket. The lock owns it, so that the garbage collector removes it with the lock.
pub(crate) fn enqueue(
    name: &str,
    lock_name: &str,
    lock: &Uid,
    who: &Identity,
    window: Duration,
    since: Timestamp,
) -> Request {
    Request::Write(Write {
        name: name.into(),
        version: None,
        labels: vec![Entry {
            key: Ticket::WAITS_FOR.into(),
            value: lock.as_str().into(),
        }],
        annotations: Vec::new(),
        owners: vec![Owner {
            api_version: "coordination.k8s.io/v1".into(),
            kind: "Lease".into(),
            name: lock_name.into(),
            uid: lock.as_str().into(),
        }],
        spec: spec(&Record {
            holder: Some(who.as_str().into()),
            duration_seconds: Some(i32::try_from(window.as_secs()).unwrap_or(i32::MAX)),
            acquire_time: Some(since),
            ..Record::default()
        }),
    })
}

/// The tickets for a lock.
pub(crate) fn list(lock: &Uid) -> Request {
    Request::List(Listing {
        label_selector: format!("{}={lock}", Ticket::WAITS_FOR),
    })
}

pub(crate) fn get(name: &str) -> Request {
    Request::Get(Get { name: name.into() })
}

pub(crate) fn delete(name: &str, uid: &Uid, version: Option<&Version>) -> Request {
    Request::Delete(Deletion {
        name: name.into(),
        uid: uid.as_str().into(),
        resource_version: version.map(|version| version.resource_version.as_str().into()),
    })
}
