//! Whether changes are welcome at a time, and when they will be.

use crate::{Freeze, Settings, calendar};

impl Settings {
    /// The freeze at a time, in seconds since 1970-01-01T00:00:00Z, if there is one; of several, the
    /// one that ends last.
    pub fn freeze(&self, at: i64) -> Option<&Freeze> {
        let freezes = self.freezes.iter().filter(|freeze| freeze.covers(at));
        freezes.max_by_key(|freeze| freeze.to)
    }

    /// Whether a time is in a window, whatever is frozen, on a clock that is `offset` seconds ahead of
    /// UTC.
    pub fn is_open(&self, at: i64, offset: i64) -> bool {
        let wall = at + offset;
        let today = wall.div_euclid(calendar::DAY);
        self.windows.is_empty()
            || self.windows.iter().any(|window| {
                // One that goes over midnight began yesterday.
                (today - 1..=today)
                    .filter_map(|day| window.begins(day))
                    .any(|begins| begins <= wall && wall < begins + window.lasts())
            })
    }

    /// The next time that is in a window and in no freeze.
    pub fn next_opening(&self, after: i64, offset: i64) -> Option<i64> {
        let mut at = after;
        // Each freeze puts it off once at most.
        for _ in 0..=self.freezes.len() {
            if !self.is_open(at, offset) {
                at = self.next_beginning(at + offset)? - offset;
            }
            match self.freeze(at) {
                Some(freeze) => at = freeze.to.0,
                None => return Some(at),
            }
        }
        None
    }

    /// When the next window begins, both on the clock that the windows go by.
    fn next_beginning(&self, wall: i64) -> Option<i64> {
        let today = wall.div_euclid(calendar::DAY);
        let days = today..=today + 7;
        let begin = days.flat_map(|day| {
            let windows = self.windows.iter();
            windows.filter_map(move |window| window.begins(day))
        });
        begin.filter(|begins| *begins > wall).min()
    }
}

impl Freeze {
    const fn covers(&self, at: i64) -> bool {
        self.from.0 <= at && at < self.to.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn settings() -> Settings {
        Settings::parse(
            r#"{
                "windows": [
                    {"days": ["mon", "tue", "wed"], "from": "09:00", "to": "17:00"},
                    {"days": ["fri"], "from": "22:00", "to": "02:00"}
                ],
                "utcOffset": "+01:00",
                "freezes": [
                    {"from": "2026-12-18T12:00:00Z", "to": "2027-01-04T08:30:00Z"},
                    {"from": "2026-12-24T00:00:00Z", "to": "2026-12-27T00:00:00Z", "reason": "Christmas"},
                    {"from": "2027-01-04T08:00:00Z", "to": "2027-01-04T17:00:00Z"}
                ]
            }"#,
        )
        .unwrap()
    }

    fn at(text: &str) -> i64 {
        calendar::rfc3339(text).unwrap()
    }

    #[test]
    fn windows_are_open_from_their_first_to_before_their_last_minute() {
        for (time, is_open) in [
            // Monday.
            ("2026-11-23T08:59:59+01:00", false),
            ("2026-11-23T09:00:00+01:00", true),
            ("2026-11-23T16:59:59+01:00", true),
            ("2026-11-23T17:00:00+01:00", false),
            // Thursday, Friday, Saturday.
            ("2026-11-26T12:00:00+01:00", false),
            ("2026-11-27T01:00:00+01:00", false),
            ("2026-11-27T22:00:00+01:00", true),
            ("2026-11-28T01:59:00+01:00", true),
            ("2026-11-28T02:00:00+01:00", false),
            ("2026-11-28T22:30:00+01:00", false),
        ] {
            assert_eq!(settings().is_open(at(time), HOUR), is_open, "{time}");
        }
        assert!(!settings().is_open(at("2026-11-23T08:30:00Z"), 0));
        assert!(settings().is_open(at("2026-11-23T08:30:00Z"), HOUR));
    }

    #[test]
    fn the_next_opening_is_after_all_freezes() {
        for (time, next) in [
            ("2026-11-23T08:59:59+01:00", "2026-11-23T09:00:00+01:00"),
            ("2026-11-23T17:00:00+01:00", "2026-11-24T09:00:00+01:00"),
            ("2026-11-25T17:00:00+01:00", "2026-11-27T22:00:00+01:00"),
            ("2026-11-28T02:00:00+01:00", "2026-11-30T09:00:00+01:00"),
            // The first freeze goes over into the third.
            ("2026-12-18T14:00:00+01:00", "2027-01-05T09:00:00+01:00"),
            ("2026-12-25T14:00:00+01:00", "2027-01-05T09:00:00+01:00"),
        ] {
            assert_eq!(
                settings().next_opening(at(time), HOUR),
                Some(at(next)),
                "{time}"
            );
        }
    }

    #[test]
    fn without_windows_only_freezes_count() {
        let mut settings = settings();
        settings.windows.clear();
        let opens = settings.next_opening(at("2026-12-25T14:00:00Z"), HOUR);
        assert_eq!(opens, Some(at("2027-01-04T17:00:00Z")));
        assert!(settings.is_open(at("2026-12-25T14:00:00Z"), HOUR));
    }

    #[test]
    fn of_several_freezes_the_one_that_ends_last_is_told() {
        let settings = settings();
        let ends = |time| settings.freeze(at(time)).map(|freeze| freeze.to.0);
        assert_eq!(
            ends("2026-12-25T14:00:00Z"),
            Some(at("2027-01-04T08:30:00Z"))
        );
        assert_eq!(
            ends("2027-01-04T08:15:00Z"),
            Some(at("2027-01-04T17:00:00Z"))
        );
        assert_eq!(ends("2027-01-04T17:00:00Z"), None);
    }
}
