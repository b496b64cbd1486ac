//! What the table says, in one place.

use lease_tests::{Screen, Terminal};

/// Whether a line is a row of the table: it begins with the sign and the name of a state.
pub(super) fn is_row(line: &str) -> bool {
    let states = [
        "expired",
        "free",
        "held",
        "late",
        "malformed",
        "offered",
        "unbounded",
        "unknown",
        "deleted",
    ];
    let rest = line.trim_start_matches([' ', '!', '?', '-']);
    states.iter().any(|state| rest.starts_with(state))
}

/// That all changes come.
pub(super) fn is_connected(text: &str) -> bool {
    text.contains("* live, ")
}

pub(super) fn is_reconnecting(text: &str) -> bool {
    text.contains("! reconnecting for ")
}

/// That the server takes the credentials no more.
pub(super) fn is_refused(text: &str) -> bool {
    text.contains("! refused ") && text.contains("401")
}

/// That the server does not let this user look.
pub(super) fn is_right_missing(text: &str) -> bool {
    text.contains("you may not list leases") && text.contains("hint: ")
}

/// That a key would change something, which was not allowed.
pub(super) fn is_not_allowed(text: &str, key: &str) -> bool {
    let what = if key == "s" { "steal" } else { "force-release" };
    text.contains(&format!("read-only: start with --allow-changes to {what}"))
}

pub(super) fn asks_to_steal(text: &str) -> bool {
    text.contains("Steal ") && text.contains("takes it for")
}

pub(super) const STEAL_AND_FREE: &str = "f";
pub(super) const STEAL_AND_TAKE: &str = "t";

/// That a lock is not stolen, since its holder lives.
pub(super) fn is_not_stolen(text: &str) -> bool {
    text.contains("never stolen from") || text.contains("whose lease runs for another")
}

pub(super) fn is_wrong_name(text: &str) -> bool {
    text.contains("that is not its name")
}

pub(super) fn asks_to_break(text: &str) -> bool {
    text.contains("Break ") && text.contains("Type the lock's name")
}

/// The line over the columns.
pub(super) fn header(text: &str) -> &str {
    let is_header = |line: &&str| line.contains("NAME") && line.contains("STATE");
    text.lines().find(is_header).unwrap()
}

/// In the list of columns, chooses this one and shows or hides it.
pub(super) fn toggle(table: &mut Terminal, column: &str) {
    let listed = |text: &str| -> Option<usize> {
        let choices = text.lines().filter(|line| line.starts_with('['));
        let mut columns = choices.filter_map(|line| line.split_once("] "));
        columns.position(|(_, listed)| listed.trim() == column)
    };
    let text = table.wait_for(|text| listed(text).is_some());
    table.press(&"j".repeat(listed(&text).unwrap()));
    table.press(" ");
}

/// The column in which the countdown of a lock begins, which stands behind its holder.
pub(super) fn after_holder(screen: &Screen, name: &str) -> Option<u16> {
    let (_, columns) = screen.size();
    let names = |line: String| line.split_whitespace().any(|word| word == name);
    let line = screen.rows(0, columns.get()).position(names)?;
    let line = u16::try_from(line).ok()?;
    (0..columns.get()).find(|column| {
        let cell = screen.cell(line, *column);
        cell.is_some_and(|cell| cell.contents().contains('━'))
    })
}
