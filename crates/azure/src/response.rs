//! An answer, and how its headers are read.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{Error, ResourceId};

/// What came back. Header names are lower-case; a header sent twice is here twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// How long the service asks us to wait: an order with 429 and 503, a hint with 202.
    /// Understands seconds and a date; a date counts from the answer's own `Date` when it has one,
    /// so that neither our clock nor a simulated one matters.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(SignedDuration::from_secs(seconds.into()));
        }
        let until = http_date(text)?;
        let now = self.header("date").and_then(http_date).unwrap_or_else(Timestamp::now);
        Some(until.duration_since(now).max(SignedDuration::ZERO))
    }

    /// `x-ms-request-id`: what support asks for. Site Recovery puts the job's ARM id here.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-ms-request-id")
    }

    /// The job that a Site Recovery action started, from `x-ms-request-id`
    /// (recorded: Azure/azure-powershell A2ARecoveryPlanReplication.json, where it comes twice).
    pub fn job_id(&self) -> Option<ResourceId> {
        let id = ResourceId::parse(self.request_id()?).ok()?;
        id.segment("replicationJobs").is_some().then_some(id)
    }

    /// The body as JSON, when the status is a success.
    pub(crate) fn json(&self, what: &str) -> Result<Value, Error> {
        if let Some(error) = Error::of(self) {
            return Err(error);
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::Malformed { what: format!("{what}: {error}") })
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(headers: &[(&str, &str)]) -> Response {
        let headers =
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Response { status: 202, headers, body: Vec::new() }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let wait = |headers: &[(&str, &str)]| with(headers).retry_after().map(|d| d.as_secs());
        assert_eq!(wait(&[("retry-after", "30")]), Some(30));
        let date = ("date", "Sun, 22 Nov 2026 10:00:00 GMT");
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 10:00:17 GMT"), date]), Some(17));
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT"), date]), Some(0));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "-5")]), None);
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn a_request_id_is_a_job_only_when_it_names_one() {
        let job = "/Subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationJobs/72b6d1a9";
        assert_eq!(with(&[("x-ms-request-id", job)]).job_id().unwrap().name(), "72b6d1a9");
        assert_eq!(with(&[("x-ms-request-id", "680f37cf 10/11/2022 9:54:20 PM")]).job_id(), None);
    }
}
