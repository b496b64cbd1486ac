//! A Lease, as the contract has it and as the logic sees it.

use alloc::vec::Vec;

use lease_core::{
    Dialect, FieldOwner, Marks, Notes, Record, ResourceVersion, Snapshot, SpecField, Ticket, Uid,
    Version, stamp,
};

use crate::bindings::exports::lease::lock::types::{Entry, Error, Lease, LeaseSpec, ManagedFields};
use crate::error::invalid;
use crate::snapshot::Seen;
use crate::times::{told, wall_if_any};

/// What the logic sees of a Lease.
pub(crate) fn seen(lease: Lease) -> Result<Seen, Error> {
    if lease.version.uid.is_empty() || lease.version.resource_version.is_empty() {
        return Err(invalid(
            "no-version",
            "a Lease has a uid and a resourceVersion, without which no write is safe",
        ));
    }
    let (acquire_time, renew_time) = (
        wall_if_any(lease.spec.acquire_time)?,
        wall_if_any(lease.spec.renew_time)?,
    );
    let owners = owners(&lease.managed_fields)?;
    let record = Record {
        holder: lease.spec.holder_identity,
        duration_seconds: lease.spec.lease_duration_seconds,
        acquire_time,
        renew_time,
        transitions: lease.spec.lease_transitions,
        strategy: lease.spec.strategy,
        preferred_holder: lease.spec.preferred_holder,
    };
    let labels: Vec<(&str, &str)> = lease
        .labels
        .iter()
        .map(|label| (label.key.as_str(), label.value.as_str()))
        .collect();
    let references: Vec<(&str, &str)> = lease
        .owners
        .iter()
        .map(|owner| (owner.api_version.as_str(), owner.kind.as_str()))
        .collect();
    let marks = Marks {
        namespace: &lease.namespace,
        name: &lease.name,
        labels: &labels,
        owners: &references,
        lock_info_id: lease.terraform_lock_id.as_deref(),
    };
    Ok(Seen {
        waits_for: value(&lease.labels, Ticket::WAITS_FOR).map(Uid::new),
        lock: Snapshot {
            dialect: Dialect::of(&marks, &record),
            stamp: stamp(&record, &owners),
            notes: Notes::read(|key| value(&lease.annotations, key)),
            record,
            version: Version {
                uid: Uid::new(lease.version.uid),
                resource_version: ResourceVersion::new(lease.version.resource_version),
            },
            namespace: lease.namespace,
            name: lease.name,
        },
    })
}

fn value<'a>(entries: &'a [Entry], key: &str) -> Option<&'a str> {
    let entry = entries.iter().find(|entry| entry.key == key);
    entry.map(|entry| entry.value.as_str())
}

/// A record in the contract's terms.
pub(crate) fn spec(record: &Record) -> LeaseSpec {
    LeaseSpec {
        holder_identity: record.holder.clone(),
        lease_duration_seconds: record.duration_seconds,
        acquire_time: record.acquire_time.map(told),
        renew_time: record.renew_time.map(told),
        lease_transitions: record.transitions,
        strategy: record.strategy.clone(),
        preferred_holder: record.preferred_holder.clone(),
    }
}

/// Who owns which of the fields that are signs of life.
fn owners(managers: &[ManagedFields]) -> Result<Vec<FieldOwner>, Error> {
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
