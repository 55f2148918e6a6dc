//! A SQL server's port: it accepts, refuses, or leaves the SYN without an answer.
//!
//! On loopback the kernel accepts in a listener's name, so the listener itself must change: bound
//! without listening refuses; listening with a full queue lets further SYNs fall.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::InProcess;
use crate::door::TcpAnswer;

/// How often the world is asked what the port should do.
const PERIOD: Duration = Duration::from_millis(20);
/// Longer than a connection on loopback takes.
const UNANSWERED: Duration = Duration::from_millis(30);

/// A port that does what the world says.
#[derive(Debug)]
pub(super) struct SqlPort {
    at: SocketAddr,
    state: State,
}

#[derive(Debug)]
enum State {
    Accepting(JoinHandle<()>),
    Refusing {
        _bound: TcpSocket,
    },
    Hanging {
        _listener: TcpListener,
        _fillers: Vec<TcpStream>,
    },
    /// Between two states, and after a port that could not be bound.
    Closed,
}

impl SqlPort {
    /// Binds a loopback port; 0 lets the system choose.
    pub(super) fn bind(port: u16) -> io::Result<Self> {
        let socket = socket(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let at = socket.local_addr()?;
        Ok(Self { at, state: State::Refusing { _bound: socket } })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.at
    }

    /// Follows what the world says of a server's address, for ever.
    pub(super) async fn serve(mut self, address: Ipv4Addr, world: InProcess) -> Infallible {
        loop {
            let wanted = world.tcp(address, 1433);
            if !self.state.is(wanted) {
                if let State::Accepting(task) = std::mem::replace(&mut self.state, State::Closed) {
                    task.abort();
                    // Its listener holds the port until it is really gone.
                    let _ = task.await;
                }
                match open(self.at, wanted).await {
                    Ok(state) => self.state = state,
                    Err(error) => tracing::warn!(%error, "a SQL port cannot change"),
                }
            }
            tokio::time::sleep(PERIOD).await;
        }
    }
}

impl State {
    fn is(&self, wanted: TcpAnswer) -> bool {
        matches!(
            (self, wanted),
            (Self::Accepting(_), TcpAnswer::Accept)
                | (Self::Refusing { .. }, TcpAnswer::Refuse)
                | (Self::Hanging { .. }, TcpAnswer::Hang)
        )
    }
}

async fn open(at: SocketAddr, wanted: TcpAnswer) -> io::Result<State> {
    let socket = socket(at)?;
    match wanted {
        TcpAnswer::Refuse => Ok(State::Refusing { _bound: socket }),
        TcpAnswer::Accept => {
            let listener = socket.listen(128)?;
            Ok(State::Accepting(tokio::spawn(accept(listener))))
        }
        TcpAnswer::Hang => {
            let listener = socket.listen(0)?;
            let mut fillers = Vec::new();
            while let Ok(connected) = tokio::time::timeout(UNANSWERED, TcpStream::connect(at)).await
            {
                fillers.push(connected?);
            }
            Ok(State::Hanging { _listener: listener, _fillers: fillers })
        }
    }
}

/// Accepts, and says nothing: nobody speaks TDS here.
async fn accept(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut ignored = [0; 256];
            while matches!(stream.read(&mut ignored).await, Ok(read) if read > 0) {}
        });
    }
}

fn socket(at: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    Ok(socket)
}
