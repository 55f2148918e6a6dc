//! The envelope of an HTTP request that is not forwarded, and its forwarded form.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Context, overlay, scalar, set, sys};
use crate::app::HttpTrigger;
use crate::wire::HttpRequest;

/// Header names that describe the connection and not the request.
const HOP_BY_HOP: [&str; 6] =
    ["connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// The envelope. Source: `HttpRequestExtensions.GetRequestAsJObject`.
pub(crate) fn envelope(
    context: &Context<'_>,
    trigger: &HttpTrigger,
    request: &HttpRequest,
    parameters: &BTreeMap<String, String>,
    identity: Option<&str>,
) -> Value {
    let query: Map<String, Value> =
        merged_query(request).into_iter().map(|(name, value)| (name, value.into())).collect();
    let headers = grouped_headers(request);
    let host = request.header("host").unwrap_or("127.0.0.1");
    let mut data = json!({
        "Url": format!("http://{host}{}", request.target),
        "Method": request.method,
        "Query": query,
        "Headers": headers,
    });
    if !parameters.is_empty() {
        data["Params"] = json!(parameters);
    }
    data["Identities"] = identities(identity);
    let mut metadata = Map::new();
    set(&mut metadata, "Query", Value::Object(query.clone()));
    let flat: Map<String, Value> = headers
        .iter()
        .map(|(name, values)| (name.clone(), Value::from(values.join(","))))
        .collect();
    set(&mut metadata, "Headers", Value::Object(flat));
    for (name, value) in query.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("code")) {
        set(&mut metadata, name, scalar(value));
    }
    if has_body(request) {
        if is_binary(request) {
            data["Body"] = Value::String(STANDARD.encode(&request.body));
        } else {
            let text = String::from_utf8_lossy(&request.body).into_owned();
            overlay(&mut metadata, &text);
            data["Body"] = Value::String(text);
        }
    }
    for (name, value) in parameters {
        set(&mut metadata, name, scalar(&Value::from(value.as_str())));
    }
    set(&mut metadata, "sys", sys(context));
    json!({"Data": {trigger.binding.as_str(): data}, "Metadata": metadata})
}

/// The request as the handler gets it when it is forwarded: method, path and headers as they came,
/// repeated query keys merged with commas, the body only with a Content-Length above 0.
pub(crate) fn forwarded(request: &HttpRequest) -> HttpRequest {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in request.query().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match pairs.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => pairs.push((name.to_owned(), value.to_owned())),
        }
    }
    let query: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let target = if query.is_empty() {
        request.path().to_owned()
    } else {
        format!("{}?{}", request.path(), query.join("&"))
    };
    let body = if has_body(request) { request.body.clone() } else { Vec::new() };
    let headers = request
        .headers
        .iter()
        .filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            !HOP_BY_HOP.contains(&name.as_str()) && name != "content-length"
        })
        .cloned()
        .collect();
    HttpRequest { method: request.method.clone(), target, headers, body, chunked: false }
}

/// A body in chunks has no Content-Length, and is lost.
fn has_body(request: &HttpRequest) -> bool {
    request
        .header("content-length")
        .and_then(|length| length.trim().parse::<u64>().ok())
        .is_some_and(|length| length > 0)
}

fn is_binary(request: &HttpRequest) -> bool {
    request.header("content-type").is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.starts_with("application/octet-stream") || kind.starts_with("multipart/")
    })
}

fn merged_query(request: &HttpRequest) -> Vec<(String, String)> {
    let mut merged: Vec<(String, String)> = Vec::new();
    for (name, value) in request.query_pairs() {
        match merged.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => merged.push((name, value)),
        }
    }
    merged
}

fn grouped_headers(request: &HttpRequest) -> BTreeMap<String, Vec<String>> {
    let mut grouped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &request.headers {
        grouped.entry(name.clone()).or_default().push(value.clone());
    }
    grouped
}

fn identities(level: Option<&str>) -> Value {
    let Some(level) = level else { return json!([]) };
    json!([{
        "AuthenticationType": "WebJobsAuthLevel",
        "IsAuthenticated": true,
        "Claims": [{
            "Type": "http://schemas.microsoft.com/2017/07/functions/claims/authlevel",
            "Value": level,
            "Issuer": "LOCAL AUTHORITY",
        }],
    }])
}
