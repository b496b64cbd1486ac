//! The page of all findings of `doctor`, in Markdown.

use crate::diagnosis::{Code, Explanation};

/// The page.
pub(crate) fn findings() -> String {
    let mut text = "# Findings\n\n\
        What `kubectl lease doctor` can find, the worst first; `kubectl lease doctor --explain CODE` \
        says the same. The codes stay as they are. A lock whose holder is well yields none, \
        and what cannot be read is never taken for dead.\n"
        .to_owned();
    for code in Code::ALL {
        let Explanation {
            means,
            known_by,
            silent,
            remedy,
        } = code.explanation();
        text += &format!("\n## {}\n\n{means}\n\n", code.name());
        let rows = [
            ("Known by", known_by),
            ("Not told", silent),
            ("To do", remedy),
        ];
        for (title, row) in rows.into_iter().filter(|(_, row)| !row.is_empty()) {
            text += &format!("- **{title}:** {row}\n");
        }
    }
    text
}
