//! The names that an argument can have: of locks and namespaces, from the cluster, and of what
//! the kubeconfig lists.

use std::ffi::OsStr;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use clap::Arg;
#[cfg(feature = "plugins")]
use clap::ValueHint;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
#[cfg(feature = "plugins")]
use clap_complete::engine::{PathCompleter, ValueCompleter};
use lease_client::{Dated, KubeconfigNames, Scope, Selection, kubeconfig_names};
use lease_core::{Look, Snapshot, judge};

use super::line::Line;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::invocation;
use crate::session::Session;

/// How long the cluster may take. Whoever pressed tab waits, and kubectl sets no limit.
const LIMIT: Duration = Duration::from_millis(1500);

/// Where the candidates of one argument come from.
pub(super) struct Candidates {
    line: Arc<Line>,
    /// Whether the argument can be given again.
    many: bool,
    source: Source,
}

#[derive(Clone, Copy)]
enum Source {
    Clusters,
    Contexts,
    Locks,
    Namespaces,
    #[cfg(feature = "plugins")]
    Policies {
        /// Whether a file will do.
        or_file: bool,
    },
    Users,
}

impl Candidates {
    /// The candidates of an argument, if it is one that names something. It is told by its name,
    /// which means the same with every verb.
    pub(super) fn of(arg: &Arg, line: &Arc<Line>) -> Option<Self> {
        let source = match (arg.get_id().as_str(), arg.is_positional()) {
            ("cluster", false) => Source::Clusters,
            ("context", false) => Source::Contexts,
            ("name" | "names", true) => Source::Locks,
            ("namespace", false) => Source::Namespaces,
            #[cfg(feature = "plugins")]
            ("plugin", true) => Source::Policies {
                or_file: arg.get_value_hint() == ValueHint::FilePath,
            },
            ("user", false) => Source::Users,
            _ => return None,
        };
        let values = arg.get_num_args();
        Some(Self {
            line: Arc::clone(line),
            many: values.is_some_and(|values| values.max_values() > 1)
                || matches!(arg.get_action(), clap::ArgAction::Append),
            source,
        })
    }

    pub(super) fn into_completer(self) -> ArgValueCompleter {
        ArgValueCompleter::new(move |typed: &OsStr| self.complete(typed))
    }

    fn complete(&self, typed: &OsStr) -> Vec<CompletionCandidate> {
        let Some(typed) = typed.to_str() else {
            return Vec::new();
        };
        // No name begins so; it will be a flag.
        if typed.starts_with('-') {
            return Vec::new();
        }
        // As in `lease/NAME`.
        let kind = match self.source {
            Source::Locks => typed.rfind('/').map_or(0, |slash| slash + 1),
            _ => 0,
        };
        let (kind, typed) = typed.split_at(kind);
        let mut names = self.names();
        names.retain(|Name { name, .. }| {
            name.starts_with(typed) && is_one_word(name) && !(self.many && self.line.has(name))
        });
        names.sort_by(|one, other| one.name.cmp(&other.name));
        names.dedup_by(|one, other| one.name == other.name);
        let candidate = |Name { name, about }: Name| {
            CompletionCandidate::new(format!("{kind}{name}")).help(about.map(Into::into))
        };
        let names = names.into_iter().map(candidate);
        #[cfg(feature = "plugins")]
        if let Source::Policies { or_file: true } = self.source {
            let files = PathCompleter::file().complete(OsStr::new(typed));
            return names.chain(files).collect();
        }
        names.collect()
    }

    fn names(&self) -> Vec<Name> {
        let Some(global) = self.line.global() else {
            return Vec::new();
        };
        match self.source {
            Source::Clusters => known(global, |names| names.clusters),
            Source::Contexts => known(global, |names| names.contexts),
            #[cfg(feature = "plugins")]
            Source::Policies { .. } => policies(),
            Source::Users => known(global, |names| names.users),
            source => asked(global.clone(), source),
        }
    }
}

/// A name, and what there is to say of what it names.
struct Name {
    about: Option<&'static str>,
    name: String,
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self { about: None, name }
    }
}

/// Whether a shell takes it for one word, and for no more than that. Bash pastes a candidate as it
/// is, and names of a cluster or of somebody else's kubeconfig must not run.
fn is_one_word(name: &str) -> bool {
    invocation::quoted(name) == name
}

/// The policies that there are. What is wrong with them is not for somebody who is typing.
#[cfg(feature = "plugins")]
fn policies() -> Vec<Name> {
    let configured = crate::policy::Configured::read().unwrap_or_default();
    let entry = |entry: crate::policy::Entry| Name {
        about: Some(entry.mode.name()),
        name: entry.name,
    };
    configured.plugins.into_iter().map(entry).collect()
}

fn known(global: &GlobalArgs, pick: fn(KubeconfigNames) -> Vec<String>) -> Vec<Name> {
    let names = kubeconfig_names(global.kubeconfig.as_deref());
    let names = names.map(pick).unwrap_or_default();
    names.into_iter().map(Name::from).collect()
}

/// What the cluster answers in time. It is asked on another thread, since not all of that can be
/// given up half-way, a credential plugin say; what is left of it ends with the process.
fn asked(global: GlobalArgs, source: Source) -> Vec<Name> {
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime
            && let Ok(names) = runtime.block_on(ask(&global, source))
        {
            // Nobody may wait for it any more.
            let _ = sender.send(names);
        }
    });
    // Neither a time-out nor a failure is for somebody who is typing.
    answer.recv_timeout(LIMIT).unwrap_or_default()
}

async fn ask(global: &GlobalArgs, source: Source) -> Result<Vec<Name>, Failure> {
    let session = Session::open(global).await?;
    if let Source::Namespaces = source {
        let namespaces = session.store.namespaces().await?;
        return Ok(namespaces.into_iter().map(Name::from).collect());
    }
    let selection = Selection::all_of(Scope::Namespace(session.namespace));
    // Who waits for a lock is none.
    let list = session.store.list_keeping(&selection, None, |listed| {
        let summary = listed.summary;
        summary.waits_for.is_none().then_some(summary.snapshot)
    });
    let Dated { value, date } = list.await?;
    let named = |lock: Snapshot| {
        let look = Look::stamped_or_first(&lock, date);
        let state = judge(&lock, look).standing().state;
        Name {
            about: Some(state.name()),
            name: lock.name,
        }
    };
    Ok(value.leases.into_iter().map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_kubeconfig_are_offered_for_what_is_named_like_that() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "clusters: [{name: c2}, {name: c1}]\n\
                    contexts: [{name: x1}, {name: x1}]\n\
                    users: [{name: u1}, {name: $(reboot)}]\n";
        std::fs::write(file.path(), text).unwrap();
        let words = ["kubectl-lease", "--kubeconfig"].map(Into::into);
        let line = Line::read(&[&words[..], &[file.path().into()]].concat());
        let line = Arc::new(line);
        for (name, expected) in [
            ("cluster", &["c1", "c2"][..]),
            ("context", &["x1"]),
            ("user", &["u1"]),
        ] {
            let candidates = Candidates::of(&Arg::new(name).long(name), &line).unwrap();
            let offered = candidates.complete(OsStr::new(""));
            let offered: Vec<_> = offered.iter().map(CompletionCandidate::get_value).collect();
            assert_eq!(offered, expected, "{name}");
        }
        assert!(Candidates::of(&Arg::new("server").long("server"), &line).is_none());
        assert!(Candidates::of(&Arg::new("cluster"), &line).is_none());
    }
}
