//! Where a frozen process stands still.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use tokio::time::{Instant, Sleep, sleep_until};

/// The gate of one process. What arrives while it is closed is there when it opens, and so is what
/// has run out: like the process itself, which reads an answer before it looks at the clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    closed_until: Arc<Mutex<Option<Instant>>>,
}

impl Gate {
    pub(super) fn close_until(&self, moment: Instant) {
        *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(moment);
    }

    /// Does this, but for no moment of it while the gate is closed.
    pub(super) async fn hold<F: Future>(self, work: F) -> F::Output {
        let mut work = pin!(work);
        let mut opening: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|context| {
            if let Some(until) = self.closed() {
                let sleep = opening.insert(Box::pin(sleep_until(until)));
                if sleep.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
            }
            opening = None;
            work.as_mut().poll(context)
        })
        .await
    }

    fn closed(&self) -> Option<Instant> {
        let until = *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.filter(|until| *until > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_frozen_process_takes_in_late_what_came_in_time() {
        let gate = Gate::default();
        let work = gate.clone().hold(async {
            let asked = Instant::now();
            let answer = timeout(Duration::from_secs(5), sleep(Duration::from_secs(1))).await;
            (answer.is_ok(), asked.elapsed())
        });
        let work = tokio::spawn(work);
        tokio::task::yield_now().await;

        gate.close_until(Instant::now() + Duration::from_mins(1));

        assert_eq!(work.await.unwrap(), (true, Duration::from_mins(1)));
    }
}
