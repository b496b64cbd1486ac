//! What stands before a server, or in its place, and treats each request as a rule says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came (HTTP/1.1, one on each connection).
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) body: Vec<u8>,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    raw: Vec<u8>,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.path.contains("watch=true")
    }
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// This is answered, whoever stands behind.
    Answer(String),
    /// The server gets it, and its reply is lost.
    DropReply,
    /// The server never gets it, and the connection breaks.
    DropRequest,
    /// The server gets it, and its reply arrives.
    Forward,
    /// Nobody answers.
    Hang,
    /// The connection breaks, and the server gets it when [`Front::deliver`] says.
    Hold,
    /// The server gets what is held, and then this.
    OvertakenByHeld,
}

type Rule = dyn FnMut(&Request) -> Fate + Send;

/// Stands before a server, or for one.
#[derive(Debug)]
pub(crate) struct Front {
    addr: SocketAddr,
    log: Arc<Mutex<Log>>,
    server: Option<SocketAddr>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Log {
    held: Vec<Vec<u8>>,
    seen: Vec<Request>,
}

impl Front {
    /// Stands before `server`.
    pub(crate) async fn before(
        server: SocketAddr,
        rule: impl FnMut(&Request) -> Fate + Send + 'static,
    ) -> Self {
        Self::new(Some(server), rule).await
    }

    /// Stands for a server that there is not.
    pub(crate) async fn alone(rule: impl FnMut(&Request) -> Fate + Send + 'static) -> Self {
        Self::new(None, rule).await
    }

    async fn new(
        server: Option<SocketAddr>,
        rule: impl FnMut(&Request) -> Fate + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let log = Arc::<Mutex<Log>>::default();
        let shared = Arc::clone(&log);
        let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(rule));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (log, rule) = (Arc::clone(&shared), Arc::clone(&rule));
                tokio::spawn(meet(client, server, log, rule));
            }
        });
        Self {
            addr,
            log,
            server,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The requests that came so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.log.lock().unwrap().seen.clone()
    }

    /// How many requests of this method came so far.
    pub(crate) fn count(&self, method: &str) -> usize {
        let seen = self.seen();
        seen.iter().filter(|one| one.method == method).count()
    }

    /// The paths of all watches that were opened.
    pub(crate) fn watches(&self) -> Vec<String> {
        let seen = self.seen().into_iter();
        let watches = seen.filter(Request::is_watch);
        watches.map(|request| request.path).collect()
    }

    /// Gives the server what was held back.
    pub(crate) async fn deliver(&self) {
        deliver(self.server.unwrap(), &self.log).await;
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with a JSON body. `headers` are whole lines.
pub(crate) fn answer(code: u16, headers: &[&str], body: &Value) -> Fate {
    let body = body.to_string();
    let headers = [headers, &[""]].concat().join("\r\n");
    Fate::Answer(format!(
        "HTTP/1.1 {code} Some Phrase\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    ))
}

/// A watch that says these lines and ends in order.
pub(crate) fn watch_lines(lines: &[Value]) -> Fate {
    let lines = lines
        .iter()
        .flat_map(|line| [line.to_string(), "\n".to_owned()]);
    let body: String = lines.collect();
    Fate::Answer(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

async fn meet(
    mut client: TcpStream,
    server: Option<SocketAddr>,
    log: Arc<Mutex<Log>>,
    rule: Arc<Mutex<Rule>>,
) {
    // A connection that the client keeps for later brings none.
    let Some(request) = read(&mut client).await else {
        return;
    };
    let fate = {
        let mut log = log.lock().unwrap();
        log.seen.push(request.clone());
        (rule.lock().unwrap())(&request)
    };
    let to_server = |raw: Vec<u8>| async move { send(server.unwrap(), &raw).await };
    let reply = match fate {
        Fate::Answer(text) => text.into_bytes(),
        Fate::DropReply => {
            to_server(request.raw).await;
            return;
        }
        Fate::DropRequest => return,
        Fate::Forward => to_server(request.raw).await,
        Fate::Hang => {
            // Until the client has enough of it.
            let _ = client.read(&mut [0]).await;
            return;
        }
        Fate::Hold => {
            log.lock().unwrap().held.push(request.raw);
            return;
        }
        Fate::OvertakenByHeld => {
            deliver(server.unwrap(), &log).await;
            to_server(request.raw).await
        }
    };
    // A client that left has its reasons.
    let _ = client.write_all(&reply).await;
}

async fn deliver(server: SocketAddr, log: &Mutex<Log>) {
    let held = std::mem::take(&mut log.lock().unwrap().held);
    for raw in held {
        send(server, &raw).await;
    }
}

/// One request to the server, and its whole reply.
async fn send(server: SocketAddr, raw: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(raw).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    reply
}

/// Reads a request, and makes it the only one of its connection. `None` if the client left.
async fn read(client: &mut TcpStream) -> Option<Request> {
    let mut raw = Vec::new();
    let mut buffer = [0; 4096];
    let head_end = loop {
        if let Some(at) = raw.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        match client.read(&mut buffer).await {
            Ok(read @ 1..) => raw.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    };
    let head = String::from_utf8(raw[..head_end].to_vec()).unwrap();
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| Some(line.strip_prefix("content-length:")?.trim().parse()))
        .unwrap_or(Ok(0))
        .unwrap();
    while raw.len() < head_end + length {
        match client.read(&mut buffer).await {
            Ok(read @ 1..) => raw.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
    let body = raw[head_end..].to_vec();
    let mut words = head.split_whitespace();
    let mut next = || words.next().unwrap().to_owned();
    let (method, path) = (next(), next());
    let mut raw = head
        .replacen("\r\n", "\r\nconnection: close\r\n", 1)
        .into_bytes();
    raw.extend_from_slice(&body);
    Some(Request {
        body,
        method,
        path,
        raw,
    })
}
