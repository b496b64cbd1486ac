//! Whether everybody who waits comes to hold the lock, once nothing goes wrong any more.

use lease_core::Succession;

use crate::client::{LEASE, Wire};
use crate::world::{Faults, Step, World};

/// How long that takes at most, in ticks, for so many who live: what the last fault left behind is
/// over after two leases (one that runs out, and before it a lock that is not created again yet),
/// and each of them, and each one who is dead and has a ticket, takes up to two ticks, one to be
/// named and one to hold.
fn enough(world: &World) -> u64 {
    let waiting = world.clients.len() + world.server.tickets.len();
    2 * (LEASE + 1) + 2 * waiting as u64
}

/// Lets everybody go on until all who waited have held the lock once. Returns what is wrong if
/// that takes too long, or if somebody leaves a ticket behind.
pub(crate) fn settles(world: &World) -> Result<(), String> {
    let mut world = world.clone();
    world.left = Faults::default();
    world.is_prompt = true;
    // One of another program makes no progress of ours, and its lease ends.
    world.peer = None;
    for client in &mut world.clients {
        client.is_paused = false;
        client.is_deaf = false;
    }
    let end = world.tick + enough(&world);
    while world.tick <= end {
        run(&mut world);
        if let Some(wrong) = world.wrong {
            return Err(format!("{wrong}, on the way to the end"));
        }
        let is_done =
            |client: &crate::client::Client| client.is_crashed || client.contender.has_ended();
        if world.clients.iter().all(is_done) {
            return left_behind(&world);
        }
        for i in 0..world.clients.len() {
            // Whoever got it in this tick holds it until the next.
            if world.clients[i].token.is_some() {
                world.clients[i].resign(Succession::Queue, world.tick + 1);
            }
        }
        world.tick += 1;
    }
    let waits = world
        .clients
        .iter()
        .find(|client| !client.is_crashed && !client.contender.has_ended());
    if std::env::var("DEBUG").is_ok() {
        eprintln!("{:#?} {:#?}", waits, world.server);
    }
    let name = waits.map(|client| client.identity.clone());
    Err(format!("{} waits for ever", name.unwrap_or_default()))
}

/// Does what takes no time.
fn run(world: &mut World) {
    // Far more than anybody has to do in a tick.
    for _ in 0..200 {
        let mut is_idle = true;
        for i in 0..world.clients.len() {
            let client = &world.clients[i];
            if client.is_crashed {
                continue;
            }
            let step = match client.wire {
                Wire::Sent(_) => Step::Serve(i),
                Wire::Answered(_) => Step::Deliver(i),
                Wire::Idle if client.seen < world.server.states() => Step::Watch(i),
                Wire::Idle if client.contender.has_ended() => continue,
                Wire::Idle => Step::Send(i),
            };
            is_idle &= !world.take(step);
        }
        if is_idle {
            return;
        }
    }
    world.wrong = Some("somebody never comes to rest");
}

/// Whoever has ended has no ticket any more.
fn left_behind(world: &World) -> Result<(), String> {
    let left = world.server.tickets.iter().find(|ticket| {
        let of = |client: &&crate::client::Client| client.identity == ticket.holder;
        world
            .clients
            .iter()
            .find(of)
            .is_some_and(|client| !client.is_crashed)
    });
    match left {
        None => Ok(()),
        Some(ticket) => Err(format!("{} left a ticket behind", ticket.holder)),
    }
}
