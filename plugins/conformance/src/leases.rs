//! Leases of every kind.

use lease_core::{
    Broken, Dialect, FieldOwner, Grant, Marks, Notes, Record, ResourceVersion, Snapshot, SpecField,
    Taker, Timestamp, Uid, Version, stamp,
};
use serde_json::{Value, json};

use crate::json;

/// When the leases are looked at, in microseconds since 1970.
pub(crate) const NOW: i64 = 1_790_000_000_000_000;
const SECOND: i64 = 1_000_000;

/// A lease as the API server would send it.
#[derive(Clone)]
pub(crate) struct Lease {
    pub(crate) what: &'static str,
    namespace: &'static str,
    name: &'static str,
    pub(crate) record: Record,
    notes: Notes,
    labels: Vec<(&'static str, &'static str)>,
    owner: Option<(&'static str, &'static str)>,
    /// Owners of the fields of a spec: since when, and of which.
    managers: Vec<(Option<Timestamp>, Vec<SpecField>)>,
    lock_id: Option<&'static str>,
}

pub(crate) fn seconds_ago(seconds: i64) -> Timestamp {
    Timestamp::from_micros(NOW - seconds * SECOND)
}

fn held(what: &'static str, renewed: i64) -> Lease {
    Lease {
        what,
        namespace: "payments",
        name: "ledger",
        record: Record {
            holder: Some("other".into()),
            duration_seconds: Some(15),
            acquire_time: Some(seconds_ago(3600)),
            renew_time: Some(seconds_ago(renewed)),
            transitions: Some(7),
            ..Record::default()
        },
        notes: Notes::default(),
        labels: Vec::new(),
        owner: None,
        managers: vec![(
            Some(Timestamp::from_micros((NOW / SECOND - renewed) * SECOND)),
            SpecField::ALL.to_vec(),
        )],
        lock_id: None,
    }
}

/// One that is like a held one, but for something.
fn but(what: &'static str, renewed: i64, change: impl FnOnce(&mut Lease)) -> Lease {
    let mut lease = held(what, renewed);
    change(&mut lease);
    lease
}

/// All kinds that a decision tells apart.
#[expect(clippy::too_many_lines, reason = "it is a list")]
pub(crate) fn all() -> Vec<Lease> {
    vec![
        held("held", 3),
        held("late", 12),
        held("over, within the margin", 18),
        held("expired", 60),
        but("ours", 3, |lease| lease.record.holder = Some("me".into())),
        but("ours, expired", 60, |lease| {
            lease.record.holder = Some("me".into());
        }),
        but("free", 60, |lease| {
            lease.record.holder = Some(String::new());
        }),
        but("free, without a holder", 60, |lease| {
            lease.record = Record::default();
        }),
        but("without a duration", 60, |lease| {
            lease.record.duration_seconds = None;
        }),
        but("without a renewTime", 60, |lease| {
            lease.record.renew_time = None;
        }),
        but("renewed in the year one", 60, |lease| {
            lease.record.renew_time = Some(Timestamp::GO_ZERO);
        }),
        but("of no duration", 60, |lease| {
            lease.record.duration_seconds = Some(0);
        }),
        but("of a negative duration", 60, |lease| {
            lease.record.duration_seconds = Some(i32::MIN);
        }),
        but("of 68 years", 60, |lease| {
            lease.record.duration_seconds = Some(i32::MAX);
        }),
        but("of a holder whose clock is ahead", 60, |lease| {
            lease.record.renew_time = Some(seconds_ago(-7200));
        }),
        but("renewed at the end of time", 60, |lease| {
            lease.record.renew_time = Some(Timestamp::from_micros(i64::MAX));
            lease.record.transitions = Some(i32::MAX);
        }),
        but("acquired at the begin of time", 60, |lease| {
            lease.record.acquire_time = Some(Timestamp::from_micros(i64::MIN));
            lease.record.transitions = Some(i32::MIN);
        }),
        but("without managed fields", 60, |lease| {
            lease.managers = Vec::new();
        }),
        but("with an owner without a time", 60, |lease| {
            lease.managers[0].0 = None;
        }),
        but("with a field that nobody owns", 60, |lease| {
            lease.managers[0].1 = SpecField::ALL[1..].to_vec();
        }),
        but("with a second manager of the holder", 60, |lease| {
            lease.managers[0]
                .1
                .retain(|field| *field != SpecField::Holder);
            lease
                .managers
                .push((Some(seconds_ago(2)), vec![SpecField::Holder]));
        }),
        but("handed over", 1, |lease| {
            lease.notes.grant = Some(Grant {
                to: "other".into(),
                ticket: "ledger-ticket-1".into(),
                uid: Uid::new("t-1"),
            });
            lease.notes.served_through = Some(ResourceVersion::new("99"));
        }),
        but("taken by one of ours", 60, |lease| {
            lease.notes.taken_by = Some(Taker {
                holder: "other".into(),
                number: u64::MAX,
                attends: true,
            });
            lease.notes.release_asked = Some("other".into());
            lease.notes.broken = Some(Broken {
                holder: "another".into(),
                tombstone: "broken by ops@desk".into(),
                because: None,
            });
        }),
        but("of Terraform", 60, |lease| {
            lease.name = "lock-tfstate-default-prod";
            lease.labels = vec![("other", "label"), ("tfstate", "true")];
            lease.lock_id = Some("other");
        }),
        but("of Terraform, at odds with its ID", 60, |lease| {
            lease.name = "lock-tfstate-default-prod";
            lease.labels = vec![("tfstate", "true")];
            lease.lock_id = Some("another");
        }),
        but("of CloudNativePG", 60, |lease| {
            lease.owner = Some(("postgresql.cnpg.io/v1", "Cluster"));
        }),
        but("of coordinated election", 60, |lease| {
            lease.record.strategy = Some("OldestEmulationVersion".into());
            lease.record.preferred_holder = Some("next".into());
        }),
        but("of a node", 60, |lease| {
            lease.namespace = "kube-node-lease";
            lease.name = "other";
        }),
        but("of an API server", 60, |lease| {
            lease.namespace = "kube-system";
            lease.labels = vec![("apiserver.kubernetes.io/identity", "kube-apiserver")];
        }),
    ]
}

impl Lease {
    fn version() -> Version {
        Version {
            uid: Uid::new("6f2c1b7e-0000-4000-8000-1f0e5d2c3b4a"),
            resource_version: ResourceVersion::new("340282366920938463463374607431768211455"),
        }
    }

    /// As the native crate sees it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let owners: Vec<FieldOwner> = self
            .managers
            .iter()
            .flat_map(|(time, fields)| {
                fields.iter().map(|field| FieldOwner {
                    field: *field,
                    time: *time,
                })
            })
            .collect();
        let references: Vec<_> = self.owner.into_iter().collect();
        let marks = Marks {
            namespace: self.namespace,
            name: self.name,
            labels: &self.labels,
            owners: &references,
            lock_info_id: self.lock_id,
        };
        Snapshot {
            namespace: self.namespace.into(),
            name: self.name.into(),
            version: Self::version(),
            record: self.record.clone(),
            notes: self.notes.clone(),
            stamp: stamp(&self.record, &owners),
            dialect: Dialect::of(&marks, &self.record),
        }
    }

    /// As a host passes it in.
    pub(crate) fn json(&self) -> Value {
        let entry = |(key, value): &(&str, &str)| json!({ "key": key, "value": value });
        let owner = |(api, kind): (&str, &str)| json!({ "api-version": api, "kind": kind, "name": "x", "uid": "y" });
        let manager = |(time, fields): &(Option<Timestamp>, Vec<SpecField>)| {
            json!({
                "time": time.map(json::timestamp),
                "acquire-time": fields.contains(&SpecField::AcquireTime),
                "holder-identity": fields.contains(&SpecField::Holder),
                "lease-duration-seconds": fields.contains(&SpecField::Duration),
                "lease-transitions": fields.contains(&SpecField::Transitions),
                "renew-time": fields.contains(&SpecField::RenewTime),
            })
        };
        json!({
            "namespace": self.namespace,
            "name": self.name,
            "version": json::version(&Self::version()),
            "labels": self.labels.iter().map(entry).collect::<Vec<_>>(),
            "annotations": json::entries(&self.notes),
            "owners": self.owner.map(owner).into_iter().collect::<Vec<_>>(),
            "managed-fields": self.managers.iter().map(manager).collect::<Vec<_>>(),
            "terraform-lock-id": self.lock_id,
            "spec": json::spec(&self.record),
        })
    }
}
