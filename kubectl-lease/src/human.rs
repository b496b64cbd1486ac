//! Durations and times for people, as kubectl writes them.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp as Moment;
use jiff::tz::TimeZone;
use lease_core::{Expiry, Timestamp};

/// The time zone of this machine, or of `TZ`; UTC if that is not known.
static ZONE: LazyLock<TimeZone> = LazyLock::new(TimeZone::system);

/// A duration in the two units that matter, as kubectl's AGE column has it
/// (`duration.HumanDuration` in apimachinery).
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 120 {
        return format!("{seconds}s");
    }
    let minutes = seconds / 60;
    if minutes < 10 {
        return two(minutes, "m", seconds % 60, "s");
    }
    if minutes < 180 {
        return format!("{minutes}m");
    }
    let hours = minutes / 60;
    if hours < 8 {
        return two(hours, "h", minutes % 60, "m");
    }
    if hours < 48 {
        return format!("{hours}h");
    }
    let days = hours / 24;
    if days < 8 {
        return two(days, "d", hours % 24, "h");
    }
    if days < 730 {
        return format!("{days}d");
    }
    let years = days / 365;
    if years < 8 {
        return two(years, "y", days % 365, "d");
    }
    format!("{years}y")
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit}{small}{small_unit}")
    }
}

/// A duration to the tenth of a second, for arithmetic that people check.
pub(crate) fn seconds(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{}s", tenths / 10)
    } else {
        format!("{}.{}s", tenths / 10, tenths % 10)
    }
}

/// How long ago.
pub(crate) fn ago(age: Duration) -> String {
    format!("{} ago", duration(age))
}

/// When a lease ends; to the second that has begun, as countdowns are read.
pub(crate) fn expiry(expiry: Expiry) -> String {
    match expiry {
        Expiry::In(left) => format!(
            "in {}",
            duration(left.saturating_add(Duration::from_millis(999)))
        ),
        Expiry::Ago(over) => ago(over),
    }
}

/// When a lease ends that was renewed then, and how much of it is left.
pub(crate) fn ends(renewed: Option<Timestamp>, lasts: Duration, left: Duration) -> String {
    // To the nearest second, since a request takes some of the first.
    let left = Duration::from_secs((left + Duration::from_millis(500)).as_secs());
    let end = renewed.map_or_else(String::new, |renewed| time(renewed.saturating_add(lasts)));
    format!("{end} (in {}) unless renewed", duration(left))
}

/// A wall-clock time in whole seconds, UTC.
pub(crate) fn time(time: Timestamp) -> String {
    lease_client::micro_time::format_seconds(time)
}

/// A wall-clock time where this machine is, in whole seconds.
pub(crate) fn local_time(time: Timestamp) -> String {
    in_zone(time, "%Y-%m-%d %H:%M:%S")
}

/// A time of the day where this machine is, in milliseconds.
pub(crate) fn local_time_of_day(time: Timestamp) -> String {
    in_zone(time, "%H:%M:%S.%3f")
}

fn in_zone(time: Timestamp, format: &str) -> String {
    match Moment::from_microsecond(time.as_micros()) {
        Ok(moment) => moment.to_zoned(ZONE.clone()).strftime(format).to_string(),
        // No clock shows the year 10,000.
        Err(_) => self::time(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_kubectl_writes_them() {
        for (seconds, text) in [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (10_860, "3h1m"),
            (28_800, "8h"),
            (172_800, "2d"),
            (176_400, "2d1h"),
            (691_200, "8d"),
            (63_072_000, "2y"),
            (63_158_400, "2y1d"),
            (2_147_483_647, "68y"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(expiry(Expiry::In(Duration::from_millis(14_001))), "in 15s");
        assert_eq!(expiry(Expiry::In(Duration::from_secs(14))), "in 14s");
        assert_eq!(expiry(Expiry::Ago(Duration::from_millis(1999))), "1s ago");
        assert_eq!(duration(Duration::MAX), "584942417355y");
        assert_eq!(super::seconds(Duration::from_millis(57_200)), "57.2s");
        assert_eq!(super::seconds(Duration::from_secs(78)), "78s");
    }
}
