//! Which Leases a list or a watch is about.

mod fields;
mod labels;

use serde_json::Value;

use self::fields::FieldSelector;
use self::labels::LabelSelector;
use crate::lease::metadata::text;
use crate::status::Status;

/// A namespace, or all of them, with a label selector and a field selector.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    fields: FieldSelector,
    labels: LabelSelector,
    namespace: Option<String>,
}

impl Selection {
    /// Every Lease of the cluster.
    pub fn all() -> Self {
        Self::default()
    }

    /// Every Lease of one namespace.
    pub fn in_namespace(namespace: impl Into<String>) -> Self {
        Self {
            namespace: Some(namespace.into()),
            ..Self::default()
        }
    }

    /// Narrows to the labels that a `labelSelector` asks for: `a=b`, `a==b`, `a!=b`, `a in (b,c)`,
    /// `a notin (b)`, `a`, `!a`, with commas between.
    ///
    /// # Errors
    /// 400 when it cannot be parsed.
    pub fn with_labels(mut self, selector: &str) -> Result<Self, Status> {
        self.labels = LabelSelector::parse(selector)?;
        Ok(self)
    }

    /// Narrows by a `fieldSelector` on `metadata.name` and `metadata.namespace`, the two fields
    /// of a Lease that can be selected: `=`, `==`, `!=`, with commas between.
    ///
    /// # Errors
    /// 400 when it cannot be parsed or names another field.
    pub fn with_fields(mut self, selector: &str) -> Result<Self, Status> {
        self.fields = FieldSelector::parse(selector)?;
        Ok(self)
    }

    /// Whether a selector narrows it: a list then does not say how much remains.
    pub(crate) fn is_narrowed(&self) -> bool {
        !(self.fields.is_empty() && self.labels.is_empty())
    }

    pub(crate) fn matches(&self, lease: &Value) -> bool {
        let namespace = text(lease, "namespace");
        self.namespace
            .as_deref()
            .is_none_or(|wanted| wanted == namespace)
            && self.fields.matches(text(lease, "name"), namespace)
            && self.labels.matches(lease["metadata"]["labels"].as_object())
    }
}
