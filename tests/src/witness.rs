//! Whether two were ever inside at one time, whatever the lock says.

use std::fs::{File, remove_file};
use std::future::Future;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

/// A file that only one can create: it is made where a critical section begins and removed where it
/// ends, by whoever contends, in whatever language. And a log to which all add a line.
///
/// The peers in Go have the same in `tests/go/peers/contender/witness.go`, and so do shells.
#[derive(Clone, Debug)]
pub struct Witness {
    /// It goes with the last clone.
    folder: Arc<TempDir>,
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
    /// What bash does in a critical section of `$HOLD` seconds, the very first one of `$FIRST`, as
    /// `$KIND` and `$LEASE_IDENTITY`, with the folder in `$WITNESS`.
    pub(crate) const SCRIPT: &'static str = r#"
        note() { echo "$1 $KIND $LEASE_IDENTITY ${EPOCHREALTIME/[.,]/}" >> "$WITNESS/log"; }
        set -o noclobber
        if { : > "$WITNESS/inside"; } 2> /dev/null; then
            note began
            # Who loses the lock is told to end, and ends.
            trap 'rm "$WITNESS/inside"; note ended; exit 143' TERM
            { : > "$WITNESS/first"; } 2> /dev/null && HOLD=$FIRST
            sleep "$HOLD"
            rm "$WITNESS/inside"
            note ended
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
            folder: Arc::new(folder.expect("the folder for temporary files is writable")),
        }
    }

    /// The folder in which the file and the log are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does some work as a critical section; where that is an overlap, this is noted instead.
    pub async fn section(&self, kind: &str, identity: &str, work: impl Future<Output = ()>) {
        let inside = self.folder().join("inside");
        let note = |what| self.note(&format!("{what} {kind} {identity}"));
        match create_new(&inside) {
            Ok(()) => {
                note("began");
                work.await;
                remove_file(&inside).expect("nobody else removes it");
                note("ended");
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => note("overlap"),
            Err(e) => panic!("cannot create {}: {e}", inside.display()),
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

    /// What shows that two were inside at one time, if anything does: the first line of the log that
    /// is not the begin of a section while nobody is inside, or its end.
    pub fn overlap(&self) -> Option<Mark> {
        let mut inside: Option<String> = None;
        let follows = |mark: &Mark| {
            let is_inside = inside.as_ref() == Some(&mark.identity);
            let follows = match mark.what {
                What::Began => inside.is_none(),
                What::Ended => is_inside,
                What::Overlap => false,
            };
            inside = (mark.what == What::Began).then(|| mark.identity.clone());
            follows
        };
        let marks = self.marks();
        let following = marks.iter().map(follows).take_while(|&follows| follows);
        let count = following.count();
        marks.into_iter().nth(count)
    }

    /// Whether this critical section is the very first one.
    pub(crate) fn is_first(&self) -> bool {
        create_new(&self.folder().join("first")).is_ok()
    }

    /// Adds a line to the log, in one write: lines of several processes do not mix.
    fn note(&self, what: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = now.expect("it is later than 1970").as_micros();
        let log = File::options().append(true).create(true).open(self.log());
        log.and_then(|mut log| log.write_all(format!("{what} {micros}\n").as_bytes()))
            .expect("the log is writable");
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

fn create_new(path: &Path) -> io::Result<()> {
    File::options().write(true).create_new(true).open(path)?;
    Ok(())
}
