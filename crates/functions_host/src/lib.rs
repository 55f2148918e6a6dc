//! A local Azure Functions host for custom handlers.
//!
//! [`Host`] is the whole contract as a pure state machine: [`Host::handle`] takes what happened and
//! gives what to do, [`Host::next_due`] says when to be asked again. It follows the source of the
//! real host, oddities included; `docs/functions-host.md` says what, from where, and what nobody
//! has compared with a live host. [`drive`] performs it over a [`Handler`] and a [`Broker`]:
//! [`HandlerProcess`] and `http_broker` make the `functions-host` program of it, [`InProcess`]
//! and a broker of a test's own run it in a paused runtime.

pub mod app;
pub mod guard;
pub mod host;
pub mod message;
pub mod platform;
pub mod wire;

mod driver;
mod envelope;
mod handler_process;
mod http_broker;
mod http_server;
mod ids;
mod in_process;
mod ncrontab;
mod response;
mod route;

pub use app::{App, AppError};
pub use driver::{Broker, Client, Handler, Observer, Running, drive};
pub use handler_process::HandlerProcess;
pub use host::{Host, Input, Note, Options, Output};
pub use http_broker::{ProtocolBroker, http_broker};
pub use http_server::serve;
pub use in_process::InProcess;
pub use message::{BrokerError, Message, Settlement};
pub use wire::{Exit, HttpRequest, HttpResponse, Launch, Stream};
