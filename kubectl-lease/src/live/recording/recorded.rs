//! A session as it was kept.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use lease_client::{Change, LeaseSummary, micro_time};
use lease_core::Timestamp;
use serde_json::value::RawValue;

use super::line::{FORMAT, Header, Line, VERSION, What};
use crate::failure::Failure;
use crate::live::locks::Seen;
use crate::live::message::Message;

/// A session as it was kept.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) context: String,
    /// `None` for all namespaces.
    pub(crate) namespace: Option<String>,
    /// What was heard, the oldest first.
    pub(crate) entries: VecDeque<Entry>,
    /// When it ended, on both clocks.
    pub(crate) end: (Duration, Timestamp),
    /// Whether its last line is not complete.
    pub(crate) is_cut: bool,
}

/// One thing that was heard.
#[derive(Debug)]
pub(crate) struct Entry {
    /// When, on the local clock, since the recording began.
    pub(crate) at: Duration,
    /// What the wall clock showed then.
    pub(crate) wall: Timestamp,
    pub(crate) message: Message,
}

/// Why a line cannot be played.
struct Malformed(String);

impl Recording {
    /// Reads a recording to its end, so that what is wrong with it is known before it is played.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot = |error: io::Error| {
            Failure::error(format!("cannot read {}", path.display())).cause(error.to_string())
        };
        let file = File::open(path).map_err(cannot)?;
        let mut lines = Lines {
            file: BufReader::with_capacity(1 << 16, file),
            read: 0,
        };
        let mut line = Vec::new();
        lines.next(&mut line).map_err(cannot)?;
        let header = header(&line, path)?;
        let began = time(&header.time).map_err(|why| malformed(path, 1, why))?;
        let mut recording = Self {
            context: header.context.into_owned(),
            namespace: header.namespace.map(Into::into),
            entries: VecDeque::new(),
            end: (Duration::ZERO, began),
            is_cut: false,
        };
        let mut line = Vec::new();
        while lines.next(&mut line).map_err(cannot)? {
            match recording.take(&line) {
                Ok(()) => {}
                // It was being written when the program was killed.
                Err(_) if !line.ends_with(b"\n") => recording.is_cut = true,
                Err(why) => return Err(malformed(path, lines.read, why)),
            }
        }
        Ok(recording)
    }

    fn take(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let line: Line<'_> =
            serde_json::from_slice(line.trim_ascii_end()).map_err(|error| reason(&error))?;
        let wall = time(&line.time)?;
        let at = since_began(line.ms)?;
        if at < self.end.0 {
            return Err(Malformed(format!(
                "it is at {} ms, before the line above it",
                line.ms
            )));
        }
        self.end = (at, wall);
        if let Some(message) = message(line)? {
            self.entries.push_back(Entry { at, wall, message });
        }
        Ok(())
    }
}

/// The lines of a file, counted.
struct Lines {
    file: BufReader<File>,
    read: usize,
}

impl Lines {
    /// Reads one more into `line`, with its end; false if there is none.
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        self.read += 1;
        Ok(self.file.read_until(b'\n', line)? > 0)
    }
}

fn header<'a>(line: &'a [u8], path: &Path) -> Result<Header<'a>, Failure> {
    let name = path.display();
    let none = || {
        Failure::error(format!("{name} is no recording of a table"))
            .hint("`watch --record FILE` makes one")
    };
    let header: serde_json::Value = serde_json::from_slice(line).map_err(|_| none())?;
    if header["recording"] != FORMAT {
        return Err(none());
    }
    if header["version"] != VERSION {
        let failure = Failure::error(format!(
            "{name} is a recording of version {}; this program plays version {VERSION}",
            header["version"]
        ));
        return Err(match header["program"].as_str() {
            Some(program) => failure.hint(format!("kubectl-lease {program} made it")),
            None => failure,
        });
    }
    serde_json::from_slice(line).map_err(|error| malformed(path, 1, reason(&error)))
}

fn malformed(path: &Path, line: usize, why: Malformed) -> Failure {
    let place = format!("line {line} of {} cannot be played", path.display());
    Failure::error(place).cause(why.0)
}

/// What a parser says, which counts the lines of what it is given, and that is one.
fn reason(error: &serde_json::Error) -> Malformed {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    Malformed(format!("{what}, at column {}", error.column()))
}

fn time(text: &str) -> Result<Timestamp, Malformed> {
    micro_time::parse(text).ok_or_else(|| Malformed(format!("\"{text}\" is no time")))
}

fn since_began(ms: f64) -> Result<Duration, Malformed> {
    Duration::try_from_secs_f64(ms / 1000.0)
        .map(|at| Duration::from_micros(u64::try_from((at.as_nanos() + 500) / 1000).unwrap_or(0)))
        .map_err(|_| Malformed(format!("{ms} ms is no time")))
}

/// What was heard, if it was not the end.
fn message(line: Line<'_>) -> Result<Option<Message>, Malformed> {
    let Line {
        ms: _,
        time: _,
        what,
        date,
        lease,
        leases,
        why,
        context,
        namespace,
    } = line;
    let lacks = |field: &str| Malformed(format!("it has no \"{field}\""));
    let why = || why.map(String::from).ok_or_else(|| lacks("why"));
    Ok(Some(match what {
        What::Applied => {
            Message::Changed(Change::Applied(seen(lease.ok_or_else(|| lacks("lease"))?)?))
        }
        What::Deleted => {
            Message::Changed(Change::Deleted(seen(lease.ok_or_else(|| lacks("lease"))?)?))
        }
        What::Ended => return Ok(None),
        What::Interrupted => Message::Interrupted(why()?),
        What::Listed => Message::Changed(Change::Listed {
            leases: leases
                .ok_or_else(|| lacks("leases"))?
                .into_iter()
                .map(seen)
                .collect::<Result<_, _>>()?,
            date: date.as_deref().map(time).transpose()?,
        }),
        What::Progress => Message::Changed(Change::Progress),
        What::Refused => Message::Refused(Failure::refused(why()?)),
        What::Resumed => Message::Changed(Change::Resumed),
        What::Switched => Message::Switched {
            context: context.ok_or_else(|| lacks("context"))?.into_owned(),
            namespace: namespace.map(String::from),
        },
    }))
}

fn seen(object: &RawValue) -> Result<Seen, Malformed> {
    let text = object.get();
    match LeaseSummary::read(text) {
        Ok(summary) => Ok(Seen::of(summary, Some(text.into()))),
        Err(error) => {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            let why = why.unwrap_or_default();
            let why = why.rsplit_once(" at line ").map_or(&*why, |(what, _)| what);
            Err(Malformed(format!(
                "it holds something that is no Lease: {why}"
            )))
        }
    }
}
