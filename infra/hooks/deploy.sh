#!/usr/bin/env bash
# The whole installation with plain az, for who does not use azd:
#   infra/hooks/deploy.sh LOCATION PARAMETERS.json
# LOCATION is where deployments are recorded: the standby region. PARAMETERS.json is
# infra/main.parameters.json with values in place of its ${…}. May be run again. Needs az and jq.
set -euo pipefail
cd "$(dirname "$0")/../.."

location=$1
parameters=$2
AZURE_ENV_NAME=$(jq --raw-output .parameters.environmentName.value "$parameters")
export AZURE_ENV_NAME
deploy() {
  az deployment sub create --name farshore --location "$location" --template-file infra/main.bicep \
    --parameters "@$parameters" "workloadMoved=$FARSHORE_WORKLOAD_MOVED" "$@" --output none
}

cargo xtask stage
infra/hooks/before-system.sh
FARSHORE_WORKLOAD_MOVED=$(infra/workload/scripts/workload-moved.sh "$AZURE_ENV_NAME")
export FARSHORE_WORKLOAD_MOVED
deploy
infra/hooks/after-system.sh
infra/hooks/publish-app.sh
infra/hooks/make-keys.sh
deploy machinesAreProtected=true appIsPublished=true
infra/hooks/write-plan.sh
infra/hooks/publish-plan.sh
