//! The logic of a lock on a Kubernetes Lease.
