//! The handler as a real process on a loopback port.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};

use crate::driver::Handler;
use crate::guard::Guard;
use crate::wire::{Exit, HttpRequest, HttpResponse, Launch, Stream};

/// Starts the executable that `host.json` names and speaks HTTP with it.
#[derive(Debug)]
pub struct HandlerProcess {
    environment: Vec<(String, String)>,
    guard: Option<Guard>,
    port: u16,
    processes: Mutex<BTreeMap<u64, Process>>,
    /// The last generation that was to end: it may not have been started yet.
    killed: AtomicU64,
    /// Held by the process that lives: the next one starts when it is gone.
    alive: tokio::sync::Mutex<()>,
}

/// A living process.
#[derive(Debug)]
struct Process {
    id: u32,
    kill: Option<oneshot::Sender<()>>,
    /// One for each process: no connection to a dead one is used again.
    client: reqwest::Client,
}

impl HandlerProcess {
    /// `environment` is added to what this process has; a guard ends the handler when this process
    /// is killed.
    pub fn new(port: u16, environment: Vec<(String, String)>, guard: Option<Guard>) -> Self {
        Self {
            environment,
            guard,
            port,
            processes: Mutex::default(),
            killed: AtomicU64::default(),
            alive: tokio::sync::Mutex::default(),
        }
    }

    /// The process id of the handler that lives.
    pub fn id(&self, generation: u64) -> Option<u32> {
        self.processes().get(&generation).map(|process| process.id)
    }

    fn processes(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Process>> {
        self.processes.lock().expect("no code panics while it holds this lock")
    }

    fn client(&self, generation: u64) -> Option<reqwest::Client> {
        self.processes().get(&generation).map(|process| process.client.clone())
    }

    fn command(&self, launch: &Launch) -> Command {
        let mut command = Command::new(&launch.executable);
        command
            .args(&launch.arguments)
            .current_dir(&launch.working_directory)
            .envs(self.environment.iter().cloned())
            .envs(launch.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        command
    }
}

impl Handler for HandlerProcess {
    async fn run(
        &self,
        generation: u64,
        launch: Launch,
        lines: mpsc::UnboundedSender<(Stream, String)>,
    ) -> Result<Exit, String> {
        let _alone = self.alive.lock().await;
        let mut child = self
            .command(&launch)
            .spawn()
            .map_err(|error| format!("{}: {error}", launch.executable))?;
        let id = child.id().unwrap_or_default();
        if let Some(guard) = &self.guard {
            guard.watch(id);
        }
        let (kill, killed) = oneshot::channel();
        let process = Process { id, kill: Some(kill), client: client() };
        self.processes().insert(generation, process);
        if generation <= self.killed.load(Ordering::SeqCst) {
            self.kill(generation);
        }
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(forward(stdout, Stream::Stdout, lines.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(forward(stderr, Stream::Stderr, lines));
        }
        let status = tokio::select! {
            status = child.wait() => status,
            Ok(()) = killed => {
                // A child that is already dead cannot be killed, and waiting tells.
                let _ = child.start_kill();
                child.wait().await
            }
        };
        self.processes().remove(&generation);
        if let Some(guard) = &self.guard {
            guard.forget(id);
        }
        let status = status.map_err(|error| error.to_string())?;
        Ok(match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, signal) => Exit::Signal(signal.unwrap_or_default()),
        })
    }

    fn kill(&self, generation: u64) {
        self.killed.fetch_max(generation, Ordering::SeqCst);
        let kill = self.processes().get_mut(&generation).and_then(|process| process.kill.take());
        if let Some(kill) = kill {
            // Nobody waits for a process that has ended.
            let _ = kill.send(());
        }
    }

    async fn is_ready(&self, generation: u64) -> bool {
        let Some(client) = self.client(generation) else { return false };
        // Only a connection that is not made means "keep waiting": anything else is an answer.
        match client.get(format!("http://127.0.0.1:{}/", self.port)).send().await {
            Ok(_) => true,
            Err(error) => !error.is_connect() && self.client(generation).is_some(),
        }
    }

    async fn call(&self, generation: u64, request: HttpRequest) -> Result<HttpResponse, String> {
        let client = self.client(generation).ok_or("Connection refused")?;
        send(&client, self.port, request).await.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error} {}", cause.unwrap_or_default())
        })
    }
}

async fn send(
    client: &reqwest::Client,
    port: u16,
    request: HttpRequest,
) -> Result<HttpResponse, reqwest::Error> {
    let method =
        reqwest::Method::from_bytes(request.method.as_bytes()).unwrap_or(reqwest::Method::GET);
    let mut sent = client.request(method, format!("http://127.0.0.1:{port}{}", request.target));
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    if request.chunked {
        let body = futures::stream::once(async { Ok::<_, std::io::Error>(request.body) });
        sent = sent.body(reqwest::Body::wrap_stream(body));
    } else if !request.body.is_empty() {
        sent = sent.body(request.body);
    }
    let response = sent.send().await?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let body = response.bytes().await?.to_vec();
    Ok(HttpResponse { status, headers, body })
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client without certificates or proxies can always be built")
}

async fn forward(
    from: impl AsyncRead + Unpin,
    stream: Stream,
    lines: mpsc::UnboundedSender<(Stream, String)>,
) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    // A line that is not UTF-8 is still a line.
    while matches!(reader.read_until(b'\n', &mut line).await, Ok(length) if length > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        if lines.send((stream, text)).is_err() {
            return;
        }
    }
}
