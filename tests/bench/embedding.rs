//! What the component costs its hosts, beside the native call.

use std::path::Path;
use std::process::Command;

use lease_tests::{Output, hosts};
use serde_json::Value;

use crate::page::{Section, verdict};

/// `measure` is the program of the host in Rust, built for release.
pub(crate) fn measure(measure: &Path) -> Section {
    let decisions = hosts::source("plugins/conformance/decisions.json");
    let said = |command: &mut Command| Output::of(command).json();
    let rust = said(Command::new(measure).arg(hosts::component()));
    let python = said(
        hosts::python("measure.py")
            .arg(hosts::component())
            .arg(&decisions),
    );
    let node = said(hosts::node("measure.mjs").arg(&decisions));
    let number = |told: &Value, key: &str| told[key].as_f64().unwrap();

    let decision = number(&rust, "decision-ns");
    let instance = number(&rust, "instance-us");
    let row = |cells: [String; 5]| cells.to_vec();
    Section {
        title: "A decision, in the component".to_owned(),
        note: "How a lock that was read stands; reading one takes in a Lease with its managed fields.\n\
               Ready is an instance of what was compiled before; in Python and Node, all from the start.",
        columns: &["host", "decision", "read and decide", "ready", "goal"],
        rows: vec![
            row([
                "none: the native crate".to_owned(),
                format!("{} ns", rust["native-ns"]),
                String::new(),
                String::new(),
                String::new(),
            ]),
            row([
                "wasmtime, in Rust".to_owned(),
                format!("{decision} ns"),
                format!("{} ns", rust["read-and-decision-ns"]),
                format!("{instance} us"),
                format!(
                    "1000 ns {}; 1000 us {}",
                    verdict(decision < 1000.0),
                    verdict(instance < 1000.0)
                ),
            ]),
            row([
                "Node, by jco".to_owned(),
                format!("{} us", node["decision-us"]),
                format!(
                    "{:.1} us",
                    number(&node, "decision-us") + number(&node, "read-us")
                ),
                format!("{} ms", node["ready-ms"]),
                String::new(),
            ]),
            row([
                "wasmtime, in Python".to_owned(),
                format!("{} us", python["decision-us"]),
                format!(
                    "{:.1} us",
                    number(&python, "decision-us") + number(&python, "read-us")
                ),
                format!("{} ms", python["ready-ms"]),
                String::new(),
            ]),
        ],
    }
}
