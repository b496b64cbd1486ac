//! The types of the contract, laid out as its ABI has them: see `wit/lock` for what they mean.

use crate::abi::{List, Maybe, Text};

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Timestamp {
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: u32,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Version<'a> {
    pub(crate) uid: Text<'a>,
    pub(crate) resource_version: Text<'a>,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct LeaseSpec<'a> {
    pub(crate) holder_identity: Maybe<Text<'a>>,
    pub(crate) lease_duration_seconds: Maybe<i32>,
    pub(crate) acquire_time: Maybe<Timestamp>,
    pub(crate) renew_time: Maybe<Timestamp>,
    pub(crate) lease_transitions: Maybe<i32>,
    pub(crate) strategy: Maybe<Text<'a>>,
    pub(crate) preferred_holder: Maybe<Text<'a>>,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Entry<'a> {
    pub(crate) key: Text<'a>,
    pub(crate) value: Text<'a>,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Owner<'a> {
    pub(crate) api_version: Text<'a>,
    pub(crate) kind: Text<'a>,
    pub(crate) name: Text<'a>,
    pub(crate) uid: Text<'a>,
}

#[derive(Clone, Copy)]
#[repr(C)]
#[allow(clippy::struct_excessive_bools, reason = "the contract has them")]
pub(crate) struct ManagedFields {
    pub(crate) time: Maybe<Timestamp>,
    pub(crate) acquire_time: bool,
    pub(crate) holder_identity: bool,
    pub(crate) lease_duration_seconds: bool,
    pub(crate) lease_transitions: bool,
    pub(crate) renew_time: bool,
}

#[repr(C)]
pub(crate) struct Lease<'a> {
    pub(crate) namespace: Text<'a>,
    pub(crate) name: Text<'a>,
    pub(crate) version: Version<'a>,
    pub(crate) labels: List<'a, Entry<'a>>,
    pub(crate) annotations: List<'a, Entry<'a>>,
    pub(crate) owners: List<'a, Owner<'a>>,
    pub(crate) managed_fields: List<'a, ManagedFields>,
    pub(crate) terraform_lock_id: Maybe<Text<'a>>,
    pub(crate) spec: LeaseSpec<'a>,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct AnnotationChange<'a> {
    pub(crate) key: Text<'a>,
    pub(crate) value: Maybe<Text<'a>>,
}

#[repr(C)]
pub(crate) struct Write<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) version: Maybe<Version<'a>>,
    pub(crate) labels: List<'a, Entry<'a>>,
    pub(crate) annotations: List<'a, AnnotationChange<'a>>,
    pub(crate) owners: List<'a, Owner<'a>>,
    pub(crate) spec: LeaseSpec<'a>,
}

#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum ErrorKind {
    Refused,
    Invalid,
    OutOfOrder,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) code: Text<'static>,
    pub(crate) message: Text<'static>,
}

#[repr(C)]
pub(crate) struct Standing {
    pub(crate) state: Text<'static>,
    pub(crate) dialect: Text<'static>,
    pub(crate) basis: Maybe<Text<'static>>,
    pub(crate) age: Maybe<u64>,
    pub(crate) ends_in: Maybe<u64>,
    pub(crate) ended_ago: Maybe<u64>,
}

#[repr(C)]
pub(crate) struct Get<'a> {
    pub(crate) name: Text<'a>,
}

#[repr(C)]
pub(crate) struct Listing<'a> {
    pub(crate) label_selector: Text<'a>,
}

#[repr(C)]
pub(crate) struct Deletion<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) uid: Text<'a>,
    pub(crate) resource_version: Maybe<Text<'a>>,
}

#[repr(C, u8)]
#[allow(dead_code, reason = "it is the host that reads them")]
pub(crate) enum Request<'a> {
    Get(Get<'a>),
    List(Listing<'a>),
    Write(Write<'a>),
    Delete(Deletion<'a>),
}

#[repr(C)]
pub(crate) struct Event<'a> {
    pub(crate) code: Text<'a>,
    pub(crate) identity: Maybe<Text<'a>>,
    pub(crate) token: Maybe<Text<'a>>,
    pub(crate) until: Maybe<u64>,
    pub(crate) since: Maybe<Timestamp>,
    pub(crate) ahead: Maybe<u32>,
    pub(crate) reason: Maybe<Text<'a>>,
}
