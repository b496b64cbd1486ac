//! A line that is being typed.

/// What the line is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    Command,
    Filter,
}

/// A line that is being typed, at its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Prompt {
    pub(crate) purpose: Purpose,
    pub(crate) text: String,
    /// What was there before, to go back to.
    pub(crate) before: String,
}

impl Prompt {
    pub(crate) fn new(purpose: Purpose, text: &str) -> Self {
        Self {
            purpose,
            text: text.to_owned(),
            before: text.to_owned(),
        }
    }

    /// Adds what was typed. A line has no control characters.
    pub(crate) fn push(&mut self, c: char) {
        if !c.is_control() {
            self.text.push(c);
        }
    }

    pub(crate) fn delete(&mut self) {
        self.text.pop();
    }

    pub(crate) fn delete_word(&mut self) {
        let kept = self.text.trim_end().rfind(' ').map_or(0, |space| space + 1);
        self.text.truncate(kept);
    }
}
