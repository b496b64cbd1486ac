//! What `acquire --hold` and `run` share: holding a lock, losing it, giving it back.

use std::time::Duration;

use lease_client::{Guard, Released, ThisMachine};
use lease_core::Loss;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::human;
use crate::signals::Signals;
use crate::ui::Ui;

/// How long whoever lost a lock tries to end what names them as its holder still.
const PARTING: Duration = Duration::from_secs(1);

/// Gives a lock back to whoever waits first, and tells what became of it. Who asks for an end once
/// more does not wait for that.
pub(super) async fn give_back(
    ui: &Ui,
    guard: Guard<ThisMachine>,
    signals: &mut Signals,
) -> Option<Released> {
    let name = guard.name().to_owned();
    let result = tokio::select! {
        biased;
        result = guard.release() => result.ok(),
        _ = signals.ending_one() => None,
    };
    if result.is_none() {
        ui.note(&could_not_be_given_back(&name));
    }
    result
}

/// What is said of a lock that is still held by whoever is about to end.
pub(super) fn could_not_be_given_back(name: &str) -> String {
    format!("\"{name}\" could not be given back; it will be free when its lease is over")
}

/// Leaves a lock that was lost. If it names us still, others need not wait for that to end.
pub(super) async fn leave_lost(guard: Guard<ThisMachine>) {
    // Otherwise it ends by itself.
    let _ = timeout(PARTING, guard.release()).await;
}

/// A lock that was lost.
pub(super) fn lost(name: &str, loss: &Loss) -> Failure {
    let failure = Failure::error(format!("the lock \"{name}\" was lost"));
    match loss {
        Loss::Broken => failure.cause("somebody broke it by force"),
        Loss::Deleted => failure.cause("its lease was deleted"),
        Loss::NotRenewed => failure
            .cause("no renewal succeeded within the renew deadline")
            .hint("a longer --duration rides over a longer outage; `timing` tells for how long"),
        Loss::Taken { by } if by.is_empty() => {
            failure.cause("somebody else took it, and gave it back")
        }
        Loss::Taken { by } => failure.cause(format!("{by} holds it now")),
    }
}

/// What is said of a lock that was not renewed for a while.
pub(super) fn at_risk(left: Option<Duration>) -> String {
    format!(
        "the lock could not be renewed lately; without a renewal it is lost in {}",
        human::duration(left.unwrap_or_default())
    )
}
