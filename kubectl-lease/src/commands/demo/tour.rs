//! The demo without a terminal: the same as a story.

use std::path::Path;

use super::{STUCK, type_command};
use crate::failure::Failure;
use crate::ui::Ui;

/// Plays the tour.
pub(super) async fn run(ui: &Ui, kubeconfig: &Path) -> Result<(), Failure> {
    let (namespace, name) = STUCK;
    ui.data("A small cluster of locks lives in this process. These are its locks:\n\n")?;
    type_command(ui, kubeconfig, "ls -A").await?;
    ui.data(&format!(
        "\n\"!\" marks what is stuck. The holder of {name} crashed, and nobody took over. How is \
         that known?\n\n"
    ))?;
    type_command(ui, kubeconfig, &format!("describe {name} -n {namespace}")).await?;
    ui.data("\nSo its lease is over by the API server's own clock. It can be taken at once:\n\n")?;
    type_command(ui, kubeconfig, &format!("steal {name} -n {namespace}")).await?;
    ui.data("\nA holder that is alive is never stolen from, even if its clock is wrong:\n\n")?;
    match type_command(ui, kubeconfig, "steal prometheus-operator -n monitoring").await {
        Err(refused) if refused.exit_code() == 3 => ui.data(&format!("{refused}\n"))?,
        Err(other) => return Err(other),
        Ok(()) => return Err(Failure::error("the demo stole a lock from a live holder")),
    }
    ui.data("\nAnd now:\n\n")?;
    type_command(ui, kubeconfig, &format!("ls {name} -n {namespace}")).await
}
