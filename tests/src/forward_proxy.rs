//! A proxy as companies have them: CONNECT or SOCKS 5, with a login or without.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// How clients speak to the proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tunnelling {
    /// HTTP's CONNECT.
    Connect,
    /// SOCKS 5.
    Socks,
}

/// A proxy that lives as long as the test process.
#[derive(Debug)]
pub struct ForwardProxy {
    port: u16,
    reached: Arc<Mutex<Vec<String>>>,
    tunnelling: Tunnelling,
}

/// A user's name and password.
type Login = (&'static str, &'static str);

impl ForwardProxy {
    /// Starts one that lets everybody through, or only who has this login.
    pub fn start(tunnelling: Tunnelling, login: Option<Login>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let reached = Arc::<Mutex<Vec<String>>>::default();
        let shared = Arc::clone(&reached);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    // A client that leaves in the middle has its reasons.
                    let _ = match tunnelling {
                        Tunnelling::Connect => connect(client, login, &shared),
                        Tunnelling::Socks => socks(client, login, &shared),
                    };
                });
            }
        });
        Self {
            port,
            reached,
            tunnelling,
        }
    }

    /// Its address, with what stands before the host: `name:password@`, or nothing.
    pub fn url(&self, login: &str) -> String {
        let scheme = match self.tunnelling {
            Tunnelling::Connect => "http",
            Tunnelling::Socks => "socks5",
        };
        format!("{scheme}://{login}127.0.0.1:{}", self.port)
    }

    /// Whom it was asked to lead to, and did if they answer, as `host:port`.
    pub fn reached(&self) -> Vec<String> {
        self.reached.lock().expect("nobody panicked").clone()
    }
}

fn connect(
    mut client: TcpStream,
    login: Option<Login>,
    reached: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let wanted = login.map(|(name, password)| BASE64_STANDARD.encode(format!("{name}:{password}")));
    if wanted.is_some_and(|wanted| !head.contains(&format!("Basic {wanted}"))) {
        return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    reached
        .lock()
        .expect("nobody panicked")
        .push(target.clone());
    let server = TcpStream::connect(&target)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    join(client, server)
}

fn socks(
    mut client: TcpStream,
    login: Option<Login>,
    reached: &Mutex<Vec<String>>,
) -> io::Result<()> {
    const NO_LOGIN: u8 = 0;
    const WITH_LOGIN: u8 = 2;
    const NONE_FITS: u8 = 0xff;
    let read = |count: usize, client: &mut TcpStream| {
        let mut bytes = vec![0; count];
        client.read_exact(&mut bytes).map(|()| bytes)
    };
    let greeting = read(2, &mut client)?;
    let methods = read(greeting[1].into(), &mut client)?;
    let wanted = if login.is_some() {
        WITH_LOGIN
    } else {
        NO_LOGIN
    };
    if !methods.contains(&wanted) {
        return client.write_all(&[5, NONE_FITS]);
    }
    client.write_all(&[5, wanted])?;
    if let Some((name, password)) = login {
        let mut field = |skip: usize| {
            let head = read(skip + 1, &mut client)?;
            read(head[skip].into(), &mut client)
        };
        let (given_name, given_password) = (field(1)?, field(0)?);
        let fits = given_name == name.as_bytes() && given_password == password.as_bytes();
        client.write_all(&[1, u8::from(!fits)])?;
        if !fits {
            return Ok(());
        }
    }
    let request = read(4, &mut client)?;
    let host = if request[3] == 1 {
        let four = read(4, &mut client)?;
        Ipv4Addr::new(four[0], four[1], four[2], four[3]).to_string()
    } else {
        let length = read(1, &mut client)?[0];
        String::from_utf8_lossy(&read(length.into(), &mut client)?).into_owned()
    };
    let port = read(2, &mut client)?;
    let target = format!("{host}:{}", u16::from_be_bytes([port[0], port[1]]));
    reached
        .lock()
        .expect("nobody panicked")
        .push(target.clone());
    let server = TcpStream::connect(&target)?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    join(client, server)
}

fn join(client: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from_client, mut to_client) = (client.try_clone()?, client);
    let (mut from_server, mut to_server) = (server.try_clone()?, server);
    let up = thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let _ = io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Write);
    let _ = up.join();
    Ok(())
}
