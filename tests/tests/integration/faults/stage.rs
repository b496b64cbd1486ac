//! Where one fault is met by all verbs.

use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Client, FaultProxy, Namespace, Nobody, Output, TlsFaultServer};

use super::fault::{Fault, Way};
use super::told::Told;
use crate::every_verb::{Verb, locks};

/// No command may take longer, whatever the machine adds; see also [`super::judge`].
const LIMIT: Duration = Duration::from_secs(60);

/// A fault, and a namespace of its own with a lock for each verb.
pub(super) struct Stage {
    pub(super) fault: &'static Fault,
    pub(super) namespace: Namespace<'static>,
}

impl Stage {
    pub(super) fn for_all(faults: &'static [Fault]) -> Vec<Self> {
        let server = ApiServer::shared();
        let namespaces = server.namespaces("fault", faults.len());
        locks::make(&namespaces);
        let stage = |(fault, namespace)| Self { fault, namespace };
        faults.iter().zip(namespaces).map(stage).collect()
    }

    /// Has a verb meet the fault.
    pub(super) fn run(&self, verb: &Verb) -> Told {
        let client = self.namespace.admin();
        match self.fault.way {
            Way::Command(change) => {
                let mut command = self.command(client, verb);
                change(&mut command);
                self.told(&mut command, 0)
            }
            Way::Kubeconfig(change) => {
                let client = client.changed(change);
                self.told(&mut self.command(&client, verb), 0)
            }
            Way::Nobody => {
                let nobody = Nobody::new();
                let client = client.at(&format!("https://{}", nobody.address()));
                self.told(&mut self.command(&client, verb), 0)
            }
            Way::Proxy(rule) => {
                let proxy = FaultProxy::before(ApiServer::shared(), rule());
                let client = proxy.client(client);
                let mut told = self.told(&mut self.command(&client, verb), 0);
                told.requests = proxy.seen().len();
                told
            }
            Way::Tls(fault) => {
                let server = TlsFaultServer::start(&fault());
                let client = client.at(&server.url());
                let mut told = self.told(&mut self.command(&client, verb), 0);
                told.requests = server.met().try_into().unwrap();
                told
            }
        }
    }

    fn command(&self, client: &Client, verb: &Verb) -> std::process::Command {
        let mut command = client.plugin_command();
        command
            .args(verb.line.split_whitespace())
            .args(["--request-timeout", self.fault.timeout]);
        command
    }

    fn told(&self, command: &mut std::process::Command, requests: usize) -> Told {
        let started = Instant::now();
        let output = Output::within(command, LIMIT);
        Told {
            elapsed: started.elapsed(),
            output,
            requests,
            namespace: self.namespace.name().to_owned(),
        }
    }
}
