//! `watch --record` and `watch --replay`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::cluster::Sandbox;
use crate::shell::{Said, Shell};
use crate::transcript::Transcript;
use crate::watched::{LIMIT, Stream, Watched};
use lease_terminal::Terminal;

fn hold(sandbox: &Sandbox, name: &str, holder: &str) {
    sandbox.change(name, |lease| lease["spec"] = sandbox.record(holder, 600, 0));
}

fn file(shell: &Shell) -> PathBuf {
    shell.home().join("incident.jsonl")
}

fn on_a_terminal(sandbox: &Sandbox, line: &str) -> Terminal {
    let mut command = sandbox.shell.command(line.split_whitespace());
    Terminal::start(command.env("NO_COLOR", "1"), 130, 12)
}

/// Waits until a recording has so many lines, and gives them.
fn wait_for_lines(file: &Path, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.ends_with('\n') && text.lines().count() >= count {
            let line = |line| serde_json::from_str(line).unwrap();
            return text.lines().map(line).collect();
        }
        assert!(Instant::now() < deadline, "{count} lines: {text}");
        thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// A recording of one lock that two hold after another.
fn recorded(sandbox: &Sandbox) -> Said {
    sandbox.lock("one", "alice", 600, 3);
    let mut command = sandbox
        .shell
        .command(["watch", "--record", "incident.jsonl"]);
    let mut watched = Watched::start(&mut command);
    watched.line(Stream::Stdout);
    for holder in ["bob", "carol"] {
        hold(sandbox, "one", holder);
        watched.line(Stream::Stdout);
    }
    watched.signal(Signal::TERM);
    let said = watched.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    said
}

#[test]
fn on_a_pipe_a_recording_tells_what_was_told() {
    let mut sandbox = Sandbox::new();
    let told = recorded(&sandbox);
    let lines = wait_for_lines(&file(&sandbox.shell), 5);
    let whats: Vec<&Value> = lines[1..].iter().map(|line| &line["what"]).collect();
    assert_eq!(whats, ["listed", "applied", "applied", "ended"]);
    assert_eq!(lines[0]["context"], "sandbox");
    assert_eq!(lines[0]["namespace"], "work");
    let written = &lines[3]["lease"];
    assert_eq!(*written, *sandbox.cluster.get("work", "one").unwrap());
    let ms: Vec<f64> = lines[1..]
        .iter()
        .filter_map(|line| line["ms"].as_f64())
        .collect();
    assert!(ms.is_sorted() && ms.len() == 4, "{ms:?}");

    // There is no cluster any more, nor anything that would lead to one.
    sandbox.unplug();
    fs::remove_file(sandbox.shell.kubeconfig()).unwrap();
    let replayed = sandbox.shell.run("watch --replay incident.jsonl");
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    assert_eq!(replayed.stdout, told.stdout);
    assert_eq!(replayed.stderr, "");
    let json = sandbox.shell.run("watch --replay incident.jsonl -o json");
    let last: Value = serde_json::from_str(json.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["holder"], &last["from"]),
        (&json!("carol"), &json!("bob"))
    );
}

#[test]
fn what_a_table_shows_is_recorded_as_it_comes() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    let mut table = on_a_terminal(&sandbox, "watch --record incident.jsonl");
    let text = table.wait_for(|text| text.contains("alice"));
    assert!(text.contains("  rec incident.jsonl"), "{text}");
    hold(&sandbox, "one", "bob");
    table.wait_for(|text| text.contains("bob"));
    // It is there before anybody ends it.
    let lines = wait_for_lines(&file(&sandbox.shell), 3);
    assert_eq!(lines[2]["lease"]["spec"]["holderIdentity"], "bob");
    // Nor does it matter how it ends.
    table.signal(Signal::KILL);
    let replayed = sandbox.shell.run("watch --replay incident.jsonl");
    assert!(
        replayed.stdout.contains("acquired by bob from alice"),
        "{replayed:?}"
    );
    assert_eq!(replayed.stderr, "");
}

#[test]
fn other_namespaces_and_what_is_in_them_are_recorded_too() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    let other = crate::cluster::lease("two", sandbox.record("bob", 600, 1));
    sandbox.seed(1, "web", &other);
    let mut table = on_a_terminal(&sandbox, "watch --record incident.jsonl");
    table.wait_for(|text| text.contains("alice"));
    table.press(":ns web\r");
    table.wait_for(|text| text.contains("bob"));
    table.press("q");
    assert_eq!(table.end(), Some(0));
    let replayed = sandbox.shell.run("watch --replay incident.jsonl");
    let told: Vec<&str> = replayed
        .stdout
        .lines()
        .filter_map(|line| Some(line.split_once("  ")?.1))
        .collect();
    assert_eq!(told.len(), 2, "{replayed:?}");
    assert!(told[0].starts_with("work/one  held by alice"), "{told:?}");
    assert!(told[1].starts_with("web/two  held by bob"), "{told:?}");
    assert_eq!(replayed.stderr, "from here on: namespace web of sandbox\n");
}

#[test]
fn a_recording_is_played_in_the_table() {
    let mut sandbox = Sandbox::new();
    recorded(&sandbox);
    sandbox.unplug();
    fs::remove_file(sandbox.shell.kubeconfig()).unwrap();
    let mut table = on_a_terminal(&sandbox, "watch --replay incident.jsonl");
    // At the end it stays, and says so.
    let text = table.wait_for(|text| text.contains("replay has ended at "));
    assert!(
        text.contains("carol") && text.contains("after 3 changes"),
        "{text}"
    );
    assert!(text.contains("namespace work"), "{text}");
    // One of its leases can be read.
    table.press("y");
    table.wait_for(|text| text.contains("kind: Lease"));
    table.press("G");
    table.wait_for(|text| text.contains("holderIdentity: carol"));
    table.press("qdG");
    table.wait_for(|text| text.contains("a recording has only the leases themselves"));
    table.press("qw");
    table.wait_for(|text| text.contains("not known: a recording has no cluster to ask"));
    table.press("qs");
    table.wait_for(|text| text.contains("nothing can be changed in it"));
    table.press("q");
    assert_eq!(table.end(), Some(0));
    assert!(table.is_restored());
}

#[test]
fn a_recording_is_played_step_by_step() {
    let sandbox = Sandbox::new();
    recorded(&sandbox);
    // So far apart that nothing comes by itself.
    let file = file(&sandbox.shell);
    let lines = fs::read_to_string(&file).unwrap();
    let slow: String = (0..)
        .zip(lines.lines())
        .map(|(number, line)| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            if number > 0 {
                line["ms"] = json!(number * 1_000_000);
            }
            line.to_string() + "\n"
        })
        .collect();
    fs::write(&file, slow).unwrap();
    let mut table = on_a_terminal(&sandbox, "watch --replay incident.jsonl");
    table.wait_for(|text| text.contains("alice") && text.contains(", 1 of 3 changes, x1; then"));
    table.press("++");
    table.wait_for(|text| text.contains("1 of 3 changes, x4;"));
    table.press("------");
    table.wait_for(|text| text.contains("1 of 3 changes, x1/16;"));
    table.press(" ");
    table.wait_for(|text| text.contains("1 of 3 changes, x1/16, paused;"));
    table.press(".");
    table.wait_for(|text| text.contains("2 of 3 changes") && text.contains("bob"));
    table.press(".");
    table.wait_for(|text| text.contains("3 of 3 changes") && text.contains("carol"));
    table.press(".");
    table.wait_for(|text| text.contains("replay has ended"));
    table.press("q");
    assert_eq!(table.end(), Some(0));
}

#[test]
fn a_recording_that_is_cut_says_so() {
    let sandbox = Sandbox::new();
    recorded(&sandbox);
    let file = file(&sandbox.shell);
    let whole = fs::read(&file).unwrap();
    let mut ends = (0..whole.len()).filter(|at| whole[*at] == b'\n');
    let last = ends.nth_back(1).unwrap();
    fs::write(&file, &whole[..last - 40]).unwrap();
    let replayed = sandbox.shell.run("watch --replay incident.jsonl");
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    assert_eq!(replayed.stdout.lines().count(), 2, "{replayed:?}");
    assert_eq!(
        replayed.stderr,
        "incident.jsonl is cut in its last line: this is all of it\n"
    );
    let mut table = on_a_terminal(&sandbox, "watch --replay incident.jsonl");
    table.wait_for(|text| text.contains("where the recording is cut in its last line"));
}

/// Whoever was to take the recording went away: the disk is full, or the pipe is closed.
#[test]
fn what_cannot_be_recorded_any_more_is_told_and_the_table_goes_on() {
    for is_table in [true, false] {
        let sandbox = Sandbox::new();
        sandbox.lock("one", "alice", 600, 3);
        let pipe = sandbox.shell.home().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut lines = BufReader::new(File::open(pipe).unwrap()).lines();
                // The header, and how all stood.
                [lines.next(), lines.next()].map(|line| line.unwrap().unwrap())
            }
        });
        let why = "recording to pipe has stopped: Broken pipe";
        let incomplete = "error: the recording pipe is not complete";
        if is_table {
            let mut table = on_a_terminal(&sandbox, "watch --record pipe");
            table.wait_for(|text| text.contains("rec pipe") && text.contains("alice"));
            assert!(reader.join().unwrap()[1].contains("alice"));
            hold(&sandbox, "one", "bob");
            table.wait_for(|text| text.contains(why) && text.contains("rec pipe has stopped"));
            hold(&sandbox, "one", "carol");
            table.wait_for(|text| text.contains("carol"));
            table.press("q");
            assert_eq!(table.end(), Some(1));
            assert!(table.text().contains(incomplete), "{}", table.text());
        } else {
            let mut command = sandbox.shell.command(["watch", "--record", "pipe"]);
            let mut watched = Watched::start(&mut command);
            watched.line(Stream::Stdout);
            reader.join().unwrap();
            hold(&sandbox, "one", "bob");
            assert!(watched.line(Stream::Stderr).starts_with(why));
            hold(&sandbox, "one", "carol");
            watched.until(|said| said.stdout.contains("acquired by carol from bob"));
            watched.signal(Signal::TERM);
            let said = watched.end();
            assert_eq!(said.code, Some(1), "{said:?}");
            assert_eq!(said.stderr.matches(why).count(), 1, "{said:?}");
            assert!(said.stderr.contains(incomplete), "{said:?}");
        }
    }
}

#[test]
fn what_cannot_be_recorded_or_played_is_an_error() {
    let sandbox = Sandbox::new();
    recorded(&sandbox);
    let home = sandbox.shell.home();
    let whole = fs::read_to_string(file(&sandbox.shell)).unwrap();
    fs::write(home.join("notes"), "milk\n").unwrap();
    fs::write(home.join("empty"), "").unwrap();
    fs::create_dir(home.join("folder")).unwrap();
    let newer = whole.replacen("\"version\":1", "\"version\":2", 1);
    fs::write(home.join("newer"), newer).unwrap();
    let header = whole.lines().next().unwrap();
    let danced = r#"{"ms":1.5,"time":"2026-11-21T10:00:00Z","what":"danced"}"#;
    fs::write(home.join("other"), format!("{header}\n{danced}\n")).unwrap();
    let mut typed = Transcript::new(&sandbox.shell);
    for line in [
        "watch --record notes",
        "watch --record folder",
        "watch --record missing/file",
        "watch --replay missing",
        "watch --replay folder",
        "watch --replay notes",
        "watch --replay empty",
        "watch --replay newer",
        "watch --replay other",
        "watch --replay notes --record file",
        "watch --replay notes --allow-changes",
    ] {
        let said = typed.run(line);
        assert_eq!((said.code, &*said.stdout), (Some(1), ""), "{line}");
    }
    assert_eq!(fs::read_to_string(home.join("notes")).unwrap(), "milk\n");
    insta::assert_snapshot!("not-played", typed.end());
}
