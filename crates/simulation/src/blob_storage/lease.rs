//! The service's own leases (doc: Lease Blob, "Outcomes of use attempts on blobs by lease state").

use jiff::{SignedDuration, Timestamp};

use super::Call;

/// The lease of a blob.
#[derive(Debug, Clone, Default)]
pub(super) struct Lease {
    /// The last one, whether it still holds or not.
    last: Option<(String, Until)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    Moment(Timestamp),
    Ever,
    /// Somebody has broken it.
    Broken,
}

type Headers = Vec<(&'static str, String)>;

impl Lease {
    fn active(&self, now: Timestamp) -> Option<&str> {
        match &self.last {
            Some((id, Until::Ever)) => Some(id),
            Some((id, Until::Moment(end))) if *end > now => Some(id),
            _ => None,
        }
    }

    /// Why a write or a delete with this lease's id, or without one, is not done.
    pub(super) fn forbids(&self, now: Timestamp, id: Option<&str>) -> Option<&'static str> {
        match (self.active(now), id) {
            (Some(_), None) => Some("LeaseIdMissing"),
            (Some(active), Some(id)) if active == id => None,
            (Some(_), Some(_)) => Some("LeaseIdMismatchWithBlobOperation"),
            (None, Some(id)) if self.last.as_ref().is_some_and(|(last, _)| last == id) => {
                Some("LeaseLost")
            }
            (None, Some(_)) => Some("LeaseNotPresentWithBlobOperation"),
            (None, None) => None,
        }
    }

    pub(super) fn change(
        &mut self,
        now: Timestamp,
        call: &Call,
    ) -> Result<(u16, Headers), &'static str> {
        match call.header("x-ms-lease-action") {
            Some("acquire") => self.acquire(now, call),
            Some("break") => self.end(now),
            Some("release") => self.release(call.header("x-ms-lease-id")),
            _ => Err("InvalidHeaderValue"),
        }
    }

    fn acquire(&mut self, now: Timestamp, call: &Call) -> Result<(u16, Headers), &'static str> {
        let id = call.header("x-ms-proposed-lease-id").unwrap_or_default().to_owned();
        if self.active(now).is_some_and(|active| active != id) {
            return Err("LeaseAlreadyPresent");
        }
        let until = match call.header("x-ms-lease-duration").and_then(|it| it.parse().ok()) {
            Some(-1) => Until::Ever,
            Some(seconds @ 15..=60) => Until::Moment(now + SignedDuration::from_secs(seconds)),
            _ => return Err("InvalidHeaderValue"),
        };
        self.last = Some((id.clone(), until));
        Ok((201, vec![("x-ms-lease-id", id)]))
    }

    /// At once: the only period that the store asks for.
    fn end(&mut self, now: Timestamp) -> Result<(u16, Headers), &'static str> {
        let was_active = self.active(now).is_some();
        let Some((_, until)) = &mut self.last else {
            return Err("LeaseNotPresentWithLeaseOperation");
        };
        if was_active {
            *until = Until::Broken;
        }
        Ok((202, vec![("x-ms-lease-time", "0".to_owned())]))
    }

    fn release(&mut self, id: Option<&str>) -> Result<(u16, Headers), &'static str> {
        if self.last.as_ref().map(|(last, _)| last.as_str()) != id || id.is_none() {
            return Err("LeaseIdMismatchWithLeaseOperation");
        }
        self.last = None;
        Ok((200, Vec::new()))
    }
}
