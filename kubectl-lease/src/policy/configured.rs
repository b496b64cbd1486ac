//! The file that says which policies there are: `plugins.yaml`. People may edit it.

use std::fs;
use std::io::ErrorKind;
#[cfg(feature = "plugins")]
use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Verb;
use super::places::Places;

/// The most bytes that the file may have.
const LONGEST: u64 = 4 * 1024 * 1024;
/// What stands over the policies.
#[cfg(feature = "plugins")]
const HEADING: &str = "\
# The policies of `kubectl lease`, which `kubectl lease plugin` writes. mode is enforce or monitor;
# settings are what the policy takes (`kubectl lease plugin inspect NAME`); of verbs that are not
# listed, it is not asked.
";

/// The policies that there are.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configured {
    #[serde(default)]
    pub(crate) plugins: Vec<Entry>,
}

/// One policy.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Of its component, by which that is found.
    pub(crate) sha256: String,
    #[serde(default)]
    pub(crate) mode: Mode,
    /// What it is asked about: what it says of itself, when it is added.
    pub(crate) verbs: Vec<String>,
    /// Whether it wants to know who holds a lock.
    #[serde(default)]
    pub(crate) wants_holder: bool,
    #[serde(default = "no_settings")]
    pub(crate) settings: Value,
}

/// What comes of what a policy says.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "plugins", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// What it denies is not done
    #[default]
    Enforce,
    /// What it denies is done all the same, and told
    Monitor,
}

#[cfg(feature = "plugins")]
impl Mode {
    /// As it is typed.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Monitor => "monitor",
        }
    }
}

fn no_settings() -> Value {
    Value::Object(serde_json::Map::new())
}

/// Why it is not known which policies there are.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "plugins"),
    expect(dead_code, reason = "nobody is asked in a lean build")
)]
pub(crate) struct Unreadable {
    pub(crate) why: String,
    pub(crate) hint: Option<String>,
}

impl Unreadable {
    fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            hint: None,
        }
    }
}

impl Entry {
    /// Whether it is asked about a verb.
    pub(crate) fn is_asked_about(&self, verb: Verb) -> bool {
        self.verbs.iter().any(|listed| listed == verb.name())
    }

    /// Its settings, as it is given them.
    #[cfg(feature = "plugins")]
    pub(crate) fn settings(&self) -> String {
        self.settings.to_string()
    }
}

impl Configured {
    /// Reads the file; where there is none, there are no policies.
    ///
    /// # Errors
    /// It cannot be read, says what it cannot, or others may write to it.
    pub(crate) fn read() -> Result<Self, Unreadable> {
        // Who has no home has nothing there.
        let Some(Places { config: file, .. }) = Places::find() else {
            return Ok(Self::default());
        };
        let unreadable = |why: String| Unreadable::new(format!("{}: {why}", file.display()));
        match fs::metadata(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if fs::symlink_metadata(&file).is_ok() {
                    // Whoever made that link has policies somewhere.
                    return Err(unreadable("it is a link to what is not there".to_owned()));
                }
                return Ok(Self::default());
            }
            Err(error) => return Err(unreadable(error.to_string())),
            // What is written here begins with a heading: this is what a crash left of it.
            Ok(metadata) if metadata.len() == 0 => {
                return Err(unreadable("it is empty".to_owned()));
            }
            Ok(metadata) if metadata.len() > LONGEST => {
                return Err(unreadable(format!("it has more than {LONGEST} bytes")));
            }
            Ok(_) => {}
        }
        #[cfg(feature = "plugins")]
        super::library::check(&file)?;
        let text = fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
        let of_text = || -> Result<Self, String> {
            if text
                .lines()
                .all(|line| line.trim().is_empty() || line.starts_with('#'))
            {
                return Ok(Self::default());
            }
            let configured: Self = serde_saphyr::from_str(&text).map_err(|error| {
                // It draws where that is, over several lines.
                let error = error.to_string();
                let first = error.lines().next().unwrap_or_default();
                first.trim_start_matches("error: ").to_owned()
            })?;
            configured.check()?;
            Ok(configured)
        };
        of_text().map_err(unreadable)
    }

    fn check(&self) -> Result<(), String> {
        for (index, entry) in self.plugins.iter().enumerate() {
            if self.plugins[..index]
                .iter()
                .any(|other| other.name == entry.name)
            {
                return Err(format!("two policies are called \"{}\"", entry.name));
            }
            if let Some(verb) = entry.verbs.iter().find(|verb| !Verb::is_one(verb)) {
                let all = Verb::ALL.map(Verb::name).join(", ");
                return Err(format!(
                    "policy {} is to be asked about \"{verb}\", which is none of {all}",
                    entry.name
                ));
            }
        }
        Ok(())
    }

    /// The policy of this name.
    #[cfg(feature = "plugins")]
    pub(crate) fn of_name(&self, name: &str) -> Option<&Entry> {
        self.plugins.iter().find(|entry| entry.name == name)
    }

    /// Replaces the file as a whole.
    ///
    /// # Errors
    /// It cannot be written, in words.
    #[cfg(feature = "plugins")]
    pub(crate) fn write(&self, places: &Places) -> Result<(), String> {
        let cannot =
            |error: String| format!("{} cannot be written: {error}", places.config.display());
        let Some(folder) = places.config.parent() else {
            return Err(cannot("it has no folder".to_owned()));
        };
        lease_policy_host::make_folder(folder).map_err(|error| cannot(error.to_string()))?;
        // A link leads to where the file is kept, among other settings say.
        let file = fs::canonicalize(&places.config).unwrap_or_else(|_| places.config.clone());
        let text = serde_saphyr::to_string(self).map_err(|error| cannot(error.to_string()))?;
        let write = || {
            let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(folder))?;
            new.write_all(HEADING.as_bytes())?;
            new.write_all(text.as_bytes())?;
            // Else a crash may leave an empty file in its place.
            new.as_file().sync_all()?;
            new.persist(&file)?;
            Ok::<_, std::io::Error>(())
        };
        write().map_err(|error| cannot(error.to_string()))
    }
}

/// Whether a policy wants to be asked about a verb, or that is not known.
pub(super) fn may_ask_about(verb: Verb) -> bool {
    Configured::read().map_or(true, |configured| {
        configured
            .plugins
            .iter()
            .any(|entry| entry.is_asked_about(verb))
    })
}
