//! The local Azure: a pure world that answers the requests Azure would get.
//!
//! [`World::handle`] and [`World::advance`] are all there is: no socket, no timer, no clock of its
//! own, a seeded generator for everything random. `main.rs` puts it behind thin shells (HTTP, DNS,
//! TCP); tests call it directly in virtual time. It is written from Azure's documented and recorded
//! behaviour and shares no type with our client, so a wrong field name cannot be wrong twice.

// `json!` of Site Recovery's largest bodies goes deeper than the default.
#![recursion_limit = "256"]

pub mod door;
pub mod durations;
pub mod fidelity;
pub mod ledger;
pub mod regions;
pub mod shell;
pub mod world;

mod agenda;
mod application_gateway;
mod azure_monitor;
mod control;
mod critical_path;
mod glance;
mod identity;
mod network_interface;
mod operations;
mod recovery_plan;
mod resource_id;
mod service_bus;
mod sql_failover_group;
#[cfg(test)]
mod testing;
mod traffic_manager;
mod tutorial;
mod user;
mod virtual_machine;
mod workload;

pub use door::{Answer, Door, Outgoing, Request, Response, TcpAnswer};
pub use glance::Glance;
pub use tutorial::{EntryForm, Options};
pub use world::World;
