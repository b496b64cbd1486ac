//! What is no policy, or one that means no good, given to the program as a file.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use lease_policy_guests::{Guest, component_of_text, without_world};

use super::{add, components, config, files, in_words, refused, stuck};

const FOR_EVER: &str = "(loop $again (br $again))";

#[test]
fn what_is_no_policy_is_not_added() {
    let sandbox = stuck();
    let home = sandbox.shell.home().to_owned();
    let component = Guest::new("p").component();
    let cases: [(&str, &[u8], &str); 9] = [
        (
            "junk",
            b"#!/bin/sh\nreboot\n",
            "junk.wasm is no WebAssembly component",
        ),
        ("empty", b"", "empty.wasm is no WebAssembly component"),
        (
            "cut",
            &component[..component.len() / 2],
            "cut.wasm is no valid WebAssembly component",
        ),
        (
            "module",
            b"\0asm\x01\0\0\0",
            "module.wasm is a core WebAssembly module, not a component",
        ),
        (
            "elf",
            b"\x7fELF\x02",
            "elf.wasm is compiled already, and no WebAssembly component",
        ),
        (
            "world",
            &without_world(),
            "world.wasm is a component of another world",
        ),
        (
            "files",
            &Guest::new("p").asks_for_files().component(),
            "files.wasm asks for wasi:filesystem/types; policies get no access to the system",
        ),
        (
            "newer",
            &Guest::new("p").contract("0.2.0").component(),
            "newer.wasm was made for lease:policy 0.2, this program speaks 0.1",
        ),
        (
            "hollow",
            &component_of_text(
                "(component (instance $i) (export \"lease:policy/policy@0.1.0\" (instance $i)))",
            ),
            "hollow.wasm is no valid WebAssembly component: it is not as its contract says",
        ),
    ];
    for (name, bytes, why) in cases {
        fs::write(home.join(format!("{name}.wasm")), bytes).unwrap();
        for line in [
            format!("plugin add {name}.wasm"),
            format!("plugin inspect {name}.wasm"),
            format!("plugin test {name}.wasm --verb steal stuck"),
        ] {
            let said = sandbox.shell.run(&line);
            assert_eq!(said.code, Some(1), "{line}: {said:?}");
            assert!(said.stderr.contains(why), "{line}: {said:?}");
            assert_eq!(said.stdout, "", "{line}");
            in_words(&said);
        }
    }
    assert!(!config(&sandbox).exists());
    assert_eq!(files(&components(&sandbox)).len(), 0);
}

/// What is kept as machine code is not taken back as a policy.
#[test]
fn machine_code_is_not_added() {
    let sandbox = stuck();
    add(&sandbox, "p", &Guest::new("p"), "");
    let file = files(&super::compiled(&sandbox))[0].clone();
    let said = sandbox
        .shell
        .run(&format!("plugin add {} --name other", file.display()));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("is compiled already"), "{said:?}");
}

#[test]
fn what_is_too_large_is_not_even_read() {
    let sandbox = stuck();
    let large = File::create(sandbox.shell.home().join("large.wasm")).unwrap();
    large.set_len(100 * 1024 * 1024).unwrap();
    let said = sandbox.shell.run("plugin add large.wasm");
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr.contains("large.wasm has more than 32 MiB"),
        "{said:?}"
    );
    for (file, why) in [("nowhere.wasm", "cannot be read"), ("./", "cannot be read")] {
        let said = sandbox.shell.run(&format!("plugin add {file}"));
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.stderr.contains(why), "{said:?}");
    }
}

#[test]
fn what_does_harm_while_it_is_added_is_not_added() {
    let sandbox = stuck();
    let cases = [
        (
            "describe",
            Guest::new("p").describe(FOR_EVER),
            "took longer than 100 ms",
        ),
        (
            "configure",
            Guest::new("p").configure(FOR_EVER),
            "took longer than 100 ms",
        ),
        (
            "start",
            Guest::new("p").start(FOR_EVER),
            "took longer than 100 ms",
        ),
        (
            "panic",
            Guest::new("p").start("(unreachable)"),
            "failed: it panicked",
        ),
        (
            "large",
            Guest::new("p").pages(2000),
            "used more than 64 MiB",
        ),
        (
            "name",
            Guest::new("../../../etc"),
            "describes itself in a way that cannot be",
        ),
    ];
    for (name, guest, why) in cases {
        super::write(&sandbox, name, &guest);
        let begun = Instant::now();
        let said = sandbox.shell.run(&format!("plugin add {name}.wasm"));
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(
            said.stderr.contains(&format!("{name}.wasm {why}")),
            "{said:?}"
        );
        in_words(&said);
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
    }
    assert!(!config(&sandbox).exists());
}

#[test]
fn what_does_harm_when_it_is_asked_is_contained() {
    let sandbox = stuck();
    let grow = "(loop $again (br_if $again (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))
        (unreachable)";
    let deep = Guest::new("p")
        .also(
            "(func $deep (param i32) (result i32)
            (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))",
        )
        .review("(drop (call $deep (i32.const 0)))");
    let giant = Guest::new("p").pages(1000).review(
        "(return (call $finding (i32.const 3) (i32.const 0) (i32.const 3) (i32.const 0)
           (i32.const 60000000)))",
    );
    let cases = [
        (
            "loop",
            Guest::new("p").review(FOR_EVER),
            "took longer than 100 ms",
        ),
        (
            "grow",
            Guest::new("p").review(grow),
            "used more than 64 MiB",
        ),
        ("deep", deep, "used more than 512 KiB of stack"),
        (
            "panic",
            Guest::new("p").review("(unreachable)"),
            "failed: it panicked",
        ),
        ("giant", giant, "said too much: more than 1024 KiB at once"),
    ];
    for (name, guest, why) in cases {
        add(&sandbox, name, &guest, "");
        let begun = Instant::now();
        let said = sandbox.shell.run("steal stuck");
        refused(&sandbox, &said, &format!("policy {name} {why}"));
        let said = sandbox
            .shell
            .run(&format!("plugin test {name} --verb steal stuck"));
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(
            said.stderr.contains(&format!("policy {name} {why}")),
            "{said:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
        sandbox.shell.run(&format!("plugin rm {name}"));
    }
    assert_eq!(sandbox.shell.run("steal stuck").code, Some(0));
}
