//! Who is called what.

use recovery::{Place, ResourceId};

pub(crate) const MACHINES: [&str; 5] = ["dmgr1", "managed1", "managed2", "managed3", "ihs1"];
pub(crate) const MANAGED: [&str; 3] = ["managed1", "managed2", "managed3"];

const GROUPS: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups";

pub(super) fn group(place: Place) -> &'static str {
    match place {
        Place::Preferred => "was-cluster-eastus",
        Place::Standby => "was-cluster-westus",
    }
}

/// The machine of that name in a place.
pub(crate) fn id_in(place: Place, machine: &str) -> ResourceId {
    ResourceId::new(format!(
        "{GROUPS}/{}/providers/Microsoft.Compute/virtualMachines/{machine}",
        group(place)
    ))
}

/// The machine that a drill makes.
pub(super) fn drill_machine(machine: &str) -> ResourceId {
    id_in(Place::Standby, &format!("{machine}-test"))
}

/// The interface of a machine; in the standby place Site Recovery names it as it likes.
pub(super) fn interface(machine: &ResourceId) -> ResourceId {
    let group = machine.as_str().split('/').nth(4).unwrap();
    let made = if group == "was-cluster-westus" { "-asr" } else { "" };
    ResourceId::new(format!(
        "{GROUPS}/{group}/providers/Microsoft.Network/networkInterfaces/{}-nic{made}",
        machine.name()
    ))
}

/// A protected item's id says nothing about its machine.
pub(super) fn item(vault: &ResourceId, machine: &str) -> ResourceId {
    let number = MACHINES.iter().position(|name| *name == machine).unwrap();
    ResourceId::new(format!(
        "{vault}/replicationFabrics/asr-a2a-default-eastus/replicationProtectionContainers/\
         asr-a2a-default-eastus-container/replicationProtectedItems/c0ffee0{number}"
    ))
}

pub(super) fn machine_of(item: &ResourceId) -> &'static str {
    let number: usize = item.name().strip_prefix("c0ffee0").unwrap().parse().unwrap();
    MACHINES[number]
}
