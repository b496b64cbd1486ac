//! The network between a contender and the API server.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{Method, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use kube::client::Body;
use lease_client::{LeaseStore, Requests};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use crate::dice::Dice;
use crate::weather::{End, Fate};
use crate::world::{BoxError, Link, World};

/// How long a watch is silent before it breaks.
const SILENT: Duration = Duration::from_secs(20);

type Event = Result<Frame<Bytes>, BoxError>;
type Answer = Response<UnsyncBoxBody<Bytes, BoxError>>;

/// How long a request may take; longer than any contender waits.
const LIMIT: Duration = Duration::from_secs(10);

/// The store of a contender at the end of this link.
pub(crate) fn store(world: &Arc<World>, link: &Arc<Link>) -> LeaseStore {
    let (world, link) = (Arc::clone(world), Arc::clone(link));
    let service = tower::service_fn(move |request| {
        let sent = send(&world, &link, request);
        async move {
            match sent.await {
                Ok(answer) => answer,
                // Nothing comes any more; whoever waits has a limit.
                Err(_) => futures::future::pending().await,
            }
        }
    });
    let client = kube::Client::new(service, "work");
    LeaseStore::new(Requests::over(client, "the simulation", Some(LIMIT)))
}

/// What was sent is on its way, whatever becomes of its sender.
fn send(
    world: &Arc<World>,
    link: &Arc<Link>,
    request: Request<Body>,
) -> oneshot::Receiver<Result<Answer, BoxError>> {
    let (tell, told) = oneshot::channel();
    let mut dice = link.dice();
    let fate = world.weather().fate(&mut dice);
    tokio::spawn(carry(
        Arc::clone(world),
        Arc::clone(link),
        dice,
        fate,
        request,
        tell,
    ));
    told
}

async fn carry(
    world: Arc<World>,
    link: Arc<Link>,
    mut dice: Dice,
    fate: Fate,
    request: Request<Body>,
    tell: oneshot::Sender<Result<Answer, BoxError>>,
) {
    let what = world
        .is_traced()
        .then(|| format!("{} {}", request.method(), request.uri()));
    let trace = |came: &str| {
        if let Some(what) = &what {
            world.trace(|| format!("{}: {what}: {came}", link.name));
        }
    };
    let life = world.server_life();
    let is_write = request.method() != Method::GET;
    let mut tell = Some(tell);
    sleep(fate.there).await;
    if let Some(is_told) = link.is_cut(&world, &mut dice) {
        trace("does not come through");
        sleep(fate.back).await;
        return hang_up(tell.take(), is_told);
    }
    if let End::Lost { is_told, late } = fate.end {
        trace("is lost");
        hang_up(tell.take(), is_told);
        let Some(late) = late.filter(|_| is_write) else {
            return;
        };
        sleep(late).await;
        if world.server_life() != life || link.is_cut(&world, &mut dice).is_some() {
            return;
        }
        trace("arrives after all");
    }
    if let End::Refused {
        code,
        is_done: false,
    } = fate.end
    {
        trace("is refused for now");
        sleep(fate.back).await;
        return answer(tell, refused(code));
    }
    let cuts = link.cuts();
    let is_watch = request
        .uri()
        .query()
        .is_some_and(|query| query.contains("watch=true"));
    let answered = match link.refusal(&request, is_watch) {
        Some(refusal) => refusal,
        None => world.serve(request).await,
    };
    let code = answered.status().as_u16();
    if is_watch && code == 200 {
        trace("begins");
        sleep(fate.back).await;
        let answered =
            answered.map(|body| Stream::new(&world, &mut dice, body, &link, cuts).into_body());
        return answer(tell, answered);
    }
    trace(answered.status().as_str());
    sleep(fate.back).await;
    match fate.end {
        // Whoever is cut off by now hears nothing.
        _ if world.server_life() != life || link.is_cut(&world, &mut dice).is_some() => {
            trace("the reply does not come through");
            hang_up(tell.take(), true);
        }
        End::Unanswered { is_told } => {
            trace("the reply is lost");
            hang_up(tell.take(), is_told);
        }
        End::Refused { code, .. } => answer(tell, refused(code)),
        End::Answered | End::Lost { .. } => answer(tell, answered),
    }
}

fn answer(tell: Option<oneshot::Sender<Result<Answer, BoxError>>>, answer: Answer) {
    if let Some(tell) = tell {
        // Whoever asked may have given up.
        let _ = tell.send(Ok(answer));
    }
}

/// The connection breaks, or nothing is heard any more.
fn hang_up(tell: Option<oneshot::Sender<Result<Answer, BoxError>>>, is_told: bool) {
    if let Some(tell) = tell.filter(|_| is_told) {
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        // Whoever asked may have given up.
        let _ = tell.send(Err(broken.into()));
    }
}

/// A refusal, as the server words it.
pub(crate) fn refused(code: u16) -> Answer {
    let reason = match code {
        403 => "Forbidden",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        _ => "Timeout",
    };
    let body = format!(
        r#"{{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"{reason}","message":"simulated","code":{code}}}"#
    );
    let body = Full::from(body)
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = Response::builder().status(code);
    if code == 429 {
        response = response.header("retry-after", "1");
    }
    response.body(body).unwrap()
}

/// An open watch, whose events come late, and which breaks off or goes silent.
struct Stream {
    world: Arc<World>,
    body: UnsyncBoxBody<Bytes, BoxError>,
    dice: Dice,
    /// What is on its way, and when it arrives; `None` is the end.
    coming: VecDeque<(Instant, Option<Event>)>,
    /// When it fails, and whether that is told.
    fails: Option<(Instant, bool)>,
    link: Arc<Link>,
    /// How often the link had been cut when it was opened.
    cuts: u64,
}

impl Stream {
    fn new(
        world: &Arc<World>,
        dice: &mut Dice,
        body: UnsyncBoxBody<Bytes, BoxError>,
        link: &Arc<Link>,
        cuts: u64,
    ) -> Self {
        let fails = dice.per_mille(world.weather().brittle).then(|| {
            let after = dice.mostly_short(Duration::from_secs(60));
            (Instant::now() + after, dice.percent(60))
        });
        Self {
            world: Arc::clone(world),
            body,
            dice: dice.fork(),
            coming: VecDeque::new(),
            fails,
            link: Arc::clone(link),
            cuts,
        }
    }

    fn into_body(self) -> UnsyncBoxBody<Bytes, BoxError> {
        let frames = stream::unfold(Some(self), |stream| async {
            let mut stream = stream?;
            let frame = stream.next().await?;
            let rest = frame.is_ok().then_some(stream);
            Some((frame, rest))
        });
        BodyExt::boxed_unsync(StreamBody::new(frames))
    }

    async fn next(&mut self) -> Option<Event> {
        let is_told = loop {
            let fails = self.fails.map_or_else(Instant::now, |(at, _)| at);
            let arrives = self.coming.front().map_or_else(Instant::now, |(at, _)| *at);
            let has_ended = matches!(self.coming.back(), Some((_, None)));
            tokio::select! {
                biased;
                () = self.link.cut_since(self.cuts) => break self.dice.percent(60),
                () = sleep_until(fails), if self.fails.is_some() => {
                    break self.fails.is_some_and(|(_, is_told)| is_told);
                }
                () = sleep_until(arrives), if !self.coming.is_empty() => {
                    return self.coming.pop_front().and_then(|(_, frame)| frame);
                }
                frame = self.body.frame(), if !has_ended => {
                    let late = self.dice.between(Duration::ZERO, self.world.weather().lag);
                    let after = self.coming.back().map(|(at, _)| *at);
                    let at = after.max(Some(Instant::now() + late)).unwrap_or_else(Instant::now);
                    self.coming.push_back((at, frame));
                }
            }
        };
        if !is_told {
            sleep(SILENT).await;
        }
        Some(Err(io::Error::from(io::ErrorKind::ConnectionReset).into()))
    }
}
