//! A way to the API server on which some requests get stuck.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::watched::LIMIT;

/// Where a request gets stuck.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stuck {
    /// On its way there: nothing comes of it.
    There,
    /// Its answer does, on its way back.
    Back,
}

/// Passes on what it is sent.
pub(crate) struct Gate {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Requests of this method get stuck there.
    rule: Mutex<Option<(&'static str, Stuck)>>,
    /// How many did.
    stuck: Mutex<usize>,
    changed: Condvar,
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
        *self.state.rule.lock().unwrap() = Some((method, stuck));
    }

    /// Waits until a request is stuck.
    pub(crate) fn wait_for_one(&self) {
        let stuck = self.state.stuck.lock().unwrap();
        let waited = self
            .state
            .changed
            .wait_timeout_while(stuck, LIMIT, |stuck| *stuck == 0);
        assert!(*waited.unwrap().0 > 0, "no request came");
    }
}

/// One connection. A request is short enough to arrive in one piece, and begins with its method.
fn pass(mut client: TcpStream, mut server: TcpStream, state: &State) {
    let is_mute = Arc::new(AtomicBool::new(false));
    let (answers, back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let mute = is_mute.clone();
    thread::spawn(move || pass_back(answers, back, &mute));
    let mut piece = [0; 1 << 16];
    while let Ok(length @ 1..) = client.read(&mut piece) {
        let piece = &piece[..length];
        let rule = *state.rule.lock().unwrap();
        let stuck =
            rule.and_then(|(method, stuck)| piece.starts_with(method.as_bytes()).then_some(stuck));
        is_mute.fetch_or(stuck.is_some(), Ordering::SeqCst);
        if !matches!(stuck, Some(Stuck::There)) && server.write_all(piece).is_err() {
            break;
        }
        if stuck.is_some() {
            *state.stuck.lock().unwrap() += 1;
            state.changed.notify_all();
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

fn pass_back(mut server: TcpStream, mut client: TcpStream, is_mute: &AtomicBool) {
    let mut piece = [0; 1 << 16];
    while let Ok(length @ 1..) = server.read(&mut piece) {
        if !is_mute.load(Ordering::SeqCst) && client.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}
