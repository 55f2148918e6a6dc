use std::sync::atomic::{AtomicU32, Ordering};

use jiff::SignedDuration;
use tokio::sync::Semaphore;
use tokio::time::advance;

use super::*;

/// Gives out numbered tokens of an hour, fails when told to, and can be held back.
#[derive(Debug)]
struct Fake {
    fetches: AtomicU32,
    fail: std::sync::atomic::AtomicBool,
    gate: Semaphore,
    done: Semaphore,
}

impl Fake {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            fetches: AtomicU32::new(0),
            fail: false.into(),
            gate: Semaphore::new(1000),
            done: Semaphore::new(0),
        })
    }

    fn tokens(self: &Arc<Self>) -> Tokens {
        Tokens::new(Arc::clone(self) as Arc<dyn Source>, ARM_SCOPE)
    }

    fn count(&self) -> u32 {
        self.fetches.load(Ordering::SeqCst)
    }

    fn fail(&self, fail: bool) {
        self.fail.store(fail, Ordering::SeqCst);
    }

    /// Waits until `n` fetches have ended since the last call.
    async fn ended(&self, n: u32) {
        self.done.acquire_many(n).await.unwrap().forget();
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Source for Fake {
    async fn fetch(&self, scope: &str) -> Result<Token, String> {
        assert_eq!(scope, ARM_SCOPE);
        let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        self.gate.acquire().await.unwrap().forget();
        self.done.add_permits(1);
        if self.fail.load(Ordering::SeqCst) {
            return Err("Entra is down".into());
        }
        let expires = Timestamp::now() + SignedDuration::from_hours(1);
        Ok(Token::new(&format!("t{number}"), expires))
    }
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_and_then_kept() {
    let fake = Fake::new();
    let tokens = fake.tokens();
    assert_eq!(fake.count(), 0, "nothing is fetched before it is needed");
    for _ in 0..5 {
        assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t1");
        advance(5 * MINUTE).await;
    }
    assert_eq!(fake.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn at_half_life_the_old_token_serves_while_a_new_one_is_fetched() {
    let fake = Fake::new();
    let tokens = fake.tokens();
    tokens.get().await.unwrap();
    fake.ended(1).await;
    advance(31 * MINUTE).await;
    assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t1");
    fake.ended(1).await;
    assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t2");
    assert_eq!(fake.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn while_entra_is_down_the_token_serves_to_its_end_and_no_longer() {
    let fake = Fake::new();
    let tokens = fake.tokens();
    tokens.get().await.unwrap();
    fake.ended(1).await;
    fake.fail(true);
    advance(31 * MINUTE).await;
    for _ in 0..28 {
        assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t1");
        fake.ended(1).await;
        advance(MINUTE).await;
    }
    advance(MINUTE).await;
    let error = tokens.get().await.unwrap_err();
    assert_eq!(error.to_string(), "Entra is down");
    fake.fail(false);
    assert!(tokens.get().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_is_not_repeated_at_every_request() {
    let fake = Fake::new();
    let tokens = fake.tokens();
    tokens.get().await.unwrap();
    fake.ended(1).await;
    fake.fail(true);
    advance(31 * MINUTE).await;
    tokens.get().await.unwrap();
    fake.ended(1).await;
    for _ in 0..100 {
        tokens.get().await.unwrap();
    }
    tokio::task::yield_now().await;
    assert_eq!(fake.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn many_callers_share_one_fetch_and_its_failure() {
    let fake = Fake::new();
    let tokens = fake.tokens();
    let all = futures::future::join_all((0..20).map(|_| tokens.get())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(fake.count(), 1);

    let fake = Fake::new();
    fake.fail(true);
    let tokens = fake.tokens();
    let all = futures::future::join_all((0..20).map(|_| tokens.get())).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(fake.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_stop_the_fetch_for_the_others() {
    let fake = Fake::new();
    fake.gate.forget_permits(1000);
    let tokens = fake.tokens();
    let hasty = timeout(Duration::from_secs(1), tokens.get()).await;
    assert!(hasty.is_err());
    fake.gate.add_permits(1);
    assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t1");
    assert_eq!(fake.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_but_not_in_a_loop() {
    let fake = Fake::new();
    let tokens = fake.tokens();
    let first = tokens.get().await.unwrap();
    advance(MINUTE).await;
    tokens.refuse(&first);
    let second = tokens.get().await.unwrap();
    assert_eq!(second.bearer(), "Bearer t2");
    tokens.refuse(&first);
    assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t2", "an old one refused late");
    tokens.refuse(&second);
    assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t2", "too soon to ask again");
    advance(MINUTE).await;
    assert_eq!(tokens.get().await.unwrap().bearer(), "Bearer t3");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_ends_in_an_error() {
    let fake = Fake::new();
    fake.gate.forget_permits(1000);
    let error = fake.tokens().get().await.unwrap_err();
    assert_eq!(error.to_string(), "no answer in time");
}

#[test]
fn a_token_never_shows_itself() {
    let token = Token::new("secret", Timestamp::UNIX_EPOCH);
    assert_eq!(format!("{token:?}"), "Token(until 1970-01-01T00:00:00Z)");
}
