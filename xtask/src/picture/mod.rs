//! The picture of the live table in the documentation, from the real program.

mod blocks;
mod colours;
mod svg;

use std::process::Command;

use anyhow::Context;
use lease_terminal::Terminal;

use crate::{program, workspace};

const COLUMNS: u16 = 110;
const LINES: u16 = 20;

/// Draw docs/live-table.svg: the demo's table as a terminal shows it
///
/// Builds the program, starts its demo on a terminal of 110 columns and 20 lines, and draws what is
/// to be seen there.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let Args {} = args;
    program::run(program::cargo().args(["build", "-p", "kubectl-lease"]))?;
    let mut command = Command::new(workspace::target()?.join("debug/kubectl-lease"));
    command
        .arg("demo")
        .env("LANG", "C.UTF-8")
        .env("PATH", "/usr/bin:/bin");
    let mut terminal = Terminal::start(&command, COLUMNS, LINES);
    terminal.wait_for(is_whole);
    let drawn = svg::draw(
        terminal.screen(),
        "kubectl lease watch: the locks of a cluster, alive",
    );
    terminal.press("\u{3}");
    terminal.ended();
    let path = workspace::root().join("docs/live-table.svg");
    std::fs::write(&path, drawn).with_context(|| format!("cannot write {}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
}

/// Whether the table is there, with what it takes some seconds to show: a lock that is late, and
/// marks where bars usually are when their holders renew.
fn is_whole(text: &str) -> bool {
    text.contains("cache-warmer") && text.contains("?late") && text.contains(['╋', '┽', '┼'])
}
