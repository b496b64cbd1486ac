//! The two forms in which the API writes a wall time.

use jiff::{Timestamp, fmt::strtime, tz::Offset};

/// `metav1.Time`: whole seconds, always UTC.
pub(crate) fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `metav1.MicroTime`: exactly six decimals, always UTC.
pub(crate) fn micros(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// Reads `metav1.Time`: RFC 3339; a fraction is read and then dropped.
pub(crate) fn parse_seconds(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The layout in which Go reads a `metav1.MicroTime`, piece by piece.
const LAYOUT: [&str; 13] = [
    "2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", ".000000", "Z07:00",
];

/// Reads `metav1.MicroTime` as Go's `time.Parse` does: exactly six decimals, `Z` or an offset.
///
/// # Errors
/// In Go's words: what is left of the text, and the piece of the layout that it does not fit.
pub(crate) fn parse_micros(text: &str) -> Result<Timestamp, String> {
    let wrong = |why: &str| format!("parsing time {text:?} as {:?}: {why}", LAYOUT.concat());
    let mut rest = text;
    for piece in &LAYOUT[..12] {
        let fits = rest.get(..piece.len()).is_some_and(|head| {
            head.bytes().zip(piece.bytes()).all(|(found, wanted)| {
                if wanted.is_ascii_digit() {
                    found.is_ascii_digit()
                } else {
                    found == wanted
                }
            })
        });
        // More decimals than the layout has do not fit either.
        let longer = *piece == ".000000" && rest.as_bytes().get(7).is_some_and(u8::is_ascii_digit);
        if !fits || longer {
            return Err(wrong(&format!("cannot parse {rest:?} as {piece:?}")));
        }
        rest = &rest[piece.len()..];
    }
    let offset = match rest {
        "Z" => Some(Offset::UTC),
        zone => parse_offset(zone),
    };
    let offset = offset.ok_or_else(|| wrong(&format!("cannot parse {rest:?} as \"Z07:00\"")))?;
    let local = &text[..text.len() - rest.len()];
    strtime::parse("%Y-%m-%dT%H:%M:%S.%6f", local)
        .and_then(|parsed| parsed.to_datetime())
        .and_then(|local| offset.to_timestamp(local))
        .map_err(|_| wrong("out of range"))
}

fn parse_offset(zone: &str) -> Option<Offset> {
    let sign = match zone.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = minutes.parse().ok()?;
    if !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// Whether Go calls it zero: the first moment of the year 1, UTC.
pub(crate) fn is_zero(time: Timestamp) -> bool {
    time.as_second() == -62_135_596_800 && time.subsec_nanosecond() == 0
}

/// The `Date` header (IMF-fixdate, RFC 9110 5.6.7): whole seconds, GMT.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_decimals_are_a_micro_time() {
        let time = parse_micros("2026-11-21T10:00:00.123456Z").unwrap();
        assert_eq!(micros(time), "2026-11-21T10:00:00.123456Z");
        let shifted = parse_micros("2026-11-21T11:30:00.123456+01:30").unwrap();
        assert_eq!(time, shifted);
        for wrong in [
            "2026-11-21T10:00:00Z",
            "2026-11-21T10:00:00.123Z",
            "2026-11-21T10:00:00.1234567Z",
            "2026-11-21T10:00:00.123456",
            "2026-11-21 10:00:00.123456Z",
            "2026-13-21T10:00:00.123456Z",
            "2026-11-21T10:00:00.123456+1:30",
            "",
        ] {
            assert!(parse_micros(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn year_one_is_zero() {
        assert!(is_zero(
            parse_micros("0001-01-01T00:00:00.000000Z").unwrap()
        ));
        assert!(!is_zero(
            parse_micros("0001-01-01T00:00:00.000001Z").unwrap()
        ));
    }

    #[test]
    fn a_date_header_is_an_imf_fixdate() {
        let time = parse_micros("2026-11-21T01:02:03.999999Z").unwrap();
        assert_eq!(http_date(time), "Sat, 21 Nov 2026 01:02:03 GMT");
        assert_eq!(seconds(time), "2026-11-21T01:02:03Z");
    }
}
