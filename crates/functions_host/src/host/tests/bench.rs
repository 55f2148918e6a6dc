//! A host without a world: inputs are given by hand, outputs are looked at.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::app::{App, Settings};
use crate::host::{Host, Input, Note, Options, Output};
use crate::message::{Message, Settlement};
use crate::wire::{HttpRequest, HttpResponse, ScheduleStatus};

pub(super) struct Bench {
    pub(super) host: Host,
    pub(super) now: Timestamp,
    /// What came out since it was last looked at.
    pub(super) out: Vec<Output>,
}

pub(super) const FINE: &str = r#"{"Outputs":{},"Logs":[],"ReturnValue":null}"#;

pub(super) struct Setup {
    pub(super) host: Value,
    pub(super) functions: Vec<(String, Value)>,
    pub(super) schedules: Vec<(String, ScheduleStatus)>,
    pub(super) duplicate_every: Option<u64>,
}

impl Setup {
    pub(super) fn new(functions: &[(&str, Value)]) -> Self {
        let host = json!({
            "version": "2.0", "functionTimeout": "00:05:00",
            "customHandler": {"description": {"defaultExecutablePath": "farshore",
                "arguments": ["--quiet"]}, "enableForwardingHttpRequest": true},
            "extensions": {"serviceBus": {"maxConcurrentSessions": 2,
                "maxAutoLockRenewalDuration": "00:06:00", "sessionIdleTimeout": "00:00:05"}},
        });
        let functions =
            functions.iter().map(|(name, file)| ((*name).to_owned(), file.clone())).collect();
        Self { host, functions, schedules: Vec::new(), duplicate_every: None }
    }

    /// A host that has not been started.
    pub(super) fn build(self) -> Bench {
        let name = "ServiceBus__fullyQualifiedNamespace".to_owned();
        let settings = Settings::from([(name, "ns.servicebus.windows.net".to_owned())]);
        let app = App::from_json(Path::new("/app"), self.host, self.functions, &settings).unwrap();
        let options = Options {
            handler_port: 4242,
            function_keys: vec!["key".into()],
            master_key: Some("master".into()),
            receiver: "host-1".into(),
            poll_every: SignedDuration::from_millis(100),
            duplicate_every: self.duplicate_every,
            schedules: self.schedules.into_iter().collect(),
            seed: 1,
        };
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        Bench { host: Host::new(app, options), now, out: Vec::new() }
    }

    /// A host whose handler is ready.
    pub(super) fn start(self) -> Bench {
        let mut bench = self.build();
        bench.give(Input::Start);
        bench.give(Input::Probed { generation: 1, answered: true });
        bench
    }
}

impl Bench {
    pub(super) fn give(&mut self, input: Input) {
        let out = self.host.handle(self.now, input);
        self.out.extend(out);
    }

    /// Lets time pass, waking the host whenever it wants.
    pub(super) fn pass(&mut self, seconds: i64) {
        let end = self.now + SignedDuration::from_secs(seconds);
        while let Some(due) = self.host.next_due().filter(|due| *due <= end) {
            assert!(due >= self.now || self.host.stopped().is_some(), "{due} is past");
            self.now = self.now.max(due);
            self.give(Input::Time);
        }
        self.now = end;
    }

    pub(super) fn forget(&mut self) {
        self.out.clear();
    }

    /// The calls that came out, with their numbers.
    pub(super) fn calls(&mut self) -> Vec<(u64, HttpRequest)> {
        self.take(|output| match output {
            Output::Call { call, request, .. } => Some((*call, request.clone())),
            _ => None,
        })
    }

    /// The one call that came out.
    pub(super) fn call(&mut self) -> (u64, HttpRequest) {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{:?}", self.out);
        calls.remove(0)
    }

    pub(super) fn answer(&mut self, call: u64, status: u16, body: &str) {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let response = HttpResponse { status, headers, body: body.into() };
        self.give(Input::Answered { call, answer: Ok(response) });
    }

    pub(super) fn responses(&mut self) -> Vec<HttpResponse> {
        self.take(|output| match output {
            Output::Respond { response, .. } => Some(response.clone()),
            _ => None,
        })
    }

    /// Lock tokens and outcomes.
    pub(super) fn settlements(&mut self) -> Vec<(String, Settlement, u64)> {
        self.take(|output| match output {
            Output::Settle { lock_token, settlement, slot, .. } => {
                Some((lock_token.clone(), *settlement, *slot))
            }
            _ => None,
        })
    }

    pub(super) fn notes(&mut self) -> Vec<Note> {
        self.take(|output| match output {
            Output::Tell(note) => Some(note.clone()),
            _ => None,
        })
    }

    pub(super) fn failures(&mut self) -> Vec<String> {
        let notes = self.notes();
        notes
            .into_iter()
            .filter_map(|note| match note {
                Note::Ended { failure, .. } => failure,
                _ => None,
            })
            .collect()
    }

    pub(super) fn count(&self, what: impl Fn(&Output) -> bool) -> usize {
        self.out.iter().filter(|output| what(output)).count()
    }

    pub(super) fn deliver(&mut self, messages: Vec<Message>) {
        self.give(Input::Received { listener: 0, messages: Ok(messages) });
    }

    /// The broker took the settlement.
    pub(super) fn settle(&mut self) -> (String, Settlement) {
        let mut settlements = self.settlements();
        assert_eq!(settlements.len(), 1, "{:?}", self.out);
        let (token, settlement, slot) = settlements.remove(0);
        self.give(Input::Settled { listener: 0, slot, result: Ok(()) });
        (token, settlement)
    }

    pub(super) fn get(&mut self, target: &str, headers: &[(&str, &str)]) {
        self.send("GET", target, headers, "");
    }

    pub(super) fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) {
        let headers =
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let request = HttpRequest {
            method: method.into(),
            target: target.into(),
            headers,
            body: body.into(),
            chunked: false,
        };
        self.give(Input::Request { id: 7, request });
    }

    pub(super) fn message(&self, session: &str, id: &str) -> Message {
        serde_json::from_value(json!({
            "lock_token": format!("lock-{id}"), "session_token": format!("session-{session}"),
            "session_id": session, "message_id": id, "sequence_number": 1, "delivery_count": 1,
            "enqueued_at": self.now, "expires_at": self.now + SignedDuration::from_hours(1),
            "locked_until": self.now + SignedDuration::from_secs(60), "body": "aGVsbG8=",
        }))
        .unwrap()
    }

    fn take<T>(&mut self, pick: impl Fn(&Output) -> Option<T>) -> Vec<T> {
        let picked = self.out.iter().filter_map(&pick).collect();
        self.out.retain(|output| pick(output).is_none());
        picked
    }
}

pub(super) fn wakes() -> (&'static str, Value) {
    (
        "advance_run",
        json!({"bindings": [{"type": "serviceBusTrigger", "direction": "in",
        "name": "message", "queueName": "wakes", "connection": "ServiceBus",
        "isSessionsEnabled": true, "dataType": "binary"}]}),
    )
}

pub(super) fn timer(schedule: &str, more: &Value) -> (&'static str, Value) {
    let mut binding = json!({"type": "timerTrigger", "direction": "in", "name": "timer",
        "schedule": schedule});
    for (name, value) in more.as_object().unwrap() {
        binding[name] = value.clone();
    }
    ("sweep", json!({"bindings": [binding]}))
}

pub(super) fn http(
    name: &'static str,
    route: &str,
    level: &str,
    method: &str,
) -> (&'static str, Value) {
    (
        name,
        json!({"bindings": [
            {"type": "httpTrigger", "direction": "in", "name": "request", "authLevel": level,
                "methods": [method], "route": route},
            {"type": "http", "direction": "out", "name": "response"},
        ]}),
    )
}
