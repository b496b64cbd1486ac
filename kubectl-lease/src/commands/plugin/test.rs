use std::path::{Path, PathBuf};

use clap::ValueHint;
use lease_policy_host::{Description, LogLine, Request, Review, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

use super::format::Format;
use super::given::{Given, library, settings, text_of};
use crate::escape;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_name;
use crate::one_shot::read;
use crate::output;
use crate::policy::{Intent, Subject, Verb, request_of, said};
use crate::session::Session;
use crate::ui::Ui;

/// Ask a policy what it would say, without doing anything
///
/// About a verb and a lock of the cluster, as it stands now, or about a request that was recorded:
/// with -o json, the request is printed with the verdict and what the policy wrote to its log, and
/// --request takes that again. The same request has the same verdict.
///
/// Exit 0: it has nothing against it. Exit 3: it denies it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # May I? (exit 3)
  kubectl lease plugin test require-reason.wasm --verb steal billing-batch -n payments

  # Keep the question, and ask it again
  kubectl lease plugin test require-reason.wasm --verb steal report-writer --reason 'node lost' \\
    -o json > asked.json
  kubectl lease plugin test require-reason.wasm --request asked.json")]
pub(crate) struct Args {
    /// The policy: the name of one that was added, or a file
    #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    plugin: String,
    /// The lock: NAME or lease/NAME
    #[arg(
        value_name = "LOCK",
        required_unless_present = "request",
        requires = "verb"
    )]
    name: Option<String>,
    /// What somebody would do to it
    #[arg(long, value_name = "VERB", required_unless_present = "request", value_parser = parse_verb)]
    verb: Option<Verb>,
    /// Why they would
    #[arg(long, value_name = "TEXT", conflicts_with = "request")]
    reason: Option<String>,
    /// As whom they would hold it, or do
    #[arg(long, value_name = "ID", conflicts_with = "request")]
    identity: Option<String>,
    /// A request that was recorded, as JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "verb"])]
    request: Option<PathBuf>,
    /// Settings for this once, as JSON; or @FILE, with JSON or YAML
    #[arg(long, value_name = "JSON|@FILE")]
    settings: Option<String>,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Format,
}

fn parse_verb(text: &str) -> Result<Verb, String> {
    let names = Verb::ALL.map(Verb::name);
    Verb::ALL
        .into_iter()
        .find(|verb| verb.name() == text)
        .ok_or_else(|| format!("policies are asked about {}", names.join(", ")))
}

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args {
        plugin,
        name,
        verb,
        reason,
        identity,
        request,
        settings: typed,
        output,
    } = args;
    let typed = typed.as_deref().map(settings).transpose()?;
    let library = library()?;
    let given = Given::find(ui, &library, &plugin)?;
    let described = given
        .policy
        .describe()
        .map_err(|error| given.wrong(error))?;
    let asked = match (request, name, verb) {
        (Some(file), ..) => recorded(&file)?,
        (None, Some(name), Some(verb)) => {
            let words = Words {
                reason: reason.as_deref(),
                identity: identity.as_deref(),
            };
            live(global, verb, &name, words, described.wants_holder).await?
        }
        // The parser wants one or the other.
        _ => return Err(Failure::error("what is the policy to be asked about?")),
    };
    let configured = given.entry.as_ref().map(|entry| entry.settings.clone());
    let settings = typed.or(configured).unwrap_or_else(|| json!({}));
    let review = match given.policy.review(&settings.to_string(), &asked) {
        Ok(review) => review,
        Err((error, log)) => {
            tell_log(ui, &log);
            return Err(given.wrong(error));
        }
    };
    note_if_not_asked(ui, &given, &described, &asked);
    let text = match output {
        Format::Name => format!("{}\n", kind(&review.verdict)),
        Format::Json => output::json(&object(&asked, &review)),
        Format::Yaml => output::yaml(object(&asked, &review))?,
        Format::Table => {
            tell_log(ui, &review.log);
            let entry = given.entry.as_ref();
            let name = entry.map_or(&described.name, |entry| &entry.name);
            format!("policy {name} {}\n", said(&review.verdict))
        }
    };
    ui.data(&text)?;
    Ok(match review.verdict {
        Verdict::Deny(_) => 3,
        Verdict::Abstain | Verdict::Allow | Verdict::Warn(_) => 0,
    })
}

/// What else was typed of an intent.
struct Words<'a> {
    reason: Option<&'a str>,
    identity: Option<&'a str>,
}

/// The request about a lock as it stands.
async fn live(
    global: &GlobalArgs,
    verb: Verb,
    name: &str,
    words: Words<'_>,
    wants_holder: bool,
) -> Result<Request, Failure> {
    let name = lock_name::parse(name)?;
    let session = Session::open(global).await?;
    let reading = read(&session.locks, &session.namespace, &name).await?;
    let intent = Intent {
        identity: words.identity,
        reason: words.reason,
        ..session.intends(verb)
    };
    let subject = Subject {
        namespace: &session.namespace,
        name: &name,
        read: reading.lease.as_ref().map(|lease| (lease, reading.look)),
    };
    Ok(request_of(&intent, subject, wants_holder).await)
}

/// A request from a file: itself, or with what came of it.
fn recorded(file: &Path) -> Result<Request, Failure> {
    #[derive(Deserialize)]
    struct Recorded {
        request: Value,
    }

    let text = text_of(file)?;
    let whole = match serde_json::from_str(&text) {
        Ok(Recorded { request }) => request.to_string(),
        Err(_) => text,
    };
    serde_json::from_str(&whole).map_err(|error| {
        Failure::error(format!("{} is no request", file.display()))
            .cause(error.to_string())
            .hint("`plugin test NAME --verb VERB LOCK -o json` prints one")
    })
}

/// Says so if the policy would not have been asked.
fn note_if_not_asked(ui: &Ui, given: &Given, described: &Description, asked: &Request) {
    let verbs = given
        .entry
        .as_ref()
        .map_or(&described.verbs, |entry| &entry.verbs);
    if !verbs.contains(&asked.verb) {
        ui.note(&format!(
            "it is not asked about {}, but only about {}",
            asked.verb,
            verbs.join(", ")
        ));
    }
}

fn tell_log(ui: &Ui, log: &[LogLine]) {
    for line in log {
        let level = format!("{:?}", line.level).to_lowercase();
        ui.note(&format!("{level}: {}", escape::cut(&line.message, 2000)));
    }
}

fn object(asked: &Request, review: &Review) -> Value {
    json!({ "request": asked, "verdict": review.verdict, "log": review.log })
}

fn kind(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Abstain => "abstain",
        Verdict::Allow => "allow",
        Verdict::Deny(_) => "deny",
        Verdict::Warn(_) => "warn",
    }
}
