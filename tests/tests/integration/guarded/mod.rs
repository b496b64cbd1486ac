//! `run` with real processes on the real server, whatever happens to them: the command is dead
//! before anybody else can begin.
//!
//! What the commands do is witnessed by the kernel: each holds a lock on one file (flock), as do all
//! that it starts, for as long as one of them lives. A few rounds of each fault by default;
//! `LEASE_ROUNDS=200` is the soak, which tells at its end how late the next one began.

mod jumped;
mod killed;
mod network;
mod outage;
mod stage;
mod stopped;
