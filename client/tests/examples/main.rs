//! The examples, run as processes against the sandbox.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;

use lease_sandbox::{Clock, Cluster, kubeconfig, serve};

struct Place {
    kubeconfig: tempfile::NamedTempFile,
}

impl Place {
    /// A cluster that is served, from a thread of its own, until the test process ends.
    fn new() -> Self {
        let (tell, url) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let cluster = Cluster::new(Clock::Real);
                cluster.add_namespace("work");
                let server = serve(cluster, ([127, 0, 0, 1], 0).into()).await.unwrap();
                tell.send(server.url()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), kubeconfig(&url.recv().unwrap(), "work")).unwrap();
        Self { kubeconfig: file }
    }

    fn start(&self, example: &str, arguments: &[&str]) -> Example {
        let mut program: PathBuf = std::env::current_exe().unwrap();
        program.pop();
        program.pop();
        program.push("examples");
        program.push(example);
        let mut child = Command::new(&program)
            .args(arguments)
            .env("KUBECONFIG", self.kubeconfig.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; `cargo test -p lease-client` builds it",
                    program.display()
                )
            });
        let output = BufReader::new(child.stdout.take().unwrap());
        Example { child, output }
    }
}

struct Example {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Example {
    /// The next line that it prints; empty at its end.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Asks it to end, as ctrl-c does.
    fn interrupt(&self) {
        let child = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(child, rustix::process::Signal::INT).unwrap();
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn one_controller_works_and_the_next_takes_over() {
    let place = Place::new();
    let mut one = place.start("controller", &[]);
    assert!(one.line().contains("works"));
    let mut other = place.start("controller", &[]);
    one.interrupt();
    assert!(other.line().contains("works"));
    assert!(one.child.wait().unwrap().success());
}

#[test]
fn a_job_is_done_once() {
    let place = Place::new();
    let mut lines: Vec<_> = (0..3)
        .map(|_| place.start("cron", &[]))
        .map(|mut job| job.line())
        .collect();
    lines.sort();
    assert!(lines[0].starts_with("another machine"), "{lines:?}");
    assert!(lines[1].starts_with("another machine"), "{lines:?}");
    assert!(lines[2].starts_with("done by"), "{lines:?}");
}

#[test]
fn a_probe_is_told_how_the_holder_does() {
    let place = Place::new();
    let mut program = place.start("health", &["127.0.0.1:0"]);
    let address = program.line();
    let address = address.trim().strip_prefix("http://").unwrap();
    assert!(program.line().contains("acquired"));
    let mut probe = TcpStream::connect(address).unwrap();
    probe
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    probe.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("held: true\n"), "{answer}");
    program.interrupt();
    assert_eq!(program.line(), "released\n");
}
