//! A holder that stands still, as by ctrl-z, a debugger, or a machine that swaps.

use std::thread::sleep;
use std::time::Duration;

use lease_tests::ApiServer;

use super::stage::{DEAF, OBEDIENT, STRAYING, Stage, lateness, play};

fn past_its_lease(fault: &str, script: &str) {
    play(fault, || {
        let stage = Stage::on(ApiServer::shared());
        let (holder, next) = stage.pair(stage.client(), script);
        holder.process.pause();
        let over = stage.over();
        let late = lateness(next.takes_over(), over);
        holder.process.resume();
        assert_eq!(holder.end(), 122);
        Some(late)
    });
}

#[test]
fn past_its_lease_with_an_obedient_command() {
    past_its_lease("holder stopped", OBEDIENT);
}

#[test]
fn past_its_lease_with_a_deaf_command() {
    past_its_lease("holder of a deaf command stopped", DEAF);
}

#[test]
fn past_its_lease_with_a_straying_command() {
    past_its_lease("holder of a straying command stopped", STRAYING);
}

/// Nothing happens to the command.
#[test]
fn for_a_moment() {
    play("holder stopped for a moment", || {
        let stage = Stage::on(ApiServer::shared());
        let (mut holder, next) = stage.pair(stage.client(), "read end; exit 7");
        holder.process.pause();
        sleep(Duration::from_millis(1500));
        holder.process.resume();
        holder.process.close_stdin();
        next.takes_over();
        assert_eq!(holder.end(), 7);
        None
    });
}
