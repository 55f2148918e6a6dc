//! Azure Service Bus over REST, with `azure_messaging_servicebus` 0.21.
//!
//! That crate knows shared access keys and `servicebus.windows.net` alone. Its HTTP client is
//! ours to give, though, and ours signs with an Entra token, sends to any endpoint, once, within
//! its limit, and keeps the answer: the crate returns `Ok` for some statuses that are none.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use azure::http::{Call, Connections, Http, Roots, SettingsError, parse_endpoint};
use azure::token::{Token, Tokens};
use azure::{Method, Response, TransportError, Trouble, TroubleKind};
use azure_core_legacy as legacy;
use azure_messaging_servicebus::service_bus::{
    QueueClient, SendMessageOptions, SettableBrokerProperties,
};
use clock::Clock;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{Bus, BusError, Message};

/// How long one message may take, token included.
const LIMIT: SignedDuration = SignedDuration::from_secs(10);

/// A namespace of Azure Service Bus.
#[derive(Debug, Clone)]
pub struct ServiceBus {
    wire: Arc<Wire>,
}

#[derive(Debug)]
struct Wire {
    endpoint: Url,
    tokens: Tokens,
    http: Http,
}

/// The HTTP client for one message.
#[derive(Debug)]
struct Once {
    wire: Arc<Wire>,
    deadline: Instant,
    /// The crate takes text alone; a message that nobody could read has to be kept as it came.
    body: Vec<u8>,
    outcome: Mutex<Option<Result<Response, TransportError>>>,
}

impl ServiceBus {
    /// `endpoint` is `https://NAMESPACE.servicebus.windows.net`; `tokens` are for
    /// [`azure::token::SERVICE_BUS_SCOPE`].
    pub fn new(
        endpoint: &str,
        tokens: Tokens,
        roots: &Roots,
        clock: Clock,
    ) -> Result<Self, SettingsError> {
        // Few messages, and each matters: a connection that was idle could break under it.
        let http = Http::new(roots.clone(), Connections::Fresh, clock);
        Ok(Self { wire: Arc::new(Wire { endpoint: parse_endpoint(endpoint)?, tokens, http }) })
    }
}

#[async_trait]
impl Bus for ServiceBus {
    async fn send(&self, queue: &str, message: &Message) -> Result<(), BusError> {
        let refuse = |reason: &str| BusError::Refused { status: None, reason: reason.to_owned() };
        if queue.is_empty() || !queue.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(refuse("that is no name of a queue"));
        }
        let at = match message.at {
            None => None,
            Some(at) => {
                let text = whole_second(at).map_err(|error| refuse(&error))?;
                let time = legacy::date::parse_rfc3339(&text);
                Some(time.map_err(|error| refuse(&error.to_string()))?)
            }
        };
        let once = Arc::new(Once {
            wire: Arc::clone(&self.wire),
            deadline: self.wire.http.deadline(LIMIT),
            body: message.body.clone(),
            outcome: Mutex::new(None),
        });
        let client = Arc::clone(&once) as Arc<dyn legacy::HttpClient>;
        // Namespace, policy and key are what the crate wants; the client above replaces all three.
        let queue_client = QueueClient::new(client, "namespace", queue, "policy", "key")
            .map_err(|error| refuse(&error.to_string()))?;
        let options = SendMessageOptions {
            content_type: Some(message.content_type.clone()),
            broker_properties: Some(SettableBrokerProperties {
                session_id: message.session.clone(),
                message_id: Some(message.id.clone()),
                scheduled_enqueue_time_utc: at,
                ..SettableBrokerProperties::default()
            }),
            custom_properties: None,
        };
        let sent = queue_client.send_message("", Some(options)).await;
        let outcome = once.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        let result = match (outcome, sent) {
            (Some(Ok(response)), _) => judge(&response),
            (Some(Err(error)), _) => Err(unanswered(&error)),
            (None, Err(error)) => Err(refuse(&error.to_string())),
            (None, Ok(())) => Err(refuse("the message never reached the HTTP client")),
        };
        match &result {
            Ok(()) => tracing::debug!(queue, id = message.id, "message sent"),
            Err(error) => tracing::warn!(queue, id = message.id, %error, "message not sent"),
        }
        result
    }
}

#[async_trait]
impl legacy::HttpClient for Once {
    async fn execute_request(&self, request: &legacy::Request) -> legacy::Result<legacy::Response> {
        let result = self.exchange(request).await;
        let answer = match &result {
            Ok(response) => Ok(legacy::Response::new(
                legacy::StatusCode::try_from(response.status)
                    .unwrap_or(legacy::StatusCode::InternalServerError),
                legacy::headers::Headers::new(),
                Box::pin(legacy::BytesStream::new(response.body.clone())),
            )),
            Err(error) => {
                Err(legacy::Error::message(legacy::error::ErrorKind::Io, error.to_string()))
            }
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        answer
    }
}

impl Once {
    async fn exchange(&self, request: &legacy::Request) -> Result<Response, TransportError> {
        let unsent = |kind, detail: String| TransportError::NotSent(Trouble::new(kind, detail));
        let tokens = &self.wire.tokens;
        let token: Token = timeout_at(self.deadline, tokens.get())
            .await
            .map_err(|_| unsent(TroubleKind::Token, "none came in time".into()))?
            .map_err(|error| unsent(TroubleKind::Token, error.to_string()))?;
        let mut url = self.wire.endpoint.clone();
        url.set_path(&format!("{}{}", url.path().trim_end_matches('/'), request.url().path()));
        let mut headers = vec![("authorization", token.bearer())];
        for (name, value) in request.headers().iter() {
            match name.as_str() {
                "content-type" => headers.push(("content-type", value.as_str().to_owned())),
                "brokerproperties" => {
                    headers.push(("brokerproperties", broker_properties(value.as_str())));
                }
                // The crate's signature with a key, which the token above replaces.
                "authorization" => {}
                other => return Err(unsent(TroubleKind::Settings, format!("header {other}"))),
            }
        }
        let call = Call { method: Method::Post, url, headers, body: self.body.clone() };
        let response = self.wire.http.exchange(call, self.deadline).await?;
        if response.status == 401 {
            tokens.refuse(&token);
        }
        Ok(response)
    }
}

/// The header as the service documents it: its dates end in `GMT`, where the crate writes
/// `+0000`; and a header is ASCII, where a name need not be.
fn broker_properties(written: &str) -> String {
    const SCHEDULED: &str = "ScheduledEnqueueTimeUtc";
    let Ok(mut properties) = serde_json::from_str::<serde_json::Value>(written) else {
        return written.to_owned();
    };
    if let Some(time) = properties.get(SCHEDULED).and_then(|time| time.as_str()) {
        properties[SCHEDULED] = time.replace("+0000", "GMT").into();
    }
    let mut ascii = String::new();
    for letter in properties.to_string().chars() {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                write!(ascii, "\\u{unit:04x}").expect("a string takes everything");
            }
        }
    }
    ascii
}

/// RFC 3339, a whole second and never too early.
fn whole_second(at: Timestamp) -> Result<String, String> {
    let early = Timestamp::from_second(at.as_second()).map_err(|error| error.to_string())?;
    let late =
        early.checked_add(SignedDuration::from_secs(1)).map_err(|error| error.to_string())?;
    Ok(if early < at { late } else { early }.to_string())
}

fn judge(response: &Response) -> Result<(), BusError> {
    let status = response.status;
    let said: String = String::from_utf8_lossy(&response.body)
        .chars()
        .filter(|letter| !letter.is_control())
        .take(300)
        .collect();
    let reason = format!("{status} {said}").trim_end().to_owned();
    match status {
        200..300 => Ok(()),
        408 | 429 | 500..600 => Err(BusError::Unavailable { reason }),
        _ => Err(BusError::Refused { status: Some(status), reason }),
    }
}

fn unanswered(error: &TransportError) -> BusError {
    let reason = error.to_string();
    match error {
        TransportError::NotSent(Trouble {
            kind: TroubleKind::Settings | TroubleKind::ForeignHost,
            ..
        }) => BusError::Refused { status: None, reason },
        TransportError::NotSent(_) | TransportError::Ambiguous(_) => {
            BusError::Unavailable { reason }
        }
    }
}
