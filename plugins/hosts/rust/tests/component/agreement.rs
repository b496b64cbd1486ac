//! The component in wasmtime, beside the native crate.

use lease_conformance::{decisions, histories};
use lease_host_wasmtime::Lock;
use serde_json::Value;

use crate::component;
use crate::dynamic::Dynamic;

#[test]
fn each_decision_is_that_of_the_native_crate() {
    let lock = Lock::compile(&component()).unwrap();
    let mut rules = Dynamic::new(lock.component());
    let table = decisions();
    for case in table["cases"].as_array().unwrap() {
        let lease = &table["leases"][case["lease"].as_str().unwrap()];
        let result = rules.decide(lease, case["call"].as_str().unwrap(), &case["args"]);
        assert_eq!(result, case["result"], "{case}");
    }
}

#[test]
fn each_history_is_that_of_the_native_crate() {
    let lock = Lock::compile(&component()).unwrap();
    for (index, history) in histories(7, 400).iter().enumerate() {
        let mut rules = Dynamic::new(lock.component());
        let steps: &Vec<Value> = history.as_array().unwrap();
        for (number, step) in steps.iter().enumerate() {
            let result = rules.drive(step["call"].as_str().unwrap(), &step["args"]);
            assert_eq!(
                result, step["result"],
                "history {index}, step {number}: {step}"
            );
        }
    }
}
