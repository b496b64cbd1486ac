//! The demo on a terminal: the list of locks, redrawn, and the guided steal.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue, style};
use futures::StreamExt;
use lease_client::{ConnectOptions, LeaseStore, Scope, Selection, connect};
use lease_core::State;

use super::{STUCK, type_command};
use crate::commands::ls;
use crate::failure::Failure;
use crate::lock_table;
use crate::ui::Ui;

/// How often the list is drawn anew.
const REDRAW: Duration = Duration::from_millis(500);
/// How long the demo's own server may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What a key asks for.
enum Wish {
    Describe,
    Quit,
    Steal,
}

/// Shows the locks until the user has seen enough.
pub(super) async fn run(ui: &Ui, kubeconfig: &Path) -> Result<(), Failure> {
    let cluster = connect(&ConnectOptions {
        kubeconfig: Some(kubeconfig.to_owned()),
        timeout: Some(TIMEOUT),
        ..ConnectOptions::default()
    })
    .await?;
    let store = LeaseStore::new(cluster.requests);
    let (namespace, name) = STUCK;
    loop {
        let wish = {
            let _screen = Screen::open()?;
            browse(ui, &store, kubeconfig).await?
        };
        let line = match wish {
            Wish::Quit => return Ok(()),
            Wish::Describe => format!("describe {name} -n {namespace}"),
            Wish::Steal => format!("steal {name} -n {namespace}"),
        };
        if let Err(failure) = type_command(ui, kubeconfig, &line).await {
            ui.failure(&failure);
        }
        ui.note("");
        ui.note("press any key to go back to the list");
        let _raw = Raw::on()?;
        let mut keys = EventStream::new();
        if let Some(Ok(Event::Key(key))) = keys.next().await
            && is_interrupt(key)
        {
            return Ok(());
        }
    }
}

/// Draws the list until a key asks for more.
async fn browse(ui: &Ui, store: &LeaseStore, kubeconfig: &Path) -> Result<Wish, Failure> {
    let mut keys = EventStream::new();
    let mut redraw = tokio::time::interval(REDRAW);
    loop {
        tokio::select! {
            _ = redraw.tick() => draw(ui, store, kubeconfig).await?,
            key = keys.next() => match key {
                Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Press => {
                    if let Some(wish) = wish_of(key) {
                        return Ok(wish);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(Wish::Quit),
            },
        }
    }
}

fn is_interrupt(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn wish_of(key: KeyEvent) -> Option<Wish> {
    Some(match key.code {
        _ if is_interrupt(key) => Wish::Quit,
        KeyCode::Char('q') | KeyCode::Esc => Wish::Quit,
        KeyCode::Char('d') => Wish::Describe,
        KeyCode::Char('s') => Wish::Steal,
        _ => return None,
    })
}

async fn draw(ui: &Ui, store: &LeaseStore, kubeconfig: &Path) -> Result<(), Failure> {
    let rows = ls::list(store, &Selection::all_of(Scope::All)).await?;
    let (namespace, name) = STUCK;
    let stuck = rows.iter().any(|row| {
        let lock = row.lease.snapshot();
        lock.namespace == namespace && lock.name == name && row.standing.state == State::Expired
    });
    let next = if stuck {
        format!("[d] why is {namespace}/{name} stuck?  [s] steal it  [q] quit")
    } else {
        format!("[d] who holds {namespace}/{name} now?  [q] quit")
    };
    let (width, _) = terminal::size()?;
    let screen = format!(
        "{next}\n\n{}\n\"!\" is stuck, \"?\" may be soon. \
         From another shell: export KUBECONFIG={}\n",
        lock_table::within(&rows, width.into(), ui.colour()),
        kubeconfig.display(),
    );
    Ok(show(&screen)?)
}

fn show(screen: &str) -> io::Result<()> {
    let (_, height) = terminal::size()?;
    let mut stdout = io::stdout().lock();
    queue!(stdout, cursor::MoveTo(0, 0))?;
    for line in screen.lines().take(height.into()) {
        queue!(
            stdout,
            style::Print(line),
            Clear(ClearType::UntilNewLine),
            cursor::MoveToNextLine(1)
        )?;
    }
    queue!(stdout, Clear(ClearType::FromCursorDown))?;
    stdout.flush()
}

/// Keys arrive one by one while this lives.
struct Raw;

impl Raw {
    fn on() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        Ok(Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nothing to do about a terminal that went away.
        let _ = terminal::disable_raw_mode();
    }
}

/// The terminal's second screen while this lives, lines cut at its edge.
struct Screen {
    _raw: Raw,
}

impl Screen {
    fn open() -> io::Result<Self> {
        let raw = Raw::on()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            terminal::DisableLineWrap,
            cursor::Hide
        )?;
        Ok(Self { _raw: raw })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // As above.
        let _ = execute!(
            io::stdout(),
            cursor::Show,
            terminal::EnableLineWrap,
            LeaveAlternateScreen
        );
    }
}
