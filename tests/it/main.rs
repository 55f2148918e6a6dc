//! it

mod alerts;
mod crash;
mod failover;
mod function_app;
mod operator_api;
mod process;
mod rig;
mod support;
