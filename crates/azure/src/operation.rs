//! Long-running operations: what an accepted request says, and how its progress is read.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::error::Problem;
use crate::json::Read;
use crate::{Error, Request, ResourceId, Response, timestamp};

/// What the service said when it took a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// It is done already: 200, 201 or 204 without an operation to watch.
    pub finished: bool,
    /// The `Azure-AsyncOperation` address; where there is one it tells the status.
    pub operation_url: Option<String>,
    /// The `Location` address: 202 until the result is there.
    pub location_url: Option<String>,
    /// The Site Recovery job, by the operation's name: a plan's job is found by it, but its own
    /// name differs.
    pub job: Option<ResourceId>,
    /// How often the service would like to be asked; a hint.
    pub retry_after: Option<SignedDuration>,
    pub request_id: Option<String>,
}

/// How an operation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Running,
    Succeeded,
    Failed { code: String, message: String },
    Canceled,
}

/// A poll's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub status: Status,
    pub started: Option<Timestamp>,
    pub retry_after: Option<SignedDuration>,
}

impl Accepted {
    pub fn parse(response: &Response) -> Result<Self, Error> {
        if let Some(error) = Error::of(response) {
            return Err(error);
        }
        let operation_url = response.header("azure-asyncoperation").map(str::to_owned);
        let location_url = response.header("location").map(str::to_owned);
        // A synchronous creation may carry its own address in `Location`; 202 alone means "later".
        let finished = response.status != 202 && operation_url.is_none();
        Ok(Self {
            finished,
            operation_url,
            location_url,
            job: response.job_id(),
            retry_after: response.retry_after(),
            request_id: response.request_id().map(str::to_owned),
        })
    }

    /// The address to watch: the operation's where there is one.
    pub fn poll_url(&self) -> Option<&str> {
        self.operation_url.as_deref().or(self.location_url.as_deref())
    }
}

/// Asks how an operation stands, at the very address the service gave: it is signed, and up to
/// 4 KB long (recorded: Azure/azure-powershell A2AReprotectTest.json). `action` is the role action
/// that the resource's file names.
pub fn poll(url: &str, action: &'static str) -> Request {
    Request::follow(url, action)
}

/// Reads the answer of either address.
///
/// `Azure-AsyncOperation` answers 200 with a `status`; `Location` answers 202 until it answers 200
/// or 204 with the result, which has no `status`.
pub fn parse(response: &Response) -> Result<Progress, Error> {
    if let Some(error) = Error::of(response) {
        return Err(error);
    }
    let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let status = match body.text("/status") {
        Some(word) => status_of(word, &body),
        None if response.status == 202 => Status::Running,
        None => Status::Succeeded,
    };
    let started = body.text("/startTime").and_then(timestamp::parse);
    Ok(Progress { status, started, retry_after: response.retry_after() })
}

impl Status {
    pub fn is_over(&self) -> bool {
        *self != Self::Running
    }
}

/// ARM writes `Canceled`, Site Recovery `Cancelled`; anything unknown is still running.
fn status_of(word: &str, body: &Value) -> Status {
    match word.to_ascii_lowercase().as_str() {
        "succeeded" | "completed" => Status::Succeeded,
        "failed" => {
            let problem = body.get("error").map(Problem::read).unwrap_or_default();
            let code = if problem.code.is_empty() { "Failed".into() } else { problem.code };
            Status::Failed { code, message: problem.message }
        }
        "canceled" | "cancelled" | "aborted" => Status::Canceled,
        _ => Status::Running,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &Value) -> Result<Progress, Error> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        parse(&Response { status, headers: Vec::new(), body })
    }

    #[test]
    fn both_ways_of_polling_are_understood() {
        let status = |code, body: Value| answer(code, &body).unwrap().status;
        assert_eq!(status(200, json!({"status": "InProgress"})), Status::Running);
        assert_eq!(status(200, json!({"status": "Succeeded"})), Status::Succeeded);
        assert_eq!(status(200, json!({"status": "Canceled"})), Status::Canceled);
        assert_eq!(status(200, json!({"status": "Cancelled"})), Status::Canceled);
        assert_eq!(status(202, Value::Null), Status::Running);
        assert_eq!(status(202, json!({"status": "InProgress"})), Status::Running);
        assert_eq!(
            status(200, json!({"properties": {"replicationRole": "Primary"}})),
            Status::Succeeded
        );
        assert_eq!(status(204, Value::Null), Status::Succeeded);
    }

    #[test]
    fn a_failure_carries_its_code() {
        let body = json!({"name": "g", "status": "Failed", "startTime": "2026-11-22T10:00:00.1234567Z",
            "error": {"code": "FailoverGroupBusy", "message": "busy with another operation"}});
        let progress = answer(200, &body).unwrap();
        let expected = Status::Failed {
            code: "FailoverGroupBusy".into(),
            message: "busy with another operation".into(),
        };
        assert_eq!(progress.status, expected);
        assert!(progress.started.is_some());
        let bare = answer(200, &json!({"status": "Failed", "error": null})).unwrap().status;
        assert_eq!(bare, Status::Failed { code: "Failed".into(), message: String::new() });
    }

    #[test]
    fn an_operation_that_is_forgotten_is_an_error_and_not_a_failure() {
        assert!(matches!(answer(404, &json!({})), Err(Error::NotFound { .. })));
    }

    #[test]
    fn an_accepted_request_tells_where_to_look() {
        let headers = [
            ("azure-asyncoperation", "https://management.azure.com/op?s=1"),
            ("location", "https://management.azure.com/result?s=1"),
            ("retry-after", "30"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let response = Response { status: 202, headers, body: Vec::new() };
        let accepted = Accepted::parse(&response).unwrap();
        assert!(!accepted.finished);
        assert_eq!(accepted.poll_url(), Some("https://management.azure.com/op?s=1"));
        let done =
            Accepted::parse(&Response { status: 200, headers: Vec::new(), body: Vec::new() });
        assert!(done.unwrap().finished);
        let no = Accepted::parse(&Response { status: 400, headers: Vec::new(), body: Vec::new() });
        assert!(no.unwrap_err().is_definite_rejection());
    }
}
