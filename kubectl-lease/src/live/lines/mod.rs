//! What happens to locks, where there is no table: one line, or one JSON object, for each thing.

mod teller;
mod wording;

use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use lease_client::clock;
use lease_core::Instant;
use tokio::time::sleep;

use self::teller::{Teller, Told};
use super::Options;
use super::feed;
use super::recording::{Recorder, Recording};
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::session::Session;
use crate::signals::Signals;
use crate::ui::Ui;

/// As what each thing is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Json,
    Words,
}

/// How much is collected of a recording before it is written.
const CHUNK: usize = 64 * 1024;

/// Tells what happens until it is ended from outside or nobody reads on.
pub(crate) async fn tell(
    ui: &Ui,
    global: &GlobalArgs,
    options: Options,
    format: Format,
) -> Result<(), Failure> {
    if let Some(file) = &options.replay {
        return replay(ui, file, format);
    }
    let session = Session::open(global).await?;
    let namespace = (!options.all_namespaces).then_some(session.namespace);
    let with_objects = options.record.is_some();
    let mut feed = feed::follow(session.store, namespace.clone(), with_objects);
    let mut message = Some(feed::first(&mut feed).await?);
    let recorder = options.record.map(|file| {
        Recorder::create(
            &file,
            session.context.as_deref().unwrap_or_default(),
            namespace.as_deref(),
            clock::local(),
            clock::wall(),
        )
    });
    let mut recorder = recorder.transpose()?;
    let mut teller = Teller::new(namespace.is_none(), format, false);
    let mut signals = Signals::ending()?;
    loop {
        let (now, wall) = (clock::local(), clock::wall());
        let told = match message.take() {
            Some(message) => {
                let recorder = recorder.as_mut();
                let trouble = recorder.and_then(|recorder| recorder.record(&message, now, wall));
                let mut told = teller.take(message, now, wall);
                told.notes.extend(trouble);
                told
            }
            None => teller.pass(now, wall),
        };
        if !write(ui, &told)? {
            break;
        }
        let wait = teller.next_due().map(|due| due.since(clock::local()));
        tokio::select! {
            biased;
            _ = signals.ending_one() => break,
            heard = feed.next() => message = heard,
            () = sleep(wait.unwrap_or(Duration::MAX)), if wait.is_some() => {}
        }
    }
    match recorder {
        Some(recorder) => recorder.finish(clock::local(), clock::wall()),
        None => Ok(()),
    }
}

/// Tells all that a recording has, at once.
fn replay(ui: &Ui, file: &Path, format: Format) -> Result<(), Failure> {
    let recording = Recording::open(file)?;
    let mut teller = Teller::new(recording.namespace.is_none(), format, true);
    let mut told = Told::default();
    let on_clock = |at: Duration| Instant::from_nanos(0).saturating_add(at);
    for entry in recording.entries {
        told += teller.take(entry.message, on_clock(entry.at), entry.wall);
        if told.text.len() > CHUNK && !write(ui, &std::mem::take(&mut told))? {
            return Ok(());
        }
    }
    let (at, wall) = recording.end;
    told += teller.pass(on_clock(at), wall);
    if recording.is_cut {
        let cut = format!(
            "{} is cut in its last line: this is all of it",
            file.display()
        );
        told.notes.push(cut);
    }
    write(ui, &told).map(drop)
}

/// Writes what is told at once, and says whether there still is a reader.
fn write(ui: &Ui, told: &Told) -> Result<bool, Failure> {
    let text = &told.text;
    let is_read = text.is_empty() || ui.data_if_read(|out| out.write_all(text.as_bytes()))?;
    told.notes.iter().for_each(|note| ui.note(note));
    Ok(is_read)
}
