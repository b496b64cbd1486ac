//! What `acquire --hold` and `run` share: holding a lock, losing it, giving it back.

use std::time::Duration;

use lease_client::{Guard, ThisMachine};
use lease_core::Loss;

use super::contending::is_ending;
use crate::failure::Failure;
use crate::human;
use crate::signals::Signals;
use crate::ui::Ui;

/// Gives a lock back to whoever waits first. Who asks for an end once more does not wait for that.
pub(super) async fn give_back(ui: &Ui, guard: Guard<ThisMachine>, signals: &mut Signals) {
    let name = guard.name().to_owned();
    let mut released = Box::pin(guard.release());
    let is_back = loop {
        tokio::select! {
            biased;
            result = &mut released => break result.is_ok(),
            signal = signals.next() => {
                if is_ending(signal) {
                    break false;
                }
            }
        }
    };
    if !is_back {
        ui.note(&format!(
            "\"{name}\" could not be given back; it will be free when its lease is over"
        ));
    }
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
