//! Instances of the Functions host with the app: the one that every rehearsal has, how it is killed
//! and frozen, and another one beside it.

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use serde_json::json;

use super::{Host, HostLog, Rehearsal, held, start};
use crate::Operator;
use crate::process;

/// A time in which the first instance was frozen, as SIGSTOP does it.
#[derive(Debug, Clone, Copy)]
pub struct Freeze {
    pub from: Timestamp,
    /// None: until the end.
    pub to: Option<Timestamp>,
}

/// An app that stands still.
#[derive(Debug)]
pub(crate) struct StoppedApp {
    pub(crate) id: u32,
}

impl StoppedApp {
    /// Goes on as if nothing had been, if it is still there.
    pub(crate) fn go_on(self) {
        process::signal(self.id, Signal::CONT);
    }
}

impl Rehearsal {
    /// Kills the app as SIGKILL does; the host starts it again. The id of the process, if one ran.
    pub fn crash_app(&self) -> Option<u32> {
        self.kill(self.host()?.handler_pid?)
    }

    /// Kills the app and its host at once; the platform starts the host again after 10 simulated
    /// seconds. The id of the host's process, if one ran.
    pub fn kill_host(&self) -> Option<u32> {
        let host = self.host()?;
        let killed = self.kill(host.host_pid)?;
        host.handler_pid.and_then(|app| self.kill(app));
        Some(killed)
    }

    /// The process, if it ran.
    fn kill(&self, pid: u32) -> Option<u32> {
        (process::signal(pid, Signal::KILL) && held(&self.killed).insert(pid)).then_some(pid)
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

    /// Waits for the app that comes after another one.
    pub(crate) async fn next_app(&self, last: u32) -> Result<u32> {
        loop {
            match self.host().and_then(|host| host.handler_pid) {
                Some(pid) if pid != last => return Ok(pid),
                _ => self.pass(SignedDuration::from_secs(1)).await,
            }
        }
    }

    /// Stops the app, and not its host, in the middle of an invocation: while it waits for what Site
    /// Recovery answers, which only turns of a run ask.
    pub(crate) async fn stop_app_in_a_turn(&self) -> Result<StoppedApp> {
        // Shorter than the app waits for an answer.
        let slow = json!({"door": "arm", "path": "/replication", "kind": "delay", "seconds": 8});
        let slow = self.azure.set_fault(&slow).await?;
        loop {
            let app = self.host().and_then(|host| host.handler_pid);
            if self.azure.hits(slow).await? > 0
                && let Some(app) = app
                && process::signal(app, Signal::STOP)
            {
                self.azure.lift_fault(slow).await?;
                return Ok(StoppedApp { id: app });
            }
            self.pass(SignedDuration::from_secs(1)).await;
        }
    }

    /// What the first instance's host writes down from now on.
    pub(crate) fn host_log(&self) -> Result<HostLog> {
        HostLog::from_now(self.options.logs.join(format!("{}.log", start::FIRST)))
    }

    /// Starts another host with another app on the same store; people and alerts turn to it.
    pub async fn start_another_instance(&self) -> Result<()> {
        let host = self.add_instance().await?;
        let operator = Operator::new(&host.url, &self.operator().key)?;
        self.azure.send_alerts_to(&operator.alert_url()).await?;
        *held(&self.operator) = operator;
        Ok(())
    }

    /// Starts another host with another app on the same store and the same queues.
    pub(crate) async fn add_instance(&self) -> Result<Host> {
        let key = self.operator().key;
        let name = format!("{}-{}", start::FIRST, held(&self.others).len() + 2);
        let Self { options, guard, azure, storage, folder, .. } = self;
        let mut process =
            start::platform(&name, options, guard, azure, storage, folder.path(), &key)?;
        let host: Host = process.ready().await?;
        held(&self.others).push(process);
        Ok(host)
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
