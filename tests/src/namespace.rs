//! A place of its own for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use crate::{ApiServer, Client, ElectorBuilder};

/// A namespace that nobody else uses.
///
/// It stays until its server ends: nothing here runs the controller that would empty it.
#[derive(Debug)]
pub struct Namespace<'a> {
    admin: Client,
    name: String,
    server: &'a ApiServer,
}

impl<'a> Namespace<'a> {
    pub(crate) fn create(server: &'a ApiServer, prefix: &str) -> Self {
        let name = name(prefix);
        server.kubectl(["create", "namespace", &name]).success();
        Self::existing(server, name)
    }

    pub(crate) fn create_all(server: &'a ApiServer, prefix: &str, count: usize) -> Vec<Self> {
        let names: Vec<_> = (0..count).map(|_| name(prefix)).collect();
        let namespace =
            |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let objects: Vec<_> = names.iter().map(namespace).collect();
        server.admin().create_all(&objects);
        let existing = |name| Self::existing(server, name);
        names.into_iter().map(existing).collect()
    }

    fn existing(server: &'a ApiServer, name: String) -> Self {
        Self {
            admin: server.client("admin", &name),
            name,
            server,
        }
    }

    /// The administrator, at home in this namespace.
    pub fn admin(&self) -> &Client {
        &self.admin
    }

    /// One of the server's further users, at home in this namespace.
    pub fn client(&self, user: &str) -> Client {
        self.server.client(user, &self.name)
    }

    /// A client-go contender for a lease here.
    pub fn elector(&self, lock: &str, identity: &str) -> ElectorBuilder {
        ElectorBuilder::new(&self.admin, &self.name, lock, identity)
    }

    /// The server that it is on.
    pub(crate) fn server(&self) -> &ApiServer {
        self.server
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn name(prefix: &str) -> String {
    static MADE: AtomicU32 = AtomicU32::new(1);

    format!("{prefix}-{}", MADE.fetch_add(1, Ordering::Relaxed))
}
