//! Messages in, pictures out.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use lease_client::{LeaseStore, clock};
use lease_core::Identity;
use tokio::time::{Instant as TokioInstant, sleep_until};

use super::actions;
use super::feed;
use super::message::{Done, Message, Wish};
use super::state::{Settings, State};
use super::terminal::Screen;
use super::theme::Theme;
use super::update::update;
use crate::ending;
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_row::Column;
use crate::session::Session;
use crate::ui::Ui;

/// At most ten pictures a second.
const BETWEEN_FRAMES: Duration = Duration::from_millis(100);
/// How often bars get shorter.
const COUNTDOWN: Duration = Duration::from_millis(250);

/// What the columns are that nobody chose.
const COLUMNS: [Column; 8] = [
    Column::State,
    Column::Namespace,
    Column::Name,
    Column::Holder,
    Column::Expires,
    Column::Transitions,
    Column::Waiters,
    Column::Age,
];

/// What the user asked for.
pub(crate) struct Options {
    pub(crate) all_namespaces: bool,
    pub(crate) allow_changes: bool,
    pub(crate) identity: Identity,
}

struct Live<'a> {
    global: &'a GlobalArgs,
    store: Arc<LeaseStore>,
    context: String,
    /// The namespace that is meant when none is named.
    home: String,
    feed: BoxStream<'static, Message>,
    under_way: FuturesUnordered<BoxFuture<'static, Done>>,
}

/// Shows the table until the user has seen enough.
pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, options: Options) -> Result<(), Failure> {
    let session = Session::open(global).await?;
    let namespace = (!options.all_namespaces).then(|| session.namespace.clone());
    let store = Arc::new(session.store);
    let mut live = Live {
        global,
        feed: feed::follow(LeaseStore::clone(&store), namespace.clone(), false).boxed(),
        store,
        context: global.context.clone().unwrap_or_default(),
        home: session.namespace,
        under_way: FuturesUnordered::new(),
    };
    let settings = Settings {
        allow_changes: options.allow_changes,
        theme: Theme::of_environment(ui.colour()),
        identity: options.identity,
    };
    let mut state = State::new(
        settings,
        live.context.clone(),
        namespace,
        COLUMNS.to_vec(),
        clock::local(),
    );
    // Credential plugins may ask something, which a terminal in raw mode would hide.
    let first = live.feed.next().await;
    if let Some(Message::Refused(why)) = &first {
        return Err(Failure::refused(why.clone()));
    }
    let mut screen = Screen::open()?;
    let mut events = EventStream::new();
    let mut end = pin!(ending::asked_for());
    let (columns, lines) = screen.size()?;
    state.size = (columns, lines);
    let mut next = first;
    let mut drawn: Option<TokioInstant> = None;
    let mut is_stale = true;
    loop {
        if let Some(message) = next.take() {
            let wishes = update(&mut state, message, clock::local());
            is_stale = true;
            for wish in wishes {
                match wish {
                    Wish::Quit => return Ok(()),
                    Wish::Suspend => {
                        screen.suspend()?;
                        let (columns, lines) = screen.size()?;
                        state.size = (columns, lines);
                    }
                    wish => live.carry_out(wish),
                }
            }
        }
        let frame = drawn.map_or_else(TokioInstant::now, |at| at + BETWEEN_FRAMES);
        let tick = drawn.map_or_else(TokioInstant::now, |at| at + COUNTDOWN);
        tokio::select! {
            biased;
            () = &mut end => return Ok(()),
            () = sleep_until(frame), if is_stale => {
                screen.draw(&state)?;
                drawn = Some(TokioInstant::now());
                is_stale = false;
            }
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) => next = Some(Message::Key(key)),
                Some(Ok(Event::Mouse(mouse))) => next = Some(Message::Mouse(mouse)),
                Some(Ok(Event::Resize(columns, lines))) => {
                    next = Some(Message::Resized { columns, lines });
                }
                Some(Ok(_)) => {}
                // The terminal went away.
                Some(Err(_)) | None => return Ok(()),
            },
            Some(done) = live.under_way.next() => next = Some(Message::Done(done)),
            message = live.feed.next() => next = message,
            () = sleep_until(tick), if !is_stale => next = Some(Message::Tick),
        }
    }
}

impl Live<'_> {
    fn carry_out(&mut self, wish: Wish) {
        let store = Arc::clone(&self.store);
        let done = match wish {
            Wish::Yaml(lock) => actions::yaml(store, lock).boxed(),
            Wish::Surroundings(lock) => actions::surroundings(store, lock).boxed(),
            Wish::Namespace(namespace) => {
                self.feed =
                    feed::follow(LeaseStore::clone(&store), namespace.clone(), false).boxed();
                let context = self.context.clone();
                async move { Done::Switched { context, namespace } }.boxed()
            }
            _ => return,
        };
        self.under_way.push(done);
    }
}
