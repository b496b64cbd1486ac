//! A holder that does not reach the server, while others do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lease_tests::{ApiServer, Fate, FaultProxy};

use super::stage::{DEAF, OBEDIENT, STRAYING, Stage, play};
use crate::lock::until;

/// From some moment on, this becomes of all that the holder asks.
fn from_now_on(fault: &str, script: &str, fate: fn() -> Fate) {
    play(fault, || {
        let is_on = Arc::new(AtomicBool::new(false));
        let proxy = FaultProxy::before(ApiServer::shared(), {
            let is_on = Arc::clone(&is_on);
            move |_| {
                if is_on.load(Ordering::SeqCst) {
                    fate()
                } else {
                    Fate::Forward
                }
            }
        });
        let stage = Stage::on(ApiServer::shared());
        let (holder, next) = stage.pair(&proxy.client(stage.client()), script);
        is_on.store(true, Ordering::SeqCst);
        next.takes_over();
        assert_eq!(holder.end(), 122);
        None
    });
}

#[test]
fn nothing_is_answered() {
    from_now_on("hanging connections", OBEDIENT, || Fate::HangRequest);
}

#[test]
fn nothing_is_answered_and_the_command_is_deaf() {
    from_now_on("hanging connections, deaf", DEAF, || Fate::HangRequest);
}

#[test]
fn connections_break_and_the_command_strays() {
    from_now_on("breaking connections", STRAYING, || Fate::DropRequest);
}

/// The server takes what the holder writes, and nobody hears of it: neither of renewals nor of the
/// release.
#[test]
fn what_is_written_is_not_answered() {
    play("lost replies", || {
        let proxy = FaultProxy::before(ApiServer::shared(), |request| {
            match request.method.as_str() {
                "PUT" => Fate::DropReply,
                _ => Fate::Forward,
            }
        });
        let stage = Stage::on(ApiServer::shared());
        let client = proxy.client(stage.client());
        let (mut holder, next) = stage.pair(&client, "read end");
        let over = stage.over();
        // Renewed all the same.
        until("it is renewed", || stage.over() > over);
        holder.process.close_stdin();
        next.takes_over();
        assert_eq!(holder.end(), 1);
        None
    });
}
