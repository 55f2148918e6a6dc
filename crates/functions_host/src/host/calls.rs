//! Invocations: sent to the handler or waiting for it, timed, and ended one way or the other.

use jiff::Timestamp;
use serde_json::Value;

use super::process::Handler;
use super::{HOST_VERSION, Host, Level, Note, Output};
use crate::response::{self, Answer, Reading};
use crate::wire::{HttpRequest, HttpResponse};

/// An invocation that has not ended.
#[derive(Debug)]
pub(super) struct Call {
    function: usize,
    invocation: String,
    pub(super) source: Source,
    pub(super) deadline: Option<Timestamp>,
    request: HttpRequest,
}

/// Who waits for the end of an invocation.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Client {
        id: u64,
        forwarded: bool,
    },
    Message {
        listener: usize,
        slot: u64,
    },
    Timer {
        timer: usize,
    },
    /// `POST /admin/functions/{name}`: nobody.
    Hand,
}

impl Source {
    pub(super) fn client(&self) -> Option<u64> {
        match self {
            Self::Client { id, .. } => Some(*id),
            _ => None,
        }
    }
}

impl Host {
    /// Invokes a function in the envelope contract.
    pub(super) fn invoke(
        &mut self,
        now: Timestamp,
        function: usize,
        source: Source,
        envelope: &Value,
    ) {
        let request = HttpRequest {
            method: "POST".into(),
            target: format!("/{}", self.app.functions[function].name),
            headers: vec![
                ("Host".into(), format!("127.0.0.1:{}", self.options.handler_port)),
                ("Content-Type".into(), "application/json; charset=utf-8".into()),
            ],
            body: envelope.to_string().into_bytes(),
            chunked: true,
        };
        self.invoke_request(now, function, source, request);
    }

    /// Invokes a function with a request; the host's own headers are added here.
    pub(super) fn invoke_request(
        &mut self,
        now: Timestamp,
        function: usize,
        source: Source,
        mut request: HttpRequest,
    ) {
        let invocation = self.ids.guid();
        let product = format!("Azure-Functions-Host/{HOST_VERSION}");
        let agent = match request.header("user-agent") {
            Some(agent) => format!("{agent} {product}"),
            None => product,
        };
        request.headers.retain(|(name, _)| {
            !["user-agent", "x-azure-functions-hostversion", "x-azure-functions-invocationid"]
                .contains(&name.to_ascii_lowercase().as_str())
        });
        let traceparent = self.ids.traceparent();
        let mut add = |name: &str, value: String| request.headers.push((name.to_owned(), value));
        add("X-Azure-Functions-HostVersion", HOST_VERSION.to_owned());
        add("X-Azure-Functions-InvocationId", invocation.clone());
        add("User-Agent", agent);
        if request.header("traceparent").is_none() {
            request.headers.push(("traceparent".into(), traceparent));
        }
        let name = self.app.functions[function].name.clone();
        let started = Note::Started { function: name, invocation: invocation.clone() };
        self.out.push(Output::Tell(started));
        let deadline = self.app.host.function_timeout.map(|limit| now + limit);
        let number = self.issue();
        self.calls.insert(number, Call { function, invocation, source, deadline, request });
        match self.process.handler() {
            Handler::Ready => self.send(number),
            Handler::NotYet => self.waiting.push_back(number),
            Handler::Gone => {
                let refused = "Connection refused (127.0.0.1)".to_owned();
                self.end(now, number, Err(refused));
            }
        }
    }

    /// The handler is ready: everything that waited goes out.
    pub(super) fn send_waiting(&mut self) {
        while let Some(call) = self.waiting.pop_front() {
            self.send(call);
        }
    }

    pub(super) fn answered(
        &mut self,
        now: Timestamp,
        number: u64,
        answer: Result<HttpResponse, String>,
    ) {
        let Some(call) = self.calls.get(&number) else { return };
        let response = match answer {
            Ok(response) => response,
            Err(problem) => return self.end(now, number, Err(problem)),
        };
        if let Source::Client { id, forwarded: true } = call.source {
            // Any status is a success of the function and the client's answer.
            self.out.push(Output::Respond { id, response });
            return self.finish(number, None);
        }
        match response::read(&response) {
            Reading::Succeeded(answer) => {
                let category = format!("Function.{}.User", self.app.functions[call.function].name);
                for line in &answer.logs {
                    self.tell(Level::Information, &category, line.clone());
                }
                self.end(now, number, Ok(answer));
            }
            Reading::Failed(problem) => self.end(now, number, Err(problem)),
            Reading::Hangs => {
                let text = "The handler answered without a value: the invocation never completes.";
                self.tell(Level::Warning, "Host.Function", text.to_owned());
            }
        }
    }

    /// Everything that was sent to the process that is gone has failed; what waits, waits on.
    pub(super) fn break_calls(&mut self, now: Timestamp, problem: &str) {
        let sent: Vec<u64> =
            self.calls.keys().filter(|call| !self.waiting.contains(call)).copied().collect();
        for call in sent {
            self.end(now, call, Err(problem.to_owned()));
        }
    }

    /// A function that ran out of time costs the whole handler its life.
    pub(super) fn time_out_calls(&mut self, now: Timestamp) {
        let late: Vec<u64> = self
            .calls
            .iter()
            .filter(|(_, call)| call.deadline.is_some_and(|deadline| deadline <= now))
            .map(|(number, _)| *number)
            .collect();
        if late.is_empty() {
            return;
        }
        for number in late {
            self.waiting.retain(|waiting| *waiting != number);
            self.end(now, number, Err("Timeout value exceeded by function.".into()));
        }
        self.kill_and_restart(now);
    }

    fn send(&mut self, number: u64) {
        let generation = self.process.generation;
        if let Some(call) = self.calls.get(&number) {
            let request = call.request.clone();
            self.out.push(Output::Call { generation, call: number, request });
        }
    }

    /// Tells whoever waits how an invocation in the envelope contract ended.
    fn end(&mut self, now: Timestamp, number: u64, result: Result<Answer, String>) {
        let Some(call) = self.calls.get(&number) else { return };
        let (function, source) = (call.function, call.source.clone());
        let mut failure = result.as_ref().err().cloned();
        match source {
            Source::Client { id, .. } => {
                let output = self.app.functions[function].outputs.first();
                let made = result.and_then(|answer| match output {
                    Some(output) => answer.http(output),
                    // Without an http output the client gets an empty answer.
                    None => Ok(HttpResponse::empty(204)),
                });
                failure = made.as_ref().err().cloned();
                let response = made.unwrap_or_else(|_| HttpResponse::empty(500));
                self.out.push(Output::Respond { id, response });
            }
            Source::Message { listener, slot } => {
                self.message_ended(listener, slot, result.is_ok());
            }
            Source::Timer { timer } => self.timer_ended(now, timer),
            Source::Hand => {}
        }
        self.finish(number, failure);
    }

    fn finish(&mut self, number: u64, failure: Option<String>) {
        let Some(call) = self.calls.remove(&number) else { return };
        let function = self.app.functions[call.function].name.clone();
        self.out.push(Output::Tell(Note::Ended { function, invocation: call.invocation, failure }));
    }
}
