//! What Farshore says to Azure Resource Manager and how it reads the answers.
//!
//! One file per resource holds pure constructors of [`Request`]s and pure parsers of
//! [`Response`]s; [`transport`] is the only thing that sends. Nothing here knows what a failover
//! is for: that is the business of the crates above.

pub mod all_requests;
pub mod application_gateway;
pub mod credential;
pub mod error;
pub mod http;
mod json;
mod linked_actions;
pub mod network_interface;
pub mod operation;
pub mod recovery_plan;
pub mod request;
pub mod resource_health;
pub mod resource_id;
pub mod response;
pub mod sql_failover_group;
pub mod timestamp;
pub mod token;
pub mod traffic_manager;
pub mod transport;
pub mod virtual_machine;

pub use all_requests::all_requests;
pub use error::{Error, TransportError, Trouble, TroubleKind};
pub use linked_actions::linked_actions;
pub use request::{Kind, Method, Request, Target};
pub use resource_id::ResourceId;
pub use response::Response;
pub use transport::{Arm, Transport};
