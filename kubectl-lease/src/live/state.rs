//! All that the table knows, from which each picture is drawn.

use std::collections::VecDeque;
use std::time::Duration;

use lease_core::{Identity, Instant, Timestamp};

use super::inquiry::Inquiry;
use super::locks::{Arrangement, LockId, Locks};
use super::message::Surroundings;
use super::prompt::Prompt;
use super::theme::Theme;
use crate::lock_row::Column;
use crate::sight::Clock;

/// How long a notice is shown.
const NOTICE: Duration = Duration::from_secs(8);
/// Over how long changes are counted.
const RATE: Duration = Duration::from_secs(5);

/// What the program was started with, which does not change.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether locks may be changed from the table.
    pub(crate) allow_changes: bool,
    pub(crate) theme: Theme,
    /// As whom locks are taken.
    pub(crate) identity: Identity,
}

/// The whole of it.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) context: String,
    /// `None` for all namespaces.
    pub(crate) namespace: Option<String>,
    pub(crate) locks: Locks,
    /// The locks as they were when the table was paused, and when that was.
    pub(crate) frozen: Option<Box<(Locks, Instant)>>,
    pub(crate) connection: Connection,
    pub(crate) rate: Rate,
    /// The columns that are shown, and their order.
    pub(crate) columns: Vec<Column>,
    pub(crate) cursor: Cursor,
    /// What lies over the table, the last one on top.
    pub(crate) pages: Vec<Page>,
    pub(crate) prompt: Option<Prompt>,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) notice: Option<Notice>,
    /// Namespaces and contexts that can be switched to, where they are known.
    pub(crate) namespaces: Vec<String>,
    pub(crate) contexts: Vec<String>,
    /// Columns and lines of the terminal.
    pub(crate) size: (u16, u16),
    pub(crate) now: Instant,
    /// What is around which lock was read when.
    pub(crate) read_surroundings: Option<(LockId, Instant)>,
    /// The file that the session is recorded to.
    pub(crate) recording: Option<Recording>,
    /// Where a recorded session stands that is played back.
    pub(crate) replay: Option<Replay>,
}

/// Whether what is shown is how things are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Connection {
    /// Nothing was heard yet.
    Opening,
    /// All changes come.
    Live,
    /// The connection broke, then and for this reason.
    Lost { since: Instant, why: String },
    /// The server does not tell, since then and for this reason.
    Refused { since: Instant, why: String },
}

/// How many changes come, and when the last word did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate {
    /// When changes came, one entry for each tenth of a second.
    recent: VecDeque<(Instant, u32)>,
    /// When something was heard last.
    pub(crate) heard: Option<Instant>,
}

impl Rate {
    pub(crate) fn count(&mut self, changes: u32, now: Instant) {
        match self.recent.back_mut() {
            Some((at, count)) if now.since(*at) < Duration::from_millis(100) => *count += changes,
            _ => self.recent.push_back((now, changes)),
        }
        while let Some((at, _)) = self.recent.front()
            && now.since(*at) > RATE
        {
            self.recent.pop_front();
        }
    }

    /// Changes a second, over the last five.
    pub(crate) fn per_second(&self, now: Instant) -> u32 {
        let recent = self.recent.iter().filter(|(at, _)| now.since(*at) <= RATE);
        let all: u32 = recent.map(|(_, count)| count).sum();
        all.div_ceil(5)
    }
}

/// Where the user is in the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    /// The lock that is chosen; its row where it no longer is.
    pub(crate) lock: Option<LockId>,
    pub(crate) row: usize,
    /// The first row that is shown.
    pub(crate) top: usize,
}

/// What lies over the table.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// One lock, live.
    Detail {
        lock: LockId,
        surroundings: Option<Surroundings>,
        scroll: u16,
    },
    /// One lock's holders and queue, live.
    Queue {
        lock: LockId,
        surroundings: Option<Surroundings>,
        scroll: u16,
    },
    /// What is wrong with one lock.
    Why {
        lock: LockId,
        inquiry: Inquiry,
        scroll: u16,
    },
    /// A text to scroll in.
    Text {
        title: String,
        lines: Vec<String>,
        scroll: u16,
    },
    Help {
        scroll: u16,
    },
    /// Which columns are shown.
    Chooser {
        at: usize,
    },
}

/// A question that has to be answered before anything else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Dialog {
    /// Frees or takes a lock whose lease is over.
    Steal { lock: LockId },
    /// Breaks a lock, once its name was typed.
    ForceRelease {
        lock: LockId,
        /// Who is shown as its holder.
        holder: Option<String>,
        typed: String,
    },
}

/// Something that the user is told for a while.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Notice {
    pub(crate) text: String,
    pub(crate) is_error: bool,
    pub(crate) since: Instant,
}

/// What a session is recorded to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Recording {
    /// The file's name.
    pub(crate) file: String,
    /// Whether no more can be written to it.
    pub(crate) has_stopped: bool,
}

/// Where a recorded session stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replay {
    /// How many changes were played, of how many.
    pub(crate) played: usize,
    pub(crate) of: usize,
    /// How many times as fast as it was.
    pub(crate) speed: f64,
    pub(crate) is_paused: bool,
    /// What the wall clock showed then.
    pub(crate) wall: Timestamp,
    pub(crate) has_ended: bool,
    /// Whether the end of the recording is missing.
    pub(crate) is_cut: bool,
}

impl State {
    pub(crate) fn new(
        settings: Settings,
        context: String,
        namespace: Option<String>,
        columns: Vec<Column>,
        now: Instant,
    ) -> Self {
        let mut state = Self {
            settings,
            context,
            namespace,
            locks: Locks::default(),
            frozen: None,
            connection: Connection::Opening,
            rate: Rate::default(),
            columns,
            cursor: Cursor::default(),
            pages: Vec::new(),
            prompt: None,
            dialog: None,
            notice: None,
            namespaces: Vec::new(),
            contexts: Vec::new(),
            size: (80, 24),
            now,
            read_surroundings: None,
            recording: None,
            replay: None,
        };
        state.forget_locks();
        state
    }

    /// Begins anew with another cluster or namespace, shown as before.
    pub(crate) fn forget_locks(&mut self) {
        let mut arrangement: Arrangement = self.locks.arrangement().clone();
        arrangement.hides_heartbeats = self.namespace.is_none();
        self.locks = Locks::default();
        self.locks.arrange(arrangement);
        self.frozen = None;
        self.connection = Connection::Opening;
        self.rate = Rate::default();
        self.cursor = Cursor::default();
        self.pages.clear();
        self.dialog = None;
    }

    /// The locks as they are shown.
    pub(crate) fn shown(&self) -> &Locks {
        match &self.frozen {
            Some(frozen) => &frozen.0,
            None => &self.locks,
        }
    }

    /// The point in time that is shown. While nothing is heard, or the table is paused, it stands
    /// still: whoever renews then does so unseen.
    pub(crate) fn clock(&self) -> Clock {
        match &self.frozen {
            Some(frozen) => frozen.0.clock(frozen.1),
            None => self.locks.clock(self.now),
        }
    }

    /// The columns that make sense here.
    pub(crate) fn visible_columns(&self) -> Vec<Column> {
        let mut columns = self.columns.clone();
        if self.namespace.is_some() {
            columns.retain(|column| *column != Column::Namespace);
        }
        columns
    }

    /// Tells the user something.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_error: false,
            since: self.now,
        });
    }

    /// Tells the user why something does not go.
    pub(crate) fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_error: true,
            since: self.now,
        });
    }

    /// Takes a notice away that was shown for long enough.
    pub(crate) fn age_notice(&mut self) {
        // A replay's clock goes at its own speed; people read at theirs.
        let lasts = match &self.replay {
            Some(replay) => NOTICE.mul_f64(replay.speed),
            None => NOTICE,
        };
        let is_old = |notice: &Notice| self.now.since(notice.since) >= lasts;
        if self.notice.as_ref().is_some_and(is_old) {
            self.notice = None;
        }
    }

    /// Keeps the cursor on its lock, or at least in the table.
    pub(crate) fn follow_cursor(&mut self) {
        let row = {
            let locks = self.shown();
            let of_lock = self.cursor.lock.as_ref().and_then(|id| locks.row_of(id));
            of_lock
                .unwrap_or(self.cursor.row)
                .min(locks.len().saturating_sub(1))
        };
        self.move_to(row);
    }

    /// Puts the cursor into a row.
    pub(crate) fn move_to(&mut self, row: usize) {
        let row = row.min(self.shown().len().saturating_sub(1));
        self.cursor.lock = self.shown().in_row(row).map(|lock| lock.id.clone());
        self.cursor.row = row;
        let room = self.rows_of_table().max(1);
        if row < self.cursor.top {
            self.cursor.top = row;
        } else if row >= self.cursor.top + room {
            self.cursor.top = row + 1 - room;
        }
        let last = self.shown().len().saturating_sub(room);
        self.cursor.top = self.cursor.top.min(last);
    }

    /// How many rows of the table the terminal has room for: all lines but the title, the headers
    /// and the two of the status.
    pub(crate) fn rows_of_table(&self) -> usize {
        usize::from(self.size.1).saturating_sub(super::view::FIXED_LINES)
    }
}
