//! The ready-made policies as people have them: added to the command line, before a real server.

mod denied;
mod javascript;
mod page;
mod pods;
mod table;

use std::path::Path;

use lease_tests::{Client, Output, hosts};
use serde_json::Value;

/// Somebody at a desk of their own, with their own policies.
struct Desk<'a> {
    client: &'a Client,
    home: tempfile::TempDir,
}

impl<'a> Desk<'a> {
    fn of(client: &'a Client) -> Self {
        Self {
            client,
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// Types a command of ours.
    fn types(&self, words: &[&str]) -> Output {
        let mut command = self.client.plugin_command();
        let command = command.env("HOME", self.home.path()).args(words);
        Output::of(command.current_dir(self.home.path()))
    }

    /// Adds a ready-made policy, in place of what it was before.
    fn adds(&self, policy: &str, settings: &Value, flags: &[&str]) {
        let file = hosts::policy(policy);
        let settings = settings.to_string();
        let words = [
            "plugin",
            "add",
            text(&file),
            "--replace",
            "--settings",
            &settings,
        ];
        let words: Vec<_> = words.iter().chain(flags).copied().collect();
        let said = self.types(&words).success().stdout;
        assert!(said.starts_with(&format!("plugin/{policy} ")), "{said}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
