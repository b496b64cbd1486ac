//! Kubernetes' quantities: `5m`, `2Ki`, `1e3`, and each plain number.

/// A quantity in billionths, rounded up. What is too large for that is the largest.
///
/// kubectl sorts texts that are quantities by their value (apimachinery's
/// `resource.ParseQuantity`), so that version 9 comes before version 10.
pub(super) fn parse(text: &str) -> Option<i128> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let whole_end = end_of_digits(unsigned);
    let (whole, rest) = unsigned.split_at(whole_end);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(end_of_digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (power_of_ten, power_of_two) = scale(suffix)?;
    let mut value = 0_i128;
    for digit in whole.bytes().chain(fraction.bytes()) {
        value = value
            .saturating_mul(10)
            .saturating_add(i128::from(digit - b'0'));
    }
    value = value.saturating_mul(1_i128 << power_of_two);
    let fraction_digits = i32::try_from(fraction.len()).ok()?;
    // In billionths.
    let power = power_of_ten
        .saturating_add(9)
        .saturating_sub(fraction_digits);
    value = match (10_i128.checked_pow(power.unsigned_abs()), power >= 0) {
        (Some(factor), true) => value.saturating_mul(factor),
        (Some(divisor), false) => value / divisor + i128::from(value % divisor > 0),
        (None, true) if value > 0 => i128::MAX,
        (None, _) => i128::from(value > 0 && power < 0),
    };
    Some(if is_negative { -value } else { value })
}

fn end_of_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The powers of ten and of two that a suffix stands for.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    Some(match suffix {
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "" => (0, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        exponent => (exponent.strip_prefix(['e', 'E'])?.parse().ok()?, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_values() {
        for (text, thousandths) in [
            ("0", 0),
            ("9", 9000),
            ("-10", -10_000),
            ("+1.5", 1500),
            (".5", 500),
            ("5.", 5000),
            ("5m", 5),
            ("2Ki", 2_048_000),
            ("1.5Gi", 1_610_612_736_000),
            ("1e3", 1_000_000),
            ("1E-2", 10),
            ("3k", 3_000_000),
        ] {
            assert_eq!(parse(text), Some(thousandths * 1_000_000), "{text}");
        }
        assert_eq!(parse("1E"), Some(10_i128.pow(27)));
        assert_eq!(parse("0.0000000001"), Some(1));
        assert_eq!(parse("1e-99"), Some(1));
        assert_eq!(parse("1e99"), Some(i128::MAX));
        assert_eq!(parse("0e99"), Some(0));
        for text in [
            "", "-", ".", "m", "a", "1a", "0x10", "1 ", "10.0.0.1", "1e", "5mm",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
