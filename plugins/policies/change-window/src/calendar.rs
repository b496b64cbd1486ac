//! Days, hours and dates, without a library of all time zones, which is most of what a policy
//! would weigh.

/// A day has as many seconds: leap seconds are not counted in the time that computers keep.
pub(crate) const DAY: i64 = 86_400;

/// The last second of the year 9999, since 1970-01-01T00:00:00Z.
const LAST: i64 = 253_402_300_799;

/// Whether a time, in seconds since 1970-01-01T00:00:00Z, is one that has a date in four digits.
pub(crate) const fn is_time(seconds: i64) -> bool {
    0 <= seconds && seconds <= LAST
}

/// The day of the week of a day since 1970-01-01, which was a Thursday: 0 is Monday.
pub(crate) const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// Year, month and day of a day since 1970-01-01.
pub(crate) const fn date(day: i64) -> (i64, i64, i64) {
    // Years that begin in March have the leap day at their end; and every 400 of them, an era, have
    // the same number of days.
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Their months have 31 and 30 days in turns of five, 153 in all.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (400 * era + year + next, month, day)
}

/// The day since 1970-01-01 of a date, if there is one.
pub(crate) fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let shifted = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (shifted.0.div_euclid(400), shifted.0.rem_euclid(400));
    let of_year = (153 * shifted.1 + 2) / 5 + day - 1;
    let found = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    // The 31st of April is the first of May.
    (date(found) == (year, month, day)).then_some(found)
}

/// A time as RFC 3339 has it, in seconds since 1970-01-01T00:00:00Z. Fractions are cut off.
pub(crate) fn rfc3339(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let [year, month, of_month] = numbers(date, '-', [4, 2, 2])?;
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hours, minutes, seconds] = numbers(time, ':', [2, 2, 2])?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    // A leap second is the first one of the next minute to computers.
    if !is_fraction || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let offset = if zone.eq_ignore_ascii_case("Z") {
        0
    } else {
        offset(zone)?
    };
    let day = day(year, month, of_month)?;
    let at = day * DAY + hours * 3600 + minutes * 60 + seconds - offset;
    is_time(at).then_some(at)
}

/// An offset from UTC, `+01:00`, in seconds, positive east of it. No place on earth has more than 14
/// hours.
pub(crate) fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let [hours, minutes] = numbers(rest, ':', [2, 2])?;
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && seconds <= 14 * 3600).then_some(sign * seconds)
}

/// Numbers of so many digits each.
pub(crate) fn numbers<const N: usize>(
    text: &str,
    between: char,
    digits: [usize; N],
) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// A time on a clock that is so many seconds ahead of UTC: `Mon 2026-11-23 09:00 +01:00`.
pub(crate) fn told(at: i64, offset: i64) -> String {
    let wall = at + offset;
    let today = wall.div_euclid(DAY);
    let minutes = wall.rem_euclid(DAY) / 60;
    let weekday = match weekday(today) {
        0 => "Mon",
        1 => "Tue",
        2 => "Wed",
        3 => "Thu",
        4 => "Fri",
        5 => "Sat",
        _ => "Sun",
    };
    let (year, month, day) = date(today);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, past) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    format!(
        "{weekday} {year:04}-{month:02}-{day:02} {hour:02}:{minute:02} {sign}{hours:02}:{past:02}"
    )
}

/// So many seconds, in the two units that say most.
pub(crate) fn in_words(seconds: i64) -> String {
    // Who comes a minute too early would be denied once more.
    let minutes = (seconds + 59) / 60;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h{minutes}m"),
        (days, hours, _) => format!("{days}d{hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{Offset, TimeZone};

    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let mut zoned = jiff::civil::date(1970, 1, 1);
        for found in 0..=(is_time(LAST).then_some(LAST).unwrap() / DAY) {
            let expected = (
                i64::from(zoned.year()),
                i64::from(zoned.month()),
                i64::from(zoned.day()),
            );
            assert_eq!(date(found), expected);
            assert_eq!(day(expected.0, expected.1, expected.2), Some(found));
            assert_eq!(
                weekday(found),
                i64::from(zoned.weekday().to_monday_zero_offset()),
                "{zoned}"
            );
            if let Ok(next) = zoned.tomorrow() {
                zoned = next;
            }
        }
        for (year, month, of_month) in [
            (2026, 2, 29),
            (2100, 2, 29),
            (2026, 4, 31),
            (2026, 13, 1),
            (2026, 0, 1),
            (2026, 1, 0),
        ] {
            assert_eq!(day(year, month, of_month), None);
        }
    }

    #[test]
    fn times_are_read_as_rfc_3339_has_them() {
        for text in [
            "2026-11-22T23:30:00Z",
            "2026-11-22t23:30:59.999z",
            "2024-02-29 00:00:00+01:00",
            "2026-12-18T00:00:00-05:30",
        ] {
            let expected: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(rfc3339(text), Some(expected.as_second()), "{text}");
        }
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T23:30:00",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:60:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-22T23:30Z",
            "26-11-22T23:30:00Z",
            "2026-11-22T23:30:00.Z",
            "2026-11-22T23:30:00+0100",
            "2026-11-22T23:30:00Zé",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_told_by_the_clock_that_is_meant() {
        let at = rfc3339("2026-11-22T23:30:00Z").unwrap();
        assert_eq!(told(at, 3600), "Mon 2026-11-23 00:30 +01:00");
        assert_eq!(told(at, -19_800), "Sun 2026-11-22 18:00 -05:30");
        for offset in [0, 5 * 3600 + 45 * 60, -12 * 3600] {
            let zone =
                TimeZone::fixed(Offset::from_seconds(i32::try_from(offset).unwrap()).unwrap());
            let zoned = jiff::Timestamp::from_second(at).unwrap().to_zoned(zone);
            assert_eq!(
                told(at, offset),
                zoned.strftime("%a %Y-%m-%d %H:%M %:z").to_string()
            );
        }
    }

    #[test]
    fn a_stretch_is_told_in_two_units_and_never_as_nothing() {
        for (seconds, words) in [
            (1, "1m"),
            (3600, "1h0m"),
            (5400, "1h30m"),
            (2 * DAY + 3 * 3600 + 300, "2d3h"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
