//! The live table.
//!
//! One state, one function that takes messages in, and views that only draw: whatever is on the
//! screen follows from the messages so far, be they live or recorded.

mod actions;
mod breaking;
mod feed;
mod filter;
mod inquiry;
mod lines;
mod locks;
mod message;
mod player;
mod prompt;
mod recording;
mod remembered;
#[cfg(test)]
mod scene;
mod source;
mod state;
mod table_loop;
mod terminal;
mod theme;
mod update;
mod view;

pub(crate) use lines::{Format, tell};
pub(crate) use table_loop::{Options, run};
