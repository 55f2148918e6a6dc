//! A staged app, a broker, and the `functions-host` program around them.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::broker::FakeBroker;

/// Longer than anything here takes; only a broken host gets there.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Rig {
    pub(crate) program: Child,
    pub(crate) broker: Arc<FakeBroker>,
    lines: Lines<BufReader<ChildStdout>>,
    client: reqwest::Client,
    _app: TempDir,
}

/// The line that the host prints when its handler is ready.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Ready {
    pub(crate) url: String,
    pub(crate) handler_port: u16,
    pub(crate) generation: u64,
    pub(crate) handler_pid: u32,
    pub(crate) host_pid: u32,
}

impl Rig {
    /// Starts the program; simulated time runs a hundred times as fast as the wall.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let app = stage();
        let broker = Arc::new(FakeBroker::default());
        let broker_url = broker.serve().await;
        let origin = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Clock::simulated(origin, 100).setting().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_functions-host"))
            .arg("--app")
            .arg(app.path())
            .args(["--broker", &broker_url, "--key", "key", "--master-key", "master"])
            .args(["--env", "GREETING=hello", "--clock", &clock])
            .args(["--env", "ServiceBus__fullyQualifiedNamespace=ns.servicebus.windows.net"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        Self { program, broker, lines, client: reqwest::Client::new(), _app: app }
    }

    /// The next time a handler is ready.
    pub(crate) async fn ready(&mut self) -> Ready {
        let line = within(self.lines.next_line()).await.unwrap();
        serde_json::from_str(&line.expect("the host has ended")).unwrap()
    }

    pub(crate) async fn get(&self, ready: &Ready, path: &str) -> (u16, String) {
        let url = format!("{}{path}", ready.url);
        let request = self.client.get(url).header("x-functions-key", "key");
        answer(request).await
    }

    pub(crate) async fn get_without_key(&self, ready: &Ready, path: &str) -> u16 {
        answer(self.client.get(format!("{}{path}", ready.url))).await.0
    }

    pub(crate) async fn post(&self, ready: &Ready, path: &str, body: String) -> (u16, String) {
        let url = format!("{}{path}", ready.url);
        answer(self.client.post(url).header("x-functions-key", "key").body(body)).await
    }

    pub(crate) async fn status(&self, ready: &Ready) -> Value {
        let url = format!("{}/admin/host/status?code=master", ready.url);
        serde_json::from_str(&answer(self.client.get(url)).await.1).unwrap()
    }

    /// Waits until the broker has seen this many settlements.
    pub(crate) async fn settled(&self, count: usize) -> Vec<(String, String)> {
        until(|| self.broker.settled().len() >= count).await;
        self.broker.settled()
    }
}

/// Waits for something that is bound to happen.
pub(crate) async fn until(mut happened: impl FnMut() -> bool) {
    within(async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it should have happened by now")
}

/// A process that has ended and been reaped has no entry; one that waits for its parent is a zombie.
pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

/// Sends a signal by name.
pub(crate) fn signal(name: &str, pid: u32) {
    let status = std::process::Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(status.unwrap().success());
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = within(request.send()).await.unwrap();
    (response.status().as_u16(), within(response.text()).await.unwrap())
}

fn stage() -> TempDir {
    let app = tempfile::tempdir().unwrap();
    let write = |folder: &str, file: &str, content: Value| {
        let folder = app.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(file), content.to_string()).unwrap();
    };
    write(
        "",
        "host.json",
        json!({
            "version": "2.0", "functionTimeout": "00:00:30",
            "customHandler": {"description": {"defaultExecutablePath": env!("CARGO_BIN_EXE_test-handler")},
                "enableForwardingHttpRequest": true},
        }),
    );
    write(
        "advance_run",
        "function.json",
        json!({"bindings": [{"type": "serviceBusTrigger",
        "direction": "in", "name": "message", "queueName": "wakes", "connection": "ServiceBus",
        "isSessionsEnabled": true, "dataType": "binary"}]}),
    );
    write(
        "sweep",
        "function.json",
        json!({"bindings": [{"type": "timerTrigger",
        "direction": "in", "name": "timer", "schedule": "*/10 * * * * *"}]}),
    );
    write(
        "operate",
        "function.json",
        json!({"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "request", "authLevel": "function",
            "route": "{*path}"},
        {"type": "http", "direction": "out", "name": "response"}]}),
    );
    app
}
