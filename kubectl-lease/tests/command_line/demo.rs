//! `demo`, without a terminal.

use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::shell::{Said, Shell};
use crate::watched::{Stream, Watched};

/// A shell without any cluster: the demo brings its own.
fn shell() -> Shell {
    let shell = Shell::at("http://unused.invalid");
    std::fs::remove_file(shell.kubeconfig()).unwrap();
    shell
}

#[test]
fn on_a_pipe_it_is_a_tour_that_ends() {
    let shell = shell();
    let said = shell.run("demo");

    assert_eq!(said.code, Some(0), "{said:?}");
    // The order of the story.
    let mut rest = said.stdout.as_str();
    for step in [
        "$ kubectl-lease ls -A\n",
        "billing-batch                          !expired",
        "$ kubectl-lease describe billing-batch -n payments\n",
        "State:           expired 11m ago",
        "$ kubectl-lease steal billing-batch -n payments\n",
        "lease/billing-batch stolen from billing-batch-29384710-kx9w2_",
        "proof:    the API server saw the last change at ",
        "$ kubectl-lease steal prometheus-operator -n monitoring\n",
        "whose lease runs for another",
        "$ kubectl-lease ls billing-batch -n payments\n",
        " held ",
        "somebody@",
    ] {
        let Some((_, after)) = rest.split_once(step) else {
            panic!("{step:?} is not in what comes next: {rest}");
        };
        rest = after;
    }
    assert!(is_empty(&shell), "the demo leaves files behind");
}

#[test]
fn served_it_can_be_used_from_elsewhere_until_it_is_ended() {
    let shell = shell();
    let mut demo = Watched::start(&mut shell.command(["demo", "--serve"]));
    let line = demo.line(Stream::Stdout);
    let kubeconfig = line.strip_prefix("export KUBECONFIG=").unwrap().to_owned();
    assert!(std::path::Path::new(&kubeconfig).exists());

    let here = |line: &str| -> Command {
        let mut command = shell.command(line.split_whitespace());
        command.env("KUBECONFIG", &kubeconfig);
        command
    };
    let listed = Said::of(&mut here("ls -A"));
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.stdout.contains("billing-batch"), "{listed:?}");
    let stolen = Said::of(&mut here("steal billing-batch -n payments"));
    assert_eq!(stolen.code, Some(0), "{stolen:?}");
    let again = Said::of(&mut here("steal billing-batch -n payments"));
    assert_eq!(again.code, Some(3), "{again:?}");

    let id = Pid::from_raw(demo.id().try_into().unwrap()).unwrap();
    kill_process(id, Signal::TERM).unwrap();
    let said = demo.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!std::path::Path::new(&kubeconfig).exists());
    assert!(is_empty(&shell), "the demo leaves files behind");
}

fn is_empty(shell: &Shell) -> bool {
    shell.home().read_dir().unwrap().next().is_none()
}
