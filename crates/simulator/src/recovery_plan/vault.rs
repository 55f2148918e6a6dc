//! What is around the plan and its items: the vault, its fabrics, containers, policy and health.

use serde_json::{Value, json};

use super::State;
use super::item::{Drill, Item, Protection};
use super::item_body;
use super::names::{
    POLICY_NAME, VAULT_NAME, container_id, container_name, fabric_id, fabric_name, guid_of,
    policy_id, time, vault_id,
};
use crate::regions::Region;

pub(super) fn vault() -> Value {
    json!({
        "id": vault_id(),
        "name": VAULT_NAME,
        "type": "Microsoft.RecoveryServices/vaults",
        "location": Region::WestUs.name(),
        "etag": "W/\"datetime'2026-11-01T08%3A00%3A00.0000000Z'\"",
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
        },
        "sku": {"name": "RS0", "tier": "Standard"},
    })
}

pub(super) fn fabrics() -> Vec<Value> {
    Region::BOTH.into_iter().map(fabric).collect()
}

pub(super) fn fabric(region: Region) -> Value {
    json!({
        "id": fabric_id(region),
        "name": fabric_name(region),
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics",
        "properties": {
            "friendlyName": region.display_name(),
            "internalIdentifier": guid_of(&fabric_name(region)),
            "bcdrState": "Valid",
            "customDetails": {
                "instanceType": "Azure",
                "location": region.name(),
                "containerIds": [container_id(region)],
            },
            "healthErrorDetails": [],
            "health": "Normal",
        },
    })
}

pub(super) fn container(state: &State, region: Region) -> Value {
    let items = if region == Region::EastUs { state.items.len() } else { 0 };
    json!({
        "id": container_id(region),
        "name": container_name(region),
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers",
        "properties": {
            "fabricFriendlyName": region.display_name(),
            "friendlyName": container_name(region),
            "fabricType": "Azure",
            "protectedItemCount": items,
            "pairingStatus": "Paired",
            "role": "",
            "fabricSpecificDetails": {"instanceType": "Azure"},
        },
    })
}

pub(super) fn policy() -> Value {
    json!({
        "id": policy_id(),
        "name": POLICY_NAME,
        "type": "Microsoft.RecoveryServices/vaults/replicationPolicies",
        "properties": {
            "friendlyName": POLICY_NAME,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointThresholdInMinutes": 15,
                "recoveryPointHistory": 1440,
                "appConsistentFrequencyInMinutes": 240,
                "multiVmSyncStatus": "Disabled",
                "crashConsistentFrequencyInMinutes": 5,
            },
        },
    })
}

/// The newest recovery point of an item.
pub(super) fn recovery_points(item: &Item) -> Vec<Value> {
    let name =
        item.point.as_ref().map_or_else(|| guid_of(item.machine_name), |point| point.id.clone());
    let at = item.point.as_ref().map_or(item.replicated_at - item.lag, |point| point.time);
    vec![json!({
        "id": format!("{}/recoveryPoints/{name}", item_body::id(item)),
        "name": name,
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/\
                 replicationProtectedItems/recoveryPoints",
        "properties": {
            "recoveryPointTime": time(at),
            "recoveryPointType": "CrashConsistent",
            "providerSpecificDetails": {"instanceType": "A2A", "recoveryPointSyncType": "PerVmRecoveryPoint"},
        },
    })]
}

/// The body of `GET replicationVaultHealth` (recorded: azure-cli-extensions site-recovery vault).
pub(super) fn health(state: &State) -> Value {
    let count = |test: fn(&Item) -> bool| state.items.iter().filter(|item| test(item)).count();
    let waiting = count(|item| item.drill == Drill::Waiting);
    let running = count(|item| item.drill == Drill::Running);
    let untested =
        count(|item| item.tested_at.is_none() && item.protection == Protection::Protected);
    let none = json!({"resourceCount": 0, "issues": [], "categorizedResourceCounts": null});
    json!({
        "name": "Default",
        "type": "Microsoft.RecoveryServices/vaults/replicationVaultHealth",
        "id": format!("{}/replicationVaultHealth/Default", vault_id()),
        "properties": {
            "vaultErrors": [],
            "protectedItemsHealth": {
                "resourceCount": state.items.len(),
                "issues": [],
                "categorizedResourceCounts": {
                    "testFailoverApplicableProtectedItemsCount": state.items.len() - waiting - running,
                    "testFailoverInProgressProtectedItemsCount": running,
                    "testFailoverWaitingProtectedItemsCount": waiting,
                    "protectedItemsCriticalCount": 0,
                    "protectedItemsWarningCount": 0,
                    "protectedItemsNeutralCount": 0,
                    "protectedItemsTestFailoverCriticalCount": 0,
                    "protectedItemsTestFailoverWarningCount": untested,
                    "protectedItemsConfigurationCriticalCount": 0,
                    "protectedItemsConfigurationWarningCount": 0,
                    "protectedItemsFailoverHealthCriticalCount": 0,
                    "protectedItemsFailoverHealthWarningCount": untested,
                },
            },
            "fabricsHealth": none.clone(),
            "containersHealth": none,
        },
    })
}
