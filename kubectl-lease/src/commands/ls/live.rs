//! Following locks on a terminal: the table, drawn anew in place.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEventKind};
use futures::StreamExt;
use lease_client::clock;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::followed::{Followed, Heard, heard};
use super::{Query, not_found};
use crate::ending;
use crate::failure::Failure;
use crate::human;
use crate::lock_table::Widths;
use crate::output::Output;
use crate::screen::{Screen, is_interrupt};
use crate::session::Session;
use crate::ui::Ui;
use crate::waiters;

/// How often it is drawn where only time has passed.
const TICK: Duration = Duration::from_secs(1);
/// How long it is not drawn again, whatever happens.
const BETWEEN_FRAMES: Duration = Duration::from_millis(200);

/// Shows the table until the user has seen enough.
pub(super) async fn run(ui: &Ui, session: &Session, query: Query) -> Result<(), Failure> {
    let query = Arc::new(query);
    let mut heard = heard(session, &query);
    let mut table = Table {
        query: &query,
        widths: None,
        nothing: query.nothing(session),
        followed: Followed::default(),
        waiters_unknown: None,
        colour: ui.colour(),
    };
    table.waiters_unknown = table
        .followed
        .begin(&mut heard, &query)
        .await?
        .map(|failure| waiters::unknown(&failure));
    if let ([name], true) = (query.names.as_slice(), table.followed.is_empty()) {
        return Err(not_found(session, name).await);
    }

    let mut screen = Screen::open()?;
    let mut events = EventStream::new();
    let mut end = pin!(ending::asked_for());
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut is_stale = true;
    let mut next_frame = Instant::now();
    loop {
        tokio::select! {
            () = sleep_until(next_frame), if is_stale => {
                table.draw(&mut screen)?;
                is_stale = false;
                next_frame = Instant::now() + BETWEEN_FRAMES;
            }
            _ = tick.tick() => is_stale = true,
            heard = heard.next() => {
                match heard {
                    None => return Ok(()),
                    Some(Heard::Locks(change)) => table.followed.take(change?, clock::local()),
                    Some(Heard::Tickets(Ok(change))) => table.followed.take_tickets(change),
                    Some(Heard::Tickets(Err(_))) => table.followed.forget_tickets(),
                };
                is_stale = true;
            }
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Press => {
                    if is_interrupt(key) || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                        return Ok(());
                    }
                }
                Some(Ok(Event::Resize(..))) => {
                    // What was wide before need not be any more.
                    table.widths = None;
                    is_stale = true;
                }
                Some(Ok(_)) => {}
                // The terminal went away.
                Some(Err(_)) | None => return Ok(()),
            },
            () = &mut end => return Ok(()),
        }
    }
}

/// The table as it is drawn.
struct Table<'a> {
    query: &'a Query,
    /// So that columns do not move with each second, they get wider only.
    widths: Option<Widths>,
    nothing: String,
    followed: Followed,
    /// Why it is not known how many wait.
    waiters_unknown: Option<String>,
    colour: bool,
}

impl Table<'_> {
    fn draw(&mut self, screen: &mut Screen) -> Result<(), Failure> {
        let (columns, lines) = screen.size();
        let text = self.text(columns, lines)?;
        Ok(screen.draw(text.lines())?)
    }

    /// What fits on a screen: the rows, and below them what has to be said.
    fn text(&mut self, columns: usize, lines: usize) -> Result<String, Failure> {
        let clock = self.followed.clock(clock::local());
        let mut heartbeats = 0;
        let mut rows = Vec::new();
        for lock in self.followed.locks() {
            let row = lock.row(clock, &self.followed.tickets);
            if !self.query.wanted.takes(&row) {
                continue;
            }
            if self.query.leaves_out(&row) {
                heartbeats += 1;
                continue;
            }
            rows.push((lock.key(self.query.sort.as_ref(), &row), row));
        }
        if let Some(sort) = &self.query.sort {
            sort.sort(&mut rows)?;
        }

        let mut notes = Vec::new();
        if let Some((since, error)) = &self.followed.interrupted {
            notes.push(format!(
                "{error}, {}: this is what was known then",
                human::ago(clock::local().since(*since))
            ));
        }
        notes.extend(self.waiters_unknown.clone());
        if heartbeats > 0 {
            notes.push(self.query.heartbeats_left_out(heartbeats));
        }
        let is_wide = self.query.output == Output::Wide;
        let widths = self.widths.get_or_insert_with(|| {
            Widths::new(
                self.query.all_namespaces,
                self.query.extent(),
                self.query.headers,
            )
        });
        // Whether the widths lead to one note more is known only once rows were measured.
        let header = usize::from(self.query.headers);
        let room = lines.saturating_sub(header + notes.len() + 2).max(1);
        let shown = if rows.len() <= room + 1 {
            rows.len()
        } else {
            room
        };
        for (_, row) in &rows[..shown] {
            widths.measure(row);
        }
        let layout = if is_wide {
            widths.full()
        } else {
            widths.within(columns)
        };
        notes.extend(layout.note());
        if shown < rows.len() {
            notes.insert(0, format!("… and {} more", rows.len() - shown));
        } else if rows.is_empty() {
            notes.insert(0, self.nothing.clone());
        }

        let mut text = String::new();
        if self.query.headers && !rows.is_empty() {
            text.push_str(&layout.header());
        }
        for (_, row) in &rows[..shown] {
            layout.push(&mut text, row, self.colour);
        }
        for note in notes {
            text.push_str(&crate::escape::shown(&note));
            text.push('\n');
        }
        Ok(text)
    }
}
