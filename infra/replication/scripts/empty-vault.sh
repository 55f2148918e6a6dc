#!/usr/bin/env bash
# empty-vault.sh VAULT_ID: takes everything out of the vault in the order that it allows, so that its
# resource group can be deleted. Protection ends; the machines stay.
#
# Needs az. May be run again after it was interrupted.
set -euo pipefail

vault=${1:?the id of the vault}
management=https://management.azure.com
version=2025-08-01

ids() { az rest --method get --url "$management$1?api-version=$version" --query 'value[].id' --output tsv; }

# gone COLLECTION: requests are only accepted; what counts is that the collection is empty.
gone() {
  for _ in $(seq 1 120); do
    if [ -z "$(ids "$1")" ]; then return; fi
    sleep 15
  done
  echo "$1 is still not empty." >&2
  return 1
}

remove_all() {
  local id
  for id in $(ids "$1"); do
    az rest --method delete --url "$management$id?api-version=$version" --output none
    echo "${id##*/}"
  done
  gone "$1"
}

post_remove_all() {
  local id
  for id in $(ids "$1"); do
    az rest --method post --url "$management$id/remove?api-version=$version" --body "$2" --output none
    echo "${id##*/}"
  done
  gone "$1"
}

remove_all "$vault/replicationRecoveryPlans"
post_remove_all "$vault/replicationProtectedItems" '{"properties": {"disableProtectionReason": "NotSpecified"}}'
post_remove_all "$vault/replicationProtectionContainerMappings" \
  '{"properties": {"providerSpecificInput": {"instanceType": "A2A"}}}'
remove_all "$vault/replicationNetworkMappings"
for fabric in $(ids "$vault/replicationFabrics"); do
  post_remove_all "$fabric/replicationProtectionContainers" '{}'
done
post_remove_all "$vault/replicationFabrics" '{}'
remove_all "$vault/replicationPolicies"
