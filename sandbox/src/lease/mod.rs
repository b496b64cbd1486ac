//! What a Lease object is to the server: its wire form, its rules, who owns which field.

pub(crate) mod decode;
pub(crate) mod field_set;
pub(crate) mod managed_fields;
pub(crate) mod metadata;
pub(crate) mod name_syntax;
pub(crate) mod time_format;
pub(crate) mod validate;
