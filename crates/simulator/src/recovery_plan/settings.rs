//! An item's settings: its target interface.
//!
//! The request names an ip configuration `ipConfigName`, the answer `name`; a PATCH that leaves a
//! field out turns its null into `""` and `[]` (recorded: azure-powershell `A2AVMNicConfig`).

use serde_json::{Value, json};

use super::item::{Item, Settings};
use super::job::Order;
use super::names::{guid_of, resource};
use crate::regions::Region;

/// Takes over what a PATCH said.
pub(super) fn apply(item: &mut Item, order: &Order) {
    let Some(input) = &order.settings else { return };
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let nic = &input["vmNics"][0];
    if nic.is_null() {
        return;
    }
    item.settings = Settings {
        touched: true,
        public_address: text(&nic["ipConfigs"][0]["recoveryPublicIPAddressId"]),
        interface_name: text(&nic["recoveryNicName"]),
    };
}

/// `providerSpecificDetails.vmNics` of the item.
pub(super) fn interfaces(item: &Item) -> Value {
    let settings = &item.settings;
    let (text, list) =
        if settings.touched { (json!(""), json!([])) } else { (Value::Null, Value::Null) };
    let or_unset = |value: &Option<String>| value.as_ref().map_or(text.clone(), |text| json!(text));
    let network = |region: Region| {
        let name = format!("vnet-was-{}", region.name());
        resource(region, "Microsoft.Network/virtualNetworks", &name)
    };
    let source = format!("{}-nic", item.machine_name);
    json!([{
        "nicId": guid_of(&source),
        "replicaNicId": null,
        "sourceNicArmId": resource(Region::EastUs, "Microsoft.Network/networkInterfaces", &source),
        "vMNetworkName": network(Region::EastUs),
        "recoveryVMNetworkId": network(Region::WestUs),
        "ipConfigs": [{
            "name": "ipconfig1",
            "isPrimary": true,
            "subnetName": "subnet-was",
            "staticIPAddress": format!("10.0.0.{}", item.host),
            "ipAddressType": "Static",
            "isSeletedForFailover": true,
            "recoverySubnetName": "subnet-was",
            "recoveryStaticIPAddress": format!("10.1.0.{}", item.host),
            "recoveryIPAddressType": "Static",
            "recoveryPublicIPAddressId": or_unset(&settings.public_address),
            "recoveryLBBackendAddressPoolIds": list,
            "tfoSubnetName": text,
            "tfoStaticIPAddress": text,
            "tfoPublicIPAddressId": text,
            "tfoLBBackendAddressPoolIds": list,
        }],
        "selectionType": if settings.touched { "SelectedByUser" } else { "SelectedByDefault" },
        "recoveryNetworkSecurityGroupId": null,
        "enableAcceleratedNetworkingOnRecovery": false,
        "tfoVMNetworkId": null,
        "tfoNetworkSecurityGroupId": null,
        "enableAcceleratedNetworkingOnTfo": null,
        "recoveryNicName": or_unset(&settings.interface_name),
        "recoveryNicResourceGroupName": text,
        "reuseExistingNic": false,
        "tfoRecoveryNicName": text,
        "tfoRecoveryNicResourceGroupName": text,
        "tfoReuseExistingNic": false,
        "targetNicName": null,
    }])
}
