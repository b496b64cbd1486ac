use std::time::Duration;

use lease_client::Lease;
use lease_core::{Expiry, Standing, State};
use tokio::time::Instant;

use crate::durations;
use crate::escape;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::lock_name;
use crate::lock_watch::LockWatch;
use crate::session::Session;
use crate::ui::Ui;

/// Wait until a lock is free, held, expired, or somebody's
///
/// Follows the lock and returns as soon as it stands as it should. Nothing is taken, so it may
/// stand otherwise a moment later: whoever wants the lock waits for it with `acquire` or `run`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Wait until nobody holds it any more, or its lease is over
  kubectl lease wait report-writer --for free --for expired

  # Go on once this one holds it
  kubectl lease wait deploy --for holder=\"$LEASE_IDENTITY\"

  # Wait for two seconds at most, for what does not come (exit 4)
  kubectl lease wait ledger-writer -n payments --for free --timeout 2s")]
pub(crate) struct Args {
    /// The lock: NAME, lease/NAME or configmap/NAME
    name: String,
    /// What to wait for; repeatable, for whichever comes first
    #[arg(long = "for", value_name = "free|held|expired|holder=ID", default_value = "free",
          value_parser = Condition::parse)]
    conditions: Vec<Condition>,
    /// How long to wait, and then exit 4; 0 looks once. By default as long as it takes
    #[arg(long, value_parser = durations::parse)]
    timeout: Option<Duration>,
}

/// How often it is looked whether a lock stands otherwise only because time has passed.
const TICK: Duration = Duration::from_millis(200);

/// How a lock should stand.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Condition {
    Expired,
    Free,
    Held,
    HeldBy(String),
}

impl Condition {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "expired" => Ok(Self::Expired),
            "free" => Ok(Self::Free),
            "held" => Ok(Self::Held),
            _ => match text.strip_prefix("holder=") {
                Some(holder) if !holder.is_empty() => Ok(Self::HeldBy(holder.to_owned())),
                _ => Err("it is free, held, expired or holder=ID".to_owned()),
            },
        }
    }

    /// Whether a lock stands so. One that does not exist can be taken as a free one can.
    fn is_met(&self, lock: Option<(&Lease, Standing)>) -> bool {
        let Some((lease, standing)) = lock else {
            return *self == Self::Free;
        };
        let is_held = matches!(standing.state, State::Held | State::Late | State::Unbounded);
        match self {
            Self::Expired => standing.state == State::Expired,
            Self::Free => standing.state == State::Free,
            Self::Held => is_held,
            // Whether it is alive is another question.
            Self::HeldBy(holder) => {
                (is_held || standing.state == State::Unknown)
                    && lease.snapshot().record.holder() == Some(holder)
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Expired => "expired".to_owned(),
            Self::Free => "free".to_owned(),
            Self::Held => "held".to_owned(),
            Self::HeldBy(holder) => format!("held by {holder}"),
        }
    }
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        name,
        conditions,
        timeout,
    } = args;
    let name = lock_name::parse(&name)?;
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let session = Session::open(global).await?;
    let namespace = &session.namespace;
    let object = lock_name::object(&name);
    let mut watch = LockWatch::open(ui, &session.locks, namespace, &name).await?;
    loop {
        let lock = watch.now();
        if conditions.iter().any(|condition| condition.is_met(lock)) {
            if lock.is_none() {
                ui.note(&format!(
                    "there is no {} \"{name}\" in namespace {namespace}, so nobody holds it",
                    if lock_name::config_map(&name).is_some() {
                        "lock"
                    } else {
                        "lease"
                    }
                ));
            }
            return Ok(ui.data(&format!("{object} {}\n", stands(lock)))?);
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            let wanted: Vec<String> = conditions.iter().map(Condition::words).collect();
            return Err(Failure::not_acquired(format!(
                "\"{name}\" did not come to be {} in time",
                wanted.join(" or ")
            ))
            .cause(format!("{object} {}", stands(lock))));
        }
        watch.next(left.map_or(TICK, |left| left.min(TICK))).await?;
    }
}

/// How a lock stands, after its name.
fn stands(lock: Option<(&Lease, Standing)>) -> String {
    let Some((lease, standing)) = lock else {
        return "does not exist".to_owned();
    };
    let holder = lease.snapshot().record.holder().unwrap_or("nobody");
    let holder = escape::cut(holder, 200);
    match (standing.state, standing.expiry) {
        (State::Expired, Some(Expiry::Ago(over))) => {
            format!("expired {}, held by {holder}", human::ago(over))
        }
        (State::Expired, _) => format!("expired, held by {holder}"),
        (State::Free, _) => "is free".to_owned(),
        (State::Held | State::Late, _) => format!("is held by {holder}"),
        (State::Malformed, _) => "contradicts itself".to_owned(),
        (State::Offered, _) => {
            format!("is handed over to {holder}, who has not confirmed that yet")
        }
        (State::Unbounded, _) => format!("is held by {holder}, and never expires"),
        (State::Unknown, _) => {
            format!("names {holder}, of whom it is not known yet whether they are alive")
        }
    }
}
