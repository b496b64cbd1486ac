use std::time::Duration;

use lease_client::{Dated, Lease, Store, micro_time};
use lease_core::{Expiry, Look, Snapshot, Standing, State, Timestamp, judge};
use serde_json::Value;
use tokio::join;
use tokio::time::timeout;

use crate::diagnosis::{self, Case, Facts, Finding, Unread};
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::human;
use crate::invocation;
use crate::lock_name;
use crate::lock_owner;
use crate::output::{self, Output};
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;
use crate::waiters::{self, Waiter};

/// Show one lock in detail: its record, how it stands, and why
///
/// Tells which pod or node stands behind the holder, and what `doctor` finds. What of that could
/// not be read is told on stderr.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Who holds it, is that over, and how is that known?
  kubectl lease describe billing-batch -n payments

  # The same as a Lease with a computed status, for a program
  kubectl lease describe billing-batch -n payments -o json")]
pub(crate) struct Args {
    /// The lock: NAME, lease/NAME or configmap/NAME
    name: String,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
}

/// More characters of one field than this are cut; `-o json` has them all.
const LONGEST_FIELD: usize = 1000;
/// How long may be looked for what is around a lock. In a large cluster, `doctor` takes longer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { name, output } = args;
    let name = lock_name::parse(&name)?;
    let session = Session::open(global).await?;
    let Dated { value, date } = session.locks.get(&session.namespace, &name).await?;
    let lease = value.ok_or_else(|| {
        Attempted {
            verb: "describe",
            name: &name,
            namespace: &session.namespace,
            identity: None,
        }
        .not_found()
    })?;
    let look = Look::stamped_or_first(lease.snapshot(), date);
    let standing = *judge(lease.snapshot(), look).standing();
    if output == Output::Name {
        return Ok(ui.data(&output::name(&name))?);
    }
    if lock_name::is_config_map(lease.snapshot()) {
        let pod = lock_owner::seen(ui, &session, &lease).await;
        let pod = pod.and_then(|seen| lock_owner::in_words(lease.snapshot(), &seen));
        let text = output::one(output, &lease, &standing, None, None, || {
            describe(&lease, &standing, &Around::Pod(pod))
        })?;
        return Ok(ui.data(&text)?);
    }
    let facts = async {
        if !output.is_for_people() {
            return None;
        }
        let facts = diagnosis::gather_around(&session.store, lease.summary().clone(), date);
        timeout(PATIENCE, Box::pin(facts)).await.ok()
    };
    let (queue, facts) = join!(waiters::queue(&session.store, lease.snapshot()), facts);
    let count = queue.as_ref().ok().map(Vec::len);
    let text = output::one(output, &lease, &standing, None, count, || {
        describe(&lease, &standing, &Around::Queue(&queue, facts.as_ref()))
    })?;
    ui.data(&text)?;
    if let (Err(failure), false) = (&queue, output.is_for_people()) {
        ui.note(&waiters::unknown(failure));
    }
    let unread = facts.as_ref().and_then(|facts| Unread::told(&facts.unread));
    if let Some(note) = unread {
        ui.note(&note);
    }
    Ok(())
}

/// What is known of what is around a lock.
enum Around<'a> {
    /// Of a `ConfigMap`: what was seen of its pod.
    Pod(Option<String>),
    /// Of a lease: who waits, and what a diagnosis is made of.
    Queue(&'a Result<Vec<Waiter>, Failure>, Option<&'a Facts>),
}

/// The text for people.
fn describe(lease: &Lease, standing: &Standing, around: &Around<'_>) -> String {
    let lock = lease.snapshot();
    let record = &lock.record;
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        let value = escape::cut(value, LONGEST_FIELD);
        let key = if key.is_empty() {
            String::new()
        } else {
            format!("{key}:")
        };
        text += &format!("{key:<17}{value}\n");
    };
    let exact = |time: Option<Timestamp>| time.map_or_else(unset, micro_time::format);

    line("Name", &lock.name);
    line("Namespace", &lock.namespace);
    line("State", &state(standing));
    line(
        "Basis",
        standing
            .evidence
            .as_ref()
            .map_or("none needed", |evidence| evidence.basis().name()),
    );
    line(
        "Evidence",
        &evidence::sentence(standing, record.duration_seconds),
    );
    line("Holder", record.holder().unwrap_or("<nobody>"));
    let who_holds = |facts| diagnosis::first_case(facts, |case: &Case<'_>| case.who_holds());
    let who = match around {
        Around::Pod(seen) => seen.clone(),
        Around::Queue(_, facts) => facts.and_then(who_holds).flatten(),
    };
    if let Some(who) = who {
        line("", &who);
    }
    let duration = record
        .duration_seconds
        .map_or_else(unset, |seconds| format!("{seconds}s"));
    line("Duration", &duration);
    line("Acquired", &exact(record.acquired()));
    line("Renewed", &exact(record.renewed()));
    let transitions = record
        .transitions
        .map_or_else(unset, |transitions| transitions.to_string());
    line("Transitions", &transitions);
    if let Some(strategy) = &record.strategy {
        line("Strategy", strategy);
    }
    if let Some(preferred) = &record.preferred_holder {
        line("Preferred", preferred);
    }
    who_waits(around, &mut line);
    line("Dialect", lock.dialect.name());
    if let Some(writer) = lease.last_writer() {
        line(
            "Last writer",
            &format!("{} at {}", writer.manager, human::time(writer.time)),
        );
    }
    let object = lease.object();
    for (title, key) in [("Labels", "labels"), ("Annotations", "annotations")] {
        let values = object
            .get("metadata")
            .and_then(|metadata| metadata.get(key));
        let values = values.and_then(Value::as_object).into_iter().flatten();
        let mut title = title;
        for (key, value) in values {
            line(
                title,
                &format!("{key}={}", value.as_str().unwrap_or_default()),
            );
            title = "";
        }
    }
    line("Created", &lease.created().map_or_else(unset, human::time));
    line("UID", lock.version.uid.as_str());
    line("Version", lock.version.resource_version.as_str());
    if let Around::Queue(_, facts) = around {
        let mut title = "Findings";
        for found in found(lock, *facts) {
            line(title, &found);
            title = "";
        }
    }
    text
}

/// Who waits for a lock, line by line.
fn who_waits(around: &Around<'_>, line: &mut impl FnMut(&str, &str)) {
    match around {
        Around::Pod(_) => line("Waiters", "not known: nobody waits in line for a ConfigMap"),
        Around::Queue(Ok(waiters), _) => {
            line("Waiters", &waiters.len().to_string());
            let mut title = "Queue";
            for (place, waiter) in (1..).zip(waiters) {
                let waits = waiter.waits.map_or_else(String::new, |waits| {
                    format!(", for {}", human::duration(waits))
                });
                line(title, &format!("{place}. {}{waits}", waiter.identity));
                title = "";
            }
        }
        Around::Queue(Err(failure), _) => {
            line("Waiters", &format!("not known: {}", failure.message()));
        }
    }
}

/// What is wrong with it, and what to type next, in lines.
fn found(lock: &Snapshot, facts: Option<&Facts>) -> Vec<String> {
    let Some(facts) = facts else {
        let doctor = invocation::command("doctor", &lock.name, &lock.namespace);
        return vec![
            format!(
                "not known: what is around it could not be read within {}",
                human::duration(PATIENCE)
            ),
            format!("next: {doctor}"),
        ];
    };
    let findings = diagnosis::findings(facts);
    if findings.is_empty() {
        return vec!["none".to_owned()];
    }
    let lines = |finding: Finding| {
        let Finding {
            code,
            severity,
            sentence,
            next,
            ..
        } = finding;
        let what = format!("{} {}: {sentence}", severity.name(), code.name());
        [what, format!("next: {next}")]
    };
    findings.into_iter().flat_map(lines).collect()
}

fn unset() -> String {
    "<none>".to_owned()
}

/// A lock's state with what belongs to it.
pub(super) fn state(standing: &Standing) -> String {
    let name = standing.state.name();
    match (standing.state, standing.expiry) {
        (State::Unbounded, _) => format!("{name}: it never expires"),
        (State::Offered, Some(Expiry::In(left))) => {
            format!("{name}: to be confirmed within {}", human::duration(left))
        }
        (State::Unknown, _) => format!("{name}: whether its holder is alive cannot be told yet"),
        (State::Expired, Some(Expiry::Ago(over))) => format!("{name} {}", human::ago(over)),
        (_, Some(Expiry::Ago(_))) => format!("{name}: {}", ends(standing)),
        (_, Some(Expiry::In(_))) => format!("{name}, {}", ends(standing)),
        (_, None) => name.to_owned(),
    }
}

/// When a lease ends.
pub(super) fn ends(standing: &Standing) -> String {
    match standing.expiry {
        Some(Expiry::Ago(over)) => {
            format!("its duration ended {}, within the margin", human::ago(over))
        }
        Some(Expiry::In(left)) => format!("ends in {} unless renewed", human::duration(left)),
        None => "never ends".to_owned(),
    }
}
