//! Performs a [`Host`]: the only place where its outputs meet the world.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clock::Clock;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use crate::host::{Host, Input, Note, Output};
use crate::message::{BrokerError, Message, Settlement};
use crate::wire::{Exit, HttpRequest, HttpResponse, Launch, ScheduleStatus, Stream};

/// A handler: a process, or something that plays one.
pub trait Handler: Send + Sync + 'static {
    /// Starts a process and returns when it has ended; an error is one that could not be started.
    fn run(
        &self,
        generation: u64,
        launch: Launch,
        lines: mpsc::UnboundedSender<(Stream, String)>,
    ) -> impl Future<Output = Result<Exit, String>> + Send;

    /// Ends a process at once, as SIGKILL does.
    fn kill(&self, generation: u64);

    /// Whether the process answers `GET /` with anything.
    fn is_ready(&self, generation: u64) -> impl Future<Output = bool> + Send;

    /// Sends a request to the process.
    fn call(
        &self,
        generation: u64,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, String>> + Send;
}

/// The receiving side of a Service Bus namespace.
pub trait Broker: Send + Sync + 'static {
    /// Locks messages: the next one of each of at most `limit` sessions held by this receiver, or
    /// at most `limit` messages of a queue without sessions.
    fn receive(
        &self,
        queue: &str,
        receiver: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Message>, BrokerError>> + Send;

    fn settle(
        &self,
        lock_token: &str,
        settlement: Settlement,
    ) -> impl Future<Output = Result<(), BrokerError>> + Send;

    /// Prolongs the lock of a message or of a session.
    fn renew(
        &self,
        lock_token: &str,
    ) -> impl Future<Output = Result<Timestamp, BrokerError>> + Send;

    fn close_session(
        &self,
        session_token: &str,
    ) -> impl Future<Output = Result<(), BrokerError>> + Send;
}

/// A host at work. Dropping it ends the host as if its process had been killed.
#[derive(Debug)]
pub struct Running {
    inputs: mpsc::UnboundedSender<Command>,
    requests: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<String>,
}

/// What a client of a running host needs to send it requests.
#[derive(Debug, Clone)]
pub struct Client {
    inputs: mpsc::UnboundedSender<Command>,
    requests: Arc<AtomicU64>,
}

/// What to do with notes and with statuses of timers.
pub trait Observer: Send + 'static {
    fn note(&mut self, note: Note);
    fn save(&mut self, function: String, status: ScheduleStatus);
}

/// Notes go to a channel, statuses nowhere.
impl Observer for mpsc::UnboundedSender<Note> {
    fn note(&mut self, note: Note) {
        // Nobody listening is no reason to stop.
        let _ = self.send(note);
    }

    fn save(&mut self, _function: String, _status: ScheduleStatus) {}
}

#[derive(Debug)]
enum Command {
    Input(Input),
    Request { id: u64, request: HttpRequest, answer: oneshot::Sender<HttpResponse> },
}

/// Starts a host.
pub fn drive<H: Handler, B: Broker>(
    host: Host,
    clock: Clock,
    handler: Arc<H>,
    broker: Arc<B>,
    observer: impl Observer,
) -> Running {
    let (inputs, commands) = mpsc::unbounded_channel();
    let driver = Driver {
        host,
        clock,
        handler,
        broker,
        observer,
        inputs: inputs.clone(),
        clients: BTreeMap::new(),
        calls: BTreeMap::new(),
        tasks: tokio::task::JoinSet::new(),
    };
    let task = tokio::spawn(driver.run(commands));
    Running { inputs, requests: Arc::default(), task }
}

impl Running {
    pub fn client(&self) -> Client {
        Client { inputs: self.inputs.clone(), requests: Arc::clone(&self.requests) }
    }

    /// Sends a request and waits for its answer.
    pub async fn request(&self, request: HttpRequest) -> HttpResponse {
        self.client().request(request).await
    }

    /// Asks the host to stop in order.
    pub fn shut_down(&self) {
        // A host that has stopped needs no telling.
        let _ = self.inputs.send(Command::Input(Input::ShutDown));
    }

    /// Waits until the host has stopped, and says why it did.
    pub async fn stopped(&mut self) -> String {
        (&mut self.task).await.unwrap_or_else(|_| "the host was aborted".to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// Sends a request and waits for its answer; 503 when the host is gone.
    pub async fn request(&self, request: HttpRequest) -> HttpResponse {
        let id = self.requests.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let sent = self.inputs.send(Command::Request { id, request, answer });
        match (sent, answered.await) {
            (Ok(()), Ok(response)) => response,
            _ => HttpResponse::empty(503),
        }
    }
}

struct Driver<H, B, O> {
    host: Host,
    clock: Clock,
    handler: Arc<H>,
    broker: Arc<B>,
    observer: O,
    inputs: mpsc::UnboundedSender<Command>,
    clients: BTreeMap<u64, oneshot::Sender<HttpResponse>>,
    /// Calls in flight by generation: they end with their process.
    calls: BTreeMap<u64, Vec<AbortHandle>>,
    tasks: tokio::task::JoinSet<()>,
}

impl<H: Handler, B: Broker, O: Observer> Driver<H, B, O> {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) -> String {
        self.feed(Input::Start);
        loop {
            if let Some(reason) = self.host.stopped() {
                let reason = reason.to_owned();
                // What was begun for the stop (sessions to close) is seen through.
                while self.tasks.join_next().await.is_some() {}
                return reason;
            }
            let due = self.host.next_due().map(|at| at.duration_since(self.clock.now()));
            let wait = due.map(|due| self.clock.wall(due));
            let command = tokio::select! {
                biased;
                command = commands.recv() => command,
                () = sleep(wait) => Some(Command::Input(Input::Time)),
                Some(_) = self.tasks.join_next() => None,
            };
            match command {
                Some(Command::Input(input)) => self.feed(input),
                Some(Command::Request { id, request, answer }) => {
                    self.clients.insert(id, answer);
                    self.feed(Input::Request { id, request });
                }
                None => {}
            }
        }
    }

    fn feed(&mut self, input: Input) {
        if let Input::Exited { generation, .. } = &input {
            self.abort_calls(*generation);
        }
        for output in self.host.handle(self.clock.now(), input) {
            self.perform(output);
        }
    }

    fn perform(&mut self, output: Output) {
        let handler = Arc::clone(&self.handler);
        let broker = Arc::clone(&self.broker);
        match output {
            Output::Spawn { generation, launch } => self.spawn_process(generation, launch),
            Output::Probe { generation, wait } => {
                self.begin(async move {
                    tokio::time::sleep(wait).await;
                    let answered = handler.is_ready(generation).await;
                    Input::Probed { generation, answered }
                });
            }
            Output::Kill { generation } => {
                self.handler.kill(generation);
                self.abort_calls(generation);
            }
            Output::Call { generation, call, request } => {
                let task = self.begin(async move {
                    Input::Answered { call, answer: handler.call(generation, request).await }
                });
                let running = self.calls.entry(generation).or_default();
                running.retain(|call| !call.is_finished());
                running.push(task);
            }
            Output::Respond { id, response } => {
                if let Some(client) = self.clients.remove(&id) {
                    // A client that has gone gets nothing.
                    let _ = client.send(response);
                }
            }
            Output::Receive { listener, queue, receiver, limit } => {
                self.begin(async move {
                    let messages = broker.receive(&queue, &receiver, limit).await;
                    Input::Received { listener, messages }
                });
            }
            Output::Settle { listener, slot, lock_token, settlement } => {
                self.begin(async move {
                    let result = broker.settle(&lock_token, settlement).await;
                    Input::Settled { listener, slot, result }
                });
            }
            Output::Renew { listener, slot, lock_token } => {
                self.begin(async move {
                    let result = broker.renew(&lock_token).await;
                    Input::Renewed { listener, slot, result }
                });
            }
            Output::CloseSession { session_token } => {
                self.tasks.spawn(async move {
                    // A session that cannot be closed ends with its lock.
                    let _ = broker.close_session(&session_token).await;
                });
            }
            Output::Save { function, status } => self.observer.save(function, status),
            Output::Tell(note) => self.observer.note(note),
        }
    }

    fn spawn_process(&mut self, generation: u64, launch: Launch) {
        let handler = Arc::clone(&self.handler);
        let (lines, mut read) = mpsc::unbounded_channel();
        let inputs = self.inputs.clone();
        self.tasks.spawn(async move {
            while let Some((stream, text)) = read.recv().await {
                // The host may have stopped before its handler fell silent.
                let _ = inputs.send(Command::Input(Input::Line { generation, stream, text }));
            }
        });
        self.begin(async move {
            match handler.run(generation, launch, lines).await {
                Ok(exit) => Input::Exited { generation, exit },
                Err(problem) => Input::SpawnFailed { generation, problem },
            }
        });
    }

    /// Begins something whose end is an input.
    fn begin(&mut self, work: impl Future<Output = Input> + Send + 'static) -> AbortHandle {
        let inputs = self.inputs.clone();
        self.tasks.spawn(async move {
            let input = work.await;
            // A host that has stopped takes no more inputs.
            let _ = inputs.send(Command::Input(input));
        })
    }

    fn abort_calls(&mut self, generation: u64) {
        for call in self.calls.remove(&generation).into_iter().flatten() {
            call.abort();
        }
    }
}

async fn sleep(wait: Option<std::time::Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
