//! What the service really said, as Microsoft's own tests recorded it, sanitised.

use std::fs;

use probe::Sanitiser;
use serde_json::{Value, json};

use crate::sanitised;
use crate::states::states;

fn recorded(name: &str) -> Value {
    let path = format!("{}/../azure/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(&path).expect(&path)).expect(&path)
}

#[test]
fn recorded_bodies_tell_the_same_states_and_no_names() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("plan_never_run", "recovery_plan::get_plan", &["A2ARP918", "a2aVM918", "4729c5ac"]),
        ("plan_after_failover", "recovery_plan::get_plan", &["rpTest1", "SDKVault", "cloud_fa"]),
        (
            "job_succeeded",
            "recovery_plan::get_job",
            &["a2avm918", "A2ARP918", "5f59fa6b", "frontend"],
        ),
        ("job_with_skipped_task", "recovery_plan::get_job", &["reprotectvm", "73b604e0"]),
        (
            "jobs_partially_succeeded",
            "recovery_plan::list_jobs",
            &["WHNOWF6", "hydratest", "site3"],
        ),
        (
            "item_protected",
            "recovery_plan::get_item",
            &["CliVM2", "cli-test", "10.67.0.5", "azsecpack"],
        ),
        ("item_before_commit", "recovery_plan::get_item", &[]),
        (
            "traffic_manager_profile",
            "traffic_manager::get",
            &["contoso", "mytrafficmanager", "boo"],
        ),
        ("spec_failover_group", "sql_failover_group::get", &[]),
        ("spec_backend_health", "application_gateway::backend_health", &["10.220.1", "MFPool"]),
        (
            "spec_network_interface",
            "network_interface::get",
            &["172.20.2", "rg1", "C7-21", "test-nic"],
        ),
        ("spec_public_ip", "network_interface::get_public_ip", &[]),
        (
            "spec_virtual_machine",
            "virtual_machine::get",
            &["myVM", "RXhhbXBsZSBVc2VyRGF0YQ", "admin"],
        ),
        ("spec_availability_status", "resource_health::get_current", &["rhctestenv"]),
    ];
    for (fixture, constructor, private) in cases {
        let body = recorded(fixture);
        let sanitised = sanitised(&body);
        let (before, after) =
            (states(constructor, 200, &body), states(constructor, 200, &sanitised));
        assert_eq!(after, before, "{fixture}");
        let text = sanitised.to_string().to_ascii_lowercase();
        for word in *private {
            assert!(
                !text.contains(&word.to_ascii_lowercase()),
                "{word} is left in {fixture}: {text}"
            );
        }
    }
}

#[test]
fn azures_own_words_and_the_links_between_resources_survive() {
    let item = sanitised(&recorded("item_protected"));
    let details = &item["properties"]["providerSpecificDetails"];
    assert_eq!(details["recoveryAzureVMSize"], "Standard_DS1_v2");
    assert_eq!(details["primaryFabricLocation"], "eastus");
    assert_eq!(details["agentVersion"], "9.52.6522.1");
    assert_eq!(details["agentCertificateExpiryDate"], "2026-01-15T08:53:51Z");
    assert_eq!(item["properties"]["primaryFabricFriendlyName"], "East US");
    assert_eq!(item["properties"]["healthErrors"][0]["errorCode"], "161011");
    let disk = &details["protectedManagedDisks"][0];
    let name = disk["diskName"].as_str().unwrap();
    assert_eq!(disk["tfoDiskName"], format!("{name}-ASRtest"), "how names are made is a fact");
    let replica = disk["recoveryReplicaDiskId"].as_str().unwrap();
    assert!(replica.ends_with(&format!("/disks/{name}-ASRReplica")), "{replica}");
    let spelled = details["fabricObjectId"].as_str().unwrap();
    assert!(spelled.contains("/resourcegroups/anon-"), "the case of an id is a fact: {spelled}");
    let friendly = item["properties"]["friendlyName"].as_str().unwrap();
    assert!(spelled.ends_with(&friendly.to_ascii_lowercase()), "{spelled} is {friendly}");
    let message = item["properties"]["healthErrors"][0]["errorMessage"].as_str().unwrap();
    assert!(message.contains(&format!("'{friendly}'")), "{message}");

    let job = sanitised(&recorded("job_succeeded"));
    let task = &job["properties"]["tasks"][0];
    assert_eq!(task["name"], "RpSrsPrerequisitesCheck");
    assert_eq!(task["friendlyName"], "Prerequisites check for the recovery plan");
    assert_eq!(job["properties"]["tasks"][1]["taskId"], "ShutdownAllActionGroup");
    let id = job["id"].as_str().unwrap();
    assert!(id.ends_with(job["name"].as_str().unwrap()), "a job's name is in its id: {id}");
}

#[test]
fn an_accepted_requests_headers_lead_to_the_same_job_and_keep_no_signature() {
    let mut sanitiser = Sanitiser::new(&[]);
    let pairs = recorded("plan_failover_accepted_headers");
    let mut clean = |name: &str| {
        let is_it = |pair: &&Value| pair[0] == name;
        let value = pairs.as_array().unwrap().iter().find(is_it).unwrap()[1].as_str().unwrap();
        sanitiser.text(value)
    };
    let operation = clean("azure-asyncoperation");
    let job = clean("x-ms-request-id");
    let name = job.rsplit('/').next().unwrap();
    assert!(name.starts_with("a0a0a0a0-"), "{job}");
    assert!(operation.starts_with("https://management.azure.com/Subscriptions/"), "{operation}");
    assert!(operation.ends_with(&format!("/{name}?api-version=2021-11-01")), "{operation}");

    let signed = "https://management.azure.com/subscriptions/s1/providers/Microsoft.Network/locations/eastus/operationResults/6886f4a5-fbf4-43b6-82f3-cb6f6276d8b6?api-version=2024-01-01&t=6381&c=KSzVn&s=dLJ1&h=F_R";
    let cleaned = sanitiser.text(signed);
    assert!(
        cleaned.ends_with("?api-version=2024-01-01&t=removed&c=removed&s=removed&h=removed"),
        "{cleaned}"
    );
    assert!(cleaned.contains("/locations/eastus/operationResults/a0a0a0a0-"), "{cleaned}");
}

#[test]
fn what_is_removed_is_said_and_a_hidden_word_goes_even_from_azures_words() {
    let mut sanitiser = Sanitiser::new(&["Fabrikam".to_owned()]);
    let body = json!({
        "tags": {"a": "b"},
        "properties": {"osProfile": {"adminUsername": "root1"}, "provisioningState": "FabrikamState",
            "isKeyEncrypted": true, "keyVaultSecretId": null},
    });
    let cleaned = sanitiser.json(&body);
    assert_eq!(cleaned.removed, ["/tags", "/properties/osProfile"]);
    let expected = json!({"properties": {
        "provisioningState": "Anon-hidden-1State", "isKeyEncrypted": true, "keyVaultSecretId": null,
    }});
    assert_eq!(cleaned.value, expected);
}
