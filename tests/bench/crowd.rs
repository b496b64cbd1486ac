//! What a hand-over costs, whoever else waits.

use std::time::{Duration, Instant};

use futures::StreamExt;
use lease_client::{Attempt, Lock, Notice, ThisMachine};
use lease_core::{Event, Mode, Timing};
use lease_tests::ApiServer;
use tokio::runtime::Runtime;

use crate::figures::{Figures, milliseconds};
use crate::page::{Section, verdict};

const CROWDS: [usize; 3] = [5, 50, 500];
const TIMES: usize = 5;

pub(crate) fn measure(runtime: &Runtime, server: &ApiServer) -> Section {
    let mut writes = Vec::new();
    let mut rows = Vec::new();
    for waiters in CROWDS {
        let (took, counts) = runtime.block_on(hand_over(server, waiters));
        let per = |count: u64| count / u64::try_from(TIMES).unwrap();
        rows.push(vec![
            waiters.to_string(),
            milliseconds(took.median()),
            milliseconds(took.longest()),
            counts.map(|count| per(count).to_string()).join(" + "),
        ]);
        writes.push(counts);
    }
    let is_constant = writes.iter().all(|counts| *counts == writes[0]);
    for row in &mut rows {
        row.push(String::new());
    }
    if let Some(goal) = rows.last_mut().and_then(|row| row.last_mut()) {
        *goal = format!("constant {}", verdict(is_constant));
    }
    Section {
        title: "Hand-over in a crowd".to_owned(),
        note: "From the call of `release` to the end of the next one's `acquire`, in one process \
               with all\nwaiters. Writes for each hand-over: PUT (hand over, confirm), POST, \
               DELETE (the ticket).",
        columns: &["waiters", "median", "longest", "writes", "goal"],
        rows,
    }
}

async fn hand_over(server: &ApiServer, waiters: usize) -> (Figures, [u64; 3]) {
    let namespace = server.namespace("crowd");
    let store = namespace.admin().store().await;
    // Nobody renews meanwhile.
    let seconds = Duration::from_secs;
    let timing = Timing::new(seconds(300), seconds(200), seconds(60)).unwrap();
    let lock = Lock::new(store, namespace.name(), "lock").timing(timing);
    let mut guard = lock.try_acquire().await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..waiters {
        waiting.push(queued(&lock).await);
    }
    let before = server.lease_requests();
    let mut took = Vec::new();
    for waiter in waiting.iter_mut().take(TIMES) {
        let start = Instant::now();
        guard.release().await.unwrap();
        guard = waiter.acquired().await.unwrap();
        took.push(start.elapsed());
    }
    // Its ticket goes after the confirmation.
    guard.leave().await;
    let requests = server.lease_requests().since(&before);
    let counts = ["PUT", "POST", "DELETE"].map(|verb| requests.of(verb));
    (Figures::of(took), counts)
}

/// An attempt that has its place in line.
async fn queued(lock: &Lock) -> Attempt<ThisMachine> {
    let mut attempt = lock.attempt(Mode::Patient).unwrap();
    let is_queued = |notice: &Notice| matches!(notice, Notice::Told(Event::Queued { .. }));
    let mut notices = std::pin::pin!(attempt.notices());
    while !is_queued(&notices.next().await.unwrap()) {}
    attempt
}
