//! Whether two were ever inside at one time, whatever the lock says.

use std::fs::{File, OpenOptions, remove_file};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

/// A file that only one can create: it is made where a critical section begins and removed where it
/// ends, by whoever contends, in whatever language. And a log to which all add a line.
///
/// The peers in Go have the same in `tests/go/peers/contender/witness.go`, shells have
/// [`Witness::SCRIPT`].
#[derive(Debug)]
pub struct Witness {
    folder: TempDir,
}

/// A line of the log. They are in the order in which things happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When, in microseconds since 1970 on the machine's clock.
    pub at: u64,
    /// Who.
    pub identity: String,
    /// What kind of contender that is.
    pub kind: String,
    /// What.
    pub what: What,
}

/// What a line of the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A critical section began.
    Began,
    /// It ended.
    Ended,
    /// It would have begun, but somebody else was inside.
    Overlap,
}

impl Witness {
    /// What bash does in a critical section of `$HOLD` seconds, as `$KIND` and `$LEASE_IDENTITY`,
    /// with the folder in `$WITNESS`.
    pub const SCRIPT: &'static str = r#"
        note() { echo "$1 $KIND $LEASE_IDENTITY ${EPOCHREALTIME/[.,]/}" >> "$WITNESS/log"; }
        set -o noclobber
        if { : > "$WITNESS/inside"; } 2> /dev/null; then
            note began
            sleep "$HOLD"
            note ended
            rm "$WITNESS/inside"
        else
            note overlap
        fi
    "#;

    /// One for one lock.
    #[expect(
        clippy::new_without_default,
        reason = "it takes something of the system's"
    )]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lease-witness-").tempdir();
        Self {
            folder: folder.expect("the folder for temporary files is writable"),
        }
    }

    /// The folder in which the file and the log are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Begins a critical section. Nothing is returned where that is an overlap, which is noted.
    pub fn begin(&self, kind: &str, identity: &str) -> Option<Inside> {
        let inside = Inside {
            file: self.folder().join("inside"),
            log: self.log(),
            who: format!("{kind} {identity}"),
        };
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&inside.file);
        match created {
            Ok(_) => {
                inside.note("began");
                Some(inside)
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                inside.note("overlap");
                None
            }
            Err(e) => panic!("cannot create {}: {e}", inside.file.display()),
        }
    }

    /// All that was noted so far.
    pub fn marks(&self) -> Vec<Mark> {
        let text = match std::fs::read_to_string(self.log()) {
            Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
            text => text.expect("the log is readable"),
        };
        // The last line may just be written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(Mark::read).collect()
    }

    /// How many critical sections of each of these kinds have ended.
    pub fn ended<const N: usize>(&self, kinds: [&str; N]) -> [usize; N] {
        let marks = self.marks();
        let ended = |kind: &str| {
            let ended = |mark: &&Mark| mark.what == What::Ended && mark.kind == kind;
            marks.iter().filter(ended).count()
        };
        kinds.map(ended)
    }

    /// Panics unless each critical section had ended before the next began.
    pub fn assert_no_overlap(&self) {
        let marks = self.marks();
        let mut inside: Option<&Mark> = None;
        for mark in &marks {
            match (mark.what, inside) {
                (What::Began, None) => inside = Some(mark),
                (What::Ended, Some(began)) if began.identity == mark.identity => inside = None,
                _ => panic!("{mark:?} while {inside:?} is inside"),
            }
        }
    }

    fn log(&self) -> PathBuf {
        self.folder().join("log")
    }
}

impl Mark {
    fn read(line: &str) -> Self {
        let words: Vec<_> = line.split(' ').collect();
        let [what, kind, identity, at] = words[..] else {
            panic!("no line of a witness: {line}");
        };
        let what = match what {
            "began" => What::Began,
            "ended" => What::Ended,
            "overlap" => What::Overlap,
            _ => panic!("no line of a witness: {line}"),
        };
        Self {
            at: at.parse().expect("a witness notes the time"),
            identity: identity.to_owned(),
            kind: kind.to_owned(),
            what,
        }
    }
}

/// A critical section under way. One that is dropped without an end never ends, as after a crash.
#[derive(Debug)]
#[must_use]
pub struct Inside {
    file: PathBuf,
    log: PathBuf,
    who: String,
}

impl Inside {
    /// Ends it.
    pub fn end(self) {
        // In this order, so that the next one's line comes after this one.
        self.note("ended");
        remove_file(&self.file).expect("nobody else removes it");
    }

    fn note(&self, what: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = now.expect("it is later than 1970").as_micros();
        let line = format!("{what} {} {micros}\n", self.who);
        File::options()
            .append(true)
            .create(true)
            .open(&self.log)
            // In one write: lines of several processes do not mix.
            .and_then(|mut log| log.write_all(line.as_bytes()))
            .expect("the log is writable");
    }
}
