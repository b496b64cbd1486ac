//! How policies are printed.

use clap::ValueEnum;

/// How to print.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// An object, or a list of them
    Json,
    /// The name, a line each
    Name,
    /// Text for people
    Table,
    /// As json, in YAML
    Yaml,
}
