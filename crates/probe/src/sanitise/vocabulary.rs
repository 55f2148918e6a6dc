//! Words that identify nobody: they stay as they are, also where a name is expected.

/// Names that Azure gives by itself, or that everybody gives; so do short numbers.
const ORDINARY: &[&str] = &[
    "api",
    "azure",
    "current",
    "default",
    "false",
    "global",
    "group",
    "health",
    "healthz",
    "index.html",
    "latest",
    "microsoft azure",
    "none",
    "null",
    "primary",
    "removed",
    "rest",
    "secondary",
    "status",
    "subnet",
    "true",
    "unknown",
    "virtual machine",
    "vm",
];

/// Azure's regions, folded and without blanks; some are `East US` in one answer and `eastus` in
/// the next. A region is no secret that could be kept: what is recorded is about regions.
const REGIONS: &[&str] = &[
    "australiacentral",
    "australiacentral2",
    "australiaeast",
    "australiasoutheast",
    "austriaeast",
    "brazilsouth",
    "brazilsoutheast",
    "canadacentral",
    "canadaeast",
    "centralindia",
    "centralus",
    "centraluseuap",
    "chilecentral",
    "eastasia",
    "eastus",
    "eastus2",
    "eastus2euap",
    "francecentral",
    "francesouth",
    "germanynorth",
    "germanywestcentral",
    "indonesiacentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "jioindiacentral",
    "jioindiawest",
    "koreacentral",
    "koreasouth",
    "malaysiawest",
    "mexicocentral",
    "newzealandnorth",
    "northcentralus",
    "northeurope",
    "norwayeast",
    "norwaywest",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southafricawest",
    "southcentralus",
    "southeastasia",
    "southindia",
    "spaincentral",
    "swedencentral",
    "swedensouth",
    "switzerlandnorth",
    "switzerlandwest",
    "uaecentral",
    "uaenorth",
    "uksouth",
    "ukwest",
    "westcentralus",
    "westeurope",
    "westindia",
    "westus",
    "westus2",
    "westus3",
];

/// What Site Recovery hangs on the names of disks and drills' machines (recorded:
/// Azure/azure-cli-extensions, A2A protected item).
pub(super) const MADE_BY_SITE_RECOVERY: &[&str] = &["-ASRReplica", "-ASRtest", "-test"];

/// Domains that are Azure's or Microsoft's: what stands before them is somebody's.
const DOMAINS: &[&str] = &[
    "aka.ms",
    "azure-api.net",
    "azure.cn",
    "azure.com",
    "azure.net",
    "azure.us",
    "azureedge.net",
    "azurefd.net",
    "azurewebsites.net",
    "chinacloudapi.cn",
    "cloudapp.net",
    "microsoft.com",
    "microsoftonline.com",
    "onmicrosoft.com",
    "trafficmanager.net",
    "usgovcloudapi.net",
    "windows.net",
    "windowsazure.com",
];

/// Labels of host names that Azure's own services have in front of its domains.
const LABELS: &[&str] = &[
    "blob",
    "cloudapp",
    "core",
    "database",
    "dfs",
    "docs",
    "file",
    "go",
    "graph",
    "internal",
    "learn",
    "login",
    "management",
    "portal",
    "privatelink",
    "queue",
    "servicebus",
    "support",
    "table",
    "vault",
    "www",
];

pub(super) fn is_ordinary(name: &str) -> bool {
    let folded = name.trim().to_ascii_lowercase();
    let is_number = folded.len() <= 5 && folded.chars().all(|it| it.is_ascii_digit());
    is_number || ORDINARY.contains(&folded.as_str()) || is_region(&folded)
}

pub(super) fn is_region(name: &str) -> bool {
    let folded: String =
        name.chars().filter(|it| *it != ' ').map(|it| it.to_ascii_lowercase()).collect();
    REGIONS.contains(&folded.as_str())
}

/// The domain of Azure's that a host name ends with, from its dot on; empty if it is the domain
/// itself.
pub(super) fn azure_domain(host: &str) -> Option<&str> {
    let folded = host.to_ascii_lowercase();
    DOMAINS.iter().find_map(|domain| {
        let before = folded.strip_suffix(domain)?;
        (before.is_empty() || before.ends_with('.')).then(|| &host[before.len()..])
    })
}

pub(super) fn is_label_of_azure(label: &str) -> bool {
    LABELS.contains(&label.to_ascii_lowercase().as_str()) || is_region(label)
}

/// Pages of documentation, whose addresses say what went wrong and nothing about anybody.
pub(super) fn is_documentation(host: &str) -> bool {
    const HOSTS: &[&str] =
        &["aka.ms", "docs.microsoft.com", "go.microsoft.com", "learn.microsoft.com"];
    HOSTS.contains(&host.to_ascii_lowercase().as_str())
}
