//! The contracts of this project, and what is found in those that are broken on purpose.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::path::{Path, PathBuf};

use lease_components::Contract;

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

fn lock() -> Contract {
    Contract::read(&wit().join("lock")).unwrap()
}

/// The lock's contract with a change in its text, which must be there.
fn changed(from: &str, to: &str) -> Contract {
    let contract = lock();
    let text = contract.text();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    Contract::of(text.replace(from, to))
}

#[test]
fn each_item_says_what_it_is_and_since_when() {
    for contract in ["lock", "policy"] {
        let gaps = Contract::read(&wit().join(contract)).unwrap().gaps();
        assert_eq!(gaps.unwrap(), Vec::<String>::new(), "{contract}");
    }
}

#[test]
fn what_says_nothing_is_found() {
    let cases = [
        (
            "        /// `metadata.name`.\n        name: string,\n        /// `metadata.uid` and `metadata.resourceVersion` of what is replaced",
            "        name: string,\n        /// `metadata.uid`",
            "types/write.name: no documentation",
        ),
        (
            "    /// What kind of reason is against what was asked.\n",
            "",
            "types/error-kind: no documentation",
        ),
        (
            "        /// There is none of that name: 404.\n",
            "",
            "rules/outcome.absent: no documentation",
        ),
        (
            "        @since(version = 0.1.0)\n        suspect: func();",
            "        suspect: func();",
            "rules/[method]contender.suspect: no @since",
        ),
        (
            "    @since(version = 0.1.0)\n    export rules;",
            "    export rules;",
            "logic/lease:lock/rules@0.1.0: no @since",
        ),
        (
            "@since(version = 0.1.0)\nworld logic",
            "world logic",
            "logic: no @since",
        ),
    ];
    for (from, to, gap) in cases {
        assert_eq!(changed(from, to).gaps().unwrap(), [gap]);
    }
}

/// A host that was made for a released contract goes on working with a component of this one.
#[test]
fn what_was_released_is_still_served() {
    let released = wit().join("released");
    let mut count = 0;
    for folder in std::fs::read_dir(released).unwrap() {
        let folder = folder.unwrap().path();
        let contract = Contract::read(&folder).unwrap();
        if let Err(error) = lock().serves(&contract) {
            panic!("{}: {error:#}", folder.display());
        }
        count += 1;
    }
    assert!(count > 0, "nothing was released");
}

#[test]
fn what_may_be_added_is_known_from_what_may_not_be_changed() {
    let more = "        @since(version = 0.1.0)\n        suspect: func();";
    let added = format!(
        "{more}\n        /// More.\n        @since(version = 0.1.0)\n        more: func();"
    );
    changed(more, &added).serves(&lock()).unwrap();
    for (from, to) in [
        (more, ""),
        ("suspect: func();", "suspect: func(now: instant);"),
        (
            "        open,\n",
            "        open,\n        /// One more.\n        closed,\n",
        ),
        ("        absent,\n", ""),
        ("at-once: bool,", "at-once: u32,"),
        (
            "        number: u64,\n",
            "        number: u64,\n        /// One more.\n        weight: u64,\n",
        ),
    ] {
        let result = changed(from, to).serves(&lock());
        assert!(result.is_err(), "{from} became {to}");
    }
}
