//! A lease is a small blob that says who has it until when, in the callers' clock.
//!
//! That content, replaced only under its `ETag`, decides. The service's own lease on the blob runs
//! on the service's clock, only between 15 and 60 s, and only keeps other hands off; in a
//! rehearsal simulated time runs faster, so whoever sees in the content that the holder's time is
//! over, or that it gave the lease back, breaks the service's lease and takes its place. A worker
//! that dies between any two of these calls therefore blocks nobody for longer than its own time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::container::{Condition, Container};
use crate::{Lease, StoreError, names};

/// What the service allows (doc: learn.microsoft.com/rest/api/storageservices/lease-blob).
const SERVICE_SECONDS: (i64, i64) = (15, 60);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    holder: Option<String>,
    until: Option<Timestamp>,
}

impl Content {
    fn is_held_by(&self, holder: &str) -> bool {
        self.holder.as_deref() == Some(holder)
    }

    /// Until when somebody else has the lease.
    fn keeps_out(&self, holder: &str, now: Timestamp) -> Option<Timestamp> {
        if self.is_held_by(holder) {
            return None;
        }
        self.holder.as_ref().and(self.until).filter(|until| *until > now)
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("text and a time have a JSON form")
    }
}

pub(super) async fn acquire(
    leases: &Container,
    name: &str,
    holder: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Lease, StoreError> {
    let blob = names::segment(name);
    let (content, etag) = match read(leases, &blob).await? {
        Some(found) => found,
        None => create(leases, &blob).await?,
    };
    if let Some(until) = content.keeps_out(holder, now) {
        return Ok(Lease::Busy { until: Some(until) });
    }
    let id = service_lease_id(name, holder);
    let seconds = service_seconds(until.duration_since(now));
    let locked = leases.lock(&blob, &id, seconds).await?
        || leases.break_lock(&blob, &etag).await? && leases.lock(&blob, &id, seconds).await?;
    let ours = Content { holder: Some(holder.to_owned()), until: Some(until) };
    if locked
        && leases.put(&blob, ours.to_json(), Condition::Version(&etag), Some(&id)).await?.is_some()
    {
        return Ok(Lease::Held { until });
    }
    // Somebody was faster: another worker, or this holder in another call.
    let there = read(leases, &blob).await?.map(|(content, _)| content).unwrap_or_default();
    match there.until {
        Some(until) if there.is_held_by(holder) && until > now => Ok(Lease::Held { until }),
        _ => Ok(Lease::Busy { until: there.keeps_out(holder, now) }),
    }
}

pub(super) async fn release(
    leases: &Container,
    name: &str,
    holder: &str,
) -> Result<(), StoreError> {
    let blob = names::segment(name);
    let Some((content, etag)) = read(leases, &blob).await? else { return Ok(()) };
    if !content.is_held_by(holder) {
        return Ok(());
    }
    // Should the service's lease be another's by now, so is the content, and the write is not done.
    leases.unlock(&blob, &service_lease_id(name, holder)).await?;
    let vacant = Content::default().to_json();
    leases.put(&blob, vacant, Condition::Version(&etag), None).await.map(drop)
}

/// Content that is not ours counts as vacant: a lease only avoids contention.
async fn read(leases: &Container, blob: &str) -> Result<Option<(Content, String)>, StoreError> {
    let found = leases.get(blob).await?;
    Ok(found.map(|(bytes, etag)| (serde_json::from_slice(&bytes).unwrap_or_default(), etag)))
}

async fn create(leases: &Container, blob: &str) -> Result<(Content, String), StoreError> {
    let vacant = Content::default();
    if let Some(etag) = leases.put(blob, vacant.to_json(), Condition::Absent, None).await? {
        return Ok((vacant, etag));
    }
    let gone = || StoreError::Unavailable(format!("{blob} in {leases} was deleted meanwhile"));
    read(leases, blob).await?.ok_or_else(gone)
}

/// The same for the same holder, so that it renews its lease after a crash or a lost answer.
fn service_lease_id(name: &str, holder: &str) -> String {
    let mut hash = Sha256::new();
    hash.update((name.len() as u64).to_be_bytes());
    hash.update(name);
    hash.update(holder);
    let mut id = [0; 16];
    id.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(id).into_uuid().to_string()
}

fn service_seconds(ttl: SignedDuration) -> i32 {
    let (least, most) = SERVICE_SECONDS;
    i32::try_from(ttl.as_secs().clamp(least, most)).expect("at most 60")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_has_one_service_lease_per_name() {
        let id = service_lease_id("cafe", "host-1");
        assert_eq!(id, service_lease_id("cafe", "host-1"));
        assert_ne!(id, service_lease_id("cafe", "host-2"));
        assert_ne!(id, service_lease_id("cafeh", "ost-1"));
        assert_eq!(id.len(), 36);
    }

    #[test]
    fn the_service_is_asked_only_for_times_that_it_allows() {
        for (ttl, seconds) in [(1, 15), (15, 15), (45, 45), (300, 60)] {
            assert_eq!(service_seconds(SignedDuration::from_secs(ttl)), seconds);
        }
    }

    #[test]
    fn content_of_any_shape_is_vacant_rather_than_an_obstacle() {
        for bytes in [&b""[..], b"{}", b"null", b"{\"holder\":1}"] {
            let content: Content = serde_json::from_slice(bytes).unwrap_or_default();
            assert_eq!(content.keeps_out("me", Timestamp::UNIX_EPOCH), None);
        }
    }
}
