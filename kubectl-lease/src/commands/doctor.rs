use clap::ValueEnum;
use lease_client::clock;
use lease_core::State;
use serde_json::{Value, json};

use super::describe;
use crate::diagnosis::{self, Case, Code, Facts, Finding, Kind, LockId, Patients, Unread};
use crate::escape;
use crate::evidence;
use crate::failure::Failure;
use crate::flags;
use crate::global_args::GlobalArgs;
use crate::invocation;
use crate::lock_name;
use crate::output;
use crate::refused::Attempted;
use crate::session::Session;
use crate::ui::Ui;

/// Tell why a lock is stuck, or what is wrong with all of them
///
/// Looks up who stands behind the holder, and whether that pod and its node live; worst first, and
/// each cause once, with its evidence and the next command to type. What could not be read is told
/// on stderr, and is never taken for dead.
///
/// Exit 0: nothing wrong was found. Exit 2: something was.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Why is this one stuck? (exit 2)
  kubectl lease doctor billing-batch -n payments

  # What is wrong in the whole cluster? (exit 2)
  kubectl lease doctor -A

  # What does a finding mean?
  kubectl lease doctor --explain HOLDER_GONE")]
pub(crate) struct Args {
    /// The lock: NAME or lease/NAME; without it, all of the namespace
    name: Option<String>,
    /// In all namespaces
    #[arg(short = 'A', long, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false",
          hide_default_value = true, value_name = "true|false", value_parser = flags::parse_bool)]
    all_namespaces: bool,
    /// Say what a finding means, how it is known and what to do; ALL for each of them
    #[arg(long, value_name = "CODE", conflicts_with_all = ["name", "all_namespaces"])]
    explain: Option<String>,
    /// The format of the output
    #[arg(short, long, default_value = "table")]
    output: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// The findings, with stable codes
    Json,
    /// Text for people
    Table,
    /// As json, in YAML
    Yaml,
}

/// The exit code of a finding.
const FINDING: u8 = 2;
/// More characters of one text than this are cut.
const LONGEST: usize = 1000;
/// How many locks with one cause are named.
const NAMED: usize = 5;

pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, args: Args) -> Result<u8, Failure> {
    let Args {
        name,
        all_namespaces,
        explain,
        output,
    } = args;
    if let Some(code) = explain {
        ui.data(&explained(&code)?)?;
        return Ok(0);
    }
    let name = name
        .as_deref()
        .map(|name| lock_name::parse_lease("doctor", name, global.namespace.as_deref()))
        .transpose()?;
    if all_namespaces && name.is_some() {
        return Err(Failure::error(
            "a lock cannot be looked for by its name across all namespaces",
        )
        .hint("name its namespace with -n"));
    }
    let session = Session::open(global).await?;
    let namespace = session.namespace.clone();
    let patients = match name.clone() {
        Some(name) => Patients::One { namespace, name },
        None if all_namespaces => Patients::All,
        None => Patients::Namespace(namespace),
    };
    let asked = clock::wall();
    let facts = Box::pin(diagnosis::gather(&session.store, &patients)).await?;
    let mut facts = facts.ok_or_else(|| {
        Attempted {
            verb: "diagnose",
            name: name.as_deref().unwrap_or_default(),
            namespace: &session.namespace,
            identity: None,
        }
        .not_found()
    })?;
    facts.read_within = Some((asked, clock::wall()));
    let findings = diagnosis::findings(&facts);
    if output == Format::Table {
        if facts.count() == 0 {
            ui.note(&match &patients {
                Patients::Namespace(namespace) => {
                    format!("No resources found in {namespace} namespace.")
                }
                _ => "No resources found".to_owned(),
            });
            return Ok(0);
        }
        ui.data(&text(&patients, &facts, &findings))?;
        if let Some(note) = Unread::told(&facts.unread) {
            ui.note(&note);
        }
    } else {
        let object = object(&facts, &findings);
        ui.data(&match output {
            Format::Yaml => output::yaml(object)?,
            _ => output::json(&object),
        })?;
    }
    Ok(if findings.is_empty() { 0 } else { FINDING })
}

fn explained(code: &str) -> Result<String, Failure> {
    if code.eq_ignore_ascii_case("all") {
        let texts: Vec<_> = Code::ALL.into_iter().map(Code::text).collect();
        return Ok(texts.join("\n\n"));
    }
    let names = || Code::ALL.map(Code::name).join(", ");
    Code::parse(code)
        .map(Code::text)
        .ok_or_else(|| Failure::error(format!("there is no finding \"{code}\"")).hint(names()))
}

/// The text for people.
fn text(patients: &Patients, facts: &Facts, findings: &[Finding]) -> String {
    if findings.is_empty() {
        return match patients {
            Patients::One { .. } => diagnosis::first_case(facts, well)
                .or_else(|| well_for_life(facts))
                .unwrap_or_default(),
            _ => format!("nothing wrong was found with {}\n", locks(facts.count())),
        };
    }
    let texts: Vec<_> = findings.iter().map(of_finding).collect();
    texts.join("\n")
}

fn locks(count: usize) -> String {
    match count {
        1 => "1 lock".to_owned(),
        count => format!("{count} locks"),
    }
}

/// How a lock stands with which nothing wrong was found.
fn well(case: &Case<'_>) -> String {
    let lock = &case.lock.snapshot;
    let shown = |text: &str| escape::cut(text, LONGEST);
    let mut text = format!(
        "lease/{} in namespace {}: nothing wrong was found\n  state:    {}\n  evidence: {}\n",
        shown(&lock.name),
        shown(&lock.namespace),
        describe::state(&case.standing),
        evidence::sentence(&case.standing, lock.record.duration_seconds),
    );
    if let (Some(identity), Some(holder)) = (lock.record.holder(), &case.holder) {
        let holder = format!("{identity}: {}", holder.sentence());
        text += &format!("  holder:   {}\n", shown(&holder));
    }
    if case.standing.state == State::Unknown {
        let next = invocation::command("wait --for expired", &lock.name, &lock.namespace);
        text += &format!("  next:     {}\n", shown(&next));
    }
    text
}

/// The same of a lock that is a `ConfigMap`.
fn well_for_life(facts: &Facts) -> Option<String> {
    let lock = facts.leaders.iter().flatten().next()?;
    let shown = |text: &str| escape::cut(text, LONGEST);
    Some(format!(
        "configmap/{} in namespace {}: nothing wrong was found\n  evidence: {}\n",
        shown(&lock.name),
        shown(&lock.namespace),
        shown(&diagnosis::leads_for_life(facts, lock)),
    ))
}

fn of_finding(finding: &Finding) -> String {
    let Finding {
        code,
        severity,
        sentence,
        evidence,
        next,
        locks,
        ..
    } = finding;
    let shown = |text: &str| escape::cut(text, LONGEST);
    let name = |lock: &LockId| {
        let kind = match lock.kind {
            Kind::Lease => "",
            Kind::ConfigMap => "configmap ",
        };
        format!("{kind}{}/{}", shown(&lock.namespace), shown(&lock.name))
    };
    let mut named: Vec<_> = locks.iter().take(NAMED).map(name).collect();
    if let Some(more) = locks.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more"));
    }
    if named.is_empty() {
        named.push("this machine".to_owned());
    }
    let mut text = format!(
        "{} {}  {}\n  {}\n",
        severity.name(),
        code.name(),
        named.join(", "),
        shown(sentence)
    );
    let mut title = "evidence:";
    for line in evidence {
        text += &format!("  {title:<9} {}\n", shown(line));
        title = "";
    }
    text + &format!("  next:     {}\n", shown(next))
}

/// The whole for programs.
fn object(facts: &Facts, findings: &[Finding]) -> Value {
    let unread: Vec<_> = facts
        .unread
        .iter()
        .map(|Unread { what, why, right }| json!({"what": what, "why": why, "right": right}))
        .collect();
    json!({
        "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
        "locks": facts.count(),
        "unread": unread,
    })
}
