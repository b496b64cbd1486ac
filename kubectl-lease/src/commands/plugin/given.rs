//! A policy as it was typed: the name of one that was added, or a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lease_policy_host::{Digest, Policy, World};
use serde_json::Value;

use crate::escape;
use crate::failure::Failure;
use crate::invocation;
use crate::policy::{Configured, Entry, Library, Trouble, read_component};
use crate::ui::Ui;

/// The longest settings that are read.
const LONGEST: u64 = 1024 * 1024;

/// A component that was read and checked, and is compiled.
pub(super) struct Given {
    /// What it was typed as.
    pub(super) typed: String,
    /// Where it lies.
    pub(super) file: PathBuf,
    pub(super) component: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) policy: Policy,
    pub(super) world: World,
    /// How it is configured, if it was added.
    pub(super) entry: Option<Entry>,
}

/// Whether this names a file: names of policies have neither a dot nor a slash.
fn is_file(typed: &str) -> bool {
    typed.contains(['.', '/'])
}

impl Given {
    /// Finds a policy by its name or its file.
    pub(super) fn find(ui: &Ui, library: &Library, typed: &str) -> Result<Self, Failure> {
        if is_file(typed) {
            let time = lease_policy_host::CompileLimits::default().time;
            return Self::from_file(ui, library, Path::new(typed), None, time);
        }
        let configured = configured()?;
        let entry = configured.of_name(typed).ok_or_else(|| not_there(typed))?;
        let wrong = |trouble: Trouble| {
            let failure = of_policy(typed, &trouble);
            failure.hints(trouble.mend(entry))
        };
        let digest: Digest = entry
            .sha256
            .parse()
            .map_err(|error| wrong(Trouble::Other(error)))?;
        let component = library.component(digest).map_err(wrong)?;
        let world = World::of(&component).map_err(|error| wrong(error.into()))?;
        let policy = library.policy(Some(ui), entry).map_err(wrong)?;
        Ok(Self {
            typed: typed.to_owned(),
            file: library.file(digest),
            component,
            digest,
            policy,
            world,
            entry: Some(entry.clone()),
        })
    }

    /// Reads a policy from a file, which has to be this one if a digest is given, and compiles it
    /// within this time.
    pub(super) fn from_file(
        ui: &Ui,
        library: &Library,
        file: &Path,
        expected: Option<Digest>,
        time: Duration,
    ) -> Result<Self, Failure> {
        let typed = file.display().to_string();
        let wrong = |trouble: Trouble| of_policy(&typed, &trouble);
        let component = read_component(file).map_err(wrong)?;
        let digest = Digest::of(&component);
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(
                Failure::error(format!("{} is not what was expected", shown(&typed)))
                    .cause(format!("its SHA-256 is {digest}, not {expected}")),
            );
        }
        let world = World::of(&component).map_err(|error| wrong(error.into()))?;
        let say = || {
            if component.len() > 512 * 1024 {
                ui.note(&format!("{typed} is compiled for this machine, once"));
            }
        };
        let policy = library.compiled(&component, digest, time, say);
        let policy = policy.map_err(wrong)?;
        Ok(Self {
            file: file.to_owned(),
            component,
            digest,
            policy,
            world,
            entry: None,
            typed,
        })
    }

    /// What is wrong with it, told with what it was typed as.
    pub(super) fn wrong(&self, trouble: impl Into<Trouble>) -> Failure {
        of_policy(&self.typed, &trouble.into())
    }
}

/// The policies that there are.
pub(super) fn configured() -> Result<Configured, Failure> {
    Configured::read().map_err(|unreadable| {
        let failure =
            Failure::error("which policies there are cannot be read").cause(unreadable.why);
        match unreadable.hint {
            Some(command) => failure.hint(format!("only you should write there: `{command}`")),
            None => failure,
        }
    })
}

/// The policies of this user.
pub(super) fn library() -> Result<Library, Failure> {
    Library::open().map_err(|trouble| {
        Failure::error("there can be no policies here").cause(trouble.to_string())
    })
}

/// There is no policy of that name.
pub(super) fn not_there(name: &str) -> Failure {
    Failure::error(format!("there is no policy \"{name}\""))
        .hint(format!(
            "see those that there are with `{} plugin ls`",
            *invocation::NAME
        ))
        .hint("a file is told by a dot or a slash: ./policy.wasm")
}

fn of_policy(typed: &str, trouble: &Trouble) -> Failure {
    let failure = Failure::error(format!("{} {trouble}", shown(typed)));
    match trouble.remedy() {
        Some(command) => failure.hint(format!("only you should write there: `{command}`")),
        None => failure,
    }
}

/// What was typed, in front of what is wrong with it.
fn shown(typed: &str) -> String {
    if is_file(typed) {
        escape::cut(typed, 200)
    } else {
        format!("policy {}", escape::cut(typed, 200))
    }
}

/// Settings as they were typed: JSON, or `@` and a file with JSON or YAML.
pub(super) fn settings(typed: &str) -> Result<Value, Failure> {
    let (text, from) = match typed.strip_prefix('@') {
        None => (typed.to_owned(), "--settings".to_owned()),
        Some(file) => (text_of(Path::new(file))?, file.to_owned()),
    };
    let read = if typed.starts_with('@') {
        // JSON is YAML, too.
        serde_saphyr::from_str(&text).map_err(|error| error.to_string())
    } else {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    read.map_err(|error: String| {
        let first = error.lines().next().unwrap_or_default();
        let first = first.trim_start_matches("error: ").to_owned();
        Failure::error(format!("the settings in {from} cannot be read")).cause(first)
    })
}

/// A text from a file that somebody named.
pub(super) fn text_of(file: &Path) -> Result<String, Failure> {
    let cannot =
        |why: String| Failure::error(format!("{} cannot be read", file.display())).cause(why);
    let metadata = std::fs::metadata(file).map_err(|error| cannot(error.to_string()))?;
    if metadata.len() > LONGEST {
        return Err(cannot(format!("it has more than {LONGEST} bytes")));
    }
    std::fs::read_to_string(file).map_err(|error| cannot(error.to_string()))
}
