//! Kubernetes' `MicroTime` as text: RFC 3339 with exactly six decimals, in UTC.
//!
//! The API server refuses any other number of decimals, and keeps years up to 9999, which is
//! more than [`jiff::Timestamp`] covers, so civil time does the arithmetic here.

use std::fmt;

use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Timestamp as Moment};
use lease_core::Timestamp;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// Reads a time as the API server writes it; also one with an offset or other decimals. `None`
/// if it is no time.
pub fn parse(text: &str) -> Option<Timestamp> {
    if let Some(civil) = text.strip_suffix('Z') {
        let civil: DateTime = civil.parse().ok()?;
        return micros(civil.duration_since(EPOCH));
    }
    let moment: Moment = text.parse().ok()?;
    Some(Timestamp::from_micros(moment.as_microsecond()))
}

/// Writes a time for the API server. Times outside the years 1 to 9999, which no server keeps,
/// become the nearest that is.
pub fn format(time: Timestamp) -> String {
    format!("{:.6}Z", civil(time))
}

/// Writes a time for people: whole seconds in UTC.
pub fn format_seconds(time: Timestamp) -> String {
    format!("{:.0}Z", civil(time))
}

fn civil(time: Timestamp) -> DateTime {
    const FIRST: DateTime = date(1, 1, 1).at(0, 0, 0, 0);
    const LAST: DateTime = date(9999, 12, 31).at(23, 59, 59, 999_999_000);
    EPOCH
        .saturating_add(SignedDuration::from_micros(time.as_micros()))
        .clamp(FIRST, LAST)
}

fn micros(since_epoch: SignedDuration) -> Option<Timestamp> {
    // Rounds towards the past, so that a time never looks younger than it is written.
    let nanos = since_epoch.as_nanos().div_euclid(1000);
    i64::try_from(nanos).ok().map(Timestamp::from_micros)
}

/// A time in an object, read in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(Option<Timestamp>);

impl Time {
    /// `None` if the text was no time.
    pub(crate) const fn known(self) -> Option<Timestamp> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time as a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                Ok(Time(parse(text)))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_edges_of_what_the_server_keeps() {
        for text in [
            "0001-01-01T00:00:00.000000Z",
            "1969-12-31T23:59:59.999999Z",
            "2026-11-21T01:02:03.000004Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(parse("0001-01-01T00:00:00Z"), Some(Timestamp::GO_ZERO));
        assert_eq!(
            parse("2026-11-21T03:02:03+02:00"),
            parse("2026-11-21T01:02:03Z")
        );
        assert_eq!(parse("tomorrow"), None);
        assert_eq!(
            format(Timestamp::from_micros(i64::MAX)),
            "9999-12-31T23:59:59.999999Z"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(
            micros in Timestamp::GO_ZERO.as_micros()..253_402_300_800_000_000_i64
        ) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(parse(&format(time)), Some(time));
        }
    }
}
