//! What all contenders share: one API server, the weather, and who looks whether all is well.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use jiff::{SignedDuration, Timestamp};
use kube::client::Body;
use lease_core::Timing;
use lease_sandbox::{Clock, Cluster, ManualClock};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::dice::Dice;
use crate::host::EPOCH_MICROS;
use crate::order::{Order, text, version};
use crate::play::Broken;
use crate::weather::Weather;
use crate::wire::refused;
use crate::witness::Witness;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) const NAMESPACE: &str = "work";
pub(crate) const LOCK: &str = "lock";

/// How much of what happened is kept for who has to find out what went wrong.
const REMEMBERED: usize = 2_000;

pub(crate) struct World {
    pub(crate) cluster: Cluster,
    clock: ManualClock,
    /// What it does not do right.
    broken: Option<Broken>,
    pub(crate) zero: Instant,
    pub(crate) timing: Timing,
    pub(crate) witness: Mutex<Witness>,
    pub(crate) order: Mutex<Order>,
    state: Mutex<State>,
    links: Mutex<Vec<Arc<Link>>>,
    /// The first thing that went wrong.
    wrong: Mutex<Option<String>>,
    ended: Notify,
    trace: Option<Mutex<VecDeque<String>>>,
}

struct State {
    weather: Weather,
    is_down: bool,
    /// Counts up when the server goes down, and takes with it whatever is under way.
    life: u64,
    clock_off: SignedDuration,
    calm_since: Option<Instant>,
}

impl World {
    pub(crate) fn new(
        timing: Timing,
        dice: &mut Dice,
        is_traced: bool,
        broken: Option<Broken>,
    ) -> Arc<Self> {
        let start = Timestamp::from_microsecond(EPOCH_MICROS).unwrap();
        let clock = ManualClock::new(start);
        let cluster = Cluster::seeded(Clock::Manual(clock.clone()), dice.roll());
        cluster.add_namespace(NAMESPACE);
        Arc::new(Self {
            order: Mutex::new(Order::new(&cluster)),
            broken,
            cluster,
            clock,
            zero: Instant::now(),
            timing,
            witness: Mutex::new(Witness::new(timing)),
            state: Mutex::new(State {
                weather: Weather::CALM,
                is_down: false,
                life: 0,
                clock_off: SignedDuration::ZERO,
                calm_since: Some(Instant::now()),
            }),
            links: Mutex::new(Vec::new()),
            wrong: Mutex::new(None),
            ended: Notify::new(),
            trace: is_traced.then(|| Mutex::new(VecDeque::new())),
        })
    }

    /// Adds the network of one more contender.
    pub(crate) fn link(&self, name: String, dice: Dice, rights: Rights) -> Arc<Link> {
        let link = Arc::new(Link {
            name,
            rights,
            state: Mutex::new(Way {
                dice,
                is_cut: false,
                cuts: 0,
            }),
            cut: Notify::new(),
        });
        let mut links = self.links.lock().unwrap();
        // Those of the dead are held by nobody else.
        links.retain(|link| Arc::strong_count(link) > 1);
        links.push(Arc::clone(&link));
        link
    }

    /// Since when nothing goes wrong but what is left over from before.
    pub(crate) fn calm_since(&self) -> Option<Instant> {
        self.state.lock().unwrap().calm_since
    }

    /// How long one holds or rests while it is calm.
    pub(crate) fn short(&self) -> Duration {
        self.timing.lease_duration() / 5
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm_since().is_some()
    }

    pub(crate) fn set_calm(&self, is_calm: bool) {
        self.state.lock().unwrap().calm_since = is_calm.then(Instant::now);
    }

    pub(crate) fn weather(&self) -> Weather {
        self.state.lock().unwrap().weather
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.state.lock().unwrap().weather = weather;
    }

    pub(crate) fn is_down(&self) -> bool {
        self.state.lock().unwrap().is_down
    }

    pub(crate) fn server_life(&self) -> u64 {
        self.state.lock().unwrap().life
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        let mut state = self.state.lock().unwrap();
        if is_down && !state.is_down {
            state.life += 1;
            for link in &*self.links.lock().unwrap() {
                link.drop_connections();
            }
        }
        state.is_down = is_down;
    }

    pub(crate) fn set_server_clock(&self, off: SignedDuration) {
        self.state.lock().unwrap().clock_off = off;
    }

    /// Sets the server's clock by true time, from which its own may be off.
    pub(crate) fn set_clock(&self) {
        let off = self.state.lock().unwrap().clock_off;
        let start = Timestamp::from_microsecond(EPOCH_MICROS).unwrap();
        let elapsed = SignedDuration::try_from(self.zero.elapsed()).unwrap();
        self.clock.set(start + elapsed + off);
    }

    /// The API server answers.
    pub(crate) async fn serve(
        &self,
        request: Request<Body>,
    ) -> Response<UnsyncBoxBody<Bytes, BoxError>> {
        self.set_clock();
        let request = match self.broken {
            Some(Broken::CarelessServer) => careless(&self.cluster, request).await,
            _ => request,
        };
        let is_list = request
            .uri()
            .query()
            .is_some_and(|query| query.contains("labelSelector"));
        let answer = lease_sandbox::answer(&self.cluster, request).await;
        self.look();
        if is_list && self.broken == Some(Broken::ForgetfulLists) {
            return forgetful(answer).await;
        }
        answer.map(|body| body.map_err(|never| match never {}).boxed_unsync())
    }

    /// Looks at what was written since the last look.
    pub(crate) fn look(&self) {
        let seen = self.order.lock().unwrap().look();
        for line in seen.lines {
            self.trace(|| line);
        }
        if let Some(wrong) = seen.wrong
            && !self.witness.lock().unwrap().is_restored()
        {
            self.fail(wrong);
        }
    }

    /// Says that something must not be.
    pub(crate) fn fail(&self, wrong: String) {
        let mut first = self.wrong.lock().unwrap();
        if first.is_none() {
            self.trace(|| format!("WRONG: {wrong}"));
            *first = Some(format!("after {:?}: {wrong}", self.zero.elapsed()));
            self.ended.notify_one();
        }
    }

    pub(crate) fn wrong(&self) -> Option<String> {
        self.wrong.lock().unwrap().clone()
    }

    /// Waits until something is wrong.
    pub(crate) async fn goes_wrong(&self) {
        self.ended.notified().await;
    }

    pub(crate) fn is_traced(&self) -> bool {
        self.trace.is_some()
    }

    pub(crate) fn trace(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let mut trace = trace.lock().unwrap();
            if trace.len() == REMEMBERED {
                trace.pop_front();
            }
            let at = self.zero.elapsed().as_secs_f64();
            trace.push_back(format!("{at:>11.3} {}", line()));
        }
    }

    /// What happened last.
    pub(crate) fn remembered(&self) -> Vec<String> {
        let trace = self.trace.as_ref().map(|trace| trace.lock().unwrap());
        trace.into_iter().flat_map(|trace| trace.clone()).collect()
    }
}

/// The request of one who overwrites whatever there is.
async fn careless(cluster: &Cluster, request: Request<Body>) -> Request<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let is_put = parts.method == Method::PUT;
    let (Ok(lock), true) = (cluster.get(NAMESPACE, LOCK), is_put) else {
        return Request::from_parts(parts, Body::from(body));
    };
    let mut object: Value = serde_json::from_slice(&body).unwrap();
    for field in ["resourceVersion", "uid"] {
        object["metadata"][field] = lock["metadata"][field].clone();
    }
    Request::from_parts(parts, Body::from(object.to_string().into_bytes()))
}

/// A list without its oldest ticket.
async fn forgetful(answer: lease_sandbox::Answer) -> Response<UnsyncBoxBody<Bytes, BoxError>> {
    let (mut parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut list: Value = serde_json::from_slice(&body).unwrap();
    if let Some(items) = list["items"].as_array_mut() {
        items.sort_by_key(|item| version(text(item, "/metadata/resourceVersion")));
        items.drain(..items.len().min(1));
    }
    parts.headers.remove("content-length");
    let body = http_body_util::Full::from(list.to_string());
    Response::from_parts(parts, body.map_err(|never| match never {}).boxed_unsync())
}

/// What one contender is allowed to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    pub(crate) may_queue: bool,
    pub(crate) may_watch: bool,
}

/// The network of one contender.
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) rights: Rights,
    state: Mutex<Way>,
    cut: Notify,
}

struct Way {
    dice: Dice,
    is_cut: bool,
    /// How often its connections were dropped.
    cuts: u64,
}

impl Link {
    pub(crate) fn dice(&self) -> Dice {
        self.state.lock().unwrap().dice.fork()
    }

    pub(crate) fn set_cut(&self, is_cut: bool) {
        self.state.lock().unwrap().is_cut = is_cut;
        if is_cut {
            self.drop_connections();
        }
    }

    fn drop_connections(&self) {
        self.state.lock().unwrap().cuts += 1;
        // In the order in which they wait, which `watch` would not keep.
        self.cut.notify_waiters();
    }

    /// Whether nothing comes through, and then whether that is noticed at once.
    pub(crate) fn is_cut(&self, world: &World, dice: &mut Dice) -> Option<bool> {
        let is_cut = self.state.lock().unwrap().is_cut;
        (is_cut || world.is_down()).then(|| dice.percent(50))
    }

    pub(crate) fn cuts(&self) -> u64 {
        self.state.lock().unwrap().cuts
    }

    /// Waits until connections that were opened after so many cuts are dropped.
    pub(crate) async fn cut_since(&self, cuts: u64) {
        let mut cut = std::pin::pin!(self.cut.notified());
        cut.as_mut().enable();
        if self.cuts() == cuts {
            cut.await;
        }
    }

    /// The refusal of what it is not allowed to do.
    pub(crate) fn refusal(
        &self,
        request: &Request<Body>,
        is_watch: bool,
    ) -> Option<Response<UnsyncBoxBody<Bytes, BoxError>>> {
        let Rights {
            may_queue,
            may_watch,
        } = self.rights;
        let query = request.uri().query().unwrap_or_default();
        let is_of_queue = query.contains("labelSelector")
            || request.uri().path().contains("-ticket-")
            // The lock itself is created by a PUT then, since its name is known.
            || request.method() == Method::POST;
        let is_refused = (is_watch && !may_watch) || (is_of_queue && !may_queue);
        is_refused.then(|| refused(403))
    }
}
