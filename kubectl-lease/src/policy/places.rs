//! Where policies lie.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// Our part of each folder.
const OURS: &str = "kubectl-lease";

/// The folders of this user.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The file that says which policies there are.
    pub(crate) config: PathBuf,
    /// Where the components lie.
    #[cfg(feature = "plugins")]
    pub(crate) components: PathBuf,
    /// Where they lie once they are compiled.
    #[cfg(feature = "plugins")]
    pub(crate) compiled: PathBuf,
}

impl Places {
    /// Those that the platform names; of who has no home, none.
    pub(crate) fn find() -> Option<Self> {
        let folders = etcetera::base_strategy::choose_native_strategy().ok()?;
        Some(Self {
            config: folders.config_dir().join(OURS).join("plugins.yaml"),
            #[cfg(feature = "plugins")]
            components: folders.data_dir().join(OURS).join("plugins"),
            #[cfg(feature = "plugins")]
            compiled: folders.cache_dir().join(OURS).join("plugins"),
        })
    }
}
