//! What the functions share: the engine, opened at its first use, and the few things that must work
//! even when the store does not.

use std::sync::Arc;

use bus::{Bus, BusError, Message};
use clock::Clock;
use engine::{Engine, Ids};
use tokio::sync::OnceCell;

use crate::config::{Config, ConfigErrors};
use crate::connect::Connections;

/// The function app. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct App {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Opened by the first invocation: the host waits for the process to answer before it sends
    /// anything, and the store need not.
    engine: OnceCell<Engine>,
    connections: Option<Connections>,
    bus: Arc<dyn Bus>,
    clock: Clock,
    ids: Ids,
    options: Options,
}

/// What may differ between installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether the watch's timer does anything.
    pub watch: bool,
    /// Whether the platform vouches for the names of callers.
    pub principals_are_verified: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { watch: true, principals_are_verified: false }
    }
}

impl App {
    /// The app that the settings describe. Makes no call and opens no file.
    pub fn open(config: Config) -> Result<Self, ConfigErrors> {
        let options = config.options;
        let connections = Connections::new(config)?;
        let shared = Shared {
            engine: OnceCell::new(),
            bus: Arc::clone(&connections.bus),
            clock: connections.clock,
            ids: connections.ids.clone(),
            connections: Some(connections),
            options,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// An app around an engine that is there already.
    pub fn around(engine: Engine, options: Options) -> Self {
        let outside = engine.outside();
        let shared = Shared {
            bus: Arc::clone(&outside.bus),
            clock: outside.clock,
            ids: outside.ids.clone(),
            engine: OnceCell::new_with(Some(engine)),
            connections: None,
            options,
        };
        Self { shared: Arc::new(shared) }
    }

    pub(crate) async fn engine(&self) -> Result<&Engine, engine::Error> {
        let open = || async {
            match &self.shared.connections {
                Some(connections) => connections.open().await,
                None => Err(engine::Error::Unavailable("the app was built without".to_owned())),
            }
        };
        self.shared.engine.get_or_try_init(open).await
    }

    pub(crate) async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        self.shared.bus.send(queue, message).await
    }

    pub(crate) fn clock(&self) -> Clock {
        self.shared.clock
    }

    pub(crate) fn new_id(&self) -> String {
        self.shared.ids.next()
    }

    pub(crate) fn options(&self) -> Options {
        self.shared.options
    }
}
