//! An answer that is taken in piece by piece, within its request's time limit.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use kube::client::Body;
use lease_core::Timestamp;

use crate::limit::Limit;
use crate::request::RequestError;

/// A success whose body is still arriving.
pub(crate) struct Incoming {
    /// The `Date` header: the server's clock in whole seconds.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: Body,
    /// When the whole answer must have arrived.
    pub(crate) limit: Option<Limit>,
}

impl Incoming {
    /// The next piece of the body; `None` at its end. A body that is cut short is
    /// [`RequestError::Broken`].
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, RequestError> {
        loop {
            let frame = async {
                let frame = self.body.frame().await.transpose();
                frame.map_err(|error| RequestError::Broken(error.into()))
            };
            match Limit::hold(self.limit, frame).await?.map(Frame::into_data) {
                None => return Ok(None),
                Some(Ok(piece)) => return Ok(Some(piece)),
                // Trailers.
                Some(Err(_)) => {}
            }
        }
    }
}
