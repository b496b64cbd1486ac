//! Drives `lease-core` against a cluster.
