//! Protected items on the wire (recorded: azure-cli-extensions site-recovery A2A; after a failover
//! azure-powershell `A2AReprotectTest`).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::item::{Drill, Item, Protection};
use super::names::{
    IDLE_TIME, POLICY_NAME, container_id, container_name, fabric_id, guid_of, job_id, policy_id,
    resource, time,
};
use super::settings;
use crate::regions::Region;

const HEARTBEAT: SignedDuration = SignedDuration::from_secs(4);

/// The id of an item: it stays under the primary's container until protection is switched.
pub(super) fn id(item: &Item) -> String {
    format!("{}/replicationProtectedItems/{}", container_id(Region::EastUs), item.name)
}

/// The body of `GET …/replicationProtectedItems/{item}`.
pub(super) fn body(item: &Item, now: Timestamp) -> Value {
    let (state, description) = protection_state(item);
    let (drill, drill_description) = drill_state(item);
    let container = |region| container_name(region);
    let mut properties = json!({
        "friendlyName": item.machine_name,
        "protectedItemType": "",
        "protectableItemId": null,
        "recoveryServicesProviderId": format!(
            "{}/replicationRecoveryServicesProviders/{}",
            fabric_id(Region::EastUs),
            guid_of("provider")
        ),
        "primaryFabricFriendlyName": Region::EastUs.display_name(),
        "primaryFabricProvider": "AzureFabric",
        "recoveryFabricFriendlyName": Region::WestUs.display_name(),
        "recoveryFabricId": fabric_id(Region::WestUs),
        "primaryProtectionContainerFriendlyName": container(Region::EastUs),
        "recoveryProtectionContainerFriendlyName": container(Region::WestUs),
        "protectionState": state,
        "protectionStateDescription": description,
        "activeLocation": if item.protection == Protection::Protected { "Primary" } else { "Recovery" },
        "testFailoverState": drill,
        "testFailoverStateDescription": drill_description,
        "switchProviderState": "None",
        "switchProviderStateDescription": null,
        "allowedOperations": if item.scenario.is_some() && item.busy.is_some() {
            &[][..]
        } else {
            item.allowed_operations()
        },
        "replicationHealth": "Normal",
        "failoverHealth": if health_errors(item).is_empty() { "Normal" } else { "Warning" },
        "healthErrors": health_errors(item),
        "policyId": policy_id(),
        "policyFriendlyName": POLICY_NAME,
    });
    let mut put = |key: &str, value: Value| properties[key] = value;
    if let Some(at) = item.failed_over_at {
        put("lastSuccessfulFailoverTime", json!(time(at)));
    }
    if let Some(at) = item.tested_at {
        put("lastSuccessfulTestFailoverTime", json!(time(at)));
    }
    put("currentScenario", current_scenario(item));
    let point = item.point.as_ref().filter(|_| item.protection != Protection::Protected);
    let point = point.map(|point| format!("{}/recoveryPoints/{}", id(item), point.id));
    put("failoverRecoveryPointId", json!(point));
    put("providerSpecificDetails", provider_details(item, now));
    put("recoveryContainerId", json!(container_id(Region::WestUs)));
    put("eventCorrelationId", json!(guid_of(&format!("{} events", item.machine_name))));
    let mut body = json!({
        "id": id(item),
        "name": item.name,
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/\
                 replicationProtectionContainers/replicationProtectedItems",
        "properties": null,
    });
    // Moved, not copied as `json!` does: every look at the plan is answered with all items.
    body["properties"] = properties;
    body
}

fn protection_state(item: &Item) -> (&'static str, &'static str) {
    match item.protection {
        Protection::Protected => ("Protected", "Protected"),
        Protection::CommitPending => {
            ("UnplannedFailoverCommitPendingStatesBegin", "Failover completed")
        }
        Protection::Committed => ("UnplannedFailoverCommitted", "Failover committed"),
    }
}

fn drill_state(item: &Item) -> (&'static str, &'static str) {
    match item.drill {
        Drill::None => ("None", "None"),
        Drill::Running => ("InProgress", "Test failover in progress"),
        Drill::Waiting => ("WaitingForCompletion", "Waiting for user input"),
    }
}

fn current_scenario(item: &Item) -> Value {
    match &item.scenario {
        None => json!({"scenarioName": "None", "jobId": job_id("None"), "startTime": IDLE_TIME}),
        Some((scenario, job, at)) => json!({
            "scenarioName": scenario.name(),
            "jobId": job_id(job),
            "startTime": time(*at),
        }),
    }
}

/// The warning of an item that was never tested: not a reason to hold back (recorded).
fn health_errors(item: &Item) -> Vec<Value> {
    if item.tested_at.is_some() || item.protection != Protection::Protected {
        return Vec::new();
    }
    let name = item.machine_name;
    vec![json!({
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": "8010",
        "errorLevel": "Warning",
        "errorCategory": "TestFailover",
        "errorCode": "161011",
        "summaryMessage": "",
        "errorMessage": format!(
            "No successful test failover has been done on the virtual machine '{name}'."
        ),
        "possibleCauses":
            "No successful test failover has been done on the virtual machine after it was replicated.",
        "recommendedAction": "Do a test failover on the virtual machine.",
        "creationTimeUtc": "2026-11-20T09:25:34.5859921Z",
        "recoveryProviderErrorMessage": null,
        "entityId": item.machine_guid(),
        "errorId": "6:8010",
        "customerResolvability": "NotAllowed",
    })]
}

fn provider_details(item: &Item, now: Timestamp) -> Value {
    let name = item.machine_name;
    let lower = |id: &str| id.to_lowercase();
    let machine = resource(Region::EastUs, "Microsoft.Compute/virtualMachines", name);
    let group =
        "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/was-cluster-westus";
    let (state, description) = protection_state(item);
    // Frozen by the failover (recorded), and by the loss of the source.
    let heartbeat = (now - HEARTBEAT).min(item.replicated_at);
    json!({
        "instanceType": "A2A",
        "fabricObjectId": lower(&machine),
        "initialPrimaryZone": "",
        "initialPrimaryFabricLocation": Region::EastUs.name(),
        "initialRecoveryZone": "",
        "initialPrimaryExtendedLocation": null,
        "initialRecoveryExtendedLocation": null,
        "initialRecoveryFabricLocation": Region::WestUs.name(),
        "multiVmGroupId": guid_of("multi-vm group"),
        "multiVmGroupName": "",
        "multiVmGroupCreateOption": "AutoCreated",
        "managementId": guid_of(&format!("{name} management")),
        "protectedDisks": null,
        "unprotectedDisks": null,
        "protectedManagedDisks": [disk(name, group)],
        "recoveryBootDiagStorageAccountId": null,
        "primaryFabricLocation": Region::EastUs.name(),
        "recoveryFabricLocation": Region::WestUs.name(),
        "osType": "Linux",
        "recoveryAzureVMSize": "Standard_D2s_v3",
        "recoveryAzureVMName": name,
        "recoveryAzureResourceGroupId": group,
        "recoveryCloudService": null,
        "recoveryAvailabilitySet": null,
        "selectedRecoveryAzureNetworkId":
            resource(Region::WestUs, "Microsoft.Network/virtualNetworks", "vnet-was-westus"),
        "selectedTfoAzureNetworkId": null,
        "vmNics": settings::interfaces(item),
        "vmSyncedConfigDetails": {"tags": {}, "inputEndpoints": []},
        "monitoringPercentageCompletion": 0,
        "monitoringJobType": "InitialReplication",
        "lastHeartbeat": time(heartbeat),
        "agentVersion": "9.62.7172.1",
        "agentExpiryDate": "9999-12-31T23:59:59.9999999",
        "isReplicationAgentUpdateRequired": false,
        "agentCertificateExpiryDate": "2029-01-15T08:53:51Z",
        "isReplicationAgentCertificateUpdateRequired": false,
        "recoveryFabricObjectId": item.recovered.as_ref()
            .filter(|_| item.protection != Protection::Protected)
            .map(|id| lower(id.as_str())),
        "vmProtectionState": state,
        "vmProtectionStateDescription": description,
        "lifecycleId": guid_of(&format!("{name} lifecycle")),
        "testFailoverRecoveryFabricObjectId":
            item.test_machine.as_ref().map(|id| lower(id.as_str())),
        "rpoInSeconds": item.lag.as_secs(),
        "lastRpoCalculatedTime": time(item.replicated_at),
        "primaryAvailabilityZone": null,
        "recoveryAvailabilityZone": null,
        "primaryExtendedLocation": null,
        "recoveryExtendedLocation": null,
        "vmEncryptionType": "NotEncrypted",
        "tfoAzureVMName": format!("{name}-test"),
        "recoveryAzureGeneration": "V2",
        "recoveryProximityPlacementGroupId": null,
        "autoProtectionOfDataDisk": "Disabled",
        "recoveryVirtualMachineScaleSetId": null,
        "recoveryCapacityReservationGroupId": null,
    })
}

fn disk(name: &str, group: &str) -> Value {
    let disk = format!("{name}_osdisk");
    json!({
        "diskId": resource(Region::EastUs, "Microsoft.Compute/disks", &disk).to_lowercase(),
        "recoveryResourceGroupId": group,
        "recoveryTargetDiskId": null,
        "recoveryReplicaDiskId":
            resource(Region::WestUs, "Microsoft.Compute/disks", &format!("{disk}-ASRReplica")),
        "recoveryOrignalTargetDiskId": null,
        "recoveryReplicaDiskAccountType": "Premium_LRS",
        "recoveryTargetDiskAccountType": "Premium_LRS",
        "recoveryDiskEncryptionSetId": null,
        "primaryDiskEncryptionSetId": null,
        "diskName": disk,
        "diskCapacityInBytes": 136_367_308_800_u64,
        "primaryStagingAzureStorageAccountId":
            resource(Region::EastUs, "Microsoft.Storage/storageAccounts", "cafeasrcache"),
        "diskType": "OperatingSystem",
        "resyncRequired": false,
        "monitoringPercentageCompletion": null,
        "monitoringJobType": null,
        "dataPendingInStagingStorageAccountInMB": 0.0,
        "dataPendingAtSourceAgentInMB": 1.234_375,
        "diskState": "Protected",
        "allowedDiskLevelOperation": [],
        "isDiskEncrypted": false,
        "secretIdentifier": null,
        "dekKeyVaultArmId": null,
        "isDiskKeyEncrypted": false,
        "keyIdentifier": null,
        "kekKeyVaultArmId": null,
        "failoverDiskName": disk,
        "tfoDiskName": format!("{disk}-ASRtest"),
    })
}
