//! Following locks on a pipe: one row, object or name for each change, as `kubectl get -w` does.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use lease_client::{Change, clock};
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};

use super::followed::{Followed, Heard, Lock, News, Seen, heard};
use super::{Query, not_found};
use crate::failure::Failure;
use crate::lock_row::Row;
use crate::lock_table::Widths;
use crate::output::{self, Output};
use crate::session::Session;
use crate::sight::Clock;
use crate::status;
use crate::tickets::Tickets;
use crate::ui::Ui;
use crate::waiters;

/// How often it is looked whether a lock stands otherwise only because time has passed.
const TICK: Duration = Duration::from_secs(1);

/// Shows what there is, then what changes, until it is ended from outside or nobody reads on.
pub(super) async fn run(ui: &Ui, session: &Session, query: Query) -> Result<(), Failure> {
    let query = Arc::new(query);
    let mut heard = heard(session, &query);
    let mut followed = Followed::default();
    if let Some(failure) = followed.begin(&mut heard, &query).await? {
        ui.note(&waiters::unknown(&failure));
    }
    if let ([name], true) = (query.names.as_slice(), followed.is_empty()) {
        return Err(not_found(session, name).await);
    }
    let mut printer = Printer::new(&query, ui);
    let clock = followed.clock(clock::local());
    let mut text = String::new();
    let heartbeats = printer.show_all(&mut text, &mut followed, clock)?;
    let mut is_read = write(ui, &text)?;
    if heartbeats > 0 {
        ui.note(&query.heartbeats_left_out(heartbeats));
    }
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while is_read {
        text.clear();
        tokio::select! {
            heard = heard.next() => {
                let now = clock::local();
                let news = match heard {
                    None => break,
                    Some(Heard::Locks(change)) => {
                        let change = change?;
                        tell_interruption(ui, &followed, &change);
                        followed.take(change, now)
                    }
                    Some(Heard::Tickets(Ok(change))) => followed.take_tickets(change),
                    // They are not heard of again, and that is seen.
                    Some(Heard::Tickets(Err(_))) => followed.forget_tickets(),
                };
                if news.resumed {
                    ui.note("connected to the API server again");
                }
                let clock = followed.clock(now);
                printer.show_news(&mut text, &mut followed, news, clock)?;
            }
            _ = tick.tick() => {
                let clock = followed.clock(clock::local());
                printer.show_passed(&mut text, &mut followed, clock)?;
            }
        }
        is_read = write(ui, &text)?;
    }
    Ok(())
}

/// Writes it at once, and says whether there still is a reader.
fn write(ui: &Ui, text: &str) -> Result<bool, Failure> {
    Ok(text.is_empty() || ui.data_if_read(|out| out.write_all(text.as_bytes()))?)
}

/// Says once that nothing more is known.
fn tell_interruption(ui: &Ui, followed: &Followed, change: &Change<Seen>) {
    if let (Change::Interrupted(error), None) = (change, &followed.interrupted) {
        ui.note(&format!(
            "{error}; until it is back, what was shown is as old as this"
        ));
    }
}

/// Prints locks one after the other, in columns that only get wider.
struct Printer<'a> {
    query: &'a Query,
    widths: Widths,
    headers: bool,
    colour: bool,
    /// Whether nothing was printed yet.
    is_first: bool,
}

impl<'a> Printer<'a> {
    fn new(query: &'a Query, ui: &Ui) -> Self {
        Self {
            widths: Widths::new(query.all_namespaces, query.extent(), query.headers),
            headers: query.headers,
            colour: ui.colour(),
            is_first: true,
            query,
        }
    }

    /// The first list. Counts the heartbeats of nodes that it leaves out.
    fn show_all(
        &mut self,
        text: &mut String,
        followed: &mut Followed,
        clock: Clock,
    ) -> Result<usize, Failure> {
        let mut heartbeats = 0;
        let mut locks = Vec::new();
        let (all, tickets) = followed.locks_mut();
        for lock in all {
            let row = lock.row(clock, tickets);
            if !self.query.wanted.takes(&row) {
                continue;
            }
            if self.leaves_out(&row) {
                heartbeats += 1;
                continue;
            }
            self.widths.measure(&row);
            locks.push((lock.key(self.query.sort.as_ref(), &row), lock));
        }
        if let Some(sort) = &self.query.sort {
            sort.sort(&mut locks)?;
        }
        for (_, lock) in locks {
            self.show(text, lock, clock, tickets)?;
        }
        Ok(heartbeats)
    }

    /// What has changed or is gone.
    fn show_news(
        &mut self,
        text: &mut String,
        followed: &mut Followed,
        news: News,
        clock: Clock,
    ) -> Result<(), Failure> {
        for mut lock in news.gone {
            self.show(text, &mut lock, clock, &followed.tickets)?;
        }
        // A name alone does not tell how many wait.
        let shows_waiters = self.query.output != Output::Name;
        let waited_for = news.waited_for.into_iter().filter(|_| shows_waiters);
        for id in news.changed.into_iter().chain(waited_for) {
            if let Some((lock, tickets)) = followed.get_mut(&id) {
                self.show(text, lock, clock, tickets)?;
            }
        }
        Ok(())
    }

    /// The locks that stand otherwise only because time has passed.
    fn show_passed(
        &mut self,
        text: &mut String,
        followed: &mut Followed,
        clock: Clock,
    ) -> Result<(), Failure> {
        let (all, tickets) = followed.locks_mut();
        for lock in all {
            let row = lock.row(clock, tickets);
            let state = self.query.wanted.takes(&row).then_some(row.standing.state);
            if state != lock.shown {
                self.show(text, lock, clock, tickets)?;
            }
        }
        Ok(())
    }

    /// Adds a lock to the text, if it is wanted, or was until now.
    fn show(
        &mut self,
        text: &mut String,
        lock: &mut Lock,
        clock: Clock,
        tickets: &Tickets,
    ) -> Result<(), Failure> {
        let row = lock.row(clock, tickets);
        if self.leaves_out(&row) {
            return Ok(());
        }
        let state = self.query.wanted.takes(&row).then_some(row.standing.state);
        if state.is_none() && lock.shown.is_none() {
            return Ok(());
        }
        match self.query.output {
            Output::Table | Output::Wide => self.push_row(text, &row),
            Output::Name => text.push_str(&output::name(&row.snapshot.name)),
            Output::Json => text.push_str(&output::json(&object(lock, &row))),
            Output::Yaml => {
                if !self.is_first {
                    text.push_str("---\n");
                }
                text.push_str(&output::yaml(object(lock, &row))?);
            }
        }
        self.is_first = false;
        lock.shown = state;
        Ok(())
    }

    fn push_row(&mut self, text: &mut String, row: &Row<'_>) {
        self.widths.measure(row);
        let layout = self.widths.full();
        if self.is_first && self.headers {
            text.push_str(&layout.header());
        }
        layout.push(text, row, self.colour);
    }

    fn leaves_out(&self, row: &Row<'_>) -> bool {
        self.query.leaves_out(row)
    }
}

fn object(lock: &Lock, row: &Row<'_>) -> Value {
    let dialect = &row.snapshot.dialect;
    let object = status::completed(lock.object(), dialect, &row.standing, None);
    let mut object = Value::Object(object);
    if let Some(waiters) = row.waiters {
        status::add_waiters(&mut object, waiters);
    }
    object
}
