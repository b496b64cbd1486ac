//! The page of results.

/// Figures that were measured in one run.
pub(crate) struct Section {
    pub(crate) title: String,
    /// What one has to know to read the figures.
    pub(crate) note: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
}

/// The whole page, in Markdown.
pub(crate) fn render(sections: &[Section]) -> String {
    let mut text = String::from(
        "# Performance\n\n\
         Written by `cargo xtask bench`, never by hand. Medians of interleaved runs with server and\n\
         programs on one machine: only the ratios within one table mean something.\n",
    );
    for section in sections {
        text += &render_section(section);
    }
    text
}

/// One table of it.
pub(crate) fn render_section(section: &Section) -> String {
    let mut text = format!("\n## {}\n", section.title);
    if !section.note.is_empty() {
        text += &format!("\n{}\n", section.note);
    }
    let header = section.columns.join(" | ");
    let rule = "---|".repeat(section.columns.len());
    text += &format!("\n| {header} |\n|{rule}\n");
    for row in &section.rows {
        text += &format!("| {} |\n", row.join(" | "));
    }
    text
}

/// Whether a goal was reached, in words.
pub(crate) fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "missed" }
}
