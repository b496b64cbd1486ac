//! The Lease part of an API server, in memory.
