//! What all timers share: a tick that fails is told and left to the next one.

use axum::Json;
use axum::extract::Request;

use crate::invocation::{Done, done};
use crate::request;

/// The host's word about the schedule is small, and nobody needs it.
const ENVELOPE_MAX: usize = 1 << 20;

/// Does a tick's work; its result is what the log shows.
pub(crate) async fn tick(
    name: &'static str,
    request: Request,
    work: impl Future<Output = Result<Vec<String>, engine::Error>>,
) -> Json<Done> {
    // Read to its end: who is still sending does not see an answer.
    drop(request::body(request, ENVELOPE_MAX).await);
    done(work.await.unwrap_or_else(|error| {
        tracing::error!(name, %error, "the timer did nothing");
        vec![format!("{name}: {error}")]
    }))
}
