//! A real kube-apiserver with its etcd.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Authority, Certificate, Client, Namespace, Output, Process, parts};

/// The program gives up by itself after 60 s; this is for one that hangs.
const START_LIMIT: Duration = Duration::from_secs(90);
/// The program cuts open requests off after 2 s.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// An API server of its own: keys, data, port and users.
///
/// It ends with this value, or with the process that holds it, and its folder with it.
#[derive(Debug)]
pub struct ApiServer {
    admin: Client,
    /// Who signs the certificates by which the server knows its users.
    authority: Authority,
    base: Value,
    builder: ApiServerBuilder,
    /// Absent while stopped. Before the folder, so that it has ended when the folder goes.
    process: Option<Process>,
    ready: Ready,
    folder: TempDir,
}

/// What the program prints when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    etcd: String,
    kubeconfig: String,
    server: String,
}

/// A server that is to be started.
#[derive(Clone, Debug, Default)]
pub struct ApiServerBuilder {
    flags: Vec<String>,
    users: Vec<String>,
}

impl ApiServerBuilder {
    /// A flag of kube-apiserver, such as `--feature-gates=CoordinatedLeaderElection=true`.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// A further user, without rights until the test binds a role to the name.
    #[must_use]
    pub fn user(mut self, name: &str) -> Self {
        self.users.push(name.to_owned());
        self
    }

    /// Starts it, and returns when it is ready.
    pub fn start(self) -> ApiServer {
        let folder = tempfile::Builder::new()
            .prefix("lease-apiserver-")
            .tempdir()
            .expect("the folder for temporary files is writable");
        std::fs::create_dir(folder.path().join("home")).expect("the folder is new");
        let authority = Authority::new();
        std::fs::write(client_authority(&folder), authority.pem()).expect("the folder is writable");
        let (process, ready) = self.launch(&folder, 0);
        let home = folder.path().join("home");
        let base = read_kubeconfig(&ready.kubeconfig);
        let admin = Client::new(&home, &base, "admin", "default");
        ApiServer {
            admin,
            authority,
            base,
            builder: self,
            process: Some(process),
            ready,
            folder,
        }
    }

    fn launch(&self, folder: &TempDir, port: u16) -> (Process, Ready) {
        let mut command = Command::new(parts::part("apiserver"));
        command.arg("--temporary").arg("--dir").arg(folder.path());
        command.arg(format!("--secure-port={port}"));
        for user in &self.users {
            command.args(["--user", user]);
        }
        let authority = client_authority(folder);
        command.arg("--");
        command.arg(format!("--client-ca-file={}", authority.display()));
        let mut process = Process::start(command.args(&self.flags));
        let Some(line) = process.line(START_LIMIT) else {
            let log = std::fs::read_to_string(folder.path().join("apiserver.log"));
            panic!(
                "the API server ended: {}\nthe end of its log:\n{}",
                process.stderr(),
                last_lines(&log.unwrap_or_default(), 20)
            );
        };
        let ready = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("the API server printed no ready line: {e}: {line}"));
        (process, ready)
    }
}

impl ApiServer {
    /// A server with choices: `ApiServer::builder().user("alice").start()`.
    pub fn builder() -> ApiServerBuilder {
        ApiServerBuilder::default()
    }

    /// A server of one's own, for a test that stops it or wants it empty.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// The server that all tests of this process use, each in its own [`Namespace`]. Its further
    /// users are `alice` and `bob`.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<ApiServer> =
            LazyLock::new(|| ApiServer::builder().user("alice").user("bob").start());
        &SHARED
    }

    /// Makes a namespace whose name begins with `prefix` and is in use nowhere else.
    pub fn namespace(&self, prefix: &str) -> Namespace<'_> {
        Namespace::create(self, prefix)
    }

    /// Makes as many namespaces at once.
    pub fn namespaces(&self, prefix: &str, count: usize) -> Vec<Namespace<'_>> {
        Namespace::create_all(self, prefix, count)
    }

    /// The administrator, in the namespace `default`.
    pub fn admin(&self) -> &Client {
        &self.admin
    }

    /// A user of the server, in a namespace.
    pub fn client(&self, user: &str, namespace: &str) -> Client {
        Client::new(
            &self.folder.path().join("home"),
            &self.base,
            user,
            namespace,
        )
    }

    /// A certificate by which the server knows a user of this name and group.
    pub fn certificate(&self, user: &str, group: &str) -> Certificate {
        self.authority.user(user, group)
    }

    /// The path of the administrator's kubeconfig.
    pub fn kubeconfig(&self) -> &std::path::Path {
        self.admin.kubeconfig()
    }

    /// Runs kubectl as the administrator, in the namespace `default`.
    pub fn kubectl<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        self.admin.kubectl(args)
    }

    /// Its address, `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.ready.server
    }

    /// Where its etcd takes clients, `http://127.0.0.1:PORT`.
    pub fn etcd(&self) -> &str {
        &self.ready.etcd
    }

    /// The certificate that signed the server's own, in PEM.
    pub(crate) fn serving_authority(&self) -> Vec<u8> {
        self.base["clusters"][0]["cluster"]["certificate-authority-data"]
            .as_str()
            .and_then(|data| STANDARD.decode(data).ok())
            .expect("the server's kubeconfig names its authority")
    }

    /// The program itself, while it runs: to pause and resume, or to close its stdin.
    pub fn process(&mut self) -> Option<&mut Process> {
        self.process.as_mut()
    }

    /// Ends it in order; open watches are cut off after 2 s. Address and data stay for
    /// [`ApiServer::restart`].
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate();
            process.wait(STOP_LIMIT);
        }
    }

    /// Ends it as a crash does. What it had acknowledged is there after [`ApiServer::restart`].
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Starts it again with the same address, keys and data; stops it first if it runs.
    pub fn restart(&mut self) {
        self.stop();
        let (process, ready) = self.builder.launch(&self.folder, self.port());
        self.process = Some(process);
        self.ready = ready;
    }

    pub(crate) fn port(&self) -> u16 {
        self.url()
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .expect("the address ends in a port")
    }
}

fn client_authority(folder: &TempDir) -> PathBuf {
    folder.path().join("client-ca.crt")
}

/// The server's kubeconfig as JSON, through kubectl, which reads the YAML.
fn read_kubeconfig(path: &str) -> Value {
    Output::of(Command::new(parts::part("kubectl")).env_clear().args([
        "config",
        "view",
        "--raw",
        "-o",
        "json",
        "--kubeconfig",
        path,
    ]))
    .json()
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().rev().take(count).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
