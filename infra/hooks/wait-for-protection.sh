#!/usr/bin/env bash
# Waits until Site Recovery has copied every machine: about an hour. A recovery plan takes no others.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

wanted=$(az deployment sub show --name "farshore-$AZURE_ENV_NAME-workload" \
  --query 'length(properties.outputs.vmIds.value)' --output tsv)
for _ in $(seq 1 240); do
  ready=$("$here/../replication/scripts/what-the-vault-has.sh" "$AZURE_ENV_NAME" |
    jq '.protectedItems | split(",") | map(select(. != "")) | length')
  if [ "$ready" = "$wanted" ]; then
    echo "All $wanted machines are protected."
    exit 0
  fi
  echo "$ready of $wanted machines are protected."
  sleep 60
done
echo "The machines were not protected within four hours: see the vault's jobs in the portal." >&2
exit 1
