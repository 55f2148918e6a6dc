//! A rehearsal on a terminal: events as lines that stay, below them a panel that is drawn anew. Where
//! standard output is not a terminal, the lines alone.

mod events;
mod panel;
mod row;
mod terminal;

pub use terminal::Terminal;
