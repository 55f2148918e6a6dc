#!/usr/bin/env bash
# Takes everything down again: ENVIRONMENT as argument, twice, so that nobody does it by mistake.
#   teardown.sh ENVIRONMENT ENVIRONMENT [keep-groups]
# A vault that protects something cannot be deleted, and a role that is given cannot be either, so the
# order is: recovery plan, protection, mappings, containers, fabrics, roles, Entra application, resource
# groups. azd deletes the groups itself, and fails if they are gone: hence `keep-groups`. May be run again.
set -euo pipefail

environment=${1:?usage: teardown.sh ENVIRONMENT ENVIRONMENT [keep-groups]}
if [ "${2:-}" != "$environment" ]; then
  echo "Say the environment's name twice to delete it; with azd: azd env set FARSHORE_TEARDOWN $environment" >&2
  exit 2
fi
export AZURE_ENV_NAME=$environment
# shellcheck source=outputs.sh
. "$(dirname "$0")/outputs.sh"
groups=${3:-delete-groups}
api='api-version=2025-08-01'
arm=https://management.azure.com

exists() {
  local answer
  answer=$(az group exists --name "rg-$environment-$1" --output tsv) || exit 1
  [ "$answer" = true ]
}
ids() { az rest --method get --url "$arm$1?$api" --query 'value[].id' --output tsv; }
# Each request begins a job of minutes; the next kind of thing cannot go before it has ended.
until_empty() {
  local left
  for _ in $(seq 1 120); do
    left=$(ids "$1")
    [ -n "$left" ] || return 0
    sleep 15
  done
  echo "$1 is not empty after half an hour: see the vault's jobs in the portal." >&2
  exit 1
}
# delete LIST, remove LIST BODY: the two ways in which Site Recovery's resources go.
delete() {
  local all id
  all=$(ids "$1")
  for id in $all; do az rest --method delete --url "$arm$id?$api" --output none; done
  until_empty "$1"
}
remove() {
  local all id
  all=$(ids "$1")
  for id in $all; do az rest --method post --url "$arm$id/remove?$api" --body "$2" --output none; done
  until_empty "$1"
}

vault=''
if exists standby; then
  vault=$(az resource list --resource-group "rg-$environment-standby" \
    --resource-type Microsoft.RecoveryServices/vaults --query "[?name=='rsv-$environment'].id" --output tsv)
fi
if [ -n "$vault" ]; then
  delete "$vault/replicationRecoveryPlans"
  remove "$vault/replicationProtectedItems" '{"properties": {"disableProtectionReason": "NotSpecified"}}'
  delete "$vault/replicationNetworkMappings"
  remove "$vault/replicationProtectionContainerMappings" '{"properties": {"providerSpecificInput": {"instanceType": "A2A"}}}'
  remove "$vault/replicationProtectionContainers" '{}'
  remove "$vault/replicationFabrics" '{}'
fi

for phase in read follow drill failover reprotect; do
  role="Farshore $phase ($environment)"
  definition=$(az role definition list --name "$role" --query '[].name' --output tsv)
  [ -n "$definition" ] || continue
  assignments=$(az role assignment list --all --role "$definition" --query '[].id' --output tsv)
  for id in $assignments; do az role assignment delete --ids "$id"; done
  az role definition delete --name "$definition" --scope "/subscriptions/${subscription:?}"
done

if clients=$(az ad app list --filter "displayName eq 'Farshore ($environment)'" --query '[].appId' --output tsv); then
  for client in $clients; do az ad app delete --id "$client"; done
else
  echo "Whether there is an Entra application called Farshore ($environment) could not be seen: look, and delete it." >&2
fi

for place in controller preferred standby global; do
  if [ "$groups" = delete-groups ] && exists "$place"; then
    az group delete --name "rg-$environment-$place" --yes
  fi
done
