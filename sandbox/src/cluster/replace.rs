//! PUT: a Lease is replaced, or created when it is not there.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::state::State;
use super::{Cluster, WriteOptions, create};
use crate::field_error::FieldError;
use crate::lease::decode::{Decoded, decode, drop_gated};
use crate::lease::managed_fields::{ManagedFields, equal_but_for_times};
use crate::lease::{metadata, validate};
use crate::status::{GROUP, Status};

/// What a PUT did.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// Whether the name was free, so that the PUT created it (201).
    pub created: bool,
    /// The Lease as it is now stored.
    pub lease: Arc<Value>,
}

impl Cluster {
    /// Replaces a Lease. A name that is gone is created, with whatever resourceVersion was sent,
    /// unless the body has a uid. A body that changes nothing leaves the version as it is.
    ///
    /// # Errors
    /// 400 for a body that is no Lease, or of another name or namespace; 409 when uid or
    /// resourceVersion are not the stored ones; 422 without resourceVersion, or when a field
    /// breaks a rule; 500 for a resourceVersion that is no number; 404 when it would be created
    /// in a namespace that is not there.
    pub fn replace(
        &self,
        namespace: &str,
        name: &str,
        body: &Value,
        options: &WriteOptions,
    ) -> Result<Replaced, Status> {
        let mut decoded = decode(body)?;
        decoded.lease = create::in_namespace(decoded.lease, namespace)?;
        check_name(&decoded.lease, name)?;
        let now = self.now();
        self.write(|state| {
            let stored = state.get(namespace, name);
            check_uid(&decoded.lease, stored.as_deref(), namespace, name)?;
            let version = sent_version(&decoded.lease)?;
            match stored {
                Some(stored) => {
                    check_version(version, &stored, name)?;
                    update(state, decoded, &stored, options, now)
                }
                None => resurrect(state, namespace, name, decoded, options, now),
            }
        })
    }
}

fn check_name(lease: &Value, name: &str) -> Result<(), Status> {
    match metadata::text(lease, "name") {
        "" => Err(Status::bad_request(format!(
            "the name of the object ({name} based on URL) was undeterminable: name must be provided"
        ))),
        sent if sent != name => Err(Status::bad_request(format!(
            "the name of the object ({sent}) does not match the name on the URL ({name})"
        ))),
        _ => Ok(()),
    }
}

/// A uid in the body is a precondition, and a missing object has the uid "".
fn check_uid(
    lease: &Value,
    stored: Option<&Value>,
    namespace: &str,
    name: &str,
) -> Result<(), Status> {
    let sent = metadata::text(lease, "uid");
    let found = stored.map_or("", |stored| metadata::text(stored, "uid"));
    if sent.is_empty() || sent == found {
        return Ok(());
    }
    Err(Status::other_uid(namespace, name, sent, found))
}

/// The version in the body; 0 when there is none.
fn sent_version(lease: &Value) -> Result<u64, Status> {
    let text = metadata::text(lease, "resourceVersion");
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        Status::unknown(format!(
            "strconv.ParseUint: parsing {text:?}: invalid syntax"
        ))
    })
}

fn check_version(sent: u64, stored: &Value, name: &str) -> Result<(), Status> {
    if sent == 0 {
        let error = FieldError::invalid(
            "metadata.resourceVersion",
            0,
            "must be specified for an update",
        );
        return Err(Status::invalid(GROUP, "leases", name, &[error]));
    }
    if sent.to_string() != metadata::text(stored, "resourceVersion") {
        return Err(Status::stale(name));
    }
    Ok(())
}

fn resurrect(
    state: &mut State,
    namespace: &str,
    name: &str,
    decoded: Decoded,
    options: &WriteOptions,
    now: Timestamp,
) -> Result<Replaced, Status> {
    let sent = decoded.managed_fields.as_ref();
    let lease = create::prepare(state, namespace, decoded.lease, sent, options, now)?;
    Ok(Replaced {
        created: true,
        lease: create::finish(state, namespace, name, lease, options),
    })
}

fn update(
    state: &mut State,
    decoded: Decoded,
    stored: &Arc<Value>,
    options: &WriteOptions,
    now: Timestamp,
) -> Result<Replaced, Status> {
    let Decoded {
        mut lease,
        managed_fields,
        unknown: _,
    } = decoded;
    let sent = managed_fields.as_ref();
    let managed = ManagedFields::write(stored, &lease, sent, &options.field_manager, now);
    metadata::set(&mut lease, "managedFields", managed);
    drop_gated(&mut lease);
    for kept in [
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "uid",
    ] {
        let value = stored["metadata"].get(kept).cloned();
        metadata::set(&mut lease, kept, value);
    }
    let (namespace, name) = (
        metadata::text(stored, "namespace").to_owned(),
        metadata::text(stored, "name").to_owned(),
    );
    let errors = validate::update(&lease, stored);
    if !errors.is_empty() {
        return Err(Status::invalid(GROUP, "Lease", &name, &errors));
    }
    keep_times_of_no_change(&mut lease, stored);
    let replaced = |lease| Replaced {
        created: false,
        lease,
    };
    if lease == **stored {
        return Ok(replaced(Arc::clone(stored)));
    }
    if options.dry_run {
        return Ok(replaced(Arc::new(lease)));
    }
    let metadata = &lease["metadata"];
    if !metadata["deletionTimestamp"].is_null() && metadata["finalizers"].is_null() {
        // Its deletion waited for this finalizer only.
        state.remove(&namespace, &name);
        return Ok(replaced(Arc::new(lease)));
    }
    Ok(replaced(state.put(&namespace, &name, lease)))
}

/// Entries that would only get newer times do not make a change
/// (`IgnoreManagedFieldsTimestampsTransformer`).
fn keep_times_of_no_change(lease: &mut Value, stored: &Value) {
    let (new, old) = (
        &lease["metadata"]["managedFields"],
        &stored["metadata"]["managedFields"],
    );
    if !new.is_null() && equal_but_for_managers(lease, stored) && equal_but_for_times(new, old) {
        lease["metadata"]["managedFields"] = old.clone();
    }
}

fn equal_but_for_managers(a: &Value, b: &Value) -> bool {
    fn metadata(lease: &Value) -> impl Iterator<Item = (&String, &Value)> {
        let fields = lease["metadata"].as_object().into_iter().flatten();
        fields.filter(|(name, _)| *name != "managedFields")
    }
    a["spec"] == b["spec"] && metadata(a).eq(metadata(b))
}
