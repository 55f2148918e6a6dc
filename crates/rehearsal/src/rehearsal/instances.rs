//! Instances of the Functions host with the app: the one that every rehearsal has, how it is killed
//! and frozen, and another one beside it.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use rustix::process::Signal;

use super::{Host, Rehearsal, held, start};
use crate::Operator;
use crate::process;

/// A time in which the first instance was frozen, as SIGSTOP does it.
#[derive(Debug, Clone, Copy)]
pub struct Freeze {
    pub from: Timestamp,
    /// None: until the end.
    pub to: Option<Timestamp>,
}

impl Rehearsal {
    /// Kills the app as SIGKILL does; the host starts it again. The id of the process, if one ran.
    pub fn crash_app(&self) -> Option<u32> {
        let pid = self.host().and_then(|host| host.handler_pid)?;
        process::signal(pid, Signal::KILL);
        Some(pid)
    }

    /// Kills the app and its host at once; the platform starts the host again after 10 simulated
    /// seconds. The id of the host's process, if one ran.
    pub fn kill_host(&self) -> Option<u32> {
        let host = self.host()?;
        host.signal(Signal::KILL);
        Some(host.host_pid)
    }

    /// Host and app of the first instance as they were when the app became ready last.
    pub fn host(&self) -> Option<Host> {
        held(&self.platform).last_line()
    }

    /// Stops host and app of the first instance in the middle of whatever they do.
    pub fn freeze(&self) -> Result<()> {
        self.host().context("no host is ready")?.signal(Signal::STOP);
        held(&self.freezes).push(Freeze { from: self.clock.now(), to: None });
        Ok(())
    }

    /// Lets them go on as if nothing had been.
    pub fn thaw(&self) {
        if let Some(host) = self.host() {
            host.signal(Signal::CONT);
        }
        if let Some(freeze) = held(&self.freezes).last_mut() {
            freeze.to.get_or_insert(self.clock.now());
        }
    }

    /// Starts another host with another app on the same store; people and alerts turn to it.
    pub async fn start_another_instance(&self) -> Result<()> {
        let key = self.operator().key;
        let name = "functions-host-2";
        let Self { options, guard, azure, storage, folder, .. } = self;
        let mut process =
            start::platform(name, options, guard, azure, storage, folder.path(), &key)?;
        let host: Host = process.ready().await?;
        let operator = Operator::new(&host.url, &key)?;
        self.azure.send_alerts_to(&operator.alert_url()).await?;
        *held(&self.operator) = operator;
        held(&self.others).push(process);
        Ok(())
    }
}

impl Host {
    fn signal(&self, signal: Signal) {
        process::signal(self.host_pid, signal);
        if let Some(pid) = self.handler_pid {
            process::signal(pid, signal);
        }
    }
}
