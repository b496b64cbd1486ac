//! The live table takes and breaks locks too: no way around a policy.

use lease_policy_guests::Guest;
use lease_terminal::Terminal;

use super::{add, holder, stuck};

#[test]
fn the_live_table_asks_policies() {
    let sandbox = stuck();
    let denies = Guest::new("p").review(&Guest::deny("no", "never, ever"));
    add(&sandbox, "never", &denies, "");
    let mut command = sandbox.shell.command(["watch", "--allow-changes"]);
    let mut table = Terminal::start(command.env("NO_COLOR", "1"), 130, 30);
    table.wait_for(|text| text.contains("alice") && text.contains("!expired"));
    for keys in ["sf", "st"] {
        table.press(keys);
        table.wait_for(|text| text.contains("never, ever (no)"));
        table.press("\u{1b}");
        table.wait_for(|text| !text.contains("never, ever (no)"));
    }
    table.press("F");
    table.wait_for(|text| text.contains("stuck"));
    table.press("stuck\r");
    table.wait_for(|text| text.contains("never, ever (no)"));
    assert_eq!(holder(&sandbox, "stuck"), "alice");
    table.press("\u{1b}");
    table.press("q");
}
