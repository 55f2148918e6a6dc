//! Access tokens: one per scope, kept, renewed early, and used to their end when Entra is down.
//!
//! A token is renewed from half of its life on, beside the request that noticed; while that fails,
//! the old one serves until it ends. One renewal runs at a time, and it runs to its end even if
//! the request that waited for it gives up.
//!
//! Tokens live in real time, in a rehearsal too.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// The scope for Azure Resource Manager.
pub const ARM_SCOPE: &str = "https://management.azure.com/.default";
/// The scope for Service Bus.
pub const SERVICE_BUS_SCOPE: &str = "https://servicebus.azure.net/.default";

/// Where tokens come from.
#[async_trait]
pub trait Source: Send + Sync + fmt::Debug {
    /// A new token, or why there is none.
    async fn fetch(&self, scope: &str) -> Result<Token, String>;
}

/// An access token. It never shows itself.
#[derive(Clone)]
pub struct Token {
    secret: Arc<str>,
    expires: Timestamp,
}

/// No token could be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenError(String);

/// The tokens of one scope. Cheap to clone; all clones share.
#[derive(Debug, Clone)]
pub struct Tokens {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    source: Arc<dyn Source>,
    scope: &'static str,
    state: Mutex<State>,
    flight: Arc<AsyncMutex<()>>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// How many fetches have ended; tells a waiter that one ended while it waited.
    fetches: u64,
    last_error: Option<TokenError>,
    /// No renewal before this.
    rest_until: Option<Instant>,
}

#[derive(Debug)]
struct Held {
    token: Token,
    since: Instant,
    since_wall: Timestamp,
    life: Duration,
    /// The service answered 401 to it.
    refused: bool,
}

enum Plan {
    Serve(Token),
    ServeAndRenew(Token),
    Fetch,
}

/// A token this close to its end could end on its way.
const MARGIN: Duration = Duration::from_secs(30);
/// The platform keeps managed identity tokens and may return the same one: do not ask in a loop.
const REST_AFTER_SUCCESS: Duration = Duration::from_secs(10);
const REST_AFTER_FAILURE: Duration = Duration::from_secs(30);
const FETCH_LIMIT: Duration = Duration::from_secs(30);

impl Tokens {
    pub fn new(source: Arc<dyn Source>, scope: &'static str) -> Self {
        let state = Mutex::new(State::default());
        let flight = Arc::new(AsyncMutex::new(()));
        Self { shared: Arc::new(Shared { source, scope, state, flight }) }
    }

    /// A token that is good now.
    pub async fn get(&self) -> Result<Token, TokenError> {
        let shared = &self.shared;
        let plan = shared.state().plan();
        match plan {
            Plan::Serve(token) => Ok(token),
            Plan::ServeAndRenew(token) => {
                if let Ok(turn) = Arc::clone(&shared.flight).try_lock_owned() {
                    shared.start_fetch(turn);
                }
                Ok(token)
            }
            Plan::Fetch => {
                let before = shared.state().fetches;
                let turn = Arc::clone(&shared.flight).lock_owned().await;
                // Somebody else's fetch may have ended while this one waited for its turn.
                {
                    let state = shared.state();
                    match (state.plan(), &state.last_error) {
                        (Plan::Serve(token) | Plan::ServeAndRenew(token), _) => return Ok(token),
                        (Plan::Fetch, Some(error)) if state.fetches != before => {
                            return Err(error.clone());
                        }
                        (Plan::Fetch, _) => {}
                    }
                }
                let fetch = shared.start_fetch(turn);
                fetch.await.unwrap_or_else(|_| Err(TokenError("the fetch was cut short".into())))
            }
        }
    }

    /// The service refused this token: the next caller gets a new one.
    pub fn refuse(&self, token: &Token) {
        if let Some(held) = &mut self.shared.state().held
            && held.token.secret == token.secret
        {
            held.refused = true;
        }
    }
}

impl Token {
    pub fn new(secret: &str, expires: Timestamp) -> Self {
        Self { secret: secret.into(), expires }
    }

    /// The value of an `Authorization` header.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.secret)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token(until {})", self.expires)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing between lock and unlock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_fetch(
        self: &Arc<Self>,
        turn: OwnedMutexGuard<()>,
    ) -> JoinHandle<Result<Token, TokenError>> {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let fetched = timeout(FETCH_LIMIT, shared.source.fetch(shared.scope)).await;
            let fetched = fetched.unwrap_or_else(|_| Err("no answer in time".into()));
            let result = shared.state().note(fetched);
            drop(turn);
            result
        })
    }
}

impl State {
    fn plan(&self) -> Plan {
        let Some(held) = &self.held else { return Plan::Fetch };
        let age = held.age();
        if age + MARGIN >= held.life {
            return Plan::Fetch;
        }
        let resting = self.rest_until.is_some_and(|until| Instant::now() < until);
        let token = held.token.clone();
        match (held.refused, age >= held.life / 2) {
            (_, _) if resting => Plan::Serve(token),
            (true, _) => Plan::Fetch,
            (false, true) => Plan::ServeAndRenew(token),
            (false, false) => Plan::Serve(token),
        }
    }

    fn note(&mut self, fetched: Result<Token, String>) -> Result<Token, TokenError> {
        self.fetches += 1;
        let now = Instant::now();
        let wall = Timestamp::now();
        let life = |token: &Token| {
            Duration::try_from(token.expires.duration_since(wall)).unwrap_or_default()
        };
        let fetched = fetched.and_then(|token| {
            let alive = life(&token) > MARGIN;
            if alive { Ok(token) } else { Err("the token had ended when it came".into()) }
        });
        match fetched {
            Ok(token) => {
                self.rest_until = Some(now + REST_AFTER_SUCCESS);
                self.last_error = None;
                self.held = Some(Held {
                    token: token.clone(),
                    since: now,
                    since_wall: wall,
                    life: life(&token),
                    refused: false,
                });
                Ok(token)
            }
            Err(problem) => {
                tracing::warn!(%problem, "no new access token");
                self.rest_until = Some(now + REST_AFTER_FAILURE);
                let error = TokenError(problem);
                self.last_error = Some(error.clone());
                Err(error)
            }
        }
    }
}

impl Held {
    /// By whichever clock ran further: the monotonic one stands still while a machine sleeps, the
    /// wall's can be set back.
    fn age(&self) -> Duration {
        let wall = Timestamp::now().duration_since(self.since_wall);
        self.since.elapsed().max(Duration::try_from(wall).unwrap_or_default())
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
