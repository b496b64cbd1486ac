//! What may become of a request.

use std::time::Duration;

use super::Answer;

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// This is answered, and the server never gets the request.
    Answer(Answer),
    /// The server gets it, and the connection breaks in the middle of the reply's body.
    CutBody,
    /// The server gets it, and the connection breaks after so many lines of the reply's body: of
    /// a watch, after so many events.
    CutWatch(usize),
    /// The server gets it so much later, and its reply arrives.
    Delay(Duration),
    /// The server gets it, and the connection breaks before the reply.
    DropReply,
    /// The server never gets it, and the connection breaks.
    DropRequest,
    /// The server gets it, and its reply arrives with the time that was so many seconds before.
    Earlier(i64),
    /// The server gets it, and its reply arrives.
    Forward,
    /// The server gets it, and nothing arrives.
    HangReply,
    /// The server never gets it, and nothing arrives.
    HangRequest,
    /// The server gets it, and this arrives in place of its reply.
    Instead(Answer),
    /// The server gets it, and half of the reply's body arrives, and then nothing.
    StallBody,
}
