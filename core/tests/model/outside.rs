//! What others do to a lock than its contenders.

use lease_core::decide::{force_release, hand_over};
use lease_core::{Forced, Identity, Look, Snapshot, Write, judge};

use crate::client::{LEASE, Wire};
use crate::server::wall;
use crate::world::World;

impl World {
    pub(crate) fn write_from_outside(&mut self, write: impl Fn(&Snapshot, u64) -> Option<Write>) {
        let written = self
            .server
            .lock
            .as_ref()
            .and_then(|lock| write(lock, self.tick));
        if let Some(write) = written {
            self.server.write(&write);
        }
    }

    pub(crate) fn break_lock(&mut self, at_once: bool) {
        if at_once {
            self.left.breaks_at_once -= 1;
            if self.risks_nothing {
                self.unchecked_until = self.tick + LEASE;
            }
        } else {
            self.left.breaks -= 1;
        }
        let forced = Forced {
            tombstone: Identity::new("broken by an operator").unwrap(),
            because: None,
            at_once,
            confirmed: false,
        };
        self.write_from_outside(|lock, tick| {
            force_release(&judge(lock, Look::FIRST), &forced, wall(tick)).ok()
        });
    }

    pub(crate) fn pass_on(&mut self) {
        self.left.meddling -= 1;
        let head = self.server.tickets.first().cloned();
        self.write_from_outside(|lock, tick| {
            let holder = Identity::new(lock.record.holder()?).ok()?;
            hand_over(lock, &holder, head.as_ref()?, true, wall(tick)).ok()
        });
    }

    /// The server goes back. All connections end, and what was under way with them.
    pub(crate) fn restore(&mut self) {
        self.left.restorations -= 1;
        self.server.restore();
        self.token = None;
        self.unchecked_until = self.tick + 3 * LEASE;
        let tick = self.tick;
        for i in 0..self.clients.len() {
            if self.clients[i].wire != Wire::Idle {
                self.clients[i].give_up(tick);
            }
            self.clients[i].late = None;
            // Its watch begins anew, with what there is.
            self.clients[i].seen = self.server.states() - 1;
            self.account(i);
        }
    }
}
