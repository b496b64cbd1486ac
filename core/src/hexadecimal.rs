//! Numbers as text.

use alloc::string::String;

/// A number in hexadecimal, without zeros before it. `format!` would bring several kB of machinery
/// into a component.
pub fn hexadecimal(number: impl Into<u64>) -> String {
    let number: u64 = number.into();
    let mut text = String::with_capacity(16);
    for byte in number.to_be_bytes() {
        for digit in [byte >> 4, byte & 0xf] {
            if digit != 0 || !text.is_empty() {
                text.push(char::from(
                    if digit < 10 { b'0' } else { b'a' - 10 } + digit,
                ));
            }
        }
    }
    if text.is_empty() {
        text.push('0');
    }
    text
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
