//! The demo on a terminal: the list of locks, redrawn, and the guided steal.

use std::path::Path;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind};
use futures::StreamExt;
use lease_client::{ConnectOptions, Dated, LeaseStore, Scope, Selection, connect};
use lease_core::State;

use super::{STUCK, type_command};
use crate::failure::Failure;
use crate::lock_row::Row;
use crate::lock_table::Widths;
use crate::screen::{Raw, Screen, is_interrupt};
use crate::ui::Ui;
use crate::waiters::Waiters;

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
            let mut screen = Screen::open()?;
            browse(ui, &mut screen, &store, kubeconfig).await?
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
async fn browse(
    ui: &Ui,
    screen: &mut Screen,
    store: &LeaseStore,
    kubeconfig: &Path,
) -> Result<Wish, Failure> {
    let mut keys = EventStream::new();
    let mut redraw = tokio::time::interval(REDRAW);
    loop {
        tokio::select! {
            _ = redraw.tick() => draw(ui, screen, store, kubeconfig).await?,
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

fn wish_of(key: KeyEvent) -> Option<Wish> {
    Some(match key.code {
        _ if is_interrupt(key) => Wish::Quit,
        KeyCode::Char('q') | KeyCode::Esc => Wish::Quit,
        KeyCode::Char('d') => Wish::Describe,
        KeyCode::Char('s') => Wish::Steal,
        _ => return None,
    })
}

async fn draw(
    ui: &Ui,
    screen: &mut Screen,
    store: &LeaseStore,
    kubeconfig: &Path,
) -> Result<(), Failure> {
    let all = Selection::all_of(Scope::All);
    let mut waiters = Waiters::none();
    let list = store.list_keeping(&all, None, |listed| {
        match &listed.summary.waits_for {
            Some(lock) => waiters.count(lock),
            None => return Some(listed.summary),
        }
        None
    });
    let Dated { value, date } = list.await?;
    let row = |lease| {
        let row = Row::new(lease, date);
        row.with_waiters(waiters.of(&row.snapshot.version.uid))
    };
    let rows: Vec<Row<'_>> = value.leases.iter().map(row).collect();
    let (namespace, name) = STUCK;
    let stuck = rows.iter().any(|row| {
        let lock = row.snapshot;
        lock.namespace == namespace && lock.name == name && row.standing.state == State::Expired
    });
    let next = if stuck {
        format!("[d] why is {namespace}/{name} stuck?  [s] steal it  [q] quit")
    } else {
        format!("[d] who holds {namespace}/{name} now?  [q] quit")
    };
    let mut widths = Widths::new(true, false, true);
    for row in &rows {
        widths.measure(row);
    }
    let (columns, _) = screen.size();
    let layout = widths.within(columns);
    let mut text = format!("{next}\n\n{}", layout.header());
    for row in &rows {
        layout.push(&mut text, row, ui.colour());
    }
    text += &format!(
        "\n\"!\" is stuck, \"?\" may be soon. From another shell: export KUBECONFIG={}\n",
        kubeconfig.display(),
    );
    Ok(screen.draw(text.lines())?)
}
