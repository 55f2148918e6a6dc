use std::time::Duration;

use store::{Append, BlobOptions, Put, Store, StoreError};

use crate::wire::{Fault, Service, Wire};

#[tokio::test]
async fn a_lost_answer_to_an_append_is_found_out() {
    let service = Service::start();
    let wire = Wire::good();
    let store = service.blob("lost", &wire).await;

    wire.set(Fault::DieAfter(0));
    let error = store.append("run", 0, "a", b"[1]").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    wire.reset();
    assert_eq!(store.append("run", 0, "a", b"[1]").await.unwrap(), Append::Written);
    assert_eq!(store.append("run", 0, "b", b"[1]").await.unwrap(), Append::Taken);

    // The network itself may deliver a request twice: the second answer is a conflict.
    wire.set(Fault::Twice(0));
    assert_eq!(store.append("run", 1, "a", b"[2]").await.unwrap(), Append::Written);

    // The answer to the look that follows a conflict may be lost too.
    wire.set(Fault::DieBefore(1));
    let error = store.append("run", 1, "a", b"[2]").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    wire.reset();
    assert_eq!(store.append("run", 1, "a", b"[2]").await.unwrap(), Append::Written);
    assert_eq!(store.read("run", 0).await.unwrap(), [b"[1]", b"[2]"]);
}

#[tokio::test]
async fn every_call_asks_the_service_once_and_leaves_repeating_to_the_caller() {
    let service = Service::start();
    let wire = Wire::good();
    let store = service.blob("once", &wire).await;
    for (status, code) in [
        (500, "InternalError"),
        (503, "ServerBusy"),
        (429, "TooManyRequests"),
        (408, "RequestTimeout"),
        (409, "ContainerBeingDeleted"),
    ] {
        let fault = Fault::Status(0, status, code);
        let mut errors = Vec::new();
        wire.set(fault);
        errors.push(store.append("run", 0, "a", b"{}").await.unwrap_err());
        assert_eq!(wire.count(), 1, "{status}");
        wire.set(fault);
        errors.push(store.put_document("plan", None, b"{}").await.unwrap_err());
        assert_eq!(wire.count(), 1, "{status}");
        wire.set(fault);
        errors.push(store.get_document("plan").await.unwrap_err());
        wire.set(fault);
        errors.push(store.read("run", 0).await.unwrap_err());
        wire.set(fault);
        errors.push(store.close_run("run").await.unwrap_err());
        for error in errors {
            assert!(
                matches!(&error, StoreError::Unavailable(text) if text.contains(code)),
                "{error}"
            );
        }
    }
    wire.reset();
    assert!(store.read("run", 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_waiting_does_not_mend_is_refused() {
    let service = Service::start();
    let wire = Wire::good();
    let store = service.blob("refused", &wire).await;
    for (status, code, words) in [
        (403, "AuthorizationPermissionMismatch", "Storage Blob Data Contributor"),
        (401, "NoAuthenticationInformation", "Storage Blob Data Contributor"),
        (404, "ContainerNotFound", "does not exist"),
        (400, "InvalidHeaderValue", "did not understand"),
    ] {
        wire.set(Fault::Status(0, status, code));
        let error = store.append("run", 0, "a", b"{}").await.unwrap_err();
        let StoreError::Refused { reason } = &error else { panic!("{status}: {error}") };
        assert!(reason.contains(words) && reason.contains(code), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_is_given_up_after_the_limit() {
    // Nothing is sent, so no Azurite is needed, and the paused clock jumps to the limit.
    let wire = Wire::good();
    let options = BlobOptions {
        client: Some(wire.clone()),
        call_limit: Duration::from_secs(7),
        ..BlobOptions::default()
    };
    let url = |name: &str| format!("http://127.0.0.1:9/account/{name}?sig=x").parse().unwrap();
    let store = store::Blob::new(&url("main"), &url("leases"), &options).unwrap();
    let calls: [(&str, Result<(), StoreError>); 4] = [
        ("append", {
            wire.set(Fault::Silence(0));
            store.append("run", 0, "a", b"{}").await.map(drop)
        }),
        ("read", {
            wire.set(Fault::Silence(0));
            store.read("run", 0).await.map(drop)
        }),
        ("put", {
            wire.set(Fault::Silence(0));
            store.put_document("plan", None, b"").await.map(drop)
        }),
        ("lease", {
            wire.set(Fault::Silence(0));
            let ttl = jiff::SignedDuration::from_secs(30);
            store.acquire_lease("run", "a", jiff::Timestamp::UNIX_EPOCH, ttl).await.map(drop)
        }),
    ];
    for (call, end) in calls {
        let error = end.unwrap_err();
        assert!(
            matches!(&error, StoreError::Unavailable(text) if text.contains("within 7s")),
            "{call}: {error}"
        );
    }
}

#[tokio::test]
async fn a_document_whose_answer_was_lost_is_there_when_it_is_read_again() {
    let service = Service::start();
    let wire = Wire::good();
    let store = service.blob("documents", &wire).await;
    wire.set(Fault::DieAfter(0));
    store.put_document("plan", None, b"mine").await.unwrap_err();
    wire.reset();
    // Two writers may write the same bytes, so only the caller knows whether they are its own.
    assert_eq!(store.put_document("plan", None, b"mine").await.unwrap(), Put::Conflict);
    assert_eq!(store.get_document("plan").await.unwrap().unwrap().bytes, b"mine");
}
