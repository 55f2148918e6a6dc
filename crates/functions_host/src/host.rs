//! The host as a state machine: what happened goes in, what to do comes out. No clock, no I/O.

mod calls;
mod http;
mod process;
mod queues;
#[cfg(test)]
mod tests;
mod timers;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::app::{App, Trigger};
use crate::ids::Ids;
use crate::message::{BrokerError, Message, Settlement};
use crate::wire::{Exit, HttpRequest, HttpResponse, Launch, ScheduleStatus, Stream};
use calls::Call;
use process::Process;
use queues::Listener;
use timers::Timer;

/// Version of the host whose behaviour is reproduced.
pub const HOST_VERSION: &str = "4.1045.200.25556";

/// What a host is told besides its app.
#[derive(Debug, Clone)]
pub struct Options {
    /// The handler's port, on 127.0.0.1.
    pub handler_port: u16,
    /// Function keys; with none, every key is refused.
    pub function_keys: Vec<String>,
    /// Opens everything, `/admin` too.
    pub master_key: Option<String>,
    /// How this host is known to the broker: unique for each life of a host.
    pub receiver: String,
    /// How often an idle listener asks the broker.
    pub poll_every: SignedDuration,
    /// Every this many successes, one completion is lost: the message is delivered again.
    pub duplicate_every: Option<u64>,
    /// Statuses of timers, kept from the last life.
    pub schedules: BTreeMap<String, ScheduleStatus>,
    /// Identifiers are the same for the same seed.
    pub seed: u64,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Input {
    Start,
    /// [`Host::next_due`] has come.
    Time,
    /// The handler did or did not answer `GET /`.
    Probed {
        generation: u64,
        answered: bool,
    },
    SpawnFailed {
        generation: u64,
        problem: String,
    },
    Exited {
        generation: u64,
        exit: Exit,
    },
    Line {
        generation: u64,
        stream: Stream,
        text: String,
    },
    /// A client's request.
    Request {
        id: u64,
        request: HttpRequest,
    },
    /// The handler's answer to a call, or why there is none.
    Answered {
        call: u64,
        answer: Result<HttpResponse, String>,
    },
    Received {
        listener: usize,
        messages: Result<Vec<Message>, BrokerError>,
    },
    Settled {
        listener: usize,
        slot: u64,
        result: Result<(), BrokerError>,
    },
    Renewed {
        listener: usize,
        slot: u64,
        result: Result<Timestamp, BrokerError>,
    },
    /// The platform takes the host away.
    ShutDown,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Spawn {
        generation: u64,
        launch: Launch,
    },
    /// Ask the handler for `/`, after a wait of wall time.
    Probe {
        generation: u64,
        wait: Duration,
    },
    /// SIGKILL.
    Kill {
        generation: u64,
    },
    Call {
        generation: u64,
        call: u64,
        request: HttpRequest,
    },
    Respond {
        id: u64,
        response: HttpResponse,
    },
    Receive {
        listener: usize,
        queue: String,
        receiver: String,
        limit: usize,
    },
    Settle {
        listener: usize,
        slot: u64,
        lock_token: String,
        settlement: Settlement,
    },
    Renew {
        listener: usize,
        slot: u64,
        lock_token: String,
    },
    CloseSession {
        session_token: String,
    },
    /// Keep a timer's status for the next life.
    Save {
        function: String,
        status: ScheduleStatus,
    },
    Tell(Note),
}

/// Something worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The handler answers.
    Ready {
        generation: u64,
    },
    Started {
        function: String,
        invocation: String,
    },
    Ended {
        function: String,
        invocation: String,
        failure: Option<String>,
    },
    Log {
        level: Level,
        category: String,
        text: String,
    },
    /// The host is over; a platform starts another.
    Stopped {
        reason: String,
    },
}

/// The levels that the host logs at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Information,
    Warning,
    Error,
}

/// A host for one app.
#[derive(Debug)]
pub struct Host {
    app: App,
    options: Options,
    ids: Ids,
    process: Process,
    calls: BTreeMap<u64, Call>,
    /// Calls that wait for the handler, in order.
    waiting: VecDeque<u64>,
    issued: u64,
    successes: u64,
    listeners: Vec<Listener>,
    timers: Vec<Timer>,
    stopped: Option<String>,
    out: Vec<Output>,
}

impl Host {
    /// A host that waits for [`Input::Start`].
    pub fn new(app: App, options: Options) -> Self {
        let mut listeners = Vec::new();
        let mut timers = Vec::new();
        for (at, function) in app.functions.iter().enumerate() {
            match &function.trigger {
                Trigger::Queue(trigger) => listeners.push(Listener::new(at, trigger, &app.host)),
                Trigger::Timer(_) => timers.push(Timer::new(at)),
                Trigger::Http(_) => {}
            }
        }
        Self {
            ids: Ids::new(options.seed),
            process: Process::default(),
            calls: BTreeMap::new(),
            waiting: VecDeque::new(),
            issued: 0,
            successes: 0,
            listeners,
            timers,
            stopped: None,
            out: Vec::new(),
            app,
            options,
        }
    }

    /// Takes what happened, and gives what to do, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Output> {
        if self.stopped.is_some() {
            if let Input::Request { id, .. } = input {
                self.out.push(Output::Respond { id, response: HttpResponse::empty(503) });
            }
            return std::mem::take(&mut self.out);
        }
        match input {
            Input::Start => {
                self.spawn(now);
                self.start_timers(now);
                self.start_listeners(now);
            }
            Input::Time => {}
            Input::Probed { generation, answered } => self.probed(now, generation, answered),
            Input::SpawnFailed { generation, problem } => {
                self.spawn_failed(now, generation, &problem);
            }
            Input::Exited { generation, exit } => self.exited(now, generation, exit),
            Input::Line { generation, stream, text } => self.line(generation, stream, &text),
            Input::Request { id, request } => self.request(now, id, &request),
            Input::Answered { call, answer } => self.answered(now, call, answer),
            Input::Received { listener, messages } => self.received(now, listener, messages),
            Input::Settled { listener, slot, result } => self.settled(now, listener, slot, &result),
            Input::Renewed { listener, slot, result } => self.renewed(now, listener, slot, &result),
            Input::ShutDown => {
                self.stop(Level::Information, "the platform takes the host away");
            }
        }
        self.pass(now);
        std::mem::take(&mut self.out)
    }

    /// When [`Input::Time`] is next needed.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.stopped.is_some() {
            return None;
        }
        let calls = self.calls.values().filter_map(|call| call.deadline);
        let timers = self.timers.iter().filter_map(Timer::next_due);
        let listeners = self.listeners.iter().filter_map(Listener::next_due);
        calls.chain(timers).chain(listeners).chain(self.process.probe_until).min()
    }

    /// Why the host stopped, when it has.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Does what time makes due. Later steps see what earlier ones ended.
    fn pass(&mut self, now: Timestamp) {
        if self.stopped.is_none() {
            self.time_out_calls(now);
            self.time_out_probe(now);
        }
        if self.stopped.is_none() {
            self.pass_locks(now);
            self.pass_timers(now);
            self.poll(now);
        }
    }

    /// The host process ends. Nothing is settled: the handler is killed with what it was doing, and
    /// sessions are closed, so that their messages are delivered again.
    fn stop(&mut self, level: Level, reason: &str) {
        self.tell(level, "Host.General", format!("Stopping: {reason}"));
        self.out.push(Output::Kill { generation: self.process.generation });
        for call in std::mem::take(&mut self.calls).into_values() {
            if let Some(id) = call.source.client() {
                self.out.push(Output::Respond { id, response: HttpResponse::empty(503) });
            }
        }
        self.waiting.clear();
        for listener in &mut self.listeners {
            listener.close(&mut self.out);
        }
        self.stopped = Some(reason.to_owned());
        self.out.push(Output::Tell(Note::Stopped { reason: reason.to_owned() }));
    }

    fn tell(&mut self, level: Level, category: &str, text: String) {
        let category = category.to_owned();
        self.out.push(Output::Tell(Note::Log { level, category, text }));
    }

    fn issue(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }
}
