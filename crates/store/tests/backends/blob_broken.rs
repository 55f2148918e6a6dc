use store::{Store, StoreError};

use crate::wire::{Service, Wire};

#[tokio::test]
async fn whatever_does_not_belong_into_a_journal_stops_its_reader() {
    let service = Service::start();
    let store = service.blob("broken", &Wire::good()).await;
    let good = async |journal: &str| {
        for seq in 0..3 {
            store.append(journal, seq, "a", b"{}").await.unwrap();
        }
    };
    let copy = r#"{"journal":"torn","seq":1,"writer":"a","record":{}}"#;
    for (journal, blob, content, at, words) in [
        ("torn", "00000001.json", r#"{"journal":"torn","seq":1,"wri"#, 1, "torn"),
        ("empty", "00000002.json", "", 2, "torn"),
        ("foreign", "00000000.json", r#"{"hello":"world"}"#, 0, "not written by Farshore"),
        ("copied", "00000001.json", copy, 1, "record 1 of journal \"torn\""),
        ("twice", "2.json", copy, 3, "2.json is in the journal's folder"),
        ("notes", "readme.txt", "hello", 3, "readme.txt is in the journal's folder"),
        ("below", "old/00000003.json", copy, 3, "old/00000003.json is in the journal's folder"),
    ] {
        good(journal).await;
        service.put("broken", &format!("journals/{journal}/{blob}"), content).await;
        let error = store.read(journal, 0).await.unwrap_err();
        let StoreError::Corrupt { journal: named, seq, problem } = &error else {
            panic!("{journal}: {error}")
        };
        assert_eq!((named.as_str(), *seq), (journal, at), "{problem}");
        assert!(problem.contains(words), "{journal}: {problem}");
    }
    good("healthy").await;
    assert_eq!(store.read("healthy", 0).await.unwrap().len(), 3, "others are not harmed");
}

#[tokio::test]
async fn a_record_can_be_read_by_people_and_by_other_programs() {
    let service = Service::start();
    let store = service.blob("readable", &Wire::good()).await;
    store.append("run:1", 0, "host-1/7", br#"{"event":"HolderChanged","epoch":1}"#).await.unwrap();
    store.put_document("plans/cafe", None, b"{\"plan\":1}").await.unwrap();
    store.post_request("cafe", "abort 1", b"{}").await.unwrap();
    store.open_run("run:1").await.unwrap();
    for (blob, content) in [
        (
            "journals/run~3A1/00000000.json",
            r#"{"journal":"run:1","seq":0,"writer":"host-1/7","record":{"event":"HolderChanged","epoch":1}}"#,
        ),
        ("documents/plans/cafe", r#"{"plan":1}"#),
        ("inbox/cafe/abort~201", "{}"),
        ("open-runs/run~3A1", r#"{"run":"run:1"}"#),
    ] {
        assert_eq!(service.get("readable", blob).await, content, "{blob}");
    }
}
