//! Flags as kubectl's own take their values.

/// A truth value as pflag reads it (Go's `strconv.ParseBool`), for flags that can be given as
/// `--flag`, `--flag=true` and `--flag=false`.
pub(crate) fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("it is true or false".to_owned()),
    }
}
