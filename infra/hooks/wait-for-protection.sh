#!/usr/bin/env bash
# Waits until Site Recovery has copied every machine: about an hour. A recovery plan takes no others.
# After a failover nothing is waited for: the items stand in the other container then.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

if [ "${FARSHORE_WORKLOAD_MOVED:-false}" = true ]; then
  echo "The workload runs in the standby region: protection is left alone."
  exit 0
fi
items="https://management.azure.com$(output replication vaultId)/replicationProtectedItems?api-version=2025-08-01"
wanted=$(az deployment sub show --name farshore-workload --query 'length(properties.outputs.vmIds.value)' --output tsv)
for _ in $(seq 1 240); do
  ready=$(az rest --method get --url "$items" \
    --query "length(value[?properties.protectionState=='Protected'])" --output tsv)
  if [ "$ready" = "$wanted" ]; then
    remember FARSHORE_MACHINES_ARE_PROTECTED true
    echo "All $wanted machines are protected."
    exit 0
  fi
  echo "$ready of $wanted machines are protected."
  sleep 60
done
echo "The machines were not protected within four hours: see the vault's jobs in the portal." >&2
exit 1
