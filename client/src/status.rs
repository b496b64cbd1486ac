//! What the API server says when it refuses.

use std::time::Duration;

use serde::Deserialize;

use crate::right::Right;

/// An answer of the API server that is not a success.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message} ({code} {reason})")]
pub struct ApiStatus {
    /// The HTTP status code.
    pub code: u16,
    /// The machine-readable reason, e.g. `AlreadyExists`; the code's own phrase where the answer
    /// was no Kubernetes `Status`.
    pub reason: String,
    /// What the server said, as it said it: it may contain anything.
    pub message: String,
    /// How long the server asks to wait before the next request.
    pub retry_after: Option<Duration>,
    /// What was attempted, where it was forbidden (403).
    pub attempted: Option<Box<Right>>,
}

impl ApiStatus {
    /// Whether it says that there is no such object, as opposed to no such namespace, or to a page
    /// of whatever answers at this address.
    pub(crate) fn is_absence(&self) -> bool {
        self.code == 404 && self.reason == "NotFound" && !self.message.starts_with("namespaces ")
    }

    /// Reads the body of an unsuccessful answer, which need not be a `Status`: proxies answer
    /// with pages of their own.
    pub(crate) fn new(code: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        #[derive(Deserialize)]
        struct Status {
            #[serde(default)]
            message: String,
            #[serde(default)]
            reason: String,
        }
        let phrase = http::StatusCode::from_u16(code)
            .ok()
            .and_then(|code| code.canonical_reason())
            .unwrap_or("unknown status");
        let status: Option<Status> = serde_json::from_slice(body).ok();
        let (reason, message) = status.map_or_else(
            || {
                let text = String::from_utf8_lossy(body);
                // A page, drawn over many lines.
                let text = if text.to_lowercase().contains("<html") {
                    without_tags(&text)
                } else {
                    text.into_owned()
                };
                let words: Vec<_> = text.split_whitespace().collect();
                (String::new(), words.join(" ").chars().take(300).collect())
            },
            |status| (status.reason, status.message),
        );
        let or_phrase = |text: String| {
            if text.is_empty() {
                phrase.to_owned()
            } else {
                text
            }
        };
        Self {
            code,
            reason: or_phrase(reason),
            message: or_phrase(message),
            retry_after,
            attempted: None,
        }
    }
}

/// What is left to read of a page.
fn without_tags(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut is_tag = false;
    for c in page.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                text.push(' ');
            }
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    text
}
