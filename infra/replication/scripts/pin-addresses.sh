#!/usr/bin/env bash
# Makes recovery, and drills, give each machine the private address that it has.
#
# Bicep cannot say it: the request that creates a protected item has no interfaces, only the one that
# updates it has (vmNics). The gateway in the standby region and every machine's /etc/hosts rely on it.
# Run it when all machines are protected and before the recovery plan is made; it may be run again. Public
# addresses are not set here: Farshore attaches them, as the plan's public_ips say.
#
# Needs az and jq.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../hooks/outputs.sh
. "$here/../../hooks/outputs.sh"

vault=$(output replication vaultId)
drill_network=$(output workload drillVnetId)
subnet=$(output workload clusterSubnetName)
management=https://management.azure.com
version=2025-08-01

# What is sent is made from what is read: the service replaces the whole list of interfaces. Answers
# call an ip configuration's name `name`, requests `ipConfigName`.
# shellcheck disable=SC2016 # The variables are jq's.
make_request='
  .properties.providerSpecificDetails as $a2a | {
    properties: {
      selectedRecoveryAzureNetworkId: $a2a.selectedRecoveryAzureNetworkId,
      selectedTfoAzureNetworkId: $drill,
      vmNics: [ $a2a.vmNics[] | {
        nicId,
        selectionType: "SelectedByUser",
        recoveryNetworkSecurityGroupId,
        enableAcceleratedNetworkingOnRecovery,
        ipConfigs: [ .ipConfigs[] | . as $known | {
          ipConfigName: $known.name,
          isPrimary: ($known.isPrimary // true),
          isSeletedForFailover: true,
          recoverySubnetName: $subnet,
          recoveryStaticIPAddress: $addresses[$known.name],
          recoveryPublicIPAddressId: $known.recoveryPublicIPAddressId,
          recoveryLBBackendAddressPoolIds: $known.recoveryLBBackendAddressPoolIds,
          tfoSubnetName: $subnet,
          tfoStaticIPAddress: $addresses[$known.name]
        } ]
      } ],
      providerSpecificDetails: { instanceType: "A2A" }
    }
  }'

az rest --method get --url "$management$vault/replicationProtectedItems?api-version=$version" \
  --query 'value[].id' --output tsv |
  while read -r item; do
    details=$(az rest --method get --url "$management$item?api-version=$version")
    nic=$(jq -r '.properties.providerSpecificDetails.vmNics[0] | .sourceNicArmId // .nicId' <<<"$details")
    addresses=$(az network nic show --ids "$nic" \
      --query 'ipConfigurations[].{key: name, value: privateIPAddress}' --output json | jq -c 'from_entries')
    request=$(jq -c --arg drill "$drill_network" --arg subnet "$subnet" --argjson addresses "$addresses" \
      "$make_request" <<<"$details")
    if jq -e '[.properties.vmNics[].ipConfigs[].recoveryStaticIPAddress] | (length == 0 or any(. == null))' \
      <<<"$request" >/dev/null; then
      echo "${item##*/}: its interface is not as the vault knows it." >&2
      exit 1
    fi
    az rest --method patch --url "$management$item?api-version=$version" --body "$request" --output none
    echo "${item##*/}: $(jq -r 'to_entries | map(.value) | join(", ")' <<<"$addresses")"
  done
