//! The columns of the live table, which are remembered.

use std::fs;
use std::path::PathBuf;

use crate::cluster::Sandbox;
use lease_terminal::Terminal;

fn start(sandbox: &Sandbox) -> Terminal {
    let mut command = sandbox.shell.command(["watch"]);
    let mut table = Terminal::start(command.env("NO_COLOR", "1"), 130, 12);
    table.wait_for(|text| text.contains("alice"));
    table
}

/// Where they are kept.
fn file(sandbox: &Sandbox) -> PathBuf {
    let folder = if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/state"
    };
    sandbox
        .shell
        .home()
        .join(folder)
        .join("kubectl-lease/table.json")
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    sandbox
}

#[test]
fn columns_that_were_chosen_are_there_the_next_time() {
    let sandbox = sandbox();
    let mut table = start(&sandbox);
    assert!(table.text().contains("TRANS"));
    // The holder goes, the last of those that are not shown comes.
    table.press("cjjj ");
    table.wait_for(|text| text.contains("[ ] HOLDER"));
    table.press("jjjjjjjjjjjj ");
    table.wait_for(|text| !text.contains("[ ] LAST-WRITER"));
    table.press("q");
    let chosen = |text: &str| {
        text.contains("NAME") && text.contains("LAST-WRITER") && !text.contains("HOLDER")
    };
    table.wait_for(chosen);
    table.press("q");
    assert_eq!(table.end(), Some(0));
    let kept = fs::read_to_string(file(&sandbox)).unwrap();
    assert!(kept.contains("\"LAST-WRITER\""), "{kept}");

    let mut command = sandbox.shell.command(["watch"]);
    let mut again = Terminal::start(command.env("NO_COLOR", "1"), 130, 12);
    again.wait_for(|text| text.contains("one") && chosen(text));
}

#[test]
#[cfg(target_os = "linux")]
fn they_are_kept_where_the_environment_says() {
    let sandbox = sandbox();
    let elsewhere = sandbox.shell.home().join("elsewhere");
    let mut command = sandbox.shell.command(["watch"]);
    command.env("XDG_STATE_HOME", &elsewhere);
    let mut table = Terminal::start(&command, 130, 12);
    table.wait_for(|text| text.contains("alice"));
    table.press("cq");
    table.wait_for(|_| elsewhere.join("kubectl-lease/table.json").exists());
    assert!(!file(&sandbox).exists());
}

#[test]
fn what_cannot_be_read_is_told_and_the_usual_columns_are_shown() {
    let sandbox = sandbox();
    let file = file(&sandbox);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    for (text, why) in [
        (
            "{\"columns\":[\"NAME\",\"MOOD\"]}",
            "no column is called \"MOOD\"",
        ),
        ("columns: NAME", "expected value"),
    ] {
        fs::write(&file, text).unwrap();
        let mut table = start(&sandbox);
        let text = table.wait_for(|text| text.contains("the usual columns, since "));
        assert!(text.contains(why) && text.contains("TRANS"), "{text}");
        table.press("q");
        assert_eq!(table.end(), Some(0));
    }
}

#[test]
fn what_cannot_be_written_is_told() {
    let sandbox = sandbox();
    // Where a folder would have to be.
    let folder = file(&sandbox);
    let folder = folder.parent().unwrap();
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::write(folder, "").unwrap();
    let mut table = start(&sandbox);
    table.press("cq");
    table.wait_for(|text| text.contains("the columns cannot be remembered: "));
    table.press("q");
    assert_eq!(table.end(), Some(0));
}
