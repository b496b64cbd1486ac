//! Playing a recorded session back: which of it is due when, by a clock of its own.

use std::collections::VecDeque;
use std::time::Duration;

use lease_core::{Instant, Timestamp};

use super::message::Playing;
use super::recording::{Entry, Recording};
use super::state::Replay;

/// The speeds, as powers of two: a sixteenth to 1024 times as fast as it was.
const SPEEDS: std::ops::RangeInclusive<i32> = -4..=10;

/// A recorded session and where in it we are.
///
/// Its clock is that of the session: it stands while the player is paused, goes faster or slower as
/// the player does, never passes something that was not played yet, and ends with the session.
#[derive(Debug)]
pub(crate) struct Player {
    waiting: VecDeque<Entry>,
    /// How much there was to play.
    of: usize,
    end: (Duration, Timestamp),
    is_cut: bool,
    /// A power of two.
    speed: i32,
    is_paused: bool,
    /// Where the session stood, and when that was.
    stood: (Duration, Instant),
    /// Both clocks of the session as something was played last.
    last: (Duration, Timestamp),
}

impl Player {
    /// Plays from the beginning, as fast as it was.
    pub(crate) fn new(recording: Recording, real: Instant) -> Self {
        let Recording {
            context: _,
            namespace: _,
            entries,
            end,
            is_cut,
        } = recording;
        let first = entries.front().map_or(end, |entry| (entry.at, entry.wall));
        Self {
            of: entries.len(),
            waiting: entries,
            end,
            is_cut,
            speed: 0,
            is_paused: false,
            stood: (first.0, real),
            last: first,
        }
    }

    /// What the session's local clock shows.
    pub(crate) fn now(&self, real: Instant) -> Instant {
        on_clock(self.at(real))
    }

    /// What is due, if something is, and when it was. It is taken out.
    pub(crate) fn due(&mut self, real: Instant) -> Option<(Entry, Instant)> {
        let due = self.reached(real);
        self.waiting.front().filter(|entry| entry.at <= due)?;
        let entry = self.waiting.pop_front()?;
        Some(self.played(entry))
    }

    /// In how long the next thing is due, if nobody touches the player.
    pub(crate) fn wait(&self, real: Instant) -> Option<Duration> {
        let next = self.waiting.front().filter(|_| !self.is_paused)?;
        Some(next.at.saturating_sub(self.at(real)).div_f64(self.factor()))
    }

    /// Does what is asked. A step plays one thing, and leaves the player paused.
    pub(crate) fn control(&mut self, playing: Playing, real: Instant) -> Option<(Entry, Instant)> {
        self.stood = (self.at(real), real);
        match playing {
            Playing::Faster => self.speed = (self.speed + 1).min(*SPEEDS.end()),
            Playing::Slower => self.speed = (self.speed - 1).max(*SPEEDS.start()),
            Playing::Pause => self.is_paused = true,
            Playing::PauseOrGoOn => self.is_paused = !self.is_paused,
            Playing::Step => {
                self.is_paused = true;
                let stepped = self.waiting.pop_front();
                self.stood.0 = stepped.as_ref().map_or(self.end.0, |entry| entry.at);
                return stepped.map(|entry| self.played(entry));
            }
        }
        None
    }

    /// How it stands, to be shown.
    pub(crate) fn standing(&self, real: Instant) -> Replay {
        let at = self.at(real);
        Replay {
            played: self.of - self.waiting.len(),
            of: self.of,
            speed: self.factor(),
            is_paused: self.is_paused,
            wall: self.last.1.saturating_add(at.saturating_sub(self.last.0)),
            has_ended: self.waiting.is_empty() && at >= self.end.0,
            is_cut: self.is_cut,
        }
    }

    fn played(&mut self, entry: Entry) -> (Entry, Instant) {
        self.last = (entry.at, entry.wall);
        let at = on_clock(entry.at);
        (entry, at)
    }

    /// Where the session stands.
    fn at(&self, real: Instant) -> Duration {
        let limit = self.waiting.front().map_or(self.end.0, |entry| entry.at);
        self.reached(real).min(limit)
    }

    /// Up to where all is due.
    fn reached(&self, real: Instant) -> Duration {
        let (at, since) = self.stood;
        if self.is_paused {
            return at;
        }
        at.saturating_add(real.since(since).mul_f64(self.factor()))
    }

    fn factor(&self) -> f64 {
        f64::from(self.speed).exp2()
    }
}

/// A point of the session on its own clock, which begins with it.
fn on_clock(at: Duration) -> Instant {
    Instant::from_nanos(0).saturating_add(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::message::Message;

    fn real(ms: u64) -> Instant {
        // Some clock that was running for long.
        Instant::from_nanos((77_000_000 + ms) * 1_000_000)
    }

    fn session(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    fn wall(ms: i64) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + ms * 1000)
    }

    /// One thing at each of these times, and the end.
    fn player(at: &[u64], end: u64) -> Player {
        let entry = |ms: &u64| Entry {
            at: Duration::from_millis(*ms),
            wall: wall((*ms).cast_signed()),
            message: Message::Interrupted(ms.to_string()),
        };
        let recording = Recording {
            context: String::new(),
            namespace: None,
            entries: at.iter().map(entry).collect(),
            end: (Duration::from_millis(end), wall(end.cast_signed())),
            is_cut: false,
        };
        Player::new(recording, real(0))
    }

    /// The times of all that is due.
    fn due(player: &mut Player, ms: u64) -> Vec<Instant> {
        std::iter::from_fn(|| player.due(real(ms)))
            .map(|(_, at)| at)
            .collect()
    }

    #[test]
    fn things_come_as_far_apart_as_they_did_and_the_clock_waits_for_them() {
        let mut player = player(&[0, 1000, 1001, 5000], 9000);
        assert_eq!(due(&mut player, 0), [session(0)]);
        assert_eq!(player.wait(real(400)), Some(Duration::from_millis(600)));
        assert_eq!(player.now(real(400)), session(400));
        // Whoever looks late sees nothing that is not played yet.
        assert_eq!(player.now(real(3000)), session(1000));
        assert_eq!(due(&mut player, 3000), [session(1000), session(1001)]);
        assert_eq!(player.now(real(3000)), session(3000));
        assert_eq!(due(&mut player, 5000), [session(5000)]);
        assert_eq!(player.wait(real(5000)), None);
        assert!(!player.standing(real(8999)).has_ended);
        assert_eq!(player.now(real(60_000)), session(9000));
        let standing = player.standing(real(60_000));
        assert!(standing.has_ended);
        assert_eq!((standing.played, standing.of), (4, 4));
        assert_eq!(standing.wall, wall(9000));
    }

    #[test]
    fn what_is_silent_at_first_begins_with_what_is_heard() {
        let mut player = player(&[30_000], 30_000);
        assert_eq!(due(&mut player, 0), [session(30_000)]);
    }

    #[test]
    fn speeds_double_and_halve_within_bounds_and_never_jump() {
        let mut player = player(&[0, 4000], 100_000);
        due(&mut player, 0);
        player.control(Playing::Faster, real(1000));
        assert_eq!(player.now(real(1000)), session(1000));
        assert_eq!(player.now(real(1500)), session(2000));
        assert_eq!(player.wait(real(1500)), Some(Duration::from_secs(1)));
        player.control(Playing::Slower, real(1500));
        player.control(Playing::Slower, real(1500));
        assert_eq!(player.now(real(3500)), session(3000));
        for _ in 0..40 {
            player.control(Playing::Slower, real(3500));
        }
        assert_eq!(player.speed, -4);
        for _ in 0..40 {
            player.control(Playing::Faster, real(3500));
        }
        assert_eq!(player.speed, 10);
        assert_eq!(due(&mut player, 3501), [session(4000)]);
    }

    #[test]
    fn a_paused_session_stands_still_and_goes_step_by_step() {
        let mut player = player(&[0, 1000, 1000, 5000], 9000);
        due(&mut player, 0);
        player.control(Playing::PauseOrGoOn, real(500));
        assert_eq!(player.now(real(90_000)), session(500));
        assert_eq!(due(&mut player, 90_000), []);
        assert_eq!(player.wait(real(90_000)), None);
        let step = |player: &mut Player| {
            let stepped = player.control(Playing::Step, real(90_000));
            (stepped.map(|(_, at)| at), player.now(real(95_000)))
        };
        assert_eq!(step(&mut player), (Some(session(1000)), session(1000)));
        assert_eq!(step(&mut player), (Some(session(1000)), session(1000)));
        player.control(Playing::PauseOrGoOn, real(100_000));
        assert_eq!(player.now(real(101_000)), session(2000));
        // A step pauses.
        assert_eq!(step(&mut player), (Some(session(5000)), session(5000)));
        assert!(player.standing(real(101_000)).is_paused);
        // What is left is the time until the end.
        assert_eq!(step(&mut player), (None, session(9000)));
        assert!(player.standing(real(101_000)).has_ended);
    }
}
