//! A case, and how it is run.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::normal::normal;
use super::side::{Side, Tool};

/// How long a lease of one second may take to be expired by its stamp: the margin, whole seconds,
/// and whatever the machine adds.
const EXPIRY_LIMIT: Duration = Duration::from_secs(60);
/// How often it is looked at.
const POLL: Duration = Duration::from_millis(300);

/// Some command lines, one after the other, in an empty namespace.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) steps: &'static [Step],
}

/// One step of a case. Exit codes are named, so that two sides that fail alike do not pass.
pub(super) enum Step {
    /// `kubectl create -f -` of an object in JSON or YAML, with this exit code.
    Create(i32, &'static str),
    /// Waits until this lock is expired by its stamp.
    Expired(&'static str),
    /// Puts what kubectl says into a file, for a later `-f FILE`. Not compared.
    Keep(&'static str, &'static str),
    /// kubectl, with this exit code.
    Kubectl(i32, &'static str),
    /// kubectl-lease, with this exit code.
    Lease(i32, &'static str),
    /// `kubectl replace -f -` of an object in JSON or YAML, with this exit code.
    Replace(i32, &'static str),
}

/// What was typed, and what came of it once all that always differs is replaced.
pub(super) struct Said {
    pub(super) line: String,
    pub(super) answer: String,
}

impl Case {
    pub(super) fn run(&self, side: &Side) -> Vec<Said> {
        self.steps
            .iter()
            .filter_map(|step| self.step(step, side))
            .collect()
    }

    fn step(&self, step: &Step, side: &Side) -> Option<Said> {
        let (tool, code, line, stdin) = match step {
            Step::Create(code, object) => (Tool::Kubectl, *code, "create -f -", *object),
            Step::Kubectl(code, line) => (Tool::Kubectl, *code, *line, ""),
            Step::Lease(code, line) => (Tool::Plugin, *code, *line, ""),
            Step::Replace(code, object) => (Tool::Kubectl, *code, "replace -f -", *object),
            Step::Expired(lock) => {
                wait_until_expired(side, lock);
                return None;
            }
            Step::Keep(file, line) => {
                let output = side.run(Tool::Kubectl, line, "").success();
                let path = side.folder().join(file);
                std::fs::write(path, output.stdout).expect("the folder is writable");
                return None;
            }
        };
        let output = side.run(tool, line, stdin);
        let line = match tool {
            Tool::Kubectl => format!("kubectl {line}"),
            Tool::Plugin => format!("kubectl-lease {line}"),
        };
        assert_eq!(output.code, Some(code), "{}: {line}: {output:?}", self.name);
        let mut answer = normal(&output.stdout, side);
        for line in normal(&output.stderr, side).lines() {
            answer += &format!("2| {line}\n");
        }
        Some(Said { line, answer })
    }
}

fn wait_until_expired(side: &Side, lock: &str) {
    let deadline = Instant::now() + EXPIRY_LIMIT;
    loop {
        let output = side.run(Tool::Plugin, &format!("describe {lock} -o json"), "");
        let lease: Value = output.clone().json();
        if lease["status"]["state"] == "expired" {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{lock} does not expire: {output:?}"
        );
        thread::sleep(POLL);
    }
}
