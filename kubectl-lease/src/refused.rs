//! Refusals of the lock's logic, in words and with the next thing to do.

use lease_client::{Lease, RequestError};
use lease_core::{Dialect, Expiry, Refusal, Snapshot, Standing};

use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::human;
use crate::invocation;
use crate::lock_name;

/// What a verb was about to do to which lock, for the sentence that says why it did not.
pub(crate) struct Attempted<'a> {
    pub(crate) verb: &'a str,
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
    /// Who wanted to do it, where the rule asks who it is.
    pub(crate) identity: Option<&'a str>,
}

impl Attempted<'_> {
    /// The same lock in another command, ready to paste.
    pub(crate) fn command(&self, verb: &str) -> String {
        format!("`{}`", invocation::command(verb, self.name, self.namespace))
    }

    /// There is no such lock.
    pub(crate) fn not_found(&self) -> Failure {
        if lock_name::config_map(self.name).is_some() {
            return Failure::refused(format!(
                "nobody holds \"{}\" in namespace {}: there is no such lock, so that there is \
                 nothing to {}",
                self.name, self.namespace, self.verb
            ))
            .hint(format!("take it with {}", self.command("acquire --try")));
        }
        Failure::error(format!(
            "there is no lease \"{}\" in namespace {}",
            self.name, self.namespace
        ))
        .hint(format!(
            "see those that there are with `{}`",
            invocation::line(&format!("ls -n {}", self.namespace))
        ))
    }

    /// The lock was deleted after it had been read.
    pub(crate) fn deleted(&self) -> Failure {
        Failure::not_acquired(format!(
            "\"{}\" was deleted in the meantime; nothing was written",
            self.name
        ))
        .hint("who held it may not know yet: wait for its duration before creating it again")
    }

    /// Others wrote each time.
    pub(crate) fn busy(&self) -> Failure {
        Failure::not_acquired(format!(
            "\"{}\" was changed by others each time before it could be written",
            self.name
        ))
        .hint("try again")
    }

    /// A write may have landed, and may still. `taker` is who would hold the lock then.
    pub(crate) fn unknown(&self, error: &RequestError, taker: Option<&str>) -> Failure {
        self.in_doubt(&error.to_string(), taker)
    }

    /// It was left while a request was under way.
    pub(crate) fn left(&self, taker: Option<&str>) -> Failure {
        self.in_doubt("the server has not answered until it was left", taker)
    }

    /// The reply to a write was lost, and somebody else wrote since, if it landed.
    pub(crate) fn overtaken(&self, lock: Option<&Snapshot>) -> Failure {
        let holder = lock.and_then(|lock| lock.record.holder());
        let now = match holder {
            Some("") | None => "nobody holds it now".to_owned(),
            Some(holder) => format!("{} holds it now", escape::cut(holder, 200)),
        };
        self.in_doubt(
            "the reply was lost, and somebody else has written since",
            None,
        )
        .cause(now)
    }

    fn in_doubt(&self, why: &str, taker: Option<&str>) -> Failure {
        let mut failure = Failure::error(format!(
            "whether \"{}\" was written is not known",
            self.name
        ))
        .cause(why);
        if let Some(identity) = taker {
            failure = failure.cause(format!("if it was, then in the name of {identity}"));
        }
        failure.hint(format!(
            "see who holds it with {} before anything else",
            self.command("describe")
        ))
    }

    /// A rule is against it.
    pub(crate) fn refused(&self, lease: &Lease, standing: &Standing, refusal: &Refusal) -> Failure {
        let Self { verb, name, .. } = self;
        let record = &lease.snapshot().record;
        let holder = record.holder().unwrap_or("nobody");
        let because = evidence::sentence(standing, record.duration_seconds);
        match refusal {
            Refusal::AlreadyFree => Failure::refused(format!(
                "nobody holds \"{name}\": there is nothing to {verb}"
            ))
            .hint(format!("take it with {}", self.command("acquire --try"))),
            Refusal::AlreadyYours => Failure::refused(format!("{holder} holds \"{name}\" already"))
                .cause("one lock taken twice under one identity would have two holders")
                .hint(format!(
                    "a holder goes on with {}",
                    self.command(&format!("renew --identity {}", invocation::quoted(holder)))
                )),
            Refusal::Foreign(dialect) => foreign(dialect, self, record.holder()),
            Refusal::Held { expiry, .. } => Failure::refused(format!(
                "\"{name}\" is held by {holder}, {}",
                match expiry {
                    Some(Expiry::In(left)) =>
                        format!("whose lease runs for another {}", human::duration(*left)),
                    _ => "whose lease is over, but only within the margin".to_owned(),
                }
            ))
            .cause(because)
            .hints(self.before_it_ends(lease, matches!(expiry, Some(Expiry::In(_))))),
            Refusal::Malformed => {
                Failure::refused(format!("the record of \"{name}\" contradicts itself"))
                    .hint(format!("see it with {}", self.command("describe")))
            }
            Refusal::NotHolder => Failure::refused(format!(
                "\"{name}\" is held by {holder}, not by {}",
                self.identity.unwrap_or("you")
            ))
            .hint("a holder says who it is with --identity or LEASE_IDENTITY")
            .hint(if lease.snapshot().tombstone().is_some() {
                "it was broken by force: nobody holds it, and it is free when that is over"
            } else {
                "if you held it, it ran out, was given away or was broken since"
            }),
            Refusal::DateAhead { by } => Failure::refused(format!(
                "\"{name}\" is over by the API server's clock, but that clock is {} ahead of ours, \
                 by which its holder {holder} may be alive",
                human::duration(*by)
            ))
            .cause(because)
            .hint(if lease.snapshot().dialect.ends_as_stated() {
                "only the two clocks tell when it ends: one of them is wrong".to_owned()
            } else {
                format!(
                    "{} watches it for its duration, which trusts no clock but ours",
                    self.command("steal")
                )
            }),
            Refusal::RecordAhead { by } => Failure::refused(format!(
                "\"{name}\" is over by the API server's stamp, but its holder {holder} recorded \
                 a renewTime that lies {} later: one of the clocks is wrong",
                human::duration(*by)
            ))
            .cause(because)
            .hint(format!(
                "{} watches it for its duration, which trusts no clock but ours",
                self.command("steal")
            )),
            Refusal::Unattended => Failure::refused(format!(
                "{holder}, who holds \"{name}\", does not watch it, and would not hear of it"
            )),
            Refusal::Unbounded => Failure::refused(format!(
                "{holder} holds \"{name}\" without a time limit: it never expires"
            ))
            .hint("only its holder can release it")
            .hint(format!(
                "once its holder surely is gone: {}",
                self.command("force-release")
            )),
            Refusal::Unproven => Failure::refused(format!(
                "whether {holder}, who holds \"{name}\", is alive is not known yet"
            ))
            .cause(because)
            .hint(format!(
                "{} watches it for its duration and takes it if it is over",
                self.command("steal")
            )),
        }
    }

    /// What can be done about a lock that its holder has, for as long as its lease `runs` or in the
    /// margin after that.
    fn before_it_ends(&self, lease: &Lease, runs: bool) -> Vec<String> {
        if lease.snapshot().tombstone().is_some() {
            return vec![format!(
                "it was broken by force, and is free by then; sooner with {}",
                self.command("force-release --now")
            )];
        }
        let mut hints =
            vec!["only its holder can give it back before that, with `release`".to_owned()];
        if self.verb == "steal" && runs {
            hints.push(format!(
                "if its holder cannot, {} shows who would lose it, and asks",
                self.command("force-release")
            ));
        }
        hints
    }
}

fn foreign(dialect: &Dialect, attempted: &Attempted<'_>, holder: Option<&str>) -> Failure {
    let Attempted { verb, name, .. } = attempted;
    let refused =
        |what: &str| Failure::refused(format!("\"{name}\" is not yours to {verb}: {what}"));
    match dialect {
        Dialect::ClientGo | Dialect::ConfigMap { .. } | Dialect::Longhorn => {
            refused("it follows rules of its own")
        }
        Dialect::PlainConfigMap => refused(
            "it is no lock: a ConfigMap that is one belongs to one pod, as its controller, and holds \
             nothing but `expiresAt`",
        )
        .hint(format!(
            "see it with `kubectl get {name} -n {} -o yaml`",
            attempted.namespace
        )),
        Dialect::ApiServerIdentity => {
            refused("it is the identity of an API server, which renews it itself")
                .hint("that of an API server that is gone, the others delete")
        }
        Dialect::CloudNativePg => refused(
            "it names the primary of a CloudNativePG cluster, and another holder stops PostgreSQL",
        )
        .hint("switch over with `kubectl cnpg promote`"),
        Dialect::Coordinated => refused(
            "the control plane assigns its holder (coordinated leader election, spec.strategy)",
        )
        .hint("a candidate takes part with a LeaseCandidate"),
        Dialect::NodeHeartbeat => refused("it is the heartbeat of a node, written by its kubelet")
            .hint(format!("see the node with `kubectl describe node {name}`")),
        Dialect::Terraform { .. } => {
            let failure = refused("it is a state lock of Terraform or OpenTofu");
            match holder {
                None => failure,
                Some(holder) => failure.hint(format!(
                    "it never expires; once nobody works on that state: `terraform force-unlock {}`",
                    invocation::quoted(holder)
                )),
            }
        }
    }
}
