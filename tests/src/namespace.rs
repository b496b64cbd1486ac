//! A place of its own for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{ApiServer, Client, ElectorBuilder};

static MADE: AtomicU32 = AtomicU32::new(1);

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
        let name = format!("{prefix}-{}", MADE.fetch_add(1, Ordering::Relaxed));
        server.kubectl(["create", "namespace", &name]).success();
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

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
