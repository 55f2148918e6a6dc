//! What both backends decide about a lease before they touch it.

use jiff::{SignedDuration, Timestamp};

use crate::{StoreError, names};

/// Checks a call of `acquire_lease` and returns when the lease would end.
pub(crate) fn end(
    name: &str,
    holder: &str,
    now: Timestamp,
    ttl: SignedDuration,
) -> Result<Timestamp, StoreError> {
    names::check(names::Kind::Lease, name)?;
    names::check(names::Kind::Holder, holder)?;
    if ttl <= SignedDuration::ZERO {
        return Err(StoreError::refused(format!("a lease of {ttl} would be over at once")));
    }
    now.checked_add(ttl)
        .map_err(|_| StoreError::refused(format!("a lease of {ttl} ends beyond all calendars")))
}
