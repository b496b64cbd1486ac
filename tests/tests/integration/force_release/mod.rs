//! Breaking locks of those who live, before a witness; of every dialect; and what is left of it to
//! be read.

mod dialects;
mod living;
mod trail;

use lease_tests::{Client, Output};

use crate::lock::{LIMIT, get};

/// Breaks a lock as a script does that has just looked at it. A holder that renews meanwhile makes
/// another version of it, and then it looks again.
fn break_it(client: &Client, name: &str, flags: &[&str]) -> Output {
    let deadline = std::time::Instant::now() + LIMIT;
    loop {
        let lease = get(client, name);
        let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
        let args = [
            "force-release",
            name,
            "--yes",
            "--resource-version",
            version,
        ];
        let output = client.plugin(args.iter().chain(flags));
        let is_renewed = output.code == Some(3) && output.stderr.contains("has changed since");
        if !is_renewed {
            return output;
        }
        assert!(std::time::Instant::now() < deadline, "{output:?}");
    }
}

/// Pastes the command that puts back what was broken.
fn put_back(client: &Client, broken: &Output) {
    let (_, command) = broken.stdout.split_once("put its record back:\n").unwrap();
    let end = command.find("\nEOF\n").unwrap() + "\nEOF\n".len();
    client.shell(&command[..end], LIMIT).success();
}
