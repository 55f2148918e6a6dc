//! Sends reads one after the other and keeps what was said.

use std::fmt;

use azure::{Request, Response, Transport, TransportError, TroubleKind};
use jiff::SignedDuration;

/// One read and what came of it. It holds what the owner would not show: never printed, never
/// written as it is.
pub struct Exchange {
    /// The constructor in `azure`, as [`azure::all_requests()`] names it.
    pub constructor: &'static str,
    pub request: Request,
    pub outcome: Result<Response, TransportError>,
}

/// Asks, and remembers every exchange in its order.
pub struct Recorder<'a> {
    transport: &'a dyn Transport,
    told: Box<dyn FnMut(&str) + Send + 'a>,
    exchanges: Vec<Exchange>,
    /// Nobody is logged in: whatever else would be asked fails the same way.
    no_token: Option<String>,
}

/// For token, connection and answer of one read; the app itself gives a look 5 s.
const LIMIT: SignedDuration = SignedDuration::from_secs(30);
/// A throttled subscription is left in peace for as long as it says, but a person is waiting.
const PAUSE_MAX: SignedDuration = SignedDuration::from_secs(60);

impl<'a> Recorder<'a> {
    /// `told` hears a word about each read, without anything that it would not show in public.
    pub fn new(transport: &'a dyn Transport, told: impl FnMut(&str) + Send + 'a) -> Self {
        Self { transport, told: Box::new(told), exchanges: Vec::new(), no_token: None }
    }

    /// Sends one read, once; the answer, if there was one.
    pub async fn ask(&mut self, constructor: &'static str, request: Request) -> Option<Response> {
        if self.no_token.is_some() {
            return None;
        }
        let outcome = self.transport.send(&request, LIMIT).await;
        let said = match &outcome {
            Ok(response) => response.status.to_string(),
            Err(TransportError::NotSent(trouble)) if trouble.kind == TroubleKind::Token => {
                self.no_token = Some(trouble.detail.clone());
                return None;
            }
            Err(error) => match error {
                TransportError::NotSent(_) => "not sent".to_owned(),
                TransportError::Ambiguous(_) => "no answer".to_owned(),
            },
        };
        (self.told)(&format!("{constructor}: {said}"));
        let response = outcome.as_ref().ok().cloned();
        self.exchanges.push(Exchange { constructor, request, outcome });
        if let Some(response) = response.as_ref().filter(|it| matches!(it.status, 429 | 503)) {
            pause(response.retry_after().unwrap_or_default()).await;
        }
        response
    }

    /// What was said, or why nobody could ask at all.
    pub fn finish(self) -> Result<Vec<Exchange>, String> {
        match self.no_token {
            Some(why) => Err(why),
            None => Ok(self.exchanges),
        }
    }
}

/// Waits, but not longer than a person would.
pub(crate) async fn pause(wanted: SignedDuration) {
    let wanted = wanted.min(PAUSE_MAX).max(SignedDuration::ZERO);
    tokio::time::sleep(wanted.unsigned_abs()).await;
}

impl Exchange {
    /// Whether the service answered, with whatever it said.
    pub fn answered(&self) -> bool {
        self.outcome.is_ok()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Exchange")
            .field("constructor", &self.constructor)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Recorder<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Recorder")
            .field("exchanges", &self.exchanges)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use async_trait::async_trait;
    use azure::{ResourceId, Trouble, traffic_manager};
    use tokio::time::Instant;

    use super::*;

    /// Says what it was told to say, in order.
    #[derive(Debug)]
    struct Script(Mutex<VecDeque<Result<Response, TransportError>>>);

    #[async_trait]
    impl Transport for Script {
        async fn send(&self, _: &Request, _: SignedDuration) -> Result<Response, TransportError> {
            let next = self.0.lock().expect("no test panics with it").pop_front();
            next.expect("nothing more is asked")
        }
    }

    fn read() -> Request {
        let profile = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/trafficManagerProfiles/p";
        traffic_manager::get(&ResourceId::parse(profile).expect("it is one"))
    }

    fn script(said: impl IntoIterator<Item = Result<Response, TransportError>>) -> Script {
        Script(Mutex::new(said.into_iter().collect()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_subscription_is_left_in_peace_and_not_asked_the_same_again() {
        let throttled = Response {
            status: 429,
            headers: vec![("retry-after".to_owned(), "3600".to_owned())],
            body: Vec::new(),
        };
        let azure = script([Ok(throttled)]);
        let began = Instant::now();
        let mut recorder = Recorder::new(&azure, |_| {});
        recorder.ask("traffic_manager::get", read()).await;
        assert_eq!(began.elapsed(), PAUSE_MAX.unsigned_abs(), "but not for an hour");
        assert_eq!(recorder.finish().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn without_a_token_nothing_more_is_asked() {
        let trouble = Trouble::new(TroubleKind::Token, "not logged in");
        let azure = script([Err(TransportError::NotSent(trouble))]);
        let mut recorder = Recorder::new(&azure, |_| {});
        recorder.ask("traffic_manager::get", read()).await;
        recorder.ask("traffic_manager::get", read()).await;
        assert_eq!(recorder.finish().unwrap_err(), "not logged in");
    }
}
