#!/usr/bin/env bash
# what-the-vault-has.sh ENVIRONMENT: prints what the parameter vaultHas has to be, as JSON.
#
# Other resources may be deployed again and again; those of Site Recovery are refused when they are
# there already. So ask before each deployment. A question that is not answered is an error, never
# "nothing". Needs az and jq.
set -euo pipefail

environment=${1:?the name of the environment}
group=rg-$environment-standby
vault=''
exists=$(az group exists --name "$group" --output tsv)
if [ "$exists" = true ]; then
  vault=$(az resource list --resource-group "$group" --resource-type Microsoft.RecoveryServices/vaults \
    --query "[?name=='rsv-$environment'].id" --output tsv)
fi

# ask COLLECTION QUERY: nothing is what a vault has that is not there.
ask() {
  [ -n "$vault" ] || return 0
  az rest --method get --url "https://management.azure.com$vault/$1?api-version=2025-08-01" --query "$2" --output tsv
}

ways=$(ask replicationProtectionContainerMappings 'length(value)')
networks=$(ask replicationNetworkMappings 'length(value)')
items=$(ask replicationProtectedItems "join(',', value[].name)")
protected=$(ask replicationProtectedItems "join(',', value[?properties.protectionState=='Protected'].name)")
plan=$(ask replicationRecoveryPlans "join(',', value[?name=='recovery-plan-$environment'].name)")
# The mappings are what the topology ends with: one of each kind in each direction.
topology=''
if [ "$ways" = 2 ] && [ "$networks" = 2 ]; then topology=complete; fi

jq --null-input --arg topology "$topology" --arg items "$items" --arg protected "$protected" --arg plan "$plan" \
  '{topology: $topology, items: $items, protectedItems: $protected, recoveryPlan: $plan}'
