//! How an attempt hears of its lock: by a watch, or by asking every so often.

use std::time::Duration;

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use tokio::time::sleep;

use crate::clock::Machine;
use crate::selection::{Scope, Selection};
use crate::store::{Dated, ReadError, Store};
use crate::watch::Change;

/// Follows one lock with a watch, for which the right to watch that name suffices.
pub(super) fn watch<S: Store>(
    store: &S,
    namespace: &str,
    name: &str,
) -> BoxStream<'static, Result<Change, ReadError>> {
    let one = Scope::One {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    store.watch(Selection::all_of(one)).boxed()
}

/// Follows one lock as [`watch`] does, after a while.
pub(super) fn watch_later<S: Store>(
    store: &S,
    namespace: &str,
    name: &str,
    wait: Duration,
) -> BoxStream<'static, Result<Change, ReadError>> {
    let watch = watch(store, namespace, name);
    // It does nothing before it is asked.
    stream::once(sleep(wait))
        .flat_map(|()| stream::empty())
        .chain(watch)
        .boxed()
}

/// Reads one lock every so often: after one to 2.2 retry periods, as client-go does, so that
/// those who began together do not go on together.
pub(super) fn poll<S: Store + 'static>(
    store: S,
    machine: impl Machine,
    namespace: String,
    name: String,
    retry_period: Duration,
) -> BoxStream<'static, Result<Change, ReadError>> {
    polling(store, machine, namespace, name, retry_period).boxed()
}

fn polling<S: Store + 'static>(
    store: S,
    machine: impl Machine,
    namespace: String,
    name: String,
    retry_period: Duration,
) -> impl Stream<Item = Result<Change, ReadError>> + Send + 'static {
    stream::unfold((store, machine), move |(store, machine)| {
        let (namespace, name) = (namespace.clone(), name.clone());
        async move {
            // Of a uuid's bits, the last ones are chance.
            let chance = u32::from(machine.unique().as_bytes()[15]);
            sleep(retry_period + retry_period * 12 / 10 * chance / 255).await;
            let change = match store.get(&namespace, &name).await {
                Ok(Dated { value, date }) => Change::Listed {
                    leases: value.into_iter().collect(),
                    date,
                },
                Err(error) => Change::Interrupted(error),
            };
            Some((Ok(change), (store, machine)))
        }
    })
}
