//! HTTP: routes, keys, the admin API.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::calls::Source;
use super::process::Handler;
use super::{HOST_VERSION, Host, Output};
use crate::app::{AuthLevel, Trigger};
use crate::envelope::{Context, http, queue};
use crate::wire::{HttpRequest, HttpResponse};

/// The level of the master key.
const MASTER: &str = "Admin";

impl Host {
    pub(super) fn request(&mut self, now: Timestamp, id: u64, request: &HttpRequest) {
        let path = percent_encoding::percent_decode_str(request.path()).decode_utf8_lossy();
        let path = path.trim_matches('/').to_owned();
        if path.is_empty() {
            return self.respond(id, HttpResponse::empty(200));
        }
        if path.split('/').next().is_some_and(|first| first.eq_ignore_ascii_case("admin")) {
            let response = self.admin(now, &path, request);
            return self.respond(id, response);
        }
        let Some((function, parameters)) = self.route(&path, &request.method) else {
            return self.respond(id, HttpResponse::empty(404));
        };
        let Trigger::Http(trigger) = &self.app.functions[function].trigger else { return };
        let trigger = trigger.clone();
        let level = self.key_level(request);
        let may_pass = match trigger.auth_level {
            AuthLevel::Anonymous => true,
            AuthLevel::Function => level.is_some(),
            AuthLevel::Admin => level == Some(MASTER),
        };
        if !may_pass {
            return self.respond(id, HttpResponse::empty(401));
        }
        if trigger.forwarded {
            let source = Source::Client { id, forwarded: true };
            return self.invoke_request(now, function, source, http::forwarded(request));
        }
        let guid = self.ids.guid();
        let name = self.app.functions[function].name.clone();
        let context = Context { function: &name, now, random_guid: guid };
        let envelope = http::envelope(&context, &trigger, request, &parameters, level);
        self.invoke(now, function, Source::Client { id, forwarded: false }, &envelope);
    }

    /// The most specific route that matches path and method. A known path with another method is
    /// not found: the method is part of the route.
    fn route(&self, path: &str, method: &str) -> Option<(usize, BTreeMap<String, String>)> {
        let prefix = self.app.host.route_prefix.as_str();
        let path = match prefix {
            "" => path,
            prefix => {
                let head = path.get(..prefix.len())?;
                let rest = path.get(prefix.len()..)?;
                (head.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with('/')))
                    .then_some(rest)?
            }
        };
        let method = method.to_ascii_lowercase();
        let mut found: Vec<_> = self
            .app
            .functions
            .iter()
            .enumerate()
            .filter_map(|(at, function)| match &function.trigger {
                Trigger::Http(trigger)
                    if trigger.methods.is_empty() || trigger.methods.contains(&method) =>
                {
                    Some((at, &trigger.template, trigger.template.matches(path)?))
                }
                _ => None,
            })
            .collect();
        found.sort_by(|left, right| left.1.precedence(right.1));
        found.into_iter().next().map(|(at, _, parameters)| (at, parameters))
    }

    /// The level that the request's key opens.
    fn key_level(&self, request: &HttpRequest) -> Option<&'static str> {
        // The header is looked at first, and the query only without it.
        let key = request.header("x-functions-key").map(str::to_owned).or_else(|| {
            let pairs = request.query_pairs();
            pairs.into_iter().find(|(name, _)| name == "code").map(|(_, value)| value)
        })?;
        if self.options.master_key.as_ref() == Some(&key) {
            Some(MASTER)
        } else {
            self.options.function_keys.contains(&key).then_some("Function")
        }
    }

    fn admin(&mut self, now: Timestamp, path: &str, request: &HttpRequest) -> HttpResponse {
        let segments: Vec<String> = path.split('/').map(str::to_ascii_lowercase).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        if (request.method.as_str(), segments.as_slice()) == ("GET", &["admin", "host", "ping"]) {
            return HttpResponse::empty(200);
        }
        if self.key_level(request) != Some(MASTER) {
            return HttpResponse::empty(401);
        }
        match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["admin", "host", "status"]) => HttpResponse::json(200, &self.status()),
            ("POST", ["admin", "functions", name]) => {
                let named =
                    |function: &crate::app::Function| function.name.eq_ignore_ascii_case(name);
                match self.app.functions.iter().position(named) {
                    Some(function) => self.invoke_by_hand(now, function, request),
                    None => HttpResponse::empty(404),
                }
            }
            _ => HttpResponse::empty(404),
        }
    }

    fn invoke_by_hand(
        &mut self,
        now: Timestamp,
        function: usize,
        request: &HttpRequest,
    ) -> HttpResponse {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match &self.app.functions[function].trigger {
            Trigger::Http(_) => return HttpResponse::empty(400),
            Trigger::Timer(_) => self.timer_by_hand(now, function),
            Trigger::Queue(trigger) => {
                let Some(input) = body["input"].as_str() else { return HttpResponse::empty(400) };
                let guid = self.ids.guid();
                let name = &self.app.functions[function].name;
                let context = Context { function: name, now, random_guid: guid };
                let envelope = queue::by_hand(&context, trigger, input);
                self.invoke(now, function, Source::Hand, &envelope);
            }
        }
        HttpResponse::empty(202)
    }

    fn status(&self) -> Value {
        let handler = match self.process.handler() {
            Handler::Ready => "ready",
            Handler::NotYet => "starting",
            Handler::Gone => "gone",
        };
        json!({
            "state": "Running",
            "version": HOST_VERSION,
            "handler": {"state": handler, "generation": self.process.generation},
            "invocations": self.calls.len(),
        })
    }

    fn respond(&mut self, id: u64, response: HttpResponse) {
        self.out.push(Output::Respond { id, response });
    }
}
