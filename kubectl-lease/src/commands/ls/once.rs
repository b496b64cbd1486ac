//! Listing locks once.

use lease_client::{Dated, LeaseSummary, Listed, Store};
use lease_core::{Timestamp, Uid};
use serde_json::Value;
use tokio::join;

use super::sorting::{Key, SortBy};
use super::{Query, not_found};
use crate::diagnosis::{self, Population, Unread};
use crate::failure::Failure;
use crate::lock_row::{Extent, Row};
use crate::lock_table::Widths;
use crate::output::{self, Output};
use crate::session::Session;
use crate::status;
use crate::ui::Ui;
use crate::waiters::Waiters;

/// What there is, and why there is nothing of other names.
struct Found<T> {
    items: Vec<T>,
    missing: Vec<Failure>,
    /// How many heartbeats of nodes were left out.
    heartbeats: usize,
    waiters: Waiters,
}

/// What a table needs of a lock.
struct Tabled {
    lease: LeaseSummary,
    date: Option<Timestamp>,
    holder_object: Option<String>,
}

/// Shows what there is.
pub(super) async fn run(ui: &Ui, session: &Session, query: &Query) -> Result<(), Failure> {
    let missing = match query.output {
        Output::Table | Output::Wide => list_as_table(ui, session, query).await?,
        Output::Name => {
            let name = |listed: Listed<'_>| listed.summary.snapshot.name;
            let Found {
                items,
                missing,
                heartbeats,
                waiters: _,
            } = find(ui, session, query, name).await?;
            ui.data_from(|out| {
                let mut names = items.iter();
                names.try_for_each(|name| out.write_all(output::name(name).as_bytes()))
            })?;
            tell_heartbeats(ui, query, heartbeats);
            missing
        }
        Output::Json | Output::Yaml => list_as_objects(ui, session, query).await?,
    };
    let mut missing = missing;
    // What is told last is what the exit code tells: a refusal rather than a name that is not there.
    missing.sort_by_key(Failure::exit_code);
    let Some(last) = missing.pop() else {
        return Ok(());
    };
    for failure in &missing {
        ui.failure(failure);
    }
    Err(last)
}

/// Looks for what is asked for, and keeps of each lock what `make` makes of it.
async fn find<T>(
    ui: &Ui,
    session: &Session,
    query: &Query,
    mut make: impl FnMut(Listed<'_>) -> T,
) -> Result<Found<T>, Failure> {
    let Query {
        names,
        selection,
        wanted,
        sort,
        ..
    } = query;
    let by_waiters = sort.as_ref().is_some_and(SortBy::is_by_waiters);
    let mut heartbeats = 0;
    let mut waiters = Waiters::none();
    // The uids of the locks that are named.
    let mut uids = Vec::new();
    let mut keep = |listed: Listed<'_>| {
        if let Some(lock) = &listed.summary.waits_for
            && !query.wants_tickets()
        {
            waiters.count(lock);
            return None;
        }
        let uid = &listed.summary.snapshot.version.uid;
        if !names.is_empty() {
            uids.push(uid.clone());
        }
        let row = Row::new(&listed.summary, listed.date);
        let is_left_out = wanted.takes(&row) && query.leaves_out(&row);
        heartbeats += usize::from(is_left_out);
        let key = (!is_left_out && wanted.takes(&row)).then(|| match sort {
            Some(_) if by_waiters => Key::Text(uid.as_str().to_owned()),
            Some(sort) => sort.key(&row, || listed.object()),
            None => Key::Blank,
        });
        key.map(|key| (key, make(listed)))
    };
    let mut missing = Vec::new();
    let mut items = if names.is_empty() {
        let list = session.store.list_keeping(selection, None, &mut keep).await;
        list.map_err(|error| query.failure(error))?.value.leases
    } else {
        let mut items = Vec::new();
        for name in names {
            // One that cannot be had does not hide the others.
            match session.store.get(&session.namespace, name).await {
                Ok(Dated {
                    value: Some(lease),
                    date,
                }) => items.extend(keep(lease.listed(date))),
                Ok(_) => missing.push(not_found(session, name).await),
                Err(error) if names.len() == 1 => return Err(error.into()),
                Err(error) => missing.push(error.into()),
            }
        }
        items
    };
    let shows_waiters = by_waiters || query.output != Output::Name;
    if shows_waiters && query.lists_tickets_apart() && !items.is_empty() {
        let locks = (!names.is_empty()).then_some(uids.as_slice());
        waiters = query.waiters(ui, session, locks).await;
    }
    if let Some(sort) = sort {
        if by_waiters {
            for (key, _) in &mut items {
                *key = match key {
                    Key::Text(uid) => Key::of_count(waiters.of(&Uid::new(uid.as_str()))),
                    _ => Key::Blank,
                };
            }
        }
        sort.sort(&mut items)?;
    }
    Ok(Found {
        items: items.into_iter().map(|(_, item)| item).collect(),
        missing,
        heartbeats,
        waiters,
    })
}

/// Prints the table, and gives the names that do not exist.
async fn list_as_table(ui: &Ui, session: &Session, query: &Query) -> Result<Vec<Failure>, Failure> {
    let tabled = |listed: Listed<'_>| Tabled {
        lease: listed.summary,
        date: listed.date,
        holder_object: None,
    };
    let is_wide = query.output == Output::Wide;
    let around = async {
        let namespace = (!query.all_namespaces).then_some(session.namespace.as_str());
        if is_wide {
            Some(diagnosis::gather_population(&session.store, namespace).await)
        } else {
            None
        }
    };
    let (found, around) = join!(find(ui, session, query, tabled), around);
    let Found {
        mut items,
        missing,
        heartbeats,
        waiters,
    } = found?;
    if let Some(facts) = &around {
        let population = Population::of(facts);
        for tabled in &mut items {
            tabled.holder_object = population.object(&tabled.lease);
        }
    }

    let extent = if is_wide {
        Extent::Resolved
    } else {
        Extent::Usual
    };
    let mut widths = Widths::new(query.all_namespaces, extent, query.headers);
    for tabled in &items {
        widths.measure(&tabled.row(&waiters));
    }
    let layout = match ui.columns() {
        Some(columns) if !is_wide => widths.within(columns),
        _ => widths.full(),
    };
    if !items.is_empty() {
        ui.data_from(|out| {
            if query.headers {
                out.write_all(layout.header().as_bytes())?;
            }
            let mut line = String::new();
            for tabled in &items {
                line.clear();
                layout.push(&mut line, &tabled.row(&waiters), ui.colour());
                out.write_all(line.as_bytes())?;
            }
            Ok(())
        })?;
        if let Some(note) = layout.note() {
            ui.note(&note);
        }
        let unread = around.and_then(|facts| Unread::told(&facts.unread));
        if let Some(note) = unread {
            ui.note(&note);
        }
    } else if missing.is_empty() {
        ui.note(&query.nothing(session));
    }
    tell_heartbeats(ui, query, heartbeats);
    Ok(missing)
}

fn tell_heartbeats(ui: &Ui, query: &Query, count: usize) {
    if count > 0 {
        ui.note(&query.heartbeats_left_out(count));
    }
}

/// Prints the objects, and gives the names that do not exist.
async fn list_as_objects(
    ui: &Ui,
    session: &Session,
    query: &Query,
) -> Result<Vec<Failure>, Failure> {
    // As text, an object takes a quarter of its room. What is printed is made of it one by one.
    let object = |listed: Listed<'_>| {
        let lock = &listed.summary.snapshot;
        let standing = Row::new(&listed.summary, listed.date).standing;
        let object = status::completed(listed.object(), &lock.dialect, &standing, None);
        Value::Object(object).to_string().into_boxed_str()
    };
    let Found {
        items,
        missing,
        heartbeats,
        waiters,
    } = find(ui, session, query, object).await?;
    let mut objects = items.iter().map(|text| {
        let mut object: Value = serde_json::from_str(text).unwrap_or_default();
        let uid = object["metadata"]["uid"].as_str().map(Uid::new);
        if let Some(count) = uid.and_then(|uid| waiters.of(&uid)) {
            status::add_waiters(&mut object, count);
        }
        object
    });
    let is_json = query.output == Output::Json;
    // As in kubectl: one name is one object, and none if there is none.
    match (query.names.as_slice(), items.as_slice()) {
        ([_], []) if !missing.is_empty() => {}
        ([_], [_]) => {
            let object: Value = objects.next().unwrap_or_default();
            let text = if is_json {
                output::json(&object)
            } else {
                output::yaml(object)?
            };
            ui.data(&text)?;
        }
        _ if is_json => ui.data_from(|out| output::json_list(out, objects))?,
        _ => ui.data_from(|out| output::yaml_list(out, objects))?,
    }
    tell_heartbeats(ui, query, heartbeats);
    Ok(missing)
}

impl Tabled {
    fn row(&self, waiters: &Waiters) -> Row<'_> {
        let waiters = waiters.of(&self.lease.snapshot.version.uid);
        Row::new(&self.lease, self.date)
            .with_waiters(waiters)
            .with_holder_object(self.holder_object.as_deref())
    }
}
