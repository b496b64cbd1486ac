//! One table of cases, each a few command lines, run against the sandbox and against a real API
//! server: what our verbs and kubectl say of the two must agree, and so must their exit codes.
//! What the sandbox is used to test elsewhere rests on this.

mod case;
mod difference;
mod normal;
mod objects;
mod reading;
mod sandbox;
mod side;
mod watching;
mod writing;

use std::thread;

use lease_tests::ApiServer;

use self::case::Case;
use self::sandbox::Sandbox;
use self::side::Side;

#[test]
fn the_sandbox_agrees_with_a_real_api_server() {
    let sandbox = Sandbox::start();
    // All at once, since some wait for a lease to expire.
    let differences: Vec<String> = thread::scope(|scope| {
        let cases: Vec<_> = reading::CASES
            .iter()
            .chain(writing::CASES)
            .map(|case| (case, scope.spawn(|| compare(case, &sandbox))))
            .collect();
        cases
            .into_iter()
            .filter_map(|(case, thread)| match thread.join() {
                Ok(difference) => difference,
                Err(_) => Some(format!("case {:?} panicked, see above\n", case.name)),
            })
            .collect()
    });
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

/// Runs a case on both sides, and says where they differ.
fn compare(case: &Case, sandbox: &Sandbox) -> Option<String> {
    let namespace = ApiServer::shared().namespace("case");
    let real = Side::real(&namespace);
    let imitated = Side::imitated(&namespace, sandbox);
    let (real, imitated) = thread::scope(|scope| {
        let real = scope.spawn(|| case.run(&real));
        let imitated = case.run(&imitated);
        (real.join().expect("the case says why it failed"), imitated)
    });
    difference::between(case.name, &real, &imitated)
}
