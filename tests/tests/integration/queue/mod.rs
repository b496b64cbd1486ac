//! Those who wait, on a real server, while others do what they like to locks and tickets.

mod dead;

mod few_rights;
mod lost_replies;
mod paused;
mod places;
mod process;
mod recreated;
