#!/usr/bin/env bash
# wait-protected.sh VAULT_ID: waits until every machine in the vault is protected. Enabling ends long
# before the first copy is complete (about an hour), and the recovery plan is made only then.
set -euo pipefail

vault=${1:?the id of the vault}
longest_s=${LONGEST_S:-14400}
items="https://management.azure.com$vault/replicationProtectedItems?api-version=2025-08-01"

while [ "$SECONDS" -lt "$longest_s" ]; do
  states=$(az rest --method get --url "$items" \
    --query 'value[].[properties.protectionState,properties.friendlyName]' --output tsv)
  waiting=$(grep -v $'^Protected\t' <<<"$states" || true)
  if [ -z "$states" ]; then
    echo "No machine is in the vault." >&2
    exit 1
  fi
  if [ -z "$waiting" ]; then
    echo "Every machine is protected."
    exit 0
  fi
  echo "$waiting"
  sleep 60
done
echo "Not every machine was protected within $longest_s s." >&2
exit 1
