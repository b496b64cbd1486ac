//! The hours of a week, as a clock on the wall tells them.

use serde::Deserialize;

use crate::calendar;

/// A day of the week.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "they are the days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// A minute of the day: 0 to 1440, which is the midnight at its end.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct Minute(pub i64);

impl TryFrom<String> for Minute {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let rule =
            || format!("{text:?} is no time of day: write hours and minutes, 00:00 to 24:00");
        calendar::numbers(&text, ':', [2, 2])
            .filter(|[hours, minutes]| *minutes < 60 && hours * 60 + minutes <= 1440)
            .map(|[hours, minutes]| Self(hours * 60 + minutes))
            .ok_or_else(rule)
    }
}

/// Hours of some days of the week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it begins.
    pub days: Vec<Day>,
    /// When it begins.
    pub from: Minute,
    /// When it is over; on the next day, if that is earlier than when it begins.
    pub to: Minute,
}

impl Window {
    /// When it begins on a day since 1970-01-01, in seconds since then on the clock that the windows
    /// go by; `None` if it does not.
    pub fn begins(&self, day: i64) -> Option<i64> {
        let weekday = calendar::weekday(day);
        let is_meant = self.days.iter().any(|of_week| *of_week as i64 == weekday);
        is_meant.then_some(day * calendar::DAY + self.from.0 * 60)
    }

    /// How long it is, in seconds.
    pub const fn lasts(&self) -> i64 {
        let minutes = self.to.0 - self.from.0;
        60 * if minutes > 0 { minutes } else { minutes + 1440 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(text: &str) -> Result<Minute, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_time_of_day_has_hours_and_minutes() {
        for (text, minutes) in [
            ("00:00", 0),
            ("09:30", 570),
            ("23:59", 1439),
            ("24:00", 1440),
        ] {
            assert_eq!(minute(text), Ok(Minute(minutes)));
        }
        for text in [
            "", "9:30", "09.30", "24:01", "12:60", "12:3", "+1:00", "09:30:00", "ab:cd",
        ] {
            let rule = minute(text).unwrap_err();
            assert!(
                rule.ends_with("write hours and minutes, 00:00 to 24:00"),
                "{rule}"
            );
        }
    }

    #[test]
    fn what_ends_before_it_begins_goes_over_midnight() {
        for (from, to, minutes) in [
            ("09:00", "17:00", 480),
            ("22:00", "02:00", 240),
            ("00:00", "24:00", 1440),
            ("22:00", "00:00", 120),
            ("22:00", "24:00", 120),
        ] {
            let (from, to) = (minute(from).unwrap(), minute(to).unwrap());
            let window = Window {
                days: vec![Day::Mon],
                from,
                to,
            };
            assert_eq!(window.lasts(), minutes * 60, "{from:?} {to:?}");
        }
    }

    #[test]
    fn it_begins_on_its_days() {
        let (from, to) = (Minute(600), Minute(660));
        let window = Window {
            days: vec![Day::Mon, Day::Sun],
            from,
            to,
        };
        // The fifth day of 1970 was a Monday.
        let begins: Vec<_> = (2..=5).map(|day| window.begins(day)).collect();
        let at = |day| Some(day * calendar::DAY + 36_000);
        assert_eq!(begins, [None, at(3), at(4), None]);
    }
}
