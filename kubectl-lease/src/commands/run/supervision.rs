//! Watching over a command while the lock is held: it must have ended before others may begin.

use std::io;
use std::time::Duration;

use futures::StreamExt;
use lease_client::{Held, Notice, ThisMachine, clock};
use lease_core::{Event, Instant, Loss, Timing};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::{MissedTickBehavior, interval};

use super::child::{Child, Told};
use super::deadlines::Deadlines;
use super::notes::Notes;
use super::terminal::Terminal;
use crate::commands::keeping::at_risk;
use crate::guardian::{Change, Ending};
use crate::signals::{Signals, asks_for_an_end};

/// How often the clock is looked at: timers stand still while a machine is suspended.
const LOOK: Duration = Duration::from_millis(250);
/// How long a command may take to end that has no guardian any more.
const GRACE: Duration = Duration::from_secs(10);
/// How long a stop waits for what is said of it.
const BEFORE_A_STOP: Duration = Duration::from_millis(100);
/// How often it is looked whether what a command started has ended: nobody tells.
const LOOK_FOR_THE_REST: Duration = Duration::from_millis(50);
/// How long what a command started may outlast it without a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// A command that runs under a lock.
pub(super) struct Supervision<'a> {
    notes: &'a Notes,
    held: &'a Held<ThisMachine>,
    timing: Timing,
    child: Child,
    terminal: Option<Terminal>,
    deadlines: Deadlines,
    /// Why the lock is not held any more.
    loss: Option<Loss>,
    was_asked: bool,
    was_killed: bool,
    /// Since when its guardian is gone.
    unguarded_since: Option<Instant>,
    /// Who was sent what asks them to end.
    told_to_end: Option<Reach>,
    /// The last signal that was passed on.
    passed_on: Option<Signal>,
}

/// Who of those that a command started is meant.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Reach {
    /// Its process group, as the terminal means it.
    Group,
    /// All, be they in the group or not.
    All,
}

/// A command that has ended, while what it started perhaps has not.
struct Rest {
    ending: Ending,
    was_alone: bool,
    since: Instant,
    was_noted: bool,
}

/// What became of a command.
pub(super) struct Ended {
    pub(super) ending: Ending,
    /// Why the lock was lost, if it was.
    pub(super) loss: Option<Loss>,
    /// Whether it alone got the signal that ended it, since it had the terminal.
    pub(super) was_alone: bool,
    /// Whether its guardian was gone before it ended.
    pub(super) was_unguarded: bool,
}

impl<'a> Supervision<'a> {
    /// Begins with a command that was just started.
    pub(super) fn new(
        notes: &'a Notes,
        held: &'a Held<ThisMachine>,
        timing: Timing,
        deadlines: Deadlines,
        child: Child,
        terminal: Option<Terminal>,
    ) -> Self {
        Self {
            notes,
            held,
            timing,
            child,
            terminal,
            deadlines,
            loss: None,
            was_asked: false,
            was_killed: false,
            unguarded_since: None,
            told_to_end: None,
            passed_on: None,
        }
    }

    /// Waits for the command to end, and if it was told to, for all that it started: whoever is
    /// next must not meet that.
    pub(super) async fn run(mut self, signals: &mut Signals) -> io::Result<Ended> {
        let rest = self.watch(signals).await;
        self.take_terminal_back();
        self.child.done();
        let Rest {
            ending, was_alone, ..
        } = rest?;
        if self.loss.is_none() && !self.held.is_held() {
            // The end of the command came first, after both had stood still.
            self.loss = Some(self.held.lost().await);
        }
        Ok(Ended {
            ending,
            loss: self.loss,
            was_alone,
            was_unguarded: self.unguarded_since.is_some(),
        })
    }

    async fn watch(&mut self, signals: &mut Signals) -> io::Result<Rest> {
        let mut notices = self.held.notices().boxed();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut look_for_the_rest = interval(LOOK_FOR_THE_REST);
        look_for_the_rest.set_missed_tick_behavior(MissedTickBehavior::Skip);
        if let Some(terminal) = &self.terminal {
            terminal.lend(self.child.group());
        }
        let mut rest = None;
        loop {
            tokio::select! {
                biased;
                change = self.child.changed(), if rest.is_none() => match change? {
                    Told::Change(Change::Ended(ending)) => rest = Some(self.ended(ending)),
                    Told::Change(Change::Stopped(signal)) => self.stopped(signal),
                    Told::OutOfTime => self.out_of_time(),
                    Told::Unguarded => {
                        self.unguarded_since = Some(clock::local());
                        self.end("its guardian is gone");
                    }
                },
                loss = self.held.lost(), if self.loss.is_none() => self.lose(loss),
                () = self.held.release_asked(), if !self.was_asked && self.loss.is_none() => {
                    self.was_asked = true;
                    self.end("somebody asked for the lock");
                }
                signal = signals.next() => {
                    self.passed_on = Some(signal);
                    if let Err(error) = self.send(signal, Reach::Group) {
                        self.notes.note(&not_sent(signal, error));
                    }
                }
                Some(notice) = notices.next() => {
                    match notice {
                        Notice::Told(Event::AtRisk { .. }) => {
                            self.notes.note(&at_risk(self.held.remaining()));
                        }
                        // At once: the guardian may be about to take it for lost.
                        Notice::Told(Event::Renewed) => self.note_renewal(),
                        _ => {}
                    }
                }
                _ = look.tick() => self.look(),
                _ = look_for_the_rest.tick(), if rest.is_some() => {}
            }
            if rest.is_some() && self.loss.is_some() {
                // It may have been killed just now, by the guardian.
                self.look();
            }
            if let Some(rest) = rest.take_if(|_| self.nothing_is_waited_for()) {
                return Ok(rest);
            }
            if let Some(rest) = &mut rest {
                self.note_rest(rest);
            }
        }
    }

    /// Whether whoever of a command that has ended was told to end too has done so.
    fn nothing_is_waited_for(&self) -> bool {
        match self.told_to_end {
            None => true,
            Some(Reach::Group) => self.child.is_group_gone(),
            Some(Reach::All) => self.child.is_gone(),
        }
    }

    /// Takes in that the command has ended. The terminal is ours again, and with it its keys.
    fn ended(&mut self, ending: Ending) -> Rest {
        let was_alone = self.take_terminal_back() && self.passed_on.is_none();
        // The terminal sends what its keys mean to all of the group.
        let by_key = matches!(ending, Ending::Signalled(Signal::SIGINT | Signal::SIGQUIT));
        if was_alone && by_key {
            self.told_to_end = self.told_to_end.max(Some(Reach::Group));
        }
        Rest {
            ending,
            was_alone,
            since: clock::local(),
            was_noted: false,
        }
    }

    /// Takes the terminal back, and tells whether the command had it.
    fn take_terminal_back(&self) -> bool {
        self.terminal
            .as_ref()
            .is_some_and(|terminal| terminal.take_back(self.child.group()))
    }

    /// Says what is waited for.
    fn note_rest(&self, rest: &mut Rest) {
        if !rest.was_noted && clock::local().since(rest.since) >= PATIENCE {
            rest.was_noted = true;
            self.notes.note(&format!(
                "the command has ended, but not all that it started (process group {}), which is \
                 waited for",
                self.child.group()
            ));
        }
    }

    /// Takes in that the lock was renewed.
    fn note_renewal(&mut self) {
        if let Some(until) = self.held.until() {
            self.deadlines = Deadlines::of(until, self.timing);
            self.child.renewed(self.deadlines);
        }
    }

    fn look(&mut self) {
        self.note_renewal();
        let now = clock::local();
        let is_late = self.loss.is_some() && now >= self.deadlines.kill_at;
        let has_grace = |since: Instant| now.since(since) < GRACE;
        let is_due = is_late || self.unguarded_since.is_some_and(|since| !has_grace(since));
        if is_due && !self.was_killed {
            self.was_killed = true;
            let killed = self.send(Signal::SIGKILL, Reach::All);
            self.notes
                .note("the command has not ended in time: it is killed");
            if let Err(error) = killed {
                self.notes.note(&not_sent(Signal::SIGKILL, error));
            }
        }
    }

    /// Takes in that the guardian, which looks at the clock as we do, was faster; or that it had not
    /// heard yet of a renewal.
    fn out_of_time(&mut self) {
        self.told_to_end = Some(Reach::All);
        // Of one that is lost, that is said in a moment, or was.
        if self.held.is_held() {
            self.notes
                .note("the lock was not renewed in time: the command is sent SIGTERM");
        }
    }

    fn lose(&mut self, loss: Loss) {
        self.loss = Some(loss);
        self.end("the lock was lost");
        // There may be no time left.
        self.look();
    }

    /// Asks the command to end, and then says so: nobody may be reading that.
    fn end(&mut self, why: &str) {
        let sent = self.send(Signal::SIGTERM, Reach::All);
        // If it is stopped, it would not hear of it.
        self.wake();
        self.notes
            .note(&format!("{why}: the command is sent SIGTERM"));
        if let Err(error) = sent {
            self.notes.note(&not_sent(Signal::SIGTERM, error));
        }
    }

    /// Sends a signal to the command. What may not be sent (to `sudo`, say) is no reason to leave
    /// the command alone with a lock that nobody renews.
    fn send(&mut self, signal: Signal, reach: Reach) -> nix::Result<()> {
        match reach {
            Reach::Group => self.child.signal(signal)?,
            Reach::All => self.child.signal_all(signal)?,
        }
        if asks_for_an_end(signal) {
            self.told_to_end = self.told_to_end.max(Some(reach));
        }
        Ok(())
    }

    /// Lets the command go on if it is stopped.
    fn wake(&self) {
        // What may not be woken is not stopped by us either.
        let _ = self.child.signal_all(Signal::SIGCONT);
    }

    /// Does as a shell expects of a command that was stopped at the terminal: is stopped too. The
    /// lock is not renewed meanwhile, and if it is lost by the time when both go on, that is what
    /// the command is told first.
    fn stopped(&mut self, signal: Signal) {
        let at_terminal = matches!(signal, Signal::SIGTSTP | Signal::SIGTTIN | Signal::SIGTTOU);
        let Some(terminal) = self.terminal.as_ref().filter(|_| at_terminal) else {
            // Whoever stopped it can let it go on. The lock is still held.
            return;
        };
        let wants_terminal = signal != Signal::SIGTSTP;
        if wants_terminal && terminal.is_with(self.child.group()) {
            // That was before it was lent. Nobody else wakes it: a second time could be after the
            // next key has stopped it.
            self.wake();
            return;
        }
        if !(wants_terminal && terminal.is_ours()) {
            terminal.take_back(self.child.group());
            self.notes.note(
                "stopped; the lock is not renewed meanwhile, and lost unless this goes on soon",
            );
            // Else it is said too late.
            self.notes.settle(BEFORE_A_STOP);
            // To all of the pipeline, as the terminal would have sent it. We are among it, so there
            // is somebody to whom it may be sent.
            let _ = kill(Pid::from_raw(0), Signal::SIGTSTP);
        }
        terminal.lend(self.child.group());
        if self.loss.is_none() && !self.held.is_held() {
            // Told before it goes on; that is said when the loss is.
            let _ = self.send(Signal::SIGTERM, Reach::All);
        }
        self.wake();
    }
}

/// What is said of a signal that could not be sent.
fn not_sent(signal: Signal, error: Errno) -> String {
    format!("{signal} cannot be sent to the command ({error}): it is waited for")
}
