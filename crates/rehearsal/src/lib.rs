//! A rehearsal: the local Azure, the local Functions host and the staged app as processes of their
//! own, a scenario played on them, and a verdict made of what the local Azure saw.
//!
//! [`Rehearsal::start`] brings everything up and waits until the workload is at ease,
//! [`Rehearsal::play`] plays a [`Scenario`], [`checks::check`] judges, [`report`] writes down.
//! `cargo rehearse` is this library with a terminal; tests use it to strike at processes half-way.

pub mod binaries;
pub mod checks;
pub mod ledger;
pub mod live;
pub mod report;
pub mod run_report;
pub mod scenarios;
pub mod world_state;

mod http;
mod local_azure;
mod operator;
mod outcome;
mod process;
mod rehearsal;
mod storage;
mod strikes;
#[cfg(test)]
mod testing;

pub use binaries::Binaries;
pub use local_azure::{Endpoints, LocalAzure};
pub use operator::Operator;
pub use outcome::Outcome;
pub use rehearsal::{Audience, Evidence, Freeze, Host, Options, Rehearsal, Scene, Silence};
pub use scenarios::{Begun, Scenario};
pub use storage::StoreKind;
pub use strikes::{Proof, Strike, Strikes, Struck, Wanted};

use clap::ValueEnum;

/// The workload that is rehearsed.
pub const WORKLOAD: &str = "websphere-cafe";

/// What Traffic Manager's endpoints lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Entry {
    #[default]
    ApplicationGateway,
    IbmHttpServer,
}

impl Entry {
    pub fn name(self) -> &'static str {
        match self {
            Self::ApplicationGateway => "application_gateway",
            Self::IbmHttpServer => "ibm_http_server",
        }
    }

    /// The example plan for it.
    pub fn plan(self) -> &'static str {
        match self {
            Self::ApplicationGateway => include_str!("../../../plans/websphere-cafe.json"),
            Self::IbmHttpServer => include_str!("../../../plans/websphere-cafe-ihs.json"),
        }
    }
}
