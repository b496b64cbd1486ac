//! When changes are welcome, and which.

use lease_policy::{Finding, Patterns, Verbs, settings};
use serde::Deserialize;

use crate::{Clock, Freeze, Window};

/// All of its settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// When changes are welcome. Without any: always, but for the freezes.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// By which clock the windows go.
    #[serde(default, rename = "utcOffset")]
    pub clock: Clock,
    /// When they are not, whatever the windows say.
    #[serde(default)]
    pub freezes: Vec<Freeze>,
    /// Which verbs are changes.
    #[serde(default)]
    pub verbs: Verbs,
    /// In which namespaces.
    #[serde(default)]
    pub namespaces: Patterns,
    /// To which locks.
    #[serde(default)]
    pub locks: Patterns,
}

impl Settings {
    /// Reads them, and looks whether they make sense together.
    ///
    /// # Errors
    /// The field, and its rule.
    pub fn parse(text: &str) -> Result<Self, Finding> {
        let found: Self = settings::parse(text)?;
        if found.windows.is_empty() && found.freezes.is_empty() {
            let rule = r#"there is none, and no freeze: write one as {"days": ["mon"], "from": "09:00", "to": "17:00"}"#;
            return Err(settings::invalid("windows", rule));
        }
        for (at, window) in found.windows.iter().enumerate() {
            if window.days.is_empty() {
                let rule =
                    "a window needs a day on which it begins: mon, tue, wed, thu, fri, sat, sun";
                return Err(settings::invalid(&format!("windows[{at}].days"), rule));
            }
            if window.from == window.to {
                let rule = "a window ends at another time than it begins: write 00:00 and 24:00 for a whole day";
                return Err(settings::invalid(&format!("windows[{at}].to"), rule));
            }
        }
        for (at, freeze) in found.freezes.iter().enumerate() {
            if freeze.to <= freeze.from {
                let rule = "a freeze ends after it begins";
                return Err(settings::invalid(&format!("freezes[{at}].to"), rule));
            }
        }
        Ok(found)
    }
}
