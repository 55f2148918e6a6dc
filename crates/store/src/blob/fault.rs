//! What an error of the storage client means to us.

use std::fmt::Display;

use azure_core::Error;
use azure_core::error::ErrorKind;

use crate::StoreError;

/// Why a conditional write was not done: the condition does not hold.
///
/// doc: learn.microsoft.com/rest/api/storageservices/blob-service-error-codes. The immutability
/// code is here because it also means that the blob exists.
const CONDITIONS: [&str; 8] = [
    "BlobAlreadyExists",
    "BlobImmutableDueToPolicy",
    "BlobNotFound",
    "ConditionNotMet",
    "LeaseIdMismatchWithBlobOperation",
    "LeaseIdMissing",
    "LeaseLost",
    "LeaseNotPresentWithBlobOperation",
];

/// Whether a conditional write found that its condition does not hold.
pub(super) fn is_condition(error: &Error) -> bool {
    code(error).is_some_and(|code| CONDITIONS.contains(&code))
}

/// Whether a lease operation found another lease, or none.
pub(super) fn is_lease_conflict(error: &Error) -> bool {
    status(error) == Some(409) && code(error).is_some_and(|code| code.starts_with("Lease"))
        || code(error) == Some("ConditionNotMet")
}

pub(super) fn is_missing_blob(error: &Error) -> bool {
    status(error) == Some(404) && code(error) != Some("ContainerNotFound")
}

pub(super) fn is_existing_container(error: &Error) -> bool {
    code(error) == Some("ContainerAlreadyExists")
}

/// What to do about an error; `what` was tried in `container`.
pub(super) fn sort(what: &str, container: &impl Display, error: &Error) -> StoreError {
    let code = code(error).unwrap_or("no code");
    match status(error) {
        Some(401 | 403) => StoreError::refused(format!(
            "Azure Storage does not let us {what} in {container} ({code}): our identity needs the \
             role Storage Blob Data Contributor there"
        )),
        Some(404) => StoreError::refused(format!(
            "the container {container} does not exist ({code}): the installation creates it"
        )),
        Some(status @ (408 | 409 | 412 | 429 | 500..)) => {
            StoreError::Unavailable(format!("cannot {what} in {container}: {status} {code}"))
        }
        Some(status) => StoreError::refused(format!(
            "Azure Storage did not understand how to {what} in {container}: {status} {code}"
        )),
        None => StoreError::Unavailable(format!("cannot {what} in {container}: {}", cause(error))),
    }
}

fn status(error: &Error) -> Option<u16> {
    error.http_status().map(u16::from)
}

fn code(error: &Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::HttpResponse { error_code, .. } => error_code.as_deref(),
        _ => None,
    }
}

/// The innermost cause only: the outer ones show the URL, and with it its signature.
fn cause(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    if text.contains("sig=") { format!("{} error", error.kind()) } else { text }
}
