//! How long the program takes to start.

use std::path::Path;

use lease_tests::Client;

use crate::programs::{Goal, Table};
use crate::sample::{Sample, interleaved, program};

pub(crate) fn measure(admin: &Client, plugin: &Path) -> Table {
    let rows = interleaved(
        15,
        vec![
            (
                Sample::new("`kubectl-lease version`"),
                Box::new(|| {
                    let mut command = admin.command(plugin);
                    command.arg("version");
                    program(admin, &command)
                }),
            ),
            (
                Sample::new("`kubectl version --client`"),
                Box::new(|| {
                    let mut command = admin.kubectl_command();
                    command.args(["version", "--client"]);
                    program(admin, &command)
                }),
            ),
        ],
    );
    Table {
        title: "Start, without a request".to_owned(),
        rows,
        goals: vec![Goal {
            beside: 1,
            factor: 0.5,
        }],
        most_memory: None,
    }
}
