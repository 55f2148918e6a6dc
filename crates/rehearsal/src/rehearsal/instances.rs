//! Instances of the Functions host with the app: the one that every rehearsal has, how it is killed
//! and frozen, and another one beside it.

use anyhow::{Context as _, Result, ensure};
use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Host, HostLog, Rehearsal, held, start};
use crate::Operator;
use crate::process;

/// A time in which the first instance was frozen, as SIGSTOP does it.
#[derive(Debug, Clone)]
pub struct Freeze {
    pub from: Timestamp,
    /// None: until the end.
    pub to: Option<Timestamp>,
    /// How the turn ended in whose middle it woke, as its host has it from the app; none if nobody
    /// waited for that.
    pub woken: Option<String>,
}

/// How long an answer of Azure takes while somebody is stopped in the middle of a turn: shorter than
/// the app waits for it.
const SLOW_S: u32 = 8;
/// How often it is asked whether the app waits for that answer: often enough to come before it.
const A_MOMENT: SignedDuration = SignedDuration::from_millis(250);
/// How long a turn may take that has woken.
const TURN_WITHIN: SignedDuration = SignedDuration::from_mins(5);

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
        held(&self.freezes).push(Freeze { from: self.clock.now(), to: None, woken: None });
        Ok(())
    }

    /// Freezes the first instance while it waits for the answer to such a request.
    pub(crate) async fn freeze_waiting_for(&self, request: Value) -> Result<()> {
        let slow = self.waits_for(request).await?;
        self.freeze()?;
        self.azure.lift_fault(slow).await.map(drop)
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

    /// Lets them go on in the middle of a turn that should end so, and waits for it. It is told from
    /// those that begin meanwhile by its end alone, so all of them are noted if none ends so.
    pub(crate) async fn thaw_into_a_turn_that_ends(&self, how: &str) -> Result<()> {
        let log = self.host_log()?;
        self.thaw();
        let until = self.clock.now() + TURN_WITHIN;
        loop {
            self.still_runs()?;
            let ends = log.turns()?;
            let is_there = ends.iter().any(|end| end == how);
            if is_there || self.clock.now() >= until {
                ensure!(!ends.is_empty(), "the turn that woke does not end");
                let woken = if is_there { how.to_owned() } else { ends.join(", ") };
                if let Some(freeze) = held(&self.freezes).last_mut() {
                    freeze.woken = Some(woken);
                }
                return Ok(());
            }
            self.pass(A_MOMENT).await;
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
        let slow = self.waits_for(json!({"door": "arm", "path": "/replication"})).await?;
        loop {
            let app = self.host().and_then(|host| host.handler_pid);
            if let Some(app) = app
                && process::signal(app, Signal::STOP)
            {
                self.azure.lift_fault(slow).await?;
                return Ok(StoppedApp { id: app });
            }
            self.pass(A_MOMENT).await;
        }
    }

    /// Waits until the app waits for the answer to such a request, which is late by a fault of the
    /// local Azure; the fault's number.
    async fn waits_for(&self, mut request: Value) -> Result<u64> {
        request["kind"] = json!("delay");
        request["seconds"] = json!(SLOW_S);
        let slow = self.azure.set_fault(&request).await?;
        while self.azure.hits(slow).await? == 0 {
            self.pass(A_MOMENT).await;
        }
        Ok(slow)
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
