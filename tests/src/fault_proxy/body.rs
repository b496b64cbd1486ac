//! Bodies that arrive whole, or do not.

use std::error::Error;

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderValue, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};
use hyper::body::Frame;

use super::Broken;

pub(super) type Body = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// All of it.
pub(super) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Half of it, and then the connection breaks.
pub(super) fn cut(reply: Response<Bytes>) -> Response<Body> {
    half(reply, true)
}

/// Half of it, and then nothing.
pub(super) fn stall(reply: Response<Bytes>) -> Response<Body> {
    half(reply, false)
}

fn half(reply: Response<Bytes>, is_cut: bool) -> Response<Body> {
    let (mut parts, bytes) = reply.into_parts();
    // Whatever way the server chose to tell the end, this one promises all of it.
    parts.headers.remove(TRANSFER_ENCODING);
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let begin = stream::once(async move { Ok(Frame::data(bytes.slice(..bytes.len() / 2))) });
    let body = if is_cut {
        let end = stream::once(async { Err(Broken.into()) });
        StreamBody::new(begin.chain(end)).boxed_unsync()
    } else {
        StreamBody::new(begin.chain(stream::pending())).boxed_unsync()
    };
    Response::from_parts(parts, body)
}

/// As it comes, until so many lines have ended, and then the connection breaks.
pub(super) fn cut_after_lines(reply: Response<Body>, lines: usize) -> Response<Body> {
    reply.map(|body| {
        let mut left = lines;
        let cut = BodyStream::new(body).flat_map(move |frame| {
            let frames = match frame {
                Ok(frame) if left > 0 => before_cut(frame, &mut left),
                Ok(_) => vec![Err(Broken.into())],
                Err(error) => vec![Err(error)],
            };
            stream::iter(frames)
        });
        StreamBody::new(cut).boxed_unsync()
    })
}

/// What is left of a frame once it holds the last line.
fn before_cut(
    frame: Frame<Bytes>,
    left: &mut usize,
) -> Vec<Result<Frame<Bytes>, Box<dyn Error + Send + Sync>>> {
    let Some(data) = frame.data_ref() else {
        return vec![Ok(frame)];
    };
    let ends = data.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let ends: Vec<usize> = ends.map(|(at, _)| at + 1).collect();
    if ends.len() < *left {
        *left -= ends.len();
        return vec![Ok(frame)];
    }
    let last = ends[*left - 1];
    *left = 0;
    vec![Ok(Frame::data(data.slice(..last))), Err(Broken.into())]
}
