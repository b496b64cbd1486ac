//! A policy as a test wants it.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use crate::module::Module;

/// The contract's text, in one file: tests change its version, and what its world imports.
const CONTRACT: [&str; 4] = [
    include_str!("../../../wit/policy/types.wit"),
    include_str!("../../../wit/policy/policy.wit"),
    include_str!("../../../wit/policy/log.wit"),
    include_str!("../../../wit/policy/world.wit"),
];
const PACKAGE: &str = "package lease:policy@0.1.0;";

/// A policy that is being made.
#[derive(Clone, Debug)]
#[must_use]
pub struct Guest {
    module: Module,
    version: String,
    asks_for_files: bool,
}

impl Guest {
    /// One that takes all settings and abstains.
    pub fn new(name: &str) -> Self {
        Self {
            module: Module::new(name),
            version: "0.1.0".to_owned(),
            asks_for_files: false,
        }
    }

    /// One that denies whatever has no reason, and takes any settings.
    pub fn require_reason() -> Self {
        Self::new("require-reason")
            .summary("Wants a reason for what is done to somebody else's lock.")
            .verbs(&["steal", "force-release"])
            .review(&format!(
                "(if (i32.eqz (i32.load8_u offset=32 (local.get $request))) (then {}))\n{}",
                Self::deny("reason-missing", "say why, with --reason"),
                Self::abstain()
            ))
    }

    /// With these verbs, instead of all.
    pub fn verbs(mut self, verbs: &[&str]) -> Self {
        self.module.verbs = verbs.iter().map(ToString::to_string).collect();
        self
    }

    /// With what it is for.
    pub fn summary(mut self, summary: &str) -> Self {
        summary.clone_into(&mut self.module.summary);
        self
    }

    /// With what it says of its version.
    pub fn own_version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.module.version);
        self
    }

    /// With an example of its settings.
    pub fn example(mut self, settings: &str) -> Self {
        settings.clone_into(&mut self.module.example);
        self
    }

    /// It wants to know who holds the lock.
    pub fn wants_holder(mut self) -> Self {
        self.module.wants_holder = true;
        self
    }

    /// With the body of `review`, whose parameter is `$request`.
    pub fn review(mut self, body: &str) -> Self {
        body.clone_into(&mut self.module.review);
        self
    }

    /// With the body of `configure`, whose parameters are `$settings` and `$length`.
    pub fn configure(mut self, body: &str) -> Self {
        body.clone_into(&mut self.module.configure);
        self
    }

    /// With the body of `describe`.
    pub fn describe(mut self, body: &str) -> Self {
        self.module.describe = Some(body.to_owned());
        self
    }

    /// With the body of what runs when it is started.
    pub fn start(mut self, body: &str) -> Self {
        self.module.start = Some(body.to_owned());
        self
    }

    /// With more fields of its module.
    pub fn also(mut self, fields: &str) -> Self {
        self.module.fields.push_str(fields);
        self
    }

    /// With so many pages of memory to begin with, of 64 KiB.
    pub fn pages(mut self, pages: u32) -> Self {
        self.module.pages = pages;
        self
    }

    /// Made for another version of the contract.
    pub fn contract(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// With an import of the file system, which it never gets to call.
    pub fn asks_for_files(mut self) -> Self {
        self.asks_for_files = true;
        self
    }

    /// It looks that way and answers: for the end of a body.
    pub fn abstain() -> String {
        "(return (call $verdict (i32.const 0)))".to_owned()
    }

    /// It has nothing against it.
    pub fn allow() -> String {
        "(return (call $verdict (i32.const 1)))".to_owned()
    }

    /// It warns.
    pub fn warn(code: &str, message: &str) -> String {
        Self::finding(2, code, message)
    }

    /// It denies.
    pub fn deny(code: &str, message: &str) -> String {
        Self::finding(3, code, message)
    }

    /// It does not take its settings: for `configure`.
    pub fn refuse_settings(code: &str, message: &str) -> String {
        Self::finding(1, code, message)
    }

    fn finding(case: u8, code: &str, message: &str) -> String {
        format!(
            "(return (call $finding (i32.const {case}) (i32.const {{{code:?}}}) (i32.const {}) \
             (i32.const {{{message:?}}}) (i32.const {})))",
            code.len(),
            message.len()
        )
    }

    /// It writes to its log; 0 is debug, 1 info, 2 a warning.
    pub fn log(level: u8, message: &str) -> String {
        format!(
            "(call $log (i32.const {level}) (i32.const {{{message:?}}}) (i32.const {}))",
            message.len()
        )
    }

    /// The component.
    pub fn component(&self) -> Vec<u8> {
        let (resolve, world) = self.resolve();
        let interface = format!("lease:policy/policy@{}", self.version);
        let log = format!("lease:policy/log@{}", self.version);
        let text = self.module.text(&interface, &log, self.asks_for_files);
        let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
            .unwrap();
        encoded(&module)
    }

    fn resolve(&self) -> (Resolve, wit_parser::WorldId) {
        let mut text = CONTRACT.join("\n").replace(PACKAGE, "");
        if self.asks_for_files {
            text = text.replace(
                "import log;",
                "import log;\nimport wasi:filesystem/types@0.2.0;",
            );
        }
        text = text.replace("version = 0.1.0", &format!("version = {}", self.version));
        let mut resolve = Resolve::new();
        if self.asks_for_files {
            let wasi = "package wasi:filesystem@0.2.0; interface types { read: func(); }";
            resolve.push_str(Path::new("wasi.wit"), wasi).unwrap();
        }
        let text = format!("package lease:policy@{};\n{text}", self.version);
        let package = resolve.push_str(Path::new("policy.wit"), &text).unwrap();
        let world = resolve.select_world(&[package], Some("plugin")).unwrap();
        (resolve, world)
    }
}

/// A component of a world that is none of ours.
pub(crate) fn of_another_world() -> Vec<u8> {
    let mut resolve = Resolve::new();
    let text = "package a:b@1.0.0; world w { export run: func(); }";
    let package = resolve.push_str(Path::new("w.wit"), text).unwrap();
    let world = resolve.select_world(&[package], Some("w")).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    encoded(&module)
}

fn encoded(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .unwrap()
        .encode()
        .unwrap()
}
