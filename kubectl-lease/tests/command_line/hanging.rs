//! API servers that take a connection, and then do not answer.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell::Shell;
use crate::transcript::Transcript;
use crate::watched::LIMIT;

/// The limit that is typed for one request.
const TYPED: &str = "--request-timeout 300ms";
/// What a verb may take at most: a few requests, and whatever the machine adds. Well below
/// [`LIMIT`], after which the server hangs up.
const LATEST: Duration = Duration::from_secs(15);

/// A server that answers some methods with 404 and leaves all others without an answer. It hangs
/// up after [`LIMIT`], so that a program without a limit of its own fails the test and does not
/// stop it.
fn server(answers: &'static str) -> Shell {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || talk(&connection, answers));
        }
    });
    Shell::at(&url)
}

fn talk(mut connection: &TcpStream, answers: &str) {
    connection.set_read_timeout(Some(LIMIT)).unwrap();
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        let method = request.split(' ').next().unwrap_or_default();
        if method.is_empty() || !answers.contains(method) {
            // The rest of the request, until the client gives up.
            while lines.next().is_some() {}
            return;
        }
        while lines.next().is_some_and(|header| !header.is_empty()) {}
        let body = r#"{"kind":"Status","code":404,"reason":"NotFound","message":"not found"}"#;
        let length = body.len();
        let answer = format!("HTTP/1.1 404 Not Found\r\ncontent-length: {length}\r\n\r\n{body}");
        if connection.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn a_server_that_never_answers_is_an_error_in_time() {
    let shell = server("");
    let mut typed = Transcript::new(&shell);
    for line in [
        "ls",
        "ls -A",
        "describe lock",
        "acquire --try lock",
        "renew lock --identity me",
        "release lock --identity me",
        "steal lock",
        "timing lock",
    ] {
        let started = Instant::now();
        let said = typed.run(&format!("{line} {TYPED}"));
        assert_eq!(said.code, Some(1), "{line}: {said:?}");
        assert!(
            started.elapsed() < LATEST,
            "{line}: {:?}",
            started.elapsed()
        );
    }
    insta::assert_snapshot!("silent", typed.end());
}

/// Whether the write was carried out cannot be known, and that is what is said.
#[test]
fn a_write_without_an_answer_has_an_unknown_outcome() {
    let shell = server("GET");
    let mut typed = Transcript::new(&shell);
    let started = Instant::now();
    let said = typed.run(&format!("acquire --try lock {TYPED}"));
    assert!(started.elapsed() < LATEST, "{:?}", started.elapsed());
    assert_eq!(said.code, Some(1), "{said:?}");
    insta::assert_snapshot!("unknown-outcome", typed.end());
}
