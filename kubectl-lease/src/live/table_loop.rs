//! Messages in, pictures out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent};
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use lease_client::{LeaseStore, clock};
use lease_core::{Identity, Instant};
use tokio::time::{Instant as TokioInstant, sleep_until};

use super::actions::{self, failed};
use super::message::{Done, Message, Wish};
use super::recording::{Recorder, Recording};
use super::source::{Replaying, Source};
use super::state::{Settings, State};
use super::terminal::Screen;
use super::theme::Theme;
use super::{breaking, feed, remembered, view};
use crate::failure::Failure;
use crate::global_args::GlobalArgs;
use crate::lock_row::Column;
use crate::policy::Caller;
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
    /// The file to record to, which must not exist.
    pub(crate) record: Option<PathBuf>,
    /// The recording to play instead of asking a cluster.
    pub(crate) replay: Option<PathBuf>,
}

/// A cluster that is followed, and what it is asked.
pub(super) struct Live {
    global: GlobalArgs,
    identity: Identity,
    store: Arc<LeaseStore>,
    context: String,
    caller: Caller,
    feed: BoxStream<'static, Message>,
    /// Whether the objects are wanted, too.
    with_objects: bool,
    under_way: FuturesUnordered<BoxFuture<'static, Done>>,
}

/// Shows the table until the user has seen enough.
pub(crate) async fn run(ui: &Ui, global: &GlobalArgs, options: Options) -> Result<(), Failure> {
    let settings = Settings {
        allow_changes: options.allow_changes,
        theme: Theme::of_environment(ui.colour()),
        identity: options.identity.clone(),
    };
    let (columns, trouble) = match remembered::columns() {
        Ok(columns) => (columns, None),
        Err(trouble) => (None, Some(trouble)),
    };
    let columns = columns.unwrap_or_else(|| COLUMNS.to_vec());
    let (mut source, mut state, first) = match &options.replay {
        Some(file) => {
            let recording = Recording::open(file)?;
            let context = recording.context.clone();
            let namespace = recording.namespace.clone();
            let mut source = Source::Recording(Replaying::new(recording));
            let state = State::new(settings, context, namespace, columns, source.now());
            let first = source.next().await;
            (source, state, first)
        }
        None => follow_cluster(global, options, settings, columns).await?,
    };
    if let Some(trouble) = trouble {
        state.complain(trouble);
    }
    let shown = show(&mut source, &mut state, first).await;
    shown.and(source.finish())
}

/// Asks the cluster, and begins to record what it says if that is wanted.
async fn follow_cluster(
    global: &GlobalArgs,
    options: Options,
    settings: Settings,
    columns: Vec<Column>,
) -> Result<(Source, State, (Message, Instant)), Failure> {
    let session = Session::open(global).await?;
    let namespace = (!options.all_namespaces).then(|| session.namespace.clone());
    let mut live = Live::new(
        global.clone(),
        options.identity,
        session,
        namespace.as_deref(),
        options.record.is_some(),
    );
    // Credential plugins may ask something, which a terminal in raw mode would hide.
    let first = feed::first(&mut live.feed).await?;
    let now = clock::local();
    let recorder = options.record.map(|file| {
        Recorder::create(
            &file,
            &live.context,
            namespace.as_deref(),
            now,
            clock::wall(),
        )
    });
    let recorder = recorder.transpose()?;
    let state = State::new(settings, live.context.clone(), namespace, columns, now);
    Ok((Source::Cluster(live, recorder), state, (first, now)))
}

async fn show(
    source: &mut Source,
    state: &mut State,
    first: (Message, Instant),
) -> Result<(), Failure> {
    let mut screen = Screen::open()?;
    let mut events = EventStream::new();
    let mut signals = Signals::ending()?;
    state.size = screen.size();
    let mut next = Some(first);
    let mut drawn: Option<TokioInstant> = None;
    let mut is_stale = true;
    let mut is_urgent = false;
    loop {
        if let Some((message, now)) = next.take() {
            is_stale = true;
            for wish in source.show(state, message, now) {
                match wish {
                    Wish::Quit => return Ok(()),
                    Wish::Suspend => {
                        source.pause();
                        screen.suspend()?;
                        state.size = screen.size();
                    }
                    Wish::Context(name) => {
                        let Source::Cluster(live, _) = source else {
                            continue;
                        };
                        drop(events);
                        for message in screen.without(live.switch(name, state)).await? {
                            source.show(state, message, clock::local());
                        }
                        events = EventStream::new();
                    }
                    Wish::Namespace(namespace) => {
                        if let Source::Cluster(live, _) = source {
                            next = Some((live.look_into(namespace), now));
                        }
                    }
                    Wish::Columns(columns) => {
                        if let Err(trouble) = remembered::keep(&columns) {
                            state.complain(trouble);
                        }
                    }
                    wish => source.carry_out(wish),
                }
            }
            source.tell(state);
            if next.is_some() {
                continue;
            }
        }
        let frame = match drawn {
            // Who presses a key is not kept waiting.
            Some(at) if !is_urgent => at + BETWEEN_FRAMES,
            _ => TokioInstant::now(),
        };
        let step = if view::counts_down(state) {
            COUNTDOWN
        } else {
            TICK
        };
        let tick = drawn.map_or_else(TokioInstant::now, |at| at + step);
        tokio::select! {
            biased;
            _ = signals.ending_one() => return Ok(()),
            () = sleep_until(frame), if is_stale => {
                screen.draw(state)?;
                drawn = Some(TokioInstant::now());
                is_stale = false;
                is_urgent = false;
            }
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) => {
                    panic_if_asked(key);
                    next = Some((Message::Key(key), source.now()));
                    is_urgent = true;
                }
                Some(Ok(Event::Mouse(mouse))) => {
                    next = Some((Message::Mouse(mouse), source.now()));
                    is_urgent = true;
                }
                Some(Ok(Event::Resize(..))) => {
                    screen.begin_anew()?;
                    let (columns, lines) = screen.size();
                    next = Some((Message::Resized { columns, lines }, source.now()));
                    is_urgent = true;
                }
                Some(Ok(_)) => {}
                // The terminal went away.
                Some(Err(_)) | None => return Ok(()),
            },
            heard = source.next() => next = Some(heard),
            () = sleep_until(tick), if !is_stale => next = Some((Message::Tick, source.now())),
        }
    }
}

impl Live {
    fn new(
        global: GlobalArgs,
        identity: Identity,
        session: Session,
        namespace: Option<&str>,
        with_objects: bool,
    ) -> Self {
        let store = Arc::new(session.store);
        Self {
            global,
            identity,
            feed: follow(&store, namespace, with_objects),
            with_objects,
            store,
            context: session.context.unwrap_or_default(),
            caller: session.caller,
            under_way: FuturesUnordered::new(),
        }
    }

    /// Follows another namespace, or all.
    fn look_into(&mut self, namespace: Option<String>) -> Message {
        self.feed = follow(&self.store, namespace.as_deref(), self.with_objects);
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
        let mut live = Self::new(
            global,
            self.identity.clone(),
            session,
            namespace.as_deref(),
            self.with_objects,
        );
        let first = match feed::first(&mut live.feed).await {
            Ok(first) => first,
            Err(failure) => return vec![Message::Done(failed(&failure))],
        };
        *self = live;
        let context = self.context.clone();
        vec![Message::Switched { context, namespace }, first]
    }

    /// What the cluster tells, or answers.
    pub(super) async fn next(&mut self) -> Message {
        tokio::select! {
            biased;
            Some(done) = self.under_way.next() => Message::Done(done),
            // It has no end.
            message = self.feed.next() => message.unwrap_or(Message::Tick),
        }
    }

    pub(super) fn carry_out(&mut self, wish: Wish) {
        let store = Arc::clone(&self.store);
        let identity = self.identity.clone();
        let caller = self.caller.clone();
        self.under_way.push(match wish {
            Wish::Yaml(lock) => actions::yaml(store, lock).boxed(),
            Wish::Surroundings(lock) => actions::surroundings(store, lock).boxed(),
            Wish::Why(lock) => actions::why(store, lock).boxed(),
            Wish::Names => actions::names(store, self.global.kubeconfig.clone()).boxed(),
            Wish::Steal {
                lock,
                observed,
                take,
            } => {
                let taker = take.then(|| identity.clone());
                breaking::steal(store, lock, observed, taker, identity, caller).boxed()
            }
            Wish::ForceRelease { lock, holder } => {
                breaking::force_release(store, lock, holder, identity, caller).boxed()
            }
            // Those are the loop's own, or for a recording.
            Wish::Columns(_)
            | Wish::Context(_)
            | Wish::Namespace(_)
            | Wish::Play(_)
            | Wish::Quit
            | Wish::Suspend => return,
        });
    }
}

fn follow(
    store: &LeaseStore,
    namespace: Option<&str>,
    with_objects: bool,
) -> BoxStream<'static, Message> {
    feed::follow(store.clone(), namespace.map(str::to_owned), with_objects).boxed()
}

/// Lets a test see what becomes of the terminal when the program panics.
fn panic_if_asked(key: KeyEvent) {
    let is_asked = cfg!(debug_assertions) && key.code == KeyCode::Char('!');
    let is_asked = is_asked && std::env::var_os("KUBECTL_LEASE_PANIC").is_some();
    assert!(!is_asked, "asked to panic");
}
