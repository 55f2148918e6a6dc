//! All doors of a world on loopback sockets.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use serde::Serialize;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use super::http::{self, Front};
use super::outgoing::Courier;
use super::recorder::Recorder;
use super::sql_port::SqlPort;
use super::tls::Authority;
use super::{InProcess, dns};
use crate::door::Door;

/// The public addresses of the workload that speak HTTP.
const SITES: [Ipv4Addr; 6] = [
    Ipv4Addr::new(203, 0, 113, 10),
    Ipv4Addr::new(203, 0, 113, 20),
    Ipv4Addr::new(203, 0, 113, 30),
    Ipv4Addr::new(198, 51, 100, 10),
    Ipv4Addr::new(198, 51, 100, 20),
    Ipv4Addr::new(198, 51, 100, 30),
];
/// The SQL servers.
const SQL: [Ipv4Addr; 2] = [Ipv4Addr::new(203, 0, 113, 50), Ipv4Addr::new(198, 51, 100, 50)];

/// How the doors are opened.
#[derive(Debug, Default)]
pub struct Settings {
    /// A fixed port for a door, by its name; others get a free one.
    pub ports: BTreeMap<String, u16>,
    /// Azure Resource Manager, Entra and Service Bus speak https, with a certificate of this
    /// authority.
    pub https: Option<Authority>,
    /// Takes down what passes through the doors of Azure.
    pub record: Option<Recorder>,
}

/// Where everything is: the one line that the process prints when it is ready.
#[derive(Debug, Clone, Serialize)]
pub struct Endpoints {
    pub arm: String,
    /// The managed identity endpoint, path included.
    pub identity: String,
    pub entra: String,
    pub service_bus: String,
    pub broker: String,
    pub control: String,
    pub webhook: String,
    pub dns: SocketAddr,
    /// `203.0.113.10:80=127.0.0.1:4181,…`
    pub connect_to: String,
    /// The setting from which another process builds the same clock.
    pub clock: Option<String>,
}

/// A world on sockets. When it is dropped they are closed and the world stands still.
#[derive(Debug)]
pub struct Listeners {
    pub endpoints: Endpoints,
    tasks: JoinSet<()>,
}

impl Listeners {
    /// Binds all doors and starts the world's time.
    pub async fn start(world: &InProcess, settings: &Settings) -> io::Result<Self> {
        let courier = Courier::new().map_err(io::Error::other)?;
        let mut tasks = JoinSet::new();
        let port = |name: &str| settings.ports.get(name).copied().unwrap_or(0);
        let doors = [
            ("arm", Door::Arm),
            ("identity", Door::Identity),
            ("entra", Door::Entra),
            ("service_bus", Door::ServiceBus),
            ("broker", Door::Broker),
            ("control", Door::Control),
            ("webhook", Door::Webhook),
        ];
        let mut urls = BTreeMap::new();
        for (name, door) in doors {
            let front = front(door, settings);
            let scheme = front.scheme();
            let at = serve(&mut tasks, world, front, port(name)).await?;
            urls.insert(name, format!("{scheme}://{at}"));
        }
        let mut connect_to = Vec::new();
        for address in SITES {
            let front = front(Door::Public(address), settings);
            let at = serve(&mut tasks, world, front, port(&format!("{address}:80"))).await?;
            connect_to.push(format!("{address}:80={at}"));
        }
        for address in SQL {
            let sql = SqlPort::bind(port(&format!("{address}:1433")))?;
            connect_to.push(format!("{address}:1433={}", sql.address()));
            let world = world.clone();
            tasks.spawn(async move {
                sql.serve(address, world).await;
            });
        }
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port("dns"))).await?;
        let dns = socket.local_addr()?;
        let names = world.clone();
        tasks.spawn(async move {
            dns::serve(socket, names).await;
        });
        let driven = world.clone();
        tasks.spawn(async move {
            driven.drive(|outgoing| courier.clone().deliver(outgoing)).await;
        });
        let url = |name: &str| urls.get(name).cloned().unwrap_or_default();
        let endpoints = Endpoints {
            arm: url("arm"),
            identity: format!("{}/msi/token", url("identity")),
            entra: url("entra"),
            service_bus: url("service_bus"),
            broker: url("broker"),
            control: url("control"),
            webhook: url("webhook"),
            dns,
            connect_to: connect_to.join(","),
            clock: world.clock.setting(),
        };
        Ok(Self { endpoints, tasks })
    }

    /// Returns when something that should last for ever has ended: a fault.
    pub async fn ended(&mut self) {
        self.tasks.join_next().await;
    }
}

/// The doors of Azure itself speak https where Azure does, and are recorded.
fn front(door: Door, settings: &Settings) -> Front {
    let is_https = matches!(door, Door::Arm | Door::Entra | Door::ServiceBus);
    let is_azure = is_https || door == Door::Identity;
    Front {
        door,
        tls: settings.https.as_ref().filter(|_| is_https).map(Authority::acceptor),
        recorder: settings.record.clone().filter(|_| is_azure),
    }
}

async fn serve(
    tasks: &mut JoinSet<()>,
    world: &InProcess,
    front: Front,
    port: u16,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let at = listener.local_addr()?;
    let world = world.clone();
    tasks.spawn(async move {
        http::serve(listener, front, world).await;
    });
    Ok(at)
}
