//! The API server itself, killed and started again.

use std::thread::sleep;
use std::time::Duration;

use lease_tests::ApiServer;

use super::stage::{DEAF, Stage};

/// Nobody loses anything for it.
#[test]
fn for_shorter_than_the_renew_deadline() {
    let mut server = ApiServer::start();
    let (mut holder, next, _folder) = {
        let stage = Stage::on(&server);
        let mut holder = stage.run_for(stage.client(), "holder", "read end; exit 5", "40s");
        holder.begin();
        let next = stage.run_for(stage.client(), "next", "true", "40s");
        next.waits();
        (holder, next, stage.leave())
    };
    server.kill();
    server.restart();
    holder.process.close_stdin();
    next.takes_over();
    assert_eq!(holder.end(), 5);
}

#[test]
fn for_longer_than_the_renew_deadline() {
    let mut server = ApiServer::start();
    let (holder, next, _folder) = {
        let stage = Stage::on(&server);
        let (holder, next) = stage.pair(stage.client(), DEAF);
        (holder, next, stage.leave())
    };
    server.kill();
    sleep(Duration::from_secs(5));
    // By then it is dead, and nobody can have begun.
    assert_eq!(holder.end(), 122);
    server.restart();
    next.takes_over();
}
