//! Where the table has what it shows from.

use std::collections::{HashMap, VecDeque};

use lease_client::{Change, Lease, clock};
use lease_core::Instant;
use serde_json::Value;
use tokio::time::sleep;

use super::actions::failed;
use super::locks::{LockId, Seen};
use super::message::{Done, Message, Playing, Surroundings, Wish};
use super::player::Player;
use super::recording::{Entry, Recorder, Recording};
use super::state::{self, State};
use super::table_loop::Live;
use super::update::update;
use crate::failure::Failure;
use crate::output;

/// What the table is fed by.
pub(super) enum Source {
    Cluster(Live, Option<Recorder>),
    Recording(Replaying),
}

/// A recording while it is played.
pub(super) struct Replaying {
    player: Player,
    /// What a step has brought, and answers.
    ready: VecDeque<(Message, Instant)>,
    /// The leases as they were last seen, for who wants to read one.
    objects: HashMap<LockId, Box<str>>,
}

impl Source {
    /// What the clock shows by which the table goes.
    pub(super) fn now(&self) -> Instant {
        match self {
            Self::Cluster(..) => clock::local(),
            Self::Recording(replaying) => replaying.player.now(clock::local()),
        }
    }

    /// What is to be shown next, and when that happened.
    pub(super) async fn next(&mut self) -> (Message, Instant) {
        match self {
            Self::Cluster(live, _) => {
                let message = live.next().await;
                (message, clock::local())
            }
            Self::Recording(replaying) => replaying.next().await,
        }
    }

    /// Lets the table take in what happened, which is recorded first if it is to be.
    pub(super) fn show(&mut self, state: &mut State, message: Message, now: Instant) -> Vec<Wish> {
        let mut trouble = None;
        if let Self::Cluster(_, Some(recorder)) = self {
            trouble = recorder.record(&message, now, clock::wall());
        }
        let wishes = update(state, message, now);
        if let (Some(trouble), Some(recording)) = (trouble, &mut state.recording) {
            recording.has_stopped = true;
            state.complain(trouble);
        }
        wishes
    }

    /// Says in the state what is not a change of it.
    pub(super) fn tell(&self, state: &mut State) {
        match self {
            Self::Recording(replaying) => {
                state.replay = Some(replaying.player.standing(clock::local()));
            }
            Self::Cluster(_, Some(recorder)) if state.recording.is_none() => {
                state.recording = Some(state::Recording {
                    file: recorder.name(),
                    has_stopped: false,
                });
            }
            Self::Cluster(..) => {}
        }
    }

    pub(super) fn carry_out(&mut self, wish: Wish) {
        match self {
            Self::Cluster(live, _) => live.carry_out(wish),
            Self::Recording(replaying) => replaying.carry_out(wish),
        }
    }

    /// Lets a recording stand still while nobody can see it.
    pub(super) fn pause(&mut self) {
        self.carry_out(Wish::Play(Playing::Pause));
    }

    /// Ends a recording. Says what of it could not be written.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Cluster(_, Some(recorder)) => recorder.finish(clock::local(), clock::wall()),
            Self::Cluster(_, None) | Self::Recording(_) => Ok(()),
        }
    }
}

impl Replaying {
    pub(super) fn new(recording: Recording) -> Self {
        Self {
            player: Player::new(recording, clock::local()),
            ready: VecDeque::new(),
            objects: HashMap::new(),
        }
    }

    async fn next(&mut self) -> (Message, Instant) {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return ready;
            }
            if let Some((entry, at)) = self.player.due(clock::local()) {
                return (self.seen(entry), at);
            }
            match self.player.wait(clock::local()) {
                Some(wait) => sleep(wait).await,
                None => std::future::pending().await,
            }
        }
    }

    fn carry_out(&mut self, wish: Wish) {
        let real = clock::local();
        let unknown = || Err("a recording has only the leases themselves".to_owned());
        let done = match wish {
            Wish::Play(playing) => {
                if let Some((entry, at)) = self.player.control(playing, real) {
                    let message = self.seen(entry);
                    self.ready.push_back((message, at));
                }
                return;
            }
            Wish::Yaml(lock) => self.yaml(&lock),
            Wish::Surroundings(lock) => Done::Surroundings {
                lock,
                surroundings: Surroundings {
                    queue: unknown(),
                    events: unknown(),
                },
            },
            Wish::Why(lock) => Done::Verdict {
                lock,
                verdict: Err("a recording has no cluster to ask".to_owned()),
            },
            // There is no cluster to change.
            _ => return,
        };
        let now = self.player.now(real);
        self.ready.push_back((Message::Done(done), now));
    }

    /// Takes in what a lease is now.
    fn seen(&mut self, mut entry: Entry) -> Message {
        let mut keep = |seen: &mut Seen| {
            if let Some(object) = seen.object.take() {
                self.objects.insert(seen.id(), object);
            }
        };
        match &mut entry.message {
            Message::Changed(Change::Applied(seen) | Change::Deleted(seen)) => keep(seen),
            Message::Changed(Change::Listed { leases, .. }) => leases.iter_mut().for_each(keep),
            Message::Switched { .. } => self.objects.clear(),
            _ => {}
        }
        entry.message
    }

    fn yaml(&self, lock: &LockId) -> Done {
        let lease = self.objects.get(lock).map(|text| Lease::new(text.clone()));
        // It was read before, or it would not be shown.
        let Some(Ok(lease)) = lease else {
            return Done::Failed(vec![format!("{} does not exist any more", lock.name)]);
        };
        match output::yaml(Value::Object(lease.object())) {
            Ok(text) => Done::Text {
                title: format!("{}/{}", lock.namespace, lock.name),
                text,
            },
            Err(error) => failed(&error.into()),
        }
    }
}
