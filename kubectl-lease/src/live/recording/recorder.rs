//! Keeping a session.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use lease_client::{Change, micro_time};
use lease_core::{Instant, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use super::line::{FORMAT, Header, Line, VERSION, What};
use crate::failure::Failure;
use crate::live::locks::Seen;
use crate::live::message::Message;

/// A file that what is heard is written to as it is heard: whatever ends the program, at most the
/// last line is lost.
pub(crate) struct Recorder {
    file: File,
    path: PathBuf,
    began: Instant,
    /// Why nothing more is written.
    failed: Option<String>,
}

impl Recorder {
    /// Begins a recording. A file that exists is never overwritten; a pipe may exist.
    pub(crate) fn create(
        path: &Path,
        context: &str,
        namespace: Option<&str>,
        began: Instant,
        wall: Timestamp,
    ) -> Result<Self, Failure> {
        let name = path.display();
        let cannot = |error: io::Error| {
            Failure::error(format!("cannot record to {name}")).cause(error.to_string())
        };
        let mut file = match File::create_new(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && is_stream(path) => {
                OpenOptions::new().write(true).open(path).map_err(cannot)?
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(Failure::error(format!(
                    "{name} exists, and a recording overwrites nothing"
                ))
                .hint("name another file, or remove this one"));
            }
            created => created.map_err(cannot)?,
        };
        let header = Header {
            recording: FORMAT.into(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").into(),
            time: micro_time::format(wall).into(),
            context: context.into(),
            namespace: namespace.map(Into::into),
        };
        write(&mut file, &header).map_err(cannot)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            began,
            failed: None,
        })
    }

    /// How the file is called.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Writes what was heard, if it was something of the cluster. Says once why no more is written.
    pub(crate) fn record(
        &mut self,
        message: &Message,
        now: Instant,
        wall: Timestamp,
    ) -> Option<String> {
        if self.failed.is_some() {
            return None;
        }
        let written = match self.line(message, now, wall) {
            Ok(Some(line)) => write(&mut self.file, &line),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        self.failed = written.err().map(|error| error.to_string());
        self.failed
            .as_ref()
            .map(|why| format!("recording to {} has stopped: {why}", self.name()))
    }

    /// Writes that the session is over. Says what of it is not written.
    pub(crate) fn finish(mut self, now: Instant, wall: Timestamp) -> Result<(), Failure> {
        if self.failed.is_none() {
            let line = self.stamped(What::Ended, now, wall);
            self.failed = write(&mut self.file, &line)
                .err()
                .map(|error| error.to_string());
        }
        match &self.failed {
            None => Ok(()),
            Some(why) => {
                let message = format!("the recording {} is not complete", self.name());
                Err(Failure::error(message).cause(why))
            }
        }
    }

    fn stamped<'a>(&self, what: What, now: Instant, wall: Timestamp) -> Line<'a> {
        // Whole microseconds, so that what is read is what was written.
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
        let ms = now.since(self.began).as_micros() as f64 / 1000.0;
        Line::new(ms, micro_time::format(wall), what)
    }

    fn line<'a>(
        &self,
        message: &'a Message,
        now: Instant,
        wall: Timestamp,
    ) -> io::Result<Option<Line<'a>>> {
        let line = |what| self.stamped(what, now, wall);
        let line = match message {
            Message::Changed(Change::Applied(seen)) => Line {
                lease: Some(object(seen)?),
                ..line(What::Applied)
            },
            Message::Changed(Change::Deleted(seen)) => Line {
                lease: Some(object(seen)?),
                ..line(What::Deleted)
            },
            Message::Changed(Change::Listed { leases, date }) => Line {
                leases: Some(leases.iter().map(object).collect::<io::Result<_>>()?),
                date: date.map(|date| micro_time::format_seconds(date).into()),
                ..line(What::Listed)
            },
            Message::Changed(Change::Interrupted(error)) => Line {
                why: Some(error.to_string().into()),
                ..line(What::Interrupted)
            },
            Message::Interrupted(why) => Line {
                why: Some(why.into()),
                ..line(What::Interrupted)
            },
            Message::Changed(Change::Progress) => line(What::Progress),
            Message::Changed(Change::Resumed) => line(What::Resumed),
            Message::Refused(failure) => Line {
                why: Some(failure.message().into()),
                ..line(What::Refused)
            },
            Message::Switched { context, namespace } => Line {
                context: Some(context.into()),
                namespace: namespace.as_ref().map(Into::into),
                ..line(What::Switched)
            },
            Message::Done(_)
            | Message::Key(_)
            | Message::Mouse(_)
            | Message::Resized { .. }
            | Message::Tick => return Ok(None),
        };
        Ok(Some(line))
    }
}

/// Whether something that exists takes what is written to it without losing anything.
fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn object(seen: &Seen) -> io::Result<&RawValue> {
    let text = seen
        .object
        .as_deref()
        .ok_or_else(|| io::Error::other("a lease came without its object"))?;
    Ok(serde_json::from_str(text)?)
}

/// Writes a line at once.
fn write(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    // A server may send an object over several lines; inside of strings, JSON has no line breaks.
    for byte in &mut text {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    text.push(b'\n');
    file.write_all(&text)
}
