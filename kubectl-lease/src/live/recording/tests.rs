//! What is kept, and that it plays as it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lease_client::{Change, micro_time};
use lease_core::{Instant, Timestamp};
use tempfile::TempDir;

use super::{Recorder, Recording};
use crate::failure::Failure;
use crate::live::locks::{LockId, Seen};
use crate::live::message::{Message, Playing};
use crate::live::player::Player;
use crate::live::scene::{Given, Scene, given};
use crate::live::state::Page;

/// A table that is recorded while it is looked at.
struct Session {
    scene: Scene,
    recorder: Recorder,
    began: Instant,
    folder: TempDir,
    /// What was to be seen when.
    seen: Vec<(Duration, String)>,
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("incident.jsonl")
}

fn wall() -> Timestamp {
    micro_time::parse("2026-11-21T10:00:00.250000Z").unwrap()
}

impl Session {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scene = Scene::empty(132, 24);
        let began = scene.now;
        Self {
            recorder: Recorder::create(&file(&folder), "prod", None, began, wall()).unwrap(),
            scene,
            began,
            folder,
            seen: Vec::new(),
        }
    }

    fn wall(&self) -> Timestamp {
        wall().saturating_add(self.scene.now.since(self.began))
    }

    fn hear(&mut self, message: Message) {
        let trouble = self.recorder.record(&message, self.scene.now, self.wall());
        assert_eq!(trouble, None);
        self.scene.hear(message);
    }

    fn list(&mut self, leases: &[Given<'_>]) {
        let leases = leases.iter().map(|given| self.scene.seen(given)).collect();
        let date = micro_time::parse("2026-11-21T10:00:00Z");
        self.hear(Message::Changed(Change::Listed { leases, date }));
    }

    fn apply(&mut self, given: &Given<'_>) {
        let seen = self.scene.seen(given);
        self.hear(Message::Changed(Change::Applied(seen)));
    }

    /// Lets time pass as the table does.
    fn wait(&mut self, milliseconds: u64) {
        for _ in 0..milliseconds / 250 {
            self.scene.pass(250);
        }
        self.scene.pass(milliseconds % 250);
    }

    /// Lets time pass, and looks at the table.
    fn pass(&mut self, milliseconds: u64) {
        self.wait(milliseconds);
        let at = self.scene.now.since(self.began);
        self.seen.push((at, pictures(&mut self.scene)));
        // What is heard next comes after that.
        let later = self.scene.now.saturating_add(Duration::from_millis(1));
        self.scene.now = later;
    }

    /// Ends it. What was seen when is left, and the file.
    fn end(self) -> (Vec<(Duration, String)>, TempDir) {
        let wall = self.wall();
        self.recorder.finish(self.scene.now, wall).unwrap();
        (self.seen, self.folder)
    }
}

/// The table, and all that is known of each lock.
fn pictures(scene: &mut Scene) -> String {
    let mut pictures = scene.drawn();
    let locks = scene.state.shown();
    let ids = (0..locks.len()).filter_map(|row| locks.in_row(row));
    let ids: Vec<LockId> = ids.map(|lock| lock.id.clone()).collect();
    for lock in ids {
        scene.state.pages.push(Page::Detail {
            lock,
            surroundings: None,
            scroll: 0,
        });
        pictures += &scene.drawn();
        scene.state.pages.pop();
    }
    pictures
}

/// An incident: a holder that dies and is followed, a lock that goes and comes back, an outage.
fn incident() -> Session {
    let mut session = Session::new();
    session.list(&[
        given("payments", "ledger", "a-0", 1, Some(15)),
        given("payments", "batch", "b-0", 2, Some(6)),
        given("web", "cache", "", 90, Some(1)),
        given("infra", "tfstate", "c-0", 300, None),
    ]);
    session.pass(730);
    for second in 1..6 {
        session.apply(&given("payments", "ledger", "a-0", 1 - second, Some(15)));
        session.hear(Message::Changed(Change::Progress));
        session.pass(2_017);
    }
    // It died without a word.
    session.pass(9_123);
    session.apply(&given("payments", "batch", "b-1", -20, Some(6)));
    session.pass(40);
    let gone = session.scene.seen(&given("web", "cache", "", 90, Some(1)));
    session.hear(Message::Changed(Change::Deleted(gone)));
    session.pass(3_001);
    // It is not shown any more, and nobody looks.
    session.wait(9_000);
    session.apply(&given("web", "cache", "d-0", -31, Some(15)));
    session.pass(777);
    session.hear(Message::Interrupted("the connection broke".to_owned()));
    session.pass(5_500);
    session.hear(Message::Changed(Change::Resumed));
    session.apply(&given("payments", "ledger", "a-1", -40, Some(15)));
    session.pass(100);
    session.hear(Message::Refused(Failure::refused("leases is forbidden")));
    session.pass(2_000);
    session.list(&[
        given("payments", "ledger", "a-1", -41, Some(15)),
        given("infra", "tfstate", "c-0", 300, None),
    ]);
    // Nothing but that everything expires.
    session.pass(25_600);
    session
}

/// What a recording shows at these times, played as fast as it goes.
fn replayed(file: &Path, times: impl IntoIterator<Item = Duration>) -> Vec<String> {
    let recording = Recording::open(file).unwrap();
    let mut scene = Scene::empty(132, 24);
    scene.state.context.clone_from(&recording.context);
    scene.state.namespace.clone_from(&recording.namespace);
    let began = Instant::from_nanos(5_000_000_000);
    let mut player = Player::new(recording, began);
    for _ in 0..10 {
        player.control(Playing::Faster, began);
    }
    times
        .into_iter()
        .map(|time| {
            // Rounded up, so that it is past by less than a real microsecond's thousand.
            let real = began.saturating_add(time / 1024 + Duration::from_nanos(1));
            while let Some((entry, at)) = player.due(real) {
                scene.now = at;
                scene.hear(entry.message);
            }
            scene.now = player.now(real);
            scene.hear(Message::Tick);
            pictures(&mut scene)
        })
        .collect()
}

#[test]
fn an_incident_looks_the_same_when_it_is_played_back() {
    let (seen, folder) = incident().end();
    let times = seen.iter().map(|(at, _)| *at);
    let played = replayed(&file(&folder), times);
    assert_eq!(seen.len(), played.len());
    for ((at, seen), played) in seen.iter().zip(&played) {
        assert_eq!(seen, played, "after {at:?}");
    }
    // It was not the same all the time.
    let mut different: Vec<_> = played;
    different.sort();
    different.dedup();
    assert_eq!(different.len(), seen.len());
}

/// Lines and what each holds are what other programs read.
#[test]
fn a_recording_is_lines_of_json() {
    let mut session = Session::new();
    session.list(&[given("payments", "ledger", "a-0", 1, Some(15))]);
    session.scene.now = session
        .scene
        .now
        .saturating_add(Duration::from_micros(1_500_001));
    session.apply(&given("payments", "ledger", "a-1", 0, Some(15)));
    session.hear(Message::Switched {
        context: "dev".to_owned(),
        namespace: Some("work".to_owned()),
    });
    session.hear(Message::Tick);
    let (_, folder) = session.end();
    let text = fs::read_to_string(file(&folder)).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[0],
        serde_json::json!({
            "recording": "kubectl-lease", "version": 1, "program": env!("CARGO_PKG_VERSION"),
            "time": "2026-11-21T10:00:00.250000Z", "context": "prod", "namespace": null,
        })
    );
    assert_eq!(lines[1]["what"], "listed");
    assert_eq!(lines[1]["date"], "2026-11-21T10:00:00Z");
    let lease = &lines[1]["leases"][0];
    assert_eq!(lease["metadata"]["managedFields"][0]["manager"], "elector");
    assert_eq!(lines[2]["what"], "applied");
    assert_eq!(lines[2]["ms"], 1500.001);
    assert_eq!(lines[2]["time"], "2026-11-21T10:00:01.750001Z");
    assert_eq!(lines[2]["lease"]["spec"]["holderIdentity"], "a-1");
    assert_eq!(lines[3]["what"], "switched");
    assert_eq!(lines[3]["context"], "dev");
    assert_eq!(lines[3]["namespace"], "work");
    assert_eq!(lines[4]["what"], "ended");
}

#[test]
fn what_is_heard_is_in_the_file_at_once() {
    let mut session = Session::new();
    session.list(&[given("payments", "ledger", "a-0", 1, Some(15))]);
    let file = file(&session.folder);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
    session.apply(&given("payments", "ledger", "a-0", 0, Some(15)));
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 3);
    // Nobody ends it: the program was killed.
    let recording = Recording::open(&file).unwrap();
    assert_eq!((recording.entries.len(), recording.is_cut), (2, false));
}

#[test]
fn a_recording_that_is_cut_plays_up_to_there() {
    let (_, folder) = incident().end();
    let file = file(&folder);
    let whole = fs::read(&file).unwrap();
    let entries = Recording::open(&file).unwrap().entries.len();
    // In the middle of the line before the last one.
    let mut ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let last = ends.nth_back(1).unwrap().0;
    for (end, played, is_cut) in [
        (last - 7, entries - 1, true),
        // All but its line break, which says nothing.
        (last, entries, false),
        (last + 1, entries, false),
        (last + 2, entries, true),
    ] {
        fs::write(&file, &whole[..end]).unwrap();
        let recording = Recording::open(&file).unwrap();
        assert_eq!(
            (recording.entries.len(), recording.is_cut),
            (played, is_cut),
            "{end}"
        );
    }
}

#[test]
fn what_cannot_be_played_is_told_by_its_file_and_line() {
    let (_, folder) = incident().end();
    let file = file(&folder);
    let whole = fs::read_to_string(&file).unwrap();
    let replace = |line: usize, by: &str| {
        let mut lines: Vec<&str> = whole.lines().collect();
        lines[line - 1] = by;
        lines.join("\n") + "\n"
    };
    let progress = r#"{"ms":731,"time":"2026-11-21T10:00:01Z","what":"#;
    for (text, why) in [
        (String::new(), "is no recording of a table"),
        ("hello\n".to_owned(), "is no recording of a table"),
        (
            r#"{"recording":"other"}"#.to_owned(),
            "is no recording of a table",
        ),
        (
            replace(
                1,
                r#"{"recording":"kubectl-lease","version":2,"program":"7.0.0"}"#,
            ),
            "is a recording of version 2; this program plays version 1\n  \
             hint: kubectl-lease 7.0.0 made it",
        ),
        (
            replace(1, r#"{"recording":"kubectl-lease","version":1}"#),
            "line 1 of ",
        ),
        (replace(4, "{\"ms\": 1"), "line 4 of "),
        (
            replace(4, "{\"ms\": 1"),
            "because: EOF while parsing an object, at column 8",
        ),
        (
            replace(3, &format!("{progress}\"danced\"}}")),
            "because: unknown variant `danced`",
        ),
        (
            replace(3, &format!("{progress}\"applied\"}}")),
            "because: it has no \"lease\"",
        ),
        (
            replace(3, &format!("{progress}\"applied\",\"lease\":{{}}}}")),
            "because: it holds something that is no Lease: missing field `metadata`",
        ),
        (
            replace(
                5,
                r#"{"ms":2.5,"time":"2026-11-21T10:00:01Z","what":"progress"}"#,
            ),
            "because: it is at 2.5 ms, before the line above it",
        ),
        (
            replace(3, r#"{"ms":800,"time":"noon","what":"progress"}"#),
            "because: \"noon\" is no time",
        ),
        (
            replace(
                2,
                r#"{"ms":-1,"time":"2026-11-21T10:00:01Z","what":"progress"}"#,
            ),
            "because: -1 ms is no time",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let told = Recording::open(&file).unwrap_err().to_string();
        assert!(told.contains(why), "{told}\n{why}");
        assert!(told.contains(&file.display().to_string()), "{told}");
    }
}

#[test]
fn no_file_is_overwritten() {
    let (_, folder) = incident().end();
    let file = file(&folder);
    let before = fs::read(&file).unwrap();
    let told = Recorder::create(&file, "", None, Instant::from_nanos(0), wall());
    let told = told.err().unwrap().to_string();
    let expected = format!("error: {} exists, and a recording", file.display());
    assert!(told.starts_with(&expected), "{told}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

/// What the feed keeps only when it is asked to.
#[test]
fn a_lease_without_its_object_is_no_recording() {
    let mut session = Session::new();
    let seen = session.scene.seen(&given("a", "b", "c", 1, Some(15)));
    let message = Message::Changed(Change::Applied(Seen {
        object: None,
        ..seen
    }));
    let now = session.scene.now;
    let told = session.recorder.record(&message, now, wall()).unwrap();
    assert!(told.contains("has stopped: a lease came without"), "{told}");
    // It is told once.
    assert_eq!(session.recorder.record(&message, now, wall()), None);
    let failure = session.recorder.finish(now, wall()).unwrap_err();
    assert!(failure.message().contains("is not complete"));
}
