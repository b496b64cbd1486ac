use clap::ValueEnum;

use crate::completion;
use crate::failure::Failure;
use crate::ui::Ui;

/// Print what makes a shell complete verbs, flags, and the names of locks
///
/// With `kubectl`, it is an executable by which kubectl's own completion goes on after
/// `kubectl lease` (kubectl 1.26 or later): kubectl looks for kubectl_complete-lease on the PATH.
/// With a shell, it is a script for when `kubectl-lease` is called directly.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  # Let kubectl complete `kubectl lease` (any folder of the PATH will do)
  mkdir -p ~/.local/bin
  kubectl lease completion kubectl > ~/.local/bin/kubectl_complete-lease
  chmod +x ~/.local/bin/kubectl_complete-lease

  # Let bash complete `kubectl-lease`
  echo 'eval \"$(kubectl-lease completion bash)\"' >> ~/.bashrc")]
pub(crate) struct Args {
    /// What completes
    shell: Shell,
}

/// What completes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// In ~/.bashrc: `eval "$(kubectl-lease completion bash)"`
    Bash,
    /// In ~/.config/elvish/rc.elv: `eval (kubectl-lease completion elvish | slurp)`
    Elvish,
    /// In ~/.config/fish/config.fish: `kubectl-lease completion fish | source`
    Fish,
    /// As kubectl_complete-lease in a folder of the PATH
    Kubectl,
    /// In $PROFILE: `kubectl-lease completion powershell | Out-String | Invoke-Expression`
    Powershell,
    /// In ~/.zshrc, after compinit: `source <(kubectl-lease completion zsh)`
    Zsh,
}

pub(crate) fn run(ui: &Ui, args: Args) -> Result<(), Failure> {
    let Args { shell } = args;
    let name = match shell {
        Shell::Bash => "bash",
        Shell::Elvish => "elvish",
        Shell::Fish => "fish",
        Shell::Kubectl => "kubectl",
        Shell::Powershell => "powershell",
        Shell::Zsh => "zsh",
    };
    Ok(ui.data(&completion::script(name)?)?)
}
