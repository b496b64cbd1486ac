mod field_path;
mod followed;
mod lines;
mod live;
mod once;
mod quantity;
mod sorting;
mod wanted;

use clap::builder::NonEmptyStringValueParser;
use lease_client::{ReadError, RequestError, Scope, Selection, WAITS_FOR};
use lease_core::Uid;

use crate::failure::Failure;
use crate::flags;
use crate::global_args::GlobalArgs;
use crate::invocation;
use crate::lock_name;
use crate::lock_row::{Extent, Row};
use crate::output::Output;
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;
use crate::waiters::{self, Waiters};
use sorting::SortBy;
use wanted::{StateArg, Wanted, is_heartbeat};

/// List locks and how they stand
///
/// Each lock is judged at first sight by the API server's own stamp of its last change, so a
/// holder whose clock is wrong neither hides nor looks stuck. "!" marks what needs a person, "?"
/// what may soon: a renewal that is late, or a lock of which nothing is known yet.
///
/// `-o wide` also looks up which pod or node is behind each holder: `gone` where a pod is there no
/// more, `elsewhere?` where nothing here has that name, "?" where it cannot be told, or not for
/// sure. With -w it does not.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # What needs a person, in the whole cluster
  kubectl lease ls -A --stuck

  # The locks with a label, with more columns
  kubectl lease ls -n payments -l team=billing -o wide

  # Those that a pod or node holds, those first that were renewed longest ago
  kubectl lease ls -A --holder node-7 --sort-by renewed

  # Set all free whose lease is over
  kubectl lease ls --state expired -o name | xargs -n1 kubectl lease steal --release")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// Only these locks: NAME or lease/NAME
    names: Vec<String>,
    /// In all namespaces
    #[arg(short = 'A', long, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false",
          hide_default_value = true, value_name = "true|false", value_parser = flags::parse_bool)]
    all_namespaces: bool,
    /// Only leases with these labels, as kubectl selects them
    #[arg(short = 'l', long)]
    selector: Option<String>,
    /// Only leases with these fields, as the API server selects them: metadata.name=NAME
    #[arg(long, value_name = "SELECTOR")]
    field_selector: Option<String>,
    /// Only locks in these states
    #[arg(long, value_delimiter = ',')]
    state: Vec<StateArg>,
    /// Only locks that are expired or worse
    #[arg(long, conflicts_with = "state")]
    stuck: bool,
    /// Only locks whose holder contains this text
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    holder: Option<String>,
    /// Sort by a column, times earliest and states worst first, or by a field as kubectl does:
    /// .metadata.creationTimestamp
    #[arg(long, value_name = "COLUMN|PATH")]
    sort_by: Option<String>,
    /// Without the line of titles
    #[arg(long, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "false", hide_default_value = true,
          value_name = "true|false", value_parser = flags::parse_bool)]
    no_headers: bool,
    /// Stay, and show what changes: on a terminal in place, else a line for each change
    #[arg(short, long, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "false", hide_default_value = true,
          value_name = "true|false", value_parser = flags::parse_bool)]
    watch: bool,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Output,
}

/// What is asked for, and how it is to be shown.
struct Query {
    names: Vec<String>,
    selection: Selection,
    all_namespaces: bool,
    wanted: Wanted,
    sort: Option<SortBy>,
    headers: bool,
    output: Output,
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        names,
        all_namespaces,
        selector,
        field_selector,
        state,
        stuck,
        holder,
        sort_by,
        no_headers,
        watch,
        output,
    } = args;
    // As in kubectl, an empty value is none.
    let [labels, fields, sort_by] =
        [selector, field_selector, sort_by].map(|value| value.filter(|value| !value.is_empty()));
    let names = names
        .iter()
        .map(|name| lock_name::parse_lease("ls", name, global.namespace.as_deref()))
        .collect::<Result<Vec<_>, _>>()?;
    if !names.is_empty() {
        if all_namespaces {
            return Err(Failure::error(
                "a resource cannot be retrieved by name across all namespaces",
            )
            .hint("name its namespace with -n, or look for it with `-A --field-selector metadata.name=NAME`"));
        }
        if labels.is_some() || fields.is_some() {
            return Err(Failure::error(
                "name cannot be provided when a selector is specified",
            ));
        }
        if watch && names.len() > 1 {
            return Err(
                Failure::error("only one lock or all of them can be watched at a time")
                    .hint("watch all with a selector: -l, --field-selector or --holder"),
            );
        }
    }
    let sort = sort_by.as_deref().map(SortBy::parse).transpose()?;
    let session = Session::open(global).await?;
    let scope = if all_namespaces {
        Scope::All
    } else {
        Scope::Namespace(session.namespace.clone())
    };
    let query = Query {
        names,
        selection: Selection {
            scope,
            labels,
            fields,
        },
        all_namespaces,
        wanted: Wanted {
            states: state,
            stuck,
            holder,
        },
        sort,
        headers: !no_headers,
        output,
    };
    if watch {
        follow(ui, session, query).await
    } else {
        once::run(ui, &session, &query).await
    }
}

async fn follow(ui: &Ui, session: Session, mut query: Query) -> Result<(), Failure> {
    if let [name] = query.names.as_slice() {
        query.selection.scope = Scope::One {
            namespace: session.namespace.clone(),
            name: name.clone(),
        };
    }
    if query.output.is_for_people() && ui.can_draw() {
        live::run(ui, &session, query).await
    } else {
        lines::run(ui, &session, query).await
    }
}

async fn not_found(session: &Session, name: &str) -> Failure {
    // As in kubectl, which looks for the namespace then. Who may not look is told of the lock.
    let namespace = &session.namespace;
    if let Ok(false) = session.store.has_namespace(namespace).await {
        return Failure::error(format!("namespaces \"{namespace}\" not found"))
            .hint("see those that there are with `kubectl get namespaces`");
    }
    Attempted {
        verb: "list",
        name,
        namespace: &session.namespace,
        identity: None,
    }
    .not_found()
}

impl Query {
    /// How much the table of locks that are followed shows of each.
    fn extent(&self) -> Extent {
        if self.output == Output::Wide {
            Extent::Wide
        } else {
            Extent::Usual
        }
    }

    /// What is said where there is nothing to show.
    fn nothing(&self, session: &Session) -> String {
        if self.all_namespaces {
            "No resources found".to_owned()
        } else {
            format!("No resources found in {} namespace.", session.namespace)
        }
    }

    /// What is said where the list cannot be had. The server does not say which selector it is that
    /// it cannot read.
    fn failure(&self, error: ReadError) -> Failure {
        let Selection { labels, fields, .. } = &self.selection;
        let given: Vec<_> = labels.iter().chain(fields).collect();
        match error {
            ReadError::Unavailable(RequestError::Status(status))
                if status.code == 400 && !given.is_empty() =>
            {
                let given: Vec<_> = given.iter().map(|text| format!("\"{text}\"")).collect();
                Failure::error(format!(
                    "the API server cannot select by {}",
                    given.join(" and ")
                ))
                .cause(status.message)
                .hint("-l takes labels, as in app=web,tier!=cache; --field-selector takes metadata.name and metadata.namespace; by holder selects --holder")
            }
            error => error.into(),
        }
    }

    /// Whether it is the heartbeat of a node, which nobody asked for: there is one for each node,
    /// and none is a lock. Tables of all namespaces leave them out; so does whatever is chosen by
    /// its state, which kubectl knows nothing of.
    fn leaves_out(&self, row: &Row<'_>) -> bool {
        let Wanted {
            states,
            stuck,
            holder,
        } = &self.wanted;
        let is_asked_for = self.selection.fields.is_some() || holder.is_some();
        let is_by_state = *stuck || !states.is_empty();
        self.all_namespaces
            && !is_asked_for
            && (self.output.is_for_people() || is_by_state)
            && is_heartbeat(row)
    }

    /// Whether tickets are listed like locks, since they are asked for. Else they are counted.
    fn wants_tickets(&self) -> bool {
        let labels = self.selection.labels.as_deref();
        !self.names.is_empty() || labels.is_some_and(|labels| labels.contains(WAITS_FOR))
    }

    /// Whether the list of locks leaves out tickets for them.
    fn lists_tickets_apart(&self) -> bool {
        let Selection { labels, fields, .. } = &self.selection;
        !self.names.is_empty() || labels.is_some() || fields.is_some()
    }

    /// Whether tickets have to be followed apart from the locks.
    fn follows_tickets_apart(&self) -> bool {
        let by_waiters = self.sort.as_ref().is_some_and(SortBy::is_by_waiters);
        self.lists_tickets_apart() && (by_waiters || self.output != Output::Name)
    }

    /// How many wait for these locks, or for all of the scope, by a list of tickets alone.
    async fn waiters(&self, ui: &Ui, session: &Session, locks: Option<&[Uid]>) -> Waiters {
        let scope = self.selection.scope.clone();
        match Waiters::listed(&session.store, scope, locks).await {
            Ok(waiters) => waiters,
            Err(failure) => {
                ui.note(&waiters::unknown(&failure));
                Waiters::default()
            }
        }
    }

    /// What is said of the heartbeats of nodes that are left out.
    fn heartbeats_left_out(&self, count: usize) -> String {
        format!(
            "{} left out; see with `{}`",
            match count {
                1 => "1 heartbeat of a node is".to_owned(),
                count => format!("{count} heartbeats of nodes are"),
            },
            invocation::line(&format!("ls -n kube-node-lease{}", self.wanted.as_flags())),
        )
    }
}
