//! Making text from a cluster harmless to a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

use lease_core::is_unprintable;

/// `text` without anything that could move the cursor, change the terminal's state, hide or
/// reorder what is shown: control characters as `^[` (as `cat -v` does), others as `\u{202e}`.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    // Nearly all that there is, and ten times as fast to see.
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain || !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0'..='\x1f' | '\x7f' => {
                shown.push('^');
                // Caret notation: the character 64 places on, DEL being `^?`.
                shown.push(char::from(c as u8 ^ 0x40));
            }
            c if is_unprintable(c) => {
                // Writing to a String cannot fail.
                let _ = write!(shown, "\\u{{{:x}}}", c as u32);
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// [`shown`], and cut after `limit` characters, with a note of what is left out.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    let end = (text.len() > limit).then(|| text.char_indices().nth(limit));
    match end.flatten() {
        None => shown(text).into_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", shown(&text[..end]), text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(shown("a\u{1b}[31mb\nc\u{7f}"), "a^[[31mb^Jc^?");
        assert_eq!(shown("a\u{202e}b\u{9b}"), "a\\u{202e}b\\u{9b}");
        assert_eq!(shown("Grüße 主"), "Grüße 主");
        assert_eq!(cut("abcdef", 3), "abc… (6 bytes)");
        assert_eq!(cut("abc", 3), "abc");
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_is_unprintable(text in any::<String>(), limit in 0..40_usize) {
            prop_assert!(!shown(&text).chars().any(is_unprintable));
            prop_assert!(!cut(&text, limit).chars().any(is_unprintable));
        }
    }
}
