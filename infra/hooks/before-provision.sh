#!/usr/bin/env bash
# Before each deployment: the images' terms, where the workload runs now, and what the vault has. A
# deployment after a failover that did not know would give traffic and database back to the lost region.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=outputs.sh
. infra/hooks/outputs.sh

infra/workload/scripts/accept-terms.sh
infra/workload/scripts/recover-certificate-vaults.sh "$AZURE_ENV_NAME"
moved=$(infra/workload/scripts/workload-moved.sh "$AZURE_ENV_NAME")
found=$(infra/replication/scripts/what-the-vault-has.sh "$AZURE_ENV_NAME")
remember FARSHORE_WORKLOAD_MOVED "$moved"
remember FARSHORE_VAULT_TOPOLOGY "$(jq --raw-output .topology <<<"$found")"
remember FARSHORE_VAULT_ITEMS "$(jq --raw-output .items <<<"$found")"
remember FARSHORE_VAULT_PROTECTED_ITEMS "$(jq --raw-output .protectedItems <<<"$found")"
remember FARSHORE_VAULT_RECOVERY_PLAN "$(jq --raw-output .recoveryPlan <<<"$found")"
echo "workloadMoved is $moved, vaultHas is $(jq --compact-output . <<<"$found")."
