//! What a decision costs natively and in the component, and how soon an instance is ready, as JSON:
//! `cargo run --release -p lease-host-wasmtime --example measure -- COMPONENT`.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use lease_core::{
    Dialect, Look, Notes, Record, ResourceVersion, Snapshot, Timestamp, Uid, Version, judge,
};
use lease_host_wasmtime::{Lock, rules, types};

const NOW: i64 = 1_790_000_000;
const TIMES: u32 = 20_000;
/// Medians of so many.
const SAMPLES: usize = 15;

fn main() -> wasmtime::Result<()> {
    let file = std::env::args_os().nth(1).expect("the component's file");
    let lock = Lock::compile(Path::new(&file))?;
    let precompiled = lock.compiled()?;
    let (mut store, logic) = lock.instantiate()?;
    let rules = logic.lease_lock_rules();
    let snapshot = rules.snapshot().call_of(&mut store, &lease())??;
    let look = rules::Look::Stamped(rules::Reading { now: seconds(NOW) });

    let native = held();
    let natively = per_call(|| {
        let date = Timestamp::from_micros(NOW * 1_000_000);
        black_box(
            judge(black_box(&native), Look::Stamped { date })
                .standing()
                .state,
        );
    });
    let decision = per_call(|| {
        let judged = rules.snapshot().call_judge(&mut store, snapshot, look);
        black_box(judged.and_then(|judged| Ok(judged?)).is_ok());
    });
    let whole = per_call(|| {
        let seen = rules.snapshot().call_of(&mut store, black_box(&lease()));
        if let Ok(Ok(seen)) = seen {
            let judged = rules.snapshot().call_judge(&mut store, seen, look);
            black_box(judged.is_ok());
            black_box(seen.resource_drop(&mut store).is_ok());
        }
    });
    let ready = median(|| {
        let started = Instant::now();
        black_box(lock.instantiate().is_ok());
        started.elapsed()
    });
    let compiled = median(|| {
        let started = Instant::now();
        black_box(Lock::compile(Path::new(&file)).is_ok());
        started.elapsed()
    });
    println!(
        "{{\"native-ns\": {}, \"decision-ns\": {}, \"read-and-decision-ns\": {}, \
         \"instance-us\": {}, \"compile-ms\": {}, \"machine-code-bytes\": {}}}",
        natively.as_nanos(),
        decision.as_nanos(),
        whole.as_nanos(),
        ready.as_micros(),
        compiled.as_millis(),
        precompiled.len()
    );
    Ok(())
}

fn per_call(mut call: impl FnMut()) -> Duration {
    median(|| {
        let started = Instant::now();
        for _ in 0..TIMES {
            call();
        }
        started.elapsed() / TIMES
    })
}

fn median(mut sample: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<_> = (0..SAMPLES).map(|_| sample()).collect();
    all.sort();
    all[SAMPLES / 2]
}

fn seconds(seconds: i64) -> types::Timestamp {
    types::Timestamp {
        seconds,
        nanoseconds: 0,
    }
}

fn held() -> Snapshot {
    let at = |seconds: i64| Some(Timestamp::from_micros(seconds * 1_000_000));
    Snapshot {
        namespace: "payments".into(),
        name: "ledger".into(),
        version: Version {
            uid: Uid::new("6f2c1b7e-0000-4000-8000-1f0e5d2c3b4a"),
            resource_version: ResourceVersion::new("1234567"),
        },
        record: Record {
            holder: Some("ledger-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa".into()),
            duration_seconds: Some(15),
            acquire_time: at(NOW - 3600),
            renew_time: at(NOW - 3),
            transitions: Some(7),
            ..Record::default()
        },
        notes: Notes::default(),
        stamp: at(NOW - 3),
        dialect: Dialect::ClientGo,
    }
}

fn lease() -> types::Lease {
    types::Lease {
        namespace: "payments".into(),
        name: "ledger".into(),
        version: types::Version {
            uid: "6f2c1b7e-0000-4000-8000-1f0e5d2c3b4a".into(),
            resource_version: "1234567".into(),
        },
        labels: Vec::new(),
        annotations: Vec::new(),
        owners: Vec::new(),
        managed_fields: vec![types::ManagedFields {
            time: Some(seconds(NOW - 3)),
            acquire_time: true,
            holder_identity: true,
            lease_duration_seconds: true,
            lease_transitions: true,
            renew_time: true,
        }],
        terraform_lock_id: None,
        spec: types::LeaseSpec {
            holder_identity: Some("ledger-0_9f8e7d6c-5b4a-4938-8271-605f4e3d2caa".into()),
            lease_duration_seconds: Some(15),
            acquire_time: Some(seconds(NOW - 3600)),
            renew_time: Some(seconds(NOW - 3)),
            lease_transitions: Some(7),
            strategy: None,
            preferred_holder: None,
        },
    }
}
