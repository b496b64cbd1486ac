//! What the cases create.

pub(super) const ONE: &str = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"one","labels":{"team":"blue","tier":"front"}},
    "spec":{"holderIdentity":"alice","leaseDurationSeconds":600,"leaseTransitions":3,
    "acquireTime":"2026-01-02T03:04:05.000006Z","renewTime":"2026-01-02T03:04:05.000006Z"}}"#;
pub(super) const TWO: &str = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"two","labels":{"team":"red"},"annotations":{"example.com/a":"b"}},
    "spec":{"holderIdentity":"bob","leaseDurationSeconds":600,
    "acquireTime":"2026-01-02T03:04:05.000006Z","renewTime":"2026-01-02T03:04:05.000006Z"}}"#;
pub(super) const THREE: &str = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"three"},"spec":{"holderIdentity":"carol"}}"#;
/// Its holder, in the past, had it for a second.
pub(super) const SHORT: &str = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"short","labels":{"team":"blue"},"finalizers":["example.com/hold"]},
    "spec":{"holderIdentity":"gone","leaseDurationSeconds":1,"leaseTransitions":3,
    "acquireTime":"2026-01-02T03:04:05.000006Z","renewTime":"2026-01-02T03:04:05.000006Z"}}"#;

/// Without a version, which kubectl adds from what is there.
pub(super) const THREE_AS_ONE: &str = r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease",
    "metadata":{"name":"one"},"spec":{"holderIdentity":"carol"}}"#;
