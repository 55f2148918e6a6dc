//! The API versions that each provider has registered: the ones that current official clients send
//! (measured with the SDKs of 2026 and az), and some older.

use super::request::ArmRequest;
use crate::door::Response;

struct Provider {
    namespace: &'static str,
    /// Resource types with versions of their own; empty: all others of the namespace.
    kind: &'static str,
    versions: &'static [&'static str],
}

const PROVIDERS: &[Provider] = &[
    Provider {
        namespace: "Microsoft.Sql",
        kind: "",
        versions: &[
            "2015-05-01-preview",
            "2020-11-01-preview",
            "2021-02-01-preview",
            "2021-05-01-preview",
            "2021-08-01-preview",
            "2021-11-01",
            "2022-02-01-preview",
            "2022-05-01-preview",
            "2022-08-01-preview",
            "2022-11-01-preview",
            "2023-02-01-preview",
            "2023-05-01-preview",
            "2023-08-01-preview",
            "2023-08-01",
            "2024-05-01-preview",
            "2024-11-01-preview",
            "2025-01-01",
        ],
    },
    Provider {
        namespace: "Microsoft.RecoveryServices",
        kind: "",
        versions: &[
            "2016-08-10",
            "2018-01-10",
            "2021-11-01",
            "2022-08-01",
            "2022-10-01",
            "2023-08-01",
            "2024-01-01",
            "2024-02-01",
            "2024-04-01",
            "2024-10-01",
            "2025-01-01",
            "2025-02-01",
            "2025-08-01",
            "2026-11-01",
        ],
    },
    Provider {
        namespace: "Microsoft.Network",
        kind: "trafficManagerProfiles",
        versions: &["2018-04-01", "2018-08-01", "2022-04-01-preview", "2022-04-01", "2026-09-01"],
    },
    Provider {
        namespace: "Microsoft.Network",
        kind: "",
        versions: &[
            "2022-11-01",
            "2023-02-01",
            "2023-04-01",
            "2023-05-01",
            "2023-06-01",
            "2023-09-01",
            "2023-11-01",
            "2024-01-01",
            "2024-03-01",
            "2024-05-01",
            "2024-07-01",
            "2024-10-01",
            "2025-01-01",
            "2026-03-01",
        ],
    },
    Provider {
        namespace: "Microsoft.Compute",
        kind: "",
        versions: &[
            "2022-11-01",
            "2023-03-01",
            "2023-07-01",
            "2023-09-01",
            "2024-03-01",
            "2024-07-01",
            "2024-11-01",
            "2025-04-01",
            "2026-04-01",
        ],
    },
    Provider {
        namespace: "Microsoft.ResourceHealth",
        kind: "",
        versions: &["2020-05-01", "2022-10-01", "2023-07-01-preview", "2024-02-01", "2025-05-01"],
    },
    Provider {
        namespace: "Microsoft.Insights",
        kind: "",
        versions: &["2018-01-01", "2019-07-01", "2023-10-01", "2024-02-01"],
    },
];

/// Refuses a provider or a version that nobody has registered.
pub(super) fn check(request: &ArmRequest<'_>) -> Result<(), Response> {
    let Some((namespace, kind)) = request.provider() else { return Ok(()) };
    let mut of_namespace =
        PROVIDERS.iter().filter(|provider| provider.namespace.eq_ignore_ascii_case(namespace));
    let found = of_namespace
        .find(|provider| provider.kind.is_empty() || provider.kind.eq_ignore_ascii_case(kind));
    let Some(provider) = found else {
        return Err(Response::error(
            404,
            "InvalidResourceNamespace",
            &format!("The resource namespace '{namespace}' is invalid."),
        ));
    };
    let asked = request.api_version.as_str();
    if provider.versions.contains(&asked) {
        return Ok(());
    }
    Err(Response::error(
        400,
        "NoRegisteredProviderFound",
        &format!(
            "No registered resource provider found for location 'westus' and API version '{asked}' for type '{kind}'. The supported api-versions are '{}'. The supported locations are 'eastus, westus'.",
            provider.versions.join(", "),
        ),
    ))
}
