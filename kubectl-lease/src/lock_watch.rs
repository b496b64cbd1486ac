//! One lock that is followed, and how it stands as time passes.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use lease_client::{Change, Dated, Lease, ReadError, Scope, Selection, Store, clock};
use lease_core::{Instant, Observer, Standing, judge};
use tokio::time::{sleep, timeout};

use crate::failure::Failure;
use crate::lock_store::LockStore;
use crate::sight::{self, Hearing};
use crate::ui::Ui;

/// How often a lock is read where it may not be watched: client-go's retry period.
const POLL: Duration = Duration::from_secs(2);

/// One lock that is followed.
pub(crate) struct LockWatch<'a> {
    ui: &'a Ui,
    store: &'a LockStore,
    namespace: &'a str,
    name: &'a str,
    /// `None` where the lock may not be watched: it is read again and again then.
    changes: Option<BoxStream<'static, Result<Change, ReadError>>>,
    /// `None` while there is no such lock.
    known: Option<(Lease, Observer)>,
    hearing: Hearing,
    /// When to read it again, where it may not be watched.
    next_read: tokio::time::Instant,
}

impl<'a> LockWatch<'a> {
    /// Begins to follow a lock, which need not exist.
    ///
    /// # Errors
    /// What keeps it from being read: if the first reading does not come about, there is no use in
    /// waiting longer.
    pub(crate) async fn open(
        ui: &'a Ui,
        store: &'a LockStore,
        namespace: &'a str,
        name: &'a str,
    ) -> Result<Self, Failure> {
        let changes = store.watch(Selection::all_of(Scope::One {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }));
        let mut watch = Self {
            ui,
            store,
            namespace,
            name,
            changes: Some(changes.boxed()),
            known: None,
            hearing: Hearing::default(),
            next_read: tokio::time::Instant::now(),
        };
        let first = match &mut watch.changes {
            Some(changes) => changes.next().await,
            None => None,
        };
        match first {
            Some(Err(ReadError::Denied(_))) | None => {
                watch.poll_from_now_on();
                watch.read().await?;
            }
            Some(Ok(Change::Interrupted(error)) | Err(error)) => return Err(error.into()),
            Some(Ok(change)) => watch.take(change),
        }
        Ok(watch)
    }

    /// The lock, and how it stands now; `None` while there is none.
    ///
    /// While the connection is broken time stands still, since a holder may renew unseen.
    pub(crate) fn now(&self) -> Option<(&Lease, Standing)> {
        let (lease, observer) = self.known.as_ref()?;
        let look = sight::look(observer, self.hearing.clock(clock::local()));
        Some((lease, *judge(lease.snapshot(), look).standing()))
    }

    /// Waits for something to happen, at most for so long.
    ///
    /// # Errors
    /// Where waiting longer is of no use.
    pub(crate) async fn next(&mut self, limit: Duration) -> Result<(), Failure> {
        let Some(changes) = &mut self.changes else {
            return self.poll(limit).await;
        };
        match timeout(limit, changes.next()).await {
            Err(_) => {}
            Ok(Some(Ok(change))) => {
                self.take(change);
                if self.lacks_date() {
                    self.read().await?;
                }
            }
            Ok(Some(Err(ReadError::Denied(_))) | None) => self.poll_from_now_on(),
            Ok(Some(Err(error))) => return Err(error.into()),
        }
        Ok(())
    }

    /// Whether only the API server's date tells how the lock stands, and none was heard.
    fn lacks_date(&self) -> bool {
        let lock = self.known.as_ref().map(|(lease, _)| lease.snapshot());
        lock.is_some_and(|lock| lock.dialect.ends_as_stated())
            && self.hearing.clock(clock::local()).date.is_none()
    }

    fn poll_from_now_on(&mut self) {
        self.ui
            .note("no right to watch this lock: it is read every 2s instead");
        self.changes = None;
    }

    async fn poll(&mut self, limit: Duration) -> Result<(), Failure> {
        let left = self
            .next_read
            .saturating_duration_since(tokio::time::Instant::now());
        sleep(left.min(limit)).await;
        if left > limit {
            return Ok(());
        }
        match self.read().await {
            Err(error @ ReadError::Unavailable(_)) => {
                self.take(Change::Interrupted(error));
                Ok(())
            }
            result => Ok(result?),
        }
    }

    async fn read(&mut self) -> Result<(), ReadError> {
        self.next_read = tokio::time::Instant::now() + POLL;
        let Dated { value, date } = self.store.get(self.namespace, self.name).await?;
        self.take(Change::Listed {
            leases: value.into_iter().collect(),
            date,
        });
        Ok(())
    }

    fn take(&mut self, change: Change) {
        let at = clock::local();
        let lease = match change {
            Change::Interrupted(error) => {
                let is_new = self.hearing.lost_since().is_none();
                self.hearing.lose(at);
                if is_new {
                    self.ui.note(&format!("{error}; trying again"));
                }
                return;
            }
            Change::Applied(lease) => Some(lease),
            Change::Deleted(_) => None,
            Change::Listed { leases, date } => {
                self.resume(at);
                self.hearing.list(date, at);
                leases.into_iter().next()
            }
            Change::Progress | Change::Resumed => {
                self.resume(at);
                return;
            }
        };
        self.resume(at);
        self.known = match (self.known.take(), lease) {
            (_, None) => None,
            (Some((_, mut observer)), Some(lease)) => {
                observer.observe(lease.snapshot().clone(), at);
                Some((lease, observer))
            }
            (None, Some(lease)) => {
                let observer = Observer::new(lease.snapshot().clone(), at);
                Some((lease, observer))
            }
        };
    }

    fn resume(&mut self, at: Instant) {
        if self.hearing.hear(at) {
            self.ui.note("connected to the API server again");
        }
    }
}
