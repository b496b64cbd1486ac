//! A stream that is looked at only a while after it has something.
//!
//! Each change of a lock wakes all who wait for it, at the very moment when the server, the one who
//! gave the lock back and the one who is next need the processor. Whoever is not next does not look
//! at once, and then at all that has come by then.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::stream::BoxStream;
use futures::task::AtomicWaker;
use futures::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

/// No lock is handed over and back again in less.
const HAND_OVER: Duration = Duration::from_millis(5);
/// Beyond this many who are ahead nobody waits longer: 25 ms in all.
const MOST_AHEAD: u32 = 5;

/// How long whoever has so many ahead of them need not look: until it may be their turn.
pub(super) fn patience(ahead: usize) -> Duration {
    HAND_OVER * u32::try_from(ahead).unwrap_or(MOST_AHEAD).min(MOST_AHEAD)
}

/// A stream, and for how long what it has may wait.
pub(super) struct Unhurried<T> {
    stream: BoxStream<'static, T>,
    bell: Arc<Bell>,
    patience: Duration,
    /// Whether this look brought something.
    brings: bool,
    /// Whether the last look did, so that what rings next may wait. What does not is a watch that
    /// is being opened, in many steps.
    may_rest: bool,
    rest: Option<Pin<Box<Sleep>>>,
}

/// Rung when the stream is to be looked at.
struct Bell {
    has_rung: AtomicBool,
    owner: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        self.owner.wake();
    }
}

impl<T> Unhurried<T> {
    /// A stream that is looked at without delay, until [`Unhurried::be_patient`].
    pub(super) fn new(stream: BoxStream<'static, T>) -> Self {
        Self {
            stream,
            bell: Arc::new(Bell {
                // It does nothing before it is asked.
                has_rung: AtomicBool::new(true),
                owner: AtomicWaker::new(),
            }),
            patience: Duration::ZERO,
            brings: false,
            may_rest: false,
            rest: None,
        }
    }

    /// For how long what it has may wait from now on.
    pub(super) fn be_patient(&mut self, patience: Duration) {
        self.patience = patience;
    }
}

impl<T> Stream for Unhurried<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        this.bell.owner.register(context.waker());
        if !this.bell.has_rung.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        if this.may_rest && !this.patience.is_zero() {
            let patience = this.patience;
            let rest = this.rest.get_or_insert_with(|| Box::pin(sleep(patience)));
            if rest.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
        // Before it is asked: what it has from then on rings again.
        this.bell.has_rung.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(&this.bell));
        let next = this
            .stream
            .poll_next_unpin(&mut Context::from_waker(&waker));
        if next.is_ready() {
            this.brings = true;
            // What came with it has waited as long.
            this.bell.has_rung.store(true, Ordering::Release);
        } else {
            this.may_rest = std::mem::take(&mut this.brings);
            this.rest = None;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::channel::mpsc;
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    fn unhurried() -> (mpsc::UnboundedSender<u32>, Unhurried<u32>) {
        let (sender, receiver) = mpsc::unbounded();
        (sender, Unhurried::new(receiver.boxed()))
    }

    /// What is there by now, so that the next one has to ring.
    fn drain(stream: &mut Unhurried<u32>) -> Vec<u32> {
        std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
    }

    /// Whoever is next looks at once: what it has may be the lock.
    #[test]
    fn only_those_who_are_not_next_wait_and_not_for_long() {
        assert_eq!(patience(0), Duration::ZERO);
        for (ahead, millis) in [(1, 5), (2, 10), (5, 25), (6, 25), (usize::MAX, 25)] {
            assert_eq!(patience(ahead), Duration::from_millis(millis), "{ahead}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_come_by_the_end_of_a_rest_is_brought_together() {
        let (sender, mut stream) = unhurried();
        sender.unbounded_send(1).unwrap();
        assert_eq!(drain(&mut stream), [1]);
        stream.be_patient(PATIENCE);
        let begun = Instant::now();
        sender.unbounded_send(2).unwrap();
        assert_eq!(drain(&mut stream), [0; 0]);
        let later = async {
            sleep(PATIENCE / 2).await;
            sender.unbounded_send(3).unwrap();
        };
        assert_eq!(tokio::join!(stream.next(), later).0, Some(2));
        assert_eq!(begun.elapsed().as_millis(), PATIENCE.as_millis());
        assert_eq!(drain(&mut stream), [3]);
        // And from then on anew.
        sender.unbounded_send(4).unwrap();
        assert_eq!(stream.next().await, Some(4));
        assert_eq!(begun.elapsed().as_millis(), 2 * PATIENCE.as_millis());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_next_does_not_rest_on() {
        let (sender, mut stream) = unhurried();
        sender.unbounded_send(1).unwrap();
        assert_eq!(drain(&mut stream), [1]);
        stream.be_patient(PATIENCE);
        sender.unbounded_send(2).unwrap();
        assert_eq!(drain(&mut stream), [0; 0]);
        stream.be_patient(patience(0));
        assert_eq!(drain(&mut stream), [2]);
    }

    #[tokio::test(start_paused = true)]
    async fn many_steps_rest_once() {
        // A stream that takes three steps, each of which rings, for each thing it brings.
        let steps = futures::stream::unfold(0, |number| async move {
            for _ in 0..3 {
                sleep(Duration::from_millis(1)).await;
            }
            Some((number, number + 1))
        });
        let mut stream = Unhurried::new(steps.boxed());
        stream.be_patient(PATIENCE);
        assert_eq!(stream.next().await, Some(0));
        let begun = Instant::now();
        assert_eq!(stream.next().await, Some(1));
        let took = begun.elapsed();
        assert!(took >= PATIENCE && took < 2 * PATIENCE, "{took:?}");
    }
}
