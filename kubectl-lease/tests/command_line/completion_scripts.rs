//! What `completion` prints for shells and for kubectl, run by the shells that are everywhere.

use std::process::Command;

use crate::cluster::Sandbox;
use crate::completing::VARIABLE;
use crate::listing::states;
use crate::shell::Said;

#[test]
fn each_shell_has_a_script() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "kubectl", "powershell", "zsh"] {
        let said = sandbox.shell.run(&format!("completion {shell}"));
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{shell}");
        let asks = [format!("{VARIABLE}="), format!("env:{VARIABLE} = ")];
        assert!(
            asks.iter().any(|ask| said.stdout.contains(ask)),
            "{shell}: {}",
            said.stdout
        );
    }
    assert_eq!(sandbox.shell.run("completion tcsh").code, Some(1));
}

/// Runs a text in a shell that finds the program as `kubectl-lease`.
fn run(sandbox: &Sandbox, shell: &str, text: &str) -> Said {
    let home = sandbox.shell.home();
    let program = home.join("kubectl-lease");
    if !program.exists() {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-lease"), &program).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", home.display());
    Said::of(
        Command::new(shell)
            .args(["-c", text])
            .env_clear()
            .env("HOME", home)
            .env("KUBECONFIG", sandbox.shell.kubeconfig())
            .env("PATH", path)
            .current_dir(home),
    )
}

#[test]
fn what_is_printed_for_kubectl_is_a_program() {
    let sandbox = states();
    let said = run(
        &sandbox,
        "sh",
        "kubectl-lease completion kubectl > kubectl_complete-lease\n\
         chmod +x kubectl_complete-lease\n\
         kubectl_complete-lease describe c",
    );
    assert_eq!(said.stdout, "c-expired\texpired\n:4\n", "{said:?}");
}

/// Bash divides words at `=`, `:` and `@`, and replaces only the last part: the words and the
/// part to complete are here as a bash 5 with readline gives them to its completion functions.
#[test]
fn bash_completes_words_that_it_divides() {
    let sandbox = states();
    let shell = &sandbox.shell;
    let config = std::fs::read_to_string(shell.kubeconfig()).unwrap();
    let config = config
        .replace(
            "- name: sandbox\n  context",
            "- name: me@arn:aws:one\n  context",
        )
        .replace(
            "current-context: sandbox",
            "current-context: me@arn:aws:one",
        );
    std::fs::write(shell.kubeconfig(), config).unwrap();
    for (line, words, last, expected) in [
        (
            "kubectl-lease ls --stu",
            "kubectl-lease ls --stu",
            "--stu",
            "--stuck",
        ),
        (
            "kubectl-lease ls --state=ex",
            "kubectl-lease ls --state = ex",
            "ex",
            "expired",
        ),
        (
            "kubectl-lease ls --state=held,ex",
            "kubectl-lease ls --state = held,ex",
            "held,ex",
            "held,expired",
        ),
        (
            "kubectl-lease ls -o=j",
            "kubectl-lease ls -o = j",
            "j",
            "json",
        ),
        (
            "kubectl-lease timing --preset=",
            "kubectl-lease timing --preset =",
            "",
            "client-go leaselocker openshift openshift-sno",
        ),
        (
            "  kubectl-lease   describe  c",
            "kubectl-lease describe c",
            "c",
            "c-expired",
        ),
        (
            "kubectl-lease ls --context me@arn:aws:o",
            "kubectl-lease ls --context me @ arn : aws : o",
            "o",
            "one",
        ),
        (
            "kubectl-lease ls --context=me@a",
            "kubectl-lease ls --context = me @ a",
            "a",
            "arn:aws:one",
        ),
        (
            "kubectl-lease ls --context me",
            "kubectl-lease ls --context me",
            "me",
            "me@arn:aws:one",
        ),
        (
            "kubectl-lease describe missing",
            "kubectl-lease describe missing",
            "missing",
            "",
        ),
    ] {
        let said = run(
            &sandbox,
            "bash",
            &format!(
                "eval \"$(kubectl-lease completion bash)\"\n\
                 COMP_LINE='{line}' COMP_POINT={} COMP_WORDS=({words})\n\
                 COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
                 _kubectl_lease kubectl-lease '{last}' before\n\
                 echo \"${{COMPREPLY[*]}}\"",
                line.len()
            ),
        );
        assert_eq!(said.stdout.trim_end(), expected, "{line}: {said:?}");
        assert_eq!(said.stderr, "", "{line}");
    }
}
