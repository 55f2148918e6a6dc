//! The wall between the probe and the world: what is not a read does not leave.

use async_trait::async_trait;
use azure::{
    Kind, Method, Request, Response, Target, Transport, TransportError, Trouble, TroubleKind,
};
use jiff::SignedDuration;

/// A transport that passes on reads and refuses everything else.
#[derive(Debug)]
pub struct ReadOnly<T>(T);

/// The one POST that only asks.
const ASKS: &str = "/backendhealth";

impl<T: Transport> ReadOnly<T> {
    pub fn new(inner: T) -> Self {
        Self(inner)
    }
}

#[async_trait]
impl<T: Transport> Transport for ReadOnly<T> {
    async fn send(
        &self,
        request: &Request,
        limit: SignedDuration,
    ) -> Result<Response, TransportError> {
        match refusal(request) {
            None => self.0.send(request, limit).await,
            Some(why) => {
                let trouble = Trouble::new(TroubleKind::Settings, format!("{why}; not sent"));
                Err(TransportError::NotSent(trouble))
            }
        }
    }
}

/// Why a request must not leave. Its kind is somebody's word for it, so what is seen of the
/// request has to agree.
fn refusal(request: &Request) -> Option<&'static str> {
    let asks = || match &request.target {
        Target::Path { path, .. } => path.to_ascii_lowercase().ends_with(ASKS),
        Target::Verbatim(_) => false,
    };
    if request.kind != Kind::Read {
        return Some("it would change something");
    }
    if request.body.is_some() || request.if_match.is_some() {
        return Some("it says to be a read and has a body or a condition");
    }
    match request.method {
        Method::Get => None,
        Method::Post if asks() => None,
        _ => Some("it says to be a read and its method is none of one"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use azure::all_requests;
    use serde_json::json;

    use super::*;

    /// Answers everything and remembers what came.
    #[derive(Debug, Default)]
    struct Ear(Mutex<Vec<Request>>);

    #[async_trait]
    impl Transport for &'static Ear {
        async fn send(
            &self,
            request: &Request,
            _: SignedDuration,
        ) -> Result<Response, TransportError> {
            self.0.lock().expect("no test panics with it").push(request.clone());
            Ok(Response { status: 200, headers: Vec::new(), body: Vec::new() })
        }
    }

    async fn arrived(requests: impl IntoIterator<Item = Request>) -> Vec<Request> {
        let ear: &'static Ear = Box::leak(Box::default());
        let wall = ReadOnly::new(ear);
        for request in requests {
            let sent = wall.send(&request, SignedDuration::from_secs(1)).await;
            if let Err(TransportError::Ambiguous(trouble)) = sent {
                panic!("{request}: {trouble} is not a refusal");
            }
        }
        ear.0.lock().expect("no test panics with it").clone()
    }

    #[tokio::test]
    async fn of_all_requests_there_are_only_the_reads_leave() {
        let all: Vec<Request> = all_requests().into_iter().map(|(_, request)| request).collect();
        let reads: Vec<Request> =
            all.iter().filter(|request| request.kind == Kind::Read).cloned().collect();
        assert!(reads.len() < all.len());
        assert_eq!(arrived(all).await, reads);
    }

    #[tokio::test]
    async fn what_merely_says_to_be_a_read_does_not_leave() {
        let lies = all_requests().into_iter().map(|(_, mut request)| {
            let was_read = request.kind == Kind::Read;
            request.kind = Kind::Read;
            // A read turned into a change is no better.
            if was_read {
                request.method = Method::Put;
                request.body = Some(json!({}));
            }
            request
        });
        assert_eq!(arrived(lies).await, []);
    }
}
