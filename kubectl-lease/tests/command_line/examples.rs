//! The examples in the help of each verb, typed at a shell as they stand there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lease_policy_guests::Guest;
use regex::Regex;
use serde_json::json;

use crate::cluster::{Sandbox, lease};
use crate::shell::Said;

/// Whom an example is typed by.
const IDENTITY: &str = "ci-42";

/// What a verb's help shows to be typed, in one go.
struct Example {
    comment: String,
    script: String,
}

impl Example {
    /// The exit code, of which the comment tells if it is not 0: `(exit 3)`.
    fn code(&self) -> i32 {
        let promise = Regex::new(r"\(exit (\d+)\)").unwrap();
        let found = promise.captures(&self.comment);
        found.map_or(0, |found| found[1].parse().unwrap())
    }
}

#[test]
fn every_example_of_every_verb_does_what_it_says() {
    let mut done = 0;
    let mut left = vec![Vec::new()];
    while let Some(verb) = left.pop() {
        let place = Place::new();
        let help = place.help(&verb);
        let verbs = verbs(&help);
        left.extend(verbs.into_iter().map(|name| [&verb[..], &[name]].concat()));
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{verb:?} has no examples:\n{help}");
        for example in examples {
            let Example { comment, script } = &example;
            let said = place.run(script);
            assert_eq!(
                said.code,
                Some(example.code()),
                "{verb:?}: {comment}\n{script}\n{said:?}"
            );
            done += 1;
        }
    }
    assert!(done > 20, "only {done} examples were found");
}

/// The verbs that help lists, but for `help` itself.
fn verbs(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    list.lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(ToOwned::to_owned)
        .collect()
}

fn examples(help: &str) -> Vec<Example> {
    let Some((_, rest)) = help.split_once("\nExamples:\n") else {
        return Vec::new();
    };
    let lines: Vec<&str> = rest
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("  "))
        .map(str::trim)
        .collect();
    lines
        .split(|line| line.is_empty())
        .filter(|lines| !lines.is_empty())
        .map(|lines| {
            let (comment, script): (Vec<&str>, Vec<&str>) = lines
                .iter()
                .copied()
                .partition(|line| line.starts_with('#'));
            assert!(!comment.is_empty(), "not explained: {script:?}");
            assert!(
                script.iter().any(|line| line.contains("kubectl")),
                "nothing to type: {comment:?}"
            );
            Example {
                comment: comment.join("\n"),
                script: script.join("\n"),
            }
        })
        .collect()
}

/// A cluster with the locks that the examples are about, and a shell where there is kubectl.
struct Place {
    sandbox: Sandbox,
    /// The first folder of the PATH.
    programs: PathBuf,
}

impl Place {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.lock("deploy", IDENTITY, 60, 3);
        sandbox.lock("report-writer", "report-writer-0", 15, 600);
        let held = lease("ledger-writer", sandbox.record("ledger-writer-0", 15, 3));
        sandbox.seed(3, "payments", &held);
        let mut state = lease(
            "lock-tfstate-default-prod",
            json!({ "holderIdentity": "7c2f9d4e" }),
        );
        state["metadata"]["labels"] = json!({ "tfstate": "true" });
        sandbox.seed(600, "infra", &state);
        let mut stuck = lease("billing-batch", sandbox.record("billing-batch-1", 15, 600));
        stuck["metadata"]["labels"] = json!({ "team": "billing" });
        sandbox.seed(600, "payments", &stuck);

        // A policy as somebody would get it, for the examples of `plugin`.
        let policy = sandbox.shell.home().join("require-reason.wasm");
        std::fs::write(policy, Guest::require_reason().component()).unwrap();

        let programs = sandbox.shell.home().join("programs");
        std::fs::create_dir(&programs).unwrap();
        let plugin = programs.join("kubectl-lease");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-lease"), &plugin).unwrap();
        // As kubectl starts a plugin: by its path, with the name of kubectl in `_`.
        // What has no end is ended once it has said something.
        let kubectl = format!(
            "#!/bin/sh\n\
             test \"$1\" = lease && shift || {{ echo \"only kubectl lease is here\"; exit 99; }}\n\
             case \"$*\" in\n\
             *--help* | *--replay*) ;;\n\
             watch*)\n\
             : > said\n\
             env _=kubectl {plugin} \"$@\" > said &\n\
             while kill -0 $! && ! test -s said; do sleep 0.01; done\n\
             kill $! && wait $! && cat said\n\
             exit ;;\n\
             esac\n\
             exec env _=kubectl {plugin} \"$@\"\n",
            plugin = plugin.display()
        );
        write_program(&programs.join("kubectl"), &kubectl);
        Self { sandbox, programs }
    }

    fn help(&self, verb: &[String]) -> String {
        let said = self.run(&format!("kubectl lease {} --help", verb.join(" ")));
        assert_eq!(said.code, Some(0), "{verb:?}: {said:?}");
        said.stdout
    }

    /// Types lines at a shell.
    fn run(&self, script: &str) -> Said {
        let home = self.sandbox.shell.home();
        let path = format!("{}:/usr/bin:/bin", self.programs.display());
        Said::of(
            Command::new("sh")
                .args(["-e", "-c", script])
                .env_clear()
                .env("HOME", home)
                .env("KUBECONFIG", self.sandbox.shell.kubeconfig())
                .env("LEASE_IDENTITY", IDENTITY)
                .env("PATH", path)
                .env("TMPDIR", home)
                .env("USER", "somebody")
                .current_dir(home)
                .stdin(Stdio::null()),
        )
    }
}

fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}
