//! One broken rule about one field (apimachinery `pkg/util/validation/field`).

use serde_json::Value;

/// A field that breaks a rule: a cause of a 422.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldError {
    /// The path of the field, `spec.leaseDurationSeconds` for example.
    pub(crate) field: String,
    kind: Kind,
    detail: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Forbidden,
    Invalid(Value),
    NotSupported(Value),
    Required,
    TooLong,
}

impl FieldError {
    pub(crate) fn forbidden(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            kind: Kind::Forbidden,
            detail: detail.into(),
        }
    }

    pub(crate) fn invalid(
        field: impl Into<String>,
        value: impl Into<Value>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            kind: Kind::Invalid(value.into()),
            detail: detail.into(),
        }
    }

    pub(crate) fn not_supported(field: impl Into<String>, value: &str, supported: &[&str]) -> Self {
        let supported: Vec<String> = supported.iter().map(|one| format!("{one:?}")).collect();
        Self {
            field: field.into(),
            kind: Kind::NotSupported(value.into()),
            detail: format!("supported values: {}", supported.join(", ")),
        }
    }

    pub(crate) fn required(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            kind: Kind::Required,
            detail: detail.into(),
        }
    }

    pub(crate) fn too_long(field: impl Into<String>, max: usize) -> Self {
        Self {
            field: field.into(),
            kind: Kind::TooLong,
            detail: format!("may not be more than {max} bytes"),
        }
    }

    /// The cause type of the API.
    pub(crate) fn reason(&self) -> &'static str {
        match self.kind {
            Kind::Forbidden => "FieldValueForbidden",
            Kind::Invalid(_) => "FieldValueInvalid",
            Kind::NotSupported(_) => "FieldValueNotSupported",
            Kind::Required => "FieldValueRequired",
            Kind::TooLong => "FieldValueTooLong",
        }
    }

    /// The message without the field.
    pub(crate) fn body(&self) -> String {
        let head = match &self.kind {
            Kind::Forbidden => "Forbidden".to_owned(),
            Kind::Invalid(value) => format!("Invalid value: {value}"),
            Kind::NotSupported(value) => format!("Unsupported value: {value}"),
            Kind::Required => "Required value".to_owned(),
            Kind::TooLong => "Too long".to_owned(),
        };
        if self.detail.is_empty() {
            head
        } else {
            format!("{head}: {}", self.detail)
        }
    }

    /// All messages in one: a single one as it is, several in brackets, repetitions once.
    pub(crate) fn aggregate(errors: &[Self]) -> String {
        let mut messages: Vec<String> = Vec::new();
        for error in errors {
            let message = format!("{}: {}", error.field, error.body());
            if !messages.contains(&message) {
                messages.push(message);
            }
        }
        match messages.as_slice() {
            [one] => one.clone(),
            all => format!("[{}]", all.join(", ")),
        }
    }
}
