//! The platform around a host: starts it again when it has stopped, whatever stopped it.
//!
//! How long the real platform takes is not documented; the delay is a setting.

use std::path::PathBuf;
use std::process::Stdio;

use clock::Clock;
use jiff::SignedDuration;
use tokio::process::{Child, Command};

/// The argument that makes a host end when its standard input does: its platform is gone.
pub const SUPERVISED: &str = "--supervised";

/// A host to keep alive.
#[derive(Debug)]
pub struct Platform {
    pub executable: PathBuf,
    /// The host's own arguments.
    pub arguments: Vec<String>,
    pub clock: Clock,
    /// From the end of one host to the start of the next, on this clock.
    pub restart_after: SignedDuration,
}

impl Platform {
    /// Keeps a host alive until `stop` completes, then takes it away.
    pub async fn run(&self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        tokio::pin!(stop);
        loop {
            let mut host = self.start()?;
            // Waiting would close the input, and with it end the host.
            let input = host.stdin.take();
            let status = tokio::select! {
                status = host.wait() => status?,
                () = &mut stop => {
                    // The end of its input asks the host to stop in order.
                    drop(input);
                    host.wait().await?;
                    return Ok(());
                }
            };
            tracing::warn!(%status, restart_after = %self.restart_after, "the host has ended");
            tokio::select! {
                () = tokio::time::sleep(self.clock.wall(self.restart_after)) => {}
                () = &mut stop => return Ok(()),
            }
        }
    }

    fn start(&self) -> std::io::Result<Child> {
        Command::new(&self.executable)
            .args(&self.arguments)
            .arg(SUPERVISED)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}
