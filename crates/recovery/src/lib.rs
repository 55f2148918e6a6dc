//! recovery

pub mod plan;
pub mod resource_id;
