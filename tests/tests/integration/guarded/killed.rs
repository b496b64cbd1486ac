//! Holder, waiter and guardian, killed as by kill -9 or by the kernel for memory.

use lease_tests::ApiServer;

use super::stage::{DEAF, FORKING, OBEDIENT, STRAYING, Stage, kill, lateness, play, was_killed};

fn a_holder_is_killed(fault: &str, script: &str) {
    play(fault, || {
        let stage = Stage::on(ApiServer::shared());
        let (mut holder, next) = stage.pair(stage.client(), script);
        assert!(was_killed(holder.process.kill()));
        let over = stage.over();
        Some(lateness(next.takes_over(), over))
    });
}

#[test]
fn a_holder_with_an_obedient_command() {
    a_holder_is_killed("holder killed", OBEDIENT);
}

#[test]
fn a_holder_with_a_deaf_command() {
    a_holder_is_killed("holder of a deaf command killed", DEAF);
}

#[test]
fn a_holder_with_a_forking_command() {
    a_holder_is_killed("holder of a forking command killed", FORKING);
}

#[test]
fn a_holder_with_a_straying_command() {
    a_holder_is_killed("holder of a straying command killed", STRAYING);
}

/// The one behind it does not wait for the dead.
#[test]
fn a_waiter() {
    play("waiter killed", || {
        let stage = Stage::on(ApiServer::shared());
        let (mut holder, mut dead) = stage.pair(stage.client(), "read end");
        let next = stage.run(stage.client(), "second", "true");
        next.waits();
        assert!(was_killed(dead.process.kill()));
        holder.process.close_stdin();
        next.takes_over();
        // `read` found the end.
        assert_eq!(holder.end(), 1);
        None
    });
}

/// The command is ended at once, and the lock given back when nothing of it is left.
#[test]
fn a_guardian() {
    play("guardian killed", || {
        let stage = Stage::on(ApiServer::shared());
        let (holder, next) = stage.pair(stage.client(), OBEDIENT);
        kill(Stage::guardian(&holder));
        next.takes_over();
        let code = holder.end();
        // On a machine that is busy with many rounds, it is lost meanwhile.
        assert!(code == 125 || code == 122, "{code}");
        None
    });
}

#[test]
fn a_guardian_whose_command_is_deaf() {
    play("guardian of a straying command killed", || {
        let stage = Stage::on(ApiServer::shared());
        let (holder, next) = stage.pair(stage.client(), STRAYING);
        kill(Stage::guardian(&holder));
        next.takes_over();
        let code = holder.end();
        // On a machine that is busy with many rounds, it is lost meanwhile.
        assert!(code == 125 || code == 122, "{code}");
        None
    });
}
