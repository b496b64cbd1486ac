//! Wall clocks that jump, as when somebody sets them or a time server corrects them: half an hour
//! forwards and back.

use jiff::SignedDuration;
use lease_tests::{ApiServer, WallClock};

use super::stage::{DEAF, Stage, lateness, play, was_killed};
use crate::lock::until;

const JUMPS: [i64; 2] = [1800, -1800];

/// Waits until a holder has renewed its lock twice by that clock.
fn renewed_twice(stage: &Stage<'_>, ahead: i64) {
    let shifted = || {
        let over = stage.over() - SignedDuration::from_secs(ahead);
        let left = over.duration_since(jiff::Timestamp::now());
        left.abs() <= SignedDuration::from_secs(60)
    };
    until("it is renewed by the other clock", shifted);
    let first = stage.over();
    until("it is renewed again", || stage.over() > first);
}

/// It goes on to hold the lock, others go on to wait, and it gives the lock back.
#[test]
fn a_holders() {
    for ahead in JUMPS {
        play("holder's clock jumps", || {
            let stage = Stage::on(ApiServer::shared());
            let clock = WallClock::new();
            let mut holder = stage.run_by(&clock, "holder", "read end; exit 7");
            holder.begin();
            let mut next = stage.run(stage.client(), "next", "true");
            next.waits();
            clock.set(ahead);
            renewed_twice(&stage, ahead);
            assert!(next.process.ended().is_none());
            holder.process.close_stdin();
            next.takes_over();
            assert_eq!(holder.end(), 7);
            None
        });
    }
}

/// Neither too early nor, as by a `renewTime` that lies in the future, too late.
#[test]
fn a_holders_that_is_killed_then() {
    for ahead in JUMPS {
        play("holder killed after its clock jumped", || {
            let stage = Stage::on(ApiServer::shared());
            let clock = WallClock::new();
            let mut holder = stage.run_by(&clock, "holder", DEAF);
            holder.begin();
            let next = stage.run(stage.client(), "next", "true");
            next.waits();
            clock.set(ahead);
            renewed_twice(&stage, ahead);
            assert!(was_killed(holder.process.kill()));
            let over = stage.over() - SignedDuration::from_secs(ahead);
            Some(lateness(next.takes_over(), over))
        });
    }
}

/// It does not take what it has no right to, and gets its turn.
#[test]
fn a_waiters() {
    for ahead in JUMPS {
        play("waiter's clock jumps", || {
            let stage = Stage::on(ApiServer::shared());
            let clock = WallClock::new();
            let mut holder = stage.run(stage.client(), "holder", "read end; exit 7");
            holder.begin();
            let mut next = stage.run_by(&clock, "next", "true");
            next.waits();
            clock.set(ahead);
            renewed_twice(&stage, 0);
            assert!(next.process.ended().is_none());
            holder.process.close_stdin();
            next.takes_over();
            assert_eq!(holder.end(), 7);
            None
        });
    }
}
