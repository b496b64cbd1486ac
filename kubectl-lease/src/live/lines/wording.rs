//! What happened to a lock, in words and as an object.

use lease_client::micro_time;
use lease_core::{Evidence, Standing, State, Timestamp};
use serde::Serialize;

use super::Format;
use crate::escape;
use crate::human;
use crate::identity_text;
use crate::live::locks::{Lock, What};
use crate::output;

/// A lock as something has happened to it.
pub(super) struct Wording<'a> {
    pub(super) lock: &'a Lock,
    pub(super) standing: Standing,
    /// When it happened.
    pub(super) wall: Timestamp,
}

/// The object. Its fields are there whether they say something or not.
#[derive(Serialize)]
struct Object<'a> {
    time: String,
    namespace: &'a str,
    name: &'a str,
    what: &'a str,
    /// Who holds it now.
    holder: Option<&'a str>,
    /// Who held it before.
    from: Option<&'a str>,
    /// How long after the last renewal.
    after_seconds: Option<f64>,
    waiters: Option<usize>,
    state: &'static str,
    #[serde(rename = "resourceVersion")]
    resource_version: &'a str,
}

impl Wording<'_> {
    /// How the lock stands at first.
    pub(super) fn standing(&self, format: Format) -> String {
        match format {
            Format::Json => self.object("listed", None, None),
            Format::Words => {
                let mut words = self.stands();
                if let Some(waiters @ 1..) = self.lock.waiters {
                    words = format!("{words}, {}", wait(waiters));
                }
                self.line(&words)
            }
        }
    }

    pub(super) fn happening(&self, what: &What, format: Format) -> String {
        match format {
            Format::Json => self.as_object(what),
            Format::Words => self.line(&self.words(what)),
        }
    }

    fn words(&self, what: &What) -> String {
        let shown = |identity: &str| identity_text::whole(identity);
        match what {
            What::Acquired { by, from: None } => format!("acquired by {}", shown(by)),
            What::Acquired {
                by,
                from: Some(from),
            } => format!("acquired by {} from {}", shown(by), shown(from)),
            What::Changed => "changed".to_owned(),
            What::Created => format!("created, {}", self.stands()),
            What::Deleted => "deleted".to_owned(),
            What::Offered { to } => format!("offered to {}", shown(to)),
            What::Released { by } => format!("released by {}", shown(by)),
            What::Renewed { after: None } => "renewed".to_owned(),
            What::Renewed { after: Some(after) } => {
                format!("renewed after {:.1}s", after.as_secs_f64())
            }
            What::Stands { state } => state.name().to_owned(),
            What::WaitedFor { waiters } => wait(*waiters),
        }
    }

    fn as_object(&self, what: &What) -> String {
        match what {
            What::Acquired { by: _, from } => self.object("acquired", from.as_deref(), None),
            What::Changed => self.object("changed", None, None),
            What::Created => self.object("created", None, None),
            What::Deleted => self.object("deleted", None, None),
            What::Offered { to: _ } => self.object("offered", None, None),
            What::Released { by } => self.object("released", Some(by), None),
            What::Renewed { after } => {
                let seconds = after.map(|after| {
                    // Finer than that is the network's.
                    (after.as_secs_f64() * 1000.0).round() / 1000.0
                });
                self.object("renewed", None, seconds)
            }
            What::Stands { state } => self.object(state.name(), None, None),
            What::WaitedFor { waiters: _ } => self.object("waiters", None, None),
        }
    }

    /// How it stands, and who holds it.
    fn stands(&self) -> String {
        let state = self.standing.state;
        let Some(holder) = self.lock.snapshot().record.holder() else {
            return state.name().to_owned();
        };
        let renewed = self.standing.evidence.as_ref().map(Evidence::age);
        let renewed = renewed.filter(|_| state != State::Unknown);
        let renewed =
            renewed.map_or_else(String::new, |age| format!(", renewed {}", human::ago(age)));
        let verb = match state {
            State::Held => "",
            state => &format!("{}, ", state.name()),
        };
        let holder = identity_text::whole(holder);
        match state {
            State::Offered => format!("offered to {holder}"),
            _ => format!("{verb}held by {holder}{renewed}"),
        }
    }

    fn line(&self, words: &str) -> String {
        let id = &self.lock.id;
        format!(
            "{}  {}/{}  {words}\n",
            human::local_time_of_day(self.wall),
            escape::shown(&id.namespace),
            escape::shown(&id.name),
        )
    }

    fn object(&self, what: &str, from: Option<&str>, after_seconds: Option<f64>) -> String {
        let snapshot = self.lock.snapshot();
        output::json_line(&Object {
            time: micro_time::format(self.wall),
            namespace: &snapshot.namespace,
            name: &snapshot.name,
            what,
            holder: snapshot.record.holder(),
            from,
            after_seconds,
            waiters: self.lock.waiters,
            state: self.standing.state.name(),
            resource_version: snapshot.version.resource_version.as_str(),
        })
    }
}

fn wait(waiters: usize) -> String {
    match waiters {
        0 => "nobody waits".to_owned(),
        1 => "1 waits".to_owned(),
        waiters => format!("{waiters} wait"),
    }
}
