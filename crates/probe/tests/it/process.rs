//! The probe as a process against the local Azure as a process, with a tamperer between them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use azure::{Kind, all_requests};
use probe::walk::{AFTER_A_CHANGE, READS};
use serde_json::Value;
use tokio::process::Command;

use crate::local_azure::LocalAzure;
use crate::states::states;
use crate::tamper::{PLANTED, Tamper};

/// The names, numbers and addresses of the tutorial's world.
const TUTORIAL: &[&str] = &[
    "00000000-0000-4000-8000-000000000001",
    "was-cluster",
    "sql-eastus",
    "sql-westus",
    "traffic-westus",
    "cafe",
    "sqlserver",
    "tmprofile",
    "agw-",
    "myPrimaryEndpoint",
    "myFailoverEndpoint",
    "recovery-service-vault",
    "vnet-",
    "dmgr",
    "ihs1",
    "managed1",
    "managed2",
    "managed3",
    "mySampleDatabase",
    "asr-a2a",
    "24-hour",
    "203.0.113.",
    "198.51.100.",
    "10.0.",
    "7f3c1e20-",
    "b08ywHh3q",
];

fn probe(azure: &LocalAzure, arm: &str, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    command
        .arg("--plan")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../plans/websphere-cafe.json"))
        .arg("--out")
        .arg(out)
        .args(["--credential", "managed_identity", "--endpoint", arm])
        .args(["--hide", "quarterly"])
        .env("IDENTITY_ENDPOINT", azure.door("identity"))
        .env("IDENTITY_HEADER", "any")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_recording_has_every_read_and_all_states_and_nothing_that_names_anybody() {
    let azure = LocalAzure::start().with_a_drill().await;
    let tamper = Tamper::before(azure.door("arm")).await;
    let changes = azure.changes().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("recording");

    let ended = probe(&azure, &tamper.url, &out).output().await.unwrap();

    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{said}");
    assert_eq!(azure.changes().await, changes, "it changes nothing");
    let files = files(&out);

    let everything: String =
        files.iter().flat_map(|(name, text)| [name.as_str(), text, "\n"]).collect::<String>()
            + &said;
    let everything = everything.to_ascii_lowercase();
    // The plan's own path is the person's word for where the recording is.
    let left: Vec<_> = PLANTED
        .iter()
        .chain(TUTORIAL)
        .filter(|it| everything.contains(&it.to_ascii_lowercase()))
        .collect();
    assert!(left.is_empty(), "{left:?} are left in {}", folder.keep().display());

    let exchanges: Vec<Value> = files
        .iter()
        .filter(|(name, _)| name.starts_with(|it: char| it.is_ascii_digit()))
        .map(|(_, text)| serde_json::from_str(text).unwrap())
        .collect();
    let recorded: BTreeSet<&str> =
        exchanges.iter().map(|it| it["constructor"].as_str().unwrap()).collect();
    let reads: BTreeSet<&str> = all_requests()
        .into_iter()
        .filter(|(_, request)| request.kind == Kind::Read)
        .map(|(name, _)| name)
        .filter(|name| !AFTER_A_CHANGE.contains(name))
        .collect();
    assert_eq!(recorded, reads);
    assert_eq!(recorded, READS.iter().copied().collect());

    let passed = tamper.passed();
    assert_eq!(passed.len(), exchanges.len());
    for (real, exchange) in passed.iter().zip(&exchanges) {
        let constructor = exchange["constructor"].as_str().unwrap();
        assert_eq!(exchange["request"]["method"], real.method, "{constructor} {}", real.target);
        let response = &exchange["response"];
        assert_eq!(response["status"], real.status);
        assert_eq!(
            states(constructor, real.status, &response["body"]),
            states(constructor, real.status, &real.body),
            "{constructor} {}",
            real.target
        );
    }
}

#[tokio::test]
async fn an_azure_that_does_not_answer_leaves_no_recording_and_a_word_why() {
    let azure = LocalAzure::start();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("recording");
    // A port that nobody listens on any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();

    let ended = probe(&azure, &format!("http://{gone}"), &out).output().await.unwrap();

    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("did not answer any of"), "{said}");
    assert!(!out.exists());
}
