//! A Lease, as the contract has it and as the logic sees it.

use alloc::string::String;
use alloc::vec::Vec;

use lease_core::{
    Dialect, FieldOwner, Marks, Notes, Record, ResourceVersion, Snapshot, SpecField, Ticket, Uid,
    Version, stamp,
};

use crate::abi::{Call, Text};
use crate::contract::{Entry, Lease, LeaseSpec, ManagedFields};
use crate::error::Fault;
use crate::snapshot::Seen;
use crate::times::{told, wall_if_any};

/// What the logic sees of a Lease.
pub(crate) fn seen(lease: &Lease<'_>) -> Result<Seen, Fault> {
    let text = |text: Text<'_>| String::from(text.as_str());
    let (uid, resource_version) = (lease.version.uid, lease.version.resource_version);
    if uid.as_str().is_empty() || resource_version.as_str().is_empty() {
        return Err(Fault::NoVersion);
    }
    let spec = &lease.spec;
    let (acquire_time, renew_time) = (
        wall_if_any(spec.acquire_time)?,
        wall_if_any(spec.renew_time)?,
    );
    let owners = owners(&lease.managed_fields)?;
    let record = Record {
        holder: spec.holder_identity.get().map(text),
        duration_seconds: spec.lease_duration_seconds.get(),
        acquire_time,
        renew_time,
        transitions: spec.lease_transitions.get(),
        strategy: spec.strategy.get().map(text),
        preferred_holder: spec.preferred_holder.get().map(text),
    };
    let mut labels = Vec::new();
    for label in lease.labels.iter() {
        labels.push((label.key.as_str(), label.value.as_str()));
    }
    let mut references = Vec::new();
    for owner in lease.owners.iter() {
        references.push((owner.api_version.as_str(), owner.kind.as_str()));
    }
    let marks = Marks {
        namespace: lease.namespace.as_str(),
        name: lease.name.as_str(),
        labels: &labels,
        owners: &references,
        lock_info_id: lease.terraform_lock_id.get().map(|id| id.as_str()),
    };
    Ok(Seen {
        waits_for: value(&lease.labels, Ticket::WAITS_FOR).map(Uid::new),
        lock: Snapshot {
            dialect: Dialect::of(&marks, &record),
            stamp: stamp(&record, &owners),
            notes: Notes::read(|key| value(&lease.annotations, key)),
            record,
            version: Version {
                uid: Uid::new(text(uid)),
                resource_version: ResourceVersion::new(text(resource_version)),
            },
            namespace: text(lease.namespace),
            name: text(lease.name),
        },
    })
}

fn value<'a>(entries: &[Entry<'a>], key: &str) -> Option<&'a str> {
    let entry = entries.iter().find(|entry| entry.key.as_str() == key);
    entry.map(|entry| entry.value.as_str())
}

/// A record in the contract's terms.
pub(crate) fn spec(call: &Call, record: &Record) -> LeaseSpec<'static> {
    let text = |text: &Option<String>| text.as_ref().map(|text| call.text(text)).into();
    LeaseSpec {
        holder_identity: text(&record.holder),
        lease_duration_seconds: record.duration_seconds.into(),
        acquire_time: record.acquire_time.map(told).into(),
        renew_time: record.renew_time.map(told).into(),
        lease_transitions: record.transitions.into(),
        strategy: text(&record.strategy),
        preferred_holder: text(&record.preferred_holder),
    }
}

/// Who owns which of the fields that are signs of life.
fn owners(managers: &[ManagedFields]) -> Result<Vec<FieldOwner>, Fault> {
    let mut owners = Vec::new();
    for entry in managers {
        let time = wall_if_any(entry.time)?;
        for (is_owned, field) in [
            (entry.acquire_time, SpecField::AcquireTime),
            (entry.holder_identity, SpecField::Holder),
            (entry.lease_duration_seconds, SpecField::Duration),
            (entry.lease_transitions, SpecField::Transitions),
            (entry.renew_time, SpecField::RenewTime),
        ] {
            if is_owned {
                owners.push(FieldOwner { field, time });
            }
        }
    }
    Ok(owners)
}
