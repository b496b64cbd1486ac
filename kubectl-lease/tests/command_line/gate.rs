//! A way to the API server on which some requests get stuck.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::watched::LIMIT;

/// Where a request gets stuck, until the gate is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stuck {
    /// On its way there.
    There,
    /// Its answer does, on its way back, and is lost.
    Back,
}

/// Passes on what it is sent.
pub(crate) struct Gate {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    rule: Mutex<Rule>,
    changed: Condvar,
}

#[derive(Default)]
struct Rule {
    /// Requests of this method get stuck there.
    holds: Option<(&'static str, Stuck)>,
    /// How many did.
    stuck: usize,
}

impl Gate {
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(server).unwrap();
                let state = shared.clone();
                thread::spawn(move || pass(client, server, &state));
            }
        });
        Self { url, state }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on, requests of this method get stuck.
    pub(crate) fn hold(&self, method: &'static str, stuck: Stuck) {
        self.state.rule.lock().unwrap().holds = Some((method, stuck));
    }

    /// Lets through what is stuck on its way there, and what comes.
    pub(crate) fn open(&self) {
        self.state.rule.lock().unwrap().holds = None;
        self.state.changed.notify_all();
    }

    /// Waits until a request is stuck.
    pub(crate) fn wait_for_one(&self) {
        let rule = self.state.rule.lock().unwrap();
        let changed = &self.state.changed;
        let waited = changed.wait_timeout_while(rule, LIMIT, |rule| rule.stuck == 0);
        assert!(waited.unwrap().0.stuck > 0, "no request came");
    }
}

impl State {
    /// A request is stuck.
    fn tell(&self) {
        self.rule.lock().unwrap().stuck += 1;
        self.changed.notify_all();
    }
}

/// One connection. A request is short enough to arrive in one piece, and begins with its method.
fn pass(mut client: TcpStream, mut server: TcpStream, state: &State) {
    let is_mute = Arc::new(AtomicBool::new(false));
    let (answers, back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let mute = is_mute.clone();
    thread::spawn(move || pass_back(answers, back, &mute));
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = client.read(&mut piece) {
        let piece = &piece[..length];
        let rule = state.rule.lock().unwrap().holds;
        let stuck =
            rule.and_then(|(method, stuck)| piece.starts_with(method.as_bytes()).then_some(stuck));
        if let Some(Stuck::There) = stuck {
            state.tell();
            let rule = state.rule.lock().unwrap();
            drop(state.changed.wait_while(rule, |rule| rule.holds.is_some()));
        }
        is_mute.fetch_or(matches!(stuck, Some(Stuck::Back)), Ordering::SeqCst);
        if server.write_all(piece).is_err() {
            break;
        }
        if let Some(Stuck::Back) = stuck {
            state.tell();
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

fn pass_back(mut server: TcpStream, mut client: TcpStream, is_mute: &AtomicBool) {
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = server.read(&mut piece) {
        if !is_mute.load(Ordering::SeqCst) && client.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}
