//! What can go wrong, sorted by what to do about it.

use std::fmt;

use jiff::SignedDuration;
use serde_json::Value;

use crate::Response;
use crate::json::Read;

/// A failed request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 429: nothing was started. `retry_after` is an order; asking earlier renews the wait.
    #[error("throttled ({code}): {message}")]
    Throttled { retry_after: Option<SignedDuration>, code: String, message: String },
    /// 404 or 410.
    #[error("not found ({code}): {message}")]
    NotFound { code: String, message: String },
    /// 409 or 412: the state is not what the request assumed. Read it again, then decide.
    #[error("conflict ({code}): {message}")]
    Conflict { code: String, message: String },
    /// Any other 4xx: asking again changes nothing.
    #[error("rejected with {status} ({code}): {message}")]
    Rejected { status: u16, code: String, message: String },
    /// 5xx or 408. For anything but a read this is ambiguous: it may have been started.
    /// `retry_after` is an order where the status is 503.
    #[error("unavailable with {status} ({code}): {message}")]
    Unavailable { status: u16, code: String, message: String, retry_after: Option<SignedDuration> },
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There was an answer that cannot be read. For anything but a read this is ambiguous.
    #[error("not understood: {what}")]
    Malformed { what: String },
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request never left: certainly nothing was started.
    #[error("not sent: {0}")]
    NotSent(Trouble),
    /// The request may have arrived.
    #[error("no answer: {0}")]
    Ambiguous(Trouble),
}

/// What stood in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub kind: TroubleKind,
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TroubleKind {
    /// No answer within the limit.
    Timeout,
    /// No connection: refused, unreachable, or TLS.
    Connect,
    /// The name did not resolve.
    Dns,
    /// The connection broke.
    Reset,
    /// The answer did not end where it should have.
    TooLong,
    /// No access token.
    Token,
    /// The address is not on the configured endpoint.
    ForeignHost,
    /// A setting cannot be used.
    Settings,
}

impl Error {
    /// The service answered 4xx, but not 408: it refused, and nothing was started.
    pub fn is_definite_rejection(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::NotFound { .. }
                | Self::Conflict { .. }
                | Self::Rejected { .. }
        )
    }

    /// Certainly nothing was started: refused, or never sent.
    pub fn nothing_started(&self) -> bool {
        self.is_definite_rejection() || matches!(self, Self::Transport(TransportError::NotSent(_)))
    }

    /// The same request may succeed later: throttling, an outage, a state in passing, or a token
    /// that has just been replaced.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::Conflict { .. } | Self::Unavailable { .. } => true,
            Self::Transport(
                TransportError::NotSent(trouble) | TransportError::Ambiguous(trouble),
            ) => !matches!(trouble.kind, TroubleKind::ForeignHost | TroubleKind::Settings),
            Self::Rejected { status, .. } => *status == 401,
            Self::NotFound { .. } | Self::Malformed { .. } => false,
        }
    }

    /// The service's own code; for Site Recovery the inner one, which says more.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Throttled { code, .. }
            | Self::NotFound { code, .. }
            | Self::Conflict { code, .. }
            | Self::Rejected { code, .. }
            | Self::Unavailable { code, .. } => Some(code),
            Self::Transport(_) | Self::Malformed { .. } => None,
        }
    }

    /// How long the service orders us to wait before asking again.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Throttled { retry_after, .. }
            | Self::Unavailable { status: 503, retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The error in an answer, if its status is one.
    pub fn of(response: &Response) -> Option<Self> {
        if response.is_success() {
            return None;
        }
        let status = response.status;
        let Problem { code, message } = Problem::of(response);
        let retry_after = response.retry_after();
        Some(match status {
            429 => Self::Throttled { retry_after, code, message },
            404 | 410 => Self::NotFound { code, message },
            // A lock that somebody set stays until somebody lifts it (recorded: Azure/azure-cli
            // test_lab_environment_mgmt).
            409 if code == "ScopeLocked" => Self::Rejected { status, code, message },
            409 | 412 => Self::Conflict { code, message },
            408 | 500..600 => Self::Unavailable { status, code, message, retry_after },
            400..500 => Self::Rejected { status, code, message },
            _ => Self::Malformed { what: format!("an answer with status {status}") },
        })
    }

    pub(crate) fn missing(what: &str, pointer: &str) -> Self {
        Self::Malformed { what: format!("{what} without {pointer}") }
    }
}

/// The longest code and message that are kept, in letters.
const CODE_MAX: usize = 120;
const MESSAGE_MAX: usize = 1000;

/// A code and a message, wherever the service put them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Problem {
    fn of(response: &Response) -> Self {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        // ARM and most providers wrap it; Traffic Manager and Network at times do not.
        let error = body.get("error").filter(|error| error.is_object()).unwrap_or(&body);
        let mut problem = Self::read(error);
        if problem.code.is_empty() {
            problem.code = format!("Http{}", response.status);
        }
        if problem.message.is_empty() {
            problem.message = excerpt(&response.body);
        }
        problem
    }

    /// What is said goes into journals and reports: as much of it as a person reads.
    fn shortened(code: String, message: String) -> Self {
        let shortened = |text: String, most: usize| match text.char_indices().nth(most) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        };
        Self { code: shortened(code, CODE_MAX), message: shortened(message, MESSAGE_MAX) }
    }

    /// Reads an object with `code`, `message` and perhaps `details`.
    pub(crate) fn read(error: &Value) -> Self {
        // Site Recovery says `BadRequest` outside and what it means in `details[0]`, which is
        // told by its `recommendedAction` (recorded: Azure/azure-cli-extensions A2A, 404).
        if let Some(inner) = error.list("/details").first()
            && inner.get("recommendedAction").is_some()
            && let Some(code) = inner.string("/code")
        {
            let message = inner.text("/message").or(error.text("/message")).unwrap_or_default();
            let message = match inner.text("/recommendedAction") {
                Some(advice) => format!("{message} {advice}"),
                None => message.to_owned(),
            };
            return Self::shortened(code, message.trim().to_owned());
        }
        let text = |pointer: &str| error.string(pointer).unwrap_or_default();
        Self::shortened(text("/code"), text("/message"))
    }
}

/// The beginning of a body that is not an error as we know it.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().filter(|c| !c.is_control()).take(200).collect()
}

impl Trouble {
    pub fn new(kind: TroubleKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            TroubleKind::Timeout => "out of time",
            TroubleKind::Connect => "no connection",
            TroubleKind::Dns => "name not resolved",
            TroubleKind::Reset => "connection broken",
            TroubleKind::TooLong => "answer too long",
            TroubleKind::Token => "no access token",
            TroubleKind::ForeignHost => "foreign address",
            TroubleKind::Settings => "unusable setting",
        };
        write!(formatter, "{kind}: {}", self.detail)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &Value) -> Error {
        let body = body.to_string().into_bytes();
        Error::of(&Response { status, headers: Vec::new(), body }).unwrap()
    }

    fn arm(status: u16, code: &str) -> Error {
        answer(status, &json!({"error": {"code": code, "message": "m"}}))
    }

    #[test]
    fn statuses_are_sorted_by_what_to_do() {
        let refused = [
            arm(400, "FailoverGroupFailoverRequestOnPrimary"),
            arm(401, "ExpiredAuthenticationToken"),
            arm(403, "AuthorizationFailed"),
            arm(404, "ResourceNotFound"),
            arm(409, "FailoverGroupBusy"),
            arm(412, "PreconditionFailed"),
            arm(429, "SubscriptionTooManyRequests"),
        ];
        for error in refused {
            assert!(error.is_definite_rejection() && error.nothing_started(), "{error:?}");
        }
        for error in
            [arm(408, "RequestTimeout"), arm(500, "x"), arm(503, "ServerTimeout"), arm(302, "x")]
        {
            assert!(!error.nothing_started(), "{error:?}");
        }
        assert!(arm(409, "FailoverGroupBusy").is_transient());
        assert!(arm(401, "ExpiredAuthenticationToken").is_transient());
        assert!(!arm(403, "AuthorizationFailed").is_transient());
    }

    #[test]
    fn a_lock_is_a_refusal_and_not_a_conflict_in_passing() {
        let error = arm(409, "ScopeLocked");
        assert!(matches!(error, Error::Rejected { status: 409, .. }) && !error.is_transient());
    }

    #[test]
    fn what_never_left_started_nothing_and_a_reset_is_open() {
        let trouble = Trouble::new(TroubleKind::Connect, "refused");
        let unsent = Error::from(TransportError::NotSent(trouble.clone()));
        assert!(unsent.nothing_started() && unsent.is_transient());
        assert!(!unsent.is_definite_rejection());
        assert!(!Error::from(TransportError::Ambiguous(trouble)).nothing_started());
    }

    #[test]
    fn site_recovery_says_what_it_means_in_the_details() {
        // Recorded: Azure/azure-cli-extensions test_siterecovery_A2A_selfcreated_scenarios.yaml.
        let error = answer(
            404,
            &json!({"error": {"code": "NotFound", "message": "Specified resource does not exist.",
                "details": [{"code": "ArmResourceDoesNotExist", "message": "Specified resource does not exist.",
                    "recommendedAction": "Verify ARM resource name details."}]}}),
        );
        assert_eq!(error.code(), Some("ArmResourceDoesNotExist"));
        assert!(error.to_string().ends_with("Verify ARM resource name details."), "{error}");
    }

    #[test]
    fn numeric_details_of_sql_do_not_hide_its_code() {
        let error = answer(
            409,
            &json!({"error": {"code": "FailoverGroupUnableToPerformGroupOperationOnDatabases",
                "message": "m", "details": [{"code": "40688", "message": "n"}]}}),
        );
        assert_eq!(error.code(), Some("FailoverGroupUnableToPerformGroupOperationOnDatabases"));
    }

    #[test]
    fn an_endless_message_is_kept_as_far_as_a_person_reads() {
        let long = "ü".repeat(1 << 20);
        let error = answer(409, &json!({"error": {"code": long, "message": long}}));
        assert!(error.code().unwrap().ends_with("ü…"));
        assert!(error.to_string().chars().count() < 1200);
    }

    #[test]
    fn an_error_without_an_envelope_is_read_too() {
        let error = answer(400, &json!({"code": "BadRequest", "message": "m"}));
        assert_eq!(error.code(), Some("BadRequest"));
        let html = Response { status: 502, headers: Vec::new(), body: b"<html>bad</html>".into() };
        let error = Error::of(&html).unwrap();
        assert_eq!(error.code(), Some("Http502"));
        assert!(error.to_string().contains("bad"));
    }

    #[test]
    fn waiting_is_an_order_on_429_and_503_alone() {
        let wait = |status| {
            let headers = vec![("retry-after".to_owned(), "7".to_owned())];
            Error::of(&Response { status, headers, body: Vec::new() }).unwrap().retry_after()
        };
        assert_eq!(wait(429), Some(SignedDuration::from_secs(7)));
        assert_eq!(wait(503), Some(SignedDuration::from_secs(7)));
        assert_eq!(wait(500), None);
    }
}
