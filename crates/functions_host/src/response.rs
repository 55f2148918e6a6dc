//! What the host makes of a handler's answer to an invocation.
//!
//! Source: `DefaultHttpWorkerService` and `HttpScriptInvocationResultExtensions`.

use serde_json::{Map, Value};

use crate::wire::HttpResponse;

/// The host's reading of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    Succeeded(Answer),
    Failed(String),
    /// A success without a body: the real host has no branch for it and waits for ever.
    Hangs,
}

/// A well-formed answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answer {
    outputs: Map<String, Value>,
    return_value: Value,
    /// Logged at Information, whatever they say.
    pub(crate) logs: Vec<String>,
}

/// Reads a handler's answer.
pub(crate) fn read(response: &HttpResponse) -> Reading {
    if !(200..300).contains(&response.status) {
        return Reading::Failed(format!(
            "Response status code does not indicate success: {}.",
            response.status
        ));
    }
    // An empty body has length 0 and is "no value" whatever its type; so is JSON null.
    let blank = response.body.iter().all(u8::is_ascii_whitespace);
    if response.body.is_empty() {
        return Reading::Hangs;
    }
    let kind = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !matches!(kind, "application/json" | "text/json") {
        return Reading::Failed(format!(
            "Invalid HttpResponseMessage: No MediaTypeFormatter is available to read an object of \
             type 'HttpScriptInvocationResult' from content with media type '{kind}'."
        ));
    }
    if blank {
        return Reading::Hangs;
    }
    match serde_json::from_slice(&response.body) {
        Ok(Value::Null) => Reading::Hangs,
        Ok(Value::Object(fields)) => answer(&fields),
        Ok(_) => invalid("the body is not an object"),
        Err(error) => invalid(&error.to_string()),
    }
}

impl Answer {
    /// The client's response of an HTTP function with this output binding.
    pub(crate) fn http(&self, output: &str) -> Result<HttpResponse, String> {
        let value = if output == "$return" {
            Some(&self.return_value)
        } else {
            // Without the output itself, an object returned counts as outputs.
            find(&self.outputs, output).or_else(|| find(self.return_value.as_object()?, output))
        };
        let parsed;
        let fields = match value {
            None | Some(Value::Null) => return Ok(HttpResponse::empty(200)),
            Some(Value::Object(fields)) => fields,
            Some(Value::String(text)) => {
                parsed = serde_json::from_str::<Map<String, Value>>(text)
                    .map_err(|_| "the http output is not an object".to_owned())?;
                &parsed
            }
            Some(_) => return Err("the http output is not an object".into()),
        };
        let status = match find(fields, "statusCode") {
            None | Some(Value::Null) => Some(200),
            Some(Value::Number(number)) => number.as_u64().and_then(|code| code.try_into().ok()),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let status = status
            .filter(|status| (100..1000).contains(status))
            .ok_or("statusCode is not a number")?;
        let mut headers: Vec<(String, String)> = find(fields, "headers")
            .and_then(Value::as_object)
            .map(|headers| {
                headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
            })
            .unwrap_or_default();
        let (body, kind) = match find(fields, "body") {
            None | Some(Value::Null) => (Vec::new(), None),
            Some(Value::String(text)) => {
                (text.clone().into_bytes(), Some("text/plain; charset=utf-8"))
            }
            Some(other) => {
                (other.to_string().into_bytes(), Some("application/json; charset=utf-8"))
            }
        };
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some(kind) = kind.filter(|_| !typed) {
            headers.push(("content-type".into(), kind.into()));
        }
        Ok(HttpResponse { status, headers, body })
    }
}

fn answer(fields: &Map<String, Value>) -> Reading {
    let outputs = match find(fields, "Outputs") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(outputs)) => outputs.clone(),
        Some(_) => return invalid("Outputs is not an object"),
    };
    let logs = match find(fields, "Logs") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(lines))
            if lines.iter().all(|line| !line.is_object() && !line.is_array()) =>
        {
            lines.iter().map(text).collect()
        }
        Some(_) => return invalid("Logs is not an array of strings"),
    };
    let return_value = find(fields, "ReturnValue").cloned().unwrap_or_default();
    Reading::Succeeded(Answer { outputs, return_value, logs })
}

fn invalid(problem: &str) -> Reading {
    Reading::Failed(format!("Invalid HttpResponseMessage: {problem}"))
}

/// Names are compared without regard to case.
fn find<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(status: u16, kind: &str, body: &str) -> HttpResponse {
        HttpResponse {
            status,
            headers: vec![("Content-Type".into(), kind.into())],
            body: body.into(),
        }
    }

    #[test]
    fn only_a_2xx_json_object_succeeds() {
        let json = "application/json; charset=utf-8";
        for (status, kind, body, expected) in [
            (200, json, r#"{"Outputs":{},"Logs":[],"ReturnValue":null}"#, "success"),
            (202, "text/json", "{}", "success"),
            (500, json, r#"{"Outputs":{}}"#, "does not indicate success: 500"),
            (302, json, "{}", "does not indicate success: 302"),
            (200, "text/plain", "{}", "No MediaTypeFormatter"),
            (200, json, "{", "Invalid HttpResponseMessage"),
            (200, json, "[]", "not an object"),
            (200, json, r#"{"Logs":"x"}"#, "Logs"),
            (200, json, r#"{"Outputs":[]}"#, "Outputs"),
        ] {
            let read = match read(&response(status, kind, body)) {
                Reading::Succeeded(_) => "success".to_owned(),
                Reading::Failed(problem) => problem,
                Reading::Hangs => "hangs".to_owned(),
            };
            assert!(read.contains(expected), "{status} {kind} {body}: {read}");
        }
    }

    #[test]
    fn a_success_without_a_value_hangs() {
        for (status, kind, body) in [
            (200, "application/json", ""),
            (200, "application/json", "null"),
            (200, "application/json", " \n"),
            (200, "text/plain", ""),
            (204, "", ""),
        ] {
            assert_eq!(read(&response(status, kind, body)), Reading::Hangs, "{status} {body:?}");
        }
    }

    #[test]
    fn the_http_output_makes_the_clients_response() {
        let of = |output: Value| {
            let body = json!({"Outputs": {"res": output}}).to_string();
            let Reading::Succeeded(answer) = read(&response(200, "application/json", &body)) else {
                panic!()
            };
            answer.http("res")
        };
        let full = json!({"statusCode": "202", "headers": {"x-a": "1"}, "body": "done"});
        let made = of(full).unwrap();
        assert_eq!((made.status, made.body.as_slice()), (202, b"done".as_slice()));
        assert_eq!(made.header("x-a"), Some("1"));
        assert_eq!(of(json!({"StatusCode": 503})).unwrap().status, 503);
        assert_eq!(of(json!({"body": {"a": 1}})).unwrap().body, br#"{"a":1}"#);
        assert_eq!(of(json!("{\"statusCode\":201}")).unwrap().status, 201);
        assert!(of(json!("text")).is_err() && of(json!({"statusCode": "x"})).is_err());
    }
}
