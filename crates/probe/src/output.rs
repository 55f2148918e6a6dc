//! Writes a recording: a file for each exchange, a summary, and what its owner reads first.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use azure::{Response, Target};
use recovery::Plan;
use recovery::plan::Entry;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

use crate::recorder::Exchange;
use crate::review::Review;
use crate::sanitise::Sanitiser;
use crate::walk::{AFTER_A_CHANGE, READS};

/// The headers that say something about the service; any other is not kept.
const HEADERS: &[&str] = &[
    "azure-asyncoperation",
    "content-type",
    "date",
    "etag",
    "location",
    "retry-after",
    "x-ms-correlation-request-id",
    "x-ms-failure-cause",
    "x-ms-request-id",
    "x-ms-routing-request-id",
];
const HEADERS_OF_THROTTLING: &str = "x-ms-ratelimit-";

/// How the parts of a recording are called.
pub const SUMMARY: &str = "summary.json";
pub const REVIEW: &str = "review.txt";

/// A sanitised recording: what is written, and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// File names with their contents, in the order in which they were asked.
    pub exchanges: Vec<(String, Value)>,
    pub summary: Value,
    pub review: String,
}

impl Recording {
    /// Sanitises a recording: first all of it is learnt, then all of it is told.
    pub fn of(sanitiser: &mut Sanitiser, plan: &Plan, exchanges: &[Exchange]) -> Self {
        learn_plan(sanitiser, plan);
        for exchange in exchanges {
            told(sanitiser, exchange);
        }
        let exchanges: Vec<(String, Value)> = exchanges
            .iter()
            .enumerate()
            .map(|(index, exchange)| {
                let constructor = exchange.constructor.replace("::", ".");
                (format!("{:03}-{constructor}.json", index + 1), told(sanitiser, exchange))
            })
            .collect();
        let summary = summary(&exchanges);
        let mut review = Review::default();
        for (_, exchange) in &exchanges {
            review.add(exchange);
        }
        Self { exchanges, summary, review: review.to_string() }
    }

    /// Writes it into a folder of its own.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (name, exchange) in &self.exchanges {
            fs::write(folder.join(name), pretty(exchange)?)?;
        }
        fs::write(folder.join(SUMMARY), pretty(&self.summary)?)?;
        fs::write(folder.join(REVIEW), &self.review)
    }

    /// The exchanges that brought no answer, or one that is no success.
    pub fn without_success(&self) -> usize {
        self.exchanges.iter().filter(|(_, exchange)| !is_success(exchange)).count()
    }
}

fn is_success(exchange: &Value) -> bool {
    (200..300).contains(&exchange["response"]["status"].as_u64().unwrap_or(0))
}

/// The names that the plan says are names, whatever else answers.
fn learn_plan(sanitiser: &mut Sanitiser, plan: &Plan) {
    let sites = [&plan.preferred, &plan.standby];
    let mut ids = vec![&plan.traffic_manager_profile, &plan.site_recovery.vault];
    for site in sites {
        ids.extend([&site.sql_server, &site.traffic_endpoint]);
        ids.extend(site.public_ips.iter().map(|it| &it.public_ip));
        if let Entry::ApplicationGateway { gateway, .. } = &site.entry {
            ids.push(gateway);
        }
        for address in &site.public_ips {
            sanitiser.learn_name(address.machine.trim_end_matches('*'), "machine");
        }
    }
    ids.extend(plan.drill.iter().map(|drill| &drill.network));
    for id in ids {
        sanitiser.path(id.as_str());
    }
    sanitiser.learn_name(&plan.failover_group, "failovergroups");
    sanitiser.learn_name(&plan.site_recovery.recovery_plan, "recoveryplans");
    sanitiser.learn_name(&plan.workload.to_string(), "workload");
    for path in [Some(&plan.application.path), plan.application.data_path.as_ref()] {
        sanitiser.path(path.map_or("", String::as_str));
    }
    if let Some(notify) = &plan.notify {
        sanitiser.text(&notify.webhook);
    }
}

/// An exchange as it is written.
fn told(sanitiser: &mut Sanitiser, exchange: &Exchange) -> Value {
    let request = &exchange.request;
    let address = match &request.target {
        Target::Path { .. } => sanitiser.path(&request.target.path_and_query()),
        Target::Verbatim(url) => sanitiser.text(url),
    };
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let mut told = json!({
        "constructor": exchange.constructor,
        "request": {
            "method": request.method,
            "path": path,
            "query": query,
            "action": request.action,
        },
        "response": null,
    });
    match &exchange.outcome {
        Ok(response) => told["response"] = response_told(sanitiser, response),
        Err(error) => told["trouble"] = json!(sanitiser.text(&error.to_string())),
    }
    told
}

fn response_told(sanitiser: &mut Sanitiser, response: &Response) -> Value {
    let is_kept = |name: &str| HEADERS.contains(&name) || name.starts_with(HEADERS_OF_THROTTLING);
    let headers: Vec<[String; 2]> = response
        .headers
        .iter()
        .filter(|(name, _)| is_kept(&name.to_ascii_lowercase()))
        .map(|(name, value)| [name.clone(), header(sanitiser, name, value)])
        .collect();
    let mut told = json!({"status": response.status, "headers": headers});
    match serde_json::from_slice::<Value>(&response.body) {
        Ok(body) => {
            let body = sanitiser.json(&body);
            told["body"] = body.value;
            if !body.removed.is_empty() {
                told["removed"] = json!(body.removed);
            }
        }
        Err(_) if response.body.is_empty() => told["body"] = Value::Null,
        // A page of a proxy, with whatever it says: its length is enough.
        Err(_) => told["not_json_bytes"] = json!(response.body.len()),
    }
    told
}

fn header(sanitiser: &mut Sanitiser, name: &str, value: &str) -> String {
    if name.eq_ignore_ascii_case("date") || name.eq_ignore_ascii_case("content-type") {
        sanitiser.word(value)
    } else {
        sanitiser.text(value)
    }
}

fn summary(exchanges: &[(String, Value)]) -> Value {
    let mut answers: BTreeMap<&str, BTreeMap<String, u32>> = BTreeMap::new();
    let mut without_success = Vec::new();
    let mut asked_of: BTreeMap<&str, &Value> = BTreeMap::new();
    for (file, exchange) in exchanges {
        let constructor = exchange["constructor"].as_str().unwrap_or_default();
        asked_of.insert(constructor, &exchange["request"]["action"]);
        let status = &exchange["response"]["status"];
        let shown = status.as_u64().map_or_else(|| "none".to_owned(), |it| it.to_string());
        *answers.entry(constructor).or_default().entry(shown).or_default() += 1;
        if !is_success(exchange) {
            let code = &exchange["response"]["body"]["error"]["code"];
            without_success.push(json!({
                "file": file,
                "status": status,
                "code": code,
                "trouble": exchange["trouble"],
            }));
        }
    }
    let never: Vec<&&str> = READS.iter().filter(|it| !answers.contains_key(**it)).collect();
    json!({
        "probe": env!("CARGO_PKG_VERSION"),
        "exchanges": exchanges.len(),
        "answers": answers,
        "actions": asked_of,
        "without_success": without_success,
        "nothing_to_ask": never,
        "only_after_a_change": AFTER_A_CHANGE,
    })
}

/// As the fixtures of `azure` are written: one blank for each level.
fn pretty(value: &Value) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
    value.serialize(&mut serializer)?;
    bytes.push(b'\n');
    Ok(bytes)
}
