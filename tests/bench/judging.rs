//! How much longer a verb takes for the policies that it asks.

use std::path::Path;
use std::time::Duration;

use lease_policy_guests::Guest;
use lease_tests::Client;

use crate::figures::milliseconds;
use crate::page::{Section, verdict};
use crate::programs::megabytes;
use crate::sample::{Sample, interleaved, program};

/// A lock that is there and held.
pub(crate) const LOCK: &str = "judged";
/// How much longer a verb may take that asks two policies.
const MOST: Duration = Duration::from_millis(5);

pub(crate) fn measure(admin: &Client, plugin: &Path) -> Section {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("require-reason.wasm");
    std::fs::write(&component, Guest::require_reason().component()).unwrap();
    // Through `env`, so that they differ in nothing but where it is looked for policies.
    let with = |config: &str| {
        let mut command = admin.command("env");
        for (variable, place) in [("CONFIG", config), ("DATA", "data"), ("CACHE", "cache")] {
            let place = folder.path().join(place);
            command.arg(format!("XDG_{variable}_HOME={}", place.display()));
        }
        command.arg(plugin);
        command
    };
    for name in ["one", "two"] {
        let mut add = with("config");
        add.args(["plugin", "add", "--name", name]).arg(&component);
        assert!(add.output().unwrap().status.success());
    }
    let ask = |label: &str, config: &str| {
        let mut command = with(config);
        command.args([
            "force-release",
            LOCK,
            "--dry-run",
            "--reason",
            "x",
            "-o",
            "name",
        ]);
        let run: Box<dyn FnMut() -> crate::sample::Run> =
            Box::new(move || program(admin, &command));
        (Sample::new(label), run)
    };
    let rows = interleaved(
        31,
        vec![
            ask("`force-release --dry-run`, no policies", "nothing"),
            ask("the same, two policies", "config"),
        ],
    );
    let (without, with) = (&rows[0], &rows[1]);
    let more = with.median().saturating_sub(without.median());
    let row = |sample: &Sample, more: String, goal: String| {
        let (median, peak) = (milliseconds(sample.median()), megabytes(sample.peak()));
        vec![sample.label.clone(), median, peak, more, goal]
    };
    Section {
        title: "Policies, compiled before".to_owned(),
        note: "A request to the API server, and two policies that are asked about it.",
        columns: &["", "median", "peak memory", "longer by", "goal"],
        rows: vec![
            row(without, String::new(), String::new()),
            row(
                with,
                milliseconds(more),
                format!("under {} {}", milliseconds(MOST), verdict(more < MOST)),
            ),
        ],
    }
}
