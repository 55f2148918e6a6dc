//! Credentials against a local identity endpoint and a local Entra.

use std::process::Command;
use std::sync::Arc;

use azure::credential::{Credential, Identity};
use azure::http::Roots;
use azure::token::{ARM_SCOPE, Source, Tokens};
use clock::Clock;
use jiff::Timestamp;

use crate::server::{Act, Server, reply};

fn msi(token: &str) -> Act {
    let expires = Timestamp::now().as_second() + 3600;
    let body = format!(
        r#"{{"access_token":"{token}","expires_on":"{expires}","resource":"r","token_type":"Bearer"}}"#
    );
    Act::Answer(reply(200, &[("content-type", "application/json")], &body))
}

/// The environment of a process is shared by all its tests, so this one runs in a process of its
/// own: itself, told by a variable.
#[test]
fn a_managed_identity_asks_the_endpoint_of_its_environment() {
    const CHILD: &str = "FARSHORE_TEST_IDENTITY_CHILD";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if std::env::var_os(CHILD).is_some() {
        let credential = Credential::ManagedIdentity { client_id: Some("client".into()) };
        let identity = Identity::new(credential, None, Roots::default(), Clock::System).unwrap();
        let tokens = Tokens::new(Arc::new(identity), ARM_SCOPE);
        let token = runtime.block_on(tokens.get()).unwrap();
        assert_eq!(token.bearer(), "Bearer from-identity");
        return;
    }
    let (to_child, port) = std::sync::mpsc::channel();
    let (finished, stop) = tokio::sync::oneshot::channel::<()>();
    let serving = std::thread::spawn(move || {
        runtime.block_on(async {
            let server = Server::start([msi("from-identity")]).await;
            to_child.send(server.port).unwrap();
            stop.await.unwrap();
            server.seen()
        })
    });
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "credential::a_managed_identity_asks_the_endpoint_of_its_environment"])
        .env(CHILD, "1")
        .env("IDENTITY_ENDPOINT", format!("http://127.0.0.1:{}/msi/token", port.recv().unwrap()))
        .env("IDENTITY_HEADER", "the-header")
        .status()
        .unwrap();
    finished.send(()).unwrap();
    let seen = serving.join().unwrap();
    assert!(status.success());
    let [seen] = &seen[..] else { panic!("one request: {seen:?}") };
    assert_eq!(
        seen.line(),
        "GET /msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com&client_id=client"
    );
    assert_eq!(seen.header("x-identity-header"), Some("the-header"));
}

fn secret(authority: &str) -> Identity {
    let credential = Credential::ClientSecret {
        tenant_id: "11111111-2222-4333-8444-555555555555".into(),
        client_id: "client".into(),
        secret: "s3cret&".into(),
    };
    Identity::new(credential, Some(authority), Roots::default(), Clock::System).unwrap()
}

#[tokio::test]
async fn a_client_secret_goes_to_the_authority_that_was_set() {
    let body = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"from-entra"}"#;
    let server = Server::start([Act::Answer(reply(200, &[], body))]).await;
    let token = secret(&server.url()).fetch(ARM_SCOPE).await.unwrap();
    assert_eq!(token.bearer(), "Bearer from-entra");
    let [seen] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(seen.line(), "POST /11111111-2222-4333-8444-555555555555/oauth2/v2.0/token");
    assert_eq!(
        seen.body,
        "client_id=client&client_secret=s3cret%26&grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
    );
}

#[tokio::test]
async fn a_refusal_is_told_in_a_line_and_without_the_secret_and_not_repeated() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215]}"#;
    for (status, word) in [(401, "AADSTS7000215"), (503, "")] {
        let server = Server::start([Act::Answer(reply(status, &[], body))]).await;
        let problem = secret(&server.url()).fetch(ARM_SCOPE).await.unwrap_err();
        assert!(problem.contains(word) && !problem.contains("s3cret"), "{problem}");
        assert!(!problem.contains('\n'), "{problem}");
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn every_fetch_asks_anew() {
    let answer = |token: &str| {
        let body =
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{token}"}}"#);
        Act::Answer(reply(200, &[], &body))
    };
    let server = Server::start([answer("one"), answer("two")]).await;
    let identity = secret(&server.url());
    assert_eq!(identity.fetch(ARM_SCOPE).await.unwrap().bearer(), "Bearer one");
    assert_eq!(identity.fetch(ARM_SCOPE).await.unwrap().bearer(), "Bearer two");
}
