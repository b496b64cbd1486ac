//! Compiling, which is done by a process of its own, once, and within limits.

use std::fs;
#[cfg(target_os = "linux")]
use std::process::Command;
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use lease_policy_guests::needs_memory_to_compile;
use lease_policy_guests::{Guest, compile_bomb};
#[cfg(target_os = "linux")]
use lease_policy_host::{CompileLimits, compile_in_child};

use super::{add, compiled, config, files, in_words, refused, stuck};

#[test]
fn what_takes_too_long_to_compile_is_not_added() {
    let sandbox = stuck();
    let bomb = compile_bomb(4000, 100);
    assert!(bomb.len() < 32 * 1024 * 1024, "{}", bomb.len());
    fs::write(sandbox.shell.home().join("bomb.wasm"), bomb).unwrap();
    let begun = Instant::now();
    let said = sandbox.shell.run("plugin add bomb.wasm --timeout 1s");
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr
            .contains("bomb.wasm could not be compiled within 1 s"),
        "{said:?}"
    );
    in_words(&said);
    assert!(!config(&sandbox).exists());
    assert_eq!(files(&compiled(&sandbox)).len(), 0);
}

/// Less than the program allows, so that this does not have to eat it all.
#[cfg(target_os = "linux")]
#[test]
fn what_takes_too_much_memory_to_compile_is_ended() {
    let sandbox = stuck();
    let limits = CompileLimits {
        memory: 150 * 1024 * 1024,
        time: Duration::from_secs(300),
    };
    let mut compiler = Command::new(env!("CARGO_BIN_EXE_kubectl-lease"));
    compiler.args(["compile-policy", &limits.memory.to_string(), "300000"]);
    let bomb = needs_memory_to_compile(50_000);
    let error = compile_in_child(compiler, &bomb, sandbox.shell.home(), limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not be compiled with 150 MiB of memory"
    );
}

/// Whatever lies in the cache that is not what this very program made there is made anew.
#[test]
fn what_was_compiled_is_compiled_again_where_it_is_needed() {
    let sandbox = stuck();
    let denies = Guest::new("p").review(&Guest::deny("no", "never"));
    add(&sandbox, "never", &denies, "");
    let folder = compiled(&sandbox);
    let file = files(&folder)[0].clone();
    let whole = fs::read(&file).unwrap();
    let check = || {
        let said = sandbox.shell.run("steal stuck");
        refused(&sandbox, &said, "never (no)");
        assert_eq!(fs::read(&file).unwrap().len(), whole.len());
    };
    fs::remove_file(&file).unwrap();
    check();
    fs::remove_dir_all(&folder).unwrap();
    check();
    // Another version's, a part of one, and no machine code at all.
    for bytes in [
        &whole[..whole.len() / 2],
        b"\x7fELF",
        b"",
        &b"junk".repeat(1000),
    ] {
        fs::write(&file, bytes).unwrap();
        check();
    }
}

#[test]
fn the_process_that_compiles_is_no_verb_of_anybodys() {
    let sandbox = stuck();
    let help = sandbox.shell.run("--help").stdout;
    assert!(!help.contains("compile-policy"), "{help}");
    let said = sandbox.shell.run("compile-policy 2000000000 10000");
    assert_eq!(said.code, Some(65), "{said:?}");
    assert_eq!(said.stderr, "is no WebAssembly component");
}
