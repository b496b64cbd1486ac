//! The page of results.

/// Figures that were measured in one run.
pub(crate) struct Section {
    pub(crate) title: String,
    /// What one has to know to read the figures.
    pub(crate) note: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
}

const HEAD: &str = "# Performance\n\n\
     Written by `cargo xtask bench`, never by hand. Medians of interleaved runs with server and\n\
     programs on one machine: only the ratios within one table mean something.\n";
/// What each section begins with.
const TITLE: &str = "\n## ";

/// The whole page, in Markdown.
pub(crate) fn render(sections: &[Section]) -> String {
    let mut text = String::from(HEAD);
    for section in sections {
        text += &render_section(section);
    }
    text
}

/// A page with these sections in the place of those of the same titles, and the others as they are.
/// Those that are new come last.
pub(crate) fn update(page: &str, sections: &[Section]) -> String {
    let mut new: Vec<(&str, String)> = sections
        .iter()
        .map(|section| (section.title.as_str(), render_section(section)))
        .collect();
    let mut text = String::from(HEAD);
    for old in page.split(TITLE).skip(1) {
        let title = old.lines().next().unwrap_or_default();
        match new.iter().position(|(of, _)| *of == title) {
            Some(at) => text += &new.remove(at).1,
            None => text += &format!("{TITLE}{old}"),
        }
    }
    for (_, section) in new {
        text += &section;
    }
    text
}

/// One table of it.
pub(crate) fn render_section(section: &Section) -> String {
    let mut text = format!("{TITLE}{}\n", section.title);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, cell: &str) -> Section {
        Section {
            title: title.to_owned(),
            note: "",
            columns: &["figure"],
            rows: vec![vec![cell.to_owned()]],
        }
    }

    #[test]
    fn a_part_replaces_its_own_sections_alone() {
        let page = render(&[section("a", "1"), section("b", "2"), section("c", "3")]);
        let part = [section("d", "5"), section("b", "4")];
        let whole = [
            section("a", "1"),
            section("b", "4"),
            section("c", "3"),
            section("d", "5"),
        ];
        assert_eq!(update(&page, &part), render(&whole));
    }
}
