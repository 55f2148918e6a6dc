//! Subscriptions and resource groups: what is there before any provider.

use serde_json::{Value, json};

use super::request::ArmRequest;
use crate::door::Response;
use crate::regions::Region;
use crate::tutorial::{RESOURCE_GROUPS, SUBSCRIPTION, TENANT};

/// Answers for subscriptions and resource groups, and refuses the ones that do not exist.
pub(super) fn handle(request: &ArmRequest<'_>) -> Option<Response> {
    if request.capture::<0>("GET", "/subscriptions").is_some() {
        return Some(Response::json(200, &json!({"value": [subscription()]})));
    }
    if let Some([tenants]) = request.capture("GET", "/*")
        && tenants.eq_ignore_ascii_case("tenants")
    {
        let tenant = json!({"id": format!("/tenants/{TENANT}"), "tenantId": TENANT});
        return Some(Response::json(200, &json!({"value": [tenant]})));
    }
    let asked = request.subscription()?;
    if !asked.eq_ignore_ascii_case(SUBSCRIPTION) {
        return Some(gateway_404(
            "SubscriptionNotFound",
            &format!("The subscription '{asked}' could not be found."),
        ));
    }
    if request.capture::<1>("GET", "/subscriptions/*").is_some() {
        return Some(Response::json(200, &subscription()));
    }
    if request.capture::<1>("GET", "/subscriptions/*/resourceGroups").is_some() {
        let groups: Vec<Value> = RESOURCE_GROUPS.iter().map(|name| resource_group(name)).collect();
        return Some(Response::json(200, &json!({"value": groups})));
    }
    let asked = request.resource_group()?;
    let Some(name) = RESOURCE_GROUPS.iter().find(|name| name.eq_ignore_ascii_case(asked)) else {
        return Some(gateway_404(
            "ResourceGroupNotFound",
            &format!("Resource group '{asked}' could not be found."),
        ));
    };
    request
        .capture::<2>("GET", "/subscriptions/*/resourceGroups/*")
        .map(|_| Response::json(200, &resource_group(name)))
}

fn subscription() -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}"),
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
        "displayName": "WebSphere Cafe",
        "state": "Enabled",
    })
}

fn resource_group(name: &str) -> Value {
    let region = Region::BOTH.into_iter().find(|region| name.ends_with(region.name()));
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"),
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": region.unwrap_or(Region::WestUs).name(),
        "properties": {"provisioningState": "Succeeded"},
    })
}

fn gateway_404(code: &str, message: &str) -> Response {
    Response::error(404, code, message).with_header("x-ms-failure-cause", "gateway")
}
