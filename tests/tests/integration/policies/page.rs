//! docs/policies.md
