use clap::ValueEnum;
use lease_client::{Dated, LeaseStore, List, Scope, Selection};
use lease_core::{Dialect, State};

use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::invocation;
use crate::lock_name;
use crate::lock_table::{self, Row};
use crate::output::{self, Output};
use crate::refused::Attempted;
use crate::session::Session;
use crate::status;
use crate::ui::Ui;

/// List locks and how they stand
///
/// Each lock is judged at first sight by the API server's own stamp of its last change, so a
/// holder whose clock is wrong neither hides nor looks stuck. "!" marks what needs a person, "?"
/// what may soon: a renewal that is late, or a lock of which nothing is known yet.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # What needs a person, in the whole cluster
  kubectl lease ls -A --stuck

  # The locks with a label, with more columns
  kubectl lease ls -n payments -l team=billing -o wide

  # Set all free whose lease is over
  kubectl lease ls --state expired -o name | xargs -n1 kubectl lease steal --release")]
pub(crate) struct Args {
    /// Only these locks: NAME or lease/NAME
    names: Vec<String>,
    /// In all namespaces
    #[arg(short = 'A', long, conflicts_with = "names")]
    all_namespaces: bool,
    /// Only leases with these labels, as kubectl selects them
    #[arg(short = 'l', long, conflicts_with = "names")]
    selector: Option<String>,
    /// Only locks in these states
    #[arg(long, value_delimiter = ',')]
    state: Vec<StateArg>,
    /// Only locks that are expired or worse
    #[arg(long, conflicts_with = "state")]
    stuck: bool,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
}

/// A state as a filter takes it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateArg {
    Expired,
    Free,
    Held,
    Late,
    Malformed,
    Unbounded,
    Unknown,
}

impl StateArg {
    const fn state(self) -> State {
        match self {
            Self::Expired => State::Expired,
            Self::Free => State::Free,
            Self::Held => State::Held,
            Self::Late => State::Late,
            Self::Malformed => State::Malformed,
            Self::Unbounded => State::Unbounded,
            Self::Unknown => State::Unknown,
        }
    }
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        names,
        all_namespaces,
        selector,
        state,
        stuck,
        output,
    } = args;
    let session = Session::open(global).await?;
    let mut missing = Vec::new();
    let mut rows = if names.is_empty() {
        let scope = if all_namespaces {
            Scope::All
        } else {
            Scope::Namespace(session.namespace.clone())
        };
        let selection = Selection {
            scope,
            labels: selector,
            fields: None,
        };
        list(&session.store, &selection).await?
    } else {
        let mut rows = Vec::new();
        for name in &names {
            let name = lock_name::parse(name)?;
            match named(&session, &name).await? {
                Some(row) => rows.push(row),
                None => missing.push(name),
            }
        }
        rows
    };
    let wanted: Vec<State> = state.into_iter().map(StateArg::state).collect();
    rows.retain(|row| {
        (wanted.is_empty() || wanted.contains(&row.standing.state))
            && (!stuck || row.standing.state >= State::Expired)
    });

    let is_table = output.is_for_people();
    let heartbeats = if all_namespaces && is_table {
        let all = rows.len();
        rows.retain(|row| row.lease.snapshot().dialect != Dialect::NodeHeartbeat);
        all - rows.len()
    } else {
        0
    };
    print(ui, &rows, output, all_namespaces, names.len() == 1)?;
    if rows.is_empty() && is_table && missing.is_empty() {
        if all_namespaces {
            ui.note("No resources found");
        } else {
            ui.note(&format!(
                "No resources found in {} namespace.",
                session.namespace
            ));
        }
    }
    if heartbeats > 0 {
        ui.note(&format!(
            "{} left out; see with `{} ls -n kube-node-lease{}`",
            match heartbeats {
                1 => "1 heartbeat of a node is".to_owned(),
                count => format!("{count} heartbeats of nodes are"),
            },
            *invocation::NAME,
            if stuck { " --stuck" } else { "" },
        ));
    }
    let not_found = |name: &String| {
        Attempted {
            verb: "list",
            name,
            namespace: &session.namespace,
            identity: None,
        }
        .not_found()
    };
    let Some((last, others)) = missing.split_last() else {
        return Ok(());
    };
    for name in others {
        ui.failure(&not_found(name));
    }
    Err(not_found(last))
}

/// All locks of a selection, judged by the date of the answer.
pub(crate) async fn list(store: &LeaseStore, selection: &Selection) -> Result<Vec<Row>, Failure> {
    let Dated { value, date } = store.list(selection, None).await?;
    let List { leases, .. } = value;
    Ok(leases
        .into_iter()
        .map(|lease| Row::new(lease, date))
        .collect())
}

async fn named(session: &Session, name: &str) -> Result<Option<Row>, Failure> {
    let Dated { value, date } =
        lease_client::Store::get(&session.store, &session.namespace, name).await?;
    Ok(value.map(|lease| Row::new(lease, date)))
}

fn print(
    ui: &Ui,
    rows: &[Row],
    output: Output,
    with_namespace: bool,
    by_name: bool,
) -> Result<(), Failure> {
    let objects = || {
        let objects = rows
            .iter()
            .map(|row| status::object(&row.lease, &row.standing, None))
            .collect::<Vec<_>>();
        match <[_; 1]>::try_from(objects) {
            // kubectl shows a single object that was named as itself.
            Ok([object]) if by_name => serde_json::Value::Object(object),
            Ok([object]) => output::list(vec![object]),
            Err(objects) => output::list(objects),
        }
    };
    let text = match output {
        Output::Json => output::json(&objects()),
        Output::Yaml => output::yaml(objects())?,
        Output::Name => rows
            .iter()
            .map(|row| output::name(&row.lease.snapshot().name))
            .collect(),
        Output::Table | Output::Wide if rows.is_empty() => return Ok(()),
        Output::Table | Output::Wide => {
            lock_table::table(rows, with_namespace, output == Output::Wide, ui.colour())
        }
    };
    Ok(ui.data(&text)?)
}
