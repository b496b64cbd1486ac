//! Durations as people type them.

use std::time::Duration;

use jiff::SignedDuration;
use lease_core::lease_seconds;

/// Reads `15s`, `1m30s`, `500ms`, or a plain number of seconds, as kubectl's flags take them.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let parsed: SignedDuration = text
        .parse()
        .map_err(|_| "a duration looks like 500ms, 15s, 1m30s or 12h".to_owned())?;
    Duration::try_from(parsed).map_err(|_| "a duration cannot be negative".to_owned())
}

/// How long something may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Limit {
    After(Duration),
    Never,
}

impl Limit {
    /// As an option, which is `None` for no limit.
    pub(crate) const fn after(self) -> Option<Duration> {
        match self {
            Self::After(duration) => Some(duration),
            Self::Never => None,
        }
    }
}

/// Reads a time limit, of which 0 is none, as in kubectl.
pub(crate) fn parse_limit(text: &str) -> Result<Limit, String> {
    Ok(match parse(text)? {
        Duration::ZERO => Limit::Never,
        limit => Limit::After(limit),
    })
}

/// Reads a lease duration, which is whole seconds.
pub(crate) fn parse_lease(text: &str) -> Result<i32, String> {
    lease_seconds(parse(text)?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(parse("15"), Ok(Duration::from_secs(15)));
        assert_eq!(parse("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert!(parse("-1s").is_err());
        assert!(parse("soon").is_err());
        assert_eq!(parse_limit("0"), Ok(Limit::Never));
        assert_eq!(parse_limit("2s"), Ok(Limit::After(Duration::from_secs(2))));
        assert!(parse_lease("1.5s").is_err());
        assert!(parse_lease("0s").is_err());
        assert_eq!(parse_lease("5m"), Ok(300));
    }
}
