//! Which clock on the wall is meant.

use serde::Deserialize;

use crate::calendar;

/// By which time zone the windows go.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub enum Clock {
    /// By that of the machine on which the verb is typed.
    #[default]
    Local,
    /// By this offset from UTC in seconds, positive east of it, summer and winter.
    Fixed(i64),
}

impl Clock {
    /// The offset from UTC in seconds, if the machine's is `local`.
    pub fn offset(self, local: i32) -> i64 {
        match self {
            Self::Local => i64::from(local),
            Self::Fixed(offset) => offset,
        }
    }
}

impl TryFrom<String> for Clock {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "local" {
            return Ok(Self::Local);
        }
        calendar::offset(&text).map(Self::Fixed).ok_or_else(|| {
            format!("{text:?} is no offset from UTC: write one as +01:00 or -05:30, or local for the machine's own")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_fixed_or_the_machines_own() {
        let clock = |text: &str| Clock::try_from(text.to_owned());
        for (text, local, seconds) in [
            ("+01:00", 0, 3600),
            ("-05:30", 0, -19800),
            ("+00:00", 7200, 0),
            ("local", 7200, 7200),
        ] {
            assert_eq!(clock(text).unwrap().offset(local), seconds, "{text}");
        }
        for text in [
            "",
            "UTC",
            "01:00",
            "+1:00",
            "+01",
            "+14:01",
            "+01:60",
            "é1:00",
            "Europe/Berlin",
        ] {
            assert!(
                clock(text).unwrap_err().contains("write one as +01:00"),
                "{text}"
            );
        }
    }
}
