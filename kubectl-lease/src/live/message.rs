//! What reaches the table, and what the table wants done.

use crossterm::event::{KeyEvent, MouseEvent};
use lease_client::Change;
use lease_core::Observer;

use super::locks::{LockId, Seen};
use crate::diagnosis::Finding;
use crate::failure::Failure;
use crate::lock_row::Column;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Message {
    /// The cluster changed, or the connection did.
    Changed(Change<Seen>),
    /// The connection broke, as a recording tells it.
    Interrupted(String),
    /// The cluster does not tell any more, and why. It is asked again in a while.
    Refused(Failure),
    Key(KeyEvent),
    Mouse(MouseEvent),
    Resized {
        columns: u16,
        lines: u16,
    },
    /// Something that was wanted is done, or failed.
    Done(Done),
    /// Another cluster or namespace is followed from now on.
    Switched {
        context: String,
        /// `None` for all namespaces.
        namespace: Option<String>,
    },
    /// Nothing but that time has passed.
    Tick,
}

/// Something that is to be done outside of the table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// Free the lock, or take it, by proof that its lease is over.
    Steal {
        lock: LockId,
        /// What was observed of it, if that is the proof; else the API server's stamp is.
        observed: Option<Box<Observer>>,
        take: bool,
    },
    /// Break the lock.
    ForceRelease {
        lock: LockId,
        /// Who was shown as its holder, whom it is to be taken from and nobody else.
        holder: Option<String>,
    },
    /// Read the lock as YAML.
    Yaml(LockId),
    /// Read what the lock's events say, and who waits for it.
    Surroundings(LockId),
    /// Find out what is wrong with the lock.
    Why(LockId),
    /// Look into this namespace, or into all.
    Namespace(Option<String>),
    /// Look into another cluster, or as somebody else.
    Context(String),
    /// Remember which columns are shown.
    Columns(Vec<Column>),
    /// Tell which namespaces and contexts there are.
    Names,
    /// Play a recording otherwise.
    Play(Playing),
    Quit,
    Suspend,
}

/// How a recording is to be played from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Playing {
    Faster,
    Slower,
    Pause,
    PauseOrGoOn,
    /// The next thing, and then pause.
    Step,
}

/// What became of a wish.
#[derive(Debug)]
pub(crate) enum Done {
    /// The lock is changed; this says how.
    Acted(String),
    /// It did not work; this says why, in lines.
    Failed(Vec<String>),
    /// A text to be read.
    Text { title: String, text: String },
    Surroundings {
        lock: LockId,
        surroundings: Surroundings,
    },
    Names {
        namespaces: Vec<String>,
        contexts: Vec<String>,
    },
    /// What is wrong with a lock, or why that is not known.
    Verdict {
        lock: LockId,
        verdict: Result<Verdict, String>,
    },
}

/// What a diagnosis says of a lock.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// Who is behind its holder, where there is one and that can be told.
    pub(crate) who: Option<String>,
    pub(crate) findings: Vec<Finding>,
    /// What could not be read, in one line.
    pub(crate) unread: Option<String>,
}

/// What is around a lock.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Who waits, the first in line first, or why that is not known.
    pub(crate) queue: Result<Vec<String>, String>,
    /// Its events, the youngest first, or why they are not known.
    pub(crate) events: Result<Vec<String>, String>,
}
