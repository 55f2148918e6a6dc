//! Virtual machines on the wire (compute 2024-07-01).

use serde_json::{Value, json};

use super::{Machine, Power};
use crate::door::Response;
use crate::regions::Region;
use crate::resource_id::ResourceId;
use crate::tutorial::SUBSCRIPTION;

/// The body of `GET virtualMachines/{name}`, with `$expand=instanceView` on demand.
pub(super) fn machine(machine: &Machine, with_view: bool) -> Value {
    let name = &machine.name;
    let disk = format!("{name}_osdisk");
    let mut properties = json!({
        "hardwareProfile": {"vmSize": "Standard_D2s_v3"},
        "provisioningState": provisioning_state(machine.power),
        "vmId": vm_id(machine),
        "storageProfile": {
            "osDisk": {
                "osType": "Linux",
                "name": disk,
                "createOption": "Attach",
                "caching": "ReadWrite",
                "managedDisk": {
                    "id": resource(machine.region, "Microsoft.Compute/disks", &disk).as_str(),
                },
                "diskSizeGB": 127,
            },
            "dataDisks": [],
        },
        "networkProfile": {
            "networkInterfaces": [{
                "id": machine.interface.as_str(),
                "properties": {"primary": true},
            }],
        },
        "timeCreated": machine.created_at.to_string(),
    });
    if with_view {
        properties["instanceView"] = instance_view(machine);
    }
    json!({
        "name": name,
        "id": machine.id.as_str(),
        "type": "Microsoft.Compute/virtualMachines",
        "location": machine.region.name(),
        "tags": {},
        "properties": properties,
    })
}

/// The body of `GET virtualMachines/{name}/instanceView`.
pub(super) fn instance_view(machine: &Machine) -> Value {
    let provisioned = match machine.power {
        Power::Creating => ("creating", "Creating"),
        Power::Starting | Power::Stopping | Power::Deallocating => ("updating", "Updating"),
        _ => ("succeeded", "Provisioning succeeded"),
    };
    let mut statuses = vec![json!({
        "code": format!("ProvisioningState/{}", provisioned.0),
        "level": "Info",
        "displayStatus": provisioned.1,
        "time": machine.created_at.to_string(),
    })];
    if let Some((code, shown)) = power_state(machine.power) {
        statuses.push(json!({
            "code": format!("PowerState/{code}"),
            "level": "Info",
            "displayStatus": shown,
        }));
    }
    let mut view = json!({
        "hyperVGeneration": "V2",
        "statuses": statuses,
    });
    if machine.power == Power::Running {
        view["computerName"] = json!(machine.name);
        view["vmAgent"] = json!({
            "vmAgentVersion": "2.11.1.12",
            "statuses": [{
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Ready",
                "message": "Guest Agent is running",
            }],
        });
    }
    view
}

/// The error of a machine that is not there (recorded text of ARM's 404).
pub(super) fn not_found(id: &ResourceId) -> Response {
    let group = id.as_str().split('/').nth(4).unwrap_or_default();
    let message = format!(
        "The Resource 'Microsoft.Compute/virtualMachines/{}' under resource group '{group}' was \
         not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        id.name()
    );
    Response::error(404, "ResourceNotFound", &message)
}

pub(super) fn resource(region: Region, provider_type: &str, name: &str) -> ResourceId {
    ResourceId::new(format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-{}/providers/{provider_type}/{name}",
        region.name()
    ))
}

fn provisioning_state(power: Power) -> &'static str {
    match power {
        Power::Creating => "Creating",
        Power::Starting | Power::Stopping | Power::Deallocating => "Updating",
        Power::Running | Power::Stopped | Power::Deallocated => "Succeeded",
    }
}

fn power_state(power: Power) -> Option<(&'static str, &'static str)> {
    match power {
        Power::Creating => None,
        Power::Starting => Some(("starting", "VM starting")),
        Power::Running => Some(("running", "VM running")),
        Power::Stopping => Some(("stopping", "VM stopping")),
        Power::Stopped => Some(("stopped", "VM stopped")),
        Power::Deallocating => Some(("deallocating", "VM deallocating")),
        Power::Deallocated => Some(("deallocated", "VM deallocated")),
    }
}

/// A GUID from region and host part of the address: stable, and different for a replica.
fn vm_id(machine: &Machine) -> String {
    let [a, b, c, d] = machine.private_ip.octets();
    format!("7f3c1e20-{a:02x}{b:02x}-4a5b-9c{c:02x}-0000000000{d:02x}")
}
