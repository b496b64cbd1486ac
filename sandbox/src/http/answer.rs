//! Building an answer.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, DATE, WARNING};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;
use serde_json::Value;

use crate::lease::time_format;
use crate::status::Status;

/// An answer, whole or a stream.
pub type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// An object, with its status code.
pub(super) fn object(code: u16, value: &Value) -> Answer {
    with_body(code, "application/json", format!("{value}\n"))
}

/// An object under a media type of its own.
pub(super) fn with_media_type(code: u16, media_type: &'static str, value: &Value) -> Answer {
    with_body(code, media_type, format!("{value}\n"))
}

/// A refusal.
pub(super) fn refusal(status: &Status) -> Answer {
    object(status.code, &status.to_value())
}

/// A line of text, as the health checks give it.
pub(super) fn text(code: u16, text: &'static str) -> Answer {
    with_body(code, "text/plain; charset=utf-8", text.to_owned())
}

fn with_body(code: u16, media_type: &'static str, body: String) -> Answer {
    streamed(
        code,
        media_type,
        Full::new(Bytes::from(body)).boxed_unsync(),
    )
}

/// An answer with any body.
pub(super) fn streamed(
    code: u16,
    media_type: &'static str,
    body: UnsyncBoxBody<Bytes, Infallible>,
) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    answer
}

/// Dates an answer by the cluster's clock; hyper would take the machine's.
pub(super) fn dated(mut answer: Answer, now: Timestamp) -> Answer {
    if let Ok(date) = HeaderValue::from_str(&time_format::http_date(now)) {
        answer.headers_mut().insert(DATE, date);
    }
    answer
}

/// Adds the warnings that kubectl prints: fields that no Lease has.
pub(super) fn with_warnings(mut answer: Answer, unknown: &[String]) -> Answer {
    for field in unknown {
        let warning = format!("299 - \"unknown field \\\"{field}\\\"\"");
        if let Ok(warning) = HeaderValue::from_str(&warning) {
            answer.headers_mut().append(WARNING, warning);
        }
    }
    answer
}
