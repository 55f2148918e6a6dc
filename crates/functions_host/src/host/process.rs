//! The handler's process: start, readiness, exit codes, restarts.
//!
//! Source: `HttpWorkerProcess`, WorkerProcess.OnProcessExited, `HttpFunctionInvocationDispatcher`.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Host, Level, Note, Output};
use crate::wire::{Exit, Launch, Stream};

/// Between two probes, on the wall: only these waits count against the time to get ready.
const PROBE_EVERY: Duration = Duration::from_millis(25);
/// The host's HTTP client waits for the function timeout and so much more.
const PROBE_GRACE: SignedDuration = SignedDuration::from_mins(1);
/// Errors further apart than this start a new count.
const ERROR_WINDOW: SignedDuration = SignedDuration::from_mins(30);
/// The error at which the host gives up.
const ERRORS_ALLOWED: usize = 3;
/// The exit code of a handler that asks for a restart.
const RESTART_ME: i32 = 200;

/// What is known of the handler's process.
#[derive(Debug, Default)]
pub(super) struct Process {
    /// Counts the processes; what concerns an older one is ignored.
    pub(super) generation: u64,
    phase: Phase,
    /// When the probe that has not come back is given up, as the client's own time-out does.
    pub(super) probe_until: Option<Timestamp>,
    errors: Vec<Timestamp>,
    last_stderr: VecDeque<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    None,
    Starting {
        probes_left: u64,
    },
    Ready,
    /// Exited with 0: never restarted, every call is refused.
    Gone,
}

/// What a new call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handler {
    Ready,
    NotYet,
    Gone,
}

impl Process {
    pub(super) fn handler(&self) -> Handler {
        match self.phase {
            Phase::None | Phase::Starting { .. } => Handler::NotYet,
            Phase::Ready => Handler::Ready,
            Phase::Gone => Handler::Gone,
        }
    }
}

impl Host {
    /// Starts the next process.
    pub(super) fn spawn(&mut self, now: Timestamp) {
        let wait = self.app.host.initialization_timeout.as_millis();
        let probes = u64::try_from(wait).unwrap_or_default() / 25;
        self.process.generation += 1;
        self.process.phase = Phase::Starting { probes_left: probes };
        self.process.last_stderr.clear();
        let generation = self.process.generation;
        let launch = self.launch();
        self.out.push(Output::Spawn { generation, launch });
        self.probe(now, Duration::ZERO);
    }

    /// A handler that takes the connection and never answers blocks its probe, but not for ever.
    pub(super) fn time_out_probe(&mut self, now: Timestamp) {
        if self.process.probe_until.is_some_and(|until| until <= now) {
            self.error(now, "A task was canceled.");
        }
    }

    pub(super) fn probed(&mut self, now: Timestamp, generation: u64, answered: bool) {
        let Phase::Starting { probes_left } = self.process.phase else { return };
        if generation != self.process.generation {
            return;
        }
        self.process.probe_until = None;
        if answered {
            self.process.phase = Phase::Ready;
            self.out.push(Output::Tell(Note::Ready { generation }));
            self.send_waiting();
        } else if probes_left == 0 {
            self.error(now, "Initializing HttpWorker timed out.");
        } else {
            self.process.phase = Phase::Starting { probes_left: probes_left - 1 };
            self.probe(now, PROBE_EVERY);
        }
    }

    pub(super) fn spawn_failed(&mut self, now: Timestamp, generation: u64, problem: &str) {
        if generation == self.process.generation {
            self.error(now, &format!("Failed to start the handler: {problem}"));
        }
    }

    pub(super) fn exited(&mut self, now: Timestamp, generation: u64, exit: Exit) {
        if generation != self.process.generation {
            return;
        }
        self.break_calls(now, "An error occurred while sending the request.");
        match exit {
            Exit::Code(0) => {
                // Nothing is published. While it was starting, the probes go on and time out.
                if self.process.phase == Phase::Ready {
                    self.process.phase = Phase::Gone;
                }
            }
            Exit::Code(RESTART_ME) => self.spawn(now),
            Exit::Code(_) | Exit::Signal(_) => {
                let last: Vec<String> = self.process.last_stderr.iter().cloned().collect();
                let ended = match exit {
                    Exit::Code(code) => format!("exited with code {code}"),
                    Exit::Signal(signal) => format!("was ended by signal {signal}"),
                };
                self.error(now, &format!("The handler {ended}. {}", last.join(" ")));
            }
        }
    }

    /// After a function timed out: kill and restart, uncounted.
    pub(super) fn kill_and_restart(&mut self, now: Timestamp) {
        self.out.push(Output::Kill { generation: self.process.generation });
        self.break_calls(now, "The handler was restarted because a function timed out.");
        self.spawn(now);
    }

    pub(super) fn line(&mut self, generation: u64, stream: Stream, text: &str) {
        if text.starts_with("azfuncjsonlog:") {
            return;
        }
        let (category, shown) = match text.strip_prefix("LanguageWorkerConsoleLog") {
            Some(rest) => ("Worker", rest),
            None => ("Host.Function.Console", text),
        };
        let lower = shown.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let level = match stream {
            Stream::Stderr if says(&["warn"]) => Level::Warning,
            Stream::Stderr if self.app.host.stderr_for_errors_only => Level::Error,
            Stream::Stderr if says(&["error", "fail", "severe", "unhandled exception"]) => {
                Level::Error
            }
            Stream::Stdout | Stream::Stderr => Level::Information,
        };
        if stream == Stream::Stderr && generation == self.process.generation {
            self.process.last_stderr.push_back(shown.to_owned());
            if self.process.last_stderr.len() > 3 {
                self.process.last_stderr.pop_front();
            }
        }
        self.tell(level, category, shown.to_owned());
    }

    /// A worker error: restart at once, or give up at the third within reach of each other.
    fn error(&mut self, now: Timestamp, problem: &str) {
        self.tell(Level::Error, "Host.Function", problem.to_owned());
        self.out.push(Output::Kill { generation: self.process.generation });
        if let Some(last) = self.process.errors.last()
            && now.duration_since(*last) > ERROR_WINDOW
        {
            self.process.errors.clear();
        }
        self.process.errors.push(now);
        if self.process.errors.len() < ERRORS_ALLOWED {
            self.spawn(now);
        } else {
            let reason = "Exceeded http worker restart retry count. Shutting down Functions Host";
            self.stop(Level::Error, reason);
        }
    }

    fn probe(&mut self, now: Timestamp, wait: Duration) {
        let limit = self.app.host.function_timeout;
        self.process.probe_until = limit.map(|limit| now + limit + PROBE_GRACE);
        self.out.push(Output::Probe { generation: self.process.generation, wait });
    }

    fn launch(&mut self) -> Launch {
        let port = self.options.handler_port;
        let worker = self.ids.guid();
        let root = &self.app.root;
        let beside = root.join(&self.app.host.executable);
        let executable = if beside.exists() {
            beside.display().to_string()
        } else {
            self.app.host.executable.clone()
        };
        let variable = |name: &str, value: String| (name.to_owned(), value);
        Launch {
            executable,
            arguments: self.app.host.arguments.clone(),
            working_directory: root.join(&self.app.host.working_directory),
            environment: vec![
                variable("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string()),
                variable("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", worker.clone()),
                variable("FUNCTIONS_HTTPWORKER_PORT", port.to_string()),
                variable("FUNCTIONS_HTTPWORKER_ID", worker),
                variable("FUNCTIONS_APP_ROOT_PATH", root.display().to_string()),
            ],
            port,
        }
    }
}
