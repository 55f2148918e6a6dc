//! What no type of Azure's knows, and what the templates must keep all the same.

use serde_json::{Value, json};

use super::bicep::{Expr, File, Kind};
use super::sources::Sources;
use super::system;
use super::system::System;

fn problems(sources: &Sources, changes: &Value) -> Vec<String> {
    let system = match system(sources, changes) {
        Ok(system) => system,
        Err(error) => return vec![error],
    };
    let mut problems = secrets(sources);
    problems.extend(networks(&system));
    problems.extend(replication(&system));
    problems.extend(entries(&system));
    for group in system.all("Microsoft.Sql/servers/failoverGroups") {
        if group.body["properties"]["readWriteEndpoint"]["failoverPolicy"] != "Manual" {
            problems.push("the failover group fails over by itself".to_owned());
        }
    }
    for account in system.all("Microsoft.Storage/storageAccounts") {
        let is_ours = account.group.as_deref() == Some("rg-cafe-controller");
        if is_ours && account.body["properties"]["allowSharedKeyAccess"] != false {
            problems.push(format!("{} takes keys", account.name));
        }
    }
    problems
}

/// Secrets come in as such and do not go out.
fn secrets(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for path in Sources::below("infra", ".bicep") {
        let file = File::parse(&sources.read(&path)).unwrap();
        let words = ["password", "secret", "entitlement"];
        for item in file.of(Kind::Param) {
            let name = item.name.to_lowercase();
            // What only says where a secret is, is none.
            let is_secret = words.iter().any(|it| name.contains(it)) && !name.contains("address");
            if is_secret && !item.secure {
                problems.push(format!("{path}: {} is not @secure()", item.name));
            }
        }
        let secure: Vec<&str> =
            file.of(Kind::Param).filter(|it| it.secure).map(|it| it.name.as_str()).collect();
        for output in file.of(Kind::Output) {
            let text = format!("{:?}", output.value);
            let is_secret =
                |name: &&str| text.contains(&format!("{:?}", Expr::Name((*name).to_owned())));
            if secure.iter().any(is_secret) || text.contains("listKeys") {
                problems.push(format!("{path}: the output {} shows a secret", output.name));
            }
        }
    }
    problems
}

/// Machines keep their addresses, so the networks are alike and never joined.
fn networks(system: &System) -> Vec<String> {
    let mut problems = Vec::new();
    let spaces: Vec<Value> = system
        .all("Microsoft.Network/virtualNetworks")
        .into_iter()
        .map(|network| network.body["properties"]["addressSpace"]["addressPrefixes"].clone())
        .collect();
    if spaces.len() != 3 || spaces.iter().any(|space| *space != spaces[0]) {
        problems.push(format!("the networks are not three with one space: {spaces:?}"));
    }
    if system.resources.iter().any(|one| one.kind.ends_with("virtualNetworkPeerings")) {
        problems.push("networks are peered".to_owned());
    }
    let groups = system.all("Microsoft.Network/networkSecurityGroups");
    let drill = groups.iter().find(|group| group.file.ends_with("/drill.bicep"));
    let rules = drill.and_then(|group| group.body["properties"]["securityRules"].as_array());
    let is_closed = rules.into_iter().flatten().map(|rule| &rule["properties"]).any(|rule| {
        rule["direction"] == "Outbound"
            && rule["access"] == "Deny"
            && rule["destinationAddressPrefix"] == "*"
    });
    if !is_closed {
        problems.push("test machines can reach the world".to_owned());
    }
    problems
}

fn replication(system: &System) -> Vec<String> {
    let mut problems = Vec::new();
    let base = "Microsoft.RecoveryServices/vaults/replicationFabrics";
    let mappings = system.all(&format!("{base}/replicationNetworks/replicationNetworkMappings"));
    for mapping in &mappings {
        // Azure demands it, and its types do not (Azure/bicep#12888).
        if mapping.body["properties"]["recoveryFabricName"].is_null() {
            problems.push(format!("{} has no recoveryFabricName", mapping.name));
        }
    }
    let containers =
        format!("{base}/replicationProtectionContainers/replicationProtectionContainerMappings");
    for (what, count) in [("network", mappings.len()), ("container", system.all(&containers).len())]
    {
        if count != 2 {
            problems.push(format!("{count} {what} mappings instead of one in each direction"));
        }
    }
    let machines = system.all("Microsoft.Compute/virtualMachines").len();
    let items =
        system.all(&format!("{base}/replicationProtectionContainers/replicationProtectedItems"));
    if items.len() != machines {
        problems.push(format!("{} of {machines} machines are protected", items.len()));
    }
    problems
}

fn entries(system: &System) -> Vec<String> {
    let mut problems = Vec::new();
    for gateway in system.all("Microsoft.Network/applicationGateways") {
        for probe in gateway.body["properties"]["probes"].as_array().into_iter().flatten() {
            let codes = probe["properties"]["match"]["statusCodes"].to_string();
            if codes.contains("404") || codes.contains('-') || !codes.contains("200") {
                problems.push(format!("a probe of {} takes {codes} for healthy", gateway.name));
            }
        }
    }
    for group in system.all("Microsoft.Network/networkSecurityGroups") {
        for rule in group.body["properties"]["securityRules"].as_array().into_iter().flatten() {
            let rule = &rule["properties"];
            let open = rule["direction"] == "Inbound"
                && rule["access"] == "Allow"
                && (rule["sourceAddressPrefix"] == "Internet"
                    || rule["sourceAddressPrefix"] == "*");
            let ports =
                format!("{}{}", rule["destinationPortRange"], rule["destinationPortRanges"]);
            let admin = ["9060", "9043", "9080", "9443", "\"22\""];
            if open && admin.iter().any(|port| ports.contains(port)) {
                problems.push(format!("{} is open to the world at {ports}", group.name));
            }
        }
    }
    problems
}

#[test]
fn the_templates_keep_what_no_type_knows() {
    for changes in [
        json!({}),
        json!({"options": {"operatorCidr": ""}}),
        json!({"entry": "ibm_http_server"}),
        json!({"entry": "ibm_http_server", "options": {"operatorCidr": ""}}),
    ] {
        assert_eq!(problems(&Sources::default(), &changes), Vec::<String>::new(), "{changes}");
    }
}

#[test]
fn a_planted_mistake_of_each_kind_is_found() {
    for (path, right, wrong, says) in [
        ("infra/main.bicep", "@secure()\n", "", "sqlPassword is not @secure()"),
        (
            "infra/main.bicep",
            "output plan object = plan.outputs.plan",
            "output plan object = union(plan.outputs.plan, { password: sqlPassword })",
            "the output plan shows a secret",
        ),
        (
            "infra/workload/network/drill.bicep",
            "access: 'Deny'",
            "access: 'Allow'",
            "reach the world",
        ),
        (
            "infra/replication/topology.bicep",
            "recoveryFabricName:",
            "recoveryFabric:",
            "no recoveryFabricName",
        ),
        (
            "infra/workload/sql/failover-group.bicep",
            "'Manual'",
            "'Automatic'",
            "fails over by itself",
        ),
        (
            "infra/workload/gateway/application-gateway.bicep",
            "['200']",
            "['200-399', '404']",
            "for healthy",
        ),
        (
            "infra/workload/network/site.bicep",
            "empty(operatorCidr) ? 'Internet' : operatorCidr",
            "'Internet'",
            "is open to the world",
        ),
        (
            "infra/controller/storage.bicep",
            "allowSharedKeyAccess: false",
            "allowSharedKeyAccess: true",
            "takes keys",
        ),
    ] {
        let found = problems(&Sources::with(path, right, wrong), &Value::Null);

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}
