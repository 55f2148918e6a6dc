//! The program itself: how it starts, where it listens, what it opens when, and how it ends.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use azurite::Azurite;
use serde_json::{Value, json};

/// The program with a rehearsal's settings and nothing else in its environment.
struct Program {
    child: Child,
    port: u16,
    output: BufReader<std::process::ChildStdout>,
}

fn settings(port: u16, store: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string()),
        ("FARSHORE_STORE", store.to_owned()),
        ("FARSHORE_ARM_ENDPOINT", "http://127.0.0.1:9".to_owned()),
        ("FARSHORE_SERVICE_BUS_ENDPOINT", "http://127.0.0.1:9".to_owned()),
    ])
}

fn command(settings: &BTreeMap<&'static str, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farshore"));
    command.env_clear().envs(settings);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Program {
    /// Starts it and returns when it listens.
    fn start(settings: &BTreeMap<&'static str, String>) -> Self {
        let mut child = command(settings).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains("farshore listens"), "{line}");
        let port = settings["FUNCTIONS_CUSTOMHANDLER_PORT"].parse().unwrap();
        Self { child, port, output }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = reqwest::get(format!("http://127.0.0.1:{}{path}", self.port)).await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Ends it with a signal; its exit code and the rest of what it wrote.
    fn end(mut self, signal: rustix::process::Signal) -> (Option<i32>, String) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn it_answers_before_it_opens_its_store_and_never_ends_with_zero() {
    use rustix::process::Signal;
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("farshore.db");
        let program = Program::start(&settings(free_port(), &format!("sqlite:{}", file.display())));

        assert_eq!(program.get("/").await.0, 200);
        assert!(!file.exists(), "the store was opened for nobody");
        let (status, body) = program.get("/api/workloads").await;
        assert_eq!((status, body), (200, json!({"workloads": []})));
        assert!(file.exists());
        assert_eq!(program.end(signal).0, Some(code));
    }
}

#[tokio::test]
async fn keys_and_tokens_do_not_get_into_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("farshore.db");
    let mut settings = settings(free_port(), &format!("sqlite:{}", file.display()));
    settings.insert("FARSHORE_LOG", "trace".to_owned());
    settings.insert("IDENTITY_HEADER", "c2VjcmV0".to_owned());
    let program = Program::start(&settings);
    let url = format!("http://127.0.0.1:{}/api/alerts?code=c2VjcmV0", program.port);

    let client = reqwest::Client::new();
    let refused = client.post(url).header("x-functions-key", "c2VjcmV0").body("{}").send().await;

    assert_eq!(refused.unwrap().status(), 400);
    let (_, log) = program.end(rustix::process::Signal::TERM);
    assert!(log.contains("an alert cannot be read") && log.contains("/api/alerts"), "{log}");
    assert!(!log.contains("c2VjcmV0"), "{log}");
}

#[test]
fn wrong_settings_are_told_all_at_once() {
    let mut wrong = settings(0, "sqlite:no/such/folder/farshore.db");
    wrong.insert("FARSHORE_WATCH", "sometimes".to_owned());

    let ended = command(&wrong).output().unwrap();

    assert_eq!(ended.status.code(), Some(1));
    let text = String::from_utf8(ended.stderr).unwrap();
    let told: Vec<_> = text.lines().filter_map(|line| line.trim().split_once(": ")).collect();
    let names: Vec<_> = told.iter().skip(1).map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        ["FUNCTIONS_CUSTOMHANDLER_PORT", "FARSHORE_STORE", "FARSHORE_WATCH"],
        "{text}"
    );
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let file = folder.path().join("farshore.db");

    let ended = command(&settings(port, &format!("sqlite:{}", file.display()))).output().unwrap();

    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("cannot listen"));
}

#[tokio::test]
async fn on_an_emulator_the_containers_are_made_at_first_use() {
    let azurite = Azurite::in_memory().unwrap();
    let mut settings = settings(free_port(), &azurite.url_with_sas("farshore"));
    settings.insert("FARSHORE_LEASE_STORE", azurite.url_with_sas("farshore-leases"));
    let program = Program::start(&settings);

    assert_eq!(program.get("/api/workloads").await, (200, json!({"workloads": []})));
    assert_eq!(program.get("/api/kill-switch").await.1["on"], false);
}
