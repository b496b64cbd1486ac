//! What is no policy, and says so before anything of it is run.

use lease_policy_guests::{Guest, without_world};
use lease_policy_host::{Error, Policy, World};

use crate::HOST;

fn told(component: &[u8]) -> String {
    Policy::compile(&HOST, component).unwrap_err().to_string()
}

#[test]
fn a_policy_asks_for_a_log_and_nothing_else() {
    let world = World::of(&Guest::new("p").component()).unwrap();
    assert_eq!(world.version, "0.1.0");
    for import in &world.imports {
        assert!(import.starts_with("lease:policy/"), "{world:?}");
    }
}

#[test]
fn who_asks_for_the_system_is_told_that_there_is_none() {
    assert_eq!(
        told(&Guest::new("p").asks_for_files().component()),
        "asks for wasi:filesystem/types; policies get no access to the system"
    );
}

#[test]
fn what_is_no_component_is_told_apart() {
    let component = Guest::new("p").component();
    let module = b"\0asm\x01\0\0\0";
    let compiled = HOST.compile(&component).unwrap();
    for (bytes, why) in [
        (&b""[..], "is no WebAssembly component"),
        (b"#!/bin/sh\nreboot\n", "is no WebAssembly component"),
        (module, "is a core WebAssembly module, not a component: "),
        (
            &compiled,
            "is compiled already, and no WebAssembly component: ",
        ),
        (b"\0asm", "is no valid WebAssembly component: "),
        (b"\0asm\x0d\0\x01\0", "is a component of another world: "),
        (
            &without_world(),
            "is a component of another world: it does not export lease:policy/policy",
        ),
    ] {
        let told = told(bytes);
        assert!(told.starts_with(why), "{told}");
    }
    let large = vec![0; 33 * 1024 * 1024];
    assert_eq!(told(&large), "has more than 32 MiB");
}

/// However it is cut, and whatever is wrong in it, that is told and nothing else happens.
#[test]
fn a_component_that_is_cut_is_none() {
    let component = Guest::require_reason().component();
    for length in (0..component.len()).step_by(7) {
        let error = Policy::compile(&HOST, &component[..length]).unwrap_err();
        let told = error.to_string();
        assert!(!told.contains('\n') && told.len() < 300, "{length}: {told}");
    }
}

#[test]
fn a_component_in_which_a_bit_is_wrong_does_no_harm() {
    let component = Guest::require_reason().component();
    for at in (0..component.len()).step_by(11) {
        let mut broken = component.clone();
        broken[at] ^= 0x10;
        let Ok(policy) = Policy::compile(&HOST, &broken) else {
            continue;
        };
        let _ = policy.describe();
        let _ = policy.review("{}", &crate::steal());
    }
}

#[test]
fn an_import_of_another_package_is_named() {
    let text = r#"(component
        (import "evil:corp/spy@1.0.0" (instance))
        (instance $i)
        (export "lease:policy/policy@0.1.0" (instance $i)))"#;
    let component = lease_policy_guests::component_of_text(text);
    let error = World::of(&component).unwrap_err();
    assert!(matches!(error, Error::AsksForMore(_)), "{error:?}");
    assert!(error.to_string().contains("evil:corp/spy@1.0.0"), "{error}");
}

/// It has the name of the contract, and nothing else of it.
#[test]
fn what_only_bears_the_name_is_no_policy() {
    let text = r#"(component
        (instance $i)
        (export "lease:policy/policy@0.1.0" (instance $i)))"#;
    let told = told(&lease_policy_guests::component_of_text(text));
    assert!(told.contains("it is not as its contract says"), "{told}");
}
