//! Whether everybody who waits comes to hold the lock, once nothing goes wrong any more.

use lease_core::{Succession, Ticket};

use crate::client::{Client, LEASE, Wire};
use crate::faults::Faults;
use crate::steps::Step;
use crate::world::World;

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
    // Where any request may fail for long enough, a ticket may be left to its fate.
    let leaves_none = world.is_prompt;
    let mut world = world.clone();
    world.left = Faults::default();
    world.is_prompt = true;
    // One of another program makes no progress of ours, and its lease ends.
    world.peer = None;
    for client in &mut world.clients {
        client.is_paused = false;
        client.is_deaf = false;
    }
    world.served = Some(Vec::new());
    // Whoever has had its turn begins anew, behind those who wait.
    let begins: Vec<_> = world
        .clients
        .iter()
        .map(|client| (client.attempts, client.holds))
        .collect();
    let waits = |client: &Client, (attempts, holds): &(u64, u64)| {
        let is_done = client.is_crashed || client.contender.has_ended();
        !is_done && client.attempts == *attempts && client.holds == *holds
    };
    let end = world.tick + enough(&world);
    while world.tick <= end {
        run(&mut world);
        if let Some(wrong) = world.wrong {
            return Err(format!("{wrong}, on the way to the end"));
        }
        let mut both = world.clients.iter().zip(&begins);
        if !both.any(|(client, begin)| waits(client, begin)) {
            return if leaves_none {
                left_behind(&world)
            } else {
                Ok(())
            };
        }
        for i in 0..world.clients.len() {
            // Whoever got it in this tick holds it until the next.
            if world.clients[i].token.is_some() {
                world.clients[i].resign(Succession::Queue, world.tick + 1);
            }
        }
        world.tick += 1;
    }
    let mut both = world.clients.iter().zip(&begins);
    let waits = both.find(|(client, begin)| waits(client, begin));
    let name = waits.map(|(client, _)| client.identity.clone());
    Err(format!("{} waits for ever", name.unwrap_or_default()))
}

/// Does what takes no time.
fn run(world: &mut World) {
    let mut begun = vec![false; world.clients.len()];
    // Far more than anybody has to do in a tick.
    for _ in 0..200 {
        let mut is_idle = true;
        for (i, begun) in begun.iter_mut().enumerate() {
            let client = &world.clients[i];
            if client.is_crashed {
                continue;
            }
            let step = match client.wire {
                Wire::Sent(_) => Step::Serve(i),
                Wire::Answered(_) => Step::Deliver(i),
                Wire::Idle if client.seen < world.server.states() => Step::Watch(i),
                Wire::Idle if client.contender.has_ended() && *begun => continue,
                Wire::Idle => {
                    *begun |= client.contender.has_ended();
                    Step::Send(i)
                }
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
    for client in &world.clients {
        // The one that it has is named by its number.
        let is_old = |ticket: &&Ticket| {
            ticket.holder == client.identity
                && (ticket.name != client.ticket() || client.contender.has_ended())
        };
        if !client.is_crashed && world.server.tickets.iter().any(|ticket| is_old(&ticket)) {
            return Err(format!("{} left a ticket behind", client.identity));
        }
    }
    let lock = world.server.lock.as_ref();
    let served =
        lock.and_then(|lock| Some((&lock.version.uid, lock.notes.served_through.as_ref()?)));
    if let Some((uid, served)) = served
        && let mut tickets = world.server.tickets.iter()
        && let Some(ticket) = tickets.find(|ticket| ticket.lock == *uid && ticket.place() < served)
    {
        return Err(format!(
            "the ticket of {} was served and is left",
            ticket.holder
        ));
    }
    Ok(())
}
