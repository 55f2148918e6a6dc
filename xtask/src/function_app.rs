//! The function app as the repository describes it: host.json and `handlers/*/function.json`.
//!
//! The shapes are stricter than the host's, which ignores a name it does not know: a typing
//! error in `isSessionsEnabled` would otherwise only show as messages out of order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The executable's name in host.json, in Cargo.toml and in the staged folder.
pub(crate) const EXECUTABLE: &str = "farshore";

#[derive(Debug)]
pub(crate) struct FunctionApp {
    pub(crate) host_path: PathBuf,
    pub(crate) host: HostSettings,
    pub(crate) functions: Vec<Function>,
}

/// One folder under `handlers/`.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) bindings: Vec<Binding>,
}

/// What of host.json has to agree with the rest of the repository.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HostSettings {
    version: String,
    function_timeout: String,
    custom_handler: CustomHandler,
    extensions: Extensions,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CustomHandler {
    description: Description,
    enable_forwarding_http_request: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Description {
    default_executable_path: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    service_bus: ServiceBusSettings,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceBusSettings {
    max_auto_lock_renewal_duration: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionFile {
    bindings: Vec<Binding>,
}

#[derive(Debug, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub(crate) enum Binding {
    HttpTrigger {
        direction: Direction,
        name: String,
        auth_level: String,
        methods: Vec<String>,
        route: String,
    },
    Http {
        direction: Direction,
        name: String,
    },
    ServiceBusTrigger {
        direction: Direction,
        name: String,
        queue_name: String,
        connection: String,
        is_sessions_enabled: bool,
        auto_complete_messages: bool,
        data_type: String,
    },
    TimerTrigger {
        direction: Direction,
        name: String,
        schedule: String,
        run_on_startup: bool,
        use_monitor: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    In,
    Out,
}

impl FunctionApp {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let host_path = root.join("host.json");
        let host = read_json(&host_path)?;
        let mut functions = Vec::new();
        for entry in fs::read_dir(root.join("handlers")).context("there is no handlers folder")? {
            let folder = entry?.path();
            let path = folder.join("function.json");
            if !path.is_file() {
                continue;
            }
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file: FunctionFile = read_json(&path)?;
            functions.push(Function { name, path, bindings: file.bindings });
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { host_path, host, functions })
    }
}

/// Everything that the host would refuse, or worse, accept and do otherwise than meant.
pub(crate) fn problems(app: &FunctionApp) -> Vec<String> {
    let mut problems = host_problems(&app.host);
    if app.functions.is_empty() {
        problems.push("handlers/ holds no function".to_owned());
    }
    for function in &app.functions {
        let mut say = |what: &str| problems.push(format!("{}: {what}", function.path.display()));
        if !is_function_name(&function.name) {
            say("the folder is no valid function name ([a-z][a-z0-9_-]{0,127})");
        }
        if !is_pure(&function.bindings) {
            say("expected one trigger, followed by one http output if it is an httpTrigger");
        }
        for binding in &function.bindings {
            binding_problems(binding).into_iter().for_each(&mut say);
        }
    }
    problems.extend(route_problems(&app.functions));
    problems
}

fn host_problems(host: &HostSettings) -> Vec<String> {
    let mut problems = Vec::new();
    let mut expect = |good: bool, what: &str| {
        if !good {
            problems.push(format!("host.json: {what}"));
        }
    };
    let handler = &host.custom_handler;
    let renewal = &host.extensions.service_bus.max_auto_lock_renewal_duration;
    expect(host.version == "2.0", "version is not 2.0");
    expect(
        handler.description.default_executable_path == EXECUTABLE,
        "defaultExecutablePath does not name the executable that is staged",
    );
    expect(handler.enable_forwarding_http_request, "HTTP requests are not forwarded");
    let spans = (seconds(&host.function_timeout), seconds(renewal));
    match spans {
        (Some(timeout), Some(renewal)) => expect(
            renewal >= timeout,
            "maxAutoLockRenewalDuration ends before functionTimeout: a message would run twice",
        ),
        _ => expect(false, "functionTimeout or maxAutoLockRenewalDuration is not hh:mm:ss"),
    }
    problems
}

/// The host forwards a request as it is only to functions of exactly this shape.
fn is_pure(bindings: &[Binding]) -> bool {
    use Binding::{Http, HttpTrigger, ServiceBusTrigger, TimerTrigger};
    use Direction::{In, Out};
    matches!(
        bindings,
        [HttpTrigger { direction: In, .. }, Http { direction: Out, .. }]
            | [ServiceBusTrigger { direction: In, .. } | TimerTrigger { direction: In, .. }]
    )
}

fn binding_problems(binding: &Binding) -> Vec<&'static str> {
    let checks: &[(bool, &'static str)] = match binding {
        Binding::HttpTrigger { name, auth_level, methods, .. } => &[
            (name == "request", "the httpTrigger is not named `request`"),
            (auth_level == "function", "authLevel is not `function`: nothing here is anonymous"),
            (!methods.is_empty(), "without methods the function takes them all"),
        ],
        Binding::Http { name, .. } => &[(name == "response", "the output is not `response`")],
        Binding::ServiceBusTrigger {
            name,
            queue_name,
            connection,
            is_sessions_enabled,
            auto_complete_messages,
            data_type,
            ..
        } => &[
            (name == "message", "the serviceBusTrigger is not named `message`"),
            (queue_name == "signals" || queue_name == "wakes", "the queue is none of ours"),
            (connection == "ServiceBus", "the connection is not `ServiceBus`"),
            (*is_sessions_enabled, "without sessions messages come out of order"),
            (*auto_complete_messages, "nothing else can settle a message"),
            (data_type == "binary", "without `binary` a body may overwrite the metadata"),
        ],
        Binding::TimerTrigger { name, schedule, run_on_startup, use_monitor, .. } => &[
            (name == "timer", "the timerTrigger is not named `timer`"),
            (schedule.split_whitespace().count() == 6, "the schedule has not six fields"),
            (!run_on_startup, "runOnStartup fires at each scale-out"),
            (!use_monitor, "useMonitor makes up for missed ticks, which these functions ignore"),
        ],
    };
    checks.iter().filter(|(good, _)| !good).map(|(_, what)| *what).collect()
}

fn route_problems(functions: &[Function]) -> Vec<String> {
    let mut taken: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    for function in functions {
        for binding in &function.bindings {
            let (methods, route) = match binding {
                Binding::HttpTrigger { methods, route, .. } => (methods.clone(), route),
                Binding::ServiceBusTrigger { queue_name, .. } => {
                    (vec!["queue".to_owned()], queue_name)
                }
                Binding::Http { .. } | Binding::TimerTrigger { .. } => continue,
            };
            for method in methods {
                taken.entry((method, route.clone())).or_default().insert(&function.name);
            }
        }
    }
    let shared = taken.into_iter().filter(|(_, by)| by.len() > 1);
    shared.map(|((how, what), by)| format!("{how} {what} belongs to several: {by:?}")).collect()
}

/// Azure/azure-functions-host, `Utility.cs`: the only names that the host accepts. It ignores
/// case; here a name is a Rust module too, so capitals are out.
fn is_function_name(name: &str) -> bool {
    let allowed = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "_-".contains(it);
    name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.len() <= 128
        && name.chars().all(allowed)
}

fn seconds(span: &str) -> Option<u32> {
    let parts: Vec<u32> = span.split(':').map(|it| it.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts[..] else { return None };
    (hours < 24 && minutes < 60 && seconds < 60).then_some((hours * 60 + minutes) * 60 + seconds)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not valid", path.display()))
}

#[cfg(test)]
mod tests;
