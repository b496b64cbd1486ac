//! Numbers as text.

use alloc::string::String;

/// A number in hexadecimal, without zeros before it. `format!` would bring several kB of machinery
/// into a component.
pub fn hexadecimal(number: u64) -> String {
    let mut text = String::new();
    push(&mut text, number);
    text
}

fn push(text: &mut String, number: u64) {
    if number > 0xf {
        push(text, number >> 4);
    }
    let digit = u8::try_from(number & 0xf).unwrap_or_default();
    text.push(char::from(
        if digit < 10 { b'0' } else { b'a' - 10 } + digit,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_format_makes_of_it() {
        for number in [0, 1, 15, 16, 0xabc, 0xfeed_face_cafe_beef, u64::MAX] {
            assert_eq!(hexadecimal(number), alloc::format!("{number:x}"));
        }
    }
}
