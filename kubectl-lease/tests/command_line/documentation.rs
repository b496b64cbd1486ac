//! What is made of the program's help: the reference in `docs`, and man pages.

use crate::shell::Shell;

/// A shell without any cluster.
fn shell() -> Shell {
    Shell::at("http://unused.invalid")
}

#[test]
fn the_reference_is_what_the_program_says() {
    let shell = shell();
    let said = shell.run("docs --markdown reference.md");
    assert_eq!(said.code, Some(0), "{said:?}");
    let written = std::fs::read_to_string(shell.home().join("reference.md")).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    // Both are long, and a diff says it better.
    assert!(
        written == kept,
        "docs/reference.md is not what the help says; write it anew with\n\
         cargo run -p kubectl-lease -- docs --markdown docs/reference.md"
    );
}

#[test]
fn the_findings_are_what_the_program_explains() {
    let shell = shell();
    let said = shell.run("docs --findings findings.md");
    assert_eq!(said.code, Some(0), "{said:?}");
    let written = std::fs::read_to_string(shell.home().join("findings.md")).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/findings.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == kept,
        "docs/findings.md is not what the program explains; write it anew with\n\
         cargo run -p kubectl-lease -- docs --findings docs/findings.md"
    );
}

#[test]
fn every_verb_has_a_man_page() {
    let shell = shell();
    let said = shell.run("docs --man pages/man1");
    assert_eq!(said.code, Some(0), "{said:?}");

    let folder = shell.home().join("pages/man1");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let ls = read("kubectl-lease-ls.1");
    for phrase in [
        ".TH KUBECTL-LEASE-LS 1 ",
        "kubectl\\-lease\\-ls \\- List locks and how they stand",
        "\\fBkubectl lease ls\\fR [OPTIONS] [NAMES]...",
        "\\fB\\-A\\fR, \\fB\\-\\-all\\-namespaces\\fR",
        // What `-h` does not show.
        "The address of the API server",
        ".SH EXAMPLES",
        "kubectl lease ls \\-A \\-\\-stuck",
        "\\fBkubectl\\-lease\\fR(1)",
    ] {
        assert!(ls.contains(phrase), "{phrase:?} is not in\n{ls}");
    }
    let all = read("kubectl-lease.1");
    assert!(all.contains(".SH \"EXIT CODES\""), "{all}");
    // Each verb that this one lists has its own, and no other has one.
    let pages = std::fs::read_dir(&folder).unwrap().count();
    let listed = |page: &str| page.matches("(1)").count();
    // Which lists verbs of its own, and the one that lists it; it is not in a lean build.
    let plugin = std::fs::read_to_string(folder.join("kubectl-lease-plugin.1"));
    let of_plugin = plugin.map_or(0, |page| listed(&page) - 1);
    assert_eq!(pages, listed(&all) + of_plugin + 1, "{all}");
    assert!(!folder.join("kubectl-lease-docs.1").exists());
}

#[test]
fn a_place_that_cannot_be_written_to_is_an_error() {
    let shell = shell();
    for line in [
        "docs --markdown nowhere/x.md",
        "docs --findings nowhere/x.md",
        "docs --man kubeconfig",
        "docs",
    ] {
        let said = shell.run(line);
        assert_eq!(said.code, Some(1), "{line}: {said:?}");
    }
}
