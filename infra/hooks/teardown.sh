#!/usr/bin/env bash
# Takes everything down again: ENVIRONMENT as argument, twice, so that nobody does it by mistake.
# A vault that protects something cannot be deleted, and a role that is given cannot be either, so the
# order is: recovery plan, protection, mappings, containers, fabrics, roles, resource groups.
set -euo pipefail

environment=${1:?usage: teardown.sh ENVIRONMENT ENVIRONMENT}
[ "${2:-}" = "$environment" ] || { echo "Say the environment's name twice to delete it." >&2; exit 2; }
subscription=$(az account show --query id --output tsv)
api=api-version=2025-08-01
arm=https://management.azure.com
vault=$(az resource list --resource-group "rg-$environment-standby" \
  --resource-type Microsoft.RecoveryServices/vaults --query '[0].id' --output tsv 2>/dev/null || true)

ids() { az rest --method get --url "$arm$1?$api" --query 'value[].id' --output tsv; }
# remove LIST BODY: asks for each, then waits until the list is empty.
remove() {
  local id
  for id in $(ids "$1"); do
    az rest --method post --url "$arm$id/remove?$api" --body "$2" --output none
  done
  for _ in $(seq 1 120); do
    [ -n "$(ids "$1")" ] || return 0
    sleep 15
  done
  echo "$1 is not empty after half an hour: see the vault's jobs in the portal." >&2
  exit 1
}

if [ -n "$vault" ]; then
  for plan in $(ids "$vault/replicationRecoveryPlans"); do
    az rest --method delete --url "$arm$plan?$api" --output none
  done
  remove "$vault/replicationProtectedItems" '{"properties": {"disableProtectionReason": "NotSpecified"}}'
  for mapping in $(ids "$vault/replicationNetworkMappings"); do
    az rest --method delete --url "$arm$mapping?$api" --output none
  done
  remove "$vault/replicationProtectionContainerMappings" '{"properties": {"providerSpecificInput": {"instanceType": "A2A"}}}'
  remove "$vault/replicationProtectionContainers" '{}'
  remove "$vault/replicationFabrics" '{}'
fi

for phase in read follow drill failover reprotect; do
  role="Farshore $phase ($environment)"
  for id in $(az role assignment list --all --role "$role" --query '[].id' --output tsv 2>/dev/null); do
    az role assignment delete --ids "$id"
  done
  az role definition delete --name "$role" --scope "/subscriptions/$subscription" 2>/dev/null || true
done

for place in controller preferred standby global; do
  if [ "$(az group exists --name "rg-$environment-$place")" = true ]; then
    az group delete --name "rg-$environment-$place" --yes
  fi
done
