#!/usr/bin/env bash
# Registers the Entra application that callers of the app need a token for, and lets Azure Monitor's
# alerts and Event Grid's events get one. No template can: it is in Entra, not in a subscription. May be
# run again; what is there is left alone. Without it, function keys are the only guard.
#
#   infra/hooks/make-webhook-application.sh [ENVIRONMENT]
#
# Needs az, jq, and somebody who may register applications and consent for the tenant (Cloud Application
# Administrator). With azd the next deployment knows the application; otherwise put what is printed into
# the parameter webhookApplication.
#
# doc: learn.microsoft.com/azure/azure-monitor/alerts/action-groups, secure webhook
# doc: learn.microsoft.com/azure/event-grid/secure-webhook-delivery
set -euo pipefail
export AZURE_ENV_NAME=${1:-${AZURE_ENV_NAME:-}}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

graph=https://graph.microsoft.com/v1.0
name="Farshore ($AZURE_ENV_NAME)"
# Microsoft's own applications have these ids in every tenant.
azure_monitor=461e8683-5575-4561-ac7f-899cc907d62a # AzNS AAD Webhook
event_grid=4962773b-9cdb-44cf-a8bf-237846a00ab7    # Microsoft.EventGrid
azure_cli=04b07795-8ddb-461a-bbee-02f9e1bf7b46     # Microsoft Azure CLI
# Ids of what the application offers are unique within it, and fixed, so that a second run finds them.
alerts_role=5f0e2b62-6f43-4a56-9b7c-7c8c2a6f4b01
events_role=5f0e2b62-6f43-4a56-9b7c-7c8c2a6f4b02
people_scope=5f0e2b62-6f43-4a56-9b7c-7c8c2a6f4b03

# Entra answers "not found" for some seconds after it has made something.
patiently() {
  for _ in 1 2 3 4 5; do
    if "$@"; then return 0; fi
    sleep 10
  done
  "$@"
}
# principal CLIENT_ID: its object id in this tenant; it is made if it is not there.
principal() {
  local id
  id=$(az ad sp list --filter "appId eq '$1'" --query '[].id' --output tsv) || return 1
  if [ -z "$id" ]; then id=$(patiently az ad sp create --id "$1" --query id --output tsv) || return 1; fi
  echo "$id"
}
# give PRINCIPAL ROLE: lets it call the application.
give() {
  local given
  given=$(az rest --method get --url "$graph/servicePrincipals/$ours/appRoleAssignedTo" \
    --query "length(value[?principalId=='$1' && appRoleId=='$2'])" --output tsv)
  if [ "$given" = 0 ]; then
    patiently az rest --method post --url "$graph/servicePrincipals/$ours/appRoleAssignedTo" --output none \
      --body "{\"principalId\": \"$1\", \"resourceId\": \"$ours\", \"appRoleId\": \"$2\"}"
  fi
}
change() { patiently az rest --method patch --url "$graph/applications/$object" --body "$1" --output none; }

client=$(az ad app list --filter "displayName eq '$name'" --query '[].appId' --output tsv)
case "$client" in
  '') client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv) ;;
  *[[:space:]]*) echo "There are several applications called $name: delete those that are not used." >&2; exit 1 ;;
esac
object=$(patiently az ad app show --id "$client" --query id --output tsv)

# Tokens of version 2 name the issuer that App Service is told to expect (controller/authentication.bicep).
# People get theirs through the Azure CLI, which therefore needs no consent of theirs.
application=$(jq --null-input --compact-output --arg client "$client" --arg alerts "$alerts_role" \
  --arg events "$events_role" --arg people "$people_scope" '{
    identifierUris: ["api://\($client)"],
    appRoles: [
      {id: $alerts, value: "ActionGroupsSecureWebhook", allowedMemberTypes: ["Application"], isEnabled: true,
       displayName: "ActionGroupsSecureWebhook", description: "Sends alerts."},
      {id: $events, value: "AzureEventGridSecureWebhookSubscriber", allowedMemberTypes: ["Application", "User"],
       isEnabled: true, displayName: "AzureEventGridSecureWebhookSubscriber",
       description: "Sends events, or subscribes to them."}
    ],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [
        {id: $people, value: "operate", type: "User", isEnabled: true,
         adminConsentDisplayName: "Operate Farshore", adminConsentDescription: "Calls Farshore as the person.",
         userConsentDisplayName: "Operate Farshore", userConsentDescription: "Calls Farshore as you."}
      ]
    }
  }')
change "$application"
# The Azure CLI can be allowed only what is there already.
change "$(jq --compact-output --arg cli "$azure_cli" --arg people "$people_scope" \
  '{api: (.api + {preAuthorizedApplications: [{appId: $cli, delegatedPermissionIds: [$people]}]})}' <<<"$application")"

ours=$(principal "$client")
sender=$(principal "$azure_monitor")
give "$sender" "$alerts_role"
sender=$(principal "$event_grid")
give "$sender" "$events_role"
# Event Grid asks whoever makes the subscription for the same role: that is who deploys.
kind=$(az account show --query user.type --output tsv)
if [ "$kind" = user ]; then
  deployer=$(az ad signed-in-user show --query id --output tsv)
else
  deployer=$(az account show --query user.name --output tsv)
  deployer=$(principal "$deployer")
fi
give "$deployer" "$events_role"

remember FARSHORE_WEBHOOK_CLIENT_ID "$client"
remember FARSHORE_WEBHOOK_OBJECT_ID "$object"
echo "webhookApplication: {\"clientId\": \"$client\", \"objectId\": \"$object\"}"
