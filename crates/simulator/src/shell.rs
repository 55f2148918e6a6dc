//! What puts the pure world into time and onto sockets.
//!
//! [`InProcess`] is the world with a clock: for tests, with tokio's clock paused if they like.
//! [`Listeners`] is the same on loopback sockets, for a process of its own.

mod dns;
mod http;
mod listeners;
mod outgoing;
mod recorder;
mod sql_port;
mod tls;

use std::future::{Future, pending};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Clock;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::sync::Notify;

use crate::door::{Answer, Door, Outgoing, Request, Response, TcpAnswer};
use crate::world::World;

pub use listeners::{Endpoints, Listeners, Settings};
pub use recorder::Recorder;
pub use tls::Authority;

/// How long an action group waits for its receiver (doc: action groups, 10 s).
const RECEIVER_TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
/// Timers are no finer; a shorter wait would spin.
const FINEST: Duration = Duration::from_millis(1);

/// The connection was closed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed without an answer")]
pub struct Lost;

/// The connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was refused")]
pub struct Refused;

/// A world that lives in a clock's time. Copies share it.
#[derive(Debug, Clone)]
pub struct InProcess {
    pub world: Arc<Mutex<World>>,
    pub clock: Clock,
    /// Something may be due earlier than [`InProcess::drive`] thinks.
    changed: Arc<Notify>,
}

impl InProcess {
    pub fn new(world: World, clock: Clock) -> Self {
        Self { world: Arc::new(Mutex::new(world)), clock, changed: Arc::new(Notify::new()) }
    }

    /// The world, as it is at its last event. It stays locked as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, World> {
        // A panic while it was locked is a failed test; the state is still worth looking at.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request and waits for the answer, however long it takes; a hanging one never comes.
    pub async fn call(&self, request: Request) -> Result<Response, Lost> {
        let answer = self.lock().handle(self.clock.now(), &request);
        self.changed.notify_one();
        match answer {
            Answer::Reply { after, response } => {
                if after > SignedDuration::ZERO {
                    tokio::time::sleep(self.clock.wall(after)).await;
                }
                Ok(response)
            }
            Answer::Hang => pending().await,
            Answer::Reset => Err(Lost),
        }
    }

    /// A request to the control API; its answer, or what it says is wrong.
    pub async fn control(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let request = Request {
            door: Door::Control,
            method: method.to_owned(),
            target: format!("/control/{path}"),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        let response = self.call(request).await.map_err(|lost| lost.to_string())?;
        let body: Value =
            serde_json::from_slice(&response.body).map_err(|error| error.to_string())?;
        if response.status == 200 { Ok(body) } else { Err(body.to_string()) }
    }

    /// The addresses of a name with their time to live in seconds; none if there is no such name.
    pub fn resolve(&self, name: &str) -> Option<(Vec<Ipv4Addr>, u32)> {
        self.lock().resolve(self.clock.now(), name)
    }

    /// Opens a TCP connection; it never returns when nothing answers.
    pub async fn connect(&self, address: Ipv4Addr, port: u16) -> Result<(), Refused> {
        match self.tcp(address, port) {
            TcpAnswer::Accept => Ok(()),
            TcpAnswer::Refuse => Err(Refused),
            TcpAnswer::Hang => pending().await,
        }
    }

    /// What a TCP connection would meet now.
    pub fn tcp(&self, address: Ipv4Addr, port: u16) -> TcpAnswer {
        self.lock().connect(self.clock.now(), address, port)
    }

    /// Lets time pass in the world, for ever, and delivers its alerts by `deliver`, which says what
    /// status the receiver answered; `None` when there was no answer.
    pub async fn drive<F>(&self, deliver: impl Fn(Outgoing) -> F)
    where
        F: Future<Output = Option<u16>>,
    {
        let mut deliveries = FuturesUnordered::new();
        loop {
            let (outgoing, next) = {
                let mut world = self.lock();
                world.advance(self.clock.now());
                (world.take_outgoing(), world.next_due())
            };
            for outgoing in outgoing {
                let id = outgoing.id;
                let answer = deliver(outgoing);
                deliveries.push(async move {
                    let status = self.clock.timeout(RECEIVER_TIMEOUT, answer).await;
                    (id, status.ok().flatten())
                });
            }
            let until_next = async {
                match next {
                    Some(at) => {
                        let wait = self.clock.wall(at.duration_since(self.clock.now()));
                        tokio::time::sleep(wait.max(FINEST)).await;
                    }
                    None => pending().await,
                }
            };
            tokio::select! {
                () = until_next => {}
                () = self.changed.notified() => {}
                Some((id, status)) = deliveries.next(), if !deliveries.is_empty() => {
                    self.lock().delivered(self.clock.now(), id, status);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
