//! The policies of this user as files: found, checked, compiled, loaded.

use std::env;
use std::fmt;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lease_policy_host::{
    Cache, CompileLimits, Digest, Distrust, Host, Policy, check_file, check_folder,
    compile_in_child, limits, make_folder,
};
use tempfile::NamedTempFile;

use super::configured::Unreadable;
use super::{Configured, Entry, Places};
use crate::invocation;
use crate::ui::Ui;

/// A component that is larger takes so long to compile that it is told.
const TAKES_LONG: usize = 512 * 1024;

/// What runs policies, and where they lie.
#[derive(Clone, Debug)]
pub(crate) struct Library {
    pub(crate) host: Host,
    places: Places,
}

/// Why a policy cannot be asked. It reads after its name: "NAME is not there: …".
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It is not what was added.
    Changed { file: PathBuf },
    /// Others may write to it, or it cannot be read.
    Distrusted(Distrust),
    /// It is wrong in itself, or with its settings.
    Host(lease_policy_host::Error),
    /// Its component is not there.
    Missing { file: PathBuf },
    /// What is configured for it is no digest, or another thing is wrong here.
    Other(String),
}

impl Trouble {
    /// What to type to mend it, besides doing without the policy.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            Self::Distrusted(distrust) => remedy(distrust),
            _ => None,
        }
    }

    /// How to have the policy again that is configured so, if it is known.
    pub(crate) fn mend(&self, entry: &Entry) -> Option<String> {
        match self {
            Self::Changed { .. } | Self::Missing { .. } => Some(format!(
                "have it back by adding the same file again: `{} plugin add FILE --name {} --sha256 \
                 {} --mode {} --settings {}`",
                *invocation::NAME,
                entry.name,
                entry.sha256,
                entry.mode.name(),
                invocation::quoted(&entry.settings())
            )),
            Self::Host(lease_policy_host::Error::Settings { .. }) => Some(format!(
                "mend its settings in {}",
                Places::find()?.config.display()
            )),
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { file } => write!(
                f,
                "is not what was added: the SHA-256 of {} is another",
                file.display()
            ),
            Self::Distrusted(distrust) => write!(f, "is not trusted: {distrust}"),
            Self::Host(error) => write!(f, "{error}"),
            Self::Missing { file } => write!(f, "is not there: {} is missing", file.display()),
            Self::Other(why) => write!(f, "{why}"),
        }
    }
}

impl From<lease_policy_host::Error> for Trouble {
    fn from(error: lease_policy_host::Error) -> Self {
        Self::Host(error)
    }
}

impl From<Distrust> for Trouble {
    fn from(distrust: Distrust) -> Self {
        Self::Distrusted(distrust)
    }
}

impl Library {
    /// That of this user.
    ///
    /// # Errors
    /// The user has no home, or this machine cannot run policies.
    pub(crate) fn open() -> Result<Self, Trouble> {
        let places = Places::find()
            .ok_or_else(|| Trouble::Other("there is no home folder to keep it in".to_owned()))?;
        Ok(Self {
            host: Host::new()?,
            places,
        })
    }

    pub(crate) const fn places(&self) -> &Places {
        &self.places
    }

    /// Where the component of a digest lies.
    pub(crate) fn file(&self, digest: Digest) -> PathBuf {
        self.places.components.join(format!("{digest}.wasm"))
    }

    /// The policy that is configured so, ready to be asked.
    ///
    /// # Errors
    /// It is not there, not what was added, not trusted, or no policy.
    pub(crate) fn policy(&self, ui: Option<&Ui>, entry: &Entry) -> Result<Policy, Trouble> {
        let digest: Digest = entry.sha256.parse().map_err(Trouble::Other)?;
        let component = self.component(digest)?;
        let say = || {
            if let Some(ui) = ui.filter(|_| component.len() > TAKES_LONG) {
                let name = &entry.name;
                ui.note(&format!("policy {name} is compiled for this machine, once"));
            }
        };
        self.compiled(&component, digest, CompileLimits::default().time, say)
    }

    /// The component of a digest, after it was checked.
    pub(crate) fn component(&self, digest: Digest) -> Result<Vec<u8>, Trouble> {
        let file = self.file(digest);
        match check_file(&file) {
            Err(distrust) if distrust.is_absent() => return Err(Trouble::Missing { file }),
            result => result?,
        };
        check_folder(&self.places.components)?;
        let component = read(&file)?;
        if Digest::of(&component) != digest {
            return Err(Trouble::Changed { file });
        }
        Ok(component)
    }

    /// A component as machine code: what was kept of it, or made of it now by a process of its own,
    /// within this time. `say` is called before that.
    pub(crate) fn compiled(
        &self,
        component: &[u8],
        digest: Digest,
        time: Duration,
        say: impl FnOnce(),
    ) -> Result<Policy, Trouble> {
        let cache = Cache::open(&self.places.compiled)?;
        if let Some(policy) = cache.find(&self.host, digest)? {
            return Ok(policy);
        }
        say();
        let limits = CompileLimits {
            time,
            ..CompileLimits::default()
        };
        let compiled = compile_in_child(compiler(limits)?, component, cache.folder(), limits)?;
        cache.keep(&self.host, digest, &compiled)?;
        cache
            .find(&self.host, digest)?
            .ok_or_else(|| Trouble::Other("cannot be loaded once it is compiled".to_owned()))
    }

    /// Keeps a component.
    pub(crate) fn keep(&self, digest: Digest, component: &[u8]) -> Result<(), Trouble> {
        make_folder(&self.places.components)?;
        let file = self.file(digest);
        let write = || {
            let mut new = NamedTempFile::new_in(&self.places.components)?;
            new.write_all(component)?;
            new.persist(&file)?;
            Ok::<_, std::io::Error>(())
        };
        write().map_err(|error| {
            Trouble::Other(format!("{} cannot be written: {error}", file.display()))
        })
    }

    /// Removes the component of a policy that is no more, and all that was compiled of it, unless
    /// another policy is the same component.
    pub(crate) fn forget(&self, gone: &Entry, configured: &Configured) -> Result<(), Trouble> {
        let is_used = |other: &Entry| other.sha256 == gone.sha256;
        let Ok(digest) = gone.sha256.parse() else {
            return Ok(());
        };
        if configured.plugins.iter().any(is_used) {
            return Ok(());
        }
        if let Ok(cache) = Cache::open(&self.places.compiled) {
            cache.forget(digest);
        }
        let file = self.file(digest);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Trouble::Other(
                format!("{} cannot be removed: {error}", file.display()),
            )),
            _ => Ok(()),
        }
    }
}

/// Reads a component, if it is not too large.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Trouble> {
    let cannot = |error: std::io::Error| {
        Trouble::Other(format!("cannot be read: {}: {error}", file.display()))
    };
    let open = File::open(file).map_err(cannot)?;
    let length = open.metadata().map_err(cannot)?.len();
    if length > limits::COMPONENT_BYTES {
        return Err(lease_policy_host::Error::TooLarge.into());
    }
    let mut component = Vec::new();
    open.take(limits::COMPONENT_BYTES + 1)
        .read_to_end(&mut component)
        .map_err(cannot)?;
    Ok(component)
}

/// This program, told to compile. It needs nothing of the environment.
fn compiler(limits: CompileLimits) -> Result<Command, Trouble> {
    let this = env::current_exe()
        .map_err(|error| Trouble::Other(format!("cannot be compiled: {error}")))?;
    let mut compiler = Command::new(this);
    compiler
        .env_clear()
        .arg("compile-policy")
        .arg(limits.memory.to_string())
        .arg(limits.time.as_millis().to_string());
    Ok(compiler)
}

/// Waits until nobody else changes which policies there are, for as long as what is returned lives.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn lock(places: &Places) -> Result<File, Trouble> {
    make_folder(&places.components)?;
    let path = places.components.join("lock");
    let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| Trouble::Other(format!("{}: {error}", path.display())))
}

/// Checks that nobody else may write to the file that says which policies there are.
pub(super) fn check(file: &Path) -> Result<(), Unreadable> {
    let unreadable = |distrust: Distrust| Unreadable {
        why: distrust.to_string(),
        hint: remedy(&distrust),
    };
    check_file(file).map_err(unreadable)?;
    match file.parent() {
        Some(folder) => check_folder(folder).map_err(unreadable),
        None => Ok(()),
    }
}

fn remedy(distrust: &Distrust) -> Option<String> {
    let command = distrust.remedy()?;
    let path = invocation::quoted(&distrust.path().to_string_lossy());
    Some(format!("{command} {path}"))
}
