#!/usr/bin/env bash
# The whole installation with plain az, for who does not use azd:
#   infra/hooks/deploy.sh LOCATION PARAMETERS.json
# LOCATION is where deployments are recorded: the standby region. PARAMETERS.json is
# infra/main.parameters.json with values in place of its ${…}. May be run again. Needs az and jq.
set -euo pipefail

location=${1:?usage: deploy.sh LOCATION PARAMETERS.json}
parameters=$(realpath "${2:?usage: deploy.sh LOCATION PARAMETERS.json}")
cd "$(dirname "$0")/../.."
AZURE_ENV_NAME=$(jq --raw-output .parameters.environmentName.value "$parameters")
export AZURE_ENV_NAME
deploy() {
  local moved found
  infra/hooks/before-provision.sh
  moved=$(infra/workload/scripts/workload-moved.sh "$AZURE_ENV_NAME")
  found=$(infra/replication/scripts/what-the-vault-has.sh "$AZURE_ENV_NAME")
  az deployment sub create --name "farshore-$AZURE_ENV_NAME" --location "$location" --template-file infra/main.bicep \
    --parameters "@$parameters" "workloadMoved=$moved" "vaultHas=$found" "$@" --output none
}

cargo xtask stage
deploy
infra/hooks/after-system.sh
infra/hooks/publish-app.sh
infra/hooks/make-keys.sh
deploy appIsPublished=true
infra/hooks/write-plan.sh
infra/hooks/publish-plan.sh
