//! Durations as people type them.

use std::time::Duration;

use jiff::SignedDuration;
use lease_core::lease_seconds;

/// The longest duration, which is the longest of a lease. Sums of some of them do not overflow.
const LONGEST: Duration = Duration::from_secs(i32::MAX.unsigned_abs() as u64);
/// The shortest time between two requests for the same thing.
const SHORTEST_PERIOD: Duration = Duration::from_millis(100);

/// Reads `15s`, `1m30s`, `500ms`, or a plain number of seconds, as kubectl's flags take them.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let duration = if let Ok(seconds) = text.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let parsed: SignedDuration = text
            .parse()
            .map_err(|_| "a duration looks like 500ms, 15s, 1m30s or 12h".to_owned())?;
        Duration::try_from(parsed).map_err(|_| "a duration cannot be negative".to_owned())?
    };
    if duration > LONGEST {
        return Err(format!(
            "a duration is {}s at most, as that of a lease",
            LONGEST.as_secs()
        ));
    }
    Ok(duration)
}

/// Reads how often something is asked of the API server.
pub(crate) fn parse_period(text: &str) -> Result<Duration, String> {
    let period = parse(text)?;
    if period < SHORTEST_PERIOD {
        return Err(format!(
            "each period is a request to the API server: {}ms is the shortest",
            SHORTEST_PERIOD.as_millis()
        ));
    }
    Ok(period)
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
        assert_eq!(parse("2147483647"), Ok(LONGEST));
        assert!(parse("2147483647.1s").is_err());
        assert!(parse("18446744073709551615").is_err());
        assert!(parse_limit("2147483648s").is_err());
        assert!(parse_period("99ms").is_err());
        assert_eq!(parse_period("100ms"), Ok(SHORTEST_PERIOD));
        assert_eq!(parse_limit("0"), Ok(Limit::Never));
        assert_eq!(parse_limit("2s"), Ok(Limit::After(Duration::from_secs(2))));
        assert!(parse_lease("1.5s").is_err());
        assert!(parse_lease("0s").is_err());
        assert_eq!(parse_lease("5m"), Ok(300));
    }
}
