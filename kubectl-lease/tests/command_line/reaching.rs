//! Clusters that cannot be reached.

use std::net::{Ipv4Addr, TcpListener};

use crate::cluster::Sandbox;
use crate::shell::Shell;
use crate::transcript::Transcript;

#[test]
fn a_kubeconfig_that_leads_nowhere_is_an_error() {
    let sandbox = Sandbox::new();
    let shell = &sandbox.shell;
    let mut typed = Transcript::new(shell);
    let mut without = shell.command(["ls"]);
    without.env_remove("KUBECONFIG");
    typed.run_command("ls # without KUBECONFIG", &mut without);
    let mut missing = shell.command(["ls"]);
    missing.env("KUBECONFIG", shell.home().join("missing"));
    typed.run_command("ls # with a KUBECONFIG that is not there", &mut missing);
    typed.run("ls --kubeconfig missing");
    typed.run("ls --context elsewhere");
    std::fs::write(shell.home().join("broken"), "clusters: [").unwrap();
    typed.run("ls --kubeconfig broken");
    std::fs::write(shell.home().join("empty"), "").unwrap();
    typed.run("ls --kubeconfig empty");
    insta::assert_snapshot!("kubeconfigs", typed.end());
}

#[test]
fn a_kubeconfig_and_a_context_can_be_named() {
    let sandbox = Sandbox::new();
    sandbox.lock("here", "alice", 15, 1);
    let shell = &sandbox.shell;
    let config = std::fs::read_to_string(shell.kubeconfig()).unwrap();
    let moved = config.replace("current-context: sandbox", "current-context: gone");
    std::fs::write(shell.home().join("other"), moved).unwrap();

    let mut command = shell.command(["ls", "-o", "name", "--context", "sandbox"]);
    command
        .args(["--kubeconfig", "other"])
        .env_remove("KUBECONFIG");
    let said = crate::shell::Said::of(&mut command);

    assert_eq!(said.stdout, "lease.coordination.k8s.io/here\n", "{said:?}");
    assert_eq!(shell.run("ls --kubeconfig other").code, Some(1));
}

#[test]
fn a_refused_connection_is_an_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let shell = Shell::at(&url);
    let mut typed = Transcript::new(&shell);
    for line in [
        "ls",
        "acquire --try lock",
        // There is no use in waiting for what was never there.
        "acquire lock",
        "release lock --identity me",
        "wait lock",
        "check lock",
    ] {
        assert_eq!(typed.run(line).code, Some(1));
    }
    assert_eq!(typed.run("run lock true").code, Some(125));
    insta::assert_snapshot!("connection-refused", typed.end());
}

/// The limit is per request, and one that is long enough does no harm.
#[test]
fn a_limit_can_be_given() {
    let sandbox = Sandbox::new();
    for line in [
        "ls --request-timeout 20s",
        "ls --request-timeout 20",
        "--request-timeout 1m ls",
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
    }
}
