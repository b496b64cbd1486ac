//! Completion where the cluster, or a kubeconfig, means harm or does not answer.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::completing::{NO_FILES, VARIABLE, asking, assert_offers, offers};
use crate::shell::{Said, Shell};

/// Longer than the program waits for the cluster, and shorter than a request may take.
const LATEST: Duration = Duration::from_secs(8);

/// A server that answers whatever it is asked with the same.
fn server(code: &'static str, body: &Value) -> Shell {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = body.to_string();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A client that went away has what it wanted.
            let _ = answer(&connection, code, &body);
        }
    });
    Shell::at(&url)
}

fn answer(mut connection: &TcpStream, code: &str, body: &str) -> std::io::Result<()> {
    let head = BufReader::new(connection).lines().map_while(Result::ok);
    head.take_while(|line| !line.is_empty()).for_each(drop);
    let length = body.len();
    let head = format!("HTTP/1.1 {code}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    connection.write_all((head + body).as_bytes())
}

/// Names that no API server lets in: what stands in one may be anybody's.
const HOSTILE: [&str; 8] = [
    "x\u{1b}[2J",
    "x\n:0",
    "x\u{202e}",
    "x y",
    "$(reboot)",
    "`reboot`",
    "x;reboot",
    "x'",
];

#[test]
fn hostile_names_are_not_offered() {
    let named = |name: &str| {
        json!({ "metadata": {
            "name": name, "namespace": "work", "uid": "u", "resourceVersion": "1",
        } })
    };
    let items: Vec<_> = HOSTILE
        .iter()
        .chain(&["fine"])
        .map(|name| named(name))
        .collect();
    let list = json!({ "metadata": { "resourceVersion": "1" }, "items": items });
    let shell = server("200 OK", &list);
    for asker in ["kubectl", "zsh", "fish", "elvish", "powershell"] {
        for words in [
            &["describe", ""][..],
            &["describe", "lease/"],
            &["ls", "-n", ""],
        ] {
            let mut command = asking(&shell, words);
            command
                .env(VARIABLE, asker)
                .env("_CLAP_COMPLETE_INDEX", words.len().to_string());
            let said = Said::of(&mut command);
            assert_eq!(said.code, Some(0), "{said:?}");
            assert!(said.stdout.contains("fine"), "{asker} {words:?}: {said:?}");
            for harmful in ["\u{1b}", "\n:0", "\u{202e}", "x", "reboot"] {
                // Flags have an x, too.
                let names = said.stdout.lines().filter(|line| !line.starts_with('-'));
                let names = names.collect::<Vec<_>>().join("\n");
                let names = names.trim_end_matches("\n:4");
                assert!(!names.contains(harmful), "{asker} {words:?}: {names:?}");
            }
        }
    }

    let names = HOSTILE.iter().chain(&["fine"]);
    let contexts: Vec<_> = names.map(|name| json!({ "name": name })).collect();
    let config = json!({ "contexts": contexts }).to_string();
    std::fs::write(shell.kubeconfig(), config).unwrap();
    assert_offers(&shell, &["ls", "--context", ""], &["fine"]);
}

#[test]
fn a_cluster_that_does_not_answer_is_passed_over_in_silence() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    // It takes the connection, and that is all.
    let hanging = Shell::at(&url);
    let forbidden = server(
        "403 Forbidden",
        &json!({ "kind": "Status", "code": 403, "reason": "Forbidden", "message": "no" }),
    );
    let nonsense = server("200 OK", &json!("nonsense"));
    let without = Shell::at("http://unused.invalid");
    std::fs::write(without.kubeconfig(), "clusters: [").unwrap();
    for shell in [&hanging, &forbidden, &nonsense, &without] {
        for words in [&["describe", ""][..], &["ls", "-n", ""]] {
            let started = Instant::now();
            let offers = offers(&mut asking(shell, words));
            assert_eq!(offers, (Vec::new(), NO_FILES.to_owned()), "{words:?}");
            assert!(started.elapsed() < LATEST, "{:?}", started.elapsed());
        }
    }
    // What needs no cluster is there all the same.
    assert_offers(&hanging, &["steal", "--expiry", "s"], &["stamped"]);
}
