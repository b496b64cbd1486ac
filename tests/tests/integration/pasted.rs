//! What a command offers to paste means the cluster and the user that the command meant.

use lease_tests::{ApiServer, Client, Output};

use crate::lock::{LIMIT, held, holder};

/// Lines of ours in a text: those that stand alone, and those in backquotes.
fn offered(text: &str) -> Vec<String> {
    let alone = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("kubectl-lease "));
    let quoted = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|line| line.starts_with("kubectl-lease "));
    alone.chain(quoted).map(ToOwned::to_owned).collect()
}

/// Types a line where nothing but its own words says which cluster is meant.
fn paste(client: &Client, line: &str) -> Output {
    let mut command = client.kubectl_with_plugin_command();
    let path = command.get_envs().find(|(name, _)| *name == "PATH");
    let path = path.unwrap().1.unwrap().to_owned();
    command = client.command("sh");
    command
        .env("PATH", path)
        .env_remove("KUBECONFIG")
        .args(["-c", line]);
    Output::within(&mut command, LIMIT)
}

#[test]
fn what_is_offered_keeps_to_the_flags_that_were_given() {
    let namespace = ApiServer::shared().namespace("pasted");
    let admin = namespace.admin();
    admin.create(&held("theirs", "somebody", 600));
    // A path that a shell would take apart.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kube config's");
    std::fs::copy(admin.kubeconfig(), &file).unwrap();
    let file = shlex::try_quote(file.to_str().unwrap())
        .unwrap()
        .into_owned();
    for flags in [
        format!("--kubeconfig {file}"),
        format!("--kubeconfig {file} --context admin"),
        format!("--kubeconfig {file} --context alice --user admin"),
        format!("--kubeconfig {file} --cluster tests --as admin --as-group system:masters"),
    ] {
        let taken = paste(
            admin,
            &format!("kubectl-lease acquire --try lock --identity me {flags}"),
        );
        let offers = offered(&taken.success().stderr);
        assert_eq!(offers.len(), 2, "{offers:?}");
        for line in &offers {
            paste(admin, line).success();
        }
        assert_eq!(holder(admin, "lock"), "");

        for (line, code) in [
            ("describe nothing", 1),
            ("release nothing --identity me", 1),
            ("steal lock", 3),
        ] {
            let refused = paste(admin, &format!("kubectl-lease {line} {flags}"));
            assert_eq!(refused.code, Some(code), "{refused:?}");
            let offers = offered(&refused.stderr);
            assert!(!offers.is_empty(), "{refused:?}");
            for line in offers {
                let pasted = paste(admin, &line);
                assert_eq!(pasted.code, Some(0), "{line}: {pasted:?}");
            }
        }
        admin.kubectl(["delete", "lease", "lock"]).success();
    }
}
