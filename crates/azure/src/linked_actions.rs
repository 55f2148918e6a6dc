//! What a role must allow beside a request's own action.

/// Actions on other resources that Azure checks as well, because the body names them: it joins them,
/// whether or not anything about them changes.
pub fn linked_actions(action: &str) -> &'static [&'static str] {
    match action {
        // doc: learn.microsoft.com/azure/virtual-network/virtual-network-network-interface,
        // Permissions
        "Microsoft.Network/networkInterfaces/write" => &[
            "Microsoft.Network/virtualNetworks/subnets/join/action",
            "Microsoft.Network/publicIPAddresses/join/action",
            "Microsoft.Network/networkSecurityGroups/join/action",
            "Microsoft.Network/applicationGateways/backendAddressPools/join/action",
            "Microsoft.Network/loadBalancers/backendAddressPools/join/action",
        ],
        // doc: learn.microsoft.com/azure/role-based-access-control/built-in-roles, Site Recovery
        // Operator: of networks, it may only read them
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/testFailover/action" => {
            &["Microsoft.Network/virtualNetworks/read"]
        }
        _ => &[],
    }
}
