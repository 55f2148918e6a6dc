//! `<function>/function.json`.

use serde_json::Value;

use super::{HostFile, Settings, expand, json};
use crate::ncrontab::Schedule;
use crate::route::Template;

/// A function of the app.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its folder, and the path the host calls.
    pub name: String,
    pub trigger: Trigger,
    /// Names of its output bindings.
    pub outputs: Vec<String>,
}

/// What starts a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    Http(HttpTrigger),
    Queue(QueueTrigger),
    Timer(TimerTrigger),
}

/// `httpTrigger`.
#[derive(Debug, Clone)]
pub struct HttpTrigger {
    pub binding: String,
    pub(crate) template: Template,
    /// Lower case; empty for all.
    pub methods: Vec<String>,
    pub auth_level: AuthLevel,
    /// Sent as it came, not in an envelope.
    pub forwarded: bool,
}

/// `serviceBusTrigger`.
#[derive(Debug, Clone)]
pub struct QueueTrigger {
    pub binding: String,
    pub queue: String,
    pub sessions: bool,
    pub data_type: DataType,
    /// The namespace, as it appears in the metadata.
    pub namespace: String,
}

/// `timerTrigger`.
#[derive(Debug, Clone)]
pub struct TimerTrigger {
    pub binding: String,
    pub(crate) schedule: Schedule,
    pub use_monitor: bool,
    pub run_on_startup: bool,
}

/// Who may call an HTTP function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthLevel {
    Anonymous,
    Function,
    Admin,
}

/// How a message's body is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    String,
    Binary,
}

impl Function {
    /// `Ok(None)` for a disabled function.
    pub(super) fn parse(
        name: &str,
        file: &Value,
        host: &HostFile,
        settings: &Settings,
    ) -> Result<Option<Self>, String> {
        let disabled_by_setting = settings
            .get(&format!("AzureWebJobs.{name}.Disabled"))
            .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1");
        if json::flag(file, &["disabled"], false)? || disabled_by_setting {
            return Ok(None);
        }
        if json::find(file, &["retry"]).is_some() {
            return Err("retry policies are not reproduced by this host".into());
        }
        let bindings = json::find(file, &["bindings"]).and_then(Value::as_array);
        let bindings = bindings.ok_or("bindings are missing")?;
        let kind = |binding: &Value| json::text(binding, &["type"]).unwrap_or_default();
        let is_trigger = |binding: &&Value| kind(binding).to_ascii_lowercase().ends_with("trigger");
        let (triggers, others): (Vec<&Value>, Vec<&Value>) = bindings.iter().partition(is_trigger);
        let [trigger] = triggers.as_slice() else {
            return Err(format!("{} triggers; a function has exactly one", triggers.len()));
        };
        let mut outputs = Vec::new();
        for binding in others {
            let is_output = json::text(binding, &["direction"]).as_deref() == Some("out");
            if !kind(binding).eq_ignore_ascii_case("http") || !is_output {
                return Err(format!("binding {:?} is not reproduced by this host", kind(binding)));
            }
            outputs.push(json::text(binding, &["name"]).unwrap_or_else(|| "$return".into()));
        }
        let binding = json::text(trigger, &["name"]).ok_or("the trigger has no name")?;
        let trigger = match kind(trigger).to_ascii_lowercase().as_str() {
            "httptrigger" => {
                // "Pure" HTTP: one input, one output (IsHttpInAndOutFunction).
                let forwarded = host.forwards_http && outputs.len() == 1;
                Trigger::Http(http(name, trigger, binding, forwarded, settings)?)
            }
            "servicebustrigger" => Trigger::Queue(queue(trigger, binding, settings)?),
            "timertrigger" => Trigger::Timer(timer(trigger, binding, settings)?),
            other => return Err(format!("trigger {other:?} is not reproduced by this host")),
        };
        Ok(Some(Self { name: name.to_owned(), trigger, outputs }))
    }
}

fn http(
    name: &str,
    trigger: &Value,
    binding: String,
    forwarded: bool,
    settings: &Settings,
) -> Result<HttpTrigger, String> {
    let route = json::text(trigger, &["route"]).unwrap_or_else(|| name.to_owned());
    let methods = match json::find(trigger, &["methods"]) {
        None => Vec::new(),
        Some(Value::Array(methods)) => {
            methods.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
        }
        Some(_) => return Err("methods must be an array".into()),
    };
    let level = json::text(trigger, &["authLevel"]).unwrap_or_else(|| "function".into());
    let auth_level = match level.to_ascii_lowercase().as_str() {
        "anonymous" => AuthLevel::Anonymous,
        "function" => AuthLevel::Function,
        "admin" => AuthLevel::Admin,
        _ => return Err(format!("authLevel {level:?} is not known")),
    };
    let template = Template::parse(&expand(&route, settings))?;
    Ok(HttpTrigger { binding, template, methods, auth_level, forwarded })
}

fn queue(trigger: &Value, binding: String, settings: &Settings) -> Result<QueueTrigger, String> {
    let queue = json::text(trigger, &["queueName"]).ok_or("queueName is missing")?;
    if json::text(trigger, &["cardinality"]).is_some_and(|many| many.eq_ignore_ascii_case("many")) {
        return Err("cardinality many is not reproduced by this host".into());
    }
    if !json::flag(trigger, &["autoCompleteMessages"], true)? {
        return Err("a custom handler cannot settle: autoCompleteMessages must be true".into());
    }
    let data_type = match json::text(trigger, &["dataType"]) {
        None => DataType::String,
        Some(text) if text.eq_ignore_ascii_case("string") => DataType::String,
        Some(text) if text.eq_ignore_ascii_case("binary") => DataType::Binary,
        Some(text) => return Err(format!("dataType {text:?} is not reproduced by this host")),
    };
    let connection = json::text(trigger, &["connection"]).ok_or("connection is missing")?;
    let namespace = settings
        .get(&format!("{connection}__fullyQualifiedNamespace"))
        .or_else(|| settings.get(&connection))
        .ok_or_else(|| {
            format!(
                "Service Bus account connection string '{connection}' does not exist: set \
                 {connection}__fullyQualifiedNamespace"
            )
        })?;
    Ok(QueueTrigger {
        binding,
        queue: expand(&queue, settings),
        sessions: json::flag(trigger, &["isSessionsEnabled"], false)?,
        data_type,
        namespace: namespace.clone(),
    })
}

fn timer(trigger: &Value, binding: String, settings: &Settings) -> Result<TimerTrigger, String> {
    let schedule = json::text(trigger, &["schedule"]).ok_or("schedule is missing")?;
    Ok(TimerTrigger {
        binding,
        schedule: Schedule::parse(&expand(&schedule, settings))?,
        use_monitor: json::flag(trigger, &["useMonitor"], true)?,
        run_on_startup: json::flag(trigger, &["runOnStartup"], false)?,
    })
}
