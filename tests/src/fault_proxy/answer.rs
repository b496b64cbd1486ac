//! Answers that are not the server's.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::body::{self, Body};

/// An answer, made up.
#[derive(Clone, Debug)]
pub struct Answer(Response<Bytes>);

impl Answer {
    /// A refusal in the form of an API server's: a `Status` with this reason and message.
    pub fn status(code: u16, reason: &str, message: &str) -> Self {
        let body = json!({
            "apiVersion": "v1",
            "code": code,
            "kind": "Status",
            "message": message,
            "metadata": {},
            "reason": reason,
            "status": "Failure",
        });
        Self::new(code, "application/json", body.to_string())
    }

    /// A page as the proxies of companies and clouds send them.
    pub fn page(code: u16, title: &str) -> Self {
        let page = format!(
            "<html>\r\n<head><title>{code} {title}</title></head>\r\n<body>\r\n\
             <center><h1>{code} {title}</h1></center>\r\n<hr><center>gateway</center>\r\n\
             </body>\r\n</html>\r\n"
        );
        Self::new(code, "text/html", page)
    }

    /// Any other.
    pub fn new(code: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(code).expect("a test names a real code");
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self(response)
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = value.parse().expect("a test names a valid value");
        self.0
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
        self
    }

    pub(super) fn response(self) -> Response<Body> {
        self.0.map(body::whole)
    }
}
