//! The modes of a terminal that a program switches by what it writes (DEC private modes).

use std::collections::BTreeMap;

/// Those that are on unless somebody switches them off: lines that wrap, and the cursor.
const ON: [u16; 2] = [7, 25];

/// Modes that were switched and not switched back.
pub(crate) fn left_behind(written: &[u8]) -> Vec<String> {
    let mut switched = BTreeMap::new();
    for (mode, is_on) in switches(written) {
        switched.insert(mode, is_on);
    }
    let differs = |(mode, is_on): (u16, bool)| {
        let state = if is_on { "on" } else { "off" };
        (is_on != ON.contains(&mode)).then(|| format!("{} is {state}", name(mode)))
    };
    switched.into_iter().filter_map(differs).collect()
}

/// Each switch, in order: `ESC [ ? 1000 ; 1006 h` switches on, `l` off.
fn switches(written: &[u8]) -> Vec<(u16, bool)> {
    let mut switches = Vec::new();
    let mut rest = written;
    while let Some(at) = rest.windows(3).position(|bytes| bytes == b"\x1b[?") {
        rest = &rest[at + 3..];
        let length = rest
            .iter()
            .take_while(|&&byte| byte.is_ascii_digit() || byte == b';')
            .count();
        let (numbers, end) = rest.split_at(length);
        let is_on = match end.first() {
            Some(b'h') => true,
            Some(b'l') => false,
            _ => continue,
        };
        let numbers = std::str::from_utf8(numbers).unwrap_or_default();
        let numbers = numbers.split(';').filter_map(|number| number.parse().ok());
        switches.extend(numbers.map(|mode| (mode, is_on)));
    }
    switches
}

fn name(mode: u16) -> String {
    match mode {
        7 => "wrapping of lines".to_owned(),
        25 => "the cursor".to_owned(),
        47 | 1047 | 1049 => "the second screen".to_owned(),
        9 | 1000..=1006 | 1015 | 1016 => format!("reporting of the mouse (?{mode})"),
        2004 => "bracketed paste".to_owned(),
        mode => format!("mode ?{mode}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_switched_back_is_told() {
        let opened = b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[?7l";
        assert_eq!(
            left_behind(opened),
            [
                "wrapping of lines is off",
                "the cursor is off",
                "reporting of the mouse (?1000) is on",
                "reporting of the mouse (?1006) is on",
                "the second screen is on",
            ]
        );
        let closed = b"text \x1b[?7h\x1b[?25h\x1b[?1006;1000l\x1b[?1049l";
        assert!(left_behind(&[&opened[..], &closed[..]].concat()).is_empty());
        assert!(left_behind(b"\x1b[?6n\x1b[31m").is_empty());
    }
}
