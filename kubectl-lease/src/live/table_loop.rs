//! Messages in, pictures out.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent};
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use lease_client::{Change, LeaseStore, clock};
use lease_core::Identity;
use tokio::time::{Instant as TokioInstant, sleep_until};

use super::actions::{self, failed};
use super::message::{Done, Message, Wish};
use super::state::{Settings, State};
use super::terminal::Screen;
use super::theme::Theme;
use super::update::update;
use super::{breaking, feed, remembered, view};
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_row::Column;
use crate::session::Session;
use crate::signals::Signals;
use crate::ui::Ui;

/// At most ten pictures a second.
const BETWEEN_FRAMES: Duration = Duration::from_millis(100);
/// How often bars get shorter, where there are some.
const COUNTDOWN: Duration = Duration::from_millis(250);
/// How often it is drawn where only ages and states pass.
const TICK: Duration = Duration::from_secs(1);

/// What the columns are that nobody chose.
pub(super) const COLUMNS: [Column; 8] = [
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

/// What the table is fed by, and what it asks.
struct Live {
    global: GlobalArgs,
    identity: Identity,
    store: Arc<LeaseStore>,
    context: String,
    feed: BoxStream<'static, Message>,
    under_way: FuturesUnordered<BoxFuture<'static, Done>>,
}

/// Shows the table until the user has seen enough.
pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, options: Options) -> Result<(), Failure> {
    let session = Session::open(global).await?;
    let namespace = (!options.all_namespaces).then(|| session.namespace.clone());
    let mut live = Live::new(
        global.clone(),
        options.identity.clone(),
        session,
        namespace.as_deref(),
    );
    let settings = Settings {
        allow_changes: options.allow_changes,
        theme: Theme::of_environment(ui.colour()),
        identity: options.identity,
    };
    let (columns, trouble) = match remembered::columns() {
        Ok(columns) => (columns, None),
        Err(trouble) => (None, Some(trouble)),
    };
    let columns = columns.unwrap_or_else(|| COLUMNS.to_vec());
    let mut state = State::new(
        settings,
        live.context.clone(),
        namespace,
        columns,
        clock::local(),
    );
    if let Some(trouble) = trouble {
        state.complain(trouble);
    }
    // Credential plugins may ask something, which a terminal in raw mode would hide.
    let mut next = Some(live.first().await?);
    let mut screen = Screen::open()?;
    let mut events = EventStream::new();
    let mut signals = Signals::ending()?;
    state.size = screen.size();
    let mut drawn: Option<TokioInstant> = None;
    let mut is_stale = true;
    let mut is_urgent = false;
    loop {
        if let Some(message) = next.take() {
            is_stale = true;
            for wish in update(&mut state, message, clock::local()) {
                match wish {
                    Wish::Quit => return Ok(()),
                    Wish::Suspend => {
                        screen.suspend()?;
                        state.size = screen.size();
                    }
                    Wish::Context(name) => {
                        drop(events);
                        for message in screen.without(live.switch(name, &state)).await? {
                            update(&mut state, message, clock::local());
                        }
                        events = EventStream::new();
                    }
                    Wish::Namespace(namespace) => next = Some(live.look_into(namespace)),
                    Wish::Columns(columns) => {
                        if let Err(trouble) = remembered::keep(&columns) {
                            state.complain(trouble);
                        }
                    }
                    wish => live.carry_out(wish),
                }
            }
            if next.is_some() {
                continue;
            }
        }
        let frame = match drawn {
            // Who presses a key is not kept waiting.
            Some(at) if !is_urgent => at + BETWEEN_FRAMES,
            _ => TokioInstant::now(),
        };
        let step = if view::counts_down(&state) {
            COUNTDOWN
        } else {
            TICK
        };
        let tick = drawn.map_or_else(TokioInstant::now, |at| at + step);
        tokio::select! {
            biased;
            _ = signals.ending_one() => return Ok(()),
            () = sleep_until(frame), if is_stale => {
                screen.draw(&state)?;
                drawn = Some(TokioInstant::now());
                is_stale = false;
                is_urgent = false;
            }
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) => {
                    panic_if_asked(key);
                    next = Some(Message::Key(key));
                    is_urgent = true;
                }
                Some(Ok(Event::Mouse(mouse))) => {
                    next = Some(Message::Mouse(mouse));
                    is_urgent = true;
                }
                Some(Ok(Event::Resize(..))) => {
                    screen.begin_anew()?;
                    let (columns, lines) = screen.size();
                    next = Some(Message::Resized { columns, lines });
                    is_urgent = true;
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

impl Live {
    fn new(
        global: GlobalArgs,
        identity: Identity,
        session: Session,
        namespace: Option<&str>,
    ) -> Self {
        let store = Arc::new(session.store);
        Self {
            global,
            identity,
            feed: follow(&store, namespace),
            store,
            context: session.context.unwrap_or_default(),
            under_way: FuturesUnordered::new(),
        }
    }

    /// The first that is heard. If nothing can be, there is no use in waiting longer.
    async fn first(&mut self) -> Result<Message, Failure> {
        match self.feed.next().await {
            Some(Message::Refused(failure)) => Err(failure),
            Some(Message::Changed(Change::Interrupted(error))) => Err(error.into()),
            Some(message) => Ok(message),
            None => Err(Failure::error("the cluster tells nothing")),
        }
    }

    /// Follows another namespace, or all.
    fn look_into(&mut self, namespace: Option<String>) -> Message {
        self.feed = follow(&self.store, namespace.as_deref());
        self.under_way.clear();
        Message::Switched {
            context: self.context.clone(),
            namespace,
        }
    }

    /// Follows another cluster. What is shown stays where that does not tell anything.
    async fn switch(&mut self, context: String, state: &State) -> Vec<Message> {
        let global = self.global.in_context(context);
        let session = match Session::open(&global).await {
            Ok(session) => session,
            Err(failure) => return vec![Message::Done(failed(&failure))],
        };
        let namespace = state.namespace.is_some().then(|| session.namespace.clone());
        let mut live = Self::new(global, self.identity.clone(), session, namespace.as_deref());
        let first = match live.first().await {
            Ok(first) => first,
            Err(failure) => return vec![Message::Done(failed(&failure))],
        };
        *self = live;
        let context = self.context.clone();
        vec![Message::Switched { context, namespace }, first]
    }

    fn carry_out(&mut self, wish: Wish) {
        let store = Arc::clone(&self.store);
        let identity = self.identity.clone();
        self.under_way.push(match wish {
            Wish::Yaml(lock) => actions::yaml(store, lock).boxed(),
            Wish::Surroundings(lock) => actions::surroundings(store, lock).boxed(),
            Wish::Names => actions::names(store, self.global.kubeconfig.clone()).boxed(),
            Wish::Steal {
                lock,
                observed,
                take,
            } => breaking::steal(store, lock, observed, take.then_some(identity)).boxed(),
            Wish::ForceRelease { lock, holder } => {
                breaking::force_release(store, lock, holder, identity).boxed()
            }
            // Those are the loop's own.
            Wish::Columns(_)
            | Wish::Context(_)
            | Wish::Namespace(_)
            | Wish::Quit
            | Wish::Suspend => return,
        });
    }
}

fn follow(store: &LeaseStore, namespace: Option<&str>) -> BoxStream<'static, Message> {
    feed::follow(store.clone(), namespace.map(str::to_owned), false).boxed()
}

/// Lets a test see what becomes of the terminal when the program panics.
fn panic_if_asked(key: KeyEvent) {
    let is_asked = cfg!(debug_assertions) && key.code == KeyCode::Char('!');
    if is_asked && std::env::var_os("KUBECTL_LEASE_PANIC").is_some() {
        panic!("asked to panic");
    }
}
