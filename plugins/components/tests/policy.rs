//! What is made a policy's component, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::path::Path;

use lease_components::{Contract, Metadata, make_policy};
use wit_component::{StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// A core module that does nothing, of the policies' world with a change in it.
fn module(from: &str, to: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/policy");
    let contract = Contract::read(&folder).unwrap();
    let text = contract.text();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    let mut resolve = Resolve::default();
    let text = text.replace(from, to);
    let package = resolve.push_str("policy.wit", &text).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    module
}

fn metadata() -> Metadata {
    Metadata {
        name: "quiet-hours".to_owned(),
        version: "1.2.3".to_owned(),
        description: "Nobody is woken up".to_owned(),
        licence: None,
        source: None,
        revision: None,
    }
}

const EXPORT: &str = "export policy;";

#[test]
fn a_policy_is_made_and_says_what_it_is() {
    let component = make_policy(&module(EXPORT, EXPORT), &metadata()).unwrap();
    let payload = wasm_metadata::Payload::from_binary(&component).unwrap();
    let described = payload.metadata();
    assert_eq!(described.name.as_deref(), Some("quiet-hours"));
    assert_eq!(described.version.as_ref().unwrap().to_string(), "1.2.3");
    assert!(described.licenses.is_none());
    // What is a component already is taken as it is, and described anew.
    let again = Metadata {
        version: "1.2.4".to_owned(),
        ..metadata()
    };
    let component = make_policy(&component, &again).unwrap();
    let payload = wasm_metadata::Payload::from_binary(&component).unwrap();
    assert_eq!(
        payload.metadata().version.as_ref().unwrap().to_string(),
        "1.2.4"
    );
}

#[test]
fn what_asks_for_more_than_its_log_is_refused() {
    let clock = "export policy;\n    import clock: interface { now: func() -> u64; }";
    let error = make_policy(&module(EXPORT, clock), &metadata()).unwrap_err();
    let error = format!("{error:#}");
    let rule = "it asks its host for clock; a policy has nothing but lease:policy/log";
    assert_eq!(error, rule);
}

#[test]
fn what_is_no_policy_is_refused() {
    let other = "export other: interface { describe: func() -> string; }";
    let cases = [
        (
            module(EXPORT, other),
            "it is no policy: it does not offer lease:policy/policy",
        ),
        (b"#!/bin/sh\n".to_vec(), "it is no WebAssembly"),
        (b"\0asm\x01\0\0\0".to_vec(), "it is no policy"),
    ];
    for (wasm, rule) in cases {
        let error = make_policy(&wasm, &metadata()).unwrap_err();
        assert!(format!("{error:#}").starts_with(rule), "{error:#}");
    }
}
