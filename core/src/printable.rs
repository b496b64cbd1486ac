//! Which characters can be shown to a person as they are.

/// Whether a character can move the cursor, change a terminal's state, or hide or reorder what is
/// shown: control characters, line and paragraph separators, and Unicode's bidirectional and
/// invisible formatting.
///
/// The API server takes them in `holderIdentity`; no identity of ours has them, and whoever shows
/// a record has to make them visible.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}
