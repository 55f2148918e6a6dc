//! The shell on doors that a test opens: what a look makes of Azure's answers, what becomes of a
//! request, and what the store and the queues hold afterwards.

mod doors;
mod drills;
mod looks;
mod news;
mod operator;
mod sends;
mod sweep;
mod turns;
mod wakes;
mod watch;
