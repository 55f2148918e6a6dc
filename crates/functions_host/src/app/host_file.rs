//! `host.json`.

use std::path::PathBuf;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Settings, expand, json};

/// What this host honours of `host.json`, with the real host's defaults.
#[derive(Debug, Clone)]
pub struct HostFile {
    pub executable: String,
    pub arguments: Vec<String>,
    /// Below the app's root; empty for the root.
    pub working_directory: PathBuf,
    /// Every line of stderr is an error unless it says "warn".
    pub stderr_for_errors_only: bool,
    pub forwards_http: bool,
    pub initialization_timeout: SignedDuration,
    /// None: no limit.
    pub function_timeout: Option<SignedDuration>,
    pub route_prefix: String,
    pub max_concurrent_sessions: usize,
    pub max_concurrent_calls: usize,
    pub max_auto_lock_renewal: SignedDuration,
    pub session_idle_timeout: SignedDuration,
}

/// 30 minutes on every plan but the old Consumption plan.
const FUNCTION_TIMEOUT: SignedDuration = SignedDuration::from_mins(30);
/// A setting of this prefix overrides a value of `host.json`.
const OVERRIDE: &str = "AzureFunctionsJobHost__";

impl HostFile {
    pub(super) fn parse(file: &Value, settings: &Settings) -> Result<Self, String> {
        if json::text(file, &["version"]).as_deref() != Some("2.0") {
            return Err("version must be \"2.0\"".into());
        }
        let handler = json::find(file, &["customHandler"])
            .ok_or("customHandler is missing: this host runs custom handlers only")?;
        refuse_what_is_not_reproduced(file, handler)?;
        let description = json::find(handler, &["description"]).unwrap_or(&Value::Null);
        let executable = json::text(description, &["defaultExecutablePath"])
            .filter(|path| !path.is_empty())
            .ok_or("customHandler.description.defaultExecutablePath is required")?;
        let arguments = match json::find(description, &["arguments"]) {
            None => Vec::new(),
            Some(Value::Array(arguments)) => arguments.clone(),
            // As a setting it is a JSON array in a string.
            Some(Value::String(text)) => {
                serde_json::from_str(text).map_err(|error| format!("arguments: {error}"))?
            }
            Some(_) => return Err("arguments must be an array".into()),
        };
        // Arguments are joined with blanks and not quoted, so one with a blank becomes two.
        let arguments = arguments
            .iter()
            .filter_map(Value::as_str)
            .flat_map(|text| {
                let text = expand_or_drop(text, settings);
                text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        let bus = json::find(file, &["extensions", "serviceBus"]).unwrap_or(&Value::Null);
        let try_timeout = json::span(bus, &["clientRetryOptions", "tryTimeout"])?
            .unwrap_or(SignedDuration::from_mins(1));
        Ok(Self {
            executable: expand(&executable, settings),
            arguments,
            working_directory: json::text(description, &["workingDirectory"])
                .unwrap_or_default()
                .into(),
            stderr_for_errors_only: json::flag(
                description,
                &["useStdErrorStreamForErrorsOnly"],
                true,
            )?,
            forwards_http: json::flag(handler, &["enableForwardingHttpRequest"], false)?,
            initialization_timeout: json::span(handler, &["initializationTimeout"])?
                .unwrap_or(SignedDuration::from_secs(30)),
            function_timeout: function_timeout(file)?,
            route_prefix: json::text(file, &["extensions", "http", "routePrefix"])
                .unwrap_or_else(|| "api".into())
                .trim_matches('/')
                .to_owned(),
            max_concurrent_sessions: json::whole(bus, &["maxConcurrentSessions"], 8)?,
            max_concurrent_calls: json::whole(bus, &["maxConcurrentCalls"], 16)?,
            max_auto_lock_renewal: json::span(bus, &["maxAutoLockRenewalDuration"])?
                .unwrap_or(SignedDuration::from_mins(5)),
            session_idle_timeout: json::span(bus, &["sessionIdleTimeout"])?.unwrap_or(try_timeout),
        })
    }
}

/// `AzureFunctionsJobHost__customHandler__port=1` sets `customHandler.port`.
pub(super) fn override_by_settings(file: &mut Value, settings: &Settings) {
    for (name, text) in settings {
        let Some(path) = name.strip_prefix(OVERRIDE) else { continue };
        let mut place = &mut *file;
        for part in path.split("__") {
            if !place.is_object() {
                *place = json!({});
            }
            let Value::Object(fields) = place else { continue };
            let known = fields.keys().find(|key| key.eq_ignore_ascii_case(part)).cloned();
            place = fields.entry(known.unwrap_or_else(|| part.to_owned())).or_insert(Value::Null);
        }
        *place = Value::from(text.as_str());
    }
}

fn refuse_what_is_not_reproduced(file: &Value, handler: &Value) -> Result<(), String> {
    if json::flag(handler, &["enableProxyingHttpRequest"], false)? {
        return Err("enableProxyingHttpRequest is not reproduced by this host".into());
    }
    if json::find(handler, &["http", "routes"]).is_some() {
        return Err("customHandler.http.routes cannot be combined with function.json files".into());
    }
    if json::find(handler, &["port"]).is_some() {
        return Err("customHandler.port is not reproduced by this host".into());
    }
    match json::text(file, &["configurationProfile"]).as_deref() {
        None | Some("" | "default") => Ok(()),
        Some(profile) => {
            Err(format!("configurationProfile {profile:?} is not reproduced by this host"))
        }
    }
}

fn function_timeout(file: &Value) -> Result<Option<SignedDuration>, String> {
    match json::text(file, &["functionTimeout"]).as_deref() {
        Some("-1") => Ok(None),
        _ => Ok(Some(json::span(file, &["functionTimeout"])?.unwrap_or(FUNCTION_TIMEOUT))),
    }
}

/// In arguments an unknown `%NAME%` becomes nothing.
fn expand_or_drop(text: &str, settings: &Settings) -> String {
    let expanded = expand(text, settings);
    let mut kept = String::new();
    let mut parts = expanded.split('%');
    while let Some(plain) = parts.next() {
        kept.push_str(plain);
        parts.next();
    }
    kept
}
