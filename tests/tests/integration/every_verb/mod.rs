//! All verbs that need a cluster, each with a lock of its own, for tables of them.

pub(crate) mod locks;
mod verb;

use std::sync::Mutex;
use std::thread;

pub(crate) use self::verb::{VERBS, Verb};

/// How many commands run at a time.
const AT_ONCE: usize = 8;

/// Does something with all items, some at a time, and returns what came of each, in order.
pub(crate) fn run_all<T: Sync, R: Send>(items: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    run_at_once(AT_ONCE, items, run)
}

/// The same with so many at a time.
pub(crate) fn run_at_once<T: Sync, R: Send>(
    count: usize,
    items: &[T],
    run: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let left = Mutex::new(items.iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = left.lock().unwrap().next();
            let Some((index, item)) = next else {
                return done;
            };
            done.push((index, run(item)));
        }
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap());
        results.flatten().collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
