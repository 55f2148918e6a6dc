//! What goes over the wire, and what is made of what comes back.

use std::sync::Arc;

use async_trait::async_trait;
use azure::http::Roots;
use azure::recovery_plan::{RecoveryPoint, SourceSite};
use azure::token::{ARM_SCOPE, Source, Token, Tokens};
use azure::{
    Arm, Error, Request, ResourceId, Transport, TransportError, TroubleKind, operation,
    recovery_plan, sql_failover_group,
};
use clock::Clock;
use jiff::{SignedDuration, Timestamp};

use crate::server::{Act, Server, reply};

/// Numbered tokens that hold for an hour.
#[derive(Debug, Default)]
struct Numbered(std::sync::atomic::AtomicU32);

#[async_trait]
impl Source for Numbered {
    async fn fetch(&self, _: &str) -> Result<Token, String> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        Ok(Token::new(&format!("t{number}"), Timestamp::now() + SignedDuration::from_hours(1)))
    }
}

#[derive(Debug)]
struct NoTokens;

#[async_trait]
impl Source for NoTokens {
    async fn fetch(&self, _: &str) -> Result<Token, String> {
        Err("Entra is down".into())
    }
}

/// Long enough that a busy machine never runs into it.
const LIMIT: SignedDuration = SignedDuration::from_secs(60);

fn arm(endpoint: &str) -> Arm {
    let tokens = Tokens::new(Arc::new(Numbered::default()), ARM_SCOPE);
    Arm::new(endpoint, tokens, &Roots::default(), Clock::System).unwrap()
}

fn west() -> ResourceId {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/west";
    ResourceId::parse(id).unwrap()
}

fn forced() -> Request {
    sql_failover_group::force_failover_allow_data_loss(&west(), "fog")
}

fn read() -> Request {
    sql_failover_group::get(&west(), "fog")
}

#[tokio::test]
async fn a_request_goes_out_with_everything_it_needs_and_nothing_else() {
    let server = Server::start([Act::Answer(reply(202, &[("Retry-After", "15")], ""))]).await;
    let plan = ResourceId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationRecoveryPlans/p").unwrap();
    let request =
        recovery_plan::unplanned_failover(&plan, SourceSite::Required, RecoveryPoint::Latest)
            .with_client_request_id("run-7");
    let response = arm(&server.url()).send(&request, LIMIT).await.unwrap();
    assert_eq!(response.status, 202);
    assert_eq!(response.retry_after().unwrap().as_secs(), 15);
    let [seen] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(
        seen.line(),
        "POST /subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationRecoveryPlans/p/unplannedFailover?api-version=2024-04-01"
    );
    assert_eq!(seen.header("authorization"), Some("Bearer t1"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("x-ms-client-request-id"), Some("run-7"));
    assert_eq!(seen.header("x-ms-return-client-request-id"), Some("true"));
    assert!(seen.header("user-agent").unwrap().starts_with("farshore/"));
    assert_eq!(seen.header("accept-encoding"), None);
    assert_eq!(seen.header("if-match"), None);
    assert_eq!(
        seen.body,
        r#"{"properties":{"failoverDirection":"PrimaryToRecovery","sourceSiteOperations":"Required","providerSpecificDetails":[{"instanceType":"A2A","recoveryPointType":"Latest"}]}}"#
    );
}

#[tokio::test]
async fn a_post_without_a_body_says_that_it_has_none() {
    let server = Server::start([Act::Answer(reply(202, &[], ""))]).await;
    arm(&server.url()).send(&forced(), LIMIT).await.unwrap();
    let [seen] = &server.seen()[..] else { panic!("one request") };
    assert_eq!((seen.header("content-length"), seen.header("content-type")), (Some("0"), None));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start([]).await;
    let to = elsewhere.url();
    for status in [301, 302, 307, 308] {
        let server = Server::start([Act::Answer(reply(status, &[("location", &to)], ""))]).await;
        let response = arm(&server.url()).send(&forced(), LIMIT).await.unwrap();
        assert_eq!(response.status, status);
        let error = operation::Accepted::parse(&response).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }) && !error.nothing_started());
        assert_eq!(server.seen().len(), 1);
    }
    assert_eq!(elsewhere.seen().len(), 0);
}

#[tokio::test]
async fn a_post_is_sent_once_whatever_the_answer() {
    for status in [401, 408, 429, 500, 502, 503, 504] {
        let headers = [("retry-after", "0")];
        let server = Server::start([Act::Answer(reply(status, &headers, ""))]).await;
        let response = arm(&server.url()).send(&forced(), LIMIT).await.unwrap();
        assert_eq!(response.status, status);
        assert_eq!(server.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_post_that_meets_a_broken_connection_is_not_sent_again() {
    let server = Server::start([Act::Close]).await;
    let error = arm(&server.url()).send(&forced(), LIMIT).await.unwrap_err();
    let TransportError::Ambiguous(trouble) = error else { panic!("{error:?}") };
    assert_eq!(trouble.kind, TroubleKind::Reset);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_change_never_rides_on_a_connection_that_was_used() {
    let ok = || Act::Answer(reply(200, &[], "{}"));
    let server = Server::start([ok(), ok(), ok(), ok()]).await;
    let arm = arm(&server.url());
    for request in [read(), read(), forced(), forced()] {
        arm.send(&request, LIMIT).await.unwrap();
    }
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 1, 2]);
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = arm(&url).send(&forced(), LIMIT).await.unwrap_err();
    let TransportError::NotSent(trouble) = &error else { panic!("{error:?}") };
    assert_eq!(trouble.kind, TroubleKind::Connect);
    assert!(Error::from(error).nothing_started());
}

/// A listener whose queue is full lets further connection attempts wait, as a dead region does.
#[tokio::test]
async fn a_connection_that_is_never_made_is_certainly_not_sent() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    let patience = std::time::Duration::from_millis(300);
    while let Ok(Ok(stream)) =
        tokio::time::timeout(patience, tokio::net::TcpStream::connect(address)).await
    {
        queued.push(stream);
    }
    let tokens = Tokens::new(Arc::new(Numbered::default()), ARM_SCOPE);
    let clock = Clock::simulated(Timestamp::now(), 50);
    let arm = Arm::new(&format!("http://{address}"), tokens, &Roots::default(), clock).unwrap();
    let limit = SignedDuration::from_mins(30);
    let error = arm.send(&forced(), limit).await.unwrap_err();
    let TransportError::NotSent(trouble) = &error else { panic!("{error:?}") };
    assert_eq!(trouble.kind, TroubleKind::Connect);
    drop((listener, queued));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_ambiguous_after_the_limit() {
    let server = Server::start([Act::Hang]).await;
    let limit = SignedDuration::from_millis(200);
    let error = arm(&server.url()).send(&forced(), limit).await.unwrap_err();
    // On a machine so busy that the time is over before the request leaves, it was not sent.
    let (TransportError::Ambiguous(trouble) | TransportError::NotSent(trouble)) = &error;
    let sent = matches!(error, TransportError::Ambiguous(_));
    assert!(trouble.kind == TroubleKind::Timeout || !sent, "{error:?}");
    assert!(sent || server.seen().is_empty(), "{error:?}");
}

#[tokio::test]
async fn the_outcome_of_a_change_survives_a_body_that_breaks_off() {
    let cut = "HTTP/1.1 202 X\r\ncontent-length: 100\r\nretry-after: 15\r\n\r\n{\"op";
    let server =
        Server::start([Act::AnswerAndClose(cut.into()), Act::AnswerAndClose(cut.into())]).await;
    let arm = arm(&server.url());
    let response = arm.send(&forced(), LIMIT).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (202, b"{\"op".as_slice()));
    assert!(!operation::Accepted::parse(&response).unwrap().finished);
    let error = arm.send(&read(), LIMIT).await.unwrap_err();
    assert!(matches!(error, TransportError::Ambiguous(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_kept_and_still_says_what_became_of_a_change() {
    let endless = || Act::AnswerAndClose(reply(202, &[], &"x".repeat(17 << 20)));
    let server = Server::start([endless(), endless()]).await;
    let error = arm(&server.url()).send(&read(), LIMIT).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Ambiguous(trouble) if trouble.kind == TroubleKind::TooLong),
        "{error}"
    );
    let response = arm(&server.url()).send(&forced(), LIMIT).await.unwrap();
    assert_eq!(response.status, 202);
    assert!(response.body.len() <= 16 << 20);
}

#[tokio::test]
async fn a_signed_address_of_four_kilobytes_is_followed_to_the_letter() {
    let signature: String = ('a'..='z').chain('A'..='Z').cycle().take(4000).collect();
    let target = format!(
        "/Subscriptions/s/replicationOperationStatus/72b6?api-version=2024-10-01&t=638797853604819597&c={signature}&s=a-b_c%2Fd&h=x"
    );
    let server = Server::start([Act::Answer(reply(200, &[], r#"{"status":"Succeeded"}"#))]).await;
    let ours = format!("{}{target}", server.url());
    let headers = [("azure-asyncoperation", ours.as_str()), ("location", ours.as_str())];
    let starter = Server::start([Act::Answer(reply(202, &headers, ""))]).await;
    let first = arm(&starter.url()).send(&forced(), LIMIT).await.unwrap();
    let accepted = operation::Accepted::parse(&first).unwrap();
    let poll = recovery_plan::poll(accepted.poll_url().unwrap());
    let response = arm(&server.url()).send(&poll, LIMIT).await.unwrap();
    assert_eq!(operation::parse(&response).unwrap().status, operation::Status::Succeeded);
    assert_eq!(server.seen()[0].line(), format!("GET {target}"));
}

#[tokio::test]
async fn an_address_elsewhere_never_gets_our_token() {
    let foreign = Server::start([]).await;
    let server = Server::start([]).await;
    let arm = arm(&server.url());
    let port = server.port;
    for url in [
        format!("{}/subscriptions/s?s=signature", foreign.url()),
        format!("https://127.0.0.1:{port}/subscriptions/s"),
        format!("http://127.0.0.1.evil.example:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        "/subscriptions/s".to_owned(),
        String::new(),
    ] {
        let error = arm.send(&sql_failover_group::poll(&url), LIMIT).await.unwrap_err();
        let TransportError::NotSent(trouble) = &error else { panic!("{url}: {error:?}") };
        assert_eq!(trouble.kind, TroubleKind::ForeignHost, "{url}");
        assert!(!error.to_string().contains("signature"), "{error}");
    }
    assert_eq!((foreign.seen().len(), server.seen().len()), (0, 0));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start([]).await;
    let tokens = Tokens::new(Arc::new(NoTokens), ARM_SCOPE);
    let arm = Arm::new(&server.url(), tokens, &Roots::default(), Clock::System).unwrap();
    let error = arm.send(&forced(), LIMIT).await.unwrap_err();
    let TransportError::NotSent(trouble) = &error else { panic!("{error:?}") };
    assert_eq!(trouble.kind, TroubleKind::Token);
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn an_etag_goes_out_as_it_came() {
    let interface = serde_json::json!({
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n",
        "etag": "W/\"65d61d8a\"",
        "properties": {"ipConfigurations": [{"name": "ipconfig1", "properties": {}}]}});
    let interface = crate::parsers::answer(200, &interface);
    let interface = azure::network_interface::parse(&interface).unwrap();
    let address = west();
    let request = azure::network_interface::attach_public_ip(&interface, None, &address).unwrap();
    let server = Server::start([Act::Answer(reply(200, &[], "{}"))]).await;
    arm(&server.url()).send(&request, LIMIT).await.unwrap();
    let [seen] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(seen.header("if-match"), Some("W/\"65d61d8a\""));
    assert!(seen.line().starts_with("PUT "));
}

#[test]
fn an_endpoint_that_would_leak_the_token_is_refused() {
    let tokens = Tokens::new(Arc::new(NoTokens), ARM_SCOPE);
    let error = Arm::new("http://management.azure.com", tokens, &Roots::default(), Clock::System);
    assert!(error.unwrap_err().to_string().contains("loopback"));
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_used_again() {
    let answers = [401, 200].map(|status| Act::Answer(reply(status, &[], "{}")));
    let server = Server::start(answers).await;
    let arm = arm(&server.url());
    arm.send(&read(), LIMIT).await.unwrap();
    // The platform may return the same token once more at once, so nobody asks before a while.
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(11)).await;
    tokio::time::resume();
    arm.send(&read(), LIMIT).await.unwrap();
    let seen = server.seen();
    let tokens: Vec<_> = seen.iter().map(|seen| seen.header("authorization")).collect();
    assert_eq!(tokens, [Some("Bearer t1"), Some("Bearer t2")]);
}
