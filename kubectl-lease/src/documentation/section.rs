//! What stands below the flags in a verb's help.

/// A title, and the lines below it.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Section {
    pub(super) title: String,
    /// Without the indentation of help.
    pub(super) lines: Vec<String>,
}

/// The sections of a command: each is a line that is not indented and ends in a colon, and the
/// indented lines below it.
pub(super) fn sections(command: &clap::Command) -> Vec<Section> {
    let help = command
        .get_after_long_help()
        .or_else(|| command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut sections: Vec<Section> = Vec::new();
    for line in help.lines() {
        match (line.strip_suffix(':'), sections.last_mut()) {
            (Some(title), _) if !line.starts_with(' ') => sections.push(Section {
                title: title.to_owned(),
                lines: Vec::new(),
            }),
            (_, Some(section)) => {
                let line = line.strip_prefix("  ").unwrap_or(line);
                section.lines.push(line.to_owned());
            }
            (_, None) => {}
        }
    }
    for section in &mut sections {
        while section.lines.last().is_some_and(String::is_empty) {
            section.lines.pop();
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_falls_into_its_sections() {
        let command = clap::Command::new("verb").after_help("One:\n  a\n\n    b:\n\nTwo:\n  c");
        let section = |title: &str, lines: &[&str]| Section {
            title: title.to_owned(),
            lines: lines.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(
            sections(&command),
            [section("One", &["a", "", "  b:"]), section("Two", &["c"])]
        );
    }
}
